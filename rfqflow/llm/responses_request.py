"""A call of Chat Completions, said as the Responses API wants it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

# Of all that is sent: a server keeps nothing of it, and rejects what is too long rather than leave its beginning out.
_ALWAYS: Mapping[str, Any] = {"store": False, "truncation": "disabled"}
_NESTED: Mapping[str, tuple[str, str]] = {
    "reasoning_effort": ("reasoning", "effort"),
    "verbosity": ("text", "verbosity"),
    "response_format": ("text", "format"),
}
_TOKENS = frozenset(("max_tokens", "max_completion_tokens"))
_NOT_THERE = frozenset(("seed",))


def from_chat(arguments: Mapping[str, Any], rejected: Collection[str] = ()) -> dict[str, Any]:
    """The arguments of the same call, but for those that are `rejected`; what both call the same goes over as it is."""
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


def _said(messages: Sequence[Mapping[str, str]], *, in_input: bool) -> dict[str, Any]:
    """The system message as instructions.

    `in_input`: as the first of the input, since JSON mode is rejected unless the input says "JSON", and some servers
    have no instructions.
    """
    system, *rest = messages
    if in_input:
        return {"input": list(messages)}
    return {"instructions": system["content"], "input": rest}


def _format(response_format: Mapping[str, Any]) -> dict[str, Any]:
    """Without the level that Chat Completions put around a schema."""
    return {"type": response_format["type"], **response_format.get("json_schema", {})}
