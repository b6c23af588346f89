"""Notifies pages when an RFQ finishes. All pages share one listening connection, which closes after the last page."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import structlog

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.database.connection import LOST, connect
from rfqflow.store.completion import CHANNEL, watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_log = structlog.get_logger()
_LINGER_SECONDS = 5.0  # how long the connection outlives the last page, so that a reload needs no new connection
_PING_SECONDS = 10.0
_AGAIN_SECONDS = 2.0


class CompletionWatcher:
    """`of` returns an event that is set when an RFQ may have changed. The event of `of(None)` is for all RFQs.

    The event is only a hint. Callers must also poll, since changes before the start of LISTEN set no event.
    """

    def __init__(self, dsn: str | None) -> None:
        """`dsn` must not lead to a pooler, which hides notifications. None: no event is set, so callers only poll."""
        self._dsn = dsn
        self._waiting: defaultdict[UUID | None, set[asyncio.Event]] = defaultdict(set)
        self._some = asyncio.Event()
        self.listening = asyncio.Event()

    @contextlib.asynccontextmanager
    async def of(self, rfq_id: UUID | None) -> AsyncIterator[asyncio.Event]:
        event = asyncio.Event()
        self._waiting[rfq_id].add(event)
        self._some.set()
        try:
            yield event
        finally:
            self._waiting[rfq_id].discard(event)
            if not self._waiting[rfq_id]:
                del self._waiting[rfq_id]
            if not self._waiting:
                self._some.clear()

    async def run(self) -> None:
        """Listens while a page waits, until the caller cancels the task. Reconnects after a lost connection."""
        while self._dsn:
            await self._some.wait()
            try:
                conn = await connect(self._dsn, application_name="rfqflow watch")
            except DatabaseUnreachable:
                await asyncio.sleep(_AGAIN_SECONDS)
                continue
            pause = 0.0
            try:
                await self._listen(conn)
            except (*LOST, asyncpg.PostgresError) as error:
                _log.warning("completion_watch.disconnected", error=type(error).__name__)
                pause = _AGAIN_SECONDS
            finally:
                self.listening.clear()
                conn.terminate()
            await asyncio.sleep(pause)

    async def _listen(self, conn: asyncpg.Connection) -> None:
        gone = asyncio.Event()
        conn.add_termination_listener(lambda _: gone.set())
        async with asyncio.timeout(_PING_SECONDS):
            await conn.add_listener(CHANNEL, self._on_notify)
            await watch(conn)
        self.listening.set()
        self._all()  # changes before this moment set no event, so make all callers read once
        idle = 0.0
        while not gone.is_set():
            idle = 0.0 if self._waiting else idle + 1.0
            if idle > _LINGER_SECONDS:
                return
            try:
                async with asyncio.timeout(1.0 if idle else _PING_SECONDS):
                    await gone.wait()
            except TimeoutError:
                async with asyncio.timeout(_PING_SECONDS):
                    await conn.fetchval("select 1")
        raise ConnectionError("the server ended the session")

    def _on_notify(self, _conn: object, _pid: int, _channel: str, payload: str) -> None:
        try:
            rfq_id = UUID(payload.partition(" ")[0])
        except ValueError:
            return  # any role may notify, so the payload may be anything
        for event in [*self._waiting.get(rfq_id, ()), *self._waiting.get(None, ())]:
            event.set()

    def _all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()
