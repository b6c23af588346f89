"""The quantities in running text: the candidates of a sentence that are ordered amounts.

If a sentence counts things, lengths and weights describe these things. Otherwise lengths and weights are the ordered
amounts. A number in brackets describes a thing, unless it begins the bracket, as in `(4 off)`.
"""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import re
from dataclasses import replace
from itertools import islice

from rfqflow.core.rules import numbers
from rfqflow.core.rules.candidates import (
    COUNTED,
    LABELLED,
    LOOK_BACK,
    MEASURED,
    NAMED,
    REST,
    Quantity,
    candidates,
    names_and_ends,
    read_value,
)
from rfqflow.core.rules.lookaround import Before
from rfqflow.core.rules.text import plainest
from rfqflow.core.text.units import MEASURES, canonical

__all__ = ["COUNTED", "LABELLED", "MEASURED", "NAMED", "Quantity", "quantities"]

_RIGHT_TO_LEFT = re.compile("[\u05d0-\u05ea\u0648]")
_PREFIXED = re.compile("((?<![^\\W\\d_])[\u05d0-\u05ea]-|(?<![^\\W\\d_])\u0648)(?=\\d)")
_CLAUSE = re.compile(r"[,;、，:]\s*")
_CLAUSE_ENDS = re.compile(r"\s*(?:[,;.、，]|$)")
_DIGIT = re.compile(r"\d")
_DASH = re.compile(r"(?:[:=→\t]|\s[-–—])\s*$")
_BRACKET = re.compile(
    r"[(（]\s*(?:ca\.?|c\.|circa|approx\.?|about|env\.?|environ|aprox\.?|ok\.?|ok[oó][lł]o)?\s*$", re.IGNORECASE
)
_CLAUSES = re.compile(r"[,;:.、，]\s|\s(?:and|und|et|y|e|en|i|og|och|a|ve|plus|sowie)\s")
_NEAR = 2  # words
_EXTENTS = frozenset({"m2", "ft2"})
_SIGNS = "\u2e80"
_UNSPACED = "\u0590"  # from this character on, goods are often before their number
_MOST = 60  # more than an answer has items
_LONGEST = 4000  # a longer "sentence" is a data dump
_BREAK = re.compile(
    rf"(?<![^\W])(?<![^\W_][-/])(?P<n>{numbers.NUMERAL})\s*(?:,|/|&|\+|;|、|\band\b|\bund\b|\bet\b|\by\b|\be\b"
    rf"|\ben\b|\boch\b|\bi\b|\bve\b|\bor\b|\boder\b|\bou\b|\bo\b|\ba\b|\bresp\.)+\s*$",
    re.IGNORECASE,
)


def quantities(segment: str, language: str | None) -> list[Quantity]:
    """The quantities of one sentence or line, in order."""
    if not segment or len(segment) > _LONGEST:
        return []
    segment = _PREFIXED.sub(_apart, segment) if _RIGHT_TO_LEFT.search(segment) else segment
    found = sorted(islice(candidates(segment, language), _MOST), key=lambda amount: amount.start)
    if not found:
        return []
    found = [
        replace(amount, strength=COUNTED) if amount.strength == MEASURED and _extent(segment, amount) else amount
        for amount in _listed(segment, found)
    ]
    if (last := found[-1]).strength in {MEASURED, COUNTED} and last.unit and _at_tail(segment, last):
        found = [
            replace(amount, strength=max(COUNTED, amount.strength))
            for amount in found
            if amount.strength >= COUNTED or amount is last or _behind_dash(segment, amount)
        ]
    counted = any(amount.strength > MEASURED for amount in found)
    sure = any(amount.strength >= COUNTED for amount in found)
    inside = [
        _inside(segment, amount.start)
        and not (amount.strength >= COUNTED and _BRACKET.search(segment, max(0, amount.start - 12), amount.start))
        for amount in found
    ]
    kept = [
        amount
        for amount, hidden in zip(found, inside, strict=True)
        if not hidden
        and (
            amount.strength >= COUNTED
            or amount.opens
            or (amount.strength == NAMED and not (sure and _far(segment, amount)))
            or not counted
        )
    ]
    kept = kept or [amount for amount in found if amount.strength >= NAMED][:1]
    return _with_breaks(segment, kept, language)


def _apart(match: re.Match[str]) -> str:
    """The unit as written, without the `and` or `for` that Hebrew and Arabic join to the number."""
    return " " * len(match[0])


def _listed(segment: str, found: list[Quantity]) -> list[Quantity]:
    """Measures in a separate clause. After a name they are ordered; after a comma they describe the counted thing.

    `cable 40 m` and `붕산 300kg` are orders, but `1 t` in `12 hoists, 1 t` describes the hoists.
    """
    kept: list[Quantity] = []
    labelled = any(amount.strength == LABELLED for amount in found)
    for amount in found:
        if amount.strength != MEASURED or not _CLAUSE_ENDS.match(segment, amount.end):
            kept.append(amount)
            continue
        clause = _CLAUSE.split(segment[: amount.start])[-1]
        name = clause.split()[-1] if clause.strip() and max(clause) > _SIGNS else clause
        named = not _DIGIT.search(name) and sum(map(str.isalpha, name)) > 1
        if named and (len(found) > 1 or name != clause) and not labelled and max(segment) > _UNSPACED:
            kept.append(replace(amount, strength=COUNTED))
        elif (clause.strip() or not kept) and not labelled:
            kept.append(amount)
    return kept or found


def _at_tail(segment: str, amount: Quantity) -> bool:
    return (
        not segment[amount.end :].strip(REST)
        and names_and_ends(segment[: amount.start])
        and not _inside(segment, amount.start)
    )


def _far(segment: str, amount: Quantity) -> bool:
    """Whether many words of its clause are before a number.

    In `turning 1000 pcs of nipples, milling 60 plates` there are few.
    """
    return len(_CLAUSES.split(segment[max(0, amount.start - 80) : amount.start])[-1].split()) > _NEAR


def _behind_dash(segment: str, amount: Quantity) -> bool:
    """Whether a number after a dash is a quantity, as in `sheet 10 mm - 4.5 t, channel 16 - 36 m`."""
    return bool(
        amount.strength == MEASURED
        and _CLAUSE_ENDS.match(segment, amount.end)
        and _DASH.search(segment, 0, amount.start)
        and not _inside(segment, amount.start)
    )


def _extent(segment: str, amount: Quantity) -> bool:
    """Whether an area in brackets is the amount of work, as in `the roof (about 620 m2)`."""
    before = _BRACKET.search(segment, max(0, amount.start - 12), amount.start)
    if before is None or segment[amount.end : amount.end + 1] not in {")", "）"}:
        return False
    unit = canonical(amount.unit)
    return unit in _EXTENTS or (unit == "m" and before[0].strip() not in {"(", "（"})


def _inside(segment: str, position: int) -> bool:
    """Whether a number in brackets describes a thing. A number that begins the brackets, as in `(4 off)`, does not."""
    head = segment[:position]
    return head.count("(") + head.count("（") > head.count(")") + head.count("）")


def _with_breaks(segment: str, kept: list[Quantity], language: str | None) -> list[Quantity]:
    """The quantities with all price breaks of one thing, such as three in `50, 200 and 1000 pcs`."""
    found: list[Quantity] = []
    for amount in kept:
        chain = [amount]
        while amount.strength >= COUNTED and (
            match := _BREAK.search(segment, max(0, chain[0].start - 24), chain[0].start)
        ):
            earlier = found[-1].start if found else -1
            if match.start("n") <= earlier or _inside(segment, match.start()) != _inside(segment, amount.start):
                break
            value = read_value(match["n"], None, counts=plainest(amount.unit or "") not in MEASURES, language=language)
            before = Before(plainest(segment[max(0, match.start() - LOOK_BACK) : match.start()]))
            if value is None or before.references or before.attributes:
                break
            chain.insert(0, replace(amount, start=match.start("n"), value=value, value_max=None))
        found += chain
    return found
