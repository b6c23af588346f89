"""The Responses API: what a call sends, how a reply is read, and Chat Completions where a server lacks Responses."""

import json
from dataclasses import replace

import pytest

from rfqflow.core.errors import ErrorClass, Usage
from rfqflow.core.prompting.prompt import Prompt
from rfqflow.llm.capabilities import Api, ModelCapabilities, OutputMode
from rfqflow.llm.error_classification import Fault
from rfqflow.prompts import shipped
from tests.support.model_behaviours import behaviour, good
from tests.support.model_exchange import as_json, completion
from tests.support.model_families import FAMILIES
from tests.support.model_server import ModelServer
from tests.support.provider_requests import PROMPT, ROUTES, failure, openai_providers, paths, request


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@pytest.fixture
async def provider_of(server):
    async with openai_providers(server.url, api="responses") as make:
        yield make


REPLY = {}


@behaviour("replies")
async def _replies_as_the_test_says(exchange):
    """A valid reply, with the fields of `REPLY` in place of its own, or changed by a function."""
    over = {name: made(good(exchange)) if callable(made) else made for name, made in REPLY.items()}
    await exchange.send(200, as_json({**completion(exchange, good(exchange)), **over}))


@pytest.fixture
def replies(server):
    REPLY.clear()
    server.default = "replies"
    return REPLY


async def test_a_call_sends_the_parameters_that_the_api_requires(server, provider_of):
    await provider_of().complete(replace(request(model="gpt-5-mini"), max_output_tokens=3000))
    (sent,) = server.journal
    body = sent["body"]
    assert sent["path"] == "/v1/responses"
    assert (body["store"], body["truncation"]) == (False, "disabled")
    assert body["instructions"].startswith(PROMPT.system[:40])
    assert [each["role"] for each in body["input"]] == ["user"]
    assert (body["reasoning"], body["text"]["verbosity"]) == ({"effort": "low"}, "low")
    assert body["max_output_tokens"] == 3000
    shape = body["text"]["format"]
    assert (shape["type"], shape["strict"], shape["schema"]) == (
        "json_schema",
        True,
        json.loads(json.dumps(PROMPT.schema)),
    )
    assert not {"messages", "response_format", "max_tokens", "max_completion_tokens", "temperature", "seed"} & {*body}


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("order", ["facts_first", "judgement_first"])
async def test_the_schema_reaches_the_server_in_the_order_of_the_prompt(server, provider_of, api, order):
    prompt = Prompt.of(replace(shipped(), parameters={"answer_order": order}), ROUTES)
    await provider_of(api=api).complete(replace(request(model="gpt-5-mini"), prompt=prompt))
    body = server.journal[0]["body"]
    shape = body["text"]["format"] if api == "responses" else body["response_format"]["json_schema"]
    fields = list(shape["schema"]["properties"])
    assert fields == list(prompt.schema["properties"])
    assert (fields.index("line_items") < fields.index("route")) is (order == "facts_first")
    assert "answer_order" not in body


async def test_the_operators_tier_and_cache_key_are_sent(server, provider_of):
    parameters = {**PROMPT.parameters, "service_tier": "flex", "prompt_cache_key": "rfq", "seed": 7}
    asked = request(model="gpt-4o")
    await provider_of("gpt-4o").complete(replace(asked, prompt=replace(PROMPT, parameters=parameters)))
    body = server.journal[0]["body"]
    assert (body["service_tier"], body["prompt_cache_key"], "seed" in body) == ("flex", "rfq", False)


async def test_a_completion_has_its_bill_and_how_it_ended(provider_of):
    answered = await provider_of().complete(request(model="gpt-5-mini"))
    assert (answered.provider, answered.model, answered.finish_reason) == ("openai", "gpt-5-mini", "stop")
    assert answered.provider_request_id == "resp-0"
    assert answered.usage.input_tokens > 500
    assert answered.usage.cached_input_tokens == answered.usage.input_tokens // 2
    assert answered.usage.output_tokens > 50


async def test_a_second_call_repeats_the_instructions_and_adds_to_the_input(server, provider_of):
    server.script("schema_breach", "ok")
    await provider_of().complete(request(model="gpt-5-mini"))
    first, second = (each["body"] for each in server.journal)
    assert second["instructions"] == first["instructions"]
    assert second["input"][:1] == first["input"]
    assert [each["role"] for each in second["input"]] == ["user", "assistant", "user"]
    assert "- route: must be one of the listed values" in second["input"][-1]["content"]


async def test_json_mode_says_json_in_the_input_because_the_api_requires_it(server, provider_of):
    provider = provider_of(mode=OutputMode.OBJECT)
    await provider.complete(request(model="gpt-5-mini"))
    body = server.journal[0]["body"]
    assert body["text"]["format"] == {"type": "json_object"}
    assert "instructions" not in body
    assert "JSON" in body["input"][0]["content"]


# -- rejections ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
async def test_parameters_that_a_family_rejects_are_never_sent_by_responses_either(server, provider_of, family):
    server.default = family
    model, _ = FAMILIES[family]
    await provider_of(model).complete(request(model=model))
    assert paths(server) in (["responses"], ["responses", "completions"])


REJECTIONS = {
    "text.format": ({"param": "text.format"}, lambda after: after.mode is OutputMode.SCHEMA),
    "a schema": (
        {"param": "text", "message": "Invalid parameter: 'text.format' of type 'json_schema' is not supported"},
        lambda after: after.mode is OutputMode.OBJECT,
    ),
    "strict": (
        {"param": "text.format.strict", "message": "text.format.strict is not supported"},
        lambda after: after.mode is OutputMode.SCHEMA,
    ),
    "effort": ({"param": "reasoning.effort"}, lambda after: after.rejected == {"reasoning_effort"}),
    "reasoning": (
        {"message": "Unrecognized request argument supplied: reasoning"},
        lambda after: after.rejected == {"reasoning_effort"},
    ),
    "text": (
        {"message": "Unknown parameter: 'text'."},
        lambda after: after.mode is OutputMode.PROMPTED and after.rejected == {"verbosity"},
    ),
    "verbosity": ({"param": "text.verbosity"}, lambda after: after.rejected == {"verbosity"}),
    "instructions": (
        {"message": "Argument not supported: instructions"},
        lambda after: after.rejected == {"instructions"},
    ),
    "messages": (
        {"message": "[{'loc': ['body', 'messages'], 'msg': 'Field required'}]"},
        lambda after: after.api is Api.CHAT,
    ),
    "truncation": ({"param": "truncation"}, lambda after: after.rejected == {"truncation"}),
    "store": ({"message": "Unknown parameter: 'store'."}, lambda after: after.api is Api.CHAT),
    "max_output_tokens": ({"param": "max_output_tokens"}, lambda after: after is None),
}


@pytest.mark.parametrize(("said", "holds"), REJECTIONS.values(), ids=REJECTIONS)
def test_a_rejection_is_recognised_by_the_names_of_this_api(said, holds):
    best = ModelCapabilities(apis=(Api.RESPONSES, Api.CHAT)).of_family("gpt-5-mini")
    assert holds(best.after(Fault.of(400, {"error": said}), PROMPT, private=""))


async def test_a_server_without_instructions_gets_them_in_the_input(server, provider_of):
    kept = {"mode": "json_schema_strict", "tokens_field": "max_tokens", "rejected": ["instructions"]}
    answered = await provider_of(learnt={"gpt-5-mini": kept}).complete(request(model="gpt-5-mini"))
    body = server.journal[0]["body"]
    assert (answered.answer.route, "instructions" in body) == ("machining", False)
    assert [each["role"] for each in body["input"]] == ["system", "user"]


def test_an_api_that_another_daemon_has_learnt_is_used():
    kept = {"mode": "json_schema_strict", "tokens_field": "max_completion_tokens", "rejected": ["responses"]}
    assert ModelCapabilities(apis=(Api.RESPONSES, Api.CHAT)).joined(kept).api is Api.CHAT
    assert ModelCapabilities(apis=(Api.CHAT,)).joined({**kept, "rejected": ["chat_completions"]}).api is Api.CHAT


# -- replies ---------------------------------------------------------------------------------------------------


def message(*content, **about):
    return {"type": "message", "role": "assistant", "content": list(content), **about}


def text(words):
    return {"type": "output_text", "text": words, "annotations": []}


UNUSABLE = {
    "reasoning alone": ({"output": [{"type": "reasoning", "summary": []}]}, ErrorClass.INVALID_OUTPUT),
    "commentary alone": ({"output": [message(text("{}"), phase="commentary")]}, ErrorClass.INVALID_OUTPUT),
    "no list": ({"output": None}, ErrorClass.INVALID_OUTPUT),
    "strange items": ({"output": [None, 7, {"type": "message", "content": None}]}, ErrorClass.INVALID_OUTPUT),
    "a refusal": ({"output": [message({"type": "refusal", "refusal": "No."})]}, ErrorClass.REFUSAL),
    "cut": ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, ErrorClass.TRUNCATED),
    "filtered": ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, ErrorClass.CONTENT_FILTER),
    "cut for another reason": ({"status": "incomplete", "incomplete_details": {"reason": "steered"}}, ErrorClass.PROVIDER_5XX),
    "cut without a reason": ({"status": "incomplete", "incomplete_details": None}, ErrorClass.PROVIDER_5XX),
    "in the queue": ({"status": "queued"}, ErrorClass.PROVIDER_5XX),
    "cancelled": ({"status": "cancelled"}, ErrorClass.PROVIDER_5XX),
    "failed": ({"status": "failed", "error": {"code": "server_error", "message": "x"}}, ErrorClass.PROVIDER_5XX),
    "failed without a word": ({"status": "failed", "error": None}, ErrorClass.PROVIDER_5XX),
    "too many": ({"status": "failed", "error": {"code": "rate_limit_exceeded", "message": "x"}}, ErrorClass.RATE_LIMIT),
    "a policy": ({"status": "failed", "error": {"code": "invalid_prompt", "message": "x"}}, ErrorClass.CONTENT_FILTER),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "expected"), UNUSABLE.values(), ids=UNUSABLE)
async def test_a_reply_without_an_answer_becomes_its_class_and_its_bill_is_kept(
    server, provider_of, replies, reply, expected
):
    replies |= reply
    error = await failure(provider_of(), request(model="gpt-5-mini"))
    assert error.error_class is expected
    assert error.usage.input_tokens == sum(each["prompt_tokens"] for each in server.journal)


async def test_the_answer_is_the_text_of_all_parts_of_the_final_message(provider_of, replies):
    replies["output"] = lambda words: [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "{}"}]},
        message(text("I look at it."), phase="commentary"),
        message(text(words[:40]), text(words[40:]), phase="final_answer"),
    ]
    replies["usage"] = {
        "input_tokens": 900,
        "input_tokens_details": {"cached_tokens": 640, "cache_write_tokens": 0},
        "output_tokens": 400,
        "output_tokens_details": {"reasoning_tokens": 256},
        "total_tokens": 1300,
    }
    answered = await provider_of().complete(request(model="gpt-5-mini"))
    assert answered.answer.route == "machining"
    assert answered.usage == Usage(900, 640, 400, 256)


@pytest.mark.parametrize("shape", ["says something before", "says it twice", "ends with a blank"])
async def test_the_last_final_message_with_text_is_the_answer_and_none_is_bought_twice(
    server, provider_of, replies, shape
):
    def output(words):
        said = {
            "says something before": ("I read the list first.", words),
            "says it twice": (words, words),
            "ends with a blank": (words, "\n"),
        }
        return [message(text(each)) for each in said[shape]]

    replies["output"] = output
    assert (await provider_of().complete(request(model="gpt-5-mini"))).answer.route == "machining"
    assert len(server.journal) == 1


async def test_a_reply_without_a_status_counts_if_it_has_an_answer(provider_of, replies):
    replies["status"] = None
    answered = await provider_of().complete(request(model="gpt-5-mini"))
    assert (answered.answer.route, answered.finish_reason) == ("machining", None)


# -- deployments -----------------------------------------------------------------------------------------------


async def test_an_operator_can_name_the_model_behind_a_deployment(server, provider_of):
    await provider_of("ours", deployments={"ours": "gpt-5-mini"}).complete(request(model="ours"))
    body = server.journal[0]["body"]
    assert (body["model"], body["reasoning"], "temperature" in body) == ("ours", {"effort": "low"}, False)


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_an_unknown_deployment_is_known_by_the_model_in_its_reply(server, provider_of, replies, api):
    replies["model"] = "gpt-5-mini-2025-08-07"
    provider = provider_of("ours", api=api)
    for _ in range(2):
        await provider.complete(request(model="ours"))
    first, second = (each["body"] for each in server.journal)
    assert "temperature" in first
    assert "temperature" not in second
    assert "low" in (second.get("reasoning_effort"), second.get("reasoning", {}).get("effort"))


async def test_a_name_with_a_known_family_wins_over_the_reply(server, provider_of, replies):
    replies["model"] = "gpt-4o"
    provider = provider_of("gpt-5-mini")
    for _ in range(2):
        await provider.complete(request(model="gpt-5-mini"))
    assert server.journal[0]["body"] == {
        **server.journal[1]["body"],
        "input": server.journal[0]["body"]["input"],
        "instructions": server.journal[0]["body"]["instructions"],
    }
