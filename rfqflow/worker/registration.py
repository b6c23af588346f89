"""A worker's registration. The worker registers at its start and after a lost session, and deregisters at its end."""

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
# Seconds that a worker has after a lost session to record finished results before its claims are released.
FLUSH_SECONDS = 5.0


class Registration:
    """Maintains `WorkerState.worker`.

    The lock of `session` shows that the worker with this id is alive. Without a session, its leases show it.
    """

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
        """`about`: provider, model and problems, in the form of `ai.workers`."""
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
        """Drops a worker id that the database no longer knows; the worker registers again."""
        self._forgotten.set()
        if self._session:
            await self._session.close()

    async def keep(self) -> NoReturn:
        """Runs until cancelled.

        After a lost session, it cancels the calls of the old worker id and registers a new one.
        """
        backoff = ReconnectBackoff()
        lost: int | None = None
        while True:
            try:
                number = await self._register()
                await self._side.register_prompt(self._prompt_text)
                if lost is not None:
                    await self.flush_results(FLUSH_SECONDS)
                    # Wait for a claim under the old worker id that is still in progress.
                    async with self._state.turning:
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
            # The lock that showed that this worker is alive is lost. Other workers may take its claims over, so its
            # calls must stop.
            await self._slots.cancel_all()
            self._results.park_all()
            self._state.unacknowledged.clear()  # the database releases them with the old worker id

    async def flush_results(self, seconds: float) -> None:
        """Records finished results before their claims are released, since their calls were paid for."""
        by = time.monotonic() + seconds
        while (len(self._results) or self._state.turning.locked()) and time.monotonic() < by:
            self._results.park_all()  # also the results whose RFQs were locked until now
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
        """Deregisters at the end. `abandoned`: number of unrecorded results and unfinished claims."""
        worker = self._state.worker
        # With unrecorded results or an unacknowledged claim, keep the registration. Another worker then finds this
        # worker dead and reclaims its claims.
        if worker is not None and not abandoned and not self._state.unacknowledged:
            try:
                async with asyncio.timeout(2):
                    await self._side.retire(worker)
            except (DatabaseUnreachable, asyncpg.PostgresError, TimeoutError):
                pass  # another worker's next heartbeat finds the lock released and deletes the row
        if self._session:
            await self._session.close()
