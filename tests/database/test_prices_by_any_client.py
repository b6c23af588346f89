"""Prices, caps and their findings in `ai.health`.

Any client may set them, in lists, at any isolation level, with any figures.
"""

from __future__ import annotations

import asyncpg
import pytest

from tests.support.admission import claim, end, finish, insert, ledger, set_policy, spent
from tests.support.assumed_prices import SET, deferred, unpriced
from tests.support.health_states import deferred as put_back
from tests.support.health_states import worker

MOVED = "select n_tup_upd from pg_stat_xact_user_tables where schemaname = 'ai' and relname = 'outbox_deferred'"


async def findings(db: asyncpg.Connection, code: str) -> list[str]:
    return [row[0] for row in await db.fetch("select sentence from ai.health where code = $1", code)]


@pytest.mark.parametrize(
    "change",
    [
        "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) "
        "select 'p', 'm' || g, 1, 1 from generate_series(1, 20) g",
        "delete from ai.policy where key like 'budget.model:%'",
    ],
)
async def test_a_list_of_prices_or_caps_wakes_each_rfq_once(db, change):
    await db.execute("select ai.set_budget('model:m' || g, 'day', 1) from generate_series(1, 20) g")
    await deferred(db, "budget", number=1200)

    async with db.transaction():
        await db.execute(change)
        await db.execute("set constraints all immediate")
        moved = await db.fetchval(MOVED)

    assert moved == 1000
    assert await db.fetchval("select count(*) from ai.wake_requests") == 1  # the other 200, with the next heartbeats
    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")
    late = "select count(*) from ai.outbox_deferred where due_at > clock_timestamp() + interval '5 minutes'"
    assert await db.fetchval(late) == 0


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
async def test_a_price_set_from_an_old_snapshot_also_corrects_calls_that_are_booked_meanwhile(
    db, open_connection, isolation
):
    await set_policy(db, unknown_price="assume")
    await unpriced(db)
    await deferred(db, "budget")
    operator = await open_connection()
    await operator.execute(f"begin isolation level {isolation}; select count(*) from ai.rag_runs")
    await db.execute("select ai.set_budget('model:m1', 'day', 1)")
    await unpriced(db)
    await db.execute("update ai.outbox_deferred set due_at = due_at + interval '1 s'")

    await operator.execute(SET.format(10, 30))
    await operator.execute("commit")
    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")

    assert (await spent(db), await spent(db, "model:m1")) == ((26_000_000, 0), (26_000_000, 0))
    assert await ledger(db) == [(0, 0), (0, 0)]
    assert await db.fetchval("select due_at < clock_timestamp() + interval '5 minutes' from ai.outbox_deferred")


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
async def test_a_policy_changed_from_an_old_snapshot_also_wakes_rfqs_that_are_deferred_meanwhile(
    db, open_connection, isolation
):
    await deferred(db, "unknown_price")
    operator = await open_connection()
    await operator.execute(f"begin isolation level {isolation}; select count(*) from ai.rag_runs")
    await db.execute("update ai.outbox_deferred set due_at = due_at + interval '1 s'")

    await operator.execute("select ai.set_policy('unknown_price', '\"assume\"')")
    await operator.execute("commit")
    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")

    assert await db.fetchval("select due_at < clock_timestamp() + interval '5 minutes' from ai.outbox_deferred")


async def test_corrections_from_an_old_snapshot_are_refused_with_a_sentence(db):
    await db.execute("begin isolation level repeatable read")
    with pytest.raises(asyncpg.InvalidTransactionStateError, match="read committed"):
        await db.execute("select * from ai.correct_assumed()")
    await db.execute("rollback")


@pytest.mark.parametrize(
    "change",
    [
        SET.format(0, 0),
        "select ai.set_policy('assumed_input_usd', '0.01')",
        "insert into ai.model_parameters (provider, model, max_output_tokens) values ('p', 'm1', 100)",
    ],
)
async def test_a_call_too_expensive_for_its_budget_is_no_finding_once_it_is_cheaper(db, change):
    await worker(db)
    await set_policy(db, unknown_price="assume")
    await db.execute("select ai.set_budget('global', 'day', 0.0001)")
    await put_back(db, 1, "budget", nano=1_400_000, priced=False)
    assert len(await findings(db, "call_exceeds_budget")) == 1

    await db.execute(change)

    assert await findings(db, "call_exceeds_budget") == []


async def test_a_refusal_at_the_old_price_is_no_finding_after_the_new_price_was_set(db):
    await worker(db)
    await set_policy(db, unknown_price="assume")
    await db.execute("select ai.set_budget('global', 'day', 0.0001)")
    await db.execute(SET.format(0, 0))
    await put_back(db, 1, "budget", nano=1_400_000, priced=False)  # by a worker that has not read it yet

    # On a busy machine, the seconds in which a heartbeat does it may be over.
    await db.execute("update ai.model_prices set valid_from = clock_timestamp()")
    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")

    assert await findings(db, "call_exceeds_budget") == []


async def test_the_global_budget_is_reported_beside_any_number_of_spent_sender_budgets(db):
    await db.execute("select ai.set_budget('sender', 'hour', 1), ai.set_budget('global', 'month', 50)")
    await db.execute(
        "insert into ai.budget_windows (scope, period, starts_at, ends_at, spent_nano_usd, refused_nano, refused_at) "
        "select s.scope, s.period, b.starts_at, b.ends_at, 50000000000, 5000, now() "
        "from (select 'sender:' || g as scope, 'hour' as period from generate_series(1, 1200) g "
        "union all select 'global', 'month') s cross join lateral ai.budget_window(s.period, now(), 'UTC') b"
    )

    reported = await findings(db, "budget_spent")

    assert any(sentence.startswith("The budget of all calls (global) a month is spent") for sentence in reported)
    assert any("for more than 1,000 of them" in sentence for sentence in reported)


async def test_a_run_with_impossible_figures_keeps_no_other_from_its_correction(db):
    await unpriced(db, input_tokens=2_147_483_647, output_tokens=2_147_483_647)
    await unpriced(db)

    await db.execute(SET.format(99_999_999, 99_999_999))

    assert await ledger(db) == [(0, 0)]
    assert await db.fetchval("select count(*) from ai.rag_runs where cost_source = 'corrected'") == 2
    # Each is the most that can be booked.
    assert await spent(db) == (2 * 99_999_999_999_999, 0)


@pytest.mark.parametrize("value", ['[1, "a%s"]', "[[]]", "[null]", "{}"])
@pytest.mark.parametrize("column", ["answers_with", "problems"])
async def test_a_worker_cannot_register_a_name_that_ai_health_cannot_read(db, column, value):
    with pytest.raises(asyncpg.CheckViolationError, match=f"workers_{column}"):
        await db.fetchval(f"select ai.register_worker('h', 1, '0', 'p', 'm', 1, false, p_{column} => $1)", value)


@pytest.mark.parametrize("signals", ["null", '{"a": 1}', '"x"', "[1]"])
async def test_the_reason_of_a_skip_is_shown_with_any_signals_of_its_run(db, signals):
    await insert(db)
    (row,) = await claim(db, 1)
    await finish(
        db, end(row, "complete", status="skipped", reason="spam", admitted=None, cost_usd=None, booked_nano=None)
    )
    await db.execute("update ai.rag_runs set signals = $1", signals)
    await db.execute("update public.rfq_requests set ai_status = 'skipped', ai_reason = 'spam'")

    assert await db.fetchval("select code from ai.cause_of($1)", row["rfq_id"]) == "spam"


async def test_removing_a_price_wakes_rfqs_that_wait_for_a_budget_once_workers_know_it(db):
    await db.execute(SET.format(1000, 3000))
    await set_policy(db, recovery_ramp_seconds=0)
    await put_back(db, 1, "budget", nano=6_000_000_000)
    await db.execute("update ai.budget_windows set refused_at = refused_at - interval '1 minute'")
    await db.execute("update ai.model_prices set set_at = now() - interval '1 hour'")

    await db.execute("delete from ai.model_prices")
    await db.execute("update ai.wake_requests set asked_at = clock_timestamp()")
    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")

    assert await db.fetchval("select count(*) from ai.outbox_deferred where due_at > now() + interval '5 s'") == 0
    assert await findings(db, "call_exceeds_budget") == []
