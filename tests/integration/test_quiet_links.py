"""A middlebox has dropped idle connections: the next task that uses one hardly waits."""

from __future__ import annotations

import asyncio
import time

import asyncpg
import pytest

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.database.connection import STATEMENT_SECONDS, connect
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.llm.openai import OpenAIProvider
from rfqflow.store.connection_pool import ConnectionPool
from rfqflow.store.fleet_queries import FleetQueries
from tests.support.model_server import ModelServer
from tests.support.provider_requests import request
from tests.support.proxy import Proxy
from tests.support.worker_harness import Scripted, ended, insert, until, working

QUIET_SECONDS = 6.0  # the scenario: all connections are idle for this long


@pytest.fixture
def soon_quiet(monkeypatch) -> float:
    """How long to be idle. The first test is idle for as long as it takes without this fixture."""
    monkeypatch.setattr("rfqflow.database.reconnecting.QUIET_SECONDS", 1.0)
    return 1.5


@pytest.mark.fault("D18")
async def test_the_first_rfq_after_an_idle_time_is_done_as_soon_as_lost_connections_are_noticed(database, db):
    async with Proxy.before(database) as link, working(link.dsn, Scripted()):
        await insert(db, "m1")
        await until(ended(db, 1))
        await asyncio.sleep(QUIET_SECONDS)
        assert link.forget(4) > 0
        await insert(db, "m2")
        took = await until(ended(db, 2), 60)
        print(f"{took:.2f} s")
        assert took < STATEMENT_SECONDS / 2


@pytest.mark.fault("D18")
async def test_idle_connections_are_tested_before_use_all_at_the_same_time(database, soon_quiet):
    async with Proxy.before(database) as link:
        lines = [ReconnectingConnection(link.dsn, f"rfqflow test {n}") for n in range(5)]
        for line in lines:
            await line.fetch("select 1")
        await asyncio.sleep(soon_quiet)
        assert link.forget(1) == 5
        began = time.monotonic()
        for line in lines:
            assert (await line.one("select 1 as one"))["one"] == 1
        assert time.monotonic() - began < STATEMENT_SECONDS / 2  # not five times as long as one
        for line in lines:
            await line.close()


async def test_a_page_after_an_idle_time_does_not_wait_either(database, soon_quiet):
    async with Proxy.before(database) as link:
        lines = ConnectionPool(link.dsn, "rfqflow test", 3, pooled=True, seconds=6)
        reads = FleetQueries(lines)
        await asyncio.gather(*(reads.ping() for _ in range(3)))
        await asyncio.sleep(soon_quiet)
        assert link.forget(1) == 3
        async with asyncio.timeout(STATEMENT_SECONDS / 2):
            await asyncio.gather(*(reads.ping() for _ in range(3)))
        await lines.close()


async def test_an_unused_connection_is_kept_alive_and_replaced_before_it_is_needed(database, soon_quiet, monkeypatch):
    monkeypatch.setattr("rfqflow.database.reconnecting.KEEP_SECONDS", 2 * soon_quiet)
    async with Proxy.before(database) as link:
        line = ReconnectingConnection(link.dsn, "rfqflow test")
        await line.fetch("select 1")
        link.forget(0)
        async with asyncio.timeout(60):
            while link.connections:  # the worker notices by itself
                await asyncio.sleep(0.1)
        began = time.monotonic()
        await line.fetch("select 1")
        assert time.monotonic() - began < STATEMENT_SECONDS / 2
        await line.close()


async def test_the_server_also_notices_a_session_whose_client_vanished(database):
    line = ReconnectingConnection(database, "rfqflow test", mends=False)
    conn = await line.open()
    assert await conn.fetchval("show tcp_keepalives_idle") == "10"
    await line.close()
    pooled = await connect(database, pooled=True)
    assert await pooled.fetchval("select 1") == 1
    await pooled.close()


@pytest.mark.fault("L15")
async def test_an_idle_connection_to_the_model_is_not_used_again(monkeypatch):
    monkeypatch.setattr("rfqflow.llm.transport.KEEPALIVE_SECONDS", 1.0)
    async with ModelServer() as server, Proxy("127.0.0.1", int(server.url.split(":")[2].split("/")[0])) as link:
        provider = OpenAIProvider(
            model="fake-1", api_key="k", base_url=f"http://127.0.0.1:{link.port}/v1", concurrency=4
        )
        try:
            await provider.complete(request())
            await asyncio.sleep(1.5)
            link.forget(1)
            await provider.complete(request(deadline=4.0))  # on a new connection: the old one would take the whole time
            assert link.accepted >= 2
        finally:
            await provider.aclose()


@pytest.mark.fault("D18")
async def test_the_server_ends_a_transaction_whose_worker_fell_silent(database, db, open_plain):
    """Otherwise it would lock the application's row for as long as the connection is silent."""
    await db.execute("create table public.held (n integer)")
    await db.execute("insert into public.held values (0)")
    other = await open_plain(database)
    async with Proxy.before(database) as link:
        line = ReconnectingConnection(link.dsn, "rfqflow work")
        await line.fetch("select 1")
        await other.execute("begin")
        await other.execute("update public.held set n = 1")
        waiting = asyncio.create_task(
            line.fetch("update public.held set n = n + 10 returning n", seconds=20, bounded=True)
        )
        await until(
            lambda: db.fetchval(
                "select exists (select from pg_stat_activity where application_name = 'rfqflow work' "
                "and wait_event_type = 'Lock' and datname = current_database())"
            )
        )
        link.stall()
        await other.execute("commit")
        await until(  # or the next update takes the row before the worker's update has woken up
            lambda: db.fetchval(
                "select exists (select from pg_stat_activity where application_name = 'rfqflow work' "
                "and state = 'idle in transaction' and datname = current_database())"
            )
        )
        await db.execute("set lock_timeout = '15s'")
        await db.execute("update public.held set n = n + 100")
        assert await db.fetchval("select n from public.held") == 101
        link.resume()
        with pytest.raises((DatabaseUnreachable, asyncpg.PostgresError)):
            await waiting
        assert (await line.fetch("select 1 as one"))[0]["one"] == 1
        await line.close()
