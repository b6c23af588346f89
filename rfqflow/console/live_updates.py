"""Pages that keep themselves up to date: parts of a page, rendered here, sent when they have changed.

The overview is read once a second for all who look at it, and not at all while nobody does.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from typing import TYPE_CHECKING, Any, NoReturn

import asyncpg
import structlog

from rfqflow.console import prompt_pages
from rfqflow.console.pages import message_of
from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.http import sse
from rfqflow.reporting.svg_charts import strip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.app import Console
    from rfqflow.console.session import Session

_log = structlog.get_logger()
_EACH_SECONDS = 1.0
_SLOW_SECONDS = 5.0
_QUIET_SECONDS = 10.0
_LOOK_SECONDS = 3.0
_LONGEST_SECONDS = 3600.0  # a page connects again by itself
_MINUTES = 60
_LATEST = 8
_VIEWERS = "{form_token}"  # stands in parts that all share for what is each viewer's own
PARTS = ("tiles", "throughput", "control", "scorecard", "latest", "breaker", "budget", "workers", "activity")
RFQ_PARTS = ("rfq_head", "rfq_facts", "rfq_message", "rfq_items", "rfq_timeline")


class Overview:
    """The state everybody sees, and its rendered parts."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._state: dict[str, Any] = {}
        self._fragments: dict[str, str] = {}
        self._read_at = self._slow_at = float("-inf")
        self._ends: dict[dt.datetime, tuple[int, int, int]] = {}  # per minute: done, skipped, failed
        self._one = asyncio.Lock()
        self._changed = asyncio.Condition()
        self._viewers = 0
        self._some = asyncio.Event()

    @property
    def mode(self) -> str:
        return str(self._state["queue"]["mode"]) if self._state else "on"

    def want_all(self) -> None:
        """The next look reads everything."""
        self._read_at = self._slow_at = float("-inf")

    async def fragments(self) -> dict[str, str]:
        """The parts, at most a second old; raises what the database raises."""
        async with self._one:
            now = time.monotonic()
            if now - self._read_at >= _EACH_SECONDS:
                await self._read(now)
        return self._fragments

    async def _read(self, now: float) -> None:
        pages = self._console.pages
        clock = await pages.clock()
        state = self._state
        state["queue"], state["workers"] = await pages.queue(), await pages.workers()
        state["latest"] = await pages.latest(_LATEST)
        await self._read_minutes(clock)
        if now - self._slow_at >= _SLOW_SECONDS:
            state["scorecard"] = await pages.scorecard()
            today = await pages.days(1)
            state["today"] = today[0] if today else None
            state["breaker"], state["budget"] = await pages.breaker(), await pages.budget()
            state["activity"] = await pages.activity()
            self._slow_at = now
        self._read_at = time.monotonic()
        fresh = {
            name: self._console.env.get_template(f"part_{name}.html").render(form_token=_VIEWERS, **state)
            for name in PARTS
        }
        if fresh != self._fragments:
            self._fragments = fresh
            async with self._changed:
                self._changed.notify_all()

    async def _read_minutes(self, clock: dt.datetime) -> None:
        """Minutes that are over do not change: only the last two are read again."""
        this = clock.replace(second=0, microsecond=0)
        first = this - dt.timedelta(minutes=_MINUTES - 1)
        since = max(first, max(self._ends) - dt.timedelta(minutes=1)) if self._ends else first
        for row in await self._console.pages.minutes(since):
            self._ends[row["minute"]] = (row["done"], row["skipped"], row["failed"])
        self._ends = {minute: ends for minute, ends in self._ends.items() if minute >= first}
        self._ends.setdefault(this, (0, 0, 0))
        counts = [self._ends.get(first + dt.timedelta(minutes=n), (0, 0, 0)) for n in range(_MINUTES)]
        self._state["ends"] = {
            "svg": strip("RFQs ended per minute in the last hour", counts),
            "hour": sum(sum(one) for one in counts),
            "done": sum(one[0] for one in counts),
            "failed": sum(one[2] for one in counts),
            "most": max(sum(one) for one in counts),
        }

    async def run(self) -> NoReturn:
        """Reads while somebody looks, until cancelled."""
        while True:
            await self._some.wait()
            try:
                await self.fragments()
            except Exception as error:  # noqa: BLE001 - one look that fails must not end all others
                _log.warning("console.refresh_failed", error=type(error).__name__)
            await asyncio.sleep(_EACH_SECONDS)

    async def changes(self, form_token: str) -> AsyncIterator[str]:
        """Parts as they change, all of them at first; the form's token is the viewer's own."""
        self._viewers += 1
        self._some.set()
        seen: dict[str, str] = {}
        by = time.monotonic() + _LONGEST_SECONDS
        try:
            while not self._console.closing.is_set() and time.monotonic() < by:
                fresh = {name: html for name, html in self._fragments.items() if seen.get(name) != html}
                seen.update(fresh)
                if fresh:
                    yield sse.event("parts", {name: html.replace(_VIEWERS, form_token) for name, html in fresh.items()})
                else:
                    yield sse.comment()
                await self._wait()
        finally:
            self._viewers -= 1
            if not self._viewers:
                self._some.clear()

    async def _wait(self) -> None:
        async def changed() -> None:
            async with self._changed:
                await self._changed.wait()

        waits = [asyncio.ensure_future(changed()), asyncio.ensure_future(self._console.closing.wait())]
        try:
            await asyncio.wait(waits, timeout=_QUIET_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


async def overview(console: Console, _request: Request, session: Session) -> Response:
    return console.stream(session, console.overview.changes(console.sessions.form_token(session)))


async def prompts(console: Console, _request: Request, session: Session) -> Response:
    return console.stream(session, _versions(console, console.sessions.form_token(session)))


async def _versions(console: Console, form_token: str) -> AsyncIterator[str]:
    """The parts of the prompts' page as they change; looked at more often while an evaluation is under way."""
    seen: dict[str, str] = {}
    by = time.monotonic() + _LONGEST_SECONDS
    while not console.closing.is_set() and time.monotonic() < by:
        pause = _SLOW_SECONDS
        try:
            state = await prompt_pages.state(console)
        except (DatabaseUnreachable, asyncpg.PostgresError):
            state = {}
        if state:
            runs = state["request"] is not None and state["request"]["ended_at"] is None
            pause = _EACH_SECONDS if runs else _LOOK_SECONDS
        fresh = {
            name: console.env.get_template(f"part_{name}.html").render(form_token=form_token, **state)
            for name in prompt_pages.PROMPT_PARTS if state
        }  # fmt: skip
        fresh = {name: html for name, html in fresh.items() if seen.get(name) != html}
        seen.update(fresh)
        yield sse.event("parts", fresh) if fresh else sse.comment()
        await sse.first_of(pause, console.closing)


async def rfq(console: Console, request: Request, session: Session) -> Response:
    whole = request.query_params.get("whole") == "1"
    story = _story(console, request.path_params["rfq_id"], console.sessions.form_token(session), whole=whole)
    return console.stream(session, story)


async def _story(console: Console, rfq_id: UUID, form_token: str, *, whole: bool) -> AsyncIterator[str]:
    """One RFQ's parts as they change."""
    seen: dict[str, str] = {}
    by = time.monotonic() + _LONGEST_SECONDS
    looks = [0.5, 1.0, 1.5]  # workers ask once a second whether somebody watches
    async with console.watch.of(rfq_id) as told:
        while not console.closing.is_set() and time.monotonic() < by:
            told.clear()
            try:
                fresh = await _parts(console, rfq_id, form_token, whole=whole)
            except (DatabaseUnreachable, asyncpg.PostgresError):
                fresh = {}
            fresh = {name: html for name, html in fresh.items() if seen.get(name) != html}
            seen.update(fresh)
            yield sse.event("parts", fresh) if fresh else sse.comment()
            await sse.first_of(looks.pop(0) if looks else _LOOK_SECONDS, told, console.closing)


async def _parts(console: Console, rfq_id: UUID, form_token: str, *, whole: bool) -> dict[str, str]:
    found = await console.pages.rfq(rfq_id)
    if found is None:
        return {}
    about = {"rfq": found, "timeline": await console.pages.timeline(rfq_id), "form_token": form_token}
    about["message"] = message_of(found, whole=whole)
    return {name: console.env.get_template(f"part_{name}.html").render(**about) for name in RFQ_PARTS}
