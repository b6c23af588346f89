"""Finds the items that a message cancels, in its own list or in an earlier request."""
# ruff: noqa: RUF001 - signs of many languages are what this module is about

import re
from collections.abc import Iterator
from itertools import islice

from rfqflow.core.rules.text import plainest

# The patterns match normalized text.
_CANCELS = re.compile(
    r"\b(?:leave out|left out|cancel(?:led|ed)?|(?:no longer|not|don't|do not) (?:be )?(?:need(?:ed)?|required?|wanted)"
    r"|drop (?:the|item|pos|line)|strike (?:out|off|the)|entfall\w*|streichen sie|bitte streichen|gestrichen"
    r"|(?:brauchen|benotigen) (?:wir )?(?:doch )?nicht|nicht mehr (?:benotigt|gebraucht|notig)|weglassen"
    r"|annul\w+|supprim\w+|plus besoin|anula\w*|cancelar|cancelad\w+|ya no (?:hace|hacen|necesit\w+)|quitar"
    r"|non serv\w+ piu|eliminare|schrapp?en|geschrapt|vervalt|vervallen|niet meer nodig|rezygn\w*"
    r"|nie potrzeb\w*|bez pozycji|utgar|udgar|bortfaller|bortfalder|iptal|zrus\w+|odpada\w*|torol\w+|elmarad\w*"
    r"|renunt\w+|otkaz\w+|nu mai|ei tarvita|peruuta\w*)\b|отмен\w+|не нуж\w+|не потріб\w+|отказ\w+|скасу\w+|取消|不要了"
    r"|不需要|キャンセル|不要です|취소|필요 ?없|الغاء|لا نحتاج|ยกเลิก|ไม่ต้องการ"
)
_CLAUSE = re.compile(r"[,;:()]|\.\s|\s[-–—]{1,2}\s")
_PLACE = re.compile(
    r"\b(?:items?|pos\w*|poz\w*|punkt\w*|line|zeile|partida|riga|regel|poste|nr|no)\.?\s*(?P<number>\d{1,3})\b"
)
_WORD = re.compile(r"[^\W\d_]{4,}")
# Letters that all inflected forms of a word have in common, and letters that may differ at the end.
_LEAST, _ENDING = 4, 3
_MOST_WORDS = 200
_NAMES = 4  # words at the beginning of a description that may be the name of the thing


class Cancelled:
    """The items that the lines of a message cancel."""

    def __init__(self, body: str) -> None:
        self._clauses: list[str] = []
        folded = plainest(body)
        if _CANCELS.search(folded):
            for line in folded.split("\n"):
                self._clauses += [clause for clause in _clauses(line) if _CANCELS.search(clause)]
        words = (word for clause in self._clauses for word in _WORD.findall(_CANCELS.sub(" ", clause)))
        self._words = frozenset(islice(words, _MOST_WORDS))
        self._places = {match["number"] for clause in self._clauses for match in _PLACE.finditer(clause)}

    def __bool__(self) -> bool:
        return bool(self._clauses)

    def takes_back(self, description: str, sentence: str, start: int, place: str) -> bool:
        """Whether an item is cancelled: in its own clause, by its position in the list, or elsewhere by its name."""
        if not self._clauses:
            return False
        if place and place in self._places:
            return True
        folded = plainest(sentence)
        if len(folded) == len(sentence) and (
            _CANCELS.search(_clause_at(folded, start)) or _CANCELS.search(folded[:start].partition(":")[0])
        ):
            return True
        return any(
            _same(word, other) for word in _WORD.findall(plainest(description))[:_NAMES] for other in self._words
        )


def _same(word: str, other: str) -> bool:
    """Whether both words are equal except for their endings."""
    shared = min(len(word), len(other))
    return (
        abs(len(word) - len(other)) <= _ENDING
        and word[: max(_LEAST, shared - _ENDING)] == other[: max(_LEAST, shared - _ENDING)]
    )


def _clauses(line: str) -> Iterator[str]:
    """Yields the clauses of a line.

    A clause that refers to the previous clause is joined with it: `not required: transmitters`.
    """
    pieces = _CLAUSE.split(line)
    for number, piece in enumerate(pieces):
        follows = pieces[number + 1] if number + 1 < len(pieces) and f"{piece}:" in line else ""
        yield f"{piece} {follows}"


def _clause_at(folded: str, start: int) -> str:
    begin = max((match.end() for match in _CLAUSE.finditer(folded, 0, start)), default=0)
    end = _CLAUSE.search(folded, start)
    return folded[begin : end.start() if end else len(folded)]
