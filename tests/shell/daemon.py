"""The daemon for tests: in this process with a provider that obeys, or as the real process with its JSON log."""

import asyncio
import contextlib
import json
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Self

import asyncpg
from shell.scripted import VERSION, Scripted

from rfqflow.llm import Provider
from rfqflow.pipeline import Pipeline
from rfqflow.prompts import shipped
from rfqflow.settings import Settings
from rfqflow.worker import Counts, Worker

ROOT = Path(__file__).resolve().parents[2]


class Running:
    """A worker at work in this process."""

    def __init__(self, dsn: str, provider: Provider, **options: Any) -> None:
        urls = {name: options.pop(name) for name in ("listen_url",) if name in options}
        self._direct = options.pop("direct", True)
        self._pooled = options.pop("pooled", False)
        self.drain = options.pop("drain", False)
        deadline = options.get("call_deadline_seconds", 20.0)
        self.settings = Settings(database_url=dsn, provider="rules", **options)
        self.pipeline = Pipeline(provider, prompt_version=VERSION, deadline_seconds=deadline, pepper=None)
        self._moved = asyncio.Event()
        self.worker = Worker(
            self.settings, self.pipeline, shipped(), database_url=dsn, listen_url=urls.get("listen_url", dsn),
            pooled=self._pooled, direct=self._direct, on_progress=lambda _: self._moved.set(),
        )  # fmt: skip
        self.task: asyncio.Task[Counts] = asyncio.create_task(self.worker.run(drain=self.drain))

    @property
    def ended(self) -> dict[str, int]:
        return self.worker.counts.ended

    async def until(self, met: Callable[[], bool], seconds: float = 10) -> None:
        """Returns at the recorded end that meets the condition; raises what ended the worker, if it ended."""
        async with asyncio.timeout(seconds):
            while not met():
                self._moved.clear()
                moved = asyncio.create_task(self._moved.wait())
                await asyncio.wait({moved, self.task}, return_when=asyncio.FIRST_COMPLETED)
                moved.cancel()
                if self.task.done() and not met():
                    self.task.result()
                    raise AssertionError("the worker has ended")

    async def until_done(self, number: int, seconds: float = 10) -> None:
        await self.until(lambda: self.ended.get("done", 0) >= number, seconds)

    async def stop(self, seconds: float = 10) -> Counts:
        """Stops it politely; TimeoutError where that takes longer."""
        self.worker.stop()
        async with asyncio.timeout(seconds):
            return await self.task

    async def kill(self) -> None:
        """Ends it without a word, as far as that is possible in one process: its connections are cut."""
        for line in [*self.worker._lines, *([self.worker._session._line] if self.worker._session else [])]:
            line.cut()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@contextlib.asynccontextmanager
async def working(dsn: str, provider: Provider | None = None, **options: Any) -> AsyncIterator[Running]:
    """A worker until the block ends; then it is hurried, and must have gone within 10 s."""
    running = Running(dsn, provider or Scripted(), **options)
    try:
        yield running
    finally:
        if not running.task.done():
            running.worker.hurry()
            done, _ = await asyncio.wait({running.task}, timeout=10)
            running.task.cancel()
            assert done, "the worker did not stop when hurried"
        await asyncio.gather(running.task, return_exceptions=True)


async def eventually(
    ask: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool] = bool, seconds: float = 10
) -> Any:
    """Asks again and again until the answer is as wanted, and returns it; for what only the database knows."""
    by = time.monotonic() + seconds
    while not wanted(found := await ask()):
        assert time.monotonic() < by, f"still {found!r} after {seconds} s"
        await asyncio.sleep(0.004)  # between two questions; nothing is taken for granted after it
    return found


async def insert(db: asyncpg.Connection, message: str = "We need 20 pumps", **columns: object) -> uuid.UUID:
    names = ", ".join(["message", *columns])
    marks = ", ".join(f"${n}" for n in range(1, len(columns) + 2))
    found: uuid.UUID = await db.fetchval(
        f"insert into public.rfq_requests ({names}) values ({marks}) returning id", message, *columns.values()
    )
    return found


async def insert_many(db: asyncpg.Connection, number: int, prefix: str = "We need pump ") -> None:
    await db.execute(
        "insert into public.rfq_requests (message) select $1 || g from generate_series(1, $2::int) g", prefix, number
    )


async def policy(db: asyncpg.Connection, **values: Any) -> None:
    for key, value in values.items():
        await db.execute("select ai.set_policy($1, $2)", key, json.dumps(value))


class Process:
    """`python -m rfqflow ...` with an environment of its own; its JSON log lines are in `lines` as they come."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._arguments = arguments
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._environment = {**kept, "RFQFLOW_LOG_FORMAT": "json", "RFQFLOW_PROVIDER": "rules", **environment}
        self.lines: list[dict[str, Any]] = []
        self.noise: list[str] = []  # what was no JSON
        self.text = ""
        self._heard = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rfqflow", *self._arguments,
            env=self._environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read())
        return self

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

    async def until_event(self, name: str, times: int = 1, seconds: float = 20) -> dict[str, Any]:
        """The line with which the event has come that often."""
        async with asyncio.timeout(seconds):
            while len(self.events(name)) < times:
                assert self.process.returncode is None, f"it ended with {self.process.returncode}: {self.text}"
                self._heard.clear()
                await self._heard.wait()
        return self.events(name)[times - 1]

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    async def exit_code(self, seconds: float = 10) -> int:
        async with asyncio.timeout(seconds):
            code = await self.process.wait()
            assert self._reading
            await self._reading
            return code
