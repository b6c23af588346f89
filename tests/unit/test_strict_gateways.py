"""Gateways that accept less than any family, and reject the rest in their own words: learnt within the first attempt."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from rfqflow.core.errors import ErrorClass
from rfqflow.llm.anthropic import AnthropicProvider
from rfqflow.llm.openai import OpenAIProvider
from tests.support.messages_server import MessagesServer
from tests.support.model_exchange import Exchange
from tests.support.model_server import ModelServer
from tests.support.provider_requests import PROMPT, failure, request

EVERYTHING = {
    "temperature": 0.0,
    "top_p": 0.5,
    "seed": 1,
    "reasoning_effort": "low",
    "verbosity": "low",
    "service_tier": "priority",
    "prompt_cache_key": "rfqs",
}


@dataclass
class Gateway(ModelServer):
    """For each request, it calls `refuses` with the request in terms of its own API."""

    refuses: Callable[[Mapping[str, Any]], tuple[int, Any] | None] = lambda _body: None
    refused: int = 0

    def refusal(self, exchange: Exchange) -> tuple[int, Any] | None:
        asked = exchange.body
        if (no_api := super().refusal(exchange)) is not None:
            return no_api
        found = self.refuses(asked)
        self.refused += found is not None
        return found


def unknown(name: str) -> tuple[int, Any]:
    words = f"Unrecognized request argument supplied: {name}"
    return 400, {"error": {"message": words, "type": "invalid_request_error", "param": None, "code": None}}


def takes_nothing(body):
    """Accepts the bare minimum, and refuses one part at a time."""
    for name in (*EVERYTHING, "max_tokens"):
        if name in body:
            return unknown(name)
    shape = body.get("response_format")
    if shape and shape.get("json_schema", {}).get("strict"):
        return unknown("response_format.json_schema.strict")
    if shape and shape["type"] == "json_schema":
        return 400, {"error": {"message": "response_format type json_schema is not supported"}}
    return unknown("response_format") if shape else None


def without(*names):
    def refuses(body):
        return next((unknown(name) for name in names if name in body), None)

    return refuses


def asked_for(most=None, parameters=None):
    asked = request(deadline=20, model="ours")
    prompt = replace(PROMPT, parameters={**PROMPT.parameters, **(parameters or {})})
    return replace(asked, prompt=prompt, max_output_tokens=most or asked.max_output_tokens)


async def test_a_gateway_that_accepts_no_optional_part_is_learnt_in_the_first_attempt_of_forty_calls():
    async with Gateway(refuses=takes_nothing, has_responses=False) as server:
        provider = OpenAIProvider(model="ours", base_url=server.url)
        asked = asked_for(parameters=EVERYTHING)
        answers = await asyncio.gather(*(provider.complete(asked) for _ in range(40)))
        assert {each.answer.route for each in answers} == {"machining"}
        assert len(server.journal) - server.refused == 40
        refused = server.refused
        await provider.complete(asked)
        assert server.refused == refused
        await provider.aclose()


async def test_a_token_limit_that_a_gateway_accepts_under_neither_name_is_left_out():
    learnt = {}
    async with Gateway(refuses=without("max_tokens", "max_completion_tokens")) as server:
        provider = OpenAIProvider(model="ours", base_url=server.url, on_learnt=learnt.__setitem__)
        await provider.complete(asked_for())
        await provider.aclose()
        following = OpenAIProvider(model="ours", base_url=server.url, learnt=learnt)
        refused = server.refused
        await following.complete(asked_for())
        assert server.refused == refused == 2
        await following.aclose()


WORDS = {
    "openai": "max_tokens is too large: 16000. This model supports at most {} completion tokens, whereas you provided 16000.",
    "responses": "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= {}, but got 16000 instead.",
    "deepseek": "Invalid max_tokens value, the valid range of max_tokens is [1, {}]",
    "gemini": "Unable to submit request because it has a maxOutputTokens value of 16000 but the supported range is from "
    "1 (inclusive) to {} (exclusive). Update the value and try again.",
    "bedrock": "The maximum tokens you requested exceeds the model limit of {0}. Try again with a maximum tokens value that "
    "is lower than {0}.",
    "fireworks": "Requests with max_tokens > {} must have stream=true",
    "pydantic": "max_tokens: Input should be less than or equal to {}",
    "anthropic": "max_tokens: 16000 > {}, which is the maximum allowed number of output tokens for ours",
}


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("words", WORDS)
async def test_a_token_limit_above_the_models_is_lowered_to_the_one_in_the_refusal(words, api):
    def limit(body):
        return body.get("max_tokens") or body.get("max_output_tokens") or 0

    def refuses(body):
        # Gemini's bound is the first value that is too high.
        reported = WORDS[words].format(5000 + (words == "gemini"))
        return (400, {"error": {"message": reported, "param": "max_tokens"}}) if limit(body) > 5000 else None

    async with Gateway(refuses=refuses) as server:
        provider = OpenAIProvider(model="ours", base_url=server.url, api=api)
        await provider.complete(asked_for(most=16_000))
        assert [limit(each["body"]) for each in server.journal] == [16_000, 5000]
        await provider.aclose()


async def test_a_parameter_that_is_refused_in_plain_text_is_learnt_as_well():
    def refuses(body):
        return (400, "Unknown parameter temperature") if "temperature" in body else None

    async with Gateway(refuses=refuses) as server:
        provider = OpenAIProvider(model="ours", base_url=server.url)
        await provider.complete(asked_for())
        assert (len(server.journal), server.refused) == (2, 1)
        await provider.aclose()


@pytest.mark.parametrize(
    "words",
    [
        "This model only support stream mode, please enable the stream parameter to access the model.",
        "This model requires streaming. Set stream to true.",
        "Parameter 'stream' must be set to true for this model.",
    ],
)
async def test_a_model_that_only_streams_fails_no_rfq(words):
    async with Gateway(refuses=lambda _body: (400, {"error": {"message": words}})) as server:
        provider = OpenAIProvider(model="ours", base_url=server.url)
        assert (await failure(provider)).error_class is ErrorClass.MODEL_NOT_FOUND
        await provider.aclose()


REFUSED_MESSAGES = {
    "a grammar too large": (
        "The compiled grammar is too large, which would cause performance issues. Simplify your tool schemas.",
        lambda body: "format" in body.get("output_config", {}),
    ),
    "a grammar that takes too long": (
        "Grammar compilation timed out.",
        lambda body: "format" in body.get("output_config", {}),
    ),
    "a system part that is no list": (
        "system: Input should be a valid string",
        lambda body: not isinstance(body["system"], str),
    ),
}


@pytest.mark.parametrize("name", REFUSED_MESSAGES)
async def test_refusals_of_a_messages_server_are_learnt_within_the_first_attempt(name):
    words, is_refused = REFUSED_MESSAGES[name]

    @dataclass
    class Messages(MessagesServer):
        def refusal(self, exchange: Exchange) -> tuple[int, Any] | None:
            asked = exchange.body
            known = super().refusal(exchange)
            return known or ((400, {"error": {"message": words}}) if is_refused(asked) else None)

    async with Messages() as server:
        provider = AnthropicProvider(model="claude-haiku-5-5", base_url=server.url)
        await provider.complete(request(model="claude-haiku-5-5", deadline=20))
        assert len(server.journal) == 2
        await provider.aclose()
