"""Budget windows follow each other without gap or overlap, and a change of the time zone forgets no spending."""

import asyncio
import itertools
import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.admission import admit, calls, claim, end, finish, insert, ledger, request, set_policy, spent

WINDOW = "select * from ai.budget_window($1, $2, $3)"
# Clocks that change by half an hour, at midnight, past midnight, by a whole day, twice in a year, or never.
ODD = (
    "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "America/Havana",
    "America/St_Johns", "Africa/Casablanca", "Asia/Gaza", "Asia/Kathmandu", "Asia/Kolkata", "Pacific/Chatham", "America/Nuuk",
    "Antarctica/Troll", "Pacific/Kwajalein", "America/Caracas", "Asia/Pyongyang", "Europe/Berlin", "Pacific/Kiritimati",
    "America/Asuncion", "Asia/Tehran", "America/Scoresbysund", "Atlantic/Azores", "Asia/Amman", "UTC",
)  # fmt: skip
LONGEST = {"hour": timedelta(hours=1), "day": timedelta(hours=49), "month": timedelta(days=32)}


async def assert_tiles(db, period: str, at: datetime, zone: str) -> None:
    """The window of a moment contains it, and its neighbours begin and end with it."""
    starts, ends = await db.fetchrow(WINDOW, period, at, zone)
    assert starts <= at < ends <= starts + LONGEST[period]
    tick = timedelta(microseconds=1)
    for inside in (starts, ends - tick, starts + (ends - starts) / 2):
        assert tuple(await db.fetchrow(WINDOW, period, inside, zone)) == (starts, ends)
    assert (await db.fetchrow(WINDOW, period, ends, zone))["starts_at"] == ends
    assert (await db.fetchrow(WINDOW, period, starts - tick, zone))["ends_at"] == starts
    if period == "day":
        # A calendar day: it begins when the clocks first show midnight or, where they skip midnight, later.
        local = await db.fetchval("select $1::timestamptz at time zone $2", starts, zone)
        assert local - local.replace(hour=0, minute=0, second=0, microsecond=0) <= timedelta(hours=1)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone=st.sampled_from(ODD),
    period=st.sampled_from(("hour", "day", "month")),
    at=st.integers(0, 52 * 365 * 24 * 60).map(
        lambda minutes: datetime(1985, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    near=st.booleans(),
)
async def test_windows_tile_time_in_every_zone(db, zone, period, at, near):
    if near:  # in the hours around a change of clocks, if one comes within a year
        at = await db.fetchval(
            "select coalesce((select g from generate_series($1::timestamptz, $1::timestamptz + '1 year', '1 hour') g "
            "where ai.utc_offset(g, $2) <> ai.utc_offset(g + interval '1 hour', $2) limit 1), $1::timestamptz) "
            "+ (extract(minute from $1::timestamptz) - 30) * interval '5 minutes'",
            at, zone,
        )  # fmt: skip
    await assert_tiles(db, period, at, zone)


CHANGES = {
    "half an hour back on Lord Howe": ("Australia/Lord_Howe", "2026-04-04 15:00Z"),
    "half an hour forward on Lord Howe": ("Australia/Lord_Howe", "2026-10-03 15:30Z"),
    "a day that Samoa skipped": ("Pacific/Apia", "2011-12-30 10:00Z"),
    "midnight skipped in Brazil": ("America/Sao_Paulo", "2018-11-04 03:00Z"),
    "midnight twice in Brazil": ("America/Sao_Paulo", "2018-02-18 02:00Z"),
    "midnight skipped in Lebanon": ("Asia/Beirut", "2026-03-28 22:00Z"),
    "midnight twice in Cuba": ("America/Havana", "2026-11-01 05:00Z"),
    "a minute past midnight in Newfoundland": ("America/St_Johns", "2010-11-07 02:31Z"),
    "two hours in Antarctica": ("Antarctica/Troll", "2026-03-29 01:00Z"),
    "an hour in New York": ("America/New_York", "2026-11-01 06:00Z"),
}


@pytest.mark.parametrize(("zone", "change"), CHANGES.values(), ids=CHANGES)
async def test_each_moment_around_a_change_of_clocks_is_in_exactly_one_window(db, zone, change):
    for period in ("hour", "day", "month"):
        rows = await db.fetch(
            "select distinct w.starts_at, w.ends_at from generate_series("
            "$2::text::timestamptz - interval '49 hours', $2::text::timestamptz + interval '49 hours', interval '1 minute') g, "
            "ai.budget_window($1, g, $3) w order by 1",
            period, change, zone,
        )  # fmt: skip
        assert all(one["ends_at"] == following["starts_at"] for one, following in itertools.pairwise(rows))
        assert all(one["starts_at"] < one["ends_at"] for one in rows)


async def test_a_change_of_half_an_hour_gives_no_second_budget(db):
    """14:00Z to 15:00Z is an hour of Lord Howe. The time after it is not the second half of that hour."""
    starts = []
    for at in ("2026-04-04 14:10Z", "2026-04-04 14:50Z", "2026-04-04 15:10Z", "2026-04-04 15:40Z"):
        await db.execute("select ai.set_budget('global', 'hour', 1)")
        await db.execute(
            "select ai.ensure_budget_windows('global', '{}', '{}', 'Australia/Lord_Howe', $1::text::timestamptz)", at
        )
        starts.append(await db.fetchval("select count(*) from ai.budget_windows where period = 'hour'"))
    rows = await db.fetch("select starts_at, ends_at from ai.budget_windows where period = 'hour' order by starts_at")
    assert starts == [1, 1, 2, 3]
    assert all(one["ends_at"] == following["starts_at"] for one, following in itertools.pairwise(rows))


async def cap(db, nano: int, scope: str = "global", period: str = "day") -> None:
    await db.execute("select ai.set_budget($1, $2, $3::numeric / 1e9)", scope, period, nano)


@pytest.mark.parametrize("period", ["hour", "day", "month"])
@pytest.mark.parametrize(("scope", "sender"), [("global", None), ("model:m1", None), ("sender", "aa")])
async def test_a_change_of_the_zone_keeps_spending_and_holds(db, period, scope, sender):
    await db.execute("select ai.set_budget('global', 'day', null)")
    await cap(db, 2000, scope, period)
    await insert(db, 4)
    rows = await claim(db, 4)
    assert await admit(db, *(request(row, sender=sender) for row in rows[:2])) == [("m1", None)] * 2
    await finish(db, end(rows[0], booked_nano=900))
    refusal = "sender_budget" if sender else "budget"
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata", "Australia/Lord_Howe", "UTC", "Etc/GMT-1", "UTC"):
        await set_policy(db, budget_time_zone=zone)
        assert sum(await spent(db, scope, period)) == 1900
        assert await admit(db, request(rows[2], nano=101, sender=sender)) == [(None, refusal)]
    assert await admit(db, request(rows[2], nano=100, sender=sender)) == [("m1", None)]
    await finish(db, end(rows[1], booked_nano=1000), end(rows[2], booked_nano=100))
    assert await admit(db, request(rows[3], nano=1, sender=sender)) == [(None, refusal)]
    assert set(await ledger(db)) <= {(0, 0)}


async def test_a_change_of_the_zone_keeps_the_spending_of_evaluations(db):
    await cap(db, 1000, "evaluation", "day")
    one = {"claim_id": 1, "rfq_id": "eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee", "sender": None}
    asked = {**one, "candidates": [{"model": "m1", "tokens": 1, "nano": 600, "priced": True}]}

    async def evaluated(number: int) -> str | None:
        found = await db.fetchrow(
            "select * from ai.admit('p', $1, '60 s', 'evaluation')", json.dumps([{**asked, "claim_id": number}])
        )
        return found["refusal"]

    assert await evaluated(1) is None
    ended = [{"claim_id": 1, "call": "ok", "booked_nano": 600}]
    await db.execute("select ai.settle_evaluation($1, 'evaluation')", json.dumps(ended))
    for zone in ("Etc/GMT+3", "Etc/GMT-3", "UTC", "Etc/GMT+3"):
        await set_policy(db, budget_time_zone=zone)
        assert await evaluated(2) == "budget"
    assert await spent(db, "evaluation") == (600, 0)


async def test_an_admission_under_the_old_time_zone_must_be_requested_again(db, open_connection):
    """Otherwise the old zone's window would stay, without the spending in the new one."""
    await calls(db, 1)
    await insert(db)
    (row,) = await claim(db, 1)
    holder, asking = await open_connection(), await open_connection()
    await holder.execute("begin; select ai.set_policy('budget_time_zone', '\"Etc/GMT+1\"')")
    answer = asyncio.create_task(admit(asking, request(row)))
    while not await db.fetchval("select cardinality(pg_blocking_pids($1)) > 0", asking.get_server_pid()):
        await asyncio.sleep(0.01)
    await holder.execute("commit")

    with pytest.raises(asyncpg.SerializationError, match="a budget changed while this transaction waited"):
        await answer
    assert await db.fetchval("select count(*) from ai.budget_windows where ends_at > now() and scope = 'global'") == 1
    assert await admit(db, request(row)) == [("m1", None)]
    assert {*await ledger(db)} == {(0, 0)}


async def test_a_window_that_began_with_an_earlier_shorter_one_counts_the_spending_after_that(db):
    """In Berlin, the day on which clocks go back has 25 hours. In Etc/GMT-2, the day that began with it has 24."""
    await calls(db, 2)
    await db.execute("select ai.set_budget('global', 'day', 0.0000015)")
    await db.execute("delete from ai.budget_windows where ends_at > now() and scope = 'global'")
    starts = await db.fetchval("select date_trunc('day', now(), 'UTC')")
    await db.execute(
        "insert into ai.budget_windows (scope, period, starts_at, ends_at) values ('global', 'day', $1, $1::timestamptz + interval '1 second')",
        starts,
    )
    await insert(db)
    row = (await claim(db, 1))[0]
    assert await admit(db, request(row, nano=501)) == [(None, "budget")]
    assert await spent(db) == (1000, 0)
    assert {*await ledger(db)} == {(0, 0)}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(
            st.sampled_from(
                ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata", "Australia/Lord_Howe", "UTC", "America/Caracas"]
            ),
            st.tuples(st.integers(1, 400), st.integers(0, 400), st.sampled_from(["aa", "bb", None])),
        ),
        max_size=25,
    )
)
async def test_no_active_window_ever_counts_less_than_was_booked_in_it(db, steps):
    await db.execute(
        "delete from ai.outbox; delete from ai.holds; delete from ai.rag_runs; delete from ai.budget_windows; "
        "update ai.model_states set in_flight = 0; delete from ai.policy where key like 'budget.%'"
    )
    for scope, period in (("global", "hour"), ("global", "day"), ("model:m1", "month"), ("sender", "day")):
        await cap(db, 2000, scope, period)
    held: list[tuple[dict, int]] = []
    by_sender: dict[str | None, int] = {}
    for step in steps:
        if isinstance(step, str):
            await set_policy(db, budget_time_zone=step)
        else:
            nano, booked, sender = step
            await insert(db)
            row = (await claim(db, 1))[0]
            granted = (await admit(db, request(row, nano=nano, sender=sender)))[0][0]
            if granted is None:
                await db.execute("delete from ai.outbox where rfq_id = $1", row["rfq_id"])
                continue
            by_sender[sender] = by_sender.get(sender, 0) + min(booked, nano)
            held.append((row, min(booked, nano)))
            if len(held) > 2:
                row, bill = held.pop(0)
                await finish(db, end(row, booked_nano=bill))
        off = await db.fetch("select * from ai.reconcile_budget() where spent_usd <> runs_usd or held_usd <> holds_usd")
        assert off == []
        over = await db.fetch(
            "select * from ai.budget_windows where spent_nano_usd + held_nano > 2000 and scope not like 'sender:%' and ends_at > now()"
        )
        assert over == []
    for row, bill in held:
        await finish(db, end(row, booked_nano=bill))
    for sender, booked in by_sender.items():
        if sender:
            kept = await db.fetchval(
                "select coalesce(sum(spent_nano_usd), 0)::bigint from ai.budget_windows where scope = 'sender:' || $1",
                sender,
            )
            assert booked <= kept
            assert booked <= 2000
