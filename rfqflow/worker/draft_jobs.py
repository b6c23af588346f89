"""Lets a model write the drafts of replies that people request. The calls count against the budget of scope draft.

A worker holds a request by a lease. A request finishes with the model's draft or with a reason. If the RFQ has no draft
then, the worker writes a draft from a template.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import asyncpg
import structlog

from rfqflow.core.errors import CallError, RfqflowError
from rfqflow.core.queue.backoff import jittered
from rfqflow.enrichment.budgeted_calls import BudgetedCaller, NotAdmitted
from rfqflow.llm.reading_thread import is_long, read_apart
from rfqflow.store.evaluation import EvaluationStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.drafting.reply import Draft
    from rfqflow.enrichment.budgeted_calls import CallResult
    from rfqflow.store.drafts import DraftStore, DraftTask
    from rfqflow.worker.side_job import SideJob

_log = structlog.get_logger()
_LOOK_SECONDS = 1.0
_LEASE_MARGIN_SECONDS = 30.0  # part of the lease beyond the time of two calls, for admission and recording


class DraftWriter:
    """Writes one worker's share of the fleet's drafts. Imports the modules that it needs with the first draft."""

    def __init__(self, job: SideJob, *, on_change: Callable[[], None] = lambda: None) -> None:
        """Calls `on_change` when it is no longer `busy`."""
        self._on_change = on_change
        self.busy = False
        self._pipeline = job.pipeline
        self._line = job.own.line
        self._current = job.current
        self._deadline_seconds = job.deadline_seconds
        self._calls = BudgetedCaller(
            job.pipeline, EvaluationStore(job.own.line), job.current()[0], deadline_seconds=job.deadline_seconds,
            purpose="draft",
        )  # fmt: skip
        self._wanted = asyncio.Event()
        self._stopped = False

    def on_heartbeat(self, *, wanted: bool) -> None:
        """Applies the heartbeat's news whether an unclaimed request waits."""
        if wanted:
            self._wanted.set()

    def stop(self) -> None:
        """Claims no more requests; finishes the current draft, since its call is paid for."""
        self._stopped = True

    async def run(self) -> NoReturn:
        """Runs until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                while not self._stopped and await self.once():
                    pass
                await self._line.close()
            except Exception as error:  # noqa: BLE001 - an error in a draft must not end the worker; the lease of its request expires
                _log.warning(
                    "draft.claim_failed", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None)
                )
            await asyncio.sleep(jittered(_LOOK_SECONDS, draw=random.random()))  # noqa: S311 - spreads only

    async def once(self) -> bool:
        """Claims the oldest request, if any, and finishes it."""
        from rfqflow.store.drafts import DraftStore  # noqa: PLC0415 - as the class says

        store = DraftStore(self._line)
        lease_seconds = 2 * self._deadline_seconds + _LEASE_MARGIN_SECONDS
        self.busy = True
        try:
            task = await store.take(secrets.randbits(62), lease_seconds)
            if task is None:
                return False
            await self._ended(store, task, lease_seconds)
        finally:
            self.busy = False
            self._on_change()
        return True

    async def _ended(self, store: DraftStore, task: DraftTask, lease_seconds: float) -> None:
        spent_usd = self._calls.spent_usd
        try:
            async with asyncio.timeout(lease_seconds):
                outcome = await self._written(store, task)
        except asyncio.CancelledError:
            with contextlib.suppress(RfqflowError, asyncpg.PostgresError, TimeoutError):
                async with asyncio.timeout(1):
                    # the call was made and paid for: let a person decide whether to pay for another call
                    if self._calls.spent_usd > spent_usd:
                        await self._without_model(store, task, "stopped")
                    else:
                        await store.release(task)
            raise
        except TimeoutError:
            outcome = await self._without_model(store, task, "timeout")
        except Exception as error:  # noqa: BLE001 - an error over one message must not end the worker, or repeat forever
            _log.warning("draft.internal_error", request=task.request, error=type(error).__name__)
            outcome = await store.finish(task, "internal", None)
        _log.info("draft.finished", request=task.request, outcome=outcome)

    async def _written(self, store: DraftStore, task: DraftTask) -> str:
        from rfqflow.core.drafting.asks import asks_of  # noqa: PLC0415 - as the class says
        from rfqflow.core.drafting.order import DraftAnswer, Order  # noqa: PLC0415
        from rfqflow.core.drafting.reply import language_for  # noqa: PLC0415
        from rfqflow.prompts import shipped  # noqa: PLC0415

        provider = self._pipeline.provider
        order = Order(task.facts, asks_of(task.facts), language_for(task.facts, task.language) or "en")
        judge = partial(order.refusal, task.rfq)
        refusal = "no_model" if provider.free else await read_apart(judge) if is_long(task.rfq) else judge()
        if refusal:
            return await self._without_model(store, task, refusal)
        self._calls.follow(self._current()[0])
        try:
            result = await self._calls.ask_for_draft(
                task.rfq, order.prompt(shipped("draft")), provider.model, order.read
            )
        except NotAdmitted as refused:
            return await self._without_model(store, task, refused.refusal)
        said = result.outcome
        if isinstance(said, CallError):
            return await self._without_model(store, task, str(said.error_class), result)
        if not isinstance(said.answer, DraftAnswer):
            return await self._without_model(store, task, "internal", result)
        return await store.finish(
            task, "written", order.draft(said.answer), model=result.model, cost_usd=result.cost_usd,
            latency_ms=result.latency_ms,
        )  # fmt: skip

    @staticmethod
    async def _without_model(store: DraftStore, task: DraftTask, why: str, result: CallResult | None = None) -> str:
        """Finishes the request with the reason. If the RFQ has no draft, stores a draft from a template."""
        draft = _by_template(task, why)
        if result is None:
            return await store.finish(task, why, draft)
        return await store.finish(
            task, why, draft, model=result.model, cost_usd=result.cost_usd, latency_ms=result.latency_ms
        )  # fmt: skip


def _by_template(task: DraftTask, why: str) -> Draft | None:
    from rfqflow.core.drafting.reply import draft  # noqa: PLC0415

    made = draft(task.facts, task.language)
    return replace(made, why=why) if made.asks else None
