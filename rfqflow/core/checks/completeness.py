"""Checks that the answer has no item that the customer has cancelled, and that no item is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfqflow.core.checks.source import squashed
from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.thread import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfqflow.core.answer import LineItem
    from rfqflow.core.checks.source import Source, SourceLine

_NAME = re.compile(r"[^\W\d_]{4,}")
_MOST_LINES, _MOST_COUNTED = 400, 1_200
_MANY = 5  # lines; one or two lines may only repeat the name of an item


def cancelled(items: Sequence[LineItem], source: Source) -> Iterator[int]:
    """Yields the positions of items that a line of the newest message cancels."""
    if not source.may_cancel:
        return
    lines = [line for line in source.lines[:_MOST_LINES] if line.line.part is Part.REQUEST and line.cancels]
    for number, item in enumerate(items if lines else ()):
        if any(_names(line, item) for line in lines):
            yield number


def _names(line: SourceLine, item: LineItem) -> bool:
    """Whether the words beside the cancelling word are the name of the item."""
    if item.part_number:
        return squashed(item.part_number) in line.squashed
    words = _NAME.findall(fold(item.description))[:3]
    return bool(words) and all(word in line.folded for word in words)


def left_out(items: Sequence[LineItem], source: Source, *, asked_to: int | None = None) -> int:
    """The number of lines of the newest message that ask for goods, but have no item in the answer.

    No item cites such a line or has the line's number. If most lines have no item, it also counts lines whose number
    equals that of an item by chance. `asked_to`: the last line that the model was asked about.
    """
    cited = {line for item in items for line in item.lines}
    if not cited:
        return 0  # without citations, it is unknown from which lines the items come
    given = {value for item in items for value in (item.quantity, item.quantity_max)}
    counting = [
        [mention.values for mention in line.mentions if mention.is_counted]
        for line in source.lines[:_MOST_COUNTED]
        if line.line.part is Part.REQUEST
        and line.line.number not in cited
        and (asked_to is None or line.line.number <= asked_to)
        and not (source.may_cancel and line.cancels)
    ]
    others = sum(any(not values & given for values in each) for each in counting)
    return sum(map(bool, counting)) if others > _MANY else others
