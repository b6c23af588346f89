"""Scores: how far answers agree with labels. Pure arithmetic, the same for the rules and for any model.

Labels have the form of the evaluation cases: `{route, tags, urgency, language, due_date, line_items, missing,
injection}`; a route of None is a text that is not to be routed (spam, gibberish) and is left out everywhere.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rfqflow.core.answer import Answer
from rfqflow.core.rules import numbers, units
from rfqflow.core.rules.text import plainest

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `total`, with the 95 % Wilson interval."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.total)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Found, missed and invented things of one kind."""

    hits: int
    expected: int
    given: int

    @property
    def precision(self) -> float:
        return self.hits / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        return self.hits / self.expected if self.expected else 0.0

    @property
    def f1(self) -> float:
        both = self.expected + self.given
        return 2 * self.hits / both if both else 0.0

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(self.hits + other.hits, self.expected + other.expected, self.given + other.given)


NOTHING = Agreement(0, 0, 0)


def wilson(hits: int, total: int, *, z: float = _Z95) -> tuple[float, float]:
    """The interval a share lies in: honest for few cases and near 0 and 1, where the normal one is not."""
    if total <= 0:
        return 0.0, 1.0
    share, square = hits / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def accuracy(pairs: Iterable[tuple[str, str]]) -> Rate:
    """Over (expected, given)."""
    hits = [expected == given for expected, given in pairs]
    return Rate(sum(hits), len(hits))


def confusion(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Expected label to given label to count; every label that occurs has a row and a column."""
    counts = Counter(pairs)
    names = sorted({name for pair in counts for name in pair})
    return {expected: {given: counts[expected, given] for given in names} for expected in names}


def per_class(pairs: Sequence[tuple[str, str]]) -> dict[str, Agreement]:
    """Precision, recall and F1 of each label; its support is `expected`."""
    expected, given = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
    hits = Counter(pair[0] for pair in pairs if pair[0] == pair[1])
    return {name: Agreement(hits[name], expected[name], given[name]) for name in sorted(expected | given)}


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """The mean F1 of the labels that occur among the expected ones, each counting the same."""
    scores = [score.f1 for score in per_class(pairs).values() if score.expected]
    return sum(scores) / len(scores) if scores else 0.0


def line_items(expected: Sequence[Mapping[str, Any]], answer: Answer) -> Agreement:
    """By quantity and unit, descriptions left out.

    Two items agree fully or not at all, so the best alignment is the intersection of the two multisets.
    """
    wanted = Counter((_decimal(item.get("quantity")), units.canonical(item.get("unit"))) for item in expected)
    given = Counter((_decimal(item.quantity), units.canonical(item.unit)) for item in answer.line_items)
    return Agreement((wanted & given).total(), wanted.total(), given.total())


def missing(expected: Iterable[str], answer: Answer) -> Agreement:
    wanted, given = set(expected), set(answer.missing)
    return Agreement(len(wanted & given), len(wanted), len(given))


def tags(expected: Iterable[str], answer: Answer) -> Agreement:
    """Tags are open-ended, so two agree when they share a word's beginning: `wire-harness` and `harnesses`."""
    wanted, given = [_beginnings(tag) for tag in expected], [_beginnings(tag) for tag in answer.tags]
    met = sum(any(tag & other for other in given) for tag in wanted)
    return Agreement(min(met, len(given)), len(wanted), len(given))


def invented(message: str, answer: Answer) -> tuple[Decimal, ...]:
    """Quantities of the answer that the text does not contain in any reading."""
    said = numbers.mentioned(message)
    given = [value for item in answer.line_items for value in (item.quantity, item.quantity_max) if value is not None]
    return tuple(value for value in given if value not in said)


def _beginnings(tag: str) -> set[str]:
    return {word[:5] for word in plainest(tag).split("-") if len(word) > 2}  # noqa: PLR2004 - shorter words are glue


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).normalize()
