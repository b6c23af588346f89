"""The heartbeat: once a second the worker reports that it is alive, and learns of changes and of work that waits."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, NoReturn

import structlog

from rfqflow.core.queue.backoff import jittered
from rfqflow.core.queue.claim_failures import Steps
from rfqflow.maintenance.scheduler import note_failures

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.store.encoding import Heartbeat, ModelSettings
    from rfqflow.store.queue import QueueStore
    from rfqflow.worker.completion_notifier import CompletionNotifier
    from rfqflow.worker.draft_jobs import DraftWriter
    from rfqflow.worker.evaluation_jobs import EvaluationWorker
    from rfqflow.worker.executor import Executor
    from rfqflow.worker.registration import Registration
    from rfqflow.worker.state import WorkerState

_log = structlog.get_logger()
# Longest interval in seconds, even for a worker that polls rarely: heartbeats find dead workers and apply policy
# changes.
BEAT_SECONDS = 1.0


class HeartbeatLoop:
    """Passes the heartbeat's results to the parts of the worker."""

    def __init__(
        self,
        state: WorkerState,
        slots: Executor,
        registration: Registration,
        completion_notifier: CompletionNotifier,
        evaluator: EvaluationWorker,
        drafts: DraftWriter,
        *,
        side: QueueStore,
        free_capacity: Callable[[], int],
        on_models: Callable[[ModelSettings], None],
    ) -> None:
        self._state = state
        self._settings = state.settings
        self._slots = slots
        self._registration = registration
        self._completion_notifier = completion_notifier
        self._evaluator = evaluator
        self._drafts = drafts
        self._side = side
        self._free_capacity = free_capacity
        self._on_models = on_models
        self._steps = Steps()

    async def run(self) -> NoReturn:
        """Sends a heartbeat once a second, or more often if the worker polls more often, until cancelled."""
        state, pause = self._state, 0.0
        await state.ready.wait()
        while True:
            await asyncio.sleep(pause)
            pause = jittered(min(BEAT_SECONDS, self._settings.poll_seconds), draw=random.random())  # noqa: S311 - spreads beats only
            worker = state.worker
            if worker is None:
                continue
            try:
                began = time.monotonic()
                from_id = state.watermark.heartbeat_scan_start(began)
                beat = await self._side.beat(worker, self._slots.held, state.policy_seen, state.event_seen, from_id)
                if from_id == 0:
                    state.watermark.looked(began, time.monotonic())
                await self._apply(beat, full=from_id == 0)
                await note_failures(self._side, worker, state.claims, self._steps, beat.failed_steps)
            except Exception as error:  # noqa: BLE001 - as in the claim loop: without heartbeats, no deferred RFQ would become due again
                _log.warning("heartbeat.failed", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
                continue
            if beat.next_due_seconds is not None:
                pause = min(pause, beat.next_due_seconds + 0.005)

    async def _apply(self, beat: Heartbeat, *, full: bool) -> None:
        self._state.peers = beat.peers
        self._completion_notifier.on_heartbeat(watched=beat.watched)
        self._evaluator.on_heartbeat(wanted=beat.evaluation)
        self._drafts.on_heartbeat(wanted=beat.draft)
        if beat.policy is not None and beat.routes is not None:
            if beat.models is not None:
                self._on_models(beat.models)
            self._slots.update_policy(beat.policy, beat.routes)
            self._state.woken()
            self._state.policy_seen = beat.policy_seen
        self._state.event_seen = beat.event_seen
        for event in beat.events:
            _log.warning("fleet.event", kind=event.kind, **event.details)
        if not beat.known:  # another worker has declared this worker dead: register again
            await self._registration.forget()
        if beat.waiting and self._free_capacity():
            if full:  # the rows that wait may be below the low-water mark
                self._state.watermark.request_full_scan()
            self._state.woken()
        # In a drain, the claim loop's scans decide when to end.
        elif full and not beat.waiting and not self._state.drain:
            self._state.attention.nothing_waits(time.monotonic())
