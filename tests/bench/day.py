"""Part `day`: RFQs arrive as on a real day at three workers with all features on. How late do the answers come?

RFQs arrive one by one at random times (a Poisson process), with a burst every two minutes. Their texts are the
corpus's. Each twentieth has a file. The model server takes 1 to 8 seconds, and refuses 2 % of its calls. The delay of
an RFQ is the time from the commit of its INSERT until it is final, minus the time that the model took.
"""

import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from rfqflow.bench.statistics import percentile
from rfqflow.bench.subprocess_worker import Child
from rfqflow.core.errors import RfqflowError
from rfqflow.database import migrate

from .grounds import Grounds, connected
from .inflight import CALLING

CORPUS = Path(__file__).parents[1] / "corpus" / "rfqs_dev.jsonl"
WORKERS, SLOTS = 3, 64
ANSWER_SECONDS = (1.0, 8.0)
ERROR_SHARE = 0.02
FILE_SHARE = 0.05
BURST_EACH_SECONDS, BURST = 120.0, 60
IDLE_SECONDS = 20.0
WARM_SHARE = 0.2  # the part of the day after which memory and tables are measured, to compare them with the end
LATE_SECONDS = 180.0
WRITERS = 8
LABELS = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
TICK = os.sysconf("SC_CLK_TCK")
PAGE_MIB = os.sysconf("SC_PAGESIZE") / 2**20
QUEUE = ("outbox", "outbox_deferred", "holds", "model_states", "budget_windows", "workers")
INSERT = """
  insert into public.rfq_requests (name, email, company, message) values ('A. Buyer', $1, 'Example Works', $2) returning id
"""
INSERT_FILE = "insert into public.rfq_attachments (rfq_id, file_name, content) values ($1, 'items.csv', $2)"
FILE = b"item;part number;quantity;unit\n" + b"".join(
    b"%d;BR-%d;%d;pcs\n" % (n, 4000 + n, 10 * n) for n in range(1, 40)
)
ENDS = """
  select u.rfq_id, count(*) as runs, extract(epoch from max(u.created_at))::float8 as ended_at
  from ai.rag_runs u group by u.rfq_id
"""


@dataclass(slots=True)
class Arrival:
    """One RFQ of the day. Times are seconds since the epoch."""

    number: int
    has_file: bool
    committed_at: float = 0.0
    rfq_id: Any = None


async def measure(server_dsn: str, *, minutes: float, per_second: float, say: Any) -> dict[str, Any]:
    """Measures one day of `minutes`; bursts come in addition to `per_second`."""
    async with Grounds(server_dsn) as grounds:
        dsn = await grounds.make()
        async with connected(dsn) as conn, _served() as (base_url, calls):
            await _prepare(conn)
            async with _workers(dsn, base_url, conn) as pids:
                say(f"day: idle for {IDLE_SECONDS:g} s")
                before = sum(map(_cpu_seconds, pids))
                await asyncio.sleep(IDLE_SECONDS)
                idle = (sum(map(_cpu_seconds, pids)) - before) / IDLE_SECONDS / WORKERS
                say(f"day: {minutes:g} minutes")
                warm, arrivals = await _day(dsn, conn, pids, minutes * 60, per_second)
                await _empty(conn)
                grown = await _sizes(conn, pids)
                cpu = sum(map(_cpu_seconds, pids)) - before
            ends = {row["rfq_id"]: row for row in await conn.fetch(ENDS, timeout=120)}
            asked = await calls()
    return {
        "minutes": minutes, "per_second": per_second, "rfqs": len(arrivals), "idle_share": idle,
        "cpu_ms_per_rfq": cpu / len(arrivals) * 1000, "warm": warm, "end": grown,
        **_late(arrivals, ends, {int(number): spans for number, spans in asked.items()}),
    }  # fmt: skip


def _late(arrivals: list[Arrival], ends: dict[Any, Any], asked: dict[int, list[list[float]]]) -> dict[str, Any]:
    """The delays, by kind and by minute.

    RFQs that met an error are a separate kind, since they wait for the next attempt.
    """
    began = arrivals[0].committed_at
    kinds: dict[str, list[float]] = {"message alone": [], "with a file": [], "after an error": []}
    by_minute: dict[int, list[float]] = {}
    for one in arrivals:
        end, spans = ends[one.rfq_id], asked.get(one.number, [])
        late = (end["ended_at"] - one.committed_at - sum(until - since for since, until in spans)) * 1000
        retried = len(spans) > 1 or end["runs"] > 1
        kinds["after an error" if retried else "with a file" if one.has_file else "message alone"].append(late)
        if not retried and not one.has_file:
            by_minute.setdefault(int((one.committed_at - began) / 60), []).append(late)
    return {
        "late_ms": {
            kind: {"rfqs": len(late), **{label: percentile(late, share) for label, share in LABELS.items()}}
            for kind, late in kinds.items()
            if late
        },
        "by_minute": {
            label: [percentile(by_minute[minute], share) for minute in sorted(by_minute)]
            for label, share in LABELS.items()
        },
    }


async def _prepare(conn: asyncpg.Connection) -> None:
    await migrate.migrate(conn)
    await conn.execute("select ai.make_partitions()")
    for period in ("hour", "day", "month"):
        await conn.execute("select ai.set_budget('global', $1, 1000)", period)
    await conn.execute("select ai.set_price('openai', 'bench-1', 0.25, 2)")
    await conn.execute(
        "insert into ai.model_limits (provider, model, requests_per_minute, tokens_per_minute) "
        "values ('openai', 'bench-1', 60000, 200000000)"
    )


async def _day(
    dsn: str, conn: asyncpg.Connection, pids: list[int], seconds: float, per_second: float
) -> tuple[dict[str, Any], list[Arrival]]:
    """All arrivals, and the sizes of memory and tables after the first part of the day."""
    chance = random.Random(1)
    messages = [json.loads(line)["message"] for line in CORPUS.read_text("utf-8").splitlines()]
    arrivals: list[Arrival] = []
    warm: dict[str, Any] = {}
    began, burst_at = time.monotonic(), BURST_EACH_SECONDS / 2
    writers: asyncio.Queue[asyncpg.Connection] = asyncio.Queue()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(WRITERS):
            writers.put_nowait(await stack.enter_async_context(connected(dsn)))
        writing = await stack.enter_async_context(asyncio.TaskGroup())

        def arrive() -> None:
            one = Arrival(len(arrivals), chance.random() < FILE_SHARE)
            arrivals.append(one)
            writing.create_task(_insert(writers, one, messages[one.number % len(messages)]))

        at = 0.0
        while at < seconds:
            at += chance.expovariate(per_second)
            await asyncio.sleep(max(0.0, began + at - time.monotonic()))
            arrive()
            if at >= burst_at:
                burst_at += BURST_EACH_SECONDS
                for _ in range(BURST):
                    arrive()
            if not warm and at >= seconds * WARM_SHARE:
                warm = await _sizes(conn, pids)
    return warm, arrivals


async def _insert(writers: asyncio.Queue[asyncpg.Connection], one: Arrival, message: str) -> None:
    about = f"{message}\n\nday-{one.number}"
    writer = await writers.get()
    async with writer.transaction():
        one.rfq_id = await writer.fetchval(INSERT, f"buyer{one.number}@example.com", about)
        if one.has_file:
            await writer.execute(INSERT_FILE, one.rfq_id, FILE)
    one.committed_at = time.time()
    writers.put_nowait(writer)


async def _empty(conn: asyncpg.Connection) -> None:
    by = time.monotonic() + LATE_SECONDS
    waiting = "select exists (select from ai.outbox) or exists (select from ai.outbox_deferred)"
    while await conn.fetchval(waiting):
        if time.monotonic() > by:
            raise RfqflowError("bench: the day's RFQs did not end")
        await asyncio.sleep(0.2)


async def _sizes(conn: asyncpg.Connection, pids: list[int]) -> dict[str, Any]:
    rows = await conn.fetch(
        "select relname, pg_table_size(relid) as bytes, n_dead_tup as dead from pg_stat_user_tables "
        "where schemaname = 'ai' and relname = any ($1) order by relname",
        list(QUEUE),
    )
    return {
        "rss_mib": [_rss_mib(pid) for pid in pids],
        "tables": {row["relname"]: {"kib": row["bytes"] // 1024, "dead": row["dead"]} for row in rows},
    }


@contextlib.asynccontextmanager
async def _workers(dsn: str, base_url: str, conn: asyncpg.Connection) -> AsyncIterator[list[int]]:
    """`rfqflow run` three times, as people run it; yields the process ids."""
    environment = {
        **os.environ, "RFQFLOW_DATABASE_URL": dsn, "RFQFLOW_PROVIDER": "openai", "RFQFLOW_MODEL": "bench-1",
        "OPENAI_API_KEY": "no-key", "OPENAI_BASE_URL": base_url, "RFQFLOW_CONCURRENCY": str(SLOTS),
        "RFQFLOW_LOG_FORMAT": "json",
    }  # fmt: skip
    with tempfile.TemporaryFile() as log:
        started = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "rfqflow", "run", env=environment, stdout=log, stderr=log, cwd="/"
            )
            for _ in range(WORKERS)
        ]
        try:
            by = time.monotonic() + LATE_SECONDS
            while await conn.fetchval("select count(*) from ai.workers where has_lock") < WORKERS:
                if time.monotonic() > by or any(one.returncode is not None for one in started):
                    log.seek(0)
                    raise RfqflowError(f"bench: a worker did not come up: {log.read()[-500:].decode(errors='replace')}")
                await asyncio.sleep(0.1)
            yield [one.pid for one in started]
        finally:
            for one in started:
                with contextlib.suppress(ProcessLookupError):
                    one.terminate()
            await asyncio.gather(*(one.wait() for one in started))


@contextlib.asynccontextmanager
async def _served() -> AsyncIterator[tuple[str, Any]]:
    """The model server's base URL, and a function that ends the server and returns when it had which RFQ."""
    child = await Child.start(
        "serve_day", program=CALLING, seconds=list(ANSWER_SECONDS), error_share=ERROR_SHARE, seed=1
    )
    base_url = (await child.line(30))["base_url"]

    async def calls() -> dict[str, Any]:
        ending = asyncio.create_task(child.end())
        said = await child.line(60)
        await ending
        return dict(said["calls"])

    try:
        yield base_url, calls
    finally:
        await child.end()


def _cpu_seconds(pid: int) -> float:
    """The processor time of the process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK


def _rss_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * PAGE_MIB
