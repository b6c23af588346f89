"""Lists as tables: each row is an item with its lines."""

from dataclasses import dataclass, field
from decimal import Decimal

from rfqflow.core.text.reading import Line


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One item of a list, as its row states it."""

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
    is_clear: bool  # head or columns are beyond doubt: each row is an item
    lines: tuple[int, ...]
    head: tuple[int, ...] = ()
    unread: tuple[Line, ...] = ()  # rows with content that no rule understands
    is_block: bool = False  # labelled boxes, as drawings have them
    is_prose: bool = False  # lines of one pattern, as people write them: the text may ask for more beside them


@dataclass(slots=True)
class Row:
    """A line split into cells; `spans` are their positions if blanks align the columns."""

    line: Line
    cells: list[str]
    spans: list[tuple[int, int]] = field(default_factory=list)
    more: list[Line] = field(default_factory=list)  # further lines of the same row

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of its lines."""
        return (self.line.number, *(line.number for line in self.more))

    @property
    def filled(self) -> int:
        """The number of non-empty cells."""
        return sum(1 for cell in self.cells if cell)
