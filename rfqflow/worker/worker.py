"""The worker: the tasks of one process, from its registration to its stop."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import structlog

from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.enrichment.prompt_cache import PromptCache
from rfqflow.maintenance.scheduler import maintain
from rfqflow.settings import FINISH_MARGIN_SECONDS
from rfqflow.store.queue import QueueStore
from rfqflow.store.retention import Retention
from rfqflow.worker.completion_notifier import CompletionNotifier
from rfqflow.worker.draft_jobs import DraftWriter
from rfqflow.worker.evaluation_jobs import EvaluationWorker
from rfqflow.worker.executor import Executor
from rfqflow.worker.heartbeat import HeartbeatLoop
from rfqflow.worker.leftover_recorder import LeftoverRecorder
from rfqflow.worker.listener import Bell, NotificationListener, WorkerSession
from rfqflow.worker.loop import ClaimLoop
from rfqflow.worker.prompt_trials import PromptTrialMonitor
from rfqflow.worker.registration import Registration
from rfqflow.worker.result_buffer import BLAME_SECONDS, ResultBuffer
from rfqflow.worker.side_job import SideJob
from rfqflow.worker.state import WorkerState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from rfqflow.core.prompting.prompt import PromptText
    from rfqflow.core.results import AttemptResult
    from rfqflow.enrichment.pipeline import Pipeline
    from rfqflow.settings import Settings
    from rfqflow.store.encoding import ModelSettings
    from rfqflow.worker.result_buffer import OutcomeCounts

_log = structlog.get_logger()
_CONNECTIONS = ("work", "facts", "beat", "trials", "keep", "evaluation", "leftover", "drafts")
_WORK_SECONDS = 10.0  # time limit in seconds of the statement that finishes and claims


def _connection(dsn: str, name: str, *, pooled: bool) -> ReconnectingConnection:
    # The server ends a statement that hangs, since it locks the RFQs of its batch and a cancel request may not arrive.
    seconds = _WORK_SECONDS if name == "work" else 0
    return ReconnectingConnection(dsn, f"rfqflow {name}", pooled=pooled, server_seconds=seconds)


class Worker:
    """One worker process.

    `run` returns after a stop or, with `drain`, when no RFQ is due. After `stop`, the worker claims no more and
    finishes its claims. `force_stop` also cancels calls in flight.
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
        on_models: Callable[[ModelSettings], None] = lambda _: None,
        on_recorded: Callable[[AttemptResult, str | None], None] = lambda *_: None,
        blame_seconds: float = BLAME_SECONDS,
        about: Mapping[str, list[dict[str, str]]] = MappingProxyType({}),
    ) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._on_recorded = on_recorded
        self._state = state = WorkerState(settings)
        self._lines = [_connection(database_url, name, pooled=pooled) for name in _CONNECTIONS]
        work, facts, self._side, trials, _, evaluation, leftover, drafts = (QueueStore(line) for line in self._lines)
        self._session = WorkerSession(listen_url) if direct else None
        self._listener = NotificationListener(listen_url, state.woken) if direct and settings.listen == "auto" else None
        self._slots = slots = Executor(
            pipeline, facts, PromptCache(prompt_text), deadline_seconds=settings.call_deadline_seconds,
            lease_seconds=settings.lease_seconds, is_ours=lambda number: number == state.worker, on_end=self._end,
            on_change=state.wakeup.set, uris=(settings.attachment_root, settings.attachment_hosts),
        )  # fmt: skip
        self._results = results = ResultBuffer(self._recorded, blame_seconds=blame_seconds)
        self._leftovers = LeftoverRecorder(
            leftover, results, lambda: slots.policy, lease_seconds=settings.lease_seconds,
            is_last=lambda: state.stopping, on_change=state.wakeup.set,
        )  # fmt: skip
        self._completion_notifier = CompletionNotifier(self._side.line)
        side_job = partial(
            SideJob, pipeline, self._side, current=lambda: (slots.policy, slots.routes),
            deadline_seconds=settings.call_deadline_seconds,
        )  # fmt: skip
        self._prompt_trials = PromptTrialMonitor(side_job(trials, PromptCache(prompt_text)))
        self._evaluator = EvaluationWorker(
            side_job(evaluation, PromptCache(prompt_text)), on_change=state.wakeup.set
        )  # fmt: skip
        self._drafts = DraftWriter(side_job(drafts, PromptCache(prompt_text)), on_change=state.wakeup.set)
        self._bell = Bell(
            state.attention, self._session, self._listener, poll_seconds=settings.poll_seconds,
            on_taken=state.watermark.request_full_scan, on_change=state.wakeup.set,
        )  # fmt: skip
        self._loop = ClaimLoop(
            state, slots, results, self._bell, store=work, side=self._side, on_overdue=self.force_stop,
            has_side_call=lambda: self._evaluator.busy or self._drafts.busy, on_progress=on_progress,
        )  # fmt: skip
        self._registration = Registration(
            state, slots, results, side=self._side, session=self._session, provider=pipeline.provider,
            prompt_text=prompt_text, about=about,
        )  # fmt: skip
        self._heartbeat = HeartbeatLoop(
            state, slots, self._registration, self._completion_notifier, self._evaluator, self._drafts, side=self._side,
            free_capacity=self._loop.free_capacity, on_models=on_models,
        )  # fmt: skip

    async def run(self, *, drain: bool = False) -> OutcomeCounts:
        """Runs until it is stopped. Raises errors after which no work is possible (SchemaMismatch, ConfigError)."""
        self._state.drain = drain
        side: list[Coroutine[Any, Any, None]] = [
            self._registration.keep(), self._heartbeat.run(), self._completion_notifier.run(), self._leftovers.run(),
            self._when_ready(self._prompt_trials.run),
            self._when_ready(partial(
                maintain, self._side, Retention(self._side.line), Retention(self._lines[4]),
                lambda: self._slots.policy.sweep_seconds, self._settings.archive_dir,
            )),
        ]  # fmt: skip
        if not drain:  # a drain ends when the queue is empty, and must not wait for a long evaluation
            side += [self._when_ready(self._evaluator.run), self._when_ready(self._drafts.run)]
        if self._listener:
            side.append(self._listener.run())
        tasks = [asyncio.create_task(coroutine) for coroutine in side]
        turns = asyncio.create_task(self._loop.run(), name="turns")
        try:
            done, _ = await asyncio.wait([turns, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                # a side task never ends by itself; if one has ended, stop the worker, which cannot work without it
                task.result()
        finally:
            left = [turns, *tasks, *self._slots.tasks, *([self._bell.arming] if self._bell.arming else [])]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await self._registration.leave(self.abandoned)
            # close all at once: a dead connection takes a second to close
            await asyncio.gather(*(line.close() for line in self._lines))
        return self.counts

    def stop(self) -> None:
        """Stops the worker: it claims no more and finishes its claims."""
        state = self._state
        if not state.stopping:
            _log.info("worker.stopping", in_flight=self._slots.held, worker=state.worker)
            state.stop_by = time.monotonic() + self._settings.call_deadline_seconds + FINISH_MARGIN_SECONDS
        state.stopping = True
        self._slots.stop()
        self._evaluator.stop()
        self._drafts.stop()
        state.ready.set()
        state.wakeup.set()

    @property
    def counts(self) -> OutcomeCounts:
        """The number of results so far, by outcome."""
        return self._results.counts

    @property
    def abandoned(self) -> int:
        """Number of results that the worker could not record before it had to stop. Their leases expire."""
        return self._loop.abandoned

    @property
    def ready(self) -> bool:
        """Whether the worker is registered and not about to stop."""
        return self._state.worker is not None and not self._state.stopping

    @property
    def claims_health(self) -> dict[str, object]:
        """The state of its claims for `/healthz`: whether they succeed, and since when they fail."""
        return self._state.claims.health(time.monotonic())

    @property
    def model(self) -> str:
        return self._pipeline.provider.model

    @property
    def in_flight(self) -> int:
        return self._slots.held

    @property
    def heard_at(self) -> float | None:
        """Time of the listener's last answer, by the monotonic clock; None without a listener."""
        return self._listener.heard_at if self._listener else None

    def force_stop(self) -> None:
        """Stops without waiting for calls: the worker cancels and records them, and releases their claims."""
        self.stop()
        self._state.force_stopping = True
        self._slots.force_stop()
        self._state.wakeup.set()

    def _end(self, result: AttemptResult) -> None:
        self._results.add(result, time.monotonic())
        self._state.wakeup.set()

    def _recorded(self, result: AttemptResult, outcome: str | None) -> None:
        self._completion_notifier.note(result, outcome)
        self._on_recorded(result, outcome)

    async def _when_ready(self, run: Callable[[], Awaitable[None]]) -> None:
        await self._state.ready.wait()
        await run()
