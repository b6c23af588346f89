"""Rows that were unreadable are read again once mended. Rows refused for their id stay refused, and can be erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.admission import claim
from tests.support.mapped_tables import rfqflow

if TYPE_CHECKING:
    import asyncpg

COLUMNS = (
    "id uuid not null default gen_random_uuid(), created_at timestamptz not null default now(), message text not null, "
    "email text, company text, region text not null default 'eu'"
)
SHAPES = {
    "parts": f"create table public.rfq_requests ({COLUMNS}, primary key (id, region)) partition by list (region); "
    "create table public.rfq_eu partition of public.rfq_requests for values in ('eu'); "
    "create table public.rfq_us partition of public.rfq_requests default",
    "no unique index": f"create table public.rfq_requests ({COLUMNS}); create index on public.rfq_requests (id)",
}
APART = {"table": "public.rfq_requests", "ai_columns": "enrichment"}


@pytest.fixture(params=[("parts", False), ("parts", True), ("no unique index", False)], ids=str)
async def place(request, make_migrated):
    """DSN of a database whose table lets an id occur twice."""
    shape, apart = request.param
    return await make_migrated(SHAPES[shape], APART if apart else None)


@pytest.fixture
async def twice(place, open_plain):
    """The first row of an id is Ada's. The second, which is refused, is Bob's. A third has no person."""
    db = await open_plain(place)
    rfq_id = await db.fetchval(
        "insert into public.rfq_requests (message, email) values ('first', 'ada@example.com') returning id"
    )
    for message, email, region in (("second", "bob@example.com", "us"), ("third", None, "de")):
        await db.execute(
            "insert into public.rfq_requests (id, message, email, company, region) values ($1, $2, $3, 'secret', $4)",
            rfq_id, message, email, region,
        )  # fmt: skip
    assert [row["message"] for row in await db.fetch("select message from ai.rfqs")] == ["first"]
    return db


async def texts(db: asyncpg.Connection) -> list[str]:
    found = await db.fetch(
        "select concat_ws(' ', message, email, company) as texts from public.rfq_requests order by 1"
    )
    return [row["texts"] for row in found]


async def test_a_refused_row_is_erased_with_its_person_and_the_first_row_of_its_id_stays(twice):
    assert (await twice.fetchval("select ai.erase_person('Bob@example.com') ->> 'refused_rows'")) == "1"

    assert await texts(twice) == ["[erased]", "first ada@example.com", "third secret"]
    assert [row["message"] for row in await twice.fetch("select message from ai.rfqs")] == ["first"]
    assert [row["message"] for row in await claim(twice, 5)] == ["first"]


async def test_the_command_reports_the_refused_rows_that_it_erased(twice, place):
    done = rfqflow("erase", "bob@example.com", "--yes", dsn=place)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("erased: 0 RFQs, 1 rejected rows, 0 runs")


async def test_erasing_the_first_person_of_an_id_leaves_the_row_of_another(twice):
    assert (await twice.fetchval("select ai.erase_person('ada@example.com') ->> 'rfqs'")) == "1"

    assert await texts(twice) == ["[erased]", "[erased]", "second bob@example.com secret"]
    assert await twice.fetchval("select count(*) from ai.rfqs") == 1


async def test_a_refused_row_that_is_edited_stays_refused(make_migrated, open_plain):
    db = await open_plain(await make_migrated(SHAPES["parts"]))
    rfq_id = await db.fetchval("insert into public.rfq_requests (message) values ('first') returning id")
    await db.execute("insert into public.rfq_requests (id, message, region) values ($1, 'second', 'us')", rfq_id)
    await db.execute("truncate ai.outbox")

    await db.execute("update public.rfq_requests set message = 'edited' where region = 'us'")

    assert await db.fetchval("select ai_reason from public.rfq_requests where message = 'edited'") == "duplicate_id"
    assert await db.fetchval("select count(*) from ai.outbox") == 0
    assert await db.fetchval("select count(*) from ai.rfqs") == 1


async def test_a_dead_letter_that_could_not_be_read_returns_only_after_its_row_is_mended(db):
    # In place of an unreadable value: each read of this phone fails.
    await db.execute(
        "create function public.check_text(text) returns text language plpgsql immutable as $$ begin "
        "if $1 = 'bad' then raise exception 'broken' using errcode = 'XX001'; end if; return $1; end $$"
    )
    body = await db.fetchval("select pg_get_functiondef('ai.rfq_fields(uuid[], bigint)'::regprocedure)")
    await db.execute(body.replace("left(f.phone, 200)", "public.check_text(left(f.phone, 200))"))
    await db.execute("insert into public.rfq_requests (message, phone) values ('m', 'bad'), ('n', 'good')")
    await db.execute("truncate ai.outbox")
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class, discarded_at) "
        "select id, now(), 1, 'unreadable', 'unreadable', now() - interval '1 hour' from public.rfq_requests"
    )
    readable = "select r.message from ai.outbox o join public.rfq_requests r on r.id = o.rfq_id"

    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 1

    assert [row["message"] for row in await db.fetch(readable)] == ["n"]
    await db.execute("update public.rfq_requests set phone = '+49 40 123'")
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 1
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0


async def test_a_row_that_stays_unreadable_is_tried_less_and_less_often(db):
    await db.execute("insert into public.rfq_requests (message) values ('m')")
    await db.execute("truncate ai.outbox")
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class, discarded_at) "
        "select id, now(), 1, 'unreadable', 'unreadable', now() - interval '1 hour' from public.rfq_requests"
    )
    await db.execute(
        "insert into ai.rag_runs (rfq_id, attempt, status, error_class) select id, 1, 'failed', 'unreadable' "
        "from public.rfq_requests, generate_series(1, 6)"
    )

    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 0

    await db.execute("update ai.outbox_dead set discarded_at = now() - interval '1 day'")
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 1
