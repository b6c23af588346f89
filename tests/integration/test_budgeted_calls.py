"""Calls that no RFQ waits for: their holds and costs are counted, however a call ends."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from rfqflow.core.policy import Policy
from rfqflow.core.records import Completion
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.enrichment.budgeted_calls import BudgetedCaller, NotAdmitted
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.llm.openai import OpenAIProvider
from rfqflow.store.evaluation import EvaluationStore
from tests.support.model_server import ModelServer
from tests.support.provider_requests import PROMPT, ROUTES, request, without_pause


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@pytest.fixture
async def pipeline(server):
    provider = OpenAIProvider(
        model="m1", base_url=server.url, api_key="k",
        price=lambda _, usage: (Decimal("0.000001") * (usage.input_tokens + usage.output_tokens), "table"),
    )  # fmt: skip
    without_pause(provider)
    yield Pipeline(provider, prompt_version=None, deadline_seconds=20, pepper=None)
    await provider.aclose()


@pytest.fixture
async def caller(database, pipeline):
    line = ReconnectingConnection(database, "rfqflow test")
    store = EvaluationStore(line)
    policy = Policy.from_values(await store.policy())
    yield lambda most_usd=None: BudgetedCaller(pipeline, store, policy, deadline_seconds=20, most_usd=most_usd)
    await line.close()


def held_usd(pipeline) -> Decimal:
    ask = pipeline.prepare(request().rfq, "m1", ROUTES, PROMPT)
    return pipeline.provider.price("m1", pipeline.estimate(ask))[0]


async def test_a_call_that_is_cut_off_counts_as_spent_and_blocks_no_other(server, db, pipeline, caller):
    server.default = "held"
    held = held_usd(pipeline)
    calls = caller(held * Decimal("1.5"))
    out = asyncio.create_task(calls.ask(request().rfq, ROUTES, PROMPT, "m1"))
    await server.received(1)
    waiting = asyncio.create_task(calls.ask(request().rfq, ROUTES, PROMPT, "m1"))  # no room for a second call
    await asyncio.sleep(0)
    out.cancel()
    with pytest.raises(asyncio.CancelledError):
        await out
    async with asyncio.timeout(60):
        with pytest.raises(NotAdmitted, match="spending limit"):
            await waiting
    assert held <= calls.spent_usd < held * Decimal("1.5")
    assert len(server.journal) == 1
    # The database settles the whole hold at the next sweep.
    await db.execute("update ai.holds set admitted_at = now() - interval '16 minutes'")
    await db.execute("select ai.reap_holds()")
    assert await db.fetchval("select count(*) from ai.holds") == 0
    spent = await db.fetchval("select max(spent_nano_usd) from ai.budget_windows where scope = 'evaluation'")
    assert Decimal(spent) / 10**9 == calls.spent_usd


async def test_the_addition_to_a_hold_for_a_second_call_is_released_with_the_hold(server, pipeline, caller):
    server.script("invalid_json", "ok")
    first = caller()
    assert isinstance((await first.ask(request().rfq, ROUTES, PROMPT, "m1")).outcome, Completion)
    assert len(server.journal) == 2

    server.script("invalid_json", "ok")
    calls = caller(first.spent_usd + held_usd(pipeline) * Decimal("1.05"))
    async with asyncio.timeout(60):
        for _ in range(2):  # the second attempt has room only if nothing is held for the first one any more
            assert isinstance((await calls.ask(request().rfq, ROUTES, PROMPT, "m1")).outcome, Completion)
    assert len(server.journal) == 5
