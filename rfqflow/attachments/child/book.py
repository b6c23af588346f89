"""Collects the lines that a reader finds in a file, within the limits for the whole file."""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfqflow.core.attachments.encoding import MOST_HIDDEN, rows_of
from rfqflow.core.attachments.model import (
    AttachedLine,
    FileKind,
    FileReading,
    PageImage,
    ReadingState,
    TableRows,
    UnreadReason,
)
from rfqflow.core.text.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfqflow.core.attachments.limits import ReadingLimits

_LONGEST_CELL = 500
_MOST_CELLS = 60
_TAGS = re.compile("[\U000e0020-\U000e007e]{10,}")  # an emoji of a flag has at most six of these characters
_MOST_JUDGED, _MOST_SEEN = 200, 100_000  # hidden texts, and characters of visible text, that are compared
_BREAK = 200  # a long line is split at a space among its last characters, at most so many


class Unreadable(Exception):
    """The reader cannot read the file, for a reason that has a code."""

    def __init__(self, reason: UnreadReason) -> None:
        """`reason`: the code to record for the file."""
        super().__init__(reason.value)
        self.reason = reason


@dataclass(slots=True)
class Budget:
    """What is left of the limits for a file and all files nested in it."""

    limits: ReadingLimits
    lines: int = 0
    characters: int = 0
    expanded: int = 0
    files: int = 0
    images: int = 0
    first: Book | None = None  # the book of the outermost file, with all that was read so far
    ends: float = math.inf  # when to stop reading, by the monotonic clock, so that there is time to write the lines out

    @property
    def is_spent(self) -> bool:
        """Whether the reader must stop now, with the lines that it has."""
        return (
            self.lines >= self.limits.lines
            or self.characters >= self.limits.characters
            or time.process_time() > self.limits.reading_seconds
            or time.monotonic() > self.ends
        )

    def expand(self, count: int) -> None:
        """Counts inflated bytes.

        Raises:
            Unreadable: the limit is exceeded.
        """
        self.expanded += count
        if self.expanded > self.limits.expanded_bytes:
            raise Unreadable(UnreadReason.TOO_LARGE)


class Book:
    """Collects the lines of one file, page by page."""

    def __init__(self, name: str, kind: FileKind, budget: Budget) -> None:
        """`name`: the file's name as people see it."""
        self.name = name
        self.kind = kind
        self.budget = budget
        budget.first = budget.first or self
        self.pages = 1
        self.page_names: list[str] = []
        self.cut = False
        self.nested: list[FileReading] = []
        self.notes: list[str] = []
        self.images: list[PageImage] = []
        self.pictures = 0
        self._lines: list[AttachedLine] = []
        self._rows: set[int] = set()  # indexes of lines that are table rows with several cells
        self._hidden: list[str] = []
        self._conceals = False
        self._last = (0, 0)

    def text(self, page: int, text: str) -> None:
        """Adds the lines of a text, numbered from the first line of the page."""
        for number, each in enumerate(self._seen(text).split("\n"), 1):
            if "\t" in each.strip():
                self.row(page, each.split("\t"), number)
            else:
                self.line(page, each, number)

    def line(self, page: int, text: str, number: int | None = None, *, hidden: bool = False) -> None:
        """Adds one line. Drops an empty line, and splits a long line."""
        text = self._seen(text).replace("\n", " ").rstrip()
        if not text.strip():
            return
        longest = self.budget.limits.line_characters
        while len(text) > longest:
            at = text.rfind(" ", longest - _BREAK, longest) + 1 or longest
            self._add(page, text[:at].rstrip(), number, hidden=hidden)
            text, number = text[at:], None
            if self.budget.is_spent:
                self.cut = True
                return
        self._add(page, text, number, hidden=hidden)

    def row(self, page: int, cells: Sequence[str], number: int | None = None, *, hidden: bool = False) -> None:
        """Adds one table row, with a tab between its cells."""
        if len(cells) > _MOST_CELLS:
            self.cut = self.cut or any(cells[_MOST_CELLS:])
            cells = cells[:_MOST_CELLS]
        shown = []
        for cell in cells:
            made = " ".join(self._seen(cell).split())
            if len(made) > _LONGEST_CELL:
                made, self.cut = made[:_LONGEST_CELL] + "…", True
            shown.append(made)
        text = "\t".join(shown).rstrip("\t ")
        if len(text) > self.budget.limits.line_characters:
            text, self.cut = text[: self.budget.limits.line_characters], True
        if text.strip():
            if "\t" in text.lstrip("\t"):
                self._rows.add(len(self._lines))
            self._add(page, text, number, hidden=hidden)

    def conceal(self, text: str, *, speaks: bool = False) -> None:
        """Keeps a text that a person does not see, as evidence. `speaks`: the text certainly contains a message."""
        if text.strip():
            self._hidden.append(text[:MOST_HIDDEN])
            self._conceals = self._conceals or speaks

    def note(self, text: str) -> None:
        """Records that a part was skipped."""
        if text not in self.notes:
            self.notes.append(text)

    @property
    def is_empty(self) -> bool:
        """Whether there are no lines."""
        return not self._lines

    def reading(self, reason: UnreadReason | None = None) -> FileReading:
        """The reading with all lines. `reason`: why it is incomplete."""
        return FileReading(
            name=self.name,
            kind=self.kind,
            state=ReadingState.UNREAD if reason else ReadingState.READ,
            reason=reason,
            pages=self.pages,
            lines=tuple(self._lines),
            tables=tuple(self._tables()),
            images=tuple(self.images),
            pictures=self.pictures,
            nested=tuple(self.nested),
            cut=self.cut,
            page_names=tuple(self.page_names),
            hidden=visible("\n".join(self._hidden))[:MOST_HIDDEN],
            conceals=self._conceals or self._speaks(),
            notes=tuple(self.notes),
        )

    def _speaks(self) -> bool:
        if not self._hidden:
            return False
        from rfqflow.core.text.hiding import says_something  # noqa: PLC0415 - few files hide anything

        return says_something(self._hidden[:_MOST_JUDGED], "\n".join(line.text for line in self._lines)[:_MOST_SEEN])

    def _seen(self, text: str) -> str:
        """Removes Unicode tag characters, which models read as words and people do not see."""
        if not text.isascii():
            for tags in _TAGS.findall(text):
                self.conceal("".join(chr(ord(sign) - 0xE0000) for sign in tags), speaks=True)
        return visible(text)

    def _add(self, page: int, text: str, number: int | None, *, hidden: bool) -> None:
        if self.budget.is_spent:
            self.cut = True
            return
        last = self._last[1] if self._last[0] == page else 0
        number = max(number or 0, last + 1)
        self._last = (page, number)
        self.budget.lines += 1
        self.budget.characters += len(text)
        self._lines.append(AttachedLine(page, number, text, hidden))

    def _tables(self) -> Iterator[TableRows]:
        begun: list[AttachedLine] = []
        for index, line in enumerate(self._lines):
            follows = bool(begun) and (line.page, line.line) == (begun[-1].page, begun[-1].line + 1)
            if begun and not (index in self._rows and follows):
                yield from _table(begun)
                begun = []
            if index in self._rows:
                begun.append(line)
        yield from _table(begun)


def _table(lines: list[AttachedLine]) -> Iterator[TableRows]:
    if len(lines) > 1:
        yield TableRows(lines[0].page, lines[0].line, rows_of(lines))
