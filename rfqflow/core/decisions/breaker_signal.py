"""What a call tells the breaker of its model. Pure; the breaker itself is `ai.model_states`, shared by all workers.

The table is that of the error classes (docs/reference/errors.md): what is the provider's fault counts as a failure,
what is the account's fault trips, a rate limit has a gauge of its own, and an answer nobody likes is still an answer.
One text can make somebody on the way refuse it: only the provider's own word trips at once, all else once it is said to
several RFQs and none is answered.
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
# HTML or an envelope without choices is not the model's doing: another server answered.
_NOT_A_REPLY = frozenset({ReplyFault.NO_OBJECT, ReplyFault.NO_CHOICES, ReplyFault.NO_OUTPUT, ReplyFault.ERROR})


@dataclass(frozen=True, slots=True)
class BreakerSignal:
    """`call` None: says nothing about the model.

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
