"""The provider by Anthropic's SDK against a server of its Messages API that misbehaves, and rejects what the real one does."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import traceback
from decimal import Decimal
from functools import partial

import pytest

from rfqflow.core.errors import ConfigError, ErrorClass, Usage
from rfqflow.core.prompting.prompt import Prompt, PromptText
from rfqflow.llm import Request
from rfqflow.llm.anthropic import AnthropicProvider, check_environment, reset_seconds
from rfqflow.llm.capabilities import OutputMode
from rfqflow.llm.prices import PriceBook
from rfqflow.prompts import shipped
from tests.support import messages_behaviours  # noqa: F401 - registers behaviours
from tests.support.messages_exchange import MOST_UNIONS, schema_nodes
from tests.support.messages_server import MessagesServer
from tests.support.model_server import ModelServer
from tests.support.provider_requests import CANARY, PROMPT, ROUTES, failure, request, without_pause

MODEL = "claude-haiku-5-5"
OK = None
ENDS = {
    **dict.fromkeys(
        (
            *("ok", "fenced", "wrong_content_type", "no_usage", "absurd_usage", "delayed_ok:0.05", "needs_more_tokens"),
            *("thinks_first", "writes_cache"),
        ),
        OK,
    ),
    **dict.fromkeys(
        (
            *("invalid_json", "schema_breach", "extra_field", "prose", "nan", "surrogate", "nul", "deep", "deep_body"),
            *("leak_canary", "no_content", "tool_call", "html200", "null", "empty", "list", "utf16"),
            *("choices_null", "choices_empty", "pause_turn", "blank", "only_thoughts", "counts_nothing"),
        ),
        ErrorClass.INVALID_OUTPUT,
    ),
    **dict.fromkeys(("truncated", "window_exceeded"), ErrorClass.TRUNCATED),
    **dict.fromkeys(("refusal", "content_filter"), ErrorClass.REFUSAL),
    **dict.fromkeys(("400", "422", "413", "too_large", "echo_code"), ErrorClass.BAD_REQUEST),
    **dict.fromkeys(("400_key", "401", "403", "page:403", "page:451"), ErrorClass.AUTH),
    **dict.fromkeys(
        ("402", "429_quota", "credit", "spend_limit", "workspace_limit", "billing_in_200"), ErrorClass.QUOTA
    ),
    "404": ErrorClass.MODEL_NOT_FOUND,
    **dict.fromkeys(
        (
            *("429_seconds", "429_short", "429_ms", "429_date", "429_negative", "429_nan", "429_huge", "429_words"),
            *("429_none", "429_reset"),
        ),
        ErrorClass.RATE_LIMIT,
    ),
    **dict.fromkeys(
        (
            *("409", "500", "500_later", "503", "503_long", "504", "529", "error_in_200", "overloaded_in_200"),
            *("page:500", "page:520", "packed:503", "large_page:502"),
        ),
        ErrorClass.PROVIDER_5XX,
    ),
    **dict.fromkeys(("408", "hang", "silent_after_head", "drip"), ErrorClass.TIMEOUT),
    **dict.fromkeys(
        ("cut", "reset", "redirect", "close", "cut_in_head", "cut_in_chunk", "no_http", "page:400"),
        ErrorClass.CONNECTION,
    ),
    **dict.fromkeys(("gzip_bomb", "huge", "endless"), ErrorClass.TOO_LARGE),
}  # fmt: skip
SILENT = {"hang", "silent_after_head", "drip"}


@pytest.fixture
async def server():
    async with MessagesServer() as running:
        yield running


@pytest.fixture
async def provider(server):
    running = without_pause(AnthropicProvider(model=MODEL, base_url=server.url))
    yield running
    await running.aclose()


def ask(message=None, **fields):
    return request(**({"message": message} if message else {}), **{"model": MODEL, "deadline": 8.0, **fields})


def prompted(model=MODEL, **parameters):
    """A request with a prompt that has these parameters."""
    text = shipped()
    prompt = Prompt.of(PromptText(text.name, text.number, text.system, text.template, parameters), ROUTES)
    asked = ask(model=model)
    return Request(asked.rfq, ROUTES, prompt, 8.0, "req-1", model)


def everything_said(error):
    """All that an exception could put into a log, with its causes."""
    parts = [
        str(error),
        repr(error),
        repr({**vars(error), "detail": None}),
        repr(error.args),
        *traceback.format_exception(error),
    ]
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
    if expected is OK:
        completion = await provider.complete(ask(deadline=deadline))
        assert completion.answer.route == "machining"
        assert completion.answer.line_items[0].quantity == 25
    else:
        error = await failure(provider, ask(deadline=deadline))
        assert error.error_class == expected
        assert CANARY not in everything_said(error)
    assert len(server.journal) <= 2
    assert server.rejected == 0
    assert not [record for record in caplog.records if CANARY in record.getMessage()]


async def test_a_completion_has_the_model_the_bill_and_the_request_id(server, provider):
    completion = await provider.complete(ask())
    sent = server.journal[0]
    assert (completion.provider, completion.model, completion.finish_reason) == ("anthropic", MODEL, "end_turn")
    assert (completion.prompt_version, completion.prompt_sha256) == ("rfq@1", PROMPT.sha256)
    assert completion.provider_request_id == "req_0"
    assert completion.usage.cached_input_tokens == completion.usage.input_tokens // 2 > 250
    assert sent["path"] == "/v1/messages"
    assert sent["headers"]["x-request-id"] == sent["headers"]["x-client-request-id"] == "req-1"
    assert sent["headers"]["accept-encoding"] == "identity"
    assert not [name for name in sent["headers"] if name.startswith("x-stainless")]
    assert sent["body"]["output_config"] == {
        "effort": "low",
        "format": {"type": "json_schema", "schema": PROMPT.schema},
    }


async def test_a_failed_call_has_the_providers_request_id(server, provider):
    server.default = "401"
    assert (await failure(provider, ask())).provider_request_id == "req_0"


@pytest.mark.parametrize(
    "model",
    [
        *("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5-2", "claude-mythos-5-2"),
        *("claude-sonnet-5", "claude-opus-5", "claude-opus-4-8", "claude-opus-4-7", "claude-opus-4-6"),
        *("claude-sonnet-4-6", "claude-opus-4-5-20251101", "claude-sonnet-4-5", "claude-haiku-4-5-20251001"),
    ],
)
@pytest.mark.parametrize(
    "parameters",
    [
        {"temperature": 0, "max_output_tokens": 4000},
        {"temperature": 2.0, "top_p": 0.5, "seed": 7, "verbosity": "low", "reasoning_effort": "xhigh"},
        {"top_p": 0.5, "reasoning_effort": "none"},
        {"reasoning_effort": "minimal"},
    ],
    ids=["shipped", "all", "none", "minimal"],
)
async def test_parameters_that_a_known_model_rejects_are_never_sent(server, model, parameters):
    provider = AnthropicProvider(model=model, base_url=server.url)
    await provider.complete(prompted(model, **parameters))
    await provider.aclose()
    assert (len(server.journal), server.rejected) == (1, 0)


@pytest.mark.parametrize(
    ("model", "wanted", "effort", "thinking"),
    [
        ("claude-haiku-5-5", None, "low", None),
        ("claude-haiku-5-5", "none", "low", "disabled"),
        ("claude-opus-5-5", "none", "low", None),
        ("claude-sonnet-5", "medium", "medium", None),
        ("claude-opus-4-6", "xhigh", "high", None),
        ("claude-haiku-4-5", "high", None, None),
    ],
)
async def test_effort_is_sent_in_the_form_that_the_model_accepts(server, model, wanted, effort, thinking):
    provider = AnthropicProvider(model=model, base_url=server.url)
    await provider.complete(prompted(model, **({"reasoning_effort": wanted} if wanted else {})))
    await provider.aclose()
    body = server.journal[0]["body"]
    assert (body["output_config"].get("effort"), body.get("thinking", {}).get("type")) == (effort, thinking)


def test_the_schema_of_an_answer_is_within_the_limits_of_the_api():
    nodes = list(schema_nodes(PROMPT.schema))
    assert sum("anyOf" in node for node in nodes) <= MOST_UNIONS
    assert all(len(node["required"]) == len(node["properties"]) for node in nodes if "properties" in node)


# -- learning --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lacks", "mode", "calls"),
    [
        (("output_config.format",), OutputMode.SCHEMA, 2),
        (("output_config",), OutputMode.SCHEMA, 2),
        (("output_config.effort",), OutputMode.STRICT, 2),
        (("system.cache_control",), OutputMode.STRICT, 2),
        (("output_config", "thinking"), OutputMode.SCHEMA, 2),
        (("output_config", "tools"), OutputMode.PROMPTED, 3),
        (("output_config", "tool_choice", "system.cache_control"), OutputMode.PROMPTED, 4),
    ],
)
async def test_parameters_that_a_gateway_rejects_are_learnt_once_within_one_attempt(lacks, mode, calls):
    learnt = {}
    async with MessagesServer(lacks=lacks) as server:
        provider = AnthropicProvider(model="claude-sonnet-4-5", base_url=server.url, on_learnt=learnt.__setitem__)
        if "output_config.effort" in lacks:
            provider = AnthropicProvider(model=MODEL, base_url=server.url, on_learnt=learnt.__setitem__)
        model = provider.model
        completion = await provider.complete(ask(model=model))
        assert (completion.answer.route, provider.mode, len(server.journal)) == ("machining", mode, calls)
        await asyncio.gather(*(provider.complete(ask(model=model)) for _ in range(5)))
        assert len(server.journal) == calls + 5

        after = AnthropicProvider(model=model, base_url=server.url, learnt=learnt)
        await after.complete(ask(model=model))
        assert len(server.journal) == calls + 6
        await provider.aclose()
        await after.aclose()


@pytest.mark.parametrize(
    ("model", "mode"),
    [
        *((model, OutputMode.SCHEMA) for model in ("claude-haiku-5-5", "claude-opus-5", "claude-opus-4-8")),
        *((model, OutputMode.PROMPTED) for model in ("claude-opus-5-5", "claude-fable-5")),
    ],
)
async def test_a_tool_is_forced_without_thinking_and_not_where_thinking_stays_on(model, mode):
    async with MessagesServer(lacks=("output_config",)) as server:
        provider = AnthropicProvider(model=model, base_url=server.url)
        completion = await provider.complete(ask(model=model))
        await provider.aclose()
        assert (completion.answer.route, provider.mode, server.rejected) == ("machining", mode, 1)


async def test_forty_calls_that_meet_an_old_model_are_all_answered_in_their_first_attempt(server):
    provider = AnthropicProvider(model="claude-sonnet-4", base_url=server.url)
    done = await asyncio.gather(*(provider.complete(ask(model="claude-sonnet-4", deadline=30.0)) for _ in range(40)))
    await provider.aclose()
    assert {each.answer.route for each in done} == {"machining"}
    assert provider.mode is OutputMode.SCHEMA
    assert len(server.journal) - server.rejected == 40


async def test_a_customer_who_names_our_parameters_cannot_change_the_mode(server, provider):
    server.default = "400"
    error = await failure(
        provider, ask("5 pcs; output_config.format, json_schema, structured output, tool_choice, effort")
    )
    assert (error.error_class, provider.mode) == (ErrorClass.BAD_REQUEST, OutputMode.STRICT)


async def test_a_second_call_shows_the_model_its_text_and_begins_no_answer_for_it(server, provider):
    server.script("schema_breach")
    completion = await provider.complete(ask())
    said = server.journal[1]["body"]["messages"]
    assert [each["role"] for each in said] == ["user", "assistant", "user"]
    assert "route: must be one of the listed values" in said[2]["content"]
    assert (completion.reasks, server.rejected) == (1, 0)


async def test_a_prompt_too_long_for_the_model_is_sent_once_more_shortened(server, provider):
    server.default = "long_prompt"
    completion = await provider.complete(ask("We need 25 pcs of milled brackets, B-7714.\n" + "spare line\n" * 2000))
    assert completion.answer.route
    assert len(server.journal) == 2


# -- what it costs ---------------------------------------------------------------------------------------------


OWN_PRICES = {"input_usd_per_million": 1, "output_usd_per_million": 5, "cached_input_usd_per_million": Decimal("0.1")}


@pytest.mark.parametrize(
    ("rows", "source", "cost"),
    [
        # 300 at the price of input, 600 at 1.25 times that, 100 at a tenth of it, then 200 output tokens at five times.
        ([{"provider": "anthropic", "model": MODEL, **OWN_PRICES}], "table", Decimal("0.00206")),
        ([], "genai-prices", Decimal("0.000206")),
    ],
    ids=["table", "list"],
)
async def test_cache_writes_and_reads_are_input_at_their_own_prices(server, rows, source, cost):
    book = PriceBook({"anthropic": "https://api.anthropic.com"})
    book.set_table(rows)
    provider = AnthropicProvider(model=MODEL, base_url=server.url, price=partial(book.price, "anthropic"))
    server.default = "writes_cache"
    completion = await provider.complete(ask())
    await provider.aclose()
    assert completion.usage == Usage(1000, 100, 200, 0, 600, "standard")
    assert (completion.cost_source, completion.cost_usd) == (source, cost)


async def test_reasoning_is_billed_as_output_and_is_not_part_of_the_answer(server, provider):
    server.default = "thinks_first"
    completion = await provider.complete(ask())
    assert completion.usage.output_tokens > completion.usage.reasoning_tokens == 90


async def test_the_system_part_is_cached_without_the_processs_own_code(server, provider):
    other = AnthropicProvider(model=MODEL, base_url=server.url)
    await provider.complete(ask())
    await other.complete(ask("We need 3 switchgear cabinets, 400 V."))
    await other.aclose()
    (first, own), (second, others) = (each["body"]["system"] for each in server.journal)
    assert first == second
    assert first["cache_control"] == {"type": "ephemeral"}
    assert all(f"- `{route.slug}`" in first["text"] for route in ROUTES)
    assert own != others
    assert "cache_control" not in own
    assert json.dumps(server.journal[0]["body"]["output_config"]) == json.dumps(
        server.journal[1]["body"]["output_config"]
    )


@pytest.mark.parametrize(
    ("behaviour", "seconds"),
    [("429_seconds", (17, 17)), ("429_reset:20", (15, 20)), ("429_reset:-5", (0, 0)), ("429_none", None)],
)
async def test_the_wait_comes_from_retry_after_or_from_the_reset_of_a_limit(server, provider, behaviour, seconds):
    server.default = behaviour
    reported = (await failure(provider, ask())).retry_after_seconds
    assert reported is None if seconds is None else seconds[0] <= reported <= seconds[1]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"anthropic-ratelimit-tokens-remaining": "5", "anthropic-ratelimit-tokens-reset": "2099-01-01T00:00:00Z"},
        {"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "soon"},
        {"anthropic-ratelimit-tokens-remaining": "0"},
    ],
)
def test_limits_with_room_or_without_a_time_give_no_wait(headers):
    assert reset_seconds(headers) is None


def test_a_reset_in_the_far_future_is_clamped():
    headers = {"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2099-01-01T00:00:00"}
    assert reset_seconds(headers) == 3600


# -- data that is sent, and its destination -----------------------------------------------------------------------


async def test_only_the_message_and_the_company_are_sent(server, provider):
    private = {"name": "Ada Quill", "email": "ada@quill.example", "phone": "+44 1632 960001"}
    await provider.complete(ask(company="Quill & Sons", source_ip="192.0.2.77", metadata={"n": "meta-note"}, **private))
    sent = json.dumps({"body": server.journal[0]["body"], "headers": dict(server.journal[0]["headers"])})
    assert "Quill & Sons" in sent
    assert not [value for value in (*private.values(), "192.0.2.77", "meta-note") if value in sent]


async def test_a_redirect_sends_no_byte_to_another_origin(provider, server):
    async with ModelServer() as elsewhere:
        server.redirect_to = elsewhere.url.removesuffix("/v1")
        server.default = "redirect"
        await failure(provider, ask())
        assert (elsewhere.bytes_received, elsewhere.journal) == (0, [])


async def test_environment_variables_send_no_text_or_key_elsewhere(monkeypatch):
    async with MessagesServer() as server, MessagesServer() as elsewhere:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "ANTHROPIC_BASE_URL"):
            monkeypatch.setenv(name, elsewhere.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-the-environment")
        monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-of-the-environment")
        provider = AnthropicProvider(model=MODEL, base_url=server.url)
        await provider.complete(ask())
        await provider.aclose()
        assert elsewhere.bytes_received == 0
        assert "of-the-environment" not in json.dumps(server.journal[0]["headers"])


@pytest.mark.parametrize("value", ["X-Team: caf\u00e9", "X Team: a", "X-Team: \x07"])
def test_an_impossible_header_in_the_environment_is_found_at_start(monkeypatch, value):
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", value)
    with pytest.raises(ConfigError, match="ANTHROPIC_CUSTOM_HEADERS"):
        check_environment()


def test_the_sdk_writes_no_spans_of_its_own_even_if_the_environment_asks_for_them():
    code = """
import asyncio
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from rfqflow.llm.anthropic import AnthropicProvider
from tests.support.messages_server import MessagesServer
from tests.support.provider_requests import request

kept = InMemorySpanExporter()
traces = TracerProvider()
traces.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(traces)

async def main():
    async with MessagesServer() as server:
        provider = AnthropicProvider(model="claude-haiku-5-5", base_url=server.url)
        await provider.complete(request(model="claude-haiku-5-5", deadline=30.0))
        await provider.aclose()

asyncio.run(main())
print(len(kept.get_finished_spans()))
"""
    environment = {**os.environ, "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true", "PYTHONPATH": "."}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert done.stdout.strip() == "0"


# -- the extra ---------------------------------------------------------------------------------------------------


def test_without_the_extra_it_names_the_package_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(ConfigError, match=r"rfqflow\[anthropic\]"):
        AnthropicProvider(model=MODEL)


@pytest.mark.parametrize("name", ["openai", "ollama", "rules"])
def test_other_providers_do_not_load_the_sdk(name):
    code = (
        "import sys; from rfqflow.settings import load; from rfqflow.llm.factory import provider_for, price_book;"
        f"loaded = load(provider={name!r}, model='m'); provider_for(loaded, price_book(loaded, []));"
        "print([one for one in sys.modules if one.split('.')[0] == 'anthropic'])"
    )
    environment = {**os.environ, "OPENAI_API_KEY": "sk-x", "ANTHROPIC_API_KEY": "sk-y"}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert done.stdout.strip() == "[]"
