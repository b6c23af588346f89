"""Detects answers that repeat the prompt's sentences, which no person or system should receive.

The canary catches a prompt that is repeated whole. This module catches a part: a run of words too long to occur by
chance. The customer's own words are no leak.
"""

from collections.abc import Iterable
from functools import lru_cache

from rfqflow.core.text.plain import words
from rfqflow.core.text.sanitize import fold

_ROW = 8  # words


def leaks(strings: Iterable[str], instructions: str, message: str) -> bool:
    """Whether one of the strings repeats a run of words of `instructions` that the message lacks."""
    secret = _secret_rows(instructions)
    found = {row for text in strings for row in _rows(text) if row in secret}
    return bool(found) and not found <= _rows(message)


@lru_cache(maxsize=8)
def _secret_rows(text: str) -> frozenset[tuple[str, ...]]:
    return _rows(text)


def _rows(text: str) -> frozenset[tuple[str, ...]]:
    if len(text) < 2 * _ROW - 1:  # most strings of an answer are too short for a run
        return frozenset()
    folded = fold(text)
    if folded.isascii():
        read = words(folded)
    else:
        read = "".join([character if character.isalnum() else " " for character in folded]).split()
    return frozenset(zip(*(read[start:] for start in range(_ROW)), strict=False))
