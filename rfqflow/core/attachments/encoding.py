"""A reading as JSON, for the reply of a child process and for the database.

The decoder does not trust its input: it checks all values, and removes invisible characters from texts again. The rows
of a table are lines, so JSON has only the first line and the number of rows of a table.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rfqflow.core.attachments.model import (
    AttachedLine,
    FileKind,
    FileReading,
    PageImage,
    ReadingState,
    TableRows,
    UnreadReason,
)
from rfqflow.core.attachments.names import file_name
from rfqflow.core.text.sanitize import one_line, visible

MOST_HIDDEN = 2_000
_MOST_NUMBER = 10_000_000
_MOST_LINES = 100_000
_MOST_DEPTH = 10
_MOST_FILES = 200
_MOST_NOTES = 20
_LONGEST_NOTE = 200
_LONGEST_LINE = 20_000
_MEDIA_TYPES = {"image/png", "image/jpeg"}


class BadReading(ValueError):
    """The JSON is not a reading."""


def to_json(reading: FileReading, *, images: bool = True) -> dict[str, Any]:
    """The reading in types that JSON has. `images=False` leaves out the pictures."""
    made: dict[str, Any] = {
        "name": reading.name,
        "kind": reading.kind.value,
        "state": reading.state.value,
        "reason": reading.reason.value if reading.reason else None,
        "pages": reading.pages,
        "lines": [
            [line.page, line.line, line.text, 1] if line.hidden else [line.page, line.line, line.text]
            for line in reading.lines
        ],
        "tables": [[table.page, table.first_line, len(table.rows)] for table in reading.tables],
    }
    if images and reading.images:
        made["images"] = [
            [each.page, each.media_type, each.width, each.height, base64.b64encode(each.data).decode()]
            for each in reading.images
        ]
    if reading.nested:
        made["nested"] = [to_json(each, images=images) for each in reading.nested]
    for name in ("pictures", "cut", "hidden", "conceals"):
        if getattr(reading, name):
            made[name] = getattr(reading, name)
    for name in ("page_names", "notes"):
        if getattr(reading, name):
            made[name] = list(getattr(reading, name))
    return made


def from_json(value: object) -> FileReading:
    """The reading in this JSON.

    Raises:
        BadReading: the JSON is not a reading.
    """
    return _reading(value, _MOST_DEPTH, iter(range(_MOST_FILES)))


def rows_of(lines: Sequence[AttachedLine]) -> tuple[tuple[str, ...], ...]:
    """The cells of lines that are table rows."""
    return tuple(tuple(line.text.split("\t")) for line in lines)


def _reading(value: object, depth: int, files: Iterator[int]) -> FileReading:
    if not isinstance(value, Mapping) or depth < 0 or next(files, None) is None:
        raise BadReading("no object, nested too deep, or too many")
    try:
        kind, state = FileKind(value["kind"]), ReadingState(value["state"])
        reason = None if value.get("reason") is None else UnreadReason(value["reason"])
    except (KeyError, ValueError, TypeError) as error:
        raise BadReading("kind, state or reason") from error
    if (state is ReadingState.READ) != (reason is None):
        raise BadReading("a reason is given where a file is not read, and there alone")
    lines = tuple(_line(each) for each in _list(value, "lines", _MOST_LINES))
    hidden = value.get("hidden", "")
    return FileReading(
        name=file_name(value.get("name")),
        kind=kind,
        state=state,
        reason=reason,
        pages=_number(value.get("pages", 0)),
        lines=lines,
        tables=tuple(_tables(_list(value, "tables", _MOST_LINES), lines)),
        images=tuple(_image(each) for each in _list(value, "images", _MOST_FILES)),
        pictures=_number(value.get("pictures", 0)),
        nested=tuple(_reading(each, depth - 1, files) for each in _list(value, "nested", _MOST_FILES)),
        cut=value.get("cut") is True,
        page_names=tuple(_short(each) for each in _list(value, "page_names", _MOST_LINES)),
        hidden=visible(hidden[:MOST_HIDDEN]) if isinstance(hidden, str) else "",
        conceals=value.get("conceals") is True,
        notes=tuple(_short(each) for each in _list(value, "notes", _MOST_NOTES)),
    )


def _list(value: Mapping[str, Any], name: str, most: int) -> list[Any]:
    found = value.get(name, [])
    if not isinstance(found, list) or len(found) > most:
        raise BadReading(name)
    return found


def _number(value: object, least: int = 0) -> int:
    if type(value) is not int or not least <= value <= _MOST_NUMBER:
        raise BadReading("a number")
    return value


def _short(value: object) -> str:
    if not isinstance(value, str):
        raise BadReading("a text")
    return one_line(value[:_LONGEST_NOTE])


def _line(value: object) -> AttachedLine:
    if not isinstance(value, list) or len(value) not in {3, 4} or not isinstance(value[2], str):
        raise BadReading("a line")
    text = visible(value[2])
    if "\n" in text or len(text) > _LONGEST_LINE:
        raise BadReading("a line's text")
    return AttachedLine(_number(value[0], 1), _number(value[1], 1), text, len(value) == 4)  # noqa: PLR2004 - page, line, text, hidden


def _tables(spans: list[Any], lines: Sequence[AttachedLine]) -> Iterator[TableRows]:
    places = {(line.page, line.line): index for index, line in enumerate(lines)}
    for span in spans:
        if not isinstance(span, list) or len(span) != 3:  # noqa: PLR2004 - page, first line, rows
            raise BadReading("a table")
        page, first, count = (_number(each, 1) for each in span)
        at = places.get((page, first))
        if at is None or at + count > len(lines) or lines[at + count - 1].line != first + count - 1:
            raise BadReading("a table's lines")
        yield TableRows(page, first, rows_of(lines[at : at + count]))


def _image(value: object) -> PageImage:
    if not isinstance(value, list) or len(value) != 5 or value[1] not in _MEDIA_TYPES:  # noqa: PLR2004 - the fields of a picture
        raise BadReading("a picture")
    try:
        data = base64.b64decode(value[4], validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise BadReading("a picture's bytes") from error
    return PageImage(_number(value[0], 1), value[1], _number(value[2], 1), _number(value[3], 1), data)
