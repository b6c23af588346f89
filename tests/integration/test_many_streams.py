"""Five hundred pages with live updates, of two people, on one console."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.console_accounts import session_of
from tests.support.console_process import console
from tests.support.daemon import eventually
from tests.support.http_client import ask

STREAMS = {"/live": 100, "/live/health": 220, "/budgets/live": 60, "/failures/live": 60, "/rfqs/live": 60}
KB_EACH = 200  # the most of the console's memory that a stream may take


async def opened(url: str, path: str, given: dict[str, str]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**22)
    head = {"Host": parts.netloc, "Accept": "text/event-stream", **given}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
    assert b" 200 " in await reader.readline()
    await reader.readuntil(b"event: parts")
    return reader, writer


def resident_kb(pid: int) -> int:
    line = next(one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1])


async def test_five_hundred_streams_of_two_people_get_an_update_and_cost_the_database_no_more_than_one(database, db):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2048)), hard))

    async def transactions() -> tuple[int, float]:
        row = await db.fetchrow(
            "select xact_commit, extract(epoch from clock_timestamp())::float8 from pg_stat_database where datname = current_database()"
        )
        return row[0], row[1]

    async with console(database) as (url, process), contextlib.AsyncExitStack() as stack:
        people = [await session_of(url), await session_of(url, "Eve", "operator")]
        for path in STREAMS:  # modules that load with the first stream do not count
            assert (await opened(url, path, people[0]))[1].close() is None
        before = resident_kb(process.process.pid)
        wanted = [path for path, count in STREAMS.items() for _ in range(count)]
        async with asyncio.timeout(240):
            streams = [await opened(url, path, people[at % 50 == 0]) for at, path in enumerate(wanted)]
        for _, writer in streams:
            stack.callback(writer.close)
        each = (resident_kb(process.process.pid) - before) / len(streams)
        assert each < KB_EACH, f"{each:.0f} kB each"

        first, began = await transactions()
        await db.execute("select ai.pause('ada', 'a look at it')")
        async with asyncio.timeout(240):
            await asyncio.gather(*(reader.readuntil(b"paused") for reader, _ in streams))
        last, ended = await eventually(transactions, lambda now: now[0] > first and now[1] > began + 3)
        assert (last - first) / (ended - began) < len(streams) / 6, "each stream asks by itself"
        lines = "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'rfqflow %'"
        assert await db.fetchval(lines) <= 5

        # By now, one session has as many streams as it may. Another session can open one.
        for _ in range(10):
            stack.callback((await opened(url, "/live/health", people[0]))[1].close)
        refused = await ask(url + "/live/health", headers=people[0])
        assert (refused.status, int(refused.header("retry-after")) > 0) == (429, True)
        stack.callback((await opened(url, "/live/health", people[1]))[1].close)

        # And a new stream can open.
        third = await session_of(url, "Bea", "viewer")
        assert (await ask(url + "/", headers=third, seconds=60)).status == 200
