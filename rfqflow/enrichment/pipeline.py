"""Steps 6 to 11 for one claim, straight down the page: gates, prompt, call, checks, verdict.

What comes out is what `ai.finish_outbox` takes in. No connection is held here, and only this module sees an RFQ's text
on its way to a provider.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from rfqflow import failpoints
from rfqflow.core import rules
from rfqflow.core.answer import SCHEMA_VERSION, Answer
from rfqflow.core.decisions import admission, breaker_signal, fallback, gates, pricing, verdict
from rfqflow.core.errors import CallError, ErrorClass, Usage
from rfqflow.core.evaluation.calibration import CalibrationCurve
from rfqflow.core.hashing import email_hash
from rfqflow.core.prompting import masking, reference_documents
from rfqflow.core.prompting.grounding import ground
from rfqflow.core.prompting.prompt import bytes_of
from rfqflow.core.records import Completion
from rfqflow.core.rules import steers
from rfqflow.llm import CALLS_PER_ATTEMPT, Request
from rfqflow.llm.rules import SHA256 as RULES_SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import SecretStr

    from rfqflow.core.policy import Policy
    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.core.prompting.reference_documents import Document
    from rfqflow.core.records import Claim, ClaimMetrics, GateFacts, Rfq, Route
    from rfqflow.core.screening import Screening
    from rfqflow.llm import Provider

Finished = dict[str, Any]
CallOutcome = TypeVar("CallOutcome", Completion, Completion | CallError)
_COLUMNS = {
    "summary",
    "route",
    "tags",
    "urgency",
    "confidence",
}  # these have columns; the rest is ai_extracted
_GUARD_SECONDS = 1.0  # beyond the provider's own deadline, for a provider that does not keep it


@dataclass(frozen=True, slots=True)
class LlmCall:
    """What one attempt will send, and to which model of the chain; made by `Pipeline.prepare`."""

    model: str
    rfq: Rfq  # as it is sent: masked, where the settings say so
    routes: tuple[Route, ...]
    prompt: Prompt
    context: str = ""
    context_refs: tuple[Mapping[str, Any], ...] = ()
    masked: Mapping[str, str] = field(default_factory=dict)
    cascade_model: str | None = None  # that of the cascade, where it has its turn
    held_nano: int | None = None  # what its call may cost, and was held for it
    measured: ClaimMetrics | None = None
    suspicion: Screening | None = None  # enriched all the same, and marked

    @property
    def is_first(self) -> bool:
        """Whether the cascade's cheap model is asked, and another may follow."""
        return self.model == self.cascade_model


class Pipeline:
    """Turns claims into finished attempts; never raises but for cancellation."""

    def __init__(
        self,
        provider: Provider,
        *,
        prompt_version: str | None,
        deadline_seconds: float,
        pepper: SecretStr | None,
        mask_contact: bool = False,
    ) -> None:
        """`prompt_version`: what answers are filed under where the provider has no prompt; None: the claim's.

        `mask_contact`: contact data does not leave, and is put back into the answer.
        """
        self.provider = provider
        self.sends = not provider.free  # else there is nothing to mask, to check, and nobody to read documents
        self._mask_contact = mask_contact and self.sends
        self._prompt_version = prompt_version
        self._deadline_seconds = deadline_seconds
        self._pepper = pepper
        self._draw = random.Random().random  # noqa: S311 - spreads waits, guards nothing

    def screen(self, claim: Claim, worker: int, policy: Policy) -> Finished | gates.Pass:
        """The end of a claim that its RFQ alone decides; a Pass where the facts must be known."""
        return self._ended(claim, worker, policy, gates.screen(claim, policy))

    def decide(
        self, claim: Claim, facts: GateFacts, screened: gates.Pass, worker: int, policy: Policy
    ) -> Finished | gates.Pass:
        """The end of a claim that needs no call; a Pass where the provider must be asked."""
        decision = gates.decide(claim, facts, self._version(claim), policy, screened)
        return self._ended(claim, worker, policy, decision)

    def _ended(self, claim: Claim, worker: int, policy: Policy, decision: gates.Decision) -> Finished | gates.Pass:
        match decision:
            case gates.Pass():
                return decision
            case gates.GateSkip(reason, signals, score):
                return self._end(
                    claim, worker, 0.0, verdict="skip", status="skipped", reason=reason, signals=signals,
                    spam_score=score,
                )  # fmt: skip
            case gates.WaitForOriginal(seconds, reason):
                return self.deferred(claim, worker, reason, seconds)
            case gates.Unchanged():
                return self._end(claim, worker, 0.0, verdict="keep", status="skipped", reason="unchanged")
            case gates.Exhausted(reason):
                unread = {} if claim.unreadable is None else {"error_class": str(ErrorClass.UNREADABLE)}
                return self._end(claim, worker, 0.0, verdict="discard", status="failed", reason=reason, **unread)
            case gates.Reuse(paid, duplicate):
                try:
                    answer = Answer.model_validate_json(paid.output)
                except ValidationError:
                    return gates.Pass()  # written by another release: ask again
                completion = Completion(
                    answer, paid.provider, paid.model, paid.prompt_version, paid.prompt_sha256,
                    cost_usd=Decimal(0), cost_source="free",
                )  # fmt: skip
                completion = _calibrated(completion, policy)
                review = verdict.review(completion, policy)
                return self._complete(
                    claim, worker, 0.0, completion, review, reason="reused" if duplicate else "written_late",
                    reused_from=paid.run_id,
                )  # fmt: skip

    def candidates(self, facts: GateFacts) -> tuple[str, ...]:
        """The models that may be asked now, the preferred one first."""
        return fallback.candidates(self.provider.models, facts.last_model, facts.last_error_class)

    def prepare(
        self, rfq: Rfq, model: str, routes: tuple[Route, ...], prompt: Prompt, documents: Sequence[Document] = ()
    ) -> LlmCall:
        """What will be sent; another model of the chain may be put into it with `dataclasses.replace`."""
        refs = tuple(reference_documents.refs(documents))
        reference = reference_documents.render(documents)
        if not self._mask_contact:
            return LlmCall(model, rfq, routes, prompt, reference, refs)
        masked_rfq, masked = masking.mask_rfq(rfq)
        reference, masked = masking.mask(reference, masked)  # an example was once a customer's text
        return LlmCall(model, masked_rfq, routes, prompt, reference, refs, masked)

    def request(self, claim: Claim, facts: GateFacts, ask: LlmCall, policy: Policy) -> dict[str, Any]:
        """What `ai.admit` is asked for this claim: leave for one of the models that may be asked."""
        usage = self.estimate(ask)
        models = tuple(dict.fromkeys((ask.cascade_model or ask.model, *self.candidates(facts))))
        prices = {model: self.provider.price(model, usage)[0] for model in models}
        return {
            "claim_id": claim.claim_id,
            "rfq_id": str(claim.rfq_id),
            "sender": facts.sender,
            "candidates": [admission.candidate(model, usage, prices[model], policy) for model in models],
        }

    def refused(
        self, claim: Claim, worker: int, refusal: str, wait_seconds: float, policy: Policy
    ) -> Finished | admission.WaitForCapacity:
        """What follows where no call may be made now."""
        following = admission.after_refusal(refusal, wait_seconds, policy, self._draw())
        match following:
            case admission.WaitForCapacity():
                return following
            case admission.Requeue():
                return self.not_called(claim, worker, admitted=False)
            case admission.AdmissionDefer(seconds, reason):
                return self.deferred(claim, worker, reason, seconds)
            case admission.AdmissionSkip(reason):
                return self._end(claim, worker, 0.0, verdict="skip", status="skipped", reason=reason)

    @staticmethod
    def estimate(ask: LlmCall) -> Usage:
        """An upper bound of the tokens of one attempt, all its calls together."""
        prompt = ask.prompt
        return pricing.estimate(
            bytes_of(prompt, ask.rfq, ask.context),
            calls=CALLS_PER_ATTEMPT,
            max_output_tokens=prompt.parameters.get("max_output_tokens"),
            max_output_tokens_retry=prompt.parameters.get("max_output_tokens_retry"),
        )

    def first(self, claim: Claim, worker: int, policy: Policy, routes: tuple[Route, ...]) -> Finished | None:
        """The rules' answer, where the policy lets them go first and they are sure enough; None: ask the model."""
        if policy.cascade != "rules" or not self.sends or claim.rfq is None or claim.forced:
            return None
        started = time.perf_counter()
        said = Completion(
            rules.answer(claim.rfq, routes), "rules", "rules", rules.RULES_VERSION, RULES_SHA256,
            cost_usd=Decimal(0), cost_source="free",
        )  # fmt: skip
        completion = _calibrated(said, policy)
        if not verdict.stands(completion.answer, policy, _fallbacks(routes)):
            return None
        milliseconds = (time.perf_counter() - started) * 1000
        return self._complete(claim, worker, milliseconds, completion, None, reason="cascade")

    def cascade_model(self, claim: Claim, facts: GateFacts, suspicion: Screening | None, policy: Policy) -> str | None:
        """The cheap model that is asked before the others, where the policy wants it and it has not been asked yet."""
        model = policy.cascade_model
        wanted = policy.cascade == "model" and model not in ("", self.provider.model)
        skipped = claim.forced or facts.first_done or suspicion is not None or self.provider.free
        return model if wanted and not skipped else None

    async def call(self, claim: Claim, worker: int, policy: Policy, ask: LlmCall) -> Finished:
        """Asks the provider, checks what it says, and decides what becomes of the RFQ."""
        started = time.perf_counter()
        outcome = _calibrated(await self.ask(claim, ask), policy)
        milliseconds = (time.perf_counter() - started) * 1000
        if ask.measured is not None:
            _measure(ask.measured, outcome, ask.held_nano)
        if ask.is_first:
            return self._first_said(claim, worker, milliseconds, outcome, ask, policy)
        further = bool(fallback.following(self.provider.models, ask.model))
        decided = verdict.after(outcome, claim.attempt, policy, self._draw(), further=further)
        settled = self.settled(outcome, ask.model, policy)
        if isinstance(outcome, Completion):
            review = decided.review if isinstance(decided, verdict.Complete) else None
            signals = None
            if ask.suspicion is not None:
                review, signals = review or "looks_like_spam", ask.suspicion.reasons
            return self._complete(
                claim, worker, milliseconds, outcome, review, context_refs=_refs(ask), signals=signals, **settled
            )
        return {**self._failed(claim, worker, milliseconds, outcome, decided, ask), **settled}

    def _first_said(
        self,
        claim: Claim,
        worker: int,
        milliseconds: float,
        outcome: Completion | CallError,
        ask: LlmCall,
        policy: Policy,
    ) -> Finished:
        """The end of the cascade's first call: its answer stands, or the RFQ goes on to the second, not charged."""
        settled = self.settled(outcome, ask.model, policy)
        if isinstance(outcome, CallError):
            common = self._of_failure(claim, outcome, ask)
            return self._end(claim, worker, milliseconds, verdict="release", status="failed", charged=False,
                             reason="first_failed", **common, **settled)  # fmt: skip
        if verdict.stands(outcome.answer, policy, _fallbacks(ask.routes)):
            return self._complete(
                claim, worker, milliseconds, outcome, None, reason="cascade", context_refs=_refs(ask), **settled
            )
        done = self._complete(claim, worker, milliseconds, outcome, None, reason="unsure", context_refs=_refs(ask))
        return {**done, **settled, "verdict": "release", "status": "superseded", "charged": False}

    def settled(self, outcome: Completion | CallError, model: str, policy: Policy) -> dict[str, Any]:
        """What its hold is settled by, and what its model's breaker is told."""
        if self.provider.free:
            return {}
        told = breaker_signal.tell(outcome)
        usage = outcome.usage
        amount = outcome.cost_usd if isinstance(outcome, Completion) else self._cost(model, usage)[0]
        if isinstance(outcome, Completion) and amount is None and (outcome.bill_unknown or usage == Usage()):
            usage = None  # it answered and did not say all of its bill: all that was held
        return {
            "admitted": True,
            "call": told.call,
            "trip": told.trip,
            "retry_after_ms": None if told.retry_after_seconds is None else told.retry_after_seconds * 1000,
            "booked_nano": admission.booked_nano(amount, usage, policy),
        }

    def _version(self, claim: Claim) -> str:
        return self._prompt_version or claim.prompt_version

    async def ask(self, claim: Claim, ask: LlmCall) -> Completion | CallError:
        """One attempt, grounded; confidence is the model's own."""
        rfq = claim.rfq
        if rfq is None:
            return CallError(ErrorClass.INTERNAL, "a claim without an RFQ reached the call")
        deadline = self._deadline_seconds
        call_id = f"{rfq.request_id}.{claim.claim_id}"
        try:
            failpoints.reach("before_send")
            async with asyncio.timeout(deadline + _GUARD_SECONDS):
                completion = await self.provider.complete(
                    Request(ask.rfq, ask.routes, ask.prompt, deadline, rfq.request_id, ask.model, ask.context, call_id)
                )
            failpoints.reach("after_reply")
            if not self.sends:
                return completion  # parsed from the text itself: there is nothing to check it against
            answer, ungrounded = ground(masking.restore(completion.answer, ask.masked), rfq.message)
            if not answer.injection_suspected and steers(rfq.message):
                answer = answer.model_copy(update={"injection_suspected": True})
        except CallError as error:
            return error
        except TimeoutError:
            return CallError(ErrorClass.TIMEOUT, "the call outlived its deadline")
        except Exception as error:  # noqa: BLE001 - one RFQ must never take the worker down; the class is recorded
            return CallError(ErrorClass.INTERNAL, type(error).__name__)
        return replace(completion, answer=answer, ungrounded=ungrounded)

    def _complete(
        self,
        claim: Claim,
        worker: int,
        milliseconds: float,
        completion: Completion,
        review: str | None,
        *,
        reason: str | None = None,
        **more: Any,
    ) -> Finished:
        answer = completion.answer
        output = answer.model_dump(mode="json", exclude_defaults=True)
        extracted = {key: value for key, value in output.items() if key not in _COLUMNS}
        if completion.confidence_raw is not None:  # the run keeps what was said: a reused answer is mapped again
            output["confidence"] = extracted["confidence_raw"] = completion.confidence_raw
        return self._end(
            claim, worker, milliseconds, verdict="complete", status="succeeded", reason=reason, review=review,
            provider=completion.provider, model=completion.model, prompt_version=completion.prompt_version,
            prompt_sha256="\\x" + completion.prompt_sha256.hex(), **_billed(completion.usage),
            cost_usd=_decimal(completion.cost_usd), cost_source=completion.cost_source,
            provider_request_id=completion.provider_request_id, summary=answer.summary, tags=list(answer.tags),
            route=answer.route, urgency=answer.urgency, confidence=answer.confidence,
            extracted={"schema_version": SCHEMA_VERSION, **extracted}, output=output, **more,
        )  # fmt: skip

    def _failed(
        self,
        claim: Claim,
        worker: int,
        milliseconds: float,
        error: CallError,
        decided: verdict.Verdict,
        ask: LlmCall,
    ) -> Finished:
        common = self._of_failure(claim, error, ask)
        match decided:
            case verdict.Retry(seconds):
                return self._end(
                    claim, worker, milliseconds, verdict="retry", status="failed", delay_ms=seconds * 1000,
                    charged=True, reason=common["error_class"], **common,
                )  # fmt: skip
            case verdict.Defer(seconds, reason):
                return self._end(
                    claim, worker, milliseconds, verdict="defer", status="deferred", delay_ms=seconds * 1000,
                    charged=False, reason=reason, ages=admission.ages(reason), **common,
                )  # fmt: skip
            case verdict.Discard(reason):
                return self._end(
                    claim, worker, milliseconds, verdict="discard", status="failed", reason=reason, **common
                )
            case verdict.Complete():
                raise AssertionError("an error is never complete")

    def _of_failure(self, claim: Claim, error: CallError, ask: LlmCall) -> dict[str, Any]:
        """What a run says of a call that failed."""
        cost_usd, cost_source = self._cost(ask.model, error.usage)
        return {
            "error_class": str(error.error_class),
            "provider": self.provider.name,
            "model": ask.model,
            "prompt_version": self._version(claim),
            "prompt_sha256": "\\x" + ask.prompt.sha256.hex(),
            "cost_usd": _decimal(cost_usd),
            "cost_source": cost_source,
            "provider_request_id": error.provider_request_id,
            "context_refs": _refs(ask),
            **(_billed(error.usage) if error.usage else {}),
        }

    def _cost(self, model: str, usage: Usage | None) -> tuple[Decimal | None, str]:
        """Of a failed attempt: what was billed is priced, nothing billed is nothing, and unknown stays unknown."""
        if usage is None:
            return None, "unknown"
        return self.provider.price(model, usage) if usage != Usage() else (Decimal(0), "free")

    def deferred(self, claim: Claim, worker: int, reason: str, seconds: float) -> Finished:
        """Nothing was asked: it waits, no attempt charged; for a reason of its own only so long."""
        return self._end(
            claim, worker, 0.0, verdict="defer", status="deferred", charged=False, reason=reason,
            delay_ms=seconds * 1000, ages=admission.ages(reason),
        )  # fmt: skip

    def cancelled(self, claim: Claim, worker: int, model: str | None = None) -> Finished:
        """The end of a call to `model` that a hurried stop cut off: it may have been paid, and is not charged."""
        return self._end(
            claim, worker, 0.0, verdict="release", status="lost", charged=False, reason="stopped",
            error_class=str(ErrorClass.CANCELLED), provider=self.provider.name, model=model, cost_source="unknown",
            **({"admitted": True} if model and not self.provider.free else {}),
        )  # fmt: skip

    def not_called(self, claim: Claim, worker: int, *, admitted: bool) -> Finished:
        """The claim is given back before a call was made; a hold that it has is released whole."""
        held = {"admitted": True, "booked_nano": 0} if admitted else {}
        return {**self.cancelled(claim, worker), "status": None, **held}

    def broken(self, claim: Claim, worker: int, policy: Policy, *, admitted: bool = False) -> Finished:
        """A fault of ours tripped over this RFQ: an attempt is charged, so that it ends like any other poison."""
        common: dict[str, Any] = {
            "error_class": str(ErrorClass.INTERNAL), "reason": str(ErrorClass.INTERNAL), "status": "failed",
        }  # fmt: skip
        if admitted:
            common["admitted"] = True
        decided = verdict.retry_or_discard(claim.attempt, str(ErrorClass.INTERNAL), policy, self._draw())
        if isinstance(decided, verdict.Retry):
            delay = decided.delay_seconds * 1000
            return self._end(claim, worker, 0.0, verdict="retry", charged=True, delay_ms=delay, **common)
        return self._end(claim, worker, 0.0, verdict="discard", **common)

    def write_refused(self, finished: Finished, policy: Policy) -> Finished:
        """What to do with an answer that the RFQ's own table refused: it is kept on its run, to be written later."""
        hopeless = finished.get("error_class") in (ErrorClass.WRITE_REFUSED, ErrorClass.UNREADABLE)
        if hopeless or finished["verdict"] in ("abandon", "release"):
            return {**finished, "verdict": "abandon"}
        decided = verdict.retry_or_discard(finished["attempt"], str(ErrorClass.WRITE_REFUSED), policy, self._draw())
        refused = {**finished, "status": "failed", "error_class": str(ErrorClass.WRITE_REFUSED),
                   "reason": str(ErrorClass.WRITE_REFUSED)}  # fmt: skip
        if isinstance(decided, verdict.Retry):
            return {**refused, "verdict": "retry", "charged": True, "delay_ms": decided.delay_seconds * 1000}
        return {**refused, "verdict": "abandon"}

    @staticmethod
    def duplicate_id(finished: Finished) -> Finished:
        """Its id turned out to be that of two RFQs: given up for a person to look at, and neither is written."""
        return {**finished, "verdict": "abandon", "status": "failed", "reason": "duplicate_id",
                "error_class": str(ErrorClass.WRITE_REFUSED)}  # fmt: skip

    @staticmethod
    def unstorable(finished: Finished) -> Finished:
        """The bare end of an attempt whose result the database cannot hold: discarded, without what it said."""
        bare = (
            "outbox_id", "rfq_id", "claim_id", "worker", "attempt", "queue_ms", "latency_ms", "content_sha256",
            "admitted", "call", "trip", "retry_after_ms", "booked_nano",
        )  # fmt: skip
        return {
            **{key: finished[key] for key in bare if key in finished},
            "request_id": None, "email_hash": None, "verdict": "discard", "status": "failed",
            "reason": str(ErrorClass.INVALID_OUTPUT), "error_class": str(ErrorClass.INVALID_OUTPUT),
        }  # fmt: skip

    @staticmethod
    def parked(finished: Finished) -> Finished:
        """An answer whose RFQ is still locked when the worker must go: kept on its run, written by the next claim."""
        return {**finished, "verdict": "release", "charged": False, "status": "failed",
                "error_class": str(ErrorClass.WRITE_REFUSED), "reason": "rfq_locked"}  # fmt: skip

    def _end(self, claim: Claim, worker: int, milliseconds: float, **fields: Any) -> Finished:
        rfq = claim.rfq
        return {
            "outbox_id": claim.outbox_id,
            "rfq_id": str(claim.rfq_id),
            "claim_id": claim.claim_id,
            "worker": worker,
            "attempt": claim.attempt,
            "request_id": rfq.request_id if rfq else None,
            "queue_ms": claim.queue_ms,
            "latency_ms": milliseconds,
            "content_sha256": "\\x" + claim.content_sha256.hex() if claim.content_sha256 else None,
            "email_hash": email_hash(rfq.email, self._pepper) if rfq else None,
            **fields,
        }


def _calibrated(outcome: CallOutcome, policy: Policy) -> CallOutcome:
    """With the confidence that such answers have turned out to deserve, where that has been measured."""
    if not isinstance(outcome, Completion):
        return outcome
    points = policy.calibrations.get(f"{outcome.prompt_version} {outcome.model}")
    if not points:
        return outcome
    said = outcome.answer.confidence
    worth = min(1.0, max(0.0, CalibrationCurve(tuple((float(x), float(y)) for x, y in points))(said)))
    return replace(outcome, answer=outcome.answer.model_copy(update={"confidence": worth}), confidence_raw=said)


def _fallbacks(routes: Sequence[Route]) -> frozenset[str]:
    return frozenset(route.slug for route in routes if route.fallback)


def _measure(measured: ClaimMetrics, outcome: Completion | CallError, held_nano: int | None) -> None:
    measured.refused, measured.reasks = outcome.refused, outcome.reasks
    measured.reasoning_tokens = outcome.usage.reasoning_tokens if outcome.usage else 0
    if isinstance(outcome, CallError):
        return
    measured.ungrounded = tuple(place.rpartition(".")[2] for place in outcome.ungrounded)
    if held_nano and outcome.cost_usd is not None:
        measured.estimate_ratio = float(outcome.cost_usd) * 1e9 / held_nano


def _billed(usage: Usage) -> dict[str, int]:
    return {
        "input_tokens": usage.input_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "output_tokens": usage.output_tokens,
    }


def _refs(ask: LlmCall) -> list[Mapping[str, Any]] | None:
    return list(ask.context_refs) or None


def _decimal(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
