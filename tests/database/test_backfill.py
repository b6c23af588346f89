"""Backfill of RFQs older than the installation: in bounded steps, at a set pace, each once. Also reruns of many RFQs."""

from __future__ import annotations

import json
from uuid import UUID

import asyncpg
import pytest

STEP = "select * from ai.backfill_rfqs($1, $2, $3, $4)"


async def older(db: asyncpg.Connection, number: int, *, days: int = 400) -> None:
    """RFQs from before the installation, as they are after attaching to a full table."""
    await db.execute("set session_replication_role = replica")
    await db.execute(
        "insert into public.rfq_requests (message, created_at, ai_status) "
        f"select 'old ' || n, now() - n * interval '{days} days' / $1, null from generate_series(1, $1::integer) n".replace(
            "$1", str(number)
        )
    )
    await db.execute("set session_replication_role = origin")


async def walk(
    db: asyncpg.Connection, limit: int, *, after: UUID | None = None, per_minute: int = 60
) -> list[tuple[int, int]]:
    steps = []
    while True:
        last, looked_at, enqueued = await db.fetchrow(STEP, limit, after, None, per_minute)
        if last is None:
            return steps
        assert after is None or last > after
        after = last
        steps.append((looked_at, enqueued))


async def test_all_older_rfqs_are_enqueued_once_in_bounded_steps_and_no_others(db):
    await older(db, 2500)
    await db.execute("insert into public.rfq_requests (message) select 'new ' || n from generate_series(1, 30) n")

    steps = await walk(db, 100)

    assert all(enqueued <= 100 and looked_at <= 1000 for looked_at, enqueued in steps)
    assert sum(looked_at for looked_at, _ in steps) == 2530
    assert sum(enqueued for _, enqueued in steps) == 2500
    assert await db.fetchval("select count(*) from ai.outbox_deferred where reason = 'backfill'") == 2500
    assert await db.fetchval("select count(*) from ai.outbox") == 30
    assert sum(enqueued for _, enqueued in await walk(db, 1000)) == 0, "again changes nothing"


async def test_it_resumes_after_the_id_where_it_was_stopped(db):
    await older(db, 300)
    last, _, first = await db.fetchrow(STEP, 120, None, None, 60)
    rest = await walk(db, 120, after=last)

    assert (first, sum(enqueued for _, enqueued in rest)) == (120, 180)


async def test_rfqs_become_due_one_by_one_at_the_set_pace_over_any_number_of_steps(db):
    await older(db, 300)
    await walk(db, 70, per_minute=120)

    row = await db.fetchrow(
        "select count(distinct due_at), max(due_at) - min(due_at) as span, min(due_at) > now() as later from ai.outbox_deferred"
    )
    assert (row["count"], row["later"]) == (300, True)
    assert row["span"].total_seconds() == pytest.approx(299 * 0.5, abs=0.01)
    # However many RFQs a backfill enqueues, an RFQ that is inserted now finds none of them before it.
    assert await db.fetchval("select ai.promote_deferred()") == 0


async def test_a_new_rfq_is_claimed_before_backfilled_ones(db):
    await older(db, 50)
    await walk(db, 1000, per_minute=60)
    live = await db.fetchval("insert into public.rfq_requests (message) values ('live') returning id")
    await db.execute(
        "update ai.outbox_deferred set due_at = now() where rfq_id in (select rfq_id from ai.outbox_deferred order by due_at limit 5)"
    )
    await db.execute("select ai.promote_deferred()")

    worker = await db.fetchval("select ai.register_worker('h', 1, '1', 'rules', 'rules', 4, false)")
    claimed = await db.fetch("select rfq_id from ai.claim_outbox($1, 100, 3, '60 s')", worker)
    assert claimed[0]["rfq_id"] == live
    assert len(claimed) == 3


async def test_since_limits_a_backfill_to_rfqs_submitted_later(db):
    await older(db, 400, days=400)
    since = await db.fetchval("select now() - interval '100 days 12 hours'")
    _, looked_at, enqueued = await db.fetchrow(STEP, 1000, None, since, 60)

    assert (looked_at, enqueued) == (400, 100)


async def test_queued_and_dead_rfqs_are_left_alone(db):
    await older(db, 4)
    ids = [row[0] for row in await db.fetch("select id from public.rfq_requests order by id")]
    await db.execute("insert into ai.outbox (rfq_id) values ($1)", ids[0])
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason) values ($1, now(), 5, 'timeout')", ids[1]
    )
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) values ($1, now(), now(), 1, 'retry')",
        ids[2],
    )
    assert tuple(await db.fetchrow(STEP, 1000, None, None, 60)) == (ids[3], 4, 1)
    assert await db.fetchval("select reason from ai.outbox_deferred where rfq_id = $1", ids[2]) == "retry"


async def test_a_finished_rfq_is_not_enriched_again(db):
    await older(db, 3)
    ids = [row[0] for row in await db.fetch("select id from public.rfq_requests order by id")]
    await db.execute("update public.rfq_requests set ai_status = 'done' where id = $1", ids[0])
    await db.execute("update public.rfq_requests set ai_status = 'skipped' where id = $1", ids[1])

    assert tuple(await db.fetchrow(STEP, 1000, None, None, 60)) == (ids[2], 3, 1)
    assert await db.fetchval("select rfq_id from ai.outbox_deferred") == ids[2]


async def test_a_backfilled_rfq_is_pending_and_counted_separately(db):
    await older(db, 3)
    await walk(db, 1000)
    rows = await db.fetch("select ai_status, ai_reason, next_attempt_at from ai.rfq_status")

    assert {(row["ai_status"], row["ai_reason"]) for row in rows} == {("pending", "backfill")}
    assert all(row["next_attempt_at"] for row in rows)
    queue = await db.fetchrow("select backfill, deferred, depth from ai.queue_status")
    assert tuple(queue) == (3, 0, 0)


async def test_an_invalid_pace_is_refused(db):
    for limit, per_minute in ((0, 60), (10, 0), (10, -1)):
        with pytest.raises(asyncpg.InvalidParameterValueError, match="must be positive"):
            await db.fetchrow(STEP, limit, None, None, per_minute)


async def test_a_step_costs_no_more_over_a_larger_table(db):
    cost = []
    for rows in (15_000, 60_000):
        await older(db, rows)
        await db.execute("vacuum analyze public.rfq_requests")
        middle = await db.fetchval(f"select id from public.rfq_requests order by id offset {rows // 2} limit 1")
        found = json.loads(
            await db.fetchval(f"explain (analyze, buffers, format json) select * from ai.backfill_rfqs(10, '{middle}')")
        )[0]["Plan"]
        cost.append(found["Shared Hit Blocks"] + found["Shared Read Blocks"])

    assert cost[1] < cost[0] * 1.5, cost
    assert cost[1] < 12 * 1000, "a thousand RFQs were looked at"


async def test_many_reruns_in_one_call_count_what_was_enqueued(db):
    await db.execute("insert into public.rfq_requests (message) select 'm' || n from generate_series(1, 5) n")
    ids = [row[0] for row in await db.fetch("select id from public.rfq_requests")]
    await db.execute("delete from ai.outbox where rfq_id = any ($1)", ids[:3])

    assert await db.fetchval("select ai.rerun_rfqs($1)", ids) == 3
    assert await db.fetchval("select ai.rerun_rfqs($1, true)", ids) == 5
    assert await db.fetchval("select ai.rerun_rfqs($1, true)", ids) == 0
    assert await db.fetchval("select count(*) from ai.outbox where forced") == 5
