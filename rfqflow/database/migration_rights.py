"""The rights that a migration needs besides those on the application's table, and the statements that grant them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import RfqflowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

_SERVER = """
select current_database()::text as database, current_setting('server_version') as server, current_user::text as role,
  has_database_privilege(current_database(), 'create') as may_create,
  n.nspowner::regrole::text as schema_owner, coalesce(pg_has_role(n.nspowner, 'usage'), true) as owns_schema,
  coalesce(has_schema_privilege(n.oid, 'create'), true) as may_create_in_schema,
  l.relowner::regrole::text as owner, coalesce(pg_has_role(l.relowner, 'usage'), true) as owns,
  coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'create'), false) as may_create_in_public,
  coalesce(pg_has_role(s.proowner, 'usage'), false) as owns_submit,
  (select array_agg(w.name order by w.name) from unnest(array['rfqflow_reader', 'rfqflow_worker']) w(name)
    where not exists (select from pg_roles r where r.rolname = w.name)) as missing_roles,
  (select r.rolsuper or r.rolcreaterole from pg_roles r where r.rolname = current_user) as may_create_roles,
  quote_ident(current_database()) as quoted_database, quote_ident(current_user) as quoted_role,
  current_setting('max_prepared_transactions')::integer as prepared
from (select) one
left join pg_namespace n on n.nspname = 'ai'
left join pg_class l on l.relnamespace = n.oid and l.relname = 'rfqflow_migration'
left join pg_proc s on s.proname = 'submit_rfq' and s.pronamespace = to_regnamespace('public')
limit 1
"""


# otherwise a function that another role has created in public could run
OURS_ALONE = "set local search_path = pg_catalog, pg_temp"


async def about_server(conn: asyncpg.Connection) -> dict[str, Any]:
    """The database, this role, and this role's rights."""
    async with conn.transaction(readonly=True):
        await conn.execute(OURS_ALONE)
        return dict(await conn.fetchrow(_SERVER))


def missing_rights(server: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rights that this role lacks for any table of RFQs, each with the statement that grants it."""
    if server["owner"] is not None:
        if server["owns"]:
            return []
        return [
            {
                "right": f"the rights of {server['owner']}, the owner of rfqflow's objects",
                "grant": f"grant {server['owner']} to {server['quoted_role']}",
            }
        ]
    if server["schema_owner"] is None:
        if server["may_create"]:
            return []
        name = f"database {server['quoted_database']}"
        return [right(server, f"CREATE on the {name}, for schema ai", f"create on {name}")]
    if server["may_create_in_schema"]:
        return []
    return [right(server, "CREATE on the existing schema ai", "usage, create on schema ai")]


def right(server: Mapping[str, Any], right: str, granted: str) -> dict[str, str]:
    return {"right": right, "grant": f"grant {granted} to {server['quoted_role']}"}


def may_make_submit(server: Mapping[str, Any]) -> bool:
    return bool(server["owns_submit"] or server["may_create_in_public"])


def sentence(server: Mapping[str, Any], missing: list[dict[str, str]]) -> str:
    """A sentence about the first right that the role lacks."""
    return f"role {server['role']} lacks {missing[0]['right']}. As its owner or a superuser: {missing[0]['grant']}"


async def refuse_without_rights(conn: asyncpg.Connection) -> None:
    """Raises before the migration starts if a right is missing.

    Raises:
        RfqflowError: a right is missing.
    """
    server = await about_server(conn)
    if missing := missing_rights(server):
        raise RfqflowError(f"{sentence(server, missing)}.")
