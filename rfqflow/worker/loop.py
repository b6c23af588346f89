"""The loop that records results and claims RFQs, both in one statement.

`leftover_recorder` records results that failed with their batch. Finished calls, notifications and heartbeats only wake
the loop. It never claims more RFQs than it has free slots.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from typing import TYPE_CHECKING

import asyncpg
import structlog

from rfqflow import failpoints
from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.core.results import Verdict
from rfqflow.worker.listener import ReconnectBackoff, wait_for_event
from rfqflow.worker.result_buffer import BATCH, LOCKED_MOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.records import Claim
    from rfqflow.core.results import AttemptResult
    from rfqflow.store.queue import QueueStore
    from rfqflow.worker.executor import Executor
    from rfqflow.worker.listener import Bell
    from rfqflow.worker.result_buffer import OutcomeCounts, ResultBuffer
    from rfqflow.worker.state import WorkerState

_log = structlog.get_logger()
_LONGEST_WAIT_SECONDS = 60.0
# characters of long messages in progress; from this number on, the worker claims no more RFQs
_HELD_CHARACTERS = 4_000_000
_LONG_CHARACTERS = 8_000  # as in ai.read_rfqs, which calls a message long from 32 kB: up to four bytes per character


class ClaimLoop:
    """The claim loop of a worker. It ends after a stop; in a drain, it ends when no RFQ is due."""

    def __init__(
        self,
        state: WorkerState,
        slots: Executor,
        results: ResultBuffer,
        bell: Bell,
        *,
        store: QueueStore,
        side: QueueStore,
        has_side_call: Callable[[], bool],
        on_overdue: Callable[[], None],
        on_progress: Callable[[OutcomeCounts], None],
    ) -> None:
        """`side`: a store with its own connection, which a stalled claim does not block.

        `has_side_call` returns whether a stop must wait for a call of an evaluation or a draft. The loop calls
        `on_overdue` if a stop has waited too long for calls.
        """
        self._state = state
        self._settings = state.settings
        self._slots = slots
        self._results = results
        self._bell = bell
        self._store = store
        self._side = side
        self._has_side_call = has_side_call
        self._on_overdue = on_overdue
        self._on_progress = on_progress
        self._drained = False
        self._claim_turn = 0

    async def run(self) -> None:
        """Runs until a stop is complete, or until a drain finds no RFQ due."""
        backoff = ReconnectBackoff()
        await self._state.ready.wait()
        while not self._ended():
            await self._wait_for_work()
            if time.monotonic() > self._state.stop_by and not self._state.force_stopping:
                self._on_overdue()
            try:
                await self._run_once()
                backoff.reset()
            except Exception as error:  # noqa: BLE001 - an error must neither end the worker nor repeat without a pause
                # No result is lost: results stay in the buffer, and the database recognises a finish that has committed
                # by its claim.
                code = getattr(error, "sqlstate", None)
                _log.warning("database.error", error=type(error).__name__, sqlstate=code)
                self._state.watermark.request_full_scan()
                if self._state.force_stopping or time.monotonic() > self._state.stop_by:
                    _log.error("worker.shutdown_incomplete", unrecorded=self.abandoned)
                    return
                await backoff.wait(self._slots.force_stop_event, most=max(0.0, self._state.stop_by - time.monotonic()))
                self._state.wakeup.set()

    @property
    def abandoned(self) -> int:
        """Number of unrecorded results and unfinished claims."""
        return len(self._results) + self._slots.held

    def _ended(self) -> bool:
        idle = not (self._slots.busy or self._results.ready or self._state.unacknowledged)
        if self._state.stopping:
            idle = idle and (self._state.force_stopping or not self._has_side_call())
            return idle and (not self._results.locked or self._state.force_stopping)
        return self._state.drain and self._drained and idle and not self._results.locked

    async def _wait_for_work(self) -> None:
        state = self._state
        now = time.monotonic()
        due = now + _LONGEST_WAIT_SECONDS
        # A due scan ends the wait only if there is capacity. Otherwise, the change that frees capacity wakes the loop.
        if self._capacity():
            due = min(due, state.claims.again_at if state.claims.failing else state.attention.look_at)
        if not state.force_stopping:
            due = min(due, state.stop_by)
        if due > now and not self._results.ready:
            await wait_for_event(state.wakeup, due - now)
        else:
            await asyncio.sleep(0)  # let signals and timers run even if the loop never waits
        state.wakeup.clear()

    def free_capacity(self) -> int:
        """The number of rows that may be claimed now: free slots minus unrecorded results."""
        return 0 if time.monotonic() < self._state.claims.again_at else self._capacity()

    def _capacity(self) -> int:
        """As `free_capacity`, but without the pause after failed claims."""
        state = self._state
        if state.stopping or state.worker is None or not self._slots.routes or self._results.locked >= LOCKED_MOST:
            return 0
        if self._results.stalled:
            return 0
        if self._slots.held_characters >= _HELD_CHARACTERS:
            return 0
        return min(BATCH, max(0, self._settings.concurrency - self._slots.held - self._results.ready))

    async def _run_once(self) -> None:
        now = time.monotonic()
        finished = self._results.take()
        limit = self.free_capacity()
        looks = limit > 0 and (now >= self._state.attention.look_at or self._state.claims.failing)
        if finished or looks or self._state.unacknowledged:
            await self._finish_and_claim(finished, limit, now, looks=looks)
        passed = await self._bell.mind(
            full=self.free_capacity() == 0, stopping=self._state.stopping, registered=self._state.worker is not None
        )
        if passed and self._state.peers:
            await self._store.hand_off_doorbell()

    async def _finish_and_claim(self, finished: list[AttemptResult], limit: int, now: float, *, looks: bool) -> None:
        """Records and claims in one round trip.

        After an error, records and claims separately, so that one can succeed without the other.

        `looks`: a scan for work was due. Otherwise the scan is made only because the statement runs anyway.
        """
        if not (finished and limit and self._state.claims.failing):
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
        state = self._state
        # The last two octets of the claim id count the claims. From them, `ai.claim_outbox` decides which claim of few
        # rows takes the newest row.
        worker, claim_id = state.worker or 0, secrets.randbits(46) << 16 | 0xFFFF - self._claim_turn
        self._claim_turn = (self._claim_turn + (limit > 0)) % 8
        try:
            async with state.turning:
                await self._release_unacknowledged()
                full = self._begin(finished, now)
                lease_ends = time.monotonic() + self._settings.lease_seconds
                if finished:
                    failpoints.reach("before_finish")
                seconds, bounded = self._results.bound(finished, now) if finished else (None, False)
                outcomes, claims = await self._store.finish_and_claim(
                    finished, worker=worker, claim_id=claim_id, limit=limit,
                    lease_seconds=self._settings.lease_seconds, from_id=0 if full else state.watermark.from_id,
                    seconds=seconds, bounded=bounded,
                )  # fmt: skip
        except BaseException as error:
            # The claim may have committed without its reply. After a PostgresError, the server has rolled it back; a
            # lost worker id releases its claims.
            if limit and worker == state.worker and not isinstance(error, asyncpg.PostgresError):
                state.unacknowledged.append((worker, claim_id, limit))
            if not self._failed(error, finished, limit):
                raise
            return
        if finished and not outcomes:
            self._results.took(time.monotonic() - now, time.monotonic())
        self._results.settle(finished, outcomes, self._slots.policy, time.monotonic())
        if finished:
            failpoints.reach("after_finish")
            self._on_progress(self._results.counts)
        if limit and state.claims.failing:
            _log.info("claims.recovered", failed_seconds=state.claims.seconds(time.monotonic()))
            state.claims.succeeded()
        if claims:
            failpoints.reach("after_claim")
            self._slots.submit(claims, worker, lease_ends)
        self._record_scan(claims, limit, looks=looks, full=full)
        if state.drain:
            self._drained = looks and full and not claims and await self._nothing_is_due()

    def _begin(self, finished: list[AttemptResult], now: float) -> bool:
        """Prepares a scan. Returns whether the scan must cover the whole queue."""
        if any(result.verdict is Verdict.RELEASE for result in finished):
            # A requeued row keeps its position, which may be below the low-water mark.
            self._state.watermark.request_full_scan()
        self._state.attention.looking()
        return self._state.watermark.begin(now)

    def _failed(self, error: BaseException, finished: list[AttemptResult], limit: int) -> bool:
        """Handles a failed statement.

        Returns whether the loop may continue; False if the database is unavailable or the outcome is unknown.
        """
        code = getattr(error, "sqlstate", None)
        if finished and limit and isinstance(error, asyncpg.PostgresError):
            return False
        asked = isinstance(error, asyncpg.PostgresError) or getattr(error, "was_asked", False)
        if self._results.failed(finished, code, time.monotonic(), asked=asked):
            _log.warning("finish.failed", results=len(finished), sqlstate=code)
            self._state.wakeup.set()
            return True
        if not limit or not isinstance(error, Exception) or (isinstance(error, DatabaseUnreachable) and not code):
            return False
        now = time.monotonic()
        self._state.watermark.request_full_scan()
        name = type(error).__name__
        if self._state.claims.failed(str(code or name), now, random.random()):  # noqa: S311 - spreads waits only
            _log.error("claims.failing", error=name, sqlstate=code, failing_seconds=self._state.claims.seconds(now))
        return True

    def _record_scan(self, claims: list[Claim], limit: int, *, looks: bool, full: bool) -> None:
        state = self._state
        now = time.monotonic()
        if limit:
            if claims or looks:
                state.attention.claimed(now, got=len(claims), asked=limit)
            in_turn = [claim.outbox_id for claim in claims if not claim.out_of_turn]
            state.watermark.claimed(now, in_turn[-1] if in_turn else None, more=len(claims) == limit)
        if self.free_capacity() == 0:
            state.attention.full()
        else:
            state.attention.slot_freed(now)
            if any(claim.rfq is not None and len(claim.rfq.message) > _LONG_CHARACTERS for claim in claims):
                # One claim takes only a limited number of long messages, so more may wait.
                state.watermark.request_full_scan()
                state.attention.look_at = now
            if limit and not full:  # only a full scan sees a row that committed late and has a low id
                state.attention.look_at = min(state.attention.look_at, state.watermark.full_at)

    async def _release_unacknowledged(self) -> None:
        """Releases claims whose reply was lost, so that their rows need not wait for their lease."""
        for unacknowledged in list(self._state.unacknowledged):
            await self._store.release_unacknowledged(*unacknowledged)
            if unacknowledged in self._state.unacknowledged:  # the list was cleared if the worker id was lost meanwhile
                self._state.unacknowledged.remove(unacknowledged)

    async def _nothing_is_due(self) -> bool:
        """Returns whether no row is due, after deferred rows whose time has come are in the queue again."""
        state = self._state
        if state.worker is None:
            return False
        beat = await self._side.beat(state.worker, self._slots.held, state.policy_seen, state.event_seen, 0)
        due = beat.waiting or beat.next_due_seconds == 0
        if due and self._slots.policy.mode == "on":
            state.watermark.request_full_scan()
            state.woken()
        return not due or self._slots.policy.mode != "on"
