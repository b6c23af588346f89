"""Results that wait to be recorded: ready results, and leftovers, which failed with their batch."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from rfqflow.core.queue.backoff import jittered
from rfqflow.core.results import Outcome, RunStatus, Verdict
from rfqflow.database.reconnecting import NO_ANSWER
from rfqflow.enrichment.attempt_result import duplicate_id, parked, unstorable, write_refused
from rfqflow.worker.finished_line import finished_log, tell_finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from structlog.typing import FilteringBoundLogger

    from rfqflow.core.policy import Policy
    from rfqflow.core.results import AttemptResult

_log = structlog.get_logger()
BATCH = 500  # rows per claim and per finish; larger batches are no faster
# Long calls are claimed in smaller batches. Calls that start together end together, and in a large batch the first
# result would wait long for the last. Small batches spread starts and ends.
_BATCH_OF_LONG = 100
_LONG_MS = 100.0
LOCKED_MOST = 2_000  # with so many results that wait for locked RFQs, the worker claims no more
_LOCKED_SECONDS = (0.05, 1.0)  # shortest and longest wait before a result whose RFQ was locked is tried again
_SOON = ("40001", "40P01", "55P03")  # serialization, deadlock, lock timeout: try again
# seconds that a temporary fault, such as a trigger's lock wait or a full disk, may last before the RFQ is blamed
BLAME_SECONDS = 15.0
# SQLSTATE classes for faults of the server, its disk or the connection. The same batch is tried again.
_OF_SERVER = ("08", "25", "53", "57", "58")
# A full disk or memory. A record without the RFQ is smaller, and may fit where the RFQ does not. So a failed result
# waits while no other result can be recorded, for up to BLAME_SECONDS.
_FULL = ("53", "58030")
_DETACHED = "RF008"  # no table is attached: a temporary state, and no RFQ's fault
_TWICE = "RF006"  # two RFQs have the same id, so the answer may belong to either
_DATA = "22"  # a value that no column or JSON of the database can hold
_TOO_LONG = "57014"  # perhaps a hanging trigger of the application
_SILENCES = 4
# after this many consecutive failures of batches, one result of the batch may be the cause, through a trigger
_OFTEN = 3
_TRIES_ALONE = 3  # attempts to record a result that the database refuses although the server works
# Time limit of a batch, so that a hanging trigger does not delay other results. When the limit ends a batch, each of
# its results is tried alone, in rounds, so that slow results delay no others.
_BATCH_SECONDS, _BATCH_SECONDS_AFTER_A_HANG, _ROW_SECONDS = 2.0, 0.5, 0.01
_ALONE_SECONDS = 0.25
# Every write may be slow, as under row-level security that reads the whole table. So the limit grows to twice the
# longest recent time, up to this many seconds.
_SLOW_SECONDS = 10.0
_LATELY_SECONDS = 60.0
_HANG_REMEMBERED_SECONDS = 60.0
_OLD_SECONDS = 30.0


@dataclass(slots=True)
class OutcomeCounts:
    """The number of results by outcome."""

    ended: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: str) -> None:
        self.ended[outcome] = self.ended.get(outcome, 0) + 1

    @property
    def total(self) -> int:
        return sum(self.ended.values())


@dataclass(slots=True)
class Leftover:
    """A result that could not be recorded with its batch."""

    result: AttemptResult
    since: float
    again_at: float
    alone: bool  # recorded alone, since the result may be at fault; False: its RFQ was locked
    wait: float = _LOCKED_SECONDS[0]
    tries: int = 0
    hangs: int = 0  # number of attempts that the time limit ended
    silences: int = 0  # number of attempts without a reply
    refused: tuple[AttemptResult, str] | None = None  # the original result, and SQLSTATE and message of its RFQ's error
    is_rehearsed: bool = False  # the database can record it without its RFQ
    is_bare: bool = False  # whether its content was removed
    offered: bool = False

    @property
    def apart(self) -> bool:
        """Whether to record the result without its RFQ."""
        return self.refused is not None

    @property
    def slowness(self) -> int:
        return self.hangs + self.silences

    def give_back(self) -> None:
        """Restores the original result, since its RFQ was not at fault."""
        if self.refused is not None:
            self.result, self.refused, self.tries, self.is_rehearsed = self.refused[0], None, 0, False

    def bare(self, now: float) -> None:
        """Removes the content that the database cannot store."""
        self.result, self.is_bare, self.refused, self.again_at = unstorable(self.result), True, None, now


class ResultBuffer:
    """A queue that loses no result: a result leaves it only when the database has reported its outcome."""

    def __init__(
        self,
        on_recorded: Callable[[AttemptResult, str | None], None] = lambda *_: None,
        *,
        blame_seconds: float = BLAME_SECONDS,
    ) -> None:
        """The buffer calls `on_recorded` with each committed result, and its outcome if not the requested one."""
        self._on_recorded = on_recorded
        self._blame_seconds = blame_seconds
        self._ready: deque[AttemptResult] = deque()
        self._left: dict[int, Leftover] = {}  # by outbox id, with the oldest leftover first
        self._failures = 0  # consecutive batches that the server failed to record
        self._hung_at = float("-inf")
        self._written_at = float("-inf")
        self._longest = (0.0, float("-inf"))  # seconds that the slowest recent batch took, and when it was recorded
        self.left_over = asyncio.Event()  # set when a leftover is added
        self.stalled = False  # the database cannot record even a result without its RFQ: make no more calls
        self.counts = OutcomeCounts()

    def __len__(self) -> int:
        return len(self._ready) + len(self._left)

    @property
    def ready(self) -> int:
        """The number of results that can be recorded now."""
        return len(self._ready)

    @property
    def locked(self) -> int:
        """The number of leftovers: results whose RFQ was locked or whose write failed."""
        return len(self._left)

    @property
    def leases(self) -> list[tuple[int, int]]:
        """Outbox and claim ids of unrecorded results."""
        attempts = [leftover.result.attempt for leftover in self._left.values()]
        return [(attempt.outbox_id, attempt.claim_id) for attempt in attempts]

    def add(self, result: AttemptResult, now: float = 0.0) -> None:
        """Adds a result. A result whose write failed in an earlier attempt is recorded alone."""
        if result.reason == "written_late":
            self._leave(result, now, alone=True)
        else:
            self._ready.append(result)

    def take(self) -> list[AttemptResult]:
        """Removes and returns the next batch."""
        long = bool(self._ready) and self._ready[0].latency_ms >= _LONG_MS
        return [self._ready.popleft() for _ in range(min(_BATCH_OF_LONG if long else BATCH, len(self._ready)))]

    def bound(self, batch: list[AttemptResult], now: float) -> tuple[float, bool]:
        """The time limit of a batch in seconds, and whether a trigger has hung lately."""
        hung = now - self._hung_at < _HANG_REMEMBERED_SECONDS
        least = _BATCH_SECONDS_AFTER_A_HANG if hung else _BATCH_SECONDS
        return max(least + _ROW_SECONDS * len(batch), self._patience(now)), hung

    def bound_alone(self, leftover: Leftover, now: float) -> float:
        """The time limit of a leftover in seconds."""
        if leftover.apart or leftover.hangs > 1:
            return _SLOW_SECONDS
        return _ALONE_SECONDS if leftover.alone and not leftover.hangs else max(_BATCH_SECONDS, self._patience(now))

    def took(self, seconds: float, now: float) -> None:
        """Notes that results were recorded with their RFQs, and the seconds that this took."""
        self._written_at = now
        if seconds > self._longest[0] or now - self._longest[1] > _LATELY_SECONDS:
            self._longest = (seconds, now)

    def _patience(self, now: float) -> float:
        return min(2 * self._longest[0], _SLOW_SECONDS) if now - self._longest[1] <= _LATELY_SECONDS else 0.0

    def requeue(self, batch: list[AttemptResult]) -> None:
        """Requeues a batch of unknown outcome. If it has committed, the database recognises its claims."""
        self._ready.extendleft(reversed(batch))

    def failed(self, batch: list[AttemptResult], sqlstate: str | None, now: float, *, asked: bool = True) -> bool:
        """Handles a failed transaction of this batch, which may have failed at its COMMIT.

        Returns True if each result is now a leftover. Returns False if the batch will be tried again unchanged.
        `asked`: whether the statement reached the server.
        """
        if not batch:
            return False
        self._failures += asked
        if sqlstate == _DETACHED or (_of_server(sqlstate) and self._failures < _OFTEN):
            self.requeue(batch)
            return False
        self._failures = 0
        if sqlstate == _TOO_LONG:
            self._hung_at = now
        else:
            # Make no calls until a leftover is recorded: the database may be unable to record any answer.
            self.stalled = True
        for result in batch:
            self._leave(result, now, alone=True)
        return True

    def settle(self, batch: Iterable[AttemptResult], outcomes: dict[int, str], policy: Policy, now: float) -> None:
        """Applies the database's reply.

        `outcomes`: by outbox id, the outcome of each result that was not recorded as requested.
        """
        self._failures = 0
        log = finished_log()
        for result in batch:
            outcome = outcomes.get(result.attempt.outbox_id)
            if outcome == Outcome.BUSY:
                self._leave(result, now, alone=False)
            elif outcome is None or not outcome.startswith("refused:"):
                self._report(result, outcome, log)
            elif outcome.removeprefix("refused:").startswith(_SOON):
                self._leave(result, now, alone=True)
            else:
                self._refused(result, outcome.removeprefix("refused:"), policy)

    # -- leftovers, recorded over a separate connection ---------------------------------------------------------------

    def next_offer_at(self, default: float) -> float:
        return min((leftover.again_at for leftover in self._left.values()), default=default)

    def due(self, now: float, *, last: bool) -> list[Leftover]:
        """Leftovers to record now: all those with locked RFQs together, or else one other leftover alone.

        `last`: the worker must stop. So the answers of those with locked RFQs are parked on their runs.
        """
        left = self._left.values()
        found = [each for each in left if not each.alone and (last or each.again_at <= now)][:BATCH]
        if not found:
            alone = [each for each in left if each.alone and each.again_at <= now]

            def turn(leftover: Leftover) -> tuple[int, float]:
                """Sorts quick leftovers first, and old ones by time alone, so that each gets its turn."""
                return 0 if now - leftover.since > _OLD_SECONDS else leftover.slowness, leftover.again_at

            found = [min(alone, key=turn)] if alone else []
        for leftover in found:
            leftover.offered = True
            if last and not leftover.alone:
                leftover.result = parked(leftover.result)
        return found

    def park_all(self) -> None:
        """Parks each leftover's answer on its run: the answer was paid for, and its claim is about to be released."""
        for outbox_id, leftover in list(self._left.items()):
            if not leftover.offered:
                del self._left[outbox_id]
                self._ready.append(parked(leftover.result))

    def settle_leftovers(self, due: list[Leftover], outcomes: dict[int, str], policy: Policy, now: float) -> None:
        self.stalled = False
        for leftover in due:
            leftover.offered = False
            outcome = outcomes.get(leftover.result.attempt.outbox_id)
            if outcome == Outcome.BUSY:
                leftover.alone = False
                _later(leftover, now)
            elif outcome is not None and outcome.startswith("refused:"):
                leftover.alone = True
                self._refused_alone(leftover, outcome.removeprefix("refused:"), policy, now)
            else:
                self._drop(leftover)
                if leftover.refused is not None:
                    self._report_refused(*leftover.refused)
                self._report(leftover.result, outcome, finished_log())

    def failed_leftovers(self, due: list[Leftover], sqlstate: str | None, now: float, *, asked: bool = True) -> bool:
        """Handles a failed transaction of leftovers.

        Returns whether the single leftover may be at fault, so that a control must follow (see `refuse`).
        """
        asked = asked and sqlstate != _DETACHED
        for leftover in due:
            leftover.offered = False
            _later(leftover, now)
            if asked and len(due) > 1:
                leftover.alone, leftover.again_at = True, now
        (first, *others) = due
        if others or not asked:
            return False
        # Without a rehearsal, its control comes one try earlier, and one more try follows.
        early = not first.is_rehearsed
        if sqlstate == NO_ANSWER and not first.apart:
            first.silences += 1  # the connection broke, or a COMMIT hangs, which no time limit of the server ends
            return first.silences >= _SILENCES - early
        first.alone = True
        if first.apart or _of_server(sqlstate):
            return True
        first.tries += 1
        if sqlstate == _TOO_LONG:
            first.hangs += 1
            first.again_at = now
            return first.hangs >= (2 if now - self._written_at < _LATELY_SECONDS else 3) - early
        if sqlstate in _SOON:
            return now - first.since > self._blame_seconds
        return first.tries >= _TRIES_ALONE - early

    def refuse(self, leftover: Leftover, sqlstate: str | None, policy: Policy, now: float, said: str = "") -> None:
        """Handles a result that fails although the database works. `said`: the error's message."""
        refusal = f"{sqlstate or ''} {said}"
        if not leftover.apart and _of_server(sqlstate) and sqlstate != NO_ANSWER:
            full = (sqlstate or "").startswith(_FULL) and self._written_at <= leftover.since
            # Count the tries: the server's fault may have ended just before the control.
            leftover.tries += not full or now - leftover.since > self._blame_seconds
            if leftover.tries >= _TRIES_ALONE:
                self._blame(leftover, refusal, policy, now)
        elif not leftover.apart:
            self._blame(leftover, refusal, policy, now)
        elif sqlstate in {_TOO_LONG, *_SOON}:
            self.stalled = False  # the cancelled statement may still lock the row
        elif not is_unstorable(sqlstate):
            # This write does not touch the application's table, so the database is at fault, not the RFQ.
            self.stalled = True
            leftover.give_back()
        elif not leftover.is_bare:
            leftover.bare(now)
        else:
            self.stalled = False  # this result was at fault
            self._drop(leftover)
            self.counts.add("failed")  # its lease expires, and the answer that was paid for is lost

    def _refused_alone(self, leftover: Leftover, refusal: str, policy: Policy, now: float) -> None:
        if refusal.startswith(_SOON) and now - leftover.since <= self._blame_seconds:
            _later(leftover, now)
        else:
            self._blame(leftover, refusal, policy, now)

    def _blame(self, leftover: Leftover, refusal: str, policy: Policy, now: float) -> None:
        leftover.refused, leftover.again_at = (leftover.result, refusal), now
        if refusal.startswith(_TWICE):
            leftover.result = duplicate_id(leftover.result)
        elif leftover.result.verdict is not Verdict.RELEASE:
            leftover.result = self._write_refused(leftover.result, policy, refusal)

    def _leave(self, result: AttemptResult, now: float, *, alone: bool) -> None:
        again_at = now if alone else now + jittered(_LOCKED_SECONDS[0], draw=random.random())  # noqa: S311 - spreads waits only
        self._left[result.attempt.outbox_id] = Leftover(result, now, again_at, alone)
        self.left_over.set()

    def _drop(self, leftover: Leftover) -> None:
        if self._left.get(leftover.result.attempt.outbox_id) is leftover:
            del self._left[leftover.result.attempt.outbox_id]

    # -- reports -------------------------------------------------------------------------------------------------------

    def _refused(self, result: AttemptResult, refusal: str, policy: Policy) -> None:
        self._report_refused(result, refusal)
        if result.verdict is Verdict.ABANDON:
            self.counts.add("failed")  # its lease expires, and another attempt records the same result
        elif refusal.startswith(_TWICE):
            self._ready.append(duplicate_id(result))
        else:
            self._ready.append(self._write_refused(result, policy, refusal))

    @staticmethod
    def _write_refused(result: AttemptResult, policy: Policy, refusal: str) -> AttemptResult:
        return write_refused(result, policy, random.random(), refusal)  # noqa: S311 - spreads waits only

    def _report_refused(self, result: AttemptResult, refusal: str) -> None:
        attempt, sqlstate = result.attempt, refusal.partition(" ")[0]  # the rest may contain a customer's text
        _log.warning("rfq.write_rejected", rfq_id=str(attempt.rfq_id), sqlstate=sqlstate, attempt=attempt.number)

    def _report(self, result: AttemptResult, outcome: str | None, log: FilteringBoundLogger | None) -> None:
        status = result.run_status(outcome)
        if status is None:
            return
        name = "done" if status is RunStatus.SUCCEEDED else status.value
        self.counts.add(name)
        self._on_recorded(result, outcome)
        if log is not None:
            tell_finished(log, name, result, outcome)


def is_unstorable(sqlstate: str | None) -> bool:
    """Whether the error concerns a value that the database cannot store."""
    return sqlstate is not None and sqlstate.startswith(_DATA)


def _of_server(sqlstate: str | None) -> bool:
    """Whether the error concerns the connection or the server, so that no result may be at fault."""
    return sqlstate is None or sqlstate == _DETACHED or (sqlstate != _TOO_LONG and sqlstate.startswith(_OF_SERVER))


def _later(leftover: Leftover, now: float) -> None:
    leftover.again_at = now + jittered(leftover.wait, draw=random.random())  # noqa: S311 - spreads waits only
    leftover.wait = min(leftover.wait * 2, _LOCKED_SECONDS[1])
