"""Normalizes a message for comparison, and measures how much content it has."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

from rfqflow.core.rules.text import listed
from rfqflow.core.text.sanitize import visible

LEAST_WEIGHT = 20
_IDEOGRAPH, _HANGUL, _KANA = 3, 2, 1.5  # how many Latin letters a character counts as
_PACKED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_SIGN = re.compile("[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff]")
_HANGUL_SIGN = re.compile("[\uac00-\ud7af]")
# NFKC sorts the marks on a letter in quadratic time: 100 kB of marks take eight seconds. With a joiner after every
# thirty marks (UAX 15, stream-safe), the time is linear. `visible` removes the joiners.
_MARKS = re.compile(r"[^\x00-\x7f\w\s]{30}")
_JOINER = "\u034f"
_NUMBER, _BLANK = re.compile(r"\d"), re.compile(r"\s")
_AT_ONCE = 100_000  # characters
_WORD = re.compile(r"[^\W\d_]{2,}")
_NOTHING_SAID = listed(
    "test tests testing hello hallo hola ciao bonjour hey price preis prix precio prezzo quote quotation angebot "
    "devis offer please bitte thanks thank you message nachricht info asdf abc call phone my me for the to on at "
    "sir dear hi contact number tel demo sample foo bar user"
)
_ENOUGH = 20_000  # characters; words that follow so many spaces are not meant to be read
_SHORTEST = 8  # letters and digits; a text with fewer is too short, even if it has a number


def normalised(message: str) -> str:
    """The text in the form in which texts are compared: NFKC, lower case, no invisible signs, single spaces."""
    shown = visible(message)
    if not shown.isascii():
        # Apply NFKC twice: casefold can leave sequences that NFKC would compose, and normalizing again must change
        # nothing.
        shown = visible(_compatible(_compatible(shown).casefold()))
    return _single_spaced(shown.casefold())


def _single_spaced(text: str) -> str:
    if len(text) <= _AT_ONCE:
        return " ".join(text.split())
    # Process pieces that end before a blank: the list of words of a long text takes fifteen times its memory.
    pieces, start = [], 0
    while start < len(text):
        blank = _BLANK.search(text, start + _AT_ONCE)
        end = blank.start() if blank else len(text)
        pieces.append(" ".join(text[start:end].split()))
        start = end
    return " ".join(filter(None, pieces))


def fingerprint(message: str, chunks: Sequence[str] | None = None) -> bytes:
    """SHA-256 of the normalized text.

    Texts that differ only in white space, case or invisible signs have the same fingerprint.

    `chunks`: the pieces between spaces of an ASCII text without invisible signs.
    """
    plain = normalised(message) if chunks is None else " ".join(chunks).lower()
    return hashlib.sha256(plain.encode("utf-8", "replace")).digest()


def weight(message: str) -> int:
    """The number of letters and digits.

    An ideograph counts as three, a Hangul syllable as two, and a kana as one and a half.
    """
    if message.isascii():
        return sum(map(str.isalnum, message))
    shown = _compatible(visible(message))
    total: float = sum(map(str.isalnum, shown))
    packed = len(_PACKED.findall(shown))
    if packed:
        kana, hangul = len(_KANA_SIGN.findall(shown)), len(_HANGUL_SIGN.findall(shown))
        ideographs = packed - kana - hangul
        total += ideographs * (_IDEOGRAPH - 1) + hangul * (_HANGUL - 1) + kana * (_KANA - 1)
    return int(total)


def _compatible(shown: str) -> str:
    return unicodedata.normalize("NFKC", _MARKS.sub(lambda run: run[0] + _JOINER, shown))


def too_short(message: str, least: int = LEAST_WEIGHT) -> bool:
    """Whether the text has nothing to enrich.

    Its weight is less than `least`, and it has no counted thing such as `200 M8 bolts`.
    """
    if weight(message[: 4 * least]) >= least:  # usually the rest need not be counted
        return False
    weighed = weight(message[:_ENOUGH])
    if weighed >= least:
        return False
    if weighed < min(_SHORTEST, least) or not _NUMBER.search(message):
        return True
    return all(word in _NOTHING_SAID for word in _WORD.findall(message.casefold()))
