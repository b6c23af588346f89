"""Calls use the service tier that suits them, and cost what the tier that answered costs.

The cached and reasoning tokens of a call are shown.
"""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from rfqflow.core.errors import ErrorClass
from rfqflow.core.evaluation.cases import Case
from rfqflow.core.evaluation.metrics import measure
from rfqflow.core.policy import Policy
from rfqflow.core.prompting.model_parameters import ModelParameters
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.enrichment.budgeted_calls import BudgetedCaller
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.evaluation.report import as_json, render
from rfqflow.evaluation.runner import EvaluationTarget, ask_all
from rfqflow.llm.openai import OpenAIProvider
from rfqflow.llm.prices import PriceBook
from rfqflow.store.evaluation import EvaluationStore
from tests.support import service_tiers
from tests.support.daemon import ForkedProcess
from tests.support.model_server import ModelServer
from tests.support.provider_requests import PROMPT, ROUTES, failure, request

assert service_tiers  # registers its behaviours with the model server
MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C."
TIERED = replace(PROMPT, parameters={**PROMPT.parameters, "service_tier": "default"})
PRICES = (
    "insert into ai.model_prices (provider, model, service_tier, input_usd_per_million, cached_input_usd_per_million, "
    "output_usd_per_million) values ('openai', 'm1', 'default', 2, 1, 10), ('openai', 'm1', 'flex', 1, 0.5, 5)"
)
NORMAL_USD, FLEX_USD = Decimal("0.0052"), Decimal("0.0026")  # 200 * 2 + 800 * 1 + 400 * 10 per million


@pytest.fixture
async def server():
    async with ModelServer(default="tiers") as running:
        yield running


@pytest.fixture
async def provider(server):
    made = OpenAIProvider(model="m1", base_url=server.url)
    yield made
    await made.aclose()


async def drain(database, server, *, model="m1"):
    async with ForkedProcess(
        "run", "--drain", RFQFLOW_DATABASE_URL=database, RFQFLOW_PROVIDER="openai", OPENAI_BASE_URL=server.url,
        RFQFLOW_MODEL=model,
    ) as process:  # fmt: skip
        assert await process.exit_code(60) == 0


async def output(*arguments):
    async with ForkedProcess(*arguments) as process:
        assert process.process.stdout
        said = (await process.process.stdout.read()).decode()
        assert await process.exit_code(30) == 0
    return said


def tiers_of(server):
    return [call["body"].get("service_tier") for call in server.journal]


async def test_a_run_has_the_requested_tier_the_answering_tier_and_the_price(database, db, server):
    await db.execute(PRICES)
    await db.execute("insert into ai.model_parameters (provider, model, service_tier) values ('openai', '*', 'flex')")
    rfq_id = await db.fetchval("insert into public.rfq_requests (message) values ($1) returning id", MESSAGE)
    await drain(database, server)

    run = dict(await db.fetchrow("select * from ai.rag_runs where status = 'succeeded'"))
    sent = server.journal[0]["body"]
    assert json.loads(run["parameters"]) == {
        "temperature": 0, "service_tier": "flex", "max_output_tokens": sent["max_tokens"],
    }  # fmt: skip
    assert (run["service_tier"], run["cost_usd"], run["cost_source"]) == ("flex", FLEX_USD, "table")
    assert (run["input_tokens"], run["cached_input_tokens"]) == (1000, 800)
    assert (run["output_tokens"], run["reasoning_tokens"]) == (400, 300)
    assert run["booked_usd"] == FLEX_USD

    day = await db.fetchrow("select * from ai.metrics_daily")
    assert (day["reasoning_tokens"], day["cached_input_share"], day["reasoning_share"]) == (300, 0.8, 0.75)
    sample = "select value from ai.metrics where name = 'rfqflow_llm_tokens_total' and labels ->> 'type' = 'reasoning'"
    assert await db.fetchval(sample) == 300

    story = json.loads(await output("show", str(rfq_id), "--json", "--database-url", database))
    assert story["runs"][-1]["parameters"]["service_tier"] == "flex"
    shown = " ".join((await output("show", str(rfq_id), "--database-url", database)).split())
    assert "1,000 (80% cached)" in shown
    assert "400 (75% reasoning)" in shown
    reported = await output("report", "--markdown", "--database-url", database)
    assert "| cached | output tokens | reasoning |" in reported
    assert "| 80.0% | 400 | 75.0% |" in reported


@pytest.mark.fault("L21")
async def test_a_downgraded_call_and_an_accounts_own_tier_are_billed_as_the_reply_says(database, db, server):
    await db.execute(PRICES)
    await db.execute(
        "insert into ai.model_parameters (provider, model, service_tier) values ('openai', '*', 'priority')"
    )
    server.script("tiers:default", "tiers:priority")
    for number in range(2):
        await db.execute("insert into public.rfq_requests (message) values ($1)", f"{MESSAGE} Lot {number}.")
        await drain(database, server)
    runs = await db.fetch(
        "select service_tier, cost_usd, cost_source from ai.rag_runs where status = 'succeeded' order by run_id"
    )
    # No price is known for priority: twice the normal one is booked, so that no budget is overspent.
    assert runs == [("default", NORMAL_USD, "table"), ("priority", 2 * NORMAL_USD, "assumed")]


async def test_only_calls_that_no_person_waits_for_use_the_cheap_tier_and_only_if_the_policy_says_so(
    database, db, server
):
    await db.execute(PRICES)
    await db.execute(
        "insert into ai.model_parameters (provider, model, service_tier) values ('openai', '*', 'default')"
    )
    for mode, tiers in (("off", ["default"] * 2), ("evaluation", ["default"] * 2),
                        ("evaluation_and_backfill", ["default", "flex"])):  # fmt: skip
        server.journal.clear()
        await db.execute("select ai.set_policy('cheap_tier', to_jsonb($1::text))", mode)
        await db.execute("insert into public.rfq_requests (message) values ($1)", f"{MESSAGE} Fresh one for {mode}.")
        await db.execute(
            "insert into public.rfq_requests (message, created_at) values ($1, now() - interval '2 days')",
            f"{MESSAGE} Old one for {mode}.",
        )
        await drain(database, server)
        assert sorted(tiers_of(server)) == tiers, mode
    assert (
        await db.fetchval("select count(*) from ai.rag_runs where service_tier = 'flex' and cost_usd = $1", FLEX_USD)
        == 1
    )


async def test_a_server_without_tiers_gets_no_tier(provider, server):
    await provider.complete(replace(request(model="m1"), is_patient=True))
    assert tiers_of(server) == [None]


@pytest.mark.fault("L21")
async def test_a_full_cheap_tier_costs_no_attempt_and_the_normal_one_answers(provider, server):
    server.default = "flex_full"
    asked = replace(request(model="m1"), prompt=TIERED, is_patient=True)
    completion = await provider.complete(asked)
    assert tiers_of(server) == ["flex", "default"]
    assert (completion.usage.service_tier, completion.parameters["service_tier"]) == ("default", "default")

    # Both calls of the attempt remain for the normal tier.
    server.script("flex_full", "invalid_json", "flex_full")
    assert (await provider.complete(asked)).reasks == 1
    assert tiers_of(server)[2:] == ["flex", "default", "default"]


async def test_an_rfq_that_the_operator_sends_to_the_cheap_tier_uses_the_normal_one_when_it_is_full(provider, server):
    server.default = "flex_full"
    prompt = replace(PROMPT, parameters={**PROMPT.parameters, "service_tier": "flex"})
    await provider.complete(replace(request(model="m1"), prompt=prompt))
    assert tiers_of(server) == ["flex", "default"]


async def test_the_accounts_own_rate_limit_is_not_taken_for_a_full_tier(provider, server):
    server.default = "flex_limited"
    error = await failure(provider, replace(request(model="m1"), prompt=TIERED, is_patient=True))
    assert (error.error_class, error.retry_after_seconds) == (ErrorClass.RATE_LIMIT, 30.0)
    assert tiers_of(server) == ["flex"]


async def test_words_of_the_customer_are_not_taken_for_the_servers(provider, server):
    server.default = "flex_limited"
    asked = request("resource unavailable: we need 25 brackets, drawing B-7714", model="m1")
    await failure(provider, replace(asked, prompt=TIERED, is_patient=True))
    assert tiers_of(server) == ["flex"]


class Unbudgeted:
    """Admits every call, and keeps the amounts at which calls are held and settled."""

    def __init__(self):
        self.held = []

    async def admit(self, _provider, asked, _seconds, _scope):
        self.held.append(asked.candidates[0].nano)
        return Granted

    async def settle(self, *_):
        """Keeps nothing."""


class Granted:
    refusal, wait_seconds = None, 0.0


def pipeline_of(provider, *rows, seconds=5.0):
    return Pipeline(
        provider, prompt_version=None, deadline_seconds=seconds, pepper=None, parameters=ModelParameters(rows)
    )


@pytest.mark.fault("L21")
async def test_an_evaluation_tries_the_cheap_tier_once_and_then_the_normal_one(provider, server):
    server.default = "flex_slow"
    parameters = {"provider": "openai", "model": "m1", "service_tier": "default"}
    pipeline = pipeline_of(provider, parameters, seconds=1.0)
    calls = BudgetedCaller(pipeline, Unbudgeted(), Policy(cheap_tier="evaluation"), deadline_seconds=1.0)
    said = await calls.ask(request().rfq, ROUTES, PROMPT, "m1")
    assert said.outcome.usage.service_tier == "default"
    assert tiers_of(server) == ["flex", "default"]


async def test_a_call_holds_the_cost_of_the_most_expensive_tier_that_may_answer(server):
    book = PriceBook()
    price = {"provider": "openai", "model": "m1", "input_usd_per_million": 1, "cached_input_usd_per_million": None}
    price["output_usd_per_million"] = 10
    book.set_table([price, {**price, "service_tier": "flex", "output_usd_per_million": 5}])
    provider = OpenAIProvider(
        model="m1", base_url=server.url, price=lambda model, usage: book.price("openai", model, usage)
    )
    try:
        ask = pipeline_of(provider).prepare(request().rfq, "m1", ROUTES, PROMPT)

        def held(*rows):
            pipeline = pipeline_of(provider, *rows)
            return provider.price("m1", pipeline.estimate(ask))[0]

        row = {"provider": "openai", "model": "m1"}
        normal = held()
        assert held({**row, "service_tier": "flex"}) == normal  # the normal one answers where it is full
        assert held({**row, "service_tier": "auto"}) == normal
        assert held({**row, "service_tier": "priority"}) == 2 * normal

        # The account's tier is known after its first answer.
        pipeline, place = pipeline_of(provider), Unbudgeted()
        calls = BudgetedCaller(pipeline, place, Policy(), deadline_seconds=5.0)
        server.script("tiers:priority")
        for _ in range(2):
            await calls.ask(request().rfq, ROUTES, PROMPT, "m1")
        assert place.held[1] > 1.9 * place.held[0]
    finally:
        await provider.aclose()


async def test_a_deadline_of_the_table_ends_a_call_early_and_never_late(provider, server):
    server.default = "hang"

    async def asked(wanted, most):
        row = {"provider": "openai", "model": "m1", "deadline_seconds": wanted}
        calls = BudgetedCaller(pipeline_of(provider, row, seconds=most), Unbudgeted(), Policy(), deadline_seconds=most)
        async with asyncio.timeout(50):
            return await calls.ask(request().rfq, ROUTES, PROMPT, "m1")

    for said in await asyncio.gather(asked(1.0, 60.0), asked(60.0, 1.0)):
        assert said.outcome.error_class is ErrorClass.TIMEOUT


async def test_an_evaluation_reports_cached_and_reasoning_tokens_and_pays_again_when_parameters_change(
    database, server, provider
):
    line = ReconnectingConnection(database, "rfqflow test")
    store = EvaluationStore(line)
    labels = {"route": "machining", "language": "en", "gate": None, "injection": False}
    cases = [Case("c1", MESSAGE, labels, family="f1")]

    async def evaluated(**parameters):
        pipeline = pipeline_of(provider, *([{"provider": "openai", "model": "m1", **parameters}] if parameters else []))
        prompt = pipeline.measured(PROMPT, "m1")
        calls = BudgetedCaller(pipeline, store, Policy.from_values(await store.policy()), deadline_seconds=20.0)
        subject = EvaluationTarget("openai", "m1", prompt.version, prompt, ROUTES)
        return await ask_all(cases, subject, calls, store, source="test")

    try:
        first = await evaluated()
        again, other_tier, other_effort = (
            await evaluated(),
            await evaluated(service_tier="flex"),
            await evaluated(reasoning_effort="high"),
        )
        assert [each.asked for each in (first, again, other_tier, other_effort)] == [1, 0, 0, 1]
        for outcome in (first, again):
            report = measure(outcome.results, "rfq@1", provider="openai", model="m1", source="test")
            assert (report.cached_input_tokens, report.reasoning_tokens) == (800, 300)
            assert as_json(report)["reasoning_tokens"] == 300
            assert "cached in, reasoning out" in render(report)
        assert (await store.results(first.eval_run or 0))[0].cached_input_tokens == 800
    finally:
        await line.close()
