"""Converts a call for Chat Completions into a call for the Responses API."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rfqflow.llm.pictures import for_responses

# Sent with each call, so that the server stores nothing, and rejects a text that is too long instead of cutting it.
_ALWAYS: Mapping[str, Any] = {"store": False, "truncation": "disabled"}
_NESTED: Mapping[str, tuple[str, str]] = {
    "reasoning_effort": ("reasoning", "effort"),
    "verbosity": ("text", "verbosity"),
    "response_format": ("text", "format"),
}
_TOKENS = frozenset(("max_tokens", "max_completion_tokens"))
_NOT_THERE = frozenset(("seed",))


def from_chat(arguments: Mapping[str, Any], rejected: Collection[str] = ()) -> dict[str, Any]:
    """The arguments for the Responses API, without `rejected` arguments.

    Arguments that both APIs have do not change.
    """
    made: dict[str, Any] = {name: value for name, value in _ALWAYS.items() if name not in rejected}
    in_json_mode = arguments.get("response_format") == {"type": "json_object"}
    for name, value in arguments.items():
        if name == "messages":
            made |= _said(value, in_input=in_json_mode or "instructions" in rejected)
        elif name in _TOKENS:
            made["max_output_tokens"] = value
        elif name in _NESTED:
            group, member = _NESTED[name]
            made[group] = {**made.get(group, {}), member: _format(value) if member == "format" else value}
        elif name not in _NOT_THERE:
            made[name] = value
    return made


def _said(messages: Sequence[Mapping[str, Any]], *, in_input: bool) -> dict[str, Any]:
    """The messages: the system message becomes the instructions, the others become the input.

    `in_input`: the system message becomes the first input item. JSON mode requires the word JSON in the input, and some
    servers have no instructions.
    """
    messages = for_responses(messages)
    system, *rest = messages
    if in_input:
        return {"input": messages}
    return {"instructions": system["content"], "input": rest}


def _format(response_format: Mapping[str, Any]) -> dict[str, Any]:
    """The response format, without the wrapper that Chat Completions has around the schema."""
    return {"type": response_format["type"], **response_format.get("json_schema", {})}
