"""How `ai.health` shows names that people have set, and which findings stay in view among many."""

from __future__ import annotations

import pytest

from rfqflow.core.errors import RfqflowError
from rfqflow.store.operator import OperatorStore
from tests.support.admission import calls, set_policy
from tests.support.assumed_prices import unpriced
from tests.support.health_states import deferred, worker

KEY = "sk-proj-abcdefgh12345678"


async def reported(db, code: str) -> list[dict]:
    return [dict(row) for row in await db.fetch("select * from ai.health where code = $1", code)]


@pytest.mark.parametrize("model", [KEY, "A1b2C3d4E5f6G7h8I9j0K1l2", "nora@example.com", "http://u:secret@host/m"])
async def test_no_finding_shows_a_key_or_a_person_in_place_of_a_model(db, model):
    await set_policy(db, unknown_price="refuse")
    await worker(db, model)
    await db.execute("select ai.open_breaker('p', $1, 'nora')", model)
    await deferred(db, 1, "unknown_price", priced=False)
    await db.execute(
        "insert into ai.run_days (day, status, reason, error_class, provider, model, prompt_version, cost_source, end_status, runs, calls, "
        "calls_of_unknown_cost, ended_without_call, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cost_usd) "
        "values (current_date, 'succeeded', '', '', 'p', $1, '', 'unknown', 'done', 1, 1, 1, 0, 0, 0, 0, 0, 0)",
        model,
    )
    rows = await db.fetch("select * from ai.health")

    assert {row["code"] for row in rows} >= {"breaker_open", "unknown_price"}
    said = " ".join(row["sentence"] + row["remedy"] for row in rows)
    assert model not in said
    assert "secret" not in said
    assert "`rfqflow price set p MODEL INPUT OUTPUT`" in said
    assert "`rfqflow breaker close p MODEL`" in said


@pytest.mark.parametrize(
    ("model", "typed"),
    [
        ("accounts/fireworks/models/llama-v3p1-405b-instruct", "accounts/fireworks/models/llama-v3p1-405b-instruct"),
        ("arn:aws:bedrock:eu-central-1:1:profile/eu.claude-4-20250514-v1:0", "arn:aws:bedrock:eu-central-1:1:profile/eu.claude-4-20250514-v1:0"),
        ("our-model;it's", """'our-model;it'\\''s'"""),
    ],
)  # fmt: skip
async def test_a_name_is_shown_whole_and_a_remedy_can_be_pasted_as_it_is(db, model, typed):
    await worker(db)
    await db.execute("select ai.open_breaker('p', $1, 'nora')", model)

    (row,) = await reported(db, "breaker_open")
    assert f"{model} (p) is not called" in row["sentence"]
    assert f"`rfqflow breaker close p {typed}`" in row["remedy"]


async def test_days_of_senders_are_shown_beside_any_number_of_hours(db):
    await worker(db)
    for period in ("hour", "day"):
        await db.execute("select ai.set_budget('sender', $1, 0.05)", period)
    await db.execute(
        "insert into ai.budget_windows (scope, period, starts_at, ends_at, spent_nano_usd, refused_nano, refused_at) "
        "select 'sender:' || g, p, date_trunc(p, now()), date_trunc(p, now()) + ('1 ' || p)::interval, 40000000, 20000000, now() "
        "from (values ('hour', 1500), ('day', 2)) x(p, n), generate_series(1, n) g"
    )

    found = {" ".join(row["sentence"].split()[4:7]): row["sentence"] for row in await reported(db, "budget_spent")}
    assert "for more than 1,000 of them" in found["sender a hour"]
    assert "for 2 of them" in found["sender a day"]


async def test_the_time_since_when_a_price_is_unknown_survives_the_roll_up(db):
    await worker(db)
    await unpriced(db, 2)
    (before,) = await reported(db, "unknown_price")
    for _step in range(3):
        await db.execute("select ai.roll_up(p_margin => '0 s')")
    assert await db.fetchval("select sum(calls_of_unknown_cost) from ai.run_days") == 2

    assert await reported(db, "unknown_price") == [before]
    await calls(db, 1, cost_usd=None, cost_source="unknown")
    assert [row["since"] for row in await reported(db, "unknown_price")] == [before["since"]]


async def test_a_lower_bound_of_older_rfqs_says_why_it_is_one(db):
    await worker(db)
    await db.execute("alter table public.rfq_requests disable trigger user")
    await db.execute(
        "insert into public.rfq_requests (message, created_at, ai_status) "
        "select repeat('m', 900), '2020-01-01', null from generate_series(1, 400)"
    )
    await db.execute("alter table public.rfq_requests enable trigger user")

    (row,) = await reported(db, "older_rfqs")
    assert row["sentence"].startswith("At least ")
    assert row["sentence"].endswith("The sweep has not read the whole table yet.")


async def test_a_reference_that_takes_too_long_to_find_is_not_reported_as_a_lost_database(db, open_connection):
    other = await open_connection()
    async with other.transaction():
        await other.execute("lock table public.rfq_requests in access exclusive mode")
        await db.execute("set statement_timeout = '200ms'")
        with pytest.raises(RfqflowError, match=r"RFQ-17 was not found in time.* create index concurrently"):
            await OperatorStore(db).referenced("RFQ-17", 2)
