"""Any row that a role with INSERT writes harms its own RFQ alone: the others finish, the daemon runs and reports it."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.daemon import ForkedProcess, eventually
from tests.support.http_client import ask
from tests.support.mapped_tables import rfqflow

if TYPE_CHECKING:
    import asyncpg

pytestmark = pytest.mark.timeout(180)
GOOD = "We need 12 centrifugal pumps DN100, stainless steel, delivery to Hamburg in May. Please quote."
# By name: the columns besides the message, each as an SQL expression.
ROWS = {
    "an integer of 5,000 digits": {"metadata": "('{\"n\": ' || repeat('7', 5000) || '}')::jsonb"},
    "an integer of 5,000 digits where a number is looked for": {
        "metadata": "('{\"form_seconds\": ' || repeat('7', 5000) || '}')::jsonb"
    },
    "a number that is written out in 130,000 digits": {"metadata": "'{\"form_seconds\": 1e130000}'::jsonb"},
    "nesting that Python does not follow": {"metadata": "(repeat('[', 3000) || repeat(']', 3000))::jsonb"},
    "nesting in a known key": {"metadata": "('{\"honeypot\": ' || repeat('[', 2000) || repeat(']', 2000) || '}')::jsonb"},
    "numbers that are more than 1 GB as text": {
        "metadata": "jsonb_build_object('honeypot', (select jsonb_agg(1e130000::numeric) from generate_series(1, 9000)))"
    },
    "metadata that is a number": {"metadata": "'5'::jsonb"},
    "metadata that is a list of known keys": {"metadata": "'[\"ai_opt_out\", \"honeypot\"]'::jsonb"},
    "known keys of other types": {
        "metadata": "'{\"ai_opt_out\": {\"a\": []}, \"honeypot\": [], \"form_seconds\": \"x\", \"traceparent\": [1]}'::jsonb"
    },
    "a traceparent of 1 MB": {"metadata": "jsonb_build_object('traceparent', repeat('0', 1000000))"},
    "a time without end": {"created_at": "'infinity'"},
    "a time without beginning": {"created_at": "'-infinity'"},
    "the last year there is": {"created_at": "'294276-12-31 23:59:59+00'"},
    "a year before Christ": {"created_at": "'4713-01-01 BC'"},
    "a request_id that no index holds": {"request_id": "(select string_agg(md5(g::text), '') from generate_series(1, 400) g)"},
    "a request_id of signs that steer": {"request_id": "E'\\n\\r\\x1b[31m\\u202e' || chr(127) || U&'\\FFFE'"},
    "an address of 1 MB": {"email": "repeat('a', 1000000) || '@example.com'"},
    "a company of 2 MB": {"company": "repeat('Ü', 1000000)"},
    "a name of 1 MB": {"name": "repeat(U&'\\0301', 500000)"},
    "a phone of 1 MB": {"phone": "repeat('+', 1000000)"},
    "an address of another family": {"source_ip": "'fe80::1/10'"},
    "an opt-out beside 1 MB": {"metadata": "jsonb_build_object('ai_opt_out', true, 'x', repeat('y', 1000000))"},
}  # fmt: skip


async def add(db: asyncpg.Connection, columns: dict[str, str], message: str = GOOD) -> str:
    names = ", ".join(columns)
    found: str = await db.fetchval(
        f"insert into public.rfq_requests (message, {names}) values ($1, {', '.join(columns.values())}) returning id::text",
        message,
    )
    return found


@pytest.fixture
async def daemon(database: str):
    async with ForkedProcess("run", RFQFLOW_DATABASE_URL=database, RFQFLOW_CONCURRENCY="40") as running:
        await running.until_event("worker.registered")
        yield running


async def pending(db: asyncpg.Connection) -> int:
    found: int = await db.fetchval(
        "select count(*) from public.rfq_requests where ai_status in ('pending', 'deferred')"
    )
    return found


@pytest.mark.fault("R1")
async def test_each_poison_row_ends_and_its_neighbours_are_done(db, daemon):
    for number, columns in enumerate(ROWS.values()):
        await add(db, columns, f"{GOOD} Our number is {number}.")
        await db.execute("insert into public.rfq_requests (message) values ($1)", f"{GOOD} Ordinary {number}.")
    await eventually(lambda: pending(db), lambda left: left == 0, seconds=60)
    ends = await db.fetch("select ai_status, ai_reason, message from public.rfq_requests")
    assert [row for row in ends if "Ordinary" in row["message"] and row["ai_status"] != "done"] == []
    poisoned = {row["message"]: (row["ai_status"], row["ai_reason"]) for row in ends if "Our number" in row["message"]}
    reported = dict(zip(ROWS, (poisoned[f"{GOOD} Our number is {n}."] for n in range(len(ROWS))), strict=True))
    assert reported.pop("an opt-out beside 1 MB") == ("skipped", "opted_out")
    assert set(reported.values()) == {("done", None)}
    assert daemon.process.returncode is None
    assert len(daemon.lines) < 400
    assert await db.fetchval("select max(length(request_id)) from ai.rag_runs") <= 200
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0


@pytest.mark.fault("R1")
async def test_an_unreadable_row_fails_alone_and_is_reported(db, daemon):
    """In place of broken storage: a column that raises for one value."""
    await db.execute("create type public.brittle as (value text)")
    await db.execute(
        "create function public.tell(b public.brittle) returns text language plpgsql as "
        "$$ begin if b.value = 'bad' then raise exception 'broken' using errcode = 'XX001'; end if; return b.value; end $$"
    )
    await db.execute("create cast (public.brittle as text) with function public.tell(public.brittle)")
    await db.execute(
        "alter table public.rfq_requests alter column company type public.brittle using row(company)::public.brittle"
    )
    await db.execute("set session_replication_role = replica")  # all in one claim
    for n in range(9):
        await db.execute(
            "insert into public.rfq_requests (message, company) values ($1, row($2)::public.brittle)",
            f"{GOOD} Number {n}.", "bad" if n == 4 else "good",
        )  # fmt: skip
    await db.execute("set session_replication_role = origin")
    await db.execute("insert into ai.outbox (rfq_id) select id from public.rfq_requests order by message")
    await eventually(lambda: pending(db), lambda left: left == 0, seconds=30)
    rows = await db.fetch("select id, ai_status, ai_reason from public.rfq_requests order by message")
    assert [tuple(row)[1:] for row in rows] == [
        ("failed", "unreadable") if n == 4 else ("done", None) for n in range(9)
    ]
    dead = await db.fetchrow("select * from ai.outbox_dead")
    assert (dead["rfq_id"], dead["reason"], dead["error_class"]) == (rows[4]["id"], "unreadable", "unreadable")
    run = await db.fetchrow(
        "select status, reason, error_class, content_sha256 from ai.rag_runs where rfq_id = $1", rows[4]["id"]
    )
    assert tuple(run)[:3] == ("failed", "unreadable", "unreadable")
    line = await daemon.until_event("rfq.unreadable")
    assert (line["rfq_id"], line["sqlstate"]) == (str(rows[4]["id"]), "XX001")
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 0
    # After the repair, it is enriched like any other.
    await db.execute(
        "update public.rfq_requests set company = row('good')::public.brittle where id = $1", rows[4]["id"]
    )
    await db.execute("select ai.retry_discarded(array[$1::uuid])", rows[4]["id"])
    await eventually(
        lambda: db.fetchval("select ai_status from public.rfq_requests where id = $1", rows[4]["id"]),
        lambda s: s == "done",
    )


def peak_megabytes(pid: int) -> float:
    """The peak memory of the process."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


@pytest.mark.fault("R1")
async def test_messages_of_60_mb_take_no_memory_and_delay_no_other(db, daemon):
    await add(db, {"email": "'first@example.com'"})
    await eventually(lambda: pending(db), lambda left: left == 0)
    before = peak_megabytes(daemon.process.pid)
    await db.execute("set session_replication_role = replica")
    await db.execute(
        "insert into public.rfq_requests (message) select $1 || g || repeat(' pump', 12000000) || ' end' from generate_series(1, 3) g",
        GOOD,
    )
    await db.execute(
        "insert into public.rfq_requests (message) select $1 || g || repeat(' valve', 1600000) from generate_series(1, 8) g",
        GOOD,
    )
    await db.execute("set session_replication_role = origin")
    # A sweep may have found them already.
    await db.execute(
        "insert into ai.outbox (rfq_id) select id from public.rfq_requests where ai_status = 'pending' on conflict do nothing"
    )
    small = await add(db, {"email": "'last@example.com'"})
    status = "select ai_status from public.rfq_requests where id = $1::uuid"
    await eventually(lambda: db.fetchval(status, small), lambda now: now == "done", seconds=90)
    left = await pending(db)
    await eventually(lambda: pending(db), lambda now: now == 0, seconds=90)
    assert left > 0, "the small one waited for all of the others"
    assert peak_megabytes(daemon.process.pid) < before + 150
    assert await db.fetchval("select count(*) from public.rfq_requests where ai_status <> 'done'") == 0
    # The hash is that of the whole text, though only a part of it was read.
    assert await db.fetchval(
        "select count(*) from ai.rag_runs u join public.rfq_requests r on r.id = u.rfq_id "
        "where u.content_sha256 <> sha256(convert_to(r.message, 'UTF8'))"
    ) == 0  # fmt: skip


async def test_a_claim_that_fails_costs_no_result_and_is_reported(database, db):
    """The claim's own function is broken, as by a migration that was stopped half-way."""
    async with ForkedProcess("run", "--http", "127.0.0.1:0", RFQFLOW_DATABASE_URL=database) as daemon:
        await daemon.until_event("worker.registered")
        url = (await daemon.until_event("http.listening"))["url"]
        body = await db.fetchval("select pg_get_functiondef('ai.read_rfqs'::regproc)")
        head = body[: body.index("AS $function$")]
        await db.execute(head + "as $$ begin perform 1 from ai.gone; end $$")
        rfq_id = await add(db, {"email": "'ada@example.com'"})
        line = await daemon.until_event("claims.failing")
        assert line["sqlstate"] == "42P01"
        failing = "select claims_sqlstate from ai.worker_status where claims_failing_seconds is not null"
        assert await eventually(lambda: db.fetchval(failing)) == "42P01"
        answer = await ask(url + "/readyz")
        assert (answer.status, answer.json["claims"]["sqlstate"]) == (200, "42P01")
        await eventually(lambda: metric(url, "rfqflow_claims_failing_seconds"), lambda seconds: seconds is not None)
        found = await doctor(database)
        assert any("have failed since" in one["what"] and one["level"] == "fail" for one in found)
        assert await db.fetchval("select count(*) from ai.outbox_dead") == 0
        await db.execute(body)
        await eventually(
            lambda: db.fetchval("select ai_status from public.rfq_requests where id = $1::uuid", rfq_id),
            lambda now: now == "done", seconds=20,
        )  # fmt: skip
        await eventually(lambda: db.fetchval(failing), lambda code: code is None)
        assert (await ask(url + "/readyz")).json["claims"] == {"ok": True}
        assert len(daemon.events("claims.failing")) < 5


async def test_a_worker_that_lost_its_number_while_claims_fail_continues_and_can_be_stopped(database, db):
    """Claims fail, then the session is lost and no number is free.

    The loop has nothing to do, and must let other tasks run.
    """
    async with ForkedProcess("run", RFQFLOW_DATABASE_URL=database) as daemon:
        await daemon.until_event("worker.registered")
        await db.execute("alter function ai.finish_and_claim rename to gone_claim; "
                         "alter function ai.claim_outbox rename to gone_claims")  # fmt: skip
        rfq_id = await add(db, {"email": "'ada@example.com'"})
        await daemon.until_event("claims.failing")
        await db.execute("alter function ai.register_worker rename to gone_worker")
        await db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'rfqflow doorbell' and datname = current_database()"
        )
        assert await daemon.until_event("worker.registration_failed", times=4)  # seconds: claims are due again
        await db.execute("alter function ai.gone_worker rename to register_worker; "
                         "alter function ai.gone_claim rename to finish_and_claim; "
                         "alter function ai.gone_claims rename to claim_outbox")  # fmt: skip
        await eventually(
            lambda: db.fetchval("select ai_status from public.rfq_requests where id = $1::uuid", rfq_id),
            lambda now: now == "done", seconds=30,
        )  # fmt: skip


async def metric(url: str, name: str) -> float | None:
    found = re.search(rf"^{name} (\S+)", (await ask(url + "/metrics")).text, re.MULTILINE)
    return float(found[1]) if found else None


async def doctor(database: str) -> list[dict[str, str]]:
    reported = await asyncio.to_thread(rfqflow, "doctor", "--json", dsn=database)
    found: list[dict[str, str]] = json.loads(reported.stdout)["findings"]
    return found


@pytest.mark.parametrize(
    ("step", "function"),
    [("enqueue_missed", "ai.enqueue_missed(integer)"), ("wake_missed_deferred", "ai.wake_missed_deferred()")],
)
async def test_a_failing_step_of_the_heartbeat_stops_no_other_and_is_reported(db, daemon, database, step, function):
    body = await db.fetchval(f"select pg_get_functiondef('{function}'::regprocedure)")
    kept = body.index("AS $function$")
    await db.execute(body[:kept] + "AS $function$ begin raise division_by_zero; end $function$")
    await db.execute("insert into ai.outbox_missed (rfq_id, sqlstate) values (gen_random_uuid(), '55P03')")
    line = await daemon.until_event("heartbeat.step_failed")
    assert (line["step"], line["sqlstate"]) == (step, "22012")
    rfq_id = await add(db, {"email": "'ada@example.com'"})
    status = "select ai_status from public.rfq_requests where id = $1::uuid"
    await eventually(lambda: db.fetchval(status, rfq_id), lambda now: now == "done")
    # Due RFQs return all the same, by a later step.
    await db.execute("insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, forced, reason) "
                     "values ($1::uuid, now(), now(), 0, true, 'retry')", rfq_id)  # fmt: skip
    await eventually(lambda: db.fetchval("select count(*) from ai.outbox_deferred"), lambda left: left == 0)
    failing = "select is_failing from ai.maintenance_status where step = $1"
    assert await eventually(lambda: db.fetchval(failing, step))
    assert any(step in one["what"] for one in await doctor(database))
    await db.execute(body)
    await daemon.until_event("heartbeat.step_recovered")
    await eventually(lambda: db.fetchval(failing, step), lambda still: still is False)
