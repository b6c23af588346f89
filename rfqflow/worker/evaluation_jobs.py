"""Runs requested evaluations in a worker, so that a person who requests one needs no key of a model.

The fleet runs one evaluation at a time. Its calls count against the budget of scope evaluation and its own cap. A
worker holds an evaluation by a lease. Another worker resumes an abandoned evaluation, and does not repeat its answered
calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from typing import TYPE_CHECKING, NoReturn

import asyncpg
import structlog

from rfqflow.core.errors import DatabaseUnreachable, RfqflowError
from rfqflow.core.evaluation.metrics import measure
from rfqflow.core.queue.backoff import jittered
from rfqflow.enrichment.budgeted_calls import BudgetedCaller
from rfqflow.evaluation.report import as_json
from rfqflow.evaluation.runner import EvaluationOutcome, EvaluationTarget, ask_all
from rfqflow.store.evaluation import EvaluationRequest, EvaluationStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from rfqflow.worker.side_job import SideJob

_log = structlog.get_logger()
_LOOK_SECONDS = 2.0
NOTE_SECONDS = 1.0
_LEASE_SECONDS = 20.0
# After a lost lease, calls in flight get their deadline and these seconds before they are cancelled.
GRACE_SECONDS = 5.0
_AT_ONCE = 8
_STOPS, _LOST = "the worker stops", "another worker owns it"


class EvaluationWorker:
    """Runs one worker's share of the fleet's evaluations."""

    def __init__(self, job: SideJob, *, on_change: Callable[[], None] = lambda: None) -> None:
        """Calls `on_change` when it is no longer `busy`."""
        self._pipeline = job.pipeline
        self._asked = EvaluationStore(job.side.line)
        self._store = job.own
        self._evaluations = EvaluationStore(job.own.line)
        self._prompts = job.prompts
        self._current = job.current
        self._deadline_seconds = job.deadline_seconds
        self._on_change = on_change
        self._halted: str | None = None
        self._wanted = asyncio.Event()
        self.busy = False

    def on_heartbeat(self, *, wanted: bool) -> None:
        """Applies the heartbeat's news whether an unclaimed evaluation waits."""
        if wanted:
            self._wanted.set()

    def stop(self) -> None:
        """Claims nothing more and starts no call; calls in flight finish."""
        self._halted = self._halted or _STOPS

    async def run(self) -> NoReturn:
        """Runs until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if self._pipeline.provider.free or self._halted:
                continue  # the rules use no prompt, so there is nothing to evaluate
            try:
                await self.once()
            except Exception as error:  # noqa: BLE001 - an error in an evaluation must not end the worker; the evaluation's lease expires
                first = _first(error)
                _log.warning("evaluation.failed", error=type(first).__name__, sqlstate=getattr(first, "sqlstate", None))
            # Pause: each heartbeat also reports evaluations that only another worker's model can run.
            await asyncio.sleep(jittered(_LOOK_SECONDS, draw=random.random()))  # noqa: S311 - spreads only

    async def once(self) -> bool:
        """Claims a waiting evaluation, if any, and runs it to its end."""
        model = self._pipeline.provider.model
        wanted = await self._asked.take(model, secrets.randbits(62), _LEASE_SECONDS)
        if wanted is None:
            return False
        self.busy = True
        _log.info("evaluation.claimed", request=wanted.request, prompt_version=wanted.version, model=model)
        try:
            reason = await self._carry_out(wanted, model)
            await self._evaluations.leave(wanted, reason)
            _log.info("evaluation.finished", request=wanted.request, reason=reason or _STOPS)
        except asyncio.CancelledError:
            with contextlib.suppress(RfqflowError, asyncpg.PostgresError, TimeoutError):
                async with asyncio.timeout(1):
                    await self._evaluations.leave(wanted, None)
            raise
        finally:
            self.busy = False
            self._halted = self._halted if self._halted == _STOPS else None
            self._on_change()
            await self._store.line.close()
        return True

    async def _carry_out(self, wanted: EvaluationRequest, model: str) -> str | None:
        """Runs the evaluation. Returns why it ended; None if it is unfinished and another worker may resume it."""
        policy, routes = self._current()
        await self._prompts.learn(self._store, {wanted.version})
        self._prompts.routes_changed()
        prompt = self._prompts.get(wanted.version, routes)
        if prompt is None:
            return "stopped: the prompt does not fit the routes"
        provider = self._pipeline.provider
        cases = await self._evaluations.cases()
        calls = BudgetedCaller(
            self._pipeline, self._evaluations, policy, deadline_seconds=self._deadline_seconds, most_usd=wanted.left_usd
        )
        progress = _Progress(len(cases), calls)
        target = EvaluationTarget(
            provider.name, model, wanted.version, self._pipeline.measured(prompt, model), routes
        )  # fmt: skip
        asking = asyncio.create_task(ask_all(
            cases, target, calls, self._evaluations, source="db", concurrency=_AT_ONCE, actor=wanted.actor,
            on_progress=progress.follow, halted=lambda: self._halted,
        ))  # fmt: skip
        minding = asyncio.create_task(self._mind(wanted, progress, asking))
        try:
            outcome = await asking
        except asyncio.CancelledError:
            if self._halted != _LOST:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
                raise
            return None
        finally:
            minding.cancel()
            await asyncio.gather(minding, return_exceptions=True)
        if not await self._note(wanted, progress) or outcome.stopped in (_STOPS, _LOST):
            return None
        if outcome.stopped:
            return f"stopped: {outcome.stopped}"
        report = await asyncio.to_thread(
            measure, outcome.results, wanted.version, provider=provider.name, model=model, source="db"
        )
        await self._evaluations.finish(outcome.eval_run or 0, as_json(report))
        return "finished"

    async def _mind(
        self, wanted: EvaluationRequest, progress: _Progress, asking: asyncio.Task[EvaluationOutcome]
    ) -> None:
        """While this worker owns the evaluation, extends the lease and reports progress.

        When the worker has lost the evaluation, waits for calls in flight and cancels the rest.
        """
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            try:
                ours = await self._note(wanted, progress)
            except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                _log.warning("evaluation.progress_not_saved", error=type(error).__name__)
                continue
            if not ours:
                break
        self._halted = self._halted or _LOST
        await asyncio.sleep(self._deadline_seconds + GRACE_SECONDS)
        asking.cancel()  # ends what still waits for admission or for a limit of the fleet

    async def _note(self, wanted: EvaluationRequest, progress: _Progress) -> bool:
        spent = progress.calls.spent_usd
        ours = await self._evaluations.note(
            wanted, _LEASE_SECONDS, progress.eval_run, progress.cases, progress.answered, spent - progress.noted_usd
        )
        progress.noted_usd = spent
        return ours


class _Progress:
    """The progress of an evaluation, and the part of its cost already reported."""

    def __init__(self, cases: int, calls: BudgetedCaller) -> None:
        self.cases = cases
        self.calls = calls
        self.eval_run: int | None = None
        self.answered = 0
        self.noted_usd: Decimal = calls.spent_usd

    def follow(self, outcome: EvaluationOutcome) -> None:
        self.eval_run, self.answered = outcome.eval_run, len(outcome.results)


def _first(error: BaseException) -> BaseException:
    """The first error of the exception group."""
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error
