"""Results on their way into the database: those that are ready, and those that could not be written yet."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from rfqflow.core.errors import ErrorClass
from rfqflow.core.queue.backoff import jittered
from rfqflow.core.results import Outcome, RunStatus, Verdict
from rfqflow.enrichment.attempt_result import duplicate_id, parked, unstorable, write_refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rfqflow.core.policy import Policy
    from rfqflow.core.results import AttemptResult

_log = structlog.get_logger()
BATCH = 500  # rows per claim and per finish: beyond some hundreds nothing is gained
# Of calls that took long, fewer at a time: what begins together ends together, and the last of many would wait long for
# the first. In small batches they begin again apart, and end apart.
_BATCH_OF_LONG = 100
_LONG_MS = 100.0
LOCKED_MOST = 2_000  # results waiting for locked RFQs, beyond which no more work should be claimed
_LOCKED_SECONDS = (0.05, 1.0)  # how soon a result is offered again whose RFQ was locked
_SOON = {"refused:55P03", "refused:40P01", "refused:40001"}  # lock timeout, deadlock, serialization: ask again
# What one row can bring upon the transaction of a whole batch, at COMMIT too. All else is of the server, its disk, the
# connection or our own schema: the same batch is recorded when that is over.
_DETACHED = "RF008"  # no table is attached: it is nobody's fault, and ends
_OF_A_ROW = ("21", "22", "23", "2F", "38", "39", "44", "54", "57014", "P0", "RF")
_TWICE = "RF006"  # its id is that of two RFQs: whose answer it would be, nobody knows
_DATA = "22"  # a value that no column or no JSON of the database can hold
_TOO_LONG = "57014"  # a trigger of the application's that waits, perhaps: nobody waits for it again and again
_TRIES_ALONE = 3  # of a result that the database refuses although nothing is wrong with the server


@dataclass(slots=True)
class OutcomeCounts:
    """What became of the work so far, by outcome."""

    ended: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: str) -> None:
        self.ended[outcome] = self.ended.get(outcome, 0) + 1

    @property
    def total(self) -> int:
        return sum(self.ended.values())


@dataclass(slots=True)
class _LockedResult:
    result: AttemptResult
    again_at: float
    wait: float = _LOCKED_SECONDS[0]


class ResultBuffer:
    """A queue that forgets nothing: a result leaves it when the database has said what became of it."""

    def __init__(self, on_recorded: Callable[[AttemptResult, str | None], None] = lambda *_: None) -> None:
        """`on_recorded` is told of each result that has committed, with the outcome if it was not as asked."""
        self._on_recorded = on_recorded
        self._ready: deque[AttemptResult] = deque()
        self._alone: deque[AttemptResult] = deque()  # of a batch that could not be recorded as one
        self._tries: dict[int, int] = {}  # by outbox id: how often one was refused alone
        self._locked: dict[int, _LockedResult] = {}  # by outbox id: their RFQ is locked
        self.counts = OutcomeCounts()

    def __len__(self) -> int:
        return len(self._ready) + len(self._alone) + len(self._locked)

    @property
    def ready(self) -> int:
        """How many can be recorded right now."""
        return len(self._ready) + len(self._alone)

    @property
    def suspect(self) -> bool:
        """What comes next failed in company: it is offered with nothing else, so that an error is surely its own."""
        return bool(self._alone)

    @property
    def locked(self) -> int:
        return len(self._locked)

    @property
    def leases(self) -> list[tuple[int, int]]:
        """Outbox and claim ids of what waits for locked RFQs."""
        attempts = [one.result.attempt for one in self._locked.values()]
        return [(attempt.outbox_id, attempt.claim_id) for attempt in attempts]

    def add(self, result: AttemptResult) -> None:
        self._ready.append(result)

    def take(self) -> list[AttemptResult]:
        """The next batch; what could not be recorded in company comes alone."""
        if self._alone:
            return [self._alone.popleft()]
        long = bool(self._ready) and self._ready[0].latency_ms >= _LONG_MS
        return [self._ready.popleft() for _ in range(min(_BATCH_OF_LONG if long else BATCH, len(self._ready)))]

    def put_back(self, batch: list[AttemptResult]) -> None:
        """Nothing is known of it: a finish that did take effect is recognised by its claim when it comes again."""
        self._ready.extendleft(reversed(batch))

    def failed(self, batch: list[AttemptResult], sqlstate: str | None, policy: Policy, *, alone: bool) -> bool:
        """The transaction of this batch failed, perhaps only at its COMMIT. True: it may be offered again at once.

        False: nothing is known of the batch, and it waits as it is. `alone`: nothing else was asked for with it.
        """
        if sqlstate is None or sqlstate == _DETACHED or not sqlstate.startswith(_OF_A_ROW):
            self.put_back(batch)
            return False
        if len(batch) != 1 or not alone:
            self._alone.extend(batch)
            return bool(batch)
        (one,) = batch
        outbox_id = one.attempt.outbox_id
        tries = self._tries[outbox_id] = self._tries.get(outbox_id, 0) + 1
        if tries % _TRIES_ALONE and sqlstate != _TOO_LONG:
            self._alone.append(one)
        elif sqlstate.startswith(_DATA) and one.error_class is ErrorClass.WRITE_REFUSED:
            self._alone.append(unstorable(one))  # not even its run can be held
        elif one.verdict is Verdict.ABANDON:
            self._tell_refused(one, sqlstate)
            self.counts.add("failed")  # its lease will run out, and what was paid for it counts as lost
        else:
            self._tell_refused(one, sqlstate)
            self._alone.append(self._write_refused(one, policy))
        return True

    def unlock(self, batch: list[AttemptResult]) -> list[AttemptResult]:
        """They are offered like any other again."""
        for one in batch:
            self._locked.pop(one.attempt.outbox_id, None)
        return batch

    def next_offer_at(self, default: float) -> float:
        return min((one.again_at for one in self._locked.values()), default=default)

    def due(self, now: float, *, last: bool) -> list[AttemptResult]:
        """Results to offer again; `last`: the worker must go, so they are set aside if their RFQ is still locked."""
        found = [one.result for one in self._locked.values() if last or one.again_at <= now][:BATCH]
        return [parked(one) for one in found] if last else found

    def park_all(self) -> None:
        """Their claims are about to be given back: what was paid for is kept on its run."""
        self._ready.extend(parked(one.result) for one in self._locked.values())
        self._locked.clear()

    def settle(self, batch: Iterable[AttemptResult], outcomes: dict[int, str], policy: Policy, now: float) -> None:
        """What the database said to each: `outcomes` holds only what did not go as asked."""
        for one in batch:
            outbox_id = one.attempt.outbox_id
            outcome = outcomes.get(outbox_id)
            self._tries.pop(outbox_id, None)
            locked = self._locked.pop(outbox_id, None)
            if outcome == Outcome.BUSY or outcome in _SOON:
                again = locked or _LockedResult(one, now)
                again.again_at = now + jittered(again.wait, draw=random.random())  # noqa: S311 - spreads waits only
                again.wait = min(again.wait * 2, _LOCKED_SECONDS[1])
                self._locked[outbox_id] = again
            elif outcome is not None and outcome.startswith("refused:"):
                self._refused(one, outcome.removeprefix("refused:"), policy)
            else:
                self._tell(one, outcome)

    def _refused(self, one: AttemptResult, sqlstate: str, policy: Policy) -> None:
        self._tell_refused(one, sqlstate)
        if one.verdict is Verdict.ABANDON:
            self.counts.add("failed")  # its lease will run out, and another attempt come to the same end
        elif sqlstate == _TWICE:
            self._ready.append(duplicate_id(one))
        else:
            self._ready.append(self._write_refused(one, policy))

    @staticmethod
    def _write_refused(one: AttemptResult, policy: Policy) -> AttemptResult:
        return write_refused(one, policy, random.random())  # noqa: S311 - spreads waits only

    def _tell_refused(self, one: AttemptResult, sqlstate: str) -> None:
        attempt = one.attempt
        _log.warning("rfq.write_rejected", rfq_id=str(attempt.rfq_id), sqlstate=sqlstate, attempt=attempt.number)

    def _tell(self, one: AttemptResult, outcome: str | None) -> None:
        """The one line per finished RFQ, once it is recorded."""
        status = one.run_status(outcome)
        if status is None:
            return
        name = "done" if status is RunStatus.SUCCEEDED else status.value
        self.counts.add(name)
        self._on_recorded(one, outcome)
        attempt, call, answer = one.attempt, one.call, one.answer and one.answer.answer
        usage = call and call.usage
        _log.info(
            f"run.{name}", rfq_id=str(attempt.rfq_id), request_id=attempt.request_id, worker=attempt.worker,
            attempt=attempt.number, claim_id=attempt.claim_id, reason=outcome or one.reason, verdict=one.verdict,
            error_class=one.error_class, provider=call and call.provider, model=call and call.model,
            prompt_version=call and call.prompt_version, route=answer and answer.route,
            confidence=answer and answer.confidence, review=one.review, input_tokens=usage and usage.input_tokens,
            output_tokens=usage and usage.output_tokens,
            cost_usd=None if call is None or call.cost_usd is None else str(call.cost_usd),
            cost_source=call and call.cost_source, queue_ms=round(attempt.queue_ms, 1),
            latency_ms=round(one.latency_ms, 1), email_hash=attempt.email_hash,
            provider_request_id=call and call.provider_request_id,
        )  # fmt: skip
