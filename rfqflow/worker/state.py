"""State that the parts of one worker share: its worker id, its wake-ups, and how it stops."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from rfqflow.core.queue.claim_failures import Claims
from rfqflow.core.queue.low_water_mark import Watermark
from rfqflow.core.queue.poll_schedule import Attention

if TYPE_CHECKING:
    from rfqflow.settings import Settings


class WorkerState:
    """The registration sets `worker`, the heartbeat sets `peers`, and `Worker` sets the stop.

    The claim loop reads all of them.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.worker: int | None = None  # the worker id for its claims; None while it is not registered
        self.ready = asyncio.Event()  # set once it has a worker id, or must stop
        self.peers = 0  # number of other workers
        self.policy_seen = -1
        self.event_seen = -1
        self.attention = Attention(poll_seconds=settings.poll_seconds, can_sleep=False)
        self.watermark = Watermark()
        self.claims = Claims()
        self.wakeup = asyncio.Event()
        self.turning = asyncio.Lock()  # held while results are recorded and rows are claimed
        # Worker, claim id and limit of claims whose reply was lost.
        self.unacknowledged: list[tuple[int, int, int]] = []
        self.drain = False
        self.stopping = False
        self.force_stopping = False
        self.stop_by = float("inf")

    def woken(self) -> None:
        """Wakes the claim loop because work may exist: after a notification, with a free slot, or for a due row."""
        self.attention.woken(time.monotonic())
        self.wakeup.set()
