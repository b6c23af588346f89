"""The Responses API: what a call says, how a reply is read, and Chat Completions where a server has not got it."""

import asyncio
import json
from dataclasses import replace

import pytest

from rfqflow.core.errors import ErrorClass, Usage
from rfqflow.core.prompting.prompt import Prompt
from rfqflow.llm.capabilities import Api, ModelCapabilities, OutputMode, lacks
from rfqflow.llm.error_classification import Fault
from rfqflow.llm.openai import OpenAIProvider
from rfqflow.llm.openai_server import OpenAIServer
from rfqflow.prompts import shipped
from tests.support.model_behaviours import behaviour, good
from tests.support.model_exchange import as_json, completion
from tests.support.model_families import FAMILIES
from tests.support.model_server import ModelServer
from tests.support.provider_requests import PROMPT, ROUTES, failure, request

OPENAI, AZURE, OTHER = OpenAIServer(is_openai=True), OpenAIServer(is_azure=True), OpenAIServer()


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@pytest.fixture
async def provider_of(server):
    made = []

    def make(model="gpt-5-mini", **arguments):
        made.append(OpenAIProvider(model=model, base_url=server.url, **{"api": "responses", **arguments}))
        return made[-1]

    yield make
    for provider in made:
        await provider.aclose()


def paths(server):
    return [each["path"].rpartition("/")[2] for each in server.journal]


REPLY = {}


@behaviour("replies")
async def _replies_as_the_test_says(exchange):
    """A good reply, with what `REPLY` holds over it, or makes of the good answer."""
    over = {name: made(good(exchange)) if callable(made) else made for name, made in REPLY.items()}
    await exchange.send(200, as_json({**completion(exchange, good(exchange)), **over}))


@pytest.fixture
def replies(server):
    REPLY.clear()
    server.default = "replies"
    return REPLY


@behaviour("refuses_chats")
async def _has_the_model_for_responses_alone(exchange):
    if exchange.in_responses:
        await exchange.send(200, as_json(completion(exchange, good(exchange))))
    else:
        words = "This model is only supported in v1/responses and not in v1/chat/completions."
        await exchange.error(404, None, words, "model")


async def test_a_call_says_what_the_api_wants_to_be_told(server, provider_of):
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


async def test_the_operators_tier_and_cache_key_go_along(server, provider_of):
    parameters = {**PROMPT.parameters, "service_tier": "flex", "prompt_cache_key": "rfq", "seed": 7}
    asked = request(model="gpt-4o")
    await provider_of("gpt-4o").complete(replace(asked, prompt=replace(PROMPT, parameters=parameters)))
    body = server.journal[0]["body"]
    assert (body["service_tier"], body["prompt_cache_key"], "seed" in body) == ("flex", "rfq", False)


async def test_a_completion_says_what_was_billed_and_how_it_ended(provider_of):
    answered = await provider_of().complete(request(model="gpt-5-mini"))
    assert (answered.provider, answered.model, answered.finish_reason) == ("openai", "gpt-5-mini", "stop")
    assert answered.provider_request_id == "resp-0"
    assert answered.usage.input_tokens > 500
    assert answered.usage.cached_input_tokens == answered.usage.input_tokens // 2
    assert answered.usage.output_tokens > 50


async def test_asking_again_repeats_the_instructions_and_adds_to_the_input(server, provider_of):
    server.script("schema_breach", "ok")
    await provider_of().complete(request(model="gpt-5-mini"))
    first, second = (each["body"] for each in server.journal)
    assert second["instructions"] == first["instructions"]
    assert second["input"][:1] == first["input"]
    assert [each["role"] for each in second["input"]] == ["user", "assistant", "user"]
    assert "- route: must be one of the listed values" in second["input"][-1]["content"]


async def test_json_mode_says_json_in_the_input_since_it_is_rejected_else(server, provider_of):
    provider = provider_of(mode=OutputMode.OBJECT)
    await provider.complete(request(model="gpt-5-mini"))
    body = server.journal[0]["body"]
    assert body["text"]["format"] == {"type": "json_object"}
    assert "instructions" not in body
    assert "JSON" in body["input"][0]["content"]


# -- which API -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    {
        "https://api.openai.com/v1": OPENAI,
        "https://eu.api.openai.com/v1": OPENAI,
        "https://ours.openai.azure.com/openai/v1/": AZURE,
        "https://ours.cognitiveservices.azure.com/openai/v1": AZURE,
        "https://ours.services.ai.azure.com/api/projects/rfq/openai/v1": AZURE,
        "https://ours.openai.azure.us/openai/v1": AZURE,
        "https://OURS.OpenAI.Azure.com./openai/v1": AZURE,
        "https://openrouter.ai/api/v1": OTHER,
        "https://api.openai.com.example/v1": OTHER,
        "https://openai.azure.com.example/openai/v1": OTHER,
        "http://127.0.0.1:8080/v1": OTHER,
    }.items(),
)
def test_a_server_is_known_by_its_own_host_alone(url, expected):
    assert OpenAIServer.at(url) == expected


@pytest.mark.parametrize(
    ("server", "choice", "expected"),
    [
        (OPENAI, "auto", (Api.RESPONSES, Api.CHAT)),
        (AZURE, "auto", (Api.RESPONSES, Api.CHAT)),
        (OTHER, "auto", (Api.CHAT, Api.RESPONSES)),
        (OTHER, "responses", (Api.RESPONSES, Api.CHAT)),
        (OPENAI, "chat", (Api.CHAT,)),
        (OTHER, "chat", (Api.CHAT,)),
    ],
)
def test_which_api_is_asked_is_the_operators_choice_and_else_the_servers(server, choice, expected):
    assert server.apis(choice) == expected


NO_SUCH_API = {
    "fastapi": (404, {"detail": "Not Found"}),
    "azure": (404, {"error": {"code": "404", "message": "Resource not found"}}),
    "openai": (404, {"error": {"message": "Invalid URL (POST /v1/responses)", "type": "invalid_request_error"}}),
    "a page": (404, "<html><body>404</body></html>"),
    "another method": (405, {"detail": "Method Not Allowed"}),
    "not implemented": (501, {"error": {"message": "Not implemented"}}),
    "azure's model": (
        400,
        {
            "error": {
                "code": "OperationNotSupported",
                "message": "The responses operation does not work with the model.",
            }
        },
    ),
    "azure's age": (
        400,
        {
            "error": {
                "code": "BadRequest",
                "message": "Azure OpenAI Responses API is enabled only for api-version 2025.",
            }
        },
    ),
    "openai's key": (
        401,
        {
            "error": {
                "message": "You have insufficient permissions for this operation. Missing scopes: api.responses.write."
            }
        },
    ),
    "azure's role": (
        401,
        {
            "error": {
                "code": "PermissionDenied",
                "message": "The principal `x` lacks the required data action "
                "`Microsoft.CognitiveServices/accounts/OpenAI/responses/write`.",
            }
        },
    ),
    "a model": (400, {"error": {"message": "The requested model 'm' cannot be used with the Responses API."}}),
}
NO_SUCH_MODEL = {
    "azure": (404, {"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist."}}),
    "openai": (404, {"error": {"code": "model_not_found", "message": "The model `m` does not exist"}}),
    "vllm": (404, {"error": {"message": "The model `m` does not exist.", "type": "NotFoundError", "code": 404}}),
}


@pytest.mark.parametrize("said", NO_SUCH_API.values(), ids=NO_SUCH_API)
def test_a_server_that_has_no_responses_is_told_from_one_without_the_model(said):
    fault = Fault.of(*said)
    assert lacks(Api.RESPONSES, fault, "")
    best = ModelCapabilities(apis=(Api.RESPONSES, Api.CHAT))
    after = best.after(fault, PROMPT, private="")
    assert after.api is Api.CHAT
    assert after.after(fault, PROMPT, private="") is None or after.after(fault, PROMPT, private="").api is Api.CHAT
    assert ModelCapabilities(apis=(Api.RESPONSES, Api.CHAT)).known(after.kept()).api is Api.CHAT


@pytest.mark.parametrize("said", NO_SUCH_MODEL.values(), ids=NO_SUCH_MODEL)
def test_a_model_that_is_not_there_is_not_looked_for_by_the_other_api(said):
    assert not lacks(Api.RESPONSES, Fault.of(*said), "")


@pytest.mark.parametrize(
    "words",
    [
        "This is not a chat model and thus not supported in the v1/chat/completions endpoint.",
        "This model is only supported in v1/responses and not in v1/chat/completions.",
        "The chatCompletion operation does not work with the specified model, gpt-5-pro.",
    ],
)
def test_a_model_for_responses_alone_is_told_by_the_providers_words_and_not_by_the_customers(words):
    fault = Fault.of(404, {"error": {"message": words}})
    assert lacks(Api.CHAT, fault, "")
    assert not lacks(Api.CHAT, fault, f"please quote: {words}")
    assert not lacks(Api.CHAT, Fault.of(404, {"detail": "Not Found"}), "")


@pytest.mark.fault("L20")
async def test_a_server_without_responses_is_asked_by_chat_completions_within_the_first_attempt(server, provider_of):
    server.has_responses = False
    learnt = []
    provider = provider_of(on_learnt=lambda model, kept: learnt.append((model, kept["rejected"])))
    answered = await provider.complete(request(model="gpt-5-mini"))
    assert (answered.answer.route, answered.usage.input_tokens) == ("machining", server.journal[1]["prompt_tokens"])
    await provider.complete(request(model="gpt-5-mini"))
    assert paths(server) == ["responses", "completions", "completions"]
    assert learnt == [("gpt-5-mini", ["responses"])]


@behaviour("no_right_to_responses")
async def _has_a_key_for_chats_alone(exchange):
    if exchange.in_responses:
        await exchange.error(401, None, "Missing scopes: api.responses.write. Check your role.")
    else:
        await exchange.send(200, as_json(completion(exchange, good(exchange))))


async def test_a_key_made_for_chat_completions_alone_goes_on_working(server, provider_of):
    server.default = "no_right_to_responses"
    provider = provider_of(api="auto", server=OPENAI)
    for _ in range(2):
        assert (await provider.complete(request(model="gpt-5-mini"))).answer.route == "machining"
    assert paths(server) == ["responses", "completions", "completions"]


async def test_a_key_without_any_right_teaches_nothing(server, provider_of):
    server.script("no_right_to_responses", "401")
    kept = []
    provider = provider_of(on_learnt=lambda _model, learnt: kept.append(learnt["rejected"]))
    assert (await failure(provider, request(model="gpt-5-mini"))).error_class is ErrorClass.AUTH
    assert kept == [["responses"], []]


async def test_forty_at_once_at_a_server_without_responses_are_all_answered(server, provider_of):
    server.has_responses = False
    provider = provider_of()
    answered = await asyncio.gather(*(provider.complete(request(model="gpt-5-mini", deadline=60)) for _ in range(40)))
    assert {each.answer.route for each in answered} == {"machining"}
    assert paths(server).count("completions") == 40


async def test_the_step_to_the_other_api_leaves_the_attempt_its_second_call(server, provider_of):
    server.has_responses = False
    server.script("invalid_json", "ok")
    answered = await provider_of().complete(request(model="gpt-5-mini", deadline=20))
    assert (answered.answer.route, answered.reasks) == ("machining", 1)


async def test_an_address_without_either_api_is_a_model_that_is_not_there_and_teaches_nothing(server, provider_of):
    server.has_responses = False
    server.default = "says_no:404"
    kept = []
    provider = provider_of(on_learnt=lambda _model, learnt: kept.append(learnt["rejected"]))
    error = await failure(provider, request(model="gpt-5-mini"))
    assert (error.error_class, error.usage) == (ErrorClass.MODEL_NOT_FOUND, Usage())
    assert kept == [["responses"], []]
    server.has_responses, server.default = True, "ok"
    await provider.complete(request(model="gpt-5-mini"))
    assert paths(server) == ["responses", "completions", "responses"]


async def test_a_model_for_responses_alone_is_asked_by_them_at_a_server_nobody_knows(server, provider_of):
    server.default = "refuses_chats"
    provider = provider_of("gpt-5-pro", api="auto")
    for _ in range(2):
        assert (await provider.complete(request(model="gpt-5-pro"))).answer.route == "machining"
    assert paths(server) == ["completions", "responses", "responses"]


async def test_a_server_nobody_knows_is_asked_by_chat_completions(server, provider_of):
    await provider_of(api="auto").complete(request(model="gpt-5-mini"))
    assert paths(server) == ["completions"]


async def test_an_operator_who_wants_chats_gets_no_other_api(server, provider_of):
    server.default = "refuses_chats"
    error = await failure(provider_of(api="chat", server=OPENAI), request(model="gpt-5-mini"))
    assert error.error_class is ErrorClass.MODEL_NOT_FOUND
    assert paths(server) == ["completions"]


async def test_what_was_learnt_earlier_is_asked_at_once(server, provider_of):
    server.has_responses = False
    kept = {"mode": "json_schema", "tokens_field": "max_completion_tokens", "rejected": ["responses", "verbosity"]}
    await provider_of(learnt={"gpt-5-mini": kept}).complete(request(model="gpt-5-mini"))
    assert paths(server) == ["completions"]
    assert "verbosity" not in server.journal[0]["body"]


# -- what is rejected ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
async def test_what_a_family_rejects_is_never_sent_to_it_by_responses_either(server, provider_of, family):
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
def test_a_rejection_is_understood_by_the_names_that_the_api_has(said, holds):
    best = ModelCapabilities(apis=(Api.RESPONSES, Api.CHAT)).of_family("gpt-5-mini")
    assert holds(best.after(Fault.of(400, {"error": said}), PROMPT, private=""))


async def test_a_server_without_instructions_is_told_them_in_the_input(server, provider_of):
    kept = {"mode": "json_schema_strict", "tokens_field": "max_tokens", "rejected": ["instructions"]}
    answered = await provider_of(learnt={"gpt-5-mini": kept}).complete(request(model="gpt-5-mini"))
    body = server.journal[0]["body"]
    assert (answered.answer.route, "instructions" in body) == ("machining", False)
    assert [each["role"] for each in body["input"]] == ["system", "user"]


def test_what_another_daemon_has_learnt_of_an_api_is_followed():
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
async def test_a_reply_without_an_answer_ends_in_its_class_and_its_bill_is_kept(
    server, provider_of, replies, reply, expected
):
    replies |= reply
    error = await failure(provider_of(), request(model="gpt-5-mini"))
    assert error.error_class is expected
    assert error.usage.input_tokens == sum(each["prompt_tokens"] for each in server.journal)


async def test_the_answer_is_what_the_final_message_says_in_all_its_parts(provider_of, replies):
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


async def test_a_reply_that_leaves_its_status_out_counts_if_it_holds_an_answer(provider_of, replies):
    replies["status"] = None
    answered = await provider_of().complete(request(model="gpt-5-mini"))
    assert (answered.answer.route, answered.finish_reason) == ("machining", None)


# -- deployments -----------------------------------------------------------------------------------------------


async def test_an_operator_says_which_model_is_behind_a_name(server, provider_of):
    await provider_of("ours", deployments={"ours": "gpt-5-mini"}).complete(request(model="ours"))
    body = server.journal[0]["body"]
    assert (body["model"], body["reasoning"], "temperature" in body) == ("ours", {"effort": "low"}, False)


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_a_model_of_another_name_is_known_by_the_one_that_answers(server, provider_of, replies, api):
    replies["model"] = "gpt-5-mini-2025-08-07"
    provider = provider_of("ours", api=api)
    for _ in range(2):
        await provider.complete(request(model="ours"))
    first, second = (each["body"] for each in server.journal)
    assert "temperature" in first
    assert "temperature" not in second
    assert "low" in (second.get("reasoning_effort"), second.get("reasoning", {}).get("effort"))


async def test_a_name_that_says_its_family_is_not_overruled_by_the_reply(server, provider_of, replies):
    replies["model"] = "gpt-4o"
    provider = provider_of("gpt-5-mini")
    for _ in range(2):
        await provider.complete(request(model="gpt-5-mini"))
    assert server.journal[0]["body"] == {
        **server.journal[1]["body"],
        "input": server.journal[0]["body"]["input"],
        "instructions": server.journal[0]["body"]["instructions"],
    }
