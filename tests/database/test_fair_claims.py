"""A sender of a flood must not keep the other senders' RFQs waiting, not even at a worker of few slots."""

import pytest

from tests.support.finishing import claim
from tests.support.worker_harness import insert_many


@pytest.mark.fault("R12")
@pytest.mark.parametrize("limit", [1, 3, 7, 8, 12])
async def test_an_eighth_of_the_claimed_rows_is_the_newest_for_any_size_of_a_claim(db, limit):
    await insert_many(db, limit * 16)
    order = [row[0] for row in await db.fetch("select id from ai.outbox order by id")]
    rows = []
    for turn in range(8):
        rows += await claim(db, base=65536 * (turn + 2) - 1 - turn, limit=limit)

    late = [row["outbox_id"] for row in rows if row["out_of_turn"]]
    assert len(rows) == limit * 8
    assert sorted(late) == order[-limit:]
    assert sorted(row["outbox_id"] for row in rows if not row["out_of_turn"]) == order[: limit * 7]


async def test_a_single_rfq_is_claimed_in_any_turn(db):
    for turn in range(8):
        await insert_many(db, 1)
        assert len(await claim(db, base=65536 * (turn + 2) - 1 - turn, limit=1)) == 1
