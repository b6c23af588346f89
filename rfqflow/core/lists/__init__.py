"""Lists in a text, read by rules: tables, blocks of labels and values, JSON, lines of one pattern.

The rules never guess. They leave out rows that are not clear, and count these rows if the rest of the table is clear.
"""

from collections.abc import Sequence
from dataclasses import replace

from rfqflow.core.lists.blocks import blocks
from rfqflow.core.lists.cells import KINDS, may_cut, runs
from rfqflow.core.lists.completion import Completed, complete
from rfqflow.core.lists.grid import grids
from rfqflow.core.lists.json_rows import json_tables
from rfqflow.core.lists.model import ListedItem, Table
from rfqflow.core.lists.parts import (
    MOST_ITEMS,
    MOST_PARTS,
    ListPart,
    counted_in_prose,
    is_short,
    items_per_part,
    merged,
    next_part,
    passed_over,
    shown,
)
from rfqflow.core.lists.patterns import patterned
from rfqflow.core.lists.shortening import Omitted, shortened
from rfqflow.core.lists.stacked import stacked
from rfqflow.core.lists.title_blocks import title_blocks
from rfqflow.core.text.reading import Line
from rfqflow.core.text.thread import Part

__all__ = [
    "MOST_ITEMS", "MOST_PARTS", "Completed", "ListPart", "ListedItem", "Omitted", "Table", "complete",
    "counted_in_prose", "is_short", "items_per_part", "merged", "next_part", "passed_over", "shortened", "shown",
    "tables",
]  # fmt: skip


_MOST_LINES = 1_200  # lines of a list that are read; further lines are only counted
_NEAR_END = 3
_FEWEST = 2


def tables(lines: Sequence[Line]) -> tuple[Table, ...]:
    """The lists of the newest request, in the order of the text. No line belongs to two lists."""
    rest = [line for line in lines if line.part is Part.REQUEST]
    if len(rest) < _FEWEST and not any("{" in line.text or ":" in line.text or "=" in line.text for line in rest):
        return ()
    behind = rest[_MOST_LINES:]
    rest = rest[:_MOST_LINES]
    last = rest[-1].number if rest else 0
    found: list[Table] = []
    for read in (json_tables, title_blocks, _grids, stacked, blocks, patterned):
        taken: set[int] = set()
        for table in read(rest):
            if taken.isdisjoint(table.lines):
                found.append(table)
                taken.update(table.lines)
        if taken:
            rest = [line for line in rest if line.number not in taken]
    if any(table.is_clear and len(table.items) > 1 for table in found):
        # If there is a list, the blocks only describe drawings.
        found = [table for table in found if not table.is_block]
    found.sort(key=lambda table: table.lines[0])
    if behind and found and found[-1].lines[-1] >= last - _NEAR_END:
        rows = (line for line in behind if any(map(str.isdigit, line.text)))
        found[-1] = replace(found[-1], unread=(*found[-1].unread, *rows))
    return tuple(found)


def _grids(lines: Sequence[Line]) -> list[Table]:
    found: list[Table] = []
    if len(lines) < _FEWEST:
        return found
    rest = list(lines)
    text = "\n".join(line.text for line in lines)
    for kind in KINDS:
        if not may_cut(text, kind):
            continue
        taken: set[int] = set()
        for run in runs(rest, kind):
            for table in grids(run, kind):
                found.append(table)
                taken.update(table.lines)
        if taken:
            rest = [line for line in rest if line.number not in taken]
    return found
