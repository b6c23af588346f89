"""The price of a call, from the operator's table or else from a public price list.

The public list is genai-prices (extra `prices`). rfqflow uses it only if the host of the base URL belongs to the
vendor, and passes the vendor's name. Without the name, the list would guess, and bill a local model at the price of a
well-known model. Its prices are estimates. If you have a contract, write your prices into `ai.model_prices`.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from rfqflow.core.decisions.pricing import CHEAPER_TIERS, DEARER_FACTOR, DEARER_TIERS, NORMAL_TIER, Price, cost
from rfqflow.core.errors import Usage

UNKNOWN: tuple[None, str] = (None, "unknown")
_LISTED_TIERS = CHEAPER_TIERS | DEARER_TIERS  # if the list has no price for a model's tier, the normal price applies

# Only hosts where model names are reliable and list prices apply. Azure's deployments have any name, and regional hosts
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
    """The vendor to which the host belongs. None for any other host."""
    try:
        address = urlsplit(base_url or "")
        own_port = address.port in (None, 443)
    except ValueError:
        return None
    return _VENDORS.get((address.hostname or "").rstrip(".")) if address.scheme == "https" and own_port else None


class PriceBook:
    """The prices of all providers. A provider gets `functools.partial(book.price, "openai")` as its `price`."""

    def __init__(self, base_urls: Mapping[str, str | None] | None = None) -> None:
        """`base_urls`: by provider, its address. A provider without an address uses only the table."""
        self._vendors = {name: vendor_of(url) for name, url in (base_urls or {}).items()}
        self._table: Mapping[tuple[str, str, str], Price | None] = {}

    def set_table(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Replaces the table by the current rows of `ai.model_prices`, one for each provider, model and tier.

        With an invalid row, the model's price is unknown: the list must not replace the operator's price.
        """
        self._table = {
            (row["provider"], row["model"], row.get("service_tier", NORMAL_TIER)): _price(row) for row in rows
        }

    def price(self, provider: str, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        """The price in US dollars and its source.

        The source is `table`, `free` (a row of zeros), `genai-prices`, or `unknown` with None.

        The service tier that answered determines the price. If a tier has no price, the normal tier's price applies.
        For a more expensive tier without a price, a multiple of the normal price is assumed (`assumed`), so that no
        budget is overspent.

        Never raises. A price of zero means a row of zeros, no tokens, or less than the smallest unit of a cost.
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
        """Loads the public list before the first call needs it, since that takes half a second.

        Returns False if the list is not needed or cannot be loaded.
        """
        if not any(self._vendors.values()):
            return False
        try:
            import genai_prices  # noqa: F401, PLC0415 # imported for its effect, and late: see above
        except Exception:  # noqa: BLE001 - if the list is missing or broken, prices are unknown and calls go on
            return False
        return True


def _price(row: Mapping[str, Any]) -> Price | None:
    names = ("input_usd_per_million", "output_usd_per_million", "cached_input_usd_per_million")
    try:
        given, made, cached = (None if row[name] is None else Decimal(str(row[name])) for name in names)
    except (ArithmeticError, KeyError):
        return None
    # Check again: the check in the table accepts NaN, since PostgreSQL sorts NaN above all numbers.
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
        from genai_prices import Usage as Billed  # noqa: PLC0415 - takes 0.5 s and 40 MB, which only users of the list should spend
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
        # The list's total leaves out parts without a price, so a model that is priced by the hour would cost nothing.
        if not found.model_price.input_mtok or not found.model_price.output_mtok:
            return UNKNOWN
        total = Decimal(found.total_price)
    except Exception:  # noqa: BLE001 - if the list is not installed or broken, or lacks the model, the price is unknown
        return UNKNOWN
    return (total, "genai-prices") if _sensible(total) else UNKNOWN
