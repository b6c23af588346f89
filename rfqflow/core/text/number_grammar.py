"""How words form a number: a number before a hundred multiplies the hundred, and a smaller number after it is added.

`five and twenty` is 25 in languages with the unit first, and two numbers in others. Words that form a number in no
language, such as `two three`, are two numbers. A half belongs to the word before it (`two and a half`) or after it
(`half a dozen`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from rfqflow.core.text.number_lexicon import BY_SCORES, FRENCH, HALF_UNJOINED, UNIT_FIRST, Atom, Kind

_TEN, _TWENTY, _HUNDRED, _THOUSAND = Decimal(10), Decimal(20), Decimal(100), Decimal(1000)
_HALF = Decimal("0.5")
_DOZEN_LIKE = frozenset(map(Decimal, (12, 20, 60, 144)))
# Numbers to which 10 to 19 may be added, as in soixante-dix and quatre-vingt-onze.
_SCORES = frozenset(map(Decimal, (20, 40, 60, 80)))
_QUATRE = Decimal(4)

Found = tuple[int, int, frozenset[Decimal]]  # first atom, position after the last atom, values


@dataclass(slots=True)
class _Number:
    """The part of a number that was read so far."""

    languages: int
    closed: Decimal = Decimal(0)  # the part that is multiplied by a thousand or more
    scale: Decimal | None = None  # the last multiple of a thousand or more
    group: Decimal | None = None
    last: Decimal | None = None  # the last multiple, of which a half may follow
    joint: Kind | None = None  # what is between this number and the next word
    also: set[Decimal] = field(default_factory=set)

    def takes(self, atom: Atom) -> bool:
        if atom.kind is Kind.MULTIPLIES:
            return self._multiplied(atom.value)
        if self.joint is Kind.LINKS:
            return False
        if atom.value == _HALF and not (self.group is None and not self.closed):
            return self._and_a_half()
        return self._added(atom.value)

    def _and_a_half(self) -> bool:
        if not self.joint and not self.languages & HALF_UNJOINED:
            return False
        if self.last and self.last >= _THOUSAND and self.group is None:
            self.closed += _HALF * self.last
        else:
            self.group = (self.group or Decimal(0)) + _HALF * (self.last or 1)
        return True

    def _added(self, value: Decimal) -> bool:
        if self.group is None:
            if self.closed and (self.scale is None or value >= self.scale or value != int(value)):
                return False
            if value >= _THOUSAND:
                self.closed, self.scale = value, _THOUSAND
            else:
                self.group = value
            self.last = None
            return True
        if not self._fits(self.group % _HUNDRED, value):
            return False
        self.group += value
        self.last = None
        return True

    def _fits(self, tail: Decimal, value: Decimal) -> bool:
        if self.joint is Kind.ARTICLE or value != int(value) or self.group != int(self.group or 0):
            return False
        if value < _TEN:
            return tail % _TEN == 0 and (tail or self.group or 0) > 0
        if value == _TEN and 0 < tail < _TEN and not self.joint:
            return True
        if value < _TWENTY:
            return tail == 0 or (bool(self.languages & BY_SCORES) and tail in _SCORES)
        if value < _HUNDRED:
            if tail == _QUATRE and value == _TWENTY and self.languages & FRENCH:
                self.group = (self.group or Decimal(0)) + 4 * _TWENTY - tail - value
                return True
            unit_first = self.joint is Kind.JOINS and bool(self.languages & UNIT_FIRST)
            return tail == 0 or (tail < _TEN and unit_first)
        return False

    def _multiplied(self, factor: Decimal) -> bool:
        if factor >= _THOUSAND:
            return self._closes(factor)
        group = self.group
        if group is None:
            if self.closed and (self.scale is None or factor >= self.scale):
                return False
            self.group = factor
        elif factor == _TEN:
            unit = group % _TEN
            if unit == 0 and group % _HUNDRED:
                return False
            self.group = group - unit + (unit or 1) * _TEN
        elif factor in _DOZEN_LIKE:
            self.also |= {group} if group == int(group) else set()
            self.group = group * factor
        elif group < _HUNDRED:
            self.group = group * factor
        else:
            return False
        self.last = factor
        return True

    def _closes(self, factor: Decimal) -> bool:
        if self.closed and (self.scale is None or factor >= self.scale):
            if self.group is not None:
                return False
            self.closed *= factor  # as in a thousand millions
        else:
            self.closed += (Decimal(1) if self.group is None else self.group) * factor
        self.group, self.scale, self.last = None, factor, factor
        return True

    def values(self) -> frozenset[Decimal]:
        return frozenset({self.closed + (self.group or 0), *self.also})


class _Run:
    """A sequence of words that the grammar reads as numbers."""

    def __init__(self, languages: int, atoms: Sequence[Atom]) -> None:
        self.languages, self.atoms = languages, atoms
        self.found: list[Found] = []
        self.number: _Number | None = None
        self.start = self.end = 0
        self.before: tuple[int, int, _Number | None] = (0, 0, None)  # the state before the last addition

    @property
    def joined(self) -> bool:
        return self.number is not None and self.number.joint is Kind.JOINS

    def begins(self, position: int, number: _Number) -> None:
        self.number, self.start, self.end, self.before = number, position, position, (0, 0, None)

    def ends(self) -> None:
        if self.number is not None and self.end > self.start:
            self.found.append((self.start, self.end, self.number.values()))
        self.number = None

    def goes_on_with(self, position: int) -> int:
        """Reads the word at a position. Returns the position of the next word."""
        atom = self.atoms[position]
        if self.number is None:
            self.begins(position, _Number(self.languages))
        number = self.number
        assert number is not None  # noqa: S101 - tells the type checker
        before = replace(number, also=set(number.also))
        if number.takes(atom):
            if atom.kind is Kind.ADDS and self.end > self.start:
                self.before = (position, self.end, before)
            self.end, number.joint = position + 1, None
            return position + 1
        last, end, earlier = self.before
        if atom.kind is Kind.MULTIPLIES and earlier is not None:  # `two hundred | five hundred`
            self.number, self.end = earlier, end
            self.ends()
            return last
        stuck = self.end == self.start and self.start == position
        self.number = before
        self.ends()
        return position + 1 if stuck else position


def numbers(languages: int, atoms: Sequence[Atom], factor: Decimal | None = None) -> list[Found]:
    """The numbers in a sequence of words, each as long as the grammar allows.

    `factor`: digits directly before the words.
    """
    run = _Run(languages, atoms)
    if factor is not None:
        run.begins(0, _Number(languages, group=factor))
    position, company = 0, factor is not None
    while position < len(atoms):
        atom = atoms[position]
        if atom.kind in {Kind.JOINS, Kind.ARTICLE, Kind.LINKS}:
            if run.number is not None and not (run.number.joint and atom.kind is Kind.ARTICLE):
                run.number.joint = atom.kind
            company = company or atom.kind is Kind.ARTICLE
            position += 1
        elif atom.value == 1 and run.joined and position + 1 < len(atoms) and atoms[position + 1].value == _HALF:
            position += 1  # `zwei und eine halbe`
        elif atom.weak and not company:
            run.ends()
            position += 1
        else:
            company = True
            position = run.goes_on_with(position)
    run.ends()
    return run.found
