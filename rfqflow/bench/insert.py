"""What the trigger costs the application, compared with other triggers and without a trigger.

"Busy" means that no session holds the doorbell. "Asleep" means that a session always holds the doorbell, so that every
commit notifies. This is the worst case, since a real worker releases the doorbell much earlier
(`rfqflow.core.queue.poll_schedule`). No worker runs, so the measured cost is only that of the trigger.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rfqflow.bench.load import Rate, find_pgbench, pgbench, writers
from rfqflow.bench.scratch_database import clear, room_for, text_of
from rfqflow.bench.statistics import Figure, difference, percentile, ratio
from rfqflow.database.connection import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import asyncpg

WRITERS = (1, 8, 32, 64)
# by name: the table, and whether a session holds the doorbell
VARIANTS = {
    "bare": ("bench.bare", False),
    "outbox without bell": ("bench.silent", False),
    "rfqflow, busy": ("public.rfq_requests", False),
    "rfqflow, asleep": ("public.rfq_requests", True),
    "NOTIFY each time": ("bench.loud", False),
}
BULK = ("bare", "outbox without bell", "rfqflow, busy")


@dataclass(slots=True)
class Cell:
    """The results of all rounds for one variant with one number of writers."""

    per_second: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p95: list[float] = field(default_factory=list)

    def add(self, rate: Rate) -> None:
        self.per_second.append(rate.per_second)
        self.p50.append(percentile(rate.milliseconds, 0.5))
        self.p95.append(percentile(rate.milliseconds, 0.95))


@contextlib.asynccontextmanager
async def listening(dsn: str, *, asleep: bool) -> AsyncIterator[list[str]]:
    """Runs a session that listens and, with `asleep`, holds the doorbell. Yields the notifications that it gets."""
    heard: list[str] = []
    conn = await connect(dsn, application_name="rfqflow bench")
    try:
        await conn.add_listener("rfqflow_wake", lambda *_: heard.append(""))
        if asleep:
            await conn.fetchval("select ai.acquire_doorbell('10 s')")
        yield heard
    finally:
        await conn.close(timeout=2)


async def measure(
    dsn: str, conn: asyncpg.Connection, *, rounds: int, seconds: float, bulk_rows: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Measures all variants in rounds. Each round has another order of the variants."""
    program = find_pgbench()
    room = await room_for(conn)
    levels = [count for count in WRITERS if count <= room]
    cells = {(count, name): Cell() for count in levels for name in VARIANTS}
    bulk: dict[str, list[float]] = {name: [] for name in BULK}
    names = list(VARIANTS)
    for number in range(rounds):
        for count in levels:
            say(f"insert: round {number + 1} of {rounds}, {count} writer(s)")
            for name in _turned(names, number):
                table, sleeps = VARIANTS[name]
                await clear(conn)
                async with listening(dsn, asleep=sleeps):
                    cells[count, name].add(await load(program, dsn, table, count, seconds))
        for name in _turned(list(BULK), number):
            await clear(conn)
            bulk[name].append(await _one_statement(conn, VARIANTS[name][0], bulk_rows))
    await clear(conn)
    return {
        "driver": "pgbench -M prepared" if program else "asyncpg, one process (no pgbench found)",
        "seconds": seconds,
        "left_out": [count for count in WRITERS if count not in levels],
        "writers": {str(count): _level({name: cells[count, name] for name in names}) for count in levels},
        "one_statement": {
            "rows": bulk_rows,
            **{
                name: {
                    "seconds": Figure.of(bulk[name]).plain(),
                    "ratio_to_bare": ratio(bulk[name], bulk["bare"]).plain(),
                }
                for name in BULK
            },
        },
    }


def _turned(names: list[str], by: int) -> list[str]:
    # Rotate the order: the first variant of a round finds caches and disk in another state than the last.
    by %= len(names)
    return names[by:] + names[:by]


async def load(program: Any, dsn: str, table: str, count: int, seconds: float) -> Rate:
    """Runs `count` writers that insert one row at a time. `program`: pgbench, or None for asyncpg."""
    statement = text_of("insert.sql").replace("bench.target", table)
    if program:
        return await pgbench(program, dsn, statement, clients=count, seconds=seconds)
    return await writers(dsn, statement.rstrip().rstrip(";"), clients=count, seconds=seconds)


async def _one_statement(conn: asyncpg.Connection, table: str, rows: int) -> float:
    began = time.perf_counter()
    await conn.execute(
        f"insert into {table} (name, email, company, message) "
        "select 'A. Buyer', 'buyer@example.com', 'Example Works', bench.message() "
        f"from generate_series(1, {int(rows)})",
        timeout=300,
    )
    return time.perf_counter() - began


def _level(cells: dict[str, Cell]) -> dict[str, Any]:
    bare, silent = cells["bare"], cells["outbox without bell"]
    return {
        name: {
            "per_second": Figure.of(cell.per_second).plain(),
            "p50_ms": Figure.of(cell.p50).plain(),
            "p95_ms": Figure.of(cell.p95).plain(),
            "ratio_to_bare": ratio(cell.per_second, bare.per_second).plain(),
            "ratio_to_no_bell": ratio(cell.per_second, silent.per_second).plain(),
            "p95_to_no_bell": ratio(cell.p95, silent.p95).plain(),
            "p50_over_no_bell_ms": difference(cell.p50, silent.p50).plain(),
        }
        for name, cell in cells.items()
    }
