"""Limits the bytes of pictures that a worker holds for calls.

RFQs with pictures wait for each other; other RFQs do not wait.
"""

from __future__ import annotations

import asyncio
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfqflow.core.attachments.model import FileReading, PageImage

_MOST_BYTES = 8 << 20  # bytes of pictures in memory; while a call is sent, it needs four times as many
_LOOK_SECONDS = 0.2


class PictureRoom:
    """Counts reserved bytes, and the bytes of pictures that are still in use."""

    def __init__(self) -> None:
        self._held = 0

    async def reserve(self, octets: int, has_time: Callable[[], bool]) -> bool:
        """Waits for room and reserves it. Returns False if the claim has no time left to wait."""
        while self._held and self._held + octets > _MOST_BYTES:
            if not has_time():
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        self._held += octets
        return True

    def settle(self, reserved: int, images: Sequence[PageImage]) -> None:
        """Replaces a reservation by the bytes of the pictures, which count until no object refers to them."""
        for image in images:
            self._held += len(image.data)
            weakref.finalize(image, self._release, len(image.data)).atexit = False
        self._held -= reserved

    def _release(self, octets: int) -> None:
        self._held -= octets


def picture_count(reading: FileReading) -> int:
    """The number of pages and pictures without text, in the file and in the files that it contains."""
    return reading.pictures + sum(map(picture_count, reading.nested))


def images_of(reading: FileReading) -> tuple[PageImage, ...]:
    """The pictures of the file, then the pictures of the files that it contains."""
    return (*reading.images, *(image for each in reading.nested for image in images_of(each)))


def without_images(reading: FileReading) -> FileReading:
    """The reading without pictures, which need much memory. A call that needs them reads the file again."""
    nested = tuple(map(without_images, reading.nested))
    return replace(reading, images=(), nested=nested) if reading.images or reading.nested else reading
