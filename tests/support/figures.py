"""Figures of runs, counted in the obvious way, to compare with the rolled-up figures."""

from __future__ import annotations

import random
import uuid
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import asyncpg


COLUMNS = (
    "created_at", "rfq_id", "attempt", "status", "reason", "error_class", "provider", "model", "prompt_version",
    "cost_usd", "cost_source", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "queue_ms", "latency_ms",
    "submitted_at", "submit_ms", "end_status",
)  # fmt: skip


WITHIN = 0.021  # the precision that ai.latency promises, and a margin for the float in a run


async def insert_runs(db: asyncpg.Connection, number: int, seed: int, *, days: int = 12) -> None:
    """Inserts runs of all kinds over the last days, in the order of time.

    `days` includes today; with 0, all runs are at this moment.
    """
    draw = random.Random(seed)
    now = await db.fetchval("select clock_timestamp()")
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1) if days else now
    span = (now - first).total_seconds()
    moments = sorted(first + timedelta(seconds=draw.random() * span) for _ in range(number))
    await db.copy_records_to_table(
        "rag_runs", schema_name="ai", columns=COLUMNS, records=[_run(draw, at) for at in moments]
    )


def _run(draw: random.Random, at: datetime) -> tuple[Any, ...]:
    kind = draw.choice(
        [
            "done",
            "done",
            "done",
            "done",
            "reused",
            "written_late",
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
    reason = {"reused": "reused", "written_late": "written_late", "skip": draw.choice(["spam", "too_short"]), "retry": "timeout", "late": "edited",
              "discard": "refusal", "defer": "rate_limit", "gate_defer": "budget", "lost": "worker_died"}.get(kind)  # fmt: skip
    error = {"retry": "timeout", "discard": "refusal", "defer": "rate_limit", "lost": "lease_lost"}.get(kind)
    ends = {
        "done": "done",
        "reused": "done",
        "written_late": "done",
        "skip": "skipped",
        "discard": "failed",
        "old": "done",
    }.get(kind)
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
        (draw.randrange(3000), draw.randrange(200), draw.randrange(900), draw.choice([None, draw.randrange(700)]))
        if asked and kind != "reused"
        else (None, None, None, None)
    )
    submitted = None if kind == "old" else at - timedelta(milliseconds=draw.lognormvariate(8, 3))
    first = kind != "old" and draw.random() < 0.8
    return (
        at, uuid.UUID(int=draw.getrandbits(128)), 1, status, reason, error, provider, model, draw.choice([None, "rfq@1", "rfq@2"]),
        cost, source, *tokens, draw.lognormvariate(3, 2), draw.lognormvariate(7, 1), submitted,
        draw.lognormvariate(0, 1) - 0.2 if first else None, ends,
    )  # fmt: skip


def is_call(run: dict[str, Any]) -> bool:
    """Whether the run made a call, with any result."""
    if run["provider"] is None or run["status"] == "skipped" or run["reason"] in {"reused", "written_late"}:
        return False
    return run["status"] != "deferred" or run["error_class"] is not None


def is_spared(run: dict[str, Any], runs: list[dict[str, Any]]) -> bool:
    """Whether the RFQ ended with this run, and no run ever called a model for it."""
    ends = run["end_status"] and (run["end_status"] == "skipped" or run["reason"] == "reused")
    earlier = (one for one in runs if one["rfq_id"] == run["rfq_id"] and one["created_at"] < run["created_at"])
    return bool(ends) and not any(map(is_call, earlier))


async def all_runs(db: asyncpg.Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in await db.fetch("select * from ai.rag_runs order by created_at, run_id")]


def day(at: datetime) -> date:
    return at.astimezone(UTC).date()


async def obvious_scorecard(db: asyncpg.Connection, days: int, windows_ago: int = 0) -> dict[str, Any]:
    """The scorecard straight from the runs, one query per figure: of these days, or of as many days before them."""
    since = (await db.fetchval("select clock_timestamp()")).astimezone(UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    ) - timedelta(days=days * (windows_ago + 1) - 1)
    until = since + timedelta(days=days)
    runs = [
        dict(row)
        for row in await db.fetch("select * from ai.rag_runs where created_at >= $1 and created_at < $2", since, until)
    ]
    submitted = await db.fetch(
        "select submit_ms from ai.rag_runs where submit_ms is not null and submitted_at >= $1 and submitted_at < $2",
        since, until,
    )  # fmt: skip
    ended = [one for one in runs if one["end_status"]]
    calls = [one for one in runs if is_call(one)]
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
        "deferred": None
        if windows_ago
        else await db.fetchval(
            "select count(*) from ai.outbox_deferred where reason <> 'retry' and reason <> 'backfill'"
        ),
        "skipped": len([one for one in ended if one["end_status"] == "skipped"]),
        "cost_per_rfq_usd": None
        if not ended or (calls and all(one["cost_usd"] is None for one in calls))
        else known / len(ended),
        "calls_avoided_rate": share([one for one in ended if is_spared(one, runs)]),
        "p50_ms": percentile(ages, 50),
        "p95_ms": percentile(ages, 95),
        "p99_ms": percentile(ages, 99),
        "answer_edit_rate": None,  # no operator works there
        "line_edit_rate": None,
    }


def percentile(ordered: list[float], percent: int) -> float | None:
    """The smallest value that is at least as large as this share of the values."""
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


async def scorecard_before(db: asyncpg.Connection) -> dict[str, Any]:
    """The same figures, of the same number of days before."""
    row = await db.fetchrow("select * from ai.scorecard_by_window where windows_ago = 1")
    return {name: row[name] for name in await scorecard(db)}


async def settle(db: asyncpg.Connection) -> None:
    """Rolls up everything: the second call finds that the step which the first one requested has ended."""
    for _ in range(3):
        while await db.fetchval("select ai.roll_up(50000, '0 s')"):
            pass


async def rewind(db: asyncpg.Connection) -> None:
    """Makes the roll-up begin before the runs that a test dates back."""
    await db.execute(
        "update ai.rollup_progress set rolled_to = now() - interval '400 days', settled_to = now() - interval '400 days'"
    )


def obvious_days(runs: list[dict[str, Any]]) -> dict[date, dict[str, Any]]:
    """ai.metrics_daily, counted day by day."""
    days: dict[date, Counter[str]] = defaultdict(Counter)
    cost: dict[date, Decimal] = defaultdict(Decimal)
    for run in runs:
        if run["submit_ms"] is not None and run["submitted_at"] is not None:
            days[day(run["submitted_at"])]["submitted"] += 1
        found = days[day(run["created_at"])]
        found["runs"] += 1
        found["calls"] += is_call(run)
        found["calls_of_unknown_cost"] += is_call(run) and run["cost_usd"] is None
        found["deferred"] += run["status"] == "deferred"
        for key in ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens"):
            found[key] += run[key] or 0
        cost[day(run["created_at"])] += run["cost_usd"] or 0
        if run["end_status"]:
            found["ended"] += 1
            found[{"done": "enriched"}.get(run["end_status"], run["end_status"])] += 1
            found["ended_without_call"] += is_spared(run, runs)
    return {key: {**found, "cost_usd": cost[key]} for key, found in days.items()}


async def assert_days(db: asyncpg.Connection) -> None:
    wanted = obvious_days(await all_runs(db))
    got = {row["day"]: dict(row) for row in await db.fetch("select * from ai.metrics_daily")}
    assert set(got) == set(wanted)
    for key, figures in got.items():
        want = wanted[key]
        for name in ("submitted", "ended", "enriched", "skipped", "failed", "deferred", "runs", "calls", "input_tokens",
                     "calls_of_unknown_cost", "ended_without_call", "cached_input_tokens", "output_tokens", "reasoning_tokens"):  # fmt: skip
            assert figures[name] == want.get(name, 0), (key, name)
        ended, calls = want.get("ended", 0), want.get("calls", 0)
        unknown = calls > 0 and calls == want["calls_of_unknown_cost"]
        assert figures["cost_usd"] == (None if unknown else want["cost_usd"]), key
        if ended and not unknown:
            assert figures["cost_per_rfq_usd"] == pytest.approx(want["cost_usd"] / ended)
            assert figures["calls_per_rfq"] == pytest.approx(calls / ended)
            assert figures["tokens_per_rfq"] == pytest.approx((want["input_tokens"] + want["output_tokens"]) / ended)


async def assert_latency(db: asyncpg.Connection) -> None:
    values: dict[tuple[date, str], list[float]] = defaultdict(list)
    for run in await all_runs(db):
        on = day(run["created_at"])
        if run["submit_ms"] is not None and run["submitted_at"] is not None:
            values[day(run["submitted_at"]), "submit"].append(run["submit_ms"])
        if run["submit_ms"] is not None and run["queue_ms"] is not None:
            values[on, "claim"].append(run["submit_ms"] + run["queue_ms"])
        if is_call(run) and run["latency_ms"] is not None:
            values[on, "call"].append(run["latency_ms"])
        if run["end_status"] and run["submitted_at"] is not None:
            values[on, "end"].append((run["created_at"] - run["submitted_at"]).total_seconds() * 1000)
    got = {(row["day"], row["measure"]): row for row in await db.fetch("select * from ai.latency")}
    assert set(got) == set(values)
    for key, found in values.items():
        ordered = sorted(max(one, 0.01) for one in found)
        assert got[key]["observations"] == len(ordered)
        for percent in (50, 95, 99):
            assert got[key][f"p{percent}_ms"] == pytest.approx(percentile(ordered, percent), rel=WITHIN), (key, percent)


async def assert_causes(db: asyncpg.Connection) -> None:
    wanted: Counter[tuple[Any, ...]] = Counter()
    dead: Counter[tuple[Any, ...]] = Counter()
    for run in await all_runs(db):
        if run["error_class"]:
            key = (day(run["created_at"]), run["error_class"], run["provider"], run["model"])
            wanted[key] += 1
            dead[key] += run["end_status"] == "failed"
    got = {
        tuple(row)[:4]: (row["runs"], row["rfqs_failed"]) for row in await db.fetch("select * from ai.failure_causes")
    }
    assert got == {key: (number, dead[key]) for key, number in wanted.items()}
