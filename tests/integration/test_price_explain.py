"""`rfqflow price explain`: the tokens and the cost of a call for one RFQ, and whether it would be admitted."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.support.shell import Shell

MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C.\nBy 12 March, please.\nAda"


@pytest.fixture
def shell(database, tmp_path):
    made = Shell(database, tmp_path)
    made.environment |= {"RFQFLOW_PROVIDER": "openai", "RFQFLOW_MODEL": "gpt-5-mini"}
    return made


@pytest.fixture
async def rfq_id(db):
    await db.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) "
        "values ('openai', 'gpt-5-mini', 0.25, 2)"
    )
    return str(await db.fetchval("insert into public.rfq_requests (message) values ($1) returning id", MESSAGE))


async def test_it_says_what_is_held_and_why(shell, rfq_id):
    found = await shell.json("price", "explain", rfq_id)

    assert (found["provider"], found["model"], found["prompt_version"]) == ("openai", "gpt-5-mini", "rfq@1")
    assert (found["message_bytes"], found["lines"]) == (len(MESSAGE), 2)
    assert (found["max_output_tokens"], found["max_output_tokens_retry"]) == (4_500, 9_000)
    assert found["limit_source"] == "message and model"
    assert 20 < found["deadline_seconds"] < 60
    assert found["deadline_ceiling_seconds"] == 300
    assert (found["input_usd_per_million"], found["output_usd_per_million"]) == (0.25, 2)
    assert found["price_source"] == "table"
    assert found["hold_usd"] == pytest.approx((found["input_tokens"] * 0.25 + 4_500 * 2) / 1e6)
    assert found["least_hold_usd"] < found["hold_usd"] < 0.01
    assert found["let_through"] is True

    text = await shell("price", "explain", rfq_id)
    assert "at most 4,500 tokens" in text
    assert text.rstrip().endswith("admitted now")


async def test_it_names_the_budget_without_room(shell, rfq_id, db):
    await db.execute("select ai.set_budget('global', 'day', 0.008)")
    found = await shell.json("price", "explain", rfq_id)
    assert [(each["scope"], each["fits"]) for each in found["budgets"]] == [("global", False)]
    assert found["let_through"] is True  # with less room

    await db.execute("select ai.set_budget('model:gpt-5-mini', 'hour', 0.001)")
    found = await shell.json("price", "explain", rfq_id)
    assert found["refusals"] == ["budget model:gpt-5-mini hour"]
    assert "waits now: budget model:gpt-5-mini hour" in await shell("price", "explain", rfq_id)


async def test_it_reports_an_open_breaker_a_pause_and_an_unknown_price(shell, rfq_id, db):
    await shell("breaker", "open", "openai", "gpt-5-mini")
    await shell("pause")
    found = await shell.json("price", "explain", rfq_id)
    assert found["refusals"] == ["mode: paused", "breaker of gpt-5-mini: open"]

    await db.execute("select ai.set_policy('unknown_price', '\"refuse\"')")
    shell.environment["RFQFLOW_MODEL"] = "nobody-knows-1"
    found = await shell.json("price", "explain", rfq_id)
    assert found["refusals"] == ["mode: paused", "unknown_price"]
    assert found["price_source"] == "assumed"


async def test_the_parameters_of_the_model_count(shell, rfq_id, db):
    await db.execute(
        "insert into ai.model_parameters (provider, model, max_output_tokens, deadline_seconds) "
        "values ('openai', 'gpt-5-mini', 900, 7)"
    )
    found = await shell.json("price", "explain", rfq_id)
    assert (found["max_output_tokens"], found["deadline_seconds"]) == (900, 7)
    assert found["limit_source"] == "parameters"


async def test_a_call_that_cannot_be_explained_ends_with_an_error_and_its_exit_code(shell, rfq_id):
    unknown = str(uuid4())
    assert unknown in await shell("price", "explain", unknown, code=1)
    assert "not-an-id" in await shell("price", "explain", "not-an-id", code=1)
    shell.environment["RFQFLOW_PROVIDER"] = "rules"
    assert "costs nothing" in await shell("price", "explain", rfq_id, code=2)
    shell.environment |= {"RFQFLOW_PROVIDER": "openai", "RFQFLOW_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    await shell("price", "explain", rfq_id, code=3)
