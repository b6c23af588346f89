"""The items of lists, and the lines of the text that are left for other rules."""

import re
from collections.abc import Sequence

from rfqflow.core.lists import ListedItem, tables
from rfqflow.core.rules.text import seen
from rfqflow.core.text.reading import Line

_KEY = re.compile(r"[\W_]+")
_LONG = 200  # characters; the sentences of a longer line may have separate numbers


def listed_items(body: str, lines: Sequence[Line]) -> tuple[list[ListedItem], set[int], bool]:
    """The items of all lists, the indexes of their lines in the body, and whether a list is a table."""
    found = tables(lines)
    if not found:
        return [], set(), False
    by_number = {line.number: line.text for line in lines}
    keys = {_key(by_number[number]) for table in found for number in table.lines if number in by_number}
    long = [key for key in keys if len(key) > _LONG // 2]
    taken = set()
    for index, row in enumerate(body.split("\n")):
        key = _key(row)
        if key and (key in keys or (len(row) > _LONG and any(each in key for each in long[:_MOST]))):
            taken.add(index)
    return [item for table in found for item in table.items], taken, not all(table.is_prose for table in found)


_MOST = 50


def _key(text: str) -> str:
    return _KEY.sub("", seen(text))
