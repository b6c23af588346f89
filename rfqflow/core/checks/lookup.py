"""Finds places and currencies in a text, in upper or lower case and in any spelling."""

# ruff: noqa: RUF001 - currencies stand here in their scripts

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfqflow.core.text.sanitize import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfqflow.core.checks.source import SourceLine

_WORDS = re.compile(r"\w+")
_PLACE_PARTS = re.compile("[,;/()]")

_CURRENCIES = {
    "EUR": "€ euro euros",
    "USD": "$ us$ dollar dollars dolar",
    "GBP": "£ pound pounds quid",
    "CHF": "sfr fr franken",
    "JPY": "¥ 円 yen",
    "CNY": "¥ 元 rmb yuan 人民币",
    "INR": "₹ rs rupee rupees",
    "PLN": "zl zloty zlotych",
    "CZK": "kc korun",
    "SEK": "kr kronor",
    "NOK": "kr kroner",
    "DKK": "kr kroner",
    "TRY": "₺ tl lira",
    "BRL": "r$ reais",
    "KRW": "₩ 원 won",
    "RUB": "₽ rub руб",
    "UAH": "₴ грн",
    "HUF": "ft forint",
    "ZAR": "r rand",
    "AED": "dhs dirham dirhams درهم",
    "SAR": "sr riyal ريال",
    "CAD": "$ c$ dollar dollars",
    "AUD": "$ a$ dollar dollars",
    "SGD": "$ s$ dollars",
    "MXN": "$ mx$ pesos",
}
_SIGNS = frozenset("€$£¥₹₺₩₽₴₪")
_STEM = 4  # letters at the beginning of a word that do not change in inflected forms


def names_currency(text: str, currency: str) -> bool:
    """Whether the text names the currency by its code, its sign or a word."""
    folded = fold(text)
    words = frozenset(_WORDS.findall(folded))
    return any(
        _is_named(name, text, folded, words) for name in (currency.casefold(), *_CURRENCIES.get(currency, "").split())
    )


def names_any_currency(text: str) -> bool:
    """Whether the text names any currency."""
    return any(names_currency(text, currency) for currency in _CURRENCIES)


def _is_named(name: str, text: str, folded: str, words: frozenset[str]) -> bool:
    plain = fold(name)
    if plain in words or (not name.isascii() and plain in folded) or (name[-1] in _SIGNS and name in text.casefold()):
        return True
    if plain not in folded:
        return False
    hung_on_a_number = rf"\d{re.escape(name)}(?![^\W\d])|(?<![^\W\d]){re.escape(name)}\d"
    return re.search(hung_on_a_number, folded) is not None


def place_words(place: str) -> list[str]:
    """The words of a place that the lines must contain, without optional words such as a country or a code."""
    parts = [part for part in _PLACE_PARTS.split(place) if part.strip()]
    return _WORDS.findall(fold(parts[0])) if parts else []


def names_place(lines: Sequence[SourceLine], wanted: Sequence[str]) -> bool:
    """Whether the lines contain all words of a place."""
    if not wanted:
        return False
    if "".join(wanted) in "".join(line.squashed for line in lines):
        return True
    folded = "\n".join(line.folded for line in lines)
    words = frozenset().union(*(line.words for line in lines))
    return all(_has_word(word, folded, words) for word in wanted)


def _has_word(word: str, folded: str, words: frozenset[str]) -> bool:
    """Whether the lines contain the word, also with another ending, such as `do Warszawy` for Warszawa."""
    if word in words or (not word.isascii() and word in folded):
        return True
    stem = word[: max(len(word) - 2, _STEM)]
    return len(word) > _STEM and word.isalpha() and any(other.startswith(stem) for other in words)
