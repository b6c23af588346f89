"""Tells pages that wait what became of RFQs: after the finish has committed, and only while somebody watches.

A hint and no more: it may be lost, so whoever waits polls slowly as well.
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
_APART_SECONDS = 0.05  # between two batches: what ends meanwhile goes with the next
_MOST = 5_000  # told of in one batch; who waits for the rest sees it by polling

# What an RFQ is after a run's verdict. A refused write and a lost claim leave it where it was: nothing to tell.
_STATUS = {
    Verdict.COMPLETE: "done",
    Verdict.KEEP: "done",
    Verdict.SKIP: "skipped",
    Verdict.DISCARD: "failed",
    Verdict.ABANDON: "failed",
    Verdict.DEFER: "deferred",
    Verdict.RETRY: "pending",
}
# Where the database knew better.
_INSTEAD: dict[str, str] = {
    Outcome.EDITED: "pending",
    Outcome.EXPIRE: "skipped",
    Outcome.EXHAUST: "failed",
    Outcome.OUTLAST: "deferred",
}
_NOT_OURS = frozenset({Outcome.LOST, Outcome.GONE})


class CompletionNotifier:
    """`note` costs a look at a flag while nobody watches."""

    def __init__(self, line: ReconnectingConnection) -> None:
        self._line = line
        self._watched = False
        self._pending: dict[str, str] = {}  # by RFQ: the latest status only
        self._wakeup = asyncio.Event()

    def note(self, result: AttemptResult, outcome: str | None) -> None:
        """A result is recorded; `outcome` as the database said it, None where all went as asked."""
        if not self._watched or outcome in _NOT_OURS or len(self._pending) >= _MOST:
            return
        status = _INSTEAD.get(outcome or "") or _STATUS.get(result.verdict)
        if status:
            self._pending[str(result.attempt.rfq_id)] = status
            self._wakeup.set()

    def on_heartbeat(self, *, watched: bool) -> None:
        """What the last beat said: whether somebody watches."""
        self._watched = watched

    async def run(self) -> NoReturn:
        """Sends what there is to tell, until cancelled."""
        while True:
            await self._wakeup.wait()
            self._wakeup.clear()
            batch, self._pending = self._pending, {}
            try:
                await completion.announce(self._line, batch)
            except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                _log.debug("completion_notify.failed", error=type(error).__name__)  # whoever waits polls as well
            await asyncio.sleep(_APART_SECONDS)
