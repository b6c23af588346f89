"""`Phrases` for lists with hundreds of phrases that begin alike: `we offer`, `we provide`, `we help`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rfqflow.core.rules.phrases import Phrases

_Tails = list[tuple[str, tuple[str, ...]]]
_Entry = tuple[tuple[str, ...], dict[str, _Tails], _Tails]
_REMEMBERED = 20_000
_UNSPACED = "\u0590"  # from here on scripts without spaces, whose phrases are looked for anywhere


class Phrasebook(Phrases):
    """The same answers, found by the second word too."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        super().__init__(lists)
        self._entries: dict[str, _Entry] = {}

    def found(self, text_words: Sequence[str], folded: str) -> dict[str, int]:
        """How many different phrases of each list the text has."""
        hits: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
        entries = self._entries
        last = len(text_words) - 1
        for position, word in enumerate(text_words):
            entry = entries.get(word) or self._enter(word)
            if entry is _NOTHING:
                continue
            single, seconds, open_seconds = entry
            for name in single:
                hits[name].add((word, ()))
            if position < last:
                for name, tail in (*seconds.get(text_words[position + 1], ()), *open_seconds):
                    if _follows(tail, text_words, position + 1):
                        hits[name].add((word, tail))
        if not folded.isascii() and max(folded) >= _UNSPACED:
            for name, phrase in self._anywhere:
                if phrase in folded:
                    hits[name].add((phrase, ()))
        return {name: len(different) for name, different in hits.items()}

    def _enter(self, word: str) -> _Entry:
        if len(self._entries) >= _REMEMBERED:
            self._entries.clear()
        single: list[str] = []
        seconds: dict[str, _Tails] = defaultdict(list)
        open_seconds: _Tails = []
        for name, tail in self._remember(word):
            if not tail:
                single.append(name)
            elif tail[0].endswith("*"):
                open_seconds.append((name, tail))
            else:
                seconds[tail[0]].append((name, tail))
        entry = (tuple(single), dict(seconds), open_seconds) if single or seconds or open_seconds else _NOTHING
        self._entries[word] = entry
        return entry


_NOTHING: _Entry = ((), {}, [])


def _follows(tail: tuple[str, ...], text_words: Sequence[str], start: int) -> bool:
    if start + len(tail) > len(text_words):
        return False
    return all(
        want == word or (want[-1] == "*" and word.startswith(want[:-1]))
        for want, word in zip(tail, text_words[start : start + len(tail)], strict=True)
    )
