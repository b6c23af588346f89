"""Numbers in words, with their positions. The words of a text are looked up, and sequences of them are read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from rfqflow.core.text.number_digits import before as digits_before
from rfqflow.core.text.number_grammar import numbers
from rfqflow.core.text.number_lexicon import (
    COMPOUNDING,
    EVERY,
    EVERYDAY,
    LANGUAGES,
    LONGEST,
    NO_DUAL,
    SHORT,
    WORDS,
    Atom,
    Kind,
    Reading,
    bits,
    little,
    may_be_compound,
    spoken_by,
)
from rfqflow.core.text.sanitize import fold

Words = tuple[frozenset[Decimal], int, int]

# Letters, and marks on letters, which in some scripts do not count as letters.
_WORD = re.compile(
    r"[^\W\d_]++(?:(?:['\u2019\u02bc](?=[\u0400-\u04ff])"
    r"|[\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff])++[^\W\d_]*+)*+"
)
_WORD_ASCII = re.compile("[A-Za-z]+")
_GAP = re.compile(r"[ \u00a0\u00ad\u2009\u202f\u200b-]{1,2}")
# without its accents, a Vietnamese word is another word
_VIETNAMESE = re.compile("[\u01a1\u01b0\u1ea0-\u1ef9]", re.IGNORECASE)
_ARABIC = re.compile(r"[\u0621-\u064a]")
_TOLD = 600  # words from which the language of a text is derived
_MOST_WORDS = 20_000
_MOST_DIFFERENT = 4_000  # different words that are looked up; a text with more is not a request
_LONG = 10  # letters
_MOST_LONG = 600
_LONGEST_WORD = 48
_LONGEST_RUN = 16
_MOST_NUMBERS = 2_000
_READINGS = 4
_PREFIXES = {
    "\u0648": True,
    "\u05d5": True,
    **dict.fromkeys("\u0628\u0644\u0641\u0643\u05d1\u05dc\u05db\u05d4\u05de", False),
}
_SHORTEST_AFTER_PREFIX = 2
_MILLION = 1_000_000  # a million is no part of a word: `millionen` is not a million and `en`
_AND = Atom(Kind.JOINS)
_ONE = Atom(Kind.ADDS, Decimal(1))
_HALF = Atom(Kind.ADDS, Decimal("0.5"))
_ARTICLES = frozenset(("a", "an"))
_THING = re.compile(r"(?:([^\W\d_]+) )?([^\W\d_]+)\.? $")

# The Arabic dual: one word for two of a thing (`مضختين`). Other words may have the same ending.
_DUAL = re.compile("(?<![\u0621-\u064a])[\u0621-\u064a]{2,}(?:\u064a\u0646|\u0627\u0646)")
_FEMININE_DUAL = ("\u062a\u064a\u0646", "\u062a\u0627\u0646")
_VERBAL_NOUN = re.compile("(?:ال|لل|و|ب|ل|بال)?ت[\u0621-\u064a]{2}ين")
_TWO = frozenset({Decimal(2)})


def plain(word: str) -> str:
    """A word in the form in which it is looked up."""
    return fold(word).replace("'", "").replace("\u02bc", "").replace("\u00ad", "")


def said(text: str, language: str | None = None) -> Iterator[Words]:
    """Yields all numbers in words, alone or after digits (`3 dozen`, `2,5 Mio`).

    `language`: the language of the text, if it is known.
    """
    words = _different(text)
    known = {word: seen for word in words if (seen := _seen(word)).readings}
    if any(seen.says for seen in known.values()):
        spoken = bits(language) if language in LANGUAGES else _spoken(words)
        found = (match for match in islice(_words_of(text).finditer(text), _MOST_WORDS) if match[0] in known)
        yield from islice(_of_runs(text, found, known, spoken), _MOST_NUMBERS)


def languages_of(text: str) -> int:
    """The languages of the common words of a text, as bits."""
    return _spoken(_different(text))


def _words_of(text: str) -> re.Pattern[str]:
    return _WORD_ASCII if text.isascii() else _WORD


def _different(text: str) -> list[str]:
    """The different words of a text. Long words take long to read, so their number is limited."""
    words = list(islice(dict.fromkeys(_words_of(text).findall(text)), _MOST_DIFFERENT))
    if len(words) > _MOST_LONG:
        long = [word for word in words if len(word) > _LONG]
        words = [word for word in words if len(word) <= _LONG] + long[:_MOST_LONG]
    return words


def _spoken(words: list[str]) -> int:
    return spoken_by(languages for word in words[:_TOLD] if (languages := _seen(word).little))


@dataclass(frozen=True, slots=True)
class _Seen:
    """The meanings of a word."""

    readings: tuple[Reading, ...]
    says: bool  # whether it is more than a word like `and` or an article
    little: tuple[int, ...]  # the languages in which it is a common word, one bit each


@lru_cache(maxsize=16_384)
def _seen(word: str) -> _Seen:
    folded = plain(word)
    readings = _readings(word, folded)
    says = any(atom.kind in _SAYS for _, atoms in readings for atom in atoms)
    return _Seen(readings, says, little(folded) or (() if word.isascii() else little(word.casefold())))


def _readings(word: str, folded: str) -> tuple[Reading, ...]:
    if not word.isascii() and _VIETNAMESE.search(word):
        return WORDS.get(word.casefold(), ())
    found = WORDS.get(folded, ())
    if not word.isascii() and (accented := WORDS.get(word.casefold())) is not None and accented is not found:
        found = (*found, *accented)  # Vietnamese
    if word != folded and word[0] not in folded and word in WORDS:
        found = (*found, *WORDS[word])
    if may_be_compound(folded):
        known = sum(mask for mask, _ in found)
        found = (*found, *((mask & ~known, atoms) for mask, atoms in parts(folded) if mask & ~known))
    if found:
        return found
    if folded[:1] in _PREFIXES and len(folded) > _SHORTEST_AFTER_PREFIX:
        joins = _PREFIXES[folded[0]]
        return tuple((mask, (_AND, *atoms) if joins else atoms) for mask, atoms in WORDS.get(folded[1:], ()))
    return ()


def parts(word: str) -> tuple[Reading, ...]:
    """The parts of a word that is a number (`fünfundzwanzig` is 5 and 20), by language."""
    if len(word) > _LONGEST_WORD:
        return ()
    tails: dict[int, list[Reading]] = {len(word): [(COMPOUNDING, ())]}
    for start in range(len(word) - 1, -1, -1):
        here: list[Reading] = []
        for end in range(min(len(word), start + LONGEST), start, -1):
            if end in tails and (heads := WORDS.get(word[start:end])):
                here += [
                    (head & tail, (*atoms, *rest))
                    for head, atoms in heads
                    for tail, rest in tails[end]
                    if head & tail and atoms[0].value < _MILLION and not (start == 0 and atoms[0].kind is Kind.JOINS)
                ]
        if here:
            tails[start] = here[:_READINGS]
    return tuple(
        (mask, atoms) for mask, atoms in tails.get(0, ()) if len(numbers(mask, atoms)) == 1 and atoms[-1].kind in _SAYS
    )


_SAYS = frozenset((Kind.ADDS, Kind.MULTIPLIES))


def _of_runs(text: str, found: Iterable[re.Match[str]], known: Mapping[str, _Seen], spoken: int) -> Iterator[Words]:
    """Yields the numbers of words that have only a space or a hyphen between them."""
    run: list[re.Match[str]] = []
    last: Words | None = None
    for match in (*found, None):
        if run and (
            match is None or len(run) >= _LONGEST_RUN or not _GAP.fullmatch(text, run[-1].end(), match.start())
        ):
            if any(known[word[0]].says for word in run):
                for values, first, end in _of_run(text, run, spoken, last):
                    last = values, run[first].start(), run[end - 1].end()
                    yield last
            run = []
        if match is not None:
            run.append(match)


def _of_run(text: str, run: list[re.Match[str]], spoken: int, last: Words | None) -> Iterator[Words]:
    start = run[0].start()
    factors: tuple[Decimal, ...] = ()
    if (
        text[start - 1 : start].isdecimal()
        or text[max(0, start - 2) : start - 1].isnumeric()
        or text[start - 1 : start].isnumeric()
    ):
        factors = digits_before(text, start)
    words = tuple(match[0] for match in run)
    yield from _read(words, spoken, factors)
    if len(run) > 1 and _begins_with_and_a_half(words):
        yield from _and_a_half(text, run, last)


@lru_cache(maxsize=256)
def _begins_with_and_a_half(words: tuple[str, ...]) -> bool:
    atoms = [{atom for _, said in _seen(word).readings for atom in said} for word in words[:3]]
    return _AND in atoms[0] and any(_HALF in said for said in atoms[1:])


def _and_a_half(text: str, run: list[re.Match[str]], last: Words | None) -> Iterator[Words]:
    """Yields numbers whose unit is before a half, as in `a ton and a half` and `2 tonnes et demie`."""
    thing = _THING.search(text[max(0, run[0].start() - _LONGEST_WORD) : run[0].start()])
    if not thing:
        return
    before = run[0].start() - (thing.end() - thing.start(2))
    values = digits_before(text, before)
    if not values and last and before - 1 <= last[2] <= before:
        values = tuple(last[0])
    elif not values and thing[1] and thing[1].casefold() in _ARTICLES:
        values = (Decimal(1),)
    for value in values:
        yield frozenset({value + _HALF.value}), 0, min(len(run), 3)


@lru_cache(maxsize=4096)
def _read(words: tuple[str, ...], spoken: int, factors: tuple[Decimal, ...]) -> tuple[Words, ...]:
    """The numbers of a sequence of words, in each language that has all the words."""
    found: list[Words] = []
    begin = 0
    while begin < len(words):
        ways: list[_Way] = [(EVERY, [])]
        end = begin
        while end < len(words):
            longer = [
                (mask & languages, [*sofar, *((end, atom) for atom in atoms)])
                for mask, sofar in ways
                for languages, atoms in _seen(words[end]).readings
                if mask & languages
            ][:_READINGS]
            if not longer:
                break
            ways, end = longer, end + 1
        here = any(mask & spoken for mask, _ in ways)
        for mask, way in ways:
            if not here or mask & spoken:
                found += _believed(words, way, mask, spoken, factors)
        begin, factors = end, ()
    return tuple(found)


_Way = tuple[int, list[tuple[int, Atom]]]


def _believed(
    words: tuple[str, ...], way: list[tuple[int, Atom]], mask: int, spoken: int, factors: tuple[Decimal | None, ...]
) -> Iterator[Words]:
    atoms = [atom for _, atom in way]
    lead = next((atom for atom in atoms if atom.kind in _SAYS), None)
    multiplies = lead is not None and (
        lead.value < 1 or (lead.kind is Kind.MULTIPLIES and atoms[0].kind is not Kind.JOINS)
    )
    if multiplies and factors and lead is not None and lead.value < 1:
        factors = (*factors, None)  # also without the digits: `a valve DN25 and half a dozen filters`
    for factor in factors if multiplies and factors else (None,):
        for first, end, values in numbers(mask, atoms, factor):
            announced = first > 0 and (atoms[first - 1].kind is Kind.ARTICLE or atoms[first - 1] == _ONE)
            begin, stop = way[first][0], way[end - 1][0] + 1
            alone = stop - begin == 1 and not announced
            if not alone or _sure(words[begin], mask, spoken, counted=factor is not None):
                yield values, begin, stop


def _sure(word: str, mask: int, spoken: int, *, counted: bool) -> bool:
    """Whether a single word is a number, and not a common word of another language."""
    if mask & spoken:
        return True
    if spoken:
        return len(word) > SHORT and plain(word) not in EVERYDAY
    return counted or not word.isascii() or plain(word) not in EVERYDAY


def duals(text: str) -> Iterator[Words]:
    """Yields the number two for each Arabic dual."""
    if text.isascii() or not _ARABIC.search(text):
        return
    for match in islice(_WORD.finditer(text), _MOST_DIFFERENT):
        word = plain(match[0])
        bare = word.removeprefix("\u0648").removeprefix("\u0627\u0644")
        if bare is not word and not bare.endswith(_FEMININE_DUAL):
            continue  # with an article, it is usually a plural
        if (
            len(bare) > SHORT
            and _DUAL.fullmatch(bare)
            and word not in WORDS
            and bare not in WORDS
            and bare not in NO_DUAL
            and not _VERBAL_NOUN.fullmatch(bare)
        ):
            yield _TWO, match.start(), match.end()
