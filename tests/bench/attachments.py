"""What the trigger on attachments costs an insert: python -m tests.bench.attachments [--rounds N]

Interleaved in one session: the same bytes into a table without triggers, and into public.rfq_attachments. Alone, as a file
that follows its RFQ, and with the RFQ in one transaction. In processor time of the server's process: the flush of a commit,
which both wait for, is not in it, so that the ratio is the worst case of what rfqflow costs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
from pathlib import Path

import asyncpg

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
    """Milliseconds of processor time of its server process: how busy the machine is does not change them."""
    return int(Path(f"/proc/{conn.get_server_pid()}/schedstat").read_text().split()[0]) / 1e6


async def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        await asyncio.to_thread(server.start)
        try:
            await measure(server.dsn, rounds)
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    asyncio.run(main(parser.parse_args().rounds))
