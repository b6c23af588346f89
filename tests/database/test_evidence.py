"""What refusals mean: refusals of several RFQs are evidence for the breaker; an RFQ that is refused alone ends."""

import pytest

from tests.support.admission import admit, breaker, calls, claim, end, finish, insert, request


def refused(trip: str = "auth", **fields) -> dict:
    return {
        "verdict": "defer", "call": "refused", "trip": trip, "error_class": trip, "reason": trip, "charged": False,
        "booked_nano": 0, "delay_ms": 0.0, **fields,
    }  # fmt: skip


async def state(db, model: str = "*") -> str:
    return (await breaker(db, model))["state"]


@pytest.mark.parametrize(
    ("trip", "model"), [("auth", "*"), ("quota", "*"), ("not_sent", "*"), ("model_not_found", "m1")]
)
async def test_refusals_of_two_rfqs_do_not_open_the_breaker_and_a_third_does(db, trip, model):
    await calls(db, 2, **refused(trip, delay_ms=60000.0))
    assert await state(db, model) == "closed"
    await calls(db, 1, **refused(trip, delay_ms=60000.0))
    row = await breaker(db, model)
    assert (row["state"], row["reason"]) == ("open", trip)


async def test_repeated_refusals_of_one_rfq_do_not_open_the_breaker(db):
    await insert(db)
    for _ in range(8):
        row = (await claim(db, 1))[0]
        await admit(db, request(row))
        await finish(db, end(row, **refused()))
        await db.execute("select ai.promote_deferred()")
    assert await state(db) == "closed"


async def test_an_answer_between_refusals_restarts_the_count(db):
    for _ in range(4):
        await calls(db, 2, **refused(delay_ms=60000.0))
        await calls(db, 1)
    assert await state(db) == "closed"


async def test_an_answer_in_the_same_batch_counts_against_its_refusals(db):
    await insert(db, 5)
    rows = await claim(db, 5)
    await admit(db, *map(request, rows))
    await finish(db, end(rows[0]), *(end(row, **refused(delay_ms=60000.0)) for row in rows[1:]))
    assert await state(db) == "closed"


async def test_refusals_wait_for_the_results_of_earlier_calls(db):
    await insert(db)
    slow = (await claim(db, 1))[0]
    await admit(db, request(slow))
    await calls(db, 9, **refused(delay_ms=60000.0))
    assert await state(db) == "closed"
    await finish(db, end(slow, "retry", call="failed"))
    await calls(db, 1, **refused(delay_ms=60000.0))
    assert await state(db) == "open"


async def test_a_hold_that_will_never_be_settled_does_not_keep_the_breaker_closed(db):
    await insert(db)
    await admit(db, request((await claim(db, 1))[0]))
    await db.execute("update ai.holds set admitted_at = admitted_at - interval '2 minutes'")
    await calls(db, 3, **refused(delay_ms=60000.0))
    assert await state(db) == "open"


async def probe(db) -> dict:
    await db.execute("update ai.model_states set open_until = now() - interval '1 s' where model = '*'")
    await insert(db)
    row = (await claim(db, 1))[0]
    assert await admit(db, request(row)) == [("m1", None)]
    return row


async def test_refused_probes_do_not_double_the_cool_down(db):
    await calls(db, 3, **refused(delay_ms=60000.0))
    for _ in range(4):
        await finish(db, end(await probe(db), **refused(delay_ms=60000.0)))
        row = await breaker(db, "*")
        assert (row["state"], row["reason"], row["trips"]) == ("open", "auth", 1)
        assert 25 < (row["open_until"] - row["changed_at"]).total_seconds() < 35
    await finish(db, end(await probe(db)))
    assert await state(db) == "closed"


async def test_a_probe_that_a_gateway_refuses_says_nothing_about_the_model(db):
    await calls(db, 10, call="failed")
    await db.execute("update ai.model_states set open_until = now() - interval '1 s' where model = 'm1'")
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row))
    await finish(db, end(row, **refused(delay_ms=60000.0)))
    assert ((await breaker(db))["trips"], await state(db)) == (1, "closed")
    assert await db.fetchval("select open_until <= now() from ai.model_states where model = 'm1'")


async def again(db, rfq_id, **fields) -> dict[int, str]:
    await db.execute("update ai.outbox_deferred set due_at = now() where rfq_id = $1", rfq_id)
    await db.execute("select ai.promote_deferred()")
    row = next(one for one in await claim(db, 10) if one["rfq_id"] == rfq_id)
    await admit(db, request(row))
    return await finish(db, end(row, **fields))


KINDS = {
    "a firewall": refused(),
    "too large for what is left": refused("quota"),
    "another address": refused("model_not_found"),
    "cut off, at its price": refused(
        None, call="failed", error_class="connection", reason="connection", booked_nano=None
    ),
    "a gateway's timeout": refused(
        None, call="failed", error_class="provider_5xx", reason="provider_5xx", booked_nano=None
    ),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_an_rfq_that_is_refused_while_others_are_answered_ends_after_max_attempts(db, kind):
    await db.execute("select ai.set_policy('max_attempts', '4')")
    await calls(db, 1, **kind)
    rfq_id = await db.fetchval("select rfq_id from ai.outbox_deferred")
    assert await again(db, rfq_id, **kind) == {}
    assert await again(db, rfq_id, **kind) == {}
    assert await again(db, rfq_id, **kind) == {}  # no other RFQ has been called for meanwhile
    await calls(db, 1)
    (outcome,) = (await again(db, rfq_id, **kind)).values()

    assert outcome == "exhaust"
    word = kind["reason"]
    rfq = await db.fetchrow("select ai_status, ai_reason from ai.rfqs where rfq_id = $1", rfq_id)
    assert tuple(rfq) == ("failed", word)
    assert tuple(await db.fetchrow("select rfq_id, reason, error_class from ai.outbox_dead")) == (rfq_id, word, word)
    assert await db.fetchval("select count(*) from ai.outbox_deferred") == 0
    run = await db.fetchrow(
        "select status, end_status from ai.rag_runs where rfq_id = $1 order by created_at desc limit 1", rfq_id
    )
    assert tuple(run) == ("failed", "failed")


async def test_a_rerun_of_a_refused_rfq_restarts_the_count(db):
    await db.execute("select ai.set_policy('max_attempts', '2')")
    await calls(db, 1, **refused())
    rfq_id = await db.fetchval("select rfq_id from ai.outbox_deferred")
    await calls(db, 1)
    assert [*(await again(db, rfq_id, **refused())).values()] == ["exhaust"]
    await db.execute("select ai.rerun_rfq($1)", rfq_id)
    assert await again(db, rfq_id, **refused()) == {}


@pytest.mark.parametrize(
    "kind",
    [
        refused(call=None),  # the provider says that the key is wrong, which holds for every RFQ
        refused("not_sent"),  # the request was not sent: a fault of the settings
        refused(None, call="failed", error_class="connection", reason="connection"),  # the request reached no server
        refused(None, call="throttled", error_class="rate_limit", reason="rate_limit"),
        refused(worker=2),  # another worker's calls are answered, perhaps with another key
    ],
    ids=["key", "not sent", "unreachable", "rate limit", "another worker"],
)
async def test_a_fault_that_is_not_the_rfqs_defers_it_for_as_long_as_it_lasts(db, kind):
    await db.execute("select ai.set_policy('max_attempts', '2')")
    await calls(db, 1, **kind)
    rfq_id = await db.fetchval("select rfq_id from ai.outbox_deferred")
    for _ in range(4):
        await db.execute("select ai.reset_breaker('p', m, 'ada') from unnest(array['*', 'm1']) m")
        await calls(db, 1)
        assert await again(db, rfq_id, **kind) == {}
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0


async def try_again(db, rfq_ids, **fields) -> None:
    """Poison: each RFQ is called for once more, with the same result."""
    await db.execute("update ai.outbox_deferred set due_at = now() where rfq_id = any ($1)", rfq_ids)
    await db.execute("select ai.promote_deferred()")
    for row in await claim(db, 10):
        granted = (await admit(db, request(row)))[0]
        if granted == ("m1", None):
            await finish(db, end(row, "retry", **fields))
        else:
            waits = end(row, "defer", reason="breaker_open", error_class=None, charged=False, status="deferred")
            await finish(
                db, {key: value for key, value in waits.items() if key not in ("admitted", "call", "booked_nano")}
            )


FAILED = {"call": "failed", "error_class": "provider_5xx", "reason": "provider_5xx"}


@pytest.mark.fault("L16")
async def test_repeated_failures_of_two_texts_never_open_the_breaker_with_or_without_other_rfqs(db):
    await db.execute("select ai.set_policy('max_attempts', '100')")
    await insert(db, 2)
    poison = [row[0] for row in await db.fetch("select id from public.rfq_requests")]
    for turn in range(12):
        await try_again(db, poison, **FAILED)
        if turn % 4 == 3:
            await calls(db, 1)
    assert await db.fetchval("select count(*) from ai.rag_runs where error_class = 'provider_5xx'") == 24
    assert await state(db, "m1") == "closed"


async def test_an_outage_that_repeatedly_fails_a_few_rfqs_opens_the_breaker(db):
    await db.execute("select ai.set_policy('max_attempts', '100')")
    await insert(db, 4)
    rfqs = [row[0] for row in await db.fetch("select id from public.rfq_requests")]
    for _ in range(3):
        await try_again(db, rfqs, **FAILED)
    assert await state(db, "m1") == "open"


@pytest.mark.fault("L16")
async def test_an_rfq_that_has_not_failed_probes_first_and_without_the_doubled_cool_down_of_others(db):
    await db.execute("select ai.set_policy('max_attempts', '100')")
    await insert(db, 3)
    poison = [row[0] for row in await db.fetch("select id from public.rfq_requests")]
    for _ in range(4):
        await try_again(db, poison, **FAILED)
    assert await state(db, "m1") == "open"
    for _ in range(5):  # each failed probe of these RFQs doubles the time
        await db.execute("update ai.model_states set open_until = now() - interval '1 hour' where model = 'm1'")
        await try_again(db, poison, **FAILED)
    assert (await breaker(db, "m1"))["trips"] >= 5
    await insert(db)
    honest = (await claim(db, 1))[0]
    assert await admit(db, request(honest)) == [(None, "breaker_open")]
    # The first cool-down is over; the last one will last much longer.
    await db.execute("update ai.model_states set changed_at = changed_at - interval '40 s', "
                     "open_until = open_until - interval '40 s' where model = 'm1'")  # fmt: skip
    assert await db.fetchval("select open_until > now() + interval '1 minute' from ai.model_states where model = 'm1'")
    await try_again(db, poison, **FAILED)
    assert await state(db, "m1") == "open"
    assert await admit(db, request(honest)) == [("m1", None)]
    await finish(db, end(honest))
    assert await state(db, "m1") == "closed"


async def test_no_probe_is_admitted_before_the_time_that_the_provider_set(db):
    await calls(db, 10, call="failed", retry_after_ms=3_000_000.0)
    await db.execute("update ai.model_states set changed_at = changed_at - interval '40 s' where model = 'm1'")
    await insert(db)
    assert await admit(db, request((await claim(db, 1))[0])) == [(None, "breaker_open")]
