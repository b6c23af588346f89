"""Azure's v1 endpoint as its documentation has it, over the model server: keys, deployments, filters, errors.

https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle, .../concepts/content-filter, .../how-to/quota;
errors of its gateway (API Management) have another shape. Errors are behaviours named `azure_...`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.model_behaviours import behaviour, good
from tests.support.model_exchange import Exchange, as_json, completion
from tests.support.model_families import FAMILIES
from tests.support.model_server import ModelServer
from tests.support.responses_exchange import renamed

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FpLmF6dXJlLmNvbSJ9.c2lnbmF0dXJl"
REQUEST_ID = "c82d2e8d-2e84-4fae-b6e4-abc0918dd2a4"
_SAFE = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}
_FILTERED = {**_SAFE, "jailbreak": {"filtered": True, "detected": True}}


def says(name: str, status: int, body: Any, **headers: str) -> None:
    @behaviour(f"azure_{name}")
    async def reply(exchange: Exchange) -> None:
        await exchange.send(status, as_json(body), apim_request_id=REQUEST_ID, x_ms_region="East US", **headers)


def error(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


def gateway(status: int, message: str) -> dict[str, Any]:
    return {"statusCode": status, "message": message}


says(
    "filter", 400,
    error(
        "content_filter",
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
        "Please modify your prompt and retry.",
        param="prompt", type=None, status=400,
        innererror={"code": "ResponsibleAIPolicyViolation", "content_filter_result": _FILTERED},
    ),
)  # fmt: skip
says(
    "inner_filter", 400,
    error("BadRequest", "The prompt was filtered.", innererror={"code": "ResponsibleAIPolicyViolation"}),
)  # fmt: skip
says("key", 401, error("401", "Access denied due to invalid subscription key or wrong API endpoint."))
says("gateway_key", 401, gateway(401, "Access denied due to missing subscription key."))
says("role", 401, error("PermissionDenied", "The principal lacks the required data action."))
says("firewall", 403, error("403", "Access denied due to Virtual Network/Firewall rules."))
says("volume", 403, gateway(403, "Out of call volume quota. Quota will be replenished in 11:22:33."))
says("path", 404, error("404", "Resource not found"))
says(
    "deployment", 404,
    error(
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, "
        "please wait a moment and try again.",
    ),
)  # fmt: skip
says("timeout", 408, error("Timeout", "The operation was timeout."))
says("retired", 410, error("ModelDeprecated", "The model of this deployment has been retired."))
says("dependency", 424, error("424", "Failed dependency."))
says(
    "rate", 429,
    error(
        "RateLimitReached",
        "Your requests to ours for gpt-5-mini in East US have exceeded the token rate limit for your current AIServices S0 "
        "pricing tier. Please retry after 21 seconds. To increase your default rate limit, visit: "
        "https://aka.ms/oai/quotaincrease.",
    ),
    retry_after="21",
)  # fmt: skip
says(
    "capacity",
    429,
    error("429", "The requests exceed the provisioned throughput."),
    retry_after_ms="1700",
    retry_after="2",
)
says("gateway_rate", 429, gateway(429, "Rate limit is exceeded. Try again in 15 seconds."))
says("internal", 500, error("InternalServerError", "Backend returned unexpected response."))
says("gateway_internal", 500, {**gateway(500, "Internal server error"), "activityId": REQUEST_ID})
says("region", 503, error("ServiceUnavailable", "The service is temporarily unable to process your request."))


@behaviour("azure_operation")
async def _operation(exchange: Exchange) -> None:
    """The refusal where the deployment's model lacks the API, or has neither API, such as a model for embeddings."""
    name = "responses" if exchange.in_responses else "chatCompletion"
    words = f"The {name} operation does not work with the specified model, text-embedding-3-small."
    await exchange.send(400, as_json(error("OperationNotSupported", words)))


def _reply(exchange: Exchange, content: str | None, *, finish: str = "stop") -> dict[str, Any]:
    """Adds what Azure's filters say about prompt and answer."""
    made = completion(exchange, content, finish=finish)
    if exchange.in_responses:
        return {**made, "content_filters": [{"blocked": False, "content_filter_results": _SAFE}]}
    (choice,) = made["choices"]
    filtered = {**_SAFE, "violence": {"filtered": True, "severity": "medium"}} if content is None else _SAFE
    made["choices"] = [{**choice, "content_filter_results": filtered}]
    return {**made, "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": _SAFE}]}


@behaviour("azure_filtered_answer")
async def _filtered_answer(exchange: Exchange) -> None:
    await exchange.send(200, as_json(_reply(exchange, None, finish="content_filter")), apim_request_id=REQUEST_ID)


@behaviour("azure_as")
async def _as_its_family(exchange: Exchange) -> None:
    """A deployment of the family in the argument.

    It rejects what that family rejects, and returns the model's own name.
    """
    model, rules = FAMILIES[exchange.argument]
    refused = next(filter(None, (rule(exchange.body) for rule in rules)), None)
    if refused:
        body = as_json(refused[1])
        await exchange.send(refused[0], renamed(body.decode()).encode() if exchange.in_responses else body)
        return
    reply = {**_reply(exchange, good(exchange)), "model": f"{model}-2025-08-07"}
    await exchange.send(
        200, as_json(reply), apim_request_id=REQUEST_ID, x_ms_region="East US", x_ratelimit_remaining_requests="9"
    )


@dataclass
class AzureServer(ModelServer):
    """`deployments`: the family of their models, by name; `only_responses`: the deployments without Chat Completions."""

    deployments: Mapping[str, str] = field(default_factory=lambda: {"ours": "like_gpt_5"})
    only_responses: frozenset[str] = frozenset()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/openai/v1"

    def _as_responses(self, exchange: Exchange) -> tuple[int, Any] | None:
        return super()._as_responses(exchange) if self.has_responses else (404, error("404", "Resource not found"))

    def behaviour_for(self, exchange: Exchange) -> str:
        headers, deployment = exchange.headers, exchange.body.get("model")
        if headers.get("api-key") != KEY and headers.get("authorization") not in (f"Bearer {KEY}", f"Bearer {TOKEN}"):
            return "azure_key"
        if not exchange.path.startswith("/openai/v1/"):
            return "azure_path"
        if deployment not in self.deployments:
            return "azure_deployment"
        if deployment in self.only_responses and not exchange.in_responses:
            return "azure_operation"
        found = super().behaviour_for(exchange)
        return f"azure_as:{self.deployments[deployment]}" if found == "ok" else found
