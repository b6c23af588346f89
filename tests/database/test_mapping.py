"""What is promised of public.rfq_requests holds of a table that is mapped; a mapping that does not fit changes nothing."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import asyncpg
import pytest

from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.store.console import ConnectionPool, ConsoleQueries
from rfqflow.store.diagnostics import DiagnosticTarget, examine
from rfqflow.store.operator import OperatorStore
from tests.support.admission import claim, end, finish
from tests.support.mapped_tables import SHAPES, Shape
from tests.support.worker_harness import Scripted, count, ended, parked, working


@pytest.fixture(params=SHAPES)
def shape(request) -> Shape:
    return SHAPES[request.param]


@pytest.fixture(autouse=True)
def roles_come_first(make_role) -> None:
    """A role goes only after the database in which it has rights."""


@pytest.fixture
async def plain(empty_database, open_plain) -> asyncpg.Connection:
    return await open_plain(empty_database)


@pytest.fixture(scope="module")
def templates(server_dsn) -> Iterator[Callable[[Shape], Awaitable[str]]]:
    """Names of databases, one a shape, with its table and the schema migrated onto it."""
    made: dict[int, str] = {}

    async def make(shape: Shape) -> str:
        if id(shape) not in made:
            name = f"rfqflow_mapped_{uuid.uuid4().hex[:12]}"
            await _admin(server_dsn, f"create database {name}")
            conn = await connect(database_of(server_dsn, name))
            await conn.execute(shape.ddl)
            await migrate.migrate(conn, mapping=shape.mapping)
            await conn.close()
            made[id(shape)] = name
        return made[id(shape)]

    yield make
    for name in made.values():
        asyncio.run(_admin(server_dsn, f"drop database {name} with (force)"))


def database_of(server: str, name: str) -> str:
    return server.rsplit("/", 1)[0] + "/" + name


async def _admin(server: str, statement: str) -> None:
    conn = await connect(server)
    await conn.execute(statement)
    await conn.close()


@pytest.fixture
async def dsn(server_dsn, shape, templates) -> AsyncIterator[str]:
    """A database with the shape's table, migrated onto it."""
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    await _admin(server_dsn, f"create database {name} template {await templates(shape)}")
    yield database_of(server_dsn, name)
    await _admin(server_dsn, f"drop database {name} with (force)")


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
    """What the application reads, by its own key."""
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


async def test_a_write_back_rings_nothing_and_leaves_the_applications_columns_alone(
    dsn, db, shape, app, open_plain, until
):
    await as_app(db, app, "m", shape=shape)
    own = f"select (to_jsonb(t) - array(select k from jsonb_object_keys(to_jsonb(t)) k where k like 'ai\\_%'))::text, xmin::text from {shape.table} t"
    before = await db.fetchrow(own)
    (row,) = await claim(db, 1)
    sleeper, ear = await open_plain(dsn), await open_plain(dsn)
    heard: list[str] = []
    assert await sleeper.fetchval("select ai.acquire_doorbell('5 s')")
    for channel in ("rfqflow_wake", "mark"):
        await ear.add_listener(channel, lambda *got: heard.append(got[2]))

    assert await finish(db, end(row)) == {}
    await db.execute("notify mark")

    async def marked() -> bool:
        return "mark" in heard

    await until(marked)
    assert heard == ["mark"]
    after = await db.fetchrow(own)
    assert after[0] == before[0]
    # Apart, the application's row is not written at all.
    assert (after[1] == before[1]) == shape.apart
    assert (await answers(db, shape))[0]["ai_summary"] == "s"


async def test_what_an_inserter_says_of_ai_is_not_trusted(db, shape, app):
    if shape.apart:
        assert await db.fetchval("select has_table_privilege($1, 'ai.enrichment', 'insert, update')", app) is False
        return
    columns, values = ", ".join([shape.body, *shape.filled]), ", ".join(["'m'", *shape.filled.values()])
    await db.execute(
        f"set role {app}; insert into {shape.table} ({columns}, ai_status, ai_route) values ({values}, 'done', 'mine'); reset role"
    )

    row = (await answers(db, shape))[0]
    assert (row["ai_status"], row["ai_route"]) == ("pending", None)


async def test_row_level_security_lets_strangers_insert_and_the_worker_work(db, shape, app):
    await db.execute(
        f"alter table {shape.table} enable row level security; create policy submit on {shape.table} for insert to {app} with check (true)"
    )
    await as_app(db, app, "m", shape=shape)

    (row,) = await claim(db, 1)

    assert await finish(db, end(row)) == {}
    assert (await answers(db, shape))[0]["ai_status"] == "done"


async def claimed_as_owner(make_role, plain, shape):
    """A claim; the session goes on as the one who owns the table, whom row-level security does not spare by itself."""
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


async def test_a_dead_letter_is_kept_as_long_as_its_rfq_seen_or_not(make_role, plain, shape):
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


async def test_what_no_trigger_saw_is_found_by_the_sweep_and_what_is_older_by_nobody(plain, shape):
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


async def test_what_the_trigger_had_to_skip_is_noted_and_queued_later(dsn, db, shape, app, open_plain):
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

    told = json.loads(await db.fetchval("select ai.erase_person('Ada@example.com', 'grace')"))

    assert told["rfqs"] == 1
    row = await db.fetchrow("select message, email, ai_summary, ai_status, ai_reason, ai_route from ai.rfqs")
    assert tuple(row) == ("[erased]", row["email"], None, "done", "erased", "general")
    assert row["email"] in (None, "")
    assert await db.fetchval("select count(*) from ai.outbox") == 0


async def test_an_answer_apart_goes_with_its_rfq(db, shape, app):
    if not shape.apart:
        pytest.skip("the answer is in the RFQ's own row")
    await as_app(db, app, "m", "n", shape=shape)
    await finish(db, *(end(row) for row in await claim(db, 2)))

    await db.execute(f"delete from {shape.table} where {shape.body} = 'm'")

    assert await db.fetchval("select count(*) from ai.enrichment") == 1


async def test_desk_console_and_doctor_know_the_table(dsn, db, shape, app):
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
    (told,) = [one.what for one in findings if one.what.startswith("RFQs are the rows of")]
    assert shape.table in told
    assert ("ai.enrichment" in told) == shape.apart


async def test_one_rfq_is_found_by_an_index_and_not_by_a_scan(db, shape, app):
    await db.execute(shape.insert("'m' || g", "generate_series(1, 20000) g") + f"; analyze {shape.table}")
    for relation in ("ai.rfqs", "ai.rfq_status"):
        plan = await db.fetch(f"explain select * from {relation} where rfq_id = $1", uuid.uuid4())
        assert "Seq Scan on " + shape.table.split(".")[1] not in "\n".join(row[0] for row in plan), relation


# Migrating: again, by psql, with other names, and what is refused.


async def test_migrating_again_without_the_mapping_keeps_it_and_changes_nothing(db, shape):
    view = "select pg_get_viewdef('ai.rfqs'::regclass), (select m::text from ai.table_mapping m)"
    before = await db.fetchrow(view)

    assert await migrate.pending(db) == await migrate.pending(db, shape.mapping) == []
    assert await migrate.migrate(db) == []

    assert await db.fetchrow(view) == before
    assert await migrate.pending(db, {}) != []


async def test_triggers_are_the_tables_and_nobody_elses(db, shape, app):
    found = await db.fetch(
        "select tgrelid::regclass::text as of, tgname::text as name from pg_trigger where tgname like 'rfqflow%' "
        "and tgrelid::regclass::text not like 'ai.%' order by 2"
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


SALES = SHAPES["a bigint key, answers apart"]


def mapped(**changes: object) -> dict[str, object]:
    return {**SALES.mapping, **changes}


def renamed(**columns: str) -> dict[str, object]:
    return {**SALES.mapping, "columns": {**SALES.mapping["columns"], **columns}}


@pytest.mark.parametrize(
    ("change", "mapping", "message", "remedy"),
    [
        ("", mapped(table="sales.nowhere"), "there is no table sales.nowhere", "Name it with its schema"),
        ("", mapped(table="Inquiry; drop"), "there is no table Inquiry; drop", "Name it with its schema"),
        ("", {"tabel": "x"}, "a key that is not known: tabel", "There are table, ai_columns"),
        ("", renamed(subject="body"), r"a key that is not known: columns\.subject", "There are table"),
        ("", mapped(ai_columns="elsewhere"), "ai_columns is elsewhere", "enrichment: into ai.enrichment"),
        ("", {"columns": "no"}, "not made of keys and values", "As in"),
        ("", renamed(message="text"), "no column text, which is to be message", "upper and lower case"),
        ("", renamed(id=""), "no column for id", 'id = "inquiry_no"'),
        ("", renamed(created_at=""), "no column for created_at", "alter table sales.inquiry add column created_at"),
        ("", renamed(phone="received"), "received is of type timestamp with time zone, which phone can not be", 'phone = ""'),
        ("", renamed(message="no"), "no is of type bigint, which message can not be", "map another column"),
        ("", renamed(id="contact"), r"contact is of type character varying\(200\), which id can not be", "add a column of type uuid"),
        ("", renamed(name="contact"), r"sales\.inquiry\.contact is mapped twice", "once"),
        ("drop constraint inquiry_pkey", mapped(), "no is no key", "create unique index concurrently on sales.inquiry"),
        ("add column metadata json", mapped(), "metadata is of type json, which metadata can not be", 'metadata = ""'),
        ("add column whole text generated always as (body || contact) stored", renamed(message="whole"), "is a generated column", "made of"),
        ("add column ai_tags json", mapped(ai_columns="table"), r"ai_tags is of type json and must be text\[\]", "enrichment"),
        ("rename to kept; create view sales.inquiry as select * from sales.kept", mapped(), "is not a table", "only a table"),
    ],
)  # fmt: skip
async def test_a_mapping_that_does_not_fit_is_refused_with_a_remedy_and_nothing_is_changed(
    plain, change, mapping, message, remedy
):
    await plain.execute(SALES.ddl + (f"; alter table sales.inquiry {change}" if change else ""))

    with pytest.raises(ConfigError, match=message) as refused:
        await migrate.migrate(plain, mapping=mapping)

    assert remedy in str(refused.value)
    assert await plain.fetchval(
        "select to_regnamespace('ai') is null and not exists (select from pg_trigger where tgname like 'rfqflow%') "
        "and not exists (select from pg_attribute where attname in ('ai_status', 'ai_model'))"
    )


async def test_a_large_table_with_a_number_is_told_which_index_to_build_and_served_with_it(plain):
    await plain.execute(SALES.ddl)
    await plain.execute("insert into sales.inquiry (body) select repeat('x', 200) from generate_series(1, 20000)")

    with pytest.raises(ConfigError, match="no index that finds a row by the uuid") as refused:
        await migrate.migrate(plain, mapping=SALES.mapping)

    remedy = str(refused.value).rpartition("migrate again: ")[2]
    assert remedy.startswith("create index concurrently on sales.inquiry")
    await plain.execute(remedy)
    await migrate.migrate(plain, mapping=SALES.mapping)
    assert await plain.fetchval("select count(*) from pg_index where indrelid = 'sales.inquiry'::regclass") == 2


@pytest.mark.parametrize("number", [1, 0, -1, 42, 2**63 - 1, -(2**63)])
async def test_every_bigint_has_a_uuid_of_its_own_that_shows_it(plain, number):
    await plain.execute(SALES.ddl)
    await migrate.migrate(plain, mapping=SALES.mapping)
    await plain.execute("insert into sales.inquiry (no, body) values ($1, 'm')", number)

    found = await plain.fetchval("select rfq_id from ai.outbox")

    assert found == await plain.fetchval("select ai.rfq_uuid($1)", number)
    assert str(found).replace("-", "").lstrip("0") == str(number).replace("-", "f").lstrip("0")
    assert await plain.fetchval("select rfq_number from ai.rfqs where rfq_id = $1", found) == number


async def test_names_may_be_mapped_anew_and_another_table_only_while_no_rfq_is_known(plain):
    await plain.execute(
        "create table public.rfq_requests (id uuid primary key default gen_random_uuid(), message text)"
    )
    await migrate.migrate(plain)
    await plain.execute(SALES.ddl)

    await migrate.migrate(plain, mapping=SALES.mapping)
    assert await plain.fetchval(
        "select array_agg(distinct tgrelid::regclass::text) from pg_trigger where tgname like 'rfqflow%' and tgname ~ 'enqueue|guard|forget'"
    ) == ["sales.inquiry"]
    await plain.execute("insert into sales.inquiry (body) values ('m')")
    await plain.execute("alter table sales.inquiry add column remark text default 'as remarked'")
    await migrate.migrate(plain, mapping=renamed(message="remark"))
    await plain.execute("update sales.inquiry set remark = 'remarked anew'")
    assert await plain.fetchval("select message from ai.rfqs") == "remarked anew"

    with pytest.raises(ConfigError, match=r"RFQs of sales\.inquiry are known here"):
        await migrate.migrate(plain, mapping={})
    assert await plain.fetchval("select table_name from ai.table_mapping") == "sales.inquiry"


async def test_rfqs_of_a_table_that_is_mapped_later_are_older_than_the_installation(plain):
    await migrate.migrate(plain)
    await plain.execute(SALES.ddl + "; insert into sales.inquiry (body) values ('m')")
    await migrate.migrate(plain, mapping=SALES.mapping)

    while await plain.fetchval("select pass from ai.sweep_progress") == 0:
        assert await plain.fetchval("select ai.find_unqueued_rfqs()") == 0
    assert await plain.fetchval("select ai_status from ai.rfqs") is None


async def test_doctor_says_what_has_changed_under_the_mapping(plain, empty_database):
    await plain.execute(SALES.ddl)
    await migrate.migrate(plain, mapping=SALES.mapping)
    await plain.execute(
        "alter table sales.inquiry rename column body to text; drop trigger rfqflow_forget on sales.inquiry"
    )

    failed = [one async for one in examine(DiagnosticTarget(empty_database)) if one.level == "fail"]

    assert [one.what.split(". ")[0] for one in failed] == [
        "sales.inquiry has no column body, which is to be message", "sales.inquiry lacks the trigger rfqflow_forget"
    ]  # fmt: skip
    # The remedy that it names is one.
    await migrate.migrate(plain, mapping=renamed(message="text"))
    assert [one.what async for one in examine(DiagnosticTarget(empty_database)) if one.level == "fail"] == []


async def test_a_worker_that_may_not_see_the_tables_schema_is_told_to_ask_the_owner(make_role, plain, empty_database):
    await plain.execute(SALES.ddl)
    await migrate.migrate(plain, mapping=SALES.mapping)
    role = await make_role("login password 'x'")
    await plain.execute(f"grant rfqflow_worker to {role}")
    dsn = re.sub("://[^@]+@", f"://{role}:x@", empty_database)

    findings = [one async for one in examine(DiagnosticTarget(dsn))]

    (told,) = [one for one in findings if "not looked at" in one.what and "mapping" in one.what]
    assert "owner" in told.remedy
    assert [one.what for one in findings if one.level == "fail"] == []


async def test_a_key_that_may_be_null_or_twice_is_refused_of_an_unmapped_table_too_when_its_columns_do_not_fit(plain):
    await plain.execute("create table public.rfq_requests (id uuid primary key, message text, metadata json)")

    with pytest.raises(RfqflowError, match=r"metadata is of type json, which metadata can not be.*map another column"):
        await migrate.migrate(plain)
    assert await count_of_ours(plain) == 0


async def count_of_ours(db: asyncpg.Connection) -> int:
    found: int = await db.fetchval("select count(*) from pg_namespace where nspname = 'ai'")
    return found


async def test_an_attached_table_whose_message_may_be_null_has_an_empty_one_then(plain):
    await plain.execute(
        "create table public.rfq_requests (id uuid primary key default gen_random_uuid(), message text)"
    )
    await migrate.migrate(plain)
    await plain.execute("insert into public.rfq_requests default values")

    (row,) = await claim(plain, 1)

    assert row["message"] == ""
    assert await finish(plain, end(row, "skip", status="skipped", reason="empty")) == {}
    assert await count(plain, "skipped") == 1


async def test_many_finishes_of_answers_apart_are_one_batch_and_fenced(empty_database, plain, open_plain):
    await plain.execute(SALES.ddl)
    await migrate.migrate(plain, mapping=SALES.mapping)
    await plain.execute("insert into sales.inquiry (body) select 'm' || g from generate_series(1, 50) g")
    rows = await claim(plain, 50)
    await plain.execute("update sales.inquiry set body = 'edited' where no = 1")
    await plain.execute("delete from sales.inquiry where no = 2")
    await plain.execute("update ai.outbox set claim_id = 7 where rfq_id = ai.rfq_uuid(3)")
    holder = await open_plain(empty_database)
    await holder.execute("begin; select from sales.inquiry where no = 4 for update")

    outcomes = await finish(plain, *(end(row) for row in rows))
    await holder.execute("rollback")

    numbers = {row["outbox_id"]: int(str(row["rfq_id"]).replace("-", "")) for row in rows}
    assert {numbers[one]: outcome for one, outcome in outcomes.items()} == {
        1: "edited",
        2: "gone",
        3: "lost",
        4: "busy",
    }
    assert await plain.fetchval("select count(*) from ai.enrichment where ai_status = 'done'") == 46
    assert await plain.fetchval("select ai_status from ai.enrichment where rfq_number = 1") == "pending"
    again = await claim(plain, 50)
    assert [await finish(plain, end(row, prompt_version="q@1")) for row in again] == [{}]


async def test_answers_apart_are_accepted_once_per_content_and_prompt_and_pending_after_an_edit(plain):
    await plain.execute(SALES.ddl)
    await migrate.migrate(plain, mapping=SALES.mapping)
    await plain.execute("insert into sales.inquiry (body) values ('m')")
    (row,) = await claim(plain, 1)
    assert await finish(plain, end(row)) == {}
    await plain.execute("select ai.rerun_rfq(ai.rfq_uuid(1), false)")
    (again,) = await claim(plain, 1)

    assert await finish(plain, end(again, summary="another")) == {again["outbox_id"]: "repeated"}
    assert tuple(await plain.fetchrow("select ai_status, ai_summary from ai.enrichment")) == ("done", "s")

    await plain.execute("update sales.inquiry set body = 'n'")
    assert tuple(await plain.fetchrow("select ai_status, ai_summary from ai.enrichment")) == ("pending", "s")


async def test_two_connections_can_migrate_a_mapping_at_once(empty_database, plain):
    await plain.execute(SALES.ddl)
    conns = [await connect(empty_database) for _ in range(3)]
    done = await asyncio.gather(*(migrate.migrate(conn, mapping=SALES.mapping) for conn in conns))
    for conn in conns:
        await conn.close()

    assert sorted(len(one) for one in done) == [0, 0, len(migrate.steps())]


async def test_an_edit_of_an_answer_apart_that_could_not_even_be_noted_is_found_by_the_sweep(
    plain, empty_database, open_plain
):
    await plain.execute(SALES.ddl)
    await migrate.migrate(plain, mapping=SALES.mapping)
    await plain.execute("insert into sales.inquiry (body) select 'm' from generate_series(1, 40)")
    for row in await claim(plain, 40):
        assert await finish(plain, end(row)) == {}
    locker = await open_plain(empty_database)

    async with locker.transaction():
        await locker.execute("lock table ai.outbox, ai.outbox_missed in access exclusive mode")
        await plain.execute("update sales.inquiry set body = 'n' where no <= 20")
    async with locker.transaction():
        await locker.execute("lock table ai.outbox, ai.outbox_missed, ai.enrichment in access exclusive mode")
        # It waits for the answers once, too, and not for each row: 20 times 20 ms.
        await plain.execute("set statement_timeout = '250ms'")
        await plain.execute("update sales.inquiry set body = 'n' where no > 20")
        await plain.execute("reset statement_timeout")

    assert await plain.fetchval("select count(*) from ai.outbox_missed") == 0
    assert await plain.fetchval("select ai.find_unqueued_rfqs()") == 20
    assert await plain.fetchval("select count(*) from ai.outbox") == 20
