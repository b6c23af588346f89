"""The cost of a call: tokens times a price per million, in exact decimals. Unknown is None and never zero."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from rfqflow.core.errors import ConfigError, Usage

_MILLION = Decimal(1_000_000)
_CACHE_WRITE = Decimal("1.25")  # times the price of input, for a cache of five minutes as rfqflow requests
_MOST_USD, _PRICE_DIGITS = 100_000_000, 6  # the limit of ai.model_prices
_NANO = Decimal("0.000000001")  # the smallest unit of ai.rag_runs.cost_usd


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; cached input None: charged as other input."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None


def usd_per_million(text: str, name: str) -> Decimal:
    """The price in a person's input; `name`: the input's name.

    Raises:
        ConfigError: not a number, or too large for the table.
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
DEARER_FACTOR = 2  # the largest factor in the lists of 2026-11: prices a more expensive tier that has no price


def dearer(one: str | None, other: str | None) -> str | None:
    """The more expensive of two service tiers; an unknown one costs as the normal one."""
    return max(one, other, key=_rank)


def _rank(tier: str | None) -> int:
    return (tier not in CHEAPER_TIERS) + (tier in DEARER_TIERS)


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
