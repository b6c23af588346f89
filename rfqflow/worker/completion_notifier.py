"""Notifies pages that wait for RFQs: after an RFQ's finish has committed, and only while a page waits.

A notification is only a hint and may be lost, so pages also poll slowly.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn

import asyncpg
import structlog

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.core.results import Outcome, Verdict
from rfqflow.store import completion

if TYPE_CHECKING:
    from rfqflow.core.results import AttemptResult
    from rfqflow.database.reconnecting import ReconnectingConnection

_log = structlog.get_logger()
_APART_SECONDS = 0.05  # seconds between two notifications
_MOST = 5_000  # RFQs in one notification; pages that wait for another RFQ find its status by polling

# An RFQ's status after a run's verdict. A refused write and a lost claim do not change the status, so nobody is
# notified.
_STATUS = {
    Verdict.COMPLETE: "done",
    Verdict.KEEP: "done",
    Verdict.SKIP: "skipped",
    Verdict.DISCARD: "failed",
    Verdict.ABANDON: "failed",
    Verdict.DEFER: "deferred",
    Verdict.RETRY: "pending",
}
# The status after an outcome other than the one that the worker requested.
_INSTEAD: dict[str, str] = {
    Outcome.EDITED: "pending",
    Outcome.EXPIRE: "skipped",
    Outcome.EXHAUST: "failed",
    Outcome.OUTLAST: "deferred",
}
_NOT_OURS = frozenset({Outcome.LOST, Outcome.GONE})


class CompletionNotifier:
    """Collects finished RFQs for the next notification. While no page waits, `note` only checks a flag."""

    def __init__(self, line: ReconnectingConnection) -> None:
        self._line = line
        self._watched = False
        self._pending: dict[str, str] = {}  # by RFQ: only the latest status
        self._wakeup = asyncio.Event()

    def note(self, result: AttemptResult, outcome: str | None) -> None:
        """Adds a result to the next notification.

        `outcome`: what the database did instead of the request; None if it did as requested.
        """
        if not self._watched or outcome in _NOT_OURS or len(self._pending) >= _MOST:
            return
        status = _INSTEAD.get(outcome or "") or _STATUS.get(result.verdict)
        if status:
            self._pending[str(result.attempt.rfq_id)] = status
            self._wakeup.set()

    def on_heartbeat(self, *, watched: bool) -> None:
        """Applies the heartbeat's news whether a page waits."""
        self._watched = watched

    async def run(self) -> NoReturn:
        """Sends pending notifications until cancelled."""
        while True:
            await self._wakeup.wait()
            self._wakeup.clear()
            batch, self._pending = self._pending, {}
            try:
                await completion.announce(self._line, batch)
            except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                _log.debug("completion_notify.failed", error=type(error).__name__)  # the pages also poll
            await asyncio.sleep(_APART_SECONDS)
