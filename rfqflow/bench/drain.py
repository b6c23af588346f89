"""How fast one worker process drains the queue, compared with the same statements without a worker.

The worker writes each answer. The rate is the number of RFQs divided by the time from the start of the first call to
the last commit. For the raw rate, one connection sends the worker's statements and data in a loop, and does nothing
else. So the difference between the rates is the cost of Python, the event loop and the network. The plain drain reads
no text. With all guards on, the worker screens each text, requests admission, and checks the answer against the text.
"""

from __future__ import annotations

import math
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from rfqflow.bench.load import find_pgbench, pgbench
from rfqflow.bench.scratch_database import clear, set_gates, settle, text_of
from rfqflow.bench.statistics import Figure, ratio
from rfqflow.bench.subprocess_worker import Child
from rfqflow.core.errors import RfqflowError
from rfqflow.database.connection import connect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    import asyncpg

BATCH = 500  # as in rfqflow.worker.result_buffer
CONCURRENCY = 1000
_LATE_SECONDS = 900.0


async def measure(
    dsn: str, conn: asyncpg.Connection, *, rounds: int, rows: int, single_rows: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Measures the worker and the raw statements in turn, in large batches and one by one."""
    program = find_pgbench()
    worker: list[dict[str, Any]] = []
    single: list[dict[str, Any]] = []
    guarded: list[dict[str, Any]] = []
    gated: list[dict[str, Any]] = []
    raw: dict[str, list[float]] = {
        "gated": [],
        "batch": [],
        "batch_two_calls": [],
        "single": [],
        "single_two_calls": [],
    }
    for number in range(rounds):
        say(f"drain: round {number + 1} of {rounds}")
        batches: list[Callable[[], Awaitable[None]]] = [
            partial(_worker, dsn, conn, rows, CONCURRENCY, worker),
            partial(_raw, program, dsn, conn, rows, BATCH, "drain_fused.sql", raw["batch"]),
            partial(_raw, program, dsn, conn, rows, BATCH, "drain_two.sql", raw["batch_two_calls"]),
            partial(_worker, dsn, conn, rows, CONCURRENCY, guarded, guarded=True),
            partial(_worker, dsn, conn, rows, CONCURRENCY, gated, spam=True),
            partial(_raw, program, dsn, conn, rows, BATCH, "drain_gated.sql", raw["gated"], spam=True),
            partial(_worker, dsn, conn, single_rows, 1, single),
            partial(_raw, program, dsn, conn, single_rows, 1, "drain_fused.sql", raw["single"]),
            partial(_raw, program, dsn, conn, single_rows, 1, "drain_two.sql", raw["single_two_calls"]),
        ]
        for batch in batches if number % 2 == 0 else reversed(batches):
            await batch()
    await clear(conn)
    found = _figures(rows, worker, single, guarded, gated, raw)
    return {
        "driver": "pgbench -M prepared" if program else "bare asyncpg loop (no pgbench found)",
        "rows": rows,
        "single_rows": single_rows,
        "batch": BATCH,
        "concurrency": CONCURRENCY,
        "log_level": "warning",
        **found,
    }


def _figures(
    rows: int,
    worker: list[dict[str, Any]],
    single: list[dict[str, Any]],
    guarded: list[dict[str, Any]],
    gated: list[dict[str, Any]],
    raw: dict[str, list[float]],
) -> dict[str, Any]:
    """By measurement: the results of all rounds."""
    rates, single_rates = [run["per_second"] for run in worker], [run["per_second"] for run in single]
    return {
        "worker": {
            "per_second": Figure.of(rates).plain(),
            "share_of_raw": ratio(rates, raw["batch"]).plain(),
            "cpu_us_per_rfq": Figure.of([run["cpu_seconds"] / rows * 1e6 for run in worker]).plain(),
            "rss_mib": Figure.of([run["rss_mib"] for run in worker]).plain(),
        },
        "worker, all guards on": {
            "per_second": Figure.of([run["per_second"] for run in guarded]).plain(),
            "share_of_drain": ratio([run["per_second"] for run in guarded], rates).plain(),
            "cpu_us_per_rfq": Figure.of([run["cpu_seconds"] / rows * 1e6 for run in guarded]).plain(),
            "rss_mib": Figure.of([run["rss_mib"] for run in guarded]).plain(),
        },
        "worker, a flood of spam": {
            "per_second": Figure.of([run["per_second"] for run in gated]).plain(),
            "share_of_raw": ratio([run["per_second"] for run in gated], raw["gated"]).plain(),
            "share_of_drain": ratio([run["per_second"] for run in gated], rates).plain(),
            "cpu_us_per_rfq": Figure.of([run["cpu_seconds"] / rows * 1e6 for run in gated]).plain(),
            "rss_mib": Figure.of([run["rss_mib"] for run in gated]).plain(),
        },
        "raw, a flood of spam": {"per_second": Figure.of(raw["gated"]).plain()},
        "worker, one slot": {
            "per_second": Figure.of(single_rates).plain(),
            "share_of_raw": ratio(single_rates, raw["single"]).plain(),
            "ratio_to_two_calls": ratio(single_rates, raw["single_two_calls"]).plain(),
        },
        "raw": {"per_second": Figure.of(raw["batch"]).plain()},
        "raw, two calls": {"per_second": Figure.of(raw["batch_two_calls"]).plain()},
        "raw, one by one": {"per_second": Figure.of(raw["single"]).plain()},
        "raw, one by one, two calls": {"per_second": Figure.of(raw["single_two_calls"]).plain()},
    }


async def fill(conn: asyncpg.Connection, rows: int, *, spam: bool = False) -> None:
    """Fills the queue with RFQs."""
    await clear(conn)
    await conn.execute("select bench.fill_spam($1)" if spam else "select bench.fill($1)", rows, timeout=300)
    await settle(conn)


async def check(conn: asyncpg.Connection, rows: int, *, spam: bool = False) -> None:
    """Raises RfqflowError if the worker has left out work, since the rate would be wrong."""
    done, runs, left = await conn.fetchrow(
        "select (select count(*) from public.rfq_requests "
        "where ai_status = $1 and (ai_summary is not null) = ($1 = 'done')), "
        "(select count(*) from ai.rag_runs where status = $2), (select count(*) from ai.outbox)",
        *(("skipped", "skipped") if spam else ("done", "succeeded")),
    )
    if (done, runs, left) != (rows, rows, 0):
        raise RfqflowError(f"bench: of {rows} RFQs {done} were written, with {runs} runs, and {left} left in the queue")


async def by_worker(
    dsn: str, rows: int, concurrency: int, *, late_seconds: float = _LATE_SECONDS, **options: Any
) -> dict[str, Any]:
    """Runs one worker process until it has finished `rows` RFQs. Returns its report and `per_second`.

    The last batch may finish more than `rows` RFQs, which count too.
    """
    child = await Child.start("work", dsn=dsn, concurrency=concurrency, expected=rows, **options)
    try:
        result = await child.line(late_seconds)
    finally:
        await child.end()
    return {**result, "per_second": result["reached"] / result["seconds"]}


async def _worker(
    dsn: str,
    conn: asyncpg.Connection,
    rows: int,
    concurrency: int,
    into: list[dict[str, Any]],
    *,
    guarded: bool = False,
    spam: bool = False,
) -> None:
    await fill(conn, rows, spam=spam)
    await set_gates(conn, on=guarded or spam)
    result = await by_worker(dsn, rows, concurrency, guarded=guarded)
    await check(conn, rows, spam=spam)
    into.append(result)


async def _raw(
    program: Path | None,
    dsn: str,
    conn: asyncpg.Connection,
    rows: int,
    batch: int,
    script: str,
    into: list[float],
    *,
    spam: bool = False,
) -> None:
    await fill(conn, rows, spam=spam)
    turns = math.ceil(rows / batch)
    fused = script != "drain_two.sql"
    if program:
        variables: dict[str, str | int] = {"finished": "[]", "low_water": 0, "batch": batch}
        text = text_of(script)
        rate = await pgbench(program, dsn, text, transactions=turns + fused, variables=variables)
        seconds = sum(rate.milliseconds) / 1000
    else:
        seconds = await _loop(dsn, turns + fused, batch, script)
    await check(conn, rows, spam=spam)
    into.append(rows / seconds)


async def _loop(dsn: str, turns: int, batch: int, script: str) -> float:
    """Runs the statements of the scripts through asyncpg."""
    conn = await connect(dsn, application_name="rfqflow bench")
    finished, low_water = "[]", 0
    turn = "gated_turn" if script == "drain_gated.sql" else "turn"
    began = time.perf_counter()
    for _ in range(turns):
        if script == "drain_two.sql":
            finished, low_water = await conn.fetchrow(
                "select finished, low_water from bench.claim($1, $2)", batch, low_water
            )
            await conn.fetchval("select count(*) from ai.finish_outbox($1::text::jsonb)", finished)
        else:
            finished, low_water = await conn.fetchrow(
                f"select finished, low_water from bench.{turn}($1, $2, $3)",
                finished,
                batch,
                low_water,
            )
    seconds = time.perf_counter() - began
    await conn.close(timeout=2)
    return seconds
