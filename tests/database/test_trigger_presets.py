"""The trigger does not trust the settings of the application's session, nor the ai_* values that an inserter writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from tests.support.enqueueing import insert, queued

if TYPE_CHECKING:
    pass


OWN = (
    "ai_status", "ai_reason", "ai_review", "ai_summary", "ai_tags", "ai_route", "ai_urgency", "ai_confidence",
    "ai_extracted", "ai_content_sha256", "ai_prompt_version", "ai_model", "ai_updated_at",
)  # fmt: skip


FORGED = (
    "done", "no_reason", "urgent", "a forged summary", ["forged"], "vip", "critical", 1.0, "{}", b"hash", "p@9",
    "gpt", "2020-01-01 00:00:00+00",
)  # fmt: skip


CLEAN = ("pending", *[None] * 12)


# The settings of the application's session and the values of the inserter are not trusted.


async def test_temporary_tables_and_a_search_path_of_the_inserter_redirect_nothing(db):
    await db.execute(
        "create temp table outbox (id bigint, rfq_id uuid); create temp table outbox_missed (rfq_id uuid, sqlstate text);"
        "create temp table inserted (id uuid); create temp table policy (key text, value jsonb);"
        "create schema ai_fake; create table ai_fake.outbox (rfq_id uuid);"
        "create function ai_fake.ring() returns void language sql as 'select 1 / 0';"
        "create function ai_fake.num_nonnulls(variadic \"any\") returns int language internal as 'pg_num_nulls';"
        "set search_path = pg_temp, ai_fake, pg_catalog, public"
    )

    await insert(db, "one")
    await db.execute("update public.rfq_requests set message = 'two'")

    assert await db.fetchval("select count(*) from pg_temp.outbox") == 0
    assert await db.fetchval("select count(*) from ai_fake.outbox") == 0
    assert await queued(db) == ["two"]
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0


def _own(row: asyncpg.Record) -> tuple[object, ...]:
    return tuple(row[name] for name in OWN)


async def test_values_that_an_inserter_sets_in_our_columns_are_reset(db):
    names = ", ".join(OWN)
    values = ", ".join(
        f"${n}::text::{kind}"
        for n, kind in enumerate(
            ["text"] * 4 + ["text[]", "text", "text", "real", "jsonb", "bytea", "text", "text", "timestamptz"], 1
        )
    )
    texts = [str(one) for one in FORGED]
    texts[4], texts[9] = "{forged}", "\\x00"

    row = await db.fetchrow(
        f"insert into public.rfq_requests (message, {names}) values ('m', {values}) returning *", *texts
    )

    assert _own(row) == CLEAN
    assert await queued(db) == ["m"]


async def test_each_of_our_columns_is_reset_on_its_own(db):
    kinds = dict(
        await db.fetch(
            "select attname::text, format_type(atttypid, null) from pg_attribute "
            "where attrelid = 'public.rfq_requests'::regclass"
        )
    )
    texts = {name: str(value) for name, value in zip(OWN, FORGED, strict=True)}
    texts |= {"ai_tags": "{forged}", "ai_content_sha256": "\\x00"}

    kept = {
        name: _own(row)
        for name in OWN
        if _own(
            row := await db.fetchrow(
                f"insert into public.rfq_requests (message, {name}) values ('m', $1::text::{kinds[name]}) returning *",
                texts[name],
            )
        )
        != CLEAN
    }

    assert kept == {}


async def test_values_that_a_copy_sets_in_our_columns_are_reset(db):
    await db.copy_records_to_table(
        "rfq_requests",
        schema_name="public",
        columns=["message", "ai_status", "ai_summary", "ai_route", "ai_tags", "ai_confidence"],
        records=[("m", "done", "forged", "vip", ["x"], 1.0), ("n", None, None, None, None, None)],
    )

    rows = await db.fetch("select * from public.rfq_requests")
    assert [_own(row) for row in rows] == [CLEAN, CLEAN]
    assert await queued(db) == ["m", "n"]


async def test_an_explicit_null_as_orms_write_it_becomes_pending(db):
    names = ", ".join(OWN)
    row = await db.fetchrow(
        f"insert into public.rfq_requests (message, {names}) values ('m', {', '.join(['null'] * 13)}) returning *"
    )

    assert _own(row) == CLEAN
