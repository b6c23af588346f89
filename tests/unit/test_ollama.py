"""Ollama's own API: the schema is sent as `format`. Every fault becomes its class in time, and leaks nothing."""

import asyncio
import json
import logging
import traceback
from decimal import Decimal

import pytest

from rfqflow.core.errors import ConfigError, ErrorClass, Usage
from rfqflow.llm import Request
from rfqflow.llm.ollama import OllamaProvider
from rfqflow.settings import load
from tests.support.model_server import ModelServer
from tests.support.ollama_server import OllamaServer
from tests.support.provider_requests import CANARY, MESSAGE, PROMPT, ROUTES, failure, request, without_pause

OK = None
ENDS = {
    "chat": (OK, 1),
    "chat_fenced": (OK, 1),
    "chat_uncounted": (OK, 1),
    "chat_absurd": (OK, 1),
    "chat_more_tokens": (OK, 2),
    "chat_breach": (ErrorClass.INVALID_OUTPUT, 2),
    "chat_prose": (ErrorClass.INVALID_OUTPUT, 2),
    "chat_canary": (ErrorClass.INVALID_OUTPUT, 2),
    "chat_empty": (ErrorClass.INVALID_OUTPUT, 2),
    "chat_null": (ErrorClass.INVALID_OUTPUT, 2),
    "chat_thinking": (ErrorClass.INVALID_OUTPUT, 2),
    "chat_no_message": (ErrorClass.INVALID_OUTPUT, 2),
    "chat_stream": (ErrorClass.INVALID_OUTPUT, 2),
    "html200": (ErrorClass.INVALID_OUTPUT, 2),
    "null": (ErrorClass.INVALID_OUTPUT, 2),
    "empty": (ErrorClass.INVALID_OUTPUT, 2),
    "list": (ErrorClass.INVALID_OUTPUT, 2),
    "deep_body": (ErrorClass.INVALID_OUTPUT, 2),
    "utf16": (ErrorClass.INVALID_OUTPUT, 2),
    "chat_length": (ErrorClass.TRUNCATED, 2),
    "no_model": (ErrorClass.MODEL_NOT_FOUND, 1),
    "no_chat": (ErrorClass.MODEL_NOT_FOUND, 1),
    "404": (ErrorClass.MODEL_NOT_FOUND, 1),
    "bad_format": (ErrorClass.BAD_REQUEST, 1),
    "400": (ErrorClass.BAD_REQUEST, 1),
    "401": (ErrorClass.AUTH, 1),
    "429_seconds": (ErrorClass.RATE_LIMIT, 1),
    "429_short": (ErrorClass.RATE_LIMIT, 2),
    "no_memory": (ErrorClass.PROVIDER_5XX, 2),
    "busy": (ErrorClass.PROVIDER_5XX, 2),
    "503_long": (ErrorClass.PROVIDER_5XX, 1),
    "error_in_good": (ErrorClass.PROVIDER_5XX, 2),
    "hang": (ErrorClass.TIMEOUT, 1),
    "silent_after_head": (ErrorClass.TIMEOUT, 1),
    "drip": (ErrorClass.TIMEOUT, 1),
    "chat_cut": (ErrorClass.CONNECTION, 1),
    "reset": (ErrorClass.CONNECTION, 2),
    "redirect": (ErrorClass.CONNECTION, 1),
    "gzip_bomb": (ErrorClass.TOO_LARGE, 1),
    "huge": (ErrorClass.TOO_LARGE, 1),
    "endless": (ErrorClass.TOO_LARGE, 1),
}
SILENT = {"hang", "silent_after_head", "drip"}


@pytest.fixture
async def server():
    async with OllamaServer() as running:
        yield running


@pytest.fixture
async def provider(server):
    running = without_pause(OllamaProvider(model="qwen3:8b", base_url=server.url))
    yield running
    await running.aclose()


@pytest.mark.parametrize(("behaviour", "expected", "calls"), [(name, *end) for name, end in ENDS.items()], ids=ENDS)
async def test_every_behaviour_becomes_its_class_within_the_deadline_and_leaks_nothing(
    server, provider, caplog, behaviour, expected, calls
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
        reported = [str(error), repr({**vars(error), "detail": None}), *traceback.format_exception(error)]
        assert CANARY not in "".join(reported)
    assert loop.time() - began < deadline + 5
    assert len(server.journal) == calls
    assert not [record for record in caplog.records if CANARY in record.getMessage()]


async def test_a_call_sends_the_schema_by_ollamas_own_api(server, provider):
    completion = await provider.complete(request(model="qwen3:8b"))

    sent = server.journal[0]
    assert sent["path"] == "/api/chat"
    assert sent["body"]["model"] == "qwen3:8b"
    assert sent["body"]["format"] == json.loads(json.dumps(PROMPT.schema))
    assert sent["body"]["stream"] is False
    assert sent["body"]["keep_alive"] == "10m"
    assert sent["body"]["options"] == {"temperature": 0, "num_predict": 4000, "num_ctx": 8192}
    assert sent["headers"]["x-request-id"] == "req-1"
    assert "authorization" not in sent["headers"]
    assert (completion.provider, completion.model, completion.finish_reason) == ("ollama", "qwen3:8b", "stop")
    assert completion.usage.input_tokens > 500
    assert completion.usage.output_tokens > 50
    assert (completion.cost_usd, completion.cost_source) == (None, "unknown")


async def test_the_context_is_large_enough_for_a_long_text_and_is_bounded(server, provider):
    for characters in (100, 20_000, 10_000_000):
        await provider.complete(request("25 pcs of milled brackets. " + "x " * (characters // 2)))
    await provider.complete(request("25 pcs of milled brackets. " + "零件" * 12_000))

    assert [entry["body"]["options"]["num_ctx"] for entry in server.journal] == [8192, 16384, 16384, 32768]


async def test_only_the_message_and_the_company_are_sent(server, provider):
    private = {"name": "Ada Quill", "email": "ada@quill.example", "phone": "+44 1632 960001"}
    await provider.complete(request(company="Quill & Sons", source_ip="192.0.2.77", **private))
    sent = json.dumps({"body": server.journal[0]["body"], "headers": dict(server.journal[0]["headers"])})

    assert "Quill & Sons" in sent
    assert not [value for value in (*private.values(), "192.0.2.77") if value in sent]


async def test_a_second_call_names_the_fault_and_both_are_counted(server, provider):
    server.script("chat_breach", "chat")
    completion = await provider.complete(request())

    first, second = server.journal
    assert second["body"]["messages"][:2] == first["body"]["messages"]
    assert "route" in second["body"]["messages"][-1]["content"]
    given = (first["prompt_tokens"], second["prompt_tokens"])
    assert completion.usage.input_tokens == sum(given)


async def test_a_redirect_is_not_followed(server, provider):
    async with ModelServer() as elsewhere:
        server.default, server.redirect_to = "redirect", elsewhere.url
        error = await failure(provider)

        assert error.error_class == ErrorClass.CONNECTION
        assert elsewhere.journal == []


async def test_proxies_of_the_environment_are_not_used(server, monkeypatch):
    async with ModelServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        provider = OllamaProvider(model="m", base_url=server.url)
        await provider.complete(request())
        await provider.aclose()

        assert (len(server.journal), len(proxy.journal)) == (1, 0)


async def test_an_address_without_a_server_is_a_connection_error():
    provider = without_pause(OllamaProvider(model="m", base_url="http://127.0.0.1:9"))
    error = await failure(provider)
    await provider.aclose()

    assert (error.error_class, error.usage) == (ErrorClass.CONNECTION, Usage())


async def test_without_time_left_no_call_is_made(server, provider):
    error = await failure(provider, request(deadline=0))
    assert (error.error_class, error.usage, server.journal) == (ErrorClass.TIMEOUT, Usage(), [])


async def test_cancelling_closes_the_connection(server, provider):
    server.default = "hang"
    call = asyncio.create_task(provider.complete(request(deadline=30)))
    await server.received(1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    async with asyncio.timeout(20):
        while server.in_flight:
            await asyncio.sleep(0.01)


async def test_a_free_call_is_free_even_without_usage(server):
    def free(_model: str, _usage: Usage):
        return Decimal(0), "free"

    def priced(_model: str, usage: Usage):
        return Decimal(usage.input_tokens), "table"

    server.default = "chat_uncounted"
    for price, expected in ((free, (Decimal(0), "free")), (priced, (None, "unknown"))):
        provider = OllamaProvider(model="m", base_url=server.url, price=price)
        completion = await provider.complete(request())
        await provider.aclose()
        assert (completion.cost_usd, completion.cost_source) == expected


async def test_a_price_list_that_raises_loses_no_answer(server):
    def trips(_model: str, _usage: Usage):
        raise ZeroDivisionError

    provider = OllamaProvider(model="m", base_url=server.url, price=trips)
    completion = await provider.complete(request())
    await provider.aclose()
    assert (completion.cost_usd, completion.cost_source) == (None, "unknown")


async def test_a_text_with_half_a_surrogate_pair_is_sent(server, provider):
    asked = Request(request().rfq, ROUTES, PROMPT, 4.0, "\ud800 req\n", "qwen3:8b")
    assert (await provider.complete(asked)).answer.route == "machining"
    assert server.journal[0]["headers"]["x-request-id"] == "req"
    assert MESSAGE.splitlines()[0] in server.journal[0]["body"]["messages"][1]["content"]


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1:11434", "ftp://host", "http://", "http://host:99999", "http://h/?q"]
)
def test_an_invalid_address_is_reported_at_once(address):
    with pytest.raises(ConfigError, match="RFQFLOW_OLLAMA_URL"):
        OllamaProvider(model="m", base_url=address)


async def test_the_settings_select_this_provider(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    from rfqflow.llm.factory import price_book, provider_for

    async with OllamaServer(default="chat") as server:
        for name, value in {"PROVIDER": "ollama", "MODEL": "qwen3:8b", "OLLAMA_URL": f"{server.url}/"}.items():
            monkeypatch.setenv(f"RFQFLOW_{name}", value)
        provider = provider_for(load(), price_book(load(), []))
        assert isinstance(provider, OllamaProvider)
        assert (provider.name, provider.model) == ("ollama", "qwen3:8b")
        await provider.complete(request(model="qwen3:8b"))
        await provider.aclose()
    assert [(each["path"], each["body"]["model"]) for each in server.journal] == [("/api/chat", "qwen3:8b")]

    monkeypatch.delenv("RFQFLOW_MODEL")
    with pytest.raises(ConfigError, match="RFQFLOW_MODEL"):
        load()
