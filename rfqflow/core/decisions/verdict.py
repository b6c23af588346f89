"""Turns the outcome of a call into a verdict. Pure.

An outage or a wrong key is never an RFQ's fault: the RFQ is deferred, and no attempt is charged. An RFQ that keeps
failing is discarded after `max_attempts`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from rfqflow.core import checks
from rfqflow.core.answer import Answer
from rfqflow.core.decisions.fallback import ANOTHER_MODEL
from rfqflow.core.errors import CallError, ErrorClass
from rfqflow.core.policy import Policy
from rfqflow.core.queue.backoff import backoff_seconds, jittered
from rfqflow.core.records import Completion


@dataclass(frozen=True, slots=True)
class Complete:
    """The answer is written to the RFQ. `review`: why a person must review it, or None."""

    review: str | None


@dataclass(frozen=True, slots=True)
class Retry:
    """The attempt is charged, and the next attempt follows after the backoff."""

    delay_seconds: float


@dataclass(frozen=True, slots=True)
class Defer:
    """The attempt is not charged. The RFQ waits until a cause outside the RFQ is gone."""

    delay_seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Discard:
    """The RFQ fails and becomes a dead letter."""

    reason: str


Verdict = Complete | Retry | Defer | Discard

_QUOTA_SECONDS = 900.0
_NEXT_MODEL_SECONDS = 0.1  # no longer wait is needed before a call to another model
# The provider is unavailable or refuses the account, so every RFQ would get the same error.
_NOBODYS_FAULT = frozenset(
    {
        ErrorClass.CONNECTION,
        ErrorClass.RATE_LIMIT,
        ErrorClass.QUOTA,
        ErrorClass.AUTH,
        ErrorClass.MODEL_NOT_FOUND,
        ErrorClass.NOT_SENT,
    }
)
# The same request would get the same error again.
_HOPELESS = frozenset({ErrorClass.BAD_REQUEST, ErrorClass.CONTENT_FILTER, ErrorClass.REFUSAL})
_UNAVAILABLE = frozenset({502, 503, 504, 529})


def after(
    outcome: Completion | CallError,
    attempt: int,
    policy: Policy,
    draw: float,
    *,
    further: bool = False,
    is_last: bool = False,
) -> Verdict:
    """The verdict after a call. `draw` in [0, 1) gives the jitter. `further`: another model follows in the chain.

    `is_last`: a further call would fail in the same way.
    """
    if isinstance(outcome, Completion):
        return Complete(review(outcome, policy))
    error = outcome.error_class
    if further and error is ErrorClass.MODEL_NOT_FOUND:
        return Defer(_NEXT_MODEL_SECONDS, str(error))  # a wrong name in the settings is not the RFQ's fault
    if further and error in ANOTHER_MODEL:
        return Discard(str(error)) if attempt >= policy.max_attempts else Retry(_NEXT_MODEL_SECONDS)
    away = error is ErrorClass.PROVIDER_5XX and outcome.http_status in _UNAVAILABLE
    if error in _NOBODYS_FAULT or away:
        asked = outcome.retry_after_seconds
        usual = _QUOTA_SECONDS if error is ErrorClass.QUOTA else policy.defer_seconds
        # Wait at least for the requested time, and add jitter, so that not all RFQs become due at the same moment.
        delay = usual if asked is None else max(asked, 0.0)
        return Defer(delay * (1 + 0.5 * draw) if asked is not None else jittered(delay, draw=draw), str(error))
    if error in _HOPELESS or is_last:
        return Discard(str(error))
    decided = retry_or_discard(attempt, str(error), policy, draw)
    if isinstance(decided, Retry) and outcome.retry_after_seconds is not None:
        return Retry(max(decided.delay_seconds, outcome.retry_after_seconds))
    return decided


def retry_or_discard(attempt: int, reason: str, policy: Policy, draw: float) -> Retry | Discard:
    """The verdict after a charged attempt: wait for the backoff, or discard after the last attempt."""
    if attempt >= policy.max_attempts:
        return Discard(reason)
    return Retry(backoff_seconds(attempt, base=policy.retry_base_seconds, cap=policy.retry_cap_seconds, draw=draw))


def review(completion: Completion, policy: Policy) -> str | None:
    """The most serious reason why a person must review the answer. None if there is no reason."""
    return _review(completion.answer, policy)


def needs_no_second_opinion(answer: Answer, policy: Policy, fallbacks: Collection[str]) -> bool:
    """Whether the answer of the cascade's first model is accepted without asking the second model.

    The answer must be confident enough, need no review, and not have a fallback route.
    """
    sure = answer.confidence >= policy.cascade_confidence
    return sure and answer.route not in fallbacks and _review(answer, policy) is None


def _review(answer: Answer, policy: Policy) -> str | None:
    if answer.injection_suspected:
        return "injection_suspected"
    if answer.intent == "spam":
        return "looks_like_spam"
    found = checks.review(answer)
    if found == checks.CONTRADICTED_FACT:
        return found
    return "low_confidence" if answer.confidence < policy.min_confidence else found
