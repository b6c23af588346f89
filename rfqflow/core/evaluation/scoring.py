"""Compares answers with labels, alike for rules and models.

Labels have the form of evaluation cases: `{route, tags, urgency, language, due_date, line_items, missing, injection}`.
A route of None marks a text without a route (spam, gibberish), which is left out everywhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rfqflow.core.answer import Answer
from rfqflow.core.evaluation.statistics import Agreement
from rfqflow.core.text import units
from rfqflow.core.text.numerals import numbers_in
from rfqflow.core.text.plain import plainest


def line_items(expected: Sequence[Mapping[str, Any]], answer: Answer) -> Agreement:
    """Agreement by quantity and unit, without descriptions.

    Two items agree fully or not at all, so the best alignment is the intersection of the two multisets.
    """
    wanted = Counter((_decimal(item.get("quantity")), units.canonical(item.get("unit"))) for item in expected)
    given = Counter((_decimal(item.quantity), units.canonical(item.unit)) for item in answer.line_items)
    return Agreement((wanted & given).total(), wanted.total(), given.total())


def missing(expected: Iterable[str], answer: Answer) -> Agreement:
    wanted, given = set(expected), set(answer.missing)
    return Agreement(len(wanted & given), len(wanted), len(given))


def tags(expected: Iterable[str], answer: Answer) -> Agreement:
    """Agreement of tags.

    Tags are open-ended, so two agree if they share a word's beginning: `wire-harness` and `harnesses`.
    """
    wanted, given = [_beginnings(tag) for tag in expected], [_beginnings(tag) for tag in answer.tags]
    met = sum(any(tag & theirs for theirs in given) for tag in wanted)
    return Agreement(min(met, len(given)), len(wanted), len(given))


def invented(message: str, answer: Answer) -> tuple[Decimal, ...]:
    """Quantities of the answer that the text lacks in any reading."""
    said = numbers_in(message)
    given = [value for item in answer.line_items for value in (item.quantity, item.quantity_max) if value is not None]
    return tuple(value for value in given if value not in said)


def _beginnings(tag: str) -> set[str]:
    return {word[:5] for word in plainest(tag).split("-") if len(word) > 2}  # noqa: PLR2004 - shorter words are glue


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).normalize()
