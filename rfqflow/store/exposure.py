"""Checks for what other roles can do to this installation: triggers, rights on the table, and locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.core.finding import Finding, fail, ok, warn
from rfqflow.database.lock_keys import DOORBELL, MIGRATE, WORKER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    import asyncpg

    Rows = Callable[..., Awaitable[list[asyncpg.Record]]]

# The locks in the list of sql/README, by class and key, that a role other than rfqflow's holds.
_LOCKS = (
    "select l.pid, a.usename as role, a.application_name as name, "
    "l.classid::bigint as class, l.objid::bigint as key "
    "from pg_locks l join pg_stat_activity a on a.pid = l.pid "
    "join pg_database d on d.oid = l.database and d.datname = current_database() "
    "where l.locktype = 'advisory' and l.granted and l.objsubid = 2 "
    f"and l.classid in ({DOORBELL}, {MIGRATE}, {WORKER}) and l.pid <> pg_backend_pid() "
    # An insert holds the doorbell as a shared lock until it commits. Another check reports inserts that take long.
    f"and not (l.classid = {DOORBELL} and l.mode = 'ShareLock') "
    # Consoles that wait for RFQs hold this lock as a shared lock.
    f"and not (l.classid = {WORKER} and l.objid = 0 and l.mode = 'ShareLock') "
    "and not ai.is_trusted(a.usename) order by l.pid, 4, 5 limit 20"
)
# Sessions with a direct connection set a safe search_path. Behind a pooler, the search_path of the role or the database
# applies.
_OPEN = (
    "select coalesce(quote_ident(r.rolname), 'public') as grantee from pg_namespace n "
    "cross join aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a "
    "left join pg_roles r on r.oid = a.grantee "
    "where n.nspname = 'public' and a.privilege_type = 'CREATE' and a.grantee <> n.nspowner "
    "and (a.grantee = 0 or not ai.is_trusted(r.rolname)) order by 1 limit 20"
)
# Mapped columns that the table no longer has. Reads the catalog instead of a regclass, since a worker may lack the
# right to use the table's schema.
_GONE = (
    "with there as (select m.table_name, m.columns, a.attname, a.atttypid from ai.table_mapping m "
    "join pg_namespace n on true join pg_class c on c.relnamespace = n.oid "
    "and format('%I.%I', n.nspname, c.relname) = m.table_name "
    "join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) "
    "select m.table_name, w.key as ours, w.value as theirs, (select string_agg(t.attname, ', ' order by t.attname) "
    "from there t join pg_type y on y.oid = t.atttypid where t.attname !~ '^ai_' and t.attname <> 'idempotency_key' "
    "and (w.key = 'created_at') = (y.typcategory = 'D') and (w.key = 'created_at' or y.typcategory in ('S', 'I', 'U')) "
    "and not exists (select from jsonb_each_text(t.columns) k where k.value = t.attname)) as unknown "
    "from ai.table_mapping m cross join jsonb_each_text(m.columns) w where exists (select from there) "
    "and w.value is not null and not exists (select from there t where t.attname = w.value) order by 2"
)


class Exposure:
    """Checks for `rfqflow doctor`. Each method yields findings."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.checks = (
            self.application_triggers, self.table_rights, self.open_schema, self.foreign_locks, self.identity,
            self.columns,
        )  # fmt: skip

    async def application_triggers(self) -> AsyncGenerator[Finding, None]:
        for row in await self._rows("select * from ai.unsafe_triggers()"):
            yield warn(unsafe_trigger(row), row["remedy"])

    async def table_rights(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows("select * from ai.exposed_rights()")
        for row in rows:
            yield warn(row["finding"], row["remedy"])
        if not rows:
            yield ok("only the owner may create triggers on the table of RFQs")

    async def open_schema(self) -> AsyncGenerator[Finding, None]:
        for row in await self._rows(_OPEN):
            yield warn(
                f"{row['grantee']} may create objects in schema public: behind a transaction pooler, they "
                "can disturb statements of daemons and commands",
                f"revoke create on schema public from {row['grantee']}",
            )

    async def identity(self) -> AsyncGenerator[Finding, None]:
        for row in await self._rows("select * from ai.identity_of_rfqs()"):
            table = row["table_name"]
            if not row["is_unique"] and not row["registers"]:
                yield fail(
                    f"since the last migrate, an id may occur twice in {table}: both RFQs of such an id fail",
                    "run `rfqflow migrate`: from then on the first row of an id is enriched, later ones are refused",
                )
            if row["refused"]:
                yield warn(
                    f"{row['refused']} ids of {table} have a second row, which is not enriched "
                    f"(duplicate_id), last at {row['refused_at']:%Y-%m-%d %H:%M}",
                    "find who inserts them, and delete or renumber those rows. Better: take INSERT on the id from the "
                    "application's role, or make the id unique",
                )
            if row["is_keyless"]:
                yield fail(
                    f"{table} is in a publication but has no replica identity: PostgreSQL refuses each update, "
                    "so no answer is written",
                    f"alter table {table} replica identity full, or give it a primary key",
                )

    async def columns(self) -> AsyncGenerator[Finding, None]:
        """Finds columns that the application has renamed or dropped. rfqflow works without their values."""
        for row in await self._rows(_GONE):
            ours, theirs, table = row["ours"], row["theirs"], row["table_name"]
            new = f" (now perhaps {row['unknown']})" if row["unknown"] else ""
            yield warn(
                f"{table} no longer has the column {theirs}, which was {ours}{new}: prompts, rules, lists "
                "and erasures ignore it",
                f'if it was renamed, write `{ours} = "ITS NAME"` under [columns] of the mapping, and '
                f'`rfqflow migrate --map FILE`; if it is gone for good, `{ours} = ""`',
            )

    async def foreign_locks(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(_LOCKS)
        by_process: dict[int, list[asyncpg.Record]] = {}
        for row in rows:
            by_process.setdefault(row["pid"], []).append(row)
        for pid, held in by_process.items():
            first: Any = held[0]
            more = f" and {len(held) - 1} more" if len(held) > 1 else ""
            about = ", ".join(part for part in (first["name"], first["role"]) if part)
            yield warn(
                f"pid {pid} ({about}) holds rfqflow's advisory lock ({first['class']}, "
                f"{first['key']}){more}, but its role is not a worker: operations that need the lock wait "
                "briefly, then continue without it or fail",
                f"select pg_terminate_backend({pid}), and find out what that role does",
            )
        if not rows:
            yield ok("no other role holds a lock of rfqflow")


def unsafe_trigger(row: asyncpg.Record) -> str:
    """The finding about a trigger that fails when rfqflow writes an answer."""
    return (
        f"the trigger {row['trigger_name']} fails when rfqflow writes an answer: {row['function_name']} names "
        f"{row['unknown_name']} without its schema, in which untrusted roles may create objects"
    )
