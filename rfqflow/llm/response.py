"""Parses the body of a chat completion without trusting its declared type.

Servers may answer 200 with HTML, `null`, no choices, or an error inside. Every result has the bill.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rfqflow.core.decisions.pricing import dearer
from rfqflow.core.error_detail import MOST_SAID
from rfqflow.core.errors import CallError, ErrorClass, ReplyFault, Usage
from rfqflow.llm.error_classification import Fault, class_of, is_unproven, token

# Accept only these words. They need no comparison with the customer's text, which may contain a word such as "length".
_ENDS = ("stop", "length", "max_tokens", "content_filter", "tool_calls", "function_call", "error")
_MAX_TOKENS = 100_000_000  # a higher count is wrong
_TOKENS = ("prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details")
_TIER = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NOTHING = Usage()
_EXCERPT = 500  # bytes


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    usage: Usage | None
    finish_reason: str | None
    reply_id: str | None
    model: str = ""  # the name of the model that answered, which the name of a deployment or an alias may not show


def read(body: bytes, *, private: str) -> Reply:
    """The model's text. Raises CallError, with the usage if known, if there is no usable text."""
    envelope = envelope_of(body)
    usage = counted(envelope.get("usage"), _TOKENS, envelope.get("service_tier"))
    reply_id = token(envelope.get("id"), private)
    choice = _first(envelope.get("choices"))
    if choice is None:
        raise _without_choices(envelope, usage, private, excerpt(body))
    message = choice.get("message")
    finish = choice.get("finish_reason")
    finish = finish if finish in _ENDS else None
    error_class = _class_of_end(finish, message if isinstance(message, Mapping) else {})
    if error_class is not None:
        said = str(_member(message, "refusal") or "")[:MOST_SAID]
        raise CallError(error_class, f"{error_class}: the model ended with {finish or '-'}", usage=usage, said=said)
    text = _text(message.get("content")) if isinstance(message, Mapping) else ""
    if not text:
        raise unusable(ReplyFault.NO_TEXT, usage, excerpt(body))
    model = envelope.get("model")
    return Reply(text, usage, finish, reply_id, model if isinstance(model, str) else "")


def counted(value: Any, names: tuple[str, str, str, str], service_tier: object = None) -> Usage | None:
    """The billed usage. None if a count is missing, negative or absurdly high.

    `names`: the fields for input, output, and their details. `service_tier`: the tier that answered.
    """
    if not isinstance(value, Mapping):
        return None
    of_input, of_output, input_details, output_details = names
    counts = [_count(value.get(name)) for name in (of_input, of_output)]
    if None in counts:
        return None
    given, made = (count or 0 for count in counts)
    if not given:
        return None  # no prompt is empty, so this server does not count tokens
    # only xAI and Gemini count reasoning tokens in the total, but not in the output
    made = max(made, (_count(value.get("total_tokens")) or 0) - given)
    cached = _count(_member(value.get(input_details), "cached_tokens")) or 0
    details = value.get(input_details)
    written = (_count(details.get("cache_write_tokens")) or 0) if isinstance(details, Mapping) else 0
    reasoning = _count(_member(value.get(output_details), "reasoning_tokens")) or 0
    return Usage(
        input_tokens=given,
        cached_input_tokens=min(cached, given),
        output_tokens=made,
        reasoning_tokens=min(reasoning, made),
        cache_write_tokens=min(written, given - min(cached, given)),
        service_tier=tier_of(service_tier),
    )


def tier_of(said: object) -> str | None:
    """The service tier that a reply names. None if the reply names no tier."""
    return said if isinstance(said, str) and _TIER.fullmatch(said) else None


def added(first: Usage, second: Usage) -> Usage:
    return Usage(
        input_tokens=first.input_tokens + second.input_tokens,
        cached_input_tokens=first.cached_input_tokens + second.cached_input_tokens,
        output_tokens=first.output_tokens + second.output_tokens,
        reasoning_tokens=first.reasoning_tokens + second.reasoning_tokens,
        cache_write_tokens=first.cache_write_tokens + second.cache_write_tokens,
        service_tier=_dearer(first, second),
    )


def _dearer(first: Usage, second: Usage) -> str | None:
    """The more expensive of two service tiers, so that no tokens are billed too low.

    A tier without usage does not count.
    """
    if _NOTHING in (first, second):
        return second.service_tier if first == _NOTHING else first.service_tier
    return dearer(first.service_tier, second.service_tier)


def envelope_of(body: bytes) -> Mapping[str, Any]:
    """The JSON object in a reply's body. Raises CallError if the body is not a JSON object."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, Mapping):
        raise unusable(ReplyFault.NO_OBJECT, None, excerpt(body))
    return value


def excerpt(body: bytes) -> str:
    """The beginning of a reply's body, for the run's error detail."""
    return body[:_EXCERPT].decode("utf-8", "replace")


def _without_choices(envelope: Mapping[str, Any], usage: Usage | None, private: str, said: str) -> CallError:
    error = envelope.get("error")
    if not isinstance(error, Mapping):
        return unusable(ReplyFault.NO_CHOICES, usage, said)
    status = error.get("code")
    fault = Fault.of(status if isinstance(status, int) else 200, envelope)
    error_class = class_of(fault, private)
    return CallError(
        error_class,
        f"{error_class}: an error in a good reply",
        usage=usage,
        details=(ReplyFault.ERROR,),
        unproven=is_unproven(error_class, fault, private),
        said=fault.said,
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


def unusable(detail: ReplyFault, usage: Usage | None, said: str = "") -> CallError:
    """The error for a reply without content. `said`: the beginning of the reply."""
    return CallError(ErrorClass.INVALID_OUTPUT, f"invalid_output: {detail}", usage=usage, details=(detail,), said=said)


def _first(choices: Any) -> Mapping[str, Any] | None:
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, Mapping) else None


def _text(content: Any) -> str:
    """The text of a content, which some servers split into parts."""
    if isinstance(content, list):
        parts = [_member(part, "text") for part in content]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _count(value: Any) -> int | None:
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_TOKENS
    return value if usable else None
