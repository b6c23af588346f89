"""Text by its place on a page. Characters become words, words become lines, and lines with common columns become rows.

Coordinates are in points. `top` and `bottom` count downwards.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WORD_GAP = 0.18  # share of the height of a word; a larger gap is a space
_CELL_GAP = 0.95  # share of the height; a larger gap begins the next cell
_OVERLAP = 0.45  # share of the smaller height; words that overlap more are on the same line
_SAME = 2.0  # points
_FEWEST_RULES = 3
_TABLES_BESIDE = 8
_TALLEST_ROW = 160.0  # points
_MOST_LINES_OF_A_ROW = 8
_ROW_GAP = 2.6  # share of the height; a larger gap between lines ends a table
_FEWEST_ROWS = 2
_FEWEST_COLUMN_LINES = 6  # least number of lines on each side of the gap between two columns
_COLUMN_TEXT = 18  # a line of prose has at least so many characters, as the median


@dataclass(slots=True)
class Word:
    """Characters without a space between them, or a run of such words."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """The height of the characters."""
        return max(self.bottom - self.top, 0.5)


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line that is drawn."""

    left: float
    right: float
    y: float


def words_of(characters: Iterable[Word]) -> list[Word]:
    """Joins characters, in the order of the file, into words. A blank ends a word."""
    words: list[Word] = []
    current: Word | None = None
    for character in characters:
        if not character.text.strip():
            current = None
            continue
        if current is not None and _continues(current, character):
            current.text += character.text
            current.right = max(current.right, character.right)
            current.top, current.bottom = min(current.top, character.top), max(current.bottom, character.bottom)
        else:
            current = Word(character.text, character.left, character.top, character.right, character.bottom)
            words.append(current)
    return words


def _continues(word: Word, character: Word) -> bool:
    gap = character.left - word.right
    height = max(word.height, character.height)
    return -0.6 * height < gap < _WORD_GAP * height and _shares_line(word, character)


def _shares_line(one: Word, other: Word) -> bool:
    common = min(one.bottom, other.bottom) - max(one.top, other.top)
    return common > _OVERLAP * min(one.height, other.height)


def lines_of(words: Sequence[Word]) -> list[list[Word]]:
    """Joins words into lines, from top to bottom.

    Each line has its cells from left to right, and a cell has one or more words.
    """
    found: list[list[Word]] = []
    for word in sorted(words, key=lambda each: (each.top + each.bottom, each.left)):
        for line in reversed(found[-4:]):
            if _shares_line(line[0], word) and not _covers(line, word):
                line.append(word)
                break
        else:
            found.append([word])
    return [_cells(sorted(line, key=lambda each: each.left)) for line in found]


def _covers(line: Sequence[Word], word: Word) -> bool:
    """Whether the word would overlap a word of the line. Then it belongs to a line of smaller text above or below."""
    return any(
        min(each.right, word.right) - max(each.left, word.left)
        > 0.5 * min(each.right - each.left, word.right - word.left)
        for each in line
    )


def _cells(line: Sequence[Word]) -> list[Word]:
    cells: list[Word] = []
    for word in line:
        last = cells[-1] if cells else None
        if last is not None and word.left - last.right < _CELL_GAP * min(last.height, word.height):
            blank = " " if word.left - last.right > _WORD_GAP * 0.5 * word.height else ""
            cells[-1] = Word(
                f"{last.text}{blank}{word.text}", last.left, min(last.top, word.top), max(last.right, word.right),
                max(last.bottom, word.bottom),
            )  # fmt: skip
        else:
            cells.append(word)
    return cells


def rows_of_page(words: Sequence[Word], rules: Sequence[Rule] = ()) -> list[list[str]]:
    """The lines of a page in reading order, each as its cells."""
    rest = list(words)
    ruled: list[tuple[float, list[list[str]]]] = []
    for table in ruled_tables(rules):
        inside = [word for word in rest if _is_within(word, table)]
        if rows := _ruled_rows(lines_of(inside), [rule.y for rule in table]):
            taken = set(map(id, inside))
            rest = [word for word in rest if id(word) not in taken]
            ruled.append((table[0].y, rows))
    made: list[list[str]] = []
    for top, cells in _flow(lines_of(rest)):
        while ruled and ruled[0][0] < top:
            made += ruled.pop(0)[1]
        made.append(cells)
    return made + [cells for _, rows in ruled for cells in rows]


def _flow(lines: Sequence[Sequence[Word]]) -> Iterator[tuple[float, list[str]]]:
    """The lines outside ruled tables, with their positions."""
    at = 0
    while at < len(lines):
        if end := _end_of_columns(lines, at):
            gutter = _gutter(lines[at:end])
            for side in (0, 1):
                for line in lines[at:end]:
                    half = [cell for cell in line if (cell.left >= gutter) == bool(side)]
                    if half:
                        yield lines[at][0].top, [" ".join(cell.text for cell in half)]
            at = end
            continue
        end = _end_of_table(lines, at)
        block = lines[at:end]
        rows = _aligned(block) if len(block) >= _FEWEST_ROWS else [[cell.text for cell in line] for line in block]
        for line, cells in zip(block, rows, strict=True):
            yield line[0].top, cells
        at = end


def ruled_tables(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Groups of at least three rules with equal length, one below the other."""
    whole: list[Rule] = []
    level: list[Rule] = []
    for rule in (*sorted(rules, key=lambda each: each.y), Rule(0.0, 0.0, float("inf"))):
        if level and rule.y - level[0].y >= _SAME:
            whole += _joined(level)
            level = []
        level.append(rule)
    tables: list[list[Rule]] = []
    for rule in whole:
        for table in reversed(tables[-_TABLES_BESIDE:]):
            last = table[-1]
            if (
                abs(rule.left - last.left) < _SAME and abs(rule.right - last.right) < _SAME
                and rule.y - last.y < _TALLEST_ROW
            ):  # fmt: skip
                table.append(rule)
                break
        else:
            tables.append([rule])
    return [table for table in tables if len(table) >= _FEWEST_RULES]


def _joined(level: Sequence[Rule]) -> list[Rule]:
    """Joins rules at the same height, since neighbouring cells have separate rules."""
    found: list[Rule] = []
    for rule in sorted(level, key=lambda each: each.left):
        for index, other in enumerate(found):
            if abs(rule.left - other.left) < _SAME and abs(rule.right - other.right) < _SAME:
                break  # the same rule is drawn twice
            if abs(rule.left - other.right) < _SAME:
                found[index] = Rule(other.left, rule.right, other.y)
                break
        else:
            found.append(rule)
    return found


def _ruled_rows(lines: Sequence[Sequence[Word]], edges: Sequence[float]) -> list[list[str]]:
    """The rows between rules, each with all lines of its cells. Empty if the rules frame a text instead of a table."""
    bands: dict[int, list[Sequence[Word]]] = {}
    for line in lines:
        bands.setdefault(bisect_right(edges, (line[0].top + line[0].bottom) / 2), []).append(line)
    if len(bands) < _FEWEST_ROWS or max(map(len, bands.values())) > _MOST_LINES_OF_A_ROW:
        return []
    starts = [band[0] for band in _bands(lines)]
    rows = []
    for _, band in sorted(bands.items()):
        cells = [""] * len(starts)
        for cell in (each for line in band for each in line):
            column = max(0, bisect_right(starts, cell.left + 0.01) - 1)
            cells[column] = f"{cells[column]} {cell.text}".strip()
        rows.append(cells)
    return rows


def _is_within(cell: Word, table: Sequence[Rule]) -> bool:
    middle = (cell.top + cell.bottom) / 2
    left, right = table[0].left - _SAME, table[0].right + _SAME
    return table[0].y < middle < table[-1].y and left < cell.left and cell.right < right


def _end_of_table(lines: Sequence[Sequence[Word]], at: int) -> int:
    """The position after the last line that continues a block with several cells."""
    end = at + 1
    if len(lines[at]) < 2:  # noqa: PLR2004 - one cell is not a row
        return end
    first = min(cell.left for cell in lines[at])
    last_full = end
    while end < len(lines):
        above, line = lines[end - 1], lines[end]
        height = max(cell.height for cell in line)
        if line[0].top - above[0].bottom > _ROW_GAP * height:
            break
        if len(line) >= 2:  # noqa: PLR2004 - the same
            last_full = end + 1
        elif line[0].left <= first + 0.2 * height or end - last_full >= 2:  # noqa: PLR2004 - lines of a wrapped cell
            # A single cell below the first column is a title, the end of the table, or the second line of the first
            # cell.
            break
        end += 1
    return end if len(lines[end - 1]) > 1 or end - last_full <= 1 else last_full


def _aligned(block: Sequence[Sequence[Word]]) -> list[list[str]]:
    """The cells of each line, in the block's common columns. Without common columns, each line's own cells."""
    bands = _bands(block)
    starts = [band[0] for band in bands]
    if not 2 <= len(bands) <= 40 or len(bands) < max(len(line) for line in block):  # noqa: PLR2004 - columns of a table
        # Some cells extend over several columns, so split each line separately.
        return [[cell.text for cell in line] for line in block]
    rows = []
    for line in block:
        cells = [""] * len(bands)
        for cell in line:
            column = max(0, bisect_right(starts, cell.left + 0.01) - 1)
            cells[column] = f"{cells[column]} {cell.text}".strip()
        rows.append(cells)
    return rows


def _bands(block: Sequence[Sequence[Word]]) -> list[list[float]]:
    bands: list[list[float]] = []
    for left, right in sorted((cell.left, cell.right) for line in block for cell in line):
        if bands and left < bands[-1][1]:
            bands[-1][1] = max(bands[-1][1], right)
        else:
            bands.append([left, right])
    return bands


def _end_of_columns(lines: Sequence[Sequence[Word]], at: int) -> int:
    """The end of the prose in two columns that begins here. 0: no such prose begins here."""
    end = at
    while end < len(lines) and len(lines[end]) <= 2:  # noqa: PLR2004 - left and right
        end += 1
    block = lines[at:end]
    pairs = [line for line in block if len(line) == 2]  # noqa: PLR2004 - the same
    if len(pairs) < _FEWEST_COLUMN_LINES or len(lines[at]) != 2:  # noqa: PLR2004 - the same
        return 0
    lengths = [[len(line[side].text) for line in pairs] for side in (0, 1)]
    if any(median(each) < _COLUMN_TEXT or sum(map(_has_words, (line[side].text for line in pairs))) < len(pairs) * 0.8
           for side, each in enumerate(lengths)):  # fmt: skip
        return 0
    gutter = _gutter(block)
    crossing = next((index for index, line in enumerate(block) if _crosses(line, gutter)), len(block))
    return at + crossing if crossing >= _FEWEST_COLUMN_LINES else 0


def _has_words(text: str) -> bool:
    words = text.split()
    return len(words) >= 3 and sum(word.strip(".,;:()").isalpha() for word in words) > len(words) * 0.6  # noqa: PLR2004 - prose


def _gutter(block: Sequence[Sequence[Word]]) -> float:
    return median(line[1].left for line in block if len(line) > 1) - 1.0


def _crosses(line: Sequence[Word], gutter: float) -> bool:
    return any(cell.left < gutter < cell.right for cell in line)
