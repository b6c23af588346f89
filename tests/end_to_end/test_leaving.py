"""Detaching rfqflow from a table, uninstalling it from a database, and what remains."""

from __future__ import annotations

import json

import asyncpg
import pytest

from rfqflow.database import migrate
from rfqflow.database.connection import connect
from tests.support.daemon import ForkedProcess, eventually
from tests.support.mapped_tables import SHAPES, rfqflow, toml

FOREIGN = """
create schema ai;
create table ai.documents_of_theirs (id int primary key, body text);
create function ai.embed(text) returns int language sql as 'select 1';
"""
OURS = """
select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'ai' or c.relname like 'rfqflow%'
union all select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'ai' or p.proname = 'submit_rfq'
union all select t.tgname from pg_trigger t where t.tgname like 'rfqflow%'"""


async def attached_to(dsn: str, name: str, tmp_path) -> asyncpg.Connection:
    shape = SHAPES[name]
    conn = await connect(dsn)
    await conn.execute(shape.ddl)
    file = tmp_path / "mapping.toml"
    file.write_text(toml(shape.mapping))
    done = rfqflow("migrate", "--map", str(file), dsn=dsn)
    assert done.returncode == 0, done.stderr
    return conn


async def done_by_hand(dsn: str) -> None:
    drained = rfqflow("run", "--drain", dsn=dsn)
    assert drained.returncode == 0, drained.stderr


CHANGES = {
    "other names": (
        "alter table public.rfq_requests alter column body type varchar(5000)",
        "alter table public.rfq_requests alter column email type varchar(99)",
    ),
    "a bigint key": (
        'alter table public."Inquiry" alter column "Body" type varchar(5000)',
        'alter table public."Inquiry" alter column "inquiryNo" type integer',
    ),
    "another schema": ("alter table sales.inquiry alter column message type varchar(5000)",),
    "answers apart": ("alter table sales.inquiry alter column message type varchar(5000)",),
    "a bigint key, answers apart": (
        "alter table sales.inquiry alter column body type varchar(5000)",
        "alter table sales.inquiry alter column no type integer",
    ),
}


@pytest.mark.parametrize("name", SHAPES)
async def test_a_detached_table_can_be_changed_and_rfqs_inserted_meanwhile_are_enriched_once(
    name, empty_database, tmp_path
):
    shape = SHAPES[name]
    conn = await attached_to(empty_database, name, tmp_path)
    await conn.execute(shape.insert(), "We need 5 pallets of steel pipes by March, please quote.")
    await done_by_hand(empty_database)
    with pytest.raises(asyncpg.FeatureNotSupportedError, match="cannot alter type of a column used"):
        await conn.execute(CHANGES[name][0])

    off = rfqflow("detach", "--yes", dsn=empty_database)
    assert off.returncode == 0, off.stderr
    assert f"detached from {shape.table}" in off.stdout
    for change in CHANGES[name]:
        await conn.execute(change)
    await conn.execute(shape.insert(), "Please quote 40 ball valves DN50, delivery to Hamburg.")
    await conn.execute(shape.insert(), "Please quote 12 gate valves DN80, delivery to Bremen.")
    on = rfqflow("migrate", dsn=empty_database)
    assert on.returncode == 0, on.stderr
    await done_by_hand(empty_database)

    answers = await conn.fetch(f"select ai_status from {shape.answers}")
    assert [row[0] for row in answers] == ["done"] * 3
    assert await conn.fetchval("select count(*) from ai.rag_runs where status = 'succeeded'") == 3
    assert await conn.fetchval("select state from ai.attachment()") == "attached"
    assert await conn.fetchval("select mode from ai.queue_status") == "on"
    await conn.execute(shape.insert(), "One more request, for 7 flanges, please.")
    assert await conn.fetchval("select count(*) from ai.outbox") == 1
    conn.terminate()


async def test_a_daemon_waits_while_rfqflow_is_detached_and_continues_after_migrate(empty_database):
    conn = await connect(empty_database)
    await migrate.migrate(conn)
    insert = "insert into public.rfq_requests (message) values ('Please quote ' || $1::int || ' ball valves DN50 for Hamburg.')"
    done = "select count(*) from public.rfq_requests where ai_status = 'done'"
    async with ForkedProcess(
        "run", "--http", "127.0.0.1:0", RFQFLOW_DATABASE_URL=empty_database, RFQFLOW_LOG_LEVEL="info"
    ) as daemon:
        await conn.execute(insert, 1)
        await eventually(lambda: conn.fetchval(done), lambda n: n == 1, 20)
        assert rfqflow("detach", "--yes", "--actor", "ada", dsn=empty_database).returncode == 0
        await conn.execute("alter table public.rfq_requests alter column message type varchar(20000)")
        for number in range(2, 5):
            await conn.execute(insert, number)
        # Just before, the trigger could not queue the RFQ and recorded it as missed: the heartbeat must not lose it.
        await conn.execute(
            "insert into ai.outbox_missed (rfq_id, sqlstate) select id, '55P03' from public.rfq_requests "
            "where message like '%4 ball%'"
        )
        beats = "select beat_at from ai.workers"
        since = await conn.fetchval(beats)
        await eventually(lambda: conn.fetchval(beats), lambda at: at > since, 20)
        assert daemon.process.returncode is None
        assert await conn.fetchval("select count(*) from ai.outbox_missed") == 1
        assert len(daemon.events("database.error")) < 5
        status = rfqflow("status", dsn=empty_database)
        assert "detached from public.rfq_requests" in status.stdout
        doctor = rfqflow("doctor", dsn=empty_database)
        assert (doctor.returncode, "detached from public.rfq_requests" in doctor.stdout) == (1, True), doctor.stdout
        show = rfqflow(
            "show", str(await conn.fetchval("select id from public.rfq_requests limit 1")), dsn=empty_database
        )
        assert (show.returncode, "Traceback" in show.stderr) == (1, False), show.stderr
        assert "detached from public.rfq_requests" in show.stderr
        resumed = rfqflow("resume", dsn=empty_database)
        assert (resumed.returncode, "detached" in resumed.stderr) == (1, True), resumed.stderr

        assert rfqflow("migrate", dsn=empty_database).returncode == 0
        await eventually(lambda: conn.fetchval(done), lambda n: n == 4, 30)
        assert await conn.fetchval("select count(*) from ai.rag_runs where status = 'succeeded'") == 4
        lost = [one["scope"] for one in daemon.events("fleet.event") if one["kind"] == "table_lost"]
        assert lost == ["public.rfq_requests"]
    conn.terminate()


async def test_detach_says_what_it_will_do_and_asks(database):
    asked = rfqflow("detach", dsn=database)

    assert asked.returncode == 2
    assert "standard input is not a terminal" in asked.stderr
    assert "detaches from public.rfq_requests" in asked.stderr
    conn = await connect(database)
    assert await conn.fetchval("select state from ai.attachment()") == "attached"
    conn.terminate()


async def test_detach_waits_for_calls_in_flight_and_otherwise_changes_nothing(database):
    conn = await connect(database)
    await conn.execute("insert into public.rfq_requests (message) values ('m')")
    await conn.execute("select ai.claim_outbox(1, 1, 1, '60 s', 0)")

    refused = rfqflow("detach", "--yes", "--wait", "0.3", dsn=database)

    assert (refused.returncode, "1 RFQ(s) are still in flight" in refused.stderr) == (1, True), refused.stderr
    assert await conn.fetchval("select mode from ai.queue_status") == "on"
    assert rfqflow("detach", "--yes", "--wait", "0", dsn=database).returncode == 0
    assert await conn.fetchval("select mode from ai.queue_status") == "detached"
    conn.terminate()


async def test_a_pause_from_before_a_detach_still_holds_after_migrate(database):
    conn = await connect(database)
    await conn.execute("select ai.pause()")
    assert rfqflow("detach", "--yes", dsn=database).returncode == 0
    assert rfqflow("detach", "--yes", dsn=database).returncode == 0  # a second run changes nothing
    assert rfqflow("migrate", dsn=database).returncode == 0

    assert await conn.fetchval("select mode from ai.queue_status") == "paused"
    conn.terminate()


@pytest.mark.parametrize(
    ("name", "answers"), [*((name, "keep") for name in SHAPES), ("a bigint key", "drop"), ("answers apart", "drop")]
)
async def test_uninstall_leaves_the_table_and_the_answers_and_migrate_installs_anew(
    name, answers, empty_database, tmp_path
):
    shape = SHAPES[name]
    conn = await connect(empty_database)
    await conn.execute(FOREIGN)
    conn.terminate()
    conn = await attached_to(empty_database, name, tmp_path)
    foreign = {"ai.documents_of_theirs", "ai.documents_of_theirs_pkey", "ai.embed(text)"}
    for number in range(3):
        await conn.execute(shape.insert(), f"Please quote {number + 4} ball valves DN50 for Hamburg.")
    await done_by_hand(empty_database)

    done = rfqflow("uninstall", "--yes", "--answers", answers, "--json", dsn=empty_database)

    assert done.returncode == 0, done.stderr
    reported = json.loads(done.stdout)
    kept = {"public": "public.rfqflow_answers", "sales": "sales.rfqflow_answers"}[shape.schema]
    left = {row[0] for row in await conn.fetch(OURS)} - foreign
    if answers == "drop":
        assert (reported["answers"], left) == (None, set())
    elif shape.apart:
        assert reported["answers"] == kept
        assert await conn.fetchval(f"select count(*) from {kept} where ai_status = 'done'") == 3
        assert kept in left
    else:
        assert reported["answers"] == shape.table
        assert left == set()
        assert await conn.fetchval(f"select count(*) from {shape.table} where ai_summary <> ''") == 3
    assert await conn.fetchval(f"select count(*) from {shape.table}") == 3
    await conn.execute(shape.insert(), "After it.")
    file = tmp_path / "mapping.toml"
    again = rfqflow("migrate", "--map", str(file), dsn=empty_database)
    assert again.returncode == 0, again.stderr
    await conn.execute(shape.insert(), "Please quote 99 ball valves DN50 for Hamburg.")
    await done_by_hand(empty_database)
    assert await conn.fetchval("select count(*) from ai.rag_runs where status = 'succeeded'") == 1
    assert foreign <= {row[0] for row in await conn.fetch(OURS)}
    conn.terminate()


async def test_uninstall_lists_what_it_removes_and_asks_for_the_databases_name(database):
    name = database.rsplit("/", 1)[1]
    conn = await connect(database)
    await conn.execute("insert into public.rfq_requests (message) values ('m')")

    asked = rfqflow("uninstall", dsn=database)

    assert asked.returncode == 2
    assert f"To be removed from the database {name}" in asked.stderr
    assert "1 RFQs in the queue" in asked.stderr
    assert await conn.fetchval("select state from ai.attachment()") == "attached"
    conn.terminate()


async def test_uninstall_refuses_while_a_daemon_works(database):
    conn = await connect(database)
    await conn.execute("select ai.register_worker('h', 1, 'v', 'rules', 'm', 1, false)")

    refused = rfqflow("uninstall", "--yes", dsn=database)

    assert (refused.returncode, "1 daemon(s) use this database" in refused.stderr) == (1, True), refused.stderr
    assert await conn.fetchval("select state from ai.attachment()") == "attached"
    assert rfqflow("uninstall", "--yes", "--force", dsn=database).returncode == 0
    conn.terminate()


async def test_uninstall_stops_at_objects_that_others_built_on_ours_and_names_them(database):
    conn = await connect(database)
    await conn.execute("create view public.report as select rfq_id, route from ai.rfq_status")

    refused = rfqflow("uninstall", "--yes", dsn=database)

    assert refused.returncode == 1
    assert "public.report" in refused.stderr or "view report" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert rfqflow("migrate", dsn=database).returncode == 0
    await conn.execute("insert into public.rfq_requests (message) values ('m')")
    assert await conn.fetchval("select count(*) from ai.outbox") == 1
    assert await conn.fetchval("select count(*) from public.report") == 1
    conn.terminate()


@pytest.mark.parametrize("command", ["detach", "uninstall"])
async def test_uninstall_reports_that_nothing_is_installed(empty_database, command):
    refused = rfqflow(command, "--yes", dsn=empty_database)

    assert (refused.returncode, "not installed" in refused.stderr) == (1, True), refused.stderr
    assert "Traceback" not in refused.stderr
