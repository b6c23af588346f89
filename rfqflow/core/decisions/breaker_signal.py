"""Turns the result of a call into a signal for its model's breaker. Pure.

All workers share the breaker in `ai.model_states`. docs/reference/errors.md lists the error classes. A fault of the
provider counts as a failure. A fault of the account opens the breaker. A rate limit is counted separately. An invalid
answer shows that the model works.

A gateway or a filter may refuse a call because of one RFQ's text. So a refusal opens the breaker at once only if it is
the provider's own. After another refusal, the breaker opens if several RFQs are refused and none gets an answer.
"""

from dataclasses import dataclass
from typing import Literal

from rfqflow.core.errors import CallError, ErrorClass, ReplyFault
from rfqflow.core.records import Completion

Call = Literal["ok", "rejected", "failed", "throttled", "refused"]
# TOO_LARGE is a failure, since no model writes replies that are so large.
_FAILED = frozenset({ErrorClass.TIMEOUT, ErrorClass.CONNECTION, ErrorClass.PROVIDER_5XX, ErrorClass.TOO_LARGE})
_TRIPS = frozenset({ErrorClass.AUTH, ErrorClass.QUOTA, ErrorClass.MODEL_NOT_FOUND, ErrorClass.NOT_SENT})
_NO_VERDICT = frozenset({ErrorClass.CANCELLED, ErrorClass.INTERNAL, ErrorClass.LEASE_LOST, ErrorClass.WRITE_REFUSED})
# Replies that no model produces, such as HTML or JSON without choices. A server that is not the model's has answered.
_NOT_A_REPLY = frozenset({ReplyFault.NO_OBJECT, ReplyFault.NO_CHOICES, ReplyFault.NO_OUTPUT, ReplyFault.ERROR})


@dataclass(frozen=True, slots=True)
class BreakerSignal:
    """What a call shows about its model. `call` None: nothing.

    `trip`: the reason with which the breaker opens, at once or, if `call` is `refused`, after refusals of several RFQs.
    """

    call: Call | None
    trip: str | None = None
    retry_after_seconds: float | None = None


def signal_for(outcome: Completion | CallError) -> BreakerSignal:
    """The signal of a finished call, in the form of `ai.settle_calls`."""
    if isinstance(outcome, Completion):
        return BreakerSignal("ok")
    error = outcome.error_class
    asked = outcome.retry_after_seconds
    if error in _TRIPS:
        refused = outcome.unproven or error is ErrorClass.NOT_SENT
        return BreakerSignal("refused" if refused else None, str(error), asked)
    if error in _NO_VERDICT:
        return BreakerSignal(None)
    if error is ErrorClass.RATE_LIMIT:
        return BreakerSignal("throttled", retry_after_seconds=asked)
    if error in _FAILED or (error is ErrorClass.INVALID_OUTPUT and _NOT_A_REPLY & set(outcome.details)):
        return BreakerSignal("failed", retry_after_seconds=asked)
    return BreakerSignal("rejected" if error is ErrorClass.BAD_REQUEST else "ok")
