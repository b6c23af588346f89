"""How soon an idle worker starts the call for an RFQ after the insert has committed, at 50 inserts a second.

In the same ticks, it measures a NOTIFY to a session that only listens, since no doorbell with LISTEN can be faster.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from rfqflow.bench.scratch_database import clear, set_gates
from rfqflow.bench.statistics import Figure, percentile
from rfqflow.bench.subprocess_worker import Child
from rfqflow.core.errors import RfqflowError
from rfqflow.database.connection import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    import asyncpg

PER_SECOND = 50
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_ASLEEP_SECONDS = 20.0
_GRACE_SECONDS = 2.0  # seconds for a worker to start the last RFQs, if necessary by polling


async def measure(
    dsn: str, conn: asyncpg.Connection, *, rounds: int, seconds: float, say: Callable[[str], None]
) -> dict[str, Any]:
    """Measures two workers in each round, without guards and with all guards on, each from its first sleep on."""
    found: dict[str, list[list[float]]] = {
        "committed to started": [],
        "called to started": [],
        "all guards on, committed to started": [],
        "all guards on, called to started": [],
        "raw NOTIFY, committed to heard": [],
        "raw NOTIFY, called to heard": [],
    }
    for number in range(rounds):
        say(f"pickup: round {number + 1} of {rounds}")
        for guarded in (False, True):
            await clear(conn)
            await set_gates(conn, on=guarded)
            for name, took in (await one_round(dsn, conn, seconds, guarded=guarded)).items():
                if not guarded:
                    found[name].append(took)
                elif name.endswith("started"):
                    found[f"all guards on, {name}"].append(took)
    return {
        "per_second": PER_SECOND,
        "seconds": seconds,
        **{
            name: {
                **{f"{label}_ms": Figure.of([percentile(waits, share) for waits in per_round]).plain()
                   for label, share in _SHARES.items()},
                "count": sum(len(waits) for waits in per_round),
            }
            for name, per_round in found.items()
        },
    }  # fmt: skip


async def until_asleep(conn: asyncpg.Connection) -> None:
    """Waits until a worker has acquired the doorbell. With notify off, waits until the worker has polled."""
    if await conn.fetchval("select value #>> '{}' from ai.policy where key = 'notify'") == "off":
        await asyncio.sleep(_GRACE_SECONDS)
        return
    by = time.monotonic() + _ASLEEP_SECONDS
    while not await conn.fetchval("select bench.somebody_sleeps()"):
        if time.monotonic() > by:
            raise RfqflowError("bench: the worker did not fall asleep")
        await asyncio.sleep(0.02)


async def one_round(
    dsn: str, conn: asyncpg.Connection, seconds: float, *, guarded: bool = False
) -> dict[str, list[float]]:
    """The milliseconds for each insert, and for each bare notification between two inserts."""
    worker = await Child.start("work", dsn=dsn, concurrency=32, expected=None, guarded=guarded)
    listener = await Child.start("listen", dsn=dsn, channel="bench_raw")
    writer = await connect(dsn, application_name="rfqflow bench")
    called: dict[str, float] = {}
    committed: dict[str, float] = {}
    notified: dict[str, tuple[float, float]] = {}
    try:
        await listener.line(_ASLEEP_SECONDS)
        await until_asleep(conn)
        insert = await writer.prepare(
            "insert into public.rfq_requests (name, email, company, message) values ('A. Buyer', "
            "'buyer' || $1::text || '@example.com', 'Example Works', bench.message() || $1::text) returning id::text"
        )
        notify = await writer.prepare("select pg_notify('bench_raw', $1)")
        began = time.monotonic()
        for tick in range(round(PER_SECOND * seconds)):
            await asyncio.sleep(max(0.0, began + tick / PER_SECOND - time.monotonic()))
            before = time.monotonic()
            rfq_id = await insert.fetchval(str(tick))
            committed[rfq_id] = time.monotonic()
            called[rfq_id] = before
            # Notify half a tick later, when the worker sleeps again.
            await asyncio.sleep(max(0.0, began + (tick + 0.5) / PER_SECOND - time.monotonic()))
            before = time.monotonic()
            await notify.fetchval(str(tick))
            notified[str(tick)] = (before, time.monotonic())
        await asyncio.sleep(_GRACE_SECONDS)
    finally:
        await writer.close(timeout=2)
        ends = asyncio.gather(worker.end(), listener.end())
        said = await asyncio.gather(worker.line(30), listener.line(30), ends, return_exceptions=True)
    for answer in said:
        if isinstance(answer, BaseException):
            raise answer
    started, heard = said[0]["started"], said[1]["heard"]
    if set(started) != set(committed):
        raise RfqflowError(f"bench: of {len(committed)} RFQs {len(started)} were picked up")
    return {
        "committed to started": [(started[rfq_id] - at) * 1000 for rfq_id, at in committed.items()],
        "called to started": [(started[rfq_id] - at) * 1000 for rfq_id, at in called.items()],
        "raw NOTIFY, committed to heard": [(heard[rfq_id] - at) * 1000 for rfq_id, (_, at) in notified.items()],
        "raw NOTIFY, called to heard": [(heard[rfq_id] - at) * 1000 for rfq_id, (at, _) in notified.items()],
    }
