"""A message, which is read once: the readable text, its numbered lines, and the lines of the newest request."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import filterfalse

from rfqflow.core.cached import cached
from rfqflow.core.text.plain import LIMIT as CAP
from rfqflow.core.text.plain import plainest, seen, words
from rfqflow.core.text.readable import LIMIT, readable
from rfqflow.core.text.sanitize import visible
from rfqflow.core.text.thread import Part, parts

_LONG_LINE = 240  # characters; in a longer line, each sentence gets a number
_LONGEST_PIECE = 480
_LONGEST_ROW = 2_000  # characters of a table row
_MOST_LINES = 8_000  # other lines together become one more line
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[^\s\da-z])|(?<=[\u3002\uff01\uff1f\uff1b])")
# The same for ASCII. It is faster, since the regex engine can search for a set of signs, but not for a lookbehind.
_SENTENCE_END_ASCII = re.compile(r"[.!?;]\s+(?=[^\s\da-z])")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the readable text, or a sentence of a long line, with the number that answers cite."""

    number: int
    text: str
    part: Part


@dataclass(frozen=True)
class Reading:
    """The text of a message that a person sees. Each view of it is computed at its first use."""

    text: str
    hidden: str = ""  # text that the markup hides
    conceals: bool = False  # whether the hidden text has words
    buries: bool = False  # whether the hidden words are between visible words
    rows_are_lines: bool = False  # whether the lines got their numbers before their texts were changed
    file_rows: int = 0  # how many of the last rows come from attached files; each is one line
    mails: tuple[tuple[int, int], ...] = ()  # texts of mails in these rows: the first row, and the row after the last

    @classmethod
    def of(cls, message: str) -> "Reading":
        """The reading of a message, which may be HTML."""
        if "<" not in message and "&" not in message and len(message) <= LIMIT:
            return cls(visible(message))  # usually the message has no markup
        found = readable(message)
        return cls(found.text, found.hidden, found.conceals, found.buries)

    @classmethod
    def of_readable(cls, text: str) -> "Reading":
        """The reading of numbered lines of another reading, one per row, whose texts were changed."""
        return cls(visible(text), rows_are_lines=True)

    def with_files(
        self,
        rows: Sequence[str],
        *,
        hidden: str = "",
        conceals: bool = False,
        mails: Sequence[tuple[int, int]] = (),
    ) -> "Reading":
        """This reading, followed by lines of files. `rows`: visible texts without line feeds, none of them blank.

        `mails`: the rows that are texts of mails, which may quote earlier mails.
        """
        return Reading(
            "\n".join((self.text, *rows)), f"{self.hidden}{hidden}", self.conceals or conceals, self.buries,
            file_rows=len(rows), mails=tuple(mails),
        )  # fmt: skip

    def _rows(self) -> tuple[list[str], list[str]]:
        """The lines of the message, up to a limit, and the lines of files."""
        if not self.file_rows:
            return self.text.split("\n", _MOST_LINES), []
        rows = self.text.split("\n")
        message = rows[: -self.file_rows]
        if len(message) > _MOST_LINES:
            message = "\n".join(message).split("\n", _MOST_LINES)
        return message, rows[-self.file_rows :]

    def _parts_of_files(self, rows: Sequence[str]) -> list[Part]:
        """The parts of the files' lines: everything belongs to the request, except what a mail quotes."""
        found = [Part.REQUEST] * len(rows)
        for first, end in self.mails:
            found[first:end] = parts(rows[first:end])
        return found

    @cached
    def lines(self) -> tuple[Line, ...]:
        """All lines that are not blank, numbered from 1."""
        rows, of_files = self._rows()
        if self.rows_are_lines:
            rows = self.text.split("\n")
            marked = zip(rows, parts(rows), strict=True)
            return tuple(Line(number, row, part) for number, (row, part) in enumerate(marked, 1) if row.strip())
        pieces = [
            (piece, part)
            for row, part in zip(rows, parts(rows), strict=True)
            if row.strip()
            for piece in _pieces(row.rstrip())
        ]
        pieces += zip(of_files, self._parts_of_files(of_files), strict=True)
        return tuple(Line(number, piece, part) for number, (piece, part) in enumerate(pieces, 1))

    @cached
    def shown(self) -> str:
        """The text, limited in length, with ASCII digits and blanks."""
        return seen(self.text)

    @cached
    def folded(self) -> str:
        """`shown` without case and accents."""
        return plainest(self.shown)

    @cached
    def words(self) -> list[str]:
        """The words of `folded`."""
        return words(self.folded)

    @cached
    def word_set(self) -> frozenset[str]:
        """The different words of `words`."""
        return frozenset(self.words)

    @cached
    def odd_words(self) -> list[str]:
        """The words of `word_set` with other signs than letters."""
        return list(filterfalse(str.isalpha, self.word_set))

    @cached
    def chunks(self) -> list[str]:
        """The pieces of `shown` between spaces."""
        return self.shown.split()

    @cached
    def is_ascii(self) -> bool:
        """Whether `shown` is the whole text and has only ASCII."""
        return self.text.isascii() and len(self.text) <= CAP

    @cached
    def request(self) -> str:
        """The newest message, with its signature and without quotations."""
        if not _MAY_QUOTE.search(self.text):
            return self.text
        rows, of_files = self._rows()
        kept = [row for row, part in zip(rows, parts(rows), strict=True) if part in (Part.REQUEST, Part.SIGNATURE)]
        marked = zip(of_files, self._parts_of_files(of_files), strict=True)
        return "\n".join((*kept, *(row for row, part in marked if part in (Part.REQUEST, Part.SIGNATURE))))


# Every quotation has one of these: a mark at the start of a line, the colon of a field or a greeting, or a ruler. The
# spaces here do not match a line feed, since many empty lines would take quadratic time.
_BLANKS = r"\t \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_MAY_QUOTE = re.compile(
    rf"^[{_BLANKS}]*>|[:\uff1a][{_BLANKS}]*$"
    rf"|^[>*{_BLANKS}]*(?:[^\W\d_][\w ]{{0,14}}[{_BLANKS}]*[:\uff1a]|[-_=*]{{2,}})",
    re.MULTILINE,
)


def _pieces(row: str) -> list[str]:
    if len(row) <= _LONG_LINE or ("\t" in row and len(row) <= _LONGEST_ROW):
        return [row]
    pieces = []
    for sentence in _sentences(row):
        rest = sentence
        while len(rest) > _LONGEST_PIECE:
            blank = _BLANK.search(rest, _LONG_LINE, _LONGEST_PIECE)
            end = blank.start() if blank else _LONGEST_PIECE
            pieces.append(rest[:end])
            rest = rest[end:].lstrip()
        if rest.strip():
            pieces.append(rest)
    return pieces


def _sentences(row: str) -> list[str]:
    if not row.isascii():
        return _SENTENCE_END.split(row)
    sentences, start = [], 0
    for end in _SENTENCE_END_ASCII.finditer(row):
        sentences.append(row[start : end.start() + 1])
        start = end.end()
    sentences.append(row[start:])
    return sentences
