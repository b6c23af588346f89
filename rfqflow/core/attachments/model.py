"""The content that is read from one file: lines with their pages, the tables among the lines, and pictures."""

from dataclasses import dataclass
from enum import StrEnum


class FileKind(StrEnum):
    """The kind of a file by its content, since its name and declared type may be wrong."""

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
    FAILED = "failed"  # the reader failed on this file


class UnreadReason(StrEnum):
    """Why a file could not be read."""

    NO_READER = "no_reader"  # the extra `attachments` is not installed
    UNKNOWN_TYPE = "unknown_type"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too_large"  # too many bytes, as stored or when expanded
    TOO_LONG = "too_long"  # more text than allowed
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
    """A line of a page, a sheet or a part. Tabs separate the cells of a row.

    `line` counts from 1. In sheets, CSV and text, it is the number of the row or line in the file.
    """

    page: int
    line: int
    text: str
    hidden: bool = False  # on a hidden sheet, row or column, which a person does not see


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of a table. Row `i` is line `first_line + i` of the page."""

    page: int
    first_line: int
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class PageImage:
    """A page or a picture, small enough to be sent to a model."""

    page: int
    media_type: str  # image/png or image/jpeg
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FileReading:
    """The content that was read from a file, or why the file could not be read."""

    name: str
    kind: FileKind
    state: ReadingState
    reason: UnreadReason | None = None
    pages: int = 0  # number of pages or sheets of the file; 1 if it has neither
    lines: tuple[AttachedLine, ...] = ()
    tables: tuple[TableRows, ...] = ()
    images: tuple[PageImage, ...] = ()
    pictures: int = 0  # number of pages and pictures without text; `images` may have fewer
    nested: tuple["FileReading", ...] = ()
    cut: bool = False  # whether a limit was reached, so that the file has more content
    page_names: tuple[str, ...] = ()  # the names of sheets
    hidden: str = ""  # text that a person does not see: kept as evidence, not as lines
    conceals: bool = False  # whether the hidden text says anything
    notes: tuple[str, ...] = ()  # which parts were skipped


def unread(name: str, reason: UnreadReason, kind: FileKind = FileKind.UNKNOWN) -> FileReading:
    """The reading of a file that was not read."""
    return FileReading(name, kind, ReadingState.FAILED if reason in _FAILURES else ReadingState.UNREAD, reason)
