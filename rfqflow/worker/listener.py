"""The doorbell of a worker: a listener for notifications, and a session that holds the doorbell and the liveness lock.

Each has its own direct connection. A stalled connection looks healthy forever. So the worker probes each connection
regularly, and drops it if no answer comes in time.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import time
from typing import TYPE_CHECKING

import asyncpg
import structlog

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.database.connection import LOST, connect
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.store.queue import QueueStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.queue.poll_schedule import Attention

_log = structlog.get_logger()
PING_SECONDS = 10.0  # seconds without any message before the connection is probed
ANSWER_SECONDS = 3.0  # seconds that the answer may take before the connection is dropped
_TAKE_SECONDS = 0.25
_RECONNECT_SECONDS = (0.05, 5.0)


async def wait_for_event(event: asyncio.Event, seconds: float) -> bool:
    """Waits for the event up to a limit; returns whether it is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


class ReconnectBackoff:
    """Waits between attempts to reconnect.

    The waits double, with full jitter, so that not all workers reconnect at the same time.
    """

    def __init__(self) -> None:
        self._seconds = _RECONNECT_SECONDS[0]

    async def wait(self, cut: asyncio.Event | None = None, *, most: float = math.inf) -> None:
        """Waits a random part of the current pause, and at most `most` seconds.

        The wait ends early when `cut` is set.
        """
        seconds = min(self._seconds * random.random(), most)  # noqa: S311 - spreads waits, guards nothing
        if cut is None:
            await asyncio.sleep(seconds)
        else:
            await wait_for_event(cut, seconds)
        self._seconds = min(self._seconds * 2, _RECONNECT_SECONDS[1])

    def reset(self) -> None:
        self._seconds = _RECONNECT_SECONDS[0]


class NotificationListener:
    """LISTENs for `rfqflow_wake`. `listening` is set while notifications can arrive."""

    def __init__(self, dsn: str, on_wake: Callable[[], None]) -> None:
        self._dsn = dsn
        self._on_wake = on_wake
        self._backoff = ReconnectBackoff()
        self.listening = asyncio.Event()
        self.heard_at = float("-inf")  # time of the last answer, by the monotonic clock

    async def run(self) -> None:
        """Listens until cancelled; reconnects after a loss."""
        while True:
            try:
                conn = await connect(self._dsn, application_name="rfqflow listener")
            except DatabaseUnreachable:
                await self._backoff.wait()
                continue
            try:
                await self._listen(conn)
            except (*LOST, asyncpg.PostgresError) as error:
                _log.warning("listener.disconnected", error=type(error).__name__)
            finally:
                self.listening.clear()
                conn.terminate()
                self._on_wake()  # scan now: notifications may have been missed meanwhile
            await self._backoff.wait()

    async def _listen(self, conn: asyncpg.Connection) -> None:
        gone = asyncio.Event()
        conn.add_termination_listener(lambda _: gone.set())
        # The callback only sets an event: a listener that reads its socket slowly blocks its server process, which then
        # pins the oldest snapshot. Use time limits of asyncio: asyncpg's limits ask the server to cancel, and wait
        # forever on a stalled connection.
        async with asyncio.timeout(ANSWER_SECONDS):
            await conn.add_listener("rfqflow_wake", lambda *_: self._on_wake())
        self.listening.set()
        self.heard_at = time.monotonic()
        self._on_wake()
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await gone.wait()
            except TimeoutError:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await conn.fetchval("select 1")
                self.heard_at = time.monotonic()
                # Reset only now: if connections break right after they open, the pauses must grow.
                self._backoff.reset()
            else:
                raise ConnectionError("the server ended the session")


class WorkerSession:
    """The session that shows that the worker is alive: it holds the lock of the worker id.

    It also holds the doorbell.
    """

    def __init__(self, dsn: str) -> None:
        self._line = ReconnectingConnection(dsn, "rfqflow doorbell", mends=False)
        self.store = QueueStore(self._line)
        self._gone = asyncio.Event()

    async def register(self, **about: object) -> int:
        """Opens the session and registers a new worker id; raises DatabaseUnreachable."""
        self._line.cut()
        self._gone = gone = asyncio.Event()
        conn = await self._line.open()
        conn.add_termination_listener(lambda _: gone.set())
        number = await self.store.register(**about, lock=True)  # type: ignore[arg-type] # the caller's keywords, passed on
        if gone.is_set():
            raise DatabaseUnreachable("the session ended while it registered")
        return number

    async def until_lost(self) -> None:
        """Returns when the session has ended or no longer answers."""
        gone = self._gone
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await gone.wait()
            except TimeoutError:
                try:
                    await self.store.ping(ANSWER_SECONDS)
                except (DatabaseUnreachable, asyncpg.PostgresError):
                    break
            else:
                break
        gone.set()
        self._line.cut()

    async def acquire_doorbell(self) -> bool:
        """Waits at most 250 ms for the doorbell: a waiting session pins the database's oldest snapshot."""
        gone = self._gone
        if gone.is_set():
            return False
        try:
            return await self.store.acquire_doorbell(_TAKE_SECONDS, ANSWER_SECONDS)
        except (DatabaseUnreachable, asyncpg.PostgresError):
            gone.set()  # ends this session only: a later one has another event
            return False

    async def release_doorbell(self) -> None:
        gone = self._gone
        if gone.is_set():
            return
        try:
            await self.store.release_doorbell(ANSWER_SECONDS)
        except (DatabaseUnreachable, asyncpg.PostgresError):
            gone.set()

    async def close(self) -> None:
        self._gone.set()
        await self._line.close()


class Bell:
    """Acquires the doorbell when a worker wants to sleep, and releases it when there is work.

    `on_taken` is called after an acquisition, `on_change` after each attempt.
    """

    def __init__(
        self,
        attention: Attention,
        session: WorkerSession | None,
        listener: NotificationListener | None,
        *,
        poll_seconds: float,
        on_taken: Callable[[], None],
        on_change: Callable[[], None],
    ) -> None:
        self._attention = attention
        self._session = session
        self._listener = listener
        self._poll_seconds = poll_seconds
        self._on_taken = on_taken
        self._on_change = on_change
        self.arming: asyncio.Task[None] | None = None  # set during an attempt

    async def mind(self, *, full: bool, stopping: bool, registered: bool) -> bool:
        """Releases or acquires the doorbell as needed.

        Returns whether the worker released it because it is `full`, so that another worker should acquire it.
        """
        attention, session = self._attention, self._session
        attention.can_sleep = bool(session and self._listener and self._listener.listening.is_set())
        if session is None or self._listener is None:
            return False
        # Without notifications, poll faster, so that work is found soon.
        attention.poll_seconds = self._poll_seconds if attention.can_sleep else min(0.25, self._poll_seconds)
        wanted = attention.wants_doorbell and not stopping
        if attention.holds_doorbell and not (wanted and attention.can_sleep):
            await session.release_doorbell()
            attention.doorbell_left(time.monotonic())
            return full and not stopping
        if wanted and registered and not attention.holds_doorbell and self.arming is None:
            self.arming = asyncio.create_task(self._acquire_doorbell(session), name="arm")
        return False

    async def _acquire_doorbell(self, session: WorkerSession) -> None:
        try:
            if await session.acquire_doorbell():
                self._attention.doorbell_taken(time.monotonic())
                self._on_taken()
            else:
                self._attention.wants_doorbell = False  # do not try again until the next scan that finds no work
        finally:
            self.arming = None
            self._on_change()
