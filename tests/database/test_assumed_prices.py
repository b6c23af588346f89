"""Setting a price corrects the costs that were booked at an assumed price, and wakes the RFQs that wait for a price.

It does so by plain SQL and by the function.
"""

from __future__ import annotations

import asyncio
import contextlib
import json

import asyncpg
import pytest

from tests.support.admission import admit, calls, claim, end, finish, insert, ledger, request, set_policy, spent
from tests.support.assumed_prices import SET, UNPRICED, deferred, unpriced
from tests.support.daemon import eventually

DUE = "select extract(epoch from due_at - clock_timestamp())::float8 from ai.outbox_deferred"


async def assumed(db, scope: str = "global") -> int:
    return int(await db.fetchval("select assumed_usd * 1e9 from ai.budget_status where scope = $1", scope))


async def test_a_price_of_zero_frees_the_budget_and_wakes_waiting_rfqs_at_once(db, counter, sleeper):
    await unpriced(db, 3)
    await deferred(db, "budget")
    assert (await spent(db), await assumed(db)) == ((4_200_000, 0), 4_200_000)
    await counter.received()

    await db.execute(SET.format(0, 0))

    assert (await spent(db), await assumed(db), await ledger(db)) == ((0, 0), 0, [(0, 0)])
    assert await db.fetchval(DUE) < 2
    assert await counter.received() > 0
    assert await db.fetchval("select attempt from ai.outbox_deferred") == 0
    assert await db.fetch(
        "select distinct booked_usd, cost_usd, cost_source from ai.rag_runs where status = 'succeeded'"
    ) == [(0, None, "corrected")]


async def test_setting_a_price_corrects_assumed_costs_to_the_nano_dollar(db):
    await unpriced(db, 2, cached_input_tokens=400)
    await calls(db, 1)  # its bill is known, and remains

    await db.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, cached_input_usd_per_million, output_usd_per_million) "
        "values ('p', 'm1', 10, 2.5, 30)"
    )

    assert await spent(db) == (2 * (600 * 10_000 + 400 * 2_500 + 100 * 30_000) + 500, 0)
    assert await ledger(db) == [(0, 0)]
    action = await db.fetchrow("select detail from ai.actions where action = 'assumed_corrected'")
    assert json.loads(action["detail"]) == {
        "provider": "p", "model": "m1", "calls": 2, "assumed_usd": 0.0028, "priced_usd": 0.02,
    }  # fmt: skip


async def test_a_corrected_cost_is_final_and_a_later_price_does_not_lower_it(db):
    await unpriced(db)
    await db.execute(SET.format(10, 30))
    assert await spent(db) == (13_000_000, 0)

    await db.execute(SET.format(0, 0))

    assert await spent(db) == (13_000_000, 0)
    assert await ledger(db) == [(0, 0)]


@pytest.mark.parametrize(
    ("prices", "nano"), [((0, 0), 0), ((1, 4), 1_500_000), ((2, 4), 3_000_000), ((1, 40), 15_000_000)]
)
async def test_an_unknown_outcome_at_an_unknown_price_is_booked_at_the_highest_possible_cost(db, prices, nano):
    await unpriced(db, nano=1_500_000, booked_nano=None, input_tokens=None, output_tokens=None)
    assert await assumed(db) == 1_500_000

    await db.execute(SET.format(*prices))

    assert await spent(db) == (nano, 0)


async def test_an_unknown_outcome_at_a_known_price_is_booked_at_its_hold(db):
    await calls(db, 1, booked_nano=None, cost_usd=None, cost_source="unknown", input_tokens=None)
    assert (await spent(db), await assumed(db)) == ((1000, 0), 0)

    await db.execute(SET.format(0, 0))

    assert await spent(db) == (1000, 0)


async def test_a_call_whose_worker_dies_after_the_price_was_set_costs_its_hold_at_that_price(db):
    await insert(db)
    (row,) = await claim(db, 1)
    await admit(db, request(row, nano=1_400_000, priced=False))
    await db.execute(SET.format(0, 0))
    assert await spent(db) == (0, 1_400_000)
    await db.execute("update ai.outbox set lease_expires_at = now() - interval '1 s'")

    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")
    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")

    assert (await spent(db), await assumed(db), await ledger(db)) == ((0, 0), 0, [(0, 0)])


async def test_a_call_that_ends_at_the_assumed_price_later_is_corrected_at_the_next_heartbeat(db):
    await insert(db)
    (row,) = await claim(db, 1)
    await admit(db, request(row, nano=1_400_000, priced=False))
    await db.execute(SET.format(0, 0))
    await finish(db, end(row, **UNPRICED, booked_nano=1_400_000))
    assert await spent(db) == (1_400_000, 0)

    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")

    assert (await spent(db), await assumed(db), await ledger(db)) == ((0, 0), 0, [(0, 0)])
    assert await db.fetchval("select count(*) from ai.events where kind = 'budget_overrun'") == 0


async def test_budgets_of_models_senders_and_evaluations_are_corrected_as_well(db):
    for scope in ("model:m1", "sender", "evaluation"):
        await db.execute("select ai.set_budget($1, 'day', 9)", scope)
    await set_policy(db, unknown_price="assume")
    await insert(db, email="ada@x.example")
    (row,) = await claim(db, 1)
    sender = await db.fetchval("select encode(ai.sender_key('ada@x.example'), 'hex')")
    await admit(db, request(row, nano=1_400_000, priced=False, sender=sender))
    await finish(db, end(row, **UNPRICED, booked_nano=1_400_000))
    asked = {"claim_id": 7, "rfq_id": "eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee", "sender": None,
             "candidates": [{"model": "m1", "tokens": 10, "nano": 900, "priced": False}]}  # fmt: skip
    await db.fetch("select * from ai.admit('p', $1, '60 s', 'evaluation')", json.dumps([asked]))
    await db.execute("select ai.settle_evaluation($1)", json.dumps([{"claim_id": 7, "booked_nano": 800}]))
    assert await assumed(db, "model:m1") == 1_400_800
    assert await assumed(db, "evaluation") == 800
    assert await assumed(db, "sender") == 1_400_000

    await db.execute(SET.format(0, 0))

    assert await db.fetch("select distinct spent_usd, assumed_usd from ai.budget_status") == [(0, 0)]
    assert set(await ledger(db)) == {(0, 0)}


async def test_a_price_can_be_set_and_corrects_while_the_table_of_rfqs_is_unreachable(db):
    await db.execute("select ai.set_budget('sender', 'day', 9)")
    await set_policy(db, unknown_price="assume")
    await insert(db, email="ada@x.example")
    (row,) = await claim(db, 1)
    sender = await db.fetchval("select encode(ai.sender_key('ada@x.example'), 'hex')")
    await admit(db, request(row, nano=1_400_000, priced=False, sender=sender))
    await finish(db, end(row, **UNPRICED, booked_nano=1_400_000))
    await db.execute("alter table public.rfq_requests rename to elsewhere")

    await db.execute(SET.format(0, 0))

    assert (await spent(db), await assumed(db)) == ((0, 0), 0)
    assert await assumed(db, "sender") == 1_400_000


async def test_a_cap_that_is_set_after_a_price_counts_the_corrected_cost(db):
    await unpriced(db)
    await db.execute(SET.format(10, 30))
    await db.execute("select ai.set_budget('global', 'month', 9)")
    await calls(db, 1)

    assert await spent(db, "global", "month") == (13_000_500, 0)
    assert await ledger(db) == [(0, 0)] * 2


async def test_a_window_that_is_counted_later_has_the_assumed_share_of_its_runs(db):
    await unpriced(db)
    await db.execute("select ai.set_budget('global', 'month', 9)")
    await set_policy(db, unknown_price="assume")
    await unpriced(db)

    assert await db.fetch("select period, assumed_usd * 1e9 from ai.budget_status where scope = 'global' order by period") == [
        ("day", 2_800_000), ("month", 2_800_000),
    ]  # fmt: skip
    await db.execute(SET.format(0, 0))
    assert await db.fetchval("select sum(assumed_usd + spent_usd) from ai.budget_status") == 0


async def test_a_price_of_a_tier_corrects_calls_that_this_tier_answered(db):
    await unpriced(db, service_tier="flex")
    await unpriced(db, service_tier="priority")
    await unpriced(db)
    await db.execute(
        "insert into ai.model_prices (provider, model, service_tier, input_usd_per_million, output_usd_per_million) "
        "values ('p', 'm1', 'flex', 1, 1), ('p', 'm1', 'default', 2, 2)"
    )

    assert await spent(db) == (1_100_000 * (1 + 4 + 2), 0)


@pytest.mark.parametrize("price", ["'NaN', 1", "1, 'NaN'"])
async def test_an_unusable_price_corrects_nothing(db, price):
    await unpriced(db)
    await db.execute(
        f"insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) values ('p', 'm1', {price})"
    )
    assert (await spent(db), await assumed(db)) == ((1_400_000, 0), 1_400_000)


async def test_a_future_price_changes_nothing_until_its_time(db):
    await unpriced(db)
    await deferred(db, "unknown_price")
    await db.execute(
        "insert into ai.model_prices (provider, model, valid_from, input_usd_per_million, output_usd_per_million) "
        "values ('p', 'm1', now() + interval '1 hour', 0, 0)"
    )
    await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")
    assert (await spent(db), await assumed(db)) == ((1_400_000, 0), 1_400_000)
    assert await db.fetchval(DUE) > 3000

    await db.execute("update ai.model_prices set valid_from = now() - interval '1 second'")

    assert await spent(db) == (0, 0)
    assert await db.fetchval(DUE) < 2


async def test_an_open_transaction_that_has_set_a_price_blocks_no_call(db, open_connection):
    await unpriced(db)
    other = await open_connection()
    await other.execute("begin; " + SET.format(0, 0))
    await insert(db)
    (row,) = await claim(db, 1)
    await db.execute("set lock_timeout = '5s'")

    assert await admit(db, request(row)) == [("m1", None)]

    await other.execute("commit")
    assert await spent(db) == (0, 1000)


async def test_heartbeats_correct_the_calls_that_one_statement_leaves(db):
    await db.execute(
        "insert into ai.rag_runs (rfq_id, attempt, status, provider, model, input_tokens, output_tokens, cost_source, booked_usd, admitted_at) "
        "select gen_random_uuid(), 1, 'succeeded', 'p', 'm1', 1000, 100, 'unknown', 0.0014, clock_timestamp() from generate_series(1, 4100)"
    )
    await db.execute("select ai.set_budget('global', 'day', 9)")
    await calls(db, 1)  # the window counts them
    assert await assumed(db) == 4100 * 1_400_000

    await db.execute(SET.format(0, 0))
    assert await assumed(db) == 2100 * 1_400_000
    for _ in range(3):
        await db.fetch("select * from ai.heartbeat(1, 0, -1, -1)")

    assert (await spent(db), await assumed(db), await ledger(db)) == ((500, 0), 0, [(0, 0)])


async def test_the_audit_has_who_set_a_price_and_when_and_corrections_come_to_an_end(db):
    was = await db.fetchval("select ai.set_price('p', 'm1', 1, 2, p_actor => 'ada', p_note => 'contract')")
    assert was is None
    was = json.loads(await db.fetchval("select ai.set_price('p', 'm1', 3, 4, 1, p_actor => 'bob')"))
    assert (was["input_usd_per_million"], was["set_by"]) == (1, "ada")
    actions = await db.fetch(
        "select actor, detail -> 'is' ->> 'input_usd_per_million' from ai.actions where action = 'price_set' order by id"
    )
    assert actions == [("ada", "1.000000"), ("bob", "3.000000")]

    await db.execute("alter table ai.model_prices disable trigger user")
    await db.execute(
        "update ai.model_prices set set_at = now() - interval '1 hour', valid_from = valid_from - interval '1 hour'"
    )
    await db.execute("alter table ai.model_prices enable trigger user")
    await db.execute("select ai.follow_prices()")
    assert await db.fetchval("select count(*) from ai.model_prices where corrected_at is null") == 0


@pytest.mark.parametrize(
    ("provider", "model", "price"),
    [("p", "*", 1), ("p", "", 1), ("P P", "m", 1), ("p", "m", -1), ("p", "m", "NaN"), ("p", "m", 1e9)],
)
async def test_an_invalid_price_or_model_is_refused(db, provider, model, price):
    with pytest.raises(Exception, match=r"model_prices|a price must be"):
        await db.execute("select ai.set_price($1, $2, $3::text::numeric, 1)", provider, model, str(price))


# -- which RFQs wake ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "wakes"),
    [
        (SET.format(1, 1), {"unknown_price", "budget", "sender_budget"}),
        ("select ai.set_policy('unknown_price', '\"assume\"')", {"unknown_price"}),
        ("select ai.set_policy('budget_exhausted_action', '\"skip\"')", {"budget", "sender_budget"}),
        ("select ai.set_policy('assumed_output_usd', '2')", {"budget", "sender_budget"}),
        ("select ai.set_policy('assumed_output_usd', '20')", set()),
        ("select ai.set_policy('retry_cap_seconds', '10')", {"retry"}),
        ("select ai.set_policy('defer_seconds', '1')", {"unknown_price", "auth", "rate_limit"}),
        ("select ai.set_policy('duplicate_hours', '0')", {"duplicate_running"}),
        ("select ai.set_policy('min_confidence', '0.5')", set()),
        (
            "insert into ai.model_parameters (provider, model, max_output_tokens) values ('p', 'm1', 500)",
            {"budget", "sender_budget"},
        ),
        ("select ai.set_budget('global', 'day', 50)", {"budget", "sender_budget"}),
        ("select ai.set_budget('global', 'day', 1)", set()),
        ("select ai.set_budget('global', 'day', null)", {"budget", "sender_budget"}),
    ],
)
async def test_a_change_wakes_exactly_the_rfqs_that_wait_for_it(db, change, wakes):
    reasons = (
        "unknown_price",
        "budget",
        "sender_budget",
        "auth",
        "rate_limit",
        "retry",
        "duplicate_running",
        "breaker_open",
    )
    await insert(db, len(reasons))
    await db.execute(
        "with q as (delete from ai.outbox returning rfq_id), n as (select rfq_id, row_number() over () as place from q) "
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "select rfq_id, now(), now() + interval '1 hour', 0, ($1::text[])[place] from n",
        list(reasons),
    )

    await db.execute(change)

    woken = await db.fetch("select reason from ai.outbox_deferred where due_at < now() + interval '2 minutes'")
    assert {row["reason"] for row in woken} == wakes


async def test_many_waiting_rfqs_are_woken_in_batches_and_none_is_left(db):
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, deferred_at, due_at, attempt, reason) select gen_random_uuid(), now(), "
        "now() - interval '1 hour', now() + interval '1 hour', 0, 'budget' from generate_series(1, 2500)"
    )
    await db.execute("select ai.set_budget('global', 'day', 50)")
    late = "select count(*) from ai.outbox_deferred where due_at > now() + interval '2 minutes'"
    assert await db.fetchval(late) == 1500
    await db.fetchval("select ai.wake_missed_deferred()")
    assert await db.fetchval(late) == 500
    await db.fetchval("select ai.wake_missed_deferred()")

    assert await db.fetchval(late) == 0
    await db.fetchval("select ai.wake_missed_deferred()")
    assert await db.fetchval("select count(*) from ai.wake_requests") == 0


async def test_raising_a_cap_never_makes_calls_of_unknown_price_refused(db):
    await insert(db, 3)
    rows = await claim(db, 3)
    for scope, usd in (("global", 50), ("evaluation", 1)):  # the same cap raised; and another cap
        await db.execute("select ai.set_budget($1, 'day', $2)", scope, usd)
    assert await admit(db, request(rows[0], priced=False)) == [("m1", None)]
    await db.execute("select ai.set_budget('global', 'day', null)")
    assert await admit(db, request(rows[1], priced=False)) == [("m1", None)]

    await db.execute("select ai.set_budget('global', 'day', 40)")  # a cap where none existed
    assert await admit(db, request(rows[2], priced=False)) == [(None, "unknown_price")]


async def test_a_window_that_opens_meanwhile_counts_the_corrected_cost(db, open_connection):
    await unpriced(db)
    await db.execute("select ai.set_budget('global', 'month', 9)")
    await set_policy(db, unknown_price="assume")
    await insert(db)
    (row,) = await claim(db, 1)
    other, asking = await open_connection(), await open_connection()
    await other.execute("begin; " + SET.format(0, 0) + "; set constraints all immediate")  # as its commit does
    answer = asyncio.create_task(admit(asking, request(row)))
    await eventually(lambda: db.fetchval("select cardinality(pg_blocking_pids($1)) > 0", asking.get_server_pid()))
    await other.execute("commit")

    assert await answer == [("m1", None)]
    assert await db.fetch("select distinct spent_usd from ai.budget_status where scope = 'global'") == [(0,)]
    assert set(await ledger(db)) == {(0, 0)}


# -- at the same time ----------------------------------------------------------------------------------------------


async def test_simultaneous_price_changes_and_calls_leave_every_nano_dollar_correct(db, open_connection):
    """Eight sessions make calls; others set prices, caps and policies, and check the books, all at the same time."""
    await db.execute("select ai.set_policy('unknown_price', '\"assume\"')")
    await insert(db, 96)
    done = asyncio.Event()

    async def caller(number: int) -> None:
        conn = await open_connection()
        while rows := await claim(conn, 4, worker=number):
            asked = [request(row, f"m{place % 3}", nano=1_500_000, priced=False) for place, row in enumerate(rows)]
            granted = None
            while granted is None:
                with contextlib.suppress(asyncpg.SerializationError):  # a budget changed meanwhile: request again
                    granted = await admit(conn, *asked)
            ends = []
            for place, (row, (model, refusal)) in enumerate(zip(rows, granted, strict=True)):
                if model is None:
                    ends.append(
                        {
                            **end(row, "defer", reason=refusal, error_class=None, charged=False, delay_ms=50.0),
                            "admitted": None,
                        }
                    )
                elif place % 4 == 3:
                    ends.append(
                        end(row, model=model, cost_usd=None, cost_source="unknown", booked_nano=None, input_tokens=None)
                    )
                else:
                    ends.append(end(row, model=model, **UNPRICED, booked_nano=1_400_000))
            await finish(conn, *ends)

    async def setter(*statements: str) -> None:
        conn = await open_connection()
        while not done.is_set():
            for statement in statements:
                await conn.execute(statement)

    setters = [
        asyncio.create_task(setter(*statements))
        for statements in (
            ("select ai.set_price('p', 'm0', 0, 0)", "select ai.set_price('p', 'm1', 2, 8)"),
            ("select ai.set_price('p', 'm1', 1, 1)", "select ai.set_price('p', 'm0', 0, 0)"),
            (
                "select ai.set_budget('global', 'hour', 90)",
                "select ai.set_budget('global', 'hour', null)",
                "select ai.set_budget('model:m1', 'day', 50)",
            ),
            ("select ai.correct_assumed(3)", "select ai.wake_missed_deferred()", "select ai.promote_deferred()"),
        )
    ]
    try:
        await asyncio.gather(*(caller(number) for number in range(1, 9)))
    finally:
        done.set()
        await asyncio.gather(*setters)

    for _ in range(3):
        await db.execute("select ai.correct_assumed()")
    assert set(await ledger(db)) == {(0, 0)}
    left = await db.fetch(
        "select distinct model from ai.rag_runs where cost_usd is null and booked_usd > 0 and cost_source is distinct from 'corrected'"
    )
    assert [row["model"] for row in left] == ["m2"]
    shares = await db.fetch(
        "select w.assumed_nano_usd - ai.assumed_nano_usd(w.scope, w.starts_at, w.ends_at) as off from ai.budget_windows w"
    )
    assert {row["off"] for row in shares} == {0}
    assert await db.fetchval("select sum(booked_usd) from ai.rag_runs where model = 'm0'") == 0
