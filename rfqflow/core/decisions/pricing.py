"""What a call cost: tokens times a price per million, in exact decimals. Unknown is None and never zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from rfqflow.core.errors import Usage

_MILLION = Decimal(1_000_000)
_NANO = Decimal("0.000000001")  # the grain of ai.rag_runs.cost_usd
_BYTES_PER_TOKEN = 3  # fewer than texts have: English four, Chinese three
_FRAME_TOKENS = 64  # what a chat template and a re-ask add to a call
_ASSUMED_OUTPUT_TOKENS = 8_000  # of a prompt that sets no limit


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; cached input None: charged as other input."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None


Prices = Mapping[tuple[str, str], Price]  # by provider and model


def cost(usage: Usage, price: Price) -> Decimal:
    """US dollars; cached tokens are part of the input, reasoning ones of the output."""
    cached = min(usage.cached_input_tokens, usage.input_tokens)
    cached_price = price.input if price.cached_input is None else price.cached_input
    total = (
        (usage.input_tokens - cached) * price.input + cached * cached_price + usage.output_tokens * price.output
    ) / _MILLION
    return total.quantize(_NANO, rounding=ROUND_HALF_EVEN)


def estimate(
    bytes_sent: int, *, calls: int, max_output_tokens: int | None, max_output_tokens_retry: int | None = None
) -> Usage:
    """An upper bound of what one attempt is billed for, to hold a budget by: all of its calls, each at its longest.

    `bytes_sent`: of messages and schema, in UTF-8. A re-ask sends the model's own words once more.
    """
    once = -(-bytes_sent // _BYTES_PER_TOKEN) + _FRAME_TOKENS
    output = _ASSUMED_OUTPUT_TOKENS if max_output_tokens is None else max_output_tokens
    longest = max(output, max_output_tokens_retry or 0)
    repeated = calls - 1
    return Usage(input_tokens=calls * once + repeated * output, output_tokens=output + repeated * longest)
