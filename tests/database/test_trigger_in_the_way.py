"""An obstacle in the way of rfqflow's trigger must not become an obstacle for the application."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.support.enqueueing import insert, milliseconds, queued

if TYPE_CHECKING:
    pass


# Obstacles for the trigger, which must not be obstacles for the application.


async def _insert_under(
    db: asyncpg.Connection, locker: asyncpg.Connection, tables: str, statement: str, *, times: int = 5
) -> list[float]:
    """The time of each insert with its commit, while `locker` held `tables`."""
    transaction = locker.transaction()
    await transaction.start()
    await locker.execute(f"lock table {tables} in access exclusive mode")
    try:
        return [await milliseconds(db.execute(statement)) for _ in range(times)]
    finally:
        await transaction.rollback()


def _assert_not_held_up(took: list[float], what: str) -> None:
    print(f"{what}: {' '.join(f'{one:.0f}' for one in took)} ms")
    # A wait per lock is 20 ms; a wait for each of a hundred rows would be two seconds. The limit is far from both, for
    # busy machines.
    assert statistics.median(took) < 500
    assert max(took) < 1500


ONE = "insert into public.rfq_requests (message) values ('m')"


@pytest.mark.fault("D8")
async def test_an_insert_under_a_locked_queue_commits_at_once_and_is_queued_later(
    db, open_connection, sleeper, counter
):
    took = await _insert_under(db, await open_connection(), "ai.outbox", ONE)

    _assert_not_held_up(took, "insert, ai.outbox locked")
    assert await db.fetchval("select count(*) from public.rfq_requests") == 5
    assert await db.fetchval("select count(*) from ai.outbox") == 0
    missed = await db.fetch("select sqlstate, count(*) from ai.outbox_missed group by 1")
    assert [tuple(row) for row in missed] == [("55P03", 5)]
    assert await counter.received() == 0

    assert await db.fetchval("select ai.enqueue_missed()") == 5

    assert len(await queued(db)) == 5
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0
    assert await counter.received() == 1


async def test_an_insert_while_the_queue_and_outbox_missed_are_locked_commits_at_once_and_the_sweep_finds_it(
    db, open_connection
):
    took = await _insert_under(db, await open_connection(), "ai.outbox, ai.outbox_missed", ONE)

    _assert_not_held_up(took, "insert, ai.outbox and ai.outbox_missed locked")
    assert await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'pending'") == 5
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 5
    assert len(await queued(db)) == 5


async def test_a_statement_of_many_rows_waits_for_a_locked_queue_no_longer_than_one_of_one_row(db, open_connection):
    many = "insert into public.rfq_requests (message) select 'm' || n from generate_series(1, 200) n"

    took = await _insert_under(db, await open_connection(), "ai.outbox, ai.outbox_missed", many, times=3)

    _assert_not_held_up(took, "insert of 200 rows, both locked")


@pytest.mark.parametrize("tables", ["ai.outbox", "ai.outbox, ai.outbox_missed", "ai.outbox_deferred"])
async def test_an_upsert_of_many_changed_messages_waits_once_for_a_locked_queue(db, open_connection, tables):
    await db.execute(
        "create unique index on public.rfq_requests (idempotency_key);"
        "insert into public.rfq_requests (idempotency_key, message) select n, 'first' from generate_series(1, 100) n;"
        "delete from ai.outbox"
    )
    change = (
        "insert into public.rfq_requests (idempotency_key, message) select n, clock_timestamp() from generate_series(1, 100) n "
        "on conflict (idempotency_key) do update set message = excluded.message"
    )

    took = await _insert_under(db, await open_connection(), tables, change, times=3)

    _assert_not_held_up(took, f"upsert of 100 changed rows, {tables} locked")
    assert await db.fetchval("select ai.enqueue_missed() + ai.find_unqueued_rfqs()") == 100
    assert await db.fetchval("select count(*) from ai.outbox") == 100


async def test_a_transaction_of_many_statements_waits_for_a_locked_queue_once(db, open_connection):
    locker = await open_connection()
    transaction = locker.transaction()
    await transaction.start()
    await locker.execute("lock table ai.outbox, ai.outbox_missed in access exclusive mode")

    async def fifty_inserts() -> None:
        async with db.transaction():
            for _ in range(50):
                await db.execute(ONE)

    took = await milliseconds(fifty_inserts())
    await transaction.rollback()

    print(f"50 inserts in one transaction, both locked: {took:.0f} ms")
    assert took < 900  # 50 waits of 20 ms are 1000
    await insert(db, "the next transaction is queued at once")
    assert await db.fetchval("select count(*) from ai.outbox") == 1
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 50


async def test_a_row_of_the_queue_that_another_transaction_holds_does_not_delay_an_edit(db, open_connection):
    (rfq,) = await insert(db, "first")
    await db.execute("delete from ai.outbox")
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "values ($1, now(), now() + interval '1 hour', 4, 'retry')",
        rfq,
    )
    holder = await open_connection()
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("select from ai.outbox_deferred for update")

    took = [
        await milliseconds(db.execute("update public.rfq_requests set message = $1", f"text {n}")) for n in range(3)
    ]

    await transaction.rollback()
    _assert_not_held_up(took, "edit, the deferred row locked")
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 3


async def test_an_edited_dead_letter_that_was_recorded_as_missed_is_no_dead_letter_once_it_is_queued(
    db, open_connection
):
    (rfq,) = await insert(db, "first")
    await db.execute("delete from ai.outbox")
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason) values ($1, now(), 5, 'timeout')", rfq
    )
    await _insert_under(
        db,
        await open_connection(),
        "ai.outbox",
        "update public.rfq_requests set message = 'second'",
        times=1,
    )

    assert await db.fetchval("select ai.enqueue_missed()") == 1

    assert await queued(db) == ["second"]
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0


async def test_an_edited_dead_letter_that_could_not_even_be_recorded_is_found_by_the_sweep(db, open_connection):
    first, refused = await insert(db, "first", "refused by its table")
    await db.execute("delete from ai.outbox")
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class) "
        "values ($1, now(), 5, 'timeout', 'timeout'), ($2, now(), 5, 'write_refused', 'write_refused')",
        first,
        refused,
    )
    await db.execute("update public.rfq_requests set ai_status = 'failed' where id = $1", first)
    await _insert_under(
        db,
        await open_connection(),
        "ai.outbox, ai.outbox_missed",
        "update public.rfq_requests set message = 'second' where message = 'first'",
        times=1,
    )
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0

    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 1

    assert await queued(db) == ["second"]
    assert await db.fetchval("select has_ended from ai.outbox"), "it had an end, which counts once"
    # An RFQ whose end could not be written is still pending, and needs a person: the sweep must not pay for it
    # repeatedly.
    assert await db.fetchval("select array_agg(rfq_id) from ai.outbox_dead") == [refused]
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 0


async def test_an_edit_in_backoff_that_was_recorded_as_missed_is_due_at_once_with_new_attempts(db, open_connection):
    (rfq,) = await insert(db, "first")
    await db.execute("delete from ai.outbox")
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "values ($1, now(), now() + interval '1 hour', 4, 'retry')",
        rfq,
    )
    await _insert_under(
        db,
        await open_connection(),
        "ai.outbox_deferred",
        "update public.rfq_requests set message = 'second'",
        times=1,
    )

    await db.execute("select ai.enqueue_missed()")
    await db.execute("select ai.promote_deferred()")

    assert await db.fetchval("select attempt from ai.outbox") == 0
    assert await db.fetchval("select count(*) from ai.outbox_deferred") == 0


async def test_an_rfq_recorded_twice_and_one_recorded_and_deleted_do_not_hinder_the_others(db):
    one, gone = await insert(db, "one", "gone")
    await db.execute("delete from ai.outbox")
    for rfq in (one, one, gone):
        await db.execute("insert into ai.outbox_missed (rfq_id, sqlstate) values ($1, '55P03')", rfq)
    await db.execute("delete from public.rfq_requests where id = $1", gone)

    assert await db.fetchval("select ai.enqueue_missed()") == 1

    assert await queued(db) == ["one"]
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0


async def test_an_insert_works_without_the_queue(db):
    await db.execute("drop table ai.outbox cascade")

    await insert(db, "one", "two")

    assert await db.fetchval("select array_agg(sqlstate) from ai.outbox_missed") == ["42P01", "42P01"]


async def test_inserts_and_edits_work_without_the_schema_and_are_found_when_it_is_back(db):
    await db.execute("alter schema ai rename to elsewhere")
    (rfq,) = await insert(db, "one")
    await db.execute("update public.rfq_requests set message = 'two' where id = $1", rfq)
    await db.execute("alter schema elsewhere rename to ai")

    assert await db.fetchval("select ai_status from public.rfq_requests") == "pending"
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 1
    assert await queued(db) == ["two"]


async def test_an_insert_works_with_a_queue_that_refuses_the_row(db):
    await db.execute("alter table ai.outbox add constraint never check (attempt > 99)")

    await insert(db, "one")

    assert await db.fetchval("select sqlstate from ai.outbox_missed") == "23514"
    await db.execute("alter table ai.outbox drop constraint never")
    assert await db.fetchval("select ai.enqueue_missed()") == 1


async def test_an_insert_works_when_the_notification_fails(db):
    await db.execute(
        "create or replace function ai.notify_workers() returns void language plpgsql as $$ begin raise exception 'no'; end $$"
    )

    await insert(db, "one")

    assert await db.fetchval("select sqlstate from ai.outbox_missed") == "P0001"


async def test_a_skipped_row_is_reported_with_the_sqlstate_and_no_text_of_the_rfq(db):
    reported: list[asyncpg.PostgresLogMessage] = []
    db.add_log_listener(lambda _, message: reported.append(message))
    await db.execute("alter table ai.outbox add constraint never check (attempt > 99)")

    (rfq,) = await insert(db, "a secret message")

    assert [(one.severity, one.message) for one in reported] == [
        ("WARNING", "rfqflow: the trigger could not enqueue this now (23514); workers enqueue it later")
    ]
    assert not any(secret in str(reported[0].as_dict()) for secret in ("a secret", str(rfq)))
