"""Two ways to migrate give the same result, and so do two runs. A migration that fails changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from typing import TYPE_CHECKING

import pytest

from rfqflow.core.errors import RfqflowError, SchemaMismatch
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from tests.support.catalogs import assert_alike, everything, run_psql

if TYPE_CHECKING:
    pass


# Two ways to install, and a second run of each.


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


async def test_a_second_run_by_psql_or_migrate_in_any_order_changes_nothing(psql, repository, empty_database):
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
    await conn.execute("update ai.rfqflow_migration set sha256 = repeat('0', 64) where name like 'schema/04%'")
    await conn.close()

    done = run_psql(psql, database, repository / "sql" / "install.sql")

    assert done.returncode != 0
    assert "schema/04_queue.sql has been applied in another version" in done.stderr


def test_install_sql_is_generated_from_the_files_beside_it(repository):
    assert (repository / "sql" / "install.sql").read_text() == migrate.script(inline=False)


def test_the_ledger_names_each_file_with_its_hash(repository):
    for step in migrate.steps():
        assert step.sha256 == hashlib.sha256((repository / "sql" / step.name).read_bytes()).hexdigest()
    on_disk = {str(path.relative_to(repository / "sql")) for path in (repository / "sql").rglob("*.sql")}
    assert on_disk - set(migrate.released_files()) == {
        "install.sql",
        "sample_files.sql",
        "samples.sql",
        "attach/10_check.sql",
        "attach/15_check_attachments.sql",
        "detach.sql",
        "uninstall.sql",
    }


async def test_migrating_twice_changes_nothing(database):
    before = await everything(database)
    conn = await connect(database)
    stamps = await conn.fetch("select name, applied_at from ai.rfqflow_migration order by name")

    assert await migrate.pending(conn) == []
    assert await migrate.migrate(conn) == []

    assert await conn.fetch("select name, applied_at from ai.rfqflow_migration order by name") == stamps
    await conn.close()
    assert_alike(await everything(database), before)


async def test_migrating_again_restores_objects_and_rights_that_others_removed(database):
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


async def test_a_changed_file_that_may_be_applied_again_is_applied(database):
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
    await conn.execute("update ai.rfqflow_migration set sha256 = repeat('0', 64) where name like 'schema/02%'")

    for refused in (migrate.migrate(conn), migrate.pending(conn)):
        with pytest.raises(SchemaMismatch, match=r"schema/02_policy\.sql was applied here in another version"):
            await refused

    await conn.execute(
        "update ai.rfqflow_migration set sha256 = $1 where name like 'schema/02%'",
        next(one.sha256 for one in migrate.steps() if one.name == "schema/02_policy.sql"),
    )
    assert await migrate.migrate(conn) == []
    await conn.close()
    assert_alike(await everything(database), before)


async def test_a_step_that_fails_is_undone_and_named_with_its_remedy_and_the_lock_is_released(
    monkeypatch, empty_database
):
    steps = migrate.steps()
    text = "create table ai.half_made (n int); do $$ begin raise exception 'no' using hint = 'Do this.'; end $$"
    bad = migrate.Step("migrations/0099_bad.sql", text, "0" * 64)
    monkeypatch.setattr(migrate, "steps", lambda: [*steps, bad])
    conn = await connect(empty_database)

    with pytest.raises(RfqflowError, match=r"^migrations/0099_bad\.sql: no \(P0001\)\. Do this\.$"):
        await migrate.migrate(conn)

    assert await conn.fetchval("select to_regnamespace('ai')") is None
    assert (
        await conn.fetchval("select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()") == 0
    )
    await conn.close()


async def test_a_step_that_waited_long_enough_for_a_lock_is_not_repeated_twenty_times(monkeypatch, empty_database):
    steps = migrate.steps()
    text = (
        "do $$ begin perform nextval('public.tries'); "
        "raise exception 'busy' using errcode = 'lock_not_available', hint = 'Wait.'; end $$"
    )
    busy = migrate.Step("migrations/0099.sql", text, "0" * 64)
    monkeypatch.setattr(migrate, "steps", lambda: [*steps, busy])
    conn = await connect(empty_database)
    await conn.execute("create sequence public.tries")

    with pytest.raises(RfqflowError, match=r"busy \(55P03\)\. Wait\."):
        await migrate.migrate(conn)

    assert await conn.fetchval("select last_value from public.tries") == 1
    await conn.close()
