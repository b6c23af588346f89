"""Workbooks: reads the values that were calculated last, and runs no formulas.

Marks hidden sheets, rows and columns.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
from dataclasses import dataclass, field

import python_calamine

from rfqflow.attachments.child.archives import Archive
from rfqflow.attachments.child.book import Book, Unreadable
from rfqflow.attachments.child.xml_parts import events
from rfqflow.core.attachments.model import FileKind, FileReading, UnreadReason
from rfqflow.core.attachments.names import file_name

_MOST_COLUMNS = 16_384


@dataclass(slots=True)
class _Unseen:
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)


def read_workbook(content: bytes, book: Book) -> FileReading:
    """Reads each sheet as a page, and each row as a line with the row's number."""
    unseen: dict[str, _Unseen] = {}
    if book.kind is not FileKind.XLS:
        archive = Archive(content, book.budget)
        if archive.part("EncryptedPackage") is not None:
            raise Unreadable(UnreadReason.ENCRYPTED)
        unseen = _unseen(archive) if book.kind is FileKind.XLSX else {}
        if any(part.filename.startswith(("xl/media/", "Pictures/")) for part in archive.parts):
            book.note("pictures are left out")
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError as error:
        raise Unreadable(UnreadReason.ENCRYPTED) from error
    except python_calamine.CalamineError as error:
        raise Unreadable(UnreadReason.BROKEN) from error
    sheets = workbook.sheets_metadata
    book.pages = len(sheets)
    for page, sheet in enumerate(sheets, 1):
        book.page_names.append(file_name(sheet.name))
        if book.budget.is_spent or page > book.budget.limits.pages:
            book.cut = True
            break
        if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
            is_seen = sheet.visible == python_calamine.SheetVisibleEnum.Visible
            _read_sheet(workbook, page, sheet.name, book, unseen.get(sheet.name, _Unseen()), is_seen=is_seen)
    return book.reading()


def _read_sheet(
    workbook: python_calamine.CalamineWorkbook, page: int, name: str, book: Book, unseen: _Unseen, *, is_seen: bool
) -> None:
    try:
        sheet = workbook.get_sheet_by_name(name)
    except (python_calamine.CalamineError, ValueError):
        book.cut = True
        book.note("a sheet is broken")
        return
    if sheet.start is None:
        return
    first_column = sheet.start[1] + 1
    for number, values in enumerate(sheet.iter_rows(), 1):  # the iteration includes empty rows above the first value
        if book.budget.is_spent:
            book.cut = True
            return
        cells = [
            _shown(value)
            for column, value in enumerate(values, first_column)
            if column not in unseen.columns or _conceal(book, value)
        ]
        book.row(page, cells, number, hidden=not is_seen or number in unseen.rows)


def _conceal(book: Book, value: object) -> bool:
    """Records that hidden columns are left out."""
    if value not in {"", None}:
        book.note("hidden columns are left out")
    return False


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.12g}" if abs(value) < 1e15 else repr(value)  # noqa: PLR2004 - integers below this are exact
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    return "" if value is None else str(value)


def _unseen(archive: Archive) -> dict[str, _Unseen]:
    """By the sheet's name: hidden rows and columns."""
    targets = _targets(archive.part("xl/_rels/workbook.xml.rels") or b"<none/>")
    paths: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            identifier = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            paths[attributes.get("name", "")] = targets.get(identifier, "")

    events(archive.part("xl/workbook.xml") or b"<none/>", sheet)
    found = {}
    for name, path in paths.items():
        if content := archive.part(path):
            found[name] = _unseen_of(content)
    return found


def _targets(relations: bytes) -> dict[str, str]:
    found: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
            found[attributes.get("Id", "")] = path

    events(relations, relation)
    return found


def _unseen_of(content: bytes) -> _Unseen:
    unseen = _Unseen()
    if b"hidden=" not in content:
        return unseen
    last = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal last
        if name == "row":
            last = _number(attributes.get("r"), last + 1)
            if attributes.get("hidden") in {"1", "true"}:
                unseen.rows.add(last)
        elif name == "col" and attributes.get("hidden") in {"1", "true"}:
            first, end = _number(attributes.get("min"), 1), _number(attributes.get("max"), 0)
            unseen.columns.update(range(first, min(end, _MOST_COLUMNS) + 1))

    events(content, begin)
    return unseen


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else otherwise  # noqa: PLR2004 - rows end at 1,048,576
