"""P9: a person's route wins over every run, before, during and after it; the history and the model's answer are kept."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.support.worker_harness import Scripted, ended, insert, now, working

STATUS = "select route, route_source, ai_status from ai.rfq_status where rfq_id = $1"


@pytest.fixture
async def rfq(db):
    return await db.fetchval("insert into public.rfq_requests (message) values ('m') returning id")


async def routed(db: asyncpg.Connection, rfq) -> tuple[str | None, str | None]:
    row = await db.fetchrow(STATUS, rfq)
    return row["route"], row["route_source"]


async def model(db: asyncpg.Connection, rfq) -> tuple[str | None, float | None, str | None]:
    return tuple(
        await db.fetchrow("select ai_route, ai_confidence, ai_summary from public.rfq_requests where id = $1", rfq)
    )


async def runs(db: asyncpg.Connection, rfq) -> list[str]:
    return [row[0] for row in await db.fetch("select status from ai.rag_runs where rfq_id = $1 order by run_id", rfq)]


@pytest.mark.parametrize("moment", ["before the call", "during the call", "after the call"])
async def test_an_override_made_at_any_time_stands_and_the_run_continues(database, db, rfq, until, moment):
    provider, answered = Scripted(), asyncio.Event()
    provider.behaviours["m"] = answered
    override = "select ai.override_rfq($1, 'electrical', 'ada', 'knows the customer')"
    if moment == "before the call":
        await db.fetchval(override, rfq)
    async with working(database, provider):
        await until(now(lambda: provider.in_flight == 1))
        if moment == "during the call":
            await db.fetchval(override, rfq)
        answered.set()
        await until(ended(db, 1))
        if moment == "after the call":
            await db.fetchval(override, rfq)
        assert await routed(db, rfq) == ("electrical", "override")

        # A forced rerun is made and recorded like any other.
        await db.execute("select ai.rerun_rfq($1, true)", rfq)
        await until(now(lambda: len(provider.calls) == 2))
        await until(ended(db, 1))

    assert await runs(db, rfq) == ["succeeded", "succeeded"]
    assert await routed(db, rfq) == ("electrical", "override")
    assert await model(db, rfq) == ("general", pytest.approx(0.9), "about m")
    row = await db.fetchrow("select * from ai.overrides")
    assert row["ai_route"] == ("general" if moment == "after the call" else None)
    assert row["withdrawn_at"] is None

    assert await db.fetchval("select ai.withdraw_override($1, 'bob', 'was wrong')", rfq)

    assert await routed(db, rfq) == ("general", "ai")
    row = await db.fetchrow("select * from ai.overrides")
    assert (row["route"], row["actor"], row["reason"]) == ("electrical", "ada", "knows the customer")
    assert (row["withdrawn_by"], row["withdrawn_reason"]) == ("bob", "was wrong")


async def test_an_edit_makes_a_new_run_and_leaves_the_override(database, db, rfq, until):
    await db.fetchval("select ai.override_rfq($1, 'electrical', 'ada')", rfq)
    async with working(database, Scripted()):
        await until(ended(db, 1))
        await db.execute("update public.rfq_requests set message = 'other words' where id = $1", rfq)
        await until(ended(db, 1))

    assert (await model(db, rfq))[2] == "about other words"
    assert await routed(db, rfq) == ("electrical", "override")


async def test_an_override_neither_waits_for_a_finish_nor_makes_it_wait(db, rfq, open_connection):
    other = await open_connection()
    holding = other.transaction()
    await holding.start()
    await other.execute("select from public.rfq_requests where id = $1 for no key update", rfq)
    await db.execute("set lock_timeout = '1s'")
    await db.fetchval("select ai.override_rfq($1, 'electrical', 'ada')", rfq)
    await holding.rollback()

    overriding = db.transaction()
    await overriding.start()
    await db.fetchval("select ai.override_rfq($1, 'mechanical', 'ada')", rfq)
    taken = await other.fetch("select from public.rfq_requests where id = $1 for no key update skip locked", rfq)
    assert len(taken) == 1, "a finish would have found it locked"
    await overriding.rollback()


async def test_a_second_override_replaces_the_first_and_both_are_kept(db, rfq):
    first = await db.fetchval("select ai.override_rfq($1, 'electrical', 'ada')", rfq)
    again = await db.fetchval("select ai.override_rfq($1, 'electrical', 'ada', '')", rfq)
    second = await db.fetchval("select ai.override_rfq($1, 'mechanical', 'bob', 'no')", rfq)

    rows = await db.fetch("select override_id, route, withdrawn_by from ai.overrides order by override_id")
    assert again == first
    assert [tuple(row) for row in rows] == [(first, "electrical", "bob"), (second, "mechanical", None)]
    assert await routed(db, rfq) == ("mechanical", "override")


async def test_the_later_of_two_simultaneous_overrides_stands_and_none_fails(db, rfq, open_connection):
    conns = [await open_connection() for _ in range(4)]
    routes = ["electrical", "mechanical", "general", "electrical"] * 5

    async def decide(number: int) -> None:
        for at, route in enumerate(routes):
            await conns[number].fetchval("select ai.override_rfq($1, $2, $3)", rfq, route, f"actor {number} {at}")

    await asyncio.gather(*(decide(number) for number in range(4)))

    assert await db.fetchval("select count(*) from ai.overrides") == 80
    assert await db.fetchval("select count(*) from ai.overrides where withdrawn_at is null") == 1
    assert await db.fetchval(
        "select bool_and(withdrawn_at >= created_at) from ai.overrides where withdrawn_at is not null"
    )


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("select ai.override_rfq($1, 'pumps', 'ada')", "route pumps not found"),
        ("select ai.override_rfq($1, null, 'ada')", "route null not found"),
        ("select ai.override_rfq($1, 'retired', 'ada')", "route retired not found"),
        ("select ai.override_rfq(coalesce(gen_random_uuid(), $1), 'electrical', 'ada')", "RFQ .* not found"),
        ("select ai.override_rfq(nullif($1::uuid, $1), 'electrical', 'ada')", "RFQ null not found"),
        ("select ai.withdraw_override(coalesce(gen_random_uuid(), $1), 'ada')", "RFQ .* not found"),
    ],
)
async def test_a_missing_rfq_or_route_is_an_error_with_its_own_class(db, rfq, statement, message):
    await db.execute("insert into ai.routes (slug, description, is_active) values ('retired', 'was once', false)")
    with pytest.raises(asyncpg.PostgresError, match=message) as raised:
        await db.fetchval(statement, rfq)

    assert raised.value.sqlstate == "RF004"
    assert await db.fetchval("select count(*) from ai.overrides") == 0


async def test_withdrawing_an_absent_correction_is_reported(db, rfq):
    assert await db.fetchval("select ai.withdraw_override($1, 'ada')", rfq) is False


async def test_a_role_with_only_the_two_functions_can_override_and_is_named(make_role, db, rfq):
    role = await make_role()
    await db.execute(
        f"grant usage on schema ai to {role};"
        f"grant execute on function ai.override_rfq(uuid, text, text, text), ai.withdraw_override(uuid, text, text) to {role};"
        f"set session authorization {role}"
    )
    await db.fetchval("select ai.override_rfq($1, 'electrical')", rfq)
    await db.fetchval("select ai.withdraw_override($1)", rfq)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("update ai.overrides set route = 'mechanical'")
    await db.execute("reset session authorization")

    assert tuple(await db.fetchrow("select actor, withdrawn_by from ai.overrides")) == (role, role)


@pytest.mark.parametrize("granted", ["rfqflow_worker", "rfqflow_reader"])
async def test_workers_and_readers_cannot_override(make_role, db, rfq, granted):
    role = await make_role()
    await db.execute(f"grant {granted} to {role}; set session authorization {role}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.fetchval("select ai.override_rfq($1, 'electrical')", rfq)


async def test_agreement_of_model_and_human_is_counted_against_the_current_answer(database, db, until):
    await insert(db, "a", "b", "c", "d", "gone")
    ids = dict(await db.fetch("select message, id from public.rfq_requests"))
    overrides = [("a", "general"), ("b", "electrical"), ("c", "electrical"), ("gone", "general")]
    await db.fetchval("select ai.override_rfq($1, 'general', 'ada')", ids["d"])  # before an answer exists
    assert [
        tuple(row) for row in await db.fetch("select ai_route, route, agreed, overrides from ai.override_agreement")
    ] == [(None, "general", None, 1)]
    async with working(database, Scripted(), drain=True, alone=True):
        await until(ended(db, 5))
    for message, route in overrides:
        await db.fetchval("select ai.override_rfq($1, $2, 'ada')", ids[message], route)
    await db.execute("delete from public.rfq_requests where message = 'gone'")

    rows = await db.fetch("select model, ai_route, route, agreed, overrides from ai.override_agreement order by agreed")
    assert [tuple(row) for row in rows] == [
        ("m1", "general", "electrical", False, 2),
        ("m1", "general", "general", True, 3),
    ]

    await db.execute("select ai.withdraw_override($1, 'ada')", ids["b"])
    assert await db.fetchval("select sum(overrides) from ai.override_agreement where not agreed") == 1
