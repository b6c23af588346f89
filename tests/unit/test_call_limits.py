"""Output limit, deadline and hold follow the length of the message and the kind of model."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfqflow.core.decisions.call_limits import (
    REASONING,
    UNKNOWN,
    ChosenLimits,
    MessageSize,
    ModelKind,
    Reasoning,
    limits,
)
from rfqflow.core.prompting.prompt import build, size_of
from rfqflow.core.records import Rfq
from rfqflow.enrichment.limiting import CallLimiter
from rfqflow.llm.error_classification import Fault
from rfqflow.llm.model_families import kind_of
from rfqflow.llm.openai import OpenAIProvider
from tests.support.model_server import ModelServer
from tests.support.provider_requests import PROMPT, request

PLAIN = ModelKind(Reasoning(), tokens_per_second=60.0, most_output_tokens=16_384)
LOW = ModelKind(REASONING["low"], tokens_per_second=60.0, most_output_tokens=128_000)
SHORT = MessageSize(9_000, 600, 0, 5)


def of(size=SHORT, kind=LOW, **options):
    return limits(size, kind, **{"ceiling_seconds": 300.0, **options})


def listed(number: int) -> MessageSize:
    """A list of this many items that no rule can read."""
    rows = "\n".join(f"we also want {n % 7 + 2} of the blue ones, {n} mm, like last May" for n in range(number))
    return size_of(PROMPT, Rfq(UUID(int=1), "r", rows))


def test_a_reasoning_model_has_room_for_its_reasoning_and_its_answer():
    assert of().max_output_tokens >= 3_000 + 1_500
    assert of(kind=PLAIN).max_output_tokens == 700 + 200 + 400
    assert of(kind=UNKNOWN).max_output_tokens >= 3_000 + 1_500  # the text may be one item


@pytest.mark.parametrize(
    ("effort", "reasoning"), [("minimal", 100), ("low", 1_500), ("medium", 5_000), ("high", 15_000)]
)
def test_more_effort_gives_more_tokens_and_more_time(effort, reasoning):
    kind = kind_of("openai", "gpt-5-mini", {"reasoning_effort": effort})
    found = of(kind=kind)
    assert found.likely_output_tokens == 1_300 + reasoning
    assert found.max_output_tokens >= 1_300 + reasoning
    assert found.deadline_seconds >= found.likely_output_tokens / 60


@pytest.mark.parametrize("number", [60, 300])
def test_an_unreadable_list_gives_tokens_and_time_for_each_item(number):
    found = limits(listed(number), LOW, ceiling_seconds=1e9)
    assert found.max_output_tokens >= 3_000 + 318 + 49 * number
    assert found.deadline_seconds >= (1_500 + 318 + 49 * number) / 60


def test_a_cut_off_answer_is_requested_with_a_clearly_higher_limit_or_not_again():
    found = of()
    assert found.max_output_tokens_retry == 2 * found.max_output_tokens
    again = of(was_cut=True)
    assert (again.max_output_tokens, again.max_output_tokens_retry) == (found.max_output_tokens_retry, None)
    full = of(kind=replace(LOW, most_output_tokens=5_000))
    assert (full.max_output_tokens, full.max_output_tokens_retry) == (4_500, None)
    assert full.last_output_tokens == 4_500


def test_the_servers_limit_and_the_ceiling_are_never_exceeded():
    long = MessageSize(9_000, 24_000, 0, 1_000)
    assert of(long, PLAIN).max_output_tokens == 16_384
    assert of(long).deadline_seconds == 300.0
    assert of(ceiling_seconds=3.0).deadline_seconds == 3.0


def test_a_short_message_to_a_quick_model_has_twenty_seconds():
    assert of(MessageSize(9_000, 60, 0, 1), replace(PLAIN, tokens_per_second=500.0)).deadline_seconds == 20.0


def test_a_limit_that_a_person_set_applies():
    found = of(chosen=ChosenLimits.of({"max_output_tokens": 900, "max_output_tokens_retry": 1_500}))
    assert (found.max_output_tokens, found.max_output_tokens_retry) == (900, 1_500)
    assert of(chosen=ChosenLimits(deadline_seconds=7.0)).deadline_seconds == 7.0
    assert of(chosen=ChosenLimits(deadline_seconds=700.0)).deadline_seconds == 300.0
    kept = of(chosen=ChosenLimits(max_output_tokens=900, max_output_tokens_retry=900))
    assert kept.max_output_tokens_retry is None


def test_a_slow_model_and_one_without_effort_are_known_by_name():
    assert kind_of("ollama", "qwen3:8b", {}).tokens_per_second == 10.0
    assert kind_of("openai", "openai/gpt-5-pro", {}).reasoning == REASONING["high"]
    assert kind_of("openai", "gpt-4o-mini", {"reasoning_effort": "high"}).reasoning == Reasoning()
    assert kind_of("openai", "fake-1", {}) == UNKNOWN


def test_a_model_without_an_effort_parameter_has_room_for_its_own_effort():
    """A gateway rejects the effort: the model reasons as it does by default, and the limit must not cut that off."""
    rejected = frozenset({"reasoning_effort"})
    assert kind_of("openai", "gpt-5-mini", {"reasoning_effort": "low"}, rejected).reasoning == REASONING["medium"]
    assert kind_of("openai", "gpt-4o-mini", {}, rejected).reasoning == Reasoning()
    assert kind_of("openai", "fake-1", {}, rejected) == UNKNOWN


def test_limits_follow_the_rejections_of_the_server():
    def room(*learnt):
        known = {"gpt-5-mini": {"mode": "json_schema_strict", "tokens_field": "max_tokens", "rejected": learnt}}
        provider = OpenAIProvider(model="gpt-5-mini", base_url="http://127.0.0.1:9/v1", learnt=known)
        limiter = CallLimiter(provider, ceiling_seconds=300, parameters=None, deployments=None)
        return limiter.limits("gpt-5-mini", PROMPT, MessageSize(message_bytes=300)).max_output_tokens

    assert room("reasoning_effort") >= room() + REASONING["medium"].most - REASONING["low"].most - 800


@settings(max_examples=25)
@given(st.text(max_size=400), st.text(max_size=80))
def test_no_tokenizer_makes_more_tokens_of_a_request_than_are_counted(message, context):
    """A token is at least one byte; a token of our prompt's words is more than three."""
    rfq = Rfq(UUID(int=1), "r", message)
    sent = build(PROMPT, rfq, nonce="0" * 16, canary="0" * 16, context=context)
    most = limits(size_of(PROMPT, rfq, context), LOW, ceiling_seconds=60.0).input_tokens
    assert most >= len(sent[-1]["content"].encode("utf-8", "replace")) + PROMPT.fixed_bytes // 3 + 8


@pytest.mark.parametrize(
    ("words", "most"),
    [
        (
            "max_tokens is too large: 16384. This model supports at most 4096 completion tokens, you provided 16384.",
            4096,
        ),
        ("`max_completion_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens`", 8192),
        ("max_tokens: 16384 > 8192, which is the maximum allowed number of output tokens for this model", 8192),
        ("at most 5 images may be sent", None),
        ("temperature must be less than or equal to 2", None),
    ],
)
def test_a_servers_message_about_its_output_limit_is_understood(words, most):
    assert Fault.of(400, {"error": {"message": words}}).most_output_tokens == most
    assert Fault.of(500, {"error": {"message": words}}).most_output_tokens is None


async def test_a_limit_above_the_models_own_is_lowered_within_the_attempt():
    async with ModelServer(default="writes_at_most:4096") as server:
        provider = OpenAIProvider(model="m1", base_url=server.url)
        asked = replace(request(), max_output_tokens=9_000)
        completion = await provider.complete(asked)
        await provider.aclose()
    assert [entry["body"]["max_tokens"] for entry in server.journal] == [9_000, 4_096]
    assert completion.finish_reason == "stop"
