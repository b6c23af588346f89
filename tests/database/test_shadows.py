"""No function of rfqflow runs a role's code with its owner's rights.

The role may put any types, relations, operators and functions in the way. The calls are made from the catalog, so that
the test covers a new function by itself. Each call is made twice, without and with the traps: both must end alike, and
no trap may run. A trap counts in a sequence, which no exception block rolls back.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import asyncpg
import pytest

from rfqflow.database import migrate
from tests.support.finishing import end, insert
from tests.support.mapped_tables import SHAPES
from tests.support.traps import FUNCTIONS, OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable

TYPES = (
    "text", "varchar", "name", "uuid", "jsonb", "json", "bytea", "int2", "int4", "int8", "float4", "float8", "numeric", "bool",
    "timestamptz", "timestamp", "date", "interval", "inet", "oid", "tid", "xid8", "regclass", "regprocedure", "regrole", "tsvector",
    "tsquery", "record_",
)  # fmt: skip
WORDS = (
    "inserted",
    "deleted",
    "new_rows",
    "old_rows",
    "finished",
    "mine",
    "judged",
    "policy_seen",
    "found",
    "missed",
    "given",
)


def traps(role: str, kind: str, relations: list[str]) -> str:
    """Traps of the role: `domains` or `tables` with the names of types, and relations with the names of ours."""
    lines = [
        f"set session authorization {role}",
        "create temporary sequence sprung",
        """create function pg_temp.spring() returns pg_catalog.bool language plpgsql as
        $$ begin if current_user <> session_user then perform pg_catalog.nextval('pg_temp.sprung'); end if; return true; end $$""",
    ]
    for one in TYPES:
        if kind == "domains" and one != "record_":
            lines.append(f"create domain pg_temp.{one} as pg_catalog.{one} check (pg_temp.spring())")
        else:
            lines.append(f"create temporary table {one} (trap pg_catalog.int4)")
    shadowed = [one for one in {*relations, *WORDS} if one not in TYPES]
    for number, one in enumerate(sorted(shadowed)):
        # Views run code when they are read; tables fail when a column is read.
        if number % 2:
            lines.append(f'create temporary view "{one}" as select pg_temp.spring() as trap')
        else:
            lines.append(
                f'create temporary table "{one}" (trap pg_catalog.int4 default pg_temp.spring()::pg_catalog.int4)'
            )
    for signature in FUNCTIONS:
        name, _, rest = signature.partition("(")
        types = [f"pg_catalog.{part.strip()}" for part in rest.rstrip(")").split(",") if part.strip()]
        lines += [
            f"create function {where}.{name}({', '.join(types)}) returns pg_catalog.bool language plpgsql as "
            "$$ begin return pg_temp.spring(); end $$"
            for where in ("pg_temp", "public")
        ]
    for number, (name, left, right) in enumerate(OPERATORS):
        lines.append(
            f"create function public.trap_{number}(pg_catalog.{left}, pg_catalog.{right}) returns pg_catalog.bool language plpgsql as "
            "$$ begin return pg_temp.spring(); end $$"
        )
        lines.append(
            f"create operator public.{name} (leftarg = pg_catalog.{left}, rightarg = pg_catalog.{right}, function = public.trap_{number})"
        )
    lines += [
        "create cast (pg_temp.record_ as pg_catalog.text) with inout as implicit",
        "set search_path = pg_temp, public, pg_catalog",
    ]
    return ";\n".join(lines)


PLAUSIBLE = {
    "text": "'x'", "uuid": "'{rfq}'", "uuid[]": "array['{rfq}']", "jsonb": "'[]'", "integer": "1", "bigint": "1", "smallint": "1",
    "smallint[]": "array[1]", "boolean": "true", "boolean[]": "array[true]", "interval": "'1 minute'", "bytea": "'\\x01'",
    "bytea[]": "array['\\x01'::pg_catalog.bytea]", "bigint[]": "array[1]", "text[]": "array['x']", "numeric": "1", "real": "1",
    "double precision": "1", "timestamp with time zone": "'2026-01-05'", "inet": "'10.0.0.1'", "name": "'x'", "date": "'2026-01-05'",
}  # fmt: skip
QUALIFIED = {"timestamp with time zone": "pg_catalog.timestamptz", "double precision": "pg_catalog.float8", "integer": "pg_catalog.int4",
             "bigint": "pg_catalog.int8", "smallint": "pg_catalog.int2", "boolean": "pg_catalog.bool", "real": "pg_catalog.float4"}  # fmt: skip


def qualified(kind: str) -> str:
    plain = kind.removesuffix("[]")
    named = plain if "." in plain else QUALIFIED.get(plain, f"pg_catalog.{plain}")
    return named + kind[len(plain) :]


async def all_calls(db: asyncpg.Connection, rfq: object) -> list[str]:
    """Calls of each function of ours, with no arguments and with a plausible value for each."""
    found = await db.fetch(
        "select p.pronamespace::regnamespace || '.' || p.proname as name, "
        "array(select format_type(t, null) from unnest(p.proargtypes) with ordinality a (t, n) order by n) as types from pg_proc p "
        "where (p.pronamespace = 'ai'::regnamespace or p.proname = 'submit_rfq') and p.prorettype <> 'trigger'::regtype order by 1"
    )
    calls = []
    for name, types in found:
        nulls = ", ".join(f"null::{qualified(one)}" for one in types)
        some = ", ".join(f"{PLAUSIBLE.get(one, 'null').format(rfq=rfq)}::{qualified(one)}" for one in types)
        calls += [f"select * from {name}({args})" for args in ([nulls] if not types else [nulls, some])]
    return calls


async def outcome(db: asyncpg.Connection, statement: str) -> str:
    transaction = db.transaction()
    await transaction.start()
    try:
        await db.execute("set local statement_timeout = '20s'; " + statement)
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)
    finally:
        await transaction.rollback()
    return "done"


async def sprung(db: asyncpg.Connection) -> bool:
    return await db.fetchval("select is_called from pg_temp.sprung")


async def relations_of(db: asyncpg.Connection) -> list[str]:
    return [row[0] for row in await db.fetch(
        "select relname::text from pg_class where relkind in ('r', 'v', 'p') and (relnamespace = 'ai'::regnamespace "
        "or relname in ('rfq_requests', 'pg_class', 'pg_locks', 'pg_proc', 'pg_namespace', 'pg_roles', 'pg_stat_activity', 'pg_index'))"
    )]  # fmt: skip


async def armed(db: asyncpg.Connection, make_role: Callable, kind: str, table: str = "public.rfq_requests") -> str:
    """A session of a role that has all rights on our functions and on the table, and has made its traps."""
    role = await make_role()
    await db.execute(
        f"grant usage on schema ai to {role}; grant execute on all functions in schema ai to {role}; "
        f"grant create on schema public to {role}; grant rfqflow_worker, rfqflow_reader to {role}; "
        f"grant insert, update, delete, select on {table} to {role}"
    )
    if await db.fetchval("select to_regproc('public.submit_rfq') is not null"):
        await db.execute(
            f"grant execute on function public.submit_rfq(text, text, text, text, text, inet, jsonb, text, text, interval) to {role}"
        )
    await db.execute(traps(role, kind, await relations_of(db)))
    return role


async def disarm(db: asyncpg.Connection, role: str) -> None:
    await db.execute("reset session authorization; reset search_path")
    await db.execute(f"drop owned by {role} cascade")


@pytest.mark.fault("R8")
@pytest.mark.parametrize("kind", ["domains", "tables"])
async def test_every_function_ends_as_without_the_traps_and_no_trap_runs(database, open_connection, make_role, kind):
    plain, db = await open_connection(), await open_connection()
    rfq = await insert(plain)
    calls = await all_calls(plain, rfq)
    role = await armed(db, make_role, kind)
    await plain.execute(f"set session authorization {role}")

    wrong = {}
    for call in calls:
        expected = await outcome(plain, call)
        await plain.execute("select pg_advisory_unlock_all()")
        got = await outcome(db, call)
        await db.execute("select pg_catalog.pg_advisory_unlock_all()")
        if got != expected or await sprung(db):
            wrong[call] = (expected, got, await sprung(db))
            await db.execute("select pg_catalog.setval('pg_temp.sprung', 1, false)")

    assert len(calls) > 150
    assert wrong == {}
    await plain.execute("reset session authorization")
    await disarm(db, role)


@pytest.mark.parametrize("kind", ["domains", "tables"])
@pytest.mark.parametrize("shape", [None, "a bigint key", "answers apart"])
async def test_the_whole_journey_of_an_rfq_runs_no_trap(empty_database, open_plain, make_role, kind, shape):
    db, admin = await open_plain(empty_database), await open_plain(empty_database)
    it = SHAPES[shape] if shape else None
    if it:
        await db.execute(it.ddl)
    await migrate.migrate(db, mapping=it.mapping if it else None)
    table, body = (it.table, it.body) if it else ("public.rfq_requests", "message")
    if it and it.schema != "public":
        await db.execute(f"grant usage on schema {it.schema} to public")
    role = await armed(db, make_role, kind, table)

    await db.execute(
        it.insert("'We need 5 pumps'") if it else f"insert into {table} ({body}) values ('We need 5 pumps')"
    )
    await db.execute(f"update {table} set {body} = 'We need 6 pumps'")
    (row,) = await db.fetch("select * from ai.claim_outbox(1, 1000, 10, '60 s', 0)")
    await db.fetch(f"select * from ai.gate_facts(array['{row['rfq_id']}']::pg_catalog.uuid[], array[null]::pg_catalog.bytea[], "
                   "array[1]::pg_catalog.int2[], false, array[true])")  # fmt: skip
    done = json.dumps([end(row)]).replace("'", "''")
    assert await db.fetch(f"select * from ai.finish_outbox('{done}')") == []
    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")
    await db.fetch("select ai.find_unqueued_rfqs()")
    await db.fetch(f"select ai.override_rfq('{row['rfq_id']}', 'general')")
    await db.execute(f"delete from {table}")

    assert not await sprung(db)
    assert await admin.fetchval("select count(*) from ai.rag_runs where status = 'succeeded'") == 1
    assert await admin.fetchval("select count(*) from ai.outbox_missed") == 0
    await disarm(db, role)


@pytest.mark.parametrize(
    ("function", "call"),
    [
        ("ai.enqueue_rfq()", "insert into public.rfq_requests (message) values ('We need 5 pumps')"),
        ("ai.heartbeat(integer, integer, bigint, bigint, bigint)", "select * from ai.heartbeat(1, 0, -1, -1)"),
        ("ai.override_rfq(uuid, text, text, text)", "select ai.override_rfq(null, 'general')"),
    ],
)
async def test_with_an_empty_search_path_the_traps_would_run(db, open_connection, make_role, function, call):
    """Proves that the tests above would see a trap."""
    await insert(db)
    await db.execute(f"alter function {function} set search_path = ''")
    session = await open_connection()
    role = await armed(session, make_role, "domains")

    await outcome(session, call)

    assert await sprung(session)
    await disarm(session, role)
