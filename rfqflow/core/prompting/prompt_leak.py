"""Has a model told what it was told? Answers go to people and systems, where the prompt's sentences have no place.

The canary catches a prompt that is repeated whole. This catches a part of it: as many words in a row as nobody
writes by chance. What the customer wrote himself is no leak.
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
    if len(text) < 2 * _ROW - 1:  # as most strings of an answer: too short for a row
        return frozenset()
    folded = fold(text)
    if folded.isascii():
        read = words(folded)
    else:
        read = "".join([character if character.isalnum() else " " for character in folded]).split()
    return frozenset(zip(*(read[start:] for start in range(_ROW)), strict=False))
