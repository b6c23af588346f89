"""A refusal and the end of its cause may cross.

An RFQ that is deferred just after the others were woken must not wait for its full time.
"""

import json

import pytest

from tests.support.finishing import claim, end, finish, insert


async def deferred(db, reason: str, change: str | None = None) -> None:
    """An RFQ that was refused before the change and deferred after it, for an hour."""
    await insert(db)
    (row,) = await claim(db)
    if change:
        await db.execute(change)
    assert await finish(db, end(row, "defer", reason=reason, delay_ms=3_600_000, charged=False)) == {}


async def due_in_seconds(db) -> float:
    return await db.fetchval("select extract(epoch from due_at - clock_timestamp())::float8 from ai.outbox_deferred")


async def test_an_rfq_deferred_just_after_the_cap_was_raised_returns_in_the_ramp(db):
    await deferred(db, "budget", "select ai.set_budget('global', 'day', 6)")

    assert await db.fetchval("select ai.wake_missed_deferred()") == 1

    assert await due_in_seconds(db) <= 60


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("budget", "select ai.set_budget('global', 'day', 6)"),
        ("sender_budget", "select ai.set_budget('sender', 'day', 6)"),
        ("unknown_price", "select ai.set_price('p', 'm1', 1, 1)"),
        ("breaker_open", "select ai.open_breaker('openai', 'm', 'ada'), ai.close_breaker('openai', 'm', 'ada')"),
    ],
)
async def test_an_rfq_refused_again_after_the_change_is_woken_once_and_not_at_each_heartbeat(db, reason, change):
    await db.execute("select ai.set_policy('recovery_ramp_seconds', '0')")
    await deferred(db, reason, change)
    assert await db.fetchval("select ai.wake_missed_deferred()") == 1
    # Workers learn of a price after some seconds.
    await db.execute("update ai.model_prices set valid_from = valid_from - interval '6 s'")
    await db.execute("update ai.model_prices set set_at = set_at - interval '6 s'")
    await db.execute("update ai.outbox_deferred set due_at = now()")
    await db.execute("select ai.promote_deferred()")
    (row,) = await claim(db)
    assert await finish(db, end(row, "defer", reason=reason, delay_ms=3_600_000, charged=False)) == {}

    assert await db.fetchval("select ai.wake_missed_deferred()") == 0
    assert await due_in_seconds(db) > 3000


async def test_an_rfq_deferred_just_after_the_breaker_was_closed_returns_in_the_ramp(db):
    await db.execute("select ai.open_breaker('openai', 'm', 'ada')")
    await deferred(db, "breaker_open", "select ai.close_breaker('openai', 'm', 'ada')")

    await db.fetch(
        "select * from ai.heartbeat(p_worker => 1, p_in_flight => 0, p_policy_seen => -1, p_event_seen => 0)"
    )

    assert await due_in_seconds(db) <= 60


@pytest.mark.parametrize("reason", ["budget", "breaker_open"])
async def test_an_rfq_that_was_being_deferred_while_the_cause_ended_returns_in_the_ramp(db, open_connection, reason):
    """Its transaction began before the others were woken and commits after it: the wake-up cannot see its row."""
    await db.execute("select ai.set_budget('global', 'day', 6), ai.open_breaker('openai', 'm', 'ada')")
    ending = await open_connection()
    await insert(db)
    (row,) = await claim(db)
    async with ending.transaction():
        assert await finish(ending, end(row, "defer", reason=reason, delay_ms=3_600_000, charged=False)) == {}
        await db.execute("select ai.set_budget('global', 'day', 7), ai.close_breaker('openai', 'm', 'ada')")
    assert await due_in_seconds(db) > 3000

    await db.fetch(
        "select * from ai.heartbeat(p_worker => 1, p_in_flight => 0, p_policy_seen => -1, p_event_seen => 0)"
    )

    assert await due_in_seconds(db) <= 60


async def test_an_rfq_that_waits_for_another_cause_or_was_deferred_before_keeps_waiting(db):
    await deferred(db, "budget")
    await db.execute("select ai.set_policy('recovery_ramp_seconds', '0')")
    await db.execute("update ai.outbox_deferred set deferred_at = now() - interval '3 minutes', reason = 'quota'")
    await db.execute("select ai.set_budget('global', 'day', 6)")

    assert await db.fetchval("select ai.wake_missed_deferred()") == 0

    await db.execute("update ai.outbox_deferred set reason = 'budget'")
    assert await db.fetchval("select ai.wake_missed_deferred()") == 0
    assert await due_in_seconds(db) > 3000


async def test_no_rfq_is_woken_without_a_recent_change(db):
    await db.execute("select ai.set_budget('global', 'day', 6)")
    await db.execute("update ai.policy_history set changed_at = now() - interval '3 minutes'")
    await deferred(db, "budget")

    assert await db.fetchval("select ai.wake_missed_deferred()") == 0
    assert json.loads(await db.fetchval("select to_jsonb(d)::text from ai.outbox_deferred d"))["reason"] == "budget"
