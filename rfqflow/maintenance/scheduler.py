"""Runs the maintenance steps, each with a limit. The first worker that finds a step due runs it.

An operator can run each step too. `ai.maintenance_status` shows when each step last ran, and how many rows it changed.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, NoReturn

import structlog

from rfqflow.core.errors import SchemaMismatch
from rfqflow.core.queue.backoff import jittered
from rfqflow.maintenance import archiving
from rfqflow.maintenance.relating import relate_due
from rfqflow.store.related import RelatedStore
from rfqflow.store.retention import Retention

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from rfqflow.core.queue.claim_failures import Claims, Steps
    from rfqflow.store.queue import QueueStore

_log = structlog.get_logger()
_PARTITIONS_SECONDS = 3600.0
_ATTACHMENT_SWEEPS = 6  # each sixth sweep also looks at attachments
_MINUTE = 60.0
VACUUM_SECONDS = 20.0
ARCHIVE_SECONDS = 3600.0
_RETRY_SECONDS = 300.0  # after a failure, so that ai.health does not show a repaired folder for another hour
_LOOK_SECONDS = 60.0  # between two checks whether the archive step is due; another worker may have run it
_ROLL_UPS = 20  # most roll-ups in a row, of 50,000 runs at most, so that a backlog does not delay the sweep

StepResult = tuple[str, int]  # the name of a step, and its number of rows


class MaintenanceRunner:
    """Runs the steps and records their results. A failed step runs again when it is due, and stops no other step."""

    def __init__(self, store: QueueStore, notes: Retention, sweep_seconds: Callable[[], float]) -> None:
        self._store = store
        self._notes = notes
        self.steps: dict[str, tuple[Callable[[], float], Callable[[], Awaitable[int]]]] = {
            "partitions": (lambda: _PARTITIONS_SECONDS, store.make_partitions),
            "workers": (lambda: _MINUTE, store.reclaim_stale),
            "holds": (lambda: _MINUTE, store.reap_holds),
            "prune": (lambda: _MINUTE, store.prune_guards),
            "attachment": (sweep_seconds, store.note_attachment),
            "erasures": (lambda: _MINUTE, notes.finish_erasures),
            "desk": (lambda: _MINUTE, self._desk),
            "roll_up": (sweep_seconds, self._roll_up),
            "sweep": (sweep_seconds, self._sweep),
            "related": (lambda: _MINUTE, lambda: relate_due(RelatedStore(store.line))),
            "attachments": (lambda: _ATTACHMENT_SWEEPS * sweep_seconds(), store.find_unnoted_attachments),
        }
        self._due = dict.fromkeys(self.steps, 0.0)

    async def do_due(self) -> None:
        """Runs every due step."""
        await self._store.refuse_unknown_schema()
        for name in self.steps:
            if time.monotonic() >= self._due[name]:
                await self.do(name)

    async def do(self, name: str) -> StepResult:
        """Runs one step; returns -1 if it failed."""
        every, work = self.steps[name]
        seconds = every()
        self._due[name] = time.monotonic() + seconds * 0.9  # a tenth less, since jitter may shorten the loop's interval
        return name, await noted(self._notes, name, work, seconds)

    async def _desk(self) -> int:
        for _ in range(_ROLL_UPS):
            if await self._notes.refresh_desk():
                break
        return await self._notes.sweep_desk()

    async def _roll_up(self) -> int:
        rolled = 0
        for _ in range(_ROLL_UPS):
            step = await self._store.roll_up()
            rolled += step
            if not step:
                break
        return rolled

    async def _sweep(self) -> int:
        found = await self._store.sweep()
        if found:
            _log.warning("sweep.unqueued_found", rfqs=found)
        return found


async def noted(notes: Retention, name: str, work: Callable[[], Awaitable[int]], every_seconds: float) -> int:
    """Runs `work`, records its result and returns its number of rows.

    After a failure, it logs and records the error, makes the step due again soon, and returns -1.
    """
    began = time.monotonic()
    code: str | None = None
    rows = -1
    try:
        rows = await work()
    except Exception as error:  # noqa: BLE001 - a failed step must not stop the others
        code = getattr(error, "sqlstate", None) or type(error).__name__
        _log.warning("maintenance.failed", step=name, error=type(error).__name__, code=code)
    try:
        took = (time.monotonic() - began) * 1000
        due = every_seconds if code is None else min(every_seconds, _RETRY_SECONDS)
        await notes.note(name, rows=max(rows, 0), took_ms=took, next_seconds=due, sqlstate=code)
    except Exception as error:  # noqa: BLE001 - as above
        _log.warning("maintenance.status_not_saved", step=name, error=type(error).__name__)
    return rows


async def note_failures(store: QueueStore, worker: int, claims: Claims, steps: Steps, failed_steps: list[str]) -> None:
    """Records failed claims and failed heartbeat steps of this worker for `doctor`, and logs the steps."""
    if not claims.noted:
        code = claims.code
        await store.note_claims(worker, code)
        claims.noted = code == claims.code
    for step, code in steps.news(failed_steps, time.monotonic()):
        if code is None:
            _log.info("heartbeat.step_recovered", step=step)
        else:
            _log.error("heartbeat.step_failed", step=step, sqlstate=code)
        await Retention(store.line).note(step, rows=0, took_ms=0.0, next_seconds=None, sqlstate=code)


async def archive(notes: Retention, folder: Path) -> int:
    """Archives and drops a limited part of the due runs. Returns how many runs it dropped from the database."""
    done = await archiving.step(notes, folder)
    if done.archived or done.dropped or done.rewritten:
        _log.info(
            "archive.step_finished", weeks=len(done.archived), runs=done.runs, dropped=done.dropped, kept=done.kept,
            rewritten=len(done.rewritten),
        )  # fmt: skip
    return done.dropped


async def maintain(
    store: QueueStore, notes: Retention, keep: Retention, sweep_seconds: Callable[[], float], folder: Path | None
) -> NoReturn:
    """Runs all steps until the caller cancels the task. Vacuum and archive take long: they use a connection, `keep`.

    Raises:
        SchemaMismatch: a later release has changed the database, so the worker cannot continue.
    """
    aside = [_when_due(keep, "vacuum", VACUUM_SECONDS, VACUUM_SECONDS, keep.vacuum)]
    if folder:
        aside.append(_when_due(keep, "archive", ARCHIVE_SECONDS, _LOOK_SECONDS, lambda: archive(keep, folder)))
    tasks = [asyncio.create_task(coroutine) for coroutine in aside]
    runner = MaintenanceRunner(store, notes, sweep_seconds)
    try:
        while True:
            try:
                await runner.do_due()
            except SchemaMismatch:
                raise
            except Exception as error:  # noqa: BLE001 - as in `noted`
                _log.warning("maintenance.failed", error=type(error).__name__, code=getattr(error, "sqlstate", None))
            for task in tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(jittered(sweep_seconds(), draw=random.random()))  # noqa: S311 - needs no secure randomness
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _when_due(
    keep: Retention, step: str, every_seconds: float, look_seconds: float, work: Callable[[], Awaitable[int]]
) -> NoReturn:
    """Runs a step whenever it is due. Only one worker of the fleet runs the step at a time."""
    while True:
        try:
            if await keep.take(step, every_seconds):
                await noted(keep, step, work, every_seconds)
        except Exception as error:  # noqa: BLE001 - as in `noted`
            _log.warning("maintenance.failed", step=step, error=type(error).__name__)
        await asyncio.sleep(jittered(look_seconds, draw=random.random()))  # noqa: S311 - needs no secure randomness
