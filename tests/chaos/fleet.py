"""The processes of a run: the model's server, and workers that can be killed, stopped and resumed."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .links import Link

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-chaos-3f9a17c2"  # searched for in everything that the run leaves behind
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


@dataclass
class Worker:
    """One daemon: its connections, its current process, and the log lines of all its processes."""

    name: str
    links: dict[str, Link]
    log_path: Path
    settings: dict[str, str]
    process: asyncio.subprocess.Process | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    was_asked_to_stop: bool = False  # the current process was asked to stop, and may take its time
    _reading: asyncio.Task[None] | None = None
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    @property
    def number(self) -> int | None:
        """The worker number that it took last."""
        return next((line["worker"] for line in reversed(self.lines) if line["event"] == "worker.registered"), None)

    async def start(self, *, failpoints: str = "", faketime: str = "") -> None:
        more = {"RFQFLOW_FAILPOINTS": failpoints} if failpoints else {}
        if faketime:
            more |= {"LD_PRELOAD": str(FAKETIME), "FAKETIME": faketime, "DONT_FAKE_MONOTONIC": "1"}
        self.was_asked_to_stop = False
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rfqflow", "run", env=environment(**self.settings, **more), cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read(self.process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr
        with self.log_path.open("ab") as log:
            async for raw in process.stderr:
                log.write(raw)
                try:
                    line = json.loads(raw)
                except ValueError:
                    line = {"event": "noise", "text": raw.decode(errors="replace").strip()[:200]}
                if not line["event"].startswith("run."):  # an event per RFQ: only the log file keeps these
                    line["heard_at"] = time.time()
                    self.lines.append(line)
                self._heard.set()
        self.exits.append(await process.wait())
        self._heard.set()

    async def event_after(self, mark: int, name: str, seconds: float) -> dict[str, Any] | None:
        """The first log line of this event from line number `mark` on; None if it is late or the process ends."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    for line in self.lines[mark:]:
                        if line["event"] == name:
                            return line
                    if self._reading is None or self._reading.done():
                        return None
                    self._heard.clear()
                    await self._heard.wait()
        return None

    def send(self, number: int) -> bool:
        if not self.alive:
            return False
        assert self.process
        self.was_asked_to_stop = self.was_asked_to_stop or number in (signal.SIGTERM, signal.SIGKILL)
        self.process.send_signal(number)
        return True

    async def exited(self, seconds: float) -> int | None:
        assert self.process
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                code = await self.process.wait()
                if self._reading:
                    await self._reading
                return code
        return None

    async def end(self) -> None:
        if self.alive:
            self.send(signal.SIGCONT)
            self.send(signal.SIGKILL)
            await self.exited(5)
        for link in self.links.values():
            await link.__aexit__()


class Provider:
    """The model's server. After a kill, `start` keeps port and journal."""

    def __init__(self, journal: Path, seed: int) -> None:
        self.journal, self._seed, self.port = journal, seed, 0
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.chaos.provider", "--port", str(self.port), "--journal", str(self.journal),
            "--seed", str(self._seed), cwd=ROOT, env=environment(), stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout
        said = (await self._process.stdout.readline()).decode()
        self.port = int(said.rsplit(" ", 1)[1])

    async def kill(self) -> int:
        assert self._process
        self._process.kill()
        await self._process.wait()
        return self._process.pid

    async def control(self, **what: Any) -> None:
        body = json.dumps(what).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"POST /control HTTP/1.1\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        writer.write(head + body)
        await reader.readuntil(b"{}")
        writer.close()

    def calls(self) -> list[dict[str, Any]]:
        if not self.journal.exists():
            return []
        with self.journal.open() as lines:
            return [json.loads(line) for line in lines if line.endswith("\n")]
