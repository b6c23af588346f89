"""Compares answers with labels, in the same way for the rules and for models.

Labels have the form of evaluation cases: `{route, tags, urgency, language, due_date, line_items, missing, injection}`.
The route None marks a text that has no route (spam, gibberish). Such texts are left out of all figures.
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
    """The agreement of line items, by quantity and unit, without descriptions.

    Two items are either equal or not, so the best alignment is the intersection of the two multisets.
    """
    wanted = Counter((_decimal(item.get("quantity")), units.canonical(item.get("unit"))) for item in expected)
    given = Counter((_decimal(item.quantity), units.canonical(item.unit)) for item in answer.line_items)
    return Agreement((wanted & given).total(), wanted.total(), given.total())


def missing(expected: Iterable[str], answer: Answer) -> Agreement:
    wanted, given = set(expected), set(answer.missing)
    return Agreement(len(wanted & given), len(wanted), len(given))


def tags(expected: Iterable[str], answer: Answer) -> Agreement:
    """The agreement of tags.

    Tags are free words, so two tags agree if words in them begin in the same way: `wire-harness` and `harnesses`.
    """
    wanted, given = [_beginnings(tag) for tag in expected], [_beginnings(tag) for tag in answer.tags]
    met = sum(any(tag & theirs for theirs in given) for tag in wanted)
    return Agreement(min(met, len(given)), len(wanted), len(given))


def invented(message: str, answer: Answer) -> tuple[Decimal, ...]:
    """The quantities of the answer that no reading of the text contains."""
    said = numbers_in(message)
    given = [value for item in answer.line_items for value in (item.quantity, item.quantity_max) if value is not None]
    return tuple(value for value in given if value not in said)


def _beginnings(tag: str) -> set[str]:
    return {word[:5] for word in plainest(tag).split("-") if len(word) > 2}  # noqa: PLR2004 - shorter words, such as articles, do not count


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).normalize()
