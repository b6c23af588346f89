"""Least privilege: a list says what each role may do. All else is refused, even with an attacker's objects in the way.

The list is privileges.txt. After an intended change, write it anew:

    UPDATE_GOLDEN=1 python -m pytest tests/database/test_privileges.py
"""

import os
import re
from pathlib import Path

import asyncpg
import pytest

from tests.support.finishing import claim, end, finish, insert

GOLDEN = Path(__file__).with_name("privileges.txt")
LIST = """
with ours as (
  select 'table' as kind, c.oid, c.relname::text as name, c.relkind::text, c.relacl as acl, c.relowner as owner,
    acldefault(case when c.relkind = 'S' then 's' else 'r' end::"char", c.relowner) as default_acl
  from pg_class c where c.relnamespace = 'ai'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
  union all
  select 'function', p.oid, p.oid::regprocedure::text, case when p.prosecdef then 'definer' else 'invoker' end, p.proacl, p.proowner,
    acldefault('f', p.proowner)
  from pg_proc p where p.pronamespace = 'ai'::regnamespace or p.proname = 'submit_rfq'
  union all
  select 'schema', n.oid, n.nspname::text, '', n.nspacl, n.nspowner, acldefault('n', n.nspowner) from pg_namespace n where n.nspname = 'ai'
)
select o.kind, o.relkind, o.name, coalesce(case when a.grantee = 0 then 'PUBLIC' else a.grantee::regrole::text end, '-') as grantee,
  string_agg(lower(a.privilege_type), ',' order by a.privilege_type) as privileges
from ours o
left join lateral (
  select x.grantee, x.privilege_type from aclexplode(coalesce(o.acl, o.default_acl)) x where x.grantee <> o.owner) a on true
group by 1, 2, 3, 4
order by 1, 3, 4
"""
KINDS = {"r": "table", "p": "table", "v": "view", "m": "view", "S": "sequence"}


async def granted(db: asyncpg.Connection) -> list[str]:
    lines = set()
    for kind, detail, name, grantee, privileges in await db.fetch(LIST):
        plain = re.sub(r"_\d{4}w\d\d", "_WEEK", name)
        what = f"function {plain} ({detail})" if kind == "function" else f"{KINDS.get(detail, kind)} {plain}"
        lines.add(f"{what}: {'nobody' if grantee == '-' else f'{grantee} {privileges}'}")
    return sorted(lines)


async def test_privileges_are_exactly_the_list(db):
    found = await granted(db)
    if "UPDATE_GOLDEN" in os.environ:
        GOLDEN.write_text("\n".join(found) + "\n")

    assert found == GOLDEN.read_text().splitlines(), "on purpose? UPDATE_GOLDEN=1 writes the list anew"


async def test_public_has_no_right_on_any_object_of_ours(db):
    assert [line for line in await granted(db) if "PUBLIC" in line] == []


async def test_no_definer_function_resolves_names_by_the_callers_path(db):
    loose = await db.fetch(
        "select oid::regprocedure from pg_proc where (pronamespace = 'ai'::regnamespace or proname = 'submit_rfq') "
        "and not exists (select from unnest(proconfig) c where c = 'search_path=pg_catalog, pg_temp')"
    )

    assert [row[0] for row in loose] == []


@pytest.fixture
async def roles(make_role, db):
    """The roles: the application, a daemon, a reader, and a role without rights."""
    made = {name: await make_role() for name in ("application", "worker", "reader", "stranger")}
    await db.execute(f"grant insert on public.rfq_requests to {made['application']}")
    await db.execute(f"grant rfqflow_worker to {made['worker']}")
    await db.execute(f"grant rfqflow_reader to {made['reader']}")
    yield made
    for role in made.values():
        await db.execute(f"drop owned by {role}")


async def attempt(db: asyncpg.Connection, role: str, statement: str) -> str:
    """Runs a statement, and rolls it back. Returns its SQLSTATE, or 'done'."""
    transaction = db.transaction()
    await transaction.start()
    try:
        await db.execute(f"set local session authorization {role}")
        await db.execute(statement)
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)
    else:
        return "done"
    finally:
        await transaction.rollback()


async def may(db: asyncpg.Connection, role: str, function: int) -> bool:
    return await db.fetchval("select has_function_privilege($1, $2::oid, 'execute')", role, function)


@pytest.mark.parametrize("who", ["application", "worker", "reader", "stranger"])
async def test_every_function_that_is_not_granted_is_refused(db, roles, who):
    functions = await db.fetch(
        "select p.oid, p.oid::regprocedure::text as name, p.proargtypes::regtype[] as types, p.pronamespace::regnamespace::text || '.' || p.proname as called "
        "from pg_proc p where (p.pronamespace = 'ai'::regnamespace or p.proname = 'submit_rfq') and p.prorettype <> 'trigger'::regtype"
    )
    wrong = {}
    for one in functions:
        granted_names = [
            line for line in GOLDEN.read_text().splitlines() if line.startswith(f"function {one['name']} ")
        ]
        expected = who in ("worker", "reader") and any(f": rfqflow_{who} " in line for line in granted_names)
        assert await may(db, roles[who], one["oid"]) == expected, one["name"]
        if not expected:
            nulls = ", ".join(f"null::{kind}" for kind in one["types"])
            state = await attempt(db, roles[who], f"select {one['called']}({nulls})")
            if state != "42501":
                wrong[one["name"]] = state

    assert len(functions) > 40
    assert wrong == {}


@pytest.mark.parametrize("who", ["application", "worker", "reader", "stranger"])
async def test_no_table_can_be_written_and_only_granted_ones_can_be_read(db, roles, who):
    tables = await db.fetch(
        "select c.relname::text, (select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 "
        "and a.attidentity = '' and a.attgenerated = '' and not a.attisdropped order by a.attnum limit 1) "
        "from pg_class c where c.relnamespace = 'ai'::regnamespace and c.relkind in ('r', 'p', 'v')"
    )
    lines = GOLDEN.read_text().splitlines()
    wrong = {}
    for name, column in tables:
        readable = any(re.fullmatch(rf"(table|view) {name}: rfqflow_{who} select", line) for line in lines)
        tried = {
            f"select * from ai.{name} limit 1": "done" if readable else "42501",
            f"insert into ai.{name} default values": "42501",
            f"update ai.{name} set {column} = {column}": "42501",
            f"delete from ai.{name}": "42501",
            f"truncate ai.{name}": "42501",
            f"lock table ai.{name} in share mode": "42501",
        }
        for statement, expected in tried.items():
            state = await attempt(db, roles[who], statement)
            # No role can truncate a view, and some views cannot be updated: that is a refusal, too.
            if state != expected and not (expected == "42501" and state in ("42809", "55000", "0A000", "428C9")):
                wrong[statement] = state

    assert wrong == {}


FORBIDDEN = {
    "application": [
        "select * from public.rfq_requests", "select message from public.rfq_requests", "delete from public.rfq_requests",
        "update public.rfq_requests set ai_route = 'x'", "update public.rfq_requests set message = 'x'",
        "truncate public.rfq_requests", "insert into public.rfq_requests (message) values ('m') returning ai_route",
    ],
    "worker": [
        "select * from public.rfq_requests", "select email from public.rfq_requests", "update public.rfq_requests set name = 'x'",
        "update public.rfq_requests set message = 'x'", "update public.rfq_requests set ai_route = 'x'",
        "insert into public.rfq_requests (message) values ('m')", "delete from public.rfq_requests", "truncate public.rfq_requests",
        "alter table public.rfq_requests disable trigger all", "create table ai.mine ()", "create function ai.f() returns int language sql as 'select 1'",
        "alter function ai.notify_workers() owner to current_user", "drop schema ai cascade", "set session_replication_role = replica",
    ],
    "reader": [
        "select * from public.rfq_requests", "update public.rfq_requests set ai_route = 'x'", "delete from public.rfq_requests",
        "insert into public.rfq_requests (message) values ('m')", "create table ai.mine ()",
    ],
    "stranger": ["select * from public.rfq_requests", "insert into public.rfq_requests (message) values ('m')"],
}  # fmt: skip


@pytest.mark.parametrize(("who", "statement"), [(who, one) for who, some in FORBIDDEN.items() for one in some])
async def test_statements_outside_a_roles_work_are_refused(db, roles, who, statement):
    await insert(db)

    assert await attempt(db, roles[who], statement) == "42501"


async def test_the_application_needs_insert_and_nothing_else(db, roles):
    assert await attempt(db, roles["application"], "insert into public.rfq_requests (message) values ('m')") == "done"


async def test_a_worker_does_all_its_work_with_its_role_alone(db, roles):
    rfq = await insert(db)
    await db.execute(f"set session authorization {roles['worker']}")
    (row,) = await claim(db)
    assert await finish(db, end(row)) == {}
    await db.execute("reset session authorization")

    assert await db.fetchval("select ai_status from public.rfq_requests where id = $1", rfq) == "done"


# -- objects that an attacker puts in the way
# ----------------------------------------------------------------------------

TRAPS = """
create schema trap;
grant all on schema trap to {role};
set session authorization {role};
create function trap.sprung() returns void language plpgsql as $$ begin raise exception 'sprung' using errcode = 'TRAP1'; end $$;
create function trap.pg_try_advisory_xact_lock_shared(int, int) returns boolean language sql as 'select trap.sprung(); select true';
create function trap.pg_notification_queue_usage() returns float8 language sql as 'select trap.sprung(); select 1.0::float8';
create function trap.clock_timestamp() returns timestamptz language sql as 'select trap.sprung(); select null::timestamptz';
create function trap.now() returns timestamptz language sql as 'select trap.sprung(); select null::timestamptz';
create function trap.sha256(bytea) returns bytea language sql as 'select trap.sprung(); select null::bytea';
create function trap.set_config(text, text, boolean) returns text language sql as 'select trap.sprung(); select null::text';
create function trap.same(uuid, uuid) returns boolean language sql as 'select trap.sprung(); select true';
create operator trap.= (leftarg = uuid, rightarg = uuid, function = trap.same);
create function trap.same(text, text) returns boolean language sql as 'select trap.sprung(); select true';
create operator trap.= (leftarg = text, rightarg = text, function = trap.same);
create function trap.same(bigint, bigint) returns boolean language sql as 'select trap.sprung(); select true';
create operator trap.= (leftarg = bigint, rightarg = bigint, function = trap.same);
create temporary table outbox (like pg_catalog.pg_class);
create temporary table outbox_missed (a int);
create temporary table rfqs (a int);
create temporary table policy (a int);
create temporary table inserted (id uuid);
create type trap.uuid as (a int);
set search_path = trap, pg_temp, pg_catalog, public;
"""


async def test_no_path_operator_function_or_temporary_table_diverts_the_trigger(db, roles):
    await db.execute(
        f"grant temporary on database {await db.fetchval('select current_database()')} to {roles['application']}"
    )
    await db.execute(TRAPS.format(role=roles["application"]))

    await db.execute("insert into public.rfq_requests (message) values ('We need 5 pumps')")

    await db.execute("reset session authorization; reset search_path")
    assert await db.fetchval("select count(*) from ai.outbox") == 1
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0


async def test_no_path_operator_function_or_temporary_table_diverts_a_worker(db, roles):
    await insert(db)
    await db.execute(
        f"grant temporary on database {await db.fetchval('select current_database()')} to {roles['worker']}"
    )
    await db.execute(TRAPS.format(role=roles["worker"]))

    rows = await db.fetch("select * from ai.claim_outbox(1, 1000, 10, '60 s', 0)")
    assert await finish(db, end(rows[0])) == {}
    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")
    await db.fetch("select ai.reclaim_worker(1)")

    await db.execute("reset session authorization; reset search_path")
    assert await db.fetchval("select ai_status from public.rfq_requests") == "done"


async def test_a_notification_that_any_role_may_send_is_only_a_hint(db, roles):
    assert await attempt(db, roles["stranger"], "select pg_notify('rfqflow_wake', 'drop everything')") == "done"


# -- Supabase: its public lints, with its roles and its default privileges ----------------------------------------------

LINTS = {
    "0010 security definer view": """
        select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'v' and n.nspname in ('public', 'ai')
          and (has_table_privilege('anon', c.oid, 'select') or has_table_privilege('authenticated', c.oid, 'select'))
          and (has_schema_privilege('anon', n.oid, 'usage') or has_schema_privilege('authenticated', n.oid, 'usage'))
          and not coalesce(c.reloptions @> '{security_invoker=true}' or c.reloptions @> '{security_invoker=on}', false)""",
    "0011 function search path mutable": """
        select p.oid::regprocedure::text from pg_proc p
        where p.pronamespace in ('public'::regnamespace, 'ai'::regnamespace)
          and not exists (select from unnest(p.proconfig) c where c like 'search_path=%')
          and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')""",
    "0013 row-level security off in public": """
        select c.oid::regclass::text from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
          and not c.relrowsecurity
          and (has_table_privilege('anon', c.oid, 'select, insert, update, delete')
            or has_table_privilege('authenticated', c.oid, 'select, insert, update, delete'))""",
    "0007 a policy without row-level security": """
        select c.oid::regclass::text from pg_policy p join pg_class c on c.oid = p.polrelid where not c.relrowsecurity""",
    "0024 a policy that lets everything pass": """
        select p.polname::text from pg_policy p
        where p.polcmd <> 'r' and (pg_get_expr(p.polqual, p.polrelid) = 'true' or pg_get_expr(p.polwithcheck, p.polrelid) = 'true')""",
    "0028, 0029 a definer function for anon or authenticated": """
        select p.oid::regprocedure::text from pg_proc p
        where p.prosecdef and p.pronamespace in ('public'::regnamespace, 'ai'::regnamespace)
          and (has_function_privilege('anon', p.oid, 'execute') or has_function_privilege('authenticated', p.oid, 'execute'))
          and (has_schema_privilege('anon', p.pronamespace, 'usage') or has_schema_privilege('authenticated', p.pronamespace, 'usage'))""",
    "0001 a foreign key without an index": """
        select k.conname::text from pg_constraint k where k.contype = 'f' and k.connamespace in ('public'::regnamespace, 'ai'::regnamespace)
          and not exists (
            select from pg_index i where i.indrelid = k.conrelid and (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey)""",
    "ai is not an exposed schema": """
        select r from unnest(array['anon', 'authenticated', 'service_role']) r where has_schema_privilege(r, 'ai', 'usage')""",
}


def recipe(repository: Path) -> str:
    """The statements of docs/how-to/supabase.md."""
    return (repository / "docs/how-to/supabase.md").read_text().split("```sql supabase")[1].split("```")[0]


@pytest.fixture
async def on_supabase(server_dsn, empty_database, open_plain):
    """Stubs of Supabase's roles and default privileges, with the schema migrated into the database."""
    from rfqflow.database import migrate

    db = await open_plain(empty_database)
    for role, options in (("anon", ""), ("authenticated", ""), ("service_role", "bypassrls")):
        if not await db.fetchval("select exists (select from pg_roles where rolname = $1)", role):
            await db.execute(f"create role {role} nologin {options}")
    for what in ("tables", "sequences", "functions"):
        await db.execute(
            f"alter default privileges in schema public grant all on {what} to anon, authenticated, service_role"
        )
    await db.execute("grant usage on schema public to anon, authenticated, service_role")
    await migrate.migrate(db)
    return db


async def test_the_public_lints_pass_on_supabase_after_the_statements_of_its_page(on_supabase, repository):
    await on_supabase.execute(recipe(repository))

    found = {name: [row[0] for row in await on_supabase.fetch(lint)] for name, lint in LINTS.items()}

    assert {name: rows for name, rows in found.items() if rows} == {}


async def test_without_these_statements_the_lints_report_the_table_only(on_supabase):
    found = {name: [row[0] for row in await on_supabase.fetch(lint)] for name, lint in LINTS.items()}

    assert {name for name, rows in found.items() if rows} == {"0013 row-level security off in public"}


async def test_with_row_level_security_strangers_insert_and_see_nothing_and_the_worker_works(on_supabase, repository):
    db = on_supabase
    await db.execute(recipe(repository))

    assert (
        await attempt(db, "anon", "insert into public.rfq_requests (message, ai_route) values ('m', 'mine')") == "done"
    )
    for statement in (
        "select * from public.rfq_requests",
        "update public.rfq_requests set message = 'x'",
        "delete from public.rfq_requests",
    ):
        assert await attempt(db, "anon", statement) == "42501"
    rfq = await insert(db)
    (row,) = await claim(db)
    assert await finish(db, end(row)) == {}
    assert await db.fetchval("select ai_status from public.rfq_requests where id = $1", rfq) == "done"
