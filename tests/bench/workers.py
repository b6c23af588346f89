"""Part `workers`: one, two and four worker processes on one backlog; no worker may idle while rows are due.

The workers start while the queue is paused, find the backlog when it is resumed, and work until it is empty. `late` is
the time from the resume until the last worker began. A gap is the longest time in which a worker started no call, up to
the last call of all. A worker that idles has a small share, begins late or has a long gap. A worker that computes has a
gap, too.
"""

import asyncio
import time
from typing import Any

from rfqflow.bench import drain
from rfqflow.bench.statistics import Figure, ratio
from rfqflow.bench.subprocess_worker import Child
from rfqflow.core.errors import RfqflowError

from .grounds import Grounds, connected

NUMBERS = (1, 2, 4)
READY_SECONDS = 30.0
LATE_SECONDS = 300.0


async def measure(server_dsn: str, *, rounds: int, rows: int, say: Any) -> dict[str, Any]:
    found: dict[int, list[dict[str, float]]] = {number: [] for number in NUMBERS}
    async with Grounds(server_dsn) as grounds:
        dsn = await grounds.ours()
        async with connected(dsn) as conn:
            for number in range(rounds):
                for count in NUMBERS if number % 2 == 0 else reversed(NUMBERS):
                    say(f"workers: round {number + 1} of {rounds}, {count}")
                    found[count].append(await _one(dsn, conn, count, rows))
    alone = [one["per_second"] for one in found[1]]
    return {
        "rows": rows,
        "workers": {
            str(count): {
                "per_second": Figure.of([one["per_second"] for one in said]).plain(),
                "ratio_to_one": ratio([one["per_second"] for one in said], alone).plain(),
                "smallest_share": Figure.of([one["smallest_share"] for one in said]).plain(),
                "late_ms": Figure.of([one["late_ms"] for one in said]).plain(),
                "longest_gap_ms": Figure.of([one["longest_gap_ms"] for one in said]).plain(),
            }
            for count, said in found.items()
        },
    }


async def _one(dsn: str, conn: Any, count: int, rows: int) -> dict[str, float]:
    await drain.fill(conn, rows)
    await conn.execute("select ai.pause('bench')")
    workers = [await Child.start("work", dsn=dsn, concurrency=drain.CONCURRENCY, expected=None) for _ in range(count)]
    try:
        await _registered(conn, count)
        began = time.monotonic()
        await conn.execute("select ai.resume('bench')")
        ended = await _empty(conn)
    finally:
        ends = asyncio.gather(*(one.end() for one in workers))
        said = await asyncio.gather(*(one.line(LATE_SECONDS) for one in workers))
        await ends
    await drain.check(conn, rows)
    starts = [sorted(one["started"].values()) for one in said]
    last = max(one[-1] for one in starts if one)
    gaps = [max(after - before for before, after in zip(one, [*one[1:], last], strict=True)) for one in starts if one]
    return {
        "per_second": rows / (ended - began),
        "smallest_share": min(len(one) for one in starts) * count / rows,
        "late_ms": (max(one[0] if one else last for one in starts) - began) * 1000,
        "longest_gap_ms": max(gaps) * 1000,
    }


async def _registered(conn: Any, count: int) -> None:
    by = time.monotonic() + READY_SECONDS
    while await conn.fetchval("select count(*) from ai.workers where has_lock") < count:
        if time.monotonic() > by:
            raise RfqflowError("bench: the workers did not come up")
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)  # until they have scanned once


async def _empty(conn: Any) -> float:
    """The start of the query that found the queue empty."""
    by = time.monotonic() + LATE_SECONDS
    while (now := time.monotonic()) < by:
        if not await conn.fetchval("select exists (select from ai.outbox)"):
            return now
        await asyncio.sleep(0.005)
    raise RfqflowError("bench: the workers did not come to an end")
