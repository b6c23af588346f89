"""The kind of a file, by its first bytes and its parts.

Its name and its declared type decide only between kinds of text.
"""

import io
import re
import zipfile
from collections import Counter

from rfqflow.core.attachments.model import FileKind

_HEAD = 8_192
_PDF_HEAD = 1_024  # PDF readers accept the mark of a PDF anywhere in the first 1,024 bytes
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TNEF = b"\x78\x9f\x3e\x22"
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"GIF87a", b"GIF89a")
RTF = b"{\\rtf"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_HEADER = re.compile(rb"[!-9;-~]{1,76}:(?:[ \t\r\n]|$)")
_MAIL_HEADERS = {
    b"from", b"to", b"subject", b"date", b"message-id", b"received", b"mime-version", b"return-path", b"content-type",
    b"delivered-to", b"x-mailer", b"dkim-signature", b"reply-to", b"sender",
}  # fmt: skip
_FEWEST_HEADERS = 3
_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|table|div|p|style)\b",
    re.IGNORECASE | re.DOTALL,
)
_SEPARATORS = "\t;,|"
_ROWS_TO_TELL = 30
_FEWEST_ROWS = 2
_MOST_PARTS = 10_000


def kind_of(content: bytes, name: str = "", content_type: str = "") -> FileKind:
    """The kind of a file, from its whole content. A file in Microsoft's old container is `MSG` here."""
    head = content[:_HEAD]
    for begins, kind in (
        ((b"%PDF-",), FileKind.PDF),
        (_IMAGES, FileKind.IMAGE),
        ((_TNEF,), FileKind.TNEF),
    ):
        if head.startswith(begins):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.IMAGE
    if head.startswith(_OLE):
        return FileKind.MSG  # the file may have another kind in the same container, which the reader of MSG detects
    if head.startswith(_ZIP):
        return _kind_of_zip(content)
    if b"%PDF-" in head[:_PDF_HEAD]:
        return FileKind.PDF
    return _kind_of_text(head, name.lower(), content_type.lower())


def _kind_of_zip(content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {info.filename for info in archive.filelist[:_MOST_PARTS]}
            is_sheet = b"spreadsheet" in content[:_HEAD]  # an ODF file has its type at its beginning
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, OSError):
        return FileKind.ZIP
    for part, kind in (
        ("xl/workbook.xml", FileKind.XLSX),
        ("xl/workbook.bin", FileKind.XLSX),
        ("word/document.xml", FileKind.DOCX),
        ("content.xml", FileKind.ODS if is_sheet else FileKind.UNKNOWN),
    ):
        if part in names:
            return kind
    return FileKind.ZIP


def _kind_of_text(head: bytes, name: str, content_type: str) -> FileKind:
    if is_binary(head):
        return FileKind.UNKNOWN
    if head.startswith(b"%!PS"):
        return FileKind.UNKNOWN
    if head.startswith(RTF):
        return FileKind.TEXT
    if _is_mail(head):
        return FileKind.EML
    if _HTML.match(head) or (name.endswith((".html", ".htm")) and b"<" in head):
        return FileKind.HTML
    named_csv = name.endswith((".csv", ".tsv", ".tab")) or content_type.startswith((
        "text/csv", "text/tab-separated-values",
    ))  # fmt: skip
    text = _roughly(head)
    if named_csv or separator_of(text.rpartition("\n")[0] if len(head) == _HEAD else text):
        return FileKind.CSV
    return FileKind.TEXT


def _roughly(head: bytes) -> str:
    encoding = "utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    return head.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


# Encodings of Python that are not charsets of texts. Some need hours for a megabyte.
NO_CHARSETS = frozenset({"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"})


def wide_charset(head: bytes) -> str | None:
    """The charset of UTF-16 without a byte order mark, by the places of its NUL bytes. None for any other text."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(head) > 3 and max(even, odd) > len(head) // 3 and min(even, odd) < len(head) // 30 + 1:  # noqa: PLR2004 - two characters
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def is_binary(head: bytes) -> bool:
    """Whether the bytes are not text in any charset."""
    if not head or head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return False
    zeros = head.count(0)
    if wide_charset(head):
        return False
    controls = sum(head.count(code) for code in (*range(1, 9), *range(14, 27), 28, 29, 30, 31, 127))
    return zeros + controls > len(head) // 20


def _is_mail(head: bytes) -> bool:
    known = 0
    lines = head.lstrip(b"\xef\xbb\xbf\r\n").splitlines()
    if lines and lines[0].startswith(b"From "):  # a mail in a mailbox file begins with this line
        lines = lines[1:]
    for line in lines:
        if line[:1] in {b" ", b"\t"} and known:
            continue
        if not _HEADER.match(line + b"\n"):
            break
        known += line.split(b":", 1)[0].lower() in _MAIL_HEADERS
    return known >= _FEWEST_HEADERS


def separator_of(text: str) -> str | None:
    """The separator of cells (tab, semicolon, comma or bar), if all lines have the same number of cells with it."""
    text = re.sub(r'"[^"]*"', "", text) if '"' in text else text
    filled = [line for line in text.split("\n") if line.strip()][:_ROWS_TO_TELL]
    if len(filled) < _FEWEST_ROWS:
        return None
    best: tuple[float, str] | None = None
    for separator in _SEPARATORS:
        counts = Counter(line.count(separator) for line in filled)
        number, agreeing = counts.most_common(1)[0]
        if number and separator == "," and number == 1:
            continue  # a line of prose may have a comma as well
        share = agreeing / len(filled)
        if number and share >= 0.8 and (best is None or share > best[0]):  # noqa: PLR2004 - share of the rows; titles may differ
            best = (share, separator)
    return best[1] if best else None
