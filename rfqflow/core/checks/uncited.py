"""Checks items of an answer without citations against their likely lines.

A failed check gives a doubt, not a contradiction.

An old answer, or the answer of a weak model, has no citations. A swapped quantity or a dimension is recognised only in
the item's own line. So this module searches for that line by the part number, or else by the words of the name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfqflow.core.answer import FactVerdict
from rfqflow.core.checks.items import Found, ItemChecks, unverified
from rfqflow.core.checks.source import squashed
from rfqflow.core.checks.standing import STEM
from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.thread import Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from rfqflow.core.answer import LineItem
    from rfqflow.core.checks.source import Source, SourceLine
    from rfqflow.core.lists import ListedItem

_MOST_TRIES = 20_000  # number of items times number of lines
_WORD = re.compile(r"[^\s\d,;:.()/_-]{3,}")
_MOST_LINES = 3  # if more lines have the item's name, the name does not show the item's line


class UncitedChecks(ItemChecks):
    """The checks of an item without citations, against the lines from which it probably comes."""

    def __init__(self, item: LineItem, source: Source, rows: Mapping[int, ListedItem], likely: ItemChecks) -> None:
        super().__init__(item, source, {}, rows)
        self._likely = likely

    def quantity(self, value: Decimal) -> Found:
        return _doubted(super().quantity(value), self._likely.quantity(value))

    def unit(self, unit: str) -> Found:
        return _doubted(super().unit(unit), self._likely.unit(unit))


def _doubted(found: Found, likely: Found) -> Found:
    if found.verdict is FactVerdict.CONTRADICTED or likely.verdict is FactVerdict.VERIFIED:
        return found
    return unverified(likely.why or "not_cited")


def with_likely_lines(items: Sequence[LineItem], source: Source) -> list[LineItem]:
    """The items with their likely lines as citations.

    Empty if an item has citations, or if the search would take long.
    """
    lines = [line for line in source.lines if line.line.part is Part.REQUEST]
    if not items or any(item.lines for item in items) or len(items) * len(lines) > _MOST_TRIES:
        return []
    found = []
    for item in items:
        code = squashed(item.part_number or "")
        stems = [] if code else [_stem(word) for word in _WORD.findall(fold(item.description))]
        naming = [line.line.number for line in lines if _names(line, code, stems)]
        is_specific = 0 < len(naming) <= _MOST_LINES
        found.append(item.model_copy(update={"lines": tuple(naming)}) if is_specific else item)
    return found


def _names(line: SourceLine, code: str, stems: Sequence[str]) -> bool:
    """Whether a line has the item's part number or, for an item without a part number, half of the item's words."""
    if code:
        return code in line.squashed
    return bool(stems) and sum(stem in line.folded for stem in stems) * 2 >= len(stems)


def _stem(word: str) -> str:
    return word[: max(STEM, len(word) - 2)]
