"""Attachments: what the trigger costs and survives, how they change an RFQ's content, and which locks make others wait."""

from __future__ import annotations

import asyncio
import uuid

import asyncpg
import pytest

from tests.support.finishing import claim, end, finish, insert

FILE = "insert into public.rfq_attachments (rfq_id, file_name, content) values ($1, $2, $3)"


@pytest.fixture(autouse=True)
def roles_come_first(make_role) -> None:
    """A role can only be dropped after the database in which it has rights."""


@pytest.fixture
async def db(db) -> asyncpg.Connection:
    await db.execute("select ai.set_policy('attachment_quiet_seconds', '0')")
    return db


async def attach(
    db: asyncpg.Connection, rfq_id: uuid.UUID, name: str = "drawing.pdf", content: bytes = b"%PDF"
) -> None:
    await db.execute(FILE, rfq_id, name, content)


async def absorb(db: asyncpg.Connection) -> int:
    return await db.fetchval("select ai.absorb_attachments()")


async def with_file(db: asyncpg.Connection) -> uuid.UUID:
    """Inserts an RFQ and its file in one transaction."""
    async with db.transaction():
        rfq_id = await insert(db)
        await attach(db, rfq_id)
    return rfq_id


async def content(db: asyncpg.Connection) -> bytes:
    return await db.fetchval("select content_sha256 from ai.rfqs")


async def outbox(db: asyncpg.Connection) -> int:
    return await db.fetchval("select count(*) from ai.outbox")


async def done(db: asyncpg.Connection, verdict: str = "complete") -> None:
    (row,) = await claim(db)
    assert await finish(db, end(row, verdict)) == {}
    assert await outbox(db) == 0


async def test_the_application_needs_insert_on_the_two_tables_and_nothing_else(db, make_role):
    role = await make_role()
    await db.execute(f"grant insert on public.rfq_requests, public.rfq_attachments to {role}; set role {role}")
    rfq_id = uuid.uuid4()
    await db.execute("insert into public.rfq_requests (id, message) values ($1, 'as the drawing says')", rfq_id)
    await attach(db, rfq_id)
    await db.execute("reset role")
    (row,) = await claim(db)
    assert row["is_attached"]


async def test_an_rfq_without_files_has_the_hash_of_its_message_alone(db):
    await insert(db, "We need 20 pumps")
    other = await with_file(db)
    hashes = dict(await db.fetch("select rfq_id, content_sha256 = sha256(convert_to(message, 'UTF8')) from ai.rfqs"))
    assert hashes.pop(other) is False
    assert set(hashes.values()) == {True}


async def test_files_in_the_rfqs_own_transaction_cause_no_second_attempt_and_no_wait(db):
    await with_file(db)
    (row,) = await claim(db)
    assert (row["is_attached"], row["late_ms"]) == (True, None)
    assert await absorb(db) == 0
    assert await finish(db, end(row)) == {}
    assert await absorb(db) == 0
    assert await outbox(db) == 0


@pytest.mark.parametrize("verdict", ["complete", "skip", "discard"])
async def test_an_rfq_that_ended_with_its_files_is_not_enqueued_again_for_them(db, verdict):
    await with_file(db)
    await done(db, verdict)
    assert await absorb(db) == 0
    assert await outbox(db) == 0


@pytest.mark.parametrize("verdict", ["complete", "skip", "discard"])
async def test_a_late_file_enqueues_a_finished_rfq_once(db, verdict):
    rfq_id = await insert(db)
    await done(db, verdict)
    await attach(db, rfq_id)
    assert await absorb(db) == 1
    assert await absorb(db) == 0
    assert await outbox(db) == 1
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0
    await done(db)
    assert await absorb(db) == 0


async def test_a_late_file_waits_until_no_more_files_come(db):
    rfq_id = await insert(db)
    await done(db)
    await db.execute("select ai.set_policy('attachment_quiet_seconds', '3600')")
    await attach(db, rfq_id)
    assert await absorb(db) == 0
    await db.execute("update ai.attachment_changes set changed_at = changed_at - interval '2 hours'")
    assert await absorb(db) == 1


async def test_a_claim_returns_the_time_of_the_last_late_file(db):
    rfq_id = await insert(db)
    await attach(db, rfq_id)
    (row,) = await claim(db)
    assert row["is_attached"]
    assert row["late_ms"] >= 0


@pytest.mark.parametrize("absorbed", [True, False])
async def test_a_file_that_comes_during_a_claim_makes_the_answer_outdated(db, absorbed):
    rfq_id = await insert(db)
    (row,) = await claim(db)
    await attach(db, rfq_id)
    if absorbed:
        assert await absorb(db) == 0
    assert await finish(db, end(row)) == {row["outbox_id"]: "edited"}
    (again,) = await claim(db, base=2000)
    assert again["content_sha256"] == await content(db)
    assert await finish(db, end(again)) == {}
    assert await absorb(db) == 0
    assert await outbox(db) == 0


async def test_a_file_that_commits_after_a_finish_has_read_the_content_is_not_lost(db, open_connection):
    """The finish reads the content, the file is committed and absorbed, and only then the finish ends."""
    rfq_id = await insert(db)
    (row,) = await claim(db)
    finishing = await open_connection()
    transaction = finishing.transaction()
    await transaction.start()
    assert await finish(finishing, end(row)) == {}
    await attach(db, rfq_id)
    assert await absorb(db) == 0
    assert await db.fetchval("select count(*) from ai.attachment_changes") == 1  # left for the next heartbeat
    await transaction.commit()
    assert await absorb(db) == 1
    assert await outbox(db) == 1


async def test_a_finish_with_an_older_snapshot_learns_of_files_from_the_queue(db, open_connection):
    """The finish's snapshot is older than the file. The row of the queue, which the finish waits for, is not."""
    rfq_id = await insert(db)
    (row,) = await claim(db)
    finishing = await open_connection()
    absorbing = await open_connection()
    transaction = absorbing.transaction()
    await transaction.start()
    await absorbing.execute("select from ai.outbox for update")
    ending = asyncio.create_task(finish(finishing, end(row)))
    waits = "select exists (select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock')"
    while not ending.done() and not await db.fetchval(waits, finishing.get_server_pid()):
        await asyncio.sleep(0.01)
    await attach(db, rfq_id)
    await absorbing.execute("select ai.absorb_attachments()")
    await transaction.commit()
    assert await ending == {row["outbox_id"]: "edited"}


async def test_a_deferred_rfq_absorbs_a_late_file_and_a_retry_becomes_due_at_once(db):
    rfq_id = await insert(db)
    (row,) = await claim(db)
    await finish(db, end(row, "retry", charged=True))
    await attach(db, rfq_id)
    assert await absorb(db) == 0
    waiting = await db.fetchrow("select attempt, due_at <= clock_timestamp() as due from ai.outbox_deferred")
    assert tuple(waiting) == (0, True)


async def test_files_of_two_simultaneous_transactions_do_not_wait_and_both_count(db, open_connection):
    rfq_id = await insert(db)
    await done(db)
    first, second = await open_connection(), await open_connection()
    transaction = first.transaction()
    await transaction.start()
    await attach(first, rfq_id, "a")
    await second.execute("set lock_timeout = '1ms'")
    await attach(second, rfq_id, "b")
    assert await absorb(db) == 1
    await done(db)
    with_one = await content(db)
    await transaction.commit()
    assert await content(db) != with_one
    assert await absorb(db) == 1


async def test_a_changed_file_counts_as_new_but_a_change_of_another_column_does_not(db):
    await with_file(db)
    await done(db)
    await absorb(db)
    before = await content(db)
    await db.execute("update public.rfq_attachments set size_bytes = 4, content = content")
    assert (await absorb(db), await content(db)) == (0, before)
    await db.execute("update public.rfq_attachments set content = 'another'")
    assert await absorb(db) == 1
    assert await content(db) != before


async def test_a_deleted_file_counts_during_a_claim_and_enqueues_nothing_later(db):
    await with_file(db)
    (row,) = await claim(db)
    await db.execute("delete from public.rfq_attachments")
    assert await finish(db, end(row)) == {row["outbox_id"]: "edited"}
    await db.execute("insert into public.rfq_attachments (rfq_id, content) select id, 'x' from public.rfq_requests")
    await done(db)
    await absorb(db)
    await db.execute("delete from public.rfq_attachments")
    assert await absorb(db) == 0
    assert await outbox(db) == 0


async def test_a_file_may_come_before_its_rfq_in_one_transaction_or_two(db):
    rfq_id = uuid.uuid4()
    await attach(db, rfq_id)
    assert await absorb(db) == 0
    await db.execute("insert into public.rfq_requests (id, message) values ($1, 'see the drawing')", rfq_id)
    (row,) = await claim(db)
    assert (row["is_attached"], row["late_ms"]) == (True, None)
    assert await finish(db, end(row)) == {}
    assert await absorb(db) == 0


async def test_files_without_an_rfq_are_left_alone_and_forgotten_after_a_time(db):
    await attach(db, uuid.uuid4())
    await absorb(db)
    await db.execute("update ai.attachment_sets set changed_at = now() - interval '2 days'")
    assert await db.fetchval("select ai.prune_attachments()") == 0
    await db.execute("update ai.attachment_sets set changed_at = now() - interval '91 days'")
    assert await db.fetchval("select ai.prune_attachments()") == 2
    assert await db.fetchval("select count(*) from public.rfq_attachments") == 0


async def test_files_of_a_deleted_rfq_are_deleted_within_days_if_rfqflow_made_their_table(db):
    await with_file(db)
    kept = await with_file(db)
    for row in await claim(db):
        await finish(db, end(row))
    await absorb(db)
    await db.execute("delete from public.rfq_requests where id <> $1", kept)
    await db.execute("update ai.attachment_sets set changed_at = now() - interval '2 days'")
    assert await db.fetchval("select ai.prune_attachments()") == 2
    assert await db.fetchval("select array_agg(rfq_id) from public.rfq_attachments") == [kept]


async def test_a_savepoint_that_is_rolled_back_undoes_the_record_of_a_file_and_the_next_file_is_recorded(db):
    async with db.transaction():
        rfq_id = await insert(db)
        savepoint = db.transaction()
        await savepoint.start()
        await attach(db, rfq_id)
        await savepoint.rollback()
        await attach(db, rfq_id)
    assert await db.fetchval("select count(*) from ai.attachment_changes") == 1


async def test_many_files_of_one_rfq_are_one_record_per_statement_and_fold_into_one(db):
    rfq_id = await insert(db)
    await db.execute(
        "insert into public.rfq_attachments (rfq_id, content) select $1, 'x' from generate_series(1, 5000)", rfq_id
    )
    assert await db.fetchval("select count(*) from ai.attachment_changes") == 1
    await db.execute("insert into ai.attachment_changes (rfq_id) select $1 from generate_series(1, 300)", rfq_id)
    before = await content(db)
    assert await db.fetchval("select ai.fold_attachment_changes()") == 1
    assert await db.fetchval("select count(*) from ai.attachment_changes") == 1
    assert await content(db) == before
    assert await db.fetchval("select count(*) from ai.attachments_of($1, 50)", [rfq_id]) == 50


@pytest.mark.parametrize("table", ["ai.attachment_changes", "ai.outbox_missed"])
async def test_no_lock_of_ours_delays_or_loses_a_file(db, open_connection, table):
    rfq_id = await insert(db)
    await done(db)
    other = await open_connection()
    transaction = other.transaction()
    await transaction.start()
    await other.execute(f"lock table {table}")
    await db.execute("set statement_timeout = '20s'")
    await attach(db, rfq_id)
    await transaction.rollback()
    await db.execute("select ai.enqueue_missed()")
    assert await absorb(db) == 1


@pytest.mark.parametrize(
    "harm", ["drop table ai.attachment_changes cascade", "alter table public.rfq_attachments rename rfq_id to other"]
)
async def test_a_file_is_inserted_despite_any_fault_of_the_trigger(db, harm):
    rfq_id = await insert(db)
    await db.execute(harm)
    column = "other" if "rename" in harm else "rfq_id"
    await db.execute(f"insert into public.rfq_attachments ({column}, content) values ($1, 'x')", rfq_id)
    assert await db.fetchval("select count(*) from public.rfq_attachments") == 1


async def test_no_claim_and_no_finish_reads_a_large_file(db):
    async with db.transaction():
        rfq_id = await insert(db)
        await attach(db, rfq_id, content=bytes(3_000_000))
    before = await _toast_reads(db)
    (row,) = await claim(db)
    assert await finish(db, end(row)) == {}
    await absorb(db)
    (file,) = await db.fetch("select * from ai.attachments_of($1, 50)", [rfq_id])
    assert file["octets"] == 3_000_000
    assert await _toast_reads(db) == before


async def _toast_reads(db: asyncpg.Connection) -> int:
    await db.execute("select pg_stat_force_next_flush()")
    return await db.fetchval(
        "select coalesce(toast_blks_read, 0) + coalesce(toast_blks_hit, 0) from pg_statio_all_tables "
        "where relid = 'public.rfq_attachments'::regclass"
    )


async def test_erasing_a_person_removes_files_and_the_text_read_from_them(db):
    ada = await insert(db, email="ada@nowhere.example")
    bob = await insert(db, email="bob@nowhere.example")
    for rfq_id in (ada, bob):
        await attach(db, rfq_id)
    shared, own, replaced = b"s" * 32, b"o" * 32, b"r" * 32
    uses = ((ada, "1", shared), (ada, "9", replaced), (ada, "9", own), (bob, "2", shared))
    for rfq_id, attachment_id, sha256 in uses:
        await db.execute("select ai.record_attachment_use($1, $2, $3)", rfq_id, attachment_id, sha256)
        await db.execute("select ai.take_reading($1, 'r1', 1, 7, '1 min')", sha256)
        await db.execute("select ai.save_reading($1, 'r1', 7, 'read', null, 'pdf', 1, '[]', 0.1)", sha256)
    await absorb(db)
    await db.execute("select ai.erase_person('ada@nowhere.example')")
    assert await db.fetchval("select array_agg(rfq_id) from public.rfq_attachments") == [bob]
    assert await db.fetchval("select array_agg(sha256) from ai.attachment_readings") == [shared]
    assert await db.fetchval("select count(*) from ai.attachment_uses where rfq_id = $1", ada) == 0
    assert await absorb(db) == 0
    # A worker that fetched the file before the erasure must not read it.
    assert await db.fetchval("select ai.record_attachment_use($1, '1', $2)", ada, own) is False


async def test_a_file_that_commits_during_or_after_an_erasure_is_erased_too(db, open_connection):
    rfq_id, other = await insert(db, email="ada@nowhere.example"), await insert(db)
    await attach(db, other)
    application = await open_connection()
    async with application.transaction():
        await attach(application, rfq_id, "during.pdf")
        await db.execute("select ai.erase_person('ada@nowhere.example')")
    await attach(db, rfq_id, "after.pdf")
    await db.execute("select ai.finish_erasures()")
    assert await db.fetchval("select array_agg(rfq_id) from public.rfq_attachments") == [other]
    assert await absorb(db) == 0


async def test_a_worker_that_reads_a_file_during_an_erasure_stores_none_of_it(db, open_connection):
    rfq_id, sha256 = await insert(db, email="ada@nowhere.example"), b"e" * 32
    await attach(db, rfq_id)
    assert await db.fetchval("select ai.record_attachment_use($1, '1', $2)", rfq_id, sha256)
    worker = await open_connection()
    erasure = db.transaction()
    await erasure.start()
    await db.execute("select ai.erase_person('ada@nowhere.example')")
    assert await worker.fetchval("select taken from ai.take_reading($1, 'r1', 1, 7, '1 min')", sha256)
    save = "select ai.save_reading($1, 'r1', 7, 'read', null, 'pdf', 1, '[]', 0.1)"
    with pytest.raises(asyncpg.LockNotAvailableError):
        await worker.fetchval(save, sha256)
    await erasure.commit()
    assert await worker.fetchval(save, sha256) is False
    assert await db.fetchval("select lines from ai.attachment_readings") is None


async def test_a_file_has_one_reader_until_the_lease_ends_or_the_worker_dies(db):
    sha256 = b"h" * 32
    take = "select taken, state, reason from ai.take_reading($1, 'r1', $2, $3, '1 min')"
    await db.execute(
        "insert into ai.workers (host, pid, version, provider, model, concurrency, has_lock) "
        "select 'h', n, 'v', 'p', 'm', 1, false from generate_series(1, 2) n"
    )
    await db.execute("select ai.record_attachment_use(gen_random_uuid(), '1', $1)", sha256)
    assert (await db.fetchrow(take, sha256, 1, 11))["taken"]
    assert tuple(await db.fetchrow(take, sha256, 2, 22)) == (False, "reading", None)
    await db.execute("delete from ai.workers where worker = 1")
    assert (await db.fetchrow(take, sha256, 2, 23))["taken"]
    save = "select ai.save_reading($1, 'r1', $2, 'read', null, 'pdf', 1, '[]', 0.1)"
    assert await db.fetchval(save, sha256, 11) is False
    assert await db.fetchval(save, sha256, 23) is True
    assert tuple(await db.fetchrow(take, sha256, 1, 12)) == (False, "read", None)


async def test_a_file_during_whose_reading_all_workers_died_is_given_up(db):
    take = "select taken, state, reason from ai.take_reading($1, 'r1', $2, 7, '1 min')"
    outcomes = [tuple(await db.fetchrow(take, b"k" * 32, worker)) for worker in range(1, 5)]
    assert outcomes == [(True, "reading", None)] * 3 + [(False, "failed", "broken")]


async def past_the_trigger(db: asyncpg.Connection, rfq_id: uuid.UUID, name: str = "late.pdf") -> None:
    await db.execute("set session_replication_role = replica")
    await attach(db, rfq_id, name)
    await db.execute("reset session_replication_role")


async def load(db: asyncpg.Connection, rfq_id: uuid.UUID) -> None:
    """Does what a worker does with a claim."""
    assert await db.fetchval("select count(*) from ai.load_attachments($1, 50)", [rfq_id]) > 0


async def unnoted(db: asyncpg.Connection) -> int:
    return await db.fetchval("select ai.find_unnoted_attachments()")


@pytest.mark.fault("A5")
@pytest.mark.parametrize("has_one", [True, False])
@pytest.mark.parametrize("verdict", ["complete", "skip", "discard"])
async def test_a_file_that_no_trigger_recorded_is_found_and_answered_once(db, has_one, verdict):
    rfq_id = await (with_file(db) if has_one else insert(db))
    (row,) = await claim(db)
    if has_one:
        await load(db, rfq_id)
    await finish(db, end(row, verdict))
    await absorb(db)
    assert await unnoted(db) == 0
    await past_the_trigger(db, rfq_id)

    assert await unnoted(db) == 1
    assert await unnoted(db) == 0
    assert await absorb(db) == 1
    assert await unnoted(db) == 0  # it waits
    (row,) = await claim(db, base=2000)
    assert row["is_attached"]
    await load(db, rfq_id)
    assert await finish(db, end(row)) == {}
    assert (await unnoted(db), await absorb(db), await outbox(db)) == (0, 0, 0)


async def test_the_sweep_of_files_bills_no_rfq_that_was_answered_without_files_or_lost_one(db):
    older = await insert(db)
    await done(db)
    await db.execute("update public.rfq_requests set created_at = now() - interval '1 day'")
    await past_the_trigger(db, older)  # from a time before rfqflow read attachments
    lost = await with_file(db)
    (row,) = await claim(db, base=2000)
    await load(db, lost)
    await finish(db, end(row))
    await absorb(db)
    await db.execute("set session_replication_role = replica")
    await db.execute("delete from public.rfq_attachments where rfq_id = $1", lost)

    assert await unnoted(db) == 0


async def test_the_sweep_of_files_reads_one_part_of_a_large_table_by_its_blocks(db):
    await db.execute("set session_replication_role = replica")
    await db.execute(
        "insert into public.rfq_attachments (rfq_id, uri) select gen_random_uuid(), 'x' from generate_series(1, 2000)"
    )
    plan = await db.fetch(
        "explain select distinct a.rfq_id from public.rfq_attachments a where a.ctid >= '(1,0)' and a.ctid < '(2,0)'"
    )
    first, all_of_it = [await db.fetchval("select count(*) from ai.attached_rfqs_at($1::text::tid, $2::text::tid)", *ends)
                        for ends in (("(0,0)", "(1,0)"), ("(0,0)", "(9999,0)"))]  # fmt: skip

    assert any("Tid Range Scan" in row[0] for row in plan)
    assert 0 < first < all_of_it == 2000
