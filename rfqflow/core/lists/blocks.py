"""Blocks of labels and values, such as `Part: V-20 / Qty: 40`, or a name with its number below it."""
# ruff: noqa: RUF001 - signs of many languages are what this module is about

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rfqflow.core.lists.heads import MATERIAL, PART, QUANTITY, REVISION, SIZE, TEXT, UNIT, head
from rfqflow.core.lists.model import ListedItem, Table
from rfqflow.core.lists.values import Amount, amounts, ascii_digits, decimal_mark, is_code, measures, value
from rfqflow.core.text.reading import Line
from rfqflow.core.text.sanitize import cut, one_line

_LABEL = re.compile(
    r"\s*(?:[-*•·▪]\s*)?(?:\(?\d{1,3}[.)]\s+)?(?P<key>[^\W\d_][^:=\t|;]{0,30}?)\s?[:=]\s*(?P<value>\S.*)"
)
_BARE = re.compile(
    r"\s*(?:[-*•·▪]\s*)?(?P<key>[^\W\d_][^\W_.'-]{1,14}\.?)\s+(?P<value>\d\S*(?:\s[^\W_]{1,10}\.?)?)\s*[.,]?\s*"
)
_NEXT = re.compile(r"(?:\s/\s|\s[-–]\s|[|;,]\s*|\s{2,}|\t)(?=[^\W\d_][^:=|;,/\t]{0,24}[:=])")
_SEPARATOR = re.compile(r"\s*(?:[^\W\d_]{1,12}\.?\s*)?#?\d{1,4}\s*[:.)]?\s*|[\s\-=_*]{3,}")
_LONGEST = 300
_NAME = 100  # characters of a name that is alone on its line
_MOST_PAIRS = 12  # most pairs in a line
_MOST_BETWEEN = 2


@dataclass(slots=True)
class _Record:
    values: dict[str, str] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    name: Line | None = None  # the line above the block, if no label names the thing
    labelled: bool = True


def blocks(lines: Sequence[Line]) -> list[Table]:
    """The blocks of a text. Neighbouring blocks with the same labels are one table."""
    if not any(":" in line.text or "=" in line.text or "\uff1a" in line.text for line in lines) and len(lines) < 3:  # noqa: PLR2004 - fewer lines are not a list
        return []
    stated = list(map(_pairs, lines))
    if not any(stated):
        return []
    found: list[Table] = []
    together: list[_Record] = []
    for record in _records(lines, stated):
        if together and record.lines[0] - together[-1].lines[-1] > _MOST_BETWEEN + 1:
            found += _table(together)
            together = []
        together.append(record)
    return found + _table(together)


def _records(lines: Sequence[Line], pairs: Sequence[Sequence[tuple[str, str, bool]]]) -> list[_Record]:
    records: list[_Record] = []
    current = _Record()
    above: Line | None = None

    def close() -> None:
        nonlocal current
        if QUANTITY in current.values:
            records.append(current)
        current = _Record()

    for line, stated in zip(lines, pairs, strict=True):
        if not stated:
            named = _SEPARATOR.fullmatch(line.text) is None
            close()
            above = line if named else above
            if not named:
                current.lines.append(line.number)
            continue
        for role, text, labelled in stated:
            if role in current.values:
                close()
            current.values[role] = text
            if line.number not in current.lines:
                current.lines.append(line.number)
            current.labelled = current.labelled and labelled
            if role == QUANTITY and above is not None and not ({TEXT, PART} & set(current.values)):
                near = line.number - above.number <= 1 + len(current.lines)
                current.name = above if near else None
    close()
    return records


def _pairs(line: Line) -> list[tuple[str, str, bool]]:
    """The roles and values of a line whose labels are all known."""
    text = ascii_digits(line.text).strip()
    if len(text) > _LONGEST:
        return []
    if ":" not in text and "=" not in text:
        bare = _BARE.fullmatch(text)
        named = head(bare["key"]) if bare else None
        if bare and named and named.role == QUANTITY and not named.is_unit and amounts(bare["value"]):
            return [(QUANTITY, bare["value"].rstrip(".,"), False)]
        return []
    if text.count(":") + text.count("=") > _MOST_PAIRS:
        return []
    pairs = []
    for part in _NEXT.split(text) if len(text) > 8 else (text,):  # noqa: PLR2004 - two pairs are longer
        found = _LABEL.fullmatch(part)
        named = head(found["key"]) if found else None
        if not found or not named:
            return []
        pairs.append((named.role if not named.is_unit else QUANTITY, found["value"].strip(" ,;"), True))
    return pairs


def _table(records: Sequence[_Record]) -> list[Table]:
    if not records:
        return []
    counted = [record.values[QUANTITY] for record in records]
    here = decimal_mark(counted)
    anywhere = here or decimal_mark(text for record in records for text in record.values.values())
    items: list[ListedItem] = []
    used: list[int] = []
    named = 0
    for record in records:
        for amount in amounts(record.values[QUANTITY], headed=True):
            item = _item(record, amount, here, anywhere)
            if item is not None:
                items.append(item)
                used += item.lines
                named += not record.name
    if not items:
        return []
    clear = named == len(items) or (len(items) > 2 and len(items) >= len(records))  # noqa: PLR2004 - two pairs may be chance
    return [Table(tuple(items), clear, tuple(sorted(set(used))))]


def _item(record: _Record, amount: Amount, here: str | None, anywhere: str | None) -> ListedItem | None:
    values = record.values
    unit = values.get(UNIT) or amount.unit
    quantity = value(amount, decimal=anywhere if unit and measures(unit) else here)
    part = one_line(values.get(PART, ""))[:120] or None
    text = values.get(TEXT, "")
    lines = list(record.lines)
    if not text and part and not is_code(part):
        text, part = part, None
    if not text and not part and record.name is not None:
        text = record.name.text.strip(" \t-*•:,;.")
        lines.insert(0, record.name.number)
        if len(text) > _NAME or text.endswith("?"):
            return None
    words = [text or part or "", values.get(SIZE, "")]
    material = one_line(values.get(MATERIAL, ""))[:120] or None
    if material and material.lower() not in " ".join(words).lower():
        words.append(material)
    description = cut(one_line(" ".join(each for each in words if each)), 300)
    if quantity is None or not any(map(str.isalnum, description)):
        return None
    return ListedItem(
        description, quantity[0], quantity[1], one_line(unit)[:24] if unit else None, part,
        one_line(values.get(REVISION, ""))[:24] or None, material, tuple(sorted(set(lines))),
    )  # fmt: skip
