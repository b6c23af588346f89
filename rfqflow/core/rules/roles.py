"""The words of a text by their role, with their positions: the name of a machine, a directive, a field.

One look at each word shows which roles a text may contain. Phrases are compared only if a text may contain enough
roles.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from sys import intern

from rfqflow.core.rules.phrases import Memory
from rfqflow.core.rules.text import listed, plainest
from rfqflow.core.text.sanitize import visible

_LONGEST_PREFIX = 40  # letters
# from this character on, phrases are searched everywhere, since endings and particles are joined to words
_UNSPACED = "\u0590"
_ANY_UNSPACED = re.compile("[\u0590-\u1fff\u3040-\uffff]")
_WORD = re.compile("[^\\W_\u3040-\u9fff\uac00-\ud7af]+|[\u3040-\u9fff]+|[\uac00-\ud7af]+")
_FREQUENT = listed(
    "a all an and anything are as been before by every everything for free from have if in is it machine mail email"
    " message new not of on only out read received reply system take that the this to us want we were what which will"
    " with write you your vous si du please could would can our price order delivery company"
    " business contact send quote offer parts need time"
)
_SCRIPT_BITS = 7  # 128 code points
_CJK = 0x3040 >> _SCRIPT_BITS
_FIRST_BLOCK = ord(_UNSPACED) >> _SCRIPT_BITS


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase in a text: its words from `start` until before `end`, its role, and its languages as bits."""

    start: int
    end: int
    role: int
    languages: int


_Entry = tuple[tuple[str, ...], int, int, int]  # words, number of the word that finds the phrase, role, languages


Foreign = Mapping[int, Sequence[tuple[str, int, int]]]  # phrases by script


class Roles:
    """Phrases by role and language. Each role is a bit. A star at the end of a word allows any ending.

    A phrase is found by its longest rare word, which few texts contain.
    """

    def __init__(self, lists: Iterable[tuple[str, int, str]]) -> None:
        """`lists`: each has a language (or empty), the bit of a role, and phrases separated by commas and line ends."""
        phrases: defaultdict[tuple[str, int], int] = defaultdict(int)
        languages: dict[str, int] = {}
        for language, role, text in lists:
            bit = languages.setdefault(language, 1 << len(languages))
            for phrase in text.replace("\n", ",").split(","):
                if phrase.strip():
                    phrases[plainest(visible(phrase.strip())), role] |= bit
        self._exact: defaultdict[str, list[_Entry]] = defaultdict(list)
        self._open: defaultdict[str, list[_Entry]] = defaultdict(list)
        self._anywhere: defaultdict[int, list[tuple[str, int, int]]] = defaultdict(list)
        self._known = Memory(self._entries)
        self._masks = Memory(self._mask)
        for (phrase, role), spoken in phrases.items():
            self._add(phrase, role, spoken)

    def _add(self, phrase: str, role: int, languages: int) -> None:
        foreign = _ANY_UNSPACED.search(phrase)
        if foreign:
            self._anywhere[_script(ord(foreign[0]) >> _SCRIPT_BITS)].append((phrase, role, languages))
            return
        pieces = tuple(
            intern(word + ("*" if piece.endswith("*") else ""))  # many phrases have the same words
            for piece in phrase.split()
            for word in _WORD.findall(piece)
        )
        anchor = max(range(len(pieces)), key=lambda at: (pieces[at] not in _FREQUENT, len(pieces[at])))
        index, word = (
            (self._open, pieces[anchor][:-1]) if pieces[anchor].endswith("*") else (self._exact, pieces[anchor])
        )
        index[word].append((pieces, anchor, role, languages))

    def foreign(self, folded: str) -> Foreign:
        """By script: the phrases that a text contains. Only these are searched in its parts."""
        return {
            script: [entry for entry in self._anywhere.get(script, ()) if entry[0] in folded]
            for script in _scripts(folded)
        }

    def mask(self, words: Collection[str], folded: str, among: Foreign | None = None) -> int:
        """The roles that a text may contain, by the words that find phrases.

        `among`: the result of `foreign` for a text that contains this one.
        """
        mask = 0
        for known in set(map(self._masks.__getitem__, words)):
            mask |= known
        for _, role, _ in self._found(folded, among):
            mask |= role
        return mask

    def exact_mask(self, words: list[str], folded: str, among: Foreign) -> int:
        """The roles that a text contains. Each phrase is compared in full."""
        mask = 0
        known = list(map(self._known.__getitem__, words))
        for position, entries in compress(enumerate(known), known):
            for pieces, anchor, role, _ in entries:
                if not mask & role and (not pieces[1:] or _stands(pieces, words, position - anchor)):
                    mask |= role
        return mask | self.mask((), folded, among)

    def cues(self, folded: str, among: Foreign | None = None) -> list[Cue]:
        """All phrases of a text, in the order of the text."""
        found = []
        words = _WORD.findall(folded)
        for position, entries in enumerate(map(self._known.__getitem__, words)):
            for pieces, anchor, role, languages in entries:
                start = position - anchor
                if not pieces[1:] or _stands(pieces, words, start):
                    found.append(Cue(start, start + len(pieces), role, languages))
        starts: list[int] = []
        for phrase, role, languages in self._found(folded, among):
            starts = starts or [match.start() for match in _WORD.finditer(folded)]
            at = folded.find(phrase)
            first, last = bisect_right(starts, at) - 1, bisect_right(starts, at + len(phrase) - 1)
            found.append(Cue(max(first, 0), last, role, languages))
        found.sort(key=lambda cue: cue.start)
        return found

    def _found(self, folded: str, among: Foreign | None) -> Iterable[tuple[str, int, int]]:
        if folded.isascii():
            return
        phrases = map(self._anywhere.get, _scripts(folded)) if among is None else among.values()
        for entries in phrases:
            for entry in entries or ():
                if entry[0] in folded:
                    yield entry

    def _mask(self, word: str) -> int:
        mask = 0
        for _, _, role, _ in self._known[word]:
            mask |= role
        return mask

    def _entries(self, word: str) -> tuple[_Entry, ...]:
        """The phrases that a word finds."""
        found = list(self._exact.get(word, ()))
        for length in range(2, min(len(word), _LONGEST_PREFIX) + 1):
            found += self._open.get(word[:length], ())
        return tuple(found)


def _scripts(folded: str) -> set[int]:
    if folded.isascii() or not _ANY_UNSPACED.search(folded):
        return set()
    blocks = {ord(sign) >> _SCRIPT_BITS for sign in set(folded)}
    return {_script(block) for block in blocks if block >= _FIRST_BLOCK}


def _script(block: int) -> int:
    """The script of a block of 128 characters. Chinese and Japanese count as one script."""
    return _CJK if _CJK <= block < 0xA000 >> _SCRIPT_BITS else block if block < 0xAC00 >> _SCRIPT_BITS else 0xAC00


def _stands(pieces: tuple[str, ...], words: list[str], start: int) -> bool:
    if start < 0 or start + len(pieces) > len(words):
        return False
    for at, want in enumerate(pieces, start):
        if want != words[at] and not (want[-1] == "*" and words[at].startswith(want[:-1])):
            return False
    return True


def bits(names: Iterable[str]) -> Mapping[str, int]:
    """A bit for each name."""
    return {name: 1 << number for number, name in enumerate(names)}
