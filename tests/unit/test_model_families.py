"""Parameters that a model's family rejects are not sent. Rejections that only its server knows are learnt without loss."""

import asyncio
from dataclasses import replace

import pytest

from rfqflow.core.decisions.call_limits import REASONING
from rfqflow.core.errors import ErrorClass
from rfqflow.llm.model_families import ModelFamily, family_of, kind_of
from rfqflow.llm.openai import OpenAIProvider
from tests.support.model_families import FAMILIES
from tests.support.model_server import ModelServer
from tests.support.provider_requests import PROMPT, failure, request, without_pause

ALL_AT_ONCE = {"temperature": 0, "reasoning_effort": "extreme", "verbosity": "shouting", "top_p": 0.5}


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@pytest.fixture
async def provider_of(server):
    made = []

    def make(model, **arguments):
        made.append(without_pause(OpenAIProvider(model=model, base_url=server.url, **arguments)))
        return made[-1]

    yield make
    for provider in made:
        await provider.aclose()


@pytest.mark.parametrize("family", FAMILIES)
async def test_parameters_that_a_family_rejects_are_never_sent_to_it(server, provider_of, family):
    server.default = family
    model, _ = FAMILIES[family]
    await provider_of(model).complete(request(model=model))
    assert len(server.journal) == 1


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_deployment_of_any_name_is_learnt_within_its_first_attempt(server, provider_of, family):
    server.default = family
    asked = request(model="ours", deadline=20)
    asked = replace(asked, prompt=replace(PROMPT, parameters={**PROMPT.parameters, **ALL_AT_ONCE}))
    provider = provider_of("ours")
    assert (await provider.complete(asked)).answer.route == "machining"
    rejected = len(server.journal) - 1
    await provider.complete(asked)
    assert len(server.journal) == rejected + 2


@pytest.mark.parametrize("family", ["like_gpt_5", "like_mistral"])
async def test_forty_simultaneous_calls_to_a_new_server_are_all_answered(server, provider_of, family):
    server.default = family
    asked = request(model="ours", deadline=60)
    asked = replace(asked, prompt=replace(PROMPT, parameters={**PROMPT.parameters, **ALL_AT_ONCE}))
    provider = provider_of("ours")
    answered = await asyncio.gather(*(provider.complete(asked) for _ in range(40)))
    assert {each.answer.route for each in answered} == {"machining"}


async def test_a_rejected_parameter_leaves_the_attempt_its_second_call(server, provider_of):
    server.default = "like_gpt_5"
    server.script("like_gpt_5", "like_gpt_5", "invalid_json")
    completion = await provider_of("ours").complete(request(model="ours", deadline=20))
    assert (completion.answer.route, completion.reasks) == ("machining", 1)


async def test_a_server_that_rejects_everything_ends_the_attempt(server, provider_of):
    server.default = "400_temperature"
    server.script(*["400_always_temperature"] * 30)
    error = await failure(provider_of("ours"), request(model="ours", deadline=20))
    assert error.error_class is ErrorClass.BAD_REQUEST
    assert len(server.journal) == 2


async def test_the_prompts_own_effort_wins_over_the_familys(server, provider_of):
    asked = request(model="gpt-5-mini")
    await provider_of("gpt-5-mini").complete(asked)
    parameters = {**PROMPT.parameters, "reasoning_effort": "high"}
    await provider_of("gpt-5-mini").complete(replace(asked, prompt=replace(PROMPT, parameters=parameters)))
    bodies = [each["body"] for each in server.journal]
    assert [(body["reasoning_effort"], body["verbosity"]) for body in bodies] == [("low", "low"), ("high", "low")]
    assert not any("temperature" in body or "max_tokens" in body for body in bodies)


@pytest.mark.parametrize(
    ("model", "effort", "takes_temperature"),
    [
        ("gpt-5", "low", False),
        ("gpt-5-nano-2025-08-07", "low", False),
        ("openai/gpt-5.1", "low", False),
        ("gpt-6-mini", "low", False),
        ("gpt-5.2-chat-latest", None, False),
        ("o4-mini", "low", False),
        ("ft:gpt-5-mini:acme::9x", "low", False),
        ("gpt-5.1-codex-max", "low", False),
        ("o1-preview", None, False),
        ("gpt-4.1-mini", None, True),
        ("openai/gpt-oss-120b:free", "low", True),
        ("google/gemini-3-flash-preview", "low", False),
        ("grok-4-fast", None, True),
        ("qwen3-32b", None, True),
        ("ollama/o1derful", None, True),
        ("our-deployment", None, True),
    ],
)
def test_a_family_is_recognised_by_the_models_name_alone(model, effort, takes_temperature):
    family = family_of(model)
    assert family.parameters.get("reasoning_effort") == effort
    assert ("temperature" not in family.rejects) is takes_temperature


def test_an_unknown_model_has_no_family():
    assert family_of("") == family_of("our-deployment") == ModelFamily()


@pytest.mark.parametrize(
    ("model", "asked", "sent"),
    [
        ("gpt-5-mini", "none", "minimal"),
        ("gpt-5-mini", "xhigh", "high"),
        ("gpt-5.1", "minimal", "none"),
        ("gpt-5.4-nano", "xhigh", "xhigh"),
        ("gpt-5.4-nano", "max", "xhigh"),
        ("o3", "none", "low"),
        ("grok-3-mini", "medium", "low"),
        ("ours", "minimal", "minimal"),
    ],
)
async def test_an_effort_that_the_family_lacks_is_sent_as_the_next_lower_one(server, provider_of, model, asked, sent):
    parameters = {"reasoning_effort": asked}
    await provider_of(model).complete(replace(request(model=model), prompt=replace(PROMPT, parameters=parameters)))
    assert [each["body"]["reasoning_effort"] for each in server.journal] == [sent]


@pytest.mark.parametrize(
    ("provider", "model", "asked", "like"),
    [
        ("openai", "gpt-5-mini", "none", "minimal"),
        ("openai", "o3", "xhigh", "high"),
        ("anthropic", "claude-sonnet-5-1", "none", "low"),
        ("anthropic", "claude-haiku-5-5", "none", "none"),
        ("openai", "ours", "none", "none"),
    ],
)
def test_limits_leave_room_for_the_effort_that_is_sent(provider, model, asked, like):
    assert kind_of(provider, model, {"reasoning_effort": asked}).reasoning == REASONING[like]
