"""Tables that let an id occur twice: the second row of an id gets nothing of the first row, and gives it nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rfqflow.database import migrate
from rfqflow.store.attachment import run_script
from rfqflow.store.exposure import Exposure
from tests.support.catalogs import run_psql
from tests.support.finishing import claim, end, finish
from tests.support.worker_harness import Scripted, count, working

if TYPE_CHECKING:
    import asyncpg

MAPPED = {"table": "public.rfq_requests", "ai_columns": "enrichment"}
COLUMNS = (
    "id uuid not null default gen_random_uuid(), created_at timestamptz not null default now(), message text not null"
)
PARTED = f"""
    create table public.rfq_requests ({COLUMNS}, primary key (id, created_at)) partition by range (created_at);
    create table public.rfq_old partition of public.rfq_requests for values from (minvalue) to ('2026-01-01');
    create table public.rfq_new partition of public.rfq_requests for values from ('2026-01-01') to (maxvalue)"""
BY_REGION = f"""
    create table public.rfq_requests ({COLUMNS}, region text not null default 'eu', primary key (id, region))
      partition by list (region);
    create table public.rfq_eu partition of public.rfq_requests for values in ('eu');
    create table public.rfq_us partition of public.rfq_requests default"""
PLAIN = f"create table public.rfq_requests ({COLUMNS}); create index on public.rfq_requests (id)"
SHAPES = {
    "parts by time": (PARTED, None, "created_at, '2025-06-01'"),
    "parts by region": (BY_REGION, None, "region, 'us'"),
    "no unique index": (PLAIN, None, ""),
    "parts by time, answers apart": (PARTED, MAPPED, "created_at, '2025-06-01'"),
    "parts by region, answers apart": (BY_REGION, MAPPED, "region, 'us'"),
}
SECOND = (
    "insert into public.rfq_requests (id, message{column}) select r.id, $1{value} from public.rfq_requests r "
    "where r.message like 'victim%'"
)


def second(other: str) -> str:
    """The INSERT of a second row with the victim's id."""
    column, _, value = other.partition(", ")
    return SECOND.format(column=f", {column}" if other else "", value=f", {value}" if other else "")


@pytest.fixture(params=SHAPES)
async def shape(request, make_migrated, open_plain):
    ddl, mapping, other = SHAPES[request.param]
    dsn = await make_migrated(ddl, mapping)
    return await open_plain(dsn), dsn, second(other)


async def answers(db: asyncpg.Connection) -> dict[str, str | None]:
    """For each row of the application's table, the summary that it shows."""
    if await db.fetchval("select ai_columns from ai.table_mapping") == "table":
        rows = await db.fetch("select message, ai_summary from public.rfq_requests")
    else:
        rows = await db.fetch("select r.message, e.ai_summary from ai.rfqs r join ai.enrichment e using (rfq_id)")
    return {row["message"]: row["ai_summary"] for row in rows}


async def books(db: asyncpg.Connection) -> bool:
    return not await db.fetch(
        "select from ai.holds union all select from ai.reconcile_budget() where spent_usd <> runs_usd or held_usd <> 0"
    )


@pytest.mark.fault("R13")
@pytest.mark.parametrize("answered", [True, False], ids=["after the answer", "before it"])
async def test_the_second_row_of_an_id_changes_nothing_for_the_first_and_costs_nothing(shape, until, answered):
    db, dsn, again = shape
    provider = Scripted()
    await db.execute("insert into public.rfq_requests (message) values ('victim')")
    if answered:
        async with working(dsn, provider):
            await until(lambda: db.fetchval("select count(*) = 1 from ai.rfq_status where ai_status = 'done'"))
    for n in range(5):
        await db.execute(again.replace("like 'victim%'", "= 'victim'"), f"attacker {n}")
        if "region" in again or "created_at" in again:
            break  # its key
    async with working(dsn, provider):
        await db.execute("insert into public.rfq_requests (message) values ('other')")
        await until(lambda: db.fetchval("select count(*) = 2 from ai.rfq_status where ai_status = 'done'"))
        await until(lambda: db.fetchval("select count(*) = 0 from ai.outbox"))
        await db.execute("select ai.enqueue_missed()")
        await db.execute("select ai.find_unqueued_rfqs()")
        await until(lambda: db.fetchval("select count(*) = 0 from ai.outbox"))

    assert sorted(provider.calls) == ["other", "victim"]
    found = await answers(db)
    assert (found["victim"], found["other"]) == ("about victim", "about other")
    assert {found.get(f"attacker {n}") for n in range(5)} == {None}
    assert await books(db)
    findings = [one for check in Exposure(db.fetch).checks async for one in check() if "second row" in one.what]
    assert [one.level for one in findings] == ["warn"]


@pytest.mark.parametrize("moment", ["before the claim", "during the call"])
async def test_two_rows_of_an_id_that_bypassed_the_trigger_are_a_dead_letter_and_neither_is_written(
    shape, until, moment
):
    db, dsn, again = shape
    provider = Scripted()
    await db.execute("insert into public.rfq_requests (message) values ('victim')")
    rows = await claim(db) if moment == "during the call" else []
    await db.execute("set session_replication_role = replica")
    await db.execute(again, "attacker")
    await db.execute("reset session_replication_role")
    if rows:
        assert await finish(db, end(rows[0])) == {rows[0]["outbox_id"]: "refused:RF006"}
        await db.execute("update ai.outbox set claim_id = null, worker = null, lease_expires_at = null")
    async with working(dsn, provider):
        await db.execute("insert into public.rfq_requests (message) values ('other')")
        await until(lambda: db.fetchval("select count(*) = 1 from ai.outbox_dead"))
        await until(lambda: db.fetchval("select count(*) = 0 from ai.outbox"))
        await db.execute("select ai.find_unqueued_rfqs()")
        assert await db.fetchval("select count(*) from ai.outbox") == 0

    assert provider.calls in (["other"], [])
    assert tuple(await db.fetchrow("select reason, error_class from ai.outbox_dead")) == (
        "duplicate_id",
        "write_refused",
    )
    found = await answers(db)
    assert not {found.get("victim"), found.get("attacker")} - {None}
    assert await books(db)


async def test_a_role_with_only_insert_writes_no_answer_to_an_id_of_another(make_role, shape):
    db, _, again = shape
    if await db.fetchval("select ai_columns from ai.table_mapping") != "table":
        pytest.skip("no answers in this table")
    rfq = await db.fetchval("insert into public.rfq_requests (message) values ('victim') returning id")
    (row,) = await claim(db)
    await finish(db, end(row))
    role = await make_role()
    await db.execute(f"grant insert on public.rfq_requests to {role}; set role {role}")
    column = "created_at" if "created_at" in again else "region" if "region" in again else None
    await db.execute(
        f"insert into public.rfq_requests (id, message, ai_status, ai_summary, ai_updated_at{', ' + column if column else ''}) "
        f"values ($1, 'victim', 'done', 'mine', now(){', ' + repr('2025-06-01' if column == 'created_at' else 'us') if column else ''})",
        rfq,
    )
    await db.execute("reset role")

    assert sorted(tuple(r) for r in await db.fetch("select ai_status, ai_summary from public.rfq_requests")) == [
        ("done", "a summary"), ("skipped", None)
    ]  # fmt: skip
    await db.execute(f"drop owned by {role}")


async def test_an_id_registered_during_a_repeatable_read_transaction_is_refused_too(open_connection, shape):
    db, dsn, again = shape
    from rfqflow.database.connection import connect

    other = await connect(dsn)
    transaction = other.transaction(isolation="repeatable_read")
    await transaction.start()
    await other.fetchval("select 1 from ai.policy limit 1")
    rfq = await db.fetchval("insert into public.rfq_requests (message) values ('victim') returning id")
    # It knows the id from elsewhere: its snapshot has no such row.
    column = again.split("(")[1].split(")")[0].removeprefix("id, message")
    value = {"": "", ", created_at": ", '2025-06-01'", ", region": ", 'us'"}[column]
    await other.execute(f"insert into public.rfq_requests (id, message{column}) values ($1, 'attacker'{value})", rfq)
    await transaction.commit()
    await other.close()

    assert await db.fetchval("select count(*) from ai.rfqs where rfq_id = $1", rfq) == 1
    assert await db.fetchval("select message from ai.rfqs where rfq_id = $1", rfq) == "victim"


async def test_the_id_of_a_deleted_row_may_be_used_again(shape):
    db, _, _ = shape
    rfq = await db.fetchval("insert into public.rfq_requests (message) values ('m') returning id")
    await db.execute("delete from public.rfq_requests")
    await db.execute("insert into public.rfq_requests (id, message) values ($1, 'm')", rfq)

    assert await db.fetchval("select count(*) from ai.rfqs") == 1
    assert await count(db, "pending") == 1


async def test_a_hold_whose_claim_has_ended_is_settled_by_its_own_finish(db):
    import json

    await db.execute("insert into public.rfq_requests (message) values ('m')")
    (row,) = await claim(db)
    ask = {"claim_id": row["claim_id"], "rfq_id": str(row["rfq_id"]), "sender": None,
           "candidates": [{"model": "m", "tokens": 100, "nano": 5_000_000, "priced": True}]}  # fmt: skip
    await db.execute("select ai.admit('p', $1, '60 s')", json.dumps([ask]))
    # A person deletes the row of the queue: no worker took the claim over, and none settles it.
    await db.execute("delete from ai.outbox")
    assert await finish(db, end(row, admitted=True, call="ok", booked_nano=1)) == {row["outbox_id"]: "lost"}

    assert await books(db)
    assert await db.fetchval("select sum(booked_usd) = 0.005 from ai.rag_runs")


@pytest.mark.parametrize("way", ["migrate", "psql"])
@pytest.mark.parametrize("before", ["detached", "unregistered"])
async def test_an_id_from_before_the_trigger_belongs_to_its_first_row(shape, psql, repository, before, way):
    db, dsn, again = shape
    await run_script(db, "detach.sql", detach="on")
    if before == "unregistered":
        await migrate.migrate(db)
        await db.execute("update ai.sweep_progress set next_block = 1000")
        await db.execute("drop trigger rfqflow_register on public.rfq_requests")
    await db.execute("insert into public.rfq_requests (message) select 'victim' from generate_series(1, 3)")
    assert await db.fetchval("select count(*) from ai.rfq_ids") == 0

    if way == "psql":
        done = run_psql(psql, dsn, repository / "sql" / "install.sql")
        assert done.returncode == 0, done.stderr
    else:
        await migrate.migrate(db)
    await db.execute(again, "attacker")

    assert await db.fetchval("select count(*) from ai.refused_rows") > 0
    assert sorted(row["message"] for row in await claim(db)) == ["victim"] * 3


async def test_doctor_reports_an_id_that_is_no_longer_unique(db):
    await db.execute("alter table public.rfq_requests drop constraint rfq_requests_pkey")
    levels = [one.level for check in Exposure(db.fetch).checks async for one in check() if "occur twice" in one.what]
    assert levels == ["fail"]

    await migrate.migrate(db)

    levels = [one.level for check in Exposure(db.fetch).checks async for one in check() if "occur twice" in one.what]
    assert levels == []
    assert await db.fetchval("select count(*) from pg_trigger where tgname = 'rfqflow_register'") == 1


async def test_a_child_table_lets_an_id_occur_twice_too(db, until):
    rfq = await db.fetchval("insert into public.rfq_requests (message) values ('victim') returning id")
    await db.execute("create table public.child () inherits (public.rfq_requests)")
    await db.execute("insert into public.child (id, message) values ($1, 'attacker')", rfq)
    (row,) = await claim(db)

    assert await finish(db, end(row)) == {row["outbox_id"]: "refused:RF006"}
    assert await finish(db, end(row, "abandon", reason="duplicate_id", error_class="write_refused")) == {}
    assert await db.fetchval("select count(ai_summary) from public.rfq_requests") == 0
