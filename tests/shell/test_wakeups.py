"""No wake-up is lost: with polling practically off, a ring that gets lost would leave an RFQ lying for a minute."""

import asyncio
import os
import random
import time
from functools import partial

import asyncpg
from harness import Scripted, until, working

SLOW_POLL = 60.0  # the longest the settings allow; also the beat's interval
LOST = 8.0  # much less than the poll


async def done(db: asyncpg.Connection) -> int:
    return await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'done'")


async def parked(db: asyncpg.Connection) -> bool:
    """Whether some worker holds the doorbell."""
    return await db.fetchval(
        "select exists (select from pg_locks where locktype = 'advisory' and classid = 1380340038 and objid = 0 "
        "and granted and mode = 'ExclusiveLock' and database = (select oid from pg_database where datname = current_database()))"
    )


async def test_no_interleaving_of_slow_writers_loses_a_wake_up(database, db, open_connection):
    seed = int(os.environ.get("RFQFLOW_TEST_SEED", "0")) or random.randrange(1 << 30)
    print(f"RFQFLOW_TEST_SEED={seed}")
    draw = random.Random(seed)
    writers = [await open_connection() for _ in range(4)]
    provider = Scripted()
    expected = 0

    async def write(conn: asyncpg.Connection, name: str) -> int:
        """One transaction with pauses in places where a worker may be arming, sleeping or looking."""
        pause = lambda: asyncio.sleep(draw.choice([0, 0, 0.002, 0.02, 0.07, 0.15, 0.3]))  # noqa: E731 - used as a word
        level = draw.choice(["read committed", "repeatable read", "serializable"])
        written = 0
        transaction = conn.transaction(isolation=level.replace(" ", "_"))
        await transaction.start()
        if level != "read committed":
            await conn.fetchval("select txid_current_snapshot()::text")  # an old snapshot, before the insert
        await pause()
        for n in range(draw.randint(1, 3)):
            savepoint = conn.transaction() if draw.random() < 0.4 else None
            if savepoint:
                await savepoint.start()
            await conn.execute("insert into public.rfq_requests (message) values ($1)", f"{name} {n}")
            await pause()
            if savepoint and draw.random() < 0.5:
                await savepoint.rollback()
                continue
            if savepoint:
                await savepoint.commit()
            written += 1
        if draw.random() < 0.1:
            await transaction.rollback()
            return 0
        await transaction.commit()
        return written

    async with working(database, provider, poll_seconds=SLOW_POLL, concurrency=4):
        began = time.monotonic()
        rounds = 0
        while rounds < 60 or time.monotonic() - began < 12:
            rounds += 1
            chosen = draw.sample(writers, draw.randint(1, 4))
            written = await asyncio.gather(*(write(conn, f"r{rounds} w{n}") for n, conn in enumerate(chosen)))
            expected += sum(written)
            await until(partial(_at_least, db, expected), LOST)
            await asyncio.sleep(draw.choice([0, 0.01, 0.05, 0.1, 0.2, 0.3]))  # meet the worker in another phase
            if rounds > 400:
                break

    assert await done(db) == expected


async def _at_least(db: asyncpg.Connection, expected: int) -> bool:
    return await done(db) >= expected


async def test_an_rfq_that_comes_while_the_worker_sleeps_is_picked_up_by_its_ring(database, db):
    provider = Scripted()
    async with working(database, provider, poll_seconds=SLOW_POLL):
        await until(lambda: parked(db))
        waits = []
        for n in range(30):
            await db.execute("insert into public.rfq_requests (message) values ($1)", f"m{n}")
            await until(lambda n=n: _at_least(db, n + 1))
            waits.append(
                await db.fetchval(
                    "select max(queue_ms) from ai.rag_runs where rfq_id = (select id from public.rfq_requests order by created_at desc limit 1)"
                )
            )
        assert await parked(db)  # single rings do not cost it its sleep

    assert sorted(waits)[len(waits) // 2] < 50


async def test_a_burst_rings_a_few_times_and_not_each_time(database, db, open_connection):
    provider = Scripted()
    heard = 0

    def hear(*_: object) -> None:
        nonlocal heard
        heard += 1

    ear = await open_connection()
    await ear.add_listener("rfqflow_wake", hear)
    writers = [await open_connection() for _ in range(8)]

    async def burst(conn: asyncpg.Connection) -> None:
        for n in range(250):
            await conn.execute("insert into public.rfq_requests (message) values ($1)", f"m{n}")

    async with working(database, provider, poll_seconds=SLOW_POLL, concurrency=500):
        await until(lambda: parked(db))
        await asyncio.gather(*(burst(conn) for conn in writers))
        await until(lambda: _at_least(db, 2000), 30)
        await ear.fetchval("select 1")

    print(f"{heard} notifications for 2000 inserts")
    assert 1 <= heard < 400


async def test_a_terminated_ear_hears_again_and_looks_at_once(database, db):
    provider = Scripted()
    async with working(database, provider, poll_seconds=SLOW_POLL):
        await until(lambda: parked(db))
        await db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'rfqflow ear' and datname = current_database()"
        )
        await db.execute("insert into public.rfq_requests (message) values ('during')")
        await until(lambda: _at_least(db, 1), LOST)
        await until(lambda: parked(db))
        await db.execute("insert into public.rfq_requests (message) values ('after')")
        await until(lambda: _at_least(db, 2), LOST)


async def test_a_full_worker_passes_the_baton_to_an_idle_one(database, db):
    busy, idle = Scripted(), Scripted()
    go = asyncio.Event()
    busy.default = idle.default = go
    async with (
        working(database, busy, poll_seconds=SLOW_POLL, concurrency=1),
        working(database, idle, poll_seconds=SLOW_POLL, concurrency=1),
    ):
        await until(lambda: parked(db))
        await until(lambda: _workers(db, 2))
        await db.execute("insert into public.rfq_requests (message) values ('one')")
        await until(lambda: _calls(busy, idle, 1))
        await db.execute("insert into public.rfq_requests (message) values ('two')")
        await until(lambda: _calls(busy, idle, 2), LOST)
        go.set()
        await until(lambda: _at_least(db, 2), LOST)


async def _workers(db: asyncpg.Connection, number: int) -> bool:
    return await db.fetchval("select count(*) from ai.workers") == number


async def _calls(one: Scripted, other: Scripted, number: int) -> bool:
    return one.in_flight + other.in_flight == number
