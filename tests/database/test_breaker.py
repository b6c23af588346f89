"""The breaker and the limits of models: shared by all workers, exact, on the database's clock."""

import asyncio
import json

import pytest

from tests.support.admission import admit, breaker, calls, claim, end, finish, insert, request
from tests.support.breakers import cool, opened, probing


async def test_it_opens_at_the_share_of_failures_but_not_below_the_minimum_of_calls(db):
    await calls(db, 5)
    await calls(db, 4, call="failed")
    assert (await breaker(db))["state"] == "closed"
    await calls(db, 1, call="failed")

    row = await opened(db)
    assert 25 < (row["open_until"] - row["opened_at"]).total_seconds() < 35
    await insert(db)
    assert await admit(db, request((await claim(db, 1))[0])) == [(None, "breaker_open")]


async def test_a_few_failures_among_many_calls_open_nothing(db):
    await calls(db, 12)
    await calls(db, 11, call="failed")
    assert (await breaker(db))["state"] == "closed"


async def test_failures_before_the_window_do_not_count(db):
    await calls(db, 9, call="failed")
    await db.execute("update ai.breaker_windows set slice = slice - interval '6 minutes'")
    await calls(db, 9, call="failed")
    assert (await breaker(db))["state"] == "closed"


async def test_a_bad_answer_or_request_is_no_failure_of_the_provider(db):
    await calls(db, 20, call="rejected")
    await calls(db, 20, call=None)
    assert (await breaker(db))["state"] == "closed"


async def test_five_different_requests_refused_and_none_answered_is_a_wrong_setting(db):
    bad = {"verdict": "discard", "call": "rejected", "error_class": "bad_request", "reason": "bad_request"}
    await calls(db, 4, **bad)
    assert (await breaker(db))["state"] == "closed"
    await calls(db, 1, **bad)
    await opened(db, "bad_request")


@pytest.mark.parametrize(("trip", "whole"), [("auth", True), ("quota", True), ("model_not_found", False)])
async def test_a_fault_of_the_account_opens_the_provider_and_a_fault_of_a_model_opens_the_model(db, trip, whole):
    await calls(db, 1, call=None, trip=trip)
    await insert(db)
    row = (await claim(db, 1))[0]

    assert await admit(db, request(row, "m2")) == [(None, "breaker_open") if whole else ("m2", None)]
    assert (await breaker(db, "*" if whole else "m1"))["reason"] == trip


async def test_an_open_breaker_lets_exactly_one_probe_of_fifty_through(db, open_connection):
    await calls(db, 10, call="failed")
    await cool(db)
    await insert(db, 50)
    rows = await claim(db, 50)
    conns = [await open_connection() for _ in range(10)]

    async def ask(number: int) -> list:
        found = []
        for row in rows[number::10]:
            found += await admit(conns[number], request(row))
        return found

    answers = [one for some in await asyncio.gather(*(ask(number) for number in range(10))) for one in some]
    assert (
        sorted(answers, key=str) == [("m1", None)] + [(None, "breaker_open")] * 49 or answers.count(("m1", None)) == 1
    )
    assert (await breaker(db))["state"] == "half_open"
    assert await db.fetchval("select count(*) from ai.events where kind = 'breaker_half_opened'") == 1


async def test_a_successful_probe_closes_it_and_calls_return_in_a_ramp(db):
    probe = await probing(db)
    await finish(db, end(probe))
    row = await breaker(db)
    assert (row["state"], row["trips"], row["ramp"]) == ("closed", 0, 2)
    await insert(db, 6)
    rows = await claim(db, 6)
    assert [refusal for _, refusal in await admit(db, *map(request, rows))] == [None] * 2 + ["ramp"] * 4
    await finish(db, *map(end, rows[:2]))
    assert [refusal for _, refusal in await admit(db, *map(request, rows[2:]))] == [None] * 4
    kinds = await db.fetchval("select array_agg(kind order by event_id) from ai.events where model = 'm1'")
    assert kinds == ["breaker_opened", "breaker_half_opened", "breaker_closed"]


async def test_each_probe_that_fails_doubles_the_cool_down_up_to_its_cap(db):
    await finish(db, end(await probing(db), "retry", call="failed"))
    seconds = []
    for _ in range(7):
        row = await opened(db)
        seconds.append((row["open_until"] - row["changed_at"]).total_seconds())
        await cool(db)
        await insert(db)
        probe = (await claim(db, 1))[0]
        assert await admit(db, request(probe)) == [("m1", None)]
        await finish(db, end(probe, "retry", call="failed"))

    assert 50 < seconds[0] < 70
    assert 100 < seconds[1] < 140
    assert all(800 < one < 1000 for one in seconds[5:])


async def test_a_probe_that_was_cut_off_or_throttled_decides_nothing_and_frees_its_place(db):
    await finish(db, end(await probing(db), "release", call=None, status=None))
    assert (await breaker(db))["trips"] == 1
    await insert(db)
    row = (await claim(db, 1))[0]
    assert await admit(db, request(row)) == [("m1", None)]
    await finish(db, end(row, "defer", call="throttled", retry_after_ms=7000.0, charged=False))
    row = await opened(db)
    assert row["trips"] == 1
    assert (
        5
        < await db.fetchval(
            "select extract(epoch from open_until - now())::float8 from ai.breaker_status where model = 'm1'"
        )
        < 8
    )


async def test_a_probe_whose_worker_died_is_followed_by_another(db):
    await probing(db)
    await db.execute("update ai.outbox set lease_expires_at = now() - interval '1 s'")
    row = (await claim(db, 1))[0]  # takes the claim over, and settles the lost one
    assert (await breaker(db))["state"] == "open"
    assert await admit(db, request(row)) == [("m1", None)]


async def test_another_claim_becomes_the_probe_when_the_first_ones_lease_is_over(db):
    await probing(db)
    await db.execute("update ai.model_states set probe_until = now() - interval '1 s' where model = 'm1'")
    await insert(db)
    late = (await claim(db, 1))[0]
    assert await admit(db, request(late)) == [("m1", None)]


async def test_late_results_of_earlier_calls_change_nothing(db):
    await insert(db, 2)
    before = await claim(db, 2)
    await admit(db, *map(request, before))
    await calls(db, 10, call="failed")
    row = await opened(db)
    await finish(db, end(before[0]), end(before[1], "retry", call="failed"))
    assert await opened(db) | {"in_flight": 0} == row | {"in_flight": 0}


async def test_a_late_result_is_not_taken_for_the_probes(db):
    await insert(db, 2)
    late, later = await claim(db, 2)
    await admit(db, request(late), request(later))
    probe = await probing(db)
    await finish(db, end(late), end(later, "retry", call="failed"))
    assert (await breaker(db))["state"] == "half_open"
    await finish(db, end(probe))
    assert (await breaker(db))["state"] == "closed"


async def test_one_call_of_a_batch_is_the_probe(db):
    await calls(db, 10, call="failed")
    await cool(db)
    await insert(db, 5)
    rows = await claim(db, 5)
    assert await admit(db, *map(request, rows)) == [("m1", None)] + [(None, "breaker_open")] * 4


async def test_it_stays_open_at_least_as_long_as_the_provider_asked(db):
    await calls(db, 10, call="failed", retry_after_ms=300_000.0)
    row = await opened(db)
    assert 290 < (row["open_until"] - row["opened_at"]).total_seconds() < 310


async def test_an_outage_is_charged_to_no_rfq(db):
    await calls(db, 10, "m1", verdict="retry", call="failed", error_class="provider_5xx")
    await opened(db)
    rows = await db.fetch("select attempt, reason from ai.outbox_deferred")
    assert {tuple(row) for row in rows} == {(0, "breaker_open")}
    await db.execute("update ai.outbox_deferred set due_at = now()")
    await db.execute("select ai.promote_deferred()")
    await db.execute("delete from ai.outbox")
    await calls(db, 1, "m2", verdict="retry", call=None, error_class="invalid_output")
    assert await db.fetchval("select attempt from ai.outbox_deferred where reason = 'retry'") == 1


async def test_a_failed_rfq_that_is_due_again_gets_its_attempt_back_too(db):
    await calls(db, 9, "m1", verdict="retry", call="failed", error_class="provider_5xx", delay_ms=0.0)
    await db.execute("select ai.promote_deferred()")
    assert await db.fetchval("select sum(attempt) from ai.outbox") == 9
    row = (await claim(db, 1))[0]
    await admit(db, request(row))
    await finish(db, end(row, "retry", call="failed", error_class="provider_5xx"))

    await opened(db)
    assert await db.fetchval("select sum(attempt) from ai.outbox") == 0
    assert await db.fetchval("select attempt from ai.outbox_deferred") == 0


async def test_a_rate_limit_stops_all_workers_until_the_time_that_the_provider_set_and_then_ramps_up(db):
    await calls(db, 1, verdict="defer", call="throttled", retry_after_ms=40_000.0)
    await insert(db, 3)
    rows = await claim(db, 3)
    assert await admit(db, request(rows[0])) == [(None, "rate_limit")]
    assert await admit(db, request(rows[0], "m1", "m2")) == [("m2", None)]
    await db.execute("update ai.model_states set not_before = now() where model = 'm1'")
    assert [refusal for _, refusal in await admit(db, *map(request, rows[1:]))] == [None, "ramp"]


async def test_a_breaker_that_a_person_opened_stays_open_until_a_person_closes_it(db, counter, sleeper):
    await db.execute("select ai.open_breaker('p', 'm1', 'ada', 'maintenance')")
    await insert(db)
    row = (await claim(db, 1))[0]
    assert await admit(db, request(row)) == [(None, "breaker_open")]
    waits = end(row, "defer", reason="breaker_open", error_class=None, charged=False, delay_ms=3_600_000.0)
    await finish(db, {**waits, "admitted": None})
    await counter.received()
    assert await db.fetchval("select ai.close_breaker('p', 'm1', 'ada', 'done')")
    assert await counter.received() > 0
    assert await db.fetchval("select due_at < now() + interval '1 s' from ai.outbox_deferred")
    assert not await db.fetchval("select ai.close_breaker('p', 'm1', 'ada')")
    assert await db.fetchval("select array_agg(actor order by event_id) from ai.events") == [
        "ada: maintenance",
        "ada: done",
    ]
    await calls(db, 10, "m3", call="failed", trip=None)
    assert await db.fetchval("select ai.reset_breaker('p', 'm3', 'ada')")
    assert (await breaker(db, "m3"))["ramp"] is None


async def test_a_bucket_of_requests_admits_exactly_its_content_over_any_number_of_sessions(db, open_connection):
    await db.execute(
        "insert into ai.model_limits (provider, model, requests_per_minute, request_burst) values ('p', 'm1', 1, 20)"
    )
    await insert(db, 100)
    rows = await claim(db, 100)
    conns = [await open_connection() for _ in range(10)]

    async def ask(number: int) -> int:
        return [refusal for _, refusal in await admit(conns[number], *map(request, rows[number::10]))].count(None)

    assert sum(await asyncio.gather(*(ask(number) for number in range(10)))) == 20
    await db.execute("update ai.model_states set filled_at = filled_at - interval '3 minutes'")
    rows = [
        row
        for row in rows
        if not await db.fetchval("select exists (select from ai.holds where claim_id = $1)", row["claim_id"])
    ]
    assert [refusal for _, refusal in await admit(db, *map(request, rows))].count(None) == 3


async def test_tokens_are_taken_as_estimated_and_unused_tokens_are_returned(db):
    await db.execute("insert into ai.model_limits (provider, model, tokens_per_minute) values ('p', 'm1', 1000)")
    await insert(db, 3)
    rows = await claim(db, 3)
    assert [refusal for _, refusal in await admit(db, *(request(row, tokens=600) for row in rows))] == [
        None, "tokens_per_minute", "tokens_per_minute",
    ]  # fmt: skip
    await finish(db, end(rows[0], input_tokens=100, output_tokens=50))
    assert await admit(db, request(rows[1], tokens=800)) == [("m1", None)]
    await db.execute("update ai.model_states set filled_at = filled_at - interval '2 minutes'")
    assert await admit(db, request(rows[2], tokens=5000)) == [("m1", None)]  # more than the bucket: once it is full


async def test_calls_in_flight_are_limited_per_model_and_per_provider(db):
    await db.execute(
        "insert into ai.model_limits (provider, model, most_in_flight) values ('p', 'm1', 2), ('p', '*', 3)"
    )
    await insert(db, 5)
    rows = await claim(db, 5)
    asked = [request(row, "m1", "m2") for row in rows]
    assert await admit(db, *asked) == [("m1", None)] * 2 + [("m2", None)] + [(None, "concurrency")] * 2
    await finish(db, end(rows[0]))
    assert await admit(db, *asked[3:]) == [("m1", None), (None, "concurrency")]


async def test_no_call_is_admitted_during_a_pause(db):
    await insert(db)
    row = (await claim(db, 1))[0]
    await db.execute("select ai.pause()")
    assert await admit(db, request(row)) == [(None, "paused")]


async def test_workers_get_each_event_once(db):
    seen = (await db.fetchrow("select * from ai.heartbeat(0, 0, 0, -1)"))["event_seen"]
    await calls(db, 1, call=None, trip="auth")
    beat = await db.fetchrow("select * from ai.heartbeat(0, 0, 0, $1)", seen)
    assert [(one["kind"], one["model"], one["reason"]) for one in json.loads(beat["events"])] == [
        ("breaker_opened", "*", "auth")
    ]
    assert (await db.fetchrow("select * from ai.heartbeat(0, 0, 0, $1)", beat["event_seen"]))["events"] is None


async def test_rfqs_that_wait_for_a_breaker_return_in_a_ramp_and_not_all_at_once(db):
    probe = await probing(db)
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "select gen_random_uuid(), now(), now() + interval '1 hour', 0, 'breaker_open' from generate_series(1, 3000)"
    )
    await finish(db, end(probe))
    row = await db.fetchrow(
        "select count(*) filter (where due_at < now() + interval '1.5 s') as soon, "
        "count(*) filter (where due_at < now() + interval '61 s') as woken, count(*) as all from ai.outbox_deferred"
    )
    assert 50 < row["soon"] < 250
    assert (row["woken"], row["all"]) == (1000, 3000)
