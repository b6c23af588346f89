"""Texts that are hidden by their spelling: letters that look alike, figures for letters, spaced letters, and codes.

Such a spelling alone is no evidence: part numbers mix letters and figures, and links contain codes. The hidden text is
judged like any text.
"""
# ruff: noqa: RUF001 - signs that look alike are what this module is about

import base64
import binascii
import codecs
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import filterfalse
from urllib.parse import unquote

from rfqflow.core.text.plain import plainest
from rfqflow.core.text.sanitize import visible

# Letters of other alphabets that look like Latin letters.
_ALIKE = str.maketrans(
    "АВСЕНІЇЈКМОРЅТУХԚԜавсеёніїјкмԛорѕтухѵԁһӏьԍӧӓԝ"
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβγδεηικνορτυχωςάέήίόύ"
    "ɪɢɴᴏʀᴇᴀʟᴘᴠᴜᴄᴛᴅʜꜰᴋᴍʙᴊǫᴡʏᴢꜱ"
    "ɑɡɩⅼոսօհց",
    "ABCEHIIJKMOPSTYXQWabceehiijkmqopstyxvdhlbgoaw"
    "ABEZHIKMNOPTYXabydenikvoptuxwsaeniou"
    "ignorealpvuctdhfkmbjqwyzs"
    "agilnuohg",
)
_FOREIGN_SIGN = re.compile(
    "[\u0250-\u02af\u0370-\u0588\u1d00-\u1d7f\u217c\u24b6-\u24e9\ua730-\ua7ff\U0001f130-\U0001f1ff]"
)
_SMALL_CAPITALS = re.compile("[ɪɢɴᴏʀᴇᴀʟᴘᴠᴜᴄᴛᴅʜꜰᴋᴍʙᴊǫᴡʏᴢꜱ]")
_MIXED = re.compile("[a-z][\u0400-\u052f\u03b1-\u03c9ɑɡɩⅼոսօհց]|[\u0400-\u052f\u03b1-\u03c9ɑɡɩⅼոսօհց][a-z]")
_ENCLOSED = {
    start + letter: 0x61 + letter
    for start in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6, 0x24B6, 0x24D0)
    for letter in range(26)
}
_ENCLOSED_SIGN = re.compile("[\u24b6-\u24e9\U0001f130-\U0001f189\U0001f1e6-\U0001f1ff]")
_FIGURES = str.maketrans("013457@$!|8", "oieastasilb")
_FIGURES_FOR_LETTERS = re.compile(r"(?:[a-z]+[013457]{1,2}[a-z]|[013457][a-z]{2})")
_LEAST_SINGLES = 6
_LEAST_SPELT = 3  # words
_SPACED = re.compile(
    r"(?<![^\W_])[^\W\d_](?:[ .·*_-][^\W\d_](?![^\W_])){5,}|(?<![^\W_])[^\W\d_](?: {1,3}[^\W\d_](?![^\W_])){7,}"
)
_GAPS = re.compile(r"[ .·*_-]")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{2}){16,}")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2}[^%\s]{0,3}){6,}")
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{2,6};){6,}")
_LEAST_CODE = 24  # characters
_LONGEST_CODE = 8_000
_MOST_CODES = 20
_WORDS_IN_CODE = re.compile(r"[^\W\d_]{2,}")
_TELLING = (
    "ignore previous instruction instructions system prompt assistant rules confidence urgency route disregard output"
)
_ROT13 = frozenset(codecs.encode(_TELLING, "rot13").split())
_REVERSED = frozenset(_TELLING[::-1].split())


def spelt(
    text: str, folded: str, words_read: Sequence[str], known: tuple[AbstractSet[str], Sequence[str]] | None = None
) -> Iterator[str]:
    """Yields the hidden texts of a text, normalized like `folded`, which has no case and no accents.

    `words_read`: the words of the text.

    `known`: the different words, and the words with signs other than letters.
    """
    read, with_figures = known or (frozenset(words_read), None)
    has_singles = list(map(len, words_read)).count(1) >= _LEAST_SINGLES
    if not text.isascii() and _FOREIGN_SIGN.search(text):
        is_enclosed = _ENCLOSED_SIGN.search(text)
        if is_enclosed or _MIXED.search(folded) or _SMALL_CAPITALS.search(folded):
            yield plainest((text.translate(_ENCLOSED) if is_enclosed else text).translate(_ALIKE))
    figured = filterfalse(str.isdigit, filterfalse(str.isalpha, read) if with_figures is None else with_figures)
    mixed = [word for word in figured if _FIGURES_FOR_LETTERS.match(word)]
    if len(mixed) >= _LEAST_SPELT:
        yield folded.translate(_FIGURES)
    if has_singles and sum([len(word) == 1 and word.isalpha() for word in words_read]) >= _LEAST_SINGLES:
        letters = [_joined(run[0]) for run in _up_to(_SPACED.finditer(folded), _MOST_CODES)]
        if letters:
            yield " ".join(letters)
    if len(read & _ROT13) > 1:
        yield codecs.encode(folded, "rot13")
    if len(read & _REVERSED) > 1:
        yield folded[::-1]


def _joined(run: str) -> str:
    """Spaced letters joined to words, if wider gaps separate the words."""
    return " ".join(_GAPS.sub("", word) for word in run.split("  "))


def decoded(text: str, chunks: Sequence[str] | None = None) -> Iterator[str]:
    """Yields prose in base64, hexadecimal figures or escapes, without normalization.

    `chunks`: the pieces between spaces, if the caller has them.
    """
    chunks = text.split() if chunks is None else chunks
    if max(map(len, chunks), default=0) >= _LEAST_CODE:
        codes = " ".join([piece for piece in chunks if len(piece) >= _LEAST_CODE])
        for run in _up_to(_BASE64.finditer(codes), _MOST_CODES):
            yield from _prose(_of_base64(run[0][:_LONGEST_CODE]))
        for run in _up_to(_HEX.finditer(codes), _MOST_CODES):
            yield from _prose(bytes.fromhex(run[0][:_LONGEST_CODE]))
    if "%" in text:
        for run in _up_to(_PERCENT.finditer(text), _MOST_CODES):
            yield from _prose(unquote(run[0][:_LONGEST_CODE]).encode())
    if "\\" in text or "&#" in text:
        for run in _up_to(_ESCAPES.finditer(text), _MOST_CODES):
            signs = re.findall(r"\\[ux]([0-9a-fA-F]{2,4})", run[0][:_LONGEST_CODE])
            yield from _prose("".join(chr(int(sign, 16)) for sign in signs).encode("utf-8", "replace"))


def _up_to(found: Iterator[re.Match[str]], most: int) -> Iterator[re.Match[str]]:
    for _, match in zip(range(most), found, strict=False):
        yield match


def _of_base64(run: str) -> bytes:
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    whole = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return base64.b64decode(whole + "=" * (-len(whole) % 4))
    except binascii.Error:
        return b""


def _prose(decoded_bytes: bytes) -> Iterator[str]:
    """Yields the decoded text, if it consists of words with spaces between them."""
    try:
        text = visible(decoded_bytes.decode("utf-8"))
    except UnicodeDecodeError:
        return
    if text.isprintable() or "\n" in text:
        said = _WORDS_IN_CODE.findall(text)
        if len(said) >= _LEAST_SPELT and sum(map(len, said)) * 2 > len(text):
            yield text
