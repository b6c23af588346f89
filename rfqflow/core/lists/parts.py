"""Splits a list that the rules cannot read: chooses the lines of each call, and combines the items."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rfqflow.core.answer import LineItem
from rfqflow.core.lists.model import Table
from rfqflow.core.lists.shortening import LONG
from rfqflow.core.text.plain import plainest
from rfqflow.core.text.reading import Line
from rfqflow.core.text.thread import Part as Place

MOST_ITEMS = 1_000  # of an answer
MOST_PARTS = 40
_ITEM_TOKENS = 80
_OTHER_TOKENS = 800  # tokens of an answer besides its items
_CHARACTERS = 12_000  # of one part, whose lines are shown in full
_HEAD, _BEFORE, _BEHIND = 4, 2, 1  # lines at the head of the message, before and after a part that are also shown
_MANY_IN_A_ROW = 8  # so many lines in sequence without an item were skipped; fewer may state something else
_DIGIT = re.compile(r"\d")
_FURTHER = re.compile(r"[,;]\s{1,3}\d{1,7}\s?(?:[x\xd7*]\s|\s?[^\W\d_])")
_LONG_LINE = 200  # characters; a longer line may contain a list in prose
_COUNTED = re.compile(r"(?<![\w.,/:-])\d{1,6} {1,2}[^\W\d]")
_THING = 24  # characters after a number by which things are distinguished
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class ListPart:
    """The lines of one call: the numbers of the first and the last.

    `behind`: the estimated number of items after these lines. `items`: the estimated number in them.
    """

    first: int
    last: int
    behind: int = 0
    items: int = field(default=0, compare=False)


def items_per_part(max_output_tokens: int, halvings: int = 0) -> int:
    """How many items fit into an answer of this many tokens.

    The number is halved after each answer that was cut off.
    """
    return max(1, min(LONG, (max_output_tokens - _OTHER_TOKENS) // _ITEM_TOKENS) >> halvings)


def is_short(text: str, lines: Sequence[Line], most: int) -> bool:
    """Whether a text is so short that one answer certainly has room for its items."""
    return len(lines) + text.count(",") + text.count(";") <= most


def next_part(
    lines: Sequence[Line], tables: Sequence[Table], most: int, *, start: int = 1, every_line: bool = False
) -> ListPart | None:
    """The part that begins at line `start`. None if one answer has room for all items of the text.

    `every_line`: also count lines without a digit as items.
    """
    counts = _counts(lines, tables, every_line=every_line)
    total = sum(counts.values())
    if start == 1 and total <= most:
        return None
    taken = characters = 0
    last = start
    for line in lines:
        if line.number < start:
            continue
        count = counts.get(line.number, 0)
        if count and taken and (taken + count > most or characters + len(line.text) > _CHARACTERS):
            behind = sum(each for number, each in counts.items() if number >= line.number)
            return ListPart(start, line.number - 1, behind, taken)
        taken += count
        characters += len(line.text)
        last = line.number
    return ListPart(start, last, items=taken)


def counted_in_prose(line: str) -> int:
    """The number of counted things in a long line, such as `10 pcs of flange, then 12 pcs of ...`.

    0 for a short line.
    """
    return _different(_COUNTED, line) if len(line) > _LONG_LINE else 0


def shown(lines: Sequence[Line], part: ListPart) -> tuple[Line, ...]:
    """The text of a call about one part: its lines, their neighbours, and the head of the message."""
    newest = [line for line in lines if line.part in (Place.REQUEST, Place.SIGNATURE)]
    near = range(part.first - _BEFORE, part.last + _BEHIND + 1)
    return tuple(line for at, line in enumerate(newest) if at < _HEAD or line.number in near)


def merged(parts: Sequence[tuple[ListPart, Sequence[LineItem]]]) -> tuple[LineItem, ...]:
    """The items of all parts in the order of the text, without duplicates."""
    done: list[LineItem] = []
    before: list[LineItem] = []
    for part, items in parts:
        kept = [item for item in _of_part(part, items) if not any(_is_same(item, each, part) for each in before)]
        done += kept
        before = kept
    return tuple(done)


def passed_over(
    lines: Sequence[Line], tables: Sequence[Table], parts: Sequence[ListPart], items: Sequence[LineItem]
) -> int:
    """The number of lines between lines with items that seem to have an item, but belong to no item."""
    named = {line for item in items for line in item.lines}
    asked = {number for part in parts for number in range(part.first, part.last + 1)}
    found = run = 0
    begun = False
    for number in _counts(lines, tables, every_line=False):
        if number in named:
            found += run if run >= _MANY_IN_A_ROW else 0
            run, begun = 0, True
        elif begun and number in asked:
            run += 1
    return found


def _of_part(part: ListPart, items: Sequence[LineItem]) -> list[LineItem]:
    """The items whose first lines are in the part. Other parts have their own calls."""
    lines = range(part.first, part.last + 1)
    inside = [[line for line in item.lines if line in lines] for item in items]
    strange = sum(1 for item, own in zip(items, inside, strict=True) if item.lines and not own)
    # If most items cite impossible lines, ignore their line numbers.
    are_lines_credible = part.first == 1 or strange * 2 <= sum(1 for item in items if item.lines)
    placed: list[tuple[int, LineItem]] = []
    at = part.first
    for item, own in zip(items, inside, strict=True):
        if item.lines and not own and are_lines_credible:
            continue
        at = min(own, default=at)
        placed.append((at, item))
    return [item for _, item in sorted(placed, key=lambda each: each[0])]


def _is_same(item: LineItem, other: LineItem, part: ListPart) -> bool:
    """Whether two items beside the border of two parts are the same item."""
    if item.quantity != other.quantity:
        return False
    seam = range(part.first - _BEFORE, part.first + _BEHIND + 1)
    if item.lines and other.lines and not any(line in seam for line in set(item.lines) & set(other.lines)):
        return False
    if item.part_number and other.part_number:
        return _key(item.part_number) == _key(other.part_number)
    return _key(item.description) == _key(other.description)


def _key(text: str) -> str:
    return "".join(_WORD.findall(plainest(text)))


def _counts(lines: Sequence[Line], tables: Sequence[Table], *, every_line: bool) -> Mapping[int, int]:
    """By line that the rules cannot read: the estimated number of items."""
    read = {number for table in tables if table.is_clear for number in table.lines}
    read -= {line.number for table in tables for line in table.unread}
    return dict(_counted(lines, read, every_line=every_line))


def _counted(lines: Sequence[Line], read: set[int], *, every_line: bool) -> Iterator[tuple[int, int]]:
    seen: set[str] = (
        set()
    )  # if a text repeats a thing a thousand times, count it once, so that it does not cause many calls
    for line in lines:
        if line.text in seen and not every_line:
            continue
        if line.part is Place.REQUEST and line.number not in read and (every_line or _DIGIT.search(line.text)):
            seen.add(line.text)
            yield line.number, 1 + max(_different(_FURTHER, line.text), counted_in_prose(line.text) - 1)


def _different(things: re.Pattern[str], text: str) -> int:
    """The number of different things that a pattern finds, by the text after each match."""
    return len({text[found.start() : found.start() + _THING] for found in things.finditer(text)})
