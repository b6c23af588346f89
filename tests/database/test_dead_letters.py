"""Dead letters by their cause: selected, counted and priced before an action.

The action runs only while the count still holds.
"""

from __future__ import annotations

import json

import asyncpg
import pytest

from tests.support.admission import calls


async def dead(db: asyncpg.Connection) -> None:
    """Three dead letters of a filter, two of a refusal by another model, one that its table refused."""
    await calls(db, 4, booked_nano=20_000_000, cost_usd="0.02")
    await calls(db, 3, verdict="discard", reason="content_filter", error_class="content_filter", cost_usd="0.02")
    await calls(
        db, 2, "m2", verdict="discard", reason="refusal", error_class="refusal", prompt_version="q@2", cost_usd="0.02"
    )
    await db.execute(
        "insert into public.rfq_requests (message) values ('refused'); "
        "with gone as (delete from ai.outbox returning rfq_id, enqueued_at) "
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class) "
        "select rfq_id, enqueued_at, 1, 'write_refused', 'write_refused' from gone"
    )


async def end(
    db: asyncpg.Connection, act: str, which: dict[str, object], expected: int | None
) -> tuple[int, int | None]:
    row = await db.fetchrow(
        f"select * from ai.{act}_dead_letters($1, $2, 'ada', 'why not')", json.dumps(which), expected
    )
    return row["chosen"], row["done"]


async def test_dead_letters_are_grouped_with_the_cost_of_a_redrive(db):
    await dead(db)
    rows = await db.fetch(
        "select reason, model, prompt_version, rfqs, redrive_usd from ai.dead_letter_groups order by rfqs desc"
    )
    assert [tuple(row)[:4] for row in rows] == [
        ("content_filter", "m1", "q@1", 3), ("refusal", "m2", "q@2", 2), ("write_refused", None, None, 1),
    ]  # fmt: skip
    # Its answer exists and could not be written.
    assert [float(row["redrive_usd"]) for row in rows] == pytest.approx([0.06, 0.04, 0])


async def test_a_group_is_processed_only_if_it_has_the_confirmed_number(db):
    await dead(db)
    assert await end(db, "redrive", {"model": "m2"}, 3) == (2, None)
    assert await end(db, "discard", {"cause": "refusal"}, 57) == (2, None)
    assert await db.fetchval("select count(*) from ai.dead_letters") == 6
    assert await db.fetchval("select count(*) from ai.actions") == 0

    assert await end(db, "redrive", {"model": "m2", "prompt_version": "q@1"}, 0) == (0, 0)
    assert await end(db, "redrive", {"model": "m2", "prompt_version": "q@2"}, 2) == (2, 2)
    assert await db.fetchval("select count(*) from ai.outbox where claim_id is null") == 2
    assert await end(db, "discard", {"reason": "content_filter", "model": "m1"}, None) == (3, 3)
    assert await db.fetchval("select count(*) from public.rfq_requests where ai_reason = 'discarded'") == 3
    # Null is a value, too: no model.
    assert await end(db, "redrive", {"model": None}, 1) == (1, 1)
    assert await db.fetchval("select count(*) from ai.dead_letters") == 0
    noted = await db.fetch("select action, count(*) from ai.actions where actor = 'ada' group by 1 order by 1")
    assert [tuple(row) for row in noted] == [("discard", 3), ("discard_group", 1), ("redrive", 3), ("redrive_group", 3)]


async def test_a_misspelt_filter_selects_nothing_rather_than_all(db):
    await dead(db)
    with pytest.raises(asyncpg.InvalidParameterValueError, match="unknown key to choose dead letters by: modl"):
        await end(db, "discard", {"modl": "m1"}, None)
    assert await db.fetchval("select count(*) from ai.dead_letters") == 6


async def test_the_queue_is_counted_by_reason(db):
    await db.execute(
        "insert into public.rfq_requests (message) select 'm' from generate_series(1, 5); "
        "with gone as (delete from ai.outbox where rfq_id in (select rfq_id from ai.outbox limit 3) returning rfq_id, enqueued_at) "
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "select rfq_id, enqueued_at, now() + interval '1 h', 0, case when row_number() over () = 1 then 'retry' else 'budget' end from gone"
    )
    rows = await db.fetch("select status, reason, rfqs, next_due_at is null from ai.queue_reasons order by reason")
    assert [tuple(row) for row in rows] == [
        ("deferred", "budget", 2, False), ("pending", "due", 2, True), ("pending", "retry", 1, False),
    ]  # fmt: skip
