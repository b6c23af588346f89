"""Any role may take an advisory lock, send a notification and set a setting: none of these stops the queue."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from rfqflow.core.errors import RfqflowError
from rfqflow.core.queue.poll_schedule import Attention
from rfqflow.database import migrate
from rfqflow.database.embedded import EmbeddedPostgres
from rfqflow.store.diagnostics import DiagnosticTarget, examine
from tests.support.finishing import claim, insert
from tests.support.mapped_tables import SHAPES

REGISTER = "select ai.register_worker('h', 1, 'v', 'rules', 'm', 1, true)"
DOCUMENT = json.dumps([{"kind": "catalogue", "title": "P-4711", "body": "A pump."}])


@pytest.fixture
async def stranger(make_role, database, open_plain) -> asyncpg.Connection:
    """A session of a role without rights."""
    role = await make_role("login password 'pw'")
    parts = urlsplit(database)
    return await open_plain(urlunsplit(parts._replace(netloc=f"{role}:pw@{parts.hostname}:{parts.port}")))


async def take_all_of(stranger: asyncpg.Connection) -> None:
    await stranger.execute("select pg_advisory_lock(1380340045, n) from generate_series(1, 20) n")


@pytest.mark.parametrize(
    "statement",
    [
        f"select * from ai.add_documents('{DOCUMENT}')",
        "select ai.add_prompt('p', 's', 't', '{}', null, null, 1)",
        "select ai.make_partitions()",
        "select ai.prune_guards()",
        "select * from ai.backfill_rfqs()",
        "select ai.erase_person('ada@example.com')",
        REGISTER,
    ],
)
async def test_a_stranger_who_holds_locks_stops_nothing(db, stranger, statement):
    await take_all_of(stranger)
    await stranger.execute("select pg_advisory_lock(1380340055, n) from generate_series(1, 500) n")

    async with asyncio.timeout(40):
        assert await db.execute(statement)


@pytest.mark.fault("R5")
async def test_a_worker_takes_a_number_and_a_lock_beyond_those_that_a_stranger_holds(db, stranger, open_connection):
    await stranger.execute("select pg_advisory_lock(1380340055, n) from generate_series(1, 500) n")
    session = await open_connection()

    async with asyncio.timeout(40):
        number = await session.fetchval(REGISTER)

    assert number > 500
    assert await db.fetchval("select has_lock from ai.workers where worker = $1", number)
    await db.fetchval("select ai.reclaim_dead(0)")
    assert await db.fetchval("select count(*) from ai.workers") == 1


async def test_a_dead_worker_whose_lock_a_stranger_took_is_found_dead(db, stranger, open_connection):
    session = await open_connection()
    number = await session.fetchval(REGISTER)
    await insert(db)
    await claim(db, worker=number)
    await session.close()
    await stranger.execute(f"select pg_advisory_lock(1380340055, {number})")
    assert await db.fetchval("select ai.reclaim_dead(0)") == 0  # for a minute no session checks the lock's holder

    await db.execute("update ai.workers set beat_at = clock_timestamp() - interval '2 minutes'")

    assert await db.fetchval("select ai.reclaim_dead(0)") == 1


async def test_a_living_worker_that_is_silent_for_long_keeps_its_number(db, stranger):
    role = await stranger.fetchval("select current_user")
    await db.execute(f"grant rfqflow_worker to {role}")
    await stranger.execute(REGISTER)
    await db.execute("update ai.workers set beat_at = clock_timestamp() - interval '2 minutes'")

    await db.fetchval("select ai.reclaim_dead(0)")

    assert await db.fetchval("select count(*) from ai.workers") == 1


async def test_a_migration_names_the_session_that_holds_its_lock(db, stranger):
    await stranger.execute("select pg_advisory_lock(1380340045, 0)")
    pid = stranger.get_server_pid()

    with pytest.raises(RfqflowError, match=rf"pid {pid} .*pg_terminate_backend\({pid}\)"):
        await migrate.migrate(db, lock_seconds=0.2)


async def test_doctor_names_the_holder_of_locks_that_is_not_a_worker(db, database, stranger, open_connection):
    await take_all_of(stranger)
    worker = await open_connection()
    await worker.execute(REGISTER)
    pid, role = stranger.get_server_pid(), await stranger.fetchval("select current_user")

    (reported,) = [
        one async for one in examine(DiagnosticTarget(database)) if "advisory lock" in one.what and one.level == "warn"
    ]

    assert f"pid {pid}" in reported.what
    assert role in reported.what
    assert f"pg_terminate_backend({pid})" in reported.remedy


async def test_a_stranger_does_not_block_a_session_that_watches(db, stranger):
    await stranger.execute("select pg_advisory_lock(1380340055, 0)")

    async with asyncio.timeout(40):
        await db.execute("select ai.watch()")

    assert not await db.fetchval("select ai.watched()")


# -- the setting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["all", "queue", "1", "on"])
async def test_a_setting_of_the_role_does_not_keep_an_rfq_from_the_queue(db, value):
    await db.execute(f"set rfqflow.blocked = '{value}'; set rfqflow.blocked_answers = '{value}'")

    rfq = await insert(db)
    await db.execute("update public.rfq_requests set message = 'We need 6 pumps'")

    assert await db.fetchval("select rfq_id from ai.outbox") == rfq
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0


@pytest.mark.parametrize("shape", [None, "answers apart"])
async def test_a_setting_forged_in_the_transaction_itself_delays_it_by_a_heartbeat(empty_database, open_plain, shape):
    db = await open_plain(empty_database)
    mapping = None
    if shape:
        await db.execute(SHAPES[shape].ddl)
        mapping = SHAPES[shape].mapping
    await migrate.migrate(db, mapping=mapping)
    table = SHAPES[shape].table if shape else "public.rfq_requests"
    async with db.transaction():
        await db.execute("select set_config('rfqflow.blocked', pg_current_xact_id()::text, true)")
        await db.execute(f"insert into {table} (message) values ('We need 5 pumps')")
        await db.execute(f"update {table} set message = 'We need 6 pumps'")

    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")

    assert await db.fetchval("select count(*) from ai.outbox") == 1


# -- notifications that any role may send
# -------------------------------------------------------------------------------


@pytest.mark.fault("D11")
def test_a_flood_of_false_notifications_costs_sixteen_scans_a_second():
    attention = Attention(poll_seconds=1.0, can_sleep=True, holds_doorbell=True)
    now, looks = 0.0, 0
    while now < 10.0:
        attention.woken(now)
        if now >= attention.look_at:
            attention.looking()
            attention.claimed(now, got=0, asked=8)
            looks += 1
        now += 0.0005

    assert looks < 10 / 0.064 + 20


def test_after_a_flood_a_notification_wakes_at_once_again():
    attention = Attention(poll_seconds=1.0, can_sleep=True, holds_doorbell=True)
    for n in range(100):
        attention.woken(n / 1000)
        attention.looking()
        attention.claimed(n / 1000, got=0, asked=8)

    attention.woken(5.0)

    assert attention.look_at <= 5.0


# -- the application's own time limits ----------------------------------------------------------------------------------


@pytest.mark.fault("R6")
@pytest.mark.parametrize("shape", [None, "answers apart", "a bigint key, answers apart"])
@pytest.mark.parametrize(
    "locked", ["ai.outbox", "ai.outbox, ai.outbox_missed", "ai.outbox, ai.outbox_missed, ai.enrichment"]
)
async def test_a_short_statement_timeout_is_not_spent_on_our_locks(make_migrated, open_plain, shape, locked):
    it = SHAPES[shape] if shape else None
    dsn = await make_migrated(it.ddl if it else "", it.mapping if it else None)
    db, other = await open_plain(dsn), await open_plain(dsn)
    table, body = (it.table, it.body) if it else ("public.rfq_requests", "message")
    await db.execute(f"insert into {table} ({body}) select 'm' || g from generate_series(1, 20) g")
    lock = other.transaction()
    await lock.start()
    await other.execute(f"lock table {locked} in access exclusive mode")

    async def in_time() -> bool:
        """In a new session, so that no earlier failure to get a lock is remembered."""
        hasty = await open_plain(dsn)
        # Plans and catalogs are loaded before the time counts.
        await hasty.execute(f"insert into {table} ({body}) values ('warm'); update {table} set {body} = {body} || '.'")
        await hasty.execute("set statement_timeout = '40ms'")
        try:
            await hasty.execute(f"insert into {table} ({body}) values ('We need 5 pumps')")
            async with hasty.transaction():
                for _ in range(3):
                    await hasty.execute(f"update {table} set {body} = {body} || '!'")
            await hasty.execute(f"delete from {table} where {body} like 'm1%'")
        except asyncpg.QueryCanceledError:
            return False
        return True

    # A wait for our locks would take the time in each try; a busy machine may take it in some.
    for _ in range(5):
        if await in_time():
            break
    else:
        pytest.fail("a short timeout ended each of five tries")
    await lock.rollback()
    assert await db.fetchval(f"select count(*) from {table} where {body} like 'm%!!!'") == 9


async def test_the_remaining_time_limits_each_wait(db):
    await db.execute("set statement_timeout = '1s'")
    assert await db.fetchval("select ai.trigger_patience()") == "20ms"
    await db.execute("set statement_timeout = '20ms'")
    assert int((await db.fetchval("select ai.trigger_patience()")).removesuffix("ms")) <= 5


async def test_a_server_that_allows_two_phase_commit_later_can_prepare_what_would_have_notified(
    open_folder, open_plain
):
    home = open_folder / "prepared"
    with EmbeddedPostgres(home, settings={"fsync": "off"}) as server:
        db = await open_plain(server.dsn)
        await migrate.migrate(db)
        await db.execute("update ai.policy set value = '\"always\"' where key = 'notify'")
        await db.close()
    with EmbeddedPostgres(home, settings={"fsync": "off", "max_prepared_transactions": "5"}) as server:
        db = await open_plain(server.dsn)
        for again in (False, True):
            if again:
                await migrate.migrate(db)
            await db.execute("begin; insert into public.rfq_requests (message) values ('m'); prepare transaction 'p'")
            await db.execute("commit prepared 'p'")
        # An operator who chooses it now does so on purpose.
        await db.execute("update ai.policy set value = '\"off\"' where key = 'notify'")
        await db.execute("update ai.policy set value = '\"always\"' where key = 'notify'")
        await migrate.migrate(db)
        with pytest.raises(asyncpg.FeatureNotSupportedError):
            await db.execute("begin; insert into public.rfq_requests (message) values ('m'); prepare transaction 'p'")
        await db.execute("rollback")
        assert await db.fetchval("select count(*) from ai.outbox") == 2
        await db.close()


async def test_no_session_takes_a_lock_without_a_number(db):
    assert (
        await db.fetchval(
            "select count(distinct ai.lock_key(n)) from unnest('{doorbell,migrate,worker,room}'::text[]) n"
        )
        == 4
    )
    for name in ("bell", "", None):
        with pytest.raises(asyncpg.CaseNotFoundError):
            await db.execute("select pg_advisory_xact_lock(ai.lock_key($1), 0)", name)
