"""Words in the form in which they are compared: without case, accents and strokes.

If possible, their length does not change.
"""
# ruff: noqa: RUF001 - signs of many languages are what this module is about

import re
from collections.abc import Iterator

from rfqflow.core.text.sanitize import fold

LIMIT = 64_000  # characters that are read; a longer text is an attack, or has a pasted attachment
_WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
_FOREIGN_DIGITS = {start + digit: 0x30 + digit for start in (0x660, 0x6F0, 0x966) for digit in range(10)}
_SPACES = dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F, 0x3000), 0x20)
# Each character is replaced by one character, so that positions do not change.
_SAME = {**_WIDE, **_FOREIGN_DIGITS, **_SPACES}
# The vowel signs of Indian scripts do not count as letters, but do not end words.
_WORD = re.compile(
    "(?:[^\\W_\u3040-\u9fff\uac00-\ud7af]|[\u0900-\u0963\u0966-\u0dff])+|[\u3040-\u9fff]+|[\uac00-\ud7af]+"
)
_ASCII_WORDS = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)) + bytes(range(128, 256))

_STROKES = {"ł": "l", "ı": "i", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"}  # letters that Unicode cannot decompose

_REMEMBERED = 20_000  # cached characters; a text with every character of Unicode must not fill the memory


class _Folded(dict[int, str]):
    """The normalized forms of characters, each computed once.

    `fold` over a whole text would take ten times as long.
    """

    def __missing__(self, code: int) -> str:
        if len(self) > _REMEMBERED:
            self.clear()
        folded = "".join(_STROKES.get(letter, letter) for letter in fold(chr(code)).lower())
        self[code] = folded
        return folded


_FOLDED = _Folded()


def plainest(text: str) -> str:
    """The text without case, accents and strokes, for comparing words."""
    return text.lower() if text.isascii() else text.casefold().translate(_FOLDED)


def words(folded: str) -> list[str]:
    """The words of a normalized text. A sequence of Chinese, Japanese or Korean signs is one word."""
    if folded.isascii():
        return folded.encode().translate(_ASCII_WORDS).decode().split()
    return _WORD.findall(folded)


def seen(text: str) -> str:
    """A readable text, limited in length, with ASCII digits and blanks."""
    shown = text[:LIMIT]
    return (shown if shown.isascii() else shown.translate(_SAME)).strip()


def places(wanted: str, text: str) -> Iterator[int]:
    """Yields where a text occurs. The places may overlap."""
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def spans(wanted: str, text: str) -> list[tuple[int, int]]:
    """Where a text occurs, without overlaps."""
    found: list[tuple[int, int]] = []
    for at in places(wanted, text):
        if not found or at >= found[-1][1]:
            found.append((at, at + len(wanted)))
    return found
