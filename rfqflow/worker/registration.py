"""A worker's number: taken at the start, taken anew when its session is lost, given up at the end."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from typing import TYPE_CHECKING, NoReturn

import asyncpg
import structlog

from rfqflow import __version__
from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.worker.listener import ReconnectBackoff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfqflow.core.prompting.prompt import PromptText
    from rfqflow.llm import Provider
    from rfqflow.store.queue import QueueStore
    from rfqflow.worker.executor import Executor
    from rfqflow.worker.listener import WorkerSession
    from rfqflow.worker.result_buffer import ResultBuffer
    from rfqflow.worker.state import WorkerState

_log = structlog.get_logger()
FLUSH_SECONDS = 5.0  # for what is finished when the session is lost, before the claims are given back


class Registration:
    """Keeps `WorkerState.worker`: the number is alive by the lock of `session`, without one by leases."""

    def __init__(
        self,
        state: WorkerState,
        slots: Executor,
        results: ResultBuffer,
        *,
        side: QueueStore,
        session: WorkerSession | None,
        provider: Provider,
        prompt_text: PromptText,
        about: Mapping[str, list[dict[str, str]]],
    ) -> None:
        """`about`: what it answers with and what is wrong around it, as `ai.workers` keeps them."""
        self._state = state
        self._settings = state.settings
        self._slots = slots
        self._results = results
        self._side = side
        self._session = session
        self._provider = provider
        self._prompt_text = prompt_text
        self._about = {name: json.dumps(value) for name, value in about.items()}
        self._forgotten = asyncio.Event()

    async def forget(self) -> None:
        """The database does not know the number any more: another one is due."""
        self._forgotten.set()
        if self._session:
            await self._session.close()

    async def keep(self) -> NoReturn:
        """Until cancelled: a lost session means a new number, and the old one's calls are cut off."""
        backoff = ReconnectBackoff()
        lost: int | None = None
        while True:
            try:
                number = await self._register()
                await self._side.register_prompt(self._prompt_text)
                if lost is not None:
                    await self.flush_results(FLUSH_SECONDS)
                    async with self._state.turning:  # a claim under the old number that is still under way
                        await self._side.reclaim(lost)
                    lost = None
            except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                _log.warning("worker.registration_failed", error=type(error).__name__)
                await backoff.wait()
                continue
            backoff.reset()
            self._state.worker = number
            self._state.claims.noted = not self._state.claims.failing
            self._state.ready.set()
            self._state.woken()
            _log.info("worker.registered", worker=number, liveness="lock" if self._session else "lease")
            self._forgotten.clear()
            if self._session is None:
                await self._forgotten.wait()
            else:
                await self._session.until_lost()
            lost, self._state.worker = number, None
            self._state.attention.doorbell_left(time.monotonic())
            _log.warning("worker.session_lost", worker=number, in_flight=self._slots.held)
            # The lock that proved us alive is gone: others may take our claims over, so nothing may go on under them.
            await self._slots.cancel_all()
            self._results.park_all()
            self._state.unacknowledged.clear()  # they come back with the number

    async def flush_results(self, seconds: float) -> None:
        """What is finished was paid for: it is recorded under its claim before the claims are given back."""
        by = time.monotonic() + seconds
        while (len(self._results) or self._state.turning.locked()) and time.monotonic() < by:
            self._results.park_all()  # also what turned out to be locked just now
            self._state.wakeup.set()
            await asyncio.sleep(0.01)

    async def _register(self) -> int:
        about = {
            "host": socket.gethostname(), "pid": os.getpid(), "version": __version__,
            "provider": self._provider.name, "model": self._provider.model,
            "concurrency": self._settings.concurrency, **self._about,
        }  # fmt: skip
        if self._session:
            return await self._session.register(**about)
        return await self._side.register(**about, lock=False)  # type: ignore[arg-type] # the keywords above

    async def leave(self, abandoned: int) -> None:
        """At the end; `abandoned`: how many results and claims it leaves behind."""
        worker = self._state.worker
        # With results that could not be recorded, or a claim whose reply was cut off, the number stays: whoever finds
        # it dead takes their claims back.
        if worker is not None and not abandoned and not self._state.unacknowledged:
            try:
                async with asyncio.timeout(2):
                    await self._side.retire(worker)
            except (DatabaseUnreachable, asyncpg.PostgresError, TimeoutError):
                pass  # the row goes with its lock, at somebody's next beat
        if self._session:
            await self._session.close()
