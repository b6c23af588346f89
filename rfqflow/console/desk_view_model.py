"""View model of an RFQ's answer: its values with their verdicts, the lines of the message, and unsaved input."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rfqflow.console.desk_fields import FIELDS, ITEM_FIELDS, Field, written
from rfqflow.core.text.reading import Reading
from rfqflow.core.text.thread import Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LINES_MOST = 60_000  # characters of a message shown at first
_ALWAYS = ("quantity", "unit", "description")
WHY = {
    "another_column": "the text has the value in another column",
    "another_currency": "the text names another currency",
    "another_item": "the text has the value for another item",
    "another_line": "the text has the value in another line",
    "another_revision": "the text names another revision",
    "another_unit": "the text names another unit",
    "by_rule": "a rule read the value from the list",
    "currency": "the text names no currency",
    "dimension": "the number is a dimension in the text",
    "elsewhere": "the text has the value in another place",
    "in_picture": "the model read a picture, which rules cannot check",
    "no_amount": "the text names no amount",
    "not_a_quantity": "the number means something else in the text",
    "not_read": "rules could not read the value in the text",
    "not_stated": "the text does not state the value",
    "piece_of_another": "the value is a piece of a longer number in the text",
    "quote_deadline": "the date is the deadline of the quote",
    "unmarked": "the text has the value, but not for this field",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A change that another person made after the page showed the form."""

    by: str
    at: dt.datetime | None
    what: str
    theirs: str | None = None  # the current value, if the form sets one


@dataclass(frozen=True, slots=True)
class Pending:
    """Unsaved input, which the page shows again with the reason why the console refused it."""

    path: str  # the path of a field or a line, or the name of a form such as `note`
    values: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    wrong: str = "value"  # the input with the error
    conflict: Conflict | None = None

    @property
    def text(self) -> str:
        return self.values.get("value", "")


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that a person set in place of the model's."""

    actor: str
    at: dt.datetime | None
    model: str  # the model's value
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of the answer, with its verdict and the lines that it cites."""

    field: Field
    path: str
    text: str
    state: str = ""  # verified, unverified, contradicted, corrected
    why: str = ""
    said: str = ""  # the model's value, if the text contradicts it
    lines: str = ""
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line item."""

    path: str
    number: int
    cells: Sequence[Cell]
    lines: Sequence[int] = ()
    added: Correction | None = None
    removed: Correction | None = None

    @property
    def name(self) -> str:
        return next((cell.text for cell in self.cells if cell.field.name == "description"), "")


@dataclass(frozen=True, slots=True)
class MessageLine:
    number: int
    text: str
    is_quoted: bool
    item: int | None  # number of the first message line that cites it
    is_cited: bool


def cell(
    one: Field, path: str, value: Any, checks: Mapping[str, Any], corrections: Mapping[str, Correction],
    taken_out: Mapping[str, str], cited: Sequence[int] = (),
) -> Cell:  # fmt: skip
    """A value with its verdict. A value that a person set has no verdict, since nothing checks it."""
    check = checks.get(path) or {}
    lines = " ".join(str(number) for number in (check.get("lines") or cited))
    mine = corrections.get(path)
    if mine is not None:
        return Cell(one, path, written(value), "corrected", lines=lines, correction=mine)
    verdict = str(check.get("verdict") or "")
    why = str(check.get("why") or "")
    said = str(taken_out.get(path) or "") if verdict == "contradicted" else ""
    return Cell(one, path, written(value), verdict, WHY.get(why, why.replace("_", " ")), said, lines)


def fields_of(
    values: Mapping[str, Any], checks: Mapping[str, Any], corrections: Mapping[str, Correction],
    taken_out: Mapping[str, str], cites: Mapping[str, Sequence[int]],
) -> dict[str, Cell]:  # fmt: skip
    return {
        one.name: cell(one, one.name, values.get(one.name), checks, corrections, taken_out, cites.get(one.name, ()))
        for one in FIELDS
    }


def columns_of(items: Sequence[Mapping[str, Any]], *, every: bool, editing: str) -> list[Field]:
    """The columns of line items to show: each column that has values or is edited, or all of them (`every`)."""
    edited = editing.rpartition(".")[2]
    return [
        one for one in ITEM_FIELDS
        if every or one.name in _ALWAYS or one.name == edited or any(item.get(one.name) for item in items)
    ]  # fmt: skip


def lines_of(
    message: str, items: Sequence[Item], fields: Mapping[str, Cell], files: Sequence[Mapping[str, Any]], *, whole: bool
) -> dict[str, Any]:
    """The message, split into the lines that answers cite. A cited line of a file has its place in the file instead."""
    first: dict[int, int] = {}
    for item in items:
        if item.removed is None:
            for number in item.lines:
                first.setdefault(number, item.number)
    cited = {int(number) for each in fields.values() for number in each.lines.split()} | set(first)
    shown, length, cut = [], 0, False
    for line in Reading.of(message).lines:
        length += len(line.text)
        if length > LINES_MOST and not whole:
            cut = True
            break
        quoted = line.part in (Part.QUOTED, Part.HEADER)
        shown.append(MessageLine(line.number, line.text, quoted, first.get(line.number), line.number in cited))
    of_files = [
        MessageLine(number, place, is_quoted=False, item=first.get(number), is_cited=True)
        for number in sorted(cited)
        if (place := place_of(number, files))
    ]
    return {
        "lines": shown, "cut": cut, "cited": bool(cited), "length": len(message), "of_files": of_files,
        "files": [file_line(file) for file in files],
    }  # fmt: skip


def place_of(number: int, files: Sequence[Mapping[str, Any]]) -> str | None:
    """The place of a cited line in a file, such as `items.xlsx, page 2, line 14`."""
    for file in files:
        for first, page, line, count in file.get("places") or ():
            if first <= number < first + count:
                pages = f", page {page}" if (file.get("pages") or 0) > 1 else ""
                return f"{file.get('name')}{pages}, line {line + number - first}"
    return None


def file_line(file: Mapping[str, Any]) -> str:
    """A file in words, such as `drawing.pdf: pdf, 3 pages, 40 lines`; or why rfqflow did not read the file."""
    name, state = file.get("name") or "unnamed", file.get("state")
    if state != "read":
        return f"{name}: not read ({str(file.get('reason') or state).replace('_', ' ')})"
    parts = [str(file.get("kind") or "file")]
    parts += [f"{file['pages']} pages"] if (file.get("pages") or 0) > 1 else []
    parts.append(f"{file.get('lines', 0)} lines")
    parts += [f"{file['left_out']} more lines did not fit"] if file.get("left_out") else []
    parts += ["only the beginning was read"] if file.get("cut") else []
    return f"{name}: {', '.join(parts)}"


def days_left(text: Any, today: dt.date) -> tuple[str, str]:
    """How far away a date is, in words, and its urgency."""
    try:
        left = (dt.date.fromisoformat(str(text)) - today).days
    except ValueError:
        return "", ""
    if left < 0:
        return f"{-left} day{'' if left == -1 else 's'} past", "late"
    if left == 0:
        return "today", "late"
    return f"{left} day{'' if left == 1 else 's'} left", "soon" if left <= 3 else ""  # noqa: PLR2004 - days
