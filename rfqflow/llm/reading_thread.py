"""Long messages are read in a thread of their own, so that the event loop goes on with what else there is.

The interpreter takes turns every few milliseconds: one reader in all, so that no more than one competes with the loop.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.records import Rfq

Made = TypeVar("Made")
LONG_CHARACTERS = 4_000  # of a message: all that is done with a shorter one takes some milliseconds
_READER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")


def is_long(rfq: Rfq | None) -> bool:
    """Whether reading an RFQ would keep the event loop from its other work."""
    return rfq is not None and len(rfq.message) > LONG_CHARACTERS


async def read_apart(function: Callable[[], Made]) -> Made:
    """What the function makes, off the event loop; it must touch nothing that the loop changes."""
    return await asyncio.get_running_loop().run_in_executor(_READER, function)
