"""One worker for many tests of a file: it claims one RFQ at a time, and calls the model as each test sets it.

To start a worker takes 0.2 s of CPU, mostly in new sessions of PostgreSQL that do each step for the first time.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import uuid
from typing import TYPE_CHECKING, Any

import structlog

from tests.conftest import connect_patiently
from tests.support.published_schemas import unknown_in_answers
from tests.support.worker_harness import Scripted, ended, until, working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from uuid import UUID

    import asyncpg

    from rfqflow.core.records import Completion
    from rfqflow.llm import Request
    from tests.conftest import Databases

_MODE = "update ai.policy set value = $1 where key = 'mode' and value <> $1"
# All rows that an attempt leaves. They are deleted and not truncated, because sessions then keep their plans.
_LEFT = (
    "outbox", "outbox_deferred", "outbox_dead", "outbox_missed", "rag_runs", "run_days", "holds", "model_states",
    "breaker_windows", "budget_windows",
)  # fmt: skip
_TRIED = "select count(distinct r.rfq_id) = $1 from ai.rag_runs r join public.rfq_requests q on q.id = r.rfq_id"
# A heartbeat can make an RFQ of the test before due again while it is deleted: the worker then skips it, on a run.
_FORGET_DELETED = "delete from ai.rag_runs r where not exists (select from public.rfq_requests q where q.id = r.rfq_id)"


class Exchangeable:
    """Passes calls to the provider of the current test.

    Once it was called for all RFQs, the worker claims no more: one RFQ has one attempt.
    """

    def __init__(self, conn: asyncpg.Connection) -> None:
        self.now: Any = Scripted()
        self.expected = 0
        self._conn = conn
        self._asked: set[UUID] = set()

    def become(self, provider: Any, expected: int) -> None:
        self.now, self.expected = provider, expected
        self._asked.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.now, name)

    async def complete(self, request: Request) -> Completion:
        self._asked.add(request.rfq.rfq_id)
        if len(self._asked) == self.expected:
            await self._conn.execute(_MODE, '"paused"')
        found: Completion = await self.now.complete(request)
        return found


class _StderrOfNow:
    """Standard error at the time of a write: pytest captures the log lines of each test separately."""

    runs = 0  # lines about a run

    def write(self, text: str) -> int:
        self.runs += "run." in text
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


class SharedWorker:
    def __init__(self, db: asyncpg.Connection, provider: Exchangeable, log: _StderrOfNow) -> None:
        self.db, self._provider, self._log = db, provider, log

    async def attempt(self, provider: Any, *messages: str) -> None:
        """Inserts RFQs with these texts, and returns when each has had one attempt.

        It deletes all earlier RFQs.
        """
        logged = self._log.runs + len(messages)
        await self._begin(provider, messages, expected=len(messages))
        await until(lambda: self.db.fetchval(_TRIED, len(messages)))
        await self.db.execute(_FORGET_DELETED)

        async def is_logged() -> bool:
            return self._log.runs >= logged

        # The worker logs a run after the commit that the query above has seen. Some runs have no line of their own.
        with contextlib.suppress(TimeoutError):
            await until(is_logged, 2)

    async def answer(self, provider: Any, *messages: str) -> None:
        """Inserts RFQs with these texts, and returns when they are done, after any number of attempts.

        It deletes all earlier RFQs.
        """
        await self._begin(provider, messages, expected=0)
        await until(ended(self.db, len(messages)))
        await self.db.execute(_FORGET_DELETED)

    async def _begin(self, provider: Any, messages: tuple[str, ...], *, expected: int) -> None:
        await self.db.execute("delete from public.rfq_requests")
        for table in _LEFT:
            await self.db.execute(f"delete from ai.{table}")
        self._provider.become(provider, expected)
        await self.db.execute(_MODE, '"on"')
        await self.db.execute("insert into public.rfq_requests (message) select unnest($1::text[])", messages)


@contextlib.contextmanager
def _logging() -> Iterator[_StderrOfNow]:
    """The worker logs to standard error, even if an earlier test has changed the logging of the process."""
    before = structlog.get_config() if structlog.is_configured() else None
    stderr = _StderrOfNow()
    structlog.reset_defaults()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=stderr),  # type: ignore[arg-type]
    )
    try:
        yield stderr
    finally:
        structlog.reset_defaults()
        if before is not None:
            structlog.configure(**before)


@contextlib.asynccontextmanager
async def shared_worker(databases: Databases, template: str, **overrides: Any) -> AsyncIterator[SharedWorker]:
    """For a fixture of a module. The provider of a test must have the same models as `Scripted`."""
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    dsn = databases.create(name, template)
    try:
        async with contextlib.AsyncExitStack() as stack:
            db, other = await connect_patiently(dsn), await connect_patiently(dsn)
            stack.callback(db.terminate)
            stack.callback(other.terminate)
            provider = Exchangeable(other)
            log = stack.enter_context(_logging())
            await stack.enter_async_context(working(dsn, provider, **overrides))  # type: ignore[arg-type]
            yield SharedWorker(db, provider, log)
            assert await unknown_in_answers(db) == []
    finally:
        databases.drop(name)
