"""Steps 6 to 11 of one claim, in order: gates, prompt, call, checks, verdict.

The result is the input of `ai.finish_outbox`. The pipeline uses no database connection. An RFQ's text reaches a
provider only through this package.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic import ValidationError

from rfqflow.core import rules
from rfqflow.core.answer import Answer
from rfqflow.core.attached import ATTACHMENTS
from rfqflow.core.decisions import admission, fallback, gates, verdict
from rfqflow.core.errors import CallError, ErrorClass
from rfqflow.core.prompting import masking, reference_documents
from rfqflow.core.prompting.prompt import size_of
from rfqflow.core.records import Completion
from rfqflow.core.results import Verdict
from rfqflow.core.rules_version import RULES_VERSION
from rfqflow.enrichment import list_parts
from rfqflow.enrichment.answering import LlmCall, answered, calibrated, measure, partial_completion
from rfqflow.enrichment.attempt_result import TAKEN_OUT, AttemptResults
from rfqflow.enrichment.limiting import CallLimiter
from rfqflow.llm.rules import SHA256 as RULES_SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import SecretStr

    from rfqflow.core.errors import Usage
    from rfqflow.core.lists import ListPart
    from rfqflow.core.policy import Policy
    from rfqflow.core.prompting.model_parameters import ModelParameters
    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.core.prompting.reference_documents import Document
    from rfqflow.core.records import AnsweredPart, Claim, GateFacts, Rfq, Route
    from rfqflow.core.results import AttemptResult, ClaimContext, Settlement
    from rfqflow.core.screening import Screening
    from rfqflow.llm import Provider, ReadReply


class Pipeline:
    """Turns claims into attempt results. Raises only if it is cancelled."""

    def __init__(
        self,
        provider: Provider,
        *,
        prompt_version: str | None,
        deadline_seconds: float,
        pepper: SecretStr | None,
        mask_contact: bool = False,
        parameters: ModelParameters | None = None,
        deployments: Mapping[str, str] | None = None,
    ) -> None:
        """`prompt_version`: recorded for answers of a provider that uses no prompt.

        None: record the claim's prompt version.

        `deadline_seconds`: the longest time that any call may take.

        `mask_contact`: send placeholders instead of contact data, and restore the data in the answer. `parameters`: the
        operator's parameters. `deployments`: by deployment name, the model behind it, whose limits apply.
        """
        self.provider = provider
        self.names = provider.names
        # The rules send nothing: nothing to mask, no answer to check, no use for documents.
        self.sends = not provider.free
        self._mask_contact = mask_contact and self.sends
        self.takes_pictures = provider.takes_pictures and not mask_contact  # contact data in pictures cannot be masked
        self._prompt_version = prompt_version
        self.limiter = CallLimiter(
            provider, ceiling_seconds=deadline_seconds, parameters=parameters, deployments=deployments
        )
        self.results = AttemptResults(provider, prompt_version=prompt_version, pepper=pepper)
        self._draw = random.Random().random  # noqa: S311 - spreads waits, guards nothing

    def screen(self, context: ClaimContext) -> AttemptResult | gates.Pass:
        """Runs the gates that need only the RFQ. Returns the claim's result, or a Pass if none of them decides."""
        return self._ended(context, gates.screen(context.claim, context.policy))

    def decide(self, context: ClaimContext, facts: GateFacts, screened: gates.Pass) -> AttemptResult | gates.Pass:
        """Runs the gates that need facts. Returns the claim's result, or a Pass if the provider must be asked."""
        claim = context.claim
        return self._ended(context, gates.decide(claim, facts, self._version(claim), context.policy, screened))

    def _ended(self, context: ClaimContext, decision: gates.Decision) -> AttemptResult | gates.Pass:
        match decision:
            case gates.Pass(_, score):
                if score is not None:
                    context.metrics.spam_score = score
                return decision
            case gates.GateSkip(reason, signals, score):
                if score is not None:
                    context.metrics.spam_score = score
                return self.results.skipped(context, reason, signals)
            case gates.WaitForOriginal(seconds, reason, original):
                return self.results.deferred(context, reason, seconds, waits_for=original)
            case gates.WaitForFiles(seconds, reason):
                return self.results.deferred(context, reason, seconds)
            case gates.Unchanged():
                return self.results.unchanged(context)
            case gates.Exhausted(reason):
                return self.results.exhausted(context, reason)
            case gates.Reuse():
                return self._reused(context, decision)

    def _reused(self, context: ClaimContext, found: gates.Reuse) -> AttemptResult | gates.Pass:
        paid = found.paid
        try:
            said = json.loads(paid.output)
            said.pop(TAKEN_OUT, None)
            attachments = said.pop(ATTACHMENTS, None)
            answer = Answer.model_validate_json(json.dumps(said))
        except (ValidationError, ValueError):
            return gates.Pass()  # written by another release: call again
        completion = Completion(
            answer, paid.provider, paid.model, paid.prompt_version, paid.prompt_sha256,
            cost_usd=Decimal(0), cost_source="free",
        )  # fmt: skip
        completion = calibrated(completion, context.policy)
        return self.results.completed(
            context, completion, reason="reused" if found.duplicate else "written_late",
            review=verdict.review(completion, context.policy), reused_from=paid.run_id,
            attachments=attachments,
        )  # fmt: skip

    def candidates(self, facts: GateFacts) -> tuple[str, ...]:
        """The models that may be called now, in order of preference."""
        return fallback.candidates(self.provider.models, facts.last_model, facts.last_error_class)

    def prepare(
        self,
        rfq: Rfq,
        model: str,
        routes: tuple[Route, ...],
        prompt: Prompt,
        documents: Sequence[Document] = (),
        *,
        facts: GateFacts | None = None,
        done: tuple[AnsweredPart, ...] = (),
        attempt: int = 1,
        read: ReadReply | None = None,
    ) -> LlmCall:
        """The request to send to `model`. `limiter` adapts it to another model of the chain.

        `done`: the answered parts of a long list. `read`: parses a reply that is not the answer to an RFQ.
        """
        has_parts = self.sends and read is None
        part = self._next_part(rfq, model, prompt, done, facts, attempt) if has_parts else None
        if part is not None and done:
            documents = ()  # only the first part gets reference documents
        refs = reference_documents.refs(documents)
        reference = reference_documents.render(documents)
        masked: Mapping[str, str] = {}
        if part is not None:
            rfq = rfq.without_pictures()
            rfq, prompt, masked = list_parts.sent(
                rfq, prompt, part, is_further=bool(done), mask=self._mask_contact
            )  # fmt: skip
        elif self._mask_contact:
            rfq, masked = masking.mask_rfq(rfq)
        if self._mask_contact:
            # An example of the prompt may contain a customer's text.
            reference, masked = masking.mask(reference, masked)
        if not self.sends:
            return LlmCall(model, self.limiter.unsent, rfq, routes, prompt, reference, refs)
        size = size_of(prompt, rfq, reference)
        if part is not None:
            size = replace(size, lines=part.items)
        elif read is not None:
            size = replace(size, lines=0)  # all parts have the same limits
        cut_model = facts.last_model if facts and facts.last_error_class == ErrorClass.TRUNCATED else None
        limits = self.limiter.limits(model, prompt, size, was_cut=model == cut_model)
        return LlmCall(
            model, limits, rfq, routes, prompt, reference, refs, masked, cut_model, size, part=part, done=done,
            read=read,
        )  # fmt: skip

    def _next_part(
        self,
        rfq: Rfq,
        model: str,
        prompt: Prompt,
        done: tuple[AnsweredPart, ...],
        facts: GateFacts | None,
        attempt: int,
    ) -> ListPart | None:
        kind, chosen = self.limiter.known_of(model, prompt)
        room = chosen.max_output_tokens or kind.most_output_tokens
        was_cut = (
            facts is not None
            and facts.last_error_class == ErrorClass.TRUNCATED
            and not fallback.following(self.provider.models, facts.last_model)
        )
        halvings = max(1, attempt - 1) if was_cut else 0
        return list_parts.next_of(rfq, done, room=room - kind.reasoning.likely, halvings=halvings)

    def request(self, claim: Claim, facts: GateFacts, call: LlmCall, policy: Policy) -> admission.AdmissionRequest:
        """The request for admission of this claim.

        It lists all models that may be called, and `ai.admit` chooses one.
        """
        models = dict.fromkeys((call.cascade_model or call.model, *self.candidates(facts)))
        return admission.AdmissionRequest(
            claim.claim_id, claim.rfq_id, facts.sender,
            tuple(self.limiter.candidate(call, model, policy) for model in models),
        )  # fmt: skip

    def refused(
        self, context: ClaimContext, refusal: str, wait_seconds: float, call: LlmCall
    ) -> AttemptResult | LlmCall | admission.WaitForCapacity:
        """What follows a refused admission.

        An LlmCall: write the answers of the earlier parts now, without another call.
        """
        following = admission.after_refusal(refusal, wait_seconds, context.policy, self._draw())
        match following:
            case admission.WaitForCapacity():
                return following
            case admission.Requeue():
                return self.released_uncalled(context, admitted=False)
            case admission.AdmissionDefer() | admission.AdmissionSkip() if list_parts.ends_with_partial_answer(
                call, refusal, wait_seconds
            ):
                return replace(call, refusal=refusal)
            case admission.AdmissionDefer(seconds, reason):
                return self.results.deferred(context, reason, seconds)
            case admission.AdmissionSkip(reason):
                return self.results.skipped(context, reason)

    def released_uncalled(self, context: ClaimContext, *, admitted: bool) -> AttemptResult:
        """Releases the claim before any call."""
        return self.results.released_uncalled(context, admitted=admitted)

    def without_files(self, context: ClaimContext, seconds: float | None) -> AttemptResult:
        """The result of a claim whose files are not all read.

        The RFQ waits for a file; with None, it is claimed again at once.
        """
        if seconds is None:
            return self.released_uncalled(context, admitted=False)
        return self.results.deferred(context, "attachment_unreachable", seconds)

    def estimate(self, call: LlmCall, model: str | None = None) -> Usage:
        """The most tokens that one call can bill. `model`: a model other than the call's own."""
        return self.limiter.usage(call, model or call.model)

    def answer_with_rules(self, context: ClaimContext, routes: tuple[Route, ...]) -> AttemptResult | None:
        """The rules' answer, if the policy lets the rules answer first and they are confident. None: ask the model."""
        claim, policy = context.claim, context.policy
        if policy.cascade != "rules" or not self.sends or claim.rfq is None or claim.forced or claim.rfq.pictures:
            return None
        started = time.perf_counter()
        said = Completion(
            rules.answer(claim.rfq, routes), "rules", "rules", RULES_VERSION, RULES_SHA256,
            cost_usd=Decimal(0), cost_source="free",
        )  # fmt: skip
        completion = calibrated(said, policy)
        if not verdict.needs_no_second_opinion(completion.answer, policy, _fallbacks(routes)):
            return None
        milliseconds = (time.perf_counter() - started) * 1000
        return self.results.completed(context, completion, reason="cascade", milliseconds=milliseconds)

    def cascade_model(self, claim: Claim, facts: GateFacts, suspicion: Screening | None, policy: Policy) -> str | None:
        """The cascade's cheap model, if the policy sets one and it was not asked about this RFQ yet."""
        model = policy.cascade_model
        wanted = policy.cascade == "model" and model not in ("", self.provider.model)
        skipped = claim.forced or facts.first_done or suspicion is not None or self.provider.free
        return model if wanted and not skipped else None

    async def call(self, context: ClaimContext, call: LlmCall) -> AttemptResult:
        """Asks the provider, checks the answer, and decides what happens to the RFQ."""
        claim, policy = context.claim, context.policy
        if call.refusal:
            free = list_parts.completion_of(call, usage=None, cost_usd=Decimal(0), cost_source="free")
            return await self._incomplete(context, call, free, call.refusal)
        started = time.perf_counter()
        call = replace(call, is_patient=True) if claim.is_in_bulk and policy.backfills_cheaply else call
        outcome = await self.ask(claim, call)
        is_part = isinstance(outcome, Completion) and outcome.is_part
        outcome = outcome if is_part else calibrated(outcome, policy)
        milliseconds = (time.perf_counter() - started) * 1000
        measure(context.metrics, outcome, call.hold)
        settlement = self.results.settlement(outcome, call.model, policy)
        if isinstance(outcome, Completion) and is_part:
            return self.results.part_answered(
                context, call, outcome, milliseconds=milliseconds, settlement=settlement
            )  # fmt: skip
        if call.is_first:
            return self._after_first_call(context, call, outcome, milliseconds, settlement)
        further = bool(fallback.following(self.provider.models, call.model))
        # An answer that was cut off at the limit would be cut off again, unless the next call asks about fewer lines.
        is_cut = isinstance(outcome, CallError) and (outcome.cut_at or 0) >= call.limits.last_output_tokens
        is_last = is_cut and not list_parts.can_be_halved(call, call.rfq)
        decided = verdict.after(outcome, claim.attempt, policy, self._draw(), further=further, is_last=is_last)
        if isinstance(outcome, CallError):
            failed = self.results.failed(
                context, outcome, decided, call, milliseconds=milliseconds, settlement=settlement
            )  # fmt: skip
            return await self._failed_in_parts(context, call, outcome, failed) if call.done else failed
        review = decided.review if isinstance(decided, verdict.Complete) else None
        signals = None
        if call.suspicion is not None:
            review, signals = review or "looks_like_spam", call.suspicion.reasons
        return self.results.completed(
            context, outcome, review=review, milliseconds=milliseconds, context_refs=call.context_refs,
            signals=signals, settlement=settlement,
        )  # fmt: skip

    async def _failed_in_parts(
        self, context: ClaimContext, call: LlmCall, error: CallError, failed: AttemptResult
    ) -> AttemptResult:
        """The failure, if a retry follows soon. Otherwise the answer of the earlier parts."""
        delay = failed.delay_seconds
        if failed.verdict is not Verdict.DISCARD and not list_parts.ends_with_partial_answer(
            call, str(failed.reason), delay or 0.0
        ):
            return failed
        cost_usd, cost_source = self.results.cost(call.model, error.usage)
        ended = list_parts.completion_of(
            call, usage=error.usage, cost_usd=cost_usd, cost_source=cost_source,
            request_id=error.provider_request_id,
        )  # fmt: skip
        ended = replace(ended, parameters=error.parameters)
        result = await self._incomplete(context, call, ended, str(error.error_class))
        return replace(
            result, error_class=error.error_class, error_detail=failed.error_detail, settlement=failed.settlement,
            latency_ms=failed.latency_ms,
        )  # fmt: skip

    async def _incomplete(self, context: ClaimContext, call: LlmCall, ended: Completion, reason: str) -> AttemptResult:
        """The items of the answered parts, marked with the number of missing items.

        `reason`: why no further part is asked about.
        """
        rfq, policy = context.claim.rfq, context.policy
        if rfq is None:
            raise AssertionError("a claim without an RFQ reached the call")
        completion = calibrated(await partial_completion(rfq, call, ended), policy)
        suspected = call.suspicion
        review = verdict.review(completion, policy) or ("looks_like_spam" if suspected else None)
        return self.results.completed(
            context, completion, reason=reason, review=review, signals=suspected.reasons if suspected else None
        )  # fmt: skip

    def _after_first_call(
        self,
        context: ClaimContext,
        call: LlmCall,
        outcome: Completion | CallError,
        milliseconds: float,
        settlement: Settlement | None,
    ) -> AttemptResult:
        """After the call to the cascade's cheap model: accepts its answer, or lets the next claim ask another model."""
        if isinstance(outcome, CallError):
            return self.results.first_failed(
                context, outcome, call, milliseconds=milliseconds, settlement=settlement
            )  # fmt: skip
        if verdict.needs_no_second_opinion(outcome.answer, context.policy, _fallbacks(call.routes)):
            return self.results.completed(
                context, outcome, reason="cascade", milliseconds=milliseconds, context_refs=call.context_refs,
                settlement=settlement,
            )  # fmt: skip
        return self.results.not_settled_by_first(
            context, outcome, milliseconds=milliseconds, context_refs=call.context_refs, settlement=settlement
        )

    async def ask(self, claim: Claim, call: LlmCall) -> Completion | CallError:
        """One call with a checked answer. The confidence is the model's own."""
        name = self.names.get(call.model, self.provider.name)
        prompt = self.limiter.parameters.applied(name, call.model, call.prompt)
        outcome = await answered(self.provider, claim, call if prompt is call.prompt else replace(call, prompt=prompt))
        self.limiter.note_tier(call.model, outcome.usage)
        return outcome

    def measured(self, prompt: Prompt, model: str) -> Prompt:
        """The prompt as an evaluation stores answers under it: its version includes the model's parameters."""
        return self.limiter.parameters.measured(self.names.get(model, self.provider.name), model, prompt)

    def _version(self, claim: Claim) -> str:
        return self._prompt_version or claim.prompt_version


def _fallbacks(routes: Sequence[Route]) -> frozenset[str]:
    return frozenset(route.slug for route in routes if route.fallback)
