"""The names of months, days and weekdays in many languages, and the tokens of a text that may contain them.

The names are generated (docs/develop.md says how). They are loaded when the first text needs them.
"""

# ruff: noqa: RUF001 - signs of other scripts are what this module is about

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.word_lists import word_lists

# Every character except white space, digits and punctuation counts as a letter. `\w` does not include the marks that
# many scripts use for vowels.
_NO_LETTER = (
    r"\s\d!-/:-@\[-`{-~\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00bf\u00d7\u00f7\u0589\u058a\u05be\u05c0\u05c3\u05f3\u05f4"
    r"\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u104a\u104b\u1361-\u1368\u17d4-\u17da\u2000-\u206f\u2190-\u27bf"
    r"\u3000-\u3004\u3008-\u303f\u30fb\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
TOKEN = re.compile(rf"(\d+)|([^{_NO_LETTER}]+(?:\.[^{_NO_LETTER}]+)*)|(\S)")
_WORD = re.compile(rf"[^{_NO_LETTER}]+")
NUMBER, WORD = 1, 2  # groups of TOKEN
PERSIAN = 100  # added to the number of a month of the calendar of Iran
_LONGEST = 40  # letters of a word that is looked up
_LONGEST_ENDING = 5  # letters that an ending may add
_TENS = 10
_SIGNS = "\u3000"  # from this character on, each character is a word
_DROPPED = 2  # letters that an ending may replace
# Prepositions and articles that are joined to the word.
_PREFIXES = ("ב", "ל", "מ", "ה", "ו", "ال", "ل", "ب", "و", "በ", "እስከ", "ខែ", "เดือน", "ເດືອນ")
_SCANNED = re.compile(r"(?<![^\W\d_])[OoIl]*\d[\dOoIl]*(?![^\W\d_])")
_TOUCHING = re.compile(r"\d(?:[OoIl]|(?<=[OoIl]\d))")
_SCANNER = str.maketrans("OoIl", "0011")
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212, 0x30FC), 0x2D)
_BLANKS = dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F, 0x3000), 0x20)


class _Plain(dict[int, int]):
    """Replaces decimal digits, full-width forms, dashes and blanks.

    Each is replaced by one character, so that positions do not change.
    """

    def __missing__(self, code: int) -> int:
        character = chr(code)
        if character.isdecimal():
            code_of = 0x30 + unicodedata.decimal(character)
        elif 0xFF01 <= code <= 0xFF5E:  # noqa: PLR2004 - the full-width forms of ASCII
            code_of = code - 0xFEE0
        else:
            code_of = code
        self[code] = code_of
        return code_of


_PLAIN = _Plain({**_DASHES, **_BLANKS, 0x2019: 0x27, 0x02BC: 0x27})
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_FOREIGN_SIGN = re.compile(f"[{''.join(map(chr, _PLAIN))}\uff01-\uff5e]")


def plain(text: str) -> str:
    """The text with ASCII digits, dashes and blanks. Repairs errors of scans such as `2O27`. No position changes."""
    if not text.isascii() and (_FOREIGN_SIGN.search(text) or _FOREIGN_DIGIT.search(text)):
        text = text.translate(_PLAIN)
    # An error of a scan has a digit beside the letter. Without such a place, there is nothing to repair.
    return _SCANNED.sub(lambda found: found[0].translate(_SCANNER), text) if _TOUCHING.search(text) else text


def key_of(name: str) -> str:
    """The form in which names are compared: normalized words without dots, with one blank between them."""
    return " ".join(_WORD.findall(fold(name).replace(".", "")))


class Token(NamedTuple):
    kind: int  # NUMBER, WORD or another
    text: str
    start: int
    end: int


def tokens_of(text: str, start: int, end: int) -> list[Token]:
    """The tokens between two positions of a plain text."""
    tokens = TOKEN.finditer(text, start, end)
    return [Token(found.lastindex or 0, found[0], found.start(), found.end()) for found in tokens]


class Word(NamedTuple):
    """The meanings of a word."""

    key: str
    months: tuple[int, ...]
    begins_month: bool  # whether a month's name with several words begins with it
    counts_months: bool  # whether the number of a month follows, as after `tháng`
    unit: int  # 1 for day, 7 for week, 14 for fortnight, 30 for month, 24 for hour, or 0
    weekdays: tuple[int, ...]  # Monday is 0
    may_be_month: bool  # whether it is a month, begins a month's name, or announces a month's number


@lru_cache(maxsize=8192)
def word_of(text: str) -> Word:
    names = calendar()
    key = key_of(text)
    months = names.month(text) if len(text) <= _LONGEST else frozenset()
    if not months and not (text.isascii() and text.islower()):
        months = names.rare.get(key, months)
    units = names.units.get(key) or with_ending(key, names.unit_stems)
    weekdays = names.weekdays.get(key) or with_ending(key, names.weekday_stems)
    begins, counts = key in names.beginnings, key in names.lists["month number"]
    return Word(
        key, tuple(sorted(months)), begins, counts,
        next(iter(units)) if len(units) == 1 else 0, tuple(weekdays) if len(weekdays) == 1 else (),
        bool(months) or begins or counts,
    )  # fmt: skip


@dataclass(frozen=True)
class Calendar:
    """The meaning of each calendar word (months, days, weekdays, units), and the stems of inflected forms."""

    months: Mapping[str, frozenset[int]]
    rare: Mapping[str, frozenset[int]]  # names in small languages, many of which are common words of another language
    stems: Mapping[str, frozenset[int]]
    beginnings: frozenset[str]  # first words of names with several words
    days: Mapping[str, int]
    numerals: Mapping[str, int]  # of months, in languages that number months
    weekdays: Mapping[str, frozenset[int]]
    units: Mapping[str, frozenset[int]]  # 1 for day, 7 for week, 14 for fortnight, 30 for month, 24 for hour
    unit_stems: Mapping[str, frozenset[int]]
    weekday_stems: Mapping[str, frozenset[int]]
    lists: Mapping[str, frozenset[str]]

    def month(self, word: str) -> frozenset[int]:
        """The months that a word may name, in any inflected form. Empty if it names none."""
        key = key_of(word)
        found = self.months.get(key) or with_ending(key, self.stems)
        if not found and not key.isascii():
            cut = (key.removeprefix(prefix) for prefix in _PREFIXES if key.startswith(prefix))
            found = next((self.months[rest] for rest in cut if rest in self.months), frozenset())
        if not found and "." in word:
            return self.month(word.partition(".")[0])
        return found


@cache
def calendar() -> Calendar:
    """The words of the calendar, which are read once."""
    by_kind: dict[str, dict[str, set[str]]] = {}
    lists: dict[str, frozenset[str]] = {}
    for file in ("calendar", "dates"):
        for name, body in word_lists(file).items():
            phrases = body.replace("\n", ", ").split(", ")  # the generated names have this form already
            words = set(phrases) if file == "calendar" else {key_of(each.rstrip(",")) for each in phrases}
            kind, _, value = name.rpartition(" ")
            if value.isdigit():
                number = str(int(value) + PERSIAN) if kind == "persian" else value
                for word in words:
                    by_kind.setdefault("month" if kind == "persian" else kind, {}).setdefault(word, set()).add(number)
            else:
                lists[name] = frozenset(words)
    months, rare, weekdays, units = (
        {word: frozenset(map(int, values)) for word, values in by_kind[kind].items()}
        for kind in ("month", "rare", "weekday", "unit")
    )
    days, numerals = (
        {word: int(next(iter(values))) for word, values in by_kind[kind].items()} for kind in ("day", "numeral")
    )
    beginnings = frozenset(name.partition(" ")[0] for name in (*months, *rare) if " " in name)
    return Calendar(
        months,
        rare,
        _stems(months),
        beginnings,
        days,
        numerals,
        weekdays,
        units,
        _stems(units, signs=True),
        _stems(weekdays),
        lists,
    )


def _stems(words: Mapping[str, frozenset[int]], *, signs: bool = False) -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for word, values in words.items():
        if " " in word or max(values) > PERSIAN:
            continue
        if word[:1] >= _SIGNS:
            shortest = 1 if signs else len(word)
        else:
            shortest = max(5 if word.isascii() else 3, len(word) - _DROPPED)  # too many words begin like a shorter stem
        for length in range(min(shortest, max(len(word), 4)), len(word) + 1):
            stem = word[:length]
            found[stem] = found[stem] | values if stem in found else values
    return found


def with_ending(key: str, stems: Mapping[str, frozenset[int]], shortest: int = 3) -> frozenset[int]:
    """The meaning of the longest known stem of a word, if only an ending follows the stem."""
    shortest = 1 if key[:1] >= _SIGNS else shortest
    for length in range(len(key), max(len(key) - _LONGEST_ENDING, shortest) - 1, -1):
        if (found := stems.get(key[:length])) is not None:
            return found
    return frozenset()


def last_phrase(words: Sequence[str], wanted: Mapping[str, int]) -> tuple[int, int]:
    """How many of the last words form the longest known phrase, and its meaning."""
    keys = [key_of(word) for word in words]
    for first in range(len(keys)):
        if keys[first] and (found := wanted.get(" ".join(filter(None, keys[first:])))):
            return len(keys) - first, found
        tens, ones = (wanted.get(key, 0) for key in (*keys[first:], "")[:2])
        if len(keys) - first == 2 and tens in {20, 30} and ones < _TENS:  # noqa: PLR2004 - two words, of two digits
            return 2, tens + ones if ones else 0
    return 0, 0


def is_month(word: str) -> bool:
    """Whether a word is the unchanged name of a month."""
    return key_of(word) in calendar().months
