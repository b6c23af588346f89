"""Records results that failed with their batch. It uses a separate connection, so that no other result waits.

It records one result at a time, and the server limits the time: a trigger of the application may hang, wait for a lock,
or fail at COMMIT. A control tests whether the database itself works: it records an empty batch, then the result without
its RFQ, and rolls back. A result is at fault if it fails between two successful controls.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import asyncpg
import structlog

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.worker.listener import ReconnectBackoff, wait_for_event
from rfqflow.worker.result_buffer import is_unstorable

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.policy import Policy
    from rfqflow.store.queue import QueueStore
    from rfqflow.worker.result_buffer import Leftover, ResultBuffer

_log = structlog.get_logger()
_CONTROL_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 1.0


class LeftoverRecorder:
    """A task beside the worker's loop. Only this task tries to record leftovers."""

    def __init__(
        self,
        store: QueueStore,
        results: ResultBuffer,
        policy: Callable[[], Policy],
        *,
        lease_seconds: float,
        is_last: Callable[[], bool],
        on_change: Callable[[], None],
    ) -> None:
        """`is_last` returns whether the worker must stop, and so must not wait for locked RFQs."""
        self._store = store
        self._results = results
        self._policy = policy
        self._lease_seconds = lease_seconds
        self._is_last = is_last
        self._on_change = on_change
        self._renew_at = 0.0
        self._backoff = ReconnectBackoff()

    async def run(self) -> None:
        while True:
            try:
                await self._run_once()
            except Exception as error:  # noqa: BLE001 - as in the worker's loop: no result is lost, and this task must not end
                code = getattr(error, "sqlstate", None)
                _log.warning("database.error", error=type(error).__name__, sqlstate=code)
                await self._backoff.wait()

    async def _run_once(self) -> None:
        now = time.monotonic()
        self._results.left_over.clear()
        due = self._results.due(now, last=self._is_last())
        if not due:
            again_at = self._results.next_offer_at(now + _LONGEST_WAIT_SECONDS)
            await wait_for_event(self._results.left_over, min(max(again_at - now, 0.001), _LONGEST_WAIT_SECONDS))
            return
        await self._offer(due)
        self._on_change()
        if self._results.locked and now >= self._renew_at:
            await self._store.renew(self._results.leases, self._lease_seconds)
            self._renew_at = now + self._lease_seconds / 4

    async def _offer(self, due: list[Leftover]) -> None:
        began = time.monotonic()
        try:
            outcomes = await self._record(due, began)
        except (DatabaseUnreachable, asyncpg.PostgresError) as error:
            now, code = time.monotonic(), error.sqlstate
            asked = isinstance(error, asyncpg.PostgresError) or error.was_asked
            suspect = self._results.failed_leftovers(due, code, now, asked=asked)
            _log.warning("finish.failed", results=len(due), sqlstate=code)
            if not suspect:
                if not asked:
                    await self._backoff.wait()
                return
            leftover, was_apart, was_rehearsed = due[0], due[0].apart, due[0].is_rehearsed
            await self._control(leftover)
            if not was_apart and not was_rehearsed:
                # Try again at once: the fault may have been the database's, and have ended just now.
                leftover.again_at = time.monotonic()
                return
            said = f"{getattr(error, 'constraint_name', None) or ''} {error}"
            self._results.refuse(leftover, code, self._policy(), time.monotonic(), said)
            if leftover.apart and not was_apart:
                # Record the result without its RFQ at once. If the database fails now as well, the RFQ was not to
                # blame.
                leftover.offered = True
                await self._offer([leftover])
            elif self._results.stalled:
                await self._backoff.wait()
        except BaseException:
            self._results.failed_leftovers(due, None, time.monotonic(), asked=False)
            raise
        else:
            self._backoff.reset()
            now = time.monotonic()
            if not due[0].apart and not outcomes:
                self._results.took(now - began, now)
            self._results.settle_leftovers(due, outcomes, self._policy(), now)

    async def _record(self, due: list[Leftover], now: float) -> dict[int, str]:
        seconds = self._results.bound_alone(due[0], now)
        return await self._store.finish([leftover.result for leftover in due], seconds=seconds, apart=due[0].apart)

    async def _control(self, leftover: Leftover) -> None:
        """Raises if the database cannot record even an empty batch, or the result without its RFQ.

        Then no result is at fault.
        """
        try:
            await self._store.finish([], seconds=_CONTROL_SECONDS)
            if not leftover.apart:
                leftover.is_rehearsed = False
                await self._rehearse(leftover)
                leftover.is_rehearsed = True
        except (DatabaseUnreachable, asyncpg.PostgresError):
            self._results.stalled = True
            raise

    async def _rehearse(self, leftover: Leftover) -> None:
        """Records the result without its RFQ and rolls back.

        Returns if the database cannot store a value of the result, since then the result is at fault.
        """
        try:
            await self._store.finish([leftover.result], seconds=_CONTROL_SECONDS, apart=True, rehearse=True)
        except asyncpg.PostgresError as error:
            if not is_unstorable(error.sqlstate):
                raise
