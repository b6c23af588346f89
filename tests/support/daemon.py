"""The daemon as the real process, with its JSON log."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

from tests.support.command_server import Running
from tests.support.polling import between_looks

ROOT = Path(__file__).resolve().parents[2]


async def eventually(
    ask: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool] = bool, seconds: float = 60
) -> Any:
    """Repeats the query until the answer is the expected one, and returns it. For states that only the database knows."""
    began = time.monotonic()
    while not wanted(found := await ask()):
        waited = time.monotonic() - began
        assert waited < seconds, f"still {found!r} after {seconds} s"
        await asyncio.sleep(between_looks(waited))
    return found


class Process:
    """`python -m rfqflow ...` with its own environment. `lines` has its JSON log lines as they arrive.

    `release` is a folder with another release's package in it.
    """

    def __init__(self, *arguments: str, release: Path = ROOT, **environment: str) -> None:
        self._release = release
        self._arguments = arguments
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._environment = {**kept, "RFQFLOW_LOG_FORMAT": "json", "RFQFLOW_PROVIDER": "rules", **environment}
        self.lines: list[dict[str, Any]] = []
        self.noise: list[str] = []  # lines that are not JSON
        self.text = ""
        self._heard = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.process = await self._start()
        self._reading = asyncio.create_task(self._read())
        return self

    async def _start(self) -> asyncio.subprocess.Process | Running:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rfqflow", *self._arguments,
            env=self._environment, cwd=self._release, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        assert self._reading
        await self._reading

    async def _read(self) -> None:
        assert self.process.stderr
        async for raw in self.process.stderr:
            line = raw.decode()
            self.text += line
            try:
                self.lines.append(json.loads(line))
            except ValueError:
                self.noise.append(line)
            self._heard.set()
        self._heard.set()

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == name]

    async def until_event(self, name: str, times: int = 1, seconds: float = 60) -> dict[str, Any]:
        """Returns the log line with which the event has occurred this many times."""
        async with asyncio.timeout(seconds):
            while len(self.events(name)) < times:
                assert self.process.returncode is None, f"it ended with {self.process.returncode}: {self.text}"
                self._heard.clear()
                await self._heard.wait()
        return self.events(name)[times - 1]

    async def until_noise(self, start: str, seconds: float = 60) -> str:
        """Returns the first line outside the log that starts with this text."""
        async with asyncio.timeout(seconds):
            while not (found := [line for line in self.noise if line.startswith(start)]):
                assert self.process.returncode is None, f"it ended with {self.process.returncode}: {self.text}"
                self._heard.clear()
                await self._heard.wait()
        return found[0]

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    async def exit_code(self, seconds: float = 25) -> int:
        async with asyncio.timeout(seconds):
            code = await self.process.wait()
            assert self._reading
            await self._reading
            return code


class ForkedProcess(Process):
    """The same in a forked process that starts at once, for tests that are not about the start."""

    async def _start(self) -> Running:
        return await Running.start(*self._arguments, env=self._environment, cwd=self._release)
