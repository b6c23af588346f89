"""The trigger's contract with the application: every committed RFQ is queued, and no insert fails or waits for us."""

from __future__ import annotations

import asyncio
import statistics
import time
import uuid
from typing import TYPE_CHECKING

import asyncpg
import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable

LEVELS = ("read committed", "repeatable read", "serializable")
OWN = (
    "ai_status", "ai_reason", "ai_review", "ai_summary", "ai_tags", "ai_route", "ai_urgency", "ai_confidence",
    "ai_extracted", "ai_content_sha256", "ai_prompt_version", "ai_model", "ai_updated_at",
)  # fmt: skip
FORGED = (
    "done", "no_reason", "urgent", "a forged summary", ["forged"], "vip", "critical", 1.0, "{}", b"hash", "p@9",
    "gpt", "2020-01-01 00:00:00+00",
)  # fmt: skip
CLEAN = ("pending", *[None] * 12)


async def insert(db: asyncpg.Connection, *messages: str) -> list[uuid.UUID]:
    rows = await db.fetch("insert into public.rfq_requests (message) select unnest($1::text[]) returning id", messages)
    return [row["id"] for row in rows]


async def queued(db: asyncpg.Connection) -> list[str]:
    """Messages of the queued RFQs, in order."""
    rows = await db.fetch(
        "select r.message from ai.outbox o join public.rfq_requests r on r.id = o.rfq_id order by r.message"
    )
    return [row["message"] for row in rows]


async def end(db: asyncpg.Connection, rfq_id: uuid.UUID) -> None:
    """Brings a queued RFQ to its end by the shortest way that a worker has."""
    row = await db.fetchrow("select * from ai.claim_outbox(1, 1000, 1, '60 s', 0)")
    assert row["rfq_id"] == rfq_id
    outcomes = await db.fetch(
        "select * from ai.finish_outbox(jsonb_build_array(jsonb_build_object("
        "'outbox_id', $1::bigint, 'rfq_id', $2::uuid, 'claim_id', $3::bigint, 'verdict', 'complete', 'attempt', 1,"
        "'status', 'succeeded', 'content_sha256', $4::bytea, 'prompt_version', 'p@1', 'summary', 'ours')))",
        row["outbox_id"],
        rfq_id,
        row["claim_id"],
        row["content_sha256"],
    )
    assert outcomes == []


async def milliseconds(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1000


async def test_a_single_row_is_queued(db):
    await insert(db, "one")

    assert await queued(db) == ["one"]


async def test_every_row_of_a_statement_is_queued_by_one_firing(db):
    await insert(db, "a", "b", "c")

    assert await queued(db) == ["a", "b", "c"]
    assert await db.fetchval("select count(distinct xmin::text) from ai.outbox") == 1


async def test_an_insert_from_a_select_is_queued_and_one_that_finds_nothing_queues_and_rings_nothing(db, ear, sleeper):
    await db.execute(
        "insert into public.rfq_requests (message) select 'm' || n from generate_series(1, 50) n where n <= 0"
    )
    assert await ear.heard() == 0

    await db.execute("insert into public.rfq_requests (message) select 'm' || n from generate_series(1, 50) n")

    assert len(await queued(db)) == 50
    assert await ear.heard() == 1


async def test_a_copy_of_a_hundred_thousand_rows_queues_them_all_and_rings_at_most_once(db, ear, sleeper):
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
    assert await ear.heard() == 1


async def test_an_insert_that_does_nothing_on_conflict_queues_and_rings_nothing(db, ear, sleeper):
    (rfq,) = await insert(db, "first")
    await end(db, rfq)
    await ear.heard()

    tag = await db.execute(
        "insert into public.rfq_requests (id, message) values ($1, 'again') on conflict (id) do nothing", rfq
    )

    assert tag == "INSERT 0 0"
    assert await queued(db) == []
    assert await ear.heard() == 0


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


async def test_an_upsert_that_changes_the_message_queues_the_rfq_again(db, ear, sleeper):
    (rfq,) = await insert(db, "first")
    await end(db, rfq)
    await ear.heard()

    await db.execute(UPSERT, rfq, "second", "n")

    assert await queued(db) == ["second"]
    assert await ear.heard() == 1
    assert await db.fetchval("select ai_status from public.rfq_requests") == "pending"


async def test_an_upsert_that_changes_the_message_of_a_queued_rfq_is_absorbed_by_its_row(db):
    (rfq,) = await insert(db, "first")
    before = await db.fetchrow("select * from ai.outbox")

    await db.execute(UPSERT, rfq, "second", "n")

    assert await db.fetch("select * from ai.outbox") == [before]


async def test_an_upsert_that_leaves_the_message_alone_queues_and_rings_nothing(db, ear, sleeper):
    (rfq,) = await insert(db, "first")
    await end(db, rfq)
    await ear.heard()

    await db.execute(UPSERT, rfq, "first", "another name")

    assert await db.fetchval("select name || ' ' || ai_status from public.rfq_requests") == "another name done"
    assert await queued(db) == []
    assert await ear.heard() == 0


async def test_an_edit_of_an_rfq_in_backoff_makes_it_due_at_once_with_its_attempts_forgotten(db):
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
async def test_a_savepoint_decides_over_what_was_inserted_in_it(db, level):
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
async def test_serializable_inserts_of_many_sessions_do_not_fail_for_the_queues_sake(open_connection, db):
    sessions = [await open_connection() for _ in range(6)]

    async def work(conn: asyncpg.Connection) -> None:
        for n in range(20):
            async with conn.transaction(isolation="serializable"):
                await insert(conn, f"m{n}")

    await asyncio.gather(*(work(conn) for conn in sessions))

    assert await db.fetchval("select count(*) from ai.outbox") == 120


async def test_a_role_with_nothing_but_insert_on_the_table_can_insert_and_copy(make_role, db):
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


# What stands in our way, and must not stand in the application's.


async def _insert_under(
    db: asyncpg.Connection, locker: asyncpg.Connection, tables: str, statement: str, *, times: int = 5
) -> list[float]:
    """How long each insert took, commit included, while `locker` held `tables`."""
    transaction = locker.transaction()
    await transaction.start()
    await locker.execute(f"lock table {tables} in access exclusive mode")
    try:
        return [await milliseconds(db.execute(statement)) for _ in range(times)]
    finally:
        await transaction.rollback()


def _assert_not_held_up(took: list[float], what: str) -> None:
    print(f"{what}: {' '.join(f'{one:.0f}' for one in took)} ms")
    assert statistics.median(took) < 100
    assert max(took) < 150


ONE = "insert into public.rfq_requests (message) values ('m')"


@pytest.mark.fault("D8")
async def test_an_insert_under_a_locked_queue_commits_at_once_and_is_queued_later(db, open_connection, sleeper, ear):
    took = await _insert_under(db, await open_connection(), "ai.outbox", ONE)

    _assert_not_held_up(took, "insert, ai.outbox locked")
    assert await db.fetchval("select count(*) from public.rfq_requests") == 5
    assert await db.fetchval("select count(*) from ai.outbox") == 0
    missed = await db.fetch("select sqlstate, count(*) from ai.outbox_missed group by 1")
    assert [tuple(row) for row in missed] == [("55P03", 5)]
    assert await ear.heard() == 0

    assert await db.fetchval("select ai.enqueue_missed()") == 5

    assert len(await queued(db)) == 5
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0
    assert await ear.heard() == 1


async def test_an_insert_under_a_queue_and_a_note_book_both_locked_commits_at_once_and_is_found_by_the_sweep(
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
async def test_an_upsert_of_many_changed_messages_waits_for_a_locked_queue_once_and_not_for_each_row(
    db, open_connection, tables
):
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
    assert took < 200
    await insert(db, "the next transaction is queued at once")
    assert await db.fetchval("select count(*) from ai.outbox") == 1
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 50


async def test_a_row_of_the_queue_that_another_transaction_holds_does_not_hold_an_edit_up(db, open_connection):
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


async def test_an_edited_dead_letter_that_had_to_be_noted_is_no_dead_letter_once_it_is_queued(db, open_connection):
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


async def test_an_edited_dead_letter_that_could_not_even_be_noted_is_found_by_the_sweep(db, open_connection):
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
    # What could not be written down is still pending, and a person's: the sweep must not pay for it again and again.
    assert await db.fetchval("select array_agg(rfq_id) from ai.outbox_dead") == [refused]
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 0


async def test_an_edit_in_backoff_that_had_to_be_noted_is_due_at_once_with_its_attempts_forgotten(db, open_connection):
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


async def test_an_rfq_noted_twice_and_one_noted_and_deleted_do_not_hinder_the_others(db):
    one, gone = await insert(db, "one", "gone")
    await db.execute("delete from ai.outbox")
    for rfq in (one, one, gone):
        await db.execute("insert into ai.outbox_missed (rfq_id, sqlstate) values ($1, '55P03')", rfq)
    await db.execute("delete from public.rfq_requests where id = $1", gone)

    assert await db.fetchval("select ai.enqueue_missed()") == 1

    assert await queued(db) == ["one"]
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0


async def test_an_insert_lives_without_the_queue(db):
    await db.execute("drop table ai.outbox cascade")

    await insert(db, "one", "two")

    assert await db.fetchval("select array_agg(sqlstate) from ai.outbox_missed") == ["42P01", "42P01"]


async def test_inserts_and_edits_live_without_the_schema_and_are_found_when_it_is_back(db):
    await db.execute("alter schema ai rename to elsewhere")
    (rfq,) = await insert(db, "one")
    await db.execute("update public.rfq_requests set message = 'two' where id = $1", rfq)
    await db.execute("alter schema elsewhere rename to ai")

    assert await db.fetchval("select ai_status from public.rfq_requests") == "pending"
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 1
    assert await queued(db) == ["two"]


async def test_an_insert_lives_with_a_queue_that_refuses_the_row(db):
    await db.execute("alter table ai.outbox add constraint never check (attempt > 99)")

    await insert(db, "one")

    assert await db.fetchval("select sqlstate from ai.outbox_missed") == "23514"
    await db.execute("alter table ai.outbox drop constraint never")
    assert await db.fetchval("select ai.enqueue_missed()") == 1


async def test_an_insert_lives_with_a_bell_that_is_broken(db):
    await db.execute(
        "create or replace function ai.notify_workers() returns void language plpgsql as $$ begin raise exception 'no'; end $$"
    )

    await insert(db, "one")

    assert await db.fetchval("select sqlstate from ai.outbox_missed") == "P0001"


async def test_what_was_skipped_is_told_with_the_sqlstate_and_nothing_of_the_rfq(db):
    told: list[asyncpg.PostgresLogMessage] = []
    db.add_log_listener(lambda _, message: told.append(message))
    await db.execute("alter table ai.outbox add constraint never check (attempt > 99)")

    (rfq,) = await insert(db, "a secret message")

    assert [(one.severity, one.message) for one in told] == [
        ("WARNING", "rfqflow: not enqueued now, will be later (23514)")
    ]
    assert not any(secret in str(told[0].as_dict()) for secret in ("a secret", str(rfq)))


# What the application's session has, and what the inserter writes, is not trusted.


async def test_temporary_tables_and_a_search_path_of_the_inserters_divert_nothing(db):
    await db.execute(
        "create temp table outbox (id bigint, rfq_id uuid); create temp table outbox_missed (rfq_id uuid, sqlstate text);"
        "create temp table inserted (id uuid); create temp table policy (key text, value jsonb);"
        "create schema ai_fake; create table ai_fake.outbox (rfq_id uuid);"
        "create function ai_fake.ring() returns void language sql as 'select 1 / 0';"
        "create function ai_fake.num_nonnulls(variadic \"any\") returns int language internal as 'pg_num_nulls';"
        "set search_path = pg_temp, ai_fake, pg_catalog, public"
    )

    await insert(db, "one")
    await db.execute("update public.rfq_requests set message = 'two'")

    assert await db.fetchval("select count(*) from pg_temp.outbox") == 0
    assert await db.fetchval("select count(*) from ai_fake.outbox") == 0
    assert await queued(db) == ["two"]
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0


def _own(row: asyncpg.Record) -> tuple[object, ...]:
    return tuple(row[name] for name in OWN)


async def test_what_an_inserter_presets_in_our_columns_is_reset(db):
    names = ", ".join(OWN)
    values = ", ".join(
        f"${n}::text::{kind}"
        for n, kind in enumerate(
            ["text"] * 4 + ["text[]", "text", "text", "real", "jsonb", "bytea", "text", "text", "timestamptz"], 1
        )
    )
    texts = [str(one) for one in FORGED]
    texts[4], texts[9] = "{forged}", "\\x00"

    row = await db.fetchrow(
        f"insert into public.rfq_requests (message, {names}) values ('m', {values}) returning *", *texts
    )

    assert _own(row) == CLEAN
    assert await queued(db) == ["m"]


async def test_each_of_our_columns_is_reset_on_its_own(db):
    kinds = dict(
        await db.fetch(
            "select attname::text, format_type(atttypid, null) from pg_attribute "
            "where attrelid = 'public.rfq_requests'::regclass"
        )
    )
    texts = {name: str(value) for name, value in zip(OWN, FORGED, strict=True)}
    texts |= {"ai_tags": "{forged}", "ai_content_sha256": "\\x00"}

    kept = {
        name: _own(row)
        for name in OWN
        if _own(
            row := await db.fetchrow(
                f"insert into public.rfq_requests (message, {name}) values ('m', $1::text::{kinds[name]}) returning *",
                texts[name],
            )
        )
        != CLEAN
    }

    assert kept == {}


async def test_what_a_copy_presets_in_our_columns_is_reset(db):
    await db.copy_records_to_table(
        "rfq_requests",
        schema_name="public",
        columns=["message", "ai_status", "ai_summary", "ai_route", "ai_tags", "ai_confidence"],
        records=[("m", "done", "forged", "vip", ["x"], 1.0), ("n", None, None, None, None, None)],
    )

    rows = await db.fetch("select * from public.rfq_requests")
    assert [_own(row) for row in rows] == [CLEAN, CLEAN]
    assert await queued(db) == ["m", "n"]


async def test_an_explicit_null_as_orms_write_it_becomes_pending(db):
    names = ", ".join(OWN)
    row = await db.fetchrow(
        f"insert into public.rfq_requests (message, {names}) values ('m', {', '.join(['null'] * 13)}) returning *"
    )

    assert _own(row) == CLEAN


# What must not fire.


async def test_an_update_that_leaves_the_message_alone_queues_and_rings_nothing(db, ear, sleeper):
    (rfq,) = await insert(db, "first")
    await end(db, rfq)
    await ear.heard()

    await db.execute("update public.rfq_requests set name = 'n', metadata = '{\"a\": 1}', email = 'e@x.example'")
    await db.execute("update public.rfq_requests set message = message")
    await db.execute("update public.rfq_requests set message = 'first', ai_review = 'x'")
    await db.execute("update public.rfq_requests set ai_status = 'pending'")

    assert await queued(db) == []
    assert await ear.heard() == 0


async def test_our_own_write_back_queues_and_rings_nothing(db, ear, sleeper):
    (rfq,) = await insert(db, "first")
    assert await ear.heard() == 1

    await end(db, rfq)

    assert await db.fetchval("select ai_status || ' ' || ai_summary from public.rfq_requests") == "done ours"
    assert await queued(db) == []
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0
    assert await ear.heard() == 0


async def test_a_delete_and_a_truncate_queue_and_ring_nothing(db, ear, sleeper):
    await insert(db, "a", "b")
    await db.execute("delete from ai.outbox")
    await ear.heard()

    await db.execute("delete from public.rfq_requests where message = 'a'")
    await db.execute("truncate public.rfq_requests")

    assert await queued(db) == []
    assert await ear.heard() == 0
