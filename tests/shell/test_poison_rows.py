"""Whatever a role with INSERT can write costs its own RFQ alone: the others are done, the daemon lives, it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from daemon import Process, eventually

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
    async with Process("run", RFQFLOW_DATABASE_URL=database, RFQFLOW_CONCURRENCY="40") as running:
        await running.until_event("worker.registered")
        yield running


async def pending(db: asyncpg.Connection) -> int:
    found: int = await db.fetchval(
        "select count(*) from public.rfq_requests where ai_status in ('pending', 'deferred')"
    )
    return found


async def test_each_of_them_ends_and_those_beside_it_are_done(db, daemon):
    for number, columns in enumerate(ROWS.values()):
        await add(db, columns, f"{GOOD} Our number is {number}.")
        await db.execute("insert into public.rfq_requests (message) values ($1)", f"{GOOD} Ordinary {number}.")
    await eventually(lambda: pending(db), lambda left: left == 0, seconds=60)
    ends = await db.fetch("select ai_status, ai_reason, message from public.rfq_requests")
    assert [row for row in ends if "Ordinary" in row["message"] and row["ai_status"] != "done"] == []
    poisoned = {row["message"]: (row["ai_status"], row["ai_reason"]) for row in ends if "Our number" in row["message"]}
    told = dict(zip(ROWS, (poisoned[f"{GOOD} Our number is {n}."] for n in range(len(ROWS))), strict=True))
    assert told.pop("an opt-out beside 1 MB") == ("skipped", "opted_out")
    assert set(told.values()) == {("done", None)}
    assert daemon.process.returncode is None
    assert len(daemon.lines) < 400
    assert await db.fetchval("select max(length(request_id)) from ai.rag_runs") <= 200
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0


async def test_one_that_can_not_be_read_is_given_up_alone_and_it_is_told(db, daemon):
    """A column that raises for one value stands for storage that is broken: nobody can prepare for it."""
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
    assert await db.fetchval("select ai.sweep_rfqs()") == 0
    # Mended, it is enriched like any other.
    await db.execute(
        "update public.rfq_requests set company = row('good')::public.brittle where id = $1", rows[4]["id"]
    )
    await db.execute("select ai.retry_discarded(array[$1::uuid])", rows[4]["id"])
    await eventually(
        lambda: db.fetchval("select ai_status from public.rfq_requests where id = $1", rows[4]["id"]),
        lambda s: s == "done",
    )
