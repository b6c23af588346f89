"""The route, by weighted keywords of `ai.routes`. People change that table, so each content of it is compiled once.

A term matches without regard to case, accents and plural endings. In scripts without spaces, and in compounds of some
languages, it also matches a part of a word. Repetitions count less than the first occurrence, so that one word ten
times is weaker than five different words. Goods that the text refuses do not count.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rfqflow.core.answer import RouteShare
from rfqflow.core.records import Route
from rfqflow.core.rules.keyword_cues import (
    ASKING,
    BY_OTHERS,
    COMMON,
    ELSEWHERE,
    MADE_OF,
    NEGATION,
    OF,
    WORK,
    WORK_GOODS,
    WORK_WITH_CASE,
)
from rfqflow.core.rules.text import plainest, words

_KEYWORD = re.compile(r"(?P<term>[^^]+?)(?:\^(?P<weight>\d{1,3}(?:\.\d{1,3})?))?")
# None: the language of a short text may be unknown
_COMPOUNDING = frozenset({None, "de", "nl", "sv", "da", "no", "fi", "hu", "is", "et"})
# Least letters of a part, of a part that counts anywhere, and of the whole word.
_PART_LEAST, _PART_SURE, _WORD_LEAST = 4, 5, 9
_ENDING = 2  # most letters of an ending
_HEAD, _MODIFIER = 0.9, 0.5  # the last part of a compound names the thing, so it counts more
_REPEAT, _REPEATS = 0.35, 3
_EARLY, _EARLY_WORDS = 1.2, 40  # factor for the first words, which usually name the subject
_FIRST = 1.2  # factor for the first thing that is named
_ASKED, _ASKED_WORDS = 1.4, 12
_OTHERS, _OTHERS_WORDS = 0.4, 6
_NEGATED_WORDS = 3
_IN_THE = frozenset({"pt", "gl"})
_DESCRIBES, _MADE_OF_WORDS = 0.65, 2
# Languages in which a noun comes before its attributes.
_HEAD_FIRST = frozenset(
    {"fr", "es", "it", "pt", "ro", "ca", "gl", "ar", "fa", "he", "id", "ms", "vi", "th", "sw", "sq"}
)
_WORKED_ON, _WORKED_ON_WORDS, _OF_WORDS = 0.5, 10, 3
_READ_WORDS = 1500
_STEM_LEAST = 5  # shorter words lose only a plural s, since too many short words are similar
_SHARED = 1.4  # most that terms of several routes count together: a valve of stainless steel 316 is not a material
_ENOUGH = 0.7  # least evidence for a route
UNSURE = 0.2  # confidence of a route without any matching word
_LONGEST_PREFIX = 40  # letters; no word is longer, and trying each length of a run of 50,000 signs takes seconds
_REMEMBERED = 50_000
_TABLES = 8  # recent contents of `ai.routes`


@dataclass(frozen=True, slots=True)
class Routed:
    """The route and the evidence for it: terms with their weights, the strongest first."""

    route: str
    alternatives: tuple[RouteShare, ...]
    confidence: float
    evidence: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, so that hashing needs no call of Python code
class _Term:
    text: str
    route: int
    weight: float
    tail: tuple[str, ...] = ()
    first: str = ""  # the term as written, without a star


_Matches = tuple[tuple[_Term, float], ...]
_Hit = tuple[int, int, dict[int, tuple[float, _Term]]]  # position, number of words, and by route the strongest term


@dataclass(slots=True)
class _Index:
    slugs: tuple[str, ...]
    fallback: int
    exact: dict[str, list[_Term]] = field(default_factory=lambda: defaultdict(list))
    prefix: dict[str, list[_Term]] = field(default_factory=lambda: defaultdict(list))
    part: dict[str, list[_Term]] = field(default_factory=lambda: defaultdict(list))
    longest_part: int = 0
    known: tuple[dict[str, _Matches], dict[str, _Matches]] = field(default_factory=lambda: ({}, {}))

    def add(self, route: int, keyword: str) -> None:
        match = _KEYWORD.fullmatch(keyword.strip())
        if not match:
            return
        weight = float(match["weight"] or 1)
        pieces = [(word, False) for word in words(plainest(match["term"]))]
        starred = [word for piece in plainest(match["term"]).split() for word in _starred(piece)]
        pieces = starred or pieces
        if not pieces or not weight:
            return
        (first, open_ended), tail = pieces[0], tuple(_tail(*piece) for piece in pieces[1:])
        term = _Term(match["term"].strip(), route, weight, tail, first.removesuffix("*"))
        (self.prefix if open_ended else self.exact)[first if open_ended else stem(first)].append(term)
        if not tail and (len(first) >= _PART_LEAST or not _alphabetic(first)):
            self.part[first].append(term)
            self.longest_part = max(self.longest_part, len(first))

    def matches(self, word: str, *, compounds: bool) -> _Matches:
        """The terms that start at a word. Results are cached, since most texts use the same words."""
        known = self.known[compounds]
        if len(known) >= _REMEMBERED:
            known.clear()
        found = known[word] = tuple(self._matches(word, compounds=compounds))
        return found

    def _matches(self, word: str, *, compounds: bool) -> Iterator[tuple[_Term, float]]:
        whole = [(term, 1.0) for term in self.exact.get(stem(word), ())]
        for length in range(2, min(len(word), _LONGEST_PREFIX) + 1):
            whole += [(term, 1.0) for term in self.prefix.get(word[:length], ())]
        if word in COMMON:
            yield from ((term, factor) for term, factor in whole if term.first == word or term.first in COMMON)
            return
        yield from whole
        if not _alphabetic(word):
            yield from self._parts(word, least=1, head=1.0)
        elif compounds and len(word) >= _WORD_LEAST and not whole:
            yield from self._parts(word, least=_PART_LEAST, head=_HEAD)

    def _parts(self, word: str, *, least: int, head: float) -> Iterator[tuple[_Term, float]]:
        start = 0
        while start <= len(word) - least:
            for end in range(min(len(word), start + self.longest_part), start + least - 1, -1):
                # A short part counts only at the beginning or the end: in the middle, any four letters may match by
                # chance.
                inner = least > 1 and end - start < _PART_SURE and start > 0 and len(word) - end > _ENDING
                if (terms := self.part.get(word[start:end])) and end - start < len(word) and not inner:
                    factor = head if head == 1 or len(word) - end <= _ENDING else _MODIFIER
                    yield from ((term, factor) for term in terms)
                    start = end
                    break
            else:
                start += 1


def route(text_words: Sequence[str], language: str | None, routes: Sequence[Route]) -> Routed:
    """The route of the words, or the fallback if there is too little evidence."""
    index = _index(routes)
    if not index.slugs:
        return Routed("general", (), 0.0, ())
    weights = _weights(index, text_words[:_READ_WORDS], language)
    scores = [0.0] * len(index.slugs)
    shared = [0.0] * len(index.slugs)
    for term, weight in weights.items():
        if term.weight < 1:
            shared[term.route] += weight
        else:
            scores[term.route] += weight
    scores = [own + min(light, _SHARED) for own, light in zip(scores, shared, strict=True)]
    ranked = sorted(range(len(scores)), key=lambda number: (-scores[number], number))
    winner = ranked[0] if scores[ranked[0]] >= _ENOUGH else index.fallback
    best, total = scores[winner], sum(scores)
    second = max((score for number, score in enumerate(scores) if number != winner), default=0.0)
    alternatives = tuple(
        RouteShare(route=index.slugs[number], share=round(scores[number] / total, 3))
        for number in ranked
        if number != winner and scores[number] > 0
    )[:2]
    evidence = sorted(
        ((term.text, round(weight, 2)) for term, weight in weights.items() if term.route == winner), key=_strongest
    )
    return Routed(index.slugs[winner], alternatives, _confidence(best, second), tuple(evidence))


@lru_cache(maxsize=_REMEMBERED)
def stem(word: str) -> str:
    """A word without its plural or case ending. It is imprecise, but treats keywords and texts in the same way."""
    if len(word) < 4 or not word.isalpha():  # noqa: PLR2004 - a shorter word keeps its ending
        return word
    if word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if len(word) > _STEM_LEAST and word.endswith("en"):
        word = word[:-1]
    return word[:-1] if len(word) > _STEM_LEAST and word[-1] in "aeio" else word


def _weights(index: _Index, text_words: Sequence[str], language: str | None) -> dict[_Term, float]:
    """By term that occurs: its weight."""
    seen: dict[_Term, float] = {}
    times: dict[_Term, int] = defaultdict(int)
    named = False
    work, worker = -_WORKED_ON_WORDS - 1, frozenset[int]()  # position of the last word for work, and its routes
    hits = list(_hits(index, text_words, compounds=language in _COMPOUNDING))
    for number, (position, span, best) in enumerate(hits):
        context = _context(text_words, position, position + span, language)
        if _is_work(text_words, position, span):
            work, worker = position, frozenset(best)
        on_what = position - work <= _WORKED_ON_WORDS
        describes = _described_by(hits, number, text_words, language)
        for weight, term in best.values():
            if context and times[term] <= _REPEATS:
                factor = _WORKED_ON if on_what and term.route not in worker else 1.0
                factor *= _FIRST if not named and term.weight >= 1 else 1.0
                factor *= _DESCRIBES if describes and term.route not in describes else 1.0
                seen[term] = seen.get(term, 0.0) + weight * context * factor * (_REPEAT if times[term] else 1)
                times[term] += 1
        named = named or (context > 0 and any(weight >= 1 for weight, _ in best.values()))
    return seen


def _described_by(
    hits: Sequence[_Hit], number: int, text_words: Sequence[str], language: str | None
) -> Mapping[int, tuple[float, _Term]] | None:
    """The thing that a term only describes: `bronze` in `bronze bushes`, `bagues bronze` or `bushes in bronze`."""
    position, span, _ = hits[number]
    if number:
        before, its_span, thing = hits[number - 1]
        between = text_words[before + its_span : position]
        made_of = 1 <= len(between) <= _MADE_OF_WORDS and between[-1] in MADE_OF
        if made_of or (not between and language in _HEAD_FIRST):
            return thing
    if number + 1 < len(hits) and language not in _HEAD_FIRST and hits[number + 1][0] == position + span:
        return hits[number + 1][2]
    return None


def _hits(index: _Index, text_words: Sequence[str], *, compounds: bool) -> Iterator[_Hit]:
    """Yields where terms occur: position, number of words, and the strongest term of each route."""
    free, known = 0, index.known[compounds]
    for position, word in enumerate(text_words):
        matches = known.get(word)
        if matches is None:
            matches = index.matches(word, compounds=compounds)
        if not matches or position < free:
            continue
        hits = [
            (term, factor, 1 + len(term.tail))
            for term, factor in matches
            if not term.tail or _follows(term.tail, text_words, position + 1)
        ]
        if not hits:
            continue
        span = max(hit[2] for hit in hits)
        best: dict[int, tuple[float, _Term]] = {}
        for term, factor, length in hits:
            # A longer term replaces the terms for its words: a control valve is not a control.
            if length == span and term.weight * factor > best.get(term.route, (0.0, term))[0]:
                best[term.route] = term.weight * factor, term
        free = position + span
        yield position, span, best


def _is_work(text_words: Sequence[str], start: int, span: int) -> bool:
    """Whether a term names work and its object follows, as in maintenance of 14 doors.

    In `remont przekładni`, an ending shows the object, and there is no preposition.
    """
    end = start + span
    after = text_words[end : end + _OF_WORDS]
    named = text_words[start:end]
    if not WORK.isdisjoint(named) and any(word in OF or word.isdecimal() for word in after):
        return after[0] not in WORK_GOODS
    return bool(after) and any(word.startswith(WORK_WITH_CASE) for word in named)


def _context(text_words: Sequence[str], start: int, end: int, language: str | None) -> float:
    """The factor by which the words around a term change its weight: it is requested, refused, or already owned."""
    before = text_words[max(0, start - _ASKED_WORDS) : start]
    if not NEGATION.isdisjoint(before[-_NEGATED_WORDS:]) and _refuses(before, language):
        return 0.0
    factor = _EARLY if start < _EARLY_WORDS else 1.0
    if not ASKING.isdisjoint(before):
        factor *= _ASKED
    if not ELSEWHERE.isdisjoint(before[-_OTHERS_WORDS:]) or not BY_OTHERS.isdisjoint(
        text_words[end : end + _OTHERS_WORDS]
    ):
        factor *= _OTHERS
    return factor


def _refuses(before: Sequence[str], language: str | None) -> bool:
    """Whether one of the last words refuses.

    The `no` of `6 no.` does not refuse, and neither does the Portuguese word `no`.
    """
    first = max(0, len(before) - _NEGATED_WORDS)
    return any(
        word in NEGATION
        and not (word == "no" and (language in _IN_THE or (place > 0 and before[place - 1].isdecimal())))
        for place, word in enumerate(before)
        if place >= first
    )


def _follows(tail: tuple[str, ...], text_words: Sequence[str], start: int) -> bool:
    if start + len(tail) > len(text_words):
        return False
    for offset, want in enumerate(tail):
        word = text_words[start + offset]
        if stem(word) != want and not (want[-1] == "*" and word.startswith(want[:-1])):
            return False
    return True


def _confidence(best: float, second: float) -> float:
    """The probability that the route is right, from its share and the amount of evidence."""
    if best < _ENOUGH:
        return UNSURE
    share = best / (best + second)
    return round(_MOST / (1 + math.exp(-(_BIAS + _SHARE * share + _AMOUNT * math.log(best)))), 3)


# Fitted on texts for which the default keywords were not written. The confidence is never 1, because words can mislead.
_BIAS, _SHARE, _AMOUNT, _MOST = -4.0, 5.0, 1.5, 0.94


def _strongest(item: tuple[str, float]) -> tuple[float, str]:
    return -item[1], item[0]


def _alphabetic(word: str) -> bool:
    return word < "\u0590"


def _starred(piece: str) -> list[tuple[str, bool]]:
    found = [(word, False) for word in words(piece)]
    if found and piece.endswith("*"):
        found[-1] = (found[-1][0], True)
    return found


def _tail(word: str, open_ended: bool) -> str:
    return word + "*" if open_ended else stem(word)


_recent: dict[tuple[tuple[str, int, bool], ...], tuple[Sequence[Route], _Index]] = {}


def _index(routes: Sequence[Route]) -> _Index:
    """The compiled routes. They are found by identity, since hashing thousands of keywords takes long.

    The routes are kept with the index, since an identity is valid only while the object lives.
    """
    key = tuple((route.slug, id(route.keywords), route.fallback) for route in routes)
    known = _recent.get(key)
    if known is None:
        if len(_recent) >= _TABLES:
            _recent.clear()
        known = _recent[key] = (
            tuple(routes),
            _compiled(tuple((route.slug, tuple(route.keywords), route.fallback) for route in routes)),
        )
    return known[1]


@lru_cache(maxsize=_TABLES)
def _compiled(routes: tuple[tuple[str, tuple[str, ...], bool], ...]) -> _Index:
    fallback = next((number for number, (_, _, is_fallback) in enumerate(routes) if is_fallback), len(routes) - 1)
    index = _Index(tuple(slug for slug, _, _ in routes), fallback)
    for number, (_, keywords, _) in enumerate(routes):
        for keyword in dict.fromkeys(keywords):
            index.add(number, keyword)
    return index
