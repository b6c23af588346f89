"""From what went wrong in a call to its ErrorClass: statuses, codes and exceptions of any HTTP library.

Exceptions are known by their class names, along the chain of causes, so that nothing is imported for it and a
wrapped cause counts as much as its wrapper. Messages are made of class, status, code, type and request id. A
provider's own words are read to decide, and never repeated: they can echo the customer.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from rfqflow.core.errors import CallError, ErrorClass, Usage

MAX_RETRY_AFTER_SECONDS = 3600.0
_CHAIN = 10
_WORDS = 4000

_QUOTA = frozenset(("insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"))
_FILTER = frozenset(
    ("content_filter", "content_policy_violation", "moderation_blocked", "responsibleaipolicyviolation")
)
_FILTER_WORDS = ("responsibleaipolicyviolation", "flagged_input")  # Azure; OpenRouter, which says 403
_KEY = frozenset(("invalid_api_key", "incorrect_api_key", "api_key_invalid", "account_deactivated"))
_MODEL = frozenset(("model_not_found", "deploymentnotfound", "invalid_model", "model_decommissioned"))
_LENGTH = frozenset(("context_length_exceeded", "string_above_max_length", "request_too_large"))
_LENGTH_WORDS = re.compile(
    r"context (?:length|size|window)|maximum context|too many tokens|prompt is too long|exceed_context_size"
)
_NOT_A_MODEL = re.compile(r"not a valid model|invalid model name|model .{0,80}(?:does not exist|not found)")
_BAD_KEY = re.compile(r"api key not valid|invalid api key|incorrect api key")

_BY_STATUS: Mapping[int, ErrorClass] = {
    401: ErrorClass.AUTH,
    402: ErrorClass.QUOTA,
    403: ErrorClass.AUTH,
    404: ErrorClass.MODEL_NOT_FOUND,
    405: ErrorClass.MODEL_NOT_FOUND,  # no such door at this address: the base URL is wrong, not the request
    407: ErrorClass.AUTH,
    408: ErrorClass.TIMEOUT,
    409: ErrorClass.PROVIDER_5XX,
    410: ErrorClass.MODEL_NOT_FOUND,
    425: ErrorClass.PROVIDER_5XX,
    429: ErrorClass.RATE_LIMIT,
    451: ErrorClass.AUTH,
    498: ErrorClass.RATE_LIMIT,  # Groq: flex capacity exceeded
}
_MAYBE_BILLED = frozenset((408, 504))  # somebody on the way gave up waiting; the model may have gone on


class ReplyTooLargeError(Exception):
    """A reply passed its cap of bytes."""


class EncodedReplyError(Exception):
    """A reply came compressed although none may: a small one could unpack to gigabytes."""


class CutReplyError(Exception):
    """A reply ended early: the call was answered, so it may have been billed, and is not repeated inline."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a provider says about an error: only to decide by, never to be shown."""

    status: int
    code: str = ""
    kind: str = ""
    param: str = ""
    words: str = ""  # its message, lower case

    @classmethod
    def of(cls, status: int, body: Any) -> "Fault":
        """Reads the shapes in use: `{"error": {...}}`, the inner object alone, `{"detail": ...}`."""
        inner = body.get("error", body) if isinstance(body, Mapping) else body
        if not isinstance(inner, Mapping):
            return cls(status=status, words=str(inner)[:_WORDS].lower())
        return cls(
            status=status,
            code=str(inner.get("code") or "").lower(),
            kind=str(inner.get("type") or "").lower(),
            param=str(inner.get("param") or "").lower(),
            words=str({**inner})[:_WORDS].lower(),
        )

    @property
    def too_long(self) -> bool:
        """The prompt does not fit the model: shortening it helps, nothing else does."""
        rejected = self.status in (400, 413, 422)
        return rejected and (self.code in _LENGTH or bool(_LENGTH_WORDS.search(self.words)))


def class_of(fault: Fault, private: str = "") -> ErrorClass:
    """The class of an HTTP error; for a status below 400, of an error reported inside a good reply.

    Errors can echo the customer, so words decide only where they are not in `private`, the customer's text.
    """
    if fault.code in _QUOTA or fault.kind in _QUOTA:
        return ErrorClass.QUOTA
    if fault.code in _FILTER or "responsibleaipolicyviolation" in fault.words or "flagged_input" in fault.words:
        return ErrorClass.CONTENT_FILTER
    if fault.code in _MODEL:
        return ErrorClass.MODEL_NOT_FOUND
    if fault.code in _KEY:
        return ErrorClass.AUTH
    if fault.status in (400, 422):
        # Some answer 400 for a wrong key or model: as bad requests these would condemn every RFQ.
        if _says(_BAD_KEY, fault.words, private):
            return ErrorClass.AUTH
        return ErrorClass.MODEL_NOT_FOUND if _says(_NOT_A_MODEL, fault.words, private) else ErrorClass.BAD_REQUEST
    if fault.status in _BY_STATUS:
        return _BY_STATUS[fault.status]
    if fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ErrorClass.PROVIDER_5XX
    if fault.status >= HTTPStatus.BAD_REQUEST:
        return ErrorClass.BAD_REQUEST
    # A redirect is not followed: whoever answered is not the provider, as with no answer at all.
    return ErrorClass.CONNECTION if fault.status >= HTTPStatus.MULTIPLE_CHOICES else ErrorClass.INVALID_OUTPUT


def _says(pattern: re.Pattern[str], words: str, private: str) -> bool:
    private = private.lower()
    return any(found[0] not in private for found in pattern.finditer(words))


def status_error(fault: Fault, headers: Mapping[str, str], *, private: str, request_id: str | None) -> CallError:
    """The error for an HTTP status. `private` is the customer's text: what is in it is kept out."""
    error_class = class_of(fault, private)
    request = token(request_id or headers.get("x-request-id"), private)
    return CallError(
        error_class,
        f"HTTP {fault.status} {error_class}: code={token(fault.code, private) or '-'} "
        f"type={token(fault.kind, private) or '-'} request={request or '-'}",
        http_status=fault.status,
        retry_after_seconds=retry_after_seconds(headers),
        usage=None if fault.status in _MAYBE_BILLED else Usage(),
        provider_request_id=request,
    )


def fault_of(error: BaseException) -> tuple[Fault, Mapping[str, str]] | None:
    """The HTTP error in a chain of causes, with the reply's headers."""
    for each in chain(error):
        status, response = getattr(each, "status_code", None), getattr(each, "response", None)
        if isinstance(status, int) and response is not None:
            return Fault.of(status, getattr(each, "body", None)), response.headers
    return None


def exception_error(error: BaseException, *, private: str) -> CallError:
    """The error for whatever a client raised, without the exception, whose text may hold anything."""
    if found := fault_of(error):
        return status_error(found[0], found[1], private=private, request_id=None)
    names = {base.__name__ for each in chain(error) for base in type(each).__mro__}
    for error_class, known, usage in _BY_NAME:
        if names & known:
            return CallError(error_class, f"{error_class}: {type(error).__name__}", usage=usage)
    return CallError(ErrorClass.INTERNAL, f"internal: {type(error).__name__}")


_NOT_SENT = Usage()
# Tried in order: what a class is a kind of (a ConnectTimeout is a timeout) must come after the class itself.
_BY_NAME: tuple[tuple[ErrorClass, frozenset[str], Usage | None], ...] = (
    (ErrorClass.TOO_LARGE, frozenset(("ReplyTooLargeError", "EncodedReplyError")), None),
    (ErrorClass.CONNECTION, frozenset(("CutReplyError",)), None),
    (ErrorClass.CONNECTION, frozenset(("ConnectTimeout", "PoolTimeout", "ConnectError")), _NOT_SENT),
    (ErrorClass.TIMEOUT, frozenset(("TimeoutException", "APITimeoutError", "TimeoutError")), None),
    (ErrorClass.INVALID_OUTPUT, frozenset(("DecodingError", "JSONDecodeError", "RecursionError")), None),
    (ErrorClass.INVALID_OUTPUT, frozenset(("UnicodeDecodeError",)), None),
    # Ended before the reply began: taken for not worked on, as every client that retries takes it.
    (ErrorClass.CONNECTION, frozenset(("TransportError", "APIConnectionError", "OSError")), _NOT_SENT),
)


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and its causes."""
    each: BaseException | None = error
    for _ in range(_CHAIN):
        if each is None:
            return
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """What the provider asks to wait, within [0, 3600]; None where it does not say or nobody can read it."""
    if (seconds := _float(headers.get("retry-after-ms"))) is not None:
        return _clamped(seconds / 1000)
    value = headers.get("retry-after")
    if (seconds := _float(value)) is not None:
        return _clamped(seconds)
    until = _date(value)
    # Both ends on the provider's clock, as ours may be off.
    return None if until is None else _clamped((until - (_date(headers.get("date")) or _now())).total_seconds())


def token(value: object, private: str) -> str | None:
    """A code or an id that is safe to log: of plain characters, and not taken from the customer's text."""
    text = value if isinstance(value, str) else ""
    if not re.fullmatch(r"[\w.:/-]{1,128}", text, re.ASCII) or text.lower() in private.lower():
        return None
    return text


def _clamped(seconds: float) -> float:
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def _float(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None


def _date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value) if value else None
    except (ValueError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date and date.tzinfo is None else date


def _now() -> datetime:
    return datetime.now(UTC)
