"""Splits a mail into the newest request, quoted and forwarded lines, and the signature.

A thread contains earlier requests. Only the newest part counts, and the others are context. If the newest part only
forwards a message ("please see below"), that message is the request.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from rfqflow.core.text.mail_words import CLOSINGS, FIELDS, FORWARDED, ORIGINAL, REPLY_STARTS, WROTE
from rfqflow.core.text.sanitize import fold


class Part(StrEnum):
    """The part of a mail that a line belongs to."""

    REQUEST = "request"
    QUOTED = "quoted"  # an earlier message
    HEADER = "header"  # a header between two messages, with author, time and recipient
    SIGNATURE = "signature"


_COLONS = ":\N{FULLWIDTH COLON}"
_FIELD = re.compile(rf"^[>\s*]*(?P<name>[^\W\d_][\w ]{{0,14}}?)\s*[{_COLONS}]\s*\*?\s*(?P<value>\S.*)?$")
_FIELD_OF = {fold(word): field for field, words in FIELDS.items() for word in words.split("|")}
_MARKER = re.compile(
    r"^[\s>*]*[-_=*]{2,}\s*(?P<said>[^-_=*\n]{4,60}?)\s*[-_=*]{2,}\s*$"
    r"|^\s*begin forwarded message\s*:?\s*$|^_{10,}\s*$",
    re.IGNORECASE,
)
_EARLIER = tuple(f"{FORWARDED}|{ORIGINAL}".split("|"))
# A line such as `On Mon, 2 Nov 2026 at 10:12, A. Buyer <a@b.example> wrote:`. It has a date or an address, and may
# extend over two lines.
_WROTE = re.compile(rf"(?:{WROTE})")
_WROTE_LAST = re.compile(rf"(?:{WROTE})\s*[{_COLONS}]?\s*$")
_REPLY_STARTS = re.compile(rf"^(?:{REPLY_STARTS})\b")
# A date, a year, a time of day or an address. The pattern begins with signs that most lines do not contain.
_DATED = re.compile(r"[\d@](?:(?<=@)|[./\-年]\s?\d|[:h]\d\d|(?:(?<=1)9|(?<=2)0)(?<!\w\d\d)\d\d\b)")
_QUOTE = re.compile(r"^(?:\s*>)+")
_DELIMITER = re.compile(r"^--\s?$")
_CLOSING = re.compile(rf"^\W*(?:{CLOSINGS})\s*[,.!]?\s*$")
_CONTACT = re.compile(r"@|\bwww\.|https?://|\+\d[\d ()/.-]{6,}|\b(?:tel|phone|fax|mobile|mob|cell)\b", re.IGNORECASE)
_LISTED = re.compile(r"^\s*(?:\d+[.)]\s|[-*•]\s|\d+\s?(?:x|pcs|st|szt)\b)", re.IGNORECASE)
_POSTSCRIPT = re.compile(r"^\s*p\.?\s?s\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d")
_HEADER_LINES = 12
_HEADER_FIELDS = 2  # least number of different fields of a mail header, one of which is the sender
_LOOKED_AT = 400  # characters of a line that are read; no line of a mail header is longer
_SIGNATURE_LINES = 14
_SIGNATURE_LENGTH = 90
_FEW_WORDS = 25


def parts(lines: Sequence[str]) -> tuple[Part, ...]:
    """The part of each line."""
    folded = [fold(line[:_LOOKED_AT]) for line in lines]
    depths = _depths(lines, folded)
    written = [depth for depth, line in zip(depths, lines, strict=True) if depth is not None and line.strip()]
    request = min(written, default=0)
    marked = _marked(depths, request)
    deeper = [depth for depth in depths if depth is not None and depth > request]
    if deeper and _hands_on(line for line, part in zip(lines, marked, strict=True) if part is Part.REQUEST):
        marked = _marked(depths, request, deeper[0])
    _mark_signatures(lines, folded, marked)
    return tuple(marked)


def closes(line: str) -> bool:
    """Whether a line is a closing, which the name and the company's standard text follow."""
    return _CLOSING.match(fold(line[:_LOOKED_AT]).strip()) is not None


def _depths(lines: Sequence[str], folded: Sequence[str]) -> list[int | None]:
    """By line: the depth of quotation. None for a header between two messages."""
    depths: list[int | None] = []
    above = 0  # number of headers above the line, each of which begins an earlier message
    position = 0
    while position < len(lines):
        header = _header_length(lines, folded, position)
        if header:
            depths += [None] * header
            position += header
            # A header directly above lines with quotation marks does not count, since the marks do.
            following = next((line for line in lines[position : position + 3] if line.strip()), "")
            above += 0 if _QUOTE.match(following) else 1
            continue
        found = _QUOTE.match(lines[position])
        depths.append(above + (found[0].count(">") if found else 0))
        position += 1
    return depths


def _marked(depths: Sequence[int | None], *request: int) -> list[Part]:
    """The depths of the request's lines."""
    return [Part.HEADER if depth is None else Part.REQUEST if depth in request else Part.QUOTED for depth in depths]


def _header_length(lines: Sequence[str], folded: Sequence[str], position: int) -> int:
    """The number of lines from here on that separate two messages. 0: this is another line."""
    line = lines[position][:_LOOKED_AT]
    if line[:1] in "-_=*> bB" and (marker := _MARKER.match(line)):
        said = fold(marker["said"] or "")
        if said and not any(word in said for word in _EARLIER):
            return 0
        fields = _field_lines(folded, position + 1)
        return 1 + fields if said or fields else 0
    text = folded[position].strip().lstrip(">").strip()
    if not text:
        return 0
    starts = _REPLY_STARTS.match(text) is not None
    dated = _DATED.search(text) is not None
    if (starts or dated) and _WROTE_LAST.search(text[-60:]):
        return 1
    if starts and dated:
        # In German and other languages, the author's name follows the verb.
        if text.endswith(":") and _WROTE.search(text):
            return 1
        following = folded[position + 1].strip() if position + 1 < len(lines) else ""
        if following.endswith(tuple(_COLONS)) and _WROTE.search(following):
            return 2
    return _field_lines(folded, position)


def _field_lines(folded: Sequence[str], position: int) -> int:
    """The number of lines of a block such as `From: / Sent: / To: / Subject:`. 0: there is no block."""
    line = folded[position] if position < len(folded) else ""
    if _COLONS[0] not in line and _COLONS[1] not in line:  # as in most lines
        return 0
    kinds: set[str] = set()
    end = position
    while end < len(folded) and end - position < _HEADER_LINES:
        found = _FIELD.match(folded[end])
        kind = _FIELD_OF.get(found["name"].strip()) if found else None
        if kind is not None:
            kinds.add(kind)
        elif folded[end].strip() or not kinds:
            break
        end += 1  # some programs leave a blank line between fields
    while end > position and not folded[end - 1].strip():
        end -= 1
    return end - position if "from" in kinds and len(kinds) >= _HEADER_FIELDS else 0


def _mark_signatures(lines: Sequence[str], folded: Sequence[str], marked: list[Part]) -> None:
    """Marks signatures: the lines after `-- `, or after a closing that only a name and contact data follow."""
    position = 0
    while position < len(lines):
        if marked[position] is not Part.REQUEST:
            position += 1
            continue
        end = position
        while end < len(lines) and marked[end] is Part.REQUEST:
            end += 1
        start = _signature_start(lines[position:end], folded[position:end])
        marked[position + start : end] = [Part.SIGNATURE] * (end - position - start)
        position = end


def _signature_start(lines: Sequence[str], folded: Sequence[str]) -> int:
    # Search from the end: a signature is short, so a long list need not be searched for closings.
    below = 0  # number of lines with text
    for at in range(len(lines) - 1, 0, -1):
        if _DELIMITER.match(lines[at]) or _CLOSING.match(folded[at].strip()):
            return at
        if lines[at].strip():
            below += 1
            if below > _SIGNATURE_LINES or _goes_on(lines[at]):
                break
    return len(lines)


def _goes_on(line: str) -> bool:
    """Whether a line does not belong to a signature: it is long, a postscript, or an item of a list."""
    if len(line) > _SIGNATURE_LENGTH or _POSTSCRIPT.match(line):
        return True
    return _LISTED.match(line) is not None and not _CONTACT.search(line)


def _hands_on(newest: Iterable[str]) -> bool:
    """Whether the newest part only forwards another message: it has no number, and few words."""
    text = " ".join(newest)
    return len(text.split()) <= _FEW_WORDS and not _NUMBER.search(text)
