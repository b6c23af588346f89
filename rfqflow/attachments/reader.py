"""Reads one file in a child process. The parent sends the bytes through a pipe, sets limits, and trusts no reply.

A broken, hostile or endless file harms only its own reading. The parent kills the child and all processes of the child,
and it limits and checks the reply.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import weakref
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rfqflow.attachments.libraries import available
from rfqflow.core.attachments.encoding import BadReading, from_json
from rfqflow.core.attachments.limits import ReadingLimits
from rfqflow.core.attachments.model import FileReading, UnreadReason, unread
from rfqflow.core.attachments.names import file_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

AT_ONCE = 2  # child processes that one worker runs at the same time
_CHUNK = 65_536
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from rfqflow.attachments.child.main import main; main()"
)
_OUT_OF_TIME = {-signal.SIGXCPU}
_OUT_OF_MEMORY = {-signal.SIGABRT, -signal.SIGTRAP, -signal.SIGILL, -signal.SIGKILL}
# Errors of the pipe to a dead child: asyncio raises the first, uvloop the second.
_CLOSED = (ConnectionError, RuntimeError)
_DEFAULTS = ReadingLimits()
_slots: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = weakref.WeakKeyDictionary()


async def read_file(
    name: str,
    content_type: str,
    content: bytes | AsyncIterator[bytes],
    limits: ReadingLimits = _DEFAULTS,
    *,
    command: Sequence[str] = (),
) -> FileReading:
    """The reading of a file, or the reason why it could not be read. No file makes it raise.

    If `content` is an iterator, one chunk at a time is in memory, and exceptions of the iterator are passed on.
    `command`: a program to start instead of the reader.
    """
    name = file_name(name)
    if not available():
        return unread(name, UnreadReason.NO_READER)
    if isinstance(content, bytes) and len(content) > limits.file_bytes:
        return unread(name, UnreadReason.TOO_LARGE)
    header = {"name": name, "content_type": content_type[:200], "limits": asdict(limits)}
    slots = _slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
    async with slots:
        return await _Child(name, limits, command or _command()).read(header, content)


def isolation() -> str:
    """What the kernel denies to readers, in words: `no network, no files, no processes`, or `nothing`."""
    header = json.dumps({"probe": True, "limits": asdict(_DEFAULTS)}).encode() + b"\n"
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(  # noqa: S603 - Python itself
                _command(), input=header, capture_output=True, env=_environment(), cwd=folder, timeout=30, check=True
            )
            found = json.loads(done.stdout)
        except (OSError, subprocess.SubprocessError, ValueError):
            return "nothing: the child process does not start"
    words = [
        word
        for word, holds in (
            ("no network", found.get("network") or found.get("calls")),
            ("no files", found.get("files")),
            ("no processes", found.get("calls")),
        )
        if holds
    ]
    return ", ".join(words) or "nothing"


def _command() -> list[str]:
    paths = [os.path.abspath(path) for path in sys.path if path and os.path.exists(path)]  # noqa: PTH100, PTH110 - do not resolve links
    return [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _START, json.dumps(paths)]


def _environment() -> dict[str, str]:
    """The child's environment, without any variable that may hold a key. Python may need the path of its libraries."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


class _TooLarge(Exception):
    pass


class _TooMuchSaid(Exception):
    pass


class _Child:
    """A child process for one file."""

    def __init__(self, name: str, limits: ReadingLimits, command: Sequence[str]) -> None:
        self._name = name
        self._command = command
        self._limits = limits

    async def read(self, header: dict[str, Any], content: bytes | AsyncIterator[bytes]) -> FileReading:
        with tempfile.TemporaryDirectory() as folder:
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    env=_environment(), cwd=folder, start_new_session=True,
                )  # fmt: skip
            except OSError:
                return unread(self._name, UnreadReason.MEMORY)
            try:
                async with asyncio.timeout(self._limits.wall_seconds):
                    return await self._talk(process, header, content)
            except TimeoutError:
                return unread(self._name, UnreadReason.TIMEOUT)
            except _TooLarge:
                return unread(self._name, UnreadReason.TOO_LARGE)
            except _TooMuchSaid:
                return unread(self._name, UnreadReason.BROKEN)
            finally:
                await _end(process)

    async def _talk(
        self, process: asyncio.subprocess.Process, header: dict[str, Any], content: bytes | AsyncIterator[bytes]
    ) -> FileReading:
        feeding = asyncio.create_task(self._feed(process, header, content))
        hearing = asyncio.create_task(self._hear(process))
        try:
            await asyncio.wait({feeding, hearing}, return_when=asyncio.FIRST_COMPLETED)
            if feeding.done():
                feeding.result()
            said = await hearing  # a child that has sent its reply reads no more, so stop sending
        finally:
            feeding.cancel()
            hearing.cancel()
            await asyncio.gather(feeding, hearing, return_exceptions=True)
        code = await process.wait()
        if code in _OUT_OF_TIME:
            return unread(self._name, UnreadReason.TIMEOUT)
        if code in _OUT_OF_MEMORY:
            return unread(self._name, UnreadReason.MEMORY)
        return await asyncio.to_thread(self._understood, said)

    async def _feed(
        self, process: asyncio.subprocess.Process, header: dict[str, Any], content: bytes | AsyncIterator[bytes]
    ) -> None:
        pipe = process.stdin
        assert pipe is not None  # noqa: S101 - it was asked for
        sent = 0
        with contextlib.suppress(*_CLOSED):
            pipe.write(json.dumps(header).encode() + b"\n")
        async for piece in _pieces(content):  # exceptions of the source are passed on; a dead child is no error here
            sent += len(piece)
            if sent > self._limits.file_bytes:
                raise _TooLarge
            try:
                pipe.write(piece)
                await pipe.drain()
            except _CLOSED:
                return
        with contextlib.suppress(*_CLOSED):
            pipe.write_eof()

    async def _hear(self, process: asyncio.subprocess.Process) -> bytes:
        pipe = process.stdout
        assert pipe is not None  # noqa: S101 - it was asked for
        said = bytearray()
        while piece := await pipe.read(_CHUNK):
            said += piece
            if len(said) > self._limits.output_bytes:
                raise _TooMuchSaid
        return bytes(said)

    def _understood(self, said: bytes) -> FileReading:
        try:
            return from_json(json.loads(said))
        except (BadReading, ValueError, RecursionError, MemoryError):
            return unread(self._name, UnreadReason.BROKEN)


async def _pieces(content: bytes | AsyncIterator[bytes]) -> AsyncIterator[memoryview | bytes]:
    if isinstance(content, bytes):
        view = memoryview(content)
        for start in range(0, len(view), _CHUNK):
            yield view[start : start + _CHUNK]
        return
    async for piece in content:
        for start in range(0, len(piece), _CHUNK):
            yield piece[start : start + _CHUNK]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kills the child and its processes, and waits for their end."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await asyncio.shield(_gone(process))


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Waits for a killed child, and reads its output to the end. Otherwise asyncio would wait for the pipe forever."""
    while process.stdout is not None and await process.stdout.read(_CHUNK):
        pass
    await process.wait()
