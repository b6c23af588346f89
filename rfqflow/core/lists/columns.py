"""Assigns a role to each column of a table, by its head or else by its cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rfqflow.core.lists.heads import (
    MATERIAL,
    OTHER,
    PART,
    POSITION,
    PRICE,
    QUANTITY,
    SIZE,
    TEXT,
    UNIT,
    Head,
    head,
    is_unit,
    plain_phrase,
)
from rfqflow.core.lists.model import Row
from rfqflow.core.lists.values import Amount, amounts, decimal_mark, describes, is_code, is_money, is_nothing, number

_DIGITS_ONLY = re.compile(r"[\d.,' ]+")
_TWO_DECIMALS = re.compile(r"\d[\d.,' ]*[.,]\d\d")
_LONG_NUMBER = 6  # digits; a count with so many digits usually has separators
_ENOUGH_ROWS = 3
_SAMPLE_ROWS, _SAMPLE = 20, 2_000  # rows or cells that determine a column's role


@dataclass(slots=True)
class Columns:
    """The roles by column. There are several `quantities` if each price break has a column."""

    roles: list[str | None]
    heads: list[str]
    quantities: list[int]
    unit: str | None = None  # the unit in the head, as in `Menge (Stück)`
    title: str = ""  # what the head states about all rows
    spans: list[tuple[int, int]] = field(default_factory=list)
    is_clear: bool = True

    def first(self, role: str) -> int | None:
        """The first column with a role."""
        return self.roles.index(role) if role in self.roles else None


def headed(row: Row, body: Sequence[Row]) -> Columns | None:
    """The columns that a row of heads names. None if the row is not a head."""
    if any(len(cell) > 60 or _DIGITS_ONLY.fullmatch(cell) for cell in row.cells if cell):  # noqa: PLR2004 - a sentence
        return None
    found = [head(cell) for cell in row.cells]
    known = sum(1 for each in found if each)
    if not known or known * 2 < row.filled:
        return None
    cells, title, spans = list(row.cells), "", list(row.spans)
    widths = {len(each.cells) for each in body[:_ENOUGH_ROWS]}
    if found[0] is None and cells[0] and widths == {len(cells) - 1} and not spans:
        title, cells, found = cells[0], cells[1:], found[1:]
    quantities = _quantity_heads(found)
    if known < 2 and not (len(cells) == 2 and quantities):  # noqa: PLR2004 - one word may stand in a sentence too
        return None
    roles: list[str | None] = [each.role if each else None for each in found]
    for column, each in enumerate(found):
        if each and each.role == QUANTITY and column not in quantities:
            roles[column] = UNIT if each.is_unit else OTHER
    sure = bool(quantities) and _are_breaks(cells, quantities)
    if quantities and not sure:
        for column in quantities[1:]:
            roles[column] = OTHER
        quantities = quantities[:1]
    unit = next((each.unit for column in quantities if (each := found[column]) and each.unit), None)
    columns = Columns(roles, cells, quantities, unit, title, spans, is_clear=sure)
    if not quantities and not _take_quantity_by_content(columns, body):
        return None
    _settle(columns, [Row(each.line, _padded(each, len(cells))) for each in body[:40]])
    return columns


def _quantity_heads(found: Sequence[Head | None]) -> list[int]:
    named = [column for column, each in enumerate(found) if each and each.role == QUANTITY and not each.is_unit]
    return named or [column for column, each in enumerate(found) if each and each.is_unit][:1]


def _are_breaks(cells: Sequence[str], quantities: Sequence[int]) -> bool:
    """Whether the quantity columns are one column, or price breaks such as `Qty 1` and `Qty 2`."""
    return len({re.sub(r"[\d.]+|\b[a-e1-9]\b", "", plain_phrase(cells[column])).strip() for column in quantities}) == 1


def _take_quantity_by_content(columns: Columns, body: Sequence[Row]) -> bool:
    open_columns = [number for number, role in enumerate(columns.roles) if role is None]
    if sum(1 for role in columns.roles if role) < 2:  # noqa: PLR2004 - one word may stand in a sentence too
        return False
    rows = [each for each in body if len(each.cells) == len(columns.roles)]
    fitting = [
        column
        for column in open_columns
        if len(rows) > 1
        and all(_counts(each.cells[column]) for each in rows)
        and not _is_price(rows, column)
        and decimal_mark(each.cells[column] for each in rows) is None
    ]
    if len(fitting) != 1:
        return False
    columns.quantities = fitting
    columns.roles[fitting[0]] = QUANTITY
    columns.is_clear = False
    return True


def _counts(cell: str) -> bool:
    found = amounts(cell)
    return len(found) == 1 and found[0].high is None


def _padded(row: Row, width: int) -> list[str]:
    return [*row.cells, *[""] * (width - len(row.cells))] if 1 < len(row.cells) < width and not row.spans else row.cells


def _settle(columns: Columns, body: Sequence[Row]) -> None:
    """Decides by the cells whether a column headed `Item`, `Part` or `No.` has positions, codes or names."""
    rows = [each for each in body if len(each.cells) == len(columns.roles)]
    seen: set[str] = set()
    for column, role in enumerate(columns.roles):
        values = [each.cells[column] for each in rows if each.cells[column]]
        if role == POSITION and values and not _is_position(values):
            codes = sum(map(is_code, values)) * 2 > len(values)
            columns.roles[column] = PART if codes and PART not in columns.roles else None
            if not codes and TEXT not in columns.roles:
                columns.roles[column] = TEXT
        elif role == PART and PART in seen:
            columns.roles[column] = OTHER
        elif role == PART and TEXT not in columns.roles and values and not any(map(is_code, values)):
            columns.roles[column] = TEXT
        elif role is None and values and all(map(is_unit, values)):
            columns.roles[column] = OTHER
        elif role in {UNIT, MATERIAL, POSITION} and role in seen:
            columns.roles[column] = OTHER if role == UNIT else None
        if columns.roles[column]:
            seen.add(columns.roles[column] or "")


def _is_position(values: Sequence[str]) -> bool:
    """Whether the values are positions: letters, or short numbers that only rise, such as `10, 20` and `1.1, 1.2`."""
    numbers = []
    for value in values:
        text = value.strip(" .)(#")
        if not re.fullmatch(r"(?:pos\.? ?)?(?:\d{1,5}(?:\.\d{1,3}){0,3}|[a-z])", text, re.IGNORECASE):
            return False
        numbers.append(text)
    plain = [int(text) for text in numbers if text.isdigit()]
    return len(plain) < len(numbers) or all(low < high for low, high in pairwise(plain)) or plain[:1] == [1]


def by_content(rows: Sequence[Row]) -> Columns | None:
    """The columns of rows without a head. None if several interpretations are possible."""
    width = len(rows[0].cells)
    rows = rows[: max(_SAMPLE_ROWS, _SAMPLE // width)]
    columns = [[each.cells[column] for each in rows] for column in range(width)]
    roles: list[str | None] = [_role(values, column) for column, values in enumerate(columns)]
    counting = [column for column, role in enumerate(roles) if role == QUANTITY]
    if len(counting) > 1:
        counting = _the_quantity(columns, roles, counting)
    if len(counting) != 1:
        return None
    quantity = counting[0]
    for column, role in enumerate(roles):
        if role == QUANTITY and column != quantity:
            roles[column] = PRICE
        elif role == UNIT and abs(column - quantity) > 1 and UNIT in roles[max(0, quantity - 1) : quantity + 2]:
            roles[column] = TEXT
    codes = [column for column, role in enumerate(roles) if role == PART]
    for column in codes[1:]:
        roles[column] = TEXT
    if not any(role in {PART, TEXT} for role in roles) or any(map(_describes, columns)):
        return None
    with_units = UNIT in roles or all(found and found[0].unit for found in map(amounts, columns[quantity]))
    clear = with_units or (len(rows) >= _ENOUGH_ROWS and (POSITION in roles or (PART in roles and width > 2)))  # noqa: PLR2004 - more than a name and a number
    return Columns(roles, [""] * width, [quantity], spans=list(rows[0].spans), is_clear=clear)


def _role(values: Sequence[str], column: int) -> str | None:
    held = [value for value in values if value]
    if not held:
        return OTHER
    if column == 0 and len(held) == len(values) and _numbers_rows(held):
        return POSITION
    if all(map(is_unit, held)):
        return UNIT
    if any(map(is_money, held)):
        return PRICE
    found = [amounts(value) for value in values]
    if all(found[at] or is_nothing(value) or not value for at, value in enumerate(values)) and any(found):
        if all(each[0].high for each in found if each) or _are_codes(held):
            return PART
        if _is_price_column(held):
            return PRICE
        return QUANTITY if sum(map(bool, found)) * 5 >= len(values) * 4 else None
    if sum(map(is_code, held)) * 5 >= len(held) * 4 and len(set(held)) * 2 > len(held):
        return PART
    return TEXT if any(any(map(str.isalpha, value)) for value in held) else OTHER


def _describes(values: Sequence[str]) -> bool:
    """Whether the values belong to a data sheet, with units such as kW, rpm and bar below each other."""
    return sum(1 for value in values if describes(value)) * 2 > len(values)


def _numbers_rows(values: Sequence[str]) -> bool:
    numbers = [int(text) for value in values if (text := value.strip(" .)(#")).isdecimal() and len(text) < _LONG_NUMBER]
    if len(numbers) < len(values) or len(numbers) < 2:  # noqa: PLR2004 - one number counts nothing
        return False
    steps = {high - low for low, high in pairwise(numbers)}
    return (
        len(steps) == 1 and steps <= {1, 5, 10, 100} and (numbers[0] in {1, 5, 10, 100} or len(numbers) > _ENOUGH_ROWS)
    )


def _are_codes(values: Sequence[str]) -> bool:
    """Whether the numbers are names: they have a leading zero, or are long, without separators and all different."""
    return all(value.isdecimal() for value in values) and (
        any(value.startswith("0") for value in values)
        or (all(len(value) >= _LONG_NUMBER for value in values) and len({len(value) for value in values}) == 1)
    )


def _is_price(rows: Sequence[Row], column: int) -> bool:
    return _is_price_column([each.cells[column] for each in rows if each.cells[column]])


def _is_price_column(values: Sequence[str]) -> bool:
    return any(map(is_money, values)) or (bool(values) and all(_TWO_DECIMALS.fullmatch(value) for value in values))


def _the_quantity(columns: Sequence[Sequence[str]], roles: Sequence[str | None], counting: list[int]) -> list[int]:
    """The quantity column among several columns of numbers.

    It has units, is beside units, or its products are in a third column.
    """
    units = [column for column in counting if all(found and found[0].unit for found in map(amounts, columns[column]))]
    if len(units) == 1:
        return units
    beside = [column for column in counting if column + 1 < len(roles) and roles[column + 1] == UNIT]
    beside = beside or [column for column in counting if column and roles[column - 1] == UNIT]
    if len(beside) == 1:
        return beside
    for total in counting[2:]:
        for quantity, price in ((counting[0], counting[1]), (counting[1], counting[0])):
            if quantity < total and price < total and _multiplies(columns, quantity, price, total):
                return [quantity]
    return counting


def _multiplies(columns: Sequence[Sequence[str]], quantity: int, price: int, total: int) -> bool:
    decimal = decimal_mark(cell for column in columns for cell in column)
    for cells in zip(columns[quantity], columns[price], columns[total], strict=True):
        numbers = [number(found[0].low, decimal=decimal) for found in map(amounts, cells) if found]
        if len(numbers) != len(cells) or None in numbers:
            return False
        first, second, product = (each for each in numbers if each is not None)
        if first * second != product or first != first.to_integral_value():
            return False
    return True


def amount_cells(columns: Columns, rows: Sequence[Row]) -> list[str]:
    """The cells of the quantity columns."""
    return [each.cells[column] for each in rows for column in columns.quantities if column < len(each.cells)]


__all__ = ["SIZE", "Amount", "Columns", "amount_cells", "by_content", "headed"]
