"""JSON objects in a text, alone or within prose. Their keys get roles, like columns."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from rfqflow.core.lists.heads import MATERIAL, OTHER, PART, POSITION, PRICE, QUANTITY, REVISION, SIZE, TEXT, UNIT, head
from rfqflow.core.lists.model import ListedItem, Table
from rfqflow.core.lists.values import Amount, amounts, is_nothing, value
from rfqflow.core.text.reading import Line
from rfqflow.core.text.sanitize import cut, one_line

_OPENS = re.compile(r"[\[{]\s*[\[{\"']")
_OBJECT = re.compile(r"\{([^{}]{1,4000})\}")
_PAIR = re.compile(
    r"[\"']?([^\W\d_][\w .-]{0,40})[\"']?\s*[:=]\s*(?:\"((?:[^\"\\]|\\.){0,1000})\"|'([^']{0,1000})'|([\w.+-]{1,40}))"
)
_HUMPS = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_MOST_TRIES = 4
_MOST_DEPTH = 12
_MOST_ITEMS = 1_200
_PIECE = 480  # a line of this length was cut in the middle of a word
_ORDER = (QUANTITY, UNIT, PART, TEXT, MATERIAL, REVISION, SIZE)


def json_tables(lines: Sequence[Line]) -> list[Table]:
    """The objects of a text that state quantities. Each array or sequence of objects is one table."""
    if not any("{" in line.text for line in lines):
        return []
    text, starts = _joined(lines)
    if not _OPENS.search(text):
        return []
    objects = list(islice(_objects(text), _MOST_ITEMS + 1))
    items: list[ListedItem] = []
    cursor = 0
    unread: list[Line] = []
    for values, start in objects[:_MOST_ITEMS]:
        cursor = start if start is not None else _place(text, values, cursor)
        line = lines[_line_at(starts, cursor)]
        stated = values.get(QUANTITY)
        item = _item(values, line) if stated is not None else None
        if item:
            items.append(item)
        elif stated is not None and not is_nothing(str(stated)):
            unread.append(line)
    if not items:
        return []
    unread += [lines[-1]] * max(0, len(objects) - _MOST_ITEMS)
    first, last = items[0].lines[0], items[-1].lines[0]
    numbers = tuple(line.number for line in lines if first <= line.number <= last and _OBJECTIVE.search(line.text))
    return [
        Table(tuple(items), is_clear=len(unread) * 4 <= len(items), lines=numbers or (first,), unread=tuple(unread))
    ]


_OBJECTIVE = re.compile(r"[{}\[\]\":]")


def _joined(lines: Sequence[Line]) -> tuple[str, list[int]]:
    parts, starts, at = [], [], 0
    for line in lines:
        starts.append(at)
        part = line.text if len(line.text) == _PIECE else line.text + " "
        parts.append(part)
        at += len(part)
    return "".join(parts), starts


def _line_at(starts: Sequence[int], position: int) -> int:
    low, high = 0, len(starts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if starts[middle] <= position else (low, middle)
    return low


def _objects(text: str) -> Iterator[tuple[dict[str, Any], int | None]]:
    """Yields the objects that state a quantity, as values by role, with their positions if these are known."""
    decoder = json.JSONDecoder(strict=False)
    position = tries = 0
    found = False
    while tries < _MOST_TRIES and (opens := _OPENS.search(text, position)):
        tries += 1
        try:
            held, end = decoder.raw_decode(text, opens.start())
        except (ValueError, RecursionError):
            position = opens.end()
            continue
        for values in _walked(held, 0):
            found = True
            yield values, None
        position = end
    if found:
        return
    for match in _OBJECT.finditer(text):
        pairs = {pair[1]: pair[2] or pair[3] or pair[4] for pair in _PAIR.finditer(match[1])}
        values = _by_role(pairs)
        if QUANTITY in values:
            yield values, match.start()


def _walked(held: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _MOST_DEPTH:
        return
    if isinstance(held, Mapping):
        values = _by_role(held)
        if QUANTITY in values:
            yield values
            return
        names = next((one for one in held.values() if _are_names(one)), None)
        for each in held.values():
            rows = isinstance(each, list) and names is not None and all(isinstance(row, list) for row in each)
            yield from _walked([names, *each] if rows else each, depth + 1)
    elif isinstance(held, list):
        for each in _named(held):
            yield from _walked(each, depth + 1)


def _are_names(held: Any) -> bool:
    return isinstance(held, list) and len(held) > 1 and all(isinstance(cell, str) for cell in held)


def _named(held: list[Any]) -> list[Any]:
    """The objects in a JSON value. An array of rows under a first row of names gives objects too."""
    rows = [each for each in held if isinstance(each, list)]
    if len(rows) < 2 or len(rows) != len(held) or not all(isinstance(cell, str) for cell in rows[0]):  # noqa: PLR2004 - a head and one row
        return held
    if not any((each := head(_words(cell))) and each.role == QUANTITY for cell in rows[0]):
        return held
    return [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]


def _words(key: str) -> str:
    return _HUMPS.sub(" ", key).replace("_", " ")


def _by_role(held: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, each in held.items():
        if isinstance(each, list) or each is None or isinstance(each, bool):
            continue
        named = head(_words(str(key)))
        role = named.role if named else None
        if isinstance(each, Mapping):
            if role == QUANTITY:  # {"quantity": {"value": 5, "unit": "pcs"}}
                scalars = [one for one in each.values() if isinstance(one, int | float) and not isinstance(one, bool)]
                units = [one for one in each.values() if isinstance(one, str)]
                if len(scalars) == 1:
                    values.setdefault(QUANTITY, scalars[0])
                    values.setdefault(UNIT, units[0] if len(units) == 1 else "")
            continue
        if role is None or role in {PRICE, OTHER}:
            continue
        if role == POSITION:
            role = PART if isinstance(each, str) and any(map(str.isalpha, each)) else POSITION
        values.setdefault(role, each)
    return values


def _place(text: str, values: Mapping[str, Any], cursor: int) -> int:
    """The position of an object in the text, where its part number or name follows the previous object."""
    for role in (PART, TEXT):
        stated = values.get(role)
        if isinstance(stated, str) and stated:
            place = text.find(json.dumps(stated, ensure_ascii=False)[1:-1], cursor)
            if place >= 0:
                return place
    return cursor


def _item(values: Mapping[str, Any], line: Line) -> ListedItem | None:
    stated = values[QUANTITY]
    text = f"{stated:f}".rstrip("0").rstrip(".") if isinstance(stated, float) else str(stated)
    found = amounts(text, headed=True)
    if len(found) != 1:
        return None
    # In JSON, the decimal sign of a number is a point in every language.
    decimal = "." if isinstance(stated, float) or re.fullmatch(r"\d+\.\d+", text) else None
    quantity = value(Amount(found[0].low, found[0].high, found[0].scale), decimal=decimal)
    words = {role: one_line(str(values[role])) for role in _ORDER if values.get(role) not in (None, "")}
    part = words.get(PART, "")[:120] or None
    description = " ".join(words[role] for role in (TEXT, SIZE, MATERIAL) if role in words) or part
    if quantity is None or not description:
        return None
    return ListedItem(
        cut(description, 300), quantity[0], quantity[1], (words.get(UNIT) or found[0].unit or "")[:24] or None, part,
        words.get(REVISION, "")[:24] or None, words.get(MATERIAL, "")[:120] or None, (line.number,),
    )  # fmt: skip
