"""`Phrases` for lists with hundreds of phrases that begin alike: `we offer`, `we provide`, `we help`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rfqflow.core.rules.phrases import Memory, Phrases, Tail, follows

_Entry = tuple[tuple[str, ...], dict[str, list[Tail]], list[Tail]]


class Phrasebook(Phrases):
    """The same answers, found by the second word too."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        super().__init__(lists)
        self._entries = Memory(self._entry)

    def found(self, text_words: Sequence[str], folded: str) -> dict[str, int]:
        """How many different phrases of each list the text has."""
        hits: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
        last = len(text_words) - 1
        for position, entry in enumerate(map(self._entries.__getitem__, text_words)):
            if entry is None:
                continue
            word, (single, seconds, open_seconds) = text_words[position], entry
            for name in single:
                hits[name].add((word, ()))
            if position < last:
                following = seconds.get(text_words[position + 1])
                for name, tail in (*following, *open_seconds) if following else open_seconds:
                    if follows(tail, text_words, position + 1):
                        hits[name].add((word, tail))
        for name, phrase in self.anywhere(folded):
            hits[name].add((phrase, ()))
        return {name: len(different) for name, different in hits.items()}

    def _entry(self, word: str) -> _Entry | None:
        """The phrases that begin with a word, by their second; None where none does."""
        single: list[str] = []
        seconds: dict[str, list[Tail]] = defaultdict(list)
        open_seconds: list[Tail] = []
        for name, tail in self.begun_by(word):
            if not tail:
                single.append(name)
            elif tail[0].endswith("*"):
                open_seconds.append((name, tail))
            else:
                seconds[tail[0]].append((name, tail))
        return (tuple(single), dict(seconds), open_seconds) if single or seconds or open_seconds else None
