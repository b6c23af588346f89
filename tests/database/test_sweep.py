"""The backstop: the sweep finds RFQs that no trigger saw, once, in order, at a cost that does not grow with the table."""

from __future__ import annotations

import json

import asyncpg
import pytest

from rfqflow.database import migrate
from rfqflow.database.connection import connect

BEHIND_THE_TRIGGERS = {
    "as a replica": ("set session_replication_role = replica", "set session_replication_role = origin"),
    "triggers disabled": (
        "alter table public.rfq_requests disable trigger all",
        "alter table public.rfq_requests enable trigger all",
    ),
    "the enqueueing trigger disabled": (
        "alter table public.rfq_requests disable trigger rfqflow_enqueue",
        "alter table public.rfq_requests enable trigger rfqflow_enqueue",
    ),
}


async def insert_unseen(db: asyncpg.Connection, rows: int, columns: str = "", values: str = "") -> None:
    """RFQs that no trigger saw, of about a hundred bytes each."""
    await db.execute("set session_replication_role = replica")
    await db.execute(
        f"insert into public.rfq_requests (message{columns}) "
        f"select 'message ' || n{values} from generate_series(1, {rows}) n order by n"
    )
    await db.execute("set session_replication_role = origin")


async def one_pass(db: asyncpg.Connection, *, at_most: int = 500) -> list[int]:
    """What each step found, until the sweep has reached the table's end."""
    passes = await db.fetchval("select pass from ai.sweep_progress")
    found = []
    while await db.fetchval("select pass from ai.sweep_progress") == passes:
        found.append(await db.fetchval("select ai.find_unqueued_rfqs()"))
        assert len(found) <= at_most, "it comes to no end"
    return found


@pytest.mark.parametrize("how", BEHIND_THE_TRIGGERS)
async def test_rfqs_inserted_without_triggers_are_found_within_one_pass(db, how):
    before, after = BEHIND_THE_TRIGGERS[how]
    await db.execute("insert into public.rfq_requests (message) values ('seen')")
    await db.execute(before)
    await db.execute("insert into public.rfq_requests (message) select 'unseen ' || n from generate_series(1, 500) n")
    await db.execute(after)
    assert await db.fetchval("select count(*) from ai.outbox") == 1
    await db.execute("select ai.set_policy('sweep_blocks', '5')")

    assert sum(await one_pass(db)) == 500

    assert await db.fetchval("select count(*) from ai.outbox") == 501
    assert await db.fetchval("select found from ai.sweep_progress") == 500
    assert sum(await one_pass(db)) == 0


async def test_a_row_whose_insert_left_our_status_empty_is_found(db):
    await insert_unseen(db, 1, ", ai_status", ", null")

    assert await one_pass(db) == [1]


async def test_an_edit_without_triggers_of_a_pending_rfq_needs_no_sweep_and_a_restored_dump_is_found(db):
    await db.execute("insert into public.rfq_requests (message) select 'm' || n from generate_series(1, 20) n")
    await db.execute("truncate ai.outbox")  # the dump did not have the queue

    assert sum(await one_pass(db)) == 20


async def test_any_worker_resumes_where_the_last_step_stopped(db, open_connection):
    await db.execute("select ai.set_policy('sweep_blocks', '3')")
    await insert_unseen(db, 700)
    blocks = await db.fetchval("select pg_relation_size('public.rfq_requests') / 8192")
    stands, messages = [], []
    for _ in range(blocks // 3):
        worker = await open_connection()
        await worker.execute("select ai.find_unqueued_rfqs()")
        worker.terminate()
        stands.append(await db.fetchval("select next_block from ai.sweep_progress"))
        messages.append(await db.fetchval("select count(*) from ai.outbox"))

    assert stands == [3 * n for n in range(1, blocks // 3 + 1)] or stands[-1] == 0
    assert messages == sorted(set(messages)), "each step found more"
    while await db.fetchval("select pass from ai.sweep_progress") == 0:
        await db.execute("select ai.find_unqueued_rfqs()")
    assert await db.fetchval("select count(*) from ai.outbox") == 700
    row = await db.fetchrow("select next_block, pass, completed_at is not null from ai.sweep_progress")
    assert tuple(row) == (0, 1, True)


async def test_a_step_that_is_rolled_back_is_repeated(db):
    await insert_unseen(db, 10)
    transaction = db.transaction()
    await transaction.start()
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 10
    await transaction.rollback()

    assert await one_pass(db) == [10]


async def test_a_table_that_shrank_or_is_empty_does_not_stop_it(db):
    await db.execute("select ai.set_policy('sweep_blocks', '3')")
    assert await one_pass(db) == [0]
    await insert_unseen(db, 700)
    await db.execute("select ai.find_unqueued_rfqs()")
    await db.execute("select ai.find_unqueued_rfqs()")
    await db.execute("truncate public.rfq_requests; truncate ai.outbox")

    await one_pass(db)
    await insert_unseen(db, 5)

    assert sum(await one_pass(db)) == 5


async def test_rfqs_older_than_the_installation_are_never_enqueued(db):
    await insert_unseen(db, 3, ", created_at, ai_status", ", now() - interval '1 year', null")
    await insert_unseen(
        db, 3, ", created_at, ai_status", ", (select min(applied_at) - interval '1 ms' from ai.rfqflow_migration), null"
    )
    await insert_unseen(db, 2, ", created_at, ai_status", ", (select min(applied_at) from ai.rfqflow_migration), null")
    # A later migration does not change the time of the installation.
    await db.execute(
        "update ai.rfqflow_migration set applied_at = now() + interval '1 day' where name not like 'schema/01%'"
    )

    assert sum(await one_pass(db)) == 2


async def test_a_row_with_the_column_default_counts_as_new_with_any_time(db):
    await insert_unseen(db, 3, ", created_at", ", now() - interval '1 year'")

    assert sum(await one_pass(db)) == 3


@pytest.mark.parametrize("apart", [False, True])
async def test_a_backdated_row_that_the_queue_could_not_take_is_found_in_a_mapped_table_and_older_ones_are_not(
    empty_database, open_plain, apart
):
    db, holder = await open_plain(empty_database), await open_plain(empty_database)
    await db.execute(
        "create table public.inquiry (no bigserial primary key, body text not null, at timestamptz not null)"
    )
    await db.execute(
        "insert into public.inquiry (body, at) select 'old', now() - interval '1 year' from generate_series(1, 9)"
    )
    mapping = {"table": "public.inquiry", "columns": {"id": "no", "message": "body", "created_at": "at"}}
    await migrate.migrate(db, mapping=mapping | ({"ai_columns": "enrichment"} if apart else {}))

    async with holder.transaction():
        await holder.execute("lock table ai.outbox, ai.outbox_missed in access exclusive mode")
        await db.execute("insert into public.inquiry (body, at) values ('backdated', now() - interval '1 year')")

    assert sum(await one_pass(db)) == 1
    assert await db.fetchval("select r.message from ai.outbox o join ai.rfqs r on r.rfq_id = o.rfq_id") == "backdated"


async def test_a_column_that_existed_before_rfqflow_marks_no_row_as_new(empty_database, open_plain):
    db = await open_plain(empty_database)
    await migrate.migrate(db)
    await db.execute("drop schema ai cascade; drop function public.submit_rfq")
    await db.execute(
        "insert into public.rfq_requests (message, created_at) values ('between', now() - interval '1 hour')"
    )
    await migrate.migrate(db)

    assert sum(await one_pass(db)) == 0


async def test_finished_and_queued_rfqs_are_never_enqueued(db):
    for status in ("done", "skipped", "failed"):
        await insert_unseen(db, 2, ", ai_status", f", '{status}'")
    await insert_unseen(db, 4, ", company", ", (array['queued', 'claimed', 'deferred', 'dead'])[n]")
    ids = dict(await db.fetch("select company, id from public.rfq_requests where company is not null"))
    await db.execute("insert into ai.outbox (rfq_id) values ($1)", ids["queued"])
    await db.execute(
        "insert into ai.outbox (rfq_id, claim_id, worker, lease_expires_at) values ($1, 5, 1, now() - interval '1 h')",
        ids["claimed"],
    )
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "values ($1, now(), now() + interval '1 day', 0, 'rate_limit')",
        ids["deferred"],
    )
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class) "
        "values ($1, now(), 5, 'write_refused', 'write_refused')",
        ids["dead"],
    )

    assert sum(await one_pass(db)) == 0
    assert await db.fetchval("select count(*) from ai.outbox") == 2


async def test_an_older_row_that_is_saved_over_a_dead_letter_revives_it_only_with_another_text(db):
    await db.execute("insert into public.rfq_requests (message) values ('given up'), ('given up too')")
    for row in await db.fetch("select * from ai.claim_outbox(1, 100, 10, '60 s', 0)"):
        end = {"outbox_id": row["outbox_id"], "rfq_id": str(row["rfq_id"]), "claim_id": row["claim_id"], "worker": 1, "attempt": 5,
               "verdict": "discard", "status": "failed", "reason": "bad_request", "error_class": "bad_request",
               "content_sha256": "\\x" + row["content_sha256"].hex()}  # fmt: skip
        assert await db.fetch("select * from ai.finish_outbox($1)", json.dumps([end])) == []
    await db.execute("set session_replication_role = replica")
    await db.execute("update public.rfq_requests set ai_status = 'pending', ai_reason = null")
    await db.execute("update public.rfq_requests set message = 'edited' where message = 'given up too'")
    await db.execute("set session_replication_role = origin")

    assert await one_pass(db) == [1]
    found = await db.fetch("select r.message from ai.outbox o join public.rfq_requests r on r.id = o.rfq_id")
    assert [row["message"] for row in found] == ["edited"]
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 1


async def test_an_older_rfq_that_was_answered_is_found_when_it_is_edited(db):
    await insert_unseen(db, 1, ", created_at, ai_content_sha256", ", now() - interval '1 year', sha256('another text')")

    assert await one_pass(db) == [1]


async def test_two_sessions_never_sweep_at_once_and_neither_waits(db, open_connection):
    await db.execute("select ai.set_policy('sweep_blocks', '3')")
    await insert_unseen(db, 700)
    other = await open_connection()
    transaction = db.transaction()
    await transaction.start()
    found = await db.fetchval("select ai.find_unqueued_rfqs()")
    assert found > 0

    async with other.transaction():
        await other.execute("set local statement_timeout = '900ms'")  # less than the lock timeout of the sweep
        assert await other.fetchval("select ai.find_unqueued_rfqs()") == 0

    await transaction.commit()
    assert await db.fetchval("select next_block from ai.sweep_progress") == 3
    assert await db.fetchval("select count(*) from ai.outbox") == found


async def test_it_notifies_only_when_it_found_rfqs(db, counter, sleeper):
    await insert_unseen(db, 3)
    assert await counter.received() == 0

    await db.execute("select ai.find_unqueued_rfqs()")
    assert await counter.received() == 1
    await db.execute("select ai.find_unqueued_rfqs()")
    assert await counter.received() == 0


async def _buffers(db: asyncpg.Connection) -> tuple[int, int]:
    """Pages touched by one step, and the number of RFQs found."""
    before = await db.fetchval("select found from ai.sweep_progress")
    (plan,) = json.loads(await db.fetchval("explain (analyze, buffers, format json) select ai.find_unqueued_rfqs()"))
    found = await db.fetchval("select found from ai.sweep_progress") - before
    top = plan["Plan"]
    return sum(
        top[f"{kind} {what} Blocks"]
        for kind in ("Shared", "Temp")
        for what in ("Hit", "Read")
        if f"{kind} {what} Blocks" in top
    ), found


async def test_the_cost_of_a_step_grows_neither_with_the_table_nor_with_the_queue(db):
    await db.execute("select ai.set_policy('sweep_blocks', '64')")
    costs = []
    for rows in (20_000, 380_000):
        await insert_unseen(
            db, rows, ", request_id, ai_status", ", null, case when n % 8 = 0 then 'pending' else 'done' end"
        )
        await db.execute(
            "insert into ai.outbox (rfq_id) select id from public.rfq_requests where ai_status = 'pending' "
            "on conflict do nothing"
        )
        await db.execute("vacuum (analyze) public.rfq_requests")
        await db.execute("vacuum (analyze) ai.outbox")
        # More steps than plpgsql makes custom plans for: the seventh uses the generic plan.
        steps = [await _buffers(db) for _ in range(7)]
        assert [found for _, found in steps] == [0] * 7
        costs.append([pages for pages, _ in steps[1:]])

    print(f"pages touched by a step of 64 blocks, at 20,000 and at 400,000 rows: {costs}")
    assert max(costs[0]) > 64
    assert max(costs[1]) < max(costs[0]) * 1.5, "an index may be one level deeper, no more"


async def test_a_partitioned_table_is_queued_by_its_parent_and_swept_in_all_its_parts(empty_database):
    db = await connect(empty_database)
    try:
        await db.execute(
            "create table public.rfq_requests (id uuid not null default gen_random_uuid(), message text not null,"
            " created_at timestamptz not null default now(), primary key (id, created_at)) partition by range (created_at);"
            "create table public.rfq_old partition of public.rfq_requests for values from (minvalue) to (now() - interval '1 day');"
            "create table public.rfq_new partition of public.rfq_requests default"
        )
        await migrate.migrate(db)

        await db.execute(
            "insert into public.rfq_requests (message) select 'through the parent ' || n from generate_series(1, 50) n"
        )
        assert await db.fetchval("select count(*) from ai.outbox") == 50
        await db.execute(
            "insert into public.rfq_new (message) select 'into a part ' || n from generate_series(1, 300) n"
        )
        assert await db.fetchval("select count(*) from ai.outbox") == 50  # statement triggers belong to the parent
        await db.execute("select ai.set_policy('sweep_blocks', '2')")

        assert sum(await one_pass(db)) == 300
        await db.execute("update public.rfq_new set message = 'edited' where message = 'into a part 1'")
        row = await db.fetchrow("select * from ai.claim_outbox(1, 1000, 1, '60 s', 0)")
        outcomes = await db.fetch(
            "select * from ai.finish_outbox(jsonb_build_array(jsonb_build_object("
            "'outbox_id', $1::bigint, 'rfq_id', $2::uuid, 'claim_id', $3::bigint, 'verdict', 'complete', 'attempt', 1,"
            "'status', 'succeeded', 'content_sha256', $4::bytea, 'prompt_version', 'p@1', 'summary', 'ours')))",
            row["outbox_id"],
            row["rfq_id"],
            row["claim_id"],
            row["content_sha256"],
        )
        assert outcomes == []
        assert await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'done'") == 1
    finally:
        db.terminate()
