"""Checks whether this process is healthy: its event loop, its database connection and its listener.

The checks repeat in the background, so a probe needs no round trip. If the database stops answering, the check of the
database fails within 20 s.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, NoReturn

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.store.fleet_queries import FleetQueries, Row

_log = structlog.get_logger()
_ASK_SECONDS = 3.0
_TICK_SECONDS = 0.5
_DATABASE_SECONDS = 13.0  # a probe starts each 3 s and may take 4 s, so one lost probe is no fault
_LISTENER_SECONDS = 18.0  # the listener is probed each 10 s and has 3 s to answer
_LOOP_SECONDS = 5.0
_FINDINGS_SECONDS = 5.0
_PATIENCE_SECONDS = 0.5  # for reading findings; a probe's own limit is usually one second


class Health:
    """The health and the readiness of this process.

    `heard_at`: when the database last answered on the connection for LISTEN; None if the settings need none.
    `claims`: whether claims succeed. Replies show it, but it does not change readiness, since a restart would not help.
    """

    def __init__(
        self,
        reads: FleetQueries,
        *,
        heard_at: Callable[[], float | None],
        ready: Callable[[], bool],
        claims: Callable[[], dict[str, Any]],
        siblings: Callable[[], dict[str, dict[str, Any]]] | None = None,
    ) -> None:
        """`siblings`: the state of each process of the parent, including this one."""
        self._reads = reads
        self._siblings = siblings
        self._heard_at = heard_at
        self._ready = ready
        self._claims = claims
        self._began = self._ticked_at = self._answered_at = time.monotonic()
        self._table: str | None = None  # the state that the last check recorded, by whichever worker
        self._late = 0.0  # the longest recent delay of the event loop
        self._findings: list[Row] | None = None
        self._found_at = float("-inf")
        self._look: asyncio.Task[None] | None = None

    async def watch(self) -> NoReturn:
        """Repeats the checks until the caller cancels the task."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tick(), name="health tick")
            group.create_task(self._ask(), name="health database")
        raise AssertionError("neither of them ends")

    async def _tick(self) -> NoReturn:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.monotonic()
            self._late = max(now - self._ticked_at - _TICK_SECONDS, self._late * 0.9)
            self._ticked_at = now

    async def _ask(self) -> NoReturn:
        while True:
            try:
                await self._reads.ping()
                self._answered_at = time.monotonic()
                self._table = await self._reads.attachment()
            except Exception as error:  # noqa: BLE001 - the age of the last answer shows the failure; the loop must go on
                _log.debug("health.query_failed", error=type(error).__name__)
            await asyncio.sleep(_ASK_SECONDS)

    def checks(self) -> dict[str, Any]:
        """Returns `of_this_process`, plus the state of each process that serves the same port."""
        found = self.of_this_process()
        if self._siblings is None:
            return found
        processes = self._siblings()
        return {**found, "ok": found["ok"] and all(one["ok"] for one in processes.values()), "processes": processes}

    def of_this_process(self) -> dict[str, Any]:
        """Whether the event loop, the database and the listener are healthy, each with its delay in seconds."""
        now = time.monotonic()
        heard_at = self._heard_at()
        heard = None if heard_at is None else max(heard_at, self._began)
        found = {
            "loop": {"ok": self._late < _LOOP_SECONDS, "late_seconds": round(self._late, 3)},
            "database": _age(now - self._answered_at, _DATABASE_SECONDS),
            "listener": {"ok": True, "state": "off"} if heard is None else _age(now - heard, _LISTENER_SECONDS),
        }
        return {"ok": all(check["ok"] for check in found.values()), **found}

    def readiness(self) -> dict[str, Any]:
        """Whether the database answers and the worker is registered; plus the state of claims and of the table.

        The worker checked the schema at its start. The state of the application's table does not change readiness,
        since another process would find the same state.
        """
        checks = self.of_this_process()
        ready = self._ready()
        found = {
            "ok": checks["database"]["ok"] and ready, "worker": {"ok": ready}, "database": checks["database"],
            "claims": self._claims(),
            "table": {"ok": self._table in (None, "attached"), "state": self._table},
        }  # fmt: skip
        if self._siblings is None:
            return found
        processes = self._siblings()
        return {**found, "ok": found["ok"] and any(one["ready"] for one in processes.values()), "processes": processes}

    async def findings(self) -> list[Row] | None:
        """Findings about the whole fleet, a few seconds old at most. None if no read has succeeded lately.

        Findings are not about this process, so readiness does not depend on them.
        """
        if self._look is None and time.monotonic() - self._found_at >= _FINDINGS_SECONDS:
            self._look = asyncio.create_task(self._find(), name="health findings")
        if self._look:
            await asyncio.wait({self._look}, timeout=_PATIENCE_SECONDS)
        return self._findings

    async def _find(self) -> None:
        try:
            self._findings = await self._reads.health()
        except Exception as error:  # noqa: BLE001 - as in `_ask`
            self._findings = None
            _log.debug("health.query_failed", error=type(error).__name__)
        finally:
            self._found_at, self._look = time.monotonic(), None


def _age(seconds: float, most: float) -> dict[str, Any]:
    return {"ok": seconds < most, "age_seconds": round(seconds, 1)}
