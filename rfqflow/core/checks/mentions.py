"""The numbers of a line, and what each counts or names, so that the number of a drawing is not taken for a quantity."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rfqflow.core.cached import cached
from rfqflow.core.checks.words import REPLACED, REPLACED_AFTER
from rfqflow.core.rules.phrases import Memory
from rfqflow.core.rules.text import plainest
from rfqflow.core.text.calendar_words import is_month
from rfqflow.core.text.numerals import integer, worded_numbers, written
from rfqflow.core.text.units import COUNTS, DESCRIBING, MEASURES, TIME


class Kind(StrEnum):
    """The meaning of a number, as far as the words beside it show it."""

    PLAIN = "plain"
    COUNTED = "counted"  # followed by a unit for quantities
    MEASURED = "measured"  # followed by a unit for quantities or for descriptions: kg, m
    DIMENSION = "dimension"  # followed by a unit for descriptions: mm, bar, kW; or one side of `40 x 20`
    REFERENCE = "reference"  # the number of a drawing, an order or an article
    CODE = "code"  # a part of a word with letters
    DATE = "date"
    DURATION = "duration"
    MONEY = "money"
    PERCENT = "percent"
    REPLACED = "replaced"  # 60 in "80 instead of 60"


# An answer that has such a number as a quantity is wrong.
NEVER_A_QUANTITY = frozenset(
    {Kind.REFERENCE, Kind.DATE, Kind.MONEY, Kind.PERCENT, Kind.DURATION, Kind.CODE,
     Kind.REPLACED}
)  # fmt: skip
_MAY_BE_REPLACED = frozenset({Kind.COUNTED, Kind.PLAIN, Kind.MEASURED})


@dataclass(eq=False)
class Mention:
    """A number as written, with all values that it may have. `kind` is computed at its first use."""

    values: frozenset[Decimal]
    start: int
    end: int
    unit: str  # the next word, normalized
    line: "_NumberedLine"

    @cached
    def kind(self) -> Kind:
        kind = _kind(self.line, self.start, self.end, self.unit)
        if kind in _MAY_BE_REPLACED and _is_replaced(self.line.text, self.start, self.end):
            return Kind.REPLACED
        return kind

    @property
    def is_counted(self) -> bool:
        """Whether the number counts goods."""
        return self.unit in COUNTS and self.kind is Kind.COUNTED


@dataclass(eq=False)
class WordedMention(Mention):
    """A number in words. Only its unit shows its meaning."""

    @cached
    def kind(self) -> Kind:
        unit = self.unit
        if unit in TIME:
            return Kind.DURATION
        if unit in COUNTS:
            return Kind.COUNTED
        if unit in MEASURES:
            return Kind.MEASURED
        return Kind.DIMENSION if unit in DESCRIBING else Kind.PLAIN


@dataclass(eq=False)
class _NumberedLine:
    written: str
    text: str  # in lower case

    @cached
    def dates(self) -> list[tuple[int, int]]:
        """Where numeric dates are in the line."""
        return [found.span() for found in _DATE.finditer(self.text)]


_TOKEN = re.compile(r"\d+(?:[.,'\u2019\u066b\u066c]\d+|[ \u00a0\u2009\u202f]\d{3}(?!\d))*")
# The first digit is before the alternatives, so the regex engine searches for digits and tries the pattern only there.
_DATE = re.compile(
    r"\d(?:\d{3}[-/.]\d{1,2}[-/.]\d{1,2}|\d?[-/.]\s?\d{1,2}[-/.]\s?(?:\d{4}|\d{2})(?!\d)"
    r"|\d{1,3}\s?[年년]\s?\d{1,2}\s?[月월](?:\s?\d{1,2}\s?[日일])?|\d?\s?[月월]\s?\d{1,2}\s?[日일])"
)
_YEAR = re.compile(r"(?:19[5-9]|20[0-4]|25[6-9])\d(?<!00)(?<!50)")
# Labels as in `RAL 5015` and `SAE 660`, but not as in `QTY 40`, and not in a text that has only capitals.
_LABELS = "QTY|QTE|PCS|EA|NO|NOS|OFF|PZ|SZT|ST|STK|NEED|AND|FOR|OF|X|ILE|QT|UN|UD|TOTAL|MENGE|ANZAHL|CANT"
_NAMED = re.compile(rf"(?<![^\W_])(?!(?:{_LABELS})\b)[A-Z]{{2,7}}[ -]?$")
# One `\b` before all alternatives, so that at most places no alternative is tried.
_REFERENCE = re.compile(
    r"(?:\b(?:ref(?:erence|erenz|erencia|\.)?|no\.?|nos\.|nr\.?|number|nummer|numero|drawing|dwg|zeichnung\w*"
    r"|art(?:ikel|icle|\.)?(?:-?nr\.?)?|pos(?:ition|\.)?|serial|s/n|p/n|ticket|invoice|rev(?:ision|\.)?"
    r"|po|p\.o\.|rfq|anfrage|angebot|bestell\w*)|n[°º]\.?|№|#)[\s.:#-]{0,3}$"
)
_PHONE = re.compile(r"\b(?:tel\w*|phone|fax|mob\w*|zip|plz|p\.?\s?o\.? box|postfach)[\s.:#-]{0,3}$")
_PHONE_DIGITS = 5
_MONTH_LETTERS = 4
_LETTER = "[a-zà-ʯͰ-ӿ]"  # a letter of a script that separates words, since 2台 is not a code
_BEFORE_DIMENSION = re.compile(
    r"(?:[\xd7*]\s?|\d\s?[x\u0445]\s?|[øØ⌀∅]\s?|\b(?:dn|pn|od|id|dia\.?|class|cl|ip|nps|sch|gr(?:ade)?)\s?)$"
)
_AFTER_TIMES = re.compile(
    # In `2x40HC`, the number counts.
    r"\s?[x\xd7*\u0445]\s?\d(?!\d{0,2}\s?(?:'|\u2032|ft|hc|hq|gp|dv|dc|ot|rf|fcl|teu)(?![^\W_]))"
)
_SETS = re.compile(r"(?<![^\W_])[^\W\d_]{1,2}\s?=\s?$")  # `i=30`, `Z = 25`
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_WORD = re.compile(
    rf"[ \u00a0]?(?P<word>[^\W\d_](?:[^\W\d_]|[{_MARKS}])*(?:[./][^\W\d_]+)?[²³23]?|%|°\s?[cf]?|[\"'\u2032\u2033])"
)
_CURRENCY_BEFORE = re.compile(
    r"(?:[€$£¥₹₺₩₽]|\b(?:eur|usd|gbp|chf|pln|czk|sek|nok|dkk|inr|rs\.?|cny|rmb|jpy|aud|cad))\s?$"
)
_CURRENCY_AFTER = re.compile(
    r"\s?(?:[€$£¥₹₺₩₽]|(?:eur|euros?|usd|dollars?|gbp|chf|pln|zl|zł|czk|kc|kč|sek|nok|dkk|kr|inr|cny|rmb|jpy|yen|元|円)\b)"
)
_CURRENCY_LENGTH, _DIMENSION_LENGTH = (
    5,
    8,
)  # maximum length of a currency and of a mark such as `class`, before a number
_INCHES = re.compile(r"[ \u00a0]in[ \u00a0][^\W\d_]")
_ENDS_WORD = re.compile(r"[^\W\d_]\.?,?\s?$|[./-]\s?$")
_BEHIND_LETTER = re.compile(rf"{_LETTER}[-_/.]?$")
_BEHIND_TIMES = re.compile(r"(?:^|[\s(,;:])[x\xd7]$")
_BEHIND_NUMBER = re.compile(r"\d[-_]$")
_COUNTS_ON = re.compile(r"\s+[^\W\d_]|[\s,;.)]*$|\s?(?:pcs|szt|st)")
_BEFORE_LETTER = re.compile(rf"[-_/]{_LETTER}")
_FIRST_HALF = re.compile(r"[-_]\d{1,6}(?!\d)(?!\s+[^\W\d_])(?!\s?(?:pcs|szt|st))")
_LOOK_BACK = 28
_REMEMBERED = 24  # characters


def mentions(line: str) -> tuple[Mention, ...]:
    """The numbers in digits of one line, from left to right, with their positions in the line."""
    tokens = _TOKEN.finditer(line)
    first = next(tokens, None)
    if first is None:
        return ()
    text = line.lower()
    if len(text) != len(line):  # a letter has become two letters
        text = line
    numbered = _NumberedLine(line, text)
    return tuple([_mention(numbered, found) for found in (first, *tokens)])


def worded(line: str) -> tuple[Mention, ...]:
    """The numbers in words of one line, each with the next word as its unit."""
    numbered = _NumberedLine(line, line.lower())
    return tuple(
        WordedMention(values, start, end, _unit(numbered.text, end), numbered)
        for values, start, end in worded_numbers(line)
    )


def _mention(line: _NumberedLine, found: re.Match[str]) -> Mention:
    start, end = found.span()
    digits = found[0]
    values = _values[digits] if end - start <= _REMEMBERED else _read(digits)
    return Mention(values, start, end, _unit(line.text, end), line)


def _read(digits: str) -> frozenset[Decimal]:
    return integer(digits) if digits.isdecimal() else frozenset(written(digits))


_values = Memory(_read, most=4096)


def _unit(text: str, end: int) -> str:
    if text[end : end + 1] in _NO_UNIT:
        return ""
    following = _WORD.match(text, end)
    if not following:
        return ""
    word = following["word"]
    return _unit_words[word] if len(word) <= _REMEMBERED else _plain_unit(word)


def _plain_unit(word: str) -> str:
    return plainest(word).strip()


_NO_UNIT = frozenset((*".,;:-/()\n0123456789", ""))
_unit_words = Memory(_plain_unit, most=4096)


def _kind(line: _NumberedLine, start: int, end: int, unit: str) -> Kind:
    text = line.text
    if line.dates and any(first <= start < last for first, last in line.dates):
        return Kind.DATE
    before, after = text[max(0, start - _LOOK_BACK) : start], text[end : end + 1]
    if _CURRENCY_BEFORE.search(before, max(0, len(before) - _CURRENCY_LENGTH)) or _CURRENCY_AFTER.match(text, end):
        return Kind.MONEY
    if unit in {"%", "percent", "prozent"}:
        return Kind.PERCENT
    glued = after.isalpha() and after.isascii()
    if _is_code(before, text, end) and not (glued and unit in COUNTS):
        return Kind.CODE
    if unit in COUNTS and not _AFTER_TIMES.match(text, end):
        return Kind.COUNTED
    near = plainest(before)
    if (
        _BEFORE_DIMENSION.search(near, max(0, len(near) - _DIMENSION_LENGTH))
        or _AFTER_TIMES.match(text, end)
        or ("=" in before and _SETS.search(before))
    ):
        # In `40 x housing` the number counts; in `40 x 20` and `40x20` neither number does.
        return Kind.DIMENSION
    return _by_unit(line.written, text, start, end, unit, before, glued=glued)


def _by_unit(line: str, text: str, start: int, end: int, unit: str, before: str, *, glued: bool) -> Kind:
    if unit == "in" and not glued and _INCHES.match(text[end : end + 5]):
        return Kind.PLAIN  # in "24 in duplex", `in` does not mean inch
    if unit in MEASURES:
        return Kind.MEASURED
    if unit in DESCRIBING or unit[:1] in {"°", '"', "\u2032", "\u2033"}:
        return Kind.DIMENSION
    if unit in TIME:
        return Kind.DURATION
    if len(unit) >= _MONTH_LETTERS and end - start <= 2 and is_month(unit):  # noqa: PLR2004 - digits of a day
        return Kind.DATE
    if glued and unit not in {"x", "k", "er", "mal", "fach"}:
        return Kind.CODE
    if not unit and _YEAR.fullmatch(text[start:end]) and _ENDS_WORD.search(before):
        return Kind.DATE
    written_before = line[max(0, start - _LOOK_BACK) : start]
    if not unit and _NAMED.search(written_before) and any(map(str.islower, line)):
        return Kind.REFERENCE
    plain = plainest(before)
    if end - start >= _PHONE_DIGITS and _PHONE.search(plain):
        return Kind.REFERENCE
    return Kind.REFERENCE if _REFERENCE.search(plain) else Kind.PLAIN


def _is_replaced(text: str, start: int, end: int) -> bool:
    """Whether another number replaces this number, such as 60 in "80 instead of 60"."""
    if REPLACED.search(plainest(text[max(0, start - _LOOK_BACK) : start])):
        return True
    return REPLACED_AFTER.match(text[end : end + 24]) is not None


def _is_code(before: str, text: str, end: int) -> bool:
    """Whether letters or another number are attached: `RT-1007`, `M8`, `2500-17`, `6205-2RS`."""
    after = text[end : end + 12]
    near = before[-2:]
    if not near[-1:].isspace():  # a space is before most numbers
        if _BEHIND_LETTER.search(near) and not _BEHIND_TIMES.search(near):
            return True
        if _BEHIND_NUMBER.search(near):  # a code as in 2500-17, but not a range as in 10-20 pieces
            return _COUNTS_ON.match(after) is None or after[:1] in {"-", "_"}
    if after[:1] not in {"-", "_", "/"}:
        return False
    # A code has a letter after its hyphen, or another number, as in 2500-17. But 10-20 pieces is a range.
    return _BEFORE_LETTER.match(after) is not None or _FIRST_HALF.match(after) is not None
