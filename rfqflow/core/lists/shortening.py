"""Shortens a long list that the rules have read. A model sees its head, its first rows and its last rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from rfqflow.core.lists.model import Table
from rfqflow.core.text.reading import Line

LONG = 40  # rows; a longer table is shortened
_FIRST, _LAST = 6, 4


@dataclass(frozen=True, slots=True)
class Omitted:
    """Lines that are left out at this place."""

    first: int
    last: int
    items: int

    @property
    def text(self) -> str:
        """The note that replaces the lines."""
        return f"(lines {self.first} to {self.last} of this list are read separately: {self.items} more items)"


def shortened(lines: Sequence[Line], tables: Sequence[Table]) -> tuple[Line | Omitted, ...]:
    """The lines to show. A note replaces rows of a long and clear table.

    Rows that the rules cannot read, sums and titles are shown. Only rows that are certainly items are left out.
    """
    gone: dict[int, int] = {}  # by line: the number of its items
    for table in tables:
        rows: dict[int, int] = {}
        for item in table.items:
            for number in item.lines:
                rows.setdefault(number, 0)
            rows[item.lines[0]] += 1
        if table.is_clear and len(rows) > LONG:
            kept = {line.number for line in table.unread} | set(table.head)
            middle = sorted(rows)[_FIRST:-_LAST]
            gone |= {number: rows[number] for number in middle if number not in kept}
    if not gone:
        return tuple(lines)
    shown: list[Line | Omitted] = []
    for line in lines:
        if line.number not in gone:
            shown.append(line)
        elif shown and isinstance(last := shown[-1], Omitted) and last.last == line.number - 1:
            shown[-1] = Omitted(last.first, line.number, last.items + gone[line.number])
        else:
            shown.append(Omitted(line.number, line.number, gone[line.number]))
    return tuple(shown)
