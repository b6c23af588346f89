"""Money: no hold above a cap, every call settled once, the ledger equal to the runs, after any crash."""

import asyncio
import json
import random

import asyncpg
import pytest

from tests.support.admission import DOLLAR, admit, calls, claim, end, finish, insert, ledger, request, set_policy, spent


async def cap(db, nano: int, scope: str = "global", period: str = "day") -> None:
    await db.execute("select ai.set_budget($1, $2, $3::numeric / 1e9)", scope, period, nano)


async def test_holds_are_granted_up_to_the_cap_to_the_nano_dollar_and_not_above(db):
    await cap(db, 2500)
    await insert(db, 4)
    rows = await claim(db, 4)

    assert await admit(db, *(request(row, nano=1000) for row in rows[:3])) == [
        ("m1", None), ("m1", None), (None, "budget"),
    ]  # fmt: skip
    assert await admit(db, request(rows[3], nano=501)) == [(None, "budget")]
    assert await admit(db, request(rows[3], nano=500)) == [("m1", None)]
    assert await spent(db) == (0, 2500)


async def test_a_refusal_takes_nothing_and_returns_the_end_of_the_window(db):
    await cap(db, 10)
    await insert(db)
    row = (await claim(db, 1))[0]
    found = await db.fetchrow("select * from ai.admit('p', $1, '60 s')", json.dumps([request(row, nano=11)]))

    left = await db.fetchval("select extract(epoch from window_end - now()) * 1000 from ai.budget_status")
    assert (found["refusal"], abs(found["wait_ms"] - float(left)) < 5000) == ("budget", True)
    assert await db.fetchval("select count(*) from ai.holds") == 0
    assert await db.fetchval("select in_flight from ai.breaker_status where model = 'm1'") == 0
    assert await db.fetchval("select count(*) from ai.events where kind = 'budget_refused' and scope = 'global'") == 1


async def wait_ms(db, asked) -> float:
    (found,) = await db.fetch("select * from ai.admit('p', $1, '60 s')", json.dumps([asked]))
    assert found["model"] is None
    return found["wait_ms"]


async def test_a_refusal_by_others_holds_waits_briefly_and_one_by_spent_money_does_not(db):
    await cap(db, 2000)
    await insert(db, 3)
    first, second, third = await claim(db, 3)
    assert await admit(db, request(first, nano=1500)) == [("m1", None)]

    assert await wait_ms(db, request(second, nano=1500)) == 250
    assert await wait_ms(db, request(second, nano=2001)) > 1000
    assert await admit(db, request(second, nano=500), request(third, nano=600)) == [("m1", None), (None, "budget")]
    assert await wait_ms(db, request(third, nano=600)) == 250

    await finish(db, end(first, booked_nano=1500, cost_usd="0.0000015"))
    assert await wait_ms(db, request(third, nano=600)) > 1000
    assert await admit(db, request(third, nano=0)) == [("m1", None)]


async def test_a_sender_limited_by_its_own_holds_lets_other_senders_through(db):
    await cap(db, 2000, scope="sender")
    await insert(db, 2)
    first, second = await claim(db, 2)
    assert await admit(db, request(first, nano=1500, sender="s")) == [("m1", None)]
    assert await wait_ms(db, request(second, nano=1500, sender="s")) == 2000


async def test_the_unused_part_of_a_hold_is_released_and_a_bill_above_it_is_booked_and_reported(db):
    await insert(db, 2)
    cheap, dear = await claim(db, 2)
    await admit(db, request(cheap, nano=1000), request(dear, nano=1000))
    assert await spent(db) == (0, 2000)
    await finish(
        db, end(cheap, booked_nano=400, cost_usd="0.0000004"), end(dear, booked_nano=1700, cost_usd="0.0000017")
    )

    assert await spent(db) == (2100, 0)
    assert await db.fetchval("select (amount_usd * 1e9)::int from ai.events where kind = 'budget_overrun'") == 700
    assert await ledger(db) == [(0, 0)]


async def test_settling_twice_settles_once(db):
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row))
    await finish(db, end(row))
    assert await finish(db, end(row)) == {row["outbox_id"]: "lost"}
    await db.execute("select ai.settle_calls($1)", json.dumps([end(row)]))

    assert await spent(db) == (500, 0)
    assert await ledger(db) == [(0, 0)]
    assert await db.fetchval("select in_flight from ai.breaker_status where model = 'm1'") == 0


async def _meanwhile(
    db, open_connection, row, *statements: str, held: str = "select from ai.budget_windows for update"
) -> list[tuple[str | None, str | None]] | str:
    """What admission returns to a claim that waited for a budget's window.

    Meanwhile another transaction held the window and made this change.
    """
    holder = await open_connection()
    await holder.execute(f"begin; {held}")
    asking = await open_connection()
    answer = asyncio.create_task(admit(asking, request(row, nano=1000)))
    while not await db.fetchval(
        "select cardinality(pg_blocking_pids($1)) > 0", asking.get_server_pid()
    ):  # until it waits for the window
        await asyncio.sleep(0.01)
    for statement in statements:
        await holder.execute(statement)
    await holder.execute("commit")
    try:
        return await answer
    except asyncpg.SerializationError as error:
        return str(error)


async def test_an_admission_that_waited_for_a_window_uses_the_current_cap(db, open_connection):
    await cap(db, 5000)
    await insert(db, 2)
    first, second = await claim(db, 2)
    await admit(db, request(first, nano=10))

    lowered = "select ai.set_budget('global', 'day', 999::numeric / 1e9)"
    assert await _meanwhile(db, open_connection, second, lowered) == [(None, "budget")]


@pytest.mark.parametrize(
    "change",
    ["select ai.set_budget('global', 'month', 0.000000001)", "select ai.set_budget('global', 'day', null)"],
)
async def test_an_admission_that_waited_while_budgets_changed_must_be_requested_again(db, open_connection, change):
    await cap(db, 5000)
    await insert(db, 2)
    first, second = await claim(db, 2)
    await admit(db, request(first, nano=10))

    assert (
        await _meanwhile(db, open_connection, second, change)
        == "a budget changed while this transaction waited for locks; try again"
    )

    assert await admit(db, request(second, nano=1000)) == [(None, "budget") if "month" in change else ("m1", None)]


async def test_the_first_budget_also_counts_for_an_admission_that_is_waiting(db, open_connection):
    await db.execute("delete from ai.policy where key like 'budget.%'")
    await insert(db)
    (row,) = await claim(db, 1)
    first = "select ai.set_budget('global', 'day', 0)"
    reported = await _meanwhile(db, open_connection, row, first, held="lock table ai.holds in share row exclusive mode")

    assert reported == "a budget changed while this transaction waited for locks; try again"
    assert await db.fetchval("select count(*) from ai.holds") == 0


async def test_a_repeated_request_for_admission_gets_the_same_admission(db):
    await insert(db)
    row = (await claim(db, 1))[0]
    assert await admit(db, request(row, "m1", "m2")) == [("m1", None)]
    assert await admit(db, request(row, "m2")) == [("m1", None)]
    assert await spent(db) == (0, 1000)


@pytest.mark.parametrize("point", ["claimed", "admitted", "finished"])
async def test_a_crash_at_any_point_leaves_the_ledger_equal_to_the_runs(database, db, open_connection, point):
    dying = await open_connection()
    number = await dying.fetchval("select ai.register_worker('h', 1, 'v', 'p', 'm1', 8, true)")
    await insert(db)
    row = (await claim(dying, 1, number))[0]
    if point != "claimed":
        await admit(dying, request(row, nano=1000))
    if point == "finished":
        await finish(dying, end(row))
    dying.terminate()
    await db.execute("select pg_sleep(0.05)")
    while await db.fetchval("select exists (select from ai.workers where worker = $1)", number):
        await db.execute("select ai.reclaim_dead(0)")

    runs = await db.fetch("select status, cost_source, (booked_usd * 1e9)::int as nano from ai.rag_runs")
    expected = {
        "claimed": [("lost", None, None)],
        "admitted": [("lost", "assumed", 1000)],  # whether it was called is unknown, so it costs the whole hold
        "finished": [("succeeded", "table", 500)],
    }[point]
    assert [tuple(run) for run in runs] == expected
    assert await spent(db) == ({"claimed": 0, "admitted": 1000, "finished": 500}[point], 0)
    assert await ledger(db) in ([], [(0, 0)])
    assert await db.fetchval("select count(*) from ai.holds") == 0


async def test_an_expired_lease_settles_at_the_hold_and_the_late_result_books_no_more(db):
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row, nano=1000))
    await db.execute("update ai.outbox set lease_expires_at = now() - interval '1 s'")
    again = (await claim(db, 1))[0]
    assert await finish(db, end(row, booked_nano=900)) == {row["outbox_id"]: "lost"}
    assert await spent(db) == (1000, 0)
    await admit(db, request(again, nano=1000))
    await finish(db, end(again))

    assert await spent(db) == (1500, 0)
    assert await ledger(db) == [(0, 0)]


async def test_a_hold_with_a_deleted_claim_is_reaped(db):
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row, nano=1000))
    await db.execute("delete from ai.outbox")
    assert await db.fetchval("select ai.reap_holds()") == 0
    await db.execute("update ai.holds set admitted_at = admitted_at - interval '16 minutes'")
    assert await db.fetchval("select ai.reap_holds()") == 1

    assert await spent(db) == (1000, 0)
    assert await db.fetchval("select reason from ai.rag_runs") == "claim_gone"


async def test_an_unknown_price_is_assumed_until_a_budget_is_set_and_then_refused(db):
    await insert(db, 3)
    rows = await claim(db, 3)
    assert await admit(db, request(rows[0], priced=False)) == [("m1", None)]
    await cap(db, DOLLAR)
    assert await admit(db, request(rows[1], priced=False)) == [(None, "unknown_price")]
    await set_policy(db, unknown_price="assume")
    assert await admit(db, request(rows[1], priced=False)) == [("m1", None)]
    await set_policy(db, unknown_price="refuse")
    assert await admit(db, request(rows[2], priced=False), request(rows[2])) == [(None, "unknown_price"), ("m1", None)]


async def test_a_cap_that_is_set_later_counts_all_spending_and_holds_of_its_window(db):
    await calls(db, 3)
    await insert(db, 2)
    rows = await claim(db, 2)
    await admit(db, request(rows[0], nano=1000))
    await cap(db, 3000, "global", "month")
    await cap(db, 3000, "model:m1", "hour")

    assert await admit(db, request(rows[1], nano=501)) == [(None, "budget")]
    assert await admit(db, request(rows[1], "m1", "m2", nano=500)) == [("m1", None)]
    assert await spent(db, "global", "month") == (1500, 1500)
    assert await spent(db, "model:m1", "hour") == (1500, 1500)
    await finish(db, end(rows[0]), end(rows[1]))
    assert await ledger(db) == [(0, 0)] * 3


async def test_the_next_model_of_the_chain_is_called_when_the_budget_of_the_first_is_spent(db):
    await cap(db, 100, "model:m1", "day")
    await insert(db)
    row = (await claim(db, 1))[0]

    assert await admit(db, request(row, "m1", "m2")) == [("m2", None)]


async def test_a_sender_spends_his_own_allowance_only(db):
    await cap(db, 1500, "sender", "day")
    await insert(db, 4)
    rows = await claim(db, 4)

    assert await admit(
        db,
        request(rows[0], sender="aa"),
        request(rows[1], sender="aa"),
        request(rows[2], sender="bb"),
        request(rows[3]),
    ) == [("m1", None), (None, "sender_budget"), ("m1", None), ("m1", None)]
    assert await db.fetchval("select count(*) from ai.events where kind = 'budget_refused'") == 0


async def test_raising_a_cap_wakes_the_rfqs_that_waited_for_it(db, counter, sleeper):
    await cap(db, 0)
    await insert(db)
    row = (await claim(db, 1))[0]
    assert await admit(db, request(row)) == [(None, "budget")]
    deferred = end(row, "defer", reason="budget", error_class=None, charged=False, delay_ms=3_600_000.0)
    await finish(db, {**deferred, "admitted": None})
    await counter.received()
    await cap(db, DOLLAR)

    assert await db.fetchval("select due_at < now() + interval '1 s' from ai.outbox_deferred")
    assert await counter.received() > 0


@pytest.mark.parametrize(
    ("scope", "period"), [("global", "week"), ("galaxy", "day"), ("model:", "day"), ("sender:aa", "day"), ("", "day")]
)
async def test_an_invalid_budget_is_refused(db, scope, period):
    with pytest.raises(Exception, match="no budget"):
        await db.execute("select ai.set_budget($1, $2, 1)", scope, period)


async def test_windows_follow_the_time_zone(db):
    await calls(db, 1)
    await set_policy(db, budget_time_zone="Pacific/Kiritimati")
    await calls(db, 1)

    starts = await db.fetchval("select window_start at time zone 'Pacific/Kiritimati' from ai.budget_status")
    assert (starts.hour, starts.minute) == (0, 0)
    assert (await spent(db))[0] == 1000  # the new window began before the first call too, or else counts one
    with pytest.raises(Exception, match="not found"):
        await set_policy(db, budget_time_zone="Middle/Earth")


async def test_drift_is_found_and_corrected(db):
    await calls(db, 2)
    await db.execute("update ai.budget_windows set spent_nano_usd = spent_nano_usd + 7")
    assert await ledger(db) == [(7, 0)]
    await db.execute("select ai.reconcile_budget(true)")

    assert await ledger(db) == [(0, 0)]
    assert await db.fetchval("select (amount_usd * 1e9)::int from ai.events where kind = 'budget_corrected'") == -7


async def test_eight_simultaneous_sessions_never_exceed_a_cap_and_lose_no_nano_dollar(db, open_connection):
    """A deferred trigger checks each changed window at every commit."""
    await db.execute(
        """
        create function public.watch_window() returns trigger language plpgsql as $$ begin
          if new.spent_nano_usd + new.held_nano > (
            select (value)::numeric * 1e9 from ai.policy where key = 'budget.' || new.scope || '.' || new.period)
          then raise exception 'beyond the cap'; end if; return null; end $$;
        create constraint trigger watch after update on ai.budget_windows
          deferrable initially deferred for each row execute function public.watch_window();
        """
    )
    await cap(db, 40_000)
    await cap(db, 25_000, "model:m1", "hour")
    await set_policy(db, max_attempts=100)
    await insert(db, 400)
    conns = [await open_connection() for _ in range(8)]
    granted = refused = 0

    async def work(seed: int) -> None:
        nonlocal granted, refused
        draw = random.Random(seed)
        conn = conns[seed]
        for _ in range(12):
            rows = await claim(conn, draw.randint(1, 6), worker=seed + 1)
            models = [draw.sample(["m1", "m2"], draw.randint(1, 2)) for _ in rows]
            asked = [request(row, *m, nano=draw.randint(0, 900)) for row, m in zip(rows, models, strict=True)]
            if not asked:
                continue
            ends = []
            for row, one, (model, refusal) in zip(rows, asked, await admit(conn, *asked), strict=True):
                if model is None:
                    refused += 1
                    assert refusal == "budget"
                    ends.append(
                        {**end(row, "defer", reason="budget", charged=False, error_class=None), "admitted": None}
                    )
                    continue
                granted += 1
                held = one["candidates"][0]["nano"]
                booked = draw.choice([0, None, draw.randint(0, held)])
                ends.append(
                    end(row, draw.choice(["complete", "retry"]), model=model, booked_nano=booked, cost_usd=None)
                )
            draw.shuffle(ends)
            if draw.random() < 0.8:
                await finish(conn, *ends)
            else:  # it dies: the worker that takes over settles the hold
                ids = [one["outbox_id"] for one in ends]
                await conn.execute(
                    "update ai.outbox set lease_expires_at = now() - interval '1 s' where id = any ($1)", ids
                )

    await asyncio.gather(*(work(seed) for seed in range(8)))
    await db.execute("update ai.outbox set lease_expires_at = now() - interval '1 s' where claim_id is not null")
    await claim(db, 500)

    assert granted > 50
    assert refused > 0
    assert await ledger(db) == [(0, 0), (0, 0)]
    assert await db.fetchval("select count(*) from ai.holds") == 0
    assert await db.fetchval("select sum(in_flight) from ai.model_states") == 0
    assert await db.fetchval("select sum(spent_nano_usd + held_nano) > 0 from ai.budget_windows")
