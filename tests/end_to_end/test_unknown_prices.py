"""What an operator sees and does whose model has no price: the steps by command, with a model server of the test."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import sys

import pytest

from tests.support.daemon import ForkedProcess
from tests.support.model_server import ModelServer
from tests.support.shell import Shell

MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C, number {}."


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@pytest.fixture
def shell(database, tmp_path, server):
    made = Shell(database, tmp_path)
    made.environment |= {"RFQFLOW_PROVIDER": "openai", "RFQFLOW_MODEL": "qwen3-32b", "OPENAI_BASE_URL": server.url}
    return made


async def insert(db, number: int, first: int = 1) -> None:
    await db.executemany(
        "insert into public.rfq_requests (message) values ($1)",
        [(MESSAGE.format(place),) for place in range(first, first + number)],
    )


async def drain(database, server) -> list[dict]:
    async with ForkedProcess(
        "run", "--drain", RFQFLOW_DATABASE_URL=database, RFQFLOW_PROVIDER="openai", OPENAI_BASE_URL=server.url,
        RFQFLOW_MODEL="qwen3-32b",
    ) as process:  # fmt: skip
        assert await process.exit_code(60) == 0
        return process.lines


async def statuses(db) -> dict[str, int]:
    rows = await db.fetch(
        "select concat_ws(' ', ai_status, ai_reason) as status, count(*) from public.rfq_requests group by 1"
    )
    return {row["status"]: row["count"] for row in rows}


async def test_an_operator_gets_from_a_budget_full_of_assumed_prices_back_to_work(shell, database, db, server):
    """A high assumed price makes a few calls fill the shipped budget."""
    await db.execute("update ai.policy set value = '2000' where key = 'assumed_output_usd'")
    await insert(db, 12)
    lines = await drain(database, server)
    found = await statuses(db)
    assert found["deferred budget"] > 0
    assert found["done"] > 0

    (reported,) = [line for line in lines if line["event"] == "price.unknown"]
    assert "`rfqflow price set openai qwen3-32b 0 0`" in reported["remedy"]
    assert "`rfqflow price set openai qwen3-32b 0 0`" in await shell("doctor", "--provider")
    (row,) = [row for row in await shell.json("budget") if row["scope"] == "global"]
    assert row["assumed_usd"] == row["spent_usd"] > 0
    assert "of it at an assumed price" in await shell("status")
    listed = await shell.json("price", "list")
    assert [(row["model"], row["source"], row["assumed_calls"]) for row in listed] == [
        ("qwen3-32b", "unknown", found["done"])
    ]
    assert "To set the price: rfqflow price set openai qwen3-32b 0 0" in await shell("price", "list")

    # A higher cap wakes the RFQs, and makes nothing worse.
    raised = await shell.json("budget", "set", "global", "day", "5.5")
    assert (raised["frees"], raised["stops"], raised["warnings"]) == (found["deferred budget"], 0, [])
    await drain(database, server)
    assert "deferred unknown_price" not in await statuses(db)
    waiting = (await statuses(db))["deferred budget"]

    said = await shell.json("price", "set", "openai", "qwen3-32b", "0", "0", "--actor", "ada")
    assert (said["replaced"], said["priced_usd"], said["woken"]) == (None, 0, waiting)
    assert said["corrected_calls"] == (await statuses(db))["done"]
    assert said["assumed_usd"] > 0
    await drain(database, server)
    assert await statuses(db) == {"done": 12}
    (row,) = [row for row in await shell.json("budget") if row["scope"] == "global"]
    assert (row["spent_usd"], row["assumed_usd"]) == (0, 0)
    assert await db.fetchval("select max(attempt) from ai.rag_runs where status = 'succeeded'") == 1
    assert "corrected: no call was booked at an assumed price" in await shell(
        "price", "set", "openai", "qwen3-32b", "0", "0"
    )


async def test_lowering_a_cap_shows_its_effect_and_asks_on_a_terminal(shell, database, db, server):
    await insert(db, 3)
    await drain(database, server)
    await insert(db, 2, first=10)

    lowered = await shell.json("budget", "set", "global", "day", "0.000001")
    assert lowered["stops"] == 2
    assert lowered["call_usd"] > 0.000001
    assert "a call needs a hold of up to" in lowered["warnings"][0]
    assert "rfqflow price set openai qwen3-32b INPUT OUTPUT" in lowered["warnings"][1]
    assert await shell("budget", "set", "global", "day", "5") == "global day: 0.000001 USD -> 5 USD\n"

    ours, theirs = pty.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rfqflow", "budget", "set", "global", "day", "0.000001", stdin=theirs, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env=shell.environment,
        )  # fmt: skip
        os.write(ours, b"n\n")
        _, errors = await asyncio.wait_for(process.communicate(), 60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == 1
    assert "Set the cap of global per day to 0.000001 USD?" in errors.decode()
    assert await db.fetchval("select value from ai.policy where key = 'budget.global.day'") == "5"


async def test_prices_are_set_listed_and_replaced_and_invalid_ones_are_refused_with_a_sentence(shell, db):
    said = await shell("price", "set", "openai", "m1", "0.25", "2", "--cached-input", "0.025", "--note", "contract")
    assert (
        said.splitlines()[0] == "openai m1: not set -> 0.25 input, 0.025 cached input, 2 output, USD per million tokens"
    )
    said = await shell("price", "set", "openai", "m1", "1e1", "100000")
    assert "0.25 input, 0.025 cached input, 2 output -> 10 input, 100000 output" in said
    await shell("price", "set", "openai", "m1", "5", "6", "--tier", "flex")
    await shell("price", "set", "openai", "m1", "7", "8", "--from", "2999-01-01")

    listed = [row for row in await shell.json("price", "list") if row["model"] == "m1"]
    assert [(row["service_tier"], row["source"], row["input_usd_per_million"]) for row in listed] == [
        ("default", "set", 10), ("flex", "set", 5), ("default", "later", 7),
    ]  # fmt: skip
    assert all(isinstance(row["output_usd_per_million"], float) for row in listed)

    for prices in (("x", "1"), ("1", "NaN"), ("1", "inf"), ("1e9", "1"), ("0.0000001", "1"), ("", "1")):
        assert "is US dollars per million tokens" in await shell("price", "set", "openai", "m1", *prices, code=2)
    assert "is US dollars per million tokens" in await shell("price", "set", "openai", "m1", "1", "-1", code=2)
    for model in ("*", "", " "):
        assert "a price belongs to one model" in await shell("price", "set", "openai", model, "1", "1", code=2)
    assert "Invalid value" in await shell("price", "set", "opneai", "m1", "1", "1", code=2)
    assert "--from takes a time" in await shell("price", "set", "openai", "m1", "1", "1", "--from", "soon", code=2)
    assert "a service tier is a word" in await shell("price", "set", "openai", "m1", "1", "1", "--tier", "A B", code=2)
    history = await db.fetch("select detail from ai.actions where action = 'price_set' order by id")
    assert json.loads(history[0]["detail"])["is"]["note"] == "contract"
