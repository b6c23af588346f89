"""Every figure equals that of a slow, obvious query, on runs drawn at random, at every stage of the roll-up."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.support.figures import (
    all_runs,
    assert_causes,
    assert_days,
    assert_latency,
    assert_same,
    insert_runs,
    is_call,
    is_spared,
    obvious_scorecard,
    rewind,
    scorecard,
    scorecard_before,
    settle,
)

if TYPE_CHECKING:
    pass


@pytest.mark.parametrize("seed", range(4))
async def test_the_scorecard_equals_a_slow_obvious_query_at_every_stage_of_the_roll_up(db, seed):
    await db.execute("select ai.set_policy('scorecard_days', $1)", str(5 + seed))
    assert_same(await scorecard(db), await obvious_scorecard(db, 5 + seed))
    await rewind(db)
    await insert_runs(db, 1500, seed)
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) select gen_random_uuid(), now(),"
        " now(), 0, (array['retry', 'backfill', 'budget', 'rate_limit'])[1 + n % 4] from generate_series(1, 10 + $1) n",
        seed,
    )
    wanted, before = await obvious_scorecard(db, 5 + seed), await obvious_scorecard(db, 5 + seed, 1)
    assert_same(await scorecard(db), wanted)
    assert_same(await scorecard_before(db), before)

    steps = 0
    while await db.fetchval("select ai.roll_up(200)"):
        steps += 1
        assert_same(await scorecard(db), wanted)
    await settle(db)

    assert steps >= 7
    assert (
        await db.fetchval(
            "select count(*) from ai.run_details where created_at >= (select rolled_to from ai.rollup_progress)"
        )
        == 0
    )
    assert_same(await scorecard(db), wanted)
    assert_same(await scorecard_before(db), before)
    assert before["rfqs"] > 0


@pytest.mark.parametrize("seed", [11, 12])
async def test_days_latencies_and_causes_equal_the_runs_at_every_stage(db, seed):
    await rewind(db)
    await insert_runs(db, 1200, seed)
    for stage in range(4):
        await assert_days(db)
        await assert_latency(db)
        await assert_causes(db)
        if stage < 2:
            assert await db.fetchval("select ai.roll_up(300)") > 0
        else:
            await settle(db)
            await insert_runs(db, 20, seed + 100 + stage, days=0)


async def test_samples_for_prometheus_add_up_to_the_runs(db):
    await rewind(db)
    await insert_runs(db, 800, 5)
    await db.execute("select ai.roll_up(300)")
    runs = await all_runs(db)
    samples = await db.fetch("select name, labels::text, value from ai.metrics")
    keys = [(row["name"], row["labels"]) for row in samples]
    assert len(keys) == len(set(keys)), "a series came twice"

    totals: Counter[str] = Counter()
    for row in samples:
        totals[row["name"]] += row["value"]
    assert totals["rfqflow_runs_total"] == len(runs)
    assert totals["rfqflow_rfqs_ended_total"] == sum(1 for one in runs if one["end_status"])
    assert totals["rfqflow_errors_total"] == sum(1 for one in runs if one["error_class"])
    assert totals["rfqflow_llm_calls_total"] == sum(map(is_call, runs))
    assert totals["rfqflow_llm_calls_avoided_total"] == sum(is_spared(one, runs) for one in runs)
    assert totals["rfqflow_llm_calls_of_unknown_cost_total"] == sum(
        1 for one in runs if is_call(one) and one["cost_usd"] is None
    )
    assert totals["rfqflow_llm_cost_usd_total"] == pytest.approx(float(sum(one["cost_usd"] or 0 for one in runs)))
    assert totals["rfqflow_llm_tokens_total"] == sum(
        one[key] or 0
        for one in runs
        for key in ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens")
    )
    assert all(row["value"] is not None for row in samples)


async def test_an_empty_database_has_figures_too(db):
    card = await scorecard(db)
    assert (card["rfqs"], card["skipped"], card["deferred"]) == (0, 0, 0)
    assert [
        card[name] for name in ("enrichment_rate", "failure_rate", "p50_ms", "submit_p95_ms", "cost_per_rfq_usd")
    ] == [None] * 5
    assert await db.fetch("select * from ai.metrics_daily") == []
    assert {row[0] for row in await db.fetch("select name from ai.metrics where name !~ '_budget_'")} == {
        "rfqflow_queue_depth", "rfqflow_queue_oldest_age_seconds", "rfqflow_paused", "rfqflow_workers",
        "rfqflow_health_findings",
    }  # fmt: skip


async def test_samples_of_budgets_and_breakers_equal_their_views(db):
    await db.execute("select ai.open_breaker('openai', 'm1', 'ada', 'maintenance')")
    samples = {
        (row["name"], row["labels"]): row["value"]
        for row in await db.fetch("select name, labels::text, value from ai.metrics where value is not null")
    }

    assert samples["rfqflow_breaker_state", '{"key": "openai/m1"}'] == 2
    budgets = await db.fetch("select * from ai.budget_status where scope <> 'sender'")
    assert budgets
    for row in budgets:
        labels = json.dumps({"scope": row["scope"], "period": row["period"]}, sort_keys=True)
        same = {
            json.dumps(json.loads(key[1]), sort_keys=True): value
            for key, value in samples.items()
            if key[0] == "rfqflow_budget_limit_usd"
        }
        assert same[labels] == float(row["cap_usd"])


async def test_a_deferred_call_does_not_count_as_avoided_nor_does_one_that_was_made(db):
    """Only an RFQ that has ended, and that never caused a call, has saved money."""
    run = (
        "insert into ai.rag_runs (created_at, rfq_id, attempt, status, reason, error_class, provider, model, cost_usd, submit_ms, end_status) "
        "select now() + $1 * interval '1 ms', $2, 1, $3, $4, $5, $6, $7, $8, $9, $10"
    )
    called, gate, late, copied, waits = (uuid.UUID(int=number) for number in range(1, 6))
    made = [
        (waits, "deferred", "budget", None, None, None, None, 1.0, None),
        (waits, "deferred", "breaker_open", None, "p", "m1", None, None, None),
        (called, "succeeded", None, None, "p", "m1", "0.02", 1.0, "done"),
        (gate, "skipped", "spam", None, None, None, None, 1.0, "skipped"),
        (late, "deferred", "connection", "connection", "p", "m1", None, 1.0, None),
        (late, "skipped", "expired", None, None, None, None, None, "skipped"),
        (copied, "deferred", "duplicate_running", None, None, None, None, 1.0, None),
        (copied, "succeeded", "reused", None, "p", "m1", "0", None, "done"),
    ]
    for stage in ("not rolled up", "rolled up"):
        if stage == "rolled up":
            await settle(db)
        else:
            await rewind(db)
            for at, one in enumerate(made):
                await db.execute(run, at - 60_000, *one)
        avoided = await db.fetch("select reason, rfqs, saved_usd from ai.calls_avoided order by reason")
        assert [tuple(row) for row in avoided] == [("reused", 1, Decimal("0.02")), ("spam", 1, Decimal("0.02"))], stage
        assert (
            await db.fetchval("select sum(value) from ai.metrics where name = 'rfqflow_llm_calls_avoided_total'") == 2
        )
        assert await db.fetchval("select calls_avoided_rate from ai.scorecard") == pytest.approx(2 / 4)
