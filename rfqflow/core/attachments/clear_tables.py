"""Lists in attached files: tables with a clear head or clear columns. They are read like tables in a message."""

from dataclasses import dataclass
from itertools import groupby

from rfqflow.core.attachments.model import FileReading, ReadingState
from rfqflow.core.lists import Table, tables
from rfqflow.core.text.reading import Line
from rfqflow.core.text.thread import Part


@dataclass(frozen=True, slots=True)
class PageTable:
    """A list on a page. Its items refer to lines of the page."""

    page: int
    table: Table


def clear_tables(reading: FileReading) -> tuple[PageTable, ...]:
    """The lists of a file whose rows are certainly items, without hidden rows."""
    if reading.state is not ReadingState.READ:
        return ()
    seen = (line for line in reading.lines if not line.hidden)
    return tuple(
        PageTable(page, table)
        for page, lines in groupby(seen, lambda line: line.page)
        for table in tables([Line(line.line, line.text, Part.REQUEST) for line in lines])
        if table.is_clear and not table.is_prose
    )
