"""Another table takes the name of the attached one, or triggers are disabled: rfqflow reports it, `migrate` mends it."""

from __future__ import annotations

import asyncpg
import pytest

from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.store.attachment import run_script

LIKE = "create table public.fresh (like public.rfq_requests including all)"
SWAP = "alter table public.rfq_requests rename to old; alter table public.fresh rename to rfq_requests"
STATE = "select state from ai.attachment()"

DEEDS = {
    "swapped by rename": (f"{LIKE}; {SWAP}", "other_table"),
    "swapped with its rows": (
        f"{LIKE}; insert into public.fresh select * from public.rfq_requests; {SWAP}",
        "other_table",
    ),
    "made anew from a select": (
        "create table public.fresh as select * from public.rfq_requests; alter table public.fresh add primary key (id),"
        f" alter id set default gen_random_uuid(), alter created_at set default now(); {SWAP}",
        "other_table",
    ),
    "renamed": ("alter table public.rfq_requests rename to old", "no_table"),
    "moved": ("create schema elsewhere; alter table public.rfq_requests set schema elsewhere", "no_table"),
    "dropped and made anew": (
        f"{LIKE}; drop table public.rfq_requests cascade; alter table public.fresh rename to rfq_requests",
        "other_table",
    ),
    "a trigger dropped": ("drop trigger rfqflow_guard_update on public.rfq_requests", "triggers_missing"),
}


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_replaced_table_is_reported_once_and_migrate_mends_it(db, deed):
    statement, state = DEEDS[deed]
    assert await db.fetchval("select ai.note_attachment()") == 0
    await db.execute(statement)

    assert await db.fetchval(STATE) == state
    assert [await db.fetchval("select ai.note_attachment()") for _ in range(2)] == [1, 0]
    assert await db.fetch("select kind, scope, reason from ai.events") == [("table_lost", "public.rfq_requests", state)]
    await migrate.migrate(db)

    assert await db.fetchval(STATE) == "attached"
    assert await db.fetchval("select ai.note_attachment()") == 0
    assert await db.fetchval("select count(*) from ai.events where kind = 'table_attached'") == 1
    await db.execute("insert into public.rfq_requests (message) values ('m')")
    assert await db.fetchval("select count(*) from ai.outbox") == 1
    assert (
        await db.fetchval("select count(*) from ai.rfqs r join ai.outbox o using (rfq_id) where r.message = 'm'") == 1
    )
    assert await db.fetchval("select count(*) from ai.rfq_status") >= 1
    assert await migrate.pending(db) == []


@pytest.mark.parametrize("who", ["all", "user", "rfqflow_enqueue"])
async def test_disabled_triggers_are_reported_with_the_statement_that_enables_them(db, who):
    await db.execute(f"alter table public.rfq_requests disable trigger {who}")

    row = await db.fetchrow("select state, detail from ai.attachment()")

    assert row["state"] == "triggers_disabled"
    assert "rfqflow_enqueue" in row["detail"]
    await db.execute(f"alter table public.rfq_requests enable trigger {who}")
    assert await db.fetchval(STATE) == "attached"


async def test_rows_that_the_replacing_table_got_are_enqueued_unless_they_have_an_answer(db):
    await db.execute("insert into public.rfq_requests (message) values ('done before'), ('waits')")
    await db.execute("update public.rfq_requests set ai_status = 'done' where message = 'done before'")
    await db.execute(
        "delete from ai.outbox o using public.rfq_requests r where r.id = o.rfq_id and r.message = 'done before'"
    )
    await db.execute(f"{LIKE}; insert into public.fresh select * from public.rfq_requests; {SWAP}")
    await db.execute("insert into public.rfq_requests (message) values ('unseen')")

    await migrate.migrate(db)

    assert [row[0] for row in await db.fetch("select r.message from ai.outbox o join ai.rfqs r using (rfq_id) order by 1")] == [
        "unseen", "waits",
    ]  # fmt: skip


async def test_ai_rfqs_returns_the_same_while_detached_and_attached(db):
    columns = (
        "select a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_attribute a "
        "where a.attrelid = 'ai.rfqs'::regclass and a.attnum > 0 order by a.attnum"
    )
    attached = await db.fetch(columns)
    await run_script(db, "detach.sql", detach="on")

    assert await db.fetch(columns) == attached
    for statement in (
        "select * from ai.rfqs", "select * from ai.rfq_status", "select ai.find_unqueued_rfqs()", "select ai.enqueue_missed()",
        "update ai.rfqs set ai_status = 'done'", "select ai.enqueue_rfqs(array[gen_random_uuid()])",
    ):  # fmt: skip
        with pytest.raises(asyncpg.PostgresError, match=r"rfqflow is detached from public\.rfq_requests") as refused:
            await db.execute(statement)
        assert refused.value.sqlstate == "RF008"


async def test_nothing_depends_on_a_detached_table(db, database):
    await run_script(db, "detach.sql", detach="on")

    other = await connect(database)
    await other.execute("drop table public.rfq_requests")
    other.terminate()
    await migrate.migrate(db)
    assert await db.fetchval(STATE) == "attached"
