"""What the maintenance does to the queue's own tables: each step is bounded, and does no more than is necessary."""

from __future__ import annotations

import asyncio
import json

import pytest

from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.store.queue import QueueStore
from rfqflow.store.retention import Retention
from tests.support.daemon import eventually

DEAD = "select coalesce(pg_stat_get_dead_tuples('ai.outbox'::regclass), 0)"


@pytest.fixture
async def line(database):
    line = ReconnectingConnection(database, "rfqflow test")
    yield line
    await line.close()


async def churn(db, rows: int = 3000) -> None:
    """Leaves this many dead rows in ai.outbox, with the roll-up past them."""
    await db.execute("alter table ai.outbox set (autovacuum_enabled = off)")
    await db.execute(f"insert into ai.outbox (rfq_id) select gen_random_uuid() from generate_series(1, {rows})")
    await db.execute("delete from ai.outbox")
    # A session reports to the statistics a little later, or on request (PostgreSQL 15 and later).
    if db.get_server_version().major >= 15:
        await db.execute("select pg_stat_force_next_flush()")
    await eventually(lambda: db.fetchval(DEAD), lambda dead: dead >= rows)
    await settle(db)


def reported(db) -> int:
    """The number of dead rows that a vacuum of 3,000 reports: before 15 the server counts late."""
    return 3000 if db.get_server_version().major >= 15 else 0


async def settle(db) -> None:
    for _ in range(2):
        await db.execute("select ai.roll_up(p_margin => '0 s')")


async def test_a_queue_full_of_dead_rows_is_vacuumed_and_a_quiet_one_is_left_alone(db, line):
    store = Retention(line)
    assert await store.vacuum() == 0
    await churn(db)
    assert await db.fetchval(DEAD) >= 3000

    assert await store.vacuum() >= reported(db)

    await eventually(lambda: db.fetchval(DEAD), lambda dead: dead == 0)
    assert await store.vacuum() == 0


async def test_rows_that_a_snapshot_still_sees_are_not_vacuumed_repeatedly(db, line, open_connection):
    store = Retention(line)
    reader = await open_connection()
    async with reader.transaction(isolation="repeatable_read"):
        await reader.fetchval("select count(*) from ai.outbox")
        await churn(db)
        # No session knows this in advance: the one scan is in vain, and no second one follows while that transaction
        # lives.
        await store.vacuum()
        await eventually(lambda: db.fetchval("select pg_stat_get_last_vacuum_time('ai.outbox'::regclass)"))
        await settle(db)
        assert await store.vacuum() == 0
        assert await db.fetchval("select count(*) from ai.vacuum_due()") == 0
        assert await db.fetchval(DEAD) >= 3000
    await settle(db)
    assert await store.vacuum() >= reported(db)
    await eventually(lambda: db.fetchval(DEAD), lambda dead: dead == 0)


async def test_a_vacuum_does_not_wait_for_a_lock_on_the_table(db, line, open_connection):
    await churn(db)
    other = await open_connection()
    async with other.transaction():
        await other.execute("lock table ai.outbox in share update exclusive mode")
        assert await asyncio.wait_for(Retention(line).vacuum(), 14) == 0


async def test_a_worker_vacuums_only_tables_that_it_was_granted(db, make_role, line):
    await churn(db)
    role = await make_role()
    await db.execute(f"grant rfqflow_worker to {role}")
    await line.fetch(f"set session authorization {role}")
    assert await Retention(line).vacuum() == 0
    assert await db.fetchval(DEAD) >= 3000
    if db.get_server_version().major < 17:
        return
    await db.execute(f"grant maintain on ai.outbox, ai.outbox_deferred, ai.holds to {role}")

    assert await Retention(line).vacuum() >= 3000
    await line.fetch("reset session authorization")
    await db.execute(f"drop owned by {role}")


async def test_an_operator_can_reclaim_the_claims_of_a_dead_worker_too(db, line, open_connection):
    await db.execute("insert into public.rfq_requests (message) values ('m')")
    session = await open_connection()
    worker = await session.fetchval("select ai.register_worker('h', 1, '1', 'rules', 'rules', 4, true)")
    await session.fetch("select ai.claim_outbox($1, 100, 1, '60 s')", worker)
    assert await QueueStore(line).reclaim_stale() == 0
    await session.close()

    assert await QueueStore(line).reclaim_stale() == 1

    assert await QueueStore(line).reclaim_stale() == 0
    assert await db.fetchval("select claim_id from ai.outbox") is None
    assert await db.fetchval("select count(*) from ai.workers") == 0


async def test_pruning_reads_a_part_of_a_large_table_and_in_an_hour_all_of_it(db):
    assert (
        await db.fetchval("select ai.sampled_block_range('ai.duplicate_fingerprints')::text") == '("(0,0)","(1024,0)")'
    )
    # 4,000 pages of 8 kB: four parts.
    await db.execute(
        "insert into ai.duplicate_fingerprints (fingerprint, sender, rfq_id, content_sha256, seen_at) "
        "select decode(md5(g::text) || repeat('00', 300), 'hex'), decode(md5(g::text), 'hex'), gen_random_uuid(), "
        "sha256(g::text::bytea), now() - interval '90 days' * (g % 2) from generate_series(1, 60000) g"
    )
    await db.execute("analyze ai.duplicate_fingerprints")
    pages = await db.fetchval(
        "select pg_relation_size('ai.duplicate_fingerprints') / current_setting('block_size')::int"
    )
    assert 3000 < pages < 10000
    source = await db.fetchval("select pg_get_functiondef('ai.sampled_block_range'::regproc)")
    assert source.count("clock_timestamp()") == 1
    seen = set()
    for minute in range(60):
        await db.execute(source.replace("clock_timestamp()", f"to_timestamp(60 * {minute})"))
        part = await db.fetchrow("select * from ai.sampled_block_range('ai.duplicate_fingerprints')")
        first, past = part["from_row"][0], part["to_row"][0]
        assert past - first == 1024
        seen |= set(range(first, past))
    assert seen >= set(range(pages))

    await db.execute("set plan_cache_mode = force_generic_plan")
    await db.execute(
        "prepare part (tid, tid) as select ctid from ai.duplicate_fingerprints x where x.ctid >= $1 and x.ctid < $2 "
        "and x.seen_at < now() - interval '720 hours' limit 5000 for update skip locked"
    )
    plan = json.loads(await db.fetchval("explain (format json) execute part ('(0,0)', '(1024,0)')"))
    assert "Tid Range Scan" in json.dumps(plan)
    await db.execute(source)
    pruned = await db.fetchval("select ai.prune_guards()")
    assert 0 < pruned <= 5000


async def test_old_events_are_counted_and_deleted_and_actions_of_people_stay(db):
    await db.execute(
        "insert into ai.events (kind, provider, model, reason, actor, happened_at) "
        "select 'breaker_opened', 'p', 'm' || n % 2, case when n % 3 = 0 then 'failures' end, null, "
        "now() - interval '1 day' * (364 + n % 2 * 2) from generate_series(1, 12000) n"
    )
    await db.execute(
        "insert into ai.events (kind, provider, model, reason, actor, happened_at) "
        "values ('breaker_opened', 'p', 'm1', 'manual', 'grace', now() - interval '3 years')"
    )
    totals = "select labels::text, value from ai.metrics where name = 'rfqflow_breaker_transitions_total' order by 1"
    before = await db.fetch(totals)
    assert len(before) == 5

    assert [await db.fetchval("select ai.prune_guards()") for _ in range(3)] == [5000, 1000, 0]

    assert await db.fetch(totals) == before
    assert await db.fetchval("select count(*) from ai.events") == 6001
    assert await db.fetchval("select actor from ai.events where happened_at < now() - interval '365 days'") == "grace"
