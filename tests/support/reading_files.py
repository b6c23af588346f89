"""Reads a file as the daemon does: in a child process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rfqflow.core.attachments.limits import ReadingLimits

if TYPE_CHECKING:
    from rfqflow.core.attachments.model import FileReading


def read(
    content: bytes, name: str = "file", content_type: str = "", limits: ReadingLimits | None = None
) -> FileReading:
    from rfqflow.attachments.reader import read_file

    return asyncio.run(read_file(name, content_type, content, limits or ReadingLimits()))


def texts(reading: FileReading) -> list[str]:
    return [line.text for line in reading.lines]
