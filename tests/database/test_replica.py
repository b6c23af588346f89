"""The views for people work on a streaming replica: they use nothing that only a primary has."""

import asyncio

import asyncpg
import pytest
from chaos.cluster import DATABASE, OWNER, Pair

from rfqflow.database import migrate
from rfqflow.database.connection import connect


async def test_every_view_answers_on_a_replica(open_folder):
    folder = open_folder / "replica"
    folder.mkdir()
    pair = Pair(folder)
    if not pair.primary.can_be_copied:
        pytest.skip("there is no pg_basebackup beside the server's programs")
    try:
        await asyncio.to_thread(pair.primary.initialise)
        await pair.primary.start()
        admin = await asyncpg.connect(pair.primary.dsn_of(OWNER, "postgres"))
        await admin.execute(f"create database {DATABASE}")
        await admin.close()
        await asyncio.to_thread(pair.spare.copy_of, pair.primary)
        await pair.spare.start()

        primary = await connect(pair.primary.dsn)
        await migrate.migrate(primary)
        await primary.execute("insert into public.rfq_requests (message) values ('200 brackets, please quote')")
        written_to = await primary.fetchval("select pg_current_wal_lsn()")
        await primary.close()
        replica = await connect(pair.spare.dsn)
        async with asyncio.timeout(30):
            while not await replica.fetchval("select pg_last_wal_replay_lsn() >= $1::pg_lsn", written_to):
                await asyncio.sleep(0.02)
        assert await replica.fetchval("select pg_is_in_recovery()")
        views = await replica.fetch("select viewname from pg_views where schemaname = 'ai'")
        for view in views:
            await replica.fetch(f"select * from ai.{view['viewname']}")

        assert len(views) > 12
        assert await replica.fetchval("select depth from ai.queue_status") == 1
        await replica.close()
    finally:
        pair.kill()
