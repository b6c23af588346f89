"""Maps failures of a call to an ErrorClass: statuses, codes and exceptions of any HTTP library.

Exceptions match by class name along the chain of causes, so that no library is imported and a wrapped cause counts.
Messages consist of class, status, code, type and request id. A provider's own words decide, and only the run's error
detail keeps them, since they can echo the customer.
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
_CAUSE = 300  # characters of one exception's text

_QUOTA = frozenset(
    (
        *("insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"),
        *("billing_error", "enforced_spend_limit_reached", "contract_spend_limit_reached"),  # Anthropic's
    )
)
_FILTER = frozenset(
    (
        *("content_filter", "content_policy_violation", "moderation_blocked", "responsibleaipolicyviolation"),
        *("invalid_prompt", "bio_policy", "misalignment_policy_violation"),  # the Responses API's
    )
)
_FILTER_WORDS = ("responsibleaipolicyviolation", "flagged_input")  # Azure; OpenRouter, which says 403
_KEY = frozenset(
    (
        "invalid_api_key",
        "incorrect_api_key",
        "api_key_invalid",
        "account_deactivated",
        "authentication_error",
        "auth_error",
    )
)
_MODEL = frozenset(
    (
        *("model_not_found", "invalid_model", "model_decommissioned"),
        *("deploymentnotfound", "modeldeprecated", "operationnotsupported"),  # Azure
    )
)
_LENGTH = frozenset(("context_length_exceeded", "string_above_max_length", "request_too_large"))
_LENGTH_WORDS = re.compile(
    r"context (?:length|size|window|limit)|maximum context|too many tokens|prompt is too long|exceed_context_size"
)
_MOST_OUTPUT = re.compile(
    r"(?:at most|less than or equal to|\d >) ?`?(\d{2,7})`?[^.]{0,60}"
    r"(?:(?:completion|output|generated) tokens|max_tokens|maximum value)"
    # OpenAI's Responses; FastAPI; DeepSeek; Fireworks; Gemini, whose bound is one too many; Bedrock.
    r"|max_(?:\w{1,12}_)?tokens\b.{0,80}?(?:<=|less than or equal to|\[1, ?|>) ?(\d{2,7})\b(?! - )"
    r"|maxoutputtokens.{0,80}?range is from 1 \(inclusive\) to (\d{2,7}) \(exclusive"
    r"|maximum tokens .{0,40}\blimit of (\d{2,7})"
)
_NOT_A_MODEL = re.compile(
    r"not a valid model|invalid model name|model .{0,80}(?:does not exist|not found)"
    # A model that only streams, which rfqflow does not support: every RFQ would be a bad request.
    r"|(?:requires?|only supports?) .{0,20}\bstream|\bstream\b.{0,3} (?:must|should|to) (?:be )?(?:set )?(?:to )?true"
)
_NO_QUOTA = re.compile(r"out of call volume quota")  # Azure's gateway, which says 403
_WAIT = re.compile(r"(?:retry after|try again in) (\d{1,6}) seconds?")
# Anthropic reports it in a 400.
_NO_CREDIT = re.compile(r"credit balance is too low|reached your specified (?:workspace )?api usage limits")
_BAD_KEY = re.compile(r"api key not valid|invalid api key|incorrect api key")

_OF_ACCOUNT = frozenset((ErrorClass.AUTH, ErrorClass.QUOTA, ErrorClass.MODEL_NOT_FOUND))
_BY_STATUS: Mapping[int, ErrorClass] = {
    401: ErrorClass.AUTH,
    402: ErrorClass.QUOTA,
    403: ErrorClass.AUTH,
    404: ErrorClass.MODEL_NOT_FOUND,
    405: ErrorClass.MODEL_NOT_FOUND,  # no API at this address: the base URL is wrong, not the request
    407: ErrorClass.AUTH,
    408: ErrorClass.TIMEOUT,
    410: ErrorClass.MODEL_NOT_FOUND,
    413: ErrorClass.BAD_REQUEST,
    429: ErrorClass.RATE_LIMIT,
    451: ErrorClass.AUTH,
    498: ErrorClass.RATE_LIMIT,  # Groq: flex capacity exceeded
}
_REQUEST_IDS = ("x-request-id", "request-id", "apim-request-id", "x-ms-request-id")
# Statuses of servers that did not work on the request: they bill nothing. All others may come from a proxy that gave up
# while the model continued, such as 408, 424, 499, 502, 504, 524.
_REFUSED = frozenset(
    (
        *range(300, 309),
        *(status for status in range(400, 432) if status not in (408, 418, 419, 420, 423, 424, 427, 430)),
        *(451, 498, 501, 505, 511, 521, 523, 525, 526, 529),
    )
)
# A provider reports it as an API error; a bare page may come from a crashed server or a proxy.
_REFUSED_IN_WORDS = frozenset((500, 503))
_OF_REQUEST = frozenset((400, 422))
_OF_GATEWAY = frozenset((413,))


_MESSAGES = ("message", "detail", "error", "error_description", "title", "reason")  # decided by an error's text


class ReplyTooLargeError(Exception):
    """A reply exceeded its limit of bytes."""


class EncodedReplyError(Exception):
    """A reply is compressed although the request forbids it: a small one could unpack to gigabytes."""


class CutReplyError(Exception):
    """A reply ended early. The call was answered and may be billed, so it is not repeated immediately."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A provider's error report: for decisions only, never shown."""

    status: int
    code: str = ""
    kind: str = ""
    param: str = ""
    words: str = ""  # its message, lower case
    said: str = ""  # its message as it is, for the run's error detail
    structured: bool = False  # an error of an API, not a page

    @classmethod
    def of(cls, status: int, body: Any) -> "Fault":
        """Reads the common shapes: `{"error": {...}}`, the inner object alone, `{"detail": ...}`."""
        if isinstance(body, list) and body and isinstance(body[0], Mapping):
            body = body[0]  # Gemini wraps the error in a list
        inner = body.get("error", body) if isinstance(body, Mapping) else body
        if not isinstance(inner, Mapping):
            said = str(inner)[:_WORDS]
            return cls(status=status, words=said.lower(), said=said, structured=isinstance(body, Mapping))
        details = inner.get("details")  # Anthropic's place for the code
        code = inner.get("code") or (details.get("error_code") if isinstance(details, Mapping) else None)
        return cls(
            status=status,
            code=str(code or "").lower(),
            kind=str(inner.get("type") or "").lower(),
            param=str(inner.get("param") or "").lower(),
            words=str({**inner})[:_WORDS].lower(),
            said=str(next(filter(None, (inner.get(name) for name in _MESSAGES)), inner))[:_WORDS],
            structured=True,
        )

    @property
    def too_long(self) -> bool:
        """The prompt does not fit the model: only a shorter prompt helps."""
        rejected = self.status in (400, 413, 422)
        return rejected and (bool({self.code, self.kind} & _LENGTH) or bool(_LENGTH_WORDS.search(self.words)))

    @property
    def most_output_tokens(self) -> int | None:
        """The model's maximum output tokens, if the call's limit was higher."""
        found = _MOST_OUTPUT.search(self.words) if self.status in (400, 422) else None
        return int(found[found.lastindex or 1]) - (found[3] is not None) if found else None


def class_of(fault: Fault, private: str = "") -> ErrorClass:
    """The class of an HTTP error; for a status below 400, of an error inside a good reply.

    Errors can echo the customer, so a word decides only if it is not in `private`, the customer's text.
    """
    if account_error := _account_error(fault, private):
        return account_error
    if fault.code in _FILTER or "responsibleaipolicyviolation" in fault.words or "flagged_input" in fault.words:
        return ErrorClass.CONTENT_FILTER
    if fault.status in _OF_REQUEST:
        # Some servers answer 400 for a wrong key or model, and a web server for a request without TLS. As bad requests,
        # these would condemn every RFQ.
        in_words = _error_in_words(fault, private)
        return in_words or (ErrorClass.BAD_REQUEST if fault.structured else ErrorClass.CONNECTION)
    # A 413 page comes from a gateway with another limit than the model: it says nothing about the request.
    if fault.status in _BY_STATUS and (fault.structured or fault.status not in _OF_GATEWAY):
        return _BY_STATUS[fault.status]
    if fault.status >= HTTPStatus.BAD_REQUEST:
        # An unknown 4xx says nothing about the request either: it may pass later, as after a 5xx.
        return ErrorClass.PROVIDER_5XX
    # A redirect is not followed: the sender is not the provider, so it counts as no answer.
    return ErrorClass.CONNECTION if fault.status >= HTTPStatus.MULTIPLE_CHOICES else ErrorClass.INVALID_OUTPUT


def _account_error(fault: Fault, private: str) -> ErrorClass | None:
    """A provider's code about account or model. A code that the customer wrote is an echo."""
    if says(_NO_QUOTA, fault.words, private):
        return ErrorClass.QUOTA
    for error_class, known in (
        (ErrorClass.QUOTA, _QUOTA),
        (ErrorClass.MODEL_NOT_FOUND, _MODEL),
        (ErrorClass.AUTH, _KEY),
    ):
        if any(word in known and word not in private.lower() for word in (fault.code, fault.kind)):
            return error_class
    return None


def is_unproven(error_class: ErrorClass, fault: Fault, private: str) -> bool:
    """Whether it blames account or model without the provider's own code or plain words."""
    if not fault.structured:
        return error_class in _OF_ACCOUNT
    # No content filter reports 401 in an API error, so a 401 needs no code.
    by_status = ErrorClass.AUTH if fault.status == HTTPStatus.UNAUTHORIZED else None
    said = (by_status, _account_error(fault, private), _error_in_words(fault, private))
    return error_class in _OF_ACCOUNT and error_class not in said


def _error_in_words(fault: Fault, private: str) -> ErrorClass | None:
    if says(_BAD_KEY, fault.words, private):
        return ErrorClass.AUTH
    if says(_NO_CREDIT, fault.words, private):
        return ErrorClass.QUOTA
    return ErrorClass.MODEL_NOT_FOUND if says(_NOT_A_MODEL, fault.words, private) else None


def names_model(fault: Fault, private: str) -> bool:
    """Whether a provider says that the model, not the address, is missing."""
    said = (_account_error(fault, private), _error_in_words(fault, private))
    return ErrorClass.MODEL_NOT_FOUND in said


def is_billed(fault: Fault) -> bool:
    """Whether a call with this status may be billed."""
    return fault.status not in _REFUSED and not (fault.status in _REFUSED_IN_WORDS and fault.structured)


def says(pattern: re.Pattern[str], words: str, private: str) -> bool:
    """Whether a provider's words match, apart from words of the customer."""
    private = private.lower()
    return any(found[0] not in private for found in pattern.finditer(words))


def status_error(fault: Fault, headers: Mapping[str, str], *, private: str, request_id: str | None) -> CallError:
    """The error for an HTTP status; leaves out text that is in `private`, the customer's text."""
    error_class = class_of(fault, private)
    request = token(request_id, private) or request_id_of(headers, private)
    return CallError(
        error_class,
        f"HTTP {fault.status} {error_class}: code={token(fault.code, private) or '-'} "
        f"type={token(fault.kind, private) or '-'} request={request or '-'}",
        http_status=fault.status,
        retry_after_seconds=_wait_seconds(fault, headers, private),
        usage=None if is_billed(fault) else Usage(),
        provider_request_id=request,
        unproven=is_unproven(error_class, fault, private),
        said=fault.said,
    )


def request_id_of(headers: Mapping[str, str], private: str) -> str | None:
    """The id by which the provider's support finds a call."""
    return next(filter(None, (token(headers.get(name), private) for name in _REQUEST_IDS)), None)


def fault_of(error: BaseException) -> tuple[Fault, Mapping[str, str]] | None:
    """The HTTP error in a chain of causes, with the reply's headers."""
    for each in chain(error):
        status, response = getattr(each, "status_code", None), getattr(each, "response", None)
        if isinstance(status, int) and response is not None:
            return Fault.of(status, _body_of(each, response)), response.headers
    return None


def _body_of(error: BaseException, response: Any) -> Any:
    """The whole body: the SDK keeps only the content of `error`, where a text looks like a page."""
    try:
        return response.json()
    except Exception:  # noqa: BLE001 - not read, no JSON, of no known charset: then as the SDK has it
        return getattr(error, "body", None)


def exception_error(error: BaseException, *, private: str, sent: bool = True) -> CallError:
    """The error for any client exception, without the exception itself, whose text may hold anything.

    `sent`: the text had begun to leave. Then the bill is unknown; it is zero only if nothing left.
    """
    if found := fault_of(error):
        return status_error(found[0], found[1], private=private, request_id=None)
    names = {base.__name__ for each in chain(error) for base in type(each).__mro__}
    if names & _NEVER_SENT:
        sent = False
    error_class = _class_of_names(names, sent=sent)
    return CallError(
        error_class, f"{error_class}: {type(error).__name__}", usage=None if sent else Usage(),
        # A text that no request can carry may be a key: the library quotes it.
        said="" if error_class is ErrorClass.NOT_SENT else _provider_words(error),
    )  # fmt: skip


def _provider_words(error: BaseException) -> str:
    """The innermost message of the chain of causes: a wrapper has no text of its own."""
    words = {f"{type(each).__name__}: {str(each)[:_CAUSE]}": None for each in chain(error) if str(each)}
    return "; ".join(words)


def _class_of_names(names: set[str], *, sent: bool) -> ErrorClass:
    if not sent and names & _UNSENDABLE:
        return ErrorClass.NOT_SENT
    found = next((error_class for error_class, known in _BY_NAME if names & known), ErrorClass.INTERNAL)
    if sent or found is ErrorClass.CONNECTION:
        return found
    return ErrorClass.CONNECTION if found is ErrorClass.TIMEOUT else ErrorClass.NOT_SENT


# Without a connection, nobody can have read anything.
_NEVER_SENT = frozenset(
    (
        *("ConnectTimeout", "PoolTimeout", "ConnectError", "ConnectionRefusedError", "gaierror"),
        *("UnsupportedProtocol", "InvalidURL"),
    )
)
# A key, address or text that no request can carry: a retry does not help, and no server is at fault.
_UNSENDABLE = frozenset(("LocalProtocolError", "UnsupportedProtocol", "InvalidURL", "UnicodeEncodeError"))
# In this order: a subclass must come before its base, such as ConnectTimeout before timeout.
_BY_NAME: tuple[tuple[ErrorClass, frozenset[str]], ...] = (
    (ErrorClass.TOO_LARGE, frozenset(("ReplyTooLargeError", "EncodedReplyError"))),
    (ErrorClass.CONNECTION, frozenset(("CutReplyError",))),
    (ErrorClass.CONNECTION, frozenset(("ConnectTimeout", "PoolTimeout", "ConnectError"))),
    (ErrorClass.TIMEOUT, frozenset(("TimeoutException", "APITimeoutError", "TimeoutError"))),
    (ErrorClass.INVALID_OUTPUT, frozenset(("DecodingError", "JSONDecodeError", "RecursionError"))),
    (ErrorClass.INVALID_OUTPUT, frozenset(("UnicodeDecodeError",))),
    (ErrorClass.CONNECTION, frozenset(("TransportError", "APIConnectionError", "OSError"))),
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
    """Seconds the provider asks to wait, within [0, 3600]; None without a readable value."""
    if (seconds := _float(headers.get("retry-after-ms"))) is not None:
        return _clamped(seconds / 1000)
    value = headers.get("retry-after")
    if (seconds := _float(value)) is not None:
        return _clamped(seconds)
    until = _date(value)
    # Both times are from the provider's clock, since the local clock may be wrong.
    return None if until is None else _clamped((until - (_date(headers.get("date")) or _now())).total_seconds())


def _wait_seconds(fault: Fault, headers: Mapping[str, str], private: str) -> float | None:
    """From the headers, else from the words: an Azure gateway has no other way."""
    asked = retry_after_seconds(headers)
    if asked is not None or fault.status != HTTPStatus.TOO_MANY_REQUESTS or not says(_WAIT, fault.words, private):
        return asked
    found = _WAIT.search(fault.words)
    return _clamped(float(found[1])) if found else None


def token(value: object, private: str) -> str | None:
    """A code or id that is safe to log: plain characters, and not from the customer's text."""
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
