"""Turns the rows of a table with known columns into items. Expands repetitions, and leaves out sums and page breaks."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rfqflow.core.lists.columns import Columns, amount_cells
from rfqflow.core.lists.heads import (
    MATERIAL,
    PART,
    POSITION,
    QUANTITY,
    REVISION,
    SIZE,
    TEXT,
    UNIT,
    is_page,
    is_total,
    is_unit,
    may_be_total,
    plain_phrase,
    without_ditto,
)
from rfqflow.core.lists.model import ListedItem, Row, Table
from rfqflow.core.lists.values import Amount, amounts, decimal_mark, is_nothing, measures, value
from rfqflow.core.text.sanitize import cut, one_line

_DESCRIPTION, _PART, _UNIT = 300, 120, 24
_THREE_DIGITS = re.compile(r"\d{1,3}[.,]\d{3}(?![\d.,])")
_AHEAD = 3  # after so many rows that do not fit, the table has ended


class TableReader:
    """Reads rows in order, since a row may repeat the row above."""

    def __init__(self, columns: Columns, head: Sequence[Row], rows: Sequence[Row]) -> None:
        self._columns = columns
        self._heads = [plain_phrase(" ".join(each.cells)) for each in head]
        self._head_lines = [each.line.number for each in head]
        self._spans = _joined_spans(columns, rows)
        fitting = [row for row in rows if len(row.cells) == len(columns.roles)]
        self._decimal_here = decimal_mark(amount_cells(columns, fitting))
        self._decimal = self._decimal_here or decimal_mark(cell for row in fitting for cell in row.cells)
        self._items: list[ListedItem] = []
        self._lines: list[int] = list(self._head_lines)
        self._unread: list[Row] = []
        self._above: list[str] = [""] * len(columns.roles)
        self._since_sum = 0
        stated = [cell for cell in amount_cells(columns, fitting) if any(map(str.isdigit, cell))]
        # If each row has a number such as `12,000`, it may mean twelve thousand, or twelve as some systems write it.
        self._may_be_decimals = len(stated) > 1 and all(_THREE_DIGITS.match(cell) for cell in stated)

    def read(self, rows: Iterable[Row]) -> int:
        """Reads rows until the table ends. Returns the number of rows."""
        taken = 0
        pending: list[Row] = []
        for position, row in enumerate(rows):
            if self._take(row):
                self._unread += [each for each in pending if self._is_row(each)]
                self._lines += [each.line.number for each in pending]
                pending = []
                taken = position + 1
            else:
                pending.append(row)
                if len(pending) > _AHEAD:
                    break
        return taken

    def table(self) -> Table | None:
        """The table that was read so far. None if there are no items."""
        if not self._items:
            return None
        items = _with_units_split_off(self._items)
        counted = sum(1 for item in items if item.quantity is not None)
        clear = self._columns.is_clear and len(self._unread) * 4 <= len(items) and counted * 2 > len(items)
        if self._may_be_decimals:
            clear = False
        unread = tuple(row.line for row in self._unread)
        return Table(tuple(items), clear, tuple(sorted(set(self._lines))), tuple(self._head_lines), unread)

    def _take(self, row: Row) -> bool:
        if plain_phrase(" ".join(row.cells)) in self._heads or (
            row.filled <= 2 and any(is_page(cell) for cell in row.cells)  # noqa: PLR2004 - a title and its page
        ):
            self._lines.append(row.line.number)
            self._head_lines.append(row.line.number)
            return True
        if any(is_total(cell) for cell in row.cells[:3] if cell) and not self._names(row):
            self._lines.append(row.line.number)
            return True
        cells = self._aligned(row)
        if cells is not None and self._sums_up(cells):
            self._lines.append(row.line.number)
            self._since_sum = len(self._items)
            return True
        return cells is not None and self._take_cells(row, cells)

    def _sums_up(self, cells: list[str]) -> bool:
        """Whether a row that looks like a sum is the sum of all rows above, or of the rows since the last sum."""
        if not any(may_be_total(cell) for cell in cells[:3] if cell):
            return False
        found = amounts(cells[self._columns.quantities[0]], headed=True)
        stated = value(found[0], decimal=self._decimal_here) if found else None
        sums = {sum(item.quantity or 0 for item in items) for items in (self._items, self._items[self._since_sum :])}
        return stated is None or stated[0] in sums

    def _take_cells(self, row: Row, cells: list[str]) -> bool:
        columns = self._columns
        stated = [cells[column] for column in columns.quantities]
        if self._is_carried(cells):
            self._lines.append(row.line.number)
            return True
        if not any(stated):
            return self._without_quantity(row, cells)
        self._fill(cells)
        made: list[ListedItem] = []
        for column in columns.quantities:
            cell = cells[column]
            if not cell or is_nothing(cell):
                continue
            read = [self._item(row, cells, amount) for amount in amounts(cell, headed=True)]
            items = [item for item in read if item is not None]
            if not items or len(items) < len(read):
                return False
            made += items
        self._items += made
        self._lines += row.numbers
        self._above = cells
        return True

    def _without_quantity(self, row: Row, cells: list[str]) -> bool:
        """Handles a row without a quantity: the title of a group, a continuation of the row above, or a thing."""
        columns = self._columns
        text, part = columns.first(TEXT), columns.first(PART)
        filled = [column for column, cell in enumerate(cells) if cell]
        if not self._items and len(filled) < 2:  # noqa: PLR2004 - one cell is not a row
            return False
        if len(filled) == 1:
            if filled[0] == text and filled[0] > 0 and len(cells[filled[0]]) < _UNIT * 3:
                last = self._items[-1]
                longer = cut(f"{last.description} {one_line(cells[filled[0]])}", _DESCRIPTION)
                self._items[-1] = replace(last, description=longer, lines=(*last.lines, row.line.number))
            self._lines.append(row.line.number)
            return True
        numbered = columns.first(POSITION)
        named = [column for column in (text, part) if column is not None and cells[column]]
        if len(cells) != len(columns.roles) or not named:
            return False
        if (numbered is not None and cells[numbered]) or (part is not None and cells[part] and text is not None):
            self._fill(cells)
            item = self._item(row, cells, None)
            if item is None:
                return False
            self._items.append(item)
            self._lines += row.numbers
            self._above = cells
            return True
        return False

    def _aligned(self, row: Row) -> list[str] | None:
        """The row's cells by column. None if it is not clear to which columns they belong."""
        cells, width = list(row.cells), len(self._columns.roles)
        if self._spans and row.spans:
            return cells if len(cells) == width else _by_spans(row, self._spans, self._columns)
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) == width:
            return cells
        if len(cells) < 2 and width > 2:  # noqa: PLR2004 - a line of its own
            return None
        if len(cells) < width:
            missing = [""] * (width - len(cells))
            choices = [cells + missing, missing + cells]
        else:
            text = self._columns.first(TEXT)
            if text is None:
                return None
            more = len(cells) - width
            joined = ", ".join(cells[text : text + more + 1])
            choices = [[*cells[:text], joined, *cells[text + more + 1 :]]]
        return next((choice for choice in choices if self._fits(choice)), None)

    def _fits(self, cells: list[str]) -> bool:
        for column, role in enumerate(self._columns.roles):
            cell = cells[column]
            if not cell:
                continue
            if column in self._columns.quantities and not (amounts(cell, headed=True) or is_nothing(cell)):
                return False
            if role == UNIT and any(map(str.isdigit, cell)):
                return False
            if role == POSITION and len(cell) > 8:  # noqa: PLR2004 - a position is shorter
                return False
            if role == TEXT and not any(map(str.isalpha, cell)):
                return False
        return any(cells[column] for column in self._columns.quantities)

    def _names(self, row: Row) -> bool:
        """Whether a row that looks like a sum names a thing, such as a `total station`."""
        part, position = self._columns.first(PART), self._columns.first(POSITION)
        if len(row.cells) != len(self._columns.roles):
            return False
        return any(column is not None and any(map(str.isdigit, row.cells[column])) for column in (part, position))

    def _is_carried(self, cells: list[str]) -> bool:
        """Whether the row is a sum in unknown words: it has a text in the column of positions, and no name."""
        position, text, part = (self._columns.first(role) for role in (POSITION, TEXT, PART))
        if position is None or any(map(str.isdigit, cells[position])) or len(cells[position]) <= 3:  # noqa: PLR2004 - a short mark
            return False
        return not any(column is not None and cells[column] for column in (text, part))

    def _is_row(self, row: Row) -> bool:
        return row.filled > 1 and any(map(str.isdigit, "".join(row.cells)))

    def _fill(self, cells: list[str]) -> None:
        """Replaces ditto marks and empty cells below a merged cell."""
        described = self._columns.first(TEXT)
        for column, cell in enumerate(cells):
            role = self._columns.roles[column]
            rest = without_ditto(cell) if cell else None
            if rest is not None:
                cells[column] = _repeated(self._above[column], rest) if rest else self._above[column]
            elif not cell and column == described and self._above[column] and role != QUANTITY:
                others = [n for n, r in enumerate(self._columns.roles) if r in {PART, SIZE, MATERIAL, None}]
                if any(cells[other] and cells[other] != self._above[other] for other in others):
                    cells[column] = self._above[column]

    def _item(self, row: Row, cells: list[str], amount: Amount | None) -> ListedItem | None:
        columns = self._columns
        unit_column = columns.first(UNIT)
        unit = (cells[unit_column] if unit_column is not None else "") or (amount.unit if amount else None)
        unit = unit or columns.unit
        quantity = None
        if amount is not None:
            decimal = self._decimal if unit and measures(unit) else self._decimal_here
            quantity = value(amount, decimal=decimal)
            if quantity is None:
                return None
        part = self._cell(cells, PART, _PART)
        description = self._description(cells) or part
        if not description:
            return None
        return ListedItem(
            description=description,
            quantity=quantity[0] if quantity else None,
            quantity_max=quantity[1] if quantity else None,
            unit=one_line(unit)[:_UNIT].strip() or None if unit else None,
            part_number=part,
            revision=self._cell(cells, REVISION, _UNIT),
            material=self._cell(cells, MATERIAL, _PART),
            lines=row.numbers,
        )

    def _cell(self, cells: list[str], role: str, limit: int) -> str | None:
        column = self._columns.first(role)
        text = one_line(cells[column]) if column is not None else ""
        return text if text and len(text) <= limit and not is_nothing(text) else None

    def _description(self, cells: list[str]) -> str:
        words = [self._columns.title] if self._columns.title else []
        for column, cell in enumerate(cells):
            role = self._columns.roles[column]
            if not cell or is_nothing(cell) or role not in {TEXT, SIZE, MATERIAL, None}:
                continue
            if role is None and not any(map(str.isalpha, cell)) and not self._columns.title:
                continue
            words.append(cell)
        text = one_line(" ".join(words))
        return cut(text, _DESCRIPTION) if any(map(str.isalnum, text)) else ""


def _joined_spans(columns: Columns, rows: Sequence[Row]) -> list[tuple[int, int]]:
    """The extent of each column, from the heads and the complete rows."""
    if not columns.spans:
        return []
    spans = list(columns.spans)
    for row in rows:
        if len(row.spans) == len(spans):
            spans = [(min(a, c), max(b, d)) for (a, b), (c, d) in zip(spans, row.spans, strict=True)]
    return spans


def _by_spans(row: Row, spans: Sequence[tuple[int, int]], columns: Columns) -> list[str] | None:
    cells = [""] * len(spans)
    for cell, (start, end) in zip(row.cells, row.spans, strict=True):
        overlaps = [min(end, right) - max(start, left) for left, right in spans]
        best = max(range(len(spans)), key=overlaps.__getitem__)
        if cells[best] and columns.roles[best] not in {TEXT, None}:
            return None
        cells[best] = f"{cells[best]} {cell}".strip()
    return cells


def _repeated(above: str, rest: str) -> str:
    """The text for `rest` with the words of the row above: `dto.

    140x60` below `Heizband 120x60` becomes `Heizband 140x60`.
    """
    words, new = above.split(), rest.split()
    return " ".join([*words[: max(1, len(words) - len(new))], *new]) if words else rest


def _with_units_split_off(items: list[ListedItem]) -> list[ListedItem]:
    """Moves the unit out of each description, if all descriptions begin with a unit, as in `24;ud placa`."""
    if any(item.unit for item in items):
        return items
    split = [item.description.split(maxsplit=1) for item in items]
    if any(len(words) < 2 or not is_unit(words[0]) for words in split):  # noqa: PLR2004 - a unit and a name
        return items
    return [replace(item, description=words[1], unit=words[0]) for item, words in zip(items, split, strict=True)]
