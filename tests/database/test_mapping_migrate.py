"""Migrating onto a table with column names of its own: what is refused, what may change later, and separate answers."""

from __future__ import annotations

import asyncio
import re

import asyncpg
import pytest

from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.store.diagnostics import DiagnosticTarget, examine
from tests.support.admission import claim, end, finish
from tests.support.mapped_tables import SHAPES
from tests.support.worker_harness import count

SALES = SHAPES["a bigint key, answers apart"]


def mapped(**changes: object) -> dict[str, object]:
    return {**SALES.mapping, **changes}


def renamed(**columns: str) -> dict[str, object]:
    return {**SALES.mapping, "columns": {**SALES.mapping["columns"], **columns}}


@pytest.mark.parametrize(
    ("change", "mapping", "message", "remedy"),
    [
        ("", mapped(table="sales.nowhere"), "table sales.nowhere not found", "Name it with its schema"),
        ("", mapped(table="Inquiry; drop"), "table Inquiry; drop not found", "Name it with its schema"),
        ("", {"tabel": "x"}, "unknown key in the mapping: tabel", "Known keys: table, ai_columns"),
        ("", renamed(subject="body"), r"unknown key in the mapping: columns\.subject", "Known keys: table"),
        ("", mapped(ai_columns="elsewhere"), "ai_columns cannot be elsewhere", "answers go into ai.enrichment"),
        ("", {"columns": "no"}, "must be an object", "For example"),
        ("", renamed(message="text"), "no column text, which is mapped as message", "case included"),
        ("", renamed(id=""), "names no column of .* for id", 'id = "inquiry_no"'),
        ("", renamed(created_at=""), "names no column of .* for created_at", "alter table sales.inquiry add column created_at"),
        ("", renamed(phone="received"), "received has type timestamp with time zone, which does not fit phone", 'phone = ""'),
        ("", renamed(message="no"), "no has type bigint, which does not fit message", "Map another column"),
        ("", renamed(id="contact"), r"contact has type character varying\(200\), which does not fit id", "Add a column of type uuid"),
        ("", renamed(name="contact"), r"sales\.inquiry\.contact is mapped twice", "once"),
        ("drop constraint inquiry_pkey", mapped(), "no is not a key", "create unique index concurrently on sales.inquiry"),
        ("add column metadata integer", mapped(), "metadata has type integer, which does not fit metadata", 'metadata = ""'),
        ("add column whole text generated always as (body || contact) stored", renamed(message="whole"), "is a generated column", "one is computed"),
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


async def test_a_large_table_with_a_number_works_and_is_given_the_statement_for_the_missing_index(plain):
    await plain.execute(SALES.ddl)
    await plain.execute("insert into sales.inquiry (body) select repeat('x', 200) from generate_series(1, 20000)")

    with pytest.raises(ConfigError, match="no index finds a row by the uuid") as refused:
        await migrate.migrate(plain, mapping=SALES.mapping)

    remedy = str(refused.value).rpartition("migrate again: ")[2]
    assert remedy.startswith("create index concurrently on sales.inquiry")
    await plain.execute(remedy)
    await migrate.migrate(plain, mapping=SALES.mapping)
    assert await plain.fetchval("select count(*) from pg_index where indrelid = 'sales.inquiry'::regclass") == 2


@pytest.mark.parametrize("number", [1, 0, -1, 42, 2**63 - 1, -(2**63)])
async def test_every_bigint_has_a_unique_uuid_that_shows_it(make_migrated, open_plain, number):
    db = await open_plain(await make_migrated(SALES.ddl, SALES.mapping))
    await db.execute("insert into sales.inquiry (no, body) values ($1, 'm')", number)

    found = await db.fetchval("select rfq_id from ai.outbox")

    assert found == await db.fetchval("select ai.rfq_uuid($1)", number)
    assert str(found).replace("-", "").lstrip("0") == str(number).replace("-", "f").lstrip("0")
    assert await db.fetchval("select rfq_number from ai.rfqs where rfq_id = $1", found) == number


async def test_columns_may_be_mapped_anew_and_the_table_only_while_no_rfq_is_known(plain):
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

    with pytest.raises(ConfigError, match=r"rfqflow has data about RFQs of sales\.inquiry"):
        await migrate.migrate(plain, mapping={})
    assert await plain.fetchval("select table_name from ai.table_mapping") == "sales.inquiry"


async def test_rfqs_of_a_table_that_is_mapped_later_are_older_than_the_installation(plain):
    await migrate.migrate(plain)
    await plain.execute(SALES.ddl + "; insert into sales.inquiry (body) values ('m')")
    await migrate.migrate(plain, mapping=SALES.mapping)

    while await plain.fetchval("select pass from ai.sweep_progress") == 0:
        assert await plain.fetchval("select ai.find_unqueued_rfqs()") == 0
    assert await plain.fetchval("select ai_status from ai.rfqs") is None


async def test_doctor_reports_changes_under_the_mapping(plain, empty_database):
    await plain.execute(SALES.ddl)
    await migrate.migrate(plain, mapping=SALES.mapping)
    await plain.execute(
        "alter table sales.inquiry rename column body to text; drop trigger rfqflow_forget on sales.inquiry"
    )

    failed = [one async for one in examine(DiagnosticTarget(empty_database)) if one.level == "fail"]

    assert [one.what.split(". ")[0] for one in failed] == [
        "sales.inquiry has no column body, which is mapped as message", "sales.inquiry lacks the trigger rfqflow_forget."
    ]  # fmt: skip
    # The remedy in the message works.
    await migrate.migrate(plain, mapping=renamed(message="text"))
    assert [one.what async for one in examine(DiagnosticTarget(empty_database)) if one.level == "fail"] == []


async def test_a_worker_without_the_right_to_the_tables_schema_is_referred_to_the_owner(
    make_role, plain, empty_database
):
    await plain.execute(SALES.ddl)
    await migrate.migrate(plain, mapping=SALES.mapping)
    role = await make_role("login password 'x'")
    await plain.execute(f"grant rfqflow_worker to {role}")
    dsn = re.sub("://[^@]+@", f"://{role}:x@", empty_database)

    findings = [one async for one in examine(DiagnosticTarget(dsn))]

    (reported,) = [one for one in findings if "not checked" in one.what and "mapping" in one.what]
    assert "owner" in reported.remedy
    assert [one.what for one in findings if one.level == "fail"] == []


async def test_an_unmapped_table_with_a_column_of_an_unsuitable_type_is_refused_too(plain):
    await plain.execute("create table public.rfq_requests (id uuid primary key, message text, metadata integer)")

    with pytest.raises(
        RfqflowError, match=r"metadata has type integer, which does not fit metadata.*Map another column"
    ):
        await migrate.migrate(plain)
    assert await count_of_ours(plain) == 0


async def count_of_ours(db: asyncpg.Connection) -> int:
    found: int = await db.fetchval("select count(*) from pg_namespace where nspname = 'ai'")
    return found


async def test_in_an_attached_table_a_null_message_counts_as_empty(plain):
    await plain.execute(
        "create table public.rfq_requests (id uuid primary key default gen_random_uuid(), message text)"
    )
    await migrate.migrate(plain)
    await plain.execute("insert into public.rfq_requests default values")

    (row,) = await claim(plain, 1)

    assert row["message"] == ""
    assert await finish(plain, end(row, "skip", status="skipped", reason="empty")) == {}
    assert await count(plain, "skipped") == 1


async def test_finishes_with_answers_in_a_separate_table_are_one_batch_and_fenced(empty_database, plain, open_plain):
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


async def test_a_separate_answer_is_accepted_once_per_content_and_prompt_and_pending_after_an_edit(plain):
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


async def test_two_sessions_can_migrate_a_mapping_at_the_same_time(empty_database, plain):
    await plain.execute(SALES.ddl)
    conns = [await connect(empty_database) for _ in range(3)]
    done = await asyncio.gather(*(migrate.migrate(conn, mapping=SALES.mapping) for conn in conns))
    for conn in conns:
        await conn.close()

    assert sorted(len(one) for one in done) == [0, 0, len(migrate.steps())]


async def test_an_edit_that_the_trigger_could_not_even_record_is_found_by_the_sweep_with_separate_answers(
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
        # It also waits once for the table of answers, and not once per row, which would be 20 times 20 ms.
        await plain.execute("set statement_timeout = '250ms'")
        await plain.execute("update sales.inquiry set body = 'n' where no > 20")
        await plain.execute("reset statement_timeout")

    assert await plain.fetchval("select count(*) from ai.outbox_missed") == 0
    assert await plain.fetchval("select ai.find_unqueued_rfqs()") == 20
    assert await plain.fetchval("select count(*) from ai.outbox") == 20
