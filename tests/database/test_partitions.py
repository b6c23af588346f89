"""The weekly partitions of the audit trail exist before they are needed, and a finish works without them."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

if TYPE_CHECKING:
    import uuid

WEEKLY = (
    "select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds from pg_inherits i "
    "join pg_class c on c.oid = i.inhrelid where i.inhparent = 'ai.rag_runs'::regclass "
    "and c.relname <> 'rag_runs_default' order by c.relname"
)


def monday(at: datetime) -> datetime:
    return (at - timedelta(days=at.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


def name_of(at: datetime) -> str:
    year, week, _ = at.isocalendar()
    return f"rag_runs_{year}w{week:02}"


async def now_of(db: asyncpg.Connection) -> datetime:
    """The time by the database's clock, which decides about partitions."""
    return (await db.fetchval("select now()")).astimezone(UTC)


async def weekly(db: asyncpg.Connection) -> dict[str, tuple[datetime, datetime]]:
    async with db.transaction():
        await db.execute("set local timezone = 'UTC'; set local datestyle = 'ISO'")
        rows = await db.fetch(WEEKLY)
    found = {}
    for row in rows:
        texts = row["bounds"].split("'")[1::2]
        lower, upper = (datetime.fromisoformat(text + ":00") for text in texts)
        found[row["name"]] = (lower, upper)
    return found


async def expected(db: asyncpg.Connection, ahead: int) -> dict[str, tuple[datetime, datetime]]:
    first = monday(await now_of(db))
    mondays = [first + timedelta(days=7 * n) for n in range(ahead + 1)]
    return {name_of(one): (one, one + timedelta(days=7)) for one in mondays}


async def drop_weekly(db: asyncpg.Connection) -> None:
    for row in await db.fetch(WEEKLY):
        await db.execute(f"drop table ai.{row['name']}")


async def insert_run(db: asyncpg.Connection, at: datetime) -> str:
    """Records a run; returns the name of the partition it went to."""
    return await db.fetchval(
        "insert into ai.rag_runs (created_at, rfq_id, attempt, status) "
        "values ($1, gen_random_uuid(), 1, 'succeeded') returning (tableoid::regclass)::text",
        at,
    )


async def test_a_new_installation_has_partitions_for_this_week_and_four_more_and_a_default_one(db):
    assert await weekly(db) == await expected(db, 4)
    assert await db.fetchval("select to_regclass('ai.rag_runs_default') is not null")


async def test_the_policy_sets_how_many_are_made_ahead_and_none_is_made_twice(db):
    await db.execute("select ai.set_policy('partitions_ahead', '6')")

    assert await db.fetchval("select ai.make_partitions()") == 2
    assert await db.fetchval("select ai.make_partitions()") == 0

    assert await weekly(db) == await expected(db, 6)


@pytest.mark.parametrize(
    ("timezone", "datestyle"),
    [
        ("UTC", "ISO, MDY"),
        ("Europe/Berlin", "ISO, DMY"),  # with summer time
        ("Pacific/Auckland", "German"),
        ("America/Los_Angeles", "Postgres, MDY"),
        ("Asia/Kolkata", "SQL, DMY"),  # printed as IST, which PostgreSQL reads as Israel's time
    ],
)
async def test_weeks_begin_on_monday_in_utc_for_any_time_zone_of_the_session(db, timezone, datestyle):
    await drop_weekly(db)
    await db.execute("select ai.set_policy('partitions_ahead', '52')")
    await db.execute(f"set timezone = '{timezone}'; set datestyle = '{datestyle}'")

    assert await db.fetchval("select ai.make_partitions()") == 53

    assert await weekly(db) == await expected(db, 52)


async def test_a_run_of_each_week_goes_into_its_partition_across_the_years_end(db):
    await db.execute("select ai.set_policy('partitions_ahead', '52')")
    await db.execute("select ai.make_partitions()")
    first = monday(await now_of(db))
    moments = [
        first + timedelta(days=7 * week) + inside
        for week in range(53)
        for inside in (timedelta(), timedelta(days=3, hours=5), timedelta(days=7) - timedelta(microseconds=1))
    ]
    assert len({one.year for one in moments}) > 1

    landed = [await insert_run(db, one) for one in moments]

    assert landed == ["ai." + name_of(one) for one in moments]
    assert await insert_run(db, first + timedelta(days=7 * 53)) == "ai.rag_runs_default"
    assert await insert_run(db, first - timedelta(seconds=1)) == "ai.rag_runs_default"


@pytest.mark.parametrize("moment", ["2020-12-20", "2023-12-31", "2025-12-15", "2026-12-20"])
async def test_weeks_at_a_years_end_are_numbered_as_iso_does(db, moment):
    # The last week of the year may be the 53rd, or the first of the next year. January may begin in either.
    await drop_weekly(db)
    source = await db.fetchval("select pg_get_functiondef('ai.make_partitions'::regproc)")
    assert source.count("now()") == 1
    await db.execute(source.replace("now()", f"timestamptz '{moment} 12:00:00+00'"))

    assert await db.fetchval("select ai.make_partitions()") == 5

    first = monday(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    mondays = [first + timedelta(days=7 * n) for n in range(5)]
    assert await weekly(db) == {name_of(one): (one, one + timedelta(days=7)) for one in mondays}
    for one in mondays:
        assert await insert_run(db, one + timedelta(days=6)) == "ai." + name_of(one)


async def test_runs_that_the_default_partition_took_are_moved_into_the_new_one(db):
    await drop_weekly(db)
    now = await now_of(db)
    moments = [
        now,
        now + timedelta(days=8),
        now + timedelta(days=15),
        now + timedelta(days=70),
        now - timedelta(days=8),
    ]
    assert {await insert_run(db, one) for one in moments} == {"ai.rag_runs_default"}
    before = await db.fetch("select * from ai.rag_runs order by run_id")

    assert await db.fetchval("select ai.make_partitions()") == 5

    assert await db.fetch("select * from ai.rag_runs order by run_id") == before
    homes = await db.fetch("select (tableoid::regclass)::text as home from ai.rag_runs order by run_id")
    assert [row["home"] for row in homes] == [
        *("ai." + name_of(one) for one in moments[:3]),
        "ai.rag_runs_default",
        "ai.rag_runs_default",
    ]


async def _finish_one(db: asyncpg.Connection) -> uuid.UUID:
    rfq = await db.fetchval("insert into public.rfq_requests (message) values ('m') returning id")
    row = await db.fetchrow("select * from ai.claim_outbox(1, 1000, 1, '60 s', 0)")
    finished = {
        "outbox_id": row["outbox_id"],
        "rfq_id": str(rfq),
        "claim_id": row["claim_id"],
        "verdict": "complete",
        "attempt": 1,
        "status": "succeeded",
        "content_sha256": "\\x" + row["content_sha256"].hex(),
        "prompt_version": "p@1",
    }
    assert await db.fetch("select * from ai.finish_outbox($1)", json.dumps([finished])) == []
    return rfq


async def test_a_finish_needs_no_weekly_partition(db):
    await drop_weekly(db)

    rfq = await _finish_one(db)

    assert await db.fetchval("select ai_status from ai.rfq_status where rfq_id = $1", rfq) == "done"
    assert await db.fetchval("select (tableoid::regclass)::text from ai.rag_runs") == "ai.rag_runs_default"
    assert await db.fetchval("select ai.make_partitions()") == 5
    assert await db.fetchval("select runs from ai.rfq_status where rfq_id = $1", rfq) == 1


async def test_partitions_are_made_once_for_any_number_of_simultaneous_requests(db, open_connection):
    await drop_weekly(db)
    sessions = [await open_connection() for _ in range(6)]

    made = await asyncio.gather(*(one.fetchval("select ai.make_partitions()") for one in sessions))

    assert sum(made) == 5
    assert await weekly(db) == await expected(db, 4)


async def test_finishes_go_on_while_partitions_are_made(db, open_connection):
    await drop_weekly(db)
    maker = await open_connection()
    for _ in range(5):
        await _finish_one(db)

    async def make() -> int:
        return await maker.fetchval("select ai.make_partitions()")

    making = asyncio.create_task(make())
    rfqs = [await _finish_one(db) for _ in range(20)]

    assert await making == 5
    assert len(rfqs) == 20
    assert await db.fetchval("select count(*) from ai.rag_runs") == 25
    assert await db.fetchval("select count(*) from ai.rag_runs_default") == 0


async def test_it_gives_up_soon_while_a_session_reads_the_default_partition_and_succeeds_the_next_time(
    db, open_connection
):
    await drop_weekly(db)
    reader = await open_connection()
    transaction = reader.transaction()
    await transaction.start()
    await reader.execute("select from ai.rag_runs")

    async with asyncio.timeout(14):
        with pytest.raises(asyncpg.LockNotAvailableError):
            await db.execute("select ai.make_partitions()")
    assert await weekly(db) == {}
    await transaction.rollback()

    assert await db.fetchval("select ai.make_partitions()") == 5


async def test_a_partition_has_the_indexes_the_checks_and_the_comments_of_the_trail(db):
    name = next(iter(await weekly(db)))
    shape = (
        "select (select count(*) from pg_index where indrelid = c.oid) as indexes, "
        "(select array_agg(conname::text order by conname) from pg_constraint where conrelid = c.oid and contype = 'c') as checks, "
        "(select count(*) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 "
        "and col_description(c.oid, a.attnum) is null) as bare_columns, "
        "(select array_agg(a.attname || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || a.attnotnull order by a.attnum) "
        "from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum "
        "where a.attrelid = c.oid and a.attnum > 0) as columns, obj_description(c.oid, 'pg_class') is not null as has_comment "
        "from pg_class c where c.oid = $1::text::regclass"
    )

    assert await db.fetchrow(shape, f"ai.{name}") == await db.fetchrow(shape, "ai.rag_runs")
