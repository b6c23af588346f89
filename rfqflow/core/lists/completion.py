"""Compares a model's items with items that the rules have read.

Adds items that the model left out, and counts rows that nobody has read.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from rfqflow.core.answer import LineItem
from rfqflow.core.lists.model import ListedItem, Table
from rfqflow.core.lists.shortening import LONG
from rfqflow.core.text.plain import plainest

_WORD = re.compile(r"[^\W_]+")
# Up to so many missing rows of a list that the model saw in full are not added: a person checks whether they are
# wanted.
_LEFT_OUT = 2
_TRIES = 12  # most items with the same quantity that are compared with a row
_ALIKE = 0.5  # share of the words of the shorter description


@dataclass(frozen=True, slots=True)
class Completed:
    """All items in the order of the text. `by_rule`: the indexes of items that the model left out."""

    items: tuple[LineItem, ...]
    by_rule: frozenset[int] = frozenset()
    missing_count: int = 0  # rows of clear tables that neither the model nor the rules have read


def complete(items: Sequence[LineItem], tables: Sequence[Table], cited: Sequence[Collection[int]] = ()) -> Completed:
    """The model's items, and rows of clear tables that are missing among them. `cited`: the lines that each item cites.

    If only one or two rows of a short list are missing, another part of the text may cancel them. Such rows are counted
    and not added.
    """
    clear = [table for table in tables if table.is_clear]
    if not clear:
        return Completed(tuple(items))
    lookup = _Lookup(items, cited)
    missing = 0
    behind: dict[int, list[ListedItem]] = defaultdict(list)  # by index of a model's item: the rows to insert after it
    for table in clear:
        last = lookup.before(table)
        names = Counter(row.description for row in table.items)
        lacking: list[tuple[int, ListedItem]] = []
        for row in table.items:
            met = lookup.meet(row, is_unlike_others=names[row.description] == 1)
            if met is None:
                lacking.append((last, row))
            else:
                last = met
        if len(lacking) <= _LEFT_OUT and len(table.items) <= LONG:
            missing += 0 if table.is_prose else len(lacking)  # another part of the text may cancel them
            continue
        for place, row in lacking:
            behind[place].append(row)
    done: list[LineItem] = [line_item(row) for row in behind[-1]]
    added = set(range(len(done)))
    for number, item in enumerate(items):
        done.append(item)
        for row in behind.get(number, ()):
            added.add(len(done))
            done.append(line_item(row))
    missing += sum(1 for table in clear for line in table.unread if not lookup.covers(line.number, line.text))
    return Completed(tuple(done), frozenset(added), missing)


def line_item(row: ListedItem) -> LineItem:
    """The row as a line item of an answer."""
    return LineItem(
        description=row.description,
        quantity=row.quantity,
        quantity_max=row.quantity_max,
        unit=row.unit,
        part_number=row.part_number,
        revision=row.revision,
        material=row.material,
        lines=row.lines[:24],
    )


class _Lookup:
    """The model's items by the values that identify a row. Each item can match one row."""

    def __init__(self, items: Sequence[LineItem], cited: Sequence[Collection[int]]) -> None:
        self._items = items
        self._free = set(range(len(items)))
        self._by_line: dict[int, deque[int]] = defaultdict(deque)
        self._by_part: dict[str, deque[int]] = defaultdict(deque)
        self._by_text: dict[str, deque[int]] = defaultdict(deque)
        self._by_quantity: dict[object, deque[int]] = defaultdict(deque)
        self._words = [frozenset(_WORD.findall(plainest(item.description))) for item in items]
        for number, item in enumerate(items):
            for line in cited[number] if number < len(cited) else ():
                self._by_line[line].append(number)
            if part := _key(item.part_number):
                self._by_part[part].append(number)
            self._by_text[_key(item.description)].append(number)
            self._by_quantity[item.quantity].append(number)

    def before(self, table: Table) -> int:
        """The index of the last item that cites a line above the table. -1: there is no such item."""
        first = table.lines[0]
        return max((found[-1] for line, found in self._by_line.items() if line < first and found), default=-1)

    def meet(self, row: ListedItem, *, is_unlike_others: bool) -> int | None:
        """The index of the item that matches the row, by citation, part number or name.

        An item with the row's quantity is preferred.
        """
        part, text = _key(row.part_number), _key(row.description)
        on_line = [each for line in row.lines for each in self._some(self._by_line.get(line))]
        by_part = [each for key in (part, text) if key for each in self._some(self._by_part.get(key))]
        by_text = [each for key in (text, part) if key for each in self._some(self._by_text.get(key))]
        by_text = [each for each in by_text if self._may_be(each, part)]
        same = (each for each in (*on_line, *by_part, *by_text) if self._items[each].quantity == row.quantity)
        found = next(same, None)
        if found is None:  # the item may have another quantity than the row, which another check reports
            found = next(iter(on_line + by_part), None)
        if found is None:
            words = frozenset(_WORD.findall(plainest(f"{row.description} {row.part_number or ''}")))
            alike = self._some(self._by_quantity.get(row.quantity))
            found = next((each for each in alike if self._may_be(each, part) and self._alike(each, words)), None)
        if found is None and is_unlike_others and len(by_text) == 1:
            found = by_text[0]
        if found is not None:
            self._free.discard(found)
        return found

    def _may_be(self, number: int, part: str) -> bool:
        """Whether an item may have the part number of a row: it has the same or none."""
        stated = _key(self._items[number].part_number)
        return not stated or not part or stated in part or part in stated

    def covers(self, line: int, text: str) -> bool:
        """Whether an item belongs to the line: it cites the line, or the line has its part number or name."""
        if self._by_line.get(line):
            return True
        folded = _key(text)
        words = frozenset(_WORD.findall(plainest(text)))
        for number in islice(self._free, _TRIES):
            part, stated = _key(self._items[number].part_number), self._words[number]
            if (len(part) > 2 and part in folded) or len(stated & words) >= max(2, len(stated) * 3 // 4):  # noqa: PLR2004 - a shorter text identifies nothing
                return True
        return False

    def _some(self, found: deque[int] | None) -> list[int]:
        if not found:
            return []
        while found and found[0] not in self._free:
            found.popleft()
        return [each for each in list(found)[:_TRIES] if each in self._free]

    def _alike(self, number: int, words: frozenset[str]) -> bool:
        stated = self._words[number] | frozenset(_WORD.findall(plainest(self._items[number].part_number or "")))
        return len(stated & words) >= max(1.0, _ALIKE * min(len(stated), len(words)))


def _key(text: str | None) -> str:
    return "".join(_WORD.findall(plainest(text or "")))
