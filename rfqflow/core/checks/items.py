"""The checks of one line item: its quantity, part number, unit, and copied texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rfqflow.core.answer import FactVerdict
from rfqflow.core.cached import cached
from rfqflow.core.checks.mentions import NEVER_A_QUANTITY, Kind, Mention
from rfqflow.core.checks.source import DOTTED, scanned, squashed
from rfqflow.core.checks.standing import STEM, counts_packs, has_unit, is_position, place_of, stands_alone, stands_whole
from rfqflow.core.rules.text import plainest
from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.thread import Part
from rfqflow.core.text.units import COUNTS, MEASURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfqflow.core.answer import LineItem
    from rfqflow.core.checks.source import Source, SourceLine
    from rfqflow.core.lists import ListedItem

_REVISION_MARK = re.compile(r"^(?:rev(?:ision)?|index|stand|indice|ind|ver(?:sion)?)\W*")
_FAR = 10_000
_SCANNED = 4  # least length of a code that may equal another one after a scan has confused letters and digits
_ONE = frozenset({Decimal(1)})  # in many languages, the word for one is also an article
_MOST_ON_A_LINE = 50
_SMALLER, _LONGEST_CONVERTED = (10, 100, 1000), 12
_BESIDE = 12  # most characters between a number and what it counts
_DIGITS, _WORDS, _PIECES = re.compile(r"\d"), re.compile(r"\w+"), re.compile(r"[^\W\d_]+|\d+")
_NAME, _TIMES = re.compile(r"[^\W\d_]{3,}"), re.compile(r"\s?[x\xd7*]\s?")


@dataclass(frozen=True, slots=True)
class Found:
    """A verdict. If the fact is not verified, it has a code for the reason."""

    verdict: FactVerdict
    why: str | None = None


VERIFIED = Found(FactVerdict.VERIFIED)


def unverified(why: str) -> Found:
    return Found(FactVerdict.UNVERIFIED, why)


def contradicted(why: str) -> Found:
    return Found(FactVerdict.CONTRADICTED, why)


class ItemChecks:
    """The checks of one item.

    `citing`: by line number, the items that cite the line. `rows`: by line number, the row of a clear list.
    """

    def __init__(
        self,
        item: LineItem,
        source: Source,
        citing: Mapping[int, Sequence[LineItem]],
        rows: Mapping[int, ListedItem],
    ) -> None:
        self._item = item
        self._source = source
        self._citing = citing
        found = [rows[line] for line in item.lines if line in rows]
        self._row = found[0] if found and all(row is found[0] for row in found) else None
        self._cited = source.at(item.lines)
        self._unit = plainest(item.unit or "").rstrip(".")

    @cached
    def _near(self) -> list[SourceLine]:
        """The lines that may be about the item: cited lines and their neighbours, or without a citation all lines."""
        return self._source.near(self._item.lines, self._is_taken) if self._cited else self._source.anywhere()

    def _is_taken(self, number: int) -> bool:
        """Whether other items cite the line, and this item does not."""
        return number in self._citing and number not in self._item.lines

    def _others(self, line: SourceLine) -> list[LineItem]:
        """The other items that cite this line."""
        return [other for other in self._citing.get(line.line.number, ()) if other is not self._item]

    # -- quantity ------------------------------------------------------------------------------------------------------

    def quantity(self, value: Decimal) -> Found:
        """Whether the text asks for this quantity."""
        if self._row is not None and self._row.quantity is not None:
            stated = (self._row.quantity, self._row.quantity_max)
            return VERIFIED if value in stated else contradicted("another_column")
        here = [(line, mention) for line in self._cited for mention in line.mentions if value in mention.values]
        good = [(line, mention) for line, mention in here if self._may_count(mention, line)]
        in_words = not good
        if in_words:
            worded = [(line, m) for line in self._cited for m in line.worded if value in m.values and value > 1]
            good = [(line, mention) for line, mention in worded if self._may_count(mention, line)]
            here += worded
        if good:
            if all(line.line.part is Part.QUOTED for line, _ in good) and self._source.has_request:
                return unverified("quoted")  # the newest message may refer to a quoted one, as in "as below"
            swapped = self._swapped(value, good)
            return swapped or (VERIFIED if in_words else self._doubt(value, good))
        if value == 1:  # a request such as "a pump" needs no number
            return unverified("singular") if self._has_rival(value) else VERIFIED
        if not here and any(value in line.numbers for line in self._cited):
            return VERIFIED  # the text has the number in words, or in another script
        if not self._cited:
            return self._quantity_anywhere(value)
        return self._quantity_not_cited(value, here)

    def _quantity_not_cited(self, value: Decimal, here: Sequence[tuple[SourceLine, Mention]]) -> Found:
        rival = self._has_rival(value)
        if here:  # the cited line has the number, but with another meaning
            kinds = {Kind.CODE if self._is_in_code(mention, line) else mention.kind for line, mention in here}
            if kinds <= NEVER_A_QUANTITY:
                return contradicted("not_a_quantity") if rival else unverified("not_a_quantity")
            packs = any(counts_packs(line, mention) for line, mention in here)
            return contradicted("dimension") if rival and not packs else unverified("dimension")
        around = self._near[len(self._cited) :]
        if any(value in line.numbers for line in around):
            counts = any(value in m.values and self._may_count(m, line) for line in around for m in line.mentions)
            in_words = not any(value in m.values for line in around for m in line.mentions)
            if (counts or in_words) and not rival:
                return VERIFIED
            return unverified("elsewhere")
        if value in self._source.numbers:
            plain = any(
                value in m.values and m.kind not in NEVER_A_QUANTITY
                for line in self._source.lines
                for m in line.mentions
            )
            return contradicted("another_line") if rival else unverified("another_line" if plain else "elsewhere")
        return self._not_stated(rival=rival)

    def _quantity_anywhere(self, value: Decimal) -> Found:
        """The verdict on the quantity of an item without citations."""
        lines = [
            line
            for line in self._source.lines
            if any(value in m.values and self._may_count(m, line) for m in line.mentions)
        ]
        if any(self._names(line) for line in lines):
            return VERIFIED
        if value == 1 or value in self._source.numbers:
            return unverified("not_cited")
        return self._not_stated(rival=False)

    def _not_stated(self, *, rival: bool) -> Found:
        if rival or self._source.reads_number_words:
            return contradicted("not_stated")
        return unverified("not_stated")

    def _may_count(self, mention: Mention, line: SourceLine) -> bool:
        if self._is_in_code(mention, line):
            return False
        if mention.kind is Kind.DIMENSION and self._is_behind_code(mention, line):
            return True
        if mention.unit and mention.kind not in {Kind.CODE, Kind.REPLACED} and mention.unit == self._unit:
            return True
        return mention.kind is not Kind.DIMENSION and mention.kind not in NEVER_A_QUANTITY

    def _code_spans(self, line: SourceLine) -> list[tuple[int, int]]:
        """Where the item's part number is in the line."""
        code = (self._item.part_number or "").lower()
        return line.spans(code) if code else []

    def _is_in_code(self, mention: Mention, line: SourceLine) -> bool:
        """Whether the number is a part of the item's part number, such as 1250 in `SPA 1250`."""
        codes = self._code_spans(line)
        return bool(codes) and any(start <= mention.start and mention.end <= end for start, end in codes)

    def _is_behind_code(self, mention: Mention, line: SourceLine) -> bool:
        """Whether the number is a quantity after the part number, such as 40 in `V-20 x 40`."""
        return any(_TIMES.fullmatch(line.lowered[end : mention.start]) is not None for _, end in self._code_spans(line))

    def _has_rival(self, value: Decimal) -> bool:
        """Whether the cited lines clearly state another quantity."""
        return any(self._rivals(value, line) for line in self._cited)

    def _rivals(self, value: Decimal, line: SourceLine) -> list[Mention]:
        """The numbers of the line that count something and are not the quantity of another item."""
        claimed = {
            quantity for other in (*self._others(line), self._item) for quantity in (other.quantity, other.quantity_max)
        }
        return [
            mention
            for mention in line.mentions
            if value not in mention.values
            and not mention.values & claimed
            and mention.kind in (Kind.COUNTED, Kind.PLAIN)
            and not self._is_mine(mention, line)
            and not line.is_time(mention)
        ]

    def _is_mine(self, mention: Mention, line: SourceLine) -> bool:
        """Whether the number is a part of the item's name, such as 20 in `V-20`."""
        number = line.line.text[mention.start : mention.end]
        named = f"{self._item.part_number or ''} {self._item.description} {self._item.material or ''}"
        return number in named or is_position(line, mention)

    def _swapped(self, value: Decimal, good: Sequence[tuple[SourceLine, Mention]]) -> Found | None:
        """The contradiction if two items of one line have each other's quantities, by the order of their names."""
        line = good[0][0]
        others = self._others(line)[:_MOST_ON_A_LINE]
        if not others:
            return None
        place = place_of(line, self._item, others)
        if place is None:
            return None
        counts = [m for m in (*line.mentions, *line.worded) if m.values != _ONE and self._may_count(m, line)]
        for other in others:
            if other.quantity in (None, value):
                continue
            its = [m for m in counts if other.quantity in m.values]
            its_place = place_of(line, other, [self._item, *(each for each in others if each is not other)])
            if not its or its_place is None or its_place == place:
                continue
            if all((mine.start < each.start) != (place < its_place) for each in its for at, mine in good if at is line):
                return contradicted("another_item")
        return None

    def _doubt(self, value: Decimal, good: Sequence[tuple[SourceLine, Mention]]) -> Found:
        """The verdict, which is a doubt if another number of the cited lines fits the item better.

        A number that counts something, or that is beside the item's name, fits better.
        """
        if any(mention.kind is Kind.COUNTED for _, mention in good):
            return VERIFIED
        line, mention = good[0]
        newest = any(each.line.part is Part.REQUEST for each, _ in good)
        rivals = [
            (other, m)
            for other in self._cited
            if not newest or other.line.part is not Part.QUOTED  # a number of a quoted, earlier request does not count
            for m in self._rivals(value, other)
        ]
        other_words = [m for m in line.worded if value not in m.values and m.kind in (Kind.COUNTED, Kind.PLAIN)]
        if mention.kind is Kind.MEASURED and mention.unit != self._unit:
            in_words = any(value not in m.values and max(m.values) > 1 for m in other_words)
            return unverified("measure") if rivals or in_words else VERIFIED
        if any(m.kind is Kind.COUNTED for _, m in rivals):
            return unverified("another_number")
        if is_position(line, mention) and (rivals or other_words):
            return unverified("position")
        if any(self._counts_name(line, number) for number in other_words):
            return unverified("another_number")
        return unverified("another_number") if self._is_nearer(line, mention, rivals) else VERIFIED

    def _counts_name(self, line: SourceLine, number: Mention) -> bool:
        """Whether a number in words, which is no other item's quantity, is directly before the item's name."""
        claimed = {
            quantity for other in (*self._others(line), self._item) for quantity in (other.quantity, other.quantity_max)
        }
        if number.values & claimed:
            return False
        place = place_of(line, self._item, self._others(line)[:_MOST_ON_A_LINE])
        return place is not None and 0 <= place - number.end <= _BESIDE

    def _is_nearer(self, line: SourceLine, mention: Mention, rivals: Sequence[tuple[SourceLine, Mention]]) -> bool:
        """Whether another number is nearer to the item's name than this number."""
        for other, rival in rivals:
            place = place_of(other, self._item, ())
            if place is None:
                continue
            distance = min(abs(place - rival.end), abs(rival.start - place))
            own = min(abs(place - mention.end), abs(mention.start - place)) if line is other else _FAR
            if distance < own and (rival.end <= place or own == _FAR):
                return True
        return False

    def _names(self, line: SourceLine) -> bool:
        if self._item.part_number and squashed(self._item.part_number) in line.squashed:
            return True
        words = _NAME.findall(fold(self._item.description))
        return bool(words) and sum(word in line.words for word in words) * 2 >= len(words)

    # -- description ---------------------------------------------------------------------------------------------------

    def part_number(self, code: str) -> Found:
        """Whether the text contains the whole part number."""
        wanted, written = squashed(code), fold(code)
        if not wanted or stands_whole(wanted, self._near, written):
            return VERIFIED if stands_alone(wanted, self._near, written) else unverified("goes_on")
        stating = self._source.stating(wanted)
        if stands_whole(wanted, stating, written):
            rival = self._item.lines and any(self._is_taken(line.line.number) for line in stating)
            return contradicted("another_item") if rival else unverified("elsewhere")
        if self._is_composed(code):
            return unverified("composed")
        if stating:
            return contradicted("piece_of_another")
        if any(scanned(wanted) in line.scanned for line in self._near):
            return unverified("misread")
        return contradicted("not_stated")

    def _is_composed(self, code: str) -> bool:
        """Whether every part of the code is a word of the text, such as a word of a table's head, row or column."""
        pieces = _PIECES.findall(fold(code))
        found = [piece for piece in pieces if piece in self._source.pieces]
        return len(found) > 1 and all(piece in found or self._is_converted(piece) for piece in pieces)

    def _is_converted(self, piece: str) -> bool:
        """Whether the cited lines have this number in a larger unit, such as `1 m` for 1000."""
        if not piece.isdecimal() or len(piece) > _LONGEST_CONVERTED:
            return False
        return any(
            int(piece) == number * factor for line in self._cited for number in line.numbers for factor in _SMALLER
        )

    def unit(self, unit: str) -> Found:
        """Whether the text gives the quantity this unit, in any language."""
        folded = plainest(unit).strip(" .")
        if not folded:
            return VERIFIED
        mine = COUNTS.get(folded) or MEASURES.get(folded)
        if self._row is not None and self._row.unit:
            written_as = plainest(self._row.unit).strip(" .")
            its = COUNTS.get(written_as) or MEASURES.get(written_as)
            if mine and its and mine != its:
                return contradicted("another_unit")
        lines = self._cited or self._near
        if any(has_unit(folded, line) for line in lines):
            return VERIFIED
        stated = {
            m.unit.rstrip(".")
            for line in lines
            for m in (*line.mentions, *line.worded)
            if self._item.quantity in m.values and m.kind is not Kind.CODE
        }
        classes = {COUNTS.get(word) or MEASURES.get(word) for word in stated} - {None}
        if mine and mine in classes:
            return VERIFIED
        if classes:
            return contradicted("another_unit") if mine else unverified("another_unit")
        if any(has_unit(folded, line) for line in self._near):
            return VERIFIED
        if mine == "pc":
            return VERIFIED  # a number before a noun means pieces
        stem = folded[: max(STEM, len(folded) - 2)]
        if len(folded) > STEM and any(word.startswith(stem) for word in stated):
            return VERIFIED  # the text has the unit with another ending
        return unverified("not_stated")

    def revision(self, revision: str) -> Found:
        wanted = squashed(_REVISION_MARK.sub("", fold(revision).strip()))
        if not wanted:
            return VERIFIED
        stated = {found for line in self._cited for found in line.revisions}
        if stated and wanted not in stated and not any(wanted in line.words for line in self._cited):
            return contradicted("another_revision")
        if wanted in self._source.revisions:
            return VERIFIED
        if len(wanted) > 1 and any(wanted in line.words for line in self._near):
            return VERIFIED
        return unverified("unmarked") if wanted in self._source.words else contradicted("not_stated")

    def copied(self, value: str) -> Found:
        """Checks a material or a standard. The text must contain its digits, but its words may be translated."""
        wanted = squashed(value)
        if self._item.lines and not any(wanted in line.squashed for line in self._cited):
            stating = [self._is_taken(line.line.number) for line in self._source.stating(wanted)]
            if stating and all(stating):
                return unverified("another_item")
        return copied(value, self._near, self._source)


def copied(value: str, near: Sequence[SourceLine], source: Source) -> Found:
    """Checks a text whose words a model may translate, but whose numbers it must not invent."""
    wanted = squashed(value)
    if any(wanted in line.squashed for line in near) or wanted in source.joined:
        return VERIFIED
    if len(wanted) >= _SCANNED and any(scanned(wanted) in line.scanned for line in near):
        return unverified("misread")
    folded = fold(value)
    if any(number not in source.dotted for number in DOTTED.findall(folded)):
        return contradicted("not_stated")
    words = _WORDS.findall(folded)
    if all(word in source.joined for word in words if len(word) > 1):
        return VERIFIED
    coded = [word for word in words if _DIGITS.search(word)]
    if coded and not all(word in source.joined or scanned(word) in source.scanned for word in coded):
        return contradicted("not_stated")
    return unverified("not_verbatim" if coded else "translated")
