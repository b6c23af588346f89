"""Tables with sizes in the head and quantities in the cells."""

import re
from collections.abc import Sequence
from itertools import islice

from rfqflow.core.lists.heads import QUANTITY, SIZE, head
from rfqflow.core.lists.model import ListedItem, Row, Table
from rfqflow.core.lists.values import amounts, decimal_mark, is_nothing, value
from rfqflow.core.text.sanitize import one_line

_SHAPE = re.compile(r"([^\W\d_]{0,8}\.?)[ -]?(\d{1,5}(?:[.,/x]\d{1,5})?)\s?([^\W\d_]{0,6}\"?)")
_SIZES = frozenset("XXS XS S M L XL XXL XXXL 2XL 3XL 4XL 5XL".split())  # noqa: SIM905 - one line of sizes reads best
_YEAR = re.compile(r"(?:19|20)\d\d")
_MOST_ROWS = 500


def matrix(run: Sequence[Row], at: int, *, kind: str) -> tuple[Table | None, int]:
    """The table that begins here, and where it ends."""
    first = run[at]
    across, corner = _across(first, run[at + 1 : at + 3], kind)
    if not across:
        return None, at
    spans = first.spans[-len(across) :] if first.spans else []
    rows: list[tuple[Row, str, list[str]]] = []
    for row in islice(run, at + 1, at + 1 + _MOST_ROWS):
        cells = _cells(row, len(across), spans)
        if cells is None or not all(_is_count(cell) for cell in cells[1:]) or not cells[0]:
            break
        rows.append((row, cells[0], cells[1:]))
    counted = sum(1 for _, _, cells in rows for cell in cells if amounts(cell))
    if counted < 2 or len(rows) * len(across) < 3:  # noqa: PLR2004 - fewer than two rows or three columns are not a matrix
        return None, at
    decimal = decimal_mark(cell for _, _, cells in rows for cell in cells)
    items = [
        item
        for row, label, cells in rows
        for over, cell in zip(across, cells, strict=True)
        if (item := _item(first, row, (corner, label, over), cell, decimal))
    ]
    if not items or any(item.quantity != item.quantity.to_integral_value() for item in items if item.quantity):
        return None, at
    lines = (first.line.number, *(row.line.number for row, _, _ in rows))
    return Table(tuple(items), is_clear=False, lines=lines, head=lines[:1]), at + 1 + len(rows)


def _across(row: Row, below: Sequence[Row], kind: str) -> tuple[list[str], str]:
    """The sizes in a row, and the cell in the corner."""
    if not below or len(row.cells) > 40:  # noqa: PLR2004 - a page has fewer columns
        return [], ""
    width = len(below[0].cells)
    cells = [cell.strip() for cell in row.cells]
    corner = ""
    if len(cells) == width or (kind != " " and len(cells) > 1 and not _SHAPE.fullmatch(cells[0])):
        corner, cells = cells[0], cells[1:]
    named = head(corner) if corner else None
    if len(cells) < 2 or (named and named.role == QUANTITY and not named.is_unit):  # noqa: PLR2004 - a name and one size
        return [], ""
    if all(cell in _SIZES for cell in cells):
        return cells, corner
    if any((each := head(cell)) and each.role != SIZE for cell in cells):
        return [], ""
    shapes = [_SHAPE.fullmatch(cell) for cell in cells]
    found = [shape for shape in shapes if shape]
    same = len({(shape[1].lower(), shape[3].lower()) for shape in found}) == 1
    if len(found) < len(cells) or not same or len(set(cells)) < len(cells):
        return [], ""
    if all(_YEAR.fullmatch(cell) for cell in cells):
        return [], ""
    return cells, corner


def _cells(row: Row, across: int, spans: Sequence[tuple[int, int]]) -> list[str] | None:
    if len(row.cells) == across + 1:
        return row.cells
    if not spans or not row.spans or len(row.cells) > across + 1 or len(row.cells) < 2:  # noqa: PLR2004 - a name and one size
        if not spans and 1 < len(row.cells) <= across:
            return [*row.cells, *[""] * (across + 1 - len(row.cells))]
        return None
    cells = [row.cells[0], *[""] * across]
    for cell, (start, end) in zip(row.cells[1:], row.spans[1:], strict=True):
        middle = (start + end) / 2
        best = min(range(across), key=lambda column: abs((spans[column][0] + spans[column][1]) / 2 - middle))
        cells[best + 1] = cell
    return cells


def _is_count(cell: str) -> bool:
    if not cell or is_nothing(cell):
        return True
    found = amounts(cell)
    return len(found) == 1 and found[0].high is None


def _item(first: Row, row: Row, names: tuple[str, str, str], cell: str, decimal: str | None) -> ListedItem | None:
    found = amounts(cell) if cell and not is_nothing(cell) else ()
    stated = value(found[0], decimal=decimal) if found else None
    if stated is None:
        return None
    corner, label, over = names
    named = f"{corner} {label}" if corner and label[:1].isdigit() else label
    lines = (first.line.number, row.line.number)
    return ListedItem(one_line(f"{named} {over}"), stated[0], None, found[0].unit, lines=lines)
