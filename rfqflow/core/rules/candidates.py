"""The candidates for quantities: each number of a sentence, judged by the words directly before and after it.

Most numbers are sizes, pressures, standards or post codes. A count with a unit is nearly always a quantity. A number
before a noun often is a quantity, and a length or a weight sometimes.
"""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rfqflow.core.rules import numbers
from rfqflow.core.rules.lookaround import (
    ARTICLES,
    CAPITAL_REFERENCES,
    DONE_TO,
    GOODS_IF_MANY,
    MEASURE_AFTER,
    MONTHS,
    NOT_GOODS,
    SIZE_AFTER,
    STREETS,
    THEIRS,
    Before,
)
from rfqflow.core.rules.text import listed, plainest, words
from rfqflow.core.text.number_characters import characters
from rfqflow.core.text.number_lexicon import BOTH
from rfqflow.core.text.number_words import said
from rfqflow.core.text.units import COUNTS, DESCRIBING, MEASURES, MONEY, TIME

LABELLED, COUNTED, NAMED, MEASURED = 4, 3, 2, 1

LOOK_BACK = 32
_TO = r"(?:\s?[-–—~〜]\s?|\s(?:to|bis|till|tot|do|až|à|al|ile)\s)"
_NUMBER = re.compile(
    rf"(?<![^\W぀-鿿가-힯])(?<![/#$€£¥%°+@×Ø⌀±<>≤≥^-])(?<!\d[.,:])(?P<low>{numbers.NUMERAL})(?:"
    rf"\s?(?P<scale>{numbers.SCALE}|[万萬千]))?"
    rf"(?:{_TO}(?P<high>{numbers.NUMERAL})(?:\s?(?P<scale_high>{numbers.SCALE}))?(?![\d.,]*\w*[-/]\d))?",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_SINGLE = re.compile(rf"(?<![\w.,])(?<!\d[-/])(?P<low>{numbers.NUMERAL})(?P<scale>)(?P<high>)(?P<scale_high>)")
_ITSELF = re.compile(
    r"\s(?:of (?:the|our|them|these|those|each)\b|davon|d'entre eux|de ellos|de ellas|di questi|off\b)", re.IGNORECASE
)
_NAME = re.compile(r"(?:^|[^\w])[A-Z]{2,6}(?:-[A-Z]+)? $")
_HAN = re.compile(rf"(?<![{numbers.HAN}])[{numbers.HAN}]++(?=[台件个個只支套根条張张卷吨米箱袋桶公片块部组])")
_OTHER_CHARACTERS = frozenset({"ko", "th"})  # beside those of _HAN
_NEXT = re.compile(r"(?P<gap>[ \t]*)(?P<word>[^\W\d_]+(?:[²³23](?!\d|[.,]\d))?(?:[./'’-][^\W\d_]+)*)(?P<dot>\.?)")
_TIMES = re.compile(r"(?P<gap>\s?)[x×X](?=\s|\d|(?-i:(?<!\dX)[A-Z]))\s?")
_SIZED = re.compile(r"\d[\d/. -]{0,6}(?:\"|”|″|''|in\b|inch(?:es)?\b|zoll\b)\s(?![x×*])[^\W\d_]{2}", re.IGNORECASE)
_RATING = re.compile(
    rf"{numbers.NUMERAL}\s?(?:[kM]?VA|[kM]?W|hp|HP|PS|CV|t|kg|to|l|L|litres?|m3/h|m³/h|Ah)\b(?!\s?[x×X*])"
)
_CONTAINER = re.compile(
    r"(?:20|40|45)\s?(?:hc|hq|gp|dc|dv|ot|fr|rf|reefer|ft|feet|foot|'|’|´|fuss|fuß|pieds|pies"
    r"|piedi)",
    re.IGNORECASE,
)
_DIMENSION = re.compile(
    rf"(?:{numbers.NUMERAL})\s?(?:mm|cm|m\b|in\b|ft\b|feet|\"|”|″|'|[x×*]|µm|dm|$|[,;)])", re.IGNORECASE
)
_NO_QUANTITY = re.compile(r"\s?(?:[%°\"”″′'’]|:\d|/\d|-[^\W\d_]|[-–]\d|º|ª|\.\d|,\d|\+/)|\)")
_TWO_WORDS = re.compile(
    r"(?:sq(?:uare)?\.? ?(?:m|met(?:er|re)s?|ft|feet|foot)|metros? cuadrados?|metros? "
    r"quadrados?|metri quadr[ia]t?i?|mètres? carrés?|metr(?:y|ów) kwadratow\w+|cu(?:bic)?\.? "
    r"?(?:m|met(?:er|re)s?|yards?|yds?|ft|feet)|metros? c[úu]bicos?|metri cubi"
    r"|mètres? cubes?|metr(?:y|ów) sześcienn\w+|(?:lin(?:ear)?|running|lfd)\.? ?(?:m|met(?:er"
    r"|re)s?|mtrs?|ft|feet)|metros? lineal(?:es)?|metri lineari|mètres? linéaires?|metric "
    r"(?:tons?|tonnes?))\b",
    re.IGNORECASE,
)
_OF_GOODS = re.compile(  # `85 m di grondaia`
    r"\s(?:d[’']|(?:de|di|of|af|van|von)\s)(?!(?:la|las|los|el|the|our|het|de|der|dem|head|water|lift|travel|space"
    r"|clearance|agua|eau|acqua)\b)(?:[^\W\d_]{3}|\d)",
    re.IGNORECASE,
)
_RATE = re.compile(  # `900 boxes per hour` is a speed, not a quantity
    r"\s(?:per|pro|par|por|all['’]|à l['’]|na|an|a|i|/)\s?(?:hour|h\b|hr|uur|stunde|heure|hora|ora\b|godz|timme|time\b"
    r"|minut|min\b|second|sekund|shift|schicht)",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:[:=→,]|\s[-–—]|\t|\s{2,})\s*$")
_UNSPACED = "\u0e00"  # Thai and the scripts of East Asia write a unit and its noun together
REST = " \t.,;)]"  # words that may follow the last word of a clause
_GRADES = listed(
    "303 304 310 316 321 347 410 416 420 430 440 630 904 1018 1045 2024 2205 2507 4130 4140 4340 "
    "5052 5083 5754 6061 6063 6082 7075"
)
_PAIRS = frozenset({"da", "no", "sv"})  # only in these languages `par` is a pair; in others it is a common word
_ONLY_IN: dict[str, set[str | None]] = {"to": {"de"}, "mb": {"pl", None}, "ml": {"fr", "ro"}}
_IN_DIGITS = re.compile(r"\s?\((?P<value>\d{1,6})\)(?=\s[^\W\d_])")  # `Two (2) pumps`
_OF, _ONE_OF = listed("of de d di von van av af"), listed("a an une un ein eine einem einen en et una um uma een")
_LONG_CODE = 4  # digits without a separator; people separate the digits of large counts, or add a unit


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity that begins at `start`. Its unit and other parts end at `end`."""

    start: int
    end: int
    value: Decimal
    value_max: Decimal | None
    unit: str | None
    strength: int
    opens: bool = True


def candidates(segment: str, language: str | None) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(segment) if _DIGIT.search(segment) else ():
        # `x 240 - 12 sheets` is not a range: the second number is smaller, or belongs to a size.
        singles = _SINGLE.finditer(segment, *match.span()) if match["high"] and not _rises(match) else (match,)
        for single in singles:
            if found := _judged(segment, single, language):
                yield found
    yield from _in_words(segment, language)


def _in_words(segment: str, language: str | None) -> Iterator[Quantity]:
    """Yields counts in words or in characters."""
    for values, start, end in said(segment, language or "en"):
        if found := _word_number(segment, max(values), start, end, language):
            yield found
    if segment.isascii():
        return
    for match in _HAN.finditer(segment):
        if found := _han_number(segment, match):
            yield found
    for values, start, end in characters(segment) if language in _OTHER_CHARACTERS else ():
        if found := _counted_by_characters(segment, max(values), start, end):
            yield found


def _rises(match: re.Match[str]) -> bool:
    low, high = (numbers.read(match[name], counts=True, decimal_point=True) for name in ("low", "high"))
    return (
        low is not None
        and high is not None
        and (low < high or bool(match["scale_high"]))
        and not match.string[: match.start()].rstrip().endswith(("x", "×", "X", "*"))
    )


def _judged(segment: str, match: re.Match[str], language: str | None) -> Quantity | None:
    start, end = match.span()
    before = Before(plainest(segment[max(0, start - LOOK_BACK) : start]))
    if before.replaced_or_shared:
        return None
    if segment[start - 1 : start] in {"x", "X"} or before.text.endswith((" x ", " x", "×", "× ", "ø ", "⌀ ")):
        return None
    labelled = before.labelled or (language == "it" and before.text.endswith(("n. ", "n.")))
    judged = _by_what_follows(segment, match, language, labelled=labelled)
    if judged is None:
        return None
    unit, unit_end, strength = judged
    if strength == MEASURED and before.touching and before.last in _OF and _DIGIT.search(segment, 0, max(0, start - 1)):
        return None  # `2 tanks of 3,000 litres`
    if not labelled and (strength < COUNTED or not unit) and _is_named(segment, start, before):
        return None
    if (
        not labelled
        and strength < COUNTED
        and (
            _describes(segment, strength, before)
            or (strength == MEASURED and before.last in ARTICLES and before.touching)
        )
    ):
        return None
    if (
        strength == NAMED
        and not labelled
        and _NAME.search(segment, max(0, start - 12), start)
        and not segment.isupper()
    ):
        return None
    counts = strength != MEASURED and (unit is None or plainest(unit).rstrip(".") not in MEASURES)
    value = read_value(
        match["low"],
        match["scale"] or (match["scale_high"] if match["high"] else None),
        counts=counts,
        language=language,
    )
    high = read_value(match["high"], match["scale_high"], counts=counts, language=language) if match["high"] else None
    if value is None or (counts and value != value.to_integral_value()):
        return None
    if strength == NAMED and not match["high"] and _looks_like_a_code(segment, match, before):
        return None
    return Quantity(
        start, max(unit_end, end), value, high if high and high > value else None, unit, strength, before.opens
    )


def _describes(segment: str, strength: int, before: Before) -> bool:
    """Whether a number describes the thing that is named before it, or an existing thing."""
    if not before.attributes:
        return False
    return strength != NAMED or before.last not in THEIRS or DONE_TO.isdisjoint(words(plainest(segment)))


def _is_named(segment: str, start: int, before: Before) -> bool:
    """Whether a number is part of a name. In `EN 10204` it is, in `en 11 haspels` it is not."""
    return before.references and (
        before.last not in CAPITAL_REFERENCES or segment[:start].rstrip().endswith(before.last.upper())
    )


def read_value(numeral: str, scale: str | None, *, counts: bool, language: str | None) -> Decimal | None:
    point = language in numbers.DECIMAL_POINT or language is None
    value = numbers.read(numeral, counts=counts and not scale, decimal_point=point)
    value = None if value is None else numbers.scaled(value, scale)
    return value if value is not None and value < numbers.MAX_QUANTITY else None


def _by_what_follows(
    segment: str, match: re.Match[str], language: str | None, *, labelled: bool
) -> tuple[str | None, int, int] | None:
    """The unit, where it ends, and the probability that the number is a quantity. None: it is not a quantity."""
    end = match.end()
    if times := _TIMES.match(segment, end):
        return _after_times(segment, match, times)
    if two := _TWO_WORDS.match(segment, end + (segment[end : end + 1] == " ")):
        return None if _is_size(segment, two.end()) else (two[0], two.end(), LABELLED if labelled else MEASURED)
    if itself := _ITSELF.match(segment, end):
        return None, itself.end(), COUNTED
    following = _NEXT.match(segment, end)
    if _NO_QUANTITY.match(segment, end) or not following:
        at_tail = not segment[end:].strip(REST) and names_and_ends(segment[: match.start()])
        return (None, end, LABELLED if labelled else NAMED) if labelled or at_tail else None
    unit, unit_end = _unit(segment, following)
    if segment[unit_end : unit_end + 1].isdigit() or (not following["gap"] and unit in {"L", "T", "M", "G"}):
        return None
    word = plainest(unit).rstrip(".")
    strength = _strength(segment, unit, word, unit_end, language)
    if strength:
        return unit, unit_end, LABELLED if labelled else strength
    if labelled:
        return None, end, LABELLED
    describes = (
        word in DESCRIBING or word in TIME or word in MONEY or word in MEASURES or "/" in unit or word in MONTHS
        or (word in NOT_GOODS and not (word in GOODS_IF_MANY and _many(match["low"])))
    )  # fmt: skip
    describes = (
        describes
        or word.rpartition("-")[2] in DESCRIBING
        or SIZE_AFTER.match(plainest(segment[end : end + 24])) is not None
    )
    describes = describes or _RATE.match(segment, unit_end) is not None
    return None if not following["gap"] or describes else (None, end, NAMED)


def _many(numeral: str) -> bool:
    return len(numeral) > 1 and numeral.isdecimal()


def _is_size(segment: str, position: int) -> bool:
    after = plainest(segment[position : position + 48])
    return SIZE_AFTER.match(after) is not None or MEASURE_AFTER.match(after) is not None


def _strength(segment: str, unit: str, word: str, unit_end: int, language: str | None) -> int:
    if word in COUNTS or (word == "par" and language in _PAIRS):
        return 0 if _RATE.match(segment, unit_end) else COUNTED
    if word not in MEASURES or unit == "M" or language not in _ONLY_IN.get(word, {language}):
        return 0
    if _is_size(segment, unit_end):
        return 0
    return COUNTED if _OF_GOODS.match(segment, unit_end) else MEASURED


def _after_times(segment: str, match: re.Match[str], times: re.Match[str]) -> tuple[str | None, int, int] | None:
    rest = segment[times.end() : times.end() + 24]
    if _CONTAINER.match(rest):
        return None, times.end(), COUNTED
    if _SIZED.match(rest) and not segment[: match.start()].strip(" -•*("):
        return None, times.end(), COUNTED  # `6x 2" ball valves`
    if not rest or _DIMENSION.match(rest) or (rest[0].isdigit() and not times["gap"]):
        return None
    if rest[0].isdigit() and segment[: match.start()].strip(" -•*(") and not _RATING.match(rest):
        return None  # `2 x 630 kVA transformers` is a quantity, but `plate 2 x 630` is not
    return None, times.end(), COUNTED


def _unit(segment: str, following: re.Match[str]) -> tuple[str, int]:
    word = following["word"]
    if word[0] >= _UNSPACED:
        for length in (2, 3, 1):  # in Chinese, Japanese and Korean, the counter is directly before the noun
            if plainest(word[:length]) in COUNTS or plainest(word[:length]) in MEASURES:
                return word[:length], following.start("word") + len(word[:length])
    end = following.end("word")
    dotted = (
        following["dot"]
        and len(word) <= _LONG_CODE
        and plainest(word) in COUNTS
        and segment[end + 1 : end + 3].strip() != ""
    )
    return (word + ".", end + 1) if dotted else (word, end)


def names_and_ends(before: str) -> bool:
    return _TAIL.search(before) is not None and sum(map(str.isalpha, before)) > 2  # noqa: PLR2004 - one or two letters are not a name


def _word_number(segment: str, value: Decimal, start: int, end: int, language: str | None) -> Quantity | None:
    if plainest(segment[start:end]) in BOTH or value != value.to_integral_value():
        return None
    before = Before(plainest(segment[max(0, start - LOOK_BACK) : start]))
    if before.replaced:
        return None
    if (digits := _IN_DIGITS.match(segment, end)) and Decimal(digits["value"]) == value:
        return Quantity(start, digits.end(), value.to_integral_value(), None, None, COUNTED)
    following = _NEXT.match(segment, end)
    if following and value > 1 and plainest(following["word"]) in _OF and before.last in _ONE_OF:
        following = _NEXT.match(segment, following.end("word"))  # `a pair of hoists`
    if not following or not following["gap"] or before.attributes or before.references:
        return None
    unit, unit_end = _unit(segment, following)
    name = plainest(unit).rstrip(".")
    counted = name in COUNTS and not (name == "can" and language == "en" and value == 1)  # `the old one can be sent`
    if value == 1 and not counted and language == "en" and before.opens and name not in NOT_GOODS and name not in TIME:
        return Quantity(start, end, value, None, None, NAMED)
    measured = name in MEASURES and value != 1
    if not counted and (value == 1 or name in TIME or name in DESCRIBING or measured or name in NOT_GOODS):
        return None  # "one" without a unit is more often an article than a count
    if before.touching and before.last.isdecimal() and segment[:start].rstrip().endswith(before.last):
        start -= len(segment[:start]) - len(segment[:start].rstrip()) + len(before.last)  # `3 dozen`
    return Quantity(
        start,
        unit_end if counted else end,
        value.to_integral_value(),
        None,
        unit if counted else None,
        COUNTED if counted else NAMED,
        before.opens,
    )


def _counted_by_characters(segment: str, value: Decimal, start: int, end: int) -> Quantity | None:
    rest = segment[end:]
    unit_start = end + len(rest) - len(rest.lstrip())
    for length in (2, 3, 1):
        unit = segment[unit_start : unit_start + length]
        if plainest(unit) in COUNTS or plainest(unit) in MEASURES:
            return Quantity(start, unit_start + length, value, None, unit, COUNTED)
    return None


def _han_number(segment: str, match: re.Match[str]) -> Quantity | None:
    value = numbers.han(match[0])
    unit = segment[match.end() : match.end() + 2]
    unit = unit if plainest(unit) in COUNTS or plainest(unit) in MEASURES else unit[:1]
    if value is None or segment[max(0, match.start() - 1) : match.start()] in {"第", "星", "周"}:
        return None
    return Quantity(match.start(), match.end() + len(unit), value, None, unit, COUNTED)


def _looks_like_a_code(segment: str, match: re.Match[str], before: Before) -> bool:
    """Whether a number without separators is rather a year, a post code or a steel grade than a count."""
    numeral = match["low"]
    if not numeral.isdigit():
        return False
    if (
        numeral.startswith("0")
        or numeral in _GRADES
        or STREETS.match(plainest(segment[match.end() : match.end() + 40]))
    ):
        return True
    if len(numeral) == _LONG_CODE and numeral[:2] in {"19", "20"}:
        return True
    follows = segment[match.end() : match.end() + 2].strip()
    return len(numeral) >= _LONG_CODE and follows[:1].isupper() and bool(before.text.strip(" -•*")) and not before.opens
