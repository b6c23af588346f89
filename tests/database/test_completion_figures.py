"""What a finish records for the figures: when an RFQ was submitted, how long it took, and its first final status."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from rfqflow.core.errors import ErrorClass
from tests.support.worker_harness import Scripted, ended, insert, now, working

# The finish recognises an RFQ's first run by its attempt alone.


async def runs(db: asyncpg.Connection, message: str) -> list[dict[str, Any]]:
    rows = await db.fetch(
        "select u.*, r.created_at as rfq_created_at from ai.rag_runs u join public.rfq_requests r on r.id = u.rfq_id "
        "where r.message = $1 order by u.run_id",
        message,
    )
    return [dict(row) for row in rows]


async def drain(dsn: str, provider: Scripted) -> None:
    async with working(dsn, provider, drain=True, alone=True):
        pass


async def test_each_final_status_is_recorded_once_with_the_time_of_submission(database, db):
    await insert(db, "fine", "hopeless")
    await db.execute("insert into public.rfq_requests (message, metadata) values ('no', '{\"ai_opt_out\": true}')")
    provider = Scripted()
    provider.behaviours["hopeless"] = ErrorClass.REFUSAL
    await drain(database, provider)

    for message, end in (("fine", "done"), ("hopeless", "failed"), ("no", "skipped")):
        (run,) = await runs(db, message)
        assert run["end_status"] == end
        assert run["submitted_at"] == run["rfq_created_at"]
        assert 0 <= run["submit_ms"] < 5000

    card = await db.fetchrow("select * from ai.scorecard")
    assert (card["rfqs"], card["skipped"], card["enrichment_rate"]) == (3, 1, pytest.approx(1 / 3))
    assert card["submit_p95_ms"] is not None
    assert 0 < card["p50_ms"] < 60_000


async def test_a_retry_is_not_final_and_submission_counts_once(database, db, until):
    for key in ("retry_base_seconds", "retry_cap_seconds"):
        await db.execute("select ai.set_policy($1, '0.01')", key)
    await insert(db, "again")
    provider = Scripted()
    provider.behaviours["again"] = [ErrorClass.TIMEOUT, ErrorClass.TIMEOUT, None]
    async with working(database, provider):
        await until(ended(db, 1))

    found = await runs(db, "again")
    assert [run["end_status"] for run in found] == [None, None, "done"]
    assert [run["submit_ms"] is not None for run in found] == [True, False, False]
    assert await db.fetchval("select sum(submitted) from ai.metrics_daily") == 1


async def test_a_deferral_is_not_final(database, db, until):
    await db.execute("select ai.set_policy('defer_seconds', '0.02')")
    await insert(db, "later")
    provider = Scripted()
    provider.behaviours["later"] = [ErrorClass.CONNECTION, None]
    async with working(database, provider):
        await until(ended(db, 1))

    found = await runs(db, "later")
    assert [run["end_status"] for run in found] == [None, "done"]
    assert [run["submit_ms"] is not None for run in found] == [True, False]


@pytest.mark.parametrize("again", ["forced", "edited", "redriven"])
async def test_later_ends_do_not_count_again(database, db, until, again):
    await insert(db, "m")
    provider = Scripted()
    if again == "redriven":
        provider.behaviours["m"] = [ErrorClass.REFUSAL, None]
    await drain(database, provider)
    if again == "edited":
        await db.execute("update public.rfq_requests set message = 'n'")
    else:
        await db.execute("select ai.rerun_rfq(id, true) from public.rfq_requests")
    async with working(database, provider):
        await until(now(lambda: len(provider.calls) == 2))
        await until(ended(db, 1))

    found = await runs(db, "n" if again == "edited" else "m")
    assert [run["end_status"] for run in found] == ["failed" if again == "redriven" else "done", None]
    assert await db.fetchval("select rfqs from ai.scorecard") == 1


@pytest.mark.parametrize("again", ["rerun", "edited", "redriven", "deferred", "deferred, then rerun"])
async def test_later_ends_do_not_count_again_even_if_the_first_run_has_been_archived(database, db, until, again):
    await insert(db, "m")
    provider = Scripted()
    first = ErrorClass.REFUSAL if again == "redriven" else None
    provider.behaviours["m"] = [first, *([ErrorClass.RATE_LIMIT] if "deferred" in again else []), None]
    await drain(database, provider)
    await db.execute("delete from ai.rag_runs")
    if again == "edited":
        await db.execute("update public.rfq_requests set message = 'n'")
    elif again == "redriven":
        await db.execute("select ai.retry_discarded()")
    else:
        await db.execute("select ai.rerun_rfq(id, true) from public.rfq_requests")
    if "deferred" in again:
        await drain(database, provider)
        assert await db.fetchval("select ai_status from public.rfq_requests") == "deferred"
        if "rerun" in again:
            await db.execute("select ai.rerun_rfq(id, true) from public.rfq_requests")
        else:
            await db.execute("update ai.outbox_deferred set due_at = now()")
    async with working(database, provider):
        await until(ended(db, 1))
        await until(now(lambda: len(provider.calls) == 2 + ("deferred" in again)))
        await until(now(lambda: provider.in_flight == 0))

    found = await runs(db, "n" if again == "edited" else "m")
    assert found[-1]["status"] == "succeeded"
    assert {run["end_status"] for run in found} == {None}


async def test_an_rfq_older_than_the_installation_ends_without_an_age_in_the_figures(database, db, until):
    await db.execute("set session_replication_role = replica")
    await db.execute(
        "insert into public.rfq_requests (message, created_at, ai_status) values ('old', now() - interval '1 year', null)"
    )
    await db.execute("set session_replication_role = origin")
    await db.execute("select ai.backfill_rfqs(10, null, null, 60000)")
    async with working(database, Scripted()):
        await until(ended(db, 1))

    (run,) = await runs(db, "old")
    assert (run["end_status"], run["submitted_at"], run["submit_ms"]) == ("done", None, None)
    card = await db.fetchrow("select rfqs, p99_ms from ai.scorecard")
    assert tuple(card) == (1, None)


async def test_an_edit_during_the_first_call_is_one_submission(database, db, until):
    await insert(db, "m")
    provider, answered = Scripted(), asyncio.Event()
    provider.behaviours["m"] = answered
    async with working(database, provider):
        await until(now(lambda: provider.in_flight == 1))
        await db.execute("update public.rfq_requests set message = 'n'")
        answered.set()
        await until(ended(db, 1))

    found = await runs(db, "n")
    assert [(run["status"], run["end_status"]) for run in found] == [("superseded", None), ("succeeded", "done")]
    assert await db.fetchval("select sum(submitted) from ai.metrics_daily") == 1


async def test_a_lost_run_leaves_the_submission_figure_to_the_next_run(database, db, until):
    await insert(db, "m")
    worker = await db.fetchval("select ai.register_worker('h', 1, '1', 'rules', 'rules', 4, false)")
    await db.fetch("select ai.claim_outbox($1, 100, 1, '1 ms')", worker)
    async with working(database, Scripted()):
        await until(ended(db, 1))

    found = await runs(db, "m")
    assert [(run["status"], run["end_status"], run["submit_ms"] is not None) for run in found] == [
        ("lost", None, False), ("succeeded", "done", True)
    ]  # fmt: skip
