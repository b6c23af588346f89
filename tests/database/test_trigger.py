"""The trigger's contract with the application: every committed RFQ is queued, and no insert fails or waits for us."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.support.enqueueing import end, insert, queued

if TYPE_CHECKING:
    pass

LEVELS = ("read committed", "repeatable read", "serializable")


async def test_a_single_row_is_queued(db):
    await insert(db, "one")

    assert await queued(db) == ["one"]


async def test_every_row_of_a_statement_is_queued_by_one_firing(db):
    await insert(db, "a", "b", "c")

    assert await queued(db) == ["a", "b", "c"]
    assert await db.fetchval("select count(distinct xmin::text) from ai.outbox") == 1


async def test_an_insert_from_a_select_is_queued_and_one_of_no_rows_queues_and_notifies_nothing(db, counter, sleeper):
    await db.execute(
        "insert into public.rfq_requests (message) select 'm' || n from generate_series(1, 50) n where n <= 0"
    )
    assert await counter.received() == 0

    await db.execute("insert into public.rfq_requests (message) select 'm' || n from generate_series(1, 50) n")

    assert len(await queued(db)) == 50
    assert await counter.received() == 1


async def test_a_copy_of_a_hundred_thousand_rows_queues_them_all_and_notifies_at_most_once(db, counter, sleeper):
    records = [(f"message {n}", f"company {n}") for n in range(100_000)]

    await db.copy_records_to_table(
        "rfq_requests", schema_name="public", columns=["message", "company"], records=records
    )

    assert await db.fetchval("select count(*) from ai.outbox") == 100_000
    assert (
        await db.fetchval(
            "select count(*) from public.rfq_requests r where not exists (select from ai.outbox o where o.rfq_id = r.id)"
        )
        == 0
    )
    assert await counter.received() == 1


async def test_an_insert_that_does_nothing_on_conflict_queues_and_notifies_nothing(db, counter, sleeper):
    (rfq,) = await insert(db, "first")
    await end(db, rfq)
    await counter.received()

    tag = await db.execute(
        "insert into public.rfq_requests (id, message) values ($1, 'again') on conflict (id) do nothing", rfq
    )

    assert tag == "INSERT 0 0"
    assert await queued(db) == []
    assert await counter.received() == 0


async def test_an_insert_that_conflicts_in_part_queues_the_new_rows_only(db):
    (rfq,) = await insert(db, "first")
    await end(db, rfq)

    await db.execute(
        "insert into public.rfq_requests (id, message) values ($1, 'again'), ($2, 'new') on conflict (id) do nothing",
        rfq,
        uuid.uuid4(),
    )

    assert await queued(db) == ["new"]


UPSERT = (
    "insert into public.rfq_requests (id, message, name) values ($1, $2, $3) "
    "on conflict (id) do update set message = excluded.message, name = excluded.name"
)


async def test_an_upsert_that_changes_the_message_queues_the_rfq_again(db, counter, sleeper):
    (rfq,) = await insert(db, "first")
    await end(db, rfq)
    await counter.received()

    await db.execute(UPSERT, rfq, "second", "n")

    assert await queued(db) == ["second"]
    assert await counter.received() == 1
    assert await db.fetchval("select ai_status from public.rfq_requests") == "pending"


async def test_an_upsert_that_changes_the_message_of_a_queued_rfq_is_absorbed_by_its_row(db):
    (rfq,) = await insert(db, "first")
    before = await db.fetchrow("select * from ai.outbox")

    await db.execute(UPSERT, rfq, "second", "n")

    assert await db.fetch("select * from ai.outbox") == [before]


async def test_an_upsert_that_leaves_the_message_unchanged_queues_and_notifies_nothing(db, counter, sleeper):
    (rfq,) = await insert(db, "first")
    await end(db, rfq)
    await counter.received()

    await db.execute(UPSERT, rfq, "first", "another name")

    assert await db.fetchval("select name || ' ' || ai_status from public.rfq_requests") == "another name done"
    assert await queued(db) == []
    assert await counter.received() == 0


async def test_an_edit_of_an_rfq_in_backoff_makes_it_due_at_once_with_new_attempts(db):
    (rfq,) = await insert(db, "first")
    await db.execute("delete from ai.outbox")
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "values ($1, now(), now() + interval '1 hour', 4, 'retry')",
        rfq,
    )

    await db.execute("update public.rfq_requests set message = 'second'")

    assert await queued(db) == []
    assert await db.fetchval("select attempt from ai.outbox_deferred where due_at <= clock_timestamp()") == 0


async def test_an_edit_of_a_dead_letter_gives_it_another_chance(db):
    (rfq,) = await insert(db, "first")
    await db.execute("delete from ai.outbox")
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason) values ($1, now(), 5, 'timeout')", rfq
    )

    await db.execute("update public.rfq_requests set message = 'second'")

    assert await queued(db) == ["second"]
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0


@pytest.mark.parametrize("level", LEVELS)
async def test_a_savepoint_decides_about_the_rows_inserted_in_it(db, level):
    async with db.transaction(isolation=level.replace(" ", "_")):
        await insert(db, "kept before")
        savepoint = db.transaction()
        await savepoint.start()
        await insert(db, "rolled back")
        await savepoint.rollback()
        async with db.transaction():
            await insert(db, "kept in a savepoint")
        await insert(db, "kept after")

    assert await queued(db) == ["kept after", "kept before", "kept in a savepoint"]
    assert await db.fetchval("select count(*) from ai.outbox") == 3
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0


@pytest.mark.parametrize("level", LEVELS)
async def test_a_rolled_back_transaction_queues_nothing(db, level):
    transaction = db.transaction(isolation=level.replace(" ", "_"))
    await transaction.start()
    await insert(db, "never")
    await transaction.rollback()

    assert await db.fetchval("select count(*) from ai.outbox") == 0


@pytest.mark.fault("D9")
async def test_serializable_inserts_of_many_sessions_do_not_fail_because_of_the_queue(open_connection, db):
    sessions = [await open_connection() for _ in range(6)]

    async def work(conn: asyncpg.Connection) -> None:
        for n in range(20):
            async with conn.transaction(isolation="serializable"):
                await insert(conn, f"m{n}")

    await asyncio.gather(*(work(conn) for conn in sessions))

    assert await db.fetchval("select count(*) from ai.outbox") == 120


async def test_a_role_with_only_insert_on_the_table_can_insert_and_copy(make_role, db):
    role = await make_role()
    await db.execute(f"grant insert on public.rfq_requests to {role}; set session authorization {role}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("select 1 from ai.outbox")

    await db.execute("insert into public.rfq_requests (message) values ('by insert')")
    await db.execute(
        "insert into public.rfq_requests (message, ai_status) values ('by an orm', null) on conflict do nothing"
    )
    await db.copy_records_to_table("rfq_requests", schema_name="public", columns=["message"], records=[("by copy",)])

    await db.execute("reset session authorization")
    assert await queued(db) == ["by an orm", "by copy", "by insert"]
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0


# Updates that must not fire the trigger.


async def test_an_update_that_leaves_the_message_unchanged_queues_and_notifies_nothing(db, counter, sleeper):
    (rfq,) = await insert(db, "first")
    await end(db, rfq)
    await counter.received()

    await db.execute("update public.rfq_requests set name = 'n', metadata = '{\"a\": 1}', email = 'e@x.example'")
    await db.execute("update public.rfq_requests set message = message")
    await db.execute("update public.rfq_requests set message = 'first', ai_review = 'x'")
    await db.execute("update public.rfq_requests set ai_status = 'pending'")

    assert await queued(db) == []
    assert await counter.received() == 0


async def test_our_own_write_back_queues_and_notifies_nothing(db, counter, sleeper):
    (rfq,) = await insert(db, "first")
    assert await counter.received() == 1

    await end(db, rfq)

    assert await db.fetchval("select ai_status || ' ' || ai_summary from public.rfq_requests") == "done ours"
    assert await queued(db) == []
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0
    assert await counter.received() == 0


async def test_a_delete_and_a_truncate_queue_and_notify_nothing(db, counter, sleeper):
    await insert(db, "a", "b")
    await db.execute("delete from ai.outbox")
    await counter.received()

    await db.execute("delete from public.rfq_requests where message = 'a'")
    await db.execute("truncate public.rfq_requests")

    assert await queued(db) == []
    assert await counter.received() == 0
