"""The body of a chat completion, read as what it is and not as what its type says.

Servers answer 200 with HTML, `null`, no choices, or an error inside. Whatever it is, what was billed is kept.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rfqflow.core.errors import CallError, ErrorClass, ReplyFault, Usage
from rfqflow.llm.error_classification import Fault, class_of, is_unproven, token

# Known words only: a customer may write "length", so a test against his text would lose true ones.
_ENDS = ("stop", "length", "max_tokens", "content_filter", "tool_calls", "function_call", "error")
_MAX_TOKENS = 100_000_000  # above it a count is nonsense, and nonsense is no bill


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    usage: Usage | None
    finish_reason: str | None
    reply_id: str | None


def read(body: bytes, *, private: str) -> Reply:
    """The model's text; CallError, with the usage if any, when there is none to use."""
    envelope = _envelope(body)
    usage = usage_of(envelope.get("usage"))
    reply_id = token(envelope.get("id"), private)
    choice = _first(envelope.get("choices"))
    if choice is None:
        raise _without_choices(envelope, usage, private)
    message = choice.get("message")
    finish = choice.get("finish_reason")
    finish = finish if finish in _ENDS else None
    error_class = _class_of_end(finish, message if isinstance(message, Mapping) else {})
    if error_class is not None:
        raise CallError(error_class, f"{error_class}: the model ended with {finish or '-'}", usage=usage)
    text = _text(message.get("content")) if isinstance(message, Mapping) else ""
    if not text:
        raise _unusable(ReplyFault.NO_TEXT, usage)
    return Reply(text=text, usage=usage, finish_reason=finish, reply_id=reply_id)


def usage_of(value: Any) -> Usage | None:
    """What was billed, or None where a count is absent, negative or absurd."""
    if not isinstance(value, Mapping):
        return None
    counts = [_count(value.get(name)) for name in ("prompt_tokens", "completion_tokens")]
    if None in counts:
        return None
    given, made = (count or 0 for count in counts)
    if not given:
        return None  # no prompt of ours is empty: who counts nothing does not count
    cached = _count(_member(value.get("prompt_tokens_details"), "cached_tokens")) or 0
    reasoning = _count(_member(value.get("completion_tokens_details"), "reasoning_tokens")) or 0
    return Usage(
        input_tokens=given,
        cached_input_tokens=min(cached, given),
        output_tokens=made,
        reasoning_tokens=min(reasoning, made),
    )


def added(first: Usage, second: Usage) -> Usage:
    return Usage(
        input_tokens=first.input_tokens + second.input_tokens,
        cached_input_tokens=first.cached_input_tokens + second.cached_input_tokens,
        output_tokens=first.output_tokens + second.output_tokens,
        reasoning_tokens=first.reasoning_tokens + second.reasoning_tokens,
    )


def _envelope(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, Mapping):
        raise _unusable(ReplyFault.NO_OBJECT, None)
    return value


def _without_choices(envelope: Mapping[str, Any], usage: Usage | None, private: str) -> CallError:
    error = envelope.get("error")
    if not isinstance(error, Mapping):
        return _unusable(ReplyFault.NO_CHOICES, usage)
    status = error.get("code")
    fault = Fault.of(status if isinstance(status, int) else 200, envelope)
    error_class = class_of(fault, private)
    return CallError(
        error_class,
        f"{error_class}: an error in a good reply",
        usage=usage,
        details=(ReplyFault.ERROR,),
        unproven=is_unproven(error_class, fault, private),
    )


def _class_of_end(finish: str | None, message: Mapping[str, Any]) -> ErrorClass | None:
    if message.get("refusal"):
        return ErrorClass.REFUSAL
    match finish:
        case "content_filter":
            return ErrorClass.CONTENT_FILTER
        case "length" | "max_tokens":
            return ErrorClass.TRUNCATED
        case "error":
            return ErrorClass.PROVIDER_5XX
        case _:
            return None


def _unusable(detail: ReplyFault, usage: Usage | None) -> CallError:
    return CallError(ErrorClass.INVALID_OUTPUT, f"invalid_output: {detail}", usage=usage, details=(detail,))


def _first(choices: Any) -> Mapping[str, Any] | None:
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, Mapping) else None


def _text(content: Any) -> str:
    """A string, or the parts some servers split it into."""
    if isinstance(content, list):
        parts = [_member(part, "text") for part in content]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _count(value: Any) -> int | None:
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_TOKENS
    return value if usable else None
