"""No wake-up is lost: polling is practically off, so that an RFQ whose notification is lost would wait for a minute."""

import asyncio
import os
import random
import uuid
from datetime import timedelta
from functools import partial

import asyncpg
import pytest

from rfqflow.core.queue.low_water_mark import LAG_SECONDS
from tests.support.proxy import Proxy
from tests.support.worker_harness import Scripted, insert, now, parked, session, terminate, until, working

SLOW_POLL = 60.0  # the longest that the settings allow
LOST = 25.0  # much less than the poll
HUNTS = 5
ROUNDS = 60


async def done(db: asyncpg.Connection) -> int:
    return await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'done'")


@pytest.fixture(autouse=True)
def polls_and_beats_are_off(monkeypatch):
    monkeypatch.setattr("rfqflow.worker.heartbeat.BEAT_SECONDS", SLOW_POLL)


@pytest.fixture
async def databases(server_dsn, template):
    """Several databases, so that several tests run at once and none gets the other's notifications."""
    server = await asyncpg.connect(server_dsn)
    names = [f"rfqflow_{uuid.uuid4().hex[:12]}" for _ in range(HUNTS)]
    for name in names:
        await server.execute(f"create database {name} template {template}")
    yield [server_dsn.rsplit("/", 1)[0] + "/" + name for name in names]
    for name in names:
        await server.execute(f"drop database {name} with (force)")
    await server.close()


async def write(conn: asyncpg.Connection, draw: random.Random, name: str) -> int:
    """One transaction with pauses in places where a worker may be scanning, taking the doorbell or sleeping."""

    async def pause() -> None:
        await asyncio.sleep(draw.choice([0, 0, 0.002, 0.01, 0.05, 0.08, 0.2]))

    level = draw.choice(["read_committed", "repeatable_read", "serializable"])
    written = 0
    transaction = conn.transaction(isolation=level)
    await transaction.start()
    if level != "read_committed":
        await conn.fetchval("select txid_current_snapshot()::text")  # an old snapshot, before the insert
    await pause()
    for n in range(draw.randint(1, 2)):
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


async def hunt(dsn: str, draw: random.Random, rounds: int) -> None:
    writers = [await asyncpg.connect(dsn) for _ in range(4)]
    expected = 0
    async with working(dsn, Scripted(), poll_seconds=SLOW_POLL, concurrency=4):
        for round_ in range(rounds):
            chosen = draw.sample(writers, draw.randint(1, 4))
            written = await asyncio.gather(*(write(conn, draw, f"r{round_} w{n}") for n, conn in enumerate(chosen)))
            expected += sum(written)
            await until(partial(_at_least, writers[0], expected), LOST)
            await asyncio.sleep(draw.choice([0, 0.01, 0.05, 0.1, 0.2]))  # meet the worker in another phase
    assert await done(writers[0]) == expected
    for conn in writers:
        await conn.close()


async def test_no_interleaving_of_slow_writers_loses_a_wake_up(databases):
    seed = int(os.environ.get("RFQFLOW_TEST_SEED", "0")) or random.randrange(1 << 30)
    print(f"RFQFLOW_TEST_SEED={seed}")
    hunts = (hunt(dsn, random.Random(seed + n), ROUNDS) for n, dsn in enumerate(databases))
    assert len(await asyncio.gather(*hunts)) == len(databases)


async def waits_for_the_doorbell(db: asyncpg.Connection) -> bool:
    found: bool = await db.fetchval(
        "select exists (select from pg_locks l join pg_stat_activity a using (pid) where a.datname = current_database() "
        "and a.application_name = 'rfqflow doorbell' and l.locktype = 'advisory' and not l.granted)"
    )
    return found


async def test_no_wake_up_is_lost_to_a_writer_that_commits_while_the_doorbell_is_taken(database, db, open_connection):
    slow = await open_connection()
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute("insert into public.rfq_requests (message) values ('nobody slept when this rang')")
    async with working(database, Scripted(), poll_seconds=SLOW_POLL):
        await until(lambda: waits_for_the_doorbell(db))  # it has scanned, and waits for the writer to end
        await transaction.commit()
        assert await until(partial(_at_least, db, 1), LOST) < SLOW_POLL


async def test_a_row_that_commits_late_below_the_low_water_mark_is_found_by_its_notification(
    database, db, open_connection
):
    slow = await open_connection()
    async with working(database, Scripted(), poll_seconds=SLOW_POLL):
        await until(lambda: parked(db))
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute("insert into public.rfq_requests (message) values ('late')")
        await insert(db, "m1")
        await until(partial(_at_least, db, 1), LOST)
        await asyncio.sleep(LAG_SECONDS)  # the mark follows m1 now, at the next scan, which is the one for m2
        await insert(db, "m2")
        await until(partial(_at_least, db, 2), LOST)
        await transaction.commit()
        assert await until(partial(_at_least, db, 3), LOST) < SLOW_POLL


async def _at_least(db: asyncpg.Connection, expected: int) -> bool:
    return await done(db) >= expected


async def test_an_rfq_that_comes_while_the_worker_sleeps_is_claimed_by_its_notification(database, db):
    provider = Scripted()
    async with working(database, provider, poll_seconds=SLOW_POLL):
        await until(lambda: parked(db))
        for n in range(30):
            await insert(db, f"m{n}")
            await until(partial(_at_least, db, n + 1))
        assert await parked(db)  # single notifications do not end its sleep phase

    assert await db.fetchval("select percentile_disc(0.5) within group (order by queue_ms) from ai.rag_runs") < 50


async def test_each_rfq_of_a_random_trickle_is_claimed_by_its_notification(database, db, open_connection):
    draw = random.Random(3)
    received = 0

    def receive(*_: object) -> None:
        nonlocal received
        received += 1

    listener = await open_connection()
    await listener.add_listener("rfqflow_wake", receive)
    async with working(database, Scripted(), poll_seconds=SLOW_POLL):
        await until(lambda: parked(db))
        for n in range(150):
            await insert(db, f"m{n}")
            await asyncio.sleep(draw.expovariate(50))  # the trickle itself
        await until(partial(_at_least, db, 150), LOST)
        await until(lambda: parked(db))
        await listener.fetchval("select 1")

    p95 = await db.fetchval("select percentile_disc(0.95) within group (order by queue_ms) from ai.rag_runs")
    print(f"{received} notifications for 150 inserts at 50/s; queue_ms p95 {p95:.1f}")
    assert p95 < 500  # a worker that is not woken waits for a poll of minutes
    assert received  # how many are needed depends on the machine: a worker that is still awake needs none


async def has_just_looked(db: asyncpg.Connection) -> bool:
    """So that the next scan is a while off."""
    work = await session(db, "work")
    age = await db.fetchval("select clock_timestamp() - $1::timestamptz", work["state_change"]) if work else None
    return age is not None and work["state"] == "idle" and age < timedelta(seconds=0.1)


async def test_a_worker_without_a_listener_polls_four_times_a_second_until_it_listens_again(database, db):
    slow = {"poll_seconds": SLOW_POLL}
    async with Proxy.before(database) as link, working(database, Scripted(), listen_dsn=link.dsn, **slow):
        await until(lambda: parked(db))
        link.refused.add("rfqflow listener")
        await terminate(db, "listener")
        await until(now(lambda: link.turned_away["rfqflow listener"]))
        for n in range(4):
            await until(lambda: has_just_looked(db))
            await insert(db, f"m{n}")
            assert await until(partial(_at_least, db, n + 1), LOST) < LOST
        assert not await parked(db)  # a worker that cannot listen must not make inserts notify
        link.refused.clear()
        await until(lambda: parked(db))


async def test_a_stalled_listener_is_noticed_and_polling_finds_the_work_meanwhile(database, db, monkeypatch):
    monkeypatch.setattr("rfqflow.worker.listener.PING_SECONDS", 0.3)
    monkeypatch.setattr("rfqflow.worker.listener.ANSWER_SECONDS", 1.0)
    slow = {"poll_seconds": SLOW_POLL}
    async with Proxy.before(database) as link, working(database, Scripted(), listen_dsn=link.dsn, **slow):
        await until(lambda: parked(db))
        link.stall("both", "rfqflow listener")
        await insert(db, "unheard")
        assert await until(partial(_at_least, db, 1), LOST) < LOST
        link.resume()
        link.cut()
        await until(lambda: parked(db))
        await insert(db, "heard")
        await until(partial(_at_least, db, 2), LOST)


async def test_a_burst_notifies_a_few_times_and_not_each_time(database, db, open_connection):
    provider = Scripted()
    received = 0

    def receive(*_: object) -> None:
        nonlocal received
        received += 1

    listener = await open_connection()
    await listener.add_listener("rfqflow_wake", receive)
    writers = [await open_connection() for _ in range(8)]

    async def burst(conn: asyncpg.Connection) -> None:
        for n in range(250):
            await conn.execute("insert into public.rfq_requests (message) values ($1)", f"m{n}")

    async with working(database, provider, poll_seconds=SLOW_POLL, concurrency=500):
        await until(lambda: parked(db))
        await asyncio.gather(*(burst(conn) for conn in writers))
        await until(lambda: _at_least(db, 2000), 30)
        await listener.fetchval("select 1")

    print(f"{received} notifications for 2000 inserts")
    assert 1 <= received < 400


async def test_a_terminated_listener_reconnects_and_scans_at_once(database, db):
    provider = Scripted()
    async with working(database, provider, poll_seconds=SLOW_POLL):
        await until(lambda: parked(db))
        await terminate(db, "listener")
        await db.execute("insert into public.rfq_requests (message) values ('during')")
        await until(lambda: _at_least(db, 1), LOST)
        await until(lambda: parked(db))
        await db.execute("insert into public.rfq_requests (message) values ('after')")
        assert await until(lambda: _at_least(db, 2), LOST) < SLOW_POLL


async def test_a_full_worker_hands_off_to_an_idle_one(database, db):
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
        assert await until(lambda: _at_least(db, 2), LOST) < SLOW_POLL


async def _workers(db: asyncpg.Connection, number: int) -> bool:
    return await db.fetchval("select count(*) from ai.workers") == number


async def _calls(one: Scripted, other: Scripted, number: int) -> bool:
    return one.in_flight + other.in_flight == number
