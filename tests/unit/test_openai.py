"""The provider against a server that misbehaves: every fault becomes its class in time, and leaks nothing."""

import asyncio
import contextlib
import json
import logging
import sys
import traceback
from pathlib import Path

import pytest

from rfqflow.core.errors import CallError, ErrorClass, Usage
from rfqflow.llm import Request
from rfqflow.llm.openai import OpenAIProvider
from tests.support.model_server import ModelServer
from tests.support.provider_requests import CANARY, MESSAGE, PROMPT, ROUTES, failure, request, without_pause

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
    "400_everything": OK,
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
    "500_later": ErrorClass.PROVIDER_5XX,
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


@pytest.fixture(params=["chat", "responses"])
async def provider(server, request):
    running = without_pause(OpenAIProvider(model="fake-1", base_url=server.url, api=request.param))
    yield running
    await running.aclose()


def everything_said(error):
    """All that an exception could put into a log, with its causes."""
    parts = [str(error), repr(error), repr({**vars(error), "detail": None}), repr(error.args)]
    parts += traceback.format_exception(error)
    for linked in (error.__cause__, error.__context__):
        parts += traceback.format_exception(linked) if linked else []
    return "\n".join(parts)


@pytest.mark.fault("L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10", "L11", "L12")
@pytest.mark.parametrize(("behaviour", "expected"), ENDS.items(), ids=ENDS)
async def test_every_behaviour_becomes_its_class_within_the_deadline_and_leaks_nothing(
    server, provider, caplog, behaviour, expected
):
    caplog.set_level(logging.DEBUG)
    server.default = behaviour
    deadline = 1.0 if behaviour in SILENT else 8.0  # time enough to send it on a busy machine
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
    assert loop.time() - began < deadline + 5
    assert len(server.journal) <= (4 if behaviour == "400_everything" else 2)  # a rejected call does not count
    assert not [record for record in caplog.records if CANARY in record.getMessage()]


@pytest.mark.parametrize("provider", ["chat"], indirect=True)
async def test_a_completion_has_the_model_the_bill_and_the_prompt_version(server, provider):
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


async def test_only_the_message_and_the_company_are_sent(server, provider):
    private = {"name": "Ada Quill", "email": "ada@quill.example", "phone": "+44 1632 960001"}
    asked = request(company="Quill & Sons", source_ip="192.0.2.77", metadata={"note": "meta-note"}, **private)
    await provider.complete(asked)
    sent = json.dumps({"body": server.journal[0]["body"], "headers": dict(server.journal[0]["headers"])})
    assert "Quill & Sons" in sent
    assert not [value for value in (*private.values(), "192.0.2.77", "meta-note") if value in sent]


async def test_our_words_in_the_customers_text_change_no_class(server, provider):
    server.default = "truncated"
    error = await failure(provider, request("5 pcs, length 300 mm, stop at the error, content_filter"))
    assert error.error_class is ErrorClass.TRUNCATED


async def test_a_redirect_sends_no_byte_to_another_origin(provider, server):
    async with ModelServer() as elsewhere:
        server.redirect_to = elsewhere.url.removesuffix("/v1")
        server.default = "redirect"
        await failure(provider)
        assert (elsewhere.bytes_received, elsewhere.journal) == (0, [])


async def test_a_refused_connection_is_a_connection_error_that_cost_nothing():
    provider = without_pause(OpenAIProvider(model="fake-1", base_url="http://127.0.0.1:1/v1"))
    error = await failure(provider)
    assert (error.error_class, error.usage) == (ErrorClass.CONNECTION, Usage())
    await provider.aclose()


async def test_without_time_left_nothing_is_sent(server, provider):
    error = await failure(provider, request(deadline=0))
    assert (error.error_class, error.usage) == (ErrorClass.TIMEOUT, Usage())
    assert server.journal == []


async def test_cancelling_a_call_cancels_it_and_is_not_a_call_error(server, provider):
    server.default = "hang"
    call = asyncio.create_task(provider.complete(request()))
    await server.received(1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_after_five_hundred_cancelled_calls_under_contention_all_fifty_succeed(server):
    # One connection lost per 100 cancelled calls would exhaust the pool.
    provider = OpenAIProvider(model="fake-1", base_url=server.url, concurrency=4)
    server.default = "delayed_ok:0.02"
    for wave in range(20):
        calls = [asyncio.create_task(provider.complete(request(deadline=30))) for _ in range(25)]
        await server.received(len(server.journal) + 1 + wave % 10)
        for call in calls:
            call.cancel()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert not [each for each in ended if isinstance(each, Exception)]
    server.default = "ok"
    completions = await asyncio.gather(*(provider.complete(request(deadline=30)) for _ in range(50)))
    assert len(completions) == 50
    await provider.aclose()


@contextlib.asynccontextmanager
async def provider_for(server, concurrency):
    provider = OpenAIProvider(model="fake-1", base_url=server.url, concurrency=concurrency)
    yield provider
    await provider.aclose()


async def at_once(server, provider, count):
    before = len(server.journal)
    calls = [asyncio.create_task(provider.complete(request(deadline=60))) for _ in range(count)]
    await server.received(before + count)
    server.let_go()
    await asyncio.gather(*calls)


async def test_hundreds_of_calls_are_in_flight_at_once(server):
    server.default = "held"
    async with provider_for(server, 400) as provider:
        await at_once(server, provider, 300)
    assert server.peak == 300


async def test_connections_are_reused_by_one_call_and_by_many(server):
    async with provider_for(server, 100) as provider:
        for _ in range(5):
            await provider.complete(request())
        assert server.accepted == 1

        server.default = "held"
        for _ in range(3):
            await at_once(server, provider, 90)
            assert server.accepted == 90


async def test_calls_that_were_cut_off_release_their_places(server):
    async with provider_for(server, 40) as provider:
        server.default = "hang"
        calls = [asyncio.create_task(provider.complete(request(deadline=60))) for _ in range(40)]
        await server.received(40)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

        server.default = "held"
        await at_once(server, provider, 40)
        assert server.accepted == 40 + 40
        server.default = "ok"
        # If the cut-off calls still held their places, this call would go to the second pool.
        for _ in range(33):
            await provider.complete(request())
        assert server.accepted == 40 + 40


async def test_the_key_in_the_environment_does_not_leave_the_process(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    provider = OpenAIProvider(model="fake-1", base_url=server.url)
    await provider.complete(request())
    assert "sk-secret" not in json.dumps(dict(server.journal[0]["headers"]))
    await provider.aclose()


async def test_a_request_id_is_made_safe_for_a_header(server, provider):
    asked = request()
    hostile = Request(asked.rfq, ROUTES, PROMPT, 4.0, "id\r\nX-Evil: 1 ü" + "x" * 300, "fake-1")
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


async def test_the_model_server_runs_as_a_separate_process():
    path = Path(__file__).parents[1] / "support" / "model_server.py"
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
