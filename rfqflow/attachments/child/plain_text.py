"""Plain text, CSV and TSV in any charset."""

from __future__ import annotations

import codecs
import csv
import io
from typing import TYPE_CHECKING

from rfqflow.core.attachments.kinds import NO_CHARSETS, RTF, separator_of, wide_charset

if TYPE_CHECKING:
    from rfqflow.attachments.child.book import Book
    from rfqflow.core.attachments.model import FileReading

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TO_GUESS = 20_000  # bytes from which the charset is guessed
_FEWEST_SIGNS = 3
_MOST_OF = 0.9
# The letters of languages that are not in ASCII. If two charsets fit equally well, the first one counts.
_ALPHABETS = (
    ("cp1252", "äöüß"), ("cp1252", "àâæçéèêëîïôùûüœ"), ("cp1252", "áéíñóúü"), ("cp1252", "àèéìíîòóùú"),
    ("cp1252", "àáâãçéêíóôõúü"), ("cp1252", "åäæéöøü"), ("cp1252", "áèéëíïóöúü"),
    ("cp1250", "ąćęłńóśźż"), ("cp1250", "áčďéěíňóřšťúůýž"), ("cp1250", "áäčďéíĺľňóôŕšťúýž"), ("cp1250", "áéíóöőúüű"),
    ("cp1250", "ćčđšž"), ("cp1250", "âîăşţ"), ("cp1254", "çöüğışâî"), ("cp1257", "āčēģīķļņšūž"),
    ("cp1257", "ąčęėįšųūž"),
)  # fmt: skip
_LONGEST_FIELD = 100_000


def decoded(content: bytes, charset: str | None = None, most: int | None = None) -> str:
    """Decodes a text: by its byte order mark, or else as UTF-8, by the declared charset, or by a guess.

    `most`: about how many characters to decode.
    """
    if most is not None and len(content) > most * 4:
        content = content[: most * 4]
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if declared := _lookup(charset):
        try:
            return content.decode(declared)
        except (UnicodeDecodeError, ValueError):
            pass
    if wide := wide_charset(content[:_TO_GUESS]):
        return content.decode(wide, "replace")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)  # an incomplete last character is not an error
    except UnicodeDecodeError:
        return content.decode(_guessed(content), "replace")


def _lookup(charset: str | None) -> str | None:
    try:
        found = codecs.lookup((charset or "")[:40].strip("'\" "))
    except (LookupError, ValueError):
        return None
    is_text = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name != "ascii" and found.name not in NO_CHARSETS else None


def _guessed(content: bytes) -> str:
    signs = sum(1 for byte in content[:_TO_GUESS] if byte >= 0x80)  # noqa: PLR2004 - outside of ASCII
    if signs > _FEWEST_SIGNS:
        from charset_normalizer import from_bytes  # noqa: PLC0415 - most files are UTF-8

        best = from_bytes(content[:_TO_GUESS], preemptive_behaviour=True).best()
        if best is not None:
            return _with_letters(content[:_TO_GUESS], str(best.encoding))
    return _with_letters(content[:_TO_GUESS], "cp1252")


def _with_letters(content: bytes, guessed: str) -> str:
    """The charset in which all letters outside ASCII belong to one language. The guess if there is no such charset.

    A guess by statistics alone mistakes short French lists for Czech.
    """
    signs = sum(byte >= 0x80 for byte in content)  # noqa: PLR2004 - outside of ASCII
    texts = {charset: content.decode(charset, "replace").lower() for charset in dict(_ALPHABETS)}
    best, covered = guessed, 0
    for charset, letters in _ALPHABETS:
        found = sum(map(texts[charset].count, letters))
        if found > covered:
            best, covered = charset, found
    return best if covered >= _MOST_OF * signs else guessed


def read_text(content: bytes, book: Book, charset: str | None = None) -> FileReading:
    """Reads the lines unchanged. For RTF, reads its text."""
    most = book.budget.limits.characters
    if content.startswith(RTF):
        from rfqflow.attachments.child.rtf import text_of_rtf  # noqa: PLC0415 - few are

        text = text_of_rtf(content)
    else:
        text = decoded(content, charset, most)
    book.cut = book.cut or len(content) > most * 4
    book.text(1, text)
    return book.reading()


def read_csv(content: bytes, book: Book) -> FileReading:
    """Reads the rows with their numbers in the file. A row over several lines gets the number of its first line."""
    most = book.budget.limits.characters
    text = decoded(content, None, most * 2).replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    book.cut = book.cut or len(content) > most * 8
    separator = separator_of(text[:_TO_GUESS])
    if separator is None:
        separator = max("\t;,|", key=text[:_TO_GUESS].count)
    # A line in which Excel names the separator.
    if text.startswith("sep=") and len(text.split("\n", 1)[0]) == len("sep=;"):
        separator = text[len("sep=")]
    csv.field_size_limit(_LONGEST_FIELD)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator or "\t", strict=False)
    number = 1
    while not book.budget.is_spent:
        try:
            row = next(rows, None)
        except csv.Error:
            book.cut = True  # a field has no closing quote
            book.note("a field without a closing quote is left out")
            number = rows.line_num + 1
            continue
        if row is None:
            return book.reading()
        book.row(1, row, number)
        number = rows.line_num + 1
    book.cut = True
    return book.reading()
