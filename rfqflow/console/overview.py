"""The state of the control room. The console reads it at most once a second, for all viewers together."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, NoReturn

import structlog

from rfqflow.console.ended_hours import Hours
from rfqflow.console.remedies import remedies
from rfqflow.console.shared_reads import VIEWERS
from rfqflow.core.roles import Role
from rfqflow.http import sse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from jinja2 import Environment

    from rfqflow.console.health_bar import HealthBar
    from rfqflow.store.console import ConsoleQueries

_log = structlog.get_logger()
_EACH_SECONDS = 1.0
_SLOW_SECONDS = 5.0
_QUIET_SECONDS = 10.0
_LONGEST_SECONDS = 3600.0  # a stream then ends, and the page opens a new one
_LATEST = 8
_ROLES = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)  # the roles that see different parts
PARTS = (
    "health", "tiles", "throughput", "control", "queue", "scorecard", "latest", "breaker", "budget", "workers",
    "webhooks", "maintenance", "activity",
)  # fmt: skip


class Overview:
    """The state that all viewers share, and its rendered parts for each role."""

    def __init__(self, queries: ConsoleQueries, env: Environment, closing: asyncio.Event, bar: HealthBar) -> None:
        self._queries = queries
        self._env = env
        self._closing = closing
        self._bar = bar
        self._state: dict[str, Any] = {}
        self._fragments: dict[Role, dict[str, str]] = {role: {} for role in _ROLES}
        self._read_at = self._slow_at = float("-inf")
        self._hours = Hours(queries.control)
        self._one = asyncio.Lock()
        self._changed = asyncio.Condition()
        self._viewers = 0
        self._some = asyncio.Event()

    def want_all(self) -> None:
        """Makes the next read refresh all parts."""
        self._read_at = self._slow_at = float("-inf")

    async def fragments(self, role: Role) -> dict[str, str]:
        """The rendered parts for a role, at most a second old. Raises an error if the database does not answer."""
        async with self._one:
            now = time.monotonic()
            if now - self._read_at >= _EACH_SECONDS:
                await self._read(now)
        return self._shown(role)

    def _shown(self, role: Role) -> dict[str, str]:
        return self._fragments[max(one for one in _ROLES if one <= role)]

    async def _read(self, now: float) -> None:
        queries, control = self._queries, self._queries.control
        clock = await queries.clock()
        state = self._state
        state["queue"], state["workers"] = await queries.queue(), await queries.workers()
        state["health"] = [{**one, "remedies": remedies(one)} for one in await self._bar.fresh()]
        state["latest"] = await queries.latest(_LATEST)
        if now - self._slow_at >= _SLOW_SECONDS:
            state["scorecard"] = await queries.scorecard()
            today = await queries.days(1)
            state["today"] = today[0] if today else None
            state["breaker"], state["budget"] = await queries.breaker(), await queries.budget()
            state["reasons"], state["webhooks"] = await control.reasons(), await control.webhooks()
            state["maintenance"] = await control.maintenance()
            state["activity"] = await queries.activity()
            self._slow_at = now
        state["ends"] = await self._hours.read(clock)
        self._read_at = time.monotonic()
        fresh = {role: self._rendered(role) for role in _ROLES}
        if fresh != self._fragments:
            self._fragments = fresh
            async with self._changed:
                self._changed.notify_all()

    def _rendered(self, role: Role) -> dict[str, str]:
        about = {"form_token": VIEWERS, "may": role.may, **self._state}
        return {name: self._env.get_template(f"part_{name}.html").render(**about) for name in PARTS}

    async def run(self) -> NoReturn:
        """Reads the state while a page is open, until the caller cancels the task."""
        while True:
            await self._some.wait()
            try:
                await self.fragments(Role.VIEWER)
            except Exception as error:  # noqa: BLE001 - a failed read must not stop later reads
                _log.warning("console.refresh_failed", error=type(error).__name__)
            await asyncio.sleep(_EACH_SECONDS)

    async def changes(self, form_token: str, role: Role) -> AsyncIterator[str]:
        """Yields all parts first, then each part that changed. `form_token` is the viewer's."""
        self._viewers += 1
        self._some.set()
        seen: dict[str, str] = {}
        by = time.monotonic() + _LONGEST_SECONDS
        try:
            while not self._closing.is_set() and time.monotonic() < by:
                fresh = {name: html for name, html in self._shown(role).items() if seen.get(name) != html}
                seen.update(fresh)
                if fresh:
                    yield sse.event("parts", {name: html.replace(VIEWERS, form_token) for name, html in fresh.items()})
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

        waits = [asyncio.ensure_future(changed()), asyncio.ensure_future(self._closing.wait())]
        try:
            await asyncio.wait(waits, timeout=_QUIET_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
