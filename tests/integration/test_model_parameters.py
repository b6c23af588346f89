"""The parameters that the operator sets in `ai.model_parameters` apply to calls of running daemons."""

import asyncpg
import pytest

from rfqflow.llm.capabilities import ModelCapabilities, OutputMode
from rfqflow.worker.capability_cache import CapabilityCache
from tests.support.daemon import ForkedProcess, eventually
from tests.support.model_families import FAMILIES
from tests.support.model_server import ModelServer

MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C."


def daemon(database, server, model="m1", *arguments, **environment):
    return ForkedProcess(
        "run", *arguments, RFQFLOW_DATABASE_URL=database, RFQFLOW_PROVIDER="openai",
        OPENAI_BASE_URL=server.url, RFQFLOW_MODEL=model, **environment,
    )  # fmt: skip


async def sent(db, server, number):
    """The body of the call for one more RFQ."""
    asked = len(server.journal)
    await db.execute("insert into public.rfq_requests (message) values ($1)", f"{MESSAGE} Lot {number}.")
    await eventually(lambda: db.fetchval("select count(*) from ai.rag_runs where status = 'succeeded'"),
                     lambda runs: runs == number)  # fmt: skip
    assert len(server.journal) > asked
    return server.journal[-1]["body"]


async def sent_in_time(db, server, wanted):
    """The same, of the first call that fits: workers follow within a second."""
    while True:
        number = await db.fetchval("select count(*) + 1 from ai.rag_runs where status = 'succeeded'")
        body = await sent(db, server, number)
        if wanted(body):
            return body
        assert number < 500


async def test_a_running_daemon_follows_the_table(database, db):
    async with ModelServer() as server, daemon(database, server) as process:
        await process.until_event("worker.registered")
        body = await sent(db, server, 1)
        assert not {"reasoning_effort", "verbosity", "service_tier", "prompt_cache_key"} & body.keys()

        await db.execute(
            "insert into ai.model_parameters (provider, model, reasoning_effort, verbosity, temperature, top_p) values "
            "('openai', '*', 'high', 'low', 1.5, 0.5), ('openai', 'm1', 'minimal', null, null, null), "
            "('openai', 'm2', 'low', 'high', 0.3, 0.3), ('ollama', 'm1', 'max', 'high', 0.7, 0.7)"
        )
        body = await sent_in_time(db, server, lambda body: "reasoning_effort" in body)
        # The model's row wins over the row for all, column by column. The prompt's temperature wins over both.
        assert {name: body.get(name) for name in ("reasoning_effort", "verbosity", "temperature", "top_p")} == {
            "reasoning_effort": "minimal", "verbosity": "low", "temperature": 0, "top_p": 0.5,
        }  # fmt: skip

        await db.execute("update ai.model_parameters set service_tier = 'priority', prompt_cache_key = 'rfq-1'")
        body = await sent_in_time(db, server, lambda body: "service_tier" in body)
        assert (body["service_tier"], body["prompt_cache_key"]) == ("priority", "rfq-1")

        await db.execute("delete from ai.model_parameters")
        body = await sent_in_time(db, server, lambda body: "service_tier" not in body)
        assert not {"reasoning_effort", "verbosity", "top_p", "prompt_cache_key"} & body.keys()


async def test_a_parameter_that_a_family_rejects_is_not_sent_even_if_the_table_sets_it(database, db):
    family, (model, _) = "like_gpt_5", FAMILIES["like_gpt_5"]
    await db.execute(
        "insert into ai.model_parameters (provider, model, temperature, top_p, reasoning_effort) "
        "values ('openai', $1, 1, 0.5, 'minimal')",
        model,
    )
    async with ModelServer(default=family) as server:
        async with daemon(database, server, model, "--drain") as process:
            await sent(db, server, 1)
            assert await process.exit_code(30) == 0
        assert len(server.journal) == 1  # no call was rejected
        body = server.journal[0]["body"]
        assert (body["reasoning_effort"], body["verbosity"]) == ("minimal", "low")
        assert not {"temperature", "top_p"} & body.keys()


async def test_running_daemons_learn_what_one_of_them_has_learnt(database, db):
    async with ModelServer() as server, daemon(database, server) as process:
        await process.until_event("worker.registered")
        assert (await sent(db, server, 1))["temperature"] == 0

        fleet = CapabilityCache(database, "openai", server.url)
        fleet.learnt("m1", {"mode": "json_object", "tokens_field": "max_tokens", "rejected": ["temperature"]})
        await fleet.aclose()
        body = await sent_in_time(db, server, lambda body: "temperature" not in body)
        assert body["response_format"] == {"type": "json_object"}

        other = CapabilityCache(database, "openai", "http://elsewhere/v1")
        other.learnt("m1", {"mode": "prompted", "tokens_field": "max_tokens", "rejected": ["seed"]})
        await other.aclose()
        await db.execute("delete from ai.model_capabilities where mode = 'json_object'")
        body = await sent_in_time(db, server, lambda body: "temperature" in body)  # learnt again
        assert body["response_format"]["type"] == "json_schema"


def test_what_is_learnt_here_is_joined_to_what_others_have_learnt():
    here = ModelCapabilities(OutputMode.OBJECT, "max_tokens", rejected=frozenset({"seed"}))
    there = ModelCapabilities(OutputMode.SCHEMA, "max_completion_tokens", rejected=frozenset({"top_p"}))
    joined = here.joined(there.kept())
    assert joined.kept() == {
        "mode": "json_object", "tokens_field": "max_completion_tokens", "rejected": ["seed", "top_p"],
    }  # fmt: skip
    assert joined.joined(here.kept()) == joined  # what was swapped is not swapped back


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("reasoning_effort", "'extreme'", "reasoning_effort_is_known"),
        ("verbosity", "'shouting'", "verbosity_is_known"),
        ("service_tier", "'felx'", "service_tier_is_known"),
        ("prompt_cache_key", "'two words'", "prompt_cache_key_is_plain"),
        ("temperature", "2.5", "temperature_is_0_to_2"),
        ("temperature", "'NaN'", "temperature_is_0_to_2"),
        ("top_p", "0", "top_p_is_above_0_to_1"),
        ("max_output_tokens", "0", "tokens_are_1_to_1000000"),
        ("max_output_tokens_retry", "1000001", "tokens_are_1_to_1000000"),
        ("deadline_seconds", "'infinity'", "deadline_is_1_to_3600_seconds"),
    ],
)
async def test_a_value_that_no_model_takes_is_refused_when_it_is_written(db, column, value, constraint):
    with pytest.raises(asyncpg.CheckViolationError, match=f"model_parameters_{constraint}"):
        await db.execute(
            f"insert into ai.model_parameters (provider, model, {column}) values ('openai', 'm1', {value})"
        )
