"""Limits of a call: length of the answer, duration, and maximum usage. Pure.

They depend on the work: the message's bytes, and its lines with a digit, since each may become an item. They also
depend on whether the model reasons, since that counts as output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORTEST_DEADLINE_SECONDS = 20.0

# An upper bound of measured answers: the median is 318 tokens, and an item takes 49.
_FRAME_TOKENS = 700
_BYTES_PER_REPEATED_TOKEN = 3
_TOKENS_PER_ITEM = 80

# The model reasons as well: 3,000 tokens before an answer of 1,500 were measured at a low effort.
_LEAST_WITH_REASONING = 4_500
_MORE = 2  # factor for the call after a cut-off answer
_CLEARLY_MORE = 1.5  # with less, another call is useless

# 330 + 1,500 tokens took 18.7 s. A deadline leaves time for the likely answer at the model's common speed, and for the
# longest one at the best.
_SECONDS_TO_BEGIN = 10.0
_BEST_TOKENS_PER_SECOND = 100.0

_FIXED_BYTES_PER_TOKEN = 3  # rfqflow's prompt and schema: 4.0 by o200k and cl100k
_CHAT_TOKENS = 64  # tokens that a chat template adds
_LINES_OF_PICTURE = 20  # lines with a digit on a page that is a picture
PICTURE_TOKENS = 10_000  # of one of 1,568 pixels: more than any provider bills, but for models that name their own


@dataclass(frozen=True, slots=True)
class MessageSize:
    """The size of one call: the prompt's text, and the texts of the customer and the documents."""

    fixed_bytes: int = 0
    message_bytes: int = 0
    context_bytes: int = 0
    lines: int = 0  # of the message, with a digit
    pictures: int = 0

    @property
    def sent_bytes(self) -> int:
        return self.fixed_bytes + self.message_bytes + self.context_bytes


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Tokens of reasoning before the answer."""

    likely: int = 0
    most: int = 0


# By effort. Providers publish no maximum; these values leave room beyond the measured ones.
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
    """Facts about a model."""

    reasoning: Reasoning
    tokens_per_second: float
    most_output_tokens: int = 16_384  # beyond it the server refuses the call
    picture_tokens: int = PICTURE_TOKENS  # the most that one picture is billed for


# It may run on a small machine, and may reason by default.
UNKNOWN = ModelKind(Reasoning(0, 3_000), tokens_per_second=30.0)


@dataclass(frozen=True, slots=True)
class ChosenLimits:
    """Limits set for a prompt or a model; they apply regardless of the message."""

    max_output_tokens: int | None = None
    max_output_tokens_retry: int | None = None
    deadline_seconds: float | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> ChosenLimits:
        """The limits among the parameters of a prompt or model."""
        return cls(
            parameters.get("max_output_tokens"),
            parameters.get("max_output_tokens_retry"),
            parameters.get("deadline_seconds"),
        )


@dataclass(frozen=True, slots=True)
class CallLimits:
    """The limits of one call. `max_output_tokens_retry`: for the second call, after a cut-off answer."""

    input_tokens: int
    likely_output_tokens: int
    max_output_tokens: int
    max_output_tokens_retry: int | None
    deadline_seconds: float

    @property
    def usage(self) -> Usage:
        """The maximum billed usage of one call."""
        return Usage(input_tokens=self.input_tokens, output_tokens=self.max_output_tokens)

    @property
    def last_output_tokens(self) -> int:
        """The limit at which a cut-off answer is not requested again."""
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

    `ceiling_seconds`: maximum of any deadline; `was_cut`: this model's last answer to this text was cut off.
    `is_tight`: budgets only have room for the likely answer.
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
    """The maximum billed tokens of a call's input.

    A customer may write anything: random letters come close to one token per byte, the maximum of any tokenizer. The
    prompt's text is ordinary.
    """
    text = -(-size.fixed_bytes // _FIXED_BYTES_PER_TOKEN) + size.message_bytes + size.context_bytes + _CHAT_TOKENS
    return text + size.pictures * picture_tokens
