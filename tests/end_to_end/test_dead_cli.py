"""`rfqflow dead`: what it lists, what it reports, and which RFQs it ends."""

from __future__ import annotations

import json

from tests.support.mapped_tables import rfqflow


async def test_dead_letters_are_listed_redriven_and_discarded_by_cause(database, db):
    await db.execute(
        "insert into public.rfq_requests (message) select 'm' from generate_series(1, 5); "
        "with gone as (delete from ai.outbox returning rfq_id, enqueued_at) "
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason) "
        "select rfq_id, enqueued_at, 5, case when row_number() over () <= 3 then 'timeout' else 'content_filter' end from gone"
    )
    listed = rfqflow("dead", "--json", dsn=database)
    assert [(row["reason"], row["rfqs"]) for row in json.loads(listed.stdout)] == [
        ("timeout", 3),
        ("content_filter", 2),
    ]
    assert rfqflow("dead", "redrive", dsn=database).returncode == 2  # without a filter, it does nothing
    asked = rfqflow("dead", "redrive", "--cause", "timeout", dsn=database)
    assert (asked.returncode, "Add --yes" in asked.stderr) == (2, True)
    assert await db.fetchval("select count(*) from ai.outbox") == 0

    done = rfqflow("dead", "redrive", "--cause", "timeout", "--actor", "ada", "--yes", dsn=database)
    assert "3 dead letters will be due again" in done.stderr
    assert done.stdout == "3 of 3 due again\n"
    rfq_id = await db.fetchval("select rfq_id from ai.dead_letters limit 1")
    assert rfqflow("dead", "discard", str(rfq_id), "--yes", dsn=database).stdout == "1 of 1 discarded\n"
    assert await db.fetchval("select ai_reason from public.rfq_requests where id = $1", rfq_id) == "discarded"
    assert rfqflow("dead", "discard", str(rfq_id), "--yes", dsn=database).returncode == 1
    assert rfqflow("dead", "discard", "--cause", "refusal", "--yes", dsn=database).stdout == "no matching dead letter\n"
    assert await db.fetchval("select count(*) from ai.actions where actor = 'ada' and action = 'redrive'") == 3
