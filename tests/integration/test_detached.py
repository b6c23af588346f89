"""rfqflow is detached while a worker's call is in flight: the worker keeps the result until a table is attached."""

from __future__ import annotations

import asyncio

from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.store import attachment
from tests.support.worker_harness import Scripted, ended, insert, now, until, working


async def test_a_result_that_comes_while_detached_is_recorded_after_migrate_and_paid_once(database):
    db, provider, go = await connect(database), Scripted(), asyncio.Event()
    provider.default = go
    async with working(database, provider) as worker:
        await insert(db, "in flight")
        await until(now(lambda: provider.in_flight == 1))
        await attachment.detach(db, None, "ada", "a change of type")
        await db.execute("alter table public.rfq_requests alter column message type varchar(1000)")
        await insert(db, "meanwhile")
        provider.default = None
        go.set()
        await until(now(lambda: provider.in_flight == 0))
        beats = "select max(beat_at) from ai.workers"
        since = await db.fetchval(beats)

        async def beaten() -> bool:
            return await db.fetchval(beats) > since

        await until(beaten, 20)  # the worker lives, and has tried to record the result meanwhile
        assert await db.fetchval("select count(*) from ai.outbox_dead") == 0
        assert await db.fetchval("select count(*) from ai.rag_runs") == 0
        await migrate.migrate(db)
        await until(ended(db, 2), 30)
        await until(now(lambda: worker.counts.total == 2))

    assert sorted(provider.calls) == ["in flight", "meanwhile"]
    assert await db.fetch("select status, count(*) from ai.rag_runs group by 1") == [("succeeded", 2)]
    assert [tuple(row) for row in await db.fetch("select actor, reason from ai.policy_history where new_value = '\"detached\"'")] == [
        ("ada", "a change of type")
    ]  # fmt: skip
    await db.close()
