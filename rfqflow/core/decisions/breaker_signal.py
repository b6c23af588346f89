"""Turns the result of a call into a signal for its model's breaker. Pure.

All workers share the breaker in `ai.model_states`. The table of error classes is docs/reference/errors.md. A fault of
the provider counts as a failure. A fault of the account trips the breaker. A rate limit has its own gauge. An invalid
answer is still an answer.

One text can make a gateway or filter refuse it. So only the provider's own word trips at once. Other refusals trip
after several RFQs, if none of them gets an answer.
"""

from dataclasses import dataclass
from typing import Literal

from rfqflow.core.errors import CallError, ErrorClass, ReplyFault
from rfqflow.core.records import Completion

Call = Literal["ok", "rejected", "failed", "throttled", "refused"]
# No model writes replies that large: another server sent it.
_FAILED = frozenset({ErrorClass.TIMEOUT, ErrorClass.CONNECTION, ErrorClass.PROVIDER_5XX, ErrorClass.TOO_LARGE})
_TRIPS = frozenset({ErrorClass.AUTH, ErrorClass.QUOTA, ErrorClass.MODEL_NOT_FOUND, ErrorClass.NOT_SENT})
_NO_VERDICT = frozenset({ErrorClass.CANCELLED, ErrorClass.INTERNAL, ErrorClass.LEASE_LOST, ErrorClass.WRITE_REFUSED})
# A model produces neither HTML nor an envelope without choices: another server answered.
_NOT_A_REPLY = frozenset({ReplyFault.NO_OBJECT, ReplyFault.NO_CHOICES, ReplyFault.NO_OUTPUT, ReplyFault.ERROR})


@dataclass(frozen=True, slots=True)
class BreakerSignal:
    """`call` None: no evidence about the model.

    `trip` opens the breaker with this reason: at once or, if `call` is `refused`, with evidence from several RFQs.
    """

    call: Call | None
    trip: str | None = None
    retry_after_seconds: float | None = None


def signal_for(outcome: Completion | CallError) -> BreakerSignal:
    """The signal of a finished call, as `ai.settle_calls` takes it."""
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
