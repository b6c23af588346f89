"""Parses the body of a reply of the Responses API without trusting its declared type."""

from collections.abc import Iterator, Mapping
from typing import Any

from rfqflow.core.error_detail import MOST_SAID
from rfqflow.core.errors import CallError, ErrorClass, ReplyFault, Usage
from rfqflow.llm.error_classification import Fault, class_of, is_unproven, token
from rfqflow.llm.response import Reply, counted, envelope_of, excerpt, unusable

_TOKENS = ("input_tokens", "output_tokens", "input_tokens_details", "output_tokens_details")
_COMPLETED, _INCOMPLETE, _FAILED = "completed", "incomplete", "failed"
_ENDS: Mapping[str, str] = {"max_output_tokens": "length", "content_filter": "content_filter"}
# Codes of a failed response, and the HTTP status that means the same.
_STATUS: Mapping[str, int] = {"rate_limit_exceeded": 429}
_SERVER_ERROR = 500


def read(body: bytes, *, private: str) -> Reply:
    """The model's text. Raises CallError, with the usage if known, if there is no usable text."""
    envelope = envelope_of(body)
    usage = counted(envelope.get("usage"), _TOKENS, envelope.get("service_tier"))
    status, output = envelope.get("status"), envelope.get("output")
    if status == _FAILED or (isinstance(envelope.get("error"), Mapping) and status != _COMPLETED):
        raise _failed(envelope, usage, private)
    if not isinstance(output, list):
        raise unusable(ReplyFault.NO_OUTPUT, usage, excerpt(body))
    messages = [*_messages(output)]
    parts = [part for message in messages for part in message]
    finish = _finish(status, envelope.get("incomplete_details"))
    if error_class := _class_of_end(finish, parts):
        said = "".join(str(part.get("refusal")) for part in parts if part.get("type") == "refusal")[:MOST_SAID]
        raise CallError(error_class, f"{error_class}: the model ended with {finish or '-'}", usage=usage, said=said)
    text = _text(messages)
    if not text:
        raise unusable(ReplyFault.NO_TEXT, usage, excerpt(body))
    model = envelope.get("model")
    return Reply(
        text=text,
        usage=usage,
        finish_reason=finish,
        reply_id=token(envelope.get("id"), private),
        model=model if isinstance(model, str) else "",
    )


def _failed(envelope: Mapping[str, Any], usage: Usage | None, private: str) -> CallError:
    error = envelope.get("error")
    code = error.get("code") if isinstance(error, Mapping) else None
    fault = Fault.of(_STATUS.get(str(code), _SERVER_ERROR), {"error": error} if isinstance(error, Mapping) else {})
    error_class = class_of(fault, private)
    return CallError(
        error_class,
        f"{error_class}: the response failed",
        usage=usage,
        details=(ReplyFault.ERROR,),
        unproven=is_unproven(error_class, fault, private),
        said=fault.said,
    )


def _finish(status: Any, details: Any) -> str | None:
    """Why the response ended, in words of Chat Completions, so that runs can be compared.

    `error`: the model did not finish.
    """
    if status == _COMPLETED:
        return "stop"
    reason = details.get("reason") if status == _INCOMPLETE and isinstance(details, Mapping) else None
    return None if status is None else _ENDS.get(str(reason), "error")  # some gateways leave out the status


def _class_of_end(finish: str | None, parts: list[Mapping[str, Any]]) -> ErrorClass | None:
    if any(part.get("type") == "refusal" for part in parts):
        return ErrorClass.REFUSAL
    match finish:
        case "length":
            return ErrorClass.TRUNCATED
        case "content_filter":
            return ErrorClass.CONTENT_FILTER
        case "error":
            return ErrorClass.PROVIDER_5XX
        case _:
            return None


def _messages(output: list[Any]) -> Iterator[list[Mapping[str, Any]]]:
    """Yields the parts of each message, without reasoning, tool calls and comments."""
    for item in output:
        if not isinstance(item, Mapping) or item.get("type") != "message" or item.get("phase") == "commentary":
            continue
        content = item.get("content")
        yield [part for part in content if isinstance(part, Mapping)] if isinstance(content, list) else []


def _text(messages: list[list[Mapping[str, Any]]]) -> str:
    """The text of the last message with text: if a model comments first or answers twice, that is the answer."""
    texts = ("".join(_texts(parts)) for parts in reversed(messages))
    return next((text for text in texts if text.strip()), "")


def _texts(parts: list[Mapping[str, Any]]) -> Iterator[str]:
    for part in parts:
        text = part.get("text")
        if part.get("type") == "output_text" and isinstance(text, str):
            yield text
