"""The cost of one RFQ in WAL, commits, pages and notifications.

These are counts, which are the same on every machine.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from rfqflow.bench.insert import listening
from rfqflow.bench.scratch_database import clear, settle, text_of
from rfqflow.bench.subprocess_worker import Child
from rfqflow.database.connection import connect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import asyncpg

_INSERTS = 1000
_HEARING_SECONDS = 0.3
_IDLE_SECONDS = (3.0, 8.0)
_REPORTED_SECONDS = 0.7  # seconds from the end of a session until its counts are visible
_LATE_SECONDS = 120.0
_WARM_CLAIMS = 3


async def measure(dsn: str, conn: asyncpg.Connection, *, rows: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Counts everything that can be counted, with empty tables."""
    say("wal: bytes, commits, notifications, statements of an idle worker")
    few = rows // 10
    return {
        "rows": rows,
        "wal_bytes_per_rfq": {
            "batch 50": await wal(conn, rows=rows, batch=50),
            "batch 1": await wal(conn, rows=few, batch=1),
        },
        "commits_per_rfq": {
            "batch 50": await commits(dsn, conn, rows=rows, batch=50),
            "batch 1": await commits(dsn, conn, rows=few, batch=1),
        },
        "worker_transactions_per_rfq": {
            "50 slots": await worker_transactions(dsn, conn, rows=rows, slots=50),
            "1 slot": await worker_transactions(dsn, conn, rows=few, slots=1),
        },
        "hot_share_of_claims": await hot_share(dsn, conn, rows=rows, batch=50),
        "buffers_per_claim": await buffers(conn, rows=rows, batch=50),
        "notifications_per_1000_inserts": await notifications(dsn, conn),
        "idle_statements_per_second": await idle_statements(dsn, conn),
    }


async def wal(conn: asyncpg.Connection, *, rows: int, batch: int) -> dict[str, float]:
    """By part of the work: the bytes of WAL per RFQ, with inserts of one row each.

    Some parts are differences. The queue's part of an insert is an insert with rfqflow minus an insert without it. The
    run's part is a finish with a run minus a finish without one. `write_back`, the update of the RFQ, is the rest of
    the finish.
    """
    inserted: dict[str, float] = {}
    for name, table in {"bare": "bench.bare", "rfqflow": "public.rfq_requests"}.items():
        await clear(conn)
        insert = await conn.prepare(_insert_into(table))
        inserted[name] = await _written(conn, partial(_times, rows, insert.fetch))
    claim, with_run = await _drained(conn, rows, batch, '"succeeded"')
    raw_run = await _written(conn, partial(_copy_runs, conn, rows, batch))
    _, without_run = await _drained(conn, rows, batch, "null")
    await clear(conn)
    await conn.execute("insert into bench.outbox (rfq_id) select gen_random_uuid() from generate_series(1, $1)", rows)
    await settle(conn, checkpoint=False)
    delete = await _written(conn, partial(_delete, conn, rows, batch))
    per_rfq = {
        "insert, bare": inserted["bare"],
        "insert, queue": inserted["rfqflow"] - inserted["bare"],
        "claim": claim,
        "finish": with_run,
        "finish, queue": delete,
        "finish, run": with_run - without_run,
        "finish, run as a raw insert": raw_run,
        "finish, write_back": without_run - delete,
    }
    found = {name: round(bytes_ / rows, 1) for name, bytes_ in per_rfq.items()}
    found["queue"] = round(found["insert, queue"] + found["claim"] + found["finish, queue"], 1)
    return found


async def commits(dsn: str, conn: asyncpg.Connection, *, rows: int, batch: int) -> float:
    """The commits per RFQ that the server counts while calls that finish and claim drain the queue."""
    await _fill(conn, rows)
    await _quiet(conn)
    seen = [await _transactions(dsn)]
    for limit in (0, batch):  # first a session that only connects and disconnects, and then a session that works
        worker = await connect(dsn, application_name="rfqflow bench")
        if limit:
            await _drain_fused(worker, limit)
        await worker.close(timeout=2)
        seen.append(await _transactions(dsn))
    return ((seen[2] - seen[1]) - (seen[1] - seen[0])) / rows


async def worker_transactions(dsn: str, conn: asyncpg.Connection, *, rows: int, slots: int) -> float:
    """The transactions per RFQ of a whole worker: claims, finishes, gates, heartbeats, start and stop."""
    await _fill(conn, rows)
    await _quiet(conn)
    before = await _transactions(dsn)
    child = await Child.start("work", dsn=dsn, concurrency=slots, expected=rows)
    try:
        await child.line(_LATE_SECONDS)
    finally:
        await child.end()
    return (await _transactions(dsn) - before) / rows


async def idle_statements(
    dsn: str, conn: asyncpg.Connection, idle_seconds: tuple[float, float] = _IDLE_SECONDS
) -> float:
    """The statements per second of an idle worker after it has fallen asleep."""
    return (await idle(dsn, conn, idle_seconds))["statements_per_second"]


async def idle(dsn: str, conn: asyncpg.Connection, idle_seconds: tuple[float, float]) -> dict[str, float]:
    """The cost of an idle worker after it has fallen asleep: a long idle time minus a short idle time."""
    await clear(conn)
    await _quiet(conn)
    seen = [await _transactions(dsn)]
    said = []
    for seconds in idle_seconds:
        child = await Child.start("work", dsn=dsn, concurrency=32, expected=None, idle_seconds=seconds)
        try:
            said.append(await child.line(seconds + _LATE_SECONDS))
        finally:
            await child.end()
        seen.append(await _transactions(dsn))
    longer = idle_seconds[1] - idle_seconds[0]
    return {
        "statements_per_second": ((seen[2] - seen[1]) - (seen[1] - seen[0])) / longer,
        "share_of_a_core": (said[1]["cpu_seconds"] - said[0]["cpu_seconds"]) / longer,
        "rss_mib": said[1]["rss_mib"],
    }


async def hot_share(dsn: str, conn: asyncpg.Connection, *, rows: int, batch: int) -> float:
    """The share of claims that wrote no index entry. Each batch is finished before the next batch is claimed."""
    await _fill(conn, rows)
    await _quiet(conn)
    before = await _counter(dsn, _UPDATES)
    worker = await connect(dsn, application_name="rfqflow bench")
    await _drain_fused(worker, batch)
    await worker.close(timeout=2)
    after = await _counter(dsn, _UPDATES)
    return float((after[1] - before[1]) / (after[0] - before[0]))


async def buffers(conn: asyncpg.Connection, *, rows: int, batch: int) -> float:
    """The pages touched per claimed row, including the RFQ's pages, in a session that has its plans already."""
    await _fill(conn, rows)
    statement = f"explain (analyze, buffers, format json) select * from ai.claim_outbox(1, 1, {int(batch)}, '60 s', 0)"
    for _ in range(_WARM_CLAIMS):
        plan = json.loads(await conn.fetchval(statement))
    top = plan[0]["Plan"]
    return float(top["Shared Hit Blocks"] + top["Shared Read Blocks"]) / batch


async def notifications(dsn: str, conn: asyncpg.Connection, *, inserts: int = _INSERTS) -> dict[str, int]:
    """The notifications for inserts while a worker sleeps (one by one, in one statement), and while none sleeps."""
    await clear(conn)
    insert = await conn.prepare(_insert_into("public.rfq_requests"))

    found: dict[str, int] = {}
    for name, sleeps, times, one in (
        ("asleep, one by one", True, inserts, insert.fetch),
        ("asleep, in one statement", True, 1, partial(conn.execute, "select bench.fill($1)", inserts)),
        ("busy, one by one", False, inserts, insert.fetch),
    ):
        async with listening(dsn, asleep=sleeps) as heard:
            await _times(times, one)
            await asyncio.sleep(_HEARING_SECONDS)
            found[name] = len(heard)
    return found


def _insert_into(table: str) -> str:
    return text_of("insert.sql").replace("bench.target", table).rstrip().rstrip(";")


async def _times(count: int, work: Callable[[], Awaitable[Any]]) -> None:
    for _ in range(count):
        await work()


async def _fill(conn: asyncpg.Connection, rows: int) -> None:
    await clear(conn)
    await conn.execute("select bench.fill($1)", rows, timeout=300)
    # Make no checkpoint from now on: after a checkpoint, the first change of a page writes the whole page to WAL.
    await settle(conn, checkpoint=False)


async def _written(conn: asyncpg.Connection, work: Callable[[], Awaitable[Any]]) -> float:
    before = await conn.fetchval("select pg_current_wal_insert_lsn()")
    await work()
    return float(await conn.fetchval("select pg_current_wal_insert_lsn() - $1::pg_lsn", before))


async def _drain_fused(worker: asyncpg.Connection, batch: int) -> None:
    finished, low_water = "[]", 0
    while True:
        finished, low_water = await worker.fetchrow(
            "select finished, low_water from bench.turn($1, $2, $3)", finished, batch, low_water
        )
        if finished == "[]":
            return


async def _drained(conn: asyncpg.Connection, rows: int, batch: int, status: str) -> tuple[float, float]:
    """The bytes of WAL of all claims and of all finishes. They are separate calls here, so that each can be counted."""
    await _fill(conn, rows)
    claims = finishes = 0.0
    finished, low_water = "", 0

    async def claim() -> None:
        nonlocal finished, low_water
        finished, low_water = await conn.fetchrow(
            "select finished, low_water from bench.claim($1, $2, $3)", batch, low_water, status
        )

    for _ in range(-(-rows // batch)):
        claims += await _written(conn, claim)
        finishes += await _written(
            conn, lambda: conn.fetchval("select count(*) from ai.finish_outbox($1::text::jsonb)", finished)
        )
    return claims, finishes


async def _copy_runs(conn: asyncpg.Connection, rows: int, batch: int) -> None:
    """Inserts the same rows of runs into an empty copy of their table."""
    for start in range(0, rows, batch):
        await conn.execute(
            "insert into bench.runs select * from ai.rag_runs order by run_id limit $1 offset $2", batch, start
        )


async def _delete(conn: asyncpg.Connection, rows: int, batch: int) -> None:
    for _ in range(-(-rows // batch)):
        await conn.execute(
            "delete from bench.outbox where id = any (array(select id from bench.outbox order by id limit $1))", batch
        )


_UPDATES = (
    "select coalesce(n_tup_upd, 0), coalesce(n_tup_hot_upd, 0) from pg_stat_user_tables "
    "where schemaname = 'ai' and relname = 'outbox'"
)
_TRANSACTIONS = "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()"


async def _quiet(conn: asyncpg.Connection) -> None:
    """Waits until this session has reported its statistics, so that they do not count.

    It reports at most once a second.
    """
    await asyncio.sleep(1.1)
    await conn.execute("select 1")


async def _counter(dsn: str, statement: str) -> asyncpg.Record:
    await asyncio.sleep(_REPORTED_SECONDS)
    # Use a separate session, which reports its statistics when it ends. So each reading adds the same amount to the
    # next.
    reader = await connect(dsn, application_name="rfqflow bench")
    row = await reader.fetchrow(statement)
    await reader.close(timeout=2)
    return row


async def _transactions(dsn: str) -> int:
    return int((await _counter(dsn, _TRANSACTIONS))[0])
