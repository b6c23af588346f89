"""A worker's share of prompt trials. It stops a canary that is clearly worse, and runs shadows.

Once a day, one worker of the fleet compares the distribution of answers with earlier weeks.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, NoReturn

import asyncpg
import structlog

from rfqflow.core.errors import CallError, RfqflowError
from rfqflow.core.evaluation.canary_decision import look
from rfqflow.core.evaluation.drift import drifts
from rfqflow.core.queue.backoff import jittered
from rfqflow.core.results import ShadowResult
from rfqflow.enrichment.budgeted_calls import BudgetedCaller, NotAdmitted
from rfqflow.store.evaluation import EvaluationStore
from rfqflow.store.prompt_trials import ShadowTask, Trials
from rfqflow.store.retention import Retention

if TYPE_CHECKING:
    from rfqflow.core.records import Route
    from rfqflow.worker.side_job import SideJob

_log = structlog.get_logger()
STOPPED_BY = "rfqflow"
_LEAST_SECONDS = 5.0  # least seconds between two rounds
# The pause is this many times the time that a round took, so counting runs takes at most a hundredth of the time.
_SHARE_OF_TIME = 100
_AT_ONCE = 4
_TAKEN = 16
_DRIFT_SECONDS = 86_400.0
# Seconds between two checks whether the daily comparison is due: another worker may have made it.
_DRIFT_LOOK_SECONDS = 60.0
_DRIFT_WEEKS = 9


async def judge(trials: Trials) -> str | None:
    """Evaluates the running canary if an evaluation is due. Returns why it stopped the canary, or None."""
    trial = await trials.running("canary")
    if trial is None:
        return None
    figures = await trials.figures(trial)
    found = look(figures)
    if found is None or not await trials.record_canary_check(trial, found.number) or found.worse is None:
        return None
    await trials.end("canary", STOPPED_BY, f"clearly worse: {found.worse}", figures)
    _log.error(
        "canary.stopped", trial=trial, prompt_version=figures["prompt_version"], reason=found.worse,
        rfqs=figures["candidate"]["rfqs"], remedy=f"rfqflow prompt trial {trial}",
    )  # fmt: skip
    return found.worse


class PromptTrialMonitor:
    """Runs one worker's share of the fleet's trials."""

    def __init__(self, job: SideJob) -> None:
        self._pipeline = job.pipeline
        self._asked = Trials(job.side.line)
        self._store = job.own
        self._prompts = job.prompts
        self._current = job.current
        self._trials = Trials(job.own.line)
        self._evaluations = EvaluationStore(job.own.line)
        self._maintenance = Retention(job.side.line)
        self._drift_at = 0.0
        self._calls = BudgetedCaller(
            job.pipeline, self._evaluations, job.current()[0], deadline_seconds=job.deadline_seconds, purpose="shadow"
        )

    async def run(self) -> NoReturn:
        """Runs until cancelled. A shadow call that is cancelled is charged its full hold."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            started = time.monotonic()
            try:
                canary, shadow = await self._asked.both_running()
                if canary is not None:
                    await judge(self._trials)
                pause = _LEAST_SECONDS + _SHARE_OF_TIME * (time.monotonic() - started)
                if shadow is not None and await self.shadow_once():
                    pause = 0.0
                await self._mind_drift()
                if canary is None and shadow is None:
                    await self._store.line.close()
            except (RfqflowError, asyncpg.PostgresError) as error:
                _log.warning(
                    "prompt_trial.error", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None)
                )
                pause = _LEAST_SECONDS
            pause = jittered(pause, draw=random.random())  # noqa: S311 - spreads only

    async def _mind_drift(self) -> None:
        if time.monotonic() < self._drift_at:
            return
        self._drift_at = time.monotonic() + _DRIFT_LOOK_SECONDS
        if await self._maintenance.take("drift", _DRIFT_SECONDS):
            began = time.monotonic()
            moved = [drift.what for drift in drifts(await self._evaluations.weekly(_DRIFT_WEEKS)) if drift.warns]
            await self._evaluations.record_drift(moved)
            await self._maintenance.note(
                "drift", rows=len(moved), took_ms=(time.monotonic() - began) * 1000, next_seconds=_DRIFT_SECONDS
            )

    async def shadow_once(self) -> int:
        """Sends some new RFQs to the running shadow. Returns their number."""
        if self._pipeline.provider.free:
            return 0
        tasks = await self._trials.claim_shadow(_TAKEN)
        if not tasks:
            return 0
        policy, routes = self._current()
        self._calls.follow(policy)
        await self._prompts.learn(self._store, {task.version for task in tasks})
        self._prompts.routes_changed()
        slots = asyncio.Semaphore(_AT_ONCE)

        async def ask(task: ShadowTask) -> ShadowResult:
            async with slots:
                return await self._ask(task, routes)

        await self._trials.finish_shadow(await asyncio.gather(*(ask(task) for task in tasks)))
        return len(tasks)

    async def _ask(self, task: ShadowTask, routes: tuple[Route, ...]) -> ShadowResult:
        provider = self._pipeline.provider
        model = task.model if task.model in provider.models else provider.model
        prompt = self._prompts.get(task.version, routes)
        if prompt is None:
            return ShadowResult(task.trial, task.rfq.rfq_id, model, "prompt_unusable")
        try:
            result = await self._calls.ask(task.rfq, routes, prompt, model)
        except NotAdmitted:
            return ShadowResult(task.trial, task.rfq.rfq_id, model, "refused")
        outcome, error_class = result.outcome, None
        if isinstance(outcome, CallError):
            answer, error_class = None, str(outcome.error_class)
        else:
            answer = outcome.answer
        return ShadowResult(
            task.trial, task.rfq.rfq_id, model, error_class, result.latency_ms, result.cost_usd, answer
        )  # fmt: skip
