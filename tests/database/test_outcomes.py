"""How each verdict and each outcome changes the RFQ, its run and its row in the queue."""

from __future__ import annotations

import pytest

from tests.support.finishing import claim, end, finish, insert

WHERE = """
select (select count(*) from ai.outbox where claim_id is not null) as claimed,
  (select count(*) from ai.outbox where claim_id is null) as due,
  (select count(*) from ai.outbox_deferred) as deferred,
  (select count(*) from ai.outbox_dead) as dead
"""
CLAIMED, DUE, DEFERRED, DEAD = (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)
NOWHERE = (0, 0, 0, 0)


async def ended(db, row, verdict: str, **fields: object) -> tuple[object, ...]:
    """Status and reason of the RFQ; status, reason and first end of its newest run; the queue of its row."""
    fields = {"reason": None if verdict in ("complete", "keep") else "quota", **fields}
    await finish(db, end(row, verdict, **fields))
    rfq = await db.fetchrow("select ai_status, ai_reason from public.rfq_requests")
    run = await db.fetchrow("select status, reason, end_status from ai.rag_runs order by run_id desc limit 1")
    return tuple(rfq), tuple(run) if run else None, tuple(await db.fetchrow(WHERE))


@pytest.mark.parametrize(
    ("verdict", "rfq", "run", "where"),
    [
        ("complete", ("done", None), ("succeeded", None, "done"), NOWHERE),
        ("keep", ("done", None), ("skipped", None, "done"), NOWHERE),
        ("skip", ("skipped", "quota"), ("skipped", "quota", "skipped"), NOWHERE),
        ("discard", ("failed", "quota"), ("failed", "quota", "failed"), DEAD),
        ("abandon", ("pending", None), ("failed", "quota", "failed"), DEAD),
        ("defer", ("deferred", "quota"), ("deferred", "quota", None), DEFERRED),
        ("retry", ("pending", None), ("failed", "quota", None), DEFERRED),
        ("release", ("pending", None), ("failed", "quota", None), DUE),
        ("unheard of", ("pending", None), ("failed", "quota", None), CLAIMED),
    ],
)
async def test_each_verdict_has_its_status_run_and_queue(db, verdict, rfq, run, where):
    await insert(db)
    (row,) = await claim(db)

    assert await ended(db, row, verdict) == (rfq, run, where)


async def test_an_rfq_that_is_deferred_for_too_long_is_skipped_as_expired_and_so_is_its_run(db):
    await insert(db)
    (row,) = await claim(db)
    await db.execute(
        "update public.rfq_requests set ai_status = 'deferred', ai_reason = 'quota', ai_updated_at = now() - interval '1 year'"
    )

    assert await ended(db, row, "defer", ages=True) == (
        ("skipped", "expired"), ("skipped", "expired", "skipped"), NOWHERE,
    )  # fmt: skip


@pytest.mark.parametrize(("verdict", "status"), [("complete", "superseded"), ("discard", "failed")])
async def test_the_end_of_an_older_text_makes_the_rfq_due_again_and_only_an_answer_is_superseded(db, verdict, status):
    await insert(db)
    (row,) = await claim(db)
    await db.execute("update public.rfq_requests set message = 'We need 30 pumps'")

    assert await ended(db, row, verdict) == (("pending", None), (status, "edited", None), DUE)


@pytest.mark.parametrize(("verdict", "status"), [("complete", "superseded"), ("defer", "deferred")])
async def test_the_end_of_a_lost_claim_changes_nothing(db, verdict, status):
    await insert(db)
    (row,) = await claim(db)

    assert await ended(db, row, verdict, claim_id=7) == (("pending", None), (status, "claim_lost", None), CLAIMED)


async def test_the_end_of_a_deleted_rfq_leaves_the_queue(db):
    await insert(db)
    (row,) = await claim(db)
    await db.execute(
        "set session_replication_role = replica; delete from public.rfq_requests; reset session_replication_role"
    )

    assert await finish(db, end(row)) == {row["outbox_id"]: "gone"}

    run = await db.fetchrow("select status, reason, end_status from ai.rag_runs")
    assert (tuple(run), tuple(await db.fetchrow(WHERE))) == (("succeeded", "rfq_deleted", None), NOWHERE)
