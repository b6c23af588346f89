"""Reads long messages in a separate thread, so that the event loop keeps running.

The interpreter switches threads every few milliseconds. A single reader keeps the competition with the loop to one
thread.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.records import Rfq

Made = TypeVar("Made")
LONG_CHARACTERS = 4_000  # characters of a message; shorter ones take some milliseconds at most
_READER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")


def is_long(rfq: Rfq | None) -> bool:
    """Whether reading an RFQ would block the event loop."""
    if rfq is None:
        return False
    return len(rfq.message) > LONG_CHARACTERS or (bool(rfq.files) and rfq.characters > LONG_CHARACTERS)


async def read_apart(function: Callable[[], Made]) -> Made:
    """Runs the function off the event loop; it must touch nothing that the loop changes."""
    return await asyncio.get_running_loop().run_in_executor(_READER, function)
