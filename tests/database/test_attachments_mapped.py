"""Attachments in a table of the application, and in the table that rfqflow makes for a key of any type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from rfqflow.core.errors import ConfigError
from rfqflow.database import migrate, migration_plan
from tests.support.admission import claim, end, finish
from tests.support.mapped_tables import SHAPES
from tests.support.worker_harness import Scripted, ended, working

if TYPE_CHECKING:
    from collections.abc import Callable

RFQS = "create table public.rfq_requests (id uuid primary key default gen_random_uuid(), message text not null)"
FILES = (
    "create table public.upload (no uuid primary key default gen_random_uuid(), inquiry {key} not null, title text not null,"
    " data bytea not null, seen boolean); create index on public.upload (inquiry)"
)
MAPPED = {
    "table": "public.upload",
    "columns": {"id": "no", "rfq_id": "inquiry", "file_name": "title", "content": "data"},
}
DWG = b"AC1032" + bytes(200)


@pytest.fixture(autouse=True)
def roles_come_first(make_role) -> None:
    """A role can only be dropped after the database in which it has rights."""


@pytest.mark.parametrize("name", ["another schema", "a bigint key, answers apart", "a bigint key"])
@pytest.mark.parametrize("is_mapped", [True, False])
async def test_a_key_of_any_type_finds_its_files_in_any_schema(make_migrated, open_plain, name, is_mapped):
    shape = SHAPES[name]
    mapping: dict[str, Any] = shape.mapping
    ddl = shape.ddl
    if is_mapped:
        ddl = f"{ddl}; {FILES.format(key='bigint' if shape.number else 'uuid')}"
        mapping = {**mapping, "attachments": MAPPED}
    db = await open_plain(await make_migrated(ddl, mapping))
    await db.execute("select ai.set_policy('attachment_quiet_seconds', '0')")
    table, rfq, content, more = (
        ("public.upload", "inquiry", "data", ", title")
        if is_mapped
        else ("public.rfq_attachments", "rfq_id", "content", "")
    )
    key = await db.fetchval(f"{shape.insert()} returning {shape.key}", "see the drawing")
    (row,) = await claim(db, 1)
    assert await finish(db, end(row)) == {}
    await db.execute(
        f"insert into {table} ({rfq}, {content}{more}) values ($1, '\\x0102030405'{more and ', $$a.pdf$$'})", key
    )
    assert await db.fetchval("select ai.absorb_attachments()") == 1
    (row,) = await claim(db, 1)
    assert row["is_attached"]
    (file,) = await db.fetch("select * from ai.attachments_of($1, 50)", [row["rfq_id"]])
    assert (file["rfq_id"], file["octets"]) == (row["rfq_id"], 5)
    assert await db.fetchval("select ai.attachment_content($1, 1, 3)", file["attachment_id"]) == b"\x02\x03\x04"
    assert await db.fetchval("select ai.erase_attachments($1)", [row["rfq_id"]]) == 1
    left = await db.fetch(f"select {content} from {table}")
    assert [one[content] for one in left] == ([b""] if is_mapped else [])


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"table": "public.nothing"}, "table public.nothing for attachments not found"),
        (
            {"columns": {"id": "no", "rfq_id": "inquiry", "content": "title"}},
            "of type text: rfqflow cannot use it as content",
        ),
        ({"columns": {"rfq_id": "inquiry", "content": "data"}}, "no column for id"),
        (
            {"columns": {"id": "no", "rfq_id": "title", "content": "data"}},
            "of type text: rfqflow cannot use it as rfq_id",
        ),
        ({"columns": {"id": "no", "rfq_id": "inquiry"}}, "no column for the content of a file"),
        ({"columns": {"id": "no", "rfq": "inquiry"}}, "unknown key in the mapping: attachments.columns.rfq"),
        ({"columns": {"id": "seen", "rfq_id": "inquiry", "content": "data"}}, "is not a key"),
    ],
)
async def test_a_mapping_that_does_not_fit_is_refused_with_the_reason_and_changes_nothing(plain, change, names):
    await plain.execute(f"{RFQS}; {FILES.format(key='uuid')}")
    with pytest.raises(ConfigError, match=names):
        await migrate.migrate(plain, mapping={"attachments": {**MAPPED, **change}})
    assert await plain.fetchval("select to_regnamespace('ai')") is None


async def test_a_table_of_files_without_a_suitable_index_is_refused_with_the_statement(plain):
    await plain.execute(f"{RFQS}; {FILES.format(key='uuid')}; drop index public.upload_inquiry_idx")
    with pytest.raises(ConfigError, match=r"create index concurrently on public.upload \(inquiry\)"):
        await migrate.migrate(plain, mapping={"attachments": MAPPED})


async def test_an_unsuitable_table_of_the_default_name_is_left_alone_and_reported(plain):
    await plain.execute("create table public.rfq_attachments (id integer primary key, about text)")
    heard: list[str] = []
    plain.add_log_listener(lambda _, message: heard.append(message.message))
    planned = await migration_plan.plan(plain)
    assert planned["attachments"]["why"] == "public.rfq_attachments has no column for rfq_id"
    await migrate.migrate(plain)
    assert "public.rfq_attachments has no column for rfq_id" in heard
    assert await plain.fetchval("select attachments is null from ai.table_mapping")
    assert (
        await plain.fetchval("select count(*) from pg_trigger where tgrelid = 'public.rfq_attachments'::regclass") == 0
    )
    await plain.execute("insert into public.rfq_requests (message) values ('We need 20 pumps')")
    assert len(await claim(plain, 1)) == 1


async def test_the_plan_lists_the_table_and_a_second_migrate_changes_nothing(plain):
    planned = (await migration_plan.plan(plain))["attachments"]
    assert (planned["name"], planned["is_created"]) == ("public.rfq_attachments", True)
    await migrate.migrate(plain)
    planned = (await migration_plan.plan(plain))["attachments"]
    assert (planned["is_created"], planned["triggers"]) == (False, [])
    before = await plain.fetchval("select attachments::text from ai.table_mapping")
    assert await migrate.migrate(plain) == []
    assert await plain.fetchval("select attachments::text from ai.table_mapping") == before


async def test_attachments_may_be_moved_to_another_table_and_turned_off(plain):
    await plain.execute(f"{RFQS}; {FILES.format(key='uuid')}")
    await migrate.migrate(plain)
    on = "select array_agg(distinct tgrelid::regclass::text) from pg_trigger where tgname like 'rfqflow_file%'"
    assert await plain.fetchval(on) == ["rfq_attachments"]
    await migrate.migrate(plain, mapping={"attachments": MAPPED})
    assert await plain.fetchval(on) == ["upload"]
    await migrate.migrate(plain, mapping={"attachments": {"table": ""}})
    assert await plain.fetchval(on) is None
    assert await plain.fetchval("select count(*) from ai.attachments_of(array[gen_random_uuid()], 5)") == 0


async def test_files_older_than_the_installation_are_read_by_backfill_and_bill_nothing_before(plain):
    await plain.execute(
        f"{RFQS}; {FILES.format(key='uuid')}; insert into public.rfq_requests (message) values ('older')"
    )
    await plain.execute("insert into public.upload (inquiry, title, data) select id, 'a', 'x' from public.rfq_requests")
    await migrate.migrate(plain, mapping={"attachments": MAPPED})
    assert await plain.fetchval("select ai.absorb_attachments()") == 0
    assert await claim(plain, 1) == []
    assert await plain.fetchval("select enqueued from ai.backfill_rfqs()") == 1
    await plain.execute("update ai.outbox_deferred set due_at = now()")
    await plain.execute("select ai.promote_deferred()")
    (row,) = await claim(plain, 1)
    assert row["is_attached"]


async def test_a_dropped_table_of_files_delays_no_rfq(make_migrated, open_plain):
    db = await open_plain(await make_migrated(f"{RFQS}; {FILES.format(key='uuid')}", {"attachments": MAPPED}))
    rfq_id = await db.fetchval("insert into public.rfq_requests (message) values ('We need 20 pumps') returning id")
    await db.execute("insert into public.upload (inquiry, title, data) values ($1, 'a', 'x')", rfq_id)
    await db.execute("drop table public.upload")
    assert await db.fetch("select * from ai.attachments_of($1, 5)", [rfq_id]) == []
    (row,) = await claim(db, 1)
    assert await finish(db, end(row)) == {}
    await db.execute("select ai.erase_attachments($1)", [rfq_id])


async def test_an_rfq_with_files_that_are_not_read_is_answered_marked_and_names_them(
    db: asyncpg.Connection, database: str, until: Callable[..., Any]
):
    """That holds even if its message alone would be too short, or if the same words came before with other files."""
    provider = Scripted()
    async with db.transaction():
        for name in ("drawing.dwg", "another.dwg"):
            rfq_id = await db.fetchval(
                "insert into public.rfq_requests (message, email) values ('see file', 'ada@nowhere.example') returning id"
            )
            await db.execute(
                "insert into public.rfq_attachments (rfq_id, file_name, content) values ($1, $2, $3)", rfq_id, name, DWG
            )
    async with working(database, provider):
        await until(ended(db, 2))
    assert len(provider.calls) == 2
    rows = await db.fetch(
        "select ai_status, ai_review, ai_extracted -> 'attachments' #>> '{0,name}' as name,"
        " ai_extracted -> 'attachments' #>> '{0,state}' as state from public.rfq_requests order by 3"
    )
    assert [tuple(row) for row in rows] == [
        ("done", "attachment_unread", "another.dwg", "unread"), ("done", "attachment_unread", "drawing.dwg", "unread")
    ]  # fmt: skip


async def test_files_that_follow_their_rfq_one_by_one_are_answered_together(
    db: asyncpg.Connection, database: str, until: Callable[..., Any]
):
    provider = Scripted()
    await db.execute("select ai.set_policy('attachment_quiet_seconds', '1')")
    rfq_id = await db.fetchval("insert into public.rfq_requests (message) values ('We need 20 pumps') returning id")
    for name in ("a", "b", "c"):
        await db.execute(
            "insert into public.rfq_attachments (rfq_id, file_name, content) values ($1, $2, 'x')", rfq_id, name
        )
    async with working(database, provider):
        await until(ended(db, 1))
    assert len(provider.calls) == 1
    assert await db.fetchval("select jsonb_array_length(ai_extracted -> 'attachments') from public.rfq_requests") == 3
