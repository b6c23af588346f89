"""Lists in attached files: tables with a clear head or clear columns, read like those of a message."""

from dataclasses import dataclass
from itertools import groupby

from rfqflow.core.attachments.model import FileReading, ReadingState
from rfqflow.core.lists import Table, tables
from rfqflow.core.text.reading import Line
from rfqflow.core.text.thread import Part


@dataclass(frozen=True, slots=True)
class PageTable:
    """A list on a page; its items name lines of the page."""

    page: int
    table: Table


def clear_tables(reading: FileReading) -> tuple[PageTable, ...]:
    """The lists of a file whose rows are items beyond doubt; hidden rows are no part of them."""
    if reading.state is not ReadingState.READ:
        return ()
    seen = (line for line in reading.lines if not line.hidden)
    return tuple(
        PageTable(page, table)
        for page, lines in groupby(seen, lambda line: line.page)
        for table in tables([Line(line.line, line.text, Part.REQUEST) for line in lines])
        if table.is_clear and not table.is_prose
    )
