"""A worker may die while it waits for admission: no hold outlives its claim.

Otherwise the hold would count as a call for ever.
"""

import pytest

from tests.support.admission import admit, claim, insert, request


async def test_a_reclaimed_claim_is_not_admitted(db):
    await insert(db)
    (row,) = await claim(db, 1)
    await db.execute("select ai.reclaim_worker(1)")

    assert await admit(db, request(row)) == [(None, "claim_lost")]

    assert await db.fetchval("select count(*) from ai.holds") == 0


async def test_a_claim_that_another_worker_took_over_is_not_admitted(db):
    await insert(db)
    (stale,) = await claim(db, 1)
    await db.execute("update ai.outbox set lease_expires_at = now() - interval '1 s'")
    (fresh,) = await claim(db, 1, worker=2)

    assert await admit(db, request(stale), request(fresh)) == [(None, "claim_lost"), ("m1", None)]


@pytest.mark.fault("W8")
async def test_no_claim_is_reclaimed_during_its_admission(db, open_connection):
    await insert(db)
    number = await db.fetchval(
        "insert into ai.workers (host, pid, version, provider, model, concurrency, has_lock) values ('h', 1, '1', 'p', 'm', 1, true) returning worker"
    )
    (row,) = await claim(db, 1, worker=number)
    other = await open_connection()
    async with other.transaction():
        assert await admit(other, request(row)) == [("m1", None)]
        assert await db.fetchval("select ai.reclaim_dead(0)") == 0

    # Its number still exists and can be found dead.
    assert await db.fetchval("select ai.reclaim_dead(0)") == 1
    assert await db.fetchval("select count(*) from ai.workers") == 0

    assert await db.fetchval("select count(*) from ai.holds") == 0
    assert await db.fetchval("select booked_usd from ai.rag_runs where status = 'lost'") > 0


async def test_a_hold_ends_with_its_lease_even_far_back_in_a_long_queue(db):
    await insert(db, 20)
    rows = await claim(db, 16)
    late = rows[-1]
    assert late["out_of_turn"]
    assert await admit(db, request(late)) == [("m1", None)]
    await db.execute("update ai.outbox set lease_expires_at = now() - interval '1 s' where id = $1", late["outbox_id"])

    await db.fetch("select * from ai.heartbeat(0, 0, -1, -1)")

    assert await db.fetchval("select count(*) from ai.holds") == 0
    assert await db.fetchval("select claim_id from ai.outbox where id = $1", late["outbox_id"]) is None
    assert await db.fetchval("select status from ai.rag_runs where claim_id = $1", late["claim_id"]) == "lost"


async def test_closing_a_breaker_by_hand_wakes_all_rfqs_that_waited_for_it(db):
    await insert(db, 1200)
    await db.execute("select ai.open_breaker('p', 'm1', 'ada')")
    await db.execute(
        "with waiting as (delete from ai.outbox returning rfq_id) insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "select rfq_id, now(), now() + interval '1 hour', 0, 'breaker_open' from waiting"
    )
    await db.execute("select ai.close_breaker('p', 'm1', 'ada')")

    assert await db.fetchval("select max(due_at) < now() + interval '2 minutes' from ai.outbox_deferred")


async def test_an_evaluation_requests_admission_without_a_claim(db):
    rows = await db.fetch(
        "select model, refusal from ai.admit('p', $1, '60 s', 'evaluation')",
        '[{"claim_id": 7, "rfq_id": "00000000-0000-0000-0000-000000000007", "sender": null, '
        '"candidates": [{"model": "m1", "tokens": 1, "nano": 1, "priced": true}]}]',
    )

    assert [tuple(row) for row in rows] == [("m1", None)]
