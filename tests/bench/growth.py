"""Part `growth`: the drain rate and the insert cost as tables fill, and under other conditions that may slow a queue.

Each cell compares two databases of one cluster in the same round: a fresh one, and one that has grown. Past RFQs and
runs are spread over weekly partitions as time would have done. `strains` are an open snapshot, a backlog, deferred
rows, and rows that another worker holds.
"""

from pathlib import Path
from typing import Any

from rfqflow.bench import drain, insert
from rfqflow.bench.load import find_pgbench
from rfqflow.bench.scratch_database import clear
from rfqflow.bench.statistics import Figure, percentile, ratio

from .grounds import Grounds, connected
from .strains import STRAINS, drained

WEEKS = 12
CHUNK = 100_000
WRITERS = 8
LOAD_SECONDS = 1800


async def measure(
    server_dsn: str,
    *,
    rounds: int,
    sizes: tuple[int, ...],
    rows: int,
    seconds: float,
    slots: tuple[int, ...],
    backlog: int,
    pinned_seconds: float,
    only: tuple[str, ...],
    say: Any,
) -> dict[str, Any]:
    """`rows` of one drain, `seconds` of one insert load; `only`: `sizes` or names of strains; empty: all."""
    reported: dict[str, Any] = {"rows": rows, "seconds": seconds, "weeks": WEEKS, "writers": WRITERS}
    async with Grounds(server_dsn) as grounds:
        template = await grounds.ours()
        await make_samples(template)
        await grounds.left(template)
        if not only or "sizes" in only:
            reported["sizes"] = await _sizes(grounds, template, rounds, sizes, rows, seconds, say)
        for name, strain in STRAINS.items():
            if not only or name in only:
                reported[name] = await strain(
                    grounds,
                    template,
                    rounds=rounds,
                    rows=rows,
                    slots=slots,
                    backlog=backlog,
                    pinned_seconds=pinned_seconds,
                    say=say,
                )
    return reported


async def make_samples(dsn: str) -> None:
    """Makes one finished RFQ as a sample, and the functions that copy it many times."""
    async with connected(dsn) as conn:
        await conn.execute(Path(__file__).with_name("growth.sql").read_text())
        await drain.fill(conn, 1)
        await drain.by_worker(dsn, 1, 1)
        await conn.execute("select bench.take_sample()")
        await clear(conn)


async def _sizes(
    grounds: Grounds, template: str, rounds: int, sizes: tuple[int, ...], rows: int, seconds: float, say: Any
) -> list[dict[str, Any]]:
    fresh, grown = await grounds.make(template), await grounds.make(template)
    reported = []
    for size in sorted(sizes):
        async with connected(grown) as conn:
            await grow_to(conn, size, say)
            partitions, database_mib = await conn.fetchrow(
                "select (select count(*) from pg_inherits where inhparent = 'ai.rag_runs'::regclass), "
                "pg_database_size(current_database()) / 1048576"
            )
        rates: dict[str, dict[str, list[float]]] = {
            name: {"drain": [], "insert": [], "insert_p95_ms": []} for name in ("fresh", "grown")
        }
        for number in range(rounds):
            say(f"growth: {size:,} RFQs, round {number + 1} of {rounds}")
            pair = [("fresh", fresh), ("grown", grown)]
            for name, dsn in pair if number % 2 == 0 else reversed(pair):
                async with connected(dsn) as conn:
                    if name == "fresh":
                        await clear(conn)
                    await _cell(dsn, conn, rates[name], rows, seconds)
        reported.append({
            "rfqs": size,
            "partitions": partitions,
            "database_mib": database_mib,
            **{
                f"{what}_per_second": Figure.of(rates["grown"][what]).plain() for what in ("drain", "insert")
            },
            "drain_to_fresh": ratio(rates["grown"]["drain"], rates["fresh"]["drain"]).plain(),
            "insert_to_fresh": ratio(rates["grown"]["insert"], rates["fresh"]["insert"]).plain(),
            "insert_p95_to_fresh": ratio(rates["grown"]["insert_p95_ms"], rates["fresh"]["insert_p95_ms"]).plain(),
            "drain_us": Figure.of([1e6 / one for one in rates["grown"]["drain"]]).plain(),
            "insert_us": Figure.of([1e6 / one for one in rates["grown"]["insert"]]).plain(),
        })  # fmt: skip
    await grounds.drop(fresh)
    await grounds.drop(grown)
    return reported


async def grow_to(conn: Any, size: int, say: Any) -> None:
    await conn.execute("select bench.make_past_weeks($1)", WEEKS)
    while (there := await conn.fetchval("select rfqs from bench.grown")) < size:
        say(f"growth: {there:,} of {size:,} RFQs")
        await conn.execute("select bench.grow($1, $2)", min(CHUNK, size - there), WEEKS, timeout=LOAD_SECONDS)
    await conn.execute("vacuum (analyze)", timeout=LOAD_SECONDS)
    await conn.execute("checkpoint", timeout=LOAD_SECONDS)


async def _cell(dsn: str, conn: Any, into: dict[str, list[float]], rows: int, seconds: float) -> None:
    """Measures inserts, and removes their RFQs; then measures a drain. The dead rows stay, as they would in production."""
    began = await conn.fetchval("select clock_timestamp()")
    load = await insert.load(find_pgbench(), dsn, "public.rfq_requests", WRITERS, seconds)
    into["insert"].append(load.per_second)
    into["insert_p95_ms"].append(percentile(load.milliseconds, 0.95))
    await conn.execute("delete from public.rfq_requests where created_at >= $1", began, timeout=LOAD_SECONDS)
    await conn.execute("truncate ai.outbox")
    into["drain"].append(await drained(dsn, conn, rows, drain.CONCURRENCY))
