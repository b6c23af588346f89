"""What the tests of a provider send, and to which server."""

import contextlib
from uuid import uuid4

import pytest

from rfqflow.core.errors import CallError
from rfqflow.core.prompting.prompt import Prompt
from rfqflow.core.records import Rfq, Route
from rfqflow.llm import Request
from rfqflow.llm.openai import OpenAIProvider
from rfqflow.prompts import shipped

ROUTES = (
    Route("machining", "Turned and milled parts, shafts, brackets"),
    Route("electrical", "Switchgear, transformers, cables"),
    Route("general", "Everything else", fallback=True),
)
PROMPT = Prompt.of(shipped(), ROUTES)
CANARY = "zqx7canary41"
MESSAGE = f"We need 25 pcs of milled brackets, drawing B-7714 rev C.\nPlease quote by return, {CANARY}"


def request(message=MESSAGE, *, deadline=4.0, model="fake-1", context="", **fields):
    rfq = Rfq(uuid4(), "req-1", message, **fields)
    return Request(
        rfq, ROUTES, PROMPT, deadline, "req-1", model, context, max_output_tokens=4000, max_output_tokens_retry=8000
    )


def without_pause(provider):
    """The same provider without a pause before the second call of an attempt, so that a test need not wait."""
    provider.second_call_seconds = (0.0, 0.0)
    return provider


@contextlib.asynccontextmanager
async def openai_providers(url, **usual):
    """Makes providers for a server with these arguments, which a call may replace, and closes them at the end."""
    async with contextlib.AsyncExitStack() as made:

        def make(model=None, **arguments):
            named = {"model": model} if model else {}
            arguments = {"model": "gpt-5-mini", "base_url": url, **usual, **arguments, **named}
            provider = without_pause(OpenAIProvider(**arguments))
            made.push_async_callback(provider.aclose)
            return provider

        yield make


def paths(server):
    """The API of each call, as the end of its path."""
    return [each["path"].rpartition("/")[2] for each in server.journal]


async def failure(provider, asked=None):
    with pytest.raises(CallError) as caught:
        await provider.complete(asked or request())
    return caught.value
