"""Detects answers that repeat sentences of the prompt, which no person or system should get.

The canary shows that a whole prompt is repeated. This module finds a repeated part: so many words in sequence that they
do not occur by chance. Words of the customer are no leak.
"""

from collections.abc import Iterable
from functools import lru_cache

from rfqflow.core.text.plain import words
from rfqflow.core.text.sanitize import fold

_ROW = 8  # words


def leaks(strings: Iterable[str], instructions: str, message: str) -> bool:
    """Whether one of the strings repeats words of `instructions` in sequence that the message does not contain."""
    secret = _secret_rows(instructions)
    found = {row for text in strings for row in _rows(text) if row in secret}
    return bool(found) and not found <= _rows(message)


@lru_cache(maxsize=8)
def _secret_rows(text: str) -> frozenset[tuple[str, ...]]:
    return _rows(text)


def _rows(text: str) -> frozenset[tuple[str, ...]]:
    if len(text) < 2 * _ROW - 1:  # most strings of an answer have too few words
        return frozenset()
    folded = fold(text)
    if folded.isascii():
        read = words(folded)
    else:
        read = "".join([character if character.isalnum() else " " for character in folded]).split()
    return frozenset(zip(*(read[start:] for start in range(_ROW)), strict=False))
