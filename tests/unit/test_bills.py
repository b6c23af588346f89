"""The usage in a reply is what is booked, in every form in which servers count it."""

import json
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from rfqflow.core.errors import Usage
from rfqflow.core.policy import Policy
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.llm import messages_reply, response, responses_reply
from rfqflow.llm.anthropic import AnthropicProvider
from rfqflow.llm.openai import OpenAIProvider
from rfqflow.llm.prices import PriceBook
from tests.support.model_behaviours import behaviour
from tests.support.model_exchange import Exchange, answer_for, as_json, completion
from tests.support.model_server import ModelServer
from tests.support.provider_requests import PROMPT, ROUTES, request

MODEL = "claude-haiku-5-5"

CHAT = {
    "cached, written and reasoned": (
        {
            "prompt_tokens": 1000, "completion_tokens": 300, "total_tokens": 1300,
            "prompt_tokens_details": {"cached_tokens": 400, "cache_write_tokens": 500},
            "completion_tokens_details": {"reasoning_tokens": 100},
        },
        Usage(1000, 400, 300, 100, 500),
    ),
    "more written than there was": (
        {"prompt_tokens": 10, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 9}},
        Usage(10, 4, 3, 0, 6),
    ),
    "reasoning beside the answer, as xAI counts": (
        {
            "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1600,
            "completion_tokens_details": {"reasoning_tokens": 500},
        },
        Usage(1000, 0, 600, 500),
    ),
    "reasoning within the total alone, as Gemini counts": (
        {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1900},
        Usage(1000, 0, 900),
    ),
    "a total that is nonsense": (
        {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": -7},
        Usage(1000, 0, 100),
    ),
    "details that are null": (
        {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": None, "completion_tokens_details": None},
        Usage(1000, 0, 100),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("said", "usage"), CHAT.values(), ids=CHAT)
def test_the_usage_of_both_apis_is_read_as_it_is_billed(said, usage):
    chat = {"choices": [{"message": {"content": "{}"}, "finish_reason": "stop"}], "usage": said}
    assert response.read(json.dumps(chat).encode(), private="").usage == usage
    names = {"prompt": "input", "completion": "output"}
    renamed = {names.get(name.partition("_")[0], "total") + "_" + name.partition("_")[2]: n for name, n in said.items()}
    said_by = {"type": "message", "content": [{"type": "output_text", "text": "{}"}]}
    answered = {"status": "completed", "output": [said_by], "usage": renamed}
    assert responses_reply.read(json.dumps(answered).encode(), private="").usage == usage


@behaviour("tells_no_tier")
async def _tells_no_tier(exchange: Exchange) -> None:
    await exchange.send(200, as_json(completion(exchange, json.dumps(answer_for(exchange)))))


@pytest.mark.parametrize(
    ("asked", "tier", "times"), [("priority", "priority", 2), ("flex", None, 1), ("default", None, 1)]
)
async def test_an_expensive_tier_that_a_reply_does_not_name_is_booked_as_requested(asked, tier, times):
    book = PriceBook()
    book.set_table(
        [{"provider": "openai", "model": "m", "input_usd_per_million": 1, "output_usd_per_million": 5,
          "cached_input_usd_per_million": 1}]
    )  # fmt: skip
    async with ModelServer(default="tells_no_tier") as server:
        provider = OpenAIProvider(model="m", base_url=server.url, price=partial(book.price, "openai"))
        prompt = replace(PROMPT, parameters={"service_tier": asked})
        said = await provider.complete(replace(request(model="m"), prompt=prompt))
        await provider.aclose()
    normal = Decimal(said.usage.input_tokens + 5 * said.usage.output_tokens) / 1_000_000
    assert (said.usage.service_tier, said.cost_usd) == (tier, normal * times)


@pytest.mark.parametrize(
    "texts", [("Let me see.", '{"a": 1}'), ('{"a": 1}', '{"a": 1}'), ('{"a"', ": 1}"), ("", '{"a": 1}')]
)
def test_the_answer_is_found_among_several_texts_of_a_message(texts):
    content = [{"type": "text", "text": text} for text in texts]
    body = {"content": content, "stop_reason": "end_turn", "usage": {"input_tokens": 9, "output_tokens": 1}}
    assert json.loads(messages_reply.read(json.dumps(body).encode(), private="").text) == {"a": 1}


async def test_a_hold_covers_a_call_whose_whole_input_is_written_to_the_cache():
    book = PriceBook()
    price = {"provider": "anthropic", "model": MODEL, "input_usd_per_million": 1, "output_usd_per_million": 5}
    book.set_table([{**price, "cached_input_usd_per_million": Decimal("0.1")}])
    provider = AnthropicProvider(model=MODEL, price=partial(book.price, "anthropic"))
    pipeline = Pipeline(provider, prompt_version=None, deadline_seconds=20, pepper=None)
    ask = pipeline.prepare(request().rfq, MODEL, ROUTES, PROMPT)
    most = replace(ask.limits.usage, cache_write_tokens=ask.limits.input_tokens)
    assert pipeline.limiter.candidate(ask, MODEL, Policy()).nano >= provider.price(MODEL, most)[0] * 10**9
    await provider.aclose()
