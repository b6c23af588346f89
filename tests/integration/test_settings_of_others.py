"""A daemon whose role or database has odd settings: every RFQ is done, and the trigger skips none."""

from __future__ import annotations

import pytest

from rfqflow.database.connection import connect
from tests.support.database_settings import SETTING_GROUPS, SETTINGS
from tests.support.worker_harness import Scripted, ended, insert, now, terminate, until, working


@pytest.mark.parametrize("names", SETTING_GROUPS, ids=", ".join)
async def test_all_rfqs_are_done_under_each_setting(names, database, server_dsn):
    admin = await connect(server_dsn)
    db = await connect(database)  # as it was
    for name in names:
        if name != "read only":  # the next test is about it
            await admin.execute(f"alter database {database.rsplit('/', 1)[1]} set {SETTINGS[name]}")
    await admin.close()
    async with working(database, Scripted()) as worker:
        await insert(db, *(f"request {number}" for number in range(20)))
        await until(ended(db, 20))
        await until(now(lambda: worker.counts.total == 20))
    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'succeeded'") == 20
    assert await db.fetchval("select count(*) from ai.rag_runs where created_at > now() - interval '1 hour'") == 20
    await db.close()


async def test_a_worker_waits_for_a_database_that_is_read_only_for_a_time(database, server_dsn):
    """By default_transaction_read_only, an operator stops all writes, for example before a move to another server."""
    admin, name = await connect(server_dsn), database.rsplit("/", 1)[1]
    db = await connect(database)
    provider = Scripted()
    async with working(database, provider) as worker:
        await insert(db, "before")
        await until(ended(db, 1))
        await admin.execute(f"alter database {name} set default_transaction_read_only = on")
        await terminate(db)
        await insert(db, "meanwhile")
        await admin.execute(f"alter database {name} reset default_transaction_read_only")
        await until(ended(db, 2))
        await until(now(lambda: worker.counts.total == 2))
    assert provider.calls == ["before", "meanwhile"]
    await admin.close()
    await db.close()
