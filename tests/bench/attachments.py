"""Measures what the trigger on attachments costs an insert: python -m tests.bench.attachments [--rounds N]

One session inserts the same bytes in turn into a table without triggers and into public.rfq_attachments. It inserts a
file alone, a file that follows its RFQ, and a file with its RFQ in one transaction. The measure is the processor time
of the server's process. It leaves out the flush of a commit, which both inserts wait for. So the ratio is the worst
case of what rfqflow costs.

Then it measures what large files cost the queue: the time from the commit of plain RFQs until they are final. It does
so without other load, beside inserts of 20 MB into a table without triggers, and beside attachments of the same size,
which the worker reads.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from rfqflow.bench.statistics import percentile
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres

SIZES = {"2 kB": 2_000, "50 kB": 50_000, "200 kB": 200_000, "2 MB": 2_000_000, "20 MB": 20_000_000}
BARE = """
create schema bench;
create table bench.rfqs (like public.rfq_requests including defaults including indexes) with (fillfactor = 70);
create table bench.files (like public.rfq_attachments including all);
"""
FILE = "insert into {} (rfq_id, file_name, content) values ($1, 'drawing.pdf', $2)"
RFQ = "insert into {} (message) values ('We need 250 pcs of housing 7-114 as the drawing says') returning id"


def cpu(conn: asyncpg.Connection) -> float:
    """Milliseconds of processor time of the session's server process, which other load does not change."""
    return int(Path(f"/proc/{conn.get_server_pid()}/schedstat").read_text().split()[0]) / 1e6


async def main(rounds: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        await asyncio.to_thread(server.start)
        try:
            await measure(server.dsn, rounds)
            await beside(server.dsn, seconds)
        finally:
            await asyncio.to_thread(server.stop)


async def measure(dsn: str, rounds: int) -> None:
    conn = await connect(dsn, application_name="attachments")
    await migrate.migrate(conn)
    await conn.execute(BARE)
    tables = {"bare": ("bench.rfqs", "bench.files"), "rfqflow": ("public.rfq_requests", "public.rfq_attachments")}
    print(f"{'file':>8} {'bare ms':>9} {'rfqflow ms':>11} {'alone':>7} {'with its RFQ':>13}")
    for name, size in SIZES.items():
        content, number = os.urandom(size), max(10, min(rounds, 200_000_000 // size))
        took: dict[tuple[str, bool], list[float]] = {(one, both): [] for one in tables for both in (False, True)}
        for _ in range(number):
            for one, both in random.sample(list(took), len(took)):
                rfqs, files = tables[one]
                rfq_id = await conn.fetchval(RFQ.format(rfqs)) if not both else None
                started = cpu(conn)
                async with conn.transaction():
                    rfq_id = rfq_id or await conn.fetchval(RFQ.format(rfqs))
                    await conn.execute(FILE.format(files), rfq_id, content)
                took[one, both].append(cpu(conn) - started)
            if size > 1_000_000:
                await conn.execute("truncate bench.files, public.rfq_attachments")
        middle = {key: statistics.median(times) for key, times in took.items()}
        alone, both = (middle["bare", kind] / middle["rfqflow", kind] for kind in (False, True))
        print(
            f"{name:>8} {middle['bare', False]:9.2f} {middle['rfqflow', False]:11.2f} {alone:7.3f} {both:13.3f}",
            flush=True,
        )
    await conn.close()


PER_SECOND, LARGE = 20, 20_000_000
PLAIN = "insert into public.rfq_requests (name, email, message) values ('A. Buyer', $1, $2) returning id"
ENDS = "select rfq_id, extract(epoch from max(created_at))::float8 as ended_at from ai.rag_runs group by rfq_id"


async def beside(dsn: str, seconds: float) -> None:
    """Inserts plain RFQs at an even pace beside each kind of load, for `seconds`; prints the time until they are final."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rfqflow", "run", cwd="/", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "RFQFLOW_DATABASE_URL": dsn, "RFQFLOW_PROVIDER": "rules"},
    )  # fmt: skip
    conn, loader = [await connect(dsn, application_name="attachments") for _ in range(2)]
    print(f"{'beside':>30} {'RFQs':>6} {'files':>6} {'p50 ms':>8} {'p95':>8} {'p99':>8}")
    try:
        await conn.execute("truncate bench.files, public.rfq_attachments, public.rfq_requests, ai.outbox")
        while not await conn.fetchval("select exists (select from ai.workers where has_lock)"):
            await asyncio.sleep(0.1)
        for name, files in (
            ("no file", ""),
            ("20 MB without triggers", "bench.files"),
            ("20 MB as attachments", "public.rfq_attachments"),
        ):
            loading = asyncio.create_task(load(loader, files)) if files else None
            committed = await paced(conn, seconds)
            if loading:
                loading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await loading
                loader.terminate()
                loader = await connect(dsn, application_name="attachments")
            while await conn.fetchval("select exists (select from ai.outbox)"):
                await asyncio.sleep(0.1)
            ends = {row["rfq_id"]: row["ended_at"] for row in await conn.fetch(ENDS)}
            late = [(ends[rfq_id] - at) * 1000 for rfq_id, at in committed.items()]
            number = await conn.fetchval(f"select count(*) from {files}") if files else 0
            print(
                f"{name:>30} {len(late):>6} {number:>6} "
                + " ".join(f"{percentile(late, share):8.1f}" for share in (0.5, 0.95, 0.99)),
                flush=True,
            )
            await conn.execute("truncate bench.files, public.rfq_attachments")
    finally:
        worker.terminate()
        await worker.wait()
        conn.terminate()
        loader.terminate()


async def paced(conn: asyncpg.Connection, seconds: float) -> dict[str, float]:
    """The time at which each RFQ was committed."""
    committed: dict[str, float] = {}
    began = time.monotonic()
    for number in range(round(PER_SECOND * seconds)):
        await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        text = f"Please quote 250 pcs of bracket BR-{number}, laser cut, {random.random()}"
        rfq_id = await conn.fetchval(PLAIN, f"buyer{random.random()}@example.com", text)
        committed[rfq_id] = time.time()
    return committed


async def load(conn: asyncpg.Connection, files: str) -> None:
    """Inserts a file of 20 MB each second, each with its own RFQ."""
    content = os.urandom(LARGE)
    while True:
        async with conn.transaction():
            rfq_id = await conn.fetchval(RFQ.format("public.rfq_requests"))
            await conn.execute(FILE.format(files), rfq_id, content)
        await asyncio.sleep(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60, help="how long each load of the queue lasts")
    chosen = parser.parse_args()
    asyncio.run(main(chosen.rounds, chosen.seconds))
