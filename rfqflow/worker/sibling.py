"""A worker that is one of several processes of a parent: what it inherits from the parent, and what it reports."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable

    from rfqflow.worker.process_state import ProcessSeat
    from rfqflow.worker.result_buffer import OutcomeCounts
    from rfqflow.worker.worker import Worker


@dataclass(frozen=True, slots=True)
class Sibling:
    """`parent`: a descriptor that reads end-of-file when the parent dies. `sock`: the shared listening socket."""

    seat: ProcessSeat
    parent: int
    sock: socket.socket | None

    def stop_with_parent(self, stop: Callable[[], None]) -> None:
        """Calls `stop` when the parent dies, since no parent would forward signals then."""
        loop = asyncio.get_running_loop()

        def gone() -> None:
            loop.remove_reader(self.parent)
            stop()

        loop.add_reader(self.parent, gone)

    @contextlib.asynccontextmanager
    async def reporting(self, worker: Worker, is_well: Callable[[], bool]) -> AsyncIterator[None]:
        """Reports the state of this process to parent and siblings while the block runs."""
        task = asyncio.create_task(
            self.seat.report(lambda: {"ok": is_well(), "ready": worker.ready, "in_flight": worker.in_flight}),
            name="process state",
        )
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def end_with(self, counts: OutcomeCounts) -> None:
        """Passes the number of RFQs by outcome to the parent."""
        self.seat.write({"ok": True, "ready": True, "in_flight": 0, "ended": counts.ended})
