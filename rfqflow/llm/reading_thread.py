"""Runs work on long messages in a separate thread, so that the event loop keeps running.

The interpreter switches between threads every few milliseconds. With a single reading thread, the event loop gets half
of the turns.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.records import Rfq

Made = TypeVar("Made")
LONG_CHARACTERS = 4_000  # a message with fewer characters takes a few milliseconds at most
_READER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")


def is_long(rfq: Rfq | None) -> bool:
    """Whether work on the RFQ's text would block the event loop."""
    if rfq is None:
        return False
    return len(rfq.message) > LONG_CHARACTERS or (bool(rfq.files) and rfq.characters > LONG_CHARACTERS)


async def read_apart(function: Callable[[], Made]) -> Made:
    """Runs the function in the reading thread. It must not use objects that the event loop changes."""
    return await asyncio.get_running_loop().run_in_executor(_READER, function)
