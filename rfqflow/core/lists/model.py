"""Lists as tables: each row is an item with its lines."""

from dataclasses import dataclass, field
from decimal import Decimal

from rfqflow.core.text.reading import Line


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item of a list, as its row states it."""

    description: str
    quantity: Decimal | None = None
    quantity_max: Decimal | None = None  # the upper end of a range
    unit: str | None = None
    part_number: str | None = None
    revision: str | None = None
    material: str | None = None
    lines: tuple[int, ...] = ()  # numbers of its lines


@dataclass(frozen=True, slots=True)
class Table:
    """A list of the text. `lines` names all lines that belong to it: head, rows, subtotals, page breaks."""

    items: tuple[ListedItem, ...]
    is_clear: bool  # whether the head or the columns are clear, so that each row is certainly an item
    lines: tuple[int, ...]
    head: tuple[int, ...] = ()
    unread: tuple[Line, ...] = ()  # rows with content that the rules cannot read
    is_block: bool = False  # whether it consists of labelled boxes, as on drawings
    is_prose: bool = False  # whether it consists of lines with one pattern, beside which the text may ask for more


@dataclass(slots=True)
class Row:
    """A line that is split into cells. `spans`: the positions of the cells, if blanks align the columns."""

    line: Line
    cells: list[str]
    spans: list[tuple[int, int]] = field(default_factory=list)
    more: list[Line] = field(default_factory=list)  # further lines of the same row

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the row's lines."""
        return (self.line.number, *(line.number for line in self.more))

    @property
    def filled(self) -> int:
        """The number of non-empty cells."""
        return sum(1 for cell in self.cells if cell)
