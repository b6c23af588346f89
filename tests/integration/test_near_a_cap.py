"""Near a budget's cap, an RFQ waits for the holds of calls in flight. Only spent money defers it to the next window."""

from __future__ import annotations

from decimal import Decimal

from tests.support.worker_harness import Scripted, ended, insert_many, until, working


class Dear(Scripted):
    """Holds a cent for a call that costs a hundredth of a cent."""

    def price(self, model, usage):
        return Decimal("0.01") if usage.output_tokens > 100 else Decimal("0.0001"), "table"


async def test_an_rfq_limited_by_others_holds_waits_with_its_claim_and_none_is_deferred(database, db):
    await db.execute("select ai.set_budget('global', 'day', 0.026)")  # two holds, and forty bills
    provider = Dear()
    provider.default = 0.02
    await insert_many(db, 40)
    async with working(database, provider, concurrency=8):
        await until(ended(db, 40), seconds=60)

    assert (len(provider.calls), provider.peak) == (40, 2)
    assert await db.fetch("select distinct status, attempt from ai.rag_runs") == [("succeeded", 1)]
    assert await db.fetchval("select spent_usd from ai.budget_status where scope = 'global'") == Decimal("0.004")
    assert await db.fetchval("select count(*) from ai.events where kind = 'budget_refused'") == 0


async def test_an_rfq_that_no_longer_fits_waits_for_the_next_window_and_says_so(database, db):
    await db.execute("select ai.set_budget('global', 'day', 0.0105)")  # one hold at a time, for six calls
    # For two minutes after a change of a cap, each heartbeat wakes refused RFQs, whose refusal may be from before the
    # change.
    await db.execute("update ai.policy_history set changed_at = now() - interval '3 minutes'")
    provider = Dear()
    await insert_many(db, 10)
    deferred = (
        "select count(*) = 4 from ai.outbox_deferred where reason = 'budget' and due_at > now() + interval '1 minute'"
    )
    async with working(database, provider, concurrency=8):
        await until(ended(db, 6), seconds=60)
        await until(lambda: db.fetchval(deferred), seconds=60)

    assert len(provider.calls) == 6
    assert await db.fetchval("select spent_usd from ai.budget_status where scope = 'global'") == Decimal("0.0006")
    assert await db.fetchval("select count(*) from ai.events where kind = 'budget_refused'") == 1


async def test_with_skip_a_spent_budget_skips_an_rfq_and_a_held_one_does_not(database, db):
    await db.execute("select ai.set_policy('budget_exhausted_action', '\"skip\"')")
    await db.execute("select ai.set_budget('global', 'day', 0.02)")
    provider = Dear()
    provider.default = 0.02
    await insert_many(db, 20)
    async with working(database, provider, concurrency=8):
        await until(ended(db, 20), seconds=60)

    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'skipped'") == 0


async def test_a_cap_below_one_call_is_reported_with_the_hold_and_the_command(database, db):
    await db.execute("select ai.set_budget('global', 'day', 0.005)")
    await insert_many(db, 5)
    async with working(database, Dear(), concurrency=8):
        await until(
            lambda: db.fetchval("select count(*) = 5 from ai.outbox_deferred where reason = 'budget'"), seconds=60
        )
        (reported,) = await db.fetch("select * from ai.health")

    assert (reported["severity"], reported["code"], reported["count"]) == ("critical", "call_exceeds_budget", 5)
    assert "reserves up to 0.01 USD, and the cap is 0.0050 USD. 5 RFQs wait: 0.00 of 0.0050 USD" in reported["sentence"]
    assert "`rfqflow budget set global day 0.10`" in reported["remedy"]
