"""Measures how long it takes to find the relations of one RFQ among many others, in milliseconds.

    python -m tests.bench.related --rfqs 100k

It fills a scratch database of an embedded server by plain SQL, without the triggers, and relates RFQs as a worker does. A
tenth of the RFQs ask for one part, a tenth come from one company, and some have 300 items.
"""

import json
import time
from typing import Any
from uuid import UUID

import asyncpg

from rfqflow.bench.statistics import percentile
from rfqflow.core.related.facts import related_facts
from rfqflow.database.connection import connect
from rfqflow.maintenance.relating import relate_due, relate_now
from rfqflow.store.related import RelatedStore
from tests.bench.grounds import print_at_size

_FILL = """
insert into public.rfq_requests (message, email, created_at, ai_status, ai_extracted)
select 'We need parts', 'buyer' || n % 7 || '@company' || case when m % 10 = 0 then 0 else m % 20000 end || '.example',
  now() - n * interval '60 seconds', 'done', jsonb_build_object('language', 'en', 'line_items', (
    select jsonb_agg(jsonb_build_object('description', 'Part ' || x.part, 'part_number', x.part, 'quantity', (1 + n % 9)::text, 'unit', 'pcs'))
    from (
      select case when i = 1 and m % 10 = 1 then 'COMMON-0001' else 'PN-' || substr(md5(m || '.' || i), 1, 4) || '7' end as part
      from generate_series(1, case when m % 1000 = 7 then 300 else 1 + m % 8 end) i) x))
from (select n, n - (n % 20 = 0)::integer as m from generate_series(1, $1::integer) n) x  -- one in twenty is a version of its successor
"""
_NEW = "select id from public.rfq_requests where {} order by created_at desc limit $1"
_CHOSEN = {
    "any RFQ": "true",
    "with the part that a tenth ask for": "ai_extracted -> 'line_items' -> 0 ->> 'part_number' = 'COMMON-0001'",
    "of the company that a tenth come from": "email like '%@company0.example'",
    "with 300 items": "jsonb_array_length(ai_extracted -> 'line_items') = 300",
}
CHUNK = 50


async def timed(conn: asyncpg.Connection, ids: list[UUID]) -> dict[str, float]:
    """Times each RFQ on its own, as when a person opens it: with all statements and the comparison."""
    store, took = RelatedStore(conn), []
    for rfq_id in ids:
        await conn.execute("select ai.request_related(array[$1::uuid])", rfq_id)
        began = time.perf_counter()
        await relate_now(store, rfq_id)
        took.append((time.perf_counter() - began) * 1000)
    return {
        "p50_ms": round(percentile(took, 0.5), 1),
        "p99_ms": round(percentile(took, 0.99), 1),
        "max_ms": round(max(took), 1),
    }


async def searched(conn: asyncpg.Connection, ids: list[UUID]) -> dict[str, float]:
    """The time of the search for candidates alone, as the server measures it."""
    took, pages = [], []
    for rfq_id in ids:
        plan = await conn.fetchval(
            "explain (analyze, buffers, format json) select * from ai.related_candidates($1)", rfq_id
        )
        top = json.loads(plan)[0]["Plan"]
        took.append(top["Actual Total Time"])
        pages.append(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
    return {"p50_ms": round(percentile(took, 0.5), 2), "max_ms": round(max(took), 2), "max_pages": max(pages)}


async def measure(dsn: str, rfqs: int) -> dict[str, Any]:
    conn = await connect(dsn, application_name="rfqflow bench", statement_seconds=900)
    await conn.execute("alter table public.rfq_requests disable trigger user")
    await conn.execute(_FILL, rfqs)
    await conn.execute("alter table public.rfq_requests enable trigger user")
    await conn.execute("select ai.request_related(array(select id from public.rfq_requests order by created_at))")
    await conn.execute("vacuum analyze public.rfq_requests, ai.related_due")
    store = RelatedStore(conn)
    # Stores the keys of all RFQs, as if each had been related; then the relations of one in a hundred.
    while due := await store.claim(500):
        await store.enter([{"rfq_id": d.rfq_id, "token": d.token, "keys": related_facts(d.facts).keys()} for d in due])
        await conn.execute("delete from ai.related_due where rfq_id = any ($1)", [d.rfq_id for d in due])
    await conn.execute("vacuum analyze ai.related_keys, ai.related_entries")
    await conn.execute(
        "select ai.request_related(array(select id from public.rfq_requests order by created_at desc limit $1))",
        rfqs // 100,
    )
    began = time.perf_counter()
    done = await relate_due(store, seconds=600)
    figures: dict[str, Any] = {
        "rfqs": rfqs,
        "related": done,
        "related_per_second": round(done / (time.perf_counter() - began)),
    }
    await conn.execute("truncate ai.related_due")
    await conn.execute("vacuum analyze ai.related, ai.related_keys, ai.related_entries, ai.related_due")
    size = "select (pg_total_relation_size('ai.related_keys') + pg_total_relation_size('ai.related_entries') + pg_total_relation_size('ai.related')) / $1"
    figures["bytes_per_rfq"] = await conn.fetchval(size, rfqs)
    figures["relations"] = {
        row[0]: row[1] for row in await conn.fetch("select kind, count(*) from ai.related group by 1")
    }
    for name, chosen in _CHOSEN.items():
        ids = [row[0] for row in await conn.fetch(_NEW.format(chosen), CHUNK)]
        figures[name] = {"whole": await timed(conn, ids), "search": await searched(conn, ids)}
    await conn.close()
    return figures


if __name__ == "__main__":
    print_at_size(__doc__, "100k", measure)
