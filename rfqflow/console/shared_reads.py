"""Shares reads and rendered parts among viewers: for a few seconds, one read serves all viewers."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

T = TypeVar("T")
_KEPT_MOST = 500
# The place in shared parts that gets each viewer's own token. It is random, so that no customer's text can contain it.
VIEWERS = f"viewers-{secrets.token_hex(16)}"


class SharedReads:
    """Keeps the recent result of each read, by a key."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._reads: dict[Hashable, tuple[float, asyncio.Future[Any]]] = {}

    async def recent(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """A result that is at most `seconds` old, else a new one. Raises the error of the read."""
        begun, task = self._reads.get(key, (float("-inf"), None))
        is_of_use = task is not None and (not task.done() or not (task.cancelled() or task.exception()))
        if task is None or not is_of_use or time.monotonic() - begun > self._seconds:
            return await self.fresh(key, read)
        return await asyncio.shield(task)

    async def fresh(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """A new result. `recent` returns the same result in the next seconds."""
        now = time.monotonic()
        if len(self._reads) >= _KEPT_MOST:
            self._reads = {one: kept for one, kept in self._reads.items() if now - kept[0] <= self._seconds}
        task = asyncio.ensure_future(read())
        task.add_done_callback(
            lambda done: done.cancelled() or done.exception()
        )  # retrieves an error if all callers were cancelled
        self._reads[key] = (now, task)
        return await asyncio.shield(task)
