"""The text for the checks, by line: cited lines, their neighbours, and the whole text."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from rfqflow.core.cached import cached
from rfqflow.core.checks.mentions import Mention, mentions, worded
from rfqflow.core.checks.words import CANCELLING, may_cancel
from rfqflow.core.rules.text import plainest, words
from rfqflow.core.text.dates_read import DateMention, dates_in
from rfqflow.core.text.dates_spoken import spoken_dates
from rfqflow.core.text.numerals import could_state_number_in_words, numbers_in
from rfqflow.core.text.plain import LIMIT, spans
from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.thread import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

    from rfqflow.core.text.reading import Line, Reading

_SQUASHED = re.compile(r"[\W_]+")
_WORDS, _BARE_WORDS, _PIECES = re.compile(r"\w+"), re.compile(r"[^\W_]+"), re.compile(r"[^\W\d_]+|\d+")
_ASCII_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_SCANNED = str.maketrans("oilsbzg", "0115829")
DOTTED = re.compile(r"(?<!\d)\d++(?:\.\d+)+")
_MARKED_REVISION = re.compile(
    r"(?<![^\W\d_])(?:rev\w*|index|indice|ind|stand|issue|ausgabe|ver\w*|v|r|版|版本|改訂|변경)[\W_]{0,3}([^\W_]{1,12})(?![^\W_])"
    r"|[-_/]([^\W_]{1,12})(?![^\W_])"
)
_REVISION = re.compile(r"(?<![^\W\d_])(?:rev(?:ision)?|indice|issue|ausgabe)[\s.:]{1,2}([a-z\d]{1,3})(?![^\W_])")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:[0-5]\d(?!\d)")
_TABLE_HEAD = 40  # lines above a row that are searched for the head of the table


def scanned(squashed_text: str) -> str:
    """The text in which letters and digits that a scan confuses are the same."""
    return squashed_text.translate(_SCANNED)


def squashed(text: str) -> str:
    """Only the letters and digits of a text, normalized."""
    return _squashed(fold(text))


def _squashed(folded: str) -> str:
    return folded.encode().translate(None, _ASCII_SIGNS).decode() if folded.isascii() else _SQUASHED.sub("", folded)


@dataclass(eq=False)
class SourceLine:
    """One line. Each view of it is computed at its first use."""

    line: Line

    @cached
    def folded(self) -> str:
        return fold(self.line.text)

    @cached
    def plain(self) -> str:
        return self.folded if self.line.text.isascii() else plainest(self.line.text)

    @cached
    def squashed(self) -> str:
        return _squashed(self.folded)

    @cached
    def _words_at(self) -> tuple[list[int], list[tuple[int, int]]]:
        """Where each word begins in `squashed` and in `folded`."""
        spans = [word.span() for word in _BARE_WORDS.finditer(self.folded)]
        return [0, *accumulate([end - start for start, end in spans])], spans

    def folded_at(self, position: int) -> int:
        """The position in `folded` of the character at a position in `squashed`."""
        squashed_at, spans = self._words_at
        word = bisect_right(squashed_at, position) - 1
        return spans[word][0] + position - squashed_at[word]

    @cached
    def mentions(self) -> tuple[Mention, ...]:
        return mentions(self.line.text)

    @cached
    def lowered(self) -> str:
        return self.folded if self.line.text.isascii() else self.line.text.lower()

    @cached
    def _spans(self) -> dict[str, list[tuple[int, int]]]:
        return {}

    def spans(self, code: str) -> list[tuple[int, int]]:
        """Where a code, in lower case, is in `lowered`."""
        if code not in self._spans:
            self._spans[code] = spans(code, self.lowered)
        return self._spans[code]

    @cached
    def worded(self) -> tuple[Mention, ...]:
        return worded(self.line.text)

    @cached
    def cancels(self) -> bool:
        """Whether the line cancels something."""
        return CANCELLING.search(self.folded) is not None

    @cached
    def revisions(self) -> frozenset[str]:
        """The revisions that the line calls revisions."""
        return frozenset(_REVISION.findall(self.folded))

    @cached
    def numbers(self) -> set[Decimal]:
        return numbers_in(self.line.text)

    @cached
    def dates(self) -> tuple[DateMention, ...]:
        return dates_in(self.line.text)

    def is_time(self, mention: Mention) -> bool:
        """Whether the number is a part of a date or of a time of day."""
        around = self.line.text[max(0, mention.start - 3) : mention.end + 3]
        return any(date.start <= mention.start < date.end for date in self.dates) or _CLOCK.search(around) is not None

    @cached
    def scanned(self) -> str:
        return scanned(self.squashed)

    @cached
    def words(self) -> frozenset[str]:
        return frozenset(_words_of(self.folded))


def _words_of(folded: str) -> list[str]:
    if folded.isascii() and "_" not in folded:
        return words(folded)
    return _WORDS.findall(folded)


class Source:
    """The lines of a reading, by number from 1."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.lines = tuple(SourceLine(line) for line in reading.lines)

    def existing(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """The valid line numbers among these."""
        most = len(self.lines)
        return tuple([number for number in numbers if 1 <= number <= most])

    def at(self, numbers: Iterable[int]) -> list[SourceLine]:
        lines, most = self.lines, len(self.lines)
        return [lines[number - 1] for number in numbers if 1 <= number <= most]

    def stating(self, wanted: str) -> list[SourceLine]:
        """The lines that contain a text in the form of `squashed`."""
        return [line for line in self.lines if wanted in line.squashed] if wanted in self.squashed else []

    def near(self, numbers: Sequence[int], is_taken: Callable[[int], bool] = lambda _: False) -> list[SourceLine]:
        """The cited lines, then neighbours that no other item cites, and then the head of their table."""
        cited = self.existing(numbers)
        around = [n + step for n in cited for step in (-1, 1) if not is_taken(n + step)]
        heads = [self._head(number) for number in cited[:2]]
        return self.at(dict.fromkeys((*cited, *around, *(head for head in heads if head))))

    def _head(self, number: int) -> int | None:
        """The first line of the table that a row belongs to."""
        first = None
        for above in range(number - 1, max(0, number - _TABLE_HEAD), -1):
            text = self.lines[above - 1].line.text
            if not any(sign in text for sign in "\t|;,"):
                break
            first = above
        return first

    def anywhere(self, *, quoted: bool = True) -> list[SourceLine]:
        """All lines, or only the lines of the newest message."""
        return [line for line in self.lines if quoted or line.line.part is not Part.QUOTED]

    @cached
    def may_cancel(self) -> bool:
        """Whether any line may cancel something, by the words of the text."""
        reading = self.reading
        return len(reading.text) > LIMIT or may_cancel(reading.word_set, reading.folded)

    @cached
    def squashed(self) -> str:
        return "\n".join(line.squashed for line in self.lines)

    @cached
    def joined(self) -> str:
        """The text in the form of `squashed`, without line feeds, to find values that extend over two lines."""
        return self.squashed.replace("\n", "")

    @cached
    def scanned(self) -> str:
        return scanned(self.joined)

    @cached
    def dotted(self) -> frozenset[str]:
        """Numbers with dots, such as 3.1 in `EN 10204 3.1`."""
        return frozenset(DOTTED.findall(self.folded))

    @cached
    def revisions(self) -> frozenset[str]:
        """The revisions that the text calls revisions, or that follow the number of a drawing."""
        return frozenset(part for found in _MARKED_REVISION.findall(self.folded) for part in found if part)

    @cached
    def words(self) -> frozenset[str]:
        if self.folded.isascii():
            return frozenset(words(self.folded))
        return frozenset(_BARE_WORDS.findall(self.folded))

    @cached
    def dates(self) -> tuple[DateMention, ...]:
        """The dates of the text, including dates that extend over two lines."""
        return dates_in(self.reading.text)

    @cached
    def spoken_dates(self) -> tuple[DateMention, ...]:
        """The dates whose year is in words."""
        return spoken_dates(self.reading.text)

    @cached
    def stated(self) -> set[Decimal]:
        """The numbers in digits, read line by line."""
        return {value for line in self.lines for mention in line.mentions for value in mention.values}

    @cached
    def numbers(self) -> set[Decimal]:
        """All numbers of the text, including numbers that extend over two lines."""
        return numbers_in(self.reading.text)

    @cached
    def has_request(self) -> bool:
        """Whether a line belongs to the newest message."""
        return any(line.line.part is Part.REQUEST for line in self.lines)

    @cached
    def pieces(self) -> frozenset[str]:
        """The groups of letters and of digits, of which part numbers are composed."""
        return frozenset(_PIECES.findall(self.folded))

    @cached
    def reads_number_words(self) -> bool:
        """Whether rfqflow knows the words for numbers in the text's language."""
        return self.reading.text.isascii() and could_state_number_in_words(self.reading.text)

    @cached
    def folded(self) -> str:
        return fold(self.reading.text)
