"""Every exception that rfqflow raises on purpose.

RfqflowError
├── ConfigError           settings or arguments are wrong; the message says what to do
├── DatabaseUnreachable   a connection could not be opened, or was lost
├── SchemaMismatch        the database's schema is missing, or older or newer than this release
├── EmbeddedUnavailable   this platform has no PostgreSQL programs, or they do not start
├── CallError             a model call gave no usable answer; `error_class` decides what follows
└── InvalidAnswer         a text is not a valid answer; the error has locations, but never a customer's text
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class RfqflowError(Exception):
    """The base of all errors. The message is for people."""


class ConfigError(RfqflowError):
    """Unusable settings or arguments. Exit code 2."""


class DatabaseUnreachable(RfqflowError):
    """The database cannot be reached. Exit code 3."""

    sqlstate: str | None = None  # 57014: a time limit passed, and the statement may be the cause
    was_asked: bool = False  # whether the connection was open, so that the statement may have broken it


class SchemaMismatch(RfqflowError):
    """The database's schema does not match this release. Exit code 1."""


class EmbeddedUnavailable(RfqflowError):
    """The embedded PostgreSQL is not available here. Exit code 2."""


class ErrorClass(StrEnum):
    """What went wrong. Logs, runs and metrics use only these words."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    PROVIDER_5XX = "provider_5xx"
    AUTH = "auth"
    MODEL_NOT_FOUND = "model_not_found"
    BAD_REQUEST = "bad_request"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    TRUNCATED = "truncated"
    INVALID_OUTPUT = "invalid_output"
    TOO_LARGE = "too_large"
    CANCELLED = "cancelled"
    WRITE_REFUSED = "write_refused"
    LEASE_LOST = "lease_lost"
    NOT_SENT = "not_sent"
    UNREADABLE = "unreadable"
    INTERNAL = "internal"


class Stage(StrEnum):
    """The checks of an answer, in the order in which they are made."""

    PARSE = "parse"  # the reply is text, and the text is JSON
    WIRE = "wire"  # the JSON has the requested form
    DOMAIN = "domain"  # the answer keeps the domain's rules, and does not repeat the prompt's instructions
    GROUNDING = "grounding"  # values that the RFQ's text contradicts are removed, and the rest is accepted


class ReplyFault(StrEnum):
    """What is wrong with a reply in which the model has no readable text. A repeated request quotes these words."""

    NO_OBJECT = "reply: is no JSON object"
    NO_CHOICES = "reply: holds no choices"
    NO_OUTPUT = "reply: holds no output"
    ERROR = "reply: error"
    NO_MESSAGE = "reply: holds no message"
    NO_TEXT = "reply: holds no text"


@dataclass(frozen=True, slots=True)
class Usage:
    """Billed tokens of one call. Cached and written tokens are part of input; reasoning tokens are part of output."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cache_write_tokens: int = 0  # tokens written into a cache, if the provider charges for that
    service_tier: str | None = None  # the most expensive tier that answered; None: the provider reported no tier


class CallError(RfqflowError):
    """A call without a usable answer.

    The message is for developers, and never contains text of the request or the reply. `said` may contain such text.
    `retry_after_seconds`: the wait that the provider asks for, limited to [0, 3600]. `usage`: the billed tokens, if
    they are known.
    """

    def __init__(
        self,
        error_class: ErrorClass,
        message: str,
        *,
        http_status: int | None = None,
        retry_after_seconds: float | None = None,
        usage: Usage | None = None,
        provider_request_id: str | None = None,
        details: tuple[str, ...] = (),
        refused: tuple[Stage, ...] = (),
        unproven: bool = False,
        said: str = "",
    ) -> None:
        super().__init__(message)
        self.error_class = error_class
        self.http_status = http_status
        self.retry_after_seconds = retry_after_seconds
        self.usage = usage
        self.provider_request_id = provider_request_id
        self.details = details
        # the error blames the account or the model without the provider's own word, so other RFQs must confirm it
        self.unproven = unproven
        self.refused = refused  # the check that each invalid reply of the attempt failed
        self.cut_at: int | None = None  # the limit of output tokens at which the answer was cut off
        self.reasks = 0  # number of calls that repeated the request and named the errors of the reply
        self.parameters: dict[str, Any] = {}  # the parameters of the last call
        self.said = said  # text of another system, up to a few thousand characters; removed when `detail` is set
        self.detail: str | None = None  # only for the run: see `rfqflow.core.error_detail`


class InvalidAnswer(RfqflowError):
    """A text is not a valid answer. `details`: at most five lines of the form `location: rule`.

    `stage`: the check that the text failed. `said`: the same lines with the model's values, only for the run.
    """

    def __init__(self, message: str, details: tuple[str, ...] = (), stage: Stage = Stage.PARSE, said: str = "") -> None:
        super().__init__(message)
        self.details = details
        self.stage = stage
        self.said = said
