"""Ninety days of runs in weekly partitions."""

from __future__ import annotations

import asyncpg

from tests.support.figures import rewind

DAYS = 90


A_DAY = 60


async def history(db: asyncpg.Connection) -> None:
    """Inserts ninety days of runs in weekly partitions, and rolls them up. One run in ten failed."""
    await db.execute(
        "select ai.create_week_partition(w) from generate_series(date_trunc('week', now() - interval '90 days', 'UTC'), now(), '168 h') w"
    )
    await db.execute(
        "insert into ai.rag_runs (created_at, rfq_id, attempt, status, error_class, error_detail, provider, model, confidence, "
        "latency_ms, cost_usd, cost_source, email_hash, output, content_sha256, submitted_at, end_status) "
        "select g.at, gen_random_uuid(), 1, case when n % 10 = 0 then 'failed' else 'succeeded' end, "
        "case when n % 10 = 0 then 'timeout' end, case when n % 10 = 0 then 'timeout: größe \"x\" \u2028 ' || n end, 'openai', 'm1', 0.1 + n % 7 / 9.0, n / 3.0, n * 0.000000001, 'table', "
        "'h' || n % 5, jsonb_build_object('summary', 'größe \"x\" \u2028 ' || n, 'n', n / 7.0, 'none', null, 'tiny', 1e-12), "
        "sha256(n::text::bytea), g.at, 'done' "
        "from (select n, now() - interval '1 second' - n * interval '1 day' / $2::integer as at "
        "from generate_series(1, $1::integer * $2::integer) n) g",
        DAYS,
        A_DAY,
    )
    await db.execute("select ai.set_policy('retention_days', '31')")
    await rewind(db)
    for _ in range(4):
        while await db.fetchval("select ai.roll_up(100000, '0 s')"):
            pass
