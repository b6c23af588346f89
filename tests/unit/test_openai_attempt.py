"""The second call of an attempt: when it is made, what it sends, what is learnt, and what both calls cost."""

import asyncio
from decimal import Decimal

import pytest

from rfqflow.core.errors import ErrorClass, Usage
from rfqflow.llm.capabilities import OutputMode
from rfqflow.llm.openai import OpenAIProvider
from tests.support.model_server import ModelServer
from tests.support.provider_requests import CANARY, failure, request, without_pause


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@pytest.fixture(params=["chat", "responses"])
async def provider(server, request):
    running = without_pause(OpenAIProvider(model="fake-1", base_url=server.url, api=request.param))
    yield running
    await running.aclose()


@pytest.mark.parametrize("behaviour", ["invalid_json", "schema_breach", "nul", "deep", "leak_canary"])
async def test_both_calls_of_an_attempt_that_failed_are_billed(server, provider, behaviour):
    server.default = behaviour
    error = await failure(provider)
    assert len(server.journal) == 2
    assert error.usage.input_tokens == sum(each["prompt_tokens"] for each in server.journal)
    assert error.details


@pytest.mark.parametrize("behaviour", ["refusal", "content_filter", "choices_null", "choices_empty", "truncated"])
async def test_the_bill_of_an_unusable_reply_is_kept(server, provider, behaviour):
    server.default = behaviour
    assert (await failure(provider)).usage.input_tokens > 0


@pytest.mark.parametrize("behaviour", ["400", "401", "402", "404", "429_none", "500", "529", "redirect"])
async def test_a_rejected_call_is_known_to_have_cost_nothing(server, provider, behaviour):
    server.default = behaviour
    assert (await failure(provider)).usage == Usage()


@pytest.mark.parametrize("behaviour", ["hang", "cut", "reset", "close", "gzip_bomb", "huge", "504", "408", "html200"])
async def test_an_unknown_bill_is_none_and_not_zero(server, provider, behaviour):
    server.default = behaviour
    deadline = 4 if behaviour == "hang" else 30  # the others end by themselves, later on a busy machine
    assert (await failure(provider, request(deadline=deadline))).usage is None


@pytest.mark.parametrize("behaviour", ["no_usage", "absurd_usage"])
async def test_an_answer_whose_bill_is_unknown_is_not_priced(server, behaviour):
    provider = OpenAIProvider(model="fake-1", base_url=server.url, price=lambda _model, _usage: (Decimal(1), "table"))
    server.default = behaviour
    completion = await provider.complete(request())
    assert (completion.cost_usd, completion.cost_source) == (None, "unknown")
    await provider.aclose()


async def test_the_price_hook_gets_the_usage_of_both_calls(server):
    seen = []

    def price(model, usage):
        seen.append((model, usage))
        return Decimal("0.25"), "table"

    provider = OpenAIProvider(model="fake-1", base_url=server.url, price=price)
    server.script("invalid_json", "ok")
    completion = await provider.complete(request())
    assert (completion.cost_usd, completion.cost_source) == (Decimal("0.25"), "table")
    assert seen == [("fake-1", completion.usage)]
    assert completion.usage.input_tokens == sum(each["prompt_tokens"] for each in server.journal)
    await provider.aclose()


async def test_a_price_hook_that_raises_loses_no_answer(server):
    provider = OpenAIProvider(model="fake-1", base_url=server.url, price=lambda _model, _usage: 1 / 0)
    assert (await provider.complete(request())).cost_source == "unknown"
    await provider.aclose()


RETRY_AFTER = {
    "429_seconds": 17.0,
    "429_ms": 2.5,
    "429_date": 30.0,
    "429_negative": 0.0,
    "429_nan": 0.0,
    "429_huge": 3600.0,
    "429_words": None,
    "429_none": None,
    "503_long": 30.0,
}


@pytest.mark.parametrize(("behaviour", "seconds"), RETRY_AFTER.items(), ids=RETRY_AFTER)
async def test_retry_after_is_read_in_every_form_and_clamped(server, provider, behaviour, seconds):
    server.default = behaviour
    assert (await failure(provider)).retry_after_seconds == seconds


@pytest.mark.parametrize(
    "behaviour", ["invalid_json", "html200", "reset", "500", "503", "408", "429_short", "truncated"]
)
async def test_a_second_call_within_the_attempt_can_save_it(server, provider, behaviour):
    server.script(behaviour)
    assert (await provider.complete(request(deadline=8))).answer.route == "machining"
    assert len(server.journal) == 2


@pytest.mark.parametrize("behaviour", ["400", "401", "429_seconds", "429_none", "503_long", "cut", "refusal", "huge"])
async def test_a_failure_that_a_second_call_would_not_cure_is_not_repeated(server, provider, behaviour):
    server.script(behaviour)
    await failure(provider)
    assert len(server.journal) == 1


async def test_a_second_call_waits_a_moment_that_differs_between_calls(server):
    provider = OpenAIProvider(model="fake-1", base_url=server.url)
    shortest, longest = provider.second_call_seconds
    began = asyncio.get_running_loop().time()
    server.script("500")
    await provider.complete(request(deadline=60))
    assert len(server.journal) == 2
    assert asyncio.get_running_loop().time() - began >= shortest
    assert 0.1 <= shortest < longest
    await provider.aclose()


async def test_no_second_call_begins_that_the_deadline_would_cut_short(server, provider):
    server.script("503_longest")
    error = await failure(provider, request(deadline=2.4))
    assert error.error_class == ErrorClass.PROVIDER_5XX
    assert len(server.journal) == 1


@pytest.mark.parametrize("provider", ["chat"], indirect=True)
async def test_a_second_call_shows_the_model_its_text_and_only_rules_about_it(server, provider):
    server.script("schema_breach", "ok")
    await provider.complete(request())
    first, second = (each["body"]["messages"] for each in server.journal)
    assert second[: len(first)] == first
    assert [each["role"] for each in second[len(first) :]] == ["assistant", "user"]
    assert "- route: must be one of the listed values" in second[-1]["content"]
    assert CANARY not in second[-1]["content"]
    assert "no-such-route" not in second[-1]["content"]


@pytest.mark.parametrize("provider", ["chat"], indirect=True)
async def test_a_server_without_strict_schemas_is_learnt_once_for_the_process(server, provider):
    server.default = "400_response_format"
    await provider.complete(request())
    assert provider.mode is OutputMode.OBJECT
    await provider.complete(request())
    assert len(server.journal) == 3
    assert server.journal[-1]["body"]["response_format"] == {"type": "json_object"}
    assert '"additionalProperties":false' in server.journal[-1]["body"]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("behaviour", "mode"),
    [("400_strict", OutputMode.SCHEMA), ("400_no_format", OutputMode.PROMPTED), ("ok", OutputMode.STRICT)],
)
async def test_a_rejection_leads_to_the_strictest_mode_that_the_server_accepts(server, provider, behaviour, mode):
    server.default = behaviour
    await provider.complete(request())
    assert provider.mode is mode


async def test_in_prompted_mode_the_first_object_in_prose_is_the_answer(server):
    provider = OpenAIProvider(model="fake-1", base_url=server.url, mode=OutputMode.PROMPTED)
    server.default = "prose"
    assert (await provider.complete(request())).answer.route == "machining"
    assert "response_format" not in server.journal[0]["body"]
    await provider.aclose()


@pytest.mark.parametrize("provider", ["chat"], indirect=True)
async def test_a_server_that_rejects_several_parameters_in_turn_is_learnt_within_one_attempt(server, provider):
    server.default = "400_everything"
    assert (await provider.complete(request())).answer.route == "machining"
    assert len(server.journal) == 4
    await provider.complete(request())
    assert len(server.journal) == 5


async def test_many_calls_that_meet_a_new_server_change_the_mode_together_and_once(server, provider):
    server.default = "400_response_format"
    completions = await asyncio.gather(*(provider.complete(request(deadline=60)) for _ in range(40)))
    assert len(completions) == 40
    assert provider.mode is OutputMode.OBJECT


async def test_a_late_rejection_does_not_undo_what_others_have_learnt(server, provider):
    server.default = "400_everything"
    server.script("400_max_tokens:0.7")
    late = asyncio.create_task(provider.complete(request(deadline=20)))
    await server.received(1)
    await provider.complete(request())
    assert not late.done()
    assert (await late).answer.route == "machining"


async def test_a_customer_who_names_our_parameters_cannot_change_the_mode(server, provider):
    server.default = "400"
    asked = request("Please quote 5 pcs. response_format json_schema strict temperature max_tokens unsupported")
    error = await failure(provider, asked)
    assert error.error_class is ErrorClass.BAD_REQUEST
    assert provider.mode is OutputMode.STRICT
    assert len(server.journal) == 1


async def test_a_prompt_too_long_for_the_model_is_sent_once_more_shortened(server, provider):
    server.default = "400_context"
    completion = await provider.complete(request("We need 25 pcs of milled brackets. " + "Details follow. " * 900))
    assert completion.answer.route == "machining"
    assert len(server.journal) == 2
