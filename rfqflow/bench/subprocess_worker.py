"""Runs a worker, writers or a listener in a separate process, so that they do not slow the interpreter that measures.

The process reads its task from standard input: a DSN contains a password, and must not be on a command line. It replies
with lines of JSON. It ends when standard input ends, so it never lives longer than its parent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from rfqflow.core.answer import Answer, LineItem
from rfqflow.core.errors import RfqflowError, Usage
from rfqflow.core.records import Completion
from rfqflow.database.connection import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from rfqflow.llm import Provider, Request
    from rfqflow.settings import Settings
    from rfqflow.worker.result_buffer import OutcomeCounts

if sys.platform != "win32":
    _MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024

_END_SECONDS = 30.0
_LINE_BYTES = 64 * 2**20
_COST = Decimal("0.000465")
_PROGRAM = (sys.executable, "-m", "rfqflow.bench.subprocess_worker")

ANSWER = Answer(
    summary="Quote for 250 laser-cut brackets in 1.4301 and 40 galvanized flanges DN 50, delivered DAP Rotterdam with "
    "a 3.1 certificate.",
    language="en",
    route="general",
    confidence=0.82,
    tags=("laser-cutting", "stainless-steel"),
    line_items=(LineItem(description="Bracket", quantity=Decimal(250), unit="pcs", part_number="BR-4471"),),
)
BARE_ANSWER = Answer(summary="A request for a quotation.", language="en", route="general", confidence=0.82)


class Noop:
    """A provider that always gives the same answer, at once or after `seconds`, to measure rfqflow's own cost."""

    name: str = "noop"
    model: str = "noop-1"
    models: tuple[str, ...] = (model,)
    names: Mapping[str, str] = MappingProxyType({})
    takes_pictures: bool = False

    def __init__(self, *, free: bool, seconds: float = 0, answer: Answer = ANSWER) -> None:
        self.free = free
        self._seconds = seconds
        self._completion = Completion(
            answer=answer, provider=self.name, model=self.model, prompt_version="bench@1", prompt_sha256=b"[" * 32,
            usage=Usage(input_tokens=900, output_tokens=120), cost_usd=_COST, cost_source="table",
            provider_request_id="req_0123456789",
        )  # fmt: skip

    async def complete(self, _request: Request) -> Completion:
        if self._seconds:
            await asyncio.sleep(self._seconds)
        return self._completion

    def price(self, _model: str, _usage: Usage) -> tuple[Decimal | None, str]:
        """The cost that the answers report."""
        return self._completion.cost_usd, self._completion.cost_source

    def rejected(self, model: str) -> frozenset[str]:
        del model
        return frozenset()

    def follow(self, learnt: Mapping[str, Mapping[str, Any]]) -> None:
        """Does nothing: this provider does not learn."""

    async def aclose(self) -> None:
        """Does nothing: there are no connections."""


class Watched:
    """Wraps a provider, and records when its first call began. With `keep`, records when each call began."""

    def __init__(self, provider: Provider, *, keep: bool) -> None:
        self.name, self.model, self.models, self.free = provider.name, provider.model, provider.models, provider.free
        self.names = provider.names
        self.takes_pictures = provider.takes_pictures
        self.first_at: float | None = None
        self.started: dict[str, float] | None = {} if keep else None
        self.price, self.follow, self.aclose = provider.price, provider.follow, provider.aclose
        self.rejected = provider.rejected
        self._complete = provider.complete

    def complete(self, request: Request) -> Coroutine[Any, Any, Completion]:
        """Records the time, and passes the request to the provider."""
        now = time.monotonic()
        if self.first_at is None:
            self.first_at = now
        if self.started is not None:
            self.started[str(request.rfq.rfq_id)] = now
        return self._complete(request)


class Child:
    """The parent's side of the process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, task: str, *, program: Sequence[str] = _PROGRAM, **arguments: Any) -> Self:
        """Starts the process with a task. `program`: another program with the same protocol."""
        process = await asyncio.create_subprocess_exec(
            *program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE_BYTES
        )
        child = cls(process)
        child.say({"task": task, **arguments})
        return child

    def say(self, value: dict[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        self._process.stdin.write(json.dumps(value).encode() + b"\n")

    async def line(self, seconds: float) -> dict[str, Any]:
        """The next line of the process. Raises RfqflowError if the process has ended or is too slow."""
        assert self._process.stdout is not None  # noqa: S101 - as above
        try:
            async with asyncio.timeout(seconds):
                raw = await self._process.stdout.readline()
        except TimeoutError:
            raise RfqflowError("bench: a measuring process does not answer") from None
        if not raw:
            raise RfqflowError("bench: a measuring process has ended early; see above")
        said: dict[str, Any] = json.loads(raw)
        return said

    async def end(self) -> None:
        """Lets the process finish its work, and kills it if it does not end."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _say(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def _until_stop_requested() -> None:
    """Returns when the parent asks the process to stop, or dies."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def _peak_rss_mib() -> float:
    if sys.platform == "linux":
        # Do not use ru_maxrss: after an exec, it still has the peak of the parent process.
        with contextlib.suppress(OSError):
            status = Path("/proc/self/status").read_text("ascii")
            return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT / 2**20


def _settings(dsn: str, concurrency: int, log_level: str) -> Settings:
    from rfqflow import settings  # noqa: PLC0415 - as in `_work`

    # The user's environment must not change the result.
    return settings.load(
        database_url=dsn, listen_url=dsn, concurrency=concurrency, provider="rules", poll_seconds=1.0, listen="auto",
        call_deadline_seconds=20.0, lease_seconds=60.0, log_level=log_level, log_format="json",
    )  # fmt: skip


def _server(base_url: str, concurrency: int) -> Provider:
    from rfqflow.llm.openai import OpenAIProvider  # noqa: PLC0415 - imports the SDK

    return OpenAIProvider(
        model="bench-1", base_url=base_url, concurrency=concurrency, price=lambda _model, _usage: (_COST, "table")
    )


def _provider(
    concurrency: int,
    *,
    guarded: bool = False,
    facts: bool = True,
    call_seconds: float = 0,
    base_url: str | None = None,
) -> Provider:
    """A provider whose calls take `call_seconds`, or with `base_url` the OpenAI provider with a server at that address.

    With `guarded`, a call is a paid call: it requests admission and holds its cost. Without `facts`, an answer has no
    facts to check.
    """
    if base_url:
        return _server(base_url, concurrency)
    return Noop(free=not guarded, seconds=call_seconds, answer=ANSWER if facts else BARE_ANSWER)


async def _work(
    dsn: str,
    *,
    concurrency: int,
    expected: int | None,
    log_level: str = "warning",
    idle_seconds: float | None = None,
    **call: Any,
) -> None:
    """Runs a worker until `expected` RFQs have finished, for `idle_seconds`, or until the parent stops it.

    `call`: the arguments for `_provider`.
    """
    from rfqflow.enrichment.pipeline import Pipeline  # noqa: PLC0415 - writers and listeners need none of it
    from rfqflow.prompts import shipped  # noqa: PLC0415 - in the child process alone
    from rfqflow.telemetry import logging  # noqa: PLC0415 - in the child process alone
    from rfqflow.worker.garbage import tune_garbage_collection  # noqa: PLC0415 - in the child process alone
    from rfqflow.worker.worker import Worker  # noqa: PLC0415 - in the child process alone

    loaded = _settings(dsn, concurrency, log_level)
    logging.configure(log_level, "json")
    provider = Watched(_provider(concurrency, **call), keep=expected is None)
    pipeline = Pipeline(provider, prompt_version="bench@1", deadline_seconds=20.0, pepper=None)
    began_at, ended_at, reached = time.monotonic(), 0.0, 0

    def on_progress(counts: OutcomeCounts) -> None:
        nonlocal ended_at, reached
        if expected is not None and counts.total >= expected and not ended_at:
            ended_at, reached = time.monotonic(), counts.total
            worker.stop()

    worker = Worker(
        loaded, pipeline, shipped(), database_url=dsn, listen_url=dsn, pooled=False, direct=True,
        on_progress=on_progress,
    )  # fmt: skip

    async def stop_on_request() -> None:
        await (_until_stop_requested() if idle_seconds is None else asyncio.sleep(idle_seconds))
        worker.stop()

    tune_garbage_collection()  # as in `rfqflow run`
    cpu_before = time.process_time()
    stopping = asyncio.create_task(stop_on_request())
    counts = await worker.run()
    stopping.cancel()
    _say(
        {
            "ended": counts.ended,
            "reached": reached,
            "seconds": ended_at - (began_at if provider.first_at is None else provider.first_at),
            "started": provider.started,
            "cpu_seconds": time.process_time() - cpu_before,
            "rss_mib": _peak_rss_mib(),
        }
    )


async def _write(dsn: str, *, statement: str, clients: int, seconds: float) -> None:
    """Runs writers. Each has its own connection, and inserts again when its last insert has returned."""
    conns = [await connect(dsn, application_name="rfqflow bench") for _ in range(clients)]
    prepared = [await conn.prepare(statement) for conn in conns]
    until = time.perf_counter() + seconds
    took: list[float] = []

    async def loop(one: Any) -> None:
        while (began := time.perf_counter()) < until:
            await one.fetch()
            took.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(loop(statement) for statement in prepared))
    _say({"per_second": len(took) / (time.perf_counter() - began), "milliseconds": took})
    for conn in conns:
        conn.terminate()


async def _listen(dsn: str, *, channel: str) -> None:
    """Listens, and replies with the time of each notification."""
    heard: dict[str, float] = {}
    conn = await connect(dsn, application_name="rfqflow bench")
    await conn.add_listener(channel, lambda _conn, _pid, _channel, payload: heard.setdefault(payload, time.monotonic()))
    _say({"ready": True})
    await _until_stop_requested()
    await conn.close(timeout=2)
    _say({"heard": heard})


def main() -> None:
    """Does the task in the first line of standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C, and then closes standard input
    # Read without a buffer, which could take bytes that asyncio must read later.
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(0, 1)):
        line += byte
    task = json.loads(line)
    tasks: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {"work": _work, "write": _write, "listen": _listen}
    run = tasks[task.pop("task")]
    main_ = run(**task)
    with contextlib.suppress(ImportError):
        import uvloop  # noqa: PLC0415 - optional, as in `rfqflow run`

        uvloop.run(main_)
        return
    asyncio.run(main_)


if __name__ == "__main__":
    main()
