"""Hands on a keyboard instead of words: told by letters that never follow each other in any language.

Only words of letters are judged, and only the Latin script by its trigrams; part numbers, tables and the other scripts
are judged by what no language does: keyboard rows, the same sign or word again and again.
"""
# ruff: noqa: RUF001 - letters of many scripts are what this module is about

import re
from collections import Counter
from dataclasses import dataclass

from rfqflow.core.plain import visible
from rfqflow.core.rules.text import plainest
from rfqflow.core.screen.trigrams import unheard

READ = 3000  # characters: mashing does not begin later
_JUDGED = re.compile(r"(?<![\w.@/-])[^\W\d_]{3,60}(?![\w@/])")
_TOKEN = re.compile(r"\w+")
_RUN = re.compile(r"(\w)\1{4,}", re.IGNORECASE)
_JAMO = re.compile("[\u3131-\u318e]")
_ROWS = (
    "qwertyuiop asdfghjkl zxcvbnm qwertzuiopü asdfghjklöä yxcvbnm azertyuiop qsdfghjklm wxcvbn asdfghjklşi"
    " йцукенгшщзхъ фывапролджэ ячсмитьбю ςερτυθιοπ ασδφγηξκλ ζχψωβνμ"
    " ضصثقفغعهخحجد شسيبلاتنمكط קראטוןםפ שדגכעיחלך זסבהנמצת"
).split()
_STROKES = sorted(
    {part for row in _ROWS for way in (row, row[::-1]) for part in (way[at : at + 4] for at in range(len(way) - 3))}
)
_ROW = re.compile("(?:" + "|".join(_STROKES) + ")")
_LOREM = frozenset(
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt labore dolore magna".split()
)
_ODD_SHARE = 0.28  # genuine texts in 27 languages stay below 0.14, mashing starts at 0.33
_FEWEST = 14  # trigrams: fewer prove nothing
_ROW_SHARE = 0.4
_REPEATED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Gibberish:
    """Why a text is none; false when it is one."""

    reasons: tuple[str, ...] = ()
    odd_share: float = 0.0  # of the trigrams

    def __bool__(self) -> bool:
        return bool(self.reasons)


def gibberish(message: str) -> Gibberish:
    """Whether nobody can have meant anything by the text. Doubt is no gibberish: a skipped RFQ costs more than a call."""
    shown = message[:READ]
    if not shown.isascii():
        shown = visible(shown)
    tokens = _TOKEN.findall(shown)
    letters = sum(map(str.isalpha, shown))
    if not tokens or letters < 8:
        return Gibberish()
    with_digits = sum(any(map(str.isdigit, token)) for token in tokens)
    odd, trigrams, judged = _odd(shown, skip_codes=with_digits > 1)
    reasons = []
    share = odd / trigrams if trigrams else 0.0
    if trigrams >= _FEWEST and share >= _ODD_SHARE and judged >= letters * 0.5:
        reasons.append("improbable_letters")
    if share >= 0.1 or not shown.isascii() or len(tokens) < 8:
        row = sum(map(len, _ROW.findall(shown.casefold())))
        if row >= max(8, letters * _ROW_SHARE):
            reasons.append("keyboard_rows")
    if _repeats(shown, tokens, letters, with_digits):
        reasons.append("repetition")
    if len(_JAMO.findall(shown)) >= max(6, letters * 0.5):
        reasons.append("loose_jamo")
    folded = [token.lower() for token in tokens]
    if folded[0] == "lorem" and sum(token in _LOREM for token in folded) >= len(folded) * 0.3:
        reasons.append("filler_text")
    return Gibberish(tuple(reasons), round(share, 3))


def name_is_random(name: str | None) -> bool:
    """A name as form robots make them up: `bXqTzRkWpLm`."""
    if not name or not 6 <= len(name) <= 60 or not name.isascii() or any(map(str.isdigit, name)):
        return False
    odd, trigrams, _ = _odd(name, skip_codes=False)
    return trigrams >= 6 and odd / trigrams >= 0.5 and not name.isupper()


def _odd(shown: str, *, skip_codes: bool) -> tuple[int, int, int]:
    """Trigrams no language has, all trigrams, letters judged."""
    odd = trigrams = judged = 0
    for word in _JUDGED.findall(shown):
        if skip_codes and len(word) < 14 and word.isupper():
            continue  # `MSS` in a part list; in a text without numbers it is a word like others
        plain = plainest(word)
        judged += len(word)
        if plain.isascii() and len(plain) > 3:
            odd += unheard(plain)
            trigrams += len(plain)
    return odd, trigrams, judged


def _repeats(shown: str, tokens: list[str], letters: int, with_digits: int) -> bool:
    runs = sum(match.end() - match.start() for match in _RUN.finditer(shown))
    if runs >= 12 and runs >= _REPEATED_SHARE * (letters + 1):
        return True
    if with_digits:
        return False
    if len(tokens) >= 8 and len({token.lower() for token in tokens}) <= max(2, len(tokens) // 8):
        return True
    return letters >= 20 and not any(token >= "\u3000" for token in tokens) and len(Counter(shown.lower())) <= 6
