"""The child process: sets limits, reads one file from standard input, and writes one reading to standard output.

The parent sends a line of JSON (name, type, limits) and then the file's bytes. What a library prints does not reach the
parent.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import fields
from typing import Any

from rfqflow.attachments.child import lockdown
from rfqflow.attachments.child.book import Budget, Unreadable
from rfqflow.core.attachments.encoding import to_json
from rfqflow.core.attachments.limits import ReadingLimits
from rfqflow.core.attachments.model import FileReading, UnreadReason, unread

_LONGEST_HEADER = 65_536
_CHUNK = 1 << 20
_READING_PART = 0.7  # share of the time after which the reader begins no further page
_SAFE_PART = 0.85  # share of the time after which the reader writes what it has, even in the middle of a page
_LOOK_SECONDS = 0.1


def main() -> None:
    """Reads the file, and then ends the process."""
    output = os.dup(1)
    silent = os.open(os.devnull, os.O_RDWR)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    header, begun = _header()
    limits = ReadingLimits(**{each.name: header["limits"][each.name] for each in fields(ReadingLimits)})
    lockdown.limit(limits)
    network = lockdown.leave_network()
    if header.get("probe"):
        files, calls = lockdown.lock()
        _say(output, json.dumps({"network": network, "files": files, "calls": calls}).encode())
        return
    reading = _read(header, begun, limits, output)
    _end(output, reading, limits)


_ending = threading.Lock()


def _end(output: int, reading: FileReading, limits: ReadingLimits) -> None:
    """Writes the reading and ends the process. Only the first thread that calls it does so."""
    _ending.acquire()
    try:
        said = json.dumps(to_json(reading), ensure_ascii=True).encode()
    except MemoryError:
        said = json.dumps(to_json(unread(reading.name, UnreadReason.MEMORY, reading.kind))).encode()
    if len(said) > limits.output_bytes:
        said = json.dumps(to_json(unread(reading.name, UnreadReason.TOO_LONG, reading.kind))).encode()
    _say(output, said)
    os._exit(0)  # do not wait for threads that a library has started


def _watch(budget: Budget, ends: float, output: int) -> None:
    """Writes the pages that were read so far and ends the process, before the parent kills it."""
    while time.monotonic() < ends and time.process_time() < budget.limits.cpu_seconds * _SAFE_PART:
        time.sleep(_LOOK_SECONDS)
    book = budget.first
    if book is not None and not book.is_empty:
        book.cut = True
        _end(output, book.reading(), budget.limits)


def _read(header: dict[str, Any], begun: bytes, limits: ReadingLimits, output: int) -> FileReading:
    began = time.monotonic()
    try:
        content = _rest(begun)
        from rfqflow.attachments.child.dispatch import prepared, read_content  # noqa: PLC0415 - import it after the limits are set

        try:
            kind = prepared(content, header["name"], header["content_type"])
        except Unreadable as error:
            return unread(header["name"], error.reason)
        lockdown.lock()
        budget = Budget(limits, ends=began + limits.wall_seconds * _READING_PART)
        # Start the thread after the lockdown, which does not apply to threads that exist already.
        threading.Thread(
            target=_watch, args=(budget, began + limits.wall_seconds * _SAFE_PART, output), daemon=True
        ).start()
        return read_content(kind, header["name"], content, budget)
    except MemoryError:
        return unread(header["name"], UnreadReason.MEMORY)


def _header() -> tuple[dict[str, Any], bytes]:
    read = b""
    while b"\n" not in read:
        more = os.read(0, _LONGEST_HEADER)
        if not more or len(read) > _LONGEST_HEADER:
            sys.exit(2)
        read += more
    line, _, begun = read.partition(b"\n")
    return json.loads(line), begun


def _rest(begun: bytes) -> bytes:
    content = bytearray(begun)
    while more := os.read(0, _CHUNK):
        content += more
    return bytes(content)


def _say(output: int, said: bytes) -> None:
    view = memoryview(said)
    while view:
        view = view[os.write(output, view) :]
