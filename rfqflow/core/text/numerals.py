"""The numbers in a text: in digits in any notation, in words of many languages, and in characters.

A number has all its readings, since `1.000` may be a thousand or one. Callers use them to find out that a text does not
have a number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rfqflow.core.text import number_characters, number_digits, number_words
from rfqflow.core.text.number_lexicon import LANGUAGES

__all__ = [
    "NumberMention",
    "characters",
    "could_state_number_in_words",
    "integer",
    "numbers_in",
    "quantity_mentions",
    "reads_number_words",
    "spoken",
    "worded_numbers",
    "written",
    "written_values",
]

_LANGUAGES = frozenset((*LANGUAGES, "th", "zh", "ja", "ko", "nb", "nn", "bs", "ms"))


@dataclass(frozen=True, slots=True)
class NumberMention:
    """A number at a position of a text, with all its readings."""

    values: frozenset[Decimal]
    start: int
    end: int
    in_words: bool


def numbers_in(text: str) -> set[Decimal]:
    """All readings of all numbers in a text: in digits of any script, in words, and in characters."""
    plain = number_digits.plain_digits(text)
    found = number_digits.values_in(plain)
    for values, _, _ in _worded(plain):
        found |= values
    return found


def worded_numbers(text: str) -> list[number_words.Words]:
    """The numbers in words and characters of a text, in order, with their values and positions."""
    return sorted(_worded(number_digits.plain_digits(text)), key=lambda found: found[1:])


def integer(digits: str) -> frozenset[Decimal]:
    """The readings of digits without separators."""
    return number_digits.readings(number_digits.plain_digits(digits))


def quantity_mentions(text: str) -> tuple[NumberMention, ...]:
    """The numbers of a text in order, with positions. Each reading of the same digits is a separate number."""
    plain = number_digits.plain_digits(text)
    mentions = [NumberMention(*found, in_words=False) for found in number_digits.written(plain)]
    mentions += [NumberMention(*found, in_words=True) for found in _worded(plain)]
    return tuple(sorted(mentions, key=lambda mention: (mention.start, mention.end)))


def _worded(text: str) -> Iterator[number_words.Words]:
    yield from number_words.said(text)
    yield from number_words.duals(text)
    yield from number_characters.characters(text)


def written_values(text: str) -> list[frozenset[Decimal]]:
    """The readings of each number in digits, in no particular order."""
    return [values for values, _, _ in number_digits.written(number_digits.plain_digits(text))]


def written(text: str) -> Iterator[Decimal]:
    """Yields every number that the digits of a text may mean."""
    return (value for values, _, _ in number_digits.written(number_digits.plain_digits(text)) for value in values)


def spoken(text: str) -> Iterator[Decimal]:
    """Yields every number in words."""
    mentions = (*number_words.said(text), *number_words.duals(text))
    return (value for values, _, _ in mentions for value in values)


def characters(text: str) -> Iterator[Decimal]:
    """Yields every number in characters of scripts without blanks."""
    return (value for values, _, _ in number_characters.characters(text) for value in values)


def reads_number_words(language: str | None) -> bool:
    """Whether rfqflow knows the words for numbers in a language (ISO 639-1)."""
    return language in _LANGUAGES


_MOSTLY = 0.9  # share of the letters; the others may be signs and symbols
_LATIN = re.compile("[a-z\u00df-\u024f]", re.IGNORECASE)
_KNOWN_SCRIPT = re.compile(
    "[\u0370-\u04ff\u0530-\u074a\u0900-\u09ff\u0e01-\u0e4e\u10a0-\u10ff\u1f00-\u1fff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
)
# Letters of Cyrillic languages whose words for numbers are unknown.
_UNKNOWN = re.compile("[\u04d8-\u04e9\u0492-\u04bb]")


def could_state_number_in_words(text: str, language: str | None = None) -> bool:
    """Whether rfqflow can read the words for numbers in this text.

    If it can, a number that it does not find is not in the text.
    """
    if language is not None and not reads_number_words(language):
        return False
    letters = sum(map(str.isalpha, text))
    known = len(_KNOWN_SCRIPT.findall(text))
    latin = len(_LATIN.findall(text))
    if known + latin < letters * _MOSTLY or _UNKNOWN.search(text):
        return False
    if latin <= known or language is not None:
        return True
    return bool(number_words.languages_of(text))
