"""Detects random typing by letters that never follow each other in any language.

Words of Latin letters are judged by their trigrams. Other texts are judged by patterns that no language has, such as
keyboard rows, or one sign or word that is repeated.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from rfqflow.core.rules.phrases import Memory
from rfqflow.core.rules.text import listed, plainest, words
from rfqflow.core.screening.trigrams import unseen
from rfqflow.core.text.reading import Reading
from rfqflow.core.text.sanitize import visible
from rfqflow.core.text.word_lists import word_lists

READ = 3000  # characters; random typing does not begin later
_JUDGED = re.compile(r"(?<![\w.@/-])[^\W\d_]{3,60}(?![\w@/])")
# The same for ASCII. It is faster, since the regex engine first searches for a set of letters and then looks back.
_JUDGED_ASCII = re.compile(r"[A-Za-z](?<![\w.@/-][A-Za-z])[A-Za-z]{2,59}+(?![\w@/])", re.ASCII)
_TOKEN = re.compile(r"\w+")
_TOKEN_ASCII = re.compile(r"[A-Za-z0-9_]+")
_RUN_LENGTH = 5
_RUN = re.compile(rf"(\w)\1{{{_RUN_LENGTH - 1},}}")
_ASCII_REST = bytes(code for code in range(128) if not chr(code).isalpha())
_JAMO = re.compile("[\u3131-\u318e]")
_ROWS = listed(
    "qwertyuiop asdfghjkl zxcvbnm qwertzuiopü asdfghjklöä yxcvbnm azertyuiop qsdfghjklm wxcvbn asdfghjklşi "
    "йцукенгшщзхъ фывапролджэ ячсмитьбю ςερτυθιοπ ασδφγηξκλ ζχψωβνμ ضصثقفغعهخحجد شسيبلاتنمكط קראטוןםפ שדגכעיחלך "
    "זסבהנמצת"
)
_STROKES = sorted(
    {part for row in _ROWS for way in (row, row[::-1]) for part in (way[at : at + 4] for at in range(len(way) - 3))}
)
_ROW = re.compile("(?:" + "|".join(_STROKES) + ")")
_LOREM = listed(
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt labore dolore magna"
)
_TRIES = {name: listed(words) for name, words in word_lists("tries").items()}
_TEST, _BESIDE, _LONGEST_TRY = _TRIES["test"], _TRIES["test"] | _TRIES["beside"], 24  # words
_ODD_SHARE = 0.3  # genuine texts in 27 languages have less than 0.14, random typing has at least 0.33
_ENOUGH = 24  # trigrams; in a text with fewer, half of them must be odd
_FEWEST = 14  # trigrams; a text with fewer is not judged by them
_ROW_SHARE, _ROW_ODD = 0.4, 0.1
_MOSTLY, _FILLER_SHARE = 0.5, 0.3
_LEAST_LETTERS, _MANY_LETTERS, _MANY_WORDS, _LONG_RUNS, _FEW = 8, 20, 8, 12, 6
_SHORTEST_WORD, _CODE_LENGTH, _LONGEST_NAME = 4, 14, 60  # letters


@dataclass(frozen=True, slots=True)
class Gibberish:
    """Why a text is gibberish. It is false if the text is not gibberish."""

    reasons: tuple[str, ...] = ()
    odd_share: float = 0.0  # share of odd trigrams

    def __bool__(self) -> bool:
        return bool(self.reasons)


def gibberish(message: str, reading: Reading | None = None) -> Gibberish:
    """Whether the text cannot have a meaning. A doubtful text is no gibberish, since a lost RFQ costs more than a call.

    `reading`: the reading of the message, if the caller has it.
    """
    shown, chunks, tokens = _parts(message, reading)
    letters = _letters(shown)
    if not tokens or letters < _LEAST_LETTERS:
        return Gibberish()
    if reading is not None and tokens is reading.words:
        with_digits = sum(map(tokens.count, reading.odd_words[:2]))  # the list of odd words has at most two of these
    else:
        with_digits = len(tokens) - sum(map(str.isalpha, tokens))
    odd, trigrams, judged, odd_words = _odd(chunks, skip_codes=with_digits > 1)
    reasons = []
    share = odd / trigrams if trigrams else 0.0
    # A single strange word may be a name, so most words must be strange.
    odd_from = _ODD_SHARE if trigrams >= _ENOUGH else _MOSTLY
    if trigrams >= _FEWEST and share >= odd_from and judged >= letters * _MOSTLY and odd_words >= _MOSTLY:
        reasons.append("improbable_letters")
    if share >= _ROW_ODD or trigrams < _FEWEST:
        row = sum(map(len, _ROW.findall(shown.casefold())))
        if row >= max(_LEAST_LETTERS, letters * _ROW_SHARE):
            reasons.append("keyboard_rows")
    if _repeats(shown, tokens, letters, with_digits):
        reasons.append("repetition")
    if not shown.isascii() and len(_JAMO.findall(shown)) >= max(_FEW, letters * _MOSTLY):
        reasons.append("loose_jamo")
    if tokens[0].lower() == "lorem" and sum(token.lower() in _LOREM for token in tokens) >= len(tokens) * _FILLER_SHARE:
        reasons.append("filler_text")
    if len(tokens) <= _LONGEST_TRY and _is_try(plainest(shown)):
        reasons.append("form_tried_out")
    return Gibberish(tuple(reasons), round(share, 3))


def _parts(message: str, reading: Reading | None) -> tuple[str, list[str], list[str]]:
    """The part of the text that is judged, its pieces between blanks, and its words. ASCII text is in lower case."""
    shown = message[:READ]
    if reading is not None and reading.is_ascii and len(message) <= READ:
        return shown, reading.chunks, reading.words if "_" not in shown else _TOKEN_ASCII.findall(shown)
    if shown.isascii():
        return shown, shown.split(), _TOKEN_ASCII.findall(shown)
    shown = visible(shown)
    return shown, shown.split(), (_TOKEN_ASCII if shown.isascii() else _TOKEN).findall(shown)


def name_is_random(name: str | None) -> bool:
    """Whether a name looks as if a robot had invented it, such as `bXqTzRkWpLm`."""
    if not name or not _FEW <= len(name) <= _LONGEST_NAME or not name.isascii() or any(map(str.isdigit, name)):
        return False
    odd, trigrams, *_ = _odd(name.split(), skip_codes=False)
    return odd > 0 and trigrams >= _FEW and odd / trigrams >= _MOSTLY and not name.isupper()


def _letters(shown: str) -> int:
    return len(shown.encode().translate(None, _ASCII_REST)) if shown.isascii() else sum(map(str.isalpha, shown))


def _odd(chunks: Sequence[str], *, skip_codes: bool) -> tuple[int, int, int, float]:
    """Counts trigrams that no language has, all trigrams and judged letters.

    Also returns the share of words with such a trigram.

    `chunks`: the pieces between blanks of at most `READ` characters.
    """
    if max(map(len, chunks), default=0) <= _LONGEST_REMEMBERED:
        counted = sum(map(_known[skip_codes].__getitem__, chunks))
    else:
        counted = sum(
            _known[skip_codes][chunk] if len(chunk) <= _LONGEST_REMEMBERED else _summed(chunk, skip_codes=skip_codes)
            for chunk in chunks
        )
    if not counted & _FIELD:  # usually nothing else needs to be examined
        return 0, counted >> _BITS & _FIELD, 0, 0.0
    words = counted >> 3 * _BITS & _FIELD
    share = (counted >> 4 * _BITS) / words
    return counted & _FIELD, counted >> _BITS & _FIELD, counted >> 2 * _BITS & _FIELD, share


def _judge(word: str) -> tuple[int, int, int, bool]:
    """For one word: trigrams that no language has, all trigrams, letters, and whether it looks like a code."""
    plain = plainest(word)
    fit = plain.isascii() and plain.isalpha() and len(plain) >= _SHORTEST_WORD
    code = len(word) < _CODE_LENGTH and word.isupper()
    return (unseen(plain), len(plain), len(word), code) if fit else (0, 0, len(word), code)


def _summed(chunk: str, *, skip_codes: bool) -> int:
    """The counts of a piece of text, packed into one number in the order of `_odd`."""
    odd = trigrams = judged = words = odd_words = 0
    for strange, of, letters, code in map(_judge, (_JUDGED_ASCII if chunk.isascii() else _JUDGED).findall(chunk)):
        if code and skip_codes:
            continue  # an abbreviation such as `MSS` in a list of parts; in a text without numbers it counts as a word
        judged += letters
        trigrams += of
        words += 1
        if strange:
            odd += strange
            odd_words += 1
    return odd | trigrams << _BITS | judged << 2 * _BITS | words << 3 * _BITS | odd_words << 4 * _BITS


_BITS = 16
_FIELD = (1 << _BITS) - 1
_LONGEST_REMEMBERED = 60  # characters of a piece that is remembered; a longer piece is read each time
_known = {skip_codes: Memory(partial(_summed, skip_codes=skip_codes)) for skip_codes in (False, True)}


def _is_try(folded: str) -> bool:
    """Whether the text only tests the form. Such a text has a word for a test, but no goods that could be tested."""
    said = [word for word in words(folded) if not word.isdecimal()]
    return not _TEST.isdisjoint(said) and _BESIDE.issuperset(said)


def _repeats(shown: str, tokens: list[str], letters: int, with_digits: int) -> bool:
    runs = sum(len(match[0]) for match in _RUN.finditer(shown)) if _may_have_run(shown) else 0
    if runs >= _LONG_RUNS and runs >= _MOSTLY * letters:
        return True
    if with_digits:
        return False
    if len(tokens) >= _MANY_WORDS and len({token.lower() for token in tokens}) <= max(2, len(tokens) // 8):
        return True
    packed = any(word >= "\u3000" for word in tokens)  # four ideographs can be a sentence
    return letters >= _MANY_LETTERS and not packed and len(set(shown.lower())) <= _FEW


def _may_have_run(shown: str) -> bool:
    """Whether a sign may be repeated several times.

    Where a sign is repeated, the text equals its copy that is shifted by one sign. Both are compared as numbers: a
    search for each sign, or a pattern, would take twenty times as long.
    """
    width = 1 if shown.isascii() else 4
    code = int.from_bytes(shown.encode("utf-32-le" if width > 1 else "ascii", "replace"), "little")
    differences = (code ^ code >> 8 * width).to_bytes(len(shown) * width, "little")
    return bytes(width * (_RUN_LENGTH - 1)) in differences
