"""Installing, upgrading and attaching: by two ways the same, twice the same, and never in the application's way."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from rfqflow.core.errors import RfqflowError, SchemaMismatch
from rfqflow.database import migrate
from rfqflow.database.connection import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Everything of ours in the catalogs, each as rows of text that do not depend on object ids or on the moment.
CATALOGS = {
    "relations": """
        select c.oid::regclass::text, c.relkind::text, c.reloptions::text, pg_get_userbyid(c.relowner),
          (select array_agg(a::text order by a::text) from unnest(c.relacl) a)::text,
          pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid), c.relrowsecurity::text
        from pg_class c where c.relkind <> 't' and (c.relnamespace = 'ai'::regnamespace or c.oid = 'public.rfq_requests'::regclass)""",
    "columns": """
        select a.attrelid::regclass::text, a.attnum::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
          a.attnotnull::text, a.attidentity::text, a.attgenerated::text, a.attstorage::text, a.attacl::text,
          pg_get_expr(d.adbin, d.adrelid)
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attnum > 0 and (c.relnamespace = 'ai'::regnamespace or c.oid = 'public.rfq_requests'::regclass)""",
    "constraints": """
        select x.conrelid::regclass::text, x.conname::text, pg_get_constraintdef(x.oid) from pg_constraint x
        where x.connamespace = 'ai'::regnamespace or x.conrelid = 'public.rfq_requests'::regclass""",
    "indexes": """
        select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid::text from pg_index i
        join pg_class c on c.oid = i.indrelid
        where c.relnamespace = 'ai'::regnamespace or c.oid = 'public.rfq_requests'::regclass""",
    "functions": """
        select p.oid::regprocedure::text, pg_get_functiondef(p.oid), pg_get_userbyid(p.proowner),
          (select array_agg(a::text order by a::text) from unnest(p.proacl) a)::text
        from pg_proc p where p.pronamespace = 'ai'::regnamespace
          or p.proname like 'submit_rfq%' and p.pronamespace = 'public'::regnamespace""",
    "views": """
        select c.oid::regclass::text, pg_get_viewdef(c.oid) from pg_class c
        where c.relkind = 'v' and c.relnamespace = 'ai'::regnamespace""",
    "triggers": """
        select t.tgrelid::regclass::text, pg_get_triggerdef(t.oid), t.tgenabled::text from pg_trigger t
        join pg_class c on c.oid = t.tgrelid
        where not t.tgisinternal and (c.relnamespace = 'ai'::regnamespace or c.oid = 'public.rfq_requests'::regclass)""",
    "comments": """
        select o.type, o.identity, d.description from pg_description d
        cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) o
        where o.schema = 'ai' or o.identity like 'ai.%' or o.identity like '%public.rfq_requests%'""",
    "the schema": """
        select nspname::text, pg_get_userbyid(nspowner), (select array_agg(a::text order by a::text) from unnest(nspacl) a)::text
        from pg_namespace where nspname = 'ai'""",
    "ledger": "select name, sha256, breaking::text from ai.rfqflow_migration",
    "policy": "select p::text from ai.policy p",
    "routes": "select (to_jsonb(r) - 'updated_at')::text from ai.routes r",
}


async def everything(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    conn = await connect(dsn)
    try:
        return {
            name: sorted((tuple(row) for row in await conn.fetch(query)), key=str) for name, query in CATALOGS.items()
        }
    finally:
        await conn.close()


def assert_alike(one: dict[str, list[tuple[object, ...]]], other: dict[str, list[tuple[object, ...]]]) -> None:
    for name in CATALOGS:
        assert set(one[name]) ^ set(other[name]) == set(), name
        assert one[name], f"nothing was compared of {name}"


def run_psql(psql: str, dsn: str, script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [psql, "-X", "-q", "-d", dsn, "-f", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=script.parent.parent.parent,
        env={**os.environ, "LC_ALL": "C"},
    )


@pytest.fixture
async def attached(empty_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database with an application's table of its own shape in it, and nothing of ours."""
    conn = await connect(empty_database)
    await conn.execute(
        "create table public.rfq_requests (id uuid primary key default gen_random_uuid(), message text not null,"
        " email varchar(200), customer_no bigint, priority smallint not null default 3,"
        " created_at timestamptz not null default now())"
    )
    yield conn
    conn.terminate()


# Two ways to install, and again.


async def test_psql_makes_exactly_what_migrate_makes(psql, repository, empty_database, database):
    script = repository / "sql" / "install.sql"

    done = run_psql(psql, empty_database, script)

    assert (done.returncode, done.stderr) == (0, "")
    assert_alike(await everything(empty_database), await everything(database))


async def test_psql_with_the_inlined_script_makes_exactly_what_migrate_makes(psql, tmp_path, empty_database, database):
    script = tmp_path / "one.sql"
    script.write_text(migrate.script(inline=True))

    done = run_psql(psql, empty_database, script)

    assert (done.returncode, done.stderr) == (0, "")
    assert_alike(await everything(empty_database), await everything(database))


async def test_psql_again_and_migrate_after_psql_and_psql_after_migrate_change_nothing(
    psql, repository, empty_database
):
    script = repository / "sql" / "install.sql"
    assert run_psql(psql, empty_database, script).returncode == 0
    before = await everything(empty_database)

    again = run_psql(psql, empty_database, script)
    conn = await connect(empty_database)
    applied = await migrate.migrate(conn)
    stamps = await conn.fetch("select name, applied_at from ai.rfqflow_migration order by name")
    after = run_psql(psql, empty_database, script)

    assert (again.returncode, again.stderr, after.returncode, after.stderr) == (0, "", 0, "")
    assert applied == []
    assert_alike(await everything(empty_database), before)
    assert await conn.fetch("select name, applied_at from ai.rfqflow_migration order by name") == stamps
    await conn.close()


async def test_psql_stops_at_a_migration_that_was_applied_in_another_version(psql, repository, database):
    conn = await connect(database)
    await conn.execute("update ai.rfqflow_migration set sha256 = repeat('0', 64) where name like 'migrations/0004%'")
    await conn.close()

    done = run_psql(psql, database, repository / "sql" / "install.sql")

    assert done.returncode != 0
    assert "migrations/0004_queue.sql has been applied in another version" in done.stderr


def test_install_sql_is_made_from_the_files_beside_it(repository):
    assert (repository / "sql" / "install.sql").read_text() == migrate.script(inline=False)


def test_the_ledger_names_each_file_with_its_hash(repository):
    for step in migrate.steps():
        assert step.sha256 == hashlib.sha256((repository / "sql" / step.name).read_bytes()).hexdigest()
    on_disk = {str(path.relative_to(repository / "sql")) for path in (repository / "sql").rglob("*.sql")}
    assert on_disk - set(migrate.released_files()) == {
        "install.sql",
        "samples.sql",
        "attach/10_check.sql",
        "detach.sql",
        "uninstall.sql",
    }


async def test_migrating_twice_changes_nothing_at_all(database):
    before = await everything(database)
    conn = await connect(database)
    stamps = await conn.fetch("select name, applied_at from ai.rfqflow_migration order by name")

    assert await migrate.pending(conn) == []
    assert await migrate.migrate(conn) == []

    assert await conn.fetch("select name, applied_at from ai.rfqflow_migration order by name") == stamps
    await conn.close()
    assert_alike(await everything(database), before)


async def test_migrating_again_repairs_what_others_removed_or_gave_away(database):
    before = await everything(database)
    conn = await connect(database)
    await conn.execute(
        "drop trigger rfqflow_enqueue on public.rfq_requests; grant usage on schema ai to public;"
        "grant execute on function ai.enqueue_rfqs(uuid[], boolean) to public;"
        "revoke execute on function ai.find_unqueued_rfqs() from rfqflow_worker"
    )

    assert await migrate.migrate(conn) == []

    await conn.close()
    assert_alike(await everything(database), before)


async def test_a_changed_file_that_may_be_applied_again_is(database):
    conn = await connect(database)
    await conn.execute(
        "update ai.rfqflow_migration set sha256 = repeat('0', 64) where name = 'functions/70_operate.sql';"
        "create or replace function ai.pause(p_actor text default null, p_reason text default null) returns void "
        "language sql set search_path = pg_catalog, pg_temp as 'select 1'"
    )
    assert await migrate.pending(conn) == ["functions/70_operate.sql"]

    assert await migrate.migrate(conn) == ["functions/70_operate.sql"]

    assert "set_policy" in await conn.fetchval("select prosrc from pg_proc where oid = 'ai.pause'::regproc")
    await conn.close()


async def test_many_migrates_at_once_on_an_empty_database_install_once(empty_database, database):
    code = (
        "import asyncio, sys\nfrom rfqflow.database import migrate as schema\nfrom rfqflow.database.connection import connect\n"
        "async def main():\n    conn = await connect(sys.argv[1])\n    print(len(await schema.migrate(conn)))\n"
        "    await conn.close()\nasyncio.run(main())\n"
    )
    runs = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, empty_database, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    conns = [await connect(empty_database) for _ in range(2)]
    counts = [len(applied) for applied in await asyncio.gather(*(migrate.migrate(conn) for conn in conns))]
    for run in runs:
        said, error = await asyncio.wait_for(run.communicate(), 60)
        assert run.returncode == 0, error.decode()
        counts.append(int(said))
    for conn in conns:
        await conn.close()

    assert sorted(counts) == [0, 0, 0, len(migrate.steps())]
    assert_alike(await everything(empty_database), await everything(database))


async def test_a_migration_that_was_changed_after_it_was_applied_is_refused(database):
    before = await everything(database)
    conn = await connect(database)
    await conn.execute("update ai.rfqflow_migration set sha256 = repeat('0', 64) where name like 'migrations/0002%'")

    for refused in (migrate.migrate(conn), migrate.pending(conn)):
        with pytest.raises(SchemaMismatch, match=r"0002_routes_and_policy\.sql was applied here in another version"):
            await refused

    await conn.execute(
        "update ai.rfqflow_migration set sha256 = $1 where name like 'migrations/0002%'",
        next(one.sha256 for one in migrate.steps() if "0002" in one.name),
    )
    assert await migrate.migrate(conn) == []
    await conn.close()
    assert_alike(await everything(database), before)


async def test_a_step_that_fails_is_undone_and_named_with_its_remedy_and_the_lock_is_given_back(
    monkeypatch, empty_database
):
    steps = migrate.steps()
    text = "create table ai.half_made (n int); do $$ begin raise exception 'no' using hint = 'Do this.'; end $$"
    bad = migrate.Step("migrations/0099_bad.sql", text, "0" * 64)
    monkeypatch.setattr(migrate, "steps", lambda: [*steps, bad])
    monkeypatch.setattr(migrate, "_groups", lambda _: [[*steps[:2], bad]])
    conn = await connect(empty_database)

    with pytest.raises(RfqflowError, match=r"^migrations/0099_bad\.sql: no \(P0001\)\. Do this\.$"):
        await migrate.migrate(conn)

    assert await conn.fetchval("select to_regnamespace('ai')") is None
    assert (
        await conn.fetchval("select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()") == 0
    )
    await conn.close()


async def test_a_step_that_has_tried_long_enough_for_a_lock_is_not_tried_twenty_times_more(monkeypatch, empty_database):
    steps = migrate.steps()
    text = (
        "do $$ begin perform nextval('public.tries'); "
        "raise exception 'busy' using errcode = 'lock_not_available', hint = 'Wait.'; end $$"
    )
    busy = migrate.Step("migrations/0099.sql", text, "0" * 64)
    monkeypatch.setattr(migrate, "steps", lambda: [*steps, busy])
    monkeypatch.setattr(migrate, "_groups", lambda _: [[steps[0], busy]])
    conn = await connect(empty_database)
    await conn.execute("create sequence public.tries")

    with pytest.raises(RfqflowError, match=r"busy \(55P03\)\. Wait\."):
        await migrate.migrate(conn)

    assert await conn.fetchval("select last_value from public.tries") == 1
    await conn.close()


# Which worker may run.


async def test_a_worker_refuses_a_database_without_the_schema(empty_database):
    conn = await connect(empty_database)
    with pytest.raises(SchemaMismatch, match="run `rfqflow migrate` first"):
        await migrate.check_for_worker(conn)
    await conn.close()


async def test_a_worker_refuses_an_older_schema_and_names_the_first_migration_it_lacks(database):
    conn = await connect(database)
    assert await migrate.check_for_worker(conn) == []
    await conn.execute("delete from ai.rfqflow_migration where name like 'migrations/0005%'")

    with pytest.raises(SchemaMismatch, match=r"lacks 1 migration\(s\), first migrations/0005_runs\.sql"):
        await migrate.check_for_worker(conn)
    await conn.close()


async def test_a_worker_lives_with_a_later_schema_that_is_not_breaking_and_refuses_one_that_is(database):
    conn = await connect(database)
    add = "insert into ai.rfqflow_migration (name, sha256, breaking) values ($1, repeat('a', 64), $2)"
    await conn.execute(add, "migrations/0098_later.sql", False)
    await conn.execute(add, "functions/99_later.sql", True)  # functions are not what a worker is bound to

    assert await migrate.check_for_worker(conn) == ["migrations/0098_later.sql"]

    await conn.execute(add, "migrations/0099_breaking.sql", True)
    with pytest.raises(SchemaMismatch, match=r"later release \(migrations/0099_breaking\.sql\).*upgrade rfqflow"):
        await migrate.check_for_worker(conn)
    await conn.close()


async def test_a_worker_role_without_any_other_right_can_check(make_role, database):
    role = await make_role()
    conn = await connect(database)
    await conn.execute(f"grant rfqflow_worker to {role}; set session authorization {role}")

    assert await migrate.check_for_worker(conn) == []
    await conn.close()


# An application's table that is there already.


async def test_attaching_adds_columns_without_a_rewrite_and_enqueues_nothing_old(attached):
    await attached.execute(
        "insert into public.rfq_requests (message, customer_no) select 'old ' || n, n from generate_series(1, 100) n"
    )
    before = await attached.fetch(
        "select id, message, customer_no, priority, created_at from public.rfq_requests order by id"
    )
    node = await attached.fetchval("select relfilenode from pg_class where oid = 'public.rfq_requests'::regclass")

    await migrate.migrate(attached)
    await attached.execute("select ai.find_unqueued_rfqs()")

    assert (
        await attached.fetchval("select relfilenode from pg_class where oid = 'public.rfq_requests'::regclass") == node
    )
    assert (
        await attached.fetchval("select reloptions from pg_class where oid = 'public.rfq_requests'::regclass") is None
    )
    assert (
        await attached.fetch(
            "select id, message, customer_no, priority, created_at from public.rfq_requests order by id"
        )
        == before
    )
    assert (
        await attached.fetchval(
            "select count(*) from public.rfq_requests where ai_status is null and request_id is null"
        )
        == 100
    )
    assert await attached.fetchval("select count(*) from ai.outbox") == 0
    row = await attached.fetchrow("insert into public.rfq_requests (message) values ('new') returning *")
    assert (row["ai_status"], row["metadata"], row["request_id"] is not None) == ("pending", "{}", True)
    assert await attached.fetchval("select rfq_id from ai.outbox") == row["id"]
    assert await migrate.migrate(attached) == []


async def test_attaching_to_a_full_table_behind_long_transactions_holds_live_inserts_up_only_briefly(
    attached, empty_database, until
):
    await attached.execute(
        "insert into public.rfq_requests (message, customer_no) select 'old ' || n, n from generate_series(1, 400000) n"
    )
    node = await attached.fetchval("select relfilenode from pg_class where oid = 'public.rfq_requests'::regclass")
    reader, writer, live, watch = [await connect(empty_database) for _ in range(4)]
    for conn, statement in (
        (reader, "select count(*) from (select from public.rfq_requests limit 10) r"),
        (writer, "insert into public.rfq_requests (message) values ('by the long writer')"),
    ):
        await conn.execute("begin")
        await conn.execute(statement)

    took: list[float] = []
    stop = asyncio.Event()

    async def insert_live() -> None:
        while not stop.is_set():
            started = time.perf_counter()
            await live.execute("insert into public.rfq_requests (message, customer_no) values ('live', 1)")
            took.append((time.perf_counter() - started) * 1000)

    async def refused(mode: str) -> None:
        """Waits until the migration has been seen to wait for the table, to give up, and to wait again."""
        waits = (
            "select exists (select from pg_locks where relation = 'public.rfq_requests'::regclass "
            f"and mode = '{mode}' and not granted)"
        )

        async def waiting() -> bool:
            return await watch.fetchval(waits)

        async def not_waiting() -> bool:
            return not await watch.fetchval(waits)

        for _ in range(2):
            await until(waiting)
            await until(not_waiting)

    inserting = asyncio.create_task(insert_live())
    migrating = asyncio.create_task(migrate.migrate(attached))
    await refused("AccessExclusiveLock")
    await reader.execute("commit")
    await refused("AccessExclusiveLock")
    await writer.execute("commit")
    async with asyncio.timeout(30):
        await migrating
    at_the_end = len(took)

    async def ten_more() -> bool:
        return len(took) >= at_the_end + 10

    await until(ten_more)
    stop.set()
    await inserting

    print(f"attach: {len(took)} live inserts, the slowest {max(took):.0f} ms")
    assert max(took) < 250
    assert len(took) > 50
    assert await watch.fetchval("select relfilenode from pg_class where oid = 'public.rfq_requests'::regclass") == node
    while await watch.fetchval("select pass from ai.sweep_progress") == 0:
        await watch.fetchval("select ai.find_unqueued_rfqs()")
    counts = await watch.fetchrow(
        "select count(*) filter (where message like 'old %' and ai_status is null) as old,"
        " count(*) filter (where message like 'old %' and o.rfq_id is not null) as old_queued,"
        " count(*) filter (where message not like 'old %' and r.created_at >= (select min(applied_at) from ai.rfqflow_migration)"
        " and o.rfq_id is null) as forgotten "
        "from public.rfq_requests r left join ai.outbox o on o.rfq_id = r.id"
    )
    assert tuple(counts) == (400_000, 0, 0)
    for conn in (reader, writer, live, watch):
        conn.terminate()


async def _nothing_of_ours(conn: asyncpg.Connection) -> bool:
    return await conn.fetchval(
        "select to_regnamespace('ai') is null and not exists (select from pg_trigger where tgname like 'rfqflow%') "
        "and not exists (select from pg_attribute where attname = 'ai_status')"
    )


async def test_attaching_as_a_role_that_does_not_own_the_table_says_so_and_changes_nothing(make_role, attached):
    owner, other = await make_role(), await make_role()
    name = await attached.fetchval("select current_database()")
    await attached.execute(
        f"alter table public.rfq_requests owner to {owner}; grant all on public.rfq_requests to {other};"
        f"grant create on database {name} to {owner}, {other}; grant create on schema public to {owner};"
        f"set session authorization {other}"
    )

    with pytest.raises(
        RfqflowError,
        match=f"rfq_requests belongs to another role, {owner} .*the table's owner, or: grant {owner} to {other}",
    ):
        await migrate.migrate(attached)

    assert await _nothing_of_ours(attached)
    # The remedy it names is one.
    await attached.execute("reset session authorization")
    await attached.execute(f"set session authorization {owner}")
    await migrate.migrate(attached)
    await attached.execute("insert into public.rfq_requests (message) values ('m')")
    assert await attached.fetchval("select count(*) from ai.outbox") == 1
    await attached.execute("reset session authorization")


async def test_attaching_as_a_member_of_the_owning_role_works(make_role, attached):
    owner, other = await make_role(), await make_role()
    name = await attached.fetchval("select current_database()")
    await attached.execute(
        f"alter table public.rfq_requests owner to {owner}; grant {owner} to {other};"
        f"grant create on database {name} to {other}; set session authorization {other}"
    )

    await migrate.migrate(attached)

    await attached.execute("reset session authorization")
    await attached.execute(f"grant insert on public.rfq_requests to {owner}; set session authorization {owner}")
    await attached.execute("insert into public.rfq_requests (message) values ('m')")
    await attached.execute("reset session authorization")
    assert await attached.fetchval("select count(*) from ai.outbox") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("drop column id", "no column id of type uuid"),
        ("drop column id, add column id bigint", "no column id of type uuid"),
        ("drop column message", "no column message of type text"),
        ("drop column message, add column message jsonb", "no column message of type text"),
        (
            "rename to kept_elsewhere; create view public.rfq_requests as select * from public.kept_elsewhere",
            "not a table",
        ),
    ],
)
async def test_a_table_that_can_not_serve_is_refused_with_a_remedy_and_nothing_is_changed(attached, change, message):
    await attached.execute(f"alter table public.rfq_requests {change}")

    with pytest.raises(
        RfqflowError, match=rf"^attach/10_check\.sql: public\.rfq_requests .*{message}.*rfqflow (finds|enriches|needs)"
    ):
        await migrate.migrate(attached)

    assert await _nothing_of_ours(attached)


async def test_psql_refuses_what_migrate_refuses(psql, repository, attached, empty_database):
    await attached.execute("alter table public.rfq_requests drop column message")

    done = run_psql(psql, empty_database, repository / "sql" / "install.sql")

    assert done.returncode != 0
    assert "no column message of type text" in done.stderr
    assert await _nothing_of_ours(attached)


@pytest.mark.parametrize("right", ["on the database", "on the schema public"])
async def test_a_role_that_may_not_create_is_told_so_and_nothing_is_changed(make_role, empty_database, right):
    role = await make_role()
    conn = await connect(empty_database)
    name = await conn.fetchval("select current_database()")
    await conn.execute("revoke create on schema public from public")
    await conn.execute(
        f"grant create on schema public to {role}"
        if right == "on the database"
        else f"grant create on database {name} to {role}"
    )
    await conn.execute(f"set session authorization {role}")

    with pytest.raises(
        RfqflowError,
        match=r"has CREATE on it" if right == "on the database" else rf"grant create on schema public to {role}",
    ):
        await migrate.migrate(conn)

    assert await _nothing_of_ours(conn)
    conn.terminate()


# House rules, asked of the catalogs.

OURS = "n.nspname = 'ai'"


async def test_every_object_of_ours_has_a_comment(db):
    # Of a partition the table itself is enough: its columns, checks and indexes are the trail's.
    bare = await db.fetch(
        f"""
        select 'schema object' as kind, c.oid::regclass::text as name from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where {OURS} and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and obj_description(c.oid, 'pg_class') is null
          -- the sequence of an identity column is a part of it
          and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i'
            and c.relkind = 'S')
        union all
        select 'column', c.oid::regclass || '.' || a.attname from pg_attribute a
        join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        where {OURS} and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped and a.attinhcount = 0
          and not c.relispartition and col_description(c.oid, a.attnum) is null
          and c.oid <> 'ai.rfqs'::regclass  -- the application's columns, under the names they have there
        union all
        select 'column of the application''s table', a.attname from pg_attribute a
        where a.attrelid = 'public.rfq_requests'::regclass and a.attnum > 0 and not a.attisdropped
          and col_description(a.attrelid, a.attnum) is null
        union all
        select 'index', i.indexrelid::regclass::text from pg_index i
        join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
        where {OURS} and not c.relispartition and obj_description(i.indexrelid, 'pg_class') is null
          and not exists (select from pg_constraint x where x.conindid = i.indexrelid)
        union all
        select 'constraint', x.conrelid::regclass || '.' || x.conname from pg_constraint x
        join pg_namespace n on n.oid = x.connamespace
        where {OURS} and x.contype in ('c', 'u', 'x', 'f') and x.coninhcount = 0 and obj_description(x.oid, 'pg_constraint') is null
        union all
        select 'function', p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where {OURS} and obj_description(p.oid, 'pg_proc') is null
        union all
        select 'trigger', t.tgrelid::regclass || '.' || t.tgname from pg_trigger t
        where not t.tgisinternal and t.tgname like 'rfqflow%' and obj_description(t.oid, 'pg_trigger') is null
        """
    )

    assert [tuple(row) for row in bare] == []


async def test_every_function_of_ours_pins_its_search_path_and_is_nobodys_to_execute_unasked(db):
    loose = await db.fetch(
        f"""
        select p.oid::regprocedure::text as function, 'does not pin search_path' as fault from pg_proc p
        join pg_namespace n on n.oid = p.pronamespace
        where {OURS} and not coalesce(p.proconfig, '{{}}') @> array['search_path=pg_catalog, pg_temp']
        union all
        select p.oid::regprocedure::text, 'can be executed by everybody' from pg_proc p
        join pg_namespace n on n.oid = p.pronamespace
        where {OURS} and exists (
          select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)
        """
    )

    assert [tuple(row) for row in loose] == []
    assert (
        await db.fetchval(f"select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where {OURS}")
        > 30
    )


async def test_nobody_but_the_owner_and_our_roles_has_any_right_in_the_schema(db):
    granted = await db.fetch(
        f"""
        select c.oid::regclass::text as object, coalesce(g.rolname, 'PUBLIC') as grantee, a.privilege_type
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        cross join lateral aclexplode(c.relacl) a left join pg_roles g on g.oid = a.grantee
        where {OURS} and a.grantee <> c.relowner
        union all
        select 'schema ai', coalesce(g.rolname, 'PUBLIC'), a.privilege_type
        from pg_namespace n cross join lateral aclexplode(n.nspacl) a left join pg_roles g on g.oid = a.grantee
        where {OURS} and a.grantee <> n.nspowner
        """
    )

    assert {row["grantee"] for row in granted} == {"rfqflow_worker", "rfqflow_reader"}
    assert {row["privilege_type"] for row in granted} == {"SELECT", "USAGE"}
    assert not {row["object"] for row in granted} & {"ai.rfqs", "ai.outbox", "ai.rag_runs"}


async def test_the_worker_role_can_touch_no_column_of_an_rfq(make_role, db):
    role = await make_role()
    await db.execute("insert into public.rfq_requests (message) values ('m')")
    await db.execute(f"grant rfqflow_worker to {role}; set session authorization {role}")

    for statement in (
        "select message from public.rfq_requests",
        "update public.rfq_requests set message = 'x'",
        "update ai.rfqs set message = 'x'",
        "delete from ai.outbox",
        "insert into ai.rag_runs (rfq_id, attempt, status) values (gen_random_uuid(), 1, 'succeeded')",
        "update ai.policy set value = '\"paused\"' where key = 'mode'",
        "select ai.enqueue_rfqs('{}'::uuid[])",
        "select ai.rebuild_notify_function(null)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(statement)
    assert len(await db.fetch("select * from ai.claim_outbox(1, 1, 1, '60 s', 0)")) == 1
