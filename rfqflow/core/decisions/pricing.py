"""What a call cost: tokens times a price per million, in exact decimals. Unknown is None and never zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from rfqflow.core.errors import Usage

_MILLION = Decimal(1_000_000)
_CACHE_WRITE = Decimal("1.25")  # of the price of input: for the five minutes that we ask for
_NANO = Decimal("0.000000001")  # the grain of ai.rag_runs.cost_usd


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; cached input None: charged as other input."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None


Prices = Mapping[tuple[str, str], Price]  # by provider and model


def cost(usage: Usage, price: Price) -> Decimal:
    """US dollars; cached and written tokens are part of the input, reasoning ones of the output."""
    cached = min(usage.cached_input_tokens, usage.input_tokens)
    written = min(usage.cache_write_tokens, usage.input_tokens - cached)
    cached_price = price.input if price.cached_input is None else price.cached_input
    total = (
        (usage.input_tokens - cached - written) * price.input
        + cached * cached_price
        + written * price.input * _CACHE_WRITE
        + usage.output_tokens * price.output
    ) / _MILLION
    return total.quantize(_NANO, rounding=ROUND_HALF_EVEN)
