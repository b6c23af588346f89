"""Judges by the wording whether a text is an offer or a request. `python -m tests.corpus.learn` has learnt the weights.

The features of a text are its words, the beginnings of words, and pairs of neighbouring words. In scripts without
spaces, they are sequences of two and three signs. A positive weight counts against a request.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from operator import add

from rfqflow.core.rules.phrases import Memory
from rfqflow.core.text.word_lists import word_lists

BEGINNING, _LONG, _LONGER = 5, 7, 8  # letters
_UNSPACED, _SYLLABLES = "\u3040", ("\u0e00", "\u0eff")  # from this sign on, signs are words; these scripts are syllabic
_READ = 1200  # words
_STEADY = 40  # neutral features that are added to the known features, so that short texts get no extreme scores
_STRONGEST = 3
_MOST_PLACES = 20_000


def features_of(word: str) -> tuple[str, ...]:
    """The features of a word. Numbers have no features."""
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
    """The feature of a word beside another word. All numbers have the same feature."""
    if word >= _UNSPACED:
        return ""
    return "0" if any(map(str.isdigit, word)) else word[:BEGINNING]


def features(read: Sequence[str]) -> Iterator[str]:
    """Yields all features of a text, in the form in which the weights are learnt."""
    for word in set(read[:_READ]):
        yield from features_of(word)
    begins = [beginning_of(word) for word in read[:_READ]]
    yield from {f"{first} {second}" for first, second in pairwise(begins)}


class Wording:
    """The weights of features, and the score of a text."""

    def __init__(self, weights: Iterable[tuple[str, float]], bias: float) -> None:
        """`weights`: pairs of a feature and its weight, each feature once."""
        self.bias = bias
        self._weights: dict[str, float] = {}
        begins: dict[str, int] = {}
        pairs: list[tuple[int, int, float]] = []
        for feature, weight in weights:
            first, is_pair, second = feature.partition(" ")
            if is_pair:
                at = begins.setdefault(first, len(begins) + 1)
                pairs.append((at, begins.setdefault(second, len(begins) + 1), weight))
            else:
                self._weights[feature] = weight
        self._begins = begins
        self._factor = len(begins) + 1
        self._pairs = {first * self._factor + second: weight for first, second, weight in pairs}
        # Words with equal weight and beginning count once, so they have the same place.
        self._places: dict[tuple[float, int, str], int] = {}
        self._weighs: list[float] = []  # by place: sum of the weights of a word's known features
        self._counts: list[int] = []  # by place: number of these features
        self._first: list[int] = []  # by place: first half of a pair, as in `_pair`
        self._second: list[int] = []
        self._known = Memory(self._place)

    @classmethod
    def of_lists(cls, lists: dict[str, str]) -> "Wording":
        """The weights in a file. Each line has a weight and the features with this weight."""
        lines = (line.partition(": ") for line in lists["weights"].split("\n"))
        listed = ((float(weight), features.split(", ")) for weight, _, features in lines)
        # Use a generator: a list of all of them would make the process larger by some megabytes.
        weights = ((feature, weight) for weight, features in listed for feature in features)
        return cls(weights, float(lists["bias"]))

    def score(self, read: Sequence[str]) -> float:
        """The logarithm of the odds that a text is not a request."""
        total, known, _ = self._sums(read)
        return self.bias + total / math.sqrt(known + _STEADY)

    def strongest(self, read: Sequence[str]) -> tuple[tuple[str, float], ...]:
        """The strongest features against a request, each with its contribution to the score."""
        _, known, pairs = self._sums(read)
        begins = list(self._begins)
        found = {
            f"{begins[pair // self._factor - 1]} {begins[pair % self._factor - 1]}": self._pairs[pair] for pair in pairs
        }
        for word in set(read[:_READ]):
            found.update((each, self._weights[each]) for each in features_of(word) if each in self._weights)
        ordered = sorted(found, key=lambda feature: (-found[feature], feature))[:_STRONGEST]
        return tuple((each, found[each] / math.sqrt(known + _STEADY)) for each in ordered if found[each] > 0)

    def _sums(self, read: Sequence[str]) -> tuple[float, int, AbstractSet[int]]:
        """The sum of the weights of known features, their number, and the pairs."""
        if len(self._weighs) >= _MOST_PLACES:
            for each in (self._known, self._places, self._weighs, self._counts, self._first, self._second):
                each.clear()
        places = list(map(self._known.__getitem__, read[:_READ]))
        followed = map(add, map(self._first.__getitem__, places), map(self._second.__getitem__, places[1:]))
        pairs = self._pairs.keys() & set(followed)
        words = set(places)
        # Use exact sums, since the order of a set depends on texts that were read before.
        weight = math.fsum(map(self._weighs.__getitem__, words)) + math.fsum(map(self._pairs.__getitem__, pairs))
        return weight, sum(map(self._counts.__getitem__, words)) + len(pairs), pairs

    def _place(self, word: str) -> int:
        known = [self._weights[feature] for feature in features_of(word) if feature in self._weights]
        begin = beginning_of(word)
        entry = (sum(known), len(known), begin)
        if entry not in self._places:
            self._places[entry] = len(self._places)
            self._weighs.append(entry[0])
            self._counts.append(len(known))
            number = self._begins.get(begin, 0)  # 0: the word is not the second of a known pair
            self._first.append(number * self._factor)
            self._second.append(number)
        return self._places[entry]


WORDING = Wording.of_lists(word_lists("spam_wording"))
