"""The line on each page that shows the most severe finding of ai.health, or since when current data is missing.

This process reads ai.health at most once a second, for all open pages together.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, NoReturn

import structlog

from rfqflow.http import sse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from jinja2 import Environment

    from rfqflow.store.console import ConsoleQueries
    from rfqflow.store.fleet_queries import Row

_log = structlog.get_logger()
_EACH_SECONDS = 1.0
_GLANCE_SECONDS = 0.5  # longest time that a page waits for ai.health
_SILENT_SECONDS = 4.0  # after this time without an answer, pages show that data is missing
_WORD_SECONDS = 5.0  # most time between two messages on a stream; after a longer pause, the page's script warns
_LONGEST_SECONDS = 3600.0  # a stream then ends, and the page opens a new one
# The pages that repair a finding. All other findings link to the control room, which shows their remedies.
_PLACES = {"dead_letters": "/failures"}


class HealthBar:
    """The last result of ai.health with its time, and the line that shows it."""

    def __init__(self, queries: ConsoleQueries, env: Environment, closing: asyncio.Event) -> None:
        self._queries = queries
        self._line = env.get_template("part_health_bar_line.html")
        self._closing = closing
        self.findings: list[Row] = []
        self._good_at: dt.datetime | None = None
        self._asked_at = float("-inf")
        self._failed = False
        self._reading: asyncio.Task[None] | None = None
        self._viewers: set[asyncio.Event] = set()
        self._some = asyncio.Event()

    @property
    def gone(self) -> bool:
        """Whether the data on the pages may be old, since the last read of ai.health failed or has no answer."""
        silent = self._reading is not None and not self._reading.done()
        return self._failed or (silent and time.monotonic() - self._asked_at > _SILENT_SECONDS)

    @property
    def html(self) -> str:
        worst = self.findings[0] if self.findings else None
        place = _PLACES.get(worst["code"], "/#findings") if worst else None
        return self._line.render(
            gone=self.gone, since=self._good_at, worst=worst, more=len(self.findings) - 1, place=place
        )

    async def glance(self) -> None:
        """Reads ai.health if the last read is older than a second. Waits only briefly, and raises no error."""
        if self._reading is None or self._reading.done():
            if time.monotonic() - self._asked_at < _EACH_SECONDS:
                return
            self._asked_at = time.monotonic()
            self._reading = asyncio.ensure_future(self._read())
        await asyncio.wait({self._reading}, timeout=_GLANCE_SECONDS)

    async def fresh(self) -> list[Row]:
        """The findings, at most a second old. Raises an error if the database does not answer."""
        await self.glance()
        if self._failed:
            await self._queries.ping()
        return self.findings

    async def _read(self) -> None:
        before = self.html
        try:
            self.findings = await self._queries.health()
            self._good_at, self._failed = dt.datetime.now(dt.UTC), False
        except Exception as error:  # noqa: BLE001 - after any error, pages show that data is missing
            if not self._failed:
                _log.warning("console.health_unknown", error=type(error).__name__)
            self._failed = True
        if self.html != before:
            self._tell()

    def _tell(self) -> None:
        for viewer in self._viewers:
            viewer.set()

    async def run(self) -> NoReturn:
        """Reads ai.health while a page is open, until the caller cancels the task."""
        was_gone = False
        while True:
            await self._some.wait()
            await self.glance()
            if self.gone != was_gone:
                was_gone = self.gone
                self._tell()
            await asyncio.sleep(_EACH_SECONDS)

    async def along(self, parts: AsyncIterator[str] | None = None) -> AsyncIterator[str]:
        """Adds this line to the stream of a page, and a comment every few seconds that shows the stream is alive."""
        changed = asyncio.Event()
        self._viewers.add(changed)
        self._some.set()
        coming = _next(parts)
        shown, word_at = "", float("-inf")
        by = time.monotonic() + _LONGEST_SECONDS
        try:
            while not self._closing.is_set() and time.monotonic() < by:
                changed.clear()
                if (html := self.html) != shown:
                    shown, word_at = html, float("-inf")
                    yield sse.event("parts", {"health_bar": html})
                if time.monotonic() - word_at >= _WORD_SECONDS:
                    word_at = time.monotonic()
                    yield sse.event("data", {"gone": self.gone})
                await self._first(changed, coming)
                if parts is not None and coming is not None and coming.done():
                    try:
                        piece = coming.result()
                    except StopAsyncIteration:
                        return
                    coming = _next(parts)
                    yield piece
        finally:
            self._viewers.discard(changed)
            if not self._viewers:
                self._some.clear()
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
            if isinstance(parts, AsyncGenerator):
                await parts.aclose()

    async def _first(self, changed: asyncio.Event, coming: asyncio.Future[str] | None) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (changed, self._closing)]
        awaited: list[asyncio.Future[Any]] = [*waits, *([coming] if coming is not None else [])]
        try:
            await asyncio.wait(awaited, timeout=_WORD_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


def _next(parts: AsyncIterator[str] | None) -> asyncio.Future[str] | None:
    return None if parts is None else asyncio.ensure_future(anext(parts))
