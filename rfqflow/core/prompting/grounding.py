"""Grounding: what an answer claims to have read must stand in the text, else it is dropped.

Checked are the facts that cost money when they are invented: quantities, part numbers, dates, places,
amounts. Words are compared folded, numbers by value in any spelling. Descriptions, materials and tags are
not checked: a model may translate them. The check is kind where spellings differ, strict where nothing like
the claim is there.
"""

# ruff: noqa: RUF001 - currencies stand here in their own scripts

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from rfqflow.core.text.dates_read import DateMention, dates_in, states
from rfqflow.core.text.numerals import characters, spoken, written
from rfqflow.core.text.sanitize import fold

CONFIDENCE_FACTOR = 0.7  # once, however many fields were dropped: one invention makes the whole answer doubtful

_LOOKED_AT = 64_000  # characters of each end, more than a model is ever shown
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
_SCANNED = re.compile(r"(?<![^\W\d_])[OoIl]*\d[\dOoIl]*(?![^\W\d_])")
_TOUCHING = re.compile(r"[OoIl]\d|\d[OoIl]")
_SCANNER = str.maketrans("OoIl", "0011")
_ASCII_REST = bytes(code for code in range(128) if not chr(code).isalnum())
_ANY_CURRENCY = frozenset("€$£¥₹₺₩₽₴₪")


def numbers_in(text: str) -> set[Decimal]:
    """Every number a text states: in digits of any script, in words, in CJK characters; all readings."""
    text = _written_out(text)
    return {*written(text), *spoken(fold(text)), *characters(text)}


def _written_out(text: str) -> str:
    """One spelling of digits: `２½` as `2 1/2`, Arabic digits as ASCII, a scanner's `6OO` as 600."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", re.sub("([¼-¾⅐-⅞])", r" \1", text))
        text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in text)
    # A digit beside such a letter is what a scan leaves; without one there is nothing to mend.
    return _SCANNED.sub(lambda found: found[0].translate(_SCANNER), text) if _TOUCHING.search(text) else text


def digits_in(text: str) -> set[Decimal]:
    """The numbers that a text states in digits."""
    return set(written(_written_out(text)))


def states_date(text: str, date: dt.date) -> bool:
    """Whether the text states the day in full."""
    return _Source(text).has_date(date)


def states_amount(text: str, amount: Decimal, currency: str) -> bool:
    return _Source(text).has_amount(amount, currency)


def names_currency(text: str) -> bool:
    """Whether the text names any currency."""
    source = _Source(text)
    return any(source.names(currency) for currency in _CURRENCIES)


def states_place(text: str, place: str) -> bool:
    """Whether the text names the place, in whatever case."""
    return _Source(text).known_place(place) is not None


@dataclass(frozen=True)
class _Source:
    """The customer's text, prepared for looking things up; each view is made when it is first needed."""

    text: str

    @cached_property
    def digits(self) -> frozenset[Decimal]:
        """The numbers that are written in digits: most are, and words take longer to read."""
        return frozenset(written(_written_out(self.text)))

    @cached_property
    def numbers(self) -> set[Decimal]:
        return numbers_in(self.text)

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        return dates_in(self.text)

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(re.findall(r"\w+", self.folded))

    @cached_property
    def squashed(self) -> str:
        return _squashed(self.folded)

    def has_quantity(self, quantity: Decimal) -> bool:
        # "a pump" asks for one: the singular needs no numeral.
        return quantity == 1 or quantity in self.digits or quantity in self.numbers

    def has_code(self, code: str) -> bool:
        squashed = _squashed(fold(code))
        if len(squashed) < _SHORT_CODE:  # in the squashed text a short one would be found by accident
            return re.search(rf"(?<![^\W_]){re.escape(fold(code).strip())}(?![^\W_])", self.folded) is not None
        return squashed in self.squashed

    def has_words(self, quote: str) -> bool:
        return _squashed(fold(quote)) in self.squashed

    def has_digits_of(self, quote: str) -> bool:
        """A date's words may be translated, its numbers may not be new."""
        return all(number in self.digits or number in self.numbers for number in written(_written_out(quote)))

    def known_place(self, place: str) -> str | None:
        """The parts of a place that the text names: `Ludlow` of `Ludlow, United Kingdom`."""
        known = [part.strip() for part in re.split("[,;/]", place) if self._has_place(part)]
        return ", ".join(known) or None

    def _has_place(self, part: str) -> bool:
        words = re.findall(r"\w+", fold(part))
        return bool(words) and (self.has_words(part) or all(map(self._has_word, words)))

    def _has_word(self, word: str) -> bool:
        """With another ending, too: `do Warszawy` is Warszawa."""
        if word in self.words or (not word.isascii() and word in self.folded):
            return True
        stem = word[: max(len(word) - 2, _SHORT_CODE)]
        return len(word) > _SHORT_CODE and word.isalpha() and any(word.startswith(stem) for word in self.words)

    def has_amount(self, amount: Decimal, currency: str) -> bool:
        return self.names(currency) and (amount in self.digits or amount in self.numbers)

    def names(self, currency: str) -> bool:
        names = {currency.casefold(), *_CURRENCIES.get(currency, "").split()}
        return any(
            fold(name) in self.words or (not name.isascii() and fold(name) in self.folded) or
            (name[-1] in _ANY_CURRENCY and name in self.text.casefold()) or
            re.search(rf"\d{re.escape(name)}(?![^\W\d])|(?<![^\W\d]){re.escape(name)}\d", self.folded)
            for name in names
        )  # fmt: skip

    def has_date(self, date: dt.date) -> bool:
        """The text states the date in full, in whatever language and spelling."""
        return states(self.dates, date)


_SHORT_CODE = 4


def _squashed(folded: str) -> str:
    """Letters and digits alone."""
    if folded.isascii():
        return folded.encode().translate(None, _ASCII_REST).decode()
    return re.sub(r"[\W_]+", "", folded)
