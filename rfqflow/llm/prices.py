"""The price of a call from the first source that knows it: the operator's table, a public price list, or none.

The public list is genai-prices (extra `prices`). It applies only if the base URL's host is the vendor's own, with that
vendor named: without a name it guesses, and would bill a local model at a well-known model's price. Its prices are
estimates; with a contract, write your prices into `ai.model_prices`.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from rfqflow.core.decisions.pricing import CHEAPER_TIERS, DEARER_FACTOR, DEARER_TIERS, NORMAL_TIER, Price, cost
from rfqflow.core.errors import Usage

UNKNOWN: tuple[None, str] = (None, "unknown")
_LISTED_TIERS = CHEAPER_TIERS | DEARER_TIERS  # if the list lacks a model's tier, the normal price applies

# Only hosts whose model names are reliable and have list prices: Azure's deployments have any name, and regional hosts
# have other prices.
_VENDORS: Mapping[str, str] = {
    "api.openai.com": "openai",
    "openrouter.ai": "openrouter",
    "api.mistral.ai": "mistral",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.together.xyz": "together",
    "api.fireworks.ai": "fireworks",
    "api.cerebras.ai": "cerebras",
    "api.x.ai": "x-ai",
    "api.perplexity.ai": "perplexity",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "google",
}


def vendor_of(base_url: str | None) -> str | None:
    """The vendor that owns this host; None for any other host."""
    try:
        address = urlsplit(base_url or "")
        own_port = address.port in (None, 443)
    except ValueError:
        return None
    return _VENDORS.get((address.hostname or "").rstrip(".")) if address.scheme == "https" and own_port else None


class PriceBook:
    """Prices of all providers. A provider takes `functools.partial(book.price, "openai")` as its `price`."""

    def __init__(self, base_urls: Mapping[str, str | None] | None = None) -> None:
        """`base_urls`: address of each provider; a provider without one uses only the table."""
        self._vendors = {name: vendor_of(url) for name, url in (base_urls or {}).items()}
        self._table: Mapping[tuple[str, str, str], Price | None] = {}

    def set_table(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Replaces the table by the current rows of `ai.model_prices`, one for each provider, model and tier.

        An invalid row makes its model's price unknown: the list must not replace the operator's price.
        """
        self._table = {
            (row["provider"], row["model"], row.get("service_tier", NORMAL_TIER)): _price(row) for row in rows
        }

    def price(self, provider: str, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        """The price in US dollars and its source.

        The source is `table`, `free` (a row of zeros), `genai-prices`, or `unknown` with None.

        The price is that of the service tier that answered. A tier without a price of its own costs as the normal one.
        A more expensive tier is assumed (`assumed`) to cost a multiple of it: too low a price would overspend a budget.

        It never raises. Zero dollars mean a row of zeros, no tokens, or less than the smallest unit of a cost.
        """
        tier = usage.service_tier or NORMAL_TIER
        if (provider, model, tier) in self._table:
            return _by_table(self._table[provider, model, tier], usage)
        if (provider, model, NORMAL_TIER) in self._table:
            amount, source = _by_table(self._table[provider, model, NORMAL_TIER], usage)
            return (amount * DEARER_FACTOR, "assumed") if amount and tier in DEARER_TIERS else (amount, source)
        vendor = self._vendors.get(provider)
        return _by_list(vendor, model, usage) if vendor else UNKNOWN

    def warm(self) -> bool:
        """Loads the public list, which takes half a second, before the first call needs it.

        False if nothing needs it.
        """
        if not any(self._vendors.values()):
            return False
        try:
            import genai_prices  # noqa: F401, PLC0415 # imported for its effect, and late: see above
        except Exception:  # noqa: BLE001 - absent or broken, prices are unknown, and calls go on
            return False
        return True


def _price(row: Mapping[str, Any]) -> Price | None:
    names = ("input_usd_per_million", "output_usd_per_million", "cached_input_usd_per_million")
    try:
        given, made, cached = (None if row[name] is None else Decimal(str(row[name])) for name in names)
    except (ArithmeticError, KeyError):
        return None
    # The table's check accepts NaN, since PostgreSQL sorts it above all numbers.
    if given is None or made is None or not all(_sensible(each) for each in (given, made, cached or given)):
        return None
    return Price(input=given, output=made, cached_input=cached)


def _sensible(amount: Decimal) -> bool:
    return amount.is_finite() and amount >= 0


def _by_table(price: Price | None, usage: Usage) -> tuple[Decimal | None, str]:
    if price is None:
        return UNKNOWN
    free = not price.input and not price.output and not price.cached_input
    return (Decimal(0), "free") if free else (cost(usage, price), "table")


def _by_list(vendor: str, model: str, usage: Usage) -> tuple[Decimal | None, str]:
    tier = usage.service_tier
    about_tier: dict[str, Any] = {"price_context": {"service_tier": tier}} if tier in _LISTED_TIERS else {}
    try:
        from genai_prices import Usage as Billed  # noqa: PLC0415 - 0.5 s and 40 MB, for those who price by it
        from genai_prices import calc_price  # noqa: PLC0415 - the same

        found = calc_price(
            Billed(
                input_tokens=usage.input_tokens,
                cache_read_tokens=min(usage.cached_input_tokens, usage.input_tokens),
                cache_write_tokens=usage.cache_write_tokens or None,
                output_tokens=usage.output_tokens,
            ),
            model,
            provider_id=vendor,
            **about_tier,
        )
        # The list's sum leaves out parts without a price: a model priced by the hour would cost nothing.
        if not found.model_price.input_mtok or not found.model_price.output_mtok:
            return UNKNOWN
        total = Decimal(found.total_price)
    except Exception:  # noqa: BLE001 - not installed, model not listed, list broken: all mean that nobody knows
        return UNKNOWN
    return (total, "genai-prices") if _sensible(total) else UNKNOWN
