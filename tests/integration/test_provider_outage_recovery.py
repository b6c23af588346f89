"""A provider fails, then throttles, then recovers, under several workers: no RFQ is charged, and few calls are made."""

import asyncio
import contextlib
import os
import time
from decimal import Decimal
from itertools import pairwise

from rfqflow.core.errors import CallError, ErrorClass, Usage
from tests.support.worker_harness import Scripted, count, insert_many, now, until, working

RFQS = int(os.environ.get("RFQFLOW_STORM_RFQS", "600"))
WORKERS = 4
RETRY_AFTER = 0.4


class Provider(Scripted):
    """One provider for all workers; its journal has the time of each call."""

    def __init__(self) -> None:
        super().__init__()
        self.mood = "failing"
        self.journal: list[float] = []
        self.answered = 0

    async def complete(self, request):
        self.journal.append(time.monotonic())
        self.in_flight += 1
        try:
            await asyncio.sleep(0.01)
            if self.mood == "failing":
                raise CallError(ErrorClass.PROVIDER_5XX, "as scripted", http_status=500, usage=Usage())
            if self.mood == "throttling":
                raise CallError(ErrorClass.RATE_LIMIT, "as scripted", retry_after_seconds=RETRY_AFTER, usage=Usage())
            self.answered += 1
        finally:
            self.in_flight -= 1
        return await super().complete(request)


async def test_an_outage_costs_no_rfq_an_attempt_and_all_workers_at_most_a_call_per_cool_down(database, db):
    for key, value in {
        "breaker_cooldown_seconds": 0.3, "breaker_cooldown_cap_seconds": 0.6, "recovery_ramp_seconds": 1, "retry_base_seconds": 0.05,
        "defer_seconds": 0.1, "max_attempts": 3,
    }.items():  # fmt: skip
        await db.execute("select ai.set_policy($1, $2)", key, str(value))
    provider = Provider()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(WORKERS):
            await stack.enter_async_context(working(database, provider, poll_seconds=0.2))
        await insert_many(db, RFQS)
        await until(lambda: db.fetchval("select exists (select from ai.events where kind = 'breaker_opened')"))
        await until(now(lambda: provider.in_flight == 0))

        probes, calls = await probes_and_calls(db, provider)
        await asyncio.sleep(2.5)  # the outage continues
        later_probes, later_calls = await probes_and_calls(db, provider)
        assert later_calls - calls <= later_probes - probes + 1
        assert 2 <= later_probes - probes <= 2.5 / 0.27

        provider.mood = "throttling"
        began = len(provider.journal)
        await until(now(lambda: len(provider.journal) >= began + 4))
        moments = provider.journal[began:]
        assert all(after - before > RETRY_AFTER * 0.9 for before, after in pairwise(moments[1:]))

        provider.mood = "well"
        await until(lambda: ended(db), 120)

    assert await db.fetchval("select max(attempt) from ai.rag_runs where status = 'succeeded'") == 1
    assert await count(db, "failed") == 0
    cost = await db.fetchval("select sum(cost_usd) from ai.rag_runs")
    assert cost == provider.answered * Decimal("0.0001")
    assert await db.fetchval("select spent_usd from ai.budget_status where scope = 'global'") == cost
    assert await db.fetchval("select count(*) from ai.holds") == 0
    rows = await db.fetch("select * from ai.reconcile_budget()")
    assert all(row["spent_usd"] == row["runs_usd"] for row in rows)


async def probes_and_calls(db, provider) -> tuple[int, int]:
    probes = await db.fetchval("select count(*) from ai.events where kind = 'breaker_half_opened'")
    return probes, len(provider.journal)


async def ended(db) -> bool:
    return await count(db, "done") == RFQS


async def test_one_sender_uses_up_his_allowance_and_does_not_delay_the_others(database, db):
    await db.execute("select ai.set_policy('sender_per_hour', '20')")
    provider = Scripted()
    async with working(database, provider, concurrency=32):
        await db.execute(
            "insert into public.rfq_requests (message, email) "
            "select 'flood ' || g, 'one@sender.example' from generate_series(1, $1::int) g",
            RFQS * 10,
        )
        for number in range(20):
            await db.execute(
                "insert into public.rfq_requests (message, email) values ('other ' || $1::int, 'o' || $1 || '@x.example')",
                number,
            )
        await until(
            lambda: db.fetchval(
                "select count(*) = 20 from public.rfq_requests where message like 'other%' and ai_status = 'done'"
            ), 30,
        )  # fmt: skip
        left = await db.fetchval("select count(*) from ai.outbox")
        await until(lambda: db.fetchval("select count(*) = 0 from ai.outbox"), 60 + RFQS / 30)

    assert left > RFQS  # the others did not wait for the flood to end
    assert len([call for call in provider.calls if call.startswith("flood")]) in (20, 21)
    assert (
        await db.fetchval("select count(*) from public.rfq_requests where ai_reason = 'sender_rate'") >= RFQS * 10 - 21
    )


async def test_duplicates_are_due_at_once_when_their_original_ends(database, db):
    provider = Scripted()
    go = asyncio.Event()
    provider.behaviours = {"We need 5 pumps": go}
    async with working(database, provider, poll_seconds=0.1):
        await db.execute(
            "insert into public.rfq_requests (message, email) select 'We need 5 pumps', 'a@b.example' from generate_series(1, 4)"
        )
        await until(
            lambda: db.fetchval("select count(*) = 3 from ai.outbox_deferred where reason = 'duplicate_running'")
        )
        # By themselves, they would not be due while this test runs.
        await db.execute("update ai.outbox_deferred set due_at = now() + interval '1 hour'")
        go.set()
        await until(lambda: db.fetchval("select count(*) = 4 from public.rfq_requests where ai_status = 'done'"))

    assert len(provider.calls) == 1


async def test_duplicates_cost_one_call_and_have_one_answer(database, db):
    provider = Scripted()
    go = asyncio.Event()
    provider.behaviours = {"We need 5 pumps": go}
    async with working(database, provider, poll_seconds=0.1) as worker:
        await db.execute(
            "insert into public.rfq_requests (message, email) select case when g % 2 = 0 then 'we  need 5 PUMPS' else 'We need 5 pumps' end, "
            "'a@b.example' from generate_series(1, 9) g"
        )
        await until(
            lambda: db.fetchval("select count(*) = 8 from ai.outbox_deferred where reason = 'duplicate_running'")
        )
        go.set()
        await db.execute("update ai.outbox_deferred set due_at = now()")
        await until(lambda: db.fetchval("select count(*) = 9 from public.rfq_requests where ai_status = 'done'"))
        assert worker.counts.total >= 9

    assert len(provider.calls) == 1
    assert await db.fetchval("select count(distinct ai_summary) from public.rfq_requests") == 1
    runs = await db.fetch(
        "select reason, cost_usd, reused_from is not null from ai.rag_runs where status = 'succeeded'"
    )
    assert (
        sorted(map(tuple, runs), key=str) == [("reused", Decimal(0), True)] * 8 + [(None, Decimal("0.0001"), False)]
        or len(runs) == 9
    )
    assert (
        await db.fetchval(
            "select count(*) from ai.rag_runs where reason = 'reused' and cost_usd = 0 and reused_from is not null"
        )
        == 8
    )


async def test_spam_and_rubbish_are_skipped_without_a_call_and_with_a_reason(database, db):
    provider = Scripted()
    async with working(database, provider):
        await db.execute("select ai.set_policy('min_characters', '20')")
        await db.execute(
            "insert into public.rfq_requests (message) values ('hi there'), ('asdkjh qwlekj zxmcnb qpwoei asldkj zmxncb qwpeoi asdlkjf'), "
            "('Dear owner, we can get your website to page one of Google. Our SEO experts offer guest posts and quality "
            "backlinks from 99 USD, 500 backlinks guaranteed! Visit https://cheap-seo.example/offer and https://bit.ly/xyz now.')"
        )
        await until(lambda: db.fetchval("select count(*) = 3 from public.rfq_requests where ai_status = 'skipped'"))

    reasons = await db.fetch("select reason, signals is not null as has_signals from ai.rag_runs order by reason")
    assert [tuple(row) for row in reasons] == [("gibberish", True), ("spam", True), ("too_short", False)]
    assert provider.calls == []
    assert await db.fetchval("select sum(rfqs) from ai.calls_avoided") == 3


async def test_limits_hold_for_all_workers_and_delay_no_rfq_longer_than_necessary(database, db):
    await db.execute("insert into ai.model_limits (provider, model, most_in_flight) values ('scripted', 'm1', 3)")
    provider = Scripted()
    provider.default = 0.02
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(working(database, provider))
        await insert_many(db, 30)
        await until(lambda: db.fetchval("select count(*) = 30 from public.rfq_requests where ai_status = 'done'"), 30)

    assert provider.peak == 3
    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'deferred'") == 0


async def test_a_claim_that_meets_a_full_limit_until_its_lease_ends_has_a_reason_of_the_catalogue(database, db):
    limit = "insert into ai.model_limits (provider, model, requests_per_minute, request_burst) values ('scripted', 'm1', 1, 1)"
    await db.execute(limit)
    provider = Scripted()
    async with working(database, provider, call_deadline_seconds=2, lease_seconds=7):
        await insert_many(db, 2)
        shown = "select ai_reason from ai.rfq_status where ai_status = 'deferred'"
        await until(lambda: db.fetchval(f"select exists ({shown})"), 60)
        reason = await db.fetchval(shown) or await db.fetchval(
            "select reason from ai.rag_runs where status = 'deferred'"
        )

    assert reason == "model_limit"
    assert len(provider.calls) == 1


async def test_a_spent_budget_defers_or_skips_and_a_raised_one_wakes(database, db):
    await db.execute("select ai.set_budget('global', 'day', 0.00025)")
    provider = Scripted()
    async with working(database, provider, poll_seconds=0.2):
        await insert_many(db, 5)
        await until(
            lambda: db.fetchval(
                "select count(*) = 3 from ai.rfq_status where ai_status = 'deferred' and ai_reason = 'budget'"
            )
        )
        assert len(provider.calls) == 2
        await db.execute("select ai.set_budget('global', 'day', 0.00035)")
        await until(now(lambda: len(provider.calls) == 3))
        await until(lambda: db.fetchval("select count(*) = 2 from ai.rfq_status where ai_status = 'deferred'"))
        await db.execute("select ai.set_policy('budget_exhausted_action', '\"skip\"')")
        await until(
            lambda: db.fetchval("select 1 from ai.policy where key = 'budget_exhausted_action' and value = '\"skip\"'")
        )
        await asyncio.sleep(1.2)  # policy is followed within a second
        await db.execute("update ai.outbox_deferred set due_at = now()")
        await until(
            lambda: db.fetchval(
                "select count(*) = 2 from public.rfq_requests where ai_status = 'skipped' and ai_reason = 'budget'"
            )
        )

    assert len(provider.calls) == 3
    assert await db.fetchval("select max(attempt) from ai.rag_runs") == 1


async def test_an_rfq_that_stays_deferred_expires_after_its_time(database, db):
    await db.execute("select ai.set_budget('sender', 'day', 0)")
    await db.execute("select ai.set_policy('unknown_price', '\"assume\"')")
    provider = Scripted()
    async with working(database, provider, poll_seconds=0.2):
        await db.execute("insert into public.rfq_requests (message, email) values ('We need 5 pumps', 'a@b.example')")
        await until(lambda: db.fetchval("select count(*) = 1 from ai.rfq_status where ai_reason = 'sender_budget'"))
        await db.execute("update public.rfq_requests set ai_updated_at = ai_updated_at - interval '73 hours'")
        await db.execute("update ai.outbox_deferred set due_at = now()")
        await until(
            lambda: db.fetchval("select ai_status = 'skipped' and ai_reason = 'expired' from public.rfq_requests")
        )

    assert provider.calls == []
