"""The plan of a migration: what it changes on the application's table, and which rights it needs.

Reads catalogs only.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow import __version__
from rfqflow.core.errors import RfqflowError, SchemaMismatch
from rfqflow.database.install_script import MADE, MAPPING, as_json, pins
from rfqflow.database.migrate import REFUSED, pending
from rfqflow.database.migration_rights import (
    OURS_ALONE,
    about_server,
    may_make_submit,
    missing_rights,
    right,
    sentence,
)
from rfqflow.database.sql_files import check, granted_rights, made_in_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_TRIGGERS = ("rfqflow_file_came", "rfqflow_file_changed")  # of attach/75_attachment_triggers.sql
COUNTED_ROWS = 1_000_000  # a table with more rows is not counted: the plan shows an estimate
LOCK_ASKED_MS, LOCK_TRIES = 50, 600  # the same values as in attach/30_columns.sql and attach/70_triggers.sql
_LONG_TRANSACTION_SECONDS = 1
# By name of the trigger: when it fires, and what it does. `{message}`: the column. `{edit}`, `{register}`: before or
# after.
_TRIGGERS = {
    "rfqflow_enqueue": ("after insert, for each statement", "enqueues the inserted RFQs"),
    "rfqflow_enqueue_edited": ("{edit} update of {message}, for each row that changes it", "enqueues the RFQ again"),
    "rfqflow_guard_insert": ("before insert, for each row that sets ai_* columns", "empties them: rfqflow sets them"),
    "rfqflow_guard_update": ("before update of {message}, for each row that changes it", "makes the RFQ pending again"),
    "rfqflow_forget": ("after delete, for each statement", "deletes the answers in ai.enrichment"),
    "rfqflow_register": ("{register} insert, for each row", "refuses a second row with an id, which the table allows"),
}  # fmt: skip

_TABLE = """
select format('%I.%I', n.nspname, c.relname) as name, c.relowner::regrole::text as owner, c.relkind = 'p' as is_parted,
  (select count(*) from pg_partition_tree(c.oid) p where p.isleaf and p.level > 0)::integer as parts,
  coalesce((select sum(pg_table_size(p.relid)) from pg_partition_tree(c.oid) p), pg_table_size(c.oid))::bigint as bytes,
  array(select t.tgname::text from pg_trigger t where t.tgrelid = c.oid and t.tgname = any ($2)) as triggers,
  array(select a.grantee::regrole::text from aclexplode(c.relacl) a
    where a.privilege_type = 'INSERT' and a.grantee not in (0, c.relowner) order by 1) as inserters
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)
"""
# Sessions whose transactions hold a lock on the table. The migration retries until these transactions end.
_HOLDERS = """
select a.pid, coalesce(a.application_name, '') as application, a.usename::text as role,
  extract(epoch from clock_timestamp() - a.xact_start)::float8 as seconds
from pg_locks l join pg_stat_activity a on a.pid = l.pid
where l.relation in (select to_regclass($1)::oid union select p.relid::oid from pg_partition_tree(to_regclass($1)) p)
  and l.granted and l.pid <> pg_backend_pid() and clock_timestamp() - a.xact_start > $2 * interval '1 second'
group by 1, 2, 3, 4 order by 4 desc
"""
# Columns that an INSERT must set besides the message, each with a value to try. Null: only the application knows a
# value.
_REQUIRED = """
select quote_ident(a.attname) as name, case
    when exists (
      select from pg_constraint x
      where x.conrelid = a.attrelid and x.contype in ('f', 'c') and a.attnum = any (x.conkey)) then null
    when t.typtype <> 'b' or t.typlen = -1 and a.atttypmod between 0 and 12 then null
    when t.typcategory = 'S' then '''to try'''
    when t.typcategory = 'N' and a.attname <> $3 then '1'
    when t.typcategory = 'B' then 'false'
    when a.atttypid = 'uuid'::regtype then 'gen_random_uuid()'
    when a.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) then 'now()'
    when a.atttypid in ('jsonb'::regtype, 'json'::regtype) then '''{}''' end as value
from pg_attribute a join pg_type t on t.oid = a.atttypid
where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
  and a.attidentity = '' and a.attgenerated = '' and a.attname <> $2
order by a.attnum
"""


async def plan(conn: asyncpg.Connection, mapping: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What `migrate` would do with this mapping. Takes no lock that blocks other sessions, and changes nothing."""
    server = await about_server(conn)
    missing = missing_rights(server)
    files: list[str] = []
    attach = refused = None
    if not missing:
        files, refused = await _files(conn, mapping)
    if refused is None and not missing:
        attach, refused = await _looked_at(conn, mapping)
    if refused is None and attach is not None and attach["declared"] == {} and not may_make_submit(server):
        missing = [right(server, "CREATE on schema public, for public.submit_rfq", "create on schema public")]
    if refused is None and missing:
        refused = {"why": sentence(server, missing), "remedy": missing[0]["grant"], "exit_code": 1}
    found: dict[str, Any] = {
        "database": server["database"], "server": server["server"], "role": server["role"], "release": __version__,
        "place": attach["place"] if attach else None, "files": files, "refused": refused, "missing_rights": missing,
        "table": None, "attachments": None, "columns": [], "triggers": [], "index": None, "locks": [],
        "waits_for": [], "schema": None,
        "roles": {"created": [], "left_out": []}, "rights": [], "usage_to_grant": None,
        "notify_off": server["prepared"] > 0, "try": None,
    }  # fmt: skip
    if attach is not None:
        async with conn.transaction(readonly=True):
            await conn.execute(OURS_ALONE)
            found |= await _about_table(conn, attach)
            found["attachments"] = await _about_files(conn, attach)
        found |= _about_schema(server, attach)
    return found


async def _files(
    conn: asyncpg.Connection, mapping: Mapping[str, Any] | None
) -> tuple[list[str], dict[str, Any] | None]:
    try:
        return await pending(conn, None if mapping is None else dict(mapping)), None
    except (RfqflowError, SchemaMismatch) as error:
        return [], {"why": str(error), "remedy": None, "exit_code": 1}


async def _looked_at(
    conn: asyncpg.Connection, mapping: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The result of `attach/10_check.sql`, or the reason why it refuses the table."""
    await conn.execute("begin isolation level read committed read only")
    try:
        await conn.execute(pins(local=True))
        await conn.execute(
            "select set_config($1, $2, true), set_config($3, $4, true)",
            MAPPING, "" if mapping is None else as_json(dict(mapping)), MADE, made_in_schema(),
        )  # fmt: skip
        await conn.execute(check().text)
        return json.loads(await conn.fetchval("select current_setting('rfqflow.attach')")), None
    except asyncpg.PostgresError as error:
        code = 2 if error.sqlstate in REFUSED else 1
        return None, {"why": error.message, "remedy": getattr(error, "hint", None), "exit_code": code}
    finally:
        if not conn.is_closed():
            await conn.execute("rollback")


# -- the table ---------------------------------------------------------------------------------------------------------


async def _about_table(conn: asyncpg.Connection, attach: dict[str, Any]) -> dict[str, Any]:
    names = attach["columns"]
    row = await conn.fetchrow(_TABLE, attach["table"], attach["triggers"])
    if row is None:
        table: dict[str, Any] = {
            "name": attach["table"], "is_created": True, "rows": 0, "rows_are_exact": True, "bytes": 0, "parts": 0,
            "owner": None, "inserters": [],
        }  # fmt: skip
    else:
        rows, exact = await _rows(conn, row["name"])
        table = {
            "name": row["name"], "is_created": False, "rows": rows, "rows_are_exact": exact, "bytes": row["bytes"],
            "parts": row["parts"], "owner": row["owner"], "inserters": row["inserters"],
        }  # fmt: skip
    answers_in = "columns ai_*" if attach["ai_columns"] == "table" else "ai.enrichment"
    quoted = await conn.fetchval("select quote_ident($1)", names["id"])
    table |= {
        "key": names["id"], "returning": quoted, "key_type": attach["key_type"], "columns": names,
        "answers_in": answers_in,
    }  # fmt: skip
    is_parted = row is not None and row["is_parted"]
    there = set(row["triggers"]) if row else set()
    words = {
        "message": names["message"], "edit": "before" if is_parted else "after",
        "register": "before" if attach["ai_columns"] == "table" else "after",
    }  # fmt: skip
    triggers = [
        {"name": name, "fires": _TRIGGERS[name][0].format(**words), "does": _TRIGGERS[name][1]}
        for name in attach["triggers"]
        if name not in there
    ]
    index = {"statement": attach["index"]} if attach["index"] else None
    holders = await conn.fetch(_HOLDERS, attach["table"], _LONG_TRANSACTION_SECONDS) if row else []
    locks = _locks(attach["missing"], index, triggers) if row else []
    return {
        "table": table, "columns": attach["missing"], "triggers": triggers, "index": index, "locks": locks,
        "waits_for": [dict(holder) for holder in holders] if locks else [],
        "try": await _insert(conn, attach, is_created=row is None),
    }  # fmt: skip


async def _about_files(conn: asyncpg.Connection, attach: dict[str, Any]) -> dict[str, Any]:
    """What migrate does about attachments: create a table, use the application's table, or have none, and why."""
    files, none = attach["attachments"], attach.get("no_attachments")
    if files is None:
        return {"name": None, "is_created": False, "triggers": [], **(none or {"why": None, "remedy": None})}
    there = await conn.fetch("select tgname from pg_trigger where tgrelid = to_regclass($1)", files["table"])
    missing = [name for name in FILE_TRIGGERS if name not in {row["tgname"] for row in there}]
    return {
        "name": files["table"], "is_created": files["is_made"], "columns": files["columns"], "triggers": missing,
        "why": None, "remedy": None,
    }  # fmt: skip


async def _rows(conn: asyncpg.Connection, table: str) -> tuple[int, bool]:
    """The number of rows, and whether it is exact. Above a limit, it is the planner's estimate."""
    with contextlib.suppress(asyncpg.PostgresError):
        async with conn.transaction():  # a failed count rolls back this transaction only
            counted = await conn.fetchval(
                f"select count(*) from (select from {table} limit {COUNTED_ROWS + 1}) r", timeout=10
            )
        if counted <= COUNTED_ROWS:
            return int(counted), True
    explained = json.loads(await conn.fetchval(f"explain (format json) select from {table}"))
    return int(explained[0]["Plan"]["Plan Rows"]), False


def _locks(
    columns: list[dict[str, Any]], index: dict[str, Any] | None, triggers: list[dict[str, str]]
) -> list[dict[str, Any]]:
    asked = {"asked_for_ms": LOCK_ASKED_MS, "tries": LOCK_TRIES}
    locks = []
    if columns or index:
        mode, blocks = ("ACCESS EXCLUSIVE", "reads and writes") if columns else ("SHARE", "writes")
        locks.append({"mode": mode, "blocks": blocks, "why": "columns" if columns else "the index", **asked})
    if triggers:
        locks.append({"mode": "SHARE ROW EXCLUSIVE", "blocks": "writes", "why": "triggers", **asked})
    return locks


async def _insert(conn: asyncpg.Connection, attach: dict[str, Any], *, is_created: bool) -> str | None:
    """An INSERT to try. None: only the application knows the values of a row."""
    message = attach["columns"]["message"]
    required = [] if is_created else await conn.fetch(_REQUIRED, attach["table"], message, attach["columns"]["id"])
    if any(row["value"] is None for row in required):
        return None
    quoted = await conn.fetchval("select quote_ident($1)", message)
    columns = ", ".join([quoted, *(row["name"] for row in required)])
    values = ", ".join(["'Please quote 250 pcs of housing 7-114.'", *(row["value"] for row in required)])
    return f"insert into {attach['table']} ({columns}) values ({values})"


def _about_schema(server: Mapping[str, Any], attach: Mapping[str, Any]) -> dict[str, Any]:
    absent = list(server["missing_roles"] or ())
    roles = {
        "created": absent if server["may_create_roles"] else [],
        "left_out": [] if server["may_create_roles"] else absent,
        "statement": " ".join(f"create role {role} nologin;" for role in absent),
    }
    made = json.loads(made_in_schema())
    schema = {
        "is_created": server["schema_owner"] is None, "relations": len(made["relations"]),
        "functions": len(made["functions"]),
    }  # fmt: skip
    rights = [
        {"role": role, "functions": len(functions), "relations": len(relations)}
        for role, (functions, relations) in granted_rights().items()
    ]
    usage = None if server["owns_schema"] else "grant usage on schema ai to rfqflow_worker, rfqflow_reader"
    return {
        "schema": schema if attach["place"] == "absent" else None, "roles": roles, "rights": rights,
        "usage_to_grant": usage,
    }  # fmt: skip
