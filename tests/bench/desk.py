"""Measures the desk with many open RFQs: tabs, lists and a correction, in milliseconds.

    python -m tests.bench.desk --rfqs 1M

It fills a scratch database of an embedded server by plain SQL, without the triggers, and works on it through `DeskStore`.
"""

import itertools
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rfqflow.bench.statistics import percentile
from rfqflow.database.connection import connect
from rfqflow.store.desk import SORTS, DeskFilter, DeskStore
from tests.bench.grounds import print_at_size

FILL = """
insert into public.rfq_requests (message, name, company, created_at, ai_status, ai_summary, ai_route, ai_urgency, ai_tags,
  ai_prompt_version, ai_model, ai_content_sha256, ai_review, ai_extracted, ai_updated_at)
select 'We need ' || n || ' pumps DN' || n % 200 || repeat(' and spare parts', 20), 'N', 'Company ' || n % 5000, now() - n * interval '5 seconds',
  'done', 'About ' || n || ' pumps', (array['mechanical', 'electrical', 'civil', 'general', 'process', 'services'])[1 + n % 6],
  (array['low', 'normal', 'normal', 'normal', 'normal', 'normal', 'high', 'normal', 'normal', 'critical'])[1 + n % 10], '{}',
  'rfq@1', 'm', sha256('m'), case when n % 20 = 0 then 'low_confidence' end,
  jsonb_build_object('line_items', jsonb_build_array(jsonb_build_object('description', 'pump ' || n, 'quantity', n::text)),
    'quote_deadline', (now() + n % 90 * interval '1 day')::date, 'due_date', (now() + n % 200 * interval '1 day')::date, 'missing', '["material"]'::jsonb),
  now()
from generate_series($1::integer, $2::integer) n
"""
_RUNS = """
insert into ai.rag_runs (rfq_id, attempt, status, provider, model, prompt_version, end_status, created_at)
select id, 1, 'succeeded', 'openai', 'm', 'rfq@1', 'done', now() - interval '10 minutes' from public.rfq_requests
"""
# Ten that Eva has taken, and one in twenty handled.
_TAKEN = """
update ai.desk_entries e set owner = case when x.n <= 10 then 'eva' else e.owner end, state = case when x.n % 20 = 0 then 'handled' else e.state end
from (select k.rfq_id, row_number() over (order by k.rfq_id) as n from ai.desk_entries k) x
where x.rfq_id = e.rfq_id and (x.n <= 10 or x.n % 20 = 0)
"""
CHUNK = 100_000
_TIMES = 15


async def timed(work: Callable[[], Awaitable[Any]], times: int = _TIMES) -> dict[str, float]:
    """Minimum, median and maximum of several runs, in milliseconds, after a run that is not counted."""
    await work()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1000)
    return {"min_ms": round(min(took), 1), "p50_ms": round(percentile(took, 0.5), 1), "max_ms": round(max(took), 1)}


async def worst(desk: DeskStore) -> dict[str, Any]:
    """Runs each combination of filters in each order, also those that match no RFQ, and returns the slowest."""
    took = []
    for route, state, owner, urgent, review, sort in itertools.product(
        (None, "mechanical", "no-such-route"), ("open", "waiting", "handled", "all"), (None, "", "eva", "ada"),
        (False, True), (False, True), ("urgency", "quote_by", "due", "age", "-age", "owner"),
    ):  # fmt: skip
        asked = DeskFilter(route=route, state=state, owner=owner, urgent=urgent, review=review)
        figures = await timed(lambda asked=asked, sort=sort: desk.inbox(asked, sort), 3)  # type: ignore[misc]
        took.append((figures["min_ms"], figures["p50_ms"], f"{asked} by {sort}"))
    slowest = max(took)
    return {"lists": len(took), "min_ms": slowest[0], "p50_ms": slowest[1], "of": slowest[2]}


async def measure(dsn: str, rfqs: int) -> dict[str, Any]:
    conn = await connect(dsn, application_name="rfqflow bench", statement_seconds=900)
    desk = DeskStore(conn)
    await conn.execute("alter table public.rfq_requests disable trigger user")
    for first in range(1, rfqs + 1, CHUNK):
        await conn.execute(FILL, first, min(first + CHUNK - 1, rfqs))
    await conn.execute(_RUNS)
    await conn.execute("alter table public.rfq_requests enable trigger user")
    await conn.execute("vacuum analyze public.rfq_requests, ai.rag_runs")
    began = time.perf_counter()
    while not await conn.fetchval("select ai.refresh_desk(20000)"):
        pass
    reported: dict[str, Any] = {"rfqs": rfqs, "entered_per_second": round(rfqs / (time.perf_counter() - began))}
    await conn.execute("vacuum analyze ai.desk_entries")
    entries = "select pg_total_relation_size('ai.desk_entries') / $1"
    reported["bytes_per_entry"] = await conn.fetchval(entries, rfqs)
    reported["refresh with nothing new"] = await timed(desk.refresh)
    reported["tabs"] = await timed(desk.tabs)
    await conn.execute(_TAKEN)
    filters = {
        "all": DeskFilter(), "route": DeskFilter(route="mechanical"), "review": DeskFilter(route="civil", review=True),
        "urgent": DeskFilter(urgent=True), "owner": DeskFilter(owner="ada"), "handled": DeskFilter(state="handled"),
        "nobody's": DeskFilter(owner=""), "mine": DeskFilter(owner="eva"), "search": DeskFilter(search="pumps"),
        "search for nothing": DeskFilter(search='"pumps 999999"'),
    }  # fmt: skip
    for name, asked in filters.items():
        for sort in SORTS if name in ("all", "route") else ("urgency",):
            reported[f"list {name} by {sort}"] = await timed(lambda asked=asked, sort=sort: desk.inbox(asked, sort))
    reported["any filter"] = await worst(desk)
    page = await desk.inbox(DeskFilter(), "urgency", None, 500)
    reported["next page"] = await timed(lambda: desk.inbox(DeskFilter(), "urgency", page.next_key))
    rfq_id = page.rows[0].rfq_id
    reported["neighbours"] = await timed(lambda: desk.neighbours(rfq_id, DeskFilter(), "urgency"))
    numbers = iter(range(1, 1000))
    reported["correct"] = await timed(lambda: desk.correct(rfq_id, {"line_items[0].quantity": next(numbers)}, "ada"))
    reported["answer"] = await timed(lambda: desk.answer(rfq_id))
    await conn.close()
    return reported


if __name__ == "__main__":
    print_at_size(__doc__, "1M", measure)
