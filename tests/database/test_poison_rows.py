"""Reading and scanning RFQs isolate a row that cannot be read, and read no more than a bounded part of each row."""

from __future__ import annotations

import json
import re

import asyncpg
import pytest


async def claim(db):
    rows = await db.fetch("select * from ai.claim_outbox(1, 1000, 100, '60 s') order by claim_id")
    return {row["message"]: row for row in rows}


async def break_hash(db):
    """In place of broken storage: each read of the message `bad` fails."""
    await db.execute(
        "create function public.check_text(text) returns text language plpgsql immutable as $$ begin "
        "if $1 = 'bad' then raise exception 'broken' using errcode = 'XX001'; end if; return $1; end $$"
    )
    body = await db.fetchval("select pg_get_viewdef('ai.rfqs'::regclass)")
    broken = re.sub(
        r"convert_to\(((?:r\.)?message),", r"convert_to(public.check_text(\1),", body
    )  # PostgreSQL 15 names r
    assert broken != body
    await db.execute(f"create or replace view ai.rfqs as {broken}")


async def test_missed_and_swept_rfqs_are_enqueued_although_one_cannot_be_read(db):
    await db.execute("set session_replication_role = replica")
    await db.execute("insert into public.rfq_requests (message) values ('one'), ('bad'), ('two')")
    await db.execute("update public.rfq_requests set ai_status = 'done', ai_content_sha256 = 'x'")
    await db.execute("insert into ai.outbox_missed (rfq_id, sqlstate) select id, '55P03' from public.rfq_requests")
    await break_hash(db)
    assert await db.fetchval("select ai.enqueue_missed()") == 3
    await db.execute("delete from ai.outbox")
    await db.execute("update public.rfq_requests set ai_status = 'pending', ai_content_sha256 = null")
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason) "
        "select id, now(), 1, 'timeout' from public.rfq_requests"
    )
    await db.execute(
        "insert into ai.rag_runs (rfq_id, attempt, status, content_sha256) select id, 1, 'failed', 'x' "
        "from public.rfq_requests"
    )
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 3


async def test_a_claim_carries_known_keys_only_and_a_bounded_part_of_each_field(db):
    metadata = {
        "ai_opt_out": True, "honeypot": [1], "form_seconds": 1.25, "traceparent": "0" * 500, "else": "x" * 500
    }  # fmt: skip
    await db.execute(
        "insert into public.rfq_requests (message, request_id, email, company, metadata) values ('m', $1, $2, $3, $4)",
        "r" * 5000, "e" * 5000, "c" * 5000, json.dumps(metadata),
    )  # fmt: skip
    row = (await claim(db))["m"]
    assert (len(row["request_id"]), len(row["email"]), len(row["company"])) == (200, 1000, 1000)
    assert json.loads(row["metadata"]) == {
        "ai_opt_out": True, "honeypot": True, "form_seconds": 1.25, "traceparent": "0" * 100
    }  # fmt: skip


@pytest.mark.parametrize("value", ['"true"', "1", "null", "[true]", '{"a": true}', "false"])
async def test_only_true_opts_out(db, value):
    await db.execute(
        "insert into public.rfq_requests (message, metadata) values ('m', $1)", f'{{"ai_opt_out": {value}}}'
    )
    assert "ai_opt_out" not in json.loads((await claim(db))["m"]["metadata"])


async def test_a_long_message_is_carried_as_head_and_tail_under_the_hash_of_the_whole(db):
    await db.execute("insert into public.rfq_requests (message) values ('begin ' || repeat('ü', 500000) || ' end')")
    ((message, row),) = (await claim(db)).items()
    assert (len(message), row["is_cut"]) == (96_000, True)
    assert message.startswith("begin ")
    assert message.endswith(" end")
    assert "characters and more left out" in message
    whole = await db.fetchval("select sha256(convert_to(message, 'UTF8')) from public.rfq_requests")
    assert row["content_sha256"] == whole


async def test_long_messages_are_claimed_up_to_a_total_length_with_all_short_ones(db):
    insert = "insert into public.rfq_requests (message) select {} from generate_series(1, $1::int) g"
    await db.execute(insert.format("'long' || g || repeat('x', 15000000)"), 4)
    await db.execute(insert.format("'short' || g"), 20)
    first = list(await claim(db))
    assert len([one for one in first if one.startswith("short")]) == 20
    assert len([one for one in first if one.startswith("long")]) == 2
    assert len(await claim(db)) == 2
    assert await claim(db) == {}


async def test_an_error_that_is_not_about_the_row_fails_the_claim_and_gives_no_rfq_up(db):
    await db.execute("insert into public.rfq_requests (message) values ('m')")
    await db.execute("alter table public.rfq_requests rename to elsewhere")
    with pytest.raises(asyncpg.UndefinedTableError):
        await claim(db)
    await db.execute("alter table public.elsewhere rename to rfq_requests")
    assert list(await claim(db)) == ["m"]


async def test_infinite_times_have_no_age_and_count_in_no_figure(db):
    for at in ("infinity", "-infinity", "294276-12-31 23:59:59+00", "4713-01-01 00:00:00+00 BC"):
        await db.execute(f"insert into public.rfq_requests (message, created_at) values ('{at}', '{at}')")
    rows = await claim(db)
    assert [row["age_ms"] for row in rows.values()] == [None] * 4
    finished = [
        {"outbox_id": row["outbox_id"], "rfq_id": str(row["rfq_id"]), "claim_id": row["claim_id"], "worker": 1, "attempt": 1,
         "verdict": "skip", "status": "skipped", "reason": "spam", "content_sha256": "\\x" + row["content_sha256"].hex()}
        for row in rows.values()
    ]  # fmt: skip
    assert await db.fetch("select * from ai.finish_outbox($1)", json.dumps(finished)) == []
    assert await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'skipped'") == 4
    assert await db.fetchval("select count(*) from ai.rag_runs where submitted_at is not null") == 0


BRITTLE = """
    create type public.brittle as (value text);
    create function public.tell(b public.brittle) returns text language plpgsql as
      $$ begin if b.value = 'bad' then {}; end if; return b.value; end $$;
    create cast (public.brittle as text) with function public.tell(public.brittle);
    alter table public.rfq_requests alter column company type public.brittle using row(company)::public.brittle;
    insert into public.rfq_requests (message, company) values
      ('one', row('good')::public.brittle), ('bad', row('bad')::public.brittle), ('two', row('good')::public.brittle)"""


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize(
    ("does", "code"),
    [
        ("assert false", "P0004"), ("perform 'nowhere'::regclass", "42P01"), ("perform 'nobody'::regrole", "42704"),
        ("raise insufficient_privilege", "42501"), ("raise feature_not_supported", "0A000"), ("raise io_error", "58030"),
        ("raise using errcode = 'HV000'", "HV000"), ("raise using errcode = '2F005'", "2F005"),
    ],
)  # fmt: skip
async def test_an_error_with_any_code_belongs_to_the_row_if_reading_no_row_succeeds(db, does, code, alone):
    await db.execute(BRITTLE.format(does))
    if alone:
        await db.execute("delete from public.rfq_requests where message <> 'bad'")
    rows = await db.fetch(
        "select * from ai.claim_outbox(1, 1000, 100, '60 s') where message is not null or unreadable is not null"
    )
    reported = sorted((row["message"] or "", row["unreadable"]) for row in rows)
    assert reported == [("", code)] + ([] if alone else [("one", None), ("two", None)])


@pytest.mark.parametrize("breaks", ["alter table public.rfq_requests rename to elsewhere", "raise lock_not_available"])
async def test_an_error_that_every_row_would_have_gives_no_rfq_up(db, breaks):
    if breaks.startswith("raise"):
        await db.execute(BRITTLE.format(breaks))
    else:
        await db.execute("insert into public.rfq_requests (message) values ('one'), ('two')")
        await db.execute(breaks)
    with pytest.raises((asyncpg.UndefinedTableError, asyncpg.LockNotAvailableError)):
        await claim(db)


@pytest.mark.parametrize("kind", ["text", "json", "varchar(9)[]", "bytea"])
async def test_metadata_that_is_invalid_json_counts_as_missing(db, kind):
    """The application may store metadata as it likes: no RFQ fails because of it."""
    await db.execute(
        "alter table public.rfq_requests alter column metadata drop default, alter column metadata drop not null, "
        f"alter column metadata type {kind} using null"
    )
    values = {
        "text": ["hello", "", '{"a": "\\u0000"}', "[" * 50_000, '{"a": 1e999999}'],
        "json": ['{"a": "\\u0000"}', '{"a": 1e999999}', '"x"'],
        "varchar(9)[]": ["{a,b}"],
        "bytea": ["\\x00ff"],
    }[kind]
    for n, value in enumerate(values):
        await db.execute(
            f"insert into public.rfq_requests (message, metadata) values ($1, $2::text::{kind})", f"m{n}", value
        )
    if kind in ("text", "json"):
        await db.execute(
            f"insert into public.rfq_requests (message, metadata) values ('out', '{{\"ai_opt_out\": true}}'::text::{kind})"
        )
    rows = await claim(db)
    reported = {message: row["metadata"] for message, row in rows.items()}
    wanted: dict[str, str | None] = {f"m{n}": None for n in range(len(values))}
    if kind in ("text", "json"):
        wanted["out"] = '{"ai_opt_out": true}'
    assert reported == wanted
    assert {row["unreadable"] for row in rows.values()} == {None}
