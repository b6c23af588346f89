"""The roll-up: it counts late runs, its steps are bounded and resumable, and old data makes reading no slower."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from rfqflow.database import migrate
from tests.support.figures import assert_days, assert_latency, insert_runs, rewind, settle

RUN = "insert into ai.rag_runs (rfq_id, attempt, status, end_status) values (gen_random_uuid(), 1, 'succeeded', 'done')"


async def counted(db: asyncpg.Connection) -> int:
    return int(await db.fetchval("select coalesce(sum(runs), 0) from ai.run_daily_counts"))


async def rolled(db: asyncpg.Connection) -> int:
    return int(await db.fetchval("select coalesce(sum(runs), 0) from ai.run_days"))


async def test_a_run_that_commits_late_is_neither_lost_nor_counted_twice(db, open_connection):
    slow, quick = await open_connection(), await open_connection()
    late = slow.transaction()
    await late.start()
    stamped = await slow.fetchval("select clock_timestamp()")  # a finish has its timestamp and has written nothing
    await quick.execute(RUN)
    await settle(db)
    assert await counted(db) == 1
    assert await db.fetchval("select settled_to <= $1 from ai.rollup_progress", stamped), (
        "it went past an open transaction"
    )

    await slow.execute(RUN.replace("(rfq_id", "(created_at, rfq_id").replace("(gen", "($1, gen"), stamped)
    await settle(db)
    assert await counted(db) == 1
    await late.commit()
    assert await counted(db) == 2
    await settle(db)

    assert (await counted(db), await rolled(db)) == (2, 2)


async def test_an_idle_session_a_rolled_back_one_and_another_database_delay_nothing(
    db, open_connection, server_dsn, open_plain
):
    await open_connection()
    elsewhere = await open_plain(server_dsn)
    await elsewhere.execute("begin; select 1")
    undone = await open_connection()
    await undone.execute(f"begin; {RUN}; rollback")
    await db.execute(RUN)
    await settle(db)

    assert await rolled(db) == 1


async def test_a_clock_that_is_set_back_loses_no_run(db):
    await rewind(db)
    for _ in range(3):
        await db.execute("select ai.roll_up()")
    await db.execute(
        RUN.replace("(rfq_id", "(created_at, rfq_id").replace("(gen", "(clock_timestamp() - interval '8 s', gen")
    )
    assert await counted(db) == 1
    await settle(db)

    assert (await counted(db), await rolled(db)) == (1, 1)


async def test_an_owner_without_privileges_sees_the_transactions_of_others_too(make_role, server_dsn, open_plain):
    role = await make_role("login password 'pw'")
    name = f"rfqflow_owned_{uuid.uuid4().hex[:8]}"
    owned = server_dsn.rsplit("/", 1)[0] + "/" + name
    admin = await open_plain(server_dsn)
    await admin.execute(f"create database {name} owner {role}")
    try:
        parts = urlsplit(owned)
        owner = await open_plain(urlunsplit(parts._replace(netloc=f"{role}:pw@{parts.hostname}:{parts.port}")))
        await migrate.migrate(owner)
        slow = await open_plain(owned)
        late = slow.transaction()
        await late.start()
        stamped = await slow.fetchval("select clock_timestamp()")
        await settle(owner)
        assert await owner.fetchval("select settled_to <= $1 from ai.rollup_progress", stamped)
        await late.rollback()
        await settle(owner)
        assert await owner.fetchval("select settled_to > $1 from ai.rollup_progress", stamped)
    finally:
        await admin.execute(f"drop database {name} with (force)")


async def test_simultaneous_writers_and_roll_ups_count_each_run_once(db, open_connection):
    stop = asyncio.Event()
    written = 0

    async def write(conn: asyncpg.Connection) -> None:
        nonlocal written
        while not stop.is_set():
            async with conn.transaction():
                await conn.execute(RUN)
                await conn.execute(RUN)
            written += 2

    async def roll(conn: asyncpg.Connection) -> None:
        while not stop.is_set():
            await conn.execute("select ai.roll_up(7, '0 s')")

    writers = [asyncio.create_task(write(await open_connection())) for _ in range(4)]
    rollers = [asyncio.create_task(roll(await open_connection())) for _ in range(2)]
    for _ in range(60):
        runs, seen = await db.fetchrow(
            "select (select count(*) from ai.rag_runs), (select sum(runs) from ai.run_daily_counts)"
        )
        assert runs == (seen or 0), "one statement, one snapshot: the views are exact while all goes on"
    stop.set()
    await asyncio.gather(*writers, *rollers)
    await settle(db)

    assert (await rolled(db), await counted(db)) == (written, written)
    assert written > 20


async def test_a_step_is_bounded_and_repeated_after_a_rollback(db):
    await rewind(db)
    await insert_runs(db, 500, 1)
    transaction = db.transaction()
    await transaction.start()
    assert await db.fetchval("select ai.roll_up(100)") == 100
    await transaction.rollback()
    assert await rolled(db) == 0

    steps = []
    while step := await db.fetchval("select ai.roll_up(100)"):
        steps.append(step)
        await assert_days(db)
    assert steps == [100] * 5
    await settle(db)
    await assert_latency(db)


async def test_more_runs_of_one_instant_than_a_step_takes_do_not_stop_it(db):
    await rewind(db)
    await db.execute(
        "insert into ai.rag_runs (created_at, rfq_id, attempt, status) "
        "select now() - interval '1 day', gen_random_uuid(), 1, 'lost' from generate_series(1, 50)"
    )
    await db.fetchval("select ai.roll_up(10)")
    await settle(db)

    assert await rolled(db) == 50


async def test_a_second_session_does_nothing_while_another_rolls_up(db, open_connection):
    await rewind(db)
    await insert_runs(db, 50, 1)
    other = await open_connection()
    transaction = other.transaction()
    await transaction.start()
    assert await other.fetchval("select ai.roll_up()") == 50
    assert await db.fetchval("select ai.roll_up()") == 0
    await transaction.commit()

    assert await rolled(db) == 50


async def test_days_remain_when_their_runs_are_dropped(db):
    await rewind(db)
    await insert_runs(db, 300, 3)
    await settle(db)
    before = await db.fetch("select * from ai.metrics_daily order by day")
    await db.execute("truncate ai.rag_runs")

    assert await db.fetch("select * from ai.metrics_daily order by day") == before


# The cost of reading.


async def plan(db: asyncpg.Connection, statement: str) -> dict[str, Any]:
    found = json.loads(await db.fetchval(f"explain (analyze, buffers, format json) {statement}"))[0]
    return dict(found["Plan"])


def nodes(of: dict[str, Any]) -> list[dict[str, Any]]:
    return [of, *(inner for one in of.get("Plans", []) for inner in nodes(one))]


def scans(of: dict[str, Any]) -> list[tuple[str, str, int]]:
    """The partitions that were read: name, scan and number of rows."""
    return [
        (node["Relation Name"], node["Node Type"], node["Actual Rows"] * node["Actual Loops"]
         + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0))
        for node in nodes(of)
        if node.get("Relation Name", "").startswith("rag_runs") and node["Actual Loops"] > 0
    ]  # fmt: skip


def blocks(of: dict[str, Any]) -> int:
    return int(of["Shared Hit Blocks"] + of["Shared Read Blocks"])


VIEWS = {
    "scorecard": "select * from ai.scorecard",
    "metrics": "select * from ai.metrics",
    "daily": "select * from ai.metrics_daily where day > current_date - 7",
    "latency": "select * from ai.latency where day > current_date - 7",
    "causes": "select * from ai.failure_causes where day > current_date - 7",
    "recent runs": "select count(*) from ai.run_details where created_at > now() - make_interval(mins => 10)",
}


async def add_weeks(db: asyncpg.Connection, first: int, last: int, rows: int) -> None:
    """Adds full partitions of past weeks, each with this many runs, and rolls them up."""
    for week in range(first, last + 1):
        monday = await db.fetchval("select date_trunc('week', now(), 'UTC') - $1 * interval '7 days'", week)
        await db.execute(
            f"create table ai.rag_runs_old_{week} partition of ai.rag_runs "
            f"for values from ('{monday.isoformat()}') to ('{(monday + timedelta(days=7)).isoformat()}')"
        )
        await db.execute(
            "insert into ai.rag_runs (created_at, rfq_id, attempt, status, provider, model, cost_usd, cost_source, "
            "queue_ms, latency_ms, submitted_at, submit_ms, end_status) "
            "select g.at, gen_random_uuid(), 1, 'succeeded', 'openai', 'm1', 0.001, 'table', 10, 1000 + g.n % 5000, "
            "g.at - interval '2 s', 1, 'done' "
            "from (select n, $1::timestamptz + n * interval '7 days' / $2::integer as at from generate_series(0, $2 - 1) n) g",
            monday,
            rows,
        )


async def test_the_cost_of_every_figure_does_not_grow_with_old_partitions(db):
    await add_weeks(db, 1, 2, 20_000)
    await rewind(db)
    for _ in range(3):
        while await db.fetchval("select ai.roll_up(20000)"):
            pass
    await insert_runs(db, 200, 1, days=0)
    await db.execute("vacuum analyze")
    few = {name: blocks(await plan(db, statement)) for name, statement in VIEWS.items()}

    await add_weeks(db, 3, 14, 20_000)
    await rewind(db)
    await db.execute("truncate ai.run_days, ai.latency_days")
    for _ in range(3):
        while await db.fetchval("select ai.roll_up(20000)"):
            pass
    await insert_runs(db, 200, 2, days=0)
    await db.execute("vacuum analyze")
    assert await db.fetchval("select count(*) from ai.rag_runs") > 280_000

    # On a Monday just after midnight, some of the last ten minutes are in last week's partition.
    week_is_new = await db.fetchval("select now() - interval '11 min' < date_trunc('week', now(), 'UTC')")
    for name, statement in VIEWS.items():
        found = await plan(db, statement)
        read = scans(found)
        due = {"rag_runs_old_1"} if name == "recent runs" and week_is_new else set()
        assert not [one for one in read if one[0].startswith("rag_runs_old_") and one[0] not in due], (
            f"{name} read {read}"
        )
        assert all("Index" in how or "Bitmap" in how for _, how, rows in read if rows > 1000), f"{name}: {read}"
        assert sum(rows for _, _, rows in read) <= 20 * 700, f"{name}: {read}"
        assert blocks(found) <= few[name] * 2 + 200, f"{name}: {few[name]} blocks with 2 weeks, {blocks(found)} with 14"

    step = await plan(db, "select ai.roll_up(1000)")
    assert blocks(step) < 5000


async def test_a_roll_up_step_over_a_full_table_reads_only_its_part(db):
    await add_weeks(db, 1, 3, 20_000)
    await rewind(db)
    await db.execute("vacuum analyze")
    await db.execute("select ai.roll_up(1000)")

    assert blocks(await plan(db, "select ai.roll_up(1000)")) < 5000


async def test_the_daemon_rolls_up_by_itself(database, db, until):
    from tests.support.worker_harness import Scripted, insert_many, working

    await db.execute("select ai.set_policy('sweep_seconds', '0.05')")
    await insert_many(db, 30)
    async with working(database, Scripted()):

        async def done() -> bool:
            return await rolled(db) == 30

        await until(done)

    assert await rolled(db) == 30


async def test_only_a_worker_may_roll_up(make_role, db):
    role = await make_role()
    await db.execute(f"set session authorization {role}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.fetchval("select ai.roll_up()")
    await db.execute(f"reset session authorization; grant rfqflow_worker to {role}; set session authorization {role}")
    for _ in range(2):  # the step that the first call requested has settled by the second
        assert await db.fetchval("select ai.roll_up()") == 0
    await db.execute("reset session authorization")
    assert await db.fetchval("select settled_to > now() - $1::interval from ai.rollup_progress", timedelta(minutes=5))
