"""An outage at low volume: too few calls to open a breaker, and still no RFQ is charged an attempt for it."""

import pytest

from tests.support.admission import admit, calls, claim, end, finish, insert, request

MOST = 5  # policy max_attempts


async def failed(
    db, times: int, error_class: str = "timeout", model: str = "m1", most: int = MOST, latency_ms: float = 1.0
) -> set[str]:
    """The only RFQ in the queue fails this many times; attempt `most` would be its last. Returns the result."""
    outcomes: dict[int, str] = {}
    fields = {"model": model, "call": "failed", "error_class": error_class, "reason": error_class}
    for _ in range(times):
        await db.execute("update ai.outbox_deferred set due_at = now() - interval '1 s'")
        await db.execute("select ai.promote_deferred()")
        (row,) = await claim(db, 1)
        assert await admit(db, request(row, model)) == [(model, None)]
        verdict = "discard" if row["attempt"] >= most else "retry"
        outcomes = await finish(db, end(row, verdict, charged=True, latency_ms=latency_ms, **fields))
    return set(outcomes.values())


async def status(db) -> tuple[str, str]:
    return tuple(
        await db.fetchrow(
            "select ai_status, ai_reason from public.rfq_requests where message = 'm1' order by created_at limit 1"
        )
    )


async def waits_seconds(db) -> float:
    return await db.fetchval("select extract(epoch from due_at - clock_timestamp())::float8 from ai.outbox_deferred")


@pytest.mark.parametrize("error_class", ["timeout", "provider_5xx"])
async def test_an_rfq_that_fails_while_no_other_is_answered_waits_longer_each_time(db, error_class):
    await db.execute("select ai.set_policy('breaker_min_calls', '100')")
    await insert(db)
    await failed(db, MOST, error_class)

    assert await status(db) == ("deferred", error_class)
    assert 0.8 * 900 - 5 < await waits_seconds(db) < 1.2 * 900
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0
    for doubled in (2, 4, 8, 16, 16):
        await failed(db, 1, error_class)
        assert 0.8 * 900 * doubled - 5 < await waits_seconds(db) < 1.2 * 900 * doubled
    assert await db.fetchval("select max(attempt) from ai.rag_runs") == MOST
    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'failed'") == MOST + 5


async def test_an_rfq_that_fails_while_others_are_answered_is_discarded(db):
    await insert(db)
    await failed(db, MOST - 1)
    await db.execute("update ai.outbox_deferred set due_at = now() + interval '1 hour'")
    await calls(db, 1)
    await failed(db, 1)

    assert await status(db) == ("failed", "timeout")
    assert await db.fetchval("select reason from ai.outbox_dead") == "timeout"


async def test_an_rfq_that_outlasts_its_attempts_is_returned_as_unfinished(db):
    await insert(db)
    assert await failed(db, MOST - 1) == set()
    assert await failed(db, 1) == {"outlast"}


@pytest.mark.parametrize(("latency_ms", "ends"), [(60_000.0, True), (0.0, False)])
async def test_a_single_attempt_is_judged_by_the_answers_during_it(db, latency_ms, ends):
    await calls(db, 1)
    await insert(db)
    assert await failed(db, 1, most=1, latency_ms=latency_ms) == (set() if ends else {"outlast"})
    assert await db.fetchval("select count(*) from ai.outbox_dead") == ends


async def test_an_answer_in_the_same_batch_counts_too(db):
    await insert(db, 2)
    rows = await claim(db, 2)
    await admit(db, *(request(row) for row in rows))
    fields = {"call": "failed", "error_class": "timeout", "reason": "timeout", "latency_ms": 0.0, "charged": True}
    assert await finish(db, end(rows[0]), end(rows[1], "discard", **fields)) == {}
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 1


async def test_an_rfq_is_discarded_if_its_model_has_no_statistics(db):
    await insert(db)
    (row,) = await claim(db, 1)
    assert await finish(db, end(row, "discard", admitted=None)) == {}
    assert await status(db) == ("failed", "timeout")


async def test_an_earlier_answer_or_one_of_another_model_is_no_sign_of_life(db):
    await calls(db, 1, "m1")
    await insert(db)
    await failed(db, 2)
    await db.execute("update ai.outbox_deferred set due_at = now() + interval '1 hour'")
    await calls(db, 1, "m2")
    await failed(db, MOST - 2)

    assert await db.fetchval("select count(*) from ai.outbox_deferred where reason = 'timeout'") == 1


async def test_an_rfq_does_not_wait_for_ever(db):
    await insert(db)
    await failed(db, MOST)
    assert await status(db) == ("deferred", "timeout")
    await db.execute("update ai.rag_runs set created_at = created_at - interval '73 hours'")
    await failed(db, 1)

    assert await status(db) == ("failed", "timeout")


async def test_a_fault_of_the_rfq_itself_ends_it(db):
    await insert(db)
    await failed(db, MOST, "invalid_output")
    assert await status(db) == ("failed", "invalid_output")


async def test_the_first_answer_wakes_the_rfqs_that_waited(db):
    await calls(db, 1)
    await insert(db)
    await failed(db, MOST)
    await db.execute("update ai.model_states set answered_at = answered_at - interval '2 minutes'")
    await calls(db, 1)

    assert await waits_seconds(db) < 60
