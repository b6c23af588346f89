"""The known words for numbers by language, and the detection of a text's languages.

A word for a number in one language may be a common word of another (`sei`, `on`, `once`). So a short word counts only
if common words around it belong to its language, or if no language is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from rfqflow.core.text.word_lists import word_lists


class Kind(Enum):
    """What a word does in its number."""

    ADDS = "adds"
    MULTIPLIES = "multiplies"
    JOINS = "joins"
    ARTICLE = "article"
    LINKS = "links"


@dataclass(frozen=True, slots=True)
class Atom:
    """One part of a number in words. A weak part counts only after another number or an article."""

    kind: Kind
    value: Decimal = Decimal(0)
    weak: bool = False


Reading = tuple[int, tuple[Atom, ...]]  # a set of languages as bits, and the word's meanings in these languages
_SIGNS = {"+": Atom(Kind.JOINS), "_": Atom(Kind.ARTICLE), "~": Atom(Kind.LINKS)}


def _atom(value: str) -> Atom:
    if value in _SIGNS:
        return _SIGNS[value]
    bare = value.lstrip("?")
    kind = Kind.MULTIPLIES if bare.startswith("*") else Kind.ADDS
    return Atom(kind, Decimal(bare.lstrip("*")), weak=bare != value)


_LISTS = word_lists("numbers")
_LITTLE_LISTS = word_lists("number_languages")
EVERYDAY = frozenset(_LITTLE_LISTS.pop("everyday").split())
BOTH = frozenset(_LITTLE_LISTS.pop("both").split())  # words for both, which do not state a number of requested goods
NO_DUAL = frozenset(_LITTLE_LISTS.pop("no_dual").split())
LANGUAGES = tuple(_LISTS)
_BIT = {language: 1 << place for place, language in enumerate(LANGUAGES)}
EVERY = (1 << len(LANGUAGES)) - 1


def bits(languages: str) -> int:
    """The languages in a list, as bits."""
    return sum(_BIT[language] for language in languages.split())


def _table() -> dict[str, tuple[Reading, ...]]:
    found: dict[str, dict[Atom, int]] = {}
    for language, entries in _LISTS.items():
        for entry in entries.replace("\n", ",").split(","):
            value, *words = entry.split()
            atom = _atom(value)
            for word in words:
                readings = found.setdefault(word, {})
                readings[atom] = readings.get(atom, 0) | _BIT[language]
    return {word: tuple((mask, (atom,)) for atom, mask in atoms.items()) for word, atoms in found.items()}


WORDS = _table()
LONGEST = max(map(len, WORDS))
SHORT = 4  # letters; a word that is so short is a common word in some language
# Languages that write a number as one word with several parts, and the beginnings and ends of such words.
COMPOUNDING = bits("de nl af lb sv da no is fo fi et hu it cs sk sl hr ro tr az el en lt lv es pt hy ka bg ru uk ca id")
_FIRST, _LAST = 3, 2  # letters at the beginning and at the end that are compared
_MINE = [word for word, readings in WORDS.items() if any(mask & COMPOUNDING for mask, _ in readings)]
_BEGINNINGS = frozenset(word[:_FIRST] for word in _MINE)
_ENDINGS = frozenset(word[-_LAST:] for word in _MINE)


def may_be_compound(word: str) -> bool:
    """Whether a word may consist of several parts."""
    return (
        len(word) > SHORT + 1
        and (word[:_FIRST] in _BEGINNINGS or word[: _FIRST - 1] in _BEGINNINGS)
        and word[-_LAST:] in _ENDINGS
    )


# In some languages the unit is first, as in `fünfundzwanzig`. A word such as `buçuk` needs no word like `and` before
# it.
UNIT_FIRST = bits("de nl af lb da no ar cs sk sl fo")
HALF_UNJOINED = bits("tr vi az")
FRENCH = bits("fr")
BY_SCORES = bits("fr ka eu")

_LITTLE: dict[str, int] = {}
for _source in (word_lists("languages"), _LITTLE_LISTS):
    for _language, _words in _source.items():
        for _word in _words.split():
            _LITTLE[_word] = _LITTLE.get(_word, 0) | _BIT.get(_language, 0)
_OF_LANGUAGE = {word: tuple(bit for bit in _BIT.values() if mask & bit) for word, mask in _LITTLE.items()}
_ENOUGH = 1.5  # common words of a language; a word of several languages counts in part for each
# Share of the best language's score from which another language counts, since a text may have two languages.
_SHARE = 0.5


def little(word: str) -> tuple[int, ...]:
    """The languages, one bit each, in which a normalized word is a common word."""
    return _OF_LANGUAGE.get(word, ())


def spoken_by(found: Iterable[tuple[int, ...]]) -> int:
    """The languages of these common words, as bits. `found`: by word, its languages. 0: the languages are unknown."""
    scores: dict[int, float] = {}
    for languages in found:
        for bit in languages:
            scores[bit] = scores.get(bit, 0) + 1 / len(languages)
    best = max(scores.values(), default=0)
    return sum(bit for bit, score in scores.items() if best >= _ENOUGH and score >= _SHARE * best)
