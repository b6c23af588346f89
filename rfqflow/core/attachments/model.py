"""What is read of one file: lines with their page, tables among them, pictures for a model that takes them."""

from dataclasses import dataclass
from enum import StrEnum


class FileKind(StrEnum):
    """What a file is by its content; its name and declared type may lie."""

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
    UNREAD = "unread"  # by rule: no reader takes it
    FAILED = "failed"  # a reader took it and did not get through


class UnreadReason(StrEnum):
    """Why a file is not read."""

    NO_READER = "no_reader"  # the extra `attachments` is not installed
    UNKNOWN_TYPE = "unknown_type"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too_large"  # as it is, or when expanded
    TOO_LONG = "too_long"  # more was read of it than may be kept
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


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page or picture, made small enough to be sent."""

    page: int
    media_type: str  # image/png or image/jpeg
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FileReading:
    """What was read of a file, or why it was not."""

    name: str
    kind: FileKind
    state: ReadingState
    reason: UnreadReason | None = None
    pages: int = 0  # that the file has: pages, sheets; 1 where it has none of these
    lines: tuple[AttachedLine, ...] = ()
    tables: tuple[TableRows, ...] = ()
    images: tuple[PageImage, ...] = ()
    nested: tuple["FileReading", ...] = ()
    cut: bool = False  # a limit was reached: there is more in the file
    page_names: tuple[str, ...] = ()  # of sheets
    hidden: str = ""  # text that the file keeps from sight: evidence, no lines
    conceals: bool = False  # that text says something
    notes: tuple[str, ...] = ()  # what was passed over, in words


def unread(name: str, reason: UnreadReason, kind: FileKind = FileKind.UNKNOWN) -> FileReading:
    """A file of which nothing was read."""
    return FileReading(name, kind, ReadingState.FAILED if reason in _FAILURES else ReadingState.UNREAD, reason)
