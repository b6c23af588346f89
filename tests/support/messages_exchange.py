"""The model server's exchanges in the format of Anthropic's Messages API, with the rejections that are documented.

It reads a request as a chat completion. A behaviour writes its reply as a chat completion, and this module converts the
reply into a message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from tests.support.model_exchange import Exchange, as_json

_FIELDS = frozenset(
    (
        *("model", "messages", "max_tokens", "system", "temperature", "top_p", "top_k", "stop_sequences", "stream"),
        *("metadata", "tools", "tool_choice", "thinking", "output_config", "service_tier", "cache_control"),
    )
)
_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_ENDS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal", "tool_calls": "tool_use"}
MOST_UNIONS, _MOST_OPTIONAL = 16, 24
_UNSUPPORTED = (
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "multipleOf",
    "maxItems",
    "uniqueItems",
    "pattern",
    "allOf",
)


class MessagesExchange(Exchange):
    """`body` is the request in terms of Chat Completions."""

    asked: Mapping[str, Any] = {}

    async def send(self, status: int, body: bytes, **headers: str) -> None:
        headers = {"request_id": f"req_{self.number}", **headers}
        await super().send(status, self._translated(status, body), **headers)

    def _translated(self, status: int, body: bytes) -> bytes:
        try:
            reported = json.loads(body)
        except (ValueError, RecursionError):
            return body  # a page, or a reply of no API
        if not isinstance(reported, dict):
            return body
        if isinstance(error := reported.get("error"), dict):
            return as_json(_error(status, error, self.number))
        return as_json(_message(reported, self.asked)) if "choices" in reported else body


def as_chat(body: Mapping[str, Any]) -> dict[str, Any]:
    """The request in terms of Chat Completions."""
    system = body.get("system", "")
    if not isinstance(system, str):
        system = "".join(block["text"] for block in system)
    return {**body, "messages": [{"role": "system", "content": system}, *body.get("messages", ())]}


def _message(completion: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    choices = completion["choices"]
    usage = completion.get("usage")
    reply = {
        "id": str(completion.get("id")).replace("chatcmpl-", "msg_"),
        "type": "message",
        "role": "assistant",
        "model": completion.get("model"),
        "content": choices,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage and _usage(usage),
    }
    if choices:
        message, finish = choices[0]["message"], choices[0]["finish_reason"]
        text = message.get("content")
        reply["stop_reason"] = "refusal" if message.get("refusal") else _ENDS.get(finish, finish)
        blocks = [] if text is None else [_block(text, asked)]
        if blocks and blocks[0]["type"] == "tool_use" and finish == "stop":
            reply["stop_reason"] = "tool_use"
        # Its text may be empty: reasoning is billed and not shown.
        thoughts = [{"type": "thinking", "thinking": "", "signature": "c2lnbmVk"}]
        reply["content"] = [*thoughts, *blocks] if "thoughts" in message else blocks
    return {name: value for name, value in reply.items() if name != "usage" or usage}


def _block(text: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    if "tool_choice" in asked:
        try:
            return {
                "type": "tool_use",
                "id": "toolu_1",
                "name": asked["tool_choice"]["name"],
                "input": json.loads(text),
            }
        except (ValueError, RecursionError):
            pass
    return {"type": "text", "text": text}


def _usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    details = usage.get("prompt_tokens_details", {})
    cached, written = details.get("cached_tokens", 0), details.get("written_tokens", 0)
    return {
        "input_tokens": usage["prompt_tokens"] - cached - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": cached,
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": {
            "thinking_tokens": usage.get("completion_tokens_details", {}).get("reasoning_tokens", 0)
        },
        "service_tier": "standard",
    }


def _error(status: int, error: Mapping[str, Any], number: int) -> dict[str, Any]:
    kind = _KINDS.get(error["code"] if isinstance(error.get("code"), int) else status, "api_error")
    reported = {"type": kind, "message": error["message"]}
    if error.get("code") == "insufficient_quota":
        reported["details"] = {"error_code": "enforced_spend_limit_reached"}
    return {"type": "error", "error": reported, "request_id": f"req_{number}"}


# -- rejections ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Model:
    name: re.Pattern[str]
    efforts: tuple[str, ...] = ()
    samples: bool = True  # accepts temperature and top_p, but not both
    formats: bool = True  # output_config.format
    thinks: str = "off"  # "on" by default, or "always"


def _model(name: str, *efforts: str, **facts: Any) -> _Model:
    return _Model(re.compile(name), efforts, **facts)


_FIVE = ("low", "medium", "high", "xhigh", "max")
_MODELS = (
    _model(r"claude-(opus-5|sonnet-5|haiku-5-5)", *_FIVE, samples=False, thinks="on"),
    _model(r"claude-(opus|sonnet|fable|mythos)-5(-\d)?", *_FIVE, samples=False, thinks="always"),
    _model(r"claude-opus-4-[78]", *_FIVE, samples=False),
    _model(r"claude-(opus|sonnet)-4-6", "low", "medium", "high", "max"),
    _model(r"claude-opus-4-5(-\d{8})?", "low", "medium", "high"),
    _model(r"claude-(sonnet|haiku)-4-5(-\d{8})?"),
    _model(r"claude-(opus|sonnet)-4(-\d)?(-\d{8})?", formats=False),
)
_OLD = _Model(re.compile(""), formats=False)


def refusal_of(body: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[int, str] | None:
    """Status and message with which the API rejects a request; None for a request that it accepts."""
    if "authorization" not in headers and "x-api-key" not in headers:
        return 401, "x-api-key header is required"
    if "anthropic-version" not in headers:
        return 400, "anthropic-version: header is required"
    model = next((each for each in _MODELS if each.name.fullmatch(str(body.get("model")))), _OLD)
    words = next(chain(_of_request(body), _of_messages(body), _of_model(body, model)), None)
    return (400, words) if words else None


def _of_request(body: Mapping[str, Any]) -> list[str]:
    found = [f"{name}: Extra inputs are not permitted" for name in body if name not in _FIELDS]
    found += [f"{name}: Field required" for name in ("model", "messages", "max_tokens") if name not in body]
    config = body.get("output_config", {})
    found += [
        f"output_config.{name}: Extra inputs are not permitted" for name in config if name not in ("effort", "format")
    ]
    if not 0 <= body.get("temperature", 0) <= 1:
        found.append("temperature: range: 0..1")
    if "temperature" in body and "top_p" in body:
        found.append("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
    return found


def _of_messages(body: Mapping[str, Any]) -> Iterator[str]:
    messages = body.get("messages") or ()
    if not messages:
        yield "messages: at least one message is required"
    for number, message in enumerate(messages):
        if message["role"] not in ("user", "assistant"):
            yield (
                f'messages: Unexpected role "{message["role"]}". The Messages API accepts a top-level `system` parameter, '
                'not "system" as an input message role.'
            )
        if not message["content"]:
            yield f"messages.{number}: all messages must have non-empty content"
        elif isinstance(message["content"], str) and not message["content"].strip():
            yield "messages: text content blocks must contain non-whitespace text"
    if messages and messages[0]["role"] != "user":
        yield 'messages: first message must use the "user" role'
    if messages and messages[-1]["role"] == "assistant":
        yield "This model does not support assistant message prefill. The conversation must end with a user message."
    blocks = body.get("system", ())
    if isinstance(blocks, list) and not all(block["text"].strip() for block in blocks):
        yield "system: text content blocks must be non-empty"
    if isinstance(blocks, list) and sum("cache_control" in block for block in blocks) > 4:
        yield "A maximum of 4 blocks with cache_control may be provided."


def _of_model(body: Mapping[str, Any], model: _Model) -> Iterator[str]:
    config, thinking = body.get("output_config", {}), body.get("thinking", {}).get("type")
    for name in ("temperature", "top_p", "top_k"):
        if name in body and not model.samples:
            yield f"`{name}` is deprecated for this model."
    effort = config.get("effort")
    if effort and not model.efforts:
        yield "This model does not support the effort parameter."
    elif effort and effort not in model.efforts:
        yield f"This model does not support effort level '{effort}'. Supported levels: {', '.join(model.efforts)}."
    if thinking == "disabled" and model.thinks == "always":
        yield '"thinking.type.disabled" is not supported for this model.'
    if thinking == "enabled" and not model.samples:
        yield '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive".'
    if "format" in config and not model.formats:
        yield "output_config.format: structured outputs are not supported by this model"
    if "format" in config:
        yield from _of_schema(config["format"]["schema"])
    forced = body.get("tool_choice", {}).get("type") in ("any", "tool")
    if forced and thinking != "disabled" and (thinking or model.thinks != "off"):
        yield "Thinking may not be enabled when tool_choice forces tool use."


def _of_schema(schema: Mapping[str, Any]) -> Iterator[str]:
    nodes = list(schema_nodes(schema))
    place = "output_config.format.schema"
    for node in nodes:
        if node.get("type") == "object" and node.get("additionalProperties") is not False:
            yield f"{place}: For 'object' type, 'additionalProperties' must be explicitly set to false"
        for name in _UNSUPPORTED:
            if name in node:
                yield f"{place}: For '{node.get('type')}' type, property '{name}' is not supported"
    unions = sum("anyOf" in node or isinstance(node.get("type"), list) for node in nodes)
    optional = sum(len(node.get("properties", {})) - len(node.get("required", ())) for node in nodes)
    if unions > MOST_UNIONS:
        yield f"Schemas contains too many parameters with union types ({unions}), which causes exponential compilation cost."
    if optional > _MOST_OPTIONAL:
        yield f"Schemas contains too many optional parameters ({optional}), which would make grammar compilation inefficient."


def schema_nodes(schema: Any) -> Iterator[Mapping[str, Any]]:
    """A schema and all schemas inside it."""
    yield schema
    for inner in (*schema.get("properties", {}).values(), *schema.get("anyOf", ())):
        yield from schema_nodes(inner)
    if "items" in schema:
        yield from schema_nodes(schema["items"])
