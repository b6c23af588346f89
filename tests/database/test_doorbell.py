"""The doorbell: which workers an insert notifies and when. Every sleeping worker that has work is notified."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from rfqflow.core.errors import EmbeddedUnavailable
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

LEVELS = ("read_committed", "repeatable_read", "serializable")
ONE = "insert into public.rfq_requests (message) values ('m')"
HELD = (
    "select exists (select from pg_locks where locktype = 'advisory' and classid = 1380340038 "
    "and database = (select oid from pg_database where datname = current_database()) and mode = $1 and granted = $2)"
)


async def _waits_for_the_doorbell(db: asyncpg.Connection) -> bool:
    return await db.fetchval(HELD, "ExclusiveLock", False)


async def test_an_insert_notifies_no_worker_while_no_worker_sleeps(db, counter):
    for _ in range(3):
        await db.execute(ONE)

    assert await counter.received() == 0
    assert await db.fetchval("select count(*) from ai.outbox") == 3


async def test_an_insert_notifies_at_its_commit_while_the_doorbell_is_held(db, counter, sleeper):
    transaction = db.transaction()
    await transaction.start()
    await db.execute(ONE)
    assert await counter.received() == 0

    await transaction.commit()

    assert await counter.received() == 1


async def test_a_transaction_of_many_inserts_notifies_once(db, counter, sleeper):
    async with db.transaction():
        for _ in range(20):
            await db.execute(ONE)

    assert await counter.received() == 1


async def test_the_notification_has_no_payload(db, open_connection, sleeper):
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = await open_connection()
    await listener.add_listener("rfqflow_wake", lambda *got: heard.put_nowait(got[3]))

    await db.execute(ONE)

    assert await asyncio.wait_for(heard.get(), 10) == ""


async def test_a_rolled_back_insert_notifies_no_worker(db, counter, sleeper):
    transaction = db.transaction()
    await transaction.start()
    await db.execute(ONE)
    await transaction.rollback()
    async with db.transaction():
        savepoint = db.transaction()
        await savepoint.start()
        await db.execute(ONE)
        await savepoint.rollback()

    assert await counter.received() == 0


async def test_inserts_stop_notifying_once_the_sleeper_has_gone(db, counter, open_connection, until):
    first, second = await open_connection(), await open_connection()
    assert await first.fetchval("select ai.acquire_doorbell('5 s')")
    assert await first.fetchval("select ai.release_doorbell()")
    await db.execute(ONE)
    assert await counter.received() == 0

    assert await second.fetchval("select ai.acquire_doorbell('5 s')")
    second.terminate()

    async def released() -> bool:
        return not await db.fetchval(HELD, "ExclusiveLock", True)

    await until(released)
    await db.execute(ONE)
    assert await counter.received() == 0


async def test_one_worker_at_a_time_holds_the_doorbell_and_the_next_gives_up_in_time(db, sleeper, open_connection):
    other = await open_connection()

    async with asyncio.timeout(40):
        assert await other.fetchval("select ai.acquire_doorbell('30 ms')") is False
    assert await sleeper.fetchval("select ai.release_doorbell()") is True
    assert await other.fetchval("select ai.acquire_doorbell('5 s')") is True


@pytest.mark.parametrize("level", LEVELS)
async def test_a_sleeper_gets_the_doorbell_after_every_insert_without_notification_and_then_sees_its_row(
    db, counter, open_connection, until, level
):
    worker, late = await open_connection(), await open_connection()
    early = db.transaction(isolation=level)
    await early.start()
    await db.execute(ONE)

    taking = asyncio.create_task(worker.fetchval("select ai.acquire_doorbell('20 s')"))
    await until(lambda: _waits_for_the_doorbell(late))
    async with late.transaction(isolation=level):
        await late.execute(ONE)
    assert await counter.received() == 1, "an insert already notifies while a worker waits for the doorbell"
    assert not taking.done()

    await early.commit()

    assert await taking
    assert await worker.fetchval("select count(*) from ai.outbox") == 2
    assert await counter.received() == 0


async def test_after_a_rolled_back_savepoint_the_next_insert_notifies_again(db, counter, open_connection):
    worker = await open_connection()
    transaction = db.transaction()
    await transaction.start()
    savepoint = db.transaction()
    await savepoint.start()
    await db.execute(ONE)
    await savepoint.rollback()

    assert await worker.fetchval("select ai.acquire_doorbell('5 s')")
    await db.execute(ONE)
    await transaction.commit()

    assert await counter.received() == 1


async def test_no_wake_up_is_lost_among_savepoints_rollbacks_slow_commits_and_all_isolation_levels(
    db, counter, open_connection
):
    """A worker that never polls: it takes the doorbell, scans once, and then sleeps until a notification."""
    dice = random.Random(20)
    writers = [await open_connection() for _ in range(5)]
    worker = await open_connection()
    committed = seen = slept = 0

    async def write(conn: asyncpg.Connection) -> None:
        nonlocal committed
        rows = 0
        await asyncio.sleep(dice.random() * 0.006)
        transaction = conn.transaction(isolation=dice.choice(LEVELS))
        await transaction.start()
        if dice.random() < 0.4:
            savepoint = conn.transaction()
            await savepoint.start()
            await conn.execute(ONE)
            if dice.random() < 0.6:
                await savepoint.rollback()
            else:
                await savepoint.commit()
                rows += 1
        if dice.random() < 0.9:
            await conn.execute(ONE)
            rows += 1
        await asyncio.sleep(dice.random() * 0.006)  # the application works before it commits
        if dice.random() < 0.2:
            await transaction.rollback()
        else:
            await transaction.commit()
            committed += rows

    async def work() -> None:
        nonlocal seen, slept
        while True:
            await asyncio.sleep(dice.random() * 0.004)
            while not await worker.fetchval("select ai.acquire_doorbell('20 ms')"):
                pass
            counter.notified.clear()
            seen = await worker.fetchval("select count(*) from ai.outbox")
            slept += 1
            await counter.notified.wait()
            await worker.execute("select ai.release_doorbell()")

    working = asyncio.create_task(work())
    for _ in range(80):
        await asyncio.gather(*(write(conn) for conn in writers))
        # Each committed insert has been seen, or a notification of it is on its way.
        async with asyncio.timeout(40):
            while seen != committed:
                await asyncio.sleep(0.001)
    assert not working.done()
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    assert slept > 80, "it hardly slept, so nothing was shown"


# The policy.


async def test_the_policy_always_notifies_even_if_no_worker_sleeps(db, counter):
    await db.execute("select ai.set_policy('notify', '\"always\"')")
    await counter.received()

    await db.execute(ONE)

    assert await counter.received() == 1


async def test_the_policy_off_notifies_no_worker(db, counter, sleeper):
    await db.execute("select ai.set_policy('notify', '\"off\"')")
    await counter.received()

    await db.execute(ONE)

    assert await counter.received() == 0
    assert await db.fetchval("select count(*) from ai.outbox") == 1


@pytest.mark.parametrize(
    "how",
    [
        "select ai.set_policy('notify', $1::text::jsonb)",
        "update ai.policy set value = $1::text::jsonb where key = 'notify'",
    ],
)
async def test_each_policy_change_applies_to_the_next_insert_of_any_session(db, counter, sleeper, open_connection, how):
    application = await open_connection()
    await application.execute(ONE)
    assert await counter.received() == 1

    heard = []
    for policy in ("off", "doorbell", "always", "off", "doorbell"):
        await db.execute(how, f'"{policy}"')
        await counter.received()
        await application.execute(ONE)
        heard.append(await counter.received())

    assert heard == [0, 1, 1, 0, 1]


async def test_a_change_of_the_policy_that_is_rolled_back_changes_nothing(db, counter, sleeper):
    transaction = db.transaction()
    await transaction.start()
    await db.execute("select ai.set_policy('notify', '\"off\"')")
    await transaction.rollback()

    await db.execute(ONE)

    assert await counter.received() == 1


async def test_an_unknown_notification_policy_is_refused(db):
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("select ai.set_policy('notify', '\"sometimes\"')")


async def test_the_doorbell_function_keeps_its_owner_when_any_role_changes_the_policy(make_role, db):
    role = await make_role()
    await db.execute(
        f"grant usage on schema ai to {role}; grant select, update on ai.policy to {role};"
        f"set session authorization {role}"
    )
    await db.execute("update ai.policy set value = '\"always\"' where key = 'notify'")
    await db.execute("reset session authorization")

    owner, execute = await db.fetchrow(
        "select p.proowner = n.nspowner, "
        "exists (select from aclexplode(p.proacl) a where a.grantee = 0) "
        "from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'ai' and p.proname = 'notify_workers'"
    )
    assert owner
    assert not execute
    assert await db.fetchval("select actor from ai.policy_history order by id desc limit 1") == role


# Faults that need their own server.


@pytest.fixture(scope="module")
def server_apart(open_folder: Path) -> Iterator[str]:
    """DSN on a server with a small notification queue and two-phase commit."""
    base = open_folder / "apart"
    try:
        server = EmbeddedPostgres(
            base,
            settings={
                "fsync": "off",
                "full_page_writes": "off",
                "shared_buffers": "16MB",
                "max_connections": "20",
                "max_notify_queue_pages": "64",
                "max_prepared_transactions": "10",
            },
        )
        server.start()
    except EmbeddedUnavailable as error:
        pytest.skip(f"no server of our own with max_notify_queue_pages (PostgreSQL 17): {str(error)[:200]}")
    yield server.dsn
    server.stop()


@pytest.fixture
async def apart(server_apart: str) -> AsyncIterator[str]:
    """A freshly migrated database on that server."""
    await migrate.ensure_database(server_apart, "apart", fresh=True)
    dsn = server_apart.rsplit("/", 1)[0] + "/apart"
    conn = await connect(dsn)
    await migrate.migrate(conn)
    await conn.close()
    yield dsn
    await migrate.ensure_database(server_apart, "apart", fresh=True)


@pytest.mark.fault("D10")
async def test_inserts_commit_and_are_queued_while_the_notification_queue_is_full(apart):
    db, listener, filler, holder = [await connect(apart) for _ in range(4)]
    try:
        await db.execute("select ai.set_policy('notify', '\"doorbell\"')")
        assert await holder.fetchval("select ai.acquire_doorbell('5 s')")
        await listener.execute("listen rfqflow_wake")
        await listener.execute("begin; select 1")
        with pytest.raises(asyncpg.PostgresError, match="NOTIFY queue"):
            for _ in range(500):
                await filler.execute("select pg_notify('other', repeat('x', 7000) || n) from generate_series(1, 10) n")
        for _ in range(100):  # the last bytes of free space
            with suppress(asyncpg.PostgresError):
                await filler.execute("notify other")
        assert await db.fetchval("select pg_notification_queue_usage()") > 0.9
        with pytest.raises(asyncpg.PostgresError, match="NOTIFY queue"):
            for _ in range(500):
                await db.execute("select pg_notify('rfqflow_wake', repeat('x', 7000))")

        for policy in ("doorbell", "always", "doorbell"):
            await db.execute("select ai.set_policy('notify', $1::text::jsonb)", f'"{policy}"')
            await db.execute(ONE)
            async with db.transaction(isolation="serializable"):
                await db.execute(ONE)
            await db.execute("update public.rfq_requests set message = message || '!'")

        assert await db.fetchval("select count(*) from ai.outbox") == 6
        assert await db.fetchval("select count(*) from ai.outbox_missed") == 0
        await db.execute("select ai.hand_off_doorbell()")
    finally:
        for conn in (db, listener, filler, holder):
            conn.terminate()


async def test_migrate_switches_notification_off_where_two_phase_commit_is_in_use_and_a_prepared_insert_is_queued(
    apart,
):
    db, holder = await connect(apart), await connect(apart)
    try:
        assert await db.fetchval("select value #>> '{}' from ai.policy where key = 'notify'") == "off"
        assert await holder.fetchval("select ai.acquire_doorbell('5 s')")
        await db.execute(f"begin; {ONE}; prepare transaction 'rfq'")
        assert await db.fetchval("select count(*) from ai.outbox") == 0

        await db.execute("commit prepared 'rfq'")

        assert await db.fetchval("select count(*) from ai.outbox") == 1
        await db.execute(f"begin; {ONE}; prepare transaction 'rfq'")
        await db.execute("rollback prepared 'rfq'")
        assert await db.fetchval("select count(*) from ai.outbox") == 1
    finally:
        db.terminate()
        holder.terminate()


async def test_a_notification_forbids_prepare_transaction_which_is_why_it_is_off(apart):
    db, holder = await connect(apart), await connect(apart)
    try:
        await db.execute("select ai.set_policy('notify', '\"doorbell\"')")
        await db.execute(f"begin; {ONE}; prepare transaction 'no worker sleeps'")
        await db.execute("rollback prepared 'no worker sleeps'")

        assert await holder.fetchval("select ai.acquire_doorbell('5 s')")
        with pytest.raises(asyncpg.FeatureNotSupportedError, match="NOTIFY"):
            await db.execute(f"begin; {ONE}; prepare transaction 'a worker sleeps'")
    finally:
        db.terminate()
        holder.terminate()


async def test_a_prepared_insert_that_may_not_notify_does_not_keep_the_doorbell(apart):
    """Two-phase commit was switched on after rfqflow had been installed."""
    db, holder = await connect(apart), await connect(apart)
    try:
        await db.execute(
            "set session_replication_role = replica; update ai.policy set value = '\"doorbell\"' where key = 'notify';"
            "set session_replication_role = origin; select ai.rebuild_notify_function(false)"
        )
        await db.execute(f"begin; {ONE}; prepare transaction 'for hours'")
        assert await holder.fetchval("select ai.acquire_doorbell('5 s')")
        await db.execute(f"begin; {ONE}; prepare transaction 'a worker sleeps'")
        await db.execute("commit prepared 'for hours'")
        await db.execute("rollback prepared 'a worker sleeps'")
        assert await db.fetchval("select count(*) from ai.outbox") == 1
    finally:
        db.terminate()
        holder.terminate()


async def test_an_operators_notification_policy_survives_a_migrate(apart):
    db = await connect(apart)
    try:
        await db.execute("select ai.set_policy('notify', '\"doorbell\"')")
        await db.execute(
            "update ai.rfqflow_migration set sha256 = repeat('0', 64) where name = 'functions/10_enqueue.sql'"
        )

        assert await migrate.migrate(db) == ["functions/10_enqueue.sql"]

        assert await db.fetchval("select value #>> '{}' from ai.policy where key = 'notify'") == "doorbell"
        assert "pg_try_advisory" in await db.fetchval(
            "select prosrc from pg_proc where oid = 'ai.notify_workers'::regproc"
        )
    finally:
        db.terminate()
