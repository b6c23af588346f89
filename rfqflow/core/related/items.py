"""Line items in the form in which they are compared: a part number, or figures and words of the description.

Figures do not change in a translation or another spelling: `Flange DN 100, PN16` and `Flansch DN100 PN 16` have the
same figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from rfqflow.core.text.sanitize import fold

_TEXT_MOST = 400  # characters
_PART_LEAST = 4
_STRONG = 6  # so many letters and digits identify an item alone
_WORDS_LEAST = 2
_STEM = 5  # characters of a word that are compared, so that `Flansch` equals `Flansche`
_SAME_WORDS = 0.7
_SOME_WORDS = 0.3

_TIMES = re.compile(r"(?<=\d)\s*[x×*хX]\s*(?=\d)")  # noqa: RUF001 - also the Cyrillic letter
_DIAMETER = re.compile(r"[øØ⌀](?=\s?\d)")
_COMMA = re.compile(r"(?<=\d),(?=\d)")
_PREFIX = re.compile(r"\b(m|м|dn|дн|pn|ip|g|r|rz|ra|sch|cl|kl|ss|sae|aisi|din|iso|en|typ|type)[\s.]+(?=\d)")
_UNIT = re.compile(r"(?<=\d)\s*(?:mm|мм|cm|kg|кг|pcs|stk|szt|bar|kw|kva)\b")
_BORDER = re.compile(r"(?<=[a-z0-9])(?=[^\W\d_a-z])|(?<=[^\W\d_a-z])(?=[a-z0-9])")
_CYRILLIC = str.maketrans("мкдсвн", "mkdcbh")
_CYRILLIC_SIZE = re.compile(r"\b[мкдсвн]{1,2}(?=\d)")
_TOKEN = re.compile(r"[^\W_]+(?:[./-][^\W_]+)*")
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+")
_JOINED = re.compile(r"[^\W_]+")
# A size or a standard, which many items have.
_NO_PART = re.compile(
    r"(?:M\d+(?:X\d+)*|(?:DN|PN|IP|NPS|CL|SCH)\d+|(?:DIN|ISO|EN|ASTM|ASME|ANSI|BS|JIS|GOST|UNI|NF|SAE|AISI)[A-Z]*\d+\w?|\d{1,3})"
)


@dataclass(frozen=True, slots=True)
class Item:
    """A line item, normalized for comparing. `name`: the item's name for people."""

    name: str
    part: str
    figures: frozenset[str]
    words: frozenset[str]
    quantity: Decimal | None
    values: Mapping[str, Any]

    @property
    def tokens(self) -> frozenset[str]:
        return self.figures | self.words

    @property
    def has_strong_figures(self) -> bool:
        """Whether the figures alone identify the item."""
        return len(self.figures) >= _WORDS_LEAST or any(
            len(one) >= _STRONG and not _DIGITS.fullmatch(one) for one in self.figures
        )

    @property
    def is_distinct(self) -> bool:
        """Whether the item has more than one word such as `Bracket`."""
        return bool(self.part or self.figures) or len(self.words) >= _WORDS_LEAST

    @property
    def identity(self) -> str:
        """A text that equal items of any company have in common. Empty if nothing identifies the item."""
        if self.part:
            return self.part
        return " ".join(sorted(self.figures)) if self.has_strong_figures else ""


def items_of(values: Any) -> tuple[Item, ...]:
    """The line items of an answer. Other values are left out."""
    listed = values if isinstance(values, list) else []
    return tuple(_item(one) for one in listed if isinstance(one, Mapping))


def _item(values: Mapping[str, Any]) -> Item:
    description = str(values.get("description") or "")[:_TEXT_MOST]
    number = str(values.get("part_number") or "")[:_TEXT_MOST]
    figures, words = _read(description)
    part = code(number)
    return Item(
        number.strip() or description.strip()[:80],
        part if _is_part(part) else "",
        figures if _is_part(part) or not number else figures | _read(number)[0], words, _amount(values.get("quantity")),
        values,
    )  # fmt: skip


def code(text: str) -> str:
    """A part or reference number without separators and case."""
    return "".join(_JOINED.findall(fold(text))).upper()


def _is_part(part: str) -> bool:
    return len(part) >= _PART_LEAST and bool(_DIGIT.search(part)) and not _NO_PART.fullmatch(part)


def _read(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The figures, which are words with a digit, and the other words."""
    plain = _COMMA.sub(".", fold(_DIAMETER.sub(" ", text)))
    plain = _UNIT.sub("", _TIMES.sub("x", _PREFIX.sub(r"\1", plain)))
    plain = _CYRILLIC_SIZE.sub(lambda found: found[0].translate(_CYRILLIC), plain)
    tokens = {token.replace("-", "").replace("/", "") for token in _TOKEN.findall(_BORDER.sub(" ", plain))}
    figures = {token for token in tokens if _DIGIT.search(token)}
    return frozenset(figures), frozenset(part for one in tokens - figures for part in _parts(one))


def _parts(word: str) -> Iterable[str]:
    """The beginning of a word. For a script without spaces between words, each pair of characters."""
    if _UNSPACED.search(word):
        return (word[at : at + 2] for at in range(max(len(word) - 1, 1)))
    return (word[:_STEM],) if len(word) > 1 else ()


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    both = one | other
    return len(one & other) / len(both) if both else 0.0


def are_same(one: Item, other: Item) -> bool:
    """Whether two items of the same company are the same."""
    if one.part and other.part:
        return one.part == other.part
    part, figures = one.part or other.part, other.figures if one.part else one.figures
    if part:
        return part in {code(figure) for figure in figures}
    overlap = _overlap(one.words, other.words)
    if not one.figures and not other.figures:
        return one.words == other.words or (overlap >= _SAME_WORDS and len(one.words & other.words) >= _WORDS_LEAST)
    if one.figures == other.figures:
        return overlap >= _SOME_WORDS or not (one.words and other.words)
    # One text may have more details, such as a grade. If a figure differs, it is another item.
    fewer = min(one.figures, other.figures, key=len)
    return bool(fewer) and fewer <= one.figures & other.figures and overlap >= _SAME_WORDS


def are_same_anywhere(one: Item, other: Item, *, one_language: bool) -> bool:
    """Whether items of two companies are the same: by a part number, or by figures and other words."""
    if one.part and other.part:
        return one.part == other.part
    if not one.identity or one.identity != other.identity:
        return False
    if one_language:
        return _overlap(one.words, other.words) >= _SOME_WORDS
    return one.quantity is not None and one.quantity == other.quantity


def pairs(
    old: Sequence[Item], new: Sequence[Item], same: Any, most: int = 12
) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """The pairs of items that are the same, the items of only the old list, and the items of only the new list.

    Items with equal identities are paired first, so that the time does not grow with the product of the lengths. `same`
    compares up to `most` other items of each list.
    """
    found: list[tuple[Item, Item]] = []
    old_left, new_left = list(old), list(new)
    # With price breaks, a list has the same item several times: pair equal quantities first.
    for key in (lambda one: (one.identity, one.quantity), lambda one: one.identity):
        waiting: dict[Any, list[Item]] = {}
        for one in old_left:
            if one.identity:
                waiting.setdefault(key(one), []).append(one)
        kept: list[Item] = []
        for one in new_left:
            mates = waiting.get(key(one), [])
            mate = next((mate for mate in mates if same(mate, one)), None) if one.identity else None
            if mate is None:
                kept.append(one)
            else:
                mates.remove(mate)
                found.append((mate, one))
        new_left = kept
        old_left = _without(old_left, (mate for mate, _ in found))
    if len(old_left) <= most and len(new_left) <= most:
        for one in list(new_left):
            mate = next((mate for mate in old_left if same(mate, one)), None)
            if mate is not None:
                found.append((mate, one))
                old_left, new_left = _without(old_left, [mate]), _without(new_left, [one])
    return found, old_left, new_left


def _without(items: Iterable[Item], gone: Iterable[Item] | Iterator[Item]) -> list[Item]:
    left_out = {id(one) for one in gone}
    return [one for one in items if id(one) not in left_out]
