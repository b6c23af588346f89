"""Maps the failure of a call to an ErrorClass, by the status, the code, or the exception of any HTTP library.

Exceptions are compared by the names of their classes, along the chain of causes. So no library is imported, and a
wrapped cause counts. The messages made here have only class, status, code, type and request id. A provider's own words
help to decide. Only the run's error detail stores them, since they can repeat the customer's text.
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
_CAUSE = 300  # most characters of an exception's text

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
    # A model that can only stream. rfqflow does not support it, and every RFQ would be a bad request.
    r"|(?:requires?|only supports?) .{0,20}\bstream|\bstream\b.{0,3} (?:must|should|to) (?:be )?(?:set )?(?:to )?true"
)
_NO_QUOTA = re.compile(r"out of call volume quota")  # Azure's gateway, which says 403
_WAIT = re.compile(r"(?:retry after|try again in) (\d{1,6}) seconds?")
# Anthropic's words for a missing credit, in a 400.
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
# With these statuses a server has not processed the request, and bills nothing. Other statuses, such as 408, 424, 499,
# 502, 504 and 524, may come from a proxy that stopped waiting while the model continued.
_REFUSED = frozenset(
    (
        *range(300, 309),
        *(status for status in range(400, 432) if status not in (408, 418, 419, 420, 423, 424, 427, 430)),
        *(451, 498, 501, 505, 511, 521, 523, 525, 526, 529),
    )
)
# These statuses bill nothing only in an API error. A page with such a status may come from a proxy or a server that
# crashed.
_REFUSED_IN_WORDS = frozenset((500, 503))
_OF_REQUEST = frozenset((400, 422))
_OF_GATEWAY = frozenset((413,))


_MESSAGES = ("message", "detail", "error", "error_description", "title", "reason")  # keys for the text of an error


class ReplyTooLargeError(Exception):
    """A reply has more bytes than allowed."""


class EncodedReplyError(Exception):
    """A reply is compressed although the request forbids it. A small compressed reply could unpack to gigabytes."""


class CutReplyError(Exception):
    """A reply ended early. The call was answered and may be billed, so it is not repeated at once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A provider's error report. rfqflow decides by it, and never shows it."""

    status: int
    code: str = ""
    kind: str = ""
    param: str = ""
    words: str = ""  # the message, in lower case
    said: str = ""  # the message unchanged, for the run's error detail
    structured: bool = False  # whether the error has the form of an API's error, and is not a page

    @classmethod
    def of(cls, status: int, body: Any) -> "Fault":
        """Reads the common forms of an error: `{"error": {...}}`, the inner object alone, and `{"detail": ...}`."""
        if isinstance(body, list) and body and isinstance(body[0], Mapping):
            body = body[0]  # Gemini wraps the error in a list
        inner = body.get("error", body) if isinstance(body, Mapping) else body
        if not isinstance(inner, Mapping):
            said = str(inner)[:_WORDS]
            return cls(status=status, words=said.lower(), said=said, structured=isinstance(body, Mapping))
        details = inner.get("details")  # where Anthropic puts the code
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
        """Whether the prompt is too long for the model, so that only a shorter prompt helps."""
        rejected = self.status in (400, 413, 422)
        return rejected and (bool({self.code, self.kind} & _LENGTH) or bool(_LENGTH_WORDS.search(self.words)))

    @property
    def most_output_tokens(self) -> int | None:
        """The model's maximum output tokens, if the call's limit was higher."""
        found = _MOST_OUTPUT.search(self.words) if self.status in (400, 422) else None
        return int(found[found.lastindex or 1]) - (found[3] is not None) if found else None


def class_of(fault: Fault, private: str = "") -> ErrorClass:
    """The class of an HTTP error. With a status below 400: the class of an error inside a good reply.

    An error can repeat the customer's text (`private`), so a word decides only if that text does not contain it.
    """
    if account_error := _account_error(fault, private):
        return account_error
    if fault.code in _FILTER or "responsibleaipolicyviolation" in fault.words or "flagged_input" in fault.words:
        return ErrorClass.CONTENT_FILTER
    if fault.status in _OF_REQUEST:
        # Some servers answer 400 for a wrong key or model, and a web server answers 400 for a request without TLS. If
        # these counted as bad requests, every RFQ would become a dead letter.
        in_words = _error_in_words(fault, private)
        return in_words or (ErrorClass.BAD_REQUEST if fault.structured else ErrorClass.CONNECTION)
    # A 413 that is a page comes from a gateway with its own limit, and does not show that the model refuses the
    # request.
    if fault.status in _BY_STATUS and (fault.structured or fault.status not in _OF_GATEWAY):
        return _BY_STATUS[fault.status]
    if fault.status >= HTTPStatus.BAD_REQUEST:
        # An unknown 4xx does not show that the request is wrong. Like a 5xx, it may go away.
        return ErrorClass.PROVIDER_5XX
    # rfqflow follows no redirect. It does not come from the provider, so it counts as a failed connection.
    return ErrorClass.CONNECTION if fault.status >= HTTPStatus.MULTIPLE_CHOICES else ErrorClass.INVALID_OUTPUT


def _account_error(fault: Fault, private: str) -> ErrorClass | None:
    """The class of a provider's code about the account or the model.

    A code that is in the customer's text does not count.
    """
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
    """Whether the class blames the account or the model, but neither a code nor plain words of the provider do."""
    if not fault.structured:
        return error_class in _OF_ACCOUNT
    # A 401 in an API error needs no code, since no content filter reports a 401.
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
    """Whether a provider says that the model does not exist, rather than the address."""
    said = (_account_error(fault, private), _error_in_words(fault, private))
    return ErrorClass.MODEL_NOT_FOUND in said


def is_billed(fault: Fault) -> bool:
    """Whether a call with this status may be billed."""
    return fault.status not in _REFUSED and not (fault.status in _REFUSED_IN_WORDS and fault.structured)


def says(pattern: re.Pattern[str], words: str, private: str) -> bool:
    """Whether a provider's words match the pattern. A match that is also in the customer's text does not count."""
    private = private.lower()
    return any(found[0] not in private for found in pattern.finditer(words))


def status_error(fault: Fault, headers: Mapping[str, str], *, private: str, request_id: str | None) -> CallError:
    """The error for an HTTP status. Leaves out texts that are also in `private`, the customer's text."""
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
    """The id with which the provider's support can find a call."""
    return next(filter(None, (token(headers.get(name), private) for name in _REQUEST_IDS)), None)


def fault_of(error: BaseException) -> tuple[Fault, Mapping[str, str]] | None:
    """The HTTP error in the chain of causes, and the headers of the reply. None if there is no HTTP error."""
    for each in chain(error):
        status, response = getattr(each, "status_code", None), getattr(each, "response", None)
        if isinstance(status, int) and response is not None:
            return Fault.of(status, _body_of(each, response)), response.headers
    return None


def _body_of(error: BaseException, response: Any) -> Any:
    """The whole body of an error. The SDK keeps only the value of `error`; if that is a text, it looks like a page."""
    try:
        return response.json()
    except Exception:  # noqa: BLE001 - the body was not read, is not JSON, or has an unknown charset: use what the SDK kept
        return getattr(error, "body", None)


def exception_error(error: BaseException, *, private: str, sent: bool = True) -> CallError:
    """The error for any exception of a client. It does not refer to the exception, whose text may contain anything.

    `sent`: whether a part of the text was sent. Then the bill is unknown. If nothing was sent, the bill is zero.
    """
    if found := fault_of(error):
        return status_error(found[0], found[1], private=private, request_id=None)
    names = {base.__name__ for each in chain(error) for base in type(each).__mro__}
    if names & _NEVER_SENT:
        sent = False
    error_class = _class_of_names(names, sent=sent)
    return CallError(
        error_class, f"{error_class}: {type(error).__name__}", usage=None if sent else Usage(),
        # The library quotes a text that a request cannot carry, and that text may be a key.
        said="" if error_class is ErrorClass.NOT_SENT else _provider_words(error),
    )  # fmt: skip


def _provider_words(error: BaseException) -> str:
    """The message of the innermost cause: an exception that wraps another has no text of its own."""
    words = {f"{type(each).__name__}: {str(each)[:_CAUSE]}": None for each in chain(error) if str(each)}
    return "; ".join(words)


def _class_of_names(names: set[str], *, sent: bool) -> ErrorClass:
    if not sent and names & _UNSENDABLE:
        return ErrorClass.NOT_SENT
    found = next((error_class for error_class, known in _BY_NAME if names & known), ErrorClass.INTERNAL)
    if sent or found is ErrorClass.CONNECTION:
        return found
    return ErrorClass.CONNECTION if found is ErrorClass.TIMEOUT else ErrorClass.NOT_SENT


# These exceptions occur without a connection, so no server has read anything.
_NEVER_SENT = frozenset(
    (
        *("ConnectTimeout", "PoolTimeout", "ConnectError", "ConnectionRefusedError", "gaierror"),
        *("UnsupportedProtocol", "InvalidURL"),
    )
)
# A request cannot carry the key, the address or the text. A retry does not help, and no server is at fault.
_UNSENDABLE = frozenset(("LocalProtocolError", "UnsupportedProtocol", "InvalidURL", "UnicodeEncodeError"))
# The order matters: a subclass must come before its base class, such as ConnectTimeout before TimeoutException.
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
    """The seconds that the provider asks to wait, within [0, 3600]. None: there is no value that can be read."""
    if (seconds := _float(headers.get("retry-after-ms"))) is not None:
        return _clamped(seconds / 1000)
    value = headers.get("retry-after")
    if (seconds := _float(value)) is not None:
        return _clamped(seconds)
    until = _date(value)
    # Take both times from the provider's clock, since the local clock may be wrong.
    return None if until is None else _clamped((until - (_date(headers.get("date")) or _now())).total_seconds())


def _wait_seconds(fault: Fault, headers: Mapping[str, str], private: str) -> float | None:
    """The seconds to wait from the headers, or else from the words, where an Azure gateway puts them."""
    asked = retry_after_seconds(headers)
    if asked is not None or fault.status != HTTPStatus.TOO_MANY_REQUESTS or not says(_WAIT, fault.words, private):
        return asked
    found = _WAIT.search(fault.words)
    return _clamped(float(found[1])) if found else None


def token(value: object, private: str) -> str | None:
    """The code or id if it is safe to log: it has plain characters only, and is not in the customer's text."""
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
