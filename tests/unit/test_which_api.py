"""Which of OpenAI's APIs is used for a model: the operator's choice, the server's, or the API that was learnt."""

import asyncio

import pytest

from rfqflow.core.errors import ErrorClass, Usage
from rfqflow.llm.capabilities import Api, ModelCapabilities, lacks
from rfqflow.llm.error_classification import Fault
from rfqflow.llm.openai_server import OpenAIServer
from tests.support.model_behaviours import behaviour, good
from tests.support.model_exchange import as_json, completion
from tests.support.model_server import ModelServer
from tests.support.provider_requests import PROMPT, failure, openai_providers, paths, request

OPENAI, AZURE, OTHER = OpenAIServer(is_openai=True), OpenAIServer(is_azure=True), OpenAIServer()


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@pytest.fixture
async def provider_of(server):
    async with openai_providers(server.url, api="responses") as make:
        yield make


@behaviour("refuses_chats")
async def _has_the_model_for_responses_alone(exchange):
    if exchange.in_responses:
        await exchange.send(200, as_json(completion(exchange, good(exchange))))
    else:
        words = "This model is only supported in v1/responses and not in v1/chat/completions."
        await exchange.error(404, None, words, "model")


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
def test_a_server_is_recognised_by_its_own_host_alone(url, expected):
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
def test_the_operator_chooses_the_api_or_else_the_server_does(server, choice, expected):
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
def test_a_server_without_responses_is_distinguished_from_one_without_the_model(said):
    fault = Fault.of(*said)
    assert lacks(Api.RESPONSES, fault, "")
    best = ModelCapabilities(apis=(Api.RESPONSES, Api.CHAT))
    after = best.after(fault, PROMPT, private="")
    assert after.api is Api.CHAT
    assert after.after(fault, PROMPT, private="") is None or after.after(fault, PROMPT, private="").api is Api.CHAT
    assert ModelCapabilities(apis=(Api.RESPONSES, Api.CHAT)).known(after.kept()).api is Api.CHAT


@pytest.mark.parametrize("said", NO_SUCH_MODEL.values(), ids=NO_SUCH_MODEL)
def test_a_missing_model_is_not_tried_by_the_other_api(said):
    assert not lacks(Api.RESPONSES, Fault.of(*said), "")


@pytest.mark.parametrize(
    "words",
    [
        "This is not a chat model and thus not supported in the v1/chat/completions endpoint.",
        "This model is only supported in v1/responses and not in v1/chat/completions.",
        "The chatCompletion operation does not work with the specified model, gpt-5-pro.",
    ],
)
def test_a_model_for_responses_alone_is_recognised_by_the_providers_words_only(words):
    fault = Fault.of(404, {"error": {"message": words}})
    assert lacks(Api.CHAT, fault, "")
    assert not lacks(Api.CHAT, fault, f"please quote: {words}")
    assert not lacks(Api.CHAT, Fault.of(404, {"detail": "Not Found"}), "")


@pytest.mark.fault("L20")
async def test_a_server_without_responses_is_called_by_chat_completions_within_the_first_attempt(server, provider_of):
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


async def test_a_key_for_chat_completions_alone_keeps_working(server, provider_of):
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


async def test_forty_simultaneous_calls_to_a_server_without_responses_are_all_answered(server, provider_of):
    server.has_responses = False
    provider = provider_of()
    answered = await asyncio.gather(*(provider.complete(request(model="gpt-5-mini", deadline=60)) for _ in range(40)))
    assert {each.answer.route for each in answered} == {"machining"}
    assert paths(server).count("completions") == 40


async def test_the_switch_to_the_other_api_leaves_the_attempt_its_second_call(server, provider_of):
    server.has_responses = False
    server.script("invalid_json", "ok")
    answered = await provider_of().complete(request(model="gpt-5-mini", deadline=20))
    assert (answered.answer.route, answered.reasks) == ("machining", 1)


async def test_an_address_without_either_api_is_a_missing_model_and_teaches_nothing(server, provider_of):
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


async def test_a_model_for_responses_alone_is_called_by_them_at_an_unknown_server(server, provider_of):
    server.default = "refuses_chats"
    provider = provider_of("gpt-5-pro", api="auto")
    for _ in range(2):
        assert (await provider.complete(request(model="gpt-5-pro"))).answer.route == "machining"
    assert paths(server) == ["completions", "responses", "responses"]


async def test_an_unknown_server_is_called_by_chat_completions(server, provider_of):
    await provider_of(api="auto").complete(request(model="gpt-5-mini"))
    assert paths(server) == ["completions"]


async def test_an_operator_who_chooses_chat_completions_gets_no_other_api(server, provider_of):
    server.default = "refuses_chats"
    error = await failure(provider_of(api="chat", server=OPENAI), request(model="gpt-5-mini"))
    assert error.error_class is ErrorClass.MODEL_NOT_FOUND
    assert paths(server) == ["completions"]


async def test_an_api_that_was_learnt_earlier_is_used_at_once(server, provider_of):
    server.has_responses = False
    kept = {"mode": "json_schema", "tokens_field": "max_completion_tokens", "rejected": ["responses", "verbosity"]}
    await provider_of(learnt={"gpt-5-mini": kept}).complete(request(model="gpt-5-mini"))
    assert paths(server) == ["completions"]
    assert "verbosity" not in server.journal[0]["body"]
