"""Calls of evaluations, shadows and drafts. They have their own budgets and keep all limits. No RFQ waits for them."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from rfqflow.core.decisions import admission
from rfqflow.core.errors import CallError, ErrorClass, RfqflowError, Usage
from rfqflow.core.records import Claim, Completion
from rfqflow.core.results import SettledCall, Settlement
from rfqflow.enrichment.answering import partial_completion
from rfqflow.enrichment.list_parts import completion_of, kept
from rfqflow.llm.response import added
from rfqflow.store.evaluation import NO_RFQ, OF_DRAFTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfqflow.core.policy import Policy
    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.core.records import AnsweredPart, Rfq, Route
    from rfqflow.enrichment.answering import LlmCall
    from rfqflow.enrichment.pipeline import Pipeline
    from rfqflow.llm import ReadReply
    from rfqflow.store.evaluation import EvaluationStore

_MARGIN_SECONDS = 10.0
_ATTEMPTS = 3
PAUSE_SECONDS = 0.5
_THROTTLED_SECONDS = 60.0  # longest wait that a provider may request while nobody waits for the answer
_WAITED_FOR_SECONDS = 5.0  # the same while a person waits for the answer
AGAIN = frozenset({ErrorClass.TIMEOUT, ErrorClass.CONNECTION, ErrorClass.RATE_LIMIT, ErrorClass.PROVIDER_5XX})


class NotAdmitted(RfqflowError):
    """The call was not admitted: the budget is spent, the breaker is open, or the fleet is paused.

    `refusal` is the code.
    """

    def __init__(self, message: str, refusal: str = "budget") -> None:
        super().__init__(message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class CallResult:
    outcome: Completion | CallError
    model: str
    latency_ms: float
    cost_usd: Decimal | None


class BudgetedCaller:
    """Makes the same calls as a worker does for an RFQ. Only a free provider needs no `measurements`."""

    def __init__(
        self,
        pipeline: Pipeline,
        measurements: EvaluationStore | None,
        policy: Policy,
        *,
        deadline_seconds: float,
        purpose: str = "evaluation",
        most_usd: Decimal | None = None,
    ) -> None:
        """`most_usd`: the spending limit of all calls together."""
        self._pipeline = pipeline
        self._measurements = measurements
        self._policy = policy
        self._deadline_seconds = deadline_seconds
        self._purpose = purpose
        self._is_draft = purpose == "draft"
        self._rfq_id = OF_DRAFTS if self._is_draft else NO_RFQ
        self._most_usd = most_usd
        self._draw = random.Random().random  # noqa: S311 - spreads waits, guards nothing
        self.spent_usd = Decimal(0)
        self._held_nano = 0
        self._in_flight = 0
        self._ended = asyncio.Event()  # set when the next call is settled

    def follow(self, policy: Policy) -> None:
        self._policy = policy

    async def ask(self, rfq: Rfq, routes: tuple[Route, ...], prompt: Prompt, model: str) -> CallResult:
        """Asks about an RFQ and returns the answer or the error. Retries after transient errors.

        A long list takes one call per part, each with its own hold. If a later part is not admitted, the answer
        consists of the earlier parts and is marked as incomplete.

        Raises:
            NotAdmitted: no call was made.
        """
        parts: list[CallResult] = []
        done: tuple[AnsweredPart, ...] = ()
        while True:
            ask = self._pipeline.prepare(rfq, model, routes, prompt, done=done)
            said = await self._answered(rfq, ask)
            parts.append(said)
            outcome = said.outcome
            if isinstance(outcome, CallError) or ask.part is None or not outcome.is_part:
                return said if len(parts) == 1 else _as_one(parts)
            done = (*done, kept(outcome, ask.part))

    async def ask_for_draft(self, rfq: Rfq, prompt: Prompt, model: str, read: ReadReply) -> CallResult:
        """Asks for a draft and returns what `read` makes of the reply. A person waits for the draft.

        Raises NotAdmitted.
        """
        return await self._tried(rfq, self._pipeline.prepare(rfq, model, (), prompt, read=read))

    async def _answered(self, rfq: Rfq, ask: LlmCall) -> CallResult:
        """Asks about one part. If a later part is not admitted or fails, returns the answer of the earlier parts."""
        try:
            said = await self._tried(rfq, ask)
        except NotAdmitted:
            if not ask.done:
                raise
            said = CallResult(CallError(ErrorClass.CANCELLED, "refused", usage=Usage()), ask.model, 0.0, Decimal(0))
        if not ask.done or not isinstance(said.outcome, CallError):
            return said
        ended = completion_of(ask, usage=said.outcome.usage, cost_usd=said.cost_usd, cost_source="unknown")
        return replace(said, outcome=await partial_completion(rfq, ask, ended))

    async def _tried(self, rfq: Rfq, ask: LlmCall) -> CallResult:
        for attempt in range(1, _ATTEMPTS + 1):
            is_patient = attempt == 1 and self._policy.cheap_tier != "off" and not self._is_draft
            said = await self._once(rfq, replace(ask, is_patient=is_patient))
            error = said.outcome
            if not isinstance(error, CallError) or error.error_class not in AGAIN or attempt == _ATTEMPTS:
                break
            await asyncio.sleep(error.retry_after_seconds or PAUSE_SECONDS * attempt * (0.5 + self._draw()))
        return said

    async def _once(self, rfq: Rfq, ask: LlmCall) -> CallResult:
        claim = Claim(0, secrets.randbits(62), self._rfq_id, 1, forced=True, queue_ms=0.0, rfq=rfq, content_sha256=None)
        if self._pipeline.provider.free:
            return await self._timed(claim, ask)
        ask = await self._held(claim, ask)
        booked: int | None = None
        try:
            said = await self._timed(claim, ask)
            settlement = self._pipeline.results.settlement(said.outcome, ask.model, self._policy) or Settlement()
            booked = settlement.booked_nano
            failed = said.outcome.error_class if isinstance(said.outcome, CallError) else None
            settled = SettledCall(claim.claim_id, failed, settlement, said.outcome.usage, said.cost_usd)
            await self._store.settle(settled, self._purpose)
        finally:
            # If this task is cancelled before the settlement, the amount stays held until `ai.reap_holds` settles it in
            # full.
            held = ask.hold.nano if ask.hold else 0  # includes what a second call of the attempt has added
            self.spent_usd += Decimal(held if booked is None else booked) / 10**9
            self._in_flight -= 1
            self._let_go(held)
        return said

    async def _timed(self, claim: Claim, ask: LlmCall) -> CallResult:
        started = time.perf_counter()
        outcome = await self._pipeline.ask(claim, ask)
        latency = (time.perf_counter() - started) * 1000
        if isinstance(outcome, Completion):
            return CallResult(outcome, ask.model, latency, outcome.cost_usd)
        if outcome.usage is None:
            return CallResult(outcome, ask.model, latency, None)
        billed = outcome.usage.input_tokens or outcome.usage.output_tokens
        cost = self._pipeline.provider.price(ask.model, outcome.usage)[0] if billed else Decimal(0)
        return CallResult(outcome, ask.model, latency, cost)

    async def _held(self, claim: Claim, ask: LlmCall) -> LlmCall:
        """The call with its hold."""
        candidate = self._pipeline.limiter.candidate(ask, ask.model, self._policy)
        request = admission.AdmissionRequest(claim.claim_id, self._rfq_id, None, (candidate,))
        try:
            await self._hold(request, ask.limits.deadline_seconds)
        except NotAdmitted:
            tight = self._pipeline.limiter.tightened(ask, request, self._policy)
            if tight is None:
                raise
            ask, request = tight
            await self._hold(request, ask.limits.deadline_seconds)
        held = request.candidates[0].nano
        return self._pipeline.limiter.admitted(
            ask, ask.model, held, self._policy, partial(self._extend, claim.claim_id)
        )

    async def _hold(self, request: admission.AdmissionRequest, deadline_seconds: float) -> None:
        """Holds the amount. Waits while a limit of the fleet is full."""
        held = request.candidates[0].nano
        while not self._has_room(held):
            if not self._held_nano:
                raise NotAdmitted(
                    f"spending limit of {self._most_usd} USD reached: {self.spent_usd:.4f} USD spent, "
                    f"next call up to {held / 10**9:.4f}"
                )
            await self._ended.wait()  # wait for a call to settle, since it may cost less than its hold
        self._held_nano += held
        try:
            await self._admitted(request, min(deadline_seconds, self._deadline_seconds) + _MARGIN_SECONDS)
        except BaseException:
            self._let_go(held)
            raise
        self._in_flight += 1

    def _has_room(self, nano: int) -> bool:
        return self._most_usd is None or self.spent_usd + Decimal(self._held_nano + nano) / 10**9 <= self._most_usd

    async def _extend(self, claim_id: int, nano: int) -> bool:
        if not self._has_room(nano):
            return False
        self._held_nano += nano
        granted = await self._store.extend_hold(claim_id, nano)
        if not granted:
            self._let_go(nano)
        return granted

    def _let_go(self, held: int) -> None:
        self._held_nano -= held
        self._ended.set()
        self._ended = asyncio.Event()

    async def _admitted(self, request: admission.AdmissionRequest, lease_seconds: float) -> None:
        model = request.candidates[0].model
        provider = self._pipeline.names.get(model, self._pipeline.provider.name)
        while True:
            answer = await self._store.admit(
                provider, request, lease_seconds, "draft" if self._is_draft else "evaluation"
            )
            refusal, wait = answer.refusal, answer.wait_seconds
            if refusal is None:
                return
            if refusal == str(ErrorClass.RATE_LIMIT) and wait <= self._patience_seconds:
                await asyncio.sleep(wait * (1 + self._draw()))
                continue
            following = admission.after_refusal(refusal, wait, self._policy, self._draw())
            if isinstance(following, admission.WaitForCapacity):
                await asyncio.sleep(following.seconds)
            elif refusal == "budget" and self._in_flight:
                await self._ended.wait()  # as above
            else:
                raise NotAdmitted(f"call to {model} not admitted: {refusal}", refusal)

    @property
    def _patience_seconds(self) -> float:
        return _WAITED_FOR_SECONDS if self._is_draft else _THROTTLED_SECONDS

    @property
    def _store(self) -> EvaluationStore:
        if self._measurements is None:
            raise RfqflowError("a model needs a database for its budget, cache and results")
        return self._measurements


def _as_one(parts: Sequence[CallResult]) -> CallResult:
    """The last answer, which has the items of all parts, with the total cost and usage of all parts."""
    last, costs, usage = parts[-1], [each.cost_usd for each in parts], Usage()
    for each in parts:
        usage = added(usage, each.outcome.usage or Usage())
    outcome = last.outcome
    if isinstance(outcome, Completion):
        outcome = replace(outcome, usage=usage)
    known = [cost for cost in costs if cost is not None]
    cost = sum(known, Decimal(0)) if len(known) == len(costs) else None
    return CallResult(outcome, last.model, sum(each.latency_ms for each in parts), cost)
