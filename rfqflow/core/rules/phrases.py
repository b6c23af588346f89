"""Phrases found in one pass over the words: what dozens of patterns would look for one after the other."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import compress
from typing import TypeVar

from rfqflow.core.rules.text import plainest, words

_LONGEST_PREFIX = 40  # letters; no word is longer, and trying each length of a run of 50,000 signs takes seconds
_REMEMBERED = 20_000
_REMEMBERED_BEHIND = 64  # of the words that follow one that begins phrases
_UNSPACED = "\u0590"  # from here on scripts without spaces, whose phrases are looked for anywhere

Tail = tuple[str, tuple[str, ...]]  # the list that a phrase is of, and its words behind the first
_Known = TypeVar("_Known")


class Memory(dict[str, _Known]):
    """What is known of a word, worked out when it is first met; not of more words than a process can hold."""

    def __init__(self, learn: Callable[[str], _Known], most: int = _REMEMBERED) -> None:
        super().__init__()
        self._learn = learn
        self._most = most

    def __missing__(self, word: str) -> _Known:
        if len(self) >= self._most:
            self.clear()
        self[word] = known = self._learn(word)
        return known


_Begun = tuple[tuple[str, ...], Memory[tuple[Tail, ...]]]  # the lists it is a phrase of alone; tails by first word


class Phrases:
    """Named lists of phrases, separated by commas and ends of lines; a star at a word's end leaves it open.

    Phrases in scripts without spaces are looked for anywhere in the text.
    """

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._exact: dict[str, list[Tail]] = defaultdict(list)
        self._prefix: dict[str, list[Tail]] = defaultdict(list)
        self._anywhere: dict[str, list[tuple[str, str]]] = defaultdict(list)  # by their first sign
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
        first, tail = read[0], tuple(read[1:])
        if first.endswith("*"):
            self._prefix[first[:-1]].append((name, tail))
        else:
            self._exact[first].append((name, tail))

    def found(self, text_words: Sequence[str], folded: str) -> dict[str, int]:
        """How many different phrases of each list the text has."""
        hits: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
        last = len(text_words) - 1
        known = list(map(self._known.__getitem__, text_words))
        positions = compress(range(len(known)), known)  # most words begin no phrase
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
        """Whether the text has any phrase at all."""
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
        """The phrases in scripts without spaces that the text has, each with its list."""
        if folded.isascii() or not self._anywhere or max(folded) < _UNSPACED:
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
        """The phrases that begin with a word, by the word that follows it; None where none does."""
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
    """The tails that may begin with a word; `ending`: those whose first word is open."""
    return (*exact.get(word, ()), *[(name, tail) for name, tail in ending if word.startswith(tail[0][:-1])])


def _read(piece: str) -> list[str]:
    found = words(piece)
    if found and piece.endswith("*"):
        found[-1] += "*"
    return found


def follows(tail: tuple[str, ...], text_words: Sequence[str], start: int) -> bool:
    """Whether these words stand in the text from a position on."""
    if start + len(tail) > len(text_words):
        return False
    for offset, want in enumerate(tail):
        word = text_words[start + offset]
        if want != word and not (want[-1] == "*" and word.startswith(want[:-1])):
            return False
    return True
