"""Two helper processes: a model server that answers after a set time, and a bare loop of the SDK that calls it.

The server costs as little processor time as possible. The loop sends the same request that rfqflow sends. Both follow
the protocol of `rfqflow.bench.subprocess_worker`.
"""

import asyncio
import json
import os
import random
import re
import sys
import time
from pathlib import Path
from typing import ClassVar

ANSWER = {
    "summary": "Quote for 250 laser-cut brackets in 1.4301 and 40 galvanized flanges DN 50, delivered DAP Rotterdam.",
    "language": "en",
    "intent": "rfq",
    "route": "general",
    "route_alternatives": [],
    "confidence": 0.82,
    "tags": ["laser-cutting"],
    "urgency": "normal",
    "line_items": [
        {
            "description": "bracket", "quantity": 250, "quantity_max": None, "unit": "pcs", "part_number": "BR-4471",
            "revision": None, "material": None, "standards": [],
        }
    ],
    "due_date": None,
    "due_date_text": None,
    "quote_deadline": None,
    "delivery_place": None,
    "incoterm": None,
    "budget": None,
    "certificates": [],
    "missing": [],
    "injection_suspected": False,
    "evidence": [],
}  # fmt: skip
COMPLETION = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "bench-1",
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": json.dumps(ANSWER)}}
        ],
        "usage": {"prompt_tokens": 900, "completion_tokens": 120, "total_tokens": 1020},
    }
).encode()
REPLY = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(COMPLETION) + COMPLETION
)

REFUSAL = b"HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


def say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def peak_rss_mib():
    """Not ru_maxrss: exec keeps the peak of the process that started this one."""
    return int(Path("/proc/self/status").read_text("ascii").partition("VmHWM:")[2].split()[0]) / 1024


async def until_stdin_closes():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


class Line(asyncio.Protocol):
    """One connection: one request after the other, each answered after the set time."""

    seconds = 0.0
    first = None

    def connection_made(self, transport):
        self.transport, self.got = transport, b""

    def data_received(self, data):
        self.got += data
        top, gap, body = self.got.partition(b"\r\n\r\n")
        if not gap:
            return
        length = int(top.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self.got = body[length:]
        if Line.first is None:
            Line.first = json.loads(body[:length])
            say({"body": Line.first})
        asyncio.get_running_loop().call_later(Line.seconds, self.transport.write, REPLY)


async def serve(seconds):
    Line.seconds = seconds
    server = await asyncio.get_running_loop().create_server(Line, "127.0.0.1", 0, backlog=4096)
    say({"base_url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"})
    await until_stdin_closes()
    server.close()
    say({"cpu_seconds": time.process_time()})


class DayLine(Line):
    """Answers each request after a random time, and refuses some; records when it had the request of which RFQ."""

    chance = random.Random()
    seconds = (1.0, 8.0)
    error_share = 0.0
    calls: ClassVar[dict] = {}

    def data_received(self, data):
        self.got += data
        top, gap, body = self.got.partition(b"\r\n\r\n")
        length = int(top.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if not gap or len(body) < length:
            return
        self.got = body[length:]
        number = re.search(rb"day-(\d+)", body[:length])
        span = [time.time(), 0.0]
        if number:
            DayLine.calls.setdefault(number[1].decode(), []).append(span)
        refused = DayLine.chance.random() < DayLine.error_share
        asyncio.get_running_loop().call_later(DayLine.chance.uniform(*DayLine.seconds), self.answer, span, refused)

    def answer(self, span, refused):
        span[1] = time.time()
        self.transport.write(REFUSAL if refused else REPLY)


async def serve_day(seconds, error_share, seed):
    DayLine.seconds, DayLine.error_share = tuple(seconds), error_share
    DayLine.chance.seed(seed)
    server = await asyncio.get_running_loop().create_server(DayLine, "127.0.0.1", 0, backlog=4096)
    say({"base_url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"})
    await until_stdin_closes()
    server.close()
    say({"calls": DayLine.calls})


async def loop(base_url, body, calls, in_flight):
    """Makes `calls` calls, `in_flight` at a time; returns the time from the first start to the last end."""
    import httpx2
    from openai import AsyncOpenAI

    limits = httpx2.Limits(max_connections=2 * in_flight, max_keepalive_connections=in_flight)
    client = AsyncOpenAI(
        api_key="no-key", base_url=base_url, max_retries=0,
        http_client=httpx2.AsyncClient(limits=limits, timeout=None, trust_env=False),
    )  # fmt: skip
    left = iter(range(calls))
    cpu_before = time.process_time()
    began = time.monotonic()

    async def one():
        for _ in left:
            completion = await client.chat.completions.create(**body)
            json.loads(completion.choices[0].message.content)

    await asyncio.gather(*(one() for _ in range(in_flight)))
    say(
        {
            "seconds": time.monotonic() - began,
            "cpu_seconds": time.process_time() - cpu_before,
            "rss_mib": peak_rss_mib(),
        }
    )


def main():
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(0, 1)):
        line += byte
    task = json.loads(line)
    work = {"serve": serve, "serve_day": serve_day, "loop": loop}[task.pop("task")](**task)
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


if __name__ == "__main__":
    main()
