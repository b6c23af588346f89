"""Claims that wait for admission. The worker requests admission in batches, and again while a limit is full."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Protocol

import asyncpg
import structlog

from rfqflow.core.decisions.admission import BUDGETS, WaitForCapacity, reason_of_wait
from rfqflow.core.decisions.call_limits import SHORTEST_DEADLINE_SECONDS
from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.core.results import AttemptResult
from rfqflow.store.batching import RequestBatcher
from rfqflow.worker.listener import ReconnectBackoff, wait_for_event
from rfqflow.worker.result_buffer import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rfqflow.core.decisions.admission import Admission, AdmissionRequest
    from rfqflow.core.decisions.gates import Pass
    from rfqflow.core.records import GateFacts
    from rfqflow.core.results import ClaimContext
    from rfqflow.enrichment.answering import LlmCall
    from rfqflow.enrichment.pipeline import Pipeline
    from rfqflow.store.queue import QueueStore

_log = structlog.get_logger()
_WAIT_SECONDS = 10.0  # seconds that a claim may wait for a limit or a budget before its call starts


@dataclass(frozen=True, slots=True)
class PassedClaim:
    """A claim that has passed the gates, with the facts that the gates used."""

    context: ClaimContext
    facts: GateFacts
    gate: Pass


@dataclass(frozen=True, slots=True)
class PendingCall:
    """A claim that passed the gates, with its call and its request to `ai.admit`."""

    context: ClaimContext
    call: LlmCall
    request: AdmissionRequest
    deadline_seconds: float


class CallStarter(Protocol):
    """The executor's callbacks for a waiting claim."""

    stop_event: asyncio.Event
    is_ours: Callable[[int], bool]

    @property
    def stopping(self) -> bool: ...

    def is_too_late(self, context: ClaimContext, deadline_seconds: float) -> bool: ...

    def still_owned(self, context: ClaimContext, *, admitted: bool = False, seconds: float | None = None) -> bool: ...

    def release(self, context: ClaimContext, *, admitted: bool = False) -> None: ...

    def start_call(self, context: ClaimContext, call: LlmCall) -> None: ...

    def end(self, result: AttemptResult) -> None: ...


class AdmissionQueue:
    """Claims that wait for `ai.admit`."""

    def __init__(self, executor: CallStarter, pipeline: Pipeline, store: QueueStore, *, lease_seconds: float) -> None:
        """`lease_seconds`: lease of a new claim."""
        self._executor = executor
        self._pipeline = pipeline
        self._store = store
        self._lease_seconds = lease_seconds
        self._batcher = RequestBatcher(self._request_admission, most=BATCH)
        self._extensions = RequestBatcher(store.extend_holds, most=BATCH)

    async def pass_through(self, waiting: dict[int, PendingCall]) -> None:
        """Requests admission of all claims at once. A claim that meets a full limit waits for the next request."""
        await self._extend_leases(waiting)
        executor, backoff = self._executor, ReconnectBackoff()
        unacknowledged = False  # whether a reply was lost that may have granted holds
        full: dict[int, str] = {}  # by claim id: the reason why the claim waits
        full_since: dict[int, float] = {}  # by claim id: the time when the claim first met a full limit
        while waiting:
            for claim_id, pending in list(waiting.items()):
                context, seconds = pending.context, pending.deadline_seconds
                if executor.stopping and executor.is_ours(context.worker):
                    executor.release(context, admitted=unacknowledged)
                elif executor.is_ours(context.worker) and executor.is_too_late(context, seconds) and claim_id in full:
                    # Defer the RFQ instead of releasing it: a released RFQ would count against its sender's rate again.
                    executor.end(
                        self._pipeline.results.deferred(context, full[claim_id], 0.25, unacknowledged=unacknowledged)
                    )
                elif executor.still_owned(context, admitted=unacknowledged, seconds=seconds):
                    continue
                del waiting[claim_id]
            if not waiting:
                return
            try:
                answers = await self._batcher.ask(
                    [(pending.request, pending.context.lease_ends) for pending in waiting.values()]
                )
            except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                _log.warning("admission.failed", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
                unacknowledged = True
                # Repeating the request is safe: the database gives the same answer again.
                await backoff.wait(executor.stop_event)
                continue
            unacknowledged = False
            pause = self._answered(answers, waiting, full_since)
            full = {answer.claim_id: reason_of_wait(answer.refusal) for answer in answers if answer.claim_id in waiting}
            if waiting:
                await wait_for_event(executor.stop_event, pause)

    async def _extend_leases(self, waiting: dict[int, PendingCall]) -> None:
        """Extends leases for calls longer than the lease of a claim.

        The database does not extend a claim that another worker has taken over.
        """
        now = time.monotonic()
        short = [
            pending for pending in waiting.values()
            if now + pending.deadline_seconds + _WAIT_SECONDS > pending.context.lease_ends
            and pending.deadline_seconds > SHORTEST_DEADLINE_SECONDS
        ]  # fmt: skip
        if not short:
            return
        longest = max(pending.deadline_seconds for pending in short)
        seconds = longest - SHORTEST_DEADLINE_SECONDS + self._lease_seconds
        try:
            claims = [(pending.context.claim.outbox_id, pending.context.claim.claim_id) for pending in short]
            extended = await self._store.renew(claims, seconds)
        except (DatabaseUnreachable, asyncpg.PostgresError) as error:
            _log.warning("lease.not_extended", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
            return
        for pending in short:
            if pending.context.claim.outbox_id in extended:
                context = replace(pending.context, lease_ends=now + seconds)
                waiting[pending.context.claim.claim_id] = replace(pending, context=context)

    async def _request_admission(self, asked: Sequence[tuple[AdmissionRequest, float]]) -> list[Admission]:
        """Requests admission. A hold may end a little later than its lease.

        `asked`: each request, with the end of its claim's lease.
        """
        requests = [request for request, _ in asked]
        lease_seconds = max(lease_ends for _, lease_ends in asked) - time.monotonic()
        if self._pipeline.names:
            by_claim = await self._admitted_by_one(requests, lease_seconds)
        else:
            answers = await self._store.admit(self._pipeline.provider.name, requests, lease_seconds=lease_seconds)
            by_claim = {answer.claim_id: answer for answer in answers}
        return [by_claim[request.claim_id] for request in requests]

    def _admitted(self, pending: PendingCall, model: str) -> LlmCall:
        context = pending.context
        return self._pipeline.limiter.admitted(
            pending.call, model, pending.request.held_nano(model), context.policy,
            partial(self._extend, context.claim.claim_id),
        )  # fmt: skip

    async def _extend(self, claim_id: int, nano: int) -> bool:
        """Increases the hold of a call in flight.

        The statement completes even if the call's deadline passes meanwhile.
        """
        asking = asyncio.ensure_future(self._extensions.ask([(claim_id, nano)]))
        try:
            return (await asyncio.shield(asking))[0]
        except (DatabaseUnreachable, asyncpg.PostgresError) as error:
            _log.warning("hold.not_extended", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
            return False

    async def _admitted_by_one(
        self, requests: Sequence[AdmissionRequest], lease_seconds: float
    ) -> dict[int, Admission]:
        """By claim id: the first admission by a provider of the chain, or else the refusal with the shortest wait."""
        first, names = self._pipeline.provider.name, self._pipeline.names
        waiting = {request.claim_id: request.by_provider(names, first) for request in requests}
        by_claim: dict[int, Admission] = {}
        while waiting:
            asked: dict[str, list[AdmissionRequest]] = {}
            for parts in waiting.values():
                name, request = parts.pop(0)
                asked.setdefault(name, []).append(request)
            for name, of_provider in asked.items():
                for answer in await self._store.admit(name, of_provider, lease_seconds=lease_seconds):
                    before = by_claim.get(answer.claim_id)
                    if before is None or answer.model is not None or answer.wait_seconds < before.wait_seconds:
                        by_claim[answer.claim_id] = answer
            waiting = {each: parts for each, parts in waiting.items() if parts and by_claim[each].model is None}
        return by_claim

    def _answered(
        self, answers: Iterable[Admission], waiting: dict[int, PendingCall], full_since: dict[int, float]
    ) -> float:
        """Starts admitted calls and finishes refused claims.

        Returns the seconds until the requests left in `waiting` are repeated.
        """
        executor, pause, now = self._executor, inf, time.monotonic()
        for answer in answers:
            pending = waiting[answer.claim_id]
            context = pending.context
            if answer.claim_id in full_since:
                context.metrics.limit_wait_seconds = now - full_since[answer.claim_id]
            if answer.model is not None:
                del waiting[answer.claim_id]
                if executor.still_owned(context, admitted=True, seconds=pending.deadline_seconds):
                    executor.start_call(context, self._admitted(pending, answer.model))
                continue
            if answer.refusal in BUDGETS and (
                tight := self._pipeline.limiter.tightened(pending.call, pending.request, context.policy)
            ):
                waiting[answer.claim_id] = PendingCall(context, *tight, pending.deadline_seconds)
                pause = 0.0
                continue
            following = self._pipeline.refused(context, answer.refusal or "refused", answer.wait_seconds, pending.call)
            if isinstance(following, WaitForCapacity):
                full_since.setdefault(answer.claim_id, now)
                pause = min(pause, following.seconds)
            else:
                del waiting[answer.claim_id]
                if isinstance(following, AttemptResult):
                    executor.end(following)
                else:
                    executor.start_call(context, following)
        return pause
