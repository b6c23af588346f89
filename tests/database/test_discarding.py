"""ai.discard_rfqs: a person discards RFQs that wait, without a call."""

import uuid

from tests.support.finishing import claim, end, finish, insert


async def states(db, *rfq_ids: uuid.UUID) -> list[tuple[str, str | None]]:
    rows = await db.fetch("select rfq_id, ai_status, ai_reason from ai.rfq_status where rfq_id = any ($1)", rfq_ids)
    by_id = {row["rfq_id"]: (row["ai_status"], row["ai_reason"]) for row in rows}
    return [by_id[one] for one in rfq_ids]


async def test_a_waiting_or_dead_rfq_ends_as_skipped_and_a_rerun_brings_it_back(db):
    due, deferred, dead = [await insert(db, f"We need {n} pumps") for n in (1, 2, 3)]
    await db.execute(
        "with gone as (delete from ai.outbox where rfq_id = $1 returning *) insert into ai.outbox_deferred "
        "(rfq_id, enqueued_at, due_at, attempt, reason) select rfq_id, enqueued_at, now() + interval '1 day', 0, "
        "'budget' from gone",
        deferred,
    )
    await db.execute(
        "with gone as (delete from ai.outbox where rfq_id = $1 returning *) insert into ai.outbox_dead "
        "(rfq_id, enqueued_at, attempt, reason) select rfq_id, enqueued_at, 5, 'invalid_output' from gone",
        dead,
    )
    batch = uuid.uuid4()

    done = await db.fetchval(
        "select ai.discard_rfqs($1, 'Ada', 'sent twice', $2)", [due, deferred, dead, uuid.uuid4()], batch
    )

    assert set(done) == {due, deferred, dead}
    assert await states(db, due, deferred, dead) == [("skipped", "discarded")] * 3
    left = "select (select count(*) from ai.outbox) + (select count(*) from ai.outbox_deferred) + (select count(*) from ai.outbox_dead)"
    assert await db.fetchval(left) == 0
    runs = await db.fetch("select status, reason, end_status, cost_usd from ai.rag_runs")
    assert {tuple(row) for row in runs} == {("skipped", "discarded", "skipped", None)}
    noted = await db.fetch(
        "select actor, action, rfq_id, detail ->> 'reason' as why, detail ->> 'batch' as batch from ai.actions"
    )
    assert {tuple(row) for row in noted} == {("Ada", "discard", one, "sent twice", str(batch)) for one in done}

    assert await db.fetchval("select ai.discard_rfqs($1)", [due, deferred, dead]) == []
    assert await db.fetchval("select ai.rerun_rfqs($1)", [due, deferred, dead]) == 3
    assert [status for status, _ in await states(db, due, deferred, dead)] == ["pending"] * 3


async def test_an_rfq_that_a_worker_or_the_application_holds_is_left_alone(db, open_connection):
    held = await insert(db, "We need 1 pump")
    (row,) = await claim(db)
    edited = await insert(db, "We need 2 pumps")
    application = await open_connection()
    async with application.transaction():
        await application.execute("select from public.rfq_requests where id = $1 for update", edited)
        assert await db.fetchval("select ai.discard_rfqs($1)", [held, edited]) == []
    assert [status for status, _ in await states(db, held, edited)] == ["pending"] * 2
    await finish(db, end(row))
    assert (await states(db, held))[0][0] == "done"


async def test_a_valid_answer_survives_the_discard_of_its_rerun(db):
    rfq_id = await insert(db)
    (row,) = await claim(db)
    await finish(db, end(row))
    await db.fetchval("select ai.rerun_rfq($1, true)", rfq_id)

    assert await db.fetchval("select ai.discard_rfqs($1)", [rfq_id]) == [rfq_id]

    assert (await states(db, rfq_id))[0][0] == "done"
    assert await db.fetchval("select ai_summary is not null from public.rfq_requests")


async def test_a_dead_letter_whose_table_refuses_the_status_stays_one(db):
    rfq_id, other = await insert(db), await insert(db, "We need 3 pumps")
    await db.execute(
        "with gone as (delete from ai.outbox returning *) insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, "
        "reason, error_class) select rfq_id, enqueued_at, 5, 'write_refused', 'write_refused' from gone"
    )
    await db.execute(
        f"alter table public.rfq_requests add constraint stubborn check (id <> '{rfq_id}' or ai_status <> 'skipped')"
    )

    assert await db.fetchval("select ai.discard_rfqs($1)", [rfq_id, other]) == [other]

    assert await states(db, rfq_id, other) == [("failed", "write_refused"), ("skipped", "discarded")]
    assert await db.fetchval("select attempt from ai.outbox_dead where rfq_id = $1", rfq_id) == 5
    assert await db.fetchval("select count(*) from ai.outbox") == 0
