"""The promises about public.rfq_requests hold for a mapped table; a mapping that does not fit changes nothing."""

from __future__ import annotations

import json
import uuid

import asyncpg
import pytest

from rfqflow.database import migrate
from rfqflow.store.connection_pool import ConnectionPool
from rfqflow.store.console import ConsoleQueries
from rfqflow.store.diagnostics import DiagnosticTarget, examine
from rfqflow.store.operator import OperatorStore
from tests.support.admission import claim, end, finish
from tests.support.mapped_tables import SHAPES, Shape
from tests.support.worker_harness import Scripted, ended, parked, working


@pytest.fixture(params=SHAPES)
def shape(request) -> Shape:
    return SHAPES[request.param]


@pytest.fixture(autouse=True)
def roles_come_first(make_role) -> None:
    """A role can only be dropped after the database in which it has rights."""


@pytest.fixture
async def dsn(shape, make_migrated) -> str:
    """A database with the table of this shape, migrated onto it."""
    return await make_migrated(shape.ddl, shape.mapping)


@pytest.fixture
async def db(dsn, open_plain) -> asyncpg.Connection:
    return await open_plain(dsn)


@pytest.fixture
async def app(make_role, db, shape) -> str:
    """A role that may insert into the table, and nothing else."""
    role = await make_role()
    await db.execute(f"grant usage on schema {shape.schema} to {role}; grant insert on {shape.table} to {role}")
    return role


async def as_app(db: asyncpg.Connection, role: str, *messages: str, shape: Shape) -> None:
    await db.execute(f"set role {role}")
    try:
        await db.executemany(shape.insert(), [(one,) for one in messages])
    finally:
        await db.execute("reset role")


async def answers(db: asyncpg.Connection, shape: Shape) -> list[asyncpg.Record]:
    """The answers that the application reads, by its own key."""
    return await db.fetch(
        f"select t.{shape.key} as key, t.{shape.body} as body, a.ai_status, a.ai_summary, a.ai_route, a.ai_updated_at "
        f"from {shape.table} t left join {shape.answers} on a.key = t.{shape.key} order by 2"
    )


async def test_the_journey_from_an_insert_to_an_answer_an_edit_an_override_and_a_rerun(dsn, db, shape, app, until):
    provider = Scripted()
    async with working(dsn, provider, poll_seconds=60.0):
        await until(lambda: parked(db))
        await as_app(db, app, "one", "two", shape=shape)
        await until(ended(db, 2))
        found = await answers(db, shape)
        assert [(row["ai_status"], row["ai_summary"]) for row in found] == [
            ("done", "about one"),
            ("done", "about two"),
        ]

        await db.execute(f"update {shape.table} set {shape.body} = 'three' where {shape.body} = 'one'")
        await until(ended(db, 2))
        found = await answers(db, shape)
        assert [(row["body"], row["ai_summary"]) for row in found] == [("three", "about three"), ("two", "about two")]

        rfq = await db.fetchval("select rfq_id from ai.rfqs where message = 'two'")
        await db.execute("select ai.override_rfq($1, 'electrical', 'ada')", rfq)
        assert await db.fetchval("select ai.rerun_rfq($1, true)", rfq)
        await until(ended(db, 2))
        row = await db.fetchrow("select route, route_source, runs from ai.rfq_status where rfq_id = $1", rfq)
        assert tuple(row) == ("electrical", "override", 2)
        assert (await answers(db, shape))[1]["ai_route"] == "general"
    assert provider.calls == ["one", "two", "three", "two"]
    assert rfq == (uuid.UUID(f"{found[1]['key']:032}") if shape.number else found[1]["key"])
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0


async def test_copy_and_many_rows_in_one_statement_are_enqueued_at_once(db, shape, app):
    columns = [shape.body.strip('"'), *(one.strip('"') for one in shape.filled)]
    record = ["by copy", *(one.strip("'") for one in shape.filled.values())]
    name = shape.table.split(".")[1].strip('"')
    await db.execute(f"set role {app}")
    await db.copy_records_to_table(name, schema_name=shape.schema, columns=columns, records=[record] * 300)
    await db.execute("reset role")

    assert await db.fetchval("select count(*) from ai.outbox o join ai.rfqs r on r.rfq_id = o.rfq_id") == 300


async def test_a_write_back_notifies_no_worker_and_leaves_the_applications_columns_alone(
    dsn, db, shape, app, open_plain, until
):
    await as_app(db, app, "m", shape=shape)
    own = f"select (to_jsonb(t) - array(select k from jsonb_object_keys(to_jsonb(t)) k where k like 'ai\\_%'))::text, xmin::text from {shape.table} t"
    before = await db.fetchrow(own)
    (row,) = await claim(db, 1)
    sleeper, counter = await open_plain(dsn), await open_plain(dsn)
    heard: list[str] = []
    assert await sleeper.fetchval("select ai.acquire_doorbell('5 s')")
    for channel in ("rfqflow_wake", "mark"):
        await counter.add_listener(channel, lambda *got: heard.append(got[2]))

    assert await finish(db, end(row)) == {}
    await db.execute("notify mark")

    async def marked() -> bool:
        return "mark" in heard

    await until(marked)
    assert heard == ["mark"]
    after = await db.fetchrow(own)
    assert after[0] == before[0]
    # Where answers are in a separate table, the application's row is not written at all.
    assert (after[1] == before[1]) == shape.apart
    assert (await answers(db, shape))[0]["ai_summary"] == "s"


async def test_ai_values_of_an_inserter_are_not_trusted(db, shape, app):
    if shape.apart:
        assert await db.fetchval("select has_table_privilege($1, 'ai.enrichment', 'insert, update')", app) is False
        return
    columns, values = ", ".join([shape.body, *shape.filled]), ", ".join(["'m'", *shape.filled.values()])
    await db.execute(
        f"set role {app}; insert into {shape.table} ({columns}, ai_status, ai_route) values ({values}, 'done', 'mine'); reset role"
    )

    row = (await answers(db, shape))[0]
    assert (row["ai_status"], row["ai_route"]) == ("pending", None)


async def test_with_row_level_security_strangers_insert_and_the_worker_works(db, shape, app):
    await db.execute(
        f"alter table {shape.table} enable row level security; create policy submit on {shape.table} for insert to {app} with check (true)"
    )
    await as_app(db, app, "m", shape=shape)

    (row,) = await claim(db, 1)

    assert await finish(db, end(row)) == {}
    assert (await answers(db, shape))[0]["ai_status"] == "done"


async def claimed_as_owner(make_role, plain, shape):
    """A claim. The session continues as the owner of the table, whom row-level security does not exempt here."""
    await plain.execute(shape.ddl)
    owner = await make_role()
    name = await plain.fetchval("select current_database()")
    await plain.execute(
        f"grant create on database {name} to {owner}; grant usage, create on schema {shape.schema} to {owner};"
        f"alter table {shape.table} owner to {owner}; set session authorization {owner}"
    )
    await migrate.migrate(plain, mapping=shape.mapping)
    await plain.execute(shape.insert("'m'"))
    (row,) = await claim(plain, 1)
    return row


async def test_row_level_security_that_hides_an_rfq_is_an_error_and_forgets_nothing(make_role, plain, shape):
    row = await claimed_as_owner(make_role, plain, shape)
    await plain.execute(f"alter table {shape.table} enable row level security, force row level security")

    assert await finish(plain, end(row)) == {row["outbox_id"]: "refused:RF003"}
    assert await plain.fetchval("select count(*) from ai.outbox") == 1

    await plain.execute(f"alter table {shape.table} no force row level security")
    assert await finish(plain, end(row)) == {}
    await plain.execute("reset session authorization")


async def test_a_dead_letter_is_kept_as_long_as_its_rfq_exists_visible_or_not(make_role, plain, shape):
    row = await claimed_as_owner(make_role, plain, shape)
    assert await finish(plain, end(row, "discard")) == {}
    await plain.execute(f"alter table {shape.table} enable row level security, force row level security")
    assert await plain.fetchval("select count(*) from ai.rfqs") == await plain.fetchval("select ai.prune_guards()") == 0
    await plain.execute(f"alter table {shape.table} no force row level security")
    assert await plain.fetchval("select ai.prune_guards()") == 0
    assert await plain.fetchval("select count(*) from ai.dead_letters") == 1

    await plain.execute(f"delete from {shape.table}")

    assert await plain.fetchval("select ai.prune_guards()") == 1
    assert await plain.fetchval("select count(*) from ai.outbox_dead") == 0
    await plain.execute("reset session authorization")


async def test_the_sweep_finds_rfqs_that_no_trigger_saw_and_no_older_ones(plain, shape):
    await plain.execute(shape.ddl)
    await plain.execute(shape.insert("'older'"))
    await migrate.migrate(plain, mapping=shape.mapping)
    await plain.execute("set session_replication_role = replica")
    await plain.execute(shape.insert("'unseen'"))
    await plain.execute("set session_replication_role = origin")

    while await plain.fetchval("select pass from ai.sweep_progress") == 0:
        await plain.execute("select ai.find_unqueued_rfqs()")

    queued = "select r.message from ai.outbox o join ai.rfqs r on r.rfq_id = o.rfq_id"
    assert [row[0] for row in await plain.fetch(queued)] == ["unseen"]
    assert await plain.fetchval("select ai_status from ai.rfqs where message = 'older'") is None
    assert await plain.fetchval("select enqueued from ai.backfill_rfqs(10)") == 1
    assert await plain.fetchval("select rfqs_older from (select count(*) as rfqs_older from ai.outbox_deferred) d") == 1


async def test_an_rfq_that_the_trigger_skipped_is_recorded_and_queued_later(dsn, db, shape, app, open_plain):
    blocker = await open_plain(dsn)
    await blocker.execute("begin; lock table ai.outbox in access exclusive mode")
    await as_app(db, app, "m", shape=shape)
    await blocker.execute("rollback")

    assert await db.fetchval("select count(*) from ai.outbox") == 0
    assert await db.fetchval("select ai.enqueue_missed()") == 1
    assert await db.fetchval("select r.message from ai.outbox o join ai.rfqs r on r.rfq_id = o.rfq_id") == "m"


async def test_a_person_is_erased(db, shape, app):
    if "email" not in shape.mapping.get("columns", {}) and "email" not in shape.ddl:
        pytest.skip("this table has no address to erase by")
    await as_app(db, app, "my name is Ada", shape=shape)
    email = shape.mapping["columns"].get("email", "email")
    await db.execute(f"update {shape.table} set \"{email}\" = 'ada@example.com'")
    (row,) = await claim(db, 1)
    await finish(db, end(row))

    reported = json.loads(await db.fetchval("select ai.erase_person('Ada@example.com', 'grace')"))

    assert reported["rfqs"] == 1
    row = await db.fetchrow("select message, email, ai_summary, ai_status, ai_reason, ai_route from ai.rfqs")
    assert tuple(row) == ("[erased]", row["email"], None, "done", "erased", "general")
    assert row["email"] in (None, "")
    assert await db.fetchval("select count(*) from ai.outbox") == 0


async def test_an_answer_in_a_separate_table_is_deleted_with_its_rfq(db, shape, app):
    if not shape.apart:
        pytest.skip("the answer is in the RFQ's own row")
    await as_app(db, app, "m", "n", shape=shape)
    await finish(db, *(end(row) for row in await claim(db, 2)))

    await db.execute(f"delete from {shape.table} where {shape.body} = 'm'")

    assert await db.fetchval("select count(*) from ai.enrichment") == 1


async def test_desk_console_and_doctor_work_with_the_mapped_table(dsn, db, shape, app):
    await as_app(db, app, "m", shape=shape)
    await finish(db, end((await claim(db, 1))[0]))
    await db.execute(f"analyze {shape.table}")
    desk, lines = OperatorStore(db), ConnectionPool(dsn, "rfqflow test", 1, pooled=False, seconds=10)
    try:
        rfq = (await desk.ended(skipped=None))[0]
        assert (await desk.rfq(rfq))["ai_status"] == "done"
        assert (await desk.answer(rfq))["ai_summary"] == "s"
        assert (await ConsoleQueries(lines).rfq(rfq))["message"] == "m"
    finally:
        await lines.close()
    assert await desk.rfqs_estimated() == 1

    findings = [one async for one in examine(DiagnosticTarget(dsn))]
    assert [one.what for one in findings if one.level == "fail"] == []
    (reported,) = [one.what for one in findings if one.what.startswith("RFQs are the rows of")]
    assert shape.table in reported
    assert ("ai.enrichment" in reported) == shape.apart


async def test_one_rfq_is_found_by_an_index_and_not_by_a_scan(db, shape, app):
    await db.execute(shape.insert("'m' || g", "generate_series(1, 20000) g") + f"; analyze {shape.table}")
    for relation in ("ai.rfqs", "ai.rfq_status"):
        plan = await db.fetch(f"explain select * from {relation} where rfq_id = $1", uuid.uuid4())
        assert "Seq Scan on " + shape.table.split(".")[1] not in "\n".join(row[0] for row in plan), relation


# Migrating: again, by psql, with other names, and refusals.


async def test_migrating_again_without_the_mapping_keeps_it_and_changes_nothing(db, shape):
    view = "select pg_get_viewdef('ai.rfqs'::regclass), (select m::text from ai.table_mapping m)"
    before = await db.fetchrow(view)

    assert await migrate.pending(db) == await migrate.pending(db, shape.mapping) == []
    assert await migrate.migrate(db) == []

    assert await db.fetchrow(view) == before
    assert await migrate.pending(db, {}) != []


async def test_triggers_are_on_the_mapped_table_and_on_no_other(db, shape, app):
    found = await db.fetch(
        "select tgrelid::regclass::text as of, tgname::text as name from pg_trigger where tgname like 'rfqflow%' "
        "and tgrelid::regclass::text not like 'ai.%' and tgrelid::regclass::text <> 'rfq_attachments' order by 2"
    )
    assert {row["of"] for row in found} == {shape.table.removeprefix("public.")}
    assert [row["name"].removeprefix("rfqflow_") for row in found] == (
        ["enqueue", "enqueue_edited", "forget"]
        if shape.apart
        else ["enqueue", "enqueue_edited", "guard_insert", "guard_update"]
    )
    assert (await db.fetchval("select to_regclass('public.rfq_requests') is null")) == (
        "rfq_requests" not in shape.table
    )
    assert await db.fetchval("select count(*) from pg_proc where proname = 'submit_rfq'") == 0
