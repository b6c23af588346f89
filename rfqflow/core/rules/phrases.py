"""Phrases found in one pass over the words: what dozens of patterns would look for one after the other."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rfqflow.core.rules.text import plainest, words

_LONGEST_PREFIX = 40  # letters; no word is longer, and trying each length of a run of 50,000 signs takes seconds
_REMEMBERED = 20_000


class Phrases:
    """Named lists of phrases, separated by commas and ends of lines; a star at a word's end leaves it open.

    Phrases in scripts without spaces are looked for anywhere in the text.
    """

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._exact: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        self._prefix: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        self._anywhere: list[tuple[str, str]] = []
        self._known: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
        for name, text in lists.items():
            for phrase in text.replace("\n", ",").split(","):
                self._add(name, plainest(phrase).split())

    def _add(self, name: str, pieces: Sequence[str]) -> None:
        if not pieces:
            return
        if pieces[0] >= "\u0590":
            self._anywhere.append((name, " ".join(pieces)))
            return
        read = [word for piece in pieces for word in _read(piece)]
        first, tail = read[0], tuple(read[1:])
        if first.endswith("*"):
            self._prefix[first[:-1]].append((name, tail))
        else:
            self._exact[first].append((name, tail))

    def found(self, text_words: Sequence[str], folded: str) -> dict[str, int]:
        """How many different phrases of each list the text has."""
        hits: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
        for position, word in enumerate(text_words):
            known = self._known.get(word)
            if known is None:
                known = self._remember(word)
            for name, tail in known:
                if not tail or _follows(tail, text_words, position + 1):
                    hits[name].add((word, tail))
        if not folded.isascii():
            for name, phrase in self._anywhere:
                if phrase in folded:
                    hits[name].add((phrase, ()))
        return {name: len(different) for name, different in hits.items()}

    def _remember(self, word: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        found = list(self._exact.get(word, ()))
        for length in range(2, min(len(word), _LONGEST_PREFIX) + 1):
            found += self._prefix.get(word[:length], ())
        self._known[word] = tuple(found)
        return self._known[word]


def _read(piece: str) -> list[str]:
    found = words(piece)
    if found and piece.endswith("*"):
        found[-1] += "*"
    return found


def _follows(tail: tuple[str, ...], text_words: Sequence[str], start: int) -> bool:
    if start + len(tail) > len(text_words):
        return False
    for offset, want in enumerate(tail):
        word = text_words[start + offset]
        if want != word and not (want[-1] == "*" and word.startswith(want[:-1])):
            return False
    return True
