"""A worker that gets the order to stop, or that ends when nothing is due."""

from __future__ import annotations

import asyncio

from rfqflow.core.errors import ErrorClass
from tests.support.worker_harness import (
    Scripted,
    count,
    ended,
    heartbeats,
    insert,
    insert_many,
    now,
    parked,
    until,
    working,
)


async def test_drain_ends_when_nothing_is_due(database, db):
    await insert(db, "one", "later")
    provider = Scripted()
    provider.behaviours = {"later": [ErrorClass.QUOTA]}
    async with asyncio.timeout(40), working(database, provider, drain=True) as worker:
        await until(ended(db, 1))

    assert worker.counts.ended == {"done": 1, "deferred": 1}


async def test_a_forced_stop_releases_claims_whose_calls_it_cuts_off(database, db):
    provider = Scripted()
    provider.default = asyncio.Event()
    async with working(database, provider) as worker:
        await insert(db, "one")
        await until(now(lambda: provider.in_flight == 1))
        worker.force_stop()

    row = await db.fetchrow("select claim_id, attempt from ai.outbox")
    assert tuple(row) == (None, 0)
    assert await db.fetchval("select status || ' ' || reason from ai.rag_runs") == "lost stopped"


async def test_a_stop_waits_for_the_calls_in_flight(database, db):
    provider = Scripted()
    go = asyncio.Event()
    provider.default = go
    async with working(database, provider) as worker:
        await insert(db, "one")
        await until(now(lambda: provider.in_flight == 1))
        worker.stop()
        await insert(db, "two")
        go.set()
        await until(ended(db, 1))

    assert provider.calls == ["one"]
    assert await count(db, "pending") == 1


async def test_a_sleeping_worker_takes_the_rfqs_that_a_stopping_one_releases_at_once(database, db):
    sleeper, leaver = Scripted(), Scripted()
    leaver.default = asyncio.Event()
    async with working(database, sleeper, poll_seconds=60):
        await until(lambda: parked(db))
        async with working(database, leaver, poll_seconds=60) as leaving:
            await heartbeats(db, workers=2)
            number = 0
            while not leaver.in_flight:  # the notification wakes both: wait until one worker gets the RFQ
                number += 1
                await insert(db, f"m{number}")
                await until(lambda number=number: _reached(number, sleeper, leaver))
            leaving.force_stop()
            seconds = await until(ended(db, number))

    assert seconds < 10  # not a poll later


async def _reached(number: int, *providers: Scripted) -> bool:
    return sum(len(provider.calls) for provider in providers) == number


async def test_a_drain_ends_during_a_pause_and_leaves_waiting_rfqs(database, db):
    await insert(db, "one")
    await db.execute("select ai.pause()")
    provider = Scripted()
    async with asyncio.timeout(40), working(database, provider, drain=True, alone=True):
        pass

    assert provider.calls == []
    assert await count(db, "pending") == 1


async def test_a_drain_processes_all_due_rfqs_however_many_must_be_promoted(database, db):
    await insert_many(db, 1200)
    await db.execute(
        "with moved as (delete from ai.outbox returning *) "
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "select rfq_id, enqueued_at, now() - interval '1 s', 0, 'auth' from moved"
    )
    provider = Scripted()
    async with asyncio.timeout(40), working(database, provider, drain=True, alone=True, concurrency=500):
        pass

    assert len(provider.calls) == 1200
    assert await count(db, "done") == 1200
