"""A worker in the process of the test, with a provider that the test scripts."""

from __future__ import annotations

import asyncio
import contextlib
import time
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rfqflow import settings
from rfqflow.core.answer import Answer, LineItem
from rfqflow.core.errors import CallError, ErrorClass, Usage
from rfqflow.core.records import Completion
from rfqflow.database.connection import connect
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.prompts import shipped
from rfqflow.worker.result_buffer import BLAME_SECONDS
from rfqflow.worker.worker import Worker
from tests.support.polling import between_looks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    import asyncpg

    from rfqflow.llm import Request
    from rfqflow.llm.openai import OpenAIProvider


class Scripted:
    """Answers at once, unless `behaviours` has the message, or `default` is set.

    It raises an ErrorClass or an exception, waits for an Event, and sleeps for a number of seconds. It takes the
    entries of a list one by one.
    """

    name = "scripted"
    model = "m1"
    models = ("m1",)
    names: Mapping[str, str] = MappingProxyType({})
    takes_pictures = False
    free = False

    def __init__(self) -> None:
        self.behaviours: dict[str, Any] = {}
        self.default: Any = None
        self.calls: list[str] = []  # messages
        self.requests: list[Request] = []
        self.in_flight = 0
        self.peak = 0

    async def complete(self, request: Request) -> Completion:
        message = request.rfq.message
        self.calls.append(message)
        self.requests.append(request)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            behaviour = self.behaviours.get(message, self.default)
            if isinstance(behaviour, list):
                behaviour = behaviour.pop(0) if behaviour else None
            if isinstance(behaviour, asyncio.Event):
                await behaviour.wait()
            elif isinstance(behaviour, float):
                await asyncio.sleep(behaviour)
            elif isinstance(behaviour, ErrorClass):
                raise CallError(behaviour, "as scripted", usage=Usage())
            elif isinstance(behaviour, Exception):
                raise behaviour
        finally:
            self.in_flight -= 1
        return Completion(
            Answer(
                summary=f"about {message}"[:600], route="general", confidence=0.9, tags=("t",),
                line_items=(LineItem(description=message[:80].strip() or "something"),),
            ),
            self.name, request.model, "rfq@1", b"p" * 32, Usage(10, 0, 5), Decimal("0.0001"), "table",
        )  # fmt: skip

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        return Decimal("0.0001"), "table"

    def rejected(self, model: str) -> frozenset[str]:
        return frozenset()

    async def aclose(self) -> None:
        """Does nothing: the provider holds no resources."""


@contextlib.asynccontextmanager
async def working(
    dsn: str,
    provider: Scripted | OpenAIProvider,
    *,
    listen_dsn: str | None = None,
    direct: bool = True,
    drain: bool = False,
    alone: bool = False,
    prompt_version: str | None = "rfq@1",
    pipeline: type[Pipeline] = Pipeline,
    blame_seconds: float = BLAME_SECONDS,
    **overrides: Any,
) -> AsyncIterator[Worker]:
    """Runs a worker during the block, and stops it in order afterwards; with `alone`, the worker ends by itself."""
    await let_short_texts_pass(dsn)
    loaded = settings.load(**{"database_url": dsn, "concurrency": 8, **overrides})
    made = pipeline(
        provider, prompt_version=prompt_version, deadline_seconds=loaded.call_deadline_seconds,
        pepper=loaded.pii_pepper, mask_contact=loaded.mask == "contact",
    )  # fmt: skip
    worker = Worker(
        loaded,
        made,
        shipped(),
        database_url=dsn,
        listen_url=listen_dsn or dsn,
        pooled=False,
        direct=direct,
        blame_seconds=blame_seconds,
    )
    task = asyncio.create_task(worker.run(drain=drain))
    try:
        yield worker
    finally:
        if not alone:
            worker.stop()
        if getattr(provider, "in_flight", 0) and not alone:
            worker.force_stop()
        async with asyncio.timeout(60):
            await task


async def let_short_texts_pass(dsn: str) -> None:
    """Lowers the limit of length: these tests write 'm1' as an RFQ. No trigger sees the change."""
    conn = await connect(dsn)
    try:
        await conn.execute("set session_replication_role = replica")
        await conn.execute("update ai.policy set value = '0' where key = 'min_characters' and value = default_value")
    finally:
        await conn.close()


async def insert(db: asyncpg.Connection, *messages: str) -> None:
    await db.executemany("insert into public.rfq_requests (message) values ($1)", [(one,) for one in messages])


async def insert_many(db: asyncpg.Connection, number: int) -> None:
    await db.execute(
        "insert into public.rfq_requests (message) select 'm' || g from generate_series(1, $1::int) g", number
    )


async def count(db: asyncpg.Connection, status: str) -> int:
    found: int = await db.fetchval("select count(*) from ai.rfq_status where ai_status = $1", status)
    return found


def ended(db: asyncpg.Connection, number: int, status: str = "done") -> Callable[[], Awaitable[bool]]:
    """For `until`: whether this many RFQs have this status."""

    async def check() -> bool:
        return await count(db, status) == number

    return check


def now(true: Callable[[], Any]) -> Callable[[], Awaitable[Any]]:
    """For `until`: a condition that needs no query."""

    async def check() -> Any:
        return true()

    return check


async def terminate(db: asyncpg.Connection, *names: str) -> None:
    """Terminates the workers' backends of these names (without names: all) in the test's database."""
    await db.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
        "and application_name like 'rfqflow %' and (cardinality($1::text[]) = 0 or application_name = any ($1))",
        [f"rfqflow {name}" for name in names],
    )


async def parked(db: asyncpg.Connection) -> bool:
    """Whether a worker holds the doorbell."""
    found: bool = await db.fetchval(
        "select exists (select from pg_locks where locktype = 'advisory' and classid = 1380340038 and objid = 0 "
        "and granted and mode = 'ExclusiveLock' and database = (select oid from pg_database where datname = current_database()))"
    )
    return found


async def session(db: asyncpg.Connection, name: str) -> asyncpg.Record | None:
    """The server's view of one of a worker's sessions, such as "work"; None if the session does not exist."""
    return await db.fetchrow(
        "select pid, state, query_start, state_change from pg_stat_activity "
        "where datname = current_database() and application_name = $1",
        f"rfqflow {name}",
    )


async def resting(db: asyncpg.Connection, name: str) -> bool:
    """Whether a worker's session is idle, and its last answer has arrived."""
    before = await session(db, name)
    if before is None or before["state"] != "idle":
        return False
    await asyncio.sleep(0.02)  # no data of the server is still under way
    return before == await session(db, name)


async def asleep(db: asyncpg.Connection) -> bool:
    """Whether the only worker holds the doorbell and has scanned once more since: now it waits for a notification."""
    if not (await parked(db) and await resting(db, "work")):
        return False
    doorbell, work = await session(db, "doorbell"), await session(db, "work")
    return bool(doorbell and work and work["query_start"] > doorbell["state_change"])


async def left_over(db: asyncpg.Connection) -> bool:
    """Whether a worker has retried a result that could not be recorded with its batch. Only then it opens this session."""
    return await session(db, "leftover") is not None


async def heartbeats(db: asyncpg.Connection, workers: int = 1) -> float:
    """Waits until this many workers have applied a heartbeat that began after this call; returns the time it took.

    A heartbeat begins after the one before was applied, so the second heartbeat proves the first.
    """
    since = await db.fetchval("select clock_timestamp()")
    begun: dict[int, set[Any]] = {}

    async def twice() -> bool:
        rows = await db.fetch(
            "select pid, query_start from pg_stat_activity where datname = current_database() "
            "and application_name = 'rfqflow beat' and query like '%ai.heartbeat(%' and query_start > $1",
            since,
        )
        for row in rows:
            begun.setdefault(row["pid"], set()).add(row["query_start"])
        return sum(len(times) > 1 for times in begun.values()) >= workers

    return await until(twice)


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 60.0) -> float:
    """Polls until a condition holds, and returns the time it took."""
    began = time.perf_counter()
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(between_looks(time.perf_counter() - began))
    return time.perf_counter() - began
