"""How the daemon's process ends: exit codes, one clear line, and a stop while the database is unreachable."""

import json
import signal

import pytest
from chaos.links import Link

from tests.support.daemon import ForkedProcess, Process
from tests.support.model_server import ModelServer
from tests.support.proxy import Proxy

SLOW = {"RFQFLOW_CALL_DEADLINE_SECONDS": "2", "RFQFLOW_LEASE_SECONDS": "30"}


def one_line(daemon: Process) -> str:
    """The standard error of the process, which must be one line without a traceback."""
    (said,) = daemon.noise
    assert said.startswith("rfqflow: ")
    assert "Traceback" not in daemon.text
    return said


async def test_a_missing_database_url_is_a_usage_error_that_names_the_ways_to_set_one():
    async with Process("run") as daemon:
        assert await daemon.exit_code(20) == 2
    assert "RFQFLOW_DATABASE_URL" in one_line(daemon)


async def test_an_unreachable_database_is_exit_code_3_and_the_password_stays_secret():
    dsn = "postgresql://somebody:hunter2@127.0.0.1:1/nowhere"
    async with Process("run", RFQFLOW_DATABASE_URL=dsn) as daemon:
        assert await daemon.exit_code(20) == 3
    assert "127.0.0.1" in one_line(daemon)
    assert "hunter2" not in daemon.text


@pytest.mark.parametrize("command", [("status",), ("policy",), ("run", "--drain")])
async def test_a_database_that_vanishes_midway_is_one_line_and_exit_code_3(database, command):
    """At any point of the protocol. A daemon that has begun continues by itself."""
    ends = set()
    async with Link.before(database) as link:
        for number, count in enumerate((400, 900, 1400, 2200, 3500, 5000, 9000)):
            link.cut_after(count)
            async with ForkedProcess(*command, RFQFLOW_DATABASE_URL=link.dsn) as process:
                ends.add(code := await process.exit_code(30))
            assert code in (0, 3), (number, process.text)
            assert "Traceback" not in process.text
            if code == 3:
                assert "database" in process.noise[-1]
            link.disarm()
        assert link.cuts > 2
    assert 3 in ends


async def test_a_database_that_is_not_migrated_is_exit_code_1_with_the_remedy(empty_database):
    async with Process("run", RFQFLOW_DATABASE_URL=empty_database) as daemon:
        assert await daemon.exit_code(20) == 1
    assert "rfqflow migrate" in one_line(daemon)


async def test_a_refusal_of_an_rfqflow_function_keeps_its_message(database):
    async with Process("erase", "", "--yes", RFQFLOW_DATABASE_URL=database) as process:
        assert await process.exit_code(20) == 1
    assert one_line(process).strip() == "rfqflow: no e-mail address given. Pass the person's e-mail address."


async def test_settings_that_cannot_work_are_reported_all_at_once(database):
    wrong = {"RFQFLOW_LEASE_SECONDS": "0", "RFQFLOW_POLL_SECONDS": "7000"}
    async with Process("run", RFQFLOW_DATABASE_URL=database, **wrong) as daemon:
        assert await daemon.exit_code(20) == 2
    said = one_line(daemon)
    assert "RFQFLOW_LEASE_SECONDS" in said
    assert "RFQFLOW_POLL_SECONDS" in said


async def test_a_lease_that_a_call_could_outlive_is_refused(database):
    async with Process("run", RFQFLOW_DATABASE_URL=database, RFQFLOW_LEASE_SECONDS="24") as daemon:
        assert await daemon.exit_code(20) == 2
    said = one_line(daemon)
    assert "RFQFLOW_LEASE_SECONDS (24) must be at least 25, the shortest deadline of a call (20, or" in said
    assert "RFQFLOW_CALL_DEADLINE_SECONDS" in said


async def test_a_drain_reports_how_many_ended_and_how_many_wait_until_when(database, db):
    await db.execute(
        "insert into public.rfq_requests (message) select 'We need 5 pumps ' || g from generate_series(1, 3) g"
    )
    later = await db.fetchval("insert into public.rfq_requests (message) values ('later') returning id")
    await db.execute(
        "with moved as (delete from ai.outbox where rfq_id = $1 returning *) "
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "select rfq_id, enqueued_at, '2099-01-02 03:04:05Z', 0, 'quota' from moved",
        later,
    )
    async with ForkedProcess("run", "--drain", RFQFLOW_DATABASE_URL=database) as daemon:
        assert await daemon.exit_code(20) == 0

    assert daemon.noise == ["drained: 3 finished, 1 waiting, the next until 2099-01-02 03:04:05 UTC\n"]


@pytest.mark.parametrize("listen", ["auto", "off"])
async def test_a_stop_while_the_database_is_unreachable_is_quick_if_nothing_is_held(database, db, listen):
    async with (
        Proxy.before(database) as link,
        ForkedProcess("run", RFQFLOW_DATABASE_URL=link.dsn, RFQFLOW_LISTEN=listen) as daemon,
    ):
        await daemon.until_event("worker.registered")
        link.refusing = True
        link.cut()
        await daemon.until_event("worker.registration_failed")
        daemon.send(signal.SIGTERM)
        assert await daemon.exit_code(20) == 0


async def test_a_stop_while_the_database_is_unreachable_with_unrecorded_results_ends_with_1_and_says_so(database, db):
    async with Proxy.before(database) as link, ModelServer(default="delayed_ok:1") as server:
        more = {**SLOW, "RFQFLOW_PROVIDER": "openai", "OPENAI_BASE_URL": server.url}
        async with ForkedProcess("run", RFQFLOW_DATABASE_URL=link.dsn, RFQFLOW_LISTEN_URL=database, **more) as daemon:
            await daemon.until_event("worker.registered")
            await db.execute("insert into public.rfq_requests (message) values ('We need 5 pumps')")
            await server.received(1)
            link.refusing = True
            link.cut()
            daemon.send(signal.SIGTERM)
            assert await daemon.exit_code(20) == 1  # 2 s for the call, 5 s for the result, then it gives up
    assert "could not be saved" in one_line(daemon)
    assert daemon.events("worker.shutdown_incomplete")


async def test_a_stop_during_an_outage_that_ends_in_time_records_everything(database, db):
    async with Proxy.before(database) as link, ModelServer(default="delayed_ok:0.5") as server:
        more = {**SLOW, "RFQFLOW_PROVIDER": "openai", "OPENAI_BASE_URL": server.url}
        async with ForkedProcess("run", RFQFLOW_DATABASE_URL=link.dsn, RFQFLOW_LISTEN_URL=database, **more) as daemon:
            await daemon.until_event("worker.registered")
            await db.execute("insert into public.rfq_requests (message) values ('We need 5 pumps')")
            await server.received(1)
            link.refusing = True
            link.cut()
            daemon.send(signal.SIGTERM)
            await daemon.until_event("database.error")
            link.refusing = False
            assert await daemon.exit_code(20) == 0
    assert await db.fetchval("select ai_status from public.rfq_requests") == "done"


async def test_the_log_is_json_without_message_text_or_address(database, db):
    await db.execute(
        "insert into public.rfq_requests (name, email, phone, message) "
        "values ('Zanzibar Quux', 'zanzibar@example.org', '+49 555 0199', 'We need 20 xyzzy pumps')"
    )
    async with ForkedProcess("run", "--drain", RFQFLOW_DATABASE_URL=database, RFQFLOW_PII_PEPPER="pepper") as daemon:
        assert await daemon.exit_code(20) == 0

    assert daemon.noise == ["drained: 1 finished\n"]
    (run,) = daemon.events("run.done")
    assert len(run["email_hash"]) == 32
    text = json.dumps(daemon.lines).casefold() + "".join(daemon.noise).casefold()
    for secret in ("zanzibar", "quux", "example.org", "0199", "xyzzy"):
        assert secret not in text
