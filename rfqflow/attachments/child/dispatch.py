"""Which reader takes a file, and what is made of a reader that fails: one file's trouble is its own."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from rfqflow.attachments.child.book import Book, Budget, Unreadable
from rfqflow.core.attachments.kinds import kind_of
from rfqflow.core.attachments.model import FileKind, FileReading, UnreadReason, unread
from rfqflow.core.attachments.names import file_name

_HERE = "rfqflow.attachments.child"
_MODULES = {
    FileKind.PDF: "pdf",
    FileKind.XLSX: "sheets",
    FileKind.XLS: "sheets",
    FileKind.ODS: "sheets",
    FileKind.IMAGE: "pictures",
}
_ALL = ("pdf", "sheets", "pictures")
_FLAT = {FileKind.TEXT, FileKind.CSV}


def prepared(content: bytes, name: str, content_type: str) -> FileKind:
    """The kind of a file; the libraries of its reader are loaded, since later none can be."""
    kind = kind_of(content, name, content_type)
    if module := _MODULES.get(kind):
        import_module(f"{_HERE}.{module}")
    return kind


def read_content(kind: FileKind, name: str, content: bytes, budget: Budget, depth: int = 0) -> FileReading:
    """The reading of a file, and of those in it; never raises."""
    name = file_name(name)
    try:
        reading, inside = _read(kind, content, Book(name, kind, budget))
    except Unreadable as error:
        return unread(name, error.reason, kind)
    except MemoryError:
        return unread(name, UnreadReason.MEMORY, kind)
    except Exception:  # noqa: BLE001 - of a library that met what it does not expect
        return unread(name, UnreadReason.BROKEN, kind)
    nested: list[FileReading] = []
    cut = reading.cut
    for inner_name, inner in inside:
        budget.files += 1
        if budget.files > budget.limits.files or budget.is_spent:
            cut = True
            break
        inner_kind = kind_of(inner, inner_name)
        if depth + 1 > budget.limits.nesting:
            nested.append(unread(file_name(inner_name), UnreadReason.NESTED_TOO_DEEP, inner_kind))
        else:
            nested.append(read_content(inner_kind, inner_name, inner, budget, depth + 1))
    return replace(reading, nested=tuple(nested), cut=cut) if nested or cut else reading


def _read(kind: FileKind, content: bytes, book: Book) -> tuple[FileReading, list[tuple[str, bytes]]]:
    match kind:
        case FileKind.TEXT:
            from rfqflow.attachments.child.plain_text import read_text

            return read_text(content, book), []
        case FileKind.CSV:
            from rfqflow.attachments.child.plain_text import read_csv

            return read_csv(content, book), []
        case FileKind.PDF:
            from rfqflow.attachments.child.pdf import read_pdf

            return read_pdf(content, book)
        case FileKind.XLSX | FileKind.XLS | FileKind.ODS:
            from rfqflow.attachments.child.sheets import read_workbook

            return read_workbook(content, book), []
        case FileKind.IMAGE:
            from rfqflow.attachments.child.pictures import read_image

            return read_image(content, book), []
        case _:
            raise Unreadable(UnreadReason.UNKNOWN_TYPE)
