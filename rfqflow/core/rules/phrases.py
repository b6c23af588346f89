"""Finds phrases in one pass over the words, instead of searching for dozens of patterns one after the other."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import compress
from sys import intern
from typing import TypeVar

from rfqflow.core.rules.text import plainest, words

_LONGEST_PREFIX = 40  # letters; no word is longer, and a try for each length of 50,000 signs would take seconds
_REMEMBERED = 20_000
_REMEMBERED_BEHIND = 64  # letters of the words that follow the first word of a phrase
_UNSPACED = "\u0590"  # from this character on, scripts have no spaces, so phrases are searched everywhere

_ANY_UNSPACED = re.compile(f"[{_UNSPACED}-\U0010ffff]")

Tail = tuple[str, tuple[str, ...]]  # the list of a phrase, and its words after the first
_Known = TypeVar("_Known")


class Memory(dict[str, _Known]):
    """Facts about words. They are computed when a word first occurs, and a limited number is cached."""

    def __init__(self, learn: Callable[[str], _Known], most: int = _REMEMBERED) -> None:
        super().__init__()
        self._learn = learn
        self._most = most

    def __missing__(self, word: str) -> _Known:
        if len(self) >= self._most:
            self.clear()
        self[word] = known = self._learn(word)
        return known


# the lists in which the word alone is a phrase, and the other words of phrases by their first word
_Begun = tuple[tuple[str, ...], Memory[tuple[Tail, ...]]]


class Phrases:
    """Named lists of phrases, which commas and line ends separate. A star at the end of a word allows any ending.

    Phrases in scripts without spaces are searched everywhere in the text.
    """

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._exact: dict[str, list[Tail]] = defaultdict(list)
        self._prefix: dict[str, list[Tail]] = defaultdict(list)
        self._anywhere: dict[str, list[tuple[str, str]]] = defaultdict(list)  # by first character of the phrase
        self._known = Memory(self._begun)
        for name, text in lists.items():
            for phrase in text.replace("\n", ",").split(","):
                self._add(name, plainest(phrase).split())

    def _add(self, name: str, pieces: Sequence[str]) -> None:
        if not pieces:
            return
        if pieces[0] >= _UNSPACED:
            self._anywhere[pieces[0][0]].append((name, " ".join(pieces)))
            return
        read = [word for piece in pieces for word in _read(piece)]
        first, tail = read[0], tuple(map(intern, read[1:]))  # many phrases have the same words after the first
        if first.endswith("*"):
            self._prefix[first[:-1]].append((name, tail))
        else:
            self._exact[first].append((name, tail))

    def found(self, text_words: Sequence[str], folded: str) -> dict[str, int]:
        """The number of different phrases of each list in the text."""
        hits: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
        last = len(text_words) - 1
        known = list(map(self._known.__getitem__, text_words))
        positions = compress(range(len(known)), known)  # skip the words that begin no phrase, which are most
        for position, (single, going_on) in zip(positions, filter(None, known), strict=True):
            word = text_words[position]
            for name in single:
                hits[name].add((word, ()))
            if position < last:
                for name, tail in going_on[text_words[position + 1]]:
                    if len(tail) == 1 or follows(tail, text_words, position + 1):
                        hits[name].add((word, tail))
        for name, phrase in self.anywhere(folded):
            hits[name].add((phrase, ()))
        return {name: len(different) for name, different in hits.items()}

    def any_in(self, text_words: Sequence[str], folded: str) -> bool:
        """Whether the text contains any phrase."""
        last = len(text_words) - 1
        known = list(map(self._known.__getitem__, text_words))
        positions = compress(range(len(known)), known)
        for position, (single, going_on) in zip(positions, filter(None, known), strict=True):
            if single:
                return True
            if position < last:
                for _, tail in going_on[text_words[position + 1]]:
                    if len(tail) == 1 or follows(tail, text_words, position + 1):
                        return True
        return bool(self.anywhere(folded))

    def anywhere(self, folded: str) -> list[tuple[str, str]]:
        """The phrases in scripts without spaces that the text contains, each with its list."""
        if folded.isascii() or not self._anywhere or not _ANY_UNSPACED.search(folded):
            return []
        signs = self._anywhere.keys() & set(folded)
        return [entry for sign in signs for entry in self._anywhere[sign] if entry[1] in folded]

    def begun_by(self, word: str) -> tuple[Tail, ...]:
        """The phrases that begin with a word."""
        found = list(self._exact.get(word, ()))
        for length in range(2, min(len(word), _LONGEST_PREFIX) + 1):
            found += self._prefix.get(word[:length], ())
        return tuple(found)

    def _begun(self, word: str) -> _Begun | None:
        """The phrases that begin with a word, by their second word. None: no phrase begins with it."""
        begun = self.begun_by(word)
        if not begun:
            return None
        exact: dict[str, list[Tail]] = defaultdict(list)
        for name, tail in begun:
            if tail and tail[0][-1] != "*":
                exact[tail[0]].append((name, tail))
        ending = [(name, tail) for name, tail in begun if tail and tail[0][-1] == "*"]
        alone = tuple(name for name, tail in begun if not tail)
        return alone, Memory(partial(_going_on, dict(exact), ending), _REMEMBERED_BEHIND)


def _going_on(exact: Mapping[str, Sequence[Tail]], ending: Sequence[Tail], word: str) -> tuple[Tail, ...]:
    """The tails that may begin with a word. `ending`: tails whose first word allows any ending."""
    return (*exact.get(word, ()), *[(name, tail) for name, tail in ending if word.startswith(tail[0][:-1])])


def _read(piece: str) -> list[str]:
    found = words(piece)
    if found and piece.endswith("*"):
        found[-1] += "*"
    return found


def follows(tail: tuple[str, ...], text_words: Sequence[str], start: int) -> bool:
    """Whether the text has these words at this position."""
    if start + len(tail) > len(text_words):
        return False
    for offset, want in enumerate(tail):
        word = text_words[start + offset]
        if want != word and not (want[-1] == "*" and word.startswith(want[:-1])):
            return False
    return True
