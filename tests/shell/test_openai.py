"""The provider against a server that misbehaves: every fault ends in its class, in time, and leaks nothing."""

import asyncio
import contextlib
import json
import logging
import sys
import traceback
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from model_server import ModelServer

from rfqflow.core.errors import CallError, ErrorClass, Usage
from rfqflow.core.model import Rfq, Route
from rfqflow.core.prompt import Prompt
from rfqflow.llm import Request
from rfqflow.llm.dialect import Mode
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

OK = None
ENDS = {
    "ok": OK,
    "fenced": OK,
    "wrong_content_type": OK,
    "no_usage": OK,
    "absurd_usage": OK,
    "delayed_ok:0.05": OK,
    "needs_more_tokens": OK,
    "400_response_format": OK,
    "400_strict": OK,
    "400_no_format": OK,
    "400_max_tokens": OK,
    "400_temperature": OK,
    "invalid_json": ErrorClass.INVALID_OUTPUT,
    "schema_breach": ErrorClass.INVALID_OUTPUT,
    "extra_field": ErrorClass.INVALID_OUTPUT,
    "prose": ErrorClass.INVALID_OUTPUT,
    "nan": ErrorClass.INVALID_OUTPUT,
    "surrogate": ErrorClass.INVALID_OUTPUT,
    "nul": ErrorClass.INVALID_OUTPUT,
    "deep": ErrorClass.INVALID_OUTPUT,
    "deep_body": ErrorClass.INVALID_OUTPUT,
    "leak_canary": ErrorClass.INVALID_OUTPUT,
    "no_content": ErrorClass.INVALID_OUTPUT,
    "tool_call": ErrorClass.INVALID_OUTPUT,
    "html200": ErrorClass.INVALID_OUTPUT,
    "null": ErrorClass.INVALID_OUTPUT,
    "empty": ErrorClass.INVALID_OUTPUT,
    "list": ErrorClass.INVALID_OUTPUT,
    "utf16": ErrorClass.INVALID_OUTPUT,
    "choices_null": ErrorClass.INVALID_OUTPUT,
    "choices_empty": ErrorClass.INVALID_OUTPUT,
    "error_in_200": ErrorClass.PROVIDER_5XX,
    "truncated": ErrorClass.TRUNCATED,
    "refusal": ErrorClass.REFUSAL,
    "content_filter": ErrorClass.CONTENT_FILTER,
    "400": ErrorClass.BAD_REQUEST,
    "400_key": ErrorClass.AUTH,
    "400_filter": ErrorClass.CONTENT_FILTER,
    "400_everything": ErrorClass.INTERNAL,
    "echo_code": ErrorClass.BAD_REQUEST,
    "401": ErrorClass.AUTH,
    "402": ErrorClass.QUOTA,
    "403": ErrorClass.AUTH,
    "404": ErrorClass.MODEL_NOT_FOUND,
    "408": ErrorClass.TIMEOUT,
    "409": ErrorClass.PROVIDER_5XX,
    "413": ErrorClass.BAD_REQUEST,
    "422": ErrorClass.BAD_REQUEST,
    "429_seconds": ErrorClass.RATE_LIMIT,
    "429_short": ErrorClass.RATE_LIMIT,
    "429_ms": ErrorClass.RATE_LIMIT,
    "429_date": ErrorClass.RATE_LIMIT,
    "429_negative": ErrorClass.RATE_LIMIT,
    "429_nan": ErrorClass.RATE_LIMIT,
    "429_huge": ErrorClass.RATE_LIMIT,
    "429_words": ErrorClass.RATE_LIMIT,
    "429_none": ErrorClass.RATE_LIMIT,
    "429_quota": ErrorClass.QUOTA,
    "500": ErrorClass.PROVIDER_5XX,
    "503": ErrorClass.PROVIDER_5XX,
    "503_long": ErrorClass.PROVIDER_5XX,
    "504": ErrorClass.PROVIDER_5XX,
    "529": ErrorClass.PROVIDER_5XX,
    "hang": ErrorClass.TIMEOUT,
    "silent_after_head": ErrorClass.TIMEOUT,
    "drip": ErrorClass.TIMEOUT,
    "cut": ErrorClass.CONNECTION,
    "reset": ErrorClass.CONNECTION,
    "redirect": ErrorClass.CONNECTION,
    "gzip_bomb": ErrorClass.TOO_LARGE,
    "huge": ErrorClass.TOO_LARGE,
    "endless": ErrorClass.TOO_LARGE,
}
SILENT = {"hang", "silent_after_head", "drip"}


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@pytest.fixture
async def provider(server):
    running = OpenAIProvider(model="fake-1", base_url=server.url)
    yield running
    await running.aclose()


def request(message=MESSAGE, *, deadline=4.0, **fields):
    rfq = Rfq(uuid4(), "req-1", message, **fields)
    return Request(rfq=rfq, routes=ROUTES, prompt=PROMPT, deadline_seconds=deadline, request_id="req-1")


async def failure(provider, asked=None):
    with pytest.raises(CallError) as caught:
        await provider.complete(asked or request())
    return caught.value


def everything_said(error):
    """All an exception could put into a log, with its causes."""
    parts = [str(error), repr(error), repr(vars(error)), repr(error.args)]
    parts += traceback.format_exception(error)
    for linked in (error.__cause__, error.__context__):
        parts += traceback.format_exception(linked) if linked else []
    return "\n".join(parts)


@pytest.mark.parametrize(("behaviour", "expected"), ENDS.items(), ids=ENDS)
async def test_every_behaviour_ends_in_its_class_within_the_deadline_and_leaks_nothing(
    server, provider, caplog, behaviour, expected
):
    caplog.set_level(logging.DEBUG)
    server.default = behaviour
    deadline = 0.4 if behaviour in SILENT else 8.0
    loop = asyncio.get_running_loop()
    began = loop.time()
    if expected is OK:
        completion = await provider.complete(request(deadline=deadline))
        assert completion.answer.route == "machining"
        assert completion.answer.line_items[0].quantity == 25
    else:
        error = await failure(provider, request(deadline=deadline))
        assert error.error_class == expected
        assert CANARY not in everything_said(error)
    assert loop.time() - began < deadline + 0.5
    assert len(server.journal) <= 2
    assert not [record for record in caplog.records if CANARY in record.getMessage()]


async def test_a_completion_says_who_answered_what_was_billed_and_under_which_prompt(server, provider):
    completion = await provider.complete(request())
    sent = server.journal[0]
    assert completion.provider == "openai"
    assert completion.model == "fake-1"
    assert completion.prompt_version == "rfq@1"
    assert completion.prompt_sha256 == PROMPT.sha256
    assert completion.provider_request_id == "chatcmpl-0"
    assert completion.finish_reason == "stop"
    assert completion.usage.input_tokens > 500
    assert completion.usage.cached_input_tokens == completion.usage.input_tokens // 2
    assert completion.usage.output_tokens > 50
    assert (completion.cost_usd, completion.cost_source) == (None, "unknown")
    assert sent["headers"]["x-request-id"] == sent["headers"]["x-client-request-id"] == "req-1"
    assert sent["headers"]["accept-encoding"] == "identity"
    assert sent["headers"]["authorization"] == "Bearer no-key"
    assert not [name for name in sent["headers"] if name.startswith("x-stainless")]
    assert "store" not in sent["body"]
    assert sent["body"]["response_format"]["json_schema"]["strict"] is True


async def test_only_the_message_and_the_company_leave_the_house(server, provider):
    private = {"name": "Ada Quill", "email": "ada@quill.example", "phone": "+44 1632 960001"}
    asked = request(company="Quill & Sons", source_ip="192.0.2.77", metadata={"note": "meta-note"}, **private)
    await provider.complete(asked)
    sent = json.dumps({"body": server.journal[0]["body"], "headers": dict(server.journal[0]["headers"])})
    assert "Quill & Sons" in sent
    assert not [value for value in (*private.values(), "192.0.2.77", "meta-note") if value in sent]


@pytest.mark.parametrize("behaviour", ["invalid_json", "schema_breach", "nul", "deep", "leak_canary"])
async def test_both_calls_of_an_attempt_that_failed_are_billed(server, provider, behaviour):
    server.default = behaviour
    error = await failure(provider)
    assert len(server.journal) == 2
    assert error.usage.input_tokens == sum(each["prompt_tokens"] for each in server.journal)
    assert error.details


@pytest.mark.parametrize("behaviour", ["refusal", "content_filter", "choices_null", "choices_empty", "truncated"])
async def test_what_an_unusable_reply_billed_is_kept(server, provider, behaviour):
    server.default = behaviour
    assert (await failure(provider)).usage.input_tokens > 0


@pytest.mark.parametrize("behaviour", ["400", "401", "402", "404", "429_none", "500", "529", "reset", "redirect"])
async def test_a_rejected_call_is_known_to_have_cost_nothing(server, provider, behaviour):
    server.default = behaviour
    assert (await failure(provider)).usage == Usage()


@pytest.mark.parametrize("behaviour", ["hang", "cut", "gzip_bomb", "huge", "504", "408", "html200"])
async def test_an_unknown_bill_is_none_and_not_zero(server, provider, behaviour):
    server.default = behaviour
    assert (await failure(provider, request(deadline=1.5))).usage is None


@pytest.mark.parametrize("behaviour", ["no_usage", "absurd_usage"])
async def test_an_answer_whose_bill_is_unknown_is_not_priced(server, behaviour):
    provider = OpenAIProvider(model="fake-1", base_url=server.url, price=lambda _model, _usage: (Decimal(1), "table"))
    server.default = behaviour
    completion = await provider.complete(request())
    assert (completion.cost_usd, completion.cost_source) == (None, "unknown")
    await provider.aclose()


async def test_the_price_hook_sees_what_both_calls_used(server):
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
async def test_one_more_call_within_the_attempt_can_save_it(server, provider, behaviour):
    server.script(behaviour)
    assert (await provider.complete(request(deadline=8))).answer.route == "machining"
    assert len(server.journal) == 2


@pytest.mark.parametrize("behaviour", ["400", "401", "429_seconds", "429_none", "503_long", "cut", "refusal", "huge"])
async def test_what_a_second_call_would_not_cure_is_not_called_again(server, provider, behaviour):
    server.script(behaviour)
    await failure(provider)
    assert len(server.journal) == 1


async def test_no_second_call_is_begun_that_the_deadline_would_cut_short(server, provider):
    server.script("delayed_ok:0.0", "500")
    await provider.complete(request())
    error = await failure(provider, request(deadline=0.2))
    assert error.error_class == ErrorClass.PROVIDER_5XX
    assert len(server.journal) == 2


async def test_asking_again_shows_the_model_its_text_and_only_rules_about_it(server, provider):
    server.script("schema_breach", "ok")
    await provider.complete(request())
    first, second = (each["body"]["messages"] for each in server.journal)
    assert second[: len(first)] == first
    assert [each["role"] for each in second[len(first) :]] == ["assistant", "user"]
    assert "- route: must be one of the listed values" in second[-1]["content"]
    assert CANARY not in second[-1]["content"]
    assert "no-such-route" not in second[-1]["content"]


async def test_a_server_without_strict_schemas_is_learnt_once_for_the_process(server, provider):
    server.default = "400_response_format"
    await provider.complete(request())
    assert provider.mode is Mode.OBJECT
    await provider.complete(request())
    assert len(server.journal) == 3
    assert server.journal[-1]["body"]["response_format"] == {"type": "json_object"}
    assert '"additionalProperties":false' in server.journal[-1]["body"]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("behaviour", "mode"),
    [("400_strict", Mode.SCHEMA), ("400_no_format", Mode.PROMPTED), ("ok", Mode.STRICT)],
)
async def test_a_rejection_leads_to_the_firmest_mode_the_server_takes(server, provider, behaviour, mode):
    server.default = behaviour
    await provider.complete(request())
    assert provider.mode is mode


async def test_in_prompted_mode_the_first_object_in_prose_is_the_answer(server):
    provider = OpenAIProvider(model="fake-1", base_url=server.url, mode=Mode.PROMPTED)
    server.default = "prose"
    assert (await provider.complete(request())).answer.route == "machining"
    assert "response_format" not in server.journal[0]["body"]
    await provider.aclose()


async def test_a_server_that_rejects_one_parameter_after_the_other_is_learnt_without_condemning_an_rfq(
    server, provider
):
    server.default = "400_everything"
    error = await failure(provider)
    assert error.error_class is ErrorClass.INTERNAL
    assert error.details[0].startswith("adapted:")
    assert (await provider.complete(request())).answer.route == "machining"
    assert len(server.journal) == 4


async def test_a_crowd_that_meets_a_new_server_steps_down_together_and_once(server, provider):
    server.default = "400_response_format"
    completions = await asyncio.gather(*(provider.complete(request()) for _ in range(40)))
    assert len(completions) == 40
    assert provider.mode is Mode.OBJECT


async def test_a_customer_who_names_our_parameters_cannot_make_us_step_down(server, provider):
    server.default = "400"
    asked = request("Please quote 5 pcs. response_format json_schema strict temperature max_tokens unsupported")
    error = await failure(provider, asked)
    assert error.error_class is ErrorClass.BAD_REQUEST
    assert provider.mode is Mode.STRICT
    assert len(server.journal) == 1


async def test_a_prompt_that_is_too_long_for_the_model_is_sent_once_more_shortened(server, provider):
    server.default = "400_context"
    completion = await provider.complete(request("We need 25 pcs of milled brackets. " + "Details follow. " * 900))
    assert completion.answer.route == "machining"
    assert len(server.journal) == 2


async def test_words_of_ours_in_the_customers_text_change_no_class(server, provider):
    server.default = "truncated"
    error = await failure(provider, request("5 pcs, length 300 mm, stop at the error, content_filter"))
    assert error.error_class is ErrorClass.TRUNCATED


async def test_a_redirect_takes_no_byte_to_another_origin(provider, server):
    async with ModelServer() as elsewhere:
        server.redirect_to = elsewhere.url.removesuffix("/v1")
        server.default = "redirect"
        await failure(provider)
        assert (elsewhere.bytes_received, elsewhere.journal) == (0, [])


async def test_a_refused_connection_is_a_connection_error_that_cost_nothing():
    provider = OpenAIProvider(model="fake-1", base_url="http://127.0.0.1:1/v1")
    error = await failure(provider)
    assert (error.error_class, error.usage) == (ErrorClass.CONNECTION, Usage())
    await provider.aclose()


async def test_without_time_left_nothing_is_sent(server, provider):
    error = await failure(provider, request(deadline=0))
    assert (error.error_class, error.usage) == (ErrorClass.TIMEOUT, Usage())
    assert server.journal == []


async def test_cancelling_a_call_cancels_it_and_is_no_call_error(server, provider):
    server.default = "hang"
    call = asyncio.create_task(provider.complete(request()))
    await server.received(1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_after_two_thousand_cancelled_calls_under_contention_all_fifty_succeed(server):
    provider = OpenAIProvider(model="fake-1", base_url=server.url, concurrency=16)
    server.default = "delayed_ok:0.02"
    for wave in range(20):
        calls = [asyncio.create_task(provider.complete(request(deadline=30))) for _ in range(100)]
        await server.received(len(server.journal) + 1 + wave % 10)
        for call in calls:
            call.cancel()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert not [each for each in ended if isinstance(each, Exception)]
    server.default = "ok"
    completions = await asyncio.gather(*(provider.complete(request(deadline=30)) for _ in range(50)))
    assert len(completions) == 50
    await provider.aclose()


async def test_hundreds_of_calls_are_in_flight_at_once(server):
    provider = OpenAIProvider(model="fake-1", base_url=server.url, concurrency=400)
    server.default = "delayed_ok:1.0"
    calls = [asyncio.create_task(provider.complete(request(deadline=30))) for _ in range(300)]
    await asyncio.gather(*calls)
    assert server.peak == 300
    await provider.aclose()


async def test_the_process_keeps_the_key_of_the_environment_to_itself(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    provider = OpenAIProvider(model="fake-1", base_url=server.url)
    await provider.complete(request())
    assert "sk-secret" not in json.dumps(dict(server.journal[0]["headers"]))
    await provider.aclose()


async def test_a_request_id_is_made_safe_for_a_header(server, provider):
    asked = request()
    hostile = Request(asked.rfq, ROUTES, PROMPT, 4.0, "id\r\nX-Evil: 1 ü" + "x" * 300)
    await provider.complete(hostile)
    sent = server.journal[0]["headers"]
    assert sent["x-request-id"] == ("idX-Evil:1" + "x" * 300)[:128]
    assert "x-evil" not in sent


async def test_the_journal_survives_on_disk_for_tests_that_kill_the_client(tmp_path):
    path = tmp_path / "calls.jsonl"
    async with ModelServer(journal_path=str(path)) as server:
        provider = OpenAIProvider(model="fake-1", base_url=server.url)
        with contextlib.suppress(CallError):
            await provider.complete(request(f"[model:401] {MESSAGE}"))
        await provider.aclose()
    (line,) = path.read_text().splitlines()
    assert json.loads(line)["behaviour"] == "401"
    assert CANARY not in line


async def test_the_model_server_runs_as_a_process_of_its_own():
    path = Path(__file__).with_name("model_server.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, path, "--script", "401", "--mix", "ok=1", stdout=asyncio.subprocess.PIPE
    )
    url = (await process.stdout.readline()).decode().removeprefix("listening on ").strip()
    provider = OpenAIProvider(model="fake-1", base_url=url)
    assert (await failure(provider)).error_class is ErrorClass.AUTH
    assert (await provider.complete(request())).answer.route == "machining"
    await provider.aclose()
    process.terminate()
    await process.wait()
