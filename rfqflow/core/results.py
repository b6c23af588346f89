"""Records of an attempt: a `ClaimContext` goes into the pipeline, an `AttemptResult` comes out and is recorded."""

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
    """The request of the worker to the database about the RFQ."""

    COMPLETE = "complete"  # write the answer
    KEEP = "keep"  # the accepted answer still holds
    SKIP = "skip"
    RETRY = "retry"
    DEFER = "defer"
    DISCARD = "discard"
    RELEASE = "release"  # release the claim
    ABANDON = "abandon"  # discard without a write to the RFQ, whose table refuses it


class Outcome(StrEnum):
    """The database's outcome if it differs from the request; besides these, `refused:SQLSTATE`."""

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


# The answer was not written: another worker took the claim over, the text was edited, or the same answer already
# exists.
NOT_WRITTEN = frozenset({Outcome.LOST, Outcome.EDITED, Outcome.REPEATED})


@dataclass(frozen=True, slots=True)
class ClaimContext:
    """A claim in progress, with the settings under which it was made."""

    claim: Claim
    worker: int
    lease_ends: float  # by the monotonic clock, the earliest possible end
    policy: Policy
    metrics: ClaimMetrics
    files: tuple[AttachmentRow, ...] = ()  # attached to its RFQ


@dataclass(frozen=True, slots=True)
class Attempt:
    """Identifies a finished attempt, without the RFQ's text, since a result may wait long to be recorded."""

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
    """The model that answered, or the rules, and the cost."""

    provider: str
    model: str | None = None
    prompt_version: str | None = None
    prompt_sha256: bytes | None = None
    usage: Usage | None = None  # None: the provider did not report it
    cost_usd: Decimal | None = None  # None: unknown, which is not zero
    cost_source: str = "unknown"
    provider_request_id: str | None = None
    context_refs: tuple[DocumentRef, ...] = ()
    parameters: Mapping[str, object] | None = None  # sent with the last call


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """An answer in its stored form: `output` for the run, `extracted` for the RFQ, both JSON objects."""

    answer: Answer
    output: Mapping[str, object]
    extracted: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a finish settles the hold of a call, and what it reports to the circuit breaker of the model."""

    call: Call | None = None
    trip: str | None = None
    retry_after_seconds: float | None = None
    booked_nano: int | None = None  # None: the full hold


@dataclass(frozen=True, slots=True)
class SettledCall:
    """The result of a call without a waiting RFQ, as `ai.settle_evaluation` records it."""

    claim_id: int
    error_class: ErrorClass | None
    settlement: Settlement
    usage: Usage | None
    cost_usd: Decimal | None  # None: booked at an assumed price, or at the hold


@dataclass(frozen=True, slots=True)
class ShadowResult:
    """The result of a shadow's call, as `ai.finish_shadow` records it."""

    trial: int
    rfq_id: UUID
    model: str
    error_class: str | None = None
    latency_ms: float | None = None  # None: no call was made
    cost_usd: Decimal | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The result of an attempt, as `ai.finish_outbox` records it; `rfqflow.enrichment.attempt_result` creates it."""

    attempt: Attempt
    verdict: Verdict
    status: RunStatus | None  # None: no run is recorded
    reason: str | None = None
    error_class: ErrorClass | None = None
    error_detail: str | None = None  # for its run alone: guarded and erased like an answer, never logged
    charged: bool = False  # whether it counts against `max_attempts`
    delay_seconds: float | None = None
    waits_for: UUID | None = None  # the RFQ whose final state ends the delay
    ages: bool = False  # whether the wait for this reason has a time limit
    latency_ms: float = 0.0
    call: CallRecord | None = None
    answer: AnswerRecord | None = None
    review: str | None = None
    reused_from: int | None = None
    signals: tuple[Signal, ...] | None = None
    settlement: Settlement | None = None  # None: no hold
    metrics: ClaimMetrics | None = None  # never recorded

    def run_status(self, outcome: str | None) -> RunStatus | None:
        """Identifies the recorded run; `outcome` as the database reported it, None if as requested."""
        if outcome == Outcome.EXHAUST:
            return RunStatus.FAILED
        if outcome in NOT_WRITTEN and self.status is RunStatus.SUCCEEDED:
            return RunStatus.SUPERSEDED
        return self.status
