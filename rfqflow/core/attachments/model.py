"""The content read from one file: lines with their page, tables among them, and pictures for some models."""

from dataclasses import dataclass
from enum import StrEnum


class FileKind(StrEnum):
    """The kind of a file by its content; its name and declared type may lie."""

    PDF = "pdf"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    DOCX = "docx"
    EML = "eml"
    MSG = "msg"
    TNEF = "tnef"
    HTML = "html"
    TEXT = "text"
    IMAGE = "image"
    ZIP = "zip"
    UNKNOWN = "unknown"


class ReadingState(StrEnum):
    """How reading a file ended."""

    READ = "read"
    UNREAD = "unread"  # no reader supports this kind
    FAILED = "failed"  # a reader failed on it


class UnreadReason(StrEnum):
    """Why a file is not read."""

    NO_READER = "no_reader"  # the extra `attachments` is not installed
    UNKNOWN_TYPE = "unknown_type"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too_large"  # as stored, or when expanded
    TOO_LONG = "too_long"  # more text than the limit
    TIMEOUT = "timeout"
    MEMORY = "memory"
    BROKEN = "broken"
    IMAGE_ONLY = "image_only"
    NESTED_TOO_DEEP = "nested_too_deep"
    URI_REFUSED = "uri_refused"
    URI_UNREACHABLE = "uri_unreachable"


_FAILURES = {
    UnreadReason.TOO_LONG, UnreadReason.TIMEOUT, UnreadReason.MEMORY, UnreadReason.BROKEN,
    UnreadReason.URI_UNREACHABLE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AttachedLine:
    """A line of a page, sheet or part; the cells of a row stand apart by tabs.

    `line` counts from 1: in sheets, CSV and text it is the row's or line's number in the file.
    """

    page: int
    line: int
    text: str
    hidden: bool = False  # on a hidden sheet, row or column: a program sees it, a person does not


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows that follow each other: row `i` is the line `first_line + i` of its page."""

    page: int
    first_line: int
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class PageImage:
    """A page or picture, made small enough to be sent."""

    page: int
    media_type: str  # image/png or image/jpeg
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FileReading:
    """The content read from a file, or the reason why it was not read."""

    name: str
    kind: FileKind
    state: ReadingState
    reason: UnreadReason | None = None
    pages: int = 0  # the file's number of pages or sheets; 1 if it has neither
    lines: tuple[AttachedLine, ...] = ()
    tables: tuple[TableRows, ...] = ()
    images: tuple[PageImage, ...] = ()
    pictures: int = 0  # pages and pictures without text, in `images` or not
    nested: tuple["FileReading", ...] = ()
    cut: bool = False  # a limit was reached: the file has more
    page_names: tuple[str, ...] = ()  # of sheets
    hidden: str = ""  # text that the file hides from readers: evidence, no lines
    conceals: bool = False  # whether the hidden text has any words
    notes: tuple[str, ...] = ()  # descriptions of skipped parts


def unread(name: str, reason: UnreadReason, kind: FileKind = FileKind.UNKNOWN) -> FileReading:
    """A file without any content read."""
    return FileReading(name, kind, ReadingState.FAILED if reason in _FAILURES else ReadingState.UNREAD, reason)
