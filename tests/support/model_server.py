"""A model server that misbehaves on demand: with the standard library only, in-process or as a separate process.

    async with ModelServer() as server:
        server.script("429_seconds", "ok")     # the next replies, then `server.default`
        ... base_url=server.url ...
        server.journal                         # the requests, in order

    python tests/support/model_server.py --port 8080 --mix ok=95,500=3,hang=2 --journal calls.jsonl

The reply to a request is the first that exists of: the next behaviour of the script; the behaviour that a marker in the
customer's text names, such as `[model:hang]`; a draw of the mix; the default. A behaviour may take an argument
(`delayed_ok:0.5`). The behaviours are in `model_behaviours.py`. The server has Chat Completions and, unless
`has_responses` is off, Responses.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import random
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tests.support.model_behaviours import BEHAVIOURS, WITHOUT_RESPONSES
from tests.support.model_exchange import Exchange, as_json
from tests.support.responses_exchange import PATH, as_chat, unknown_in

MARKER = re.compile(r"\[model:\s*([\w:.-]+)\]")


@dataclass
class ModelServer:
    """`url` is the base URL for clients; `journal` has a dictionary for each request, in order."""

    default: str = "ok"
    port: int = 0
    mix: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    journal_path: str | None = None
    redirect_to: str = "http://127.0.0.1:9"
    journal: list[dict[str, Any]] = field(default_factory=list)
    in_flight: int = 0
    peak: int = 0
    accepted: int = 0  # all connections since the start
    has_responses: bool = True

    def __post_init__(self) -> None:
        self._script: deque[str] = deque()
        self._random = random.Random(self.seed)
        self._connections: set[asyncio.Task[None]] = set()
        self._received = asyncio.Event()
        self._let_go = asyncio.Event()
        self.bytes_received = 0

    def script(self, *behaviours: str) -> None:
        self._script.extend(behaviours)

    async def received(self, count: int) -> None:
        """Waits until the journal has this many requests."""
        while len(self.journal) < count:
            self._received.clear()
            await self._received.wait()

    def let_go(self) -> None:
        """Answers the `held` requests that have arrived."""
        self._let_go.set()
        self._let_go = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self.port, backlog=4096)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self.accepted += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._served(reader, writer):
                    pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        top = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in top[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        self.bytes_received += len(raw)
        body = json.loads(raw) if raw else {}
        exchange = self.exchange_of(len(self.journal), "", "", top[0].split(" ")[1], headers, raw, body, reader, writer)
        exchange.redirect_to, exchange.let_go = self.redirect_to, self._let_go
        refused = self.refusal(exchange)
        if refused is None:
            exchange.behaviour, _, exchange.argument = self.behaviour_for(exchange).partition(":")
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        self._note(exchange, body)
        try:
            if refused:
                await exchange.send(refused[0], as_json(refused[1]))
            else:
                await BEHAVIOURS[exchange.behaviour](exchange)
        finally:
            self.in_flight -= 1
        return exchange.keep_alive

    def exchange_of(self, *parts: Any) -> Exchange:
        return Exchange(*parts)

    def refusal(self, exchange: Exchange) -> tuple[int, Any] | None:
        """The API's rejection of a request; None for a request that it accepts."""
        return self._as_responses(exchange) if exchange.path.endswith(PATH) else None

    def _as_responses(self, exchange: Exchange) -> tuple[int, Any] | None:
        """Reads the request as one of the Responses API. Returns a refusal where it is invalid, or the API is missing."""
        if not self.has_responses or self.default in WITHOUT_RESPONSES:
            return 404, {"detail": "Not Found"}
        if unknown := unknown_in(exchange.body):
            error = {"message": f"Unknown parameter: '{unknown}'.", "type": "invalid_request_error", "param": unknown}
            return 400, {"error": {**error, "code": "unknown_parameter"}}
        exchange.in_responses, exchange.body = True, as_chat(exchange.body)
        return None

    def behaviour_for(self, exchange: Exchange) -> str:
        """The behaviour from the script, the text, the mix, or the default."""
        if self._script:
            return self._script.popleft()
        if marked := MARKER.search(exchange.customer):
            return marked[1]
        if self.mix:
            return self._random.choices([*self.mix], [*self.mix.values()])[0]
        return self.default

    def _note(self, exchange: Exchange, body: Any) -> None:
        """Writes the request down before the reply, to disk if wanted: so it is known even if the client is killed."""
        entry = {
            "number": exchange.number,
            "behaviour": exchange.behaviour,
            "path": exchange.path,
            "request_id": exchange.headers.get("x-request-id"),
            "customer_sha256": hashlib.sha256(exchange.customer.encode("utf-8", "replace")).hexdigest(),
            "prompt_tokens": len(exchange.raw) // 4,
            "headers": exchange.headers,
            "body": body,
        }
        self.journal.append(entry)
        self._received.set()
        if self.journal_path is not None:
            line = {name: value for name, value in entry.items() if name not in ("headers", "body")}
            with open(self.journal_path, "ab") as file:  # noqa: PTH123 - a plain append
                file.write(as_json(line) + b"\n")
                file.flush()
                os.fsync(file.fileno())


async def _main() -> None:
    parser = argparse.ArgumentParser(description="A model server that misbehaves on demand.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", default="", help="the first replies, comma-separated")
    parser.add_argument("--default", default="ok")
    parser.add_argument("--mix", default="", help="shares of behaviours once the script has ended: ok=95,500=5")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--journal", default=None, help="a file that gets one fsynced JSON line for each request")
    options = parser.parse_args()
    mix = {name: float(share) for name, share in re.findall(r"([^=,]+)=([^,]+)", options.mix)}
    server = ModelServer(
        default=options.default, port=options.port, mix=mix, seed=options.seed, journal_path=options.journal
    )
    script = [each for each in options.script.split(",") if each]
    server.script(*script)
    unknown = {each.partition(":")[0] for each in (*script, *mix, options.default)} - BEHAVIOURS.keys()
    if unknown:
        parser.error(f"unknown behaviours {sorted(unknown)}; known are {', '.join(sorted(BEHAVIOURS))}")
    async with server:
        print(f"listening on {server.url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
