"""Tables that fit the terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.segment import Segment

_GAP = 2
_READABLE = 24  # least width of a column of text; to keep it, the table drops a less important column
_LONGEST_WORD = 64  # the length of a hash, so that a table breaks neither a hash nor an id, only longer words
_ID = re.compile(r"(^|_)(id|ids|key|version|trial|run|file)$", re.IGNORECASE)


class FittedTable(Table):
    """A table that wraps texts at spaces inside their cells, but breaks no word, so that people can copy ids.

    If the table is too wide, it drops columns: first the `least` columns, then others from the right. It keeps the
    first column and columns of ids. A `short` column does not wrap; it cuts its texts instead.
    """

    def __init__(
        self, title: str | None, heads: Sequence[str], rows: Sequence[Sequence[str]], least: Sequence[str],
        short: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """`rows` holds the cells, in rich's markup."""
        super().__init__(title=title)
        self._heads = list(heads)
        self._cells = [[Text.from_markup(text, emoji=False) for text in row] for row in rows]
        self._least, self._short = least, short
        columns = range(len(self._heads))
        self._natural = [max([cell_len(self._heads[at]), *(row[at].cell_len for row in self._cells)]) for at in columns]
        self._solid = [self._narrowest(at) for at in columns]

    def _narrowest(self, at: int) -> int:
        if self._heads[at] in self._short:
            return max(cell_len(self._heads[at]), min(self._natural[at], _READABLE))
        words = (cell_len(word) for row in self._cells for word in row[at].plain.split())
        return max(cell_len(self._heads[at]), min(max(words, default=0), _LONGEST_WORD))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        del console
        gaps = _GAP * max(len(self._heads) - 1, 0)
        return Measurement(min(sum(self._solid) + gaps, options.max_width), sum(self._natural) + gaps)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        kept = self._kept(options.max_width)
        widths = self._widths(kept, options.max_width)
        if self.title:
            yield from _line(console, Text(str(self.title), style="italic"))
        if any(self._heads):
            heads = [[Text(self._heads[at], style="bold")] for at in kept]
            yield from _beside(console, heads, widths)
        for row in self._cells:
            lines = [self._wrapped(console, row[at], at, width) for at, width in zip(kept, widths, strict=True)]
            yield from _beside(console, lines, widths)
        if gone := [head for at, head in enumerate(self._heads) if at not in kept]:
            hint = f"(not shown at this width: {', '.join(gone)}; --json has all)"
            yield from _line(console, Text(hint, style="dim"))

    def _wrapped(self, console: Console, text: Text, at: int, width: int) -> list[Text]:
        if text.cell_len <= width:
            return [text]
        if self._heads[at] in self._short:
            cut = text.copy()
            cut.truncate(width, overflow="ellipsis")
            return [cut]
        lines = list(text.wrap(console, width, overflow="fold"))
        for line in lines:
            line.rstrip()
        return lines

    def _kept(self, width: int) -> list[int]:
        """The positions of the columns that fit into the width."""
        kept = list(range(len(self._heads)))
        readable = [
            max(solid, min(natural, _READABLE)) for solid, natural in zip(self._solid, self._natural, strict=True)
        ]
        for name in self._least:
            if _room(readable, kept) > width and name in self._heads and len(kept) > 1:
                kept.remove(self._heads.index(name))
        while _room(self._solid, kept) > width:
            widest = max(kept, key=lambda at: self._natural[at])
            others = [at for at in kept[1:] if at != widest and not _ID.search(self._heads[at])]
            if not others:
                break
            kept.remove(others[-1])
        return kept

    def _widths(self, kept: list[int], width: int) -> list[int]:
        """The width of each column. Wide columns share what is left evenly, and `short` columns get space last."""
        found = {at: self._solid[at] for at in kept}
        left = width - _room(self._solid, kept)
        wanting = sorted((at for at in kept if self._natural[at] > found[at]), key=lambda at: self._natural[at])
        short = [at for at in wanting if self._heads[at] in self._short]
        for group in ([at for at in wanting if at not in short], short):
            for number, at in enumerate(group):
                more = max(0, min(self._natural[at] - found[at], left // (len(group) - number)))
                found[at] += more
                left -= more
        return [found[at] for at in kept]


def _room(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[at] for at in kept) + _GAP * (len(kept) - 1)


def _line(console: Console, text: Text) -> Iterator[Segment]:
    text.end = "\n"
    yield from text.render(console, end="\n")


def _beside(console: Console, cells: Sequence[Sequence[Text]], widths: Sequence[int]) -> Iterator[Segment]:
    """The output lines of one row."""
    for number in range(max((len(lines) for lines in cells), default=0)):
        made = Text()
        for lines, width in zip(cells, widths, strict=True):
            here = lines[number] if number < len(lines) else Text()
            made.append_text(here)
            made.append(" " * (max(0, width - here.cell_len) + _GAP))
        made.rstrip()
        yield from _line(console, made)
