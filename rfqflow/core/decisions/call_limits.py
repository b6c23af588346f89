"""The limits of a call: the length of the answer, the duration, and the tokens. Pure.

They depend on the bytes of the message, and on its lines with a digit, since each such line may become an item. They
also depend on whether the model reasons, since reasoning counts as output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORTEST_DEADLINE_SECONDS = 20.0

# More than measured answers need: the median answer has 318 tokens, and an item takes 49.
_FRAME_TOKENS = 700
_BYTES_PER_REPEATED_TOKEN = 3
_TOKENS_PER_ITEM = 80

# The least limit for a model that reasons: 3,000 tokens before an answer of 1,500 were measured at a low effort.
_LEAST_WITH_REASONING = 4_500
_MORE = 2  # factor for the limit of a second call, after an answer that was cut off
_CLEARLY_MORE = 1.5  # without room for this factor, a second call is useless

# A call with 330 + 1,500 tokens took 18.7 s. A deadline leaves time for the likely answer at the model's usual speed,
# and for the longest answer at the best speed.
_SECONDS_TO_BEGIN = 10.0
_BEST_TOKENS_PER_SECOND = 100.0

_FIXED_BYTES_PER_TOKEN = 3  # of rfqflow's prompt and schema, which have 4.0 by o200k and cl100k
_CHAT_TOKENS = 64  # added by a chat template
_LINES_OF_PICTURE = 20  # assumed lines with a digit on a page that is a picture
# For a picture of 1,568 pixels: more than providers bill, except for models with their own value.
PICTURE_TOKENS = 10_000


@dataclass(frozen=True, slots=True)
class MessageSize:
    """The size of one call: the text of the prompt, and the texts of the customer and of reference documents."""

    fixed_bytes: int = 0
    message_bytes: int = 0
    context_bytes: int = 0
    lines: int = 0  # lines of the message that have a digit
    pictures: int = 0

    @property
    def sent_bytes(self) -> int:
        return self.fixed_bytes + self.message_bytes + self.context_bytes


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Tokens that a model reasons before its answer."""

    likely: int = 0
    most: int = 0


# By effort. Providers publish no maximum, so these values are higher than the measured ones.
REASONING: Mapping[str, Reasoning] = {
    "none": Reasoning(),
    "minimal": Reasoning(100, 500),
    "low": Reasoning(1_500, 3_000),
    "medium": Reasoning(5_000, 8_000),
    "high": Reasoning(15_000, 24_000),
    "xhigh": Reasoning(25_000, 40_000),
    "max": Reasoning(40_000, 64_000),
}


@dataclass(frozen=True, slots=True)
class ModelKind:
    """The facts about a model from which limits follow."""

    reasoning: Reasoning
    tokens_per_second: float
    most_output_tokens: int = 16_384  # the server refuses a call with a higher limit
    picture_tokens: int = PICTURE_TOKENS  # the most tokens that a picture is billed


# An unknown model may run on a small machine, and may reason by default.
UNKNOWN = ModelKind(Reasoning(0, 3_000), tokens_per_second=30.0)


@dataclass(frozen=True, slots=True)
class ChosenLimits:
    """Limits that the operator or the prompt sets. They apply to every message."""

    max_output_tokens: int | None = None
    max_output_tokens_retry: int | None = None
    deadline_seconds: float | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> ChosenLimits:
        """The limits among the parameters of a prompt or a model."""
        return cls(
            parameters.get("max_output_tokens"),
            parameters.get("max_output_tokens_retry"),
            parameters.get("deadline_seconds"),
        )


@dataclass(frozen=True, slots=True)
class CallLimits:
    """The limits of one call.

    `max_output_tokens_retry`: the limit of a second call, after an answer that was cut off.
    """

    input_tokens: int
    likely_output_tokens: int
    max_output_tokens: int
    max_output_tokens_retry: int | None
    deadline_seconds: float

    @property
    def usage(self) -> Usage:
        """The most tokens that one call can bill."""
        return Usage(input_tokens=self.input_tokens, output_tokens=self.max_output_tokens)

    @property
    def last_output_tokens(self) -> int:
        """The highest limit of the attempt: an answer that is cut off at it is not requested again."""
        return self.max_output_tokens_retry or self.max_output_tokens


def limits(
    size: MessageSize,
    kind: ModelKind,
    *,
    ceiling_seconds: float,
    chosen: ChosenLimits = ChosenLimits(),
    was_cut: bool = False,
    is_tight: bool = False,
) -> CallLimits:
    """Computes the limits.

    `ceiling_seconds`: the longest deadline. `was_cut`: this model's last answer to this text was cut off. `is_tight`:
    the budgets have room only for an answer of the likely length.
    """
    visible = (
        _FRAME_TOKENS
        + size.message_bytes // _BYTES_PER_REPEATED_TOKEN
        + _TOKENS_PER_ITEM * (size.lines + _LINES_OF_PICTURE * size.pictures)
    )
    likely = visible + kind.reasoning.likely
    most = visible + kind.reasoning.most
    if kind.reasoning.most >= REASONING["low"].most:
        most = max(most, _LEAST_WITH_REASONING)
    first = chosen.max_output_tokens or min(likely if is_tight and not was_cut else most, kind.most_output_tokens)
    more = chosen.max_output_tokens_retry or min(_MORE * first, kind.most_output_tokens)
    retry = more if more >= _CLEARLY_MORE * first else None
    if was_cut:
        first, retry = retry or first, None
    return CallLimits(
        input_tokens=most_input_tokens(size, kind.picture_tokens),
        likely_output_tokens=min(likely, first),
        max_output_tokens=first,
        max_output_tokens_retry=retry,
        deadline_seconds=_deadline(min(likely, first), first, kind, chosen, ceiling_seconds),
    )


def _deadline(likely: int, most: int, kind: ModelKind, chosen: ChosenLimits, ceiling_seconds: float) -> float:
    needed = chosen.deadline_seconds
    if needed is None:
        answering = max(likely / kind.tokens_per_second, most / max(_BEST_TOKENS_PER_SECOND, kind.tokens_per_second))
        needed = max(SHORTEST_DEADLINE_SECONDS, _SECONDS_TO_BEGIN + answering)
    return min(needed, ceiling_seconds)


def most_input_tokens(size: MessageSize, picture_tokens: int = PICTURE_TOKENS) -> int:
    """The most tokens that the input of a call can bill.

    A customer's text counts one token per byte, the maximum of any tokenizer, since random letters come close to it.
    The prompt's text is ordinary, and counts fewer.
    """
    text = -(-size.fixed_bytes // _FIXED_BYTES_PER_TOKEN) + size.message_bytes + size.context_bytes + _CHAT_TOKENS
    return text + size.pictures * picture_tokens
