"""What is in flight: each claim passes the gates, and its call runs in a slot of its own until it has ended."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import asyncpg
import structlog

from rfqflow.core.context import cap
from rfqflow.core.errors import ConfigError, DatabaseUnreachable
from rfqflow.core.model import Facts, Route
from rfqflow.core.policy import Policy
from rfqflow.core.prompt import Prompt
from rfqflow.doorbell import Backoff
from rfqflow.store.documents import find_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from rfqflow.core.context import Document
    from rfqflow.core.model import Claim
    from rfqflow.core.prompt import PromptText
    from rfqflow.pipeline import Ask, Finished, Pipeline
    from rfqflow.store.work import Store

_log = structlog.get_logger()
_GUARD_SECONDS = 1.0  # beyond a call's deadline, as in the pipeline


class Prompts:
    """Prompts by version, as they come up in claims, joined with the routes of this moment."""

    def __init__(self, shipped: PromptText) -> None:
        # Not under its version: the database may know other words by that name.
        self._texts = {"": shipped}
        self._joined: dict[str, Prompt] = {}

    def routes_changed(self) -> None:
        self._joined.clear()

    async def learn(self, store: Store, versions: set[str]) -> None:
        """Fetches what is not known yet."""
        for version in versions - self._texts.keys():
            self._texts[version] = await store.prompt(version)

    def get(self, version: str, routes: tuple[Route, ...]) -> Prompt | None:
        """The prompt that was in force at a claim, with the routes of now; None where the two do not fit."""
        if version not in self._joined:
            text = self._texts[version]
            try:
                self._joined[version] = replace(Prompt.of(text, routes), version=version or text.version)
            except ConfigError as error:
                _log.error("prompt.unusable", prompt_version=version, problem=str(error))
                return None
        return self._joined[version]


class Slots:
    """Every claim that is started ends once: `on_end` is told how, unless its worker number has been lost.

    `is_ours` says whether a worker number is still the one we hold; `on_change` is called when a slot may be free.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        store: Store,
        prompts: Prompts,
        *,
        deadline_seconds: float,
        is_ours: Callable[[int], bool],
        on_end: Callable[[Finished], None],
        on_change: Callable[[], None],
    ) -> None:
        self._pipeline = pipeline
        self._store = store
        self._prompts = prompts
        self._deadline_seconds = deadline_seconds
        self._is_ours = is_ours
        self._on_end = on_end
        self._on_change = on_change
        self.policy = Policy()
        self.routes: tuple[Route, ...] = ()
        self._held: dict[int, Claim] = {}  # by claim id
        self._calls: dict[int, asyncio.Task[None]] = {}  # by claim id
        self._gates: set[asyncio.Task[None]] = set()
        self._hurried = False

    @property
    def held(self) -> int:
        """Claims that have not ended."""
        return len(self._held)

    @property
    def busy(self) -> bool:
        return bool(self._held or self._gates)

    @property
    def tasks(self) -> Iterable[asyncio.Task[None]]:
        return [*self._calls.values(), *self._gates]

    def follow(self, policy: Policy, routes: tuple[Route, ...]) -> None:
        self.policy, self.routes = policy, routes
        self._prompts.routes_changed()

    def hurry(self) -> None:
        """Cuts every call off; each is recorded and its claim released."""
        self._hurried = True
        for call in list(self._calls.values()):
            call.cancel()

    async def cut(self) -> None:
        """Cuts every call off, without a word: its claim is not ours any more. Returns when all have ended."""
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    def start(self, claims: list[Claim], worker: int, lease_ends: float) -> None:
        """Takes new claims in; `lease_ends` by the monotonic clock, as the earliest that is possible."""
        for claim in claims:
            self._held[claim.claim_id] = claim
        task = asyncio.create_task(self._pass_gates(claims, worker, lease_ends), name="gates")
        self._gates.add(task)
        task.add_done_callback(partial(self._gates_passed, claims))

    async def _pass_gates(self, claims: list[Claim], worker: int, lease_ends: float) -> None:
        facts = await self._facts(claims, worker)
        routes, policy = self.routes, self.policy
        passed = []
        for claim in claims:
            if not self._may_go_on(claim, worker, lease_ends):
                continue
            if claim.rfq is not None and claim.rfq_id not in facts:
                self._give_back(claim, worker)
            elif (ended := self._gate(claim, facts.get(claim.rfq_id, Facts()), worker, policy)) is not None:
                self._end(claim, ended)
            else:
                passed.append(claim)
        documents = await self._documents(passed, policy)
        for claim in passed:
            if not self._may_go_on(claim, worker, lease_ends):
                continue
            if (prompt := self._prompts.get(claim.prompt_version, routes)) is None:
                self._end(claim, self._pipeline.put_off(claim, worker, "prompt_unusable", policy))
                continue
            ask = self._prepare(claim, facts[claim.rfq_id], routes, prompt, documents.get(claim.rfq_id, ()))
            if ask is None:
                self._end(claim, self._pipeline.broken(claim, worker, policy))
                continue
            call = asyncio.create_task(self._call(claim, worker, policy, ask))
            self._calls[claim.claim_id] = call
            call.add_done_callback(partial(self._called, claim, worker, policy, ask))

    def _may_go_on(self, claim: Claim, worker: int, lease_ends: float) -> bool:
        """Whether the claim is still ours to call for; else it has been let go."""
        # A call that began too late would outlive its lease, and be made a second time by whoever takes the RFQ over.
        too_late = time.monotonic() + self._deadline_seconds + _GUARD_SECONDS > lease_ends
        if not self._is_ours(worker):
            self._held.pop(claim.claim_id, None)  # the number was lost meanwhile, and the claims with it
        elif self._hurried or too_late:
            self._give_back(claim, worker)
        else:
            return True
        return False

    def _give_back(self, claim: Claim, worker: int) -> None:
        self._end(claim, {**self._pipeline.cancelled(claim, worker), "status": None})

    async def _facts(self, claims: list[Claim], worker: int) -> dict[UUID, Facts]:
        """Asks until there is an answer; nothing where that is not worth it any more."""
        backoff = Backoff()
        while True:
            try:
                facts = await self._store.gate_facts([claim.rfq_id for claim in claims])
                await self._prompts.learn(self._store, {claim.prompt_version for claim in claims})
            except (DatabaseUnreachable, asyncpg.PostgresError):
                if self._hurried or not self._is_ours(worker):
                    return {}
                await backoff.wait()
            else:
                return facts

    async def _documents(self, claims: list[Claim], policy: Policy) -> dict[UUID, tuple[Document, ...]]:
        """What fits each RFQ, within the bounds; nothing where the search fails: a poorer prompt, not a wrong one."""
        if policy.rag != "on" or not claims or not self._pipeline.sends:
            return {}
        try:
            found = await find_context(self._store.line, [claim.rfq_id for claim in claims], policy.rag_documents)
        except (DatabaseUnreachable, asyncpg.PostgresError) as error:
            _log.warning("context.failed", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
            return {}
        return {rfq_id: cap(documents, policy.rag_tokens) for rfq_id, documents in found.items()}

    def _prepare(
        self, claim: Claim, facts: Facts, routes: tuple[Route, ...], prompt: Prompt, documents: tuple[Document, ...]
    ) -> Ask | None:
        if claim.rfq is None:
            return None  # the gates have ended it
        try:
            return self._pipeline.prepare(claim.rfq, self._pipeline.candidates(facts)[0], routes, prompt, documents)
        except Exception as error:  # noqa: BLE001 - as in `_gate`
            _log.error("prepare.failed", error=type(error).__name__)
            return None

    def _gate(self, claim: Claim, facts: Facts, worker: int, policy: Policy) -> Finished | None:
        try:
            return self._pipeline.gate(claim, facts, worker, policy)
        except Exception as error:  # noqa: BLE001 - what trips over one RFQ must not take the others of its batch along
            _log.error("gate.failed", error=type(error).__name__)
            return self._pipeline.broken(claim, worker, policy)

    def _gates_passed(self, claims: list[Claim], task: asyncio.Task[None]) -> None:
        self._gates.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Those of its claims that have no call come back when their leases end; the class tells where to look.
            _log.error("gates.failed", error=type(error).__name__)
            for claim in claims:
                if claim.claim_id not in self._calls:
                    self._held.pop(claim.claim_id, None)
        self._on_change()

    async def _call(self, claim: Claim, worker: int, policy: Policy, ask: Ask) -> None:
        self._end(claim, await self._pipeline.call(claim, worker, policy, ask))

    def _called(self, claim: Claim, worker: int, policy: Policy, ask: Ask, call: asyncio.Task[None]) -> None:
        # A callback and no `finally`: a task that is cancelled before its first step never runs a line of its own.
        self._calls.pop(claim.claim_id, None)
        if call.cancelled():
            if self._hurried and self._is_ours(worker):
                self._end(claim, self._pipeline.cancelled(claim, worker, ask.model))
            else:
                self._held.pop(claim.claim_id, None)
        elif (error := call.exception()) is not None:
            _log.error("call.failed", error=type(error).__name__)
            self._end(claim, self._pipeline.broken(claim, worker, policy))
        self._on_change()

    def _end(self, claim: Claim, finished: Finished) -> None:
        # The slot is free for the claim that rides along with this very finish.
        self._held.pop(claim.claim_id, None)
        self._on_end(finished)
