"""Every exception that rfqflow raises on purpose.

RfqflowError ├── ConfigError settings or arguments are wrong; the message says what to do ├── DatabaseUnreachable no
connection could be made or kept ├── SchemaMismatch the database's schema is absent, older or newer than this release
├── EmbeddedUnavailable no PostgreSQL binaries for this platform, or they do not start ├── CallError a model call
without a usable answer; `error_class` decides what follows └── InvalidAnswer a text that is not a valid answer; carries
locations, never customer text
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class RfqflowError(Exception):
    """The base of all errors; its message is meant for people."""


class ConfigError(RfqflowError):
    """Unusable settings or arguments. Exit code 2."""


class DatabaseUnreachable(RfqflowError):
    """The database cannot be reached. Exit code 3."""

    sqlstate: str | None = None  # 57014 if a time limit passed: the statement may be the slow one
    was_asked: bool = False  # the connection was open: the statement may have broken it


class SchemaMismatch(RfqflowError):
    """The database's schema does not match this release. Exit code 1."""


class EmbeddedUnavailable(RfqflowError):
    """The embedded PostgreSQL is not available here. Exit code 2."""


class ErrorClass(StrEnum):
    """What went wrong, as a closed set: logs, runs and metrics use only these words."""

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
    """The checks of an answer, in order."""

    PARSE = "parse"  # it is text, and JSON
    WIRE = "wire"  # it has the requested shape
    DOMAIN = "domain"  # it obeys the domain's rules, and repeats none of its instructions
    GROUNDING = "grounding"  # values that the RFQ's text contradicts are removed; the answer stands


class ReplyFault(StrEnum):
    """Faults of a reply without a readable text of the model; a repeated request quotes these words."""

    NO_OBJECT = "reply: is no JSON object"
    NO_CHOICES = "reply: holds no choices"
    NO_OUTPUT = "reply: holds no output"
    ERROR = "reply: error"
    NO_MESSAGE = "reply: holds no message"
    NO_TEXT = "reply: holds no text"


@dataclass(frozen=True, slots=True)
class Usage:
    """Billed tokens of one call; cached and written tokens are part of input, reasoning tokens of output."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cache_write_tokens: int = 0  # written into a cache, if the provider charges for that
    service_tier: str | None = None  # the most expensive tier that answered; None: the provider did not report it


class CallError(RfqflowError):
    """A call without a usable answer.

    The message is for developers and never holds text of the request or reply; `said` may. `retry_after_seconds`: the
    provider's request, limited to [0, 3600]; `usage`: its bill, if known.
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
        # about account or model, but not the provider's own word: needs evidence from other RFQs
        self.unproven = unproven
        self.refused = refused  # for each invalid reply of the attempt: the check that refused it
        self.cut_at: int | None = None  # the limit of output tokens that cut the answer off
        self.reasks = 0  # calls of the attempt that repeated a request with its errors
        self.parameters: dict[str, Any] = {}  # parameters of the last call
        self.said = said  # text of another system, a few thousand characters; removed once `detail` exists
        self.detail: str | None = None  # for the run alone, see `rfqflow.core.error_detail`


class InvalidAnswer(RfqflowError):
    """A text that is not a valid answer; `details` are at most five `location: rule` lines.

    `stage`: the check that refused it; `said`: the same lines with the model's values, only for the run.
    """

    def __init__(self, message: str, details: tuple[str, ...] = (), stage: Stage = Stage.PARSE, said: str = "") -> None:
        super().__init__(message)
        self.details = details
        self.stage = stage
        self.said = said
