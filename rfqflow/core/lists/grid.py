"""Turns sequences of lines with cells into tables: with or without a head, transposed, or with sizes in the head."""
# ruff: noqa: RUF001 - a sign of Chinese texts is looked for

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from rfqflow.core.lists.columns import Columns, by_content, headed
from rfqflow.core.lists.heads import QUANTITY, head, is_total
from rfqflow.core.lists.matrix import matrix
from rfqflow.core.lists.model import Row, Table
from rfqflow.core.lists.rows import TableReader
from rfqflow.core.lists.values import amounts

_ROWS = 2
_THOUSANDS = re.compile(r"(?<![\w.,-])\d{1,3},\d{3}(?![\d.])")
_FEW = 3
_MOST_TRIES = 300  # tables in one sequence of lines
_SEEN_AHEAD = 200  # rows from which the notation of numbers and the extent of columns are derived


def grids(run: Sequence[Row], kind: str) -> Iterator[Table]:
    """Yields the tables in a sequence of lines."""
    at = tries = 0
    while at < len(run) - 1 and tries < _MOST_TRIES:
        taken = 1
        tries += 1
        for read in (_turned, partial(matrix, kind=kind), _headed, partial(_headless, kind=kind)):
            table, end = read(run, at)
            if table is not None:
                yield table
            if table is not None or end > at:
                taken = max(1, end - at)
                break
        at += taken


def _headed(run: Sequence[Row], at: int) -> tuple[Table | None, int]:
    columns = headed(run[at], run[at + 1 : at + 60])
    if columns is None:
        return None, at
    return _read(columns, [run[at]], run, at + 1)


def _read(columns: Columns, head_rows: list[Row], run: Sequence[Row], at: int) -> tuple[Table | None, int]:
    reader = TableReader(columns, head_rows, run[at : at + _SEEN_AHEAD])
    taken = reader.read(islice(run, at, None))
    table = reader.table()
    return (table, at + taken) if table else (None, at if not head_rows else at - 1)


def _headless(run: Sequence[Row], at: int, *, kind: str) -> tuple[Table | None, int]:
    """A table without a head, of rows with as many cells as this row.

    If these rows form no table, they are not tried again.
    """
    width = len(run[at].cells)
    end = at
    rows: list[Row] = []
    while end < len(run):
        row = run[end]
        if len(row.cells) == width and not any(map(is_total, row.cells[:2])):
            rows.append(row)
        elif len(row.cells) == width or len(row.cells) == 1:
            pass  # a sum, or the title of a group
        else:
            break
        end += 1
    if width < 2 or len(rows) < _ROWS or (kind == "," and not _is_dense(rows)):  # noqa: PLR2004 - one cell
        return None, end
    for skipped in (0, 1):  # all rows, then without the first: a head with unknown words, or a sentence's end
        part = rows[skipped:]
        if len(part) < _ROWS or (skipped and any(amounts(cell) for cell in rows[0].cells[1:])):
            break
        columns = by_content(part)
        if columns is not None and not (width == 2 and len(part) < _FEW and not columns.is_clear):  # noqa: PLR2004 - two columns with one row are not a table
            start = next(index for index, row in enumerate(run) if row is part[0])
            table, taken = _read(columns, rows[:skipped] if skipped and _may_head(rows[0]) else [], run[:end], start)
            if table is not None:
                return table, taken
    return None, end


def _is_dense(rows: Sequence[Row]) -> bool:
    """Whether the rows have cells and are not sentences: the cells are short, and no space follows a comma."""
    if any("，" in row.line.text for row in rows):
        return False  # sentences may look the same
    commas = sum(row.line.text.count(",") for row in rows)
    spaced = sum(row.line.text.count(", ") for row in rows)
    if sum(1 for row in rows if _THOUSANDS.search(row.line.text)) * 2 > len(rows):
        return False  # in `bars - 4,000 lb` the comma is part of a number
    letters = sum(len(row.line.text) for row in rows)
    cells = sum(len(row.cells) for row in rows)
    if len(rows) >= _FEW and len(rows[0].cells) >= _FEW and letters <= 14 * cells:
        return True
    return spaced * 2 <= commas and letters <= 30 * cells


def _may_head(row: Row) -> bool:
    return all(len(cell) <= 40 for cell in row.cells)  # noqa: PLR2004 - a longer cell is a sentence


def _turned(run: Sequence[Row], at: int) -> tuple[Table | None, int]:
    """A transposed table: each line begins with its role, and the items are side by side."""
    width = len(run[at].cells)
    if width < _FEW or head(run[at].cells[0]) is None:
        return None, at
    rows: list[Row] = []
    for row in run[at : at + 12]:
        if len(row.cells) != width or (rows and head(row.cells[0]) is None):
            break
        rows.append(row)
    roles = [each.role if (each := head(row.cells[0])) else "" for row in rows]
    if len(rows) < _ROWS or roles.count(QUANTITY) != 1:
        return None, at
    counted = rows[roles.index(QUANTITY)].cells[1:]
    if not all(amounts(cell) for cell in counted) or head(rows[0].cells[1]) is not None:
        return None, at
    upright = [Row(rows[0].line, list(cells)) for cells in zip(*(row.cells for row in rows), strict=True)]
    table, _ = _read_upright(upright)
    if table is None:
        return None, at
    numbers = tuple(row.line.number for row in rows)
    items = tuple(replace(item, lines=numbers) for item in table.items)
    return Table(items, table.is_clear, numbers, (rows[0].line.number,)), at + len(rows)


def _read_upright(rows: Sequence[Row]) -> tuple[Table | None, int]:
    columns = headed(rows[0], rows[1:])
    return _read(columns, [rows[0]], rows, 1) if columns else (None, 0)
