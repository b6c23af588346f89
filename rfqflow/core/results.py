"""Records of an attempt. The pipeline takes a `ClaimContext`, and returns an `AttemptResult` to record."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from rfqflow.core.answer import Answer
from rfqflow.core.decisions.breaker_signal import Call
from rfqflow.core.errors import ErrorClass, Usage
from rfqflow.core.policy import Policy
from rfqflow.core.records import AttachmentRow, Claim, ClaimMetrics, DocumentRef, Signal


class Verdict(StrEnum):
    """What the worker requests the database to do with the RFQ."""

    COMPLETE = "complete"  # write the answer
    KEEP = "keep"  # keep the accepted answer
    SKIP = "skip"
    RETRY = "retry"
    DEFER = "defer"
    DISCARD = "discard"
    RELEASE = "release"  # release the claim
    ABANDON = "abandon"  # discard without a write to the RFQ, since its table refuses the write


class Outcome(StrEnum):
    """What the database did instead of the request. Another possible value is `refused:SQLSTATE`."""

    LOST = "lost"
    BUSY = "busy"
    GONE = "gone"
    EDITED = "edited"
    REPEATED = "repeated"
    EXPIRE = "expire"
    EXHAUST = "exhaust"
    OUTLAST = "outlast"


class RunStatus(StrEnum):
    """The values of `ai.rag_runs.status`."""

    SUCCEEDED = "succeeded"
    SUPERSEDED = "superseded"
    SKIPPED = "skipped"
    DEFERRED = "deferred"
    FAILED = "failed"
    LOST = "lost"


# With these outcomes the answer was not written: another worker has taken the claim over, the text was edited, or the
# RFQ already has the same answer.
NOT_WRITTEN = frozenset({Outcome.LOST, Outcome.EDITED, Outcome.REPEATED})


@dataclass(frozen=True, slots=True)
class ClaimContext:
    """A claim in progress, with the policy under which it was made."""

    claim: Claim
    worker: int
    lease_ends: float  # the earliest time at which the lease can end, by the monotonic clock
    policy: Policy
    metrics: ClaimMetrics
    files: tuple[AttachmentRow, ...] = ()  # the files of the RFQ


@dataclass(frozen=True, slots=True)
class Attempt:
    """Identifies a finished attempt. It does not contain the RFQ's text, since many results may wait to be recorded."""

    outbox_id: int
    claim_id: int
    rfq_id: UUID
    worker: int
    number: int
    queue_ms: float
    content_sha256: bytes | None
    request_id: str | None
    email_hash: str | None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """Which model answered, or the rules, and the cost."""

    provider: str
    model: str | None = None
    prompt_version: str | None = None
    prompt_sha256: bytes | None = None
    usage: Usage | None = None  # None: the provider did not report the usage
    cost_usd: Decimal | None = None  # None: unknown, which is not zero
    cost_source: str = "unknown"
    provider_request_id: str | None = None
    context_refs: tuple[DocumentRef, ...] = ()
    parameters: Mapping[str, object] | None = None  # parameters that were sent with the last call


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """An answer in its stored form. `output` is for the run, `extracted` for the RFQ. Both are JSON objects."""

    answer: Answer
    output: Mapping[str, object]
    extracted: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How to settle the hold of a call, and what to report to the model's circuit breaker."""

    call: Call | None = None
    trip: str | None = None
    retry_after_seconds: float | None = None
    booked_nano: int | None = None  # None: book the full hold


@dataclass(frozen=True, slots=True)
class SettledCall:
    """The result of a call for which no RFQ waits, in the form of `ai.settle_evaluation`."""

    claim_id: int
    error_class: ErrorClass | None
    settlement: Settlement
    usage: Usage | None
    cost_usd: Decimal | None  # None: the call is booked at an assumed price, or at its hold


@dataclass(frozen=True, slots=True)
class ShadowResult:
    """The result of a shadow's call, in the form of `ai.finish_shadow`."""

    trial: int
    rfq_id: UUID
    model: str
    error_class: str | None = None
    latency_ms: float | None = None  # None: no call was made
    cost_usd: Decimal | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The result of an attempt, for `ai.finish_outbox`. `rfqflow.enrichment.attempt_result` creates it."""

    attempt: Attempt
    verdict: Verdict
    status: RunStatus | None  # None: no run is recorded
    reason: str | None = None
    error_class: ErrorClass | None = None
    error_detail: str | None = None  # only for the run; protected and erased like an answer, and never logged
    charged: bool = False  # whether the attempt counts against `max_attempts`
    delay_seconds: float | None = None
    waits_for: UUID | None = None  # the RFQ whose finish ends the delay
    ages: bool = False  # whether the wait for this reason has a time limit
    latency_ms: float = 0.0
    call: CallRecord | None = None
    answer: AnswerRecord | None = None
    review: str | None = None
    reused_from: int | None = None
    signals: tuple[Signal, ...] | None = None
    settlement: Settlement | None = None  # None: the call has no hold
    metrics: ClaimMetrics | None = None  # only for metrics, and not recorded

    def run_status(self, outcome: str | None) -> RunStatus | None:
        """The status of the recorded run.

        `outcome`: what the database did instead of the request; None if it did as requested.
        """
        if outcome == Outcome.EXHAUST:
            return RunStatus.FAILED
        if outcome in NOT_WRITTEN and self.status is RunStatus.SUCCEEDED:
            return RunStatus.SUPERSEDED
        return self.status
