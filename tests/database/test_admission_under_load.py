"""Defects that a review of the guards found: each test makes the defect happen as it did."""

import asyncio
import json

import asyncpg
import pytest

from rfqflow.enrichment.attempt_result import unstorable
from rfqflow.store.encoding import encoded_results
from tests.support.admission import (
    DOLLAR,
    admit,
    breaker,
    calls,
    claim,
    end,
    finish,
    insert,
    ledger,
    request,
    set_policy,
)
from tests.support.attempt_results import attempt_result, paid_call
from tests.support.breakers import cool, opened, probing
from tests.support.gate_facts import add, answer, facts


async def cap(db, nano, scope="global", period="day"):
    await db.execute("select ai.set_budget($1, $2, $3::numeric / 1e9)", scope, period, nano)


async def test_a_granted_admission_is_repeated_during_a_pause(db):
    await insert(db)
    row = (await claim(db, 1))[0]
    assert await admit(db, request(row)) == [("m1", None)]
    await db.execute("select ai.pause()")
    assert await admit(db, request(row)) == [("m1", None)]


@pytest.mark.parametrize("kind", ["broken", "unrecordable"])
async def test_an_end_without_a_model_is_booked_on_the_model_that_was_called(db, kind):
    await cap(db, DOLLAR, "model:m1", "hour")
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row, nano=1000))
    if kind == "unrecordable":
        result = attempt_result(
            row["outbox_id"], claim_id=row["claim_id"], rfq_id=row["rfq_id"], content_sha256=row["content_sha256"],
            **paid_call(),
        )  # fmt: skip
        (one,) = json.loads(encoded_results([unstorable(result)]))
    else:
        one = {**end(row, "retry"), "reason": "internal", "error_class": "internal"}
        for k in ("provider", "model", "booked_nano", "call", "cost_usd", "cost_source"):
            one.pop(k)
    assert await finish(db, one) == {}
    assert await ledger(db) == [(0, 0), (0, 0)]


async def test_duplicates_do_not_use_up_their_senders_rate(db):
    await set_policy(db, sender_per_hour=3)
    first = await add(db)
    dups = [await add(db) for _ in range(3)]
    await facts(db, first, *dups, paid=True)
    other = await add(db, "another text")
    (got,) = await facts(db, other, text=b"0" * 16, paid=True)
    assert got["sender_over"] is False


async def test_no_duplicate_waits_for_an_original_whose_run_is_gone(db):
    first = await add(db)
    await facts(db, first)
    await answer(db, first)
    await db.execute("delete from ai.rag_runs")
    second = await add(db)
    (got,) = await facts(db, second)
    assert not (got["original_rfq_id"] and got["original_run_id"] is None)


async def test_a_refused_probe_keeps_the_breaker_open_for_a_wrong_setting(db):
    bad = {"verdict": "discard", "call": "rejected", "error_class": "bad_request", "reason": "bad_request"}
    await calls(db, 5, **bad)
    await opened(db, "bad_request")
    await cool(db)
    await insert(db)
    row = (await claim(db, 1))[0]
    assert await admit(db, request(row)) == [("m1", None)]
    await finish(db, end(row, **bad))
    got = await breaker(db)
    assert (got["state"], got["trips"]) == ("open", 2)


async def test_a_change_of_the_time_zone_is_not_counted_as_drift(db):
    await calls(db, 1)
    await set_policy(db, budget_time_zone="Pacific/Kiritimati")
    await calls(db, 1)
    assert all(d == (0, 0) for d in await ledger(db)), await ledger(db)


async def test_a_time_zone_changed_back_and_forth_forgets_no_spending(db):
    await cap(db, 3000)
    await set_policy(db, budget_time_zone="Etc/GMT+1")
    await calls(db, 1)
    await set_policy(db, budget_time_zone="Etc/GMT+2")
    await calls(db, 2)
    await set_policy(db, budget_time_zone="Etc/GMT+1")
    await insert(db)
    assert await admit(db, request((await claim(db, 1))[0], nano=1501)) == [(None, "budget")]


async def test_an_hour_has_sixty_minutes_when_clocks_change(db):
    await cap(db, 1000, "global", "hour")
    rows = []
    for at in ("2026-11-01 05:30Z", "2026-11-01 06:30Z"):
        await db.execute(
            "select ai.ensure_budget_windows('global', '{}', '{}', 'America/New_York', $1::text::timestamptz)", at
        )
    rows = await db.fetch("select starts_at, ends_at from ai.budget_windows where period = 'hour' order by starts_at")
    assert rows[0]["ends_at"] <= rows[1]["starts_at"], rows


async def test_an_open_transaction_of_the_application_blocks_no_heartbeat(db, open_connection):
    app = await open_connection()
    rfq = await add(db)
    await db.execute("delete from ai.outbox")
    await db.execute("insert into ai.outbox_missed (rfq_id, sqlstate) values ($1, '55P03')", rfq)
    t = app.transaction()
    await t.start()
    await app.execute("update public.rfq_requests set message = 'edited' where id = $1", rfq)
    await db.execute(
        "insert into ai.workers (worker, host, pid, version, provider, model, concurrency, has_lock) overriding system value values (77,'h',1,'v','p','m',1,true)"
    )
    await insert(db, 1)

    assert await db.fetchrow("select * from ai.heartbeat(1, 0, -1, -1)")


async def test_an_empty_idempotency_key_counts_as_absent(db):
    def s(*a):
        return db.fetchval("select public.submit_rfq(p_message => $1, p_idempotency_key => $2, p_phone => $3)", *a)

    assert await s("first", "", "1") != await s("second", "", "2")


async def test_two_senders_without_an_address_are_counted_separately(db):
    def s(*a):
        return db.fetchval("select public.submit_rfq(p_message => $1, p_phone => $2, p_name => $3)", *a)

    assert await s("please call me back", "+1", "Ann") != await s("please call me back", "+2", "Bob")


async def test_an_attempt_that_an_outage_failed_is_given_back_once(db):
    await set_policy(db, max_attempts=100)
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row))
    await finish(db, end(row, "retry", call="failed", delay_ms=0.0))
    await db.execute("delete from ai.outbox_deferred")
    await db.execute("insert into ai.outbox (rfq_id, attempt) values ($1, 4)", row["rfq_id"])
    await db.execute("update ai.rag_runs set attempt = 4")
    seen = []
    for _ in range(3):
        await db.execute("select ai.refund_outage_attempts()")
        seen.append(await db.fetchval("select attempt from ai.outbox"))
    assert seen == [3, 3, 3]


async def test_a_policy_change_that_commits_late_is_followed(db, open_connection):
    other = await open_connection()
    t = other.transaction()
    await t.start()
    await other.execute("select ai.set_policy('min_characters', '5')")
    await db.execute("select ai.set_policy('recovery_ramp_seconds', '5')")
    seen = (await db.fetchrow("select * from ai.heartbeat(1, 0, -1, -1)"))["policy_seen"]
    await t.commit()
    got = await db.fetchrow("select * from ai.heartbeat(1, 0, $1, -1)", seen)
    assert got["policy"] is not None


async def test_a_finish_that_takes_over_a_claim_on_another_provider_does_not_deadlock(db, open_connection):
    await insert(db, 1)
    rq = (await claim(db, 1))[0]
    await db.fetch("select * from ai.admit('q', $1, '60 s')", json.dumps([request(rq)]))
    await insert(db, 1)
    rp = (await claim(db, 1))[0]
    await admit(db, request(rp))
    await insert(db, 1)
    rq2 = (await claim(db, 1))[0]
    await db.execute(
        "update ai.outbox set lease_expires_at = now() - interval '1 s' where claim_id = $1", rq["claim_id"]
    )
    a, b = (await open_connection(), await open_connection())
    ta = a.transaction()
    await ta.start()
    await a.fetch("select * from ai.finish_outbox($1)", json.dumps([end(rp)]))
    tb = asyncio.create_task(b.fetch("select * from ai.admit('q', $1, '60 s')", json.dumps([request(rq2)])))
    await asyncio.sleep(0.2)

    async def rest():
        await a.fetch("select * from ai.claim_outbox(1, 1000, 5, '60 s')")
        await ta.commit()

    got = await asyncio.gather(rest(), tb, return_exceptions=True)
    assert not [g for g in got if isinstance(g, Exception)], got


async def test_dead_claims_of_two_providers_are_reclaimed_without_a_deadlock(db, open_connection):
    """reclaim_dead settles worker by worker"""
    await insert(db, 3)
    r1, r2, r3 = await claim(db, 3)
    await admit(db, request(r1))
    await db.fetch("select * from ai.admit('q', $1, '60 s')", json.dumps([request(r2)]))
    await db.execute("update ai.outbox set worker = id")
    a, b = (await open_connection(), await open_connection())
    ta = a.transaction()
    await ta.start()
    await a.execute("select ai.reclaim_worker(1)")
    tb = asyncio.create_task(b.fetch("select * from ai.admit('q', $1, '60 s')", json.dumps([request(r3)])))
    await asyncio.sleep(0.2)

    async def rest():
        await a.execute("select ai.reclaim_worker(2)")
        await ta.commit()

    got = await asyncio.gather(rest(), tb, return_exceptions=True)
    assert not [g for g in got if isinstance(g, Exception)], got


@pytest.mark.parametrize("verdict", ["defer", "discard"])
async def test_a_rerun_that_waited_for_a_finish_leaves_no_row_that_cannot_end(db, open_connection, verdict):
    rfq = await add(db)
    row = (await claim(db, 1))[0]
    a, b = (await open_connection(), await open_connection())
    plain = {"admitted": None, "reason": "budget", "error_class": None, "charged": False}
    t = a.transaction()
    await t.start()
    await a.fetch("select * from ai.finish_outbox($1)", json.dumps([end(row, verdict, **plain)]))
    tb = asyncio.create_task(b.execute("select ai.rerun_rfq($1)", rfq))
    await asyncio.sleep(0.1)
    await t.commit()
    await tb
    row = (await claim(db, 1))[0]
    first = await finish(db, end(row, verdict, **plain))
    second = await finish(db, end(row, "abandon", status="failed", **plain))
    assert (first, second) == ({}, {}) or first == {}, (first, second)


async def test_pruning_does_not_wait_for_gates(db, open_connection):
    ids = [await add(db, f"t{n}") for n in range(2)]
    texts = [b"0" * 16, b"1" * 16]
    for n in (1, 0):
        await db.fetch("select * from ai.gate_facts($1, $2, $3, false)", [ids[n]], [texts[n]], [1])
    await db.execute("update ai.duplicate_fingerprints set seen_at = now() - interval '60 days'")
    await db.execute("vacuum full ai.duplicate_fingerprints")
    a, b = (await open_connection(), await open_connection())
    t = b.transaction()
    await t.start()
    await b.fetch("select * from ai.gate_facts($1, $2, $3, false)", [ids[0]], [texts[0]], [1])
    p = asyncio.create_task(a.fetchval("select ai.prune_guards()"))
    await asyncio.sleep(0.2)
    got = await asyncio.gather(
        p, b.fetch("select * from ai.gate_facts($1, $2, $3, false)", [ids[1]], [texts[1]], [1]), return_exceptions=True
    )
    assert not [g for g in got if isinstance(g, Exception)], got


async def test_a_throttled_probe_is_not_followed_by_another_at_once(db):
    probe = await probing(db)
    await insert(db)
    row = (await claim(db, 1))[0]
    await finish(db, end(probe, "defer", call="throttled", reason="rate_limit", error_class="rate_limit"))
    assert await admit(db, request(row)) == [(None, "breaker_open")]  # within a second


async def test_a_cap_holds_while_it_is_removed_and_set_again(db, open_connection):
    """One transaction removes a cap and sets it again, during an admission."""
    await insert(db, 3)
    rows = await claim(db, 3)
    await db.execute("select ai.set_budget('global', 'day', 0.000001)")
    await admit(db, request(rows[0], nano=900))
    a, b = (await open_connection(), await open_connection())
    t = a.transaction()
    await t.start()
    await a.execute("select ai.set_budget('global', 'day', null)")
    tb = asyncio.create_task(admit(b, request(rows[1], nano=900)))
    await asyncio.sleep(0.2)
    await a.execute("select ai.set_budget('global', 'day', 0.000001)")
    await t.commit()
    try:
        got = await tb
    except asyncpg.SerializationError:
        got = "again"
    assert got in ("again", [(None, "budget")]), got


async def test_a_claim_at_the_time_the_breaker_opened_gets_its_attempt_back_when_it_closes(db):
    """The outage failed the RFQ once.

    When the breaker opens, the RFQ is claimed again: it is refused and deferred, and its attempt remains charged.
    """
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row))
    await finish(db, end(row, "retry", call="failed", delay_ms=0.0))
    await db.execute("select ai.promote_deferred()")
    row = (await claim(db, 1))[0]
    assert row["attempt"] == 2
    await calls(db, 10, verdict="retry", call="failed")
    await opened(db)
    assert await admit(db, request(row)) == [(None, "breaker_open")]
    await finish(
        db,
        {**end(row, "defer", reason="breaker_open", charged=False, error_class=None, delay_ms=0.0), "admitted": None},
    )
    await cool(db)
    await insert(db)
    probe = (await claim(db, 1))[0]
    assert await admit(db, request(probe)) == [("m1", None)]
    await finish(db, end(probe))
    assert await db.fetchval("select attempt from ai.outbox_deferred where rfq_id = $1", row["rfq_id"]) == 0
