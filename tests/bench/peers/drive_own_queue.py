"""Measures rfqflow's queue as the peers' are measured: claims, a task per job, fenced deletes.

It records no run and writes nothing back. It sleeps as the worker does: it listens, takes the doorbell, and scans once
more.
"""

import asyncio
import contextlib
import secrets
from pathlib import Path

from driving import Seen, main, say, ticks, until_stdin_closes

from rfqflow.bench.scratch_database import prepare
from rfqflow.database.connection import connect

POLL_SECONDS = 1.0
PROBES_SECONDS = (0.002, 0.004, 0.008, 0.016, 0.032, 0.064)  # scans before it sleeps, so that a burst notifies once


async def setup(dsn):
    conn = await connect(dsn)
    await prepare(conn)
    await conn.execute((Path(__file__).parent / "own_queue.sql").read_text())
    await conn.close()
    say({})


async def fill(dsn, jobs):
    conn = await connect(dsn)
    await conn.execute("select bench.fill($1)", jobs, timeout=300)
    await conn.close()
    say({})


class Queue:
    def __init__(self, conn, seen, batch):
        self._conn, self._seen, self._batch = conn, seen, batch
        self._done = []
        self._low_water = 0
        self.tasks = set()

    async def handle(self, claim):
        self._seen.start(str(claim["rfq_id"]))
        self._done.append((claim["outbox_id"], claim["claim_id"]))

    async def turn(self, *, full):
        """Finishes the tasks that have ended, and claims the next jobs; returns how many of each."""
        done, self._done = self._done, []
        claims = await self._conn.fetch(
            "select * from bench.queue_turn($1, $2, $3, $4, $5)", [one[0] for one in done], [one[1] for one in done],
            secrets.randbits(62), self._batch, 0 if full else self._low_water,
        )  # fmt: skip
        for claim in claims:
            task = asyncio.create_task(self.handle(claim))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        in_turn = [claim["outbox_id"] for claim in claims if not claim["out_of_turn"]]
        self._low_water = in_turn[-1] if in_turn else self._low_water
        await asyncio.sleep(0)
        return len(done), len(claims)


async def work(dsn, expected, batch):
    seen = Seen(expected)
    conn, session, listener = [await connect(dsn) for _ in range(3)]
    rung = asyncio.Event()
    await listener.add_listener("rfqflow_wake", lambda *_: rung.set())
    queue = Queue(conn, seen, batch)

    async def turns():
        quiet, asleep = 0, False
        while True:
            rung.clear()
            finished, claimed = await queue.turn(full=quiet > 0)
            if claimed == batch and asleep:
                await session.execute("select ai.release_doorbell()")
                asleep = False
            if finished or claimed:
                quiet = 0
            elif asleep:
                await wait(POLL_SECONDS)
            elif quiet < len(PROBES_SECONDS):
                await wait(PROBES_SECONDS[quiet])
                quiet += 1
            else:  # then it scans once more: from now on every insert notifies
                asleep = bool(await session.fetchval("select ai.acquire_doorbell('50 ms')"))

    async def wait(seconds):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await rung.wait()

    running = asyncio.create_task(turns())
    say({"ready": True})
    reported = asyncio.create_task(until_stdin_closes())
    await asyncio.wait([running, reported], return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    running.cancel()
    for one in (conn, session, listener):
        one.terminate()
    say(seen.result())


async def produce(dsn, **pace):
    conn = await connect(dsn)
    ids = {}
    insert = await conn.prepare(
        "insert into public.rfq_requests (name, email, company, message) "
        "values ('A. Buyer', 'buyer@example.com', 'Example Works', bench.message() || $1::text) returning id::text"
    )

    async def one(number):
        ids[number] = await insert.fetchval(str(number))

    await ticks(one, names=ids, **pace)


main(setup=setup, fill=fill, work=work, produce=produce)
