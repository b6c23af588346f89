"""Chooses the reader of a file. If a reader fails, only that file gets a reading without lines."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from rfqflow.attachments.child.book import Book, Budget, Unreadable
from rfqflow.core.attachments.kinds import kind_of
from rfqflow.core.attachments.model import FileKind, FileReading, UnreadReason, unread
from rfqflow.core.attachments.names import file_name

if TYPE_CHECKING:
    from collections.abc import Iterable

_HERE = "rfqflow.attachments.child"
_READERS = {
    FileKind.PDF: ("pdf", "read_pdf"),
    FileKind.XLSX: ("sheets", "read_workbook"),
    FileKind.XLS: ("sheets", "read_workbook"),
    FileKind.ODS: ("sheets", "read_workbook"),
    FileKind.CSV: ("plain_text", "read_csv"),
    FileKind.DOCX: ("documents", "read_document"),
    FileKind.EML: ("mails", "read_mail"),
    FileKind.MSG: ("mapi", "read_msg"),
    FileKind.TNEF: ("mapi", "read_tnef"),
    FileKind.HTML: ("markup", "read_html"),
    FileKind.TEXT: ("plain_text", "read_text"),
    FileKind.IMAGE: ("pictures", "read_image"),
}


def prepared(content: bytes, name: str, content_type: str) -> FileKind:
    """The kind of a file. Loads the libraries of the kind's reader now, because the lockdown forbids that later.

    Raises:
        Unreadable: the kind is unknown.
    """
    kind = _kind(content, name, content_type)
    if kind in _READERS:
        import_module(f"{_HERE}.{_READERS[kind][0]}")
    return kind


def read_content(kind: FileKind, name: str, content: bytes, budget: Budget, depth: int = 0) -> FileReading:
    """The reading of a file and of the files that it contains. Never raises."""
    name = file_name(name)
    try:
        reading, inside = _read(kind, content, Book(name, kind, budget))
    except Unreadable as error:
        return unread(name, error.reason, kind)
    except MemoryError:
        return unread(name, UnreadReason.MEMORY, kind)
    except Exception:  # noqa: BLE001 - an error of a library in an unexpected file
        return unread(name, UnreadReason.BROKEN, kind)
    nested: list[FileReading] = []
    cut = reading.cut
    try:
        for inner_name, inner in inside:
            budget.files += 1
            if budget.files > budget.limits.files or budget.is_spent:
                cut = True
                break
            nested.append(_nested(inner_name, inner, budget, depth + 1))
    except Unreadable as error:  # the next nested file is broken, or expands to too many bytes
        if not nested and not reading.lines:
            return unread(name, error.reason, kind)
        cut = True
    except Exception:  # noqa: BLE001 - as above
        cut = True
    return replace(reading, nested=tuple(nested), cut=cut) if nested or cut else reading


def _nested(name: str, content: bytes, budget: Budget, depth: int) -> FileReading:
    try:
        kind = _kind(content, name)
    except Unreadable as error:
        return unread(file_name(name), error.reason)
    if depth > budget.limits.nesting:
        return unread(file_name(name), UnreadReason.NESTED_TOO_DEEP, kind)
    return read_content(kind, name, content, budget, depth)


def _kind(content: bytes, name: str, content_type: str = "") -> FileKind:
    kind = kind_of(content, name, content_type)
    if kind is FileKind.MSG:
        from rfqflow.attachments.child.mapi import kind_of_compound

        kind = kind_of_compound(content)
    return kind


def _read(kind: FileKind, content: bytes, book: Book) -> tuple[FileReading, Iterable[tuple[str, bytes]]]:
    if kind is FileKind.ZIP:
        from rfqflow.attachments.child.archives import Archive

        archive = Archive(content, book.budget, counts_all=False)
        return book.reading(), ((info.filename, archive.content(info)) for info in archive.parts)
    if kind in _READERS:
        module, function = _READERS[kind]
        found = getattr(import_module(f"{_HERE}.{module}"), function)(content, book)
        return found if isinstance(found, tuple) else (found, ())
    raise Unreadable(UnreadReason.UNKNOWN_TYPE)
