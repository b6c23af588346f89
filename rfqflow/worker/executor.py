"""Claims in progress: each claim passes the gates, then its call runs in a slot until the claim finishes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from rfqflow import failpoints
from rfqflow.core.decisions.call_limits import SHORTEST_DEADLINE_SECONDS
from rfqflow.core.decisions.gates import Pass, fingerprint_of, wants_facts
from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.core.policy import Policy
from rfqflow.core.records import ClaimMetrics, GateFacts
from rfqflow.core.results import ClaimContext
from rfqflow.enrichment.answering import LlmCall
from rfqflow.enrichment.list_parts import usable
from rfqflow.llm.reading_thread import is_long, read_apart
from rfqflow.store.batching import RequestBatcher
from rfqflow.worker.admission_queue import AdmissionQueue, PassedClaim, PendingCall
from rfqflow.worker.attached_claims import reader_of, with_files
from rfqflow.worker.context_lookup import documents_for
from rfqflow.worker.gate_questions import UNKNOWABLE, ask_facts
from rfqflow.worker.listener import ReconnectBackoff
from rfqflow.worker.result_buffer import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from pathlib import Path
    from uuid import UUID

    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.core.prompting.reference_documents import Document
    from rfqflow.core.records import AnsweredPart, Claim, Rfq, Route
    from rfqflow.core.results import AttemptResult
    from rfqflow.enrichment.pipeline import Pipeline
    from rfqflow.enrichment.prompt_cache import PromptCache
    from rfqflow.store.queue import QueueStore
    from rfqflow.worker.attachment_reading import AttachmentReader

_log = structlog.get_logger()
_AT_A_STRETCH = 16  # texts screened in sequence before other tasks run again: a few milliseconds
_LONG_CHARACTERS = 8_000  # a message with more characters counts as long
_GUARD_SECONDS = 1.0  # beyond a call's deadline, as in the pipeline


class Executor:
    """Finishes every submitted claim once, with a call of `on_end`, unless the worker has lost the claim's worker id.

    `is_ours`: whether a worker id is still this worker's. The executor calls `on_change` when a slot may be free.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        store: QueueStore,
        prompts: PromptCache,
        *,
        deadline_seconds: float,
        lease_seconds: float,
        is_ours: Callable[[int], bool],
        on_end: Callable[[AttemptResult], None],
        on_change: Callable[[], None],
        uris: tuple[Path | None, tuple[str, ...]] = (None, ()),
    ) -> None:
        self._lease_seconds = lease_seconds
        self._uris = uris  # the folder and the hosts from which files may be fetched
        self._pipeline = pipeline
        self._store = store
        self._prompts = prompts
        self._shortest_seconds = min(deadline_seconds, SHORTEST_DEADLINE_SECONDS)
        self.is_ours = is_ours
        self._on_end = on_end
        self._on_change = on_change
        self.policy = Policy()
        self.routes: tuple[Route, ...] = ()
        self._held: set[int] = set()  # claim ids
        self._long: dict[int, int] = {}  # characters of long messages, by claim id
        self._calls: dict[int, asyncio.Task[None]] = {}  # by claim id
        self._gates: set[asyncio.Task[None]] = set()
        self._long_turn = asyncio.Lock()
        self._facts_for = RequestBatcher(
            partial(ask_facts, store, paid=not pipeline.provider.free), most=BATCH
        )  # fmt: skip
        self.stop_event = asyncio.Event()
        self.force_stop_event = asyncio.Event()
        self._admission = AdmissionQueue(self, pipeline, store, lease_seconds=lease_seconds)

    @property
    def held(self) -> int:
        """Number of unfinished claims."""
        return len(self._held)

    @property
    def held_characters(self) -> int:
        """Characters of unfinished long messages."""
        for claim_id in self._long.keys() - self._held:
            del self._long[claim_id]
        return sum(self._long.values())

    @property
    def busy(self) -> bool:
        return bool(self._held or self._gates)

    @property
    def tasks(self) -> Iterable[asyncio.Task[None]]:
        return [*self._calls.values(), *self._gates]

    def update_policy(self, policy: Policy, routes: tuple[Route, ...]) -> None:
        self.policy, self.routes = policy, routes
        self._prompts.routes_changed()

    @property
    def _force_stopping(self) -> bool:
        return self.force_stop_event.is_set()

    @property
    def stopping(self) -> bool:
        return self.stop_event.is_set()

    def stop(self) -> None:
        """Starts no more calls, and releases the claims that wait for admission."""
        self.stop_event.set()

    def force_stop(self) -> None:
        """Cancels every call. Each cancelled call is recorded, and its claim is released."""
        self.stop()
        self.force_stop_event.set()
        for call in list(self._calls.values()):
            call.cancel()

    async def cancel_all(self) -> None:
        """Cancels every call, and waits until all have ended. Records none: another worker may own the claims."""
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    def submit(self, claims: list[Claim], worker: int, lease_ends: float) -> None:
        """Takes new claims. `lease_ends`: the earliest time at which their leases can end, by the monotonic clock."""
        now, policy = time.monotonic(), self.policy
        contexts = [
            ClaimContext(claim, worker, lease_ends, policy, ClaimMetrics(now, claim.age_ms)) for claim in claims
        ]
        for claim in claims:
            self._held.add(claim.claim_id)
            if claim.unreadable is not None:
                _log.error("rfq.unreadable", rfq_id=str(claim.rfq_id), attempt=claim.attempt, sqlstate=claim.unreadable)
            if claim.rfq is not None and len(claim.rfq.message) > _LONG_CHARACTERS:
                self._long[claim.claim_id] = len(claim.rfq.message)
        self._go_on(self._pass_gates(contexts, worker, policy), claims)

    def _go_on(self, steps: Coroutine[Any, Any, None], claims: list[Claim]) -> None:
        """Runs the steps up to the call in a separate task."""
        task = asyncio.create_task(steps, name="gates")
        self._gates.add(task)
        task.add_done_callback(partial(self._gates_passed, claims))

    async def _pass_gates(self, contexts: list[ClaimContext], worker: int, policy: Policy) -> None:
        """Passes one batch through the gates. All claims of the batch have the same worker id and policy."""
        contexts = await with_files(self._store.line, contexts, self.release)
        decided = await self._decide(await self._screen(contexts), worker, policy)
        for passed in decided:
            if passed.context.files:  # read files in a separate task, so that RFQs without files do not wait
                self._go_on(self._read_files(passed, policy), [passed.context.claim])
        await self._prepare([passed for passed in decided if not passed.context.files], policy)

    @cached_property
    def _files(self) -> AttachmentReader:
        pictures = self._pipeline.takes_pictures
        return reader_of(self._store.line, self._uris, self._lease_seconds, takes_pictures=pictures)

    async def _read_files(self, passed: PassedClaim, policy: Policy) -> None:
        """Reads the files of a claim, then prepares its call."""
        context = await self._files.read(passed.context)
        if not self.still_owned(passed.context):
            return
        if isinstance(context, float | None):
            self.end(self._pipeline.without_files(passed.context, context))
        else:
            await self._prepare([replace(passed, context=context)], policy)

    async def _prepare(self, decided: list[PassedClaim], policy: Policy) -> None:
        """Builds the calls and requests their admission. A free call starts at once, without admission."""
        claims = [passed.context.claim for passed in decided]
        documents = await documents_for(self._store.line, claims, policy) if self._pipeline.sends else {}
        waiting = {}
        for passed in decided:
            claim = passed.context.claim
            if self.still_owned(passed.context):
                pending = await self._start_or_wait(passed, documents.get(claim.rfq_id, ()))
                if pending is not None:
                    waiting[claim.claim_id] = pending
        await self._admission.pass_through(waiting)

    async def _screen(self, contexts: list[ClaimContext]) -> list[tuple[ClaimContext, Pass]]:
        """The claims that pass the gates that need only the text."""
        screened = []
        for number, context in enumerate(contexts):
            if is_long(context.claim.rfq):
                passed = await self._screen_apart(context)
            else:
                if number % _AT_A_STRETCH == 0:
                    await asyncio.sleep(0)  # let other tasks run: finished calls, notifications, heartbeats
                passed = self._gate(context, partial(self._pipeline.screen, context))
            if passed is not None:
                screened.append((context, passed))
        return screened

    async def _screen_apart(self, context: ClaimContext) -> Pass | None:
        screening = asyncio.ensure_future(read_apart(partial(self._pipeline.screen, context)))
        await asyncio.wait({screening})
        return self._gate(context, screening.result) if self.still_owned(context) else None

    async def _decide(
        self, screened: list[tuple[ClaimContext, Pass]], worker: int, policy: Policy
    ) -> list[PassedClaim]:
        """The claims that also pass the gates that need facts from the database."""
        if not screened:
            return []
        facts = await self._facts([context.claim for context, _ in screened], worker, policy)
        failpoints.reach("after_gates")
        decided = []
        for context, screen in screened:
            if not self.still_owned(context):
                continue
            known = facts.get(context.claim.rfq_id)
            if known is UNKNOWABLE:
                self.end(self._pipeline.results.internal_error(context, during="while the database looked at it"))
                continue
            if known is None:
                self.release(context)
                continue
            passed = self._gate(context, partial(self._pipeline.decide, context, known, screen))
            if passed is not None:
                decided.append(PassedClaim(context, known, passed))
        return decided

    def start_call(self, context: ClaimContext, call: LlmCall) -> None:
        task = asyncio.create_task(self._call(context, call))
        self._calls[context.claim.claim_id] = task
        task.add_done_callback(partial(self._called, context, call))

    def still_owned(self, context: ClaimContext, *, admitted: bool = False, seconds: float | None = None) -> bool:
        """Whether this worker owns the claim and has time for its call. Otherwise drops or releases the claim."""
        # A call that starts too late would outlive its lease, and the next worker would make the same call again.
        too_late = self.is_too_late(context, seconds or self._shortest_seconds)
        if not self.is_ours(context.worker):
            self._held.discard(context.claim.claim_id)  # the worker has lost its worker id, and all its claims
        elif self._force_stopping or too_late:
            self.release(context, admitted=admitted)
        else:
            return True
        return False

    def is_too_late(self, context: ClaimContext, deadline_seconds: float) -> bool:
        return time.monotonic() + deadline_seconds + _GUARD_SECONDS > context.lease_ends

    def release(self, context: ClaimContext, *, admitted: bool = False) -> None:
        self.end(self._pipeline.released_uncalled(context, admitted=admitted))

    async def _facts(self, claims: list[Claim], worker: int, policy: Policy) -> dict[UUID, GateFacts]:
        """By RFQ: the facts. Retries until the database answers. Empty after a stop, or with a lost worker id."""
        backoff = ReconnectBackoff()
        free = self._pipeline.provider.free
        wanting = [claim for claim in claims if wants_facts(claim, policy, free=free)]
        asked = [
            (claim, await read_apart(partial(fingerprint_of, claim)) if is_long(claim.rfq) else fingerprint_of(claim))
            for claim in wanting
        ]
        while True:
            try:
                facts = await self._facts_for.ask(asked) if asked else []
                await self._prompts.learn(self._store, {claim.prompt_version for claim in claims})
            except (DatabaseUnreachable, asyncpg.PostgresError):
                if self._force_stopping or not self.is_ours(worker):
                    return {}
                await backoff.wait(self.force_stop_event)
            else:
                by_rfq = {claim.rfq_id: known for (claim, _), known in zip(asked, facts, strict=True)}
                found = ((claim.rfq_id, by_rfq.get(claim.rfq_id, GateFacts())) for claim in claims)
                return {rfq_id: known for rfq_id, known in found if known is not None}

    async def _start_or_wait(self, passed: PassedClaim, documents: tuple[Document, ...]) -> PendingCall | None:
        """Prepares a call. Starts a free call; returns any other.

        None: the call has started, or the claim has finished.
        """
        context, pipeline = passed.context, self._pipeline
        rfq = context.claim.rfq
        prompt = self._prompts.get(context.claim.prompt_version, self.routes)
        if rfq is None or prompt is None:  # only a person can repair the prompt or the RFQ
            self.end(pipeline.results.deferred(context, "prompt_unusable", context.policy.defer_seconds))
            return None
        make = partial(self._made_up, passed, rfq, prompt, documents)
        try:
            made, apart = (await read_apart(make), True) if is_long(rfq) else (make(), False)
            if isinstance(made, PendingCall) and made.call.part is not None and not context.claim.is_new:
                stored = await self._store.answered_parts(context.claim)
                done = usable(stored, context.claim.content_sha256, prompt.version)
                made, apart = await read_apart(partial(make, done)), True
            if apart and not self.still_owned(context):
                return None
        except (DatabaseUnreachable, asyncpg.PostgresError):
            self.release(context)  # otherwise the attempt would pay again for answered parts
            return None
        except Exception as error:  # noqa: BLE001 - as in `_gate`
            _log.error("prompt.build_failed", error=type(error).__name__)
            self.end(pipeline.results.internal_error(context, during="while the prompt was made", error=error))
            return None
        if isinstance(made, PendingCall):
            return made
        if isinstance(made, LlmCall):
            self.start_call(context, made)
        else:
            self.end(made)
        return None

    def _made_up(
        self,
        passed: PassedClaim,
        rfq: Rfq,
        prompt: Prompt,
        documents: tuple[Document, ...],
        done: tuple[AnsweredPart, ...] = (),
    ) -> AttemptResult | LlmCall | PendingCall:
        context, facts, suspicion, pipeline = passed.context, passed.facts, passed.gate.suspicion, self._pipeline
        claim, policy = context.claim, context.policy
        if suspicion is None and (early := pipeline.answer_with_rules(context, self.routes)):
            return early
        call = pipeline.prepare(
            rfq, pipeline.candidates(facts)[0], self.routes, prompt, documents,
            facts=facts, done=done, attempt=claim.attempt,
        )  # fmt: skip
        first = None if call.part else pipeline.cascade_model(claim, facts, suspicion, policy)
        call = replace(call, suspicion=suspicion, cascade_model=first) if suspicion or first else call
        if pipeline.provider.free:
            return call
        request = pipeline.request(claim, facts, call, policy)
        return PendingCall(context, call, request, pipeline.limiter.longest_seconds(call, request))

    def _gate(self, context: ClaimContext, gate: Callable[[], AttemptResult | Pass]) -> Pass | None:
        """Runs a gate. Returns its Pass; None if the gate finished the claim."""
        try:
            decision = gate()
        except Exception as error:  # noqa: BLE001 - an error over one RFQ must not affect the other RFQs of its batch
            _log.error("gate.error", error=type(error).__name__)
            decision = self._pipeline.results.internal_error(context, during="in a gate", error=error)
        if isinstance(decision, Pass):
            return decision
        self.end(decision)
        return None

    def _gates_passed(self, claims: list[Claim], task: asyncio.Task[None]) -> None:
        self._gates.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Drop the claims that have no call yet: another worker takes them when their leases expire.
            _log.error("gate_batch.error", error=type(error).__name__)
            for claim in claims:
                if claim.claim_id not in self._calls:
                    self._held.discard(claim.claim_id)
        self._on_change()

    async def _call(self, context: ClaimContext, call: LlmCall) -> None:
        # `_call_now` checks the lease again: a suspended process may resume here after its leases have expired.
        if not self._pipeline.provider.free or not is_long(call.rfq):
            await self._call_now(context, call)
            return
        async with self._long_turn:  # the call's deadline starts after this wait
            await self._call_now(context, call)

    async def _call_now(self, context: ClaimContext, call: LlmCall) -> None:
        if self.still_owned(context, admitted=not self._pipeline.provider.free, seconds=call.limits.deadline_seconds):
            self.end(await self._pipeline.call(context, call))

    def _called(self, context: ClaimContext, call: LlmCall, task: asyncio.Task[None]) -> None:
        # A callback, since a task that is cancelled before its first step never runs its `finally`.
        claim_id = context.claim.claim_id
        self._calls.pop(claim_id, None)
        if task.cancelled():
            if not self.is_ours(context.worker):
                self._held.discard(claim_id)
            elif self._force_stopping:
                self.end(self._pipeline.results.cancelled(context, call.model))
            # Otherwise the worker fails. It keeps the claim, so that another worker finds the dead id and reclaims it.
        elif (error := task.exception()) is not None:
            _log.error("call.error", error=type(error).__name__)
            is_held = not self._pipeline.provider.free
            self.end(self._pipeline.results.internal_error(context, admitted=is_held, during="in a call", error=error))
        self._on_change()

    def end(self, result: AttemptResult) -> None:
        # Free the slot now: the statement that records this result also claims the next RFQ for the slot.
        self._held.discard(result.attempt.claim_id)
        self._on_end(result)
