"""The language of a text: by its script, or else by short words that only one language uses often."""

import re
from collections.abc import Sequence

from rfqflow.core.text.word_lists import word_lists

_STOP = word_lists("languages")
_TABLE: dict[str, tuple[str, ...]] = {}
for _language, _words in _STOP.items():
    for _word in dict.fromkeys(_words.split()):
        _TABLE[_word] = (*_TABLE.get(_word, ()), _language)

_LETTERS = {
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "tr": "ğışİ",
    "pl": "łąęśżźćń",
    "cs": "řěůťď",
    "sv": "å",
    "fr": "œêèùû",
    "da": "æ",
    "ro": "țăș",
    "hu": "őű",
}
_TELLING = {letter: language for language, letters in _LETTERS.items() for letter in letters}
_TELLING_PATTERN = re.compile("[" + "".join(_TELLING) + "]")
_SCRIPTS = (
    ("ja", re.compile("[぀-ヿ]"), 4),
    ("ko", re.compile("[가-힣]"), 4),
    ("zh", re.compile("[一-鿿]"), 3),
    ("ar", re.compile("[؀-ۿ]"), 3),
    ("he", re.compile("[֐-׿]"), 3),
    ("th", re.compile("[฀-๿]"), 3),
    ("el", re.compile("[Ͱ-Ͽ]"), 3),
    ("uk", re.compile("[іїєґ]"), 3),
    ("ru", re.compile("[Ѐ-ӿ]"), 3),
)
_SHARE = 0.15  # share of letters from which a script decides; a smaller share may be names
_READ = 400  # words that are read; more do not change the result


def detect(body: str, words: Sequence[str]) -> str | None:
    """The ISO 639-1 code, or None if unknown."""
    head = body[:4000]
    if not head.isascii():
        by_script = _by_script(head)
        if by_script:
            return by_script
    scores: dict[str, float] = dict.fromkeys(_STOP, 0.0)
    for word in words[:_READ]:
        languages = _TABLE.get(word, ())
        for language in languages:
            scores[language] += 1 / len(languages)
    if not head.isascii():
        for letter in _TELLING_PATTERN.findall(head.lower())[:40]:
            scores[_TELLING[letter]] += 0.4
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= 1 else None


def _by_script(head: str) -> str | None:
    letters = sum(map(str.isalpha, head)) or 1
    for language, pattern, least in _SCRIPTS:
        found = len(pattern.findall(head))
        if found >= least and found / letters >= _SHARE:
            return language
    return None
