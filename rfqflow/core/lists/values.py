"""The values of cells: quantities in any notation, units, codes, and prices."""
# ruff: noqa: RUF001 - signs of many languages are what this module is about

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rfqflow.core.lists.heads import LISTED_MEASURES, is_unit
from rfqflow.core.text.plain import plainest
from rfqflow.core.text.units import DESCRIBING, MEASURES, MONEY, TIME

MAX_QUANTITY = Decimal(10) ** 12
NUMERAL = (
    r"(?:\d{1,3}(?:,\d{2}){1,4},\d{3}|\d{1,3}(?:[.,'’ ]\d{3}){1,4}(?:[.,]\d{1,3})?|\d{1,12}(?:[.,]\d{1,6})?)(?!\d)"
)
_ABOUT = r"(?:(?:ca|approx|about|env|circa|cca|ok|aprox|min|max|qty|each)\b\.?|[~≈=x×])\s?"
UNIT = r"[^\W\d_]{1,14}(?:\.[^\W\d_]{1,4}\b)?[²³23]?\.?"
_TWO_WORDS = r"(?:sq|cu|lin|running|lfd|linear|square|cubic|rm|m)\.?\s[^\W\d_]{1,7}\.?"
_CELL = re.compile(
    rf"(?:{_ABOUT})?(?P<low>{NUMERAL})(?:\s?(?P<scale>k|tsd|mio)(?![^\W\d_])\.?)?"
    rf"(?:\s?(?:-|–|—|~|\bto\b|\bbis\b|\btot\b|\bdo\b|…|\.\.\.?)\s?(?P<high>{NUMERAL}))?"
    rf"(?:\s?[x×](?![^\W\d_]))?\s?(?P<unit>{_TWO_WORDS}|{UNIT})?(?:\s?/\s?{UNIT})?\s?(?:\([^()]{{0,40}}\))?[.,;:]?",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"(?P<unit>{UNIT})(?:\s?[:=]\s?|\s)(?P<low>{NUMERAL})", re.IGNORECASE)
_BREAKS = re.compile(
    rf"{NUMERAL}(?:\s?(?:/|\||;|,\s|\+|\bor\b|\boder\b|\bou\b|\bo\b|\band\b|\bund\b|\bet\b|\by\b|\be\b|,)\s?{NUMERAL})+"
    rf"\s?(?P<unit>{UNIT})?",
    re.IGNORECASE,
)
_LEADING = re.compile(rf"(?P<low>{NUMERAL})\s(?P<unit>{UNIT})(?=\s|,)", re.IGNORECASE)
_NUMERALS = re.compile(NUMERAL)
_DECIMALS = re.compile(r"(?<![\d.,])\d{1,6}([.,])(?:\d{1,2}|\d{4,6})(?![\d.,])|(?<![\d.,])0([.,])\d+(?![\d.,])")
_BOTH = re.compile(r"\d([.,])\d{3}([.,])\d{1,3}(?![\d.,])")
_FRACTION = re.compile(r"\d\s?/\s?\d\D*")
_MONEY = re.compile(r"[€$£¥₹₺₽]|\b(?:EUR|USD|GBP|CHF|PLN|CZK|SEK|NOK|DKK|TRY|INR|CNY|RMB|zł|Kč)\b", re.IGNORECASE)
_CODE = re.compile(r"(?=[^\s]*\d)[^\W_][\w./\-+#]{2,39}(?: [A-Z0-9]{1,4})?")
_NOTHING = frozenset(("-", "–", "—", "0", "x", "./.", "n/a", "na", "nil", "none", "--", "---", "/", "·", ".", "✗"))
_GROUPED = re.compile(r"\d{1,3}([.,'’ ])\d{3}(?:\1\d{3})*|\d{1,3}(?:,\d{2})+,\d{3}")


class _Digits(dict[int, str]):
    """Translates digits and signs of every script to ASCII."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        digit = unicodedata.decimal(character, None)
        plain = str(digit) if digit is not None else _SIGNS.get(character, character)
        self[code] = plain
        return plain


_SIGNS = {
    "٫": ".",
    "٬": ",",
    "，": ",",
    "．": ".",
    "\xa0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "\u3000": " ",
    "：": ":",
}
_DIGITS = _Digits()
_FOREIGN_DIGIT, _FOREIGN_SIGN = re.compile(r"[^\D0-9]"), re.compile(f"[{''.join(_SIGNS)}]")


def ascii_digits(text: str) -> str:
    """The text with the digits of all scripts, and the blanks and signs between them, in ASCII."""
    if text.isascii() or not (_FOREIGN_DIGIT.search(text) or _FOREIGN_SIGN.search(text)):
        return text
    return text.translate(_DIGITS)


@dataclass(frozen=True, slots=True)
class Amount:
    """The content of a quantity cell. Its numerals are as written."""

    low: str
    high: str | None = None
    scale: str | None = None
    unit: str | None = None


def amounts(cell: str, *, headed: bool = False) -> tuple[Amount, ...]:
    """The amounts in a cell: one, or one per price break. Empty if the cell has no quantity.

    `headed`: a head says that the column has quantities, so an unknown word may be a unit.
    """
    text = ascii_digits(cell).strip()
    if not text or len(text) > 80 or not any(map(str.isdigit, text)):  # noqa: PLR2004 - a quantity is shorter
        return ()
    if found := _CELL.fullmatch(text):
        unit = found["unit"]
        if unit is None or _may_count(unit, headed=headed):
            return (Amount(found["low"], found["high"], found["scale"], unit),)
        return ()
    if (found := _BEFORE.fullmatch(text)) and is_unit(found["unit"]):
        return (Amount(found["low"], unit=found["unit"]),)
    if found := _BREAKS.fullmatch(text):
        unit = found["unit"]
        if unit is None or _may_count(unit, headed=headed):
            breaks = _NUMERALS.findall(text)[:12]
            return tuple(Amount(each, unit=unit) for each in breaks) if not _FRACTION.fullmatch(text) else ()
    if headed and (found := _LEADING.match(text)) and is_unit(found["unit"]):
        return (Amount(found["low"], unit=found["unit"]),)
    return ()


def _may_count(unit: str, *, headed: bool) -> bool:
    folded = plainest(unit).strip(" .")
    if is_unit(folded):
        return True
    if " " in unit and is_unit(unit.rsplit(maxsplit=1)[-1]):
        return True
    return headed and not describes(unit) and folded != "x"


def describes(unit: str) -> bool:
    """Whether a number before this word is a size, a length or a price of a thing."""
    folded = plainest(unit).strip(" .")
    return folded in DESCRIBING or folded in TIME or folded in MONEY


def is_nothing(cell: str) -> bool:
    """Whether a quantity cell says that nothing is wanted, such as 0."""
    return cell.strip().lower() in _NOTHING


def is_money(cell: str) -> bool:
    """Whether a cell has a currency beside a number."""
    return any(map(str.isdigit, cell)) and _MONEY.search(cell) is not None


def is_code(cell: str) -> bool:
    """Whether a cell is one word with a digit, like a part number."""
    return _CODE.fullmatch(cell) is not None


def decimal_mark(cells: Iterable[str]) -> str | None:
    """The decimal sign that the cells use. None if they do not show it."""
    seen = {".": 0, ",": 0}
    for cell in cells:
        if "." not in cell and "," not in cell:
            continue
        for found in _BOTH.finditer(cell):
            if found[1] != found[2]:
                seen[found[2]] += 3
        for found in _DECIMALS.finditer(cell):
            seen[found[1] or found[2]] += 1
    if seen["."] == seen[","]:
        return None
    return "." if seen["."] > seen[","] else ","


def number(numeral: str, *, decimal: str | None) -> Decimal | None:
    """The value of a numeral. A single separator before three digits separates thousands, unless it is `decimal`."""
    marks = [sign for sign in numeral if not sign.isdigit()]
    plain = numeral
    if marks:
        last = marks[-1]
        grouped = _GROUPED.fullmatch(numeral) is not None and not numeral.startswith("0")
        if grouped and not (len(marks) == 1 and last == decimal):
            plain = re.sub(r"\D", "", numeral)
        elif last in ".,":
            head, _, tail = numeral.rpartition(last)
            plain = re.sub(r"\D", "", head) + "." + tail
        else:
            return None
    value = Decimal(plain)
    if value == value.to_integral_value():
        value = value.quantize(Decimal(1))
    return value if 0 < value < MAX_QUANTITY else None


_SCALES = {"k": 1000, "tsd": 1000, "mio": 1_000_000}


def value(amount: Amount, *, decimal: str | None) -> tuple[Decimal, Decimal | None] | None:
    """The quantity and, for a range, its upper end. None: the amount has no possible value."""
    scale = _SCALES.get((amount.scale or "").lower(), 1)
    low = number(amount.low, decimal=decimal)
    high = number(amount.high, decimal=decimal) if amount.high else None
    if low is None or (amount.high and (high is None or high <= low)):
        return None
    return low * scale, (high * scale if high is not None else None)


def measures(unit: str) -> bool:
    """Whether a unit measures, like kg and m, so that its quantities may have decimals."""
    folded = plainest(unit).strip(" .")
    return folded in MEASURES or folded in LISTED_MEASURES
