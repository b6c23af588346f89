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
from functools import partial
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from rfqflow import __version__, failpoints
from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.core.queue.backoff import jittered
from rfqflow.core.queue.claim_failures import Claims, Steps
from rfqflow.core.queue.low_water_mark import Watermark
from rfqflow.core.queue.poll_schedule import Attention
from rfqflow.core.results import Verdict
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.enrichment.prompt_cache import PromptCache
from rfqflow.maintenance.scheduler import maintain, note_failures
from rfqflow.settings import FINISH_MARGIN_SECONDS
from rfqflow.store.queue import QueueStore
from rfqflow.store.retention import Retention
from rfqflow.worker.completion_notifier import CompletionNotifier
from rfqflow.worker.evaluation_jobs import EvaluationWorker
from rfqflow.worker.executor import Executor
from rfqflow.worker.listener import Bell, NotificationListener, ReconnectBackoff, WorkerSession, wait_for_event
from rfqflow.worker.prompt_trials import PromptTrialMonitor
from rfqflow.worker.result_buffer import BATCH, LOCKED_MOST, OutcomeCounts, ResultBuffer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence

    from rfqflow.core.policy import Policy
    from rfqflow.core.prompting.prompt import PromptText
    from rfqflow.core.records import Claim
    from rfqflow.core.results import AttemptResult
    from rfqflow.enrichment.pipeline import Pipeline
    from rfqflow.settings import Settings
    from rfqflow.store.rows import Heartbeat

_log = structlog.get_logger()
_LONGEST_WAIT_SECONDS = 60.0
_HELD_CHARACTERS = 4_000_000  # of long messages in hand, beyond which no more are claimed
_LONG_CHARACTERS = 8_000  # as ai.read_rfqs has it: 32 kB, of four bytes each
_BEAT_SECONDS = 1.0  # at most: the dead are found and policy is followed by it, however rarely a worker polls


class Worker:
    """One daemon process. `run` returns when it has stopped or, with `drain`, when nothing is due.

    `stop` claims no more and finishes what is held; `force_stop` cancels the calls in flight as well.
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
        on_progress: Callable[[OutcomeCounts], None] = lambda _: None,
        on_prices: Callable[[Sequence[Mapping[str, object]]], None] = lambda _: None,
        on_recorded: Callable[[AttemptResult, str | None], None] = lambda *_: None,
    ) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._prompt_text = prompt_text
        self._lines = [
            ReconnectingConnection(database_url, f"rfqflow {name}", pooled=pooled)
            for name in ("work", "facts", "beat", "trials", "keep", "evaluation")
        ]
        self._store, self._facts, self._side, trials = (QueueStore(line) for line in self._lines[:4])
        self._session = WorkerSession(listen_url) if direct else None
        self._listener = NotificationListener(listen_url, self._woken) if direct and settings.listen == "auto" else None
        self._attention = Attention(poll_seconds=settings.poll_seconds, can_sleep=False)
        self._on_progress = on_progress
        self._on_prices = on_prices

        self._worker: int | None = None
        self._policy_seen = -1
        self._event_seen = -1
        self._wakeup = asyncio.Event()
        self._peers = 0

        self._slots = Executor(
            pipeline, self._facts, PromptCache(prompt_text), deadline_seconds=settings.call_deadline_seconds,
            is_ours=lambda number: number == self._worker, on_end=self._end, on_change=self._wakeup.set,
        )  # fmt: skip
        self._completion_notifier = CompletionNotifier(self._side.line)
        self._prompt_trials = PromptTrialMonitor(
            pipeline, self._side, trials, PromptCache(prompt_text), lambda: (self._slots.policy, self._slots.routes),
            deadline_seconds=settings.call_deadline_seconds,
        )  # fmt: skip
        self._evaluator = EvaluationWorker(
            pipeline, self._side, QueueStore(self._lines[5]), PromptCache(prompt_text),
            lambda: (self._slots.policy, self._slots.routes), deadline_seconds=settings.call_deadline_seconds,
            on_change=self._wakeup.set,
        )  # fmt: skip
        self._on_recorded = on_recorded
        self._results = ResultBuffer(self._recorded)
        self._watermark = Watermark()
        self._claims = Claims()
        self._steps = Steps()
        self._ready = asyncio.Event()
        self._stopping = False
        self._force_stopping = False
        self._drain = False
        self._drained = False
        self._forgotten = asyncio.Event()
        self._turning = asyncio.Lock()
        # Worker, claim id and limit of claims whose reply was lost.
        self._unacknowledged: list[tuple[int, int, int]] = []
        self._stop_by = float("inf")
        self._renew_at = 0.0
        self._bell = Bell(
            self._attention, self._session, self._listener,
            poll_seconds=settings.poll_seconds, on_taken=self._watermark.request_full_scan, on_change=self._wakeup.set,
        )  # fmt: skip

    # -- from outside ------------------------------------------------------------------------------------------

    async def run(self, *, drain: bool = False) -> OutcomeCounts:
        """Works until stopped; raises what makes going on pointless (SchemaMismatch, ConfigError)."""
        self._drain = drain
        side: list[Coroutine[Any, Any, None]] = [
            self._keep_registered(), self._beat(), self._completion_notifier.run(),
            self._when_ready(self._prompt_trials.run),
            self._when_ready(partial(
                maintain, self._side, Retention(self._side.line), Retention(self._lines[4]),
                lambda: self._policy.sweep_seconds, self._settings.archive_dir,
            )),
        ]  # fmt: skip
        if not drain:  # it goes when its queue is empty, and an evaluation may take long
            side.append(self._when_ready(self._evaluator.run))
        if self._listener:
            side.append(self._listener.run())
        tasks = [asyncio.create_task(one) for one in side]
        turns = asyncio.create_task(self._run_loop(), name="turns")
        try:
            done, _ = await asyncio.wait([turns, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a side task never ends by itself: if one did, the worker must not go on half dead
        finally:
            left = [turns, *tasks, *self._slots.tasks, *([self._arming] if self._arming else [])]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await self._leave()
        return self.counts

    def stop(self) -> None:
        """Claims no more, finishes what is held, then ends."""
        if not self._stopping:
            _log.info("worker.stopping", in_flight=self._slots.held, worker=self._worker)
            self._stop_by = time.monotonic() + self._settings.call_deadline_seconds + FINISH_MARGIN_SECONDS
        self._stopping = True
        self._slots.stop()
        self._evaluator.stop()
        self._ready.set()
        self._wakeup.set()

    @property
    def counts(self) -> OutcomeCounts:
        """What became of the work so far."""
        return self._results.counts

    @property
    def abandoned(self) -> int:
        """Results that could not be recorded before the worker had to go; their leases run out by themselves."""
        return len(self._results) + self._slots.held

    @property
    def ready(self) -> bool:
        """Registered, and not about to stop."""
        return self._worker is not None and not self._stopping

    @property
    def claims_health(self) -> dict[str, Any]:
        """Whether its claims succeed."""
        return self._claims.health(time.monotonic())

    @property
    def model(self) -> str:
        return self._pipeline.provider.model

    @property
    def in_flight(self) -> int:
        return self._slots.held

    @property
    def heard_at(self) -> float | None:
        """When the listening connection last answered, by the monotonic clock; None where there is none to answer."""
        return self._listener.heard_at if self._listener else None

    def force_stop(self) -> None:
        """Stops without waiting for calls: they are cut off, recorded and released."""
        self.stop()
        self._force_stopping = True
        self._slots.force_stop()
        self._wakeup.set()

    # -- the loop ----------------------------------------------------------------------------------------------

    async def _run_loop(self) -> None:
        backoff = ReconnectBackoff()
        await self._ready.wait()
        while not self._ended():
            await self._wait_for_work()
            if time.monotonic() > self._stop_by and not self._force_stopping:
                self.force_stop()
            try:
                await self._run_once()
                backoff.reset()
            except Exception as error:  # noqa: BLE001 - whatever it is, it must neither end the worker nor come again in haste
                # Nothing is lost: results stay here, and a finish that did take effect is recognised by its claim.
                code = getattr(error, "sqlstate", None)
                _log.warning("database.error", error=type(error).__name__, sqlstate=code)
                self._watermark.request_full_scan()
                if self._force_stopping or time.monotonic() > self._stop_by:
                    _log.error("worker.shutdown_incomplete", unrecorded=self.abandoned)
                    return
                await backoff.wait(self._slots.force_stop_event, most=max(0.0, self._stop_by - time.monotonic()))
                self._wakeup.set()

    def _ended(self) -> bool:
        idle = not (self._slots.busy or self._results.ready or self._unacknowledged)
        if self._stopping:
            idle = idle and (self._force_stopping or not self._evaluator.busy)
            return idle and (not self._results.locked or self._force_stopping)
        return self._drain and self._drained and idle and not self._results.locked

    async def _wait_for_work(self) -> None:
        now = time.monotonic()
        due = self._results.next_offer_at(now + _LONGEST_WAIT_SECONDS)
        if self._claims.failing:
            due = min(due, self._claims.again_at if not self._stopping else due)
        elif self._free_capacity():
            due = min(due, self._attention.look_at)
        if not self._force_stopping:
            due = min(due, self._stop_by)
        if due > now and not self._results.ready:
            await wait_for_event(self._wakeup, due - now)
        self._wakeup.clear()

    def _free_capacity(self) -> int:
        """How many rows may be claimed now: the free slots, without those of results that are yet to be recorded."""
        if self._stopping or self._worker is None or not self._slots.routes or self._results.locked >= LOCKED_MOST:
            return 0
        if self._slots.held_characters >= _HELD_CHARACTERS or time.monotonic() < self._claims.again_at:
            return 0
        return min(BATCH, max(0, self._settings.concurrency - self._slots.held - self._results.ready))

    async def _run_once(self) -> None:
        now = time.monotonic()
        suspect = self._results.suspect
        finished = self._results.take()
        if not finished:
            await self._offer_locked(now)
        limit = 0 if suspect else self._free_capacity()
        looks = limit > 0 and (now >= self._attention.look_at or self._claims.failing)
        if finished or looks or self._unacknowledged:
            await self._finish_and_claim(finished, limit, now, looks=looks)
        passed = await self._bell.mind(
            full=self._free_capacity() == 0, stopping=self._stopping, registered=self._worker is not None
        )
        if passed and self._peers:
            await self._store.hand_off_doorbell()

    async def _finish_and_claim(self, finished: list[AttemptResult], limit: int, now: float, *, looks: bool) -> None:
        """One round trip where all is well, else each by itself: an error of the one is not the other's.

        `looks`: a look for work was due, not just possible on the way.
        """
        if not (finished and limit and self._claims.failing):
            try:
                await self._ask(finished, limit, now, looks=looks)
            except asyncpg.PostgresError:
                if not (finished and limit):
                    raise
            else:
                return
        await self._ask(finished, 0, now, looks=False)
        await self._ask([], limit, now, looks=looks)

    async def _ask(self, finished: list[AttemptResult], limit: int, now: float, *, looks: bool) -> None:
        worker, claim_id = self._worker or 0, secrets.randbits(62)
        try:
            async with self._turning:
                await self._release_unacknowledged()
                full = self._begin(finished, now)
                lease_ends = time.monotonic() + self._settings.lease_seconds
                if finished:
                    failpoints.reach("before_finish")
                outcomes, claims = await self._store.finish_and_claim(
                    finished, worker=worker, claim_id=claim_id, limit=limit,
                    lease_seconds=self._settings.lease_seconds, from_id=0 if full else self._watermark.from_id,
                )  # fmt: skip
        except BaseException as error:
            # Else they come back with the number, or the server has undone them.
            if limit and worker == self._worker and not isinstance(error, asyncpg.PostgresError):
                self._unacknowledged.append((worker, claim_id, limit))
            if not self._failed(error, finished, limit):
                raise
            return
        self._results.settle(finished, outcomes, self._policy, time.monotonic())
        if finished:
            failpoints.reach("after_finish")
            self._on_progress(self.counts)
        if limit and self._claims.failing:
            _log.info("claims.succeed", failed_seconds=self._claims.seconds(time.monotonic()))
            self._claims.succeeded()
        if claims:
            failpoints.reach("after_claim")
            self._slots.start(claims, worker, lease_ends)
        self._record_scan(claims, limit, looks=looks, full=full)
        if self._drain:
            self._drained = looks and full and not claims and await self._nothing_is_due()

    def _begin(self, finished: list[AttemptResult], now: float) -> bool:
        """Whether the look that begins is a full one."""
        if any(one.verdict is Verdict.RELEASE for one in finished):
            self._watermark.request_full_scan()  # what is put back keeps its place, which may be below the mark
        self._attention.looking()
        return self._watermark.begin(now)

    def _failed(self, error: BaseException, finished: list[AttemptResult], limit: int) -> bool:
        """Whether other work may go on; else nothing can be done now, or it is not known which of the two it was."""
        code = getattr(error, "sqlstate", None)
        if finished and limit and isinstance(error, asyncpg.PostgresError):
            return False
        if self._results.failed(finished, code, self._policy, alone=not limit):
            _log.warning("finish.failed", results=len(finished), sqlstate=code)
            self._wakeup.set()
            return True
        if not limit or not isinstance(error, Exception) or (isinstance(error, DatabaseUnreachable) and not code):
            return False
        now = time.monotonic()
        self._watermark.request_full_scan()
        name = type(error).__name__
        if self._claims.failed(str(code or name), now, random.random()):  # noqa: S311 - spreads waits only
            _log.error("claims.failing", error=name, sqlstate=code, failing_seconds=self._claims.seconds(now))
        return True

    def _record_scan(self, claims: list[Claim], limit: int, *, looks: bool, full: bool) -> None:
        now = time.monotonic()
        if limit:
            if claims or looks:
                self._attention.claimed(now, got=len(claims), asked=limit)
            in_turn = [claim.outbox_id for claim in claims if not claim.out_of_turn]
            self._watermark.claimed(now, in_turn[-1] if in_turn else None, more=len(claims) == limit)
        if self._free_capacity() == 0:
            self._attention.full()
        else:
            self._attention.slot_freed(now)
            if any(claim.rfq is not None and len(claim.rfq.message) > _LONG_CHARACTERS for claim in claims):
                self._watermark.request_full_scan()  # of long ones only so many are claimed at once
                self._attention.look_at = now
            if limit and not full:  # what has a low id and came late is seen by a full look only
                self._attention.look_at = min(self._attention.look_at, self._watermark.full_at)

    async def _release_unacknowledged(self) -> None:
        """A claim may have taken effect though its reply was lost; without this its rows would wait for their lease."""
        for unacknowledged in list(self._unacknowledged):
            await self._store.release_unacknowledged(*unacknowledged)
            if unacknowledged in self._unacknowledged:  # else the number has been lost meanwhile
                self._unacknowledged.remove(unacknowledged)

    async def _nothing_is_due(self) -> bool:
        """A beat brings back what is due again, a part at a time."""
        if self._worker is None:
            return False
        beat = await self._side.beat(self._worker, self._slots.held, self._policy_seen, self._event_seen, 0)
        due = beat.waiting or beat.next_due_seconds == 0
        if due and self._policy.mode == "on":
            self._watermark.request_full_scan()
            self._woken()
        return not due or self._policy.mode != "on"

    @property
    def _arming(self) -> asyncio.Task[None] | None:
        return self._bell.arming

    # -- claims in, results out ------------------------------------------------------------------------------------

    def _end(self, result: AttemptResult) -> None:
        self._results.add(result)
        self._wakeup.set()

    def _recorded(self, result: AttemptResult, outcome: str | None) -> None:
        self._completion_notifier.note(result, outcome)
        self._on_recorded(result, outcome)

    async def _offer_locked(self, now: float) -> None:
        """Results whose RFQ was locked, once more; their leases are kept alive meanwhile."""
        due = self._results.due(now, last=self._stopping)
        if not due:
            return
        try:
            async with self._turning:
                outcomes, _ = await self._store.finish_and_claim(
                    due, worker=0, claim_id=0, limit=0, lease_seconds=self._settings.lease_seconds, from_id=0
                )
        except (DatabaseUnreachable, asyncpg.PostgresError) as error:
            if not self._results.failed(self._results.unlock(due), error.sqlstate, self._policy, alone=True):
                raise
            return
        self._results.settle(due, outcomes, self._policy, time.monotonic())
        if self._results.locked and now >= self._renew_at:
            await self._store.renew(self._results.leases, self._settings.lease_seconds)
            self._renew_at = now + self._settings.lease_seconds / 4

    # -- the tasks around it -----------------------------------------------------------------------------------

    def _woken(self) -> None:
        self._attention.woken(time.monotonic())
        self._wakeup.set()

    async def _keep_registered(self) -> None:
        """Keeps the worker registered: a lost session means a new number, and the old one's calls are cut off."""
        backoff = ReconnectBackoff()
        lost: int | None = None
        while True:
            try:
                number = await self._register()
                await self._side.register_prompt(self._prompt_text)
                if lost is not None:
                    await self._flush_results(5.0)
                    async with self._turning:  # a claim under the old number that is still under way
                        await self._side.reclaim(lost)
                    lost = None
            except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                _log.warning("worker.registration_failed", error=type(error).__name__)
                await backoff.wait()
                continue
            backoff.reset()
            self._worker = number
            self._claims.noted = not self._claims.failing
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
            _log.warning("worker.session_lost", worker=number, in_flight=self._slots.held)
            # The lock that proved us alive is gone: others may take our claims over, so nothing may go on under them.
            await self._slots.cut()
            self._results.park_all()
            self._unacknowledged.clear()  # they come back with the number

    async def _flush_results(self, seconds: float) -> None:
        """What is finished was paid for: it is recorded under its claim before the claims are given back."""
        by = time.monotonic() + seconds
        while (len(self._results) or self._turning.locked()) and time.monotonic() < by:
            self._results.park_all()  # also what turned out to be locked just now
            self._wakeup.set()
            await asyncio.sleep(0.01)

    async def _register(self) -> int:
        about = {
            "host": socket.gethostname(), "pid": os.getpid(), "version": __version__,
            "provider": self._pipeline.provider.name, "model": self._pipeline.provider.model,
            "concurrency": self._settings.concurrency,
        }  # fmt: skip
        if self._session:
            return await self._session.register(**about)
        return await self._side.register(**about, lock=False)  # type: ignore[arg-type] # the keywords above

    async def _beat(self) -> None:
        """Once a second: liveness, policy, what is due, what waits."""
        await self._ready.wait()
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            pause = jittered(min(_BEAT_SECONDS, self._settings.poll_seconds), draw=random.random())  # noqa: S311 - spreads beats only
            worker = self._worker
            if worker is None:
                continue
            try:
                began = time.monotonic()
                from_id = self._watermark.heartbeat_scan_start(began)
                beat = await self._side.beat(worker, self._slots.held, self._policy_seen, self._event_seen, from_id)
                if from_id == 0:
                    self._watermark.looked(began, time.monotonic())
                await self._heed(beat, full=from_id == 0)
                await note_failures(self._side, worker, self._claims, self._steps, beat.failed_steps)
            except Exception as error:  # noqa: BLE001 - as in `_turns`: without beats nothing due would come back
                _log.warning("heartbeat.failed", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
                continue
            if beat.next_due_seconds is not None:
                pause = min(pause, beat.next_due_seconds + 0.005)

    async def _heed(self, beat: Heartbeat, *, full: bool) -> None:
        self._peers = beat.peers
        self._completion_notifier.heed(watched=beat.watched)
        self._evaluator.heed(wanted=beat.evaluation)
        if beat.policy is not None and beat.routes is not None:
            self._on_prices(beat.prices)
            self._slots.follow(beat.policy, beat.routes)
            self._woken()
            self._policy_seen = beat.policy_seen
        self._event_seen = beat.event_seen
        for event in beat.events:
            _log.warning(event.kind.replace("_", ".", 1), **event.details)
        if not beat.known:  # taken for dead: a new number is due
            self._forgotten.set()
            if self._session:
                await self._session.close()
        if beat.waiting and self._free_capacity():
            if full:  # what waits may lie below the mark
                self._watermark.request_full_scan()
            self._woken()
        elif full and not beat.waiting and not self._drain:  # a drain ends by its own looks
            self._attention.nothing_waits(time.monotonic())

    async def _when_ready(self, run: Callable[[], Awaitable[None]]) -> None:
        await self._ready.wait()
        await run()

    @property
    def _policy(self) -> Policy:
        return self._slots.policy

    async def _leave(self) -> None:
        worker = self._worker
        # With results that could not be recorded, or a claim whose reply was cut off, the number stays: whoever finds
        # it dead takes their claims back.
        if worker is not None and not self.abandoned and not self._unacknowledged:
            try:
                async with asyncio.timeout(2):
                    await self._side.retire(worker)
            except (DatabaseUnreachable, asyncpg.PostgresError, TimeoutError):
                pass  # the row goes with its lock, at somebody's next beat
        if self._session:
            await self._session.close()
        for line in self._lines:
            await line.close()
