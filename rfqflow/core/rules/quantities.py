"""Quantities in running text: which of the many numbers in a request say how much is wanted.

Most numbers say something else (sizes, pressures, standards, dates, post codes), so each is judged by what stands right
before and after it. A count with a unit is nearly always one; a number before a plain noun often; a length or weight
only where nothing is counted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from rfqflow.core.rules import numbers
from rfqflow.core.rules.context import (
    ATTRIBUTE_AFTER,
    ATTRIBUTE_BEFORE,
    LABEL,
    NOT_GOODS,
    REFERENCE,
    SIZE_AFTER,
)
from rfqflow.core.rules.text import plainest
from rfqflow.core.rules.units import COUNTS, DESCRIBING, MEASURES, MONEY, TIME

LABELLED, COUNTED, NAMED, MEASURED = 4, 3, 2, 1

_TO = r"(?:\s?[-–—~〜]\s?|\s(?:to|bis|till|tot|do|až|à|a|al|until|ile|och)\s)"
_NUMBER = re.compile(
    rf"(?<![^\W぀-鿿가-힯])(?<![/#$€£¥%°+@×Ø⌀±<>≤≥^-])(?<!\d[.,:])(?P<low>{numbers.NUMERAL})(?:\s?(?P<scale>{numbers.SCALE}|[万萬千]))?"
    rf"(?:{_TO}(?P<high>{numbers.NUMERAL})(?:\s?(?P<scale_high>{numbers.SCALE}))?(?![\d.,]*\w*[-/]\d))?",
    re.IGNORECASE,
)
_HAN = re.compile(rf"[{numbers.HAN}]+(?=[台件个個只支套根条張张卷吨米箱袋桶公片块部组])")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
_NEXT = re.compile(r"(?P<gap>[ \t]*)(?P<word>[^\W\d_]+(?:[²³23](?![\d.,]))?(?:[./'’-][^\W\d_]+)*)(?P<dot>\.?)")
_TIMES = re.compile(r"\s?[x×X*](?=\s|\d|[A-Z])\s?")
_CONTAINER = re.compile(r"(?:20|40|45)\s?(?:hc|hq|gp|dc|dv|ot|fr|rf|reefer|ft|feet|foot|'|’|´|fuss|fuß|pieds|pies|piedi)", re.IGNORECASE)
_DIMENSION = re.compile(rf"(?:{numbers.NUMERAL})\s?(?:mm|cm|m\b|in\b|\"|”|″|'|[x×*]|µm|dm)", re.IGNORECASE)
_NO_QUANTITY = re.compile(r"\s?(?:[%°\"”″′'’]|:\d|/\d|-[^\W\d_]|[-–]\d|\)|º|ª|\.\d|,\d|\+/)")
_TWO_WORDS = re.compile(
    r"(?P<square>sq(?:uare)?\.? ?(?:m|met(?:er|re)s?|ft|feet|foot)|metros? cuadrados?|metros? quadrados?|metri quadr[ia]t?i?|mètres? carrés?|metr(?:y|ów) kwadratow\w+)\b"
    r"|(?P<cubic>cu(?:bic)?\.? ?(?:m|met(?:er|re)s?|yards?|yds?)|metros? c[úu]bicos?|metri cubi|mètres? cubes?|metr(?:y|ów) sześcienn\w+)\b"
    r"|(?P<linear>(?:lin(?:ear)?|running|lfd)\.? ?(?:m|met(?:er|re)s?|mtrs?|ft|feet)|metros? lineal(?:es)?|metri lineari|mètres? linéaires?)\b"
    r"|(?P<tons>metric (?:tons?|tonnes?))\b",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:[:=→]|\s[-–—]|\t|\s{2,})\s*$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity at `start`, with what belongs to it up to `end`."""

    start: int
    end: int
    value: Decimal
    value_max: Decimal | None
    unit: str | None
    strength: int


def quantities(segment: str, language: str | None) -> list[Quantity]:
    """What one sentence or line asks for, in order."""
    if not segment or len(segment) > 4000:  # noqa: PLR2004 - a "sentence" of that length is a data dump
        return []
    found = [each for each in _candidates(segment, language) if each]
    counted = [each for each in found if each.strength > MEASURED]
    depths = [_depth(segment, each.start) for each in found]
    open_ones = [each for each, depth in zip(found, depths, strict=True) if not depth]
    kept = [each for each in open_ones if each.strength > MEASURED or not counted or _leads(segment, each)]
    if not kept:
        kept = [each for each in found if each.strength >= NAMED][:1]
    return _with_breaks(segment, kept, language)


def _candidates(segment: str, language: str | None) -> Iterator[Quantity | None]:
    found: list[Quantity | None] = [_judged(segment, match, language) for match in _NUMBER.finditer(segment)]
    found += [_word_number(segment, match) for match in _WORD.finditer(segment)]
    found += [_han_number(segment, match) for match in _HAN.finditer(segment)]
    return iter(sorted((each for each in found if each), key=lambda each: each.start))


def _judged(segment: str, match: re.Match[str], language: str | None) -> Quantity | None:
    start, end = match.span()
    before = plainest(segment[max(0, start - 32) : start])
    if segment[start - 1 : start] in {"x", "X"} or REFERENCE.search(before):
        return None
    labelled = LABEL.search(before) is not None
    judged = _by_what_follows(segment, match, before, labelled=labelled)
    if judged is None:
        return None
    unit, unit_end, strength = judged
    if not labelled and strength < COUNTED and ATTRIBUTE_BEFORE.search(before):
        return None
    counts = strength != MEASURED and (unit is None or plainest(unit).rstrip(".") not in MEASURES)
    point = language in numbers.DECIMAL_POINT or language is None
    value = _value(match["low"], match["scale"] or (match["scale_high"] if match["high"] else None), counts=counts, point=point)
    high = _value(match["high"], match["scale_high"], counts=counts, point=point) if match["high"] else None
    if value is None or (counts and value != value.to_integral_value()):
        return None
    if strength == NAMED and not match["high"] and _looks_like_a_code(match["low"]):
        return None
    return Quantity(start, unit_end if unit_end > end else end, value, high if high and high > value else None, unit, strength)


def _value(numeral: str, scale: str | None, *, counts: bool, point: bool) -> Decimal | None:
    value = numbers.read(numeral, counts=counts and not scale, decimal_point=point)
    value = None if value is None else numbers.scaled(value, scale)
    return value if value is not None and value < numbers.MAX_QUANTITY else None


def _by_what_follows(segment: str, match: re.Match[str], before: str, *, labelled: bool) -> tuple[str | None, int, int] | None:
    """Unit, where it ends, and how sure it is that the number is a quantity."""
    end = match.end()
    times = _TIMES.match(segment, end)
    if times:
        return _after_times(segment, match, times)
    two = _TWO_WORDS.match(segment, end + (segment[end : end + 1] == " "))
    if two:
        return two[0], two.end(), LABELLED if labelled else MEASURED
    following = _NEXT.match(segment, end)
    strong = LABELLED if labelled else 0
    if _NO_QUANTITY.match(segment, end) or not following:
        at_tail = not segment[end:].strip(" .,;)]") and _TAIL.search(before) and len(before.strip(" :=-–—\t")) > 2  # noqa: PLR2004
        return (None, end, strong or NAMED) if labelled or at_tail else None
    unit, unit_end = _unit(segment, following)
    word = plainest(unit).rstrip(".")
    if word in COUNTS:
        return unit, unit_end, strong or COUNTED
    if word in MEASURES and not (word in {"to", "m", "l", "t"} and unit != unit.lower() and following["gap"]):
        return _measure(segment, unit, unit_end, strong)
    if labelled:
        return None, end, LABELLED
    if not following["gap"] or word in DESCRIBING or word in TIME or word in MONEY or word in NOT_GOODS:
        return None
    return None, end, NAMED


def _measure(segment: str, unit: str, unit_end: int, strong: int) -> tuple[str | None, int, int] | None:
    if not strong and SIZE_AFTER.match(plainest(segment[unit_end : unit_end + 24])):
        return None
    return unit, unit_end, strong or MEASURED


def _after_times(segment: str, match: re.Match[str], times: re.Match[str]) -> tuple[str | None, int, int] | None:
    rest = segment[times.end() : times.end() + 24]
    if _CONTAINER.match(rest):
        return None, times.end(), COUNTED
    if _DIMENSION.match(rest) or re.match(rf"(?:{numbers.NUMERAL})\s*$", rest):
        return None
    if rest[:1].isdigit():
        return (None, times.end(), COUNTED) if not segment[: match.start()].strip(" -•*(") else None
    return (None, times.end(), COUNTED) if rest[:1] else None


def _unit(segment: str, following: re.Match[str]) -> tuple[str, int]:
    word = following["word"]
    if word and not word[0].isascii():
        for length in (2, 3, 1):  # Chinese, Japanese and Korean counters stand right before the noun
            if plainest(word[:length]) in COUNTS or plainest(word[:length]) in MEASURES:
                return word[:length], following.start("word") + length
    dotted = plainest(word) in COUNTS and following["dot"]
    return word + (following["dot"] if dotted else ""), following.end() if dotted else following.end("word")


def _word_number(segment: str, match: re.Match[str]) -> Quantity | None:
    word = match[0].lower() if match[0].isascii() else plainest(match[0])
    value = numbers.SAFE_WORDS.get(word)
    if value is None or value >= 100:  # noqa: PLR2004 - "hundred" alone is said, not ordered
        return None
    before = plainest(segment[max(0, match.start() - 32) : match.start()])
    factor = re.search(r"(?:^|\s)(\d{1,3}|[a-z]+) $", before)
    following = _NEXT.match(segment, match.end())
    if not following or not following["gap"] or ATTRIBUTE_BEFORE.search(before) or REFERENCE.search(before):
        return None
    unit, unit_end = _unit(segment, following)
    name = plainest(unit).rstrip(".")
    if name in TIME or name in DESCRIBING or name in MEASURES or name in NOT_GOODS or name in _AFTER_PRONOUN:
        return None
    start = match.start()
    if value == 12 and factor and (times := _small(factor[1])):  # noqa: PLR2004 - two dozen
        value, start = value * times, start - len(factor[1]) - 1
    counted = name in COUNTS
    return Quantity(start, unit_end if counted else match.end(), value, None, unit if counted else None, COUNTED if counted else NAMED)


_AFTER_PRONOUN = frozenset("of is was has will can more thing day time another who that which or and to we i you for".split())


def _small(word: str) -> Decimal | None:
    return Decimal(word) if word.isdigit() else numbers.WORDS.get(word)


def _han_number(segment: str, match: re.Match[str]) -> Quantity | None:
    value = numbers.han(match[0])
    unit = segment[match.end() : match.end() + 2]
    unit = unit if plainest(unit) in COUNTS or plainest(unit) in MEASURES else unit[:1]
    if value is None or segment[match.start() - 1 : match.start()] in {"第", "星", "周"}:
        return None
    return Quantity(match.start(), match.end() + len(unit), value, None, unit, COUNTED)


def _looks_like_a_code(numeral: str) -> bool:
    """Ungrouped numbers that are years, post codes or steel grades far more often than counts of a plain noun."""
    return numeral.isdigit() and (numeral.startswith("0") or (len(numeral) == 4 and numeral[:2] in {"19", "20"}) or numeral in _GRADES)  # noqa: PLR2004


_GRADES = frozenset("303 304 310 316 321 347 410 416 420 430 440 630 904 1018 1045 2024 2205 2507 4130 4140 4340 5052 5083 5754 6061 6063 6082 7075".split())


def _depth(segment: str, position: int) -> int:
    head = segment[:position]
    return head.count("(") - head.count(")") + head.count("（") - head.count("）") > 0


def _leads(segment: str, each: Quantity) -> bool:
    """A measure beside counts: only where it opens a thing of its own (`260 m of tray and 12 boxes`)."""
    before, after = segment[: each.start].rstrip(), segment[each.end : each.end + 24]
    opens = not before.strip(" -•*") or before.endswith((",", ";", ":", "+", "&")) or plainest(before).endswith(_JOINING)
    return opens and bool(_NEXT.match(segment, each.end)) and not ATTRIBUTE_AFTER.match(plainest(after))


_JOINING = (" and", " plus", " und", " sowie", " et", " y", " e", " en", " i", " oraz", " och", " ve", " a", " also", " quote", " need", " of", " for")
_BREAK = re.compile(rf"(?<![^\W])(?P<n>{numbers.NUMERAL})\s*(?:,|/|&|\+|;|、|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b|\boch\b|\bi\b|\bve\b|\bor\b|\boder\b|\bou\b|\bo\b|\bof\b|\ba\b|\bresp\.)+\s*$", re.IGNORECASE)


def _with_breaks(segment: str, kept: list[Quantity], language: str | None) -> list[Quantity]:
    """`50, 200 and 1000 pcs` are three quantities of one thing."""
    found: list[Quantity] = []
    for each in kept:
        chain = [each]
        while each.strength >= COUNTED and (match := _BREAK.search(segment, max(0, chain[0].start - 24), chain[0].start)):
            if match.start("n") <= (found[-1].start if found else -1) or _depth(segment, match.start()) != _depth(segment, each.start):
                break
            point = language in numbers.DECIMAL_POINT or language is None
            value = numbers.read(match["n"], counts=plainest(each.unit or "") not in MEASURES, decimal_point=point)
            if value is None or REFERENCE.search(plainest(segment[max(0, match.start() - 24) : match.start()])):
                break
            chain.insert(0, replace(each, start=match.start("n"), value=value, value_max=None))
        found += chain
    return [each for number, each in enumerate(found) if each.start not in {earlier.start for earlier in found[:number]}]
