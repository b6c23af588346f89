"""Conditions that slow queues down, in turn: each as a ratio to a fresh database of the same cluster, in pairs."""

import time
from typing import Any

from rfqflow.bench import drain
from rfqflow.bench.scratch_database import clear
from rfqflow.bench.statistics import Figure, ratio

from .grounds import Grounds, connected

SLOTS = (1, 10, 100, drain.CONCURRENCY)
DEFERRED = 5_000
HELD = 2_000
SLOW_SHARE = 10  # with one slot, a tenth of the rows takes the same time
FILL_SECONDS = 1800
CHURN_ROWS = 20_000
CHUNK = 100_000


async def pinned(
    grounds: Grounds,
    template: str,
    *,
    rounds: int,
    rows: int,
    slots: tuple[int, ...],
    pinned_seconds: float,
    say: Any,
    **_: Any,
) -> dict[str, Any]:
    """A snapshot is open while a worker drains for `pinned_seconds`. The pairs are measured while it is still open."""
    fresh, strained = await grounds.make(template), await grounds.make(template)
    async with connected(strained) as conn, connected(strained) as keeper:
        await keeper.execute("begin isolation level repeatable read")
        await keeper.fetchval("select count(*) from ai.outbox")
        until = time.monotonic() + pinned_seconds
        while time.monotonic() < until:
            say(f"growth: an open snapshot, {until - time.monotonic():.0f} s more")
            await drained(strained, conn, min(rows, CHURN_ROWS), drain.CONCURRENCY)
        reported = await _pairs(fresh, strained, rounds, rows, slots, "an open snapshot", say)
        dead = await conn.fetchval("select n_dead_tup from pg_stat_user_tables where relid = 'ai.outbox'::regclass")
    await _dropped(grounds, fresh, strained)
    return {**reported, "open_seconds": pinned_seconds, "dead_rows": dead}


async def backlog(
    grounds: Grounds, template: str, *, rounds: int, rows: int, slots: tuple[int, ...], backlog: int, say: Any, **_: Any
) -> dict[str, Any]:
    """Half of a backlog is drained. The pairs are measured on the other half, which keeps its size."""
    fresh, strained = await grounds.make(template), await grounds.make(template)
    async with connected(strained) as conn:
        say(f"growth: a backlog of {backlog:,}")
        for start in range(0, backlog, CHUNK):
            await conn.execute("select bench.fill($1)", min(CHUNK, backlog - start), timeout=FILL_SECONDS)
        await conn.execute("analyze ai.outbox")
        await drain.by_worker(
            strained, max(1, backlog // 2), drain.CONCURRENCY, late_seconds=max(FILL_SECONDS, backlog / 50)
        )
        reported = await _pairs(fresh, strained, rounds, rows, slots, "half a backlog", say)
        left = await conn.fetchval("select count(*) from ai.outbox")
    await _dropped(grounds, fresh, strained)
    return {**reported, "backlog": backlog, "left": left}


async def deferred(
    grounds: Grounds, template: str, *, rounds: int, rows: int, slots: tuple[int, ...], say: Any, **_: Any
) -> dict[str, Any]:
    """Many RFQs are deferred to a time in the future."""
    fresh, strained = await grounds.make(template), await grounds.make(template)
    async with connected(strained) as conn:
        await conn.execute("select bench.fill($1)", DEFERRED)
        await conn.execute("select bench.defer_all()")
        reported = await _pairs(fresh, strained, rounds, rows, slots, f"{DEFERRED:,} deferred", say)
        left = await conn.fetchval("select count(*) from ai.outbox_deferred")
    await _dropped(grounds, fresh, strained)
    return {**reported, "deferred": left}


async def held(
    grounds: Grounds, template: str, *, rounds: int, rows: int, slots: tuple[int, ...], say: Any, **_: Any
) -> dict[str, Any]:
    """Another living worker holds many RFQs at the head of the queue."""
    fresh, strained = await grounds.make(template), await grounds.make(template)
    async with connected(strained) as other:
        await other.execute("select bench.fill($1)", HELD)
        worker = await other.fetchval("select ai.register_worker('bench', 0, 'bench', 'noop', 'noop-1', 2000, true)")
        await other.execute("select count(*) from ai.claim_outbox($1, 1, $2, '1 day', 0)", worker, HELD)
        reported = await _pairs(fresh, strained, rounds, rows, slots, f"{HELD:,} in flight elsewhere", say)
        left = await other.fetchval("select count(*) from ai.outbox where worker = $1", worker)
    await _dropped(grounds, fresh, strained)
    return {**reported, "held": left}


async def drained(dsn: str, conn: Any, rows: int, slots: int) -> float:
    """RFQs per second for `rows` that are added to the existing ones."""
    await conn.execute("select bench.fill($1)", rows, timeout=FILL_SECONDS)
    await conn.execute("analyze ai.outbox")
    await conn.execute("checkpoint", timeout=FILL_SECONDS)
    return float((await drain.by_worker(dsn, rows, slots))["per_second"])


async def _pairs(
    fresh: str, strained: str, rounds: int, rows: int, slots: tuple[int, ...], what: str, say: Any
) -> dict[str, Any]:
    """Drains both databases with a worker of this many slots.

    The slots limit how many RFQs it claims and finishes at a time.
    """
    rates: dict[str, dict[int, list[float]]] = {name: {one: [] for one in slots} for name in ("fresh", "strained")}
    for number in range(rounds):
        say(f"growth: {what}, round {number + 1} of {rounds}")
        for one in slots:
            count = max(1, rows // SLOW_SHARE) if one == 1 else rows
            pair = [("fresh", fresh), ("strained", strained)]
            for name, dsn in pair if number % 2 == 0 else reversed(pair):
                async with connected(dsn) as conn:
                    if name == "fresh":
                        await clear(conn)
                    rates[name][one].append(await drained(dsn, conn, count, one))
    return {
        "slots": {
            str(one): {
                "per_second": Figure.of(rates["strained"][one]).plain(),
                "to_fresh": ratio(rates["strained"][one], rates["fresh"][one]).plain(),
            }
            for one in slots
        }
    }


async def _dropped(grounds: Grounds, *dsns: str) -> None:
    for dsn in dsns:
        await grounds.drop(dsn)


STRAINS = {"pinned": pinned, "backlog": backlog, "deferred": deferred, "held": held}
