"""Measures the console's list of RFQs and the report with many RFQs: chips, filters, counts, and actions on many.

    python -m tests.bench.rfq_list --rfqs 1M
    python -m tests.bench.rfq_list --rfqs 1M --explain "error, rare"

It fills a scratch database of an embedded server by plain SQL, without the triggers. Each RFQ gets a run in the week of
its submission. Then it sends the queries of the pages. `statements` is the number of statements of a page, and
`worst_ms` the time of the slowest. `cpu_ms` is the processor time of the server's process for all of these statements,
which other load on the machine does not change.
"""

import argparse
import asyncio
import datetime as dt
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg

from rfqflow.bench.scratch_database import scratch
from rfqflow.cli.bench import server
from rfqflow.database.connection import connect
from rfqflow.store.console import ConsoleQueries
from rfqflow.store.rfq_bulk import BULK_MOST
from rfqflow.store.rfq_search import SearchFilter, place_of
from tests.bench.desk import CHUNK, FILL
from tests.bench.grounds import number

PAGE = 51
# Of a hundred RFQs, two are skipped. Of a thousand, one had a rare error, and one used another model and prompt.
_SHAPE = """
update public.rfq_requests r
set ai_status = case when n % 50 = 0 then 'skipped' else 'done' end, ai_reason = case when n % 50 = 0 then (array['spam', 'duplicate', 'too_short'])[1 + n / 50 % 3] end,
  ai_model = case when n % 1000 = 7 then 'm-rare' else 'm' end, ai_prompt_version = case when n % 1000 = 7 then 'rfq@2' else 'rfq@1' end,
  ai_route = case when n % 10000 = 3 then 'rare-route' else ai_route end
from (select id, row_number() over (order by created_at desc) as n from public.rfq_requests) k
where k.id = r.id
"""
_RUNS = """
insert into ai.rag_runs (rfq_id, request_id, attempt, status, reason, error_class, provider, model, prompt_version, end_status, cost_usd, created_at,
  submitted_at, submit_ms, queue_ms, latency_ms)
select r.id, r.request_id, e.attempt, e.status, case when e.status = 'skipped' then r.ai_reason end, e.error_class, case when r.ai_status <> 'skipped' then 'openai' end,
  r.ai_model, r.ai_prompt_version, case when e.error_class is null then r.ai_status end, 0.002, r.created_at + e.attempt * interval '3 seconds', r.created_at,
  case when e.attempt = 1 then 2 end, 900, 2100
from (select r.*, row_number() over (order by created_at desc) as n from public.rfq_requests r) r
cross join lateral (
  select case when n % 100 = 9 or n % 1000 = 8 then 2 else 1 end as attempt, case when r.ai_status = 'skipped' then 'skipped' else 'succeeded' end as status, null::text as error_class
  union all select 1, 'failed', case when n % 1000 = 8 then 'refusal' else 'timeout' end where n % 100 = 9 or n % 1000 = 8) e
"""
# The queue of a bad day: 20,000 RFQs are due, 20,000 wait for a budget, 10,000 are dead letters.
_QUEUE = """
with chosen as (select id, row_number() over (order by created_at desc) as n from public.rfq_requests order by created_at desc limit 50000),
due as (insert into ai.outbox (rfq_id, enqueued_at, attempt) select id, now(), 0 from chosen where n <= 20000),
deferred as (insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason)
  select id, now(), now() + interval '1 hour', 0, case when n % 4 = 0 then 'rate_limit' else 'budget' end from chosen where n > 20000 and n <= 40000)
insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class)
select id, now(), 5, case when n % 2 = 0 then 'timeout' else 'invalid_output' end, 'timeout' from chosen where n > 40000
"""
_OVERRIDES = """
insert into ai.overrides (rfq_id, route, actor, ai_route, ai_model, ai_prompt_version)
select id, 'civil', 'ada', ai_route, ai_model, ai_prompt_version from public.rfq_requests where ('x' || substr(md5(id::text), 1, 4))::bit(16)::integer % 100 = 0
"""


class Lines:
    """One connection that records the time of each statement."""

    def __init__(self, conn: asyncpg.Connection) -> None:
        self.conn = conn
        self._worked = Path(f"/proc/{conn.get_server_pid()}/schedstat")
        self.took: list[tuple[float, str, tuple[Any, ...]]] = []

    def cpu_ms(self) -> float:
        return int(self._worked.read_text().split()[0]) / 1e6 if self._worked.exists() else 0.0

    async def fetch(self, statement: str, *args: Any) -> list[asyncpg.Record]:
        began = time.perf_counter()
        rows: list[asyncpg.Record] = await self.conn.fetch(statement, *args)
        self.took.append(((time.perf_counter() - began) * 1000, statement, args))
        return rows


def filters() -> dict[str, SearchFilter]:
    month = dt.timedelta(days=30)
    return {
        "nothing": SearchFilter(PAGE, within=month), "all time": SearchFilter(PAGE),
        "review": SearchFilter(PAGE, within=month, review=True),
        **{f"status {one}": SearchFilter(PAGE, within=None if one in ("pending", "deferred", "failed") else month, status=one)
           for one in ("pending", "deferred", "failed", "skipped", "done")},
        "status failed, reason": SearchFilter(PAGE, status="failed", reason="timeout"),
        "status deferred, reason rare": SearchFilter(PAGE, status="deferred", reason="rate_limit"),
        "status deferred, reason none": SearchFilter(PAGE, status="deferred", reason="breaker"),
        "reason": SearchFilter(PAGE, within=month, reason="spam"), "reason none": SearchFilter(PAGE, within=month, reason="honeypot"),
        "error": SearchFilter(PAGE, within=month, error="timeout"), "error rare": SearchFilter(PAGE, within=month, error="refusal"),
        "error none": SearchFilter(PAGE, within=month, error="network"),
        "route": SearchFilter(PAGE, within=month, route="civil"), "route rare": SearchFilter(PAGE, within=month, route="rare-route"),
        "route none": SearchFilter(PAGE, within=month, route="no-such-route"),
        "model": SearchFilter(PAGE, within=month, model="m"), "model rare": SearchFilter(PAGE, within=month, model="m-rare"),
        "model none": SearchFilter(PAGE, within=month, model="no-such-model"),
        "prompt rare": SearchFilter(PAGE, within=month, prompt="rfq@2"), "prompt none": SearchFilter(PAGE, within=month, prompt="rfq@9"),
        "all chips": SearchFilter(PAGE, within=month, status="done", route="civil", model="m-rare", prompt="rfq@2"),
        "text": SearchFilter(PAGE, within=month, text="pumps"), "text none": SearchFilter(PAGE, within=month, text="zeppelin"),
        "bulk of all": SearchFilter(BULK_MOST + 1, within=month), "bulk failed": SearchFilter(BULK_MOST + 1, status="failed"),
        "bulk skipped": SearchFilter(BULK_MOST + 1, within=month, status="skipped"),
    }  # fmt: skip


async def measured(lines: Lines, work: Callable[[], Awaitable[Any]]) -> dict[str, float]:
    """The better of two runs, after one that is not counted: other processes may load the machine."""
    await work()
    found = []
    for _ in range(2):
        lines.took.clear()
        began, worked = time.perf_counter(), lines.cpu_ms()
        await work()
        found.append({"cpu_ms": round(lines.cpu_ms() - worked, 1), "ms": round((time.perf_counter() - began) * 1000, 1),
                      "statements": len(lines.took), "worst_ms": round(max(one[0] for one in lines.took), 1)})  # fmt: skip
    return min(found, key=lambda one: one["cpu_ms"])


async def fill(conn: asyncpg.Connection, rfqs: int) -> None:
    await conn.execute("alter table public.rfq_requests disable trigger user")
    await conn.execute(
        "select ai.create_week_partition(date_trunc('week', now()) - n * interval '7 days') from generate_series(1, 12) n"
    )
    for first in range(1, rfqs + 1, CHUNK):
        await conn.execute(FILL, first, min(first + CHUNK - 1, rfqs))
    for statement in (_SHAPE, _RUNS, _QUEUE, _OVERRIDES):
        await conn.execute(statement)
    await conn.execute("alter table public.rfq_requests enable trigger user")
    await conn.execute("vacuum (analyze, full) public.rfq_requests")
    await conn.execute("vacuum analyze")
    while await conn.fetchval("select ai.roll_up(50000, '0 s')"):
        pass


async def explain(lines: Lines) -> None:
    """The plan of the slowest statement of the last page."""
    _, statement, args = max(lines.took, key=lambda one: one[0])
    for row in await lines.conn.fetch(f"explain (analyze, buffers, costs off) {statement}", *args):
        print(row[0])


async def measure(dsn: str, rfqs: int, explained: str | None) -> None:
    conn = await connect(dsn, application_name="rfqflow bench", statement_seconds=1800)
    lines = Lines(conn)
    pages = ConsoleQueries(lines)  # type: ignore[arg-type]
    await fill(conn, rfqs)
    asked: dict[str, Callable[[], Awaitable[Any]]] = {
        name: (lambda one=one: pages.search(one))
        for name, one in filters().items()  # type: ignore[misc]
    }
    deep = place_of((await pages.search(SearchFilter(PAGE))).rows[-1])
    some = [row["rfq_id"] for row in (await pages.search(SearchFilter(500))).rows]
    asked |= {
        "next page": lambda: pages.search(SearchFilter(PAGE, before=deep)), "counts": pages.counts, "offered": pages.offered,
        "an id": lambda: pages.exact(str(some[0]), None), "a reference": lambda: pages.exact("no-such", "0" * 64),
        "500 by id": lambda: pages.named(some), "cost of 500": lambda: pages.costs(some),
        "acts meanwhile": lambda: pages.meanwhile(None, dt.datetime.now(dt.UTC)),
        "report": pages.figures.report, "scorecard": pages.scorecard, "groups of failures": pages.control.failures,
    }  # fmt: skip
    for name, work in asked.items():
        if explained is None or name == explained:
            print(name, json.dumps(await measured(lines, work)), flush=True)
            if explained is not None:
                await explain(lines)
    await conn.close()


async def main(rfqs: int, explained: str | None) -> None:
    with server(None) as dsn:
        async with scratch(dsn) as scratched:
            await measure(scratched, rfqs, explained)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rfqs", type=number, default=number("1M"))
    parser.add_argument("--explain", help="Only the page of this name, with the plan of its slowest statement.")
    given = parser.parse_args()
    asyncio.run(main(given.rfqs, given.explain))
