"""An RFQ with files, what is right about it, and how an answer compares with that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Wanted:
    """An item that is asked for, and its place.

    `key` is in its part number or description, and in no other item of the RFQ; `quote` is in the line to cite. `row`
    is the row's number in the file, where the reader counts rows: sheets, CSV, text.
    """

    key: str
    quantity: str | None
    file: str | None = None  # None: in the message
    page: int = 1
    row: int | None = None
    quote: str = ""
    unit: str | None = None


@dataclass(frozen=True)
class File:
    """A file that is made when it is needed. `path` names it as the RFQ's lines do, with the file that contains it."""

    name: str
    make: Callable[[], bytes]
    content_type: str = ""


@dataclass(frozen=True)
class AttachedRfq:
    """A labelled RFQ. `held_out`: no developer looks at it while readers and rules are tuned."""

    case_id: str
    kind: str
    language: str
    message: str
    files: tuple[File, ...]
    items: tuple[Wanted, ...]
    due: dt.date | None = None
    place: str | None = None
    unread: tuple[str, ...] = ()  # files that hold only pictures
    shown: tuple[Wanted, ...] = ()  # items that a picture shows
    held_out: bool = False


@dataclass
class Score:
    """Correct and stated values of some RFQs."""

    rfqs: int = 0
    items: int = 0
    found: int = 0
    extra: int = 0
    quantities: int = 0
    dates: int = 0
    right_dates: int = 0
    wrong_dates: int = 0
    places: int = 0
    right_places: int = 0
    cites: int = 0
    right_cites: int = 0
    marks: int = 0  # RFQs with a correct mark of unread files
    misses: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Adds the figures of another score."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def score(case: AttachedRfq, row: Mapping[str, Any], *, sees_pictures: bool = False) -> Score:
    """Compares an RFQ's row with its labels; `sees_pictures`: the items in its pictures count, too."""
    is_shown = sees_pictures and bool(case.shown)
    expected = case.shown if is_shown else case.items
    extracted = row["extracted"]
    found = [item for item in extracted.get("line_items", []) if _is_named(item)]
    result = Score(rfqs=1, items=len(expected))
    left = list(found)
    for each in expected:
        item = _match(each, left)
        if item is None:
            result.misses.append(f"{case.case_id}: no item {each.key}")
            continue
        left.remove(item)
        result.found += 1
        if (got := item.get("quantity")) is not None and each.quantity is not None:
            is_right = Decimal(str(got)) == Decimal(each.quantity)
        else:
            is_right = got is None and each.quantity is None
        result.quantities += is_right
        if not is_right:
            result.misses.append(f"{case.case_id}: {each.key} has {got}, not {each.quantity}")
        _cited(case, each, item, extracted.get("attachments", []), result)
    result.extra = len(left)
    result.misses += [f"{case.case_id}: extra {item.get('description')!r} {item.get('quantity')}" for item in left]
    _date_and_place(case, extracted, result)
    unread = {file["name"] for file in extracted.get("attachments", []) if file.get("reason") == "image_only"}
    result.marks = int(unread == (set() if is_shown else set(case.unread)))
    if not result.marks:
        result.misses.append(f"{case.case_id}: unread {sorted(unread)}, not {sorted(case.unread)}")
    return result


def _is_named(item: Mapping[str, Any]) -> bool:
    """The rules record a request without countable goods as one item without a quantity: that item is not a claim."""
    return item.get("quantity") is not None or bool(item.get("part_number"))


def _text(item: Mapping[str, Any]) -> str:
    return f"{item.get('part_number') or ''} {item.get('description') or ''} {item.get('material') or ''}".casefold()


def _match(wanted: Wanted, found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    named = [item for item in found if wanted.key.casefold() in _text(item)]
    if wanted.quantity is not None:
        for item in named:
            if item.get("quantity") is not None and Decimal(str(item["quantity"])) == Decimal(wanted.quantity):
                return item
    return named[0] if named else None


def _cited(
    case: AttachedRfq, wanted: Wanted, item: Mapping[str, Any], files: Sequence[Mapping[str, Any]], result: Score
) -> None:
    lines = item.get("lines") or []
    if not lines:
        return
    result.cites += 1
    places = [place_of(number, files) for number in lines]
    for place in places:
        if wanted.file is None:
            is_right = place is None
        else:
            is_right = place is not None and place[:2] == (wanted.file, wanted.page)
            is_right = is_right and (wanted.row is None or (place is not None and place[2] == wanted.row))
        if is_right:
            result.right_cites += 1
            return
    result.misses.append(f"{case.case_id}: {wanted.key} cites {places}, not {wanted.file} {wanted.page} {wanted.row}")


def place_of(number: int, files: Sequence[Mapping[str, Any]]) -> tuple[str, int, int] | None:
    """File, page and line of a numbered line; None for a line of the message."""
    for file in files:
        for first, page, line, count in file.get("places", []):
            if first <= number < first + count:
                return str(file["name"]), page, line + number - first
    return None


def _date_and_place(case: AttachedRfq, extracted: Mapping[str, Any], result: Score) -> None:
    due = extracted.get("due_date")
    if case.due is not None:
        result.dates = 1
        result.right_dates = int(due == case.due.isoformat())
    if due is not None and (case.due is None or due != case.due.isoformat()):
        result.wrong_dates = 1
    if (case.due is not None and not result.right_dates) or result.wrong_dates:
        result.misses.append(f"{case.case_id}: due {due}, not {case.due}")
    if case.place is not None:
        result.places = 1
        got = str(extracted.get("delivery_place") or "")
        result.right_places = int(case.place.casefold() in got.casefold())
        if not result.right_places:
            result.misses.append(f"{case.case_id}: place {got!r}, not {case.place}")
