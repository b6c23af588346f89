"""A worker skips rows that another session has locked: no session queues up behind another."""

import asyncio

from tests.support.finishing import claim, end, finish, insert


async def test_a_claim_skips_a_row_that_another_session_has_locked(db, open_connection):
    await insert(db, "held")
    await insert(db, "free")
    other = await open_connection()
    async with other.transaction():
        await other.execute("select from ai.outbox order by id limit 1 for update")
        async with asyncio.timeout(40):
            rows = await claim(db)

    assert [row["message"] for row in rows] == ["free"]


async def test_a_finish_skips_an_rfq_that_the_application_has_locked_and_ends_the_others(db, open_connection):
    held = await insert(db, "held")
    await insert(db, "free")
    rows = await claim(db)
    application = await open_connection()
    async with application.transaction():
        await application.execute("select from public.rfq_requests where id = $1 for update", held)
        async with asyncio.timeout(40):
            outcomes = await finish(db, *(end(row) for row in rows))

    assert outcomes == {rows[0]["outbox_id"]: "busy"}
    assert await finish(db, end(rows[0])) == {}


async def test_a_promotion_skips_rows_that_another_session_has_locked(db, open_connection):
    for text in ("held", "free"):
        await insert(db, text)
    rows = await claim(db)
    await finish(db, *(end(row, "retry") for row in rows))
    await db.execute("update ai.outbox_deferred set due_at = now() - interval '1 s'")
    other = await open_connection()
    async with other.transaction():
        await other.execute("select from ai.outbox_deferred where rfq_id = $1 for update", rows[0]["rfq_id"])
        async with asyncio.timeout(40):
            assert await db.fetchval("select ai.promote_deferred()") == 1

    assert await db.fetchval("select ai.promote_deferred()") == 1


async def test_a_locked_row_of_a_dead_worker_does_not_delay_the_others(db, open_connection):
    await insert(db, "held")
    await insert(db, "free")
    rows = await claim(db)
    other = await open_connection()
    async with other.transaction():
        await other.execute("select from ai.outbox where id = $1 for update", rows[0]["outbox_id"])
        async with asyncio.timeout(40):
            assert await db.fetchval("select ai.reclaim_worker(1)") == 1
