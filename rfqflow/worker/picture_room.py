"""Bounds the bytes of pictures that a worker holds for calls: RFQs with pictures wait for one another, no others do."""

from __future__ import annotations

import asyncio
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfqflow.core.attachments.model import FileReading, PageImage

_MOST_BYTES = 8 << 20  # of pictures in memory; a call takes four times as many while it is sent
_LOOK_SECONDS = 0.2


class PictureRoom:
    """Counts reserved bytes, and those of pictures until nothing refers to them."""

    def __init__(self) -> None:
        self._held = 0

    async def reserve(self, octets: int, has_time: Callable[[], bool]) -> bool:
        """Waits for room; False where the claim has no time left for that."""
        while self._held and self._held + octets > _MOST_BYTES:
            if not has_time():
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        self._held += octets
        return True

    def settle(self, reserved: int, images: Sequence[PageImage]) -> None:
        """Counts the pictures themselves instead of what was reserved for them."""
        for image in images:
            self._held += len(image.data)
            weakref.finalize(image, self._release, len(image.data)).atexit = False
        self._held -= reserved

    def _release(self, octets: int) -> None:
        self._held -= octets


def picture_count(reading: FileReading) -> int:
    """Pages and pictures without text, in the file and in the files in it."""
    return reading.pictures + sum(map(picture_count, reading.nested))


def images_of(reading: FileReading) -> tuple[PageImage, ...]:
    """Those of the file, then those of the files in it."""
    return (*reading.images, *(image for each in reading.nested for image in images_of(each)))


def without_images(reading: FileReading) -> FileReading:
    """What is kept of a file until a call needs its pictures."""
    nested = tuple(map(without_images, reading.nested))
    return replace(reading, images=(), nested=nested) if reading.images or reading.nested else reading
