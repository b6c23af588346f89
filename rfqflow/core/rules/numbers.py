"""Numbers as people write them: 1.000.000, 1,000,000, 1 000, 10k, 2,5, zwölf, a dozen, 两百.

A single separator before three digits can mean thousands or decimals. In a count it means thousands, since things are
counted in whole numbers. In a measure, it has the meaning that is usual in the language.
"""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import re
from decimal import Decimal

DECIMAL_POINT = frozenset({"en", "zh", "ja", "ko", "th", "he"})
MAX_QUANTITY = Decimal(10) ** 12
NUMERAL = r"\d{1,3}(?:(?:,\d{2,3})+,\d{3}|(?:[.,'’ ]\d{3})+)(?:[.,]\d{1,2})?(?!\d)|\d{1,12}(?:[.,]\d{1,6})?"
_GROUPED = re.compile(r"\d{1,3}([.,'’ ])\d{3}(?:\1\d{3})*|\d{1,3}(?:,\d{2})+,\d{3}")
_SCALES = {
    "k": 1000,
    "tsd": 1000,
    "mil": 1000,
    "mio": 10**6,
    "mn": 10**6,
    "mln": 10**6,
    "million": 10**6,
    "millionen": 10**6,
}
SCALE = r"(?:k(?![\w])|tsd\b|mio\b|mln\b|millions?\b|millionen\b)"

HAN = "〇零一二两兩三四五六七八九十百千万萬"
_HAN_DIGITS = dict(zip("〇零一二两兩三四五六七八九", (0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000}


def read(numeral: str, *, counts: bool, decimal_point: bool) -> Decimal | None:
    """The value of a numeral. None if it cannot be a quantity."""
    separators = [character for character in numeral if not character.isdigit()]
    plain = numeral
    if separators:
        last = separators[-1]
        grouped = _GROUPED.fullmatch(numeral) is not None and not numeral.startswith("0")
        if grouped and (counts or len(separators) > 1 or last not in ".," or (last == ",") == decimal_point):
            plain = re.sub(r"\D", "", numeral)
        else:
            head, _, tail = numeral.rpartition(last)
            plain = re.sub(r"\D", "", head) + "." + tail
    value = Decimal(plain)
    return value if 0 < value < MAX_QUANTITY else None


def scaled(value: Decimal, scale: str | None) -> Decimal:
    """The value multiplied by a suffix such as `k`."""
    if not scale:
        return value
    if scale in "万萬千":
        return value * (1000 if scale == "千" else 10_000)
    return value * _SCALES.get(scale.strip().casefold(), _SCALES.get(scale.strip().casefold().rstrip("s"), 1))


def han(numeral: str) -> Decimal | None:
    """The value of a Chinese numeral such as 两百五十."""
    total = section = digit = 0
    for character in numeral:
        if character in _HAN_DIGITS:
            digit = _HAN_DIGITS[character]
        elif character in _HAN_SCALES:
            section += (digit or 1) * _HAN_SCALES[character]
            digit = 0
        else:
            total, section, digit = (total + section + digit) * 10_000, 0, 0
    value = Decimal(total + section + digit)
    return value if 0 < value < MAX_QUANTITY else None
