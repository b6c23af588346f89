"""The daemon: slots, one loop that finishes and claims in the same breath, and the tasks around it.

The loop (`_turns`) is the only writer of results. Everything else only tells it that something happened: a call
ended, somebody rang, the poll is due, the doorbell is held. It claims into free slots and never more.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from rfqflow import __version__
from rfqflow.core.attention import Attention
from rfqflow.core.backoff import jittered
from rfqflow.core.errors import ConfigError, DatabaseUnreachable
from rfqflow.core.model import Facts, Route
from rfqflow.core.policy import Policy
from rfqflow.core.prompt import Prompt
from rfqflow.doorbell import Backoff, Ear, Session
from rfqflow.settings import FINISH_MARGIN_SECONDS
from rfqflow.store.line import Line
from rfqflow.store.work import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from rfqflow.core.model import Claim
    from rfqflow.core.prompt import PromptText
    from rfqflow.pipeline import Finished, Pipeline
    from rfqflow.settings import Settings

_log = structlog.get_logger()
_BATCH = 500  # rows per claim and per finish: beyond some hundreds nothing is gained
_FULL_LOOK_SECONDS = 1.0
_LOCKED_SECONDS = (0.05, 1.0)  # how soon a result is offered again whose RFQ was locked
_LOCKED_MOST = 2_000  # results waiting for locked RFQs, beyond which no more work is claimed
_SOON = {
    "refused:55P03",
    "refused:40P01",
    "refused:40001",
}  # lock timeout, deadlock, serialization: ask again


@dataclass(slots=True)
class _Locked:
    """A result that waits for its RFQ to be unlocked."""

    finished: Finished
    again_at: float
    wait: float = _LOCKED_SECONDS[0]


@dataclass(slots=True)
class Counts:
    """What became of the work so far, by outcome."""

    ended: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: str) -> None:
        self.ended[outcome] = self.ended.get(outcome, 0) + 1

    @property
    def total(self) -> int:
        return sum(self.ended.values())


class Worker:
    """One daemon process. `run` returns when it has stopped or, with `drain`, when nothing is due.

    `stop` claims no more and finishes what is held; `hurry` cancels the calls in flight as well.
    """

    def __init__(
        self,
        settings: Settings,
        pipeline: Pipeline,
        prompt_text: PromptText,
        *,
        database_url: str,
        listen_url: str,
        pooled: bool,
        direct: bool,
        on_progress: Callable[[Counts], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._prompt_text = prompt_text
        self._lines = [
            Line(database_url, f"rfqflow {name}", pooled=pooled) for name in ("work", "facts", "beat")
        ]
        self._store, self._facts, self._side = (Store(line) for line in self._lines)
        self._session = Session(listen_url) if direct else None
        self._ear = Ear(listen_url, self._woken) if direct and settings.listen == "auto" else None
        self._attention = Attention(poll_seconds=settings.poll_seconds, can_sleep=False)
        self._on_progress = on_progress
        self.counts = Counts()

        self._worker: int | None = None
        self._policy = Policy()
        self._policy_seen = -1
        self._routes: tuple[Route, ...] = ()
        self._prompt: Prompt | None = None
        self._peers = 0

        self._calls: dict[int, asyncio.Task[None]] = {}  # by claim id
        self._held: dict[int, Claim] = {}  # claimed and not yet finished, by claim id
        self._finished: deque[Finished] = deque()
        self._alone: deque[Finished] = deque()  # results of a batch that could not be recorded as one
        self._locked: dict[int, _Locked] = {}  # by outbox id
        self._something = asyncio.Event()
        self._ready = asyncio.Event()
        self._stopping = False
        self._hurried = False
        self._drain = False
        self._drained = False
        self._forgotten = asyncio.Event()
        self._turning = asyncio.Lock()
        self._stop_by = float("inf")
        self._renew_at = 0.0
        self._want_full_look = True
        self._low_water = 0
        self._high_water: deque[tuple[float, int]] = deque()
        self._full_look_at = 0.0
        self._arming: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()

    # -- from outside ------------------------------------------------------------------------------------------

    async def run(self, *, drain: bool = False) -> Counts:
        """Works until stopped; raises what makes going on pointless (SchemaMismatch, ConfigError)."""
        self._drain = drain
        side: list[Coroutine[Any, Any, None]] = [self._hold_number(), self._beat(), self._maintain()]
        if self._ear:
            side.append(self._ear.run())
        tasks = [asyncio.create_task(one, name=one.__name__) for one in side]
        turns = asyncio.create_task(self._turns(), name="turns")
        try:
            done, _ = await asyncio.wait([turns, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a side task never ends by itself: if one did, the worker must not go on half dead
        finally:
            for task in (turns, *tasks, *self._calls.values(), *self._background):
                task.cancel()
            await asyncio.gather(
                turns, *tasks, *self._calls.values(), *self._background, return_exceptions=True
            )
            await self._leave()
        return self.counts

    def stop(self) -> None:
        """Claims no more, finishes what is held, then ends."""
        if not self._stopping:
            _log.info("worker.stopping", in_flight=len(self._held), worker=self._worker)
            self._stop_by = time.monotonic() + self._settings.call_deadline_seconds + FINISH_MARGIN_SECONDS
        self._stopping = True
        self._ready.set()
        self._something.set()

    @property
    def abandoned(self) -> int:
        """Results that could not be recorded before the worker had to go; their leases run out by themselves."""
        return len(self._finished) + len(self._alone) + len(self._locked) + len(self._held)

    def hurry(self) -> None:
        """Stops without waiting for calls: they are cut off, recorded and released."""
        self.stop()
        self._hurried = True
        for task in list(self._calls.values()):
            task.cancel()
        self._something.set()

    # -- the loop ----------------------------------------------------------------------------------------------

    async def _turns(self) -> None:
        backoff = Backoff()
        await self._ready.wait()
        while not self._ended():
            await self._until_something()
            try:
                await self._turn()
                backoff.reset()
            except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                # Nothing is lost: results stay here, and a finish that did take effect is recognised by its claim.
                code = getattr(error, "sqlstate", None)
                _log.warning("database.failed", error=type(error).__name__, sqlstate=code)
                self._want_full_look = True
                if self._hurried or time.monotonic() > self._stop_by:
                    _log.error("worker.gave_up", unrecorded=self.abandoned)
                    return
                await backoff.wait()
                self._something.set()

    def _ended(self) -> bool:
        idle = not (self._held or self._finished or self._alone or self._background)
        if self._stopping:
            return idle and (not self._locked or self._hurried)
        return self._drained and idle and not self._locked

    async def _until_something(self) -> None:
        now = time.monotonic()
        due = min((one.again_at for one in self._locked.values()), default=now + 60)
        if self._claimable():
            due = min(due, self._attention.look_at)
        if due > now and not self._something.is_set() and not self._alone:
            try:
                async with asyncio.timeout(due - now):
                    await self._something.wait()
            except TimeoutError:
                pass
        self._something.clear()

    def _claimable(self) -> int:
        """How many rows may be claimed now: the free slots, those of finished work included."""
        if (
            self._stopping
            or self._worker is None
            or self._prompt is None
            or len(self._locked) >= _LOCKED_MOST
        ):
            return 0
        return min(_BATCH, max(0, self._settings.concurrency - len(self._held)))

    async def _turn(self) -> None:
        now = time.monotonic()
        if self._alone:
            finished = [self._alone.popleft()]
        else:
            finished = [self._finished.popleft() for _ in range(min(_BATCH, len(self._finished)))]
        if not finished:
            await self._offer_locked(now)
        limit = self._claimable()
        asked_for_look = now >= self._attention.look_at
        if not finished and not (limit and asked_for_look):
            await self._mind_the_doorbell()
            return
        worker = self._worker or 0
        full = self._want_full_look or now >= self._full_look_at
        from_id = 0 if full else self._low_water
        self._want_full_look = False
        self._attention.looking()
        claim_base = secrets.randbits(62)
        try:
            async with self._turning:
                outcomes, claims = await self._store.finish_and_claim(
                    finished, worker=worker, claim_id=claim_base, limit=limit,
                    lease_seconds=self._settings.lease_seconds, from_id=from_id,
                )  # fmt: skip
        except asyncpg.DataError:
            # Something in a result that the database cannot hold: it must not keep the others from being recorded.
            if len(finished) > 1:
                self._alone.extend(finished)
            elif finished:
                self._finished.appendleft(self._pipeline.unrecordable(finished[0]))
            self._something.set()
            return
        except BaseException:
            self._finished.extendleft(reversed(finished))
            self._want_full_look = True
            raise
        now = time.monotonic()
        if full:
            self._full_look_at = now + _FULL_LOOK_SECONDS
        self._settle(finished, outcomes)
        if limit:
            if claims or asked_for_look:
                self._attention.claimed(now, got=len(claims), asked=limit)
            self._mark_water(now, claims, more=len(claims) == limit)
            if claims:
                self._drained = False
                self._start(claims, worker)
            elif self._drain and full and asked_for_look and not self._held and not self._finished:
                self._drained = not self._locked
        if self._claimable() == 0:
            self._attention.full()
        else:
            self._attention.slot_freed(now)
        await self._mind_the_doorbell()

    def _mark_water(self, now: float, claims: list[Claim], *, more: bool) -> None:
        # Ids become visible out of order: a transaction that commits late has a low one. In a backlog the mark
        # follows closely, and the full look each second finds them; otherwise it lags by that second.
        if claims:
            self._high_water.append((now, claims[-1].outbox_id))
        if more:
            self._low_water = claims[-1].outbox_id
        else:
            while self._high_water and self._high_water[0][0] < now - _FULL_LOOK_SECONDS:
                self._low_water = self._high_water.popleft()[1]
        if len(self._high_water) > 4 * _BATCH:
            self._high_water.popleft()

    async def _mind_the_doorbell(self) -> None:
        attention, session = self._attention, self._session
        attention.can_sleep = bool(session and self._ear and self._ear.listening.is_set())
        if session is None or self._ear is None:
            return
        # Deaf for a moment: polling carries the load.
        attention.poll_seconds = self._settings.poll_seconds if attention.can_sleep else min(
            0.25, self._settings.poll_seconds
        )  # fmt: skip
        if attention.holds_doorbell and (self._stopping or not (attention.wants_doorbell and attention.can_sleep)):
            full = self._claimable() == 0 and not self._stopping
            await session.leave_doorbell()
            attention.doorbell_left(time.monotonic())
            if full and self._peers:
                await self._store.pass_baton()
        elif (
            attention.wants_doorbell
            and not attention.holds_doorbell
            and self._arming is None
            and self._worker is not None
            and not self._stopping
        ):
            self._arming = asyncio.create_task(self._arm(session), name="arm")

    async def _arm(self, session: Session) -> None:
        try:
            if await session.take_doorbell():
                self._attention.doorbell_taken(time.monotonic())
                self._want_full_look = True
            else:
                self._attention.wants_doorbell = False  # till the next look that finds nothing
        finally:
            self._arming = None
            self._something.set()

    # -- claims in, results out --------------------------------------------------------------------------------

    def _start(self, claims: list[Claim], worker: int) -> None:
        for claim in claims:
            self._held[claim.claim_id] = claim
        task = asyncio.create_task(self._pass_gates(claims, worker), name="gates")
        self._background.add(task)
        task.add_done_callback(self._gates_passed)

    def _gates_passed(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        self._something.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its claims come back when their leases end; the class tells where to look.
            _log.error("gates.failed", error=type(error).__name__)

    async def _pass_gates(self, claims: list[Claim], worker: int) -> None:
        facts: dict[Any, Facts] = {}
        backoff = Backoff()
        while True:
            try:
                facts = await self._facts.gate_facts([claim.rfq_id for claim in claims])
                break
            except (DatabaseUnreachable, asyncpg.PostgresError):
                if self._hurried or self._worker != worker:
                    break
                await backoff.wait()
        routes, prompt, policy = self._routes, self._prompt, self._policy
        for claim in claims:
            if self._worker != worker:
                self._held.pop(claim.claim_id, None)  # the number was lost meanwhile, and the claims with it
            elif self._hurried or prompt is None or (claim.rfq is not None and claim.rfq_id not in facts):
                self._end(claim, {**self._pipeline.cancelled(claim, worker), "status": None})
            elif (
                ended := self._pipeline.gate(claim, facts.get(claim.rfq_id, Facts()), worker, policy)
            ) is not None:
                self._end(claim, ended)
            else:
                call = asyncio.create_task(self._call(claim, worker, policy, routes, prompt))
                self._calls[claim.claim_id] = call
                call.add_done_callback(partial(self._called, claim, worker))

    async def _call(
        self, claim: Claim, worker: int, policy: Policy, routes: tuple[Route, ...], prompt: Prompt
    ) -> None:
        self._end(claim, await self._pipeline.call(claim, worker, policy, routes, prompt))

    def _called(self, claim: Claim, worker: int, call: asyncio.Task[None]) -> None:
        # A callback and no `finally`: a task that is cancelled before its first step never runs a line of its own.
        self._calls.pop(claim.claim_id, None)
        if call.cancelled():
            if self._hurried and self._worker == worker:
                self._end(claim, self._pipeline.cancelled(claim, worker))
            else:
                self._held.pop(claim.claim_id, None)
        elif (error := call.exception()) is not None:
            _log.error("call.failed", error=type(error).__name__)
            self._end(claim, self._pipeline.cancelled(claim, worker))
        self._something.set()

    def _end(self, claim: Claim, finished: Finished) -> None:
        # The slot is free for the claim that rides along with this very finish.
        self._held.pop(claim.claim_id, None)
        self._finished.append(finished)
        self._something.set()

    def _settle(self, finished: list[Finished], outcomes: dict[int, str]) -> None:
        now = time.monotonic()
        for one in finished:
            outcome = outcomes.get(one["outbox_id"])
            locked = self._locked.pop(one["outbox_id"], None)
            if outcome == "busy" or outcome in _SOON:
                again = locked or _Locked(one, now)
                again.again_at = now + jittered(again.wait, draw=random.random())  # noqa: S311 - spreads waits only
                again.wait = min(again.wait * 2, _LOCKED_SECONDS[1])
                self._locked[one["outbox_id"]] = again
            elif outcome is not None and outcome.startswith("refused:"):
                _log.warning(
                    "rfq.write_refused", rfq_id=one["rfq_id"], sqlstate=outcome[8:], attempt=one["attempt"]
                )
                if one["verdict"] == "abandon":
                    self.counts.add("failed")
                else:
                    self._finished.append(self._pipeline.refused(one, self._policy))
                    self._something.set()
            else:
                self._tell(one, outcome)
        if finished:
            self._on_progress(self.counts)

    def _tell(self, one: Finished, outcome: str | None) -> None:
        """The one line per finished RFQ, once it is recorded."""
        status = one["status"]
        if outcome in ("lost", "edited", "repeated") and status == "succeeded":
            status = "superseded"
        if status is None:
            return
        name = {"succeeded": "done"}.get(status, status)
        self.counts.add(name)
        _log.info(
            f"run.{name}", rfq_id=one["rfq_id"], request_id=one["request_id"], worker=one["worker"],
            attempt=one["attempt"], claim_id=one["claim_id"], reason=outcome or one.get("reason"),
            verdict=one["verdict"], error_class=one.get("error_class"), provider=one.get("provider"),
            model=one.get("model"), prompt_version=one.get("prompt_version"), route=one.get("route"),
            confidence=one.get("confidence"), review=one.get("review"), input_tokens=one.get("input_tokens"),
            output_tokens=one.get("output_tokens"), cost_usd=one.get("cost_usd"), cost_source=one.get("cost_source"),
            queue_ms=round(one["queue_ms"], 1), latency_ms=round(one["latency_ms"], 1), email_hash=one["email_hash"],
            provider_request_id=one.get("provider_request_id"),
        )  # fmt: skip

    async def _offer_locked(self, now: float) -> None:
        """Results whose RFQ was locked, once more; their leases are kept alive meanwhile."""
        due = [one.finished for one in self._locked.values() if one.again_at <= now or self._stopping][
            :_BATCH
        ]
        if not due:
            return
        if self._stopping:
            due = [self._pipeline.set_aside(one) for one in due]
        outcomes, _ = await self._store.finish_and_claim(
            due, worker=0, claim_id=0, limit=0, lease_seconds=self._settings.lease_seconds, from_id=0
        )
        self._settle(due, outcomes)
        if self._locked and now >= self._renew_at:
            held = [(one.finished["outbox_id"], one.finished["claim_id"]) for one in self._locked.values()]
            await self._store.renew(held, self._settings.lease_seconds)
            self._renew_at = now + self._settings.lease_seconds / 4

    # -- the tasks around it -----------------------------------------------------------------------------------

    def _woken(self) -> None:
        self._attention.woken(time.monotonic())
        self._something.set()

    async def _hold_number(self) -> None:
        """Keeps the worker registered: a lost session means a new number, and the old one's calls are cut off."""
        backoff = Backoff()
        lost: int | None = None
        while True:
            try:
                number = await self._register()
                if lost is not None:
                    await self._flushed(5.0)
                    async with self._turning:  # a claim under the old number that is still under way
                        pass
                    await self._side.reclaim(lost)
                    lost = None
            except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                _log.warning("worker.not_registered", error=type(error).__name__)
                await backoff.wait()
                continue
            backoff.reset()
            self._worker = number
            self._ready.set()
            self._woken()
            _log.info("worker.registered", worker=number, liveness="lock" if self._session else "lease")
            self._forgotten.clear()
            if self._session is None:
                await self._forgotten.wait()
            else:
                await self._session.until_lost()
            lost, self._worker = number, None
            self._attention.doorbell_left(time.monotonic())
            _log.warning("worker.session_lost", worker=number, in_flight=len(self._held))
            await self._cut_calls()

    async def _cut_calls(self) -> None:
        """The lock that proved us alive is gone: others may take our claims over, so nothing may go on under them."""
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        for one in list(self._locked.values()):
            self._finished.append(self._pipeline.set_aside(one.finished))
        self._locked.clear()

    async def _flushed(self, seconds: float) -> None:
        """What is finished was paid for: it is recorded under its claim before the claims are given back."""
        by = time.monotonic() + seconds
        while self._finished and time.monotonic() < by:
            self._something.set()
            await asyncio.sleep(0.01)

    async def _register(self) -> int:
        about = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": __version__,
            "provider": self._pipeline.provider.name,
            "model": self._pipeline.provider.model,
            "concurrency": self._settings.concurrency,
        }
        if self._session:
            return await self._session.register(**about)
        return await self._side.register(**about, lock=False)  # type: ignore[arg-type] # the keywords above

    async def _beat(self) -> None:
        """Once a second: liveness, policy, what is due, what waits."""
        await self._ready.wait()
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            pause = jittered(self._settings.poll_seconds, draw=random.random())  # noqa: S311 - spreads beats only
            worker = self._worker
            if worker is None:
                continue
            try:
                beat = await self._side.beat(worker, len(self._held), self._policy_seen)
            except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                _log.warning("beat.failed", error=type(error).__name__)
                continue
            self._peers = beat.peers
            if beat.policy is not None and beat.routes is not None:
                self._follow(beat.policy, beat.routes)
                self._policy_seen = beat.policy_seen
            if not beat.known:  # taken for dead: a new number is due
                self._forgotten.set()
                if self._session:
                    await self._session.close()
            if beat.waiting and self._claimable():
                self._want_full_look = True
                self._woken()
            if beat.next_due_seconds is not None:
                pause = min(pause, beat.next_due_seconds + 0.005)

    def _follow(self, policy: dict[str, Any], routes: list[dict[str, Any]]) -> None:
        self._policy = Policy.from_values(policy)
        self._routes = tuple(
            Route(one["slug"], one["description"], tuple(one["keywords"]), one["fallback"]) for one in routes
        )
        try:
            self._prompt = Prompt.of(self._prompt_text, self._routes)
        except ConfigError as error:
            _log.error("prompt.unusable", problem=str(error))
        self._woken()

    async def _maintain(self) -> None:
        """Partitions ahead, and the sweep's next step; whoever comes first does it for the fleet."""
        await self._ready.wait()
        partitions_at = 0.0
        while True:
            try:
                if time.monotonic() >= partitions_at:
                    await self._side.make_partitions()
                    partitions_at = time.monotonic() + 3600
                await self._side.refuse_unknown_schema()
                found = await self._side.sweep()
                if found:
                    _log.warning("sweep.found", rfqs=found)
            except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                _log.warning(
                    "maintenance.failed",
                    error=type(error).__name__,
                    sqlstate=getattr(error, "sqlstate", None),
                )
            await asyncio.sleep(jittered(self._policy.sweep_seconds, draw=random.random()))  # noqa: S311 - spreads only

    async def _leave(self) -> None:
        worker = self._worker
        if worker is not None and not self._held:
            try:
                async with asyncio.timeout(2):
                    await self._side.retire(worker)
            except (DatabaseUnreachable, asyncpg.PostgresError, TimeoutError):
                pass  # the row goes with its lock, at somebody's next beat
        if self._session:
            await self._session.close()
        for line in self._lines:
            await line.close()
