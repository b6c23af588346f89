"""A deadline for a coroutine. It starts no timer if the coroutine never waits."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

_T = TypeVar("_T")


async def within(seconds: float, work: Coroutine[Any, Any, _T]) -> _T:
    """Runs the coroutine and returns its result. Raises TimeoutError after the deadline.

    The first step runs without a timer. The rules finish in that step, and a timer would cost more than the step.
    """
    try:
        waits_for = work.send(None)
    except StopIteration as ended:
        result: _T = ended.value
        return result
    async with asyncio.timeout(seconds):
        return await _Begun(work, waits_for)


class _Begun(Generic[_T]):
    """Continues a coroutine after its first step.

    The task that awaits this object waits for what the coroutine waits for.
    """

    def __init__(self, work: Coroutine[Any, Any, _T], waits_for: Any) -> None:
        self._work = work
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, _T]:
        waits_for = self._waits_for
        while True:
            try:
                step = partial(self._work.send, (yield waits_for))
            except BaseException as thrown:  # noqa: BLE001 - pass a cancellation or an expired deadline to the coroutine
                step = partial(self._work.throw, thrown)
            try:
                waits_for = step()
            except StopIteration as ended:
                result: _T = ended.value
                return result
