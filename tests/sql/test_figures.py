"""Every figure against a slow, obvious query, on runs drawn at random, at every stage of the roll-up."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import asyncpg

COLUMNS = (
    "created_at", "rfq_id", "attempt", "status", "reason", "error_class", "provider", "model", "prompt_version",
    "cost_usd", "cost_source", "input_tokens", "cached_input_tokens", "output_tokens", "queue_ms", "latency_ms",
    "submitted_at", "submit_ms", "end_status",
)  # fmt: skip
WITHIN = 0.021  # what ai.latency promises, and a little for the float that a run holds


async def insert_runs(db: asyncpg.Connection, number: int, seed: int, *, days: int = 12) -> None:
    """Runs of all kinds over the last days, today included, in the order of time as a worker's are."""
    draw = random.Random(seed)
    now = await db.fetchval("select clock_timestamp()")
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    span = (now - first).total_seconds()
    moments = sorted(first + timedelta(seconds=draw.random() * span) for _ in range(number))
    await db.copy_records_to_table(
        "rag_runs", schema_name="ai", columns=COLUMNS, records=[_run(draw, at) for at in moments]
    )


def _run(draw: random.Random, at: datetime) -> tuple[Any, ...]:
    import uuid
    from decimal import Decimal

    kind = draw.choice(
        [
            "done",
            "done",
            "done",
            "done",
            "reused",
            "skip",
            "retry",
            "discard",
            "defer",
            "gate_defer",
            "lost",
            "old",
            "late",
        ]
    )
    asked = kind not in {"skip", "gate_defer", "lost"}
    provider, model = draw.choice([("openai", "m1"), ("openai", "m2"), ("ollama", "m3")]) if asked else (None, None)
    status = {"skip": "skipped", "retry": "failed", "discard": "failed", "defer": "deferred", "gate_defer": "deferred",
              "lost": "lost", "late": "superseded"}.get(kind, "succeeded")  # fmt: skip
    reason = {"reused": "reused", "skip": draw.choice(["spam", "too_short"]), "retry": "timeout", "late": "edited",
              "discard": "refusal", "defer": "rate_limit", "gate_defer": "budget", "lost": "worker_died"}.get(kind)  # fmt: skip
    error = {"retry": "timeout", "discard": "refusal", "defer": "rate_limit", "lost": "lease_lost"}.get(kind)
    ends = {"done": "done", "reused": "done", "skip": "skipped", "discard": "failed", "old": "done"}.get(kind)
    if ends and draw.random() < 0.2:
        ends = None  # a rerun
    priced = asked and draw.random() < 0.8
    cost = (
        Decimal(draw.randrange(0, 10**7)) / 10**9
        if priced and kind != "reused"
        else Decimal(0)
        if kind == "reused"
        else None
    )
    source = "free" if kind == "reused" else "table" if priced else "unknown" if asked else None
    tokens = (
        (draw.randrange(3000), draw.randrange(200), draw.randrange(900))
        if asked and kind != "reused"
        else (None, None, None)
    )
    submitted = None if kind == "old" else at - timedelta(milliseconds=draw.lognormvariate(8, 3))
    first = kind != "old" and draw.random() < 0.8
    return (
        at, uuid.UUID(int=draw.getrandbits(128)), 1, status, reason, error, provider, model, draw.choice([None, "rfq@1", "rfq@2"]),
        cost, source, *tokens, draw.lognormvariate(3, 2), draw.lognormvariate(7, 1), submitted,
        draw.lognormvariate(0, 1) - 0.2 if first else None, ends,
    )  # fmt: skip


CALL = (
    "(provider is not null and status <> 'skipped' and (reason is null or reason <> 'reused')"
    " and not (status = 'deferred' and error_class is null))"
)


async def obvious_scorecard(db: asyncpg.Connection, days: int) -> dict[str, Any]:
    """Straight from the runs, one question per figure."""
    since = (await db.fetchval("select clock_timestamp()")).astimezone(UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    ) - timedelta(days=days - 1)
    runs = [dict(row) for row in await db.fetch("select * from ai.rag_runs where created_at >= $1", since)]
    submitted = await db.fetch(
        "select submit_ms from ai.rag_runs where submit_ms is not null and submitted_at >= $1", since
    )
    ended = [one for one in runs if one["end_status"]]
    calls = [
        one for one in runs
        if one["provider"] and one["status"] != "skipped" and one["reason"] != "reused"
        and not (one["status"] == "deferred" and one["error_class"] is None)
    ]  # fmt: skip
    known = sum(one["cost_usd"] or 0 for one in runs)
    ages = sorted(
        (one["created_at"] - one["submitted_at"]).total_seconds() * 1000 for one in ended if one["submitted_at"]
    )

    def share(part: list[Any]) -> float | None:
        return len(part) / len(ended) if ended else None

    return {
        "rfqs": len(ended),
        "submit_p95_ms": percentile(sorted(max(row[0], 0.01) for row in submitted), 95),
        "enrichment_rate": share([one for one in ended if one["end_status"] == "done"]),
        "failure_rate": share([one for one in ended if one["end_status"] == "failed"]),
        "deferred": await db.fetchval(
            "select count(*) from ai.outbox_deferred where reason <> 'retry' and reason <> 'backfill'"
        ),
        "skipped": len([one for one in ended if one["end_status"] == "skipped"]),
        "cost_per_rfq_usd": None
        if not ended or (calls and all(one["cost_usd"] is None for one in calls))
        else known / len(ended),
        "calls_avoided_rate": share(
            [one for one in ended if one["end_status"] == "skipped" or one["reason"] == "reused"]
        ),
        "p50_ms": percentile(ages, 50),
        "p95_ms": percentile(ages, 95),
        "p99_ms": percentile(ages, 99),
    }


def percentile(ordered: list[float], percent: int) -> float | None:
    """The smallest value that so many percent are at most."""
    if not ordered:
        return None
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


def assert_same(got: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert list(got) == list(wanted)
    for name, value in wanted.items():
        if value is None:
            assert got[name] is None, name
        elif name.endswith("_ms"):
            assert got[name] == pytest.approx(value, rel=WITHIN), name
        else:
            assert float(got[name]) == pytest.approx(float(value), rel=1e-9), name


async def scorecard(db: asyncpg.Connection) -> dict[str, Any]:
    return dict(await db.fetchrow("select * from ai.scorecard"))


async def settle(db: asyncpg.Connection) -> None:
    """Rolls up all that can be: the second call finds what the first one asked about ended."""
    for _ in range(3):
        while await db.fetchval("select ai.roll_up()"):
            pass


async def rewind(db: asyncpg.Connection) -> None:
    """The roll-up begins before the runs that a test has made for days gone by."""
    await db.execute(
        "update ai.rollup set rolled_to = now() - interval '400 days', settled_to = now() - interval '400 days'"
    )


@pytest.mark.parametrize("seed", range(4))
async def test_the_scorecard_is_the_same_as_a_slow_obvious_query_at_every_stage_of_the_roll_up(db, seed):
    await db.execute("select ai.set_policy('scorecard_days', $1)", str(5 + seed))
    assert_same(await scorecard(db), await obvious_scorecard(db, 5 + seed))
    await rewind(db)
    await insert_runs(db, 1500, seed)
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) select gen_random_uuid(), now(),"
        " now(), 0, (array['retry', 'backfill', 'budget', 'rate_limit'])[1 + n % 4] from generate_series(1, 10 + $1) n",
        seed,
    )
    wanted = await obvious_scorecard(db, 5 + seed)
    assert_same(await scorecard(db), wanted)

    steps = 0
    while await db.fetchval("select ai.roll_up(200)"):
        steps += 1
        assert_same(await scorecard(db), wanted)
    await settle(db)

    assert steps >= 7
    assert (
        await db.fetchval("select count(*) from ai.run_facts where created_at >= (select rolled_to from ai.rollup)")
        == 0
    )
    assert_same(await scorecard(db), wanted)
