"""The Responses API for the behaviours of the model server, which are written for Chat Completions.

`as_chat` reads a request of the documented form, and rejects fields that it does not know. `response_of` converts a
completion into a response, and `renamed` converts an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PATH = "/responses"
_TOP = {
    *("model", "input", "instructions", "text", "reasoning", "max_output_tokens", "store", "truncation"),
    *("temperature", "top_p", "prompt_cache_key", "service_tier", "metadata", "safety_identifier"),
}
_NAMES = {
    "response_format.json_schema.strict": "text.format.strict",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
    "max_completion_tokens": "max_output_tokens",
    "max_tokens": "max_output_tokens",
}
_NAMED = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in _NAMES))


def unknown_in(body: Mapping[str, Any]) -> str | None:
    """The first parameter that the API does not know, or `input` where it is missing; None for a valid request."""
    if "input" not in body:
        return "input"
    text, reasoning = body.get("text", {}), body.get("reasoning", {})
    unknown = [
        *(name for name in body if name not in _TOP),
        *(f"text.{name}" for name in text if name not in ("format", "verbosity")),
        *(f"text.format.{name}" for name in text.get("format", {}) if name not in ("type", "name", "schema", "strict")),
        *(f"reasoning.{name}" for name in reasoning if name not in ("effort", "summary")),
    ]
    return unknown[0] if unknown else None


def as_chat(body: Mapping[str, Any]) -> dict[str, Any]:
    """The request in terms of Chat Completions."""
    text = body.get("text", {})
    made: dict[str, Any] = {name: body[name] for name in ("model", "temperature", "top_p") if name in body}
    reported = [{"role": "system", "content": body["instructions"]}] if "instructions" in body else []
    given = body["input"]
    made["messages"] = [*reported, *([{"role": "user", "content": given}] if isinstance(given, str) else given)]
    if "max_output_tokens" in body:
        made["max_completion_tokens"] = body["max_output_tokens"]
    if "effort" in body.get("reasoning", {}):
        made["reasoning_effort"] = body["reasoning"]["effort"]
    if "verbosity" in text:
        made["verbosity"] = text["verbosity"]
    if "format" in text:
        kind, schema = text["format"]["type"], {k: v for k, v in text["format"].items() if k != "type"}
        made["response_format"] = {"type": kind, "json_schema": schema} if schema else {"type": kind}
    return made


def response_of(completion: Mapping[str, Any]) -> dict[str, Any]:
    """A reply as the API's reference shows it: a reasoning item, then the message."""
    (choice,) = completion["choices"]
    message, finish = choice["message"], choice["finish_reason"]
    status = {"length": "incomplete", "content_filter": "incomplete"}.get(finish, "completed")
    reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(finish)
    output: list[dict[str, Any]] = [{"id": "rs_1", "type": "reasoning", "summary": []}]
    if message.get("tool_calls"):
        output.append({"id": "fc_1", "type": "function_call", "name": "f", "arguments": "{}", "call_id": "1"})
    elif message.get("refusal"):
        output.append(_message([{"type": "refusal", "refusal": message["refusal"]}]))
    elif message["content"] is not None:
        output.append(_message([{"type": "output_text", "text": message["content"], "annotations": []}]))
    usage = completion.get("usage", {})
    return {
        "id": str(completion["id"]).replace("chatcmpl", "resp"),
        "object": "response",
        "created_at": 1,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "model": completion["model"],
        "output": output,
        "store": False,
        "usage": {
            "input_tokens": usage.get("prompt_tokens"),
            "input_tokens_details": usage.get("prompt_tokens_details"),
            "output_tokens": usage.get("completion_tokens"),
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage.get("total_tokens"),
        },
    }


def renamed(words: str) -> str:
    """The error with the names that parameters have in the Responses API."""
    return _NAMED.sub(lambda found: _NAMES[found[0]], words)


def _message(content: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content}
