"""Notifies waiting pages of finished RFQs, after the finish has committed, and only while a page waits.

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
_APART_SECONDS = 0.05  # seconds between two batches; maximum of a batch; pages see the rest by polling
_MOST = 5_000  # in one notification; clients that wait for the rest see it by polling

# An RFQ's status after a run's verdict. A refused write and a lost claim change nothing, so they notify nobody.
_STATUS = {
    Verdict.COMPLETE: "done",
    Verdict.KEEP: "done",
    Verdict.SKIP: "skipped",
    Verdict.DISCARD: "failed",
    Verdict.ABANDON: "failed",
    Verdict.DEFER: "deferred",
    Verdict.RETRY: "pending",
}
# Outcomes that differ from the requested ones.
_INSTEAD: dict[str, str] = {
    Outcome.EDITED: "pending",
    Outcome.EXPIRE: "skipped",
    Outcome.EXHAUST: "failed",
    Outcome.OUTLAST: "deferred",
}
_NOT_OURS = frozenset({Outcome.LOST, Outcome.GONE})


class CompletionNotifier:
    """`note` costs one check of a flag while no page waits."""

    def __init__(self, line: ReconnectingConnection) -> None:
        self._line = line
        self._watched = False
        self._pending: dict[str, str] = {}  # by RFQ: only the latest status
        self._wakeup = asyncio.Event()

    def note(self, result: AttemptResult, outcome: str | None) -> None:
        """Records a result for notification; `outcome` as the database reported it, None if as requested."""
        if not self._watched or outcome in _NOT_OURS or len(self._pending) >= _MOST:
            return
        status = _INSTEAD.get(outcome or "") or _STATUS.get(result.verdict)
        if status:
            self._pending[str(result.attempt.rfq_id)] = status
            self._wakeup.set()

    def on_heartbeat(self, *, watched: bool) -> None:
        """Takes from the heartbeat whether a page waits."""
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
                _log.debug("completion_notify.failed", error=type(error).__name__)  # pages poll as well
            await asyncio.sleep(_APART_SECONDS)
