"""A chain of models of several providers.

Each has its own breaker, prices, limits and learnt parameters, and is called by its own SDK.
"""

import asyncio
import os
from decimal import Decimal

import pytest

from rfqflow import settings
from rfqflow.core.errors import ConfigError
from rfqflow.llm.anthropic import AnthropicProvider
from rfqflow.llm.openai import OpenAIProvider
from rfqflow.llm.provider_chain import ProviderChain
from tests.support import command_server
from tests.support.daemon import ForkedProcess, eventually
from tests.support.messages_server import MessagesServer
from tests.support.model_server import ModelServer
from tests.support.worker_harness import ended, insert, until, working

MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C, material 6082."
CLAUDE = "claude-haiku-5-5"


@pytest.fixture
async def servers():
    async with ModelServer() as openai, MessagesServer() as anthropic:
        yield openai, anthropic


@pytest.fixture
async def chain(servers):
    """m1 of one provider, then Claude, then m2 of the first. A token costs a millionth of a dollar, at Claude two."""
    openai, anthropic = servers
    providers = (
        OpenAIProvider(model="m1", fallback_models=("m2",), base_url=openai.url, price=priced(1)),
        AnthropicProvider(model=CLAUDE, base_url=anthropic.url, price=priced(2)),
    )
    running = ProviderChain(("m1", CLAUDE, "m2"), providers)
    yield running
    await running.aclose()


def priced(usd):
    return lambda _model, usage: (Decimal(usd) * (usage.input_tokens + usage.output_tokens) / 1_000_000, "table")


async def runs(db):
    return await db.fetch("select * from ai.rag_runs order by created_at, run_id")


async def test_an_rfq_that_one_providers_model_declines_goes_to_another_provider_at_once(database, db, servers, chain):
    servers[0].script("refusal")
    async with working(database, chain):
        await insert(db, MESSAGE)
        await until(ended(db, 1))

    first, last = await runs(db)
    assert (first["provider"], first["model"], first["error_class"]) == ("openai", "m1", "refusal")
    assert (last["provider"], last["model"], last["status"]) == ("anthropic", CLAUDE, "succeeded")
    assert last["cost_usd"] == Decimal(2 * (last["input_tokens"] + last["output_tokens"])) / 1_000_000
    assert (len(servers[0].journal), len(servers[1].journal), servers[1].rejected) == (1, 1, 0)
    states = await db.fetch("select provider, model, in_flight from ai.model_states where model <> '*'")
    assert {tuple(row) for row in states} == {("openai", "m1", 0), ("anthropic", CLAUDE, 0)}


async def test_while_one_provider_is_down_the_other_answers_without_a_failed_attempt(database, db, servers, chain):
    await db.execute("select ai.open_breaker('openai', '*', 'ada', 'an outage')")
    async with working(database, chain):
        await insert(db, *(f"{MESSAGE} No. {number}" for number in range(5)))
        await until(ended(db, 5))

    assert {(run["provider"], run["status"]) for run in await runs(db)} == {("anthropic", "succeeded")}
    assert servers[0].journal == []
    assert await db.fetchval("select count(*) from ai.holds") == 0


async def test_an_outage_that_only_calls_reveal_leads_to_the_other_provider(database, db, servers, chain):
    servers[0].default = "401"  # the account's fault: it opens the provider's own breaker
    async with working(database, chain, poll_seconds=0.1):
        await insert(db, MESSAGE)
        await until(lambda: db.fetchval("select exists (select from ai.rag_runs where error_class = 'auth')"))
        await until(lambda: db.fetchval("select exists (select from ai.model_states where state <> 'closed')"))
        await insert(db, *(f"{MESSAGE} No. {number}" for number in range(3)))
        await until(lambda: db.fetchval("select count(*) >= 3 from ai.rag_runs where provider = 'anthropic'"))

    opened = await db.fetch("select provider from ai.model_states where state <> 'closed'")
    assert {row["provider"] for row in opened} == {"openai"}


async def test_a_limit_of_one_provider_does_not_limit_the_other(database, db, servers, chain):
    await db.execute("insert into ai.model_limits (provider, model, most_in_flight) values ('openai', '*', 1)")
    servers[0].default = servers[1].default = "held"
    async with working(database, chain):
        await insert(db, *(f"{MESSAGE} No. {number}" for number in range(3)))
        await servers[1].received(2)
        assert len(servers[0].journal) == 1
        for server in servers:
            server.let_go()
        await until(ended(db, 3))
    assert sorted(run["provider"] for run in await runs(db)) == ["anthropic", "anthropic", "openai"]


async def test_when_both_are_down_an_rfq_waits_and_is_woken(database, db, servers, chain):
    await db.execute("select ai.open_breaker('openai', '*', 'ada', 'x'), ai.open_breaker('anthropic', '*', 'ada', 'x')")
    async with working(database, chain, poll_seconds=0.1):
        await insert(db, MESSAGE)
        await until(ended(db, 1, "deferred"))
        await db.execute("select ai.close_breaker('anthropic', '*', 'ada')")
        await until(ended(db, 1))
    assert [run["provider"] for run in await runs(db) if run["status"] == "succeeded"] == ["anthropic"]


# -- from the settings -----------------------------------------------------------------------------------------------


def environment(openai, anthropic, **changes):
    return {
        "RFQFLOW_PROVIDER": "openai", "OPENAI_BASE_URL": openai.url, "RFQFLOW_MODEL": "m1",
        "RFQFLOW_FALLBACK_MODELS": f"anthropic:{CLAUDE}, m2", "ANTHROPIC_BASE_URL": anthropic.url,
        "ANTHROPIC_API_KEY": "sk-ant-x", **changes,
    }  # fmt: skip


async def test_a_daemon_stores_what_it_learns_of_each_server_under_its_own_provider(database, db, servers):
    _, anthropic = servers
    anthropic.lacks = ("output_config",)
    await db.execute("select ai.open_breaker('openai', '*', 'ada', 'an outage')")
    await insert(db, MESSAGE)
    async with ForkedProcess("run", "--drain", RFQFLOW_DATABASE_URL=database, **environment(*servers)) as process:
        assert await process.exit_code(60) == 0, process.text
    row = await eventually(lambda: db.fetchrow("select provider, model, mode from ai.model_capabilities"))
    assert tuple(row) == ("anthropic", CLAUDE, "json_schema")

    rejected = anthropic.rejected
    await insert(db, f"{MESSAGE} Once more.")
    async with ForkedProcess("run", "--drain", RFQFLOW_DATABASE_URL=database, **environment(*servers)) as process:
        assert await process.exit_code(60) == 0, process.text
    assert anthropic.rejected == rejected
    assert [run["status"] for run in await runs(db)] == ["succeeded", "succeeded"]


async def test_the_doctor_probes_each_model_at_its_own_provider(servers, tmp_path):
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("RFQFLOW_", "OPENAI_", "ANTHROPIC_"))
    }
    done = await asyncio.to_thread(
        command_server.run, "doctor", "--provider", env=kept | environment(*servers), cwd=tmp_path
    )
    said = done.stdout
    assert "the model m1 answers" in said
    assert f"the model {CLAUDE} answers (by the Messages API)" in said
    assert "the model m2 answers" in said
    assert f"price set anthropic {CLAUDE}" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ANTHROPIC_BASE_URL": "", "ANTHROPIC_API_KEY": ""}, "set ANTHROPIC_API_KEY"),
        ({"RFQFLOW_FALLBACK_MODELS": "anthropic:"}, "RFQFLOW_FALLBACK_MODELS"),
        ({"RFQFLOW_FALLBACK_MODELS": "anthropic:m1"}, "names m1 for two providers"),
        (
            {"RFQFLOW_FALLBACK_MODELS": f"antropic:{CLAUDE}"},
            "'antropic' is not a provider of fallback models: write openai:",
        ),
    ],
)
async def test_a_chain_that_cannot_work_stops_the_daemon_with_the_remedy(database, servers, changes, words):
    async with ForkedProcess("run", RFQFLOW_DATABASE_URL=database, **environment(*servers, **changes)) as process:
        assert await process.exit_code(30) == 2
        assert words in process.text


@pytest.mark.parametrize(
    ("provider", "model", "further", "chain"),
    [
        ("openai", "m1", "m2,m1", (("openai", "m1"), ("openai", "m2"))),
        ("anthropic", None, f"openai:m1, {CLAUDE}", (("anthropic", CLAUDE), ("openai", "m1"))),
        ("openai", "m1", "openai:m2, ollama:qwen3:8b", (("openai", "m1"), ("openai", "m2"), ("ollama", "qwen3:8b"))),
        ("openai", "a", "anthropic/claude-x", (("openai", "a"), ("openai", "anthropic/claude-x"))),
        ("ollama", "llama3:8b", "mistral:7b", (("ollama", "llama3:8b"), ("ollama", "mistral:7b"))),
        ("rules", "m1", "anthropic:c", (("rules", "m1"),)),
    ],
)
def test_the_prefix_of_a_model_names_its_provider(provider, model, further, chain):
    given = {"provider": provider, "fallback_models": further} | ({"model": model} if model else {})
    assert settings.load(**given).chain == chain


@pytest.mark.parametrize("further", ["Anthropic:c", "open-ai:m2", "rules:x", "azure:gpt-5", "m2,olama:qwen3:8b"])
def test_an_unknown_provider_prefix_is_refused(further):
    with pytest.raises(ConfigError, match=r"RFQFLOW_FALLBACK_MODELS: .* is not a provider of fallback models"):
        settings.load(provider="openai", model="m1", fallback_models=further)


@pytest.mark.parametrize("model", ["ft:gpt-4o-mini:acme::x", "meta/llama:free", "anthropic.claude-v1:0", "qwen3:8b"])
def test_a_colon_within_a_models_own_name_is_kept(model):
    assert settings.load(provider="openai", model="m1", fallback_models=model).chain[1] == ("openai", model)


def test_a_name_of_two_providers_is_refused():
    with pytest.raises(ConfigError, match="names m1 for two providers"):
        settings.load(provider="openai", model="m1", fallback_models="anthropic:m1")
