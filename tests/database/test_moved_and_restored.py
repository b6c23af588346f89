"""Rows that move between partitions, or return from a dump: an answer that the runs prove is not bought again."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rfqflow.core.errors import EmbeddedUnavailable
from rfqflow.database import migrate
from rfqflow.database.embedded import find_binaries
from tests.support.finishing import claim
from tests.support.worker_harness import Scripted, working

if TYPE_CHECKING:
    import asyncpg

PARTED = """
    create table public.rfq_requests (
      id uuid not null default gen_random_uuid(), created_at timestamptz not null default now(), message text not null,
      state text not null default 'open', primary key (id, state)) partition by list (state);
    create table public.rfq_open partition of public.rfq_requests for values in ('open');
    create table public.rfq_done partition of public.rfq_requests default"""
APART = {"table": "public.rfq_requests", "ai_columns": "enrichment"}
PLACES = {"in the table": None, "apart": APART}


@pytest.fixture(params=PLACES)
async def parted(request, make_migrated, open_plain):
    dsn = await make_migrated(PARTED, PLACES[request.param])
    return await open_plain(dsn), dsn


async def answered(
    db: asyncpg.Connection, dsn: str, until, provider: Scripted, *messages: str, **settings: str
) -> None:
    for message in messages:
        await db.execute("insert into public.rfq_requests (message) values ($1)", message)
    async with working(dsn, provider, **settings):
        await until(lambda: done(db, len(messages)))


async def done(db: asyncpg.Connection, number: int) -> bool:
    return await db.fetchval(
        "select count(*) = $1 from ai.rfqs where ai_status = 'done' and ai_summary = 'about ' || message", number
    )


@pytest.mark.fault("R16")
async def test_an_answer_moves_with_its_row_and_is_never_lost(parted, until):
    db, dsn = parted
    provider = Scripted()
    await answered(db, dsn, until, provider, "one", "two")
    before = await db.fetch("select * from ai.rag_runs")

    await db.execute("update public.rfq_requests set state = 'closed' where message = 'one'")

    assert await done(db, 2)
    assert await db.fetchval("select count(*) from ai.outbox") == 0
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 0
    # The answer moves even without its run: a move is not a restore.
    await db.execute("delete from ai.rag_runs")
    await db.execute("update public.rfq_requests set state = 'archived'")
    assert await done(db, 2)
    assert len(before) == 2
    assert len(provider.calls) == 2


async def test_a_text_that_is_edited_as_it_moves_is_enqueued_at_once(parted, until):
    db, dsn = parted
    provider = Scripted()
    await answered(db, dsn, until, provider, "one")

    await db.execute("update public.rfq_requests set state = 'closed', message = 'other'")

    assert await db.fetchval("select count(*) from ai.outbox") == 1
    async with working(dsn, provider):
        await until(lambda: done(db, 1))
    assert provider.calls == ["one", "other"]


@pytest.mark.parametrize("columns", ["*", "id, created_at, message, state"], ids=["whole", "without the answers"])
async def test_a_row_that_is_deleted_and_inserted_again_causes_no_second_call(parted, until, columns):
    db, dsn = parted
    provider = Scripted()
    await answered(db, dsn, until, provider, "one", "two")
    await db.execute("update public.rfq_requests set created_at = created_at - interval '1 hour'")
    await db.execute(
        f"create table public.aside as select {columns} from public.rfq_requests;"
        "delete from public.rfq_requests;"
        "insert into public.rfq_requests ("
        + (
            columns
            if columns != "*"
            else await db.fetchval(
                "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute "
                "where attrelid = 'public.rfq_requests'::regclass and attnum > 0 and not attisdropped"
            )
        )
        + ") select * from public.aside"
    )

    async with working(dsn, provider):
        await until(lambda: done(db, 2))
        await until(lambda: db.fetchval("select count(*) = 0 from ai.outbox"))
    assert len(provider.calls) == 2


@pytest.mark.fault("R16")
async def test_a_row_moved_by_one_statement_keeps_its_answer(parted, until):
    db, dsn = parted
    provider = Scripted()
    await answered(db, dsn, until, provider, "one")
    columns = await db.fetchval(
        "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute "
        "where attrelid = 'public.rfq_requests'::regclass and attnum > 0 and not attisdropped"
    )
    await db.execute(
        f"with gone as (delete from public.rfq_open returning {columns}) "
        f"insert into public.rfq_done ({columns}) select {columns.replace(', state', ', $$closed$$', 1)} from gone"
    )
    async with working(dsn, provider):
        await until(lambda: done(db, 1))
        await until(lambda: db.fetchval("select count(*) = 0 from ai.outbox"))
    assert provider.calls == ["one"]


async def test_an_answer_that_an_inserter_wrote_is_not_believed(db):
    rfq = await db.fetchval(
        "insert into public.rfq_requests (message, ai_status, ai_summary, ai_content_sha256, ai_prompt_version, ai_updated_at) "
        "values ('m', 'done', 'forged', sha256('m'), 'p@1', now()) returning id"
    )

    assert tuple(await db.fetchrow("select ai_status, ai_summary, ai_updated_at from public.rfq_requests")) == (
        "pending", None, None
    )  # fmt: skip
    (row,) = await claim(db)
    assert row["rfq_id"] == rfq


def tool(name: str) -> str:
    """A client program of the server's release, either the chosen or the embedded one."""
    folders = [chosen] if (chosen := os.environ.get("RFQFLOW_PG_BIN")) else []
    with contextlib.suppress(EmbeddedUnavailable):
        folders.append(str(find_binaries()))
    for folder in (*folders, None):
        if found := shutil.which(name, path=folder):
            return found
    pytest.skip(f"no {name} here")


def run(name: str, *arguments: str) -> str:
    done = subprocess.run([tool(name), *arguments], capture_output=True, text=True, timeout=100, check=False)
    if "server version mismatch" in done.stderr:
        pytest.skip(f"{name} is older than the server")
    return done.stdout + done.stderr


@pytest.fixture
def dumped(tmp_path: Path) -> Path:
    return tmp_path / "dump"


@pytest.mark.parametrize("prompt", ["the same prompt", "a later prompt"])
async def test_a_restored_table_of_ours_is_answered_from_its_runs(database, db, until, dumped, prompt):
    provider = Scripted()
    for message in ("one", "two", "three"):
        await db.execute(
            "insert into public.rfq_requests (message, created_at) values ($1, now() - interval '1 hour')", message
        )
    async with working(database, provider):
        await until(lambda: done(db, 3))
    said = run("pg_dump", "-d", database, "-Fc", "--data-only", "-t", "public.rfq_requests", "-f", str(dumped))
    await db.execute("truncate public.rfq_requests")

    said += run("pg_restore", "-d", database, "--data-only", str(dumped))

    assert await db.fetchval("select count(*) from public.rfq_requests") == 3, said
    async with working(database, provider, prompt_version="rfq@1" if prompt == "the same prompt" else "rfq@2"):
        await until(lambda: done(db, 3))
        await until(lambda: db.fetchval("select count(*) = 0 from ai.outbox"))
    assert len(provider.calls) == 3
    assert await db.fetchval("select count(*) from ai.rag_runs where reason = 'written_late' and cost_usd = 0") == 3
    assert await db.fetchval("select rfqs from ai.scorecard") == 3


async def test_a_whole_database_restored_with_triggers_buys_nothing_again(
    database, db, empty_database, open_plain, until, dumped
):
    provider = Scripted()
    for message in ("one", "two", "three"):
        await db.execute(
            "insert into public.rfq_requests (message, created_at) values ($1, now() - interval '1 hour')", message
        )
    async with working(database, provider):
        await until(lambda: done(db, 3))
    said = run("pg_dump", "-d", database, "-Fc", "--data-only", "-f", str(dumped))
    other = await open_plain(empty_database)
    await migrate.migrate(other)

    said += run("pg_restore", "-d", empty_database, "--data-only", str(dumped))

    assert await other.fetchval("select count(*) from public.rfq_requests") == 3, said
    async with working(empty_database, provider):
        await until(lambda: done(other, 3))
        await until(lambda: other.fetchval("select count(*) = 0 from ai.outbox"))
    assert len(provider.calls) == 3
