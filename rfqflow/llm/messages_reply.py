"""Parses a reply of Anthropic's Messages API without trusting its declared type. Every result has the bill."""

import json
from collections.abc import Mapping
from typing import Any

from rfqflow.core.error_detail import MOST_SAID
from rfqflow.core.errors import CallError, ErrorClass, ReplyFault, Usage
from rfqflow.llm.error_classification import Fault, class_of, is_unproven, token
from rfqflow.llm.messages_request import TOOL
from rfqflow.llm.response import Reply, envelope_of, excerpt, tier_of, unusable

_MAX_TOKENS = 100_000_000  # a higher count is wrong
# Why a model ended its turn: the error class of that reason if there is no answer.
_ENDS: Mapping[str, ErrorClass | None] = {
    "end_turn": None,
    "stop_sequence": None,
    "tool_use": None,
    "pause_turn": None,  # a tool on the server ended the turn; rfqflow offers no tools, so the text counts as usual
    "max_tokens": ErrorClass.TRUNCATED,
    "model_context_window_exceeded": ErrorClass.TRUNCATED,
    "refusal": ErrorClass.REFUSAL,
}
# Error types of the API, for an error inside a good reply, and their HTTP statuses.
_STATUS: Mapping[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def read(body: bytes, *, private: str) -> Reply:
    """Reads the model's text. Raises CallError if there is no usable text. The error has the usage if it is known."""
    envelope = envelope_of(body)
    usage = usage_of(envelope.get("usage"))
    content = envelope.get("content")
    if not isinstance(content, list):
        raise _without_content(envelope, usage, private, excerpt(body))
    finish = envelope.get("stop_reason")
    finish = finish if isinstance(finish, str) and finish in _ENDS else None
    error_class = _ENDS[finish] if finish else None
    if error_class is not None:
        is_refusal = error_class is ErrorClass.REFUSAL
        said = _text([block for block in content if isinstance(block, Mapping)])[:MOST_SAID] if is_refusal else ""
        raise CallError(error_class, f"{error_class}: the model ended with {finish}", usage=usage, said=said)
    text = _text([block for block in content if isinstance(block, Mapping)])
    if not text.strip():
        raise unusable(ReplyFault.NO_TEXT, usage, excerpt(body))
    return Reply(text=text, usage=usage, finish_reason=finish, reply_id=token(envelope.get("id"), private))


def usage_of(value: Any) -> Usage | None:
    """The billed usage. None if a count is missing, negative or absurdly high.

    The API counts tokens that are read from its cache or written to it separately, not in `input_tokens`.
    """
    if not isinstance(value, Mapping):
        return None
    given, made = _count(value.get("input_tokens")), _count(value.get("output_tokens"))
    if given is None or made is None:
        return None
    read_there = _count(value.get("cache_read_input_tokens")) or 0
    written = _count(value.get("cache_creation_input_tokens")) or 0
    total = given + read_there + written
    if not total:
        return None  # every prompt has tokens, so this server does not count them
    details = value.get("output_tokens_details")
    thought = _count(details.get("thinking_tokens")) if isinstance(details, Mapping) else None
    return Usage(
        input_tokens=total,
        cached_input_tokens=read_there,
        output_tokens=made,
        reasoning_tokens=min(thought or 0, made),
        cache_write_tokens=written,
        service_tier=tier_of(value.get("service_tier")),
    )


def _text(blocks: list[Mapping[str, Any]]) -> str:
    """The input of the tool call, or else all text, without the model's thoughts."""
    for block in blocks:
        if block.get("type") == "tool_use" and block.get("name") == TOOL:
            return json.dumps(block.get("input"), ensure_ascii=False)
    parts = [block.get("text") for block in blocks if block.get("type") == "text"]
    texts = [part for part in parts if isinstance(part, str)]
    whole = "".join(texts)
    # If a model comments first or answers twice, its last text is the answer.
    return texts[-1] if len(texts) > 1 and not _is_json(whole) and _is_json(texts[-1]) else whole


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), Mapping)
    except (ValueError, RecursionError):
        return False


def _without_content(envelope: Mapping[str, Any], usage: Usage | None, private: str, said: str) -> CallError:
    error = envelope.get("error")
    if not isinstance(error, Mapping):
        return unusable(ReplyFault.NO_MESSAGE, usage, said)
    fault = Fault.of(_STATUS.get(str(error.get("type")), 200), envelope)
    error_class = class_of(fault, private)
    return CallError(
        error_class,
        f"{error_class}: an error in a good reply",
        usage=usage,
        details=(ReplyFault.ERROR,),
        unproven=is_unproven(error_class, fault, private),
        said=fault.said,
    )


def _count(value: Any) -> int | None:
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_TOKENS
    return value if usable else None
