"""One call to a provider: the request, and the checks of the answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

from rfqflow import failpoints
from rfqflow.core.checks import check
from rfqflow.core.checks.telling import tells_its_instructions
from rfqflow.core.decisions.call_limits import CallLimits, MessageSize
from rfqflow.core.error_detail import MOST_SAID, error_detail
from rfqflow.core.errors import CallError, ErrorClass
from rfqflow.core.evaluation.calibration import CalibrationCurve
from rfqflow.core.prompting import masking
from rfqflow.core.records import Completion
from rfqflow.core.rules import steers
from rfqflow.enrichment import list_parts
from rfqflow.enrichment.deadline import within
from rfqflow.llm import Request
from rfqflow.llm.reading_thread import is_long, read_apart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfqflow.core.answer import Answer
    from rfqflow.core.checks.checking import Checked
    from rfqflow.core.lists import ListPart
    from rfqflow.core.policy import Policy
    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.core.records import AnsweredPart, Claim, ClaimMetrics, DocumentRef, Rfq, Route
    from rfqflow.core.screening import Screening
    from rfqflow.enrichment.holding import Hold
    from rfqflow.llm import Provider, ReadReply

CallOutcome = TypeVar("CallOutcome", Completion, Completion | CallError)
_ITEMS_AT_ONCE = 50  # line items checked before other tasks may run: a few milliseconds
# Seconds after the provider's own deadline until the call is ended, for a provider that does not keep its deadline.
GUARD_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class LlmCall:
    """The request of one attempt to one model of the chain. `Pipeline.prepare` makes it."""

    model: str
    limits: CallLimits  # the limits of a call to this model
    rfq: Rfq  # the RFQ as sent, with masked contact data if the settings ask for that
    routes: tuple[Route, ...]
    prompt: Prompt
    context: str = ""
    context_refs: tuple[DocumentRef, ...] = ()
    masked: Mapping[str, str] = field(default_factory=dict)
    cut_model: str | None = None  # the model whose last answer was cut off
    size: MessageSize = MessageSize()
    is_tight: bool = False  # whether the budgets have room only for an answer of the likely length
    cascade_model: str | None = None  # the cascade's cheap model, if it is asked first
    hold: Hold | None = None  # None: the call needs no hold
    suspicion: Screening | None = None  # why the RFQ looks like spam; it is enriched, and marked for a person
    part: ListPart | None = None  # the part of a long list; `rfq` and `prompt` are limited to this part
    done: tuple[AnsweredPart, ...] = ()  # the parts that are answered already
    refusal: str = ""  # why this part is not sent: the answers of the earlier parts are written instead
    is_patient: bool = False  # whether the answer may be slow, since no RFQ waits for it
    # Parses a reply that is not the answer to an RFQ; the checks of answers do not apply to it.
    read: ReadReply | None = None

    @property
    def is_first(self) -> bool:
        """Whether this is the call to the cascade's cheap model, after which another model may be asked."""
        return self.model == self.cascade_model


async def answered(provider: Provider, claim: Claim, call: LlmCall) -> Completion | CallError:
    """Makes the call and checks the answer against the text. The confidence is the model's own.

    If further parts follow, the answer is not checked yet.
    """
    rfq = claim.rfq
    if rfq is None:
        return CallError(ErrorClass.INTERNAL, "a claim without an RFQ reached the call")
    call_id, limits = f"{rfq.request_id}.{claim.claim_id}", call.limits
    try:
        failpoints.reach("before_send")
        request = Request(
            call.rfq, call.routes, call.prompt, limits.deadline_seconds, rfq.request_id, call.model,
            call.context, call_id, limits.max_output_tokens, limits.max_output_tokens_retry,
            limits.input_tokens, call.hold.covers if call.hold else None, call.is_patient,
            call.read,
        )  # fmt: skip
        completion = await within(limits.deadline_seconds + GUARD_SECONDS, provider.complete(request))
        failpoints.reach("after_reply")
        if provider.free or call.read:
            # The rules take their answer from the text itself, and a `read` reply is no answer: no checks apply.
            return completion
        said = masking.restore(completion.answer, call.masked)
        if call.part is not None and list_parts.goes_on(call, said):
            return replace(completion, answer=said, prompt_version=call.prompt.version, is_part=True)
        checked = await _checked(call, said, rfq)
    except CallError as error:
        return error
    except TimeoutError:
        guard = limits.deadline_seconds + GUARD_SECONDS
        return CallError(ErrorClass.TIMEOUT, f"timeout: the provider outlived its deadline, and {guard:.1f} s passed")
    except Exception as error:  # noqa: BLE001 - an error over one RFQ must not end the worker; the attempt records the error's class
        failure = CallError(ErrorClass.INTERNAL, type(error).__name__)
        failure.detail = error_detail(f"internal: {type(error).__name__} in a call", str(error)[:MOST_SAID])
        return failure
    return replace(completion, answer=checked.answer, taken_out=checked.taken_out)


async def partial_completion(rfq: Rfq, call: LlmCall, ended: Completion) -> Completion:
    """The checked answer of the parts that are answered. `ended`: the completion for the part that has no answer."""
    checked = await _checked(call, None, rfq)
    return replace(ended, answer=checked.answer, taken_out=checked.taken_out)


async def _checked(call: LlmCall, said: Answer | None, rfq: Rfq) -> Checked:
    judge = partial(_judged, call, said, rfq)
    many = said is None or len(said.line_items) > _ITEMS_AT_ONCE
    return await read_apart(judge) if many or is_long(rfq) else judge()


def _judged(call: LlmCall, said: Answer | None, rfq: Rfq) -> Checked:
    whole = list_parts.together(call, said, rfq)
    checked = check(whole.answer, rfq, asked_to=whole.asked_to, passed_over=whole.passed_over)
    if checked.answer.injection_suspected or not (steers(rfq) or tells_its_instructions(checked.answer, rfq)):
        return checked
    return replace(checked, answer=checked.answer.model_copy(update={"injection_suspected": True}))


def calibrated(outcome: CallOutcome, policy: Policy) -> CallOutcome:
    """The outcome, with calibrated confidence if a calibration exists."""
    if not isinstance(outcome, Completion):
        return outcome
    points = policy.calibrations.get(f"{outcome.prompt_version} {outcome.model}")
    if not points:
        return outcome
    said = outcome.answer.confidence
    worth = min(1.0, max(0.0, CalibrationCurve(tuple((float(x), float(y)) for x, y in points))(said)))
    return replace(outcome, answer=outcome.answer.model_copy(update={"confidence": worth}), confidence_raw=said)


@lru_cache(maxsize=4096)
def _field(path: str) -> str:
    """The field's name in a path: `quantity` in `line_items[0].quantity`, `certificates` in `certificates[1]`."""
    return path.rpartition(".")[2].partition("[")[0]


def measure(metrics: ClaimMetrics, outcome: Completion | CallError, hold: Hold | None) -> None:
    """Stores measurements for metrics that no run records."""
    metrics.refused, metrics.reasks = outcome.refused, outcome.reasks
    if isinstance(outcome, CallError):
        return
    metrics.checks = tuple((_field(path), found.verdict.value) for path, found in outcome.answer.checks.items())
    if hold and hold.nano and outcome.cost_usd is not None:
        metrics.estimate_ratio = float(outcome.cost_usd) * 1e9 / hold.nano
