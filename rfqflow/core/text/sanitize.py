"""Removes all characters from a text that a reader cannot see.

Customers and models may both write hostile text. Zero-width and bidirectional characters hide words from people,
Unicode tags can contain instructions, and PostgreSQL cannot store NUL and halves of surrogate pairs. This module only
removes characters, and makes no decision.
"""

import re
import unicodedata

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
_LINE_BREAK = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Ranges instead of unicodedata.category, since a regex is much faster than a loop.
_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters except tab and line feed
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # zero width, bidi
    "\u2800\u3164\uffa0"  # blanks that Unicode counts as letters or symbols
    "\ufe00-\ufe0f\ufeff\ufff0-\ufffb\ufdd0-\ufdef\ufffe\uffff"  # variation selectors, BOM, non-characters
    "\ud800-\udfff\ue000-\uf8ff"  # surrogates, private use
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U0010ffff"  # tags, more selectors, private use
)
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_TOWER = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")
# The characters that the patterns above need. Most texts have none of them, so one search is enough.
_TO_TAKE_OUT = re.compile(f"[\r\v\f\u2028\u2029{_UNSEEN}{_MARKS}]")
_MARKUP = (
    (
        re.compile(r"!?\[([^\[\]]{0,200})\]\([^()]{0,2000}\)"),
        r"\1",
    ),  # keep the words of Markdown links and images
    (re.compile(r"</?[A-Za-z!][^<>]{0,500}>"), " "),
    (re.compile(r"(?:[a-z][a-z0-9+.-]{1,15}://|www\.)\S+", re.IGNORECASE), " "),
    (re.compile(r"\b(?:javascript|data|vbscript):\S*", re.IGNORECASE), " "),
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"), " "),
    (re.compile(r"\+\d[\d ()/.-]{6,18}\d"), " "),  # only a number with a country code is certainly a telephone number
    (re.compile(r"[*_`#~|<>]{2,}|`"), " "),
)


_BLANKS = {ord("\n"): " ", ord("\t"): " "}


def visible(text: str) -> str:
    """The text without invisible characters, and with line feeds as its only line ends."""
    if text.isascii() and text.translate(_BLANKS).isprintable():  # usually nothing needs to be removed
        return text
    if not _TO_TAKE_OUT.search(text):
        return text
    text = _LINE_BREAK.sub("\n", _ANSI.sub("", text))
    return _TOWER.sub(r"\1", _INVISIBLE.sub("", text))


def one_line(text: str) -> str:
    """As `visible`, but in one line: each sequence of white space becomes one space."""
    return " ".join(visible(text).split())


def without_markup(text: str) -> str:
    """As `one_line`, without HTML, Markdown, links, e-mail addresses and international telephone numbers."""
    text = one_line(text)
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    return one_line(text)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters. A shortened text ends with a whole word and an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    return (head[:space] if space > limit // 2 else head).rstrip(" ,;:-") + "…"


def clip(text: str, limit: int) -> str:
    """At most `limit` characters: two thirds from the beginning, a marker, and the rest from the end.

    A request names its goods at the beginning, and place and date at the end, so the middle is left out.
    """
    if len(text) <= limit:
        return text
    marker = f"\n[... {len(text) - limit} characters and more left out ...]\n"
    room = limit - len(marker)
    if room <= 0:
        return text[: max(limit, 0)]
    tail = room // 3
    return text[: room - tail] + marker + (text[-tail:] if tail else "")


_UNDECOMPOSED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "\u2019": "'"})


class _Bare(dict[int, str]):
    """A table for `str.translate` with the compatibility forms of characters, without accents.

    Each is computed once.
    """

    def __missing__(self, code: int) -> str:
        if len(self) > _REMEMBERED:
            self.clear()  # a text with every Unicode character must not fill the memory
        decomposed = unicodedata.normalize("NFKD", chr(code))
        self[code] = "".join(c for c in decomposed.translate(_UNDECOMPOSED) if not unicodedata.combining(c))
        return self[code]


_BARE = _Bare()
_REMEMBERED = 20_000


def fold(text: str) -> str:
    """The text in the form for comparisons: compatibility forms, without accents and case, with `ss` for `ß`.

    It works by character, since decomposing a whole text would sort many accents in quadratic time.
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text.casefold().translate(_BARE))
