"""Constructors for every result that an attempt can have. No other module creates an `AttemptResult`."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from rfqflow.core import attached
from rfqflow.core.answer import extracted_of
from rfqflow.core.decisions import admission, breaker_signal, verdict
from rfqflow.core.error_detail import MOST_SAID, error_detail
from rfqflow.core.errors import ErrorClass, Usage
from rfqflow.core.hashing import email_hash
from rfqflow.core.records import Completion
from rfqflow.core.results import (
    AnswerRecord,
    Attempt,
    AttemptResult,
    CallRecord,
    RunStatus,
    Settlement,
    Verdict,
)
from rfqflow.enrichment import list_parts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from pydantic import SecretStr

    from rfqflow.core.errors import CallError
    from rfqflow.core.policy import Policy
    from rfqflow.core.records import DocumentRef, Signal
    from rfqflow.core.results import ClaimContext
    from rfqflow.enrichment.answering import LlmCall
    from rfqflow.llm import Provider

TAKEN_OUT = "taken_out"  # key of a run's output: the model's values that the text contradicts
_NOT_SPENT = Settlement(booked_nano=0)
_ALL_THAT_WAS_HELD = Settlement()


class AttemptResults:
    """Constructors for the results of attempts with one provider."""

    def __init__(self, provider: Provider, *, prompt_version: str | None, pepper: SecretStr | None) -> None:
        """`prompt_version`: recorded for answers of a provider that uses no prompt.

        None: record the claim's prompt version.
        """
        self._provider = provider
        self._prompt_version = prompt_version
        self._pepper = pepper
        self._draw = random.Random().random  # noqa: S311 - spreads waits, guards nothing

    def _name_of(self, model: str | None) -> str:
        names: Mapping[str, str] = getattr(self._provider, "names", {})  # as `Pipeline.names`
        return names.get(model or "", self._provider.name)

    def _attempt(self, context: ClaimContext) -> Attempt:
        claim = context.claim
        rfq = claim.rfq
        return Attempt(
            claim.outbox_id, claim.claim_id, claim.rfq_id, context.worker, claim.attempt, claim.queue_ms,
            claim.content_sha256, rfq.request_id if rfq else None, email_hash(rfq.email, self._pepper) if rfq else None,
        )  # fmt: skip

    # -- an answer -----------------------------------------------------------------------------------------------------

    def completed(
        self,
        context: ClaimContext,
        completion: Completion,
        *,
        reason: str | None = None,
        review: str | None = None,
        milliseconds: float = 0.0,
        context_refs: tuple[DocumentRef, ...] = (),
        signals: tuple[Signal, ...] | None = None,
        reused_from: int | None = None,
        settlement: Settlement | None = None,
        verdict: Verdict = Verdict.COMPLETE,
        status: RunStatus = RunStatus.SUCCEEDED,
        attachments: list[dict[str, object]] | None = None,
    ) -> AttemptResult:
        """`attachments`: for a reused answer, its description of the files.

        Otherwise the files were read in this attempt.
        """
        answer = completion.answer
        output = answer.model_dump(mode="json", exclude_defaults=True)
        extracted = extracted_of(output)
        # The run keeps the model's own confidence, so that an answer that is reused later is calibrated with the
        # calibration of that time.
        if completion.confidence_raw is not None:
            output["confidence"] = extracted["confidence_raw"] = completion.confidence_raw
        if files := attachments or (context.files and _attachments(context, is_seen=completion.pictures > 0)):
            extracted[attached.ATTACHMENTS] = output[attached.ATTACHMENTS] = files
            review = attached.review(review, files)
        if completion.taken_out:
            output[TAKEN_OUT] = dict(completion.taken_out)
        call = CallRecord(
            completion.provider, completion.model, completion.prompt_version, completion.prompt_sha256,
            completion.usage, completion.cost_usd, completion.cost_source, completion.provider_request_id, context_refs,
            completion.parameters,
        )  # fmt: skip
        return AttemptResult(
            self._attempt(context), verdict, status, reason, latency_ms=milliseconds, call=call,
            answer=AnswerRecord(answer, output, extracted), review=review, reused_from=reused_from, signals=signals,
            settlement=settlement, metrics=context.metrics,
        )  # fmt: skip

    def not_settled_by_first(
        self,
        context: ClaimContext,
        completion: Completion,
        *,
        milliseconds: float,
        context_refs: tuple[DocumentRef, ...],
        settlement: Settlement | None,
    ) -> AttemptResult:
        """The cascade's cheap model is too unsure.

        The next claim asks the second model; this attempt is not charged.
        """
        return self.completed(
            context, completion, reason="unsure", milliseconds=milliseconds, context_refs=context_refs,
            settlement=settlement, verdict=Verdict.RELEASE, status=RunStatus.SUPERSEDED,
        )  # fmt: skip

    def part_answered(
        self, context: ClaimContext, call: LlmCall, completion: Completion, *, milliseconds: float,
        settlement: Settlement | None,
    ) -> AttemptResult:  # fmt: skip
        """One part of a long list is answered. The next claim asks about the next part; this attempt is not charged."""
        result = self.completed(
            context, completion, reason="part", milliseconds=milliseconds, context_refs=call.context_refs,
            settlement=settlement, verdict=Verdict.RELEASE, status=RunStatus.SUPERSEDED,
        )  # fmt: skip
        if call.part is None or result.answer is None:
            raise AssertionError("the call was not about a part of a list")
        output = {**result.answer.output, list_parts.PART: list_parts.range_of(call.part)}
        # Only the first part answers all fields. A further part answers only with line items.
        whole = call.done[0].answer if call.done else completion.answer
        return replace(result, answer=AnswerRecord(whole, output, {}))

    # -- a gate or a limit, before any call ----------------------------------------------------------------------------

    def skipped(self, context: ClaimContext, reason: str, signals: tuple[Signal, ...] | None = None) -> AttemptResult:
        return AttemptResult(
            self._attempt(context), Verdict.SKIP, RunStatus.SKIPPED, reason, signals=signals, metrics=context.metrics
        )

    def unchanged(self, context: ClaimContext) -> AttemptResult:
        """The RFQ keeps its accepted answer."""
        return AttemptResult(
            self._attempt(context), Verdict.KEEP, RunStatus.SKIPPED, "unchanged", metrics=context.metrics
        )

    def exhausted(self, context: ClaimContext, reason: str) -> AttemptResult:
        """The RFQ was claimed too often without a result, or it is unreadable."""
        unreadable = context.claim.unreadable
        return AttemptResult(
            self._attempt(context), Verdict.DISCARD, RunStatus.FAILED, reason,
            None if unreadable is None else ErrorClass.UNREADABLE,
            None if unreadable is None else f"unreadable: a value of its row gives {unreadable}",
            metrics=context.metrics,
        )  # fmt: skip

    def deferred(
        self,
        context: ClaimContext,
        reason: str,
        seconds: float,
        *,
        unacknowledged: bool = False,
        waits_for: UUID | None = None,
    ) -> AttemptResult:
        """The RFQ waits without a call, and no attempt is charged. Some reasons limit the total wait.

        `unacknowledged`: a lost reply may have granted a hold, which is released in full. `waits_for`: the RFQ whose
        finish ends the wait.
        """
        return AttemptResult(
            self._attempt(context), Verdict.DEFER, RunStatus.DEFERRED, reason, delay_seconds=seconds,
            ages=admission.ages(reason), settlement=_NOT_SPENT if unacknowledged else None, metrics=context.metrics,
            waits_for=waits_for,
        )  # fmt: skip

    # -- a stop, or an internal error ----------------------------------------------------------------------------------

    def cancelled(self, context: ClaimContext, model: str | None) -> AttemptResult:
        """A forced stop cancelled a call to `model`. The provider may bill the call, but no attempt is charged."""
        held = model and not self._provider.free
        return self._stopped(context, model, RunStatus.LOST, _ALL_THAT_WAS_HELD if held else None)

    def released_uncalled(self, context: ClaimContext, *, admitted: bool) -> AttemptResult:
        """The claim is released before any call, and its hold is released in full."""
        return self._stopped(context, None, None, _NOT_SPENT if admitted else None)

    def _stopped(
        self, context: ClaimContext, model: str | None, status: RunStatus | None, settlement: Settlement | None
    ) -> AttemptResult:
        return AttemptResult(
            self._attempt(context), Verdict.RELEASE, status, "stopped", ErrorClass.CANCELLED,
            call=CallRecord(self._name_of(model), model), settlement=settlement, metrics=context.metrics,
        )  # fmt: skip

    def internal_error(
        self, context: ClaimContext, *, admitted: bool = False, during: str, error: BaseException | None = None
    ) -> AttemptResult:
        """An internal error over this RFQ.

        The attempt is charged, so that an RFQ that always fails becomes a dead letter.
        """
        decided = verdict.retry_or_discard(
            context.claim.attempt, ErrorClass.INTERNAL, context.policy, self._draw()
        )  # fmt: skip
        retry = isinstance(decided, verdict.Retry)
        return AttemptResult(
            self._attempt(context), Verdict.RETRY if retry else Verdict.DISCARD, RunStatus.FAILED,
            ErrorClass.INTERNAL, ErrorClass.INTERNAL, of_exception(during, error), charged=retry,
            delay_seconds=decided.delay_seconds if isinstance(decided, verdict.Retry) else None,
            settlement=_ALL_THAT_WAS_HELD if admitted else None, metrics=context.metrics,
        )  # fmt: skip

    # -- a call that failed --------------------------------------------------------------------------------------------

    def failed(
        self,
        context: ClaimContext,
        error: CallError,
        decided: verdict.Verdict,
        call: LlmCall,
        *,
        milliseconds: float,
        settlement: Settlement | None,
    ) -> AttemptResult:
        delay_seconds: float | None = None
        ages = False
        match decided:
            case verdict.Retry():
                asked, status, reason = Verdict.RETRY, RunStatus.FAILED, str(error.error_class)
                delay_seconds = decided.delay_seconds
            case verdict.Defer():
                asked, status, reason = Verdict.DEFER, RunStatus.DEFERRED, decided.reason
                delay_seconds, ages = decided.delay_seconds, admission.ages(reason)
            case verdict.Discard():
                asked, status, reason = Verdict.DISCARD, RunStatus.FAILED, decided.reason
            case verdict.Complete():
                raise AssertionError("an error is never complete")
        return AttemptResult(
            self._attempt(context), asked, status, reason, error.error_class, error.detail or str(error),
            charged=asked is Verdict.RETRY,
            delay_seconds=delay_seconds, ages=ages, latency_ms=milliseconds,
            call=self._failed_call(context, error, call), settlement=settlement, metrics=context.metrics,
        )  # fmt: skip

    def first_failed(
        self,
        context: ClaimContext,
        error: CallError,
        call: LlmCall,
        *,
        milliseconds: float,
        settlement: Settlement | None,
    ) -> AttemptResult:
        """The call to the cascade's cheap model failed.

        The next claim asks the second model; this attempt is not charged.
        """
        return AttemptResult(
            self._attempt(context), Verdict.RELEASE, RunStatus.FAILED, "first_failed", error.error_class,
            error.detail or str(error), latency_ms=milliseconds, call=self._failed_call(context, error, call),
            settlement=settlement, metrics=context.metrics,
        )  # fmt: skip

    def _failed_call(self, context: ClaimContext, error: CallError, call: LlmCall) -> CallRecord:
        cost_usd, cost_source = self.cost(call.model, error.usage)
        return CallRecord(
            self._name_of(call.model), call.model, self._prompt_version or context.claim.prompt_version,
            call.prompt.sha256,
            error.usage, cost_usd, cost_source, error.provider_request_id, call.context_refs, error.parameters,
        )  # fmt: skip

    def cost(self, model: str, usage: Usage | None) -> tuple[Decimal | None, str]:
        """The cost of a failed attempt and its source.

        The cost is priced by the billed tokens, zero if the call is not billed, or unknown.
        """
        if usage is None:
            return None, "unknown"
        return self._provider.price(model, usage) if usage != Usage() else (Decimal(0), "free")

    def settlement(self, outcome: Completion | CallError, model: str, policy: Policy) -> Settlement | None:
        """How to settle the hold. None: the call was free and has no hold."""
        if self._provider.free:
            return None
        signal = breaker_signal.signal_for(outcome)
        usage = outcome.usage
        amount = outcome.cost_usd if isinstance(outcome, Completion) else self.cost(model, usage)[0]
        if isinstance(outcome, Completion) and amount is None and (outcome.bill_unknown or usage == Usage()):
            usage = None  # the answer does not report all billed tokens: settle the full hold
        return Settlement(
            signal.call, signal.trip, signal.retry_after_seconds, admission.booked_nano(amount, usage, policy)
        )  # fmt: skip


def of_exception(during: str, error: BaseException | None) -> str:
    """The error detail of an internal error."""
    name = f"internal: {type(error).__name__} {during}" if error else f"internal: {during}"
    return error_detail(name, str(error)[:MOST_SAID] if error else "")


# -- a result that the database refused --------------------------------------------------------------------------------


def write_refused(result: AttemptResult, policy: Policy, draw: float, refusal: str) -> AttemptResult:
    """The application's table refused the answer. The run keeps the answer, and a later attempt writes it.

    `draw` in [0, 1) gives the jitter. `refusal`: the SQLSTATE, a blank, and the error's message.
    """
    sqlstate, _, said = refusal.partition(" ")
    detail = error_detail(f"write_refused: SQLSTATE {sqlstate or 'unknown'}", said[:MOST_SAID])
    hopeless = result.error_class in (ErrorClass.WRITE_REFUSED, ErrorClass.UNREADABLE)
    if hopeless or result.verdict in (Verdict.ABANDON, Verdict.RELEASE):
        return replace(result, verdict=Verdict.ABANDON, error_detail=result.error_detail or detail)
    decided = verdict.retry_or_discard(result.attempt.number, ErrorClass.WRITE_REFUSED, policy, draw)
    refused = replace(
        result, status=RunStatus.FAILED, error_class=ErrorClass.WRITE_REFUSED, reason=ErrorClass.WRITE_REFUSED,
        error_detail=detail,
    )  # fmt: skip
    if isinstance(decided, verdict.Retry):
        return replace(refused, verdict=Verdict.RETRY, charged=True, delay_seconds=decided.delay_seconds)
    return replace(refused, verdict=Verdict.ABANDON)


def duplicate_id(result: AttemptResult) -> AttemptResult:
    """Two RFQs have the same id. The id becomes a dead letter for a person to repair, and neither RFQ is written."""
    return replace(
        result, verdict=Verdict.ABANDON, status=RunStatus.FAILED, reason="duplicate_id",
        error_class=ErrorClass.WRITE_REFUSED, error_detail="write_refused: two RFQs have this id",
    )  # fmt: skip


def unstorable(result: AttemptResult) -> AttemptResult:
    """A failed result without content, since the database cannot store the content. The RFQ is discarded."""
    return AttemptResult(
        replace(result.attempt, request_id=None, email_hash=None), Verdict.DISCARD, RunStatus.FAILED,
        ErrorClass.INVALID_OUTPUT, ErrorClass.INVALID_OUTPUT,
        "invalid_output: the database cannot store the answer", latency_ms=result.latency_ms,
        settlement=result.settlement,
    )  # fmt: skip


def parked(result: AttemptResult) -> AttemptResult:
    """The RFQ is still locked when the worker must stop. The run keeps the answer, and the next claim writes it."""
    return replace(
        result, verdict=Verdict.RELEASE, charged=False, status=RunStatus.FAILED, error_class=ErrorClass.WRITE_REFUSED,
        reason="rfq_locked", error_detail="write_refused: another session locked its row until the worker stopped",
    )  # fmt: skip


def _attachments(context: ClaimContext, *, is_seen: bool) -> list[dict[str, object]]:
    rfq = context.claim.rfq
    if rfq is None or not rfq.files:
        return []
    return attached.attachment_entries(rfq.files, rfq.first_file_line, is_seen=is_seen)
