"""Locates codes, units and item names in a line."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rfqflow.core.rules.text import plainest
from rfqflow.core.text.plain import places
from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.units import MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfqflow.core.answer import LineItem
    from rfqflow.core.checks.mentions import Mention
    from rfqflow.core.checks.source import SourceLine

_PACK = re.compile(r"\s?[x\xd7*\u0445]\s?\d+(?:[.,]\d+)?\s?(?P<unit>[^\W\d_]+)(?!\s?[x\xd7*\u0445]\s?\d)")
_TIMES_BEFORE = re.compile(r"[x\xd7*\u0445]\s?$")
STEM = 4  # letters at the beginning of a word that do not change in inflected forms
_LONGEST_CODE = 60  # characters that are compared
_BLANKS, _JOINTS = frozenset(" \u00a0"), frozenset("-/_.")
_BEHIND_POSITION = re.compile(r"[.)|:\t]|\s[|\t)-]")
_TELLING = re.compile(r"[^\s,;:.()/_-]{3,}")


def is_position(line: SourceLine, mention: Mention) -> bool:
    """Whether the number is the position in a list, such as 2 in `2. 400 cases` and 10 in `10 | TV-44 | ...`."""
    before, after = line.line.text[: mention.start], line.line.text[mention.end : mention.end + 2]
    return not before.strip(" \t(>-*•") and _BEHIND_POSITION.match(after) is not None


def counts_packs(line: SourceLine, mention: Mention) -> bool:
    """Whether the number may count packs of a measure, such as 2 in `2 x 25 m hose`."""
    text = line.line.text
    following = _PACK.match(text, mention.end)
    if following is None or _TIMES_BEFORE.search(text[: mention.start]):
        return False
    return plainest(following["unit"]) in MEASURES


def has_unit(folded: str, line: SourceLine) -> bool:
    """Whether the line has the unit, as a word or directly after a number."""
    if not folded.isascii() and folded in line.folded:
        return True
    if folded in line.words:
        return True
    plain = line.plain
    return any(_hangs_on_number(plain, at, at + len(folded)) for at in places(folded, plain))


def _hangs_on_number(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 2) : start]
    digit = before[:-1] if before[-1:] in _BLANKS else before
    return digit[-1:].isdecimal() and not text[end : end + 1].isalnum()


def _code_spans(wanted: str, line: SourceLine, written: str) -> Iterator[tuple[int, int]]:
    """Yields where a code in the form of `squashed` is in the folded line.

    The line may have signs and blanks in the code.

    `written`: the code with its own signs.
    """
    compared = wanted[:_LONGEST_CODE]
    found = list(places(compared, line.squashed))
    if found and len(wanted) <= _LONGEST_CODE and written[0].isalnum() and written[-1].isalnum():
        as_written = list(places(written, line.folded))
        if len(as_written) == len(found):  # usually the code is always as written
            yield from ((at, at + len(written)) for at in as_written)
            return
    for at in found:
        yield line.folded_at(at), line.folded_at(at + len(compared) - 1) + 1


def stands_whole(wanted: str, lines: Sequence[SourceLine], written: str) -> bool:
    """Whether a line has the whole code, and not as a part of a longer code.

    `written`: the normalized code with its signs.
    """
    return any(wanted in line.squashed and _whole(wanted, line, written) for line in lines)


def stands_alone(wanted: str, lines: Sequence[SourceLine], written: str) -> bool:
    """Whether a line has the code without another part after a hyphen: `CPV-118` is not `CPV-118-2`."""
    if not wanted:
        return bool(lines)
    return any(
        not _goes_on(line.folded[end : end + 2]) for line in lines for _, end in _code_spans(wanted, line, written)
    )


def _goes_on(after: str) -> bool:
    return after[:1].isalnum() or (after[:1] in _JOINTS and after[1:].isalnum())


def _whole(wanted: str, line: SourceLine, written: str) -> bool:
    """Whether the code ends at the end of a number or a word of the text."""
    text = line.folded
    past = 0
    for start, end in _code_spans(wanted, line, written):
        if start < past:
            continue
        past = end
        before, after = text[start - 1 : start], text[end : end + 1]
        first, last = wanted[0], wanted[-1]
        cut_before = before.isalnum() and before.isdigit() == first.isdigit()
        cut_after = after.isalnum() and after.isdigit() == last.isdigit()
        if not cut_before and not cut_after:
            return True
    return False


def place_of(line: SourceLine, item: LineItem, others: Sequence[LineItem]) -> int | None:
    """Where the item's name is in the line: the part number, or else the first significant word of this item only."""
    if item.part_number and line.folded.count(fold(item.part_number)) == 1:
        return line.folded.index(fold(item.part_number))
    shared = frozenset(word for other in others for word in _telling(other))
    for word in _telling(item):
        stem = word if word in line.folded else word[: max(STEM, len(word) - 2)]
        if word not in shared and line.folded.count(stem) == 1:
            return line.folded.index(stem)
    return None


def _telling(item: LineItem) -> list[str]:
    return _telling_words(item.description)


@lru_cache(maxsize=1024)
def _telling_words(description: str) -> list[str]:
    return _TELLING.findall(fold(description))
