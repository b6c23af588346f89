"""What the drivers of all Python peers share. It runs in a peer's environment, which has neither rfqflow nor pytest.

A driver reads one task as a line of JSON on standard input, and answers in lines of JSON on standard output. It ends
when its standard input closes. Tasks: `setup`; `fill`; `work`; `produce`. `work` reports `ready`, then `ran` where the
task has `expected`, and the figures at the end. `produce` adds one job per tick by the peer's call for one job.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import uvloop


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


class Seen:
    """The jobs that have started, and the time of the first; with `expected` it reports once all have started."""

    def __init__(self, expected):
        self.expected = expected
        self.first_at = None
        self.starts = 0
        self.started = {}
        self._cpu_before = time.process_time()

    def start(self, number):
        now = time.monotonic()
        if self.first_at is None:
            self.first_at = now
        self.starts += 1
        self.started[number] = now
        if self.starts == self.expected:
            say({"ran": self.starts})

    def result(self):
        return {
            "first_at": self.first_at,
            "starts": self.starts,
            "distinct": len(self.started),
            "started": self.started if self.expected is None else None,
            "cpu_seconds": time.process_time() - self._cpu_before,
            "rss_mib": peak_rss_mib(),
        }


ANSWER = {
    "summary": "Quote for 250 laser-cut brackets in 1.4301 and 40 galvanized flanges DN 50, delivered DAP Rotterdam with a "
    "3.1 certificate.",
    "tags": ["laser-cutting", "stainless-steel"],
    "route": "general",
    "urgency": "normal",
    "confidence": 0.82,
    "language": "en",
    "line_items": [{"description": "Bracket", "quantity": "250", "unit": "pcs", "part_number": "BR-4471"}],
}
CONNECTIONS = 16


async def nothing(numbers):
    """A job without work."""


async def same_work(dsn):
    """Returns a handler that gets numbers of RFQs: it reads the RFQs, records runs and updates them, by asyncpg."""
    import asyncpg

    pool = await asyncpg.create_pool(dsn, min_size=CONNECTIONS, max_size=CONNECTIONS)

    async def work(numbers):
        async with pool.acquire() as conn:
            rfqs = await conn.fetch("select * from bench.read_rfqs($1)", numbers)
            answers = [json.dumps(ANSWER) for _ in rfqs]
            await conn.fetchval("select bench.write_back($1, $2)", [rfq["number"] for rfq in rfqs], answers)

    return work


async def ticks(enqueue, *, per_second, seconds, names=None):
    """Calls `enqueue(number)` at even times. Reports when each was called and committed, by number or by `names`."""
    called, committed = {}, {}
    began = time.monotonic()
    for number in range(round(per_second * seconds)):
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        called[number] = time.monotonic()
        await enqueue(number)
        committed[number] = time.monotonic()
    named = names or {number: number for number in called}
    say({
        "called": {named[number]: at for number, at in called.items()},
        "committed": {named[number]: at for number, at in committed.items()},
    })  # fmt: skip


def main(**tasks):
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(0, 1)):  # unbuffered: asyncio reads the rest
        line += byte
    task = json.loads(line)
    uvloop.run(tasks[task.pop("task")](**task))
