"""The cost of a call: tokens times a price per million, in exact decimals. An unknown cost is None, never zero."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from rfqflow.core.errors import ConfigError, Usage

_MILLION = Decimal(1_000_000)
_CACHE_WRITE = Decimal("1.25")  # times the price of input, for the cache of five minutes that rfqflow requests
_MOST_USD, _PRICE_DIGITS = 100_000_000, 6  # the limit of ai.model_prices
_NANO = Decimal("0.000000001")  # the smallest unit of ai.rag_runs.cost_usd


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens. `cached_input` None: cached tokens cost as much as other input."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None


def usd_per_million(text: str, name: str) -> Decimal:
    """Parses a price that a person typed. `name`: the name of the field.

    Raises:
        ConfigError: the text is not a number, or the number is too large for the table.
    """
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount < _MOST_USD or amount != round(amount, _PRICE_DIGITS):
        raise ConfigError(
            f"{name} is US dollars per million tokens, such as 0.25 or 10, below {_MOST_USD:,} and with at most "
            f"{_PRICE_DIGITS} decimals, not {text[:40]!r}"
        )
    return abs(amount)


NORMAL_TIER = "default"
CHEAPER_TIERS = frozenset({"flex", "batch"})
DEARER_TIERS = frozenset({"priority", "fast", "performance"})
# Assumed factor for a more expensive tier without a price: the largest factor in the price lists of 2026-11.
DEARER_FACTOR = 2


def dearer(one: str | None, other: str | None) -> str | None:
    """The more expensive of two service tiers. An unknown tier counts as the normal tier."""
    return max(one, other, key=_rank)


def _rank(tier: str | None) -> int:
    return (tier not in CHEAPER_TIERS) + (tier in DEARER_TIERS)


def cost(usage: Usage, price: Price) -> Decimal:
    """The cost in US dollars.

    Cached and written tokens are part of the input, and reasoning tokens are part of the output.
    """
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
