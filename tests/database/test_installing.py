"""Installing where a database, a role or another tool has odd settings: it works in full or changes nothing."""

from __future__ import annotations

import asyncio
import contextlib
import re

import asyncpg
import pytest

from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.store.attachment import run_script
from tests.support.catalogs import assert_alike, everything, run_psql
from tests.support.database_settings import SETTING_GROUPS, SETTINGS

CATALOG = """
select 'class', c.oid::text, c.relname::text, c.relacl::text, c.relowner::text from pg_class c where c.oid >= 16384
union all select 'proc', p.oid::text, p.proname, p.proacl::text || p.prosrc, p.proowner::text from pg_proc p where p.oid >= 16384
union all select 'type', t.oid::text, t.typname, t.typacl::text, '' from pg_type t where t.oid >= 16384
union all select 'schema', n.oid::text, n.nspname, n.nspacl::text, '' from pg_namespace n where n.nspname !~ '^pg_(temp|toast)'
union all select 'trigger', t.oid::text, t.tgname, t.tgenabled::text, '' from pg_trigger t
union all select 'attribute', a.attrelid::text, a.attname, a.atttypid::text, '' from pg_attribute a where a.attrelid >= 16384 and a.attnum > 0
order by 1, 2, 3, 4"""
TABLE = (
    "create table public.rfq_requests (id uuid primary key default gen_random_uuid(), message text not null,"
    " created_at timestamptz not null default now())"
)


async def catalog(conn: asyncpg.Connection) -> list[tuple[str, ...]]:
    return [tuple(row) for row in await conn.fetch(CATALOG)]


async def works(conn: asyncpg.Connection) -> None:
    """The installation works: an insert is queued."""
    await conn.execute("insert into public.rfq_requests (message) values ('m')")
    assert len(await conn.fetch("select * from ai.claim_outbox(1, 1, 10, '60 s', 0)")) == 1


# Settings of the role or the database.


@pytest.fixture(scope="module")
def installed(server_dsn: str, template: str) -> dict[str, list[tuple[object, ...]]]:
    """The catalogs of an installation without odd settings."""
    return asyncio.run(everything(server_dsn.rsplit("/", 1)[0] + "/" + template))


@pytest.mark.fault("R18")
@pytest.mark.parametrize("names", SETTING_GROUPS, ids=", ".join)
@pytest.mark.parametrize("way", ["migrate", "psql"])
async def test_no_setting_of_the_database_changes_what_is_installed(
    names,
    way,
    empty_database,
    installed,
    psql,
    repository,
    server_dsn,
):
    admin = await connect(server_dsn)
    for name in names:
        await admin.execute(f"alter database {empty_database.rsplit('/', 1)[1]} set {SETTINGS[name]}")
    if way == "psql":
        done = run_psql(psql, empty_database, repository / "sql" / "install.sql")
        assert (done.returncode, done.stderr) == (0, "")
    else:
        conn = await connect(empty_database)
        await migrate.migrate(conn)
        conn.terminate()

    await admin.execute(f"alter database {empty_database.rsplit('/', 1)[1]} reset all")
    await admin.close()
    assert_alike(await everything(empty_database), installed)


CASTS = {
    "text to integer": "create cast (text as integer) with inout as implicit",
    "date to text": "create cast (date as text) with inout as implicit",
    "text to jsonb": "create cast (text as jsonb) with inout as implicit",
    "jsonb to text": "create cast (jsonb as text) with inout as implicit",
    "text to uuid": "create cast (text as uuid) with inout as implicit",
    "uuid to text": "create cast (uuid as text) with inout as implicit",
    "text to timestamp": "create cast (text as timestamptz) with inout as implicit",
    "text to numeric": "create cast (text as numeric) with inout as implicit",
    "varchar to jsonb": "create cast (varchar as jsonb) with inout as implicit",
    "an operator": "create function public.same(text, integer) returns boolean language sql as 'select true';"
    " create operator public.= (leftarg = text, rightarg = integer, function = public.same)",
}


@pytest.mark.parametrize("name", CASTS)
async def test_casts_and_operators_of_the_database_do_no_harm(name, empty_database):
    conn = await connect(empty_database)
    await conn.execute(CASTS[name])

    assert await migrate.migrate(conn)

    await works(conn)
    await conn.close()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("integer", "text"),
        ("bigint", "text"),
        ("numeric", "text"),
        ("smallint", "character varying"),
        ("double precision", "text"),
    ],
)
async def test_a_cast_that_makes_our_texts_ambiguous_is_refused_with_the_remedy(source, target, empty_database):
    conn = await connect(empty_database)
    cast = f"cast ({source} as {target})"
    await conn.execute(f"create {cast} with inout as implicit")
    before = await catalog(conn)

    with pytest.raises(ConfigError, match=re.escape(f"implicit {cast}")):
        await migrate.migrate(conn)

    assert await catalog(conn) == before
    await conn.execute(f"drop {cast}; create {cast} with inout as assignment")
    await migrate.migrate(conn)
    await works(conn)
    await conn.close()


@pytest.mark.parametrize("encoding", ["LATIN1", "WIN1252", "EUC_JP"])
async def test_another_encoding_is_refused_before_any_object_is_made(encoding, server_dsn, psql, repository):
    admin = await connect(server_dsn)
    name = f"rfqflow_{encoding.lower()}"
    await admin.execute(f"drop database if exists {name}")
    await admin.execute(f"create database {name} template template0 encoding '{encoding}' lc_collate 'C' lc_ctype 'C'")
    dsn = server_dsn.rsplit("/", 1)[0] + "/" + name
    conn = await connect(dsn)
    before = await catalog(conn)
    try:
        with pytest.raises(ConfigError, match=rf"the encoding of database {name} is {encoding}.*encoding 'UTF8'"):
            await migrate.migrate(conn)
        done = run_psql(psql, dsn, repository / "sql" / "install.sql")
        assert done.returncode != 0
        assert f"is {encoding}" in done.stderr
        assert await catalog(conn) == before
    finally:
        await conn.close()
        await admin.execute(f"drop database {name}")
        await admin.close()


# Another tool's schema ai.

THEIRS = """
create role {role} nologin;
create schema ai;
grant usage on schema ai to public;
create table ai.secret (id int primary key, body text);
create table ai.shared (id int primary key);
grant select on ai.shared to public;
create view ai.shown as select 1 as one;
grant select on ai.shown to {role};
create sequence ai.numbers;
create type ai.mood as enum ('good');
create function ai.watch(p_what text) returns int language sql as 'select 1';
create function ai.pause(a int, b int, c int) returns int language sql as 'select 1';
create function ai.embed(text) returns int language sql as 'select 1';
create procedure ai.refresh() language sql as 'select 1';
alter default privileges in schema ai grant all on tables to {role};
alter default privileges in schema ai grant all on sequences to {role};
alter default privileges in schema ai grant execute on functions to {role};
"""
RIGHTS = """
select c.oid::regclass::text, c.relacl::text from pg_class c where c.relnamespace = 'ai'::regnamespace and c.relname = any ($1)
union all select p.oid::regprocedure::text, p.proacl::text from pg_proc p where p.pronamespace = 'ai'::regnamespace and p.oid::regprocedure::text = any ($1)
union all select t.typname, t.typacl::text from pg_type t where t.typnamespace = 'ai'::regnamespace and t.typtype in ('d', 'e', 'r') and t.typname = any ($1)
order by 1"""
NAMES = ["secret", "shared", "shown", "numbers", "mood", "ai.watch(text)", "ai.pause(integer,integer,integer)",
         "ai.embed(text)", "ai.refresh()"]  # fmt: skip


@pytest.mark.fault("R18")
@pytest.mark.parametrize("way", ["migrate", "psql"])
async def test_no_object_of_another_tool_in_schema_ai_is_changed_or_gets_rights(
    way,
    empty_database,
    server_dsn,
    psql,
    repository,
):
    conn = await connect(empty_database)
    role = "rfqflow_theirs_" + empty_database[-8:]
    await conn.execute(THEIRS.format(role=role))
    before = await conn.fetch(RIGHTS, NAMES)
    assert len(before) == len(NAMES)
    if way == "psql":
        for _ in range(2):
            assert run_psql(psql, empty_database, repository / "sql" / "install.sql").returncode == 0
    else:
        await migrate.migrate(conn)
        await migrate.migrate(conn)

    assert await conn.fetch(RIGHTS, NAMES) == before
    assert await conn.fetchval("select has_schema_privilege($1, 'ai', 'usage')", role)
    given = await conn.fetch(
        "select c.oid::regclass::text from pg_class c cross join aclexplode(c.relacl) a "
        "where c.relnamespace = 'ai'::regnamespace and a.grantee = $1::regrole and c.relname <> all ($2) "
        "union all select p.oid::regprocedure::text from pg_proc p cross join aclexplode(p.proacl) a "
        "where p.pronamespace = 'ai'::regnamespace and a.grantee = $1::regrole and p.oid::regprocedure::text <> all ($2)",
        role,
        NAMES,
    )
    assert [row[0] for row in given] == []
    await works(conn)
    await run_script(conn, "uninstall.sql", force="on")
    assert await conn.fetch(RIGHTS, NAMES) == before
    assert {row[0] for row in await conn.fetch("select relname from pg_class where relnamespace = 'ai'::regnamespace")} == {
        "secret", "secret_pkey", "shared", "shared_pkey", "shown", "numbers",
    }  # fmt: skip
    await conn.execute(f"drop owned by {role}; drop role {role}")
    await conn.close()


@pytest.mark.parametrize(
    ("made", "named"),
    [
        ("create table ai.outbox (id int)", "table ai.outbox"),
        ("create table ai.rfqflow_migration_ (id int); create view ai.rfqs as select 1 as one", "view ai.rfqs"),
        ("create materialized view ai.policy as select 1 as one", "materialized view ai.policy"),
        ("create type ai.documents as enum ('a')", "type ai.documents"),
        ("create sequence ai.routes", "sequence ai.routes"),
        ("create function ai.pause(text) returns int language sql as 'select 1'", "function ai.pause(text)"),
        ("create function ai.notify_workers() returns int language sql as 'select 1'", "function ai.notify_workers()"),
        (
            "create function ai.heartbeat(variadic text[]) returns int language sql as 'select 1'",
            "function ai.heartbeat(text[])",
        ),
        ("create table ai.overrides (id int); create table ai.holds (id int)", "table ai.holds, table ai.overrides"),
    ],
)
@pytest.mark.parametrize("way", ["migrate", "psql"])
async def test_a_taken_name_is_refused_and_no_object_is_made(
    made,
    named,
    way,
    empty_database,
    psql,
    repository,
):
    conn = await connect(empty_database)
    await conn.execute(f"create schema ai; {made}")
    before = await catalog(conn)

    if way == "psql":
        done = run_psql(psql, empty_database, repository / "sql" / "install.sql")
        assert done.returncode != 0
        assert f"needs: {named}" in done.stderr
    else:
        with pytest.raises(ConfigError, match=re.escape(f"needs: {named}. ")):
            await migrate.migrate(conn)

    assert await catalog(conn) == before
    await conn.close()


async def test_an_object_that_takes_one_of_our_names_later_is_refused_by_the_next_migrate(db):
    await db.execute("create function ai.pause(p_actor text) returns int language sql as 'select 1'")

    with pytest.raises(ConfigError, match=r"needs: function ai\.pause\(text\)"):
        await migrate.migrate(db)

    await db.execute("drop function ai.pause(text)")
    assert await migrate.migrate(db) == []


# Stopped at any point.

# A sequence counts on when a transaction is rolled back.
KILLER = """
create table public.countdown (n bigint, deed text);
insert into public.countdown values (0, 'none');
create sequence public.steps;
create function public.strike() returns event_trigger language plpgsql as $$
begin
  if nextval('public.steps') = (select n from public.countdown) then
    if (select deed from public.countdown) = 'an error' then
      raise exception 'struck';
    end if;
    perform pg_terminate_backend(pg_backend_pid());
    perform pg_sleep(10);
  end if;
end $$;
create event trigger strike on ddl_command_end execute function public.strike();
"""
DEEDS = ("an error", "its session ended")


@pytest.mark.fault("R18")
@pytest.mark.parametrize("way", ["migrate", "psql"])
async def test_an_installation_stopped_at_any_statement_leaves_nothing_and_the_next_one_succeeds(
    way,
    empty_database,
    server_dsn,
    psql,
    repository,
):
    async def prepared() -> asyncpg.Connection:
        conn = await connect(empty_database)
        await conn.execute(TABLE)
        await conn.execute(KILLER)
        return conn

    async def install() -> str:
        if way == "psql":
            done = await asyncio.to_thread(run_psql, psql, empty_database, repository / "sql" / "install.sql")
            return "" if done.returncode == 0 else done.stderr
        conn = await connect(empty_database)
        try:
            await migrate.migrate(conn)
        except (RfqflowError, asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as error:
            return str(error) or type(error).__name__
        finally:
            conn.terminate()
        return ""

    keep = await prepared()
    assert await install() == ""
    last = await keep.fetchval("select last_value from public.steps")
    assert last > 500
    name = empty_database.rsplit("/", 1)[1]
    admin = await connect(server_dsn)
    await admin.execute(f"drop database {name} with (force)")
    await admin.execute(f"create database {name}")
    await admin.close()

    keep = await prepared()
    before = await catalog(keep)
    for number, step in enumerate((1, 2, 7, 40, last // 4, last // 2, last * 3 // 4, last - 40, last - 1, last)):
        await keep.execute("update public.countdown set n = $1, deed = $2", step, DEEDS[number % 2])
        await keep.execute("select setval('public.steps', 1, false)")
        assert await install(), step
        assert await catalog(keep) == before, step
    await keep.execute("drop event trigger strike")
    assert await install() == ""
    await works(keep)
    await keep.close()


async def test_a_first_installation_that_cannot_lock_the_table_leaves_nothing(empty_database, monkeypatch):
    keep, conn = await connect(empty_database), await connect(empty_database)
    await keep.execute(TABLE)
    before = await catalog(keep)
    await keep.execute("begin; lock table public.rfq_requests in share update exclusive mode")
    migrating = asyncio.create_task(migrate.migrate(conn))
    waits = "select exists (select from pg_locks where relation = 'public.rfq_requests'::regclass and not granted)"
    while not await keep.fetchval(waits):
        await asyncio.sleep(0.005)
    conn.terminate()

    with pytest.raises((RfqflowError, asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await migrating

    await keep.execute("commit")
    while await keep.fetchval(
        "select count(*) from pg_stat_activity where application_name = 'rfqflow' and pid <> pg_backend_pid() and datname = current_database()"
    ):
        await asyncio.sleep(0.005)
    assert await catalog(keep) == before
    await keep.close()


# What is installed works under any settings of the caller.


async def test_no_function_body_changes_its_meaning_where_backslashes_escape(db):
    """A function body is parsed when it is called, with the caller's standard_conforming_strings."""
    bodies = await db.fetch(
        "select p.oid::regprocedure::text as name, p.prosrc, coalesce(p.proconfig, '{}') as config from pg_proc p "
        "where p.pronamespace = 'ai'::regnamespace or p.proname = 'submit_rfq'"
    )

    loose = [
        one["name"] for one in bodies
        if "\\" in re.sub(r"--[^\n]*|\bE'(?:[^'\\]|\\.|'')*'", "", one["prosrc"])
        and "standard_conforming_strings=on" not in one["config"]
    ]  # fmt: skip
    assert len(bodies) > 100
    assert loose == []


@pytest.mark.parametrize("name", [one for one in SETTINGS if one != "read only"])
async def test_an_insert_under_any_setting_is_enqueued_by_the_trigger_itself(name, db):
    async def in_time(statement: str) -> None:
        """Repeats the insert where the setting is a timeout and the machine busy.

        A statement that is cancelled leaves nothing.
        """
        while True:
            with contextlib.suppress(asyncpg.QueryCanceledError):
                await db.execute(statement)
                return

    await db.execute(f"set {SETTINGS[name]}")

    await in_time("insert into public.rfq_requests (message) values ('one'), ('two')")
    await in_time("update public.rfq_requests set message = 'three' where message = 'two'")

    await in_time("reset all")
    assert await db.fetchval("select count(*) from ai.outbox") == 2
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0
