"""The model's server as its own process: it writes each request to a journal on disk before it answers.

    python -m tests.chaos.provider --port 0 --journal calls.jsonl --seed 1

`POST /control` with `{"mix": {"ok": 1.0}, "delay": 0.04}` changes its behaviour from the next request on. It draws
the reply to a request from the seed, the RFQ and the number of requests about that RFQ, so that the same seed gives the
same replies.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import random
import time
from pathlib import Path

from tests.support.model_behaviours import BEHAVIOURS, behaviour
from tests.support.model_exchange import Exchange, as_json, head
from tests.support.model_server import MARKER, ModelServer

from .files import MARK

USUAL = {"ok": 0.944, "500": 0.02, "invalid_json": 0.015, "429_short": 0.001, "cut": 0.01, "refusal": 0.01}
# A reply of these kinds carries an answer that was made and is charged.
BILLED = frozenset({"ok", "fenced", "drip", "delayed_ok"})

# Whether an answer was made and is charged is unknown: the server read the whole request and sent no whole reply.
UNKNOWN = frozenset({"cut", "hung_up", "cut_in_head", "hang", "silent_after_head"})


@behaviour("wall_403")
async def _a_wall_refuses_one_text(exchange: Exchange) -> None:
    """A firewall dislikes the text. Its page says nothing about the account, and has not the form of the API."""
    await exchange.send(
        403, b"<html><title>Attention Required!</title></html>", content_type="text/html", server="wall"
    )


@behaviour("odd_4xx")
async def _an_odd_status(exchange: Exchange) -> None:
    status = (424, 499, 423, 460, 418, 451)[len(exchange.raw) % 6]
    await exchange.send(status, as_json({"detail": "not now"}))


@behaviour("hung_up")
async def _hangs_up_after_a_while(exchange: Exchange) -> None:
    await asyncio.sleep(0.2)
    exchange.keep_alive = False


@behaviour("cut_in_head")
async def _cuts_within_the_head(exchange: Exchange) -> None:
    await exchange.write(head(200, {"content-type": "application/json", "content-length": "500"})[:40])
    exchange.keep_alive = False


class Journal:
    """Lines are on disk when `write` returns; many writers share one fsync."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._wanted = asyncio.Event()

    async def write(self, line: dict[str, object]) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((json.dumps(line).encode() + b"\n", done))
        self._wanted.set()
        await done

    async def run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            batch, self._waiting = self._waiting, []
            self._file.write(b"".join(text for text, _ in batch))
            await asyncio.to_thread(os.fsync, self._file.fileno())
            for _, done in batch:
                if not done.done():
                    done.set_result(None)


class ChaosProvider(ModelServer):
    def __init__(self, port: int, journal: Journal, seed: int) -> None:
        super().__init__(port=port)
        self._lines, self._seed = journal, seed
        self.mix, self.delay = dict(USUAL), 0.04
        self._asked: dict[str, int] = {}

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        top = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in top[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        path = top[0].split(" ")[1]
        body = json.loads(raw) if raw else {}
        exchange = Exchange(0, "", "", path, headers, raw, body, reader, writer)
        if path == "/control":
            self.mix, self.delay = body.get("mix", self.mix), body.get("delay", self.delay)
            await exchange.send(200, b"{}")
            return True
        arrived = time.time()
        request_id = headers.get("x-request-id", "")
        number = self._asked[request_id] = self._asked.get(request_id, 0) + 1
        draw = random.Random(f"{self._seed}:{request_id}:{number}")
        marked = MARKER.search(exchange.customer)
        exchange.behaviour = marked[1] if marked else draw.choices([*self.mix], [*self.mix.values()])[0]
        await self._lines.write({
            "at": arrived,
            "request_id": request_id,
            "claim_id": _claim(headers.get("x-client-request-id", "")),
            "number": number,
            "behaviour": exchange.behaviour,
            "customer_sha256": hashlib.sha256(exchange.customer.encode()).hexdigest(),
            "marks": sorted(set(MARK.findall(exchange.customer))),
            "bytes": len(raw),
        })  # fmt: skip
        await asyncio.sleep(self.delay * (0.5 + draw.random()))
        await BEHAVIOURS[exchange.behaviour](exchange)
        return exchange.keep_alive


def _claim(call_id: str) -> int | None:
    """The daemon names a call by the RFQ's request id and by the claim."""
    claim = call_id.rpartition(".")[2]
    return int(claim) if claim.isdigit() else None


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    journal = Journal(options.journal)
    server = ChaosProvider(options.port, journal, options.seed)
    writing = asyncio.create_task(journal.run())
    async with server:
        print(f"listening on {server.port}", flush=True)
        await writing


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
