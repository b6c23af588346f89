"""`ai.extend_holds` raises a hold for another call where all budgets have room, and only for the claim that holds it."""

from __future__ import annotations

import asyncio

from tests.support.admission import admit, claim, end, finish, insert, request


async def extended(db, *asked: tuple[int, int]) -> list[bool]:
    rows = await db.fetch("select * from ai.extend_holds($1, $2)", *map(list, zip(*asked, strict=True)))
    assert [row["claim_id"] for row in rows] == [claim_id for claim_id, _ in asked]
    return [row["is_granted"] for row in rows]


async def held(db, scope="global") -> tuple[int, int]:
    row = await db.fetchrow(
        "select spent_nano_usd, held_nano from ai.budget_windows where scope = $1 and period = 'day'", scope
    )
    return row["spent_nano_usd"], row["held_nano"]


async def cap(db, scope: str, nano: int) -> None:
    await db.execute("select ai.set_budget($1, 'day', $2::bigint / 1e9)", scope, nano)


async def test_a_hold_is_raised_up_to_the_cap_and_settled_with_the_call(db):
    await cap(db, "global", 2500)
    await insert(db, 2)
    first, second = await claim(db, 2)
    await admit(db, request(first, nano=1000), request(second, nano=1000))

    assert await extended(db, (first["claim_id"], 400), (second["claim_id"], 200)) == [True, False]
    assert await held(db) == (0, 2400)
    assert await db.fetchval("select amount_nano from ai.holds where claim_id = $1", first["claim_id"]) == 1400
    await finish(db, end(first, booked_nano=None, cost_usd=None), end(second))
    assert await held(db) == (1400 + 500, 0)
    assert await db.fetchval("select count(*) from ai.reconcile_budget() where held_usd <> holds_usd") == 0


async def test_every_budget_that_applies_must_have_room(db):
    await cap(db, "global", 10_000)
    await cap(db, "model:m1", 1500)
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row, nano=1000))

    assert await extended(db, (row["claim_id"], 501)) == [False]
    assert await extended(db, (row["claim_id"], 500)) == [True]
    assert (await held(db), await held(db, "model:m1")) == ((0, 1500), (0, 1500))


async def test_a_lowered_cap_applies_at_once_and_a_sender_has_his_own_cap(db):
    await cap(db, "global", 10_000)
    await cap(db, "sender", 1200)
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row, nano=1000, sender="ab"))

    assert await extended(db, (row["claim_id"], 201)) == [False]
    await cap(db, "sender", 2000)
    await cap(db, "global", 1100)
    assert await extended(db, (row["claim_id"], 200)) == [False]
    assert await extended(db, (row["claim_id"], 100)) == [True]


async def test_a_claim_without_a_hold_gets_none(db):
    await insert(db)
    row = (await claim(db, 1))[0]
    assert await extended(db, (row["claim_id"], 1)) == [False]
    await admit(db, request(row))
    await finish(db, end(row))
    assert await extended(db, (row["claim_id"], 1)) == [False]


async def test_only_one_of_two_simultaneous_requests_gets_the_last_room(db, open_connection):
    await cap(db, "global", 2500)
    await insert(db, 2)
    rows = await claim(db, 2)
    await admit(db, *(request(row, nano=1000) for row in rows))
    others = [await open_connection() for _ in rows]

    granted = await asyncio.gather(
        *(extended(conn, (row["claim_id"], 500)) for conn, row in zip(others, rows, strict=True))
    )
    assert sorted(granted) == [[False], [True]]
    assert await held(db) == (0, 2500)


async def test_the_hold_of_a_claim_that_is_being_reclaimed_is_not_raised(db, open_plain, database):
    """The reclaim has read the hold, and records it as the cost: a larger cost would be on no run."""
    await cap(db, "global", 10_000)
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row, nano=1000))
    other = await open_plain(database)
    async with other.transaction():
        await other.execute("select from ai.outbox where claim_id = $1 for update", row["claim_id"])
        assert await extended(db, (row["claim_id"], 100)) == [False]
    assert await extended(db, (row["claim_id"], 100)) == [True]
    assert await held(db) == (0, 1100)
