"""Judges by wording whether a text offers or requests. `python -m tests.corpus.learn` has learnt the weights.

The features of a text are its words, their beginnings, and pairs of neighbours. In scripts without spaces, they are two
and three signs in a row. Each has a weight; a positive one counts against a request.
"""

import math
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from operator import add

from rfqflow.core.rules.phrases import Memory
from rfqflow.core.text.word_lists import word_lists

BEGINNING, _LONG, _LONGER = 5, 7, 8  # letters
_UNSPACED, _SYLLABLES = "\u3040", ("\u0e00", "\u0eff")  # signs that are words, and syllabic scripts
_READ = 1200  # words
_STEADY = 40  # neutral features that are added to the known ones of a short text
_STRONGEST = 3
_MOST_PLACES = 20_000


def features_of(word: str) -> tuple[str, ...]:
    """The features of a word; numbers have none."""
    if word >= _UNSPACED:
        return tuple(word[at : at + size] for size in (2, 3) for at in range(len(word) - size + 1))
    if not word.isalpha() and any(map(str.isdigit, word)):
        return ()
    if _SYLLABLES[0] <= word <= _SYLLABLES[1]:
        return tuple(word[at : at + 4] for at in range(len(word) - 3))
    if len(word) <= BEGINNING:
        return (word,)
    begins = (f"{word[:BEGINNING]}*",)
    return (word, *begins, f"{word[:_LONG]}*") if len(word) > _LONGER else (word, *begins)


def beginning_of(word: str) -> str:
    """The feature of a word next to another; all numbers are alike."""
    if word >= _UNSPACED:
        return ""
    return "0" if any(map(str.isdigit, word)) else word[:BEGINNING]


def features(read: Sequence[str]) -> Iterator[str]:
    """All features of a text, in the form in which the weights are learnt."""
    for word in set(read[:_READ]):
        yield from features_of(word)
    begins = [beginning_of(word) for word in read[:_READ]]
    yield from {f"{first} {second}" for first, second in pairwise(begins)}


class Wording:
    """The weights of features, and the score of a text."""

    def __init__(self, weights: dict[str, float], bias: float) -> None:
        self.bias = bias
        self._weights = {feature: weight for feature, weight in weights.items() if " " not in feature}
        pairs = [feature.split(" ") for feature in weights if " " in feature]
        self._begins = {begin: at for at, begin in enumerate(dict.fromkeys(each for pair in pairs for each in pair), 1)}
        self._factor = len(self._begins) + 1
        self._names = {self._pair(*pair): " ".join(pair) for pair in pairs}
        self._pairs = {pair: weights[name] for pair, name in self._names.items()}
        # Words with equal weight and beginning count once, so each of these has one place for them.
        self._places: dict[tuple[float, int, str], int] = {}
        self._weighs: list[float] = []  # by a word's known features
        self._counts: list[int] = []  # of them
        self._first: list[int] = []  # a pair's first half, as in `_pair`
        self._second: list[int] = []
        self._known = Memory(self._place)

    @classmethod
    def of_lists(cls, lists: dict[str, str]) -> "Wording":
        """The weights of a file: each line has a weight and its features."""
        weights = {}
        for line in lists["weights"].split("\n"):
            weight, _, listed = line.partition(": ")
            weights.update(dict.fromkeys(listed.split(", "), float(weight)))
        return cls(weights, float(lists["bias"]))

    def score(self, read: Sequence[str]) -> float:
        """The logarithm of the odds that a text is not a request."""
        total, known, _ = self._sums(read)
        return self.bias + total / math.sqrt(known + _STEADY)

    def strongest(self, read: Sequence[str]) -> tuple[tuple[str, float], ...]:
        """The strongest features against a request, each with its contribution to the score."""
        _, known, pairs = self._sums(read)
        found = {self._names[pair]: self._pairs[pair] for pair in pairs}
        for word in set(read[:_READ]):
            found.update((each, self._weights[each]) for each in features_of(word) if each in self._weights)
        ordered = sorted(found, key=lambda feature: (-found[feature], feature))[:_STRONGEST]
        return tuple((each, found[each] / math.sqrt(known + _STEADY)) for each in ordered if found[each] > 0)

    def _sums(self, read: Sequence[str]) -> tuple[float, int, AbstractSet[int]]:
        """The sum of known features, their number, and the pairs; without a call per word."""
        if len(self._weighs) >= _MOST_PLACES:
            for each in (self._known, self._places, self._weighs, self._counts, self._first, self._second):
                each.clear()
        places = list(map(self._known.__getitem__, read[:_READ]))
        followed = map(add, map(self._first.__getitem__, places), map(self._second.__getitem__, places[1:]))
        pairs = self._pairs.keys() & set(followed)
        words = set(places)
        weight = sum(map(self._weighs.__getitem__, words)) + sum(map(self._pairs.__getitem__, pairs))
        return weight, sum(map(self._counts.__getitem__, words)) + len(pairs), pairs

    def _pair(self, first: str, second: str) -> int:
        return self._begins[first] * self._factor + self._begins[second]

    def _place(self, word: str) -> int:
        known = [self._weights[feature] for feature in features_of(word) if feature in self._weights]
        begin = beginning_of(word)
        entry = (sum(known), len(known), begin)
        if entry not in self._places:
            self._places[entry] = len(self._places)
            self._weighs.append(entry[0])
            self._counts.append(len(known))
            number = self._begins.get(begin, 0)  # 0: no pair
            self._first.append(number * self._factor)
            self._second.append(number)
        return self._places[entry]


WORDING = Wording.of_lists(word_lists("spam_wording"))
