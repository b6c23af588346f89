"""Azure's v1 endpoint with the provider `openai`: the differences that its documentation lists."""

import asyncio

import pytest

from rfqflow.core.decisions.breaker_signal import signal_for
from rfqflow.core.errors import ErrorClass, Usage
from rfqflow.llm.openai_server import OpenAIServer
from tests.support.azure_server import KEY, REQUEST_ID, TOKEN, AzureServer
from tests.support.model_families import FAMILIES
from tests.support.provider_requests import CANARY, failure, openai_providers, paths, request

AZURE = OpenAIServer(is_azure=True)
APIS = ("chat", "responses")
FREE, UNKNOWN = Usage(), None


@pytest.fixture
async def server():
    async with AzureServer() as running:
        yield running


@pytest.fixture
async def provider_of(server):
    async with openai_providers(server.url, model="ours", api_key=KEY, server=AZURE) as make:
        yield make


# By behaviour: class, seconds to wait, whether the bill is known, and the signal for the breaker.
ENDS = {
    "azure_filter": (ErrorClass.CONTENT_FILTER, None, FREE, "ok"),
    "azure_inner_filter": (ErrorClass.CONTENT_FILTER, None, FREE, "ok"),
    "azure_key": (ErrorClass.AUTH, None, FREE, None),
    "azure_gateway_key": (ErrorClass.AUTH, None, FREE, None),
    "azure_role": (ErrorClass.AUTH, None, FREE, None),
    "azure_firewall": (ErrorClass.AUTH, None, FREE, "refused"),
    "azure_volume": (ErrorClass.QUOTA, None, FREE, None),
    "azure_deployment": (ErrorClass.MODEL_NOT_FOUND, None, FREE, None),
    "azure_retired": (ErrorClass.MODEL_NOT_FOUND, None, FREE, None),
    "azure_operation": (ErrorClass.MODEL_NOT_FOUND, None, FREE, None),
    "azure_timeout": (ErrorClass.TIMEOUT, None, UNKNOWN, "failed"),
    "azure_dependency": (ErrorClass.PROVIDER_5XX, None, UNKNOWN, "failed"),
    "azure_rate": (ErrorClass.RATE_LIMIT, 21.0, FREE, "throttled"),
    "azure_capacity": (ErrorClass.RATE_LIMIT, 1.7, FREE, "throttled"),
    "azure_gateway_rate": (ErrorClass.RATE_LIMIT, 15.0, FREE, "throttled"),
    "azure_internal": (ErrorClass.PROVIDER_5XX, None, FREE, "failed"),
    "azure_gateway_internal": (ErrorClass.PROVIDER_5XX, None, FREE, "failed"),
    "azure_region": (ErrorClass.PROVIDER_5XX, None, FREE, "failed"),
}


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(("behaviour", "expected"), ENDS.items(), ids=ENDS)
async def test_each_of_azures_errors_becomes_its_class(server, provider_of, behaviour, expected, api):
    server.default = behaviour
    error = await failure(provider_of(api=api), request(model="ours", deadline=8))
    assert (error.error_class, error.retry_after_seconds, error.usage, signal_for(error).call) == expected
    assert error.provider_request_id in (REQUEST_ID, None)
    assert CANARY not in f"{error!r} {vars(error)}"


async def test_a_wait_in_words_is_read_from_the_provider_and_not_from_the_customer(server, provider_of):
    server.default = "azure_gateway_rate"
    asked = request("Please quote 5 pcs, else try again in 15 seconds.", model="ours")
    assert (await failure(provider_of(api="chat"), asked)).retry_after_seconds is None


@pytest.mark.parametrize("api", APIS)
async def test_an_answer_that_a_filter_removed_is_billed_and_not_the_models_fault(server, provider_of, api):
    server.default = "azure_filtered_answer"
    error = await failure(provider_of(api=api), request(model="ours"))
    assert error.error_class is ErrorClass.CONTENT_FILTER
    assert error.usage.input_tokens == server.journal[0]["prompt_tokens"]


@pytest.mark.parametrize("api", APIS)
async def test_an_answer_has_the_results_of_filters_and_azures_own_request_id(provider_of, api):
    answered = await provider_of(api=api).complete(request(model="ours"))
    assert (answered.answer.route, answered.provider_request_id) == ("machining", REQUEST_ID)


@pytest.mark.parametrize(
    ("key", "sent"),
    [(KEY, {"api-key": KEY}), (TOKEN, {"authorization": f"Bearer {TOKEN}"})],
    ids=["a key", "a token of Entra"],
)
async def test_a_key_goes_in_azures_header_and_a_token_as_a_bearer(server, provider_of, key, sent):
    await provider_of(api_key=key).complete(request(model="ours"))
    headers = server.journal[0]["headers"]
    assert {name: headers[name] for name in ("api-key", "authorization") if name in headers} == sent


async def test_azure_is_called_by_responses_and_stores_nothing(server, provider_of):
    await provider_of().complete(request(model="ours"))
    assert paths(server)[-1] == "responses"
    assert all(each["body"]["store"] is False for each in server.journal)


async def test_a_region_without_responses_is_called_by_chat_completions_without_the_loss_of_an_attempt(
    server, provider_of
):
    server.has_responses = False
    provider = provider_of(deployments={"ours": "gpt-5-mini"})
    for _ in range(2):
        assert (await provider.complete(request(model="ours"))).answer.route == "machining"
    assert paths(server) == ["responses", "completions", "completions"]
    chat = server.journal[1]["body"]
    assert "store" not in chat
    assert chat["reasoning_effort"] == "low"


async def test_a_missing_deployment_is_tried_once(server, provider_of):
    error = await failure(provider_of("theirs"), request(model="theirs"))
    assert (error.error_class, error.unproven) == (ErrorClass.MODEL_NOT_FOUND, False)
    assert paths(server) == ["responses"]


async def test_a_deployment_with_neither_api_fails_no_rfq(server, provider_of):
    server.default = "azure_operation"
    provider = provider_of(deployments={"ours": "gpt-5-mini"})
    assert (await failure(provider, request(model="ours"))).error_class is ErrorClass.MODEL_NOT_FOUND
    assert paths(server) == ["responses", "completions"]


async def test_a_model_without_chat_completions_is_called_by_responses_whichever_comes_first(server, provider_of):
    server.deployments, server.only_responses = {"ours": "like_gpt_5_pro"}, frozenset({"ours"})
    provider = provider_of(server=OpenAIServer(), deployments={"ours": "gpt-5-pro"})
    assert (await provider.complete(request(model="ours"))).answer.route == "machining"
    assert paths(server) == ["completions", "responses"]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("family", [name for name in FAMILIES if name.startswith(("like_gpt", "like_o"))])
async def test_a_deployment_with_a_named_model_gets_no_rejected_parameter(server, provider_of, family, api):
    server.deployments = {"ours": family}
    model, _ = FAMILIES[family]
    provider = provider_of(api=api, deployments={"ours": model})
    answered = await asyncio.gather(*(provider.complete(request(model="ours", deadline=60)) for _ in range(40)))
    assert len(answered) == len(server.journal) == 40


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("family", [name for name in FAMILIES if name.startswith(("like_gpt", "like_o"))])
async def test_an_unnamed_model_behind_a_deployment_is_learnt_within_the_first_attempt(
    server, provider_of, family, api
):
    server.deployments = {"ours": family}
    provider = provider_of(api=api)
    await provider.complete(request(model="ours", deadline=20))
    rejected = len(server.journal) - 1
    assert rejected <= 1
    for _ in range(2):
        await provider.complete(request(model="ours", deadline=20))
    assert len(server.journal) == rejected + 3


@pytest.mark.parametrize(
    ("url", "key", "headers", "lacks"),
    [
        ("https://ours.openai.azure.com/openai/v1", None, "", True),
        ("https://ours.openai.azure.com/openai/v1", None, "api-key: elsewhere", False),
        ("https://ours.openai.azure.com/openai/v1", KEY, "", False),
        ("https://eu.api.openai.com/v1", None, "", True),
        ("http://127.0.0.1:8080/v1", None, "", False),
    ],
)
def test_a_missing_key_is_reported_before_the_first_call(monkeypatch, url, key, headers, lacks):
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", headers)
    assert OpenAIServer.at(url).lacks_key(key) is lacks
