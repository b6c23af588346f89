"""Numbers in digits, in any notation and script, with all readings and with positions.

`1.000` may be a thousand or one. If commas without a space separate fields elsewhere in the text (`bolt,M8,250`), a
comma between digits may separate fields or thousands.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import chain, islice

Digits = tuple[frozenset[Decimal], int, int]

_MARKS = ".,'\u2019\u066b\u066c_\u00b7"
NUMBER = rf"\d+(?:[{_MARKS}]\d+)*"
_NUMBER, _DIGIT = re.compile(NUMBER), re.compile(r"\d")
_SPACED = re.compile(r"\d(?<![\d.,]\d)\d{0,2}(?:[ \u00a0\u2009\u202f]\d{3})+(?:[.,]\d+)?(?!\d)")
_SPACE_BEFORE_THREE = re.compile(r"\d[ \u00a0\u2009\u202f]\d{3}")
# No pattern begins within a number or backtracks over digits. Otherwise a long sequence would take quadratic time.
_FRACTION = re.compile(r"(?<!\d)(?:(\d++)[ -]{1,2})?(\d++)\s?[/\u2044]\s?(\d+)")
_VULGAR = re.compile(r"(?:(?<!\d)(\d++)[ -]?)?([\u00bc-\u00be\u2150-\u215e\u2189])")
_SUFFIX = re.compile(
    rf"(?<!\d)(?<!\d[{_MARKS}])(?:(\d++(?:[.,]\d++)?)\s?[-\u2013/]\s?)?(\d++(?:[{_MARKS}]\d++)*+)\s?([kKM])(?=$|[\W_]|(?i:pcs|pc|pz|st|stk|szt|ea|nos|units?)\b)"
)
_THOUSANDS = re.compile(r"\d\s?[kKM]")
_SCANNED = re.compile(r"(?<![^\W_])(?=[OoIlSB]*\d)[\dOoIlSB]+(?:[.,][\dOoIlSB]{3})*(?![^\W_])")
_TOUCHING = re.compile(r"\d(?:[.,]?[OoIlSB]|(?<=[OoIlSB]\d))")
_SCANNER = str.maketrans("OoIlSB", "001158")
_LONGEST_NUMBER = 24
_REMEMBERED_CHARACTERS = 40  # a longer sequence is not a quantity, and a cache of such sequences would fill the memory
_GROUP = 3  # digits between thousands separators; Indian notation also has groups of two
_MOST = 12_000  # most numbers that are read in a text

_MOST_FRACTIONS = 2_000

_FIELDS = re.compile(r"[^\W\d][\"']?,[\"']?[^\W\d]|\w,\w+,[^\W\d]|[^\W\d],\w+,\w")
_OR = (
    r"(?:or|and|und|oder|et|ou|y|o|e|en|of|och|eller|og|i|oraz|lub|nebo|a|ve|veya|\u0438|\u0438\u043b\u0438"
    r"|[/&+;|\u3001\uff0c])"
)
_LIST_GOES_ON = re.compile(rf"(?:,\s+|\s*{_OR}\s*)\d", re.IGNORECASE)
_LIST_WENT_ON = re.compile(rf"\d(?:,\s+|\s*{_OR}\s*)$", re.IGNORECASE)
_NEAR = 12


class _Ascii(dict[int, int | str]):
    """Translates digits of any script to ASCII. Each is replaced by one character."""

    def __missing__(self, code: int) -> int | str:
        letter = chr(code)
        self[code] = ascii_one = str(unicodedata.decimal(letter)) if letter.isdecimal() else code
        return ascii_one


_ASCII = _Ascii({0xFF0E: ".", 0xFF0F: "/", 0xFF0D: "-"})
_FOREIGN_DIGIT, _FOREIGN_MARK = re.compile(r"[^\D0-9]"), re.compile("[\uff0d-\uff0f]")


def plain_digits(text: str) -> str:
    """The text with the digits of all scripts as ASCII. No position changes."""
    # Search first: most texts with other letters have ASCII digits, and a search takes a tenth of the time of a
    # translation.
    if text.isascii() or not (_FOREIGN_DIGIT.search(text) or _FOREIGN_MARK.search(text)):
        return text
    return text.translate(_ASCII)


def readings(digits: str) -> frozenset[Decimal]:
    """All values that digits may mean.

    `1,000` may be a thousand or one, `1.000,50` is 1000.5, and `12.10.2026` is three numbers.
    """
    return _remembered(digits) if len(digits) <= _REMEMBERED_CHARACTERS else _readings(digits)


def _readings(digits: str) -> frozenset[Decimal]:
    groups, marks = re.split(r"\D", digits), re.findall(r"\D", digits)
    found: set[str] = set()
    if all(1 < len(group) <= _GROUP for group in groups[1:-1]) and len(groups[-1]) == _GROUP:
        found.add("".join(groups))
    if len(marks) <= 1 or (len(set(marks[:-1])) == 1 and marks[-1] != marks[0]):
        found.add("".join(groups[:-1]) + "." + groups[-1] if marks else digits)
        # In `1007,300` the comma separates no thousands, since four digits precede it.
        if marks and len(groups[0]) > _GROUP:
            found.update(groups)
    elif not any(group.startswith("0") for group in groups[1:]) or not found:
        found.update(groups)
    return frozenset(Decimal(plain) for plain in found if len(plain) <= _LONGEST_NUMBER)


_remembered = lru_cache(maxsize=4096)(_readings)


def _apart(digits: str) -> frozenset[Decimal]:
    """The values of fields that commas separate: `50,100` as 50 and 100, `8,2.5` as 8 and 2.5."""
    return frozenset(value for field in digits.split(",") for value in readings(field))


def written(text: str) -> Iterator[Digits]:
    """Yields every number that the digits of a text (see `plain_digits`) may mean."""
    if not _DIGIT.search(text):
        yield from _vulgar(text)
        return
    fields: bool | None = None
    for found in islice(_NUMBER.finditer(text), _MOST):
        values, start, end = readings(found[0]), *found.span()
        if "," in found[0]:
            if fields is None:
                fields = _FIELDS.search(text) is not None
            if fields or _parted(text, start, end):
                values |= _apart(found[0])
        yield values, start, end
    yield from _spaced(text)
    yield from _suffixed(text)
    yield from _scanned(text)
    yield from fractions(text)


def values_in(text: str) -> set[Decimal]:
    """The values that `written` finds, faster."""
    different = set(_NUMBER.findall(text))
    if not different:
        return {value for values, _, _ in _vulgar(text) for value in values}
    if any("," in number for number in different):
        return {value for values, _, _ in written(text) for value in values}
    found: set[Decimal] = set().union(*map(readings, different))
    for values, _, _ in chain(_spaced(text), _suffixed(text), _scanned(text), fractions(text)):
        found |= values
    return found


def _parted(text: str, start: int, end: int) -> bool:
    """Whether the text beside these digits shows that their commas separate the values of a list."""
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    return (
        (before[-1:].isalpha() or before[-1:] in {",", '"'} or (before[-1:] in {"-", "/"} and before[-2:-1].isalnum()))
        or (after[:1] == "," and not after[1:2].isspace() and after[1:2] != "")
        or _LIST_GOES_ON.match(after) is not None
        or _LIST_WENT_ON.search(before) is not None
    )


def _spaced(text: str) -> Iterator[Digits]:
    if _SPACE_BEFORE_THREE.search(text):
        for found in islice(_SPACED.finditer(text), _MOST // 2):
            yield readings(re.sub(r"[^\d.,]", "", found[0])), *found.span()


def _suffixed(text: str) -> Iterator[Digits]:
    if _THOUSANDS.search(text):
        for found in islice(_SUFFIX.finditer(text), _MOST // 4):
            low, high, suffix = found.groups()
            factor = 1_000_000 if suffix == "M" else 1000
            both = readings(high) | (readings(low) if low else frozenset())
            yield frozenset(value * factor for value in both), *found.span()


def _scanned(text: str) -> Iterator[Digits]:
    """Yields numbers in which a scan has mistaken digits for letters, such as `6OO`, `l5` and `2S`."""
    if _TOUCHING.search(text):
        for found in islice(_SCANNED.finditer(text), _MOST):
            if not found[0].isdecimal() and any(map(str.isalpha, found[0])):
                yield readings(found[0].translate(_SCANNER)), *found.span()


def fractions(text: str) -> Iterator[Digits]:
    """Yields fractions such as `1/2`, `1 1/2` and `2½`."""
    if "/" in text or "\u2044" in text:
        for found in islice(_FRACTION.finditer(text), _MOST_FRACTIONS):
            whole, upper, lower = (Decimal((digits or "0")[:_LONGEST_NUMBER]) for digits in found.groups())
            if lower:
                yield frozenset({whole + upper / lower}), *found.span()
    yield from _vulgar(text)


def _vulgar(text: str) -> Iterator[Digits]:
    if not text.isascii():
        for found in islice(_VULGAR.finditer(text), _MOST_FRACTIONS):
            part = Decimal(str(unicodedata.numeric(found[2]))).quantize(Decimal("0.0001"))
            yield frozenset({Decimal((found[1] or "0")[:_LONGEST_NUMBER]) + part}), *found.span()


_BEHIND = re.compile(rf"(?:(?<!\w){NUMBER}|[\u00bc-\u00be\u2150-\u215e])\s?[-]?(?:and |et |y |e |und )?$")
_LOW = re.compile(rf"({NUMBER})\s?(?:[-\u2013/]|to|bis|or|oder|a|\u00e0)\s?$")
_LOOKED_BACK = 24


def before(text: str, position: int) -> tuple[Decimal, ...]:
    """The values of the digits before a word such as `dozen`, which multiplies them. For a range, both ends."""
    behind = text[max(0, position - _LOOKED_BACK) : position]
    found = _BEHIND.search(behind)
    if not found:
        return ()
    head = behind[: found.end()].rstrip(" -")
    for values, _, end in fractions(head):
        if end == len(head):
            return tuple(values)
    number = _NUMBER.search(head, found.start())
    if not number:
        return ()
    high = readings(number[0])
    low = _LOW.search(behind[: found.start()])
    return tuple(high | {value for value in readings(low[1]) if value < max(high)} if low else high)
