"""The title block of a drawing: boxes of labels and values, such as `PART NO. 7-114 | QTY 250`, which are one item."""

from collections.abc import Iterator, Sequence

from rfqflow.core.lists.heads import MATERIAL, PART, QUANTITY, REVISION, TEXT, UNIT, label
from rfqflow.core.lists.model import ListedItem, Table
from rfqflow.core.lists.values import amounts, ascii_digits, decimal_mark, value
from rfqflow.core.text.reading import Line
from rfqflow.core.text.sanitize import cut, one_line

_MOST_ASIDE = 2  # other lines between two lines of a block
_FEWEST = 2  # boxes with known labels
_LONGEST = 300
_DESCRIPTION, _PART, _SHORT = 300, 120, 24


def title_blocks(lines: Sequence[Line]) -> list[Table]:
    """The blocks that state a quantity and name a thing. Rows that repeat a label are a list instead."""
    found = []
    for block in _blocks(lines):
        values: dict[str, str] = {}
        repeats = False
        for _, boxes in block:
            for role, text in boxes:
                repeats = repeats or role in values
                values.setdefault(role, text)
        if not repeats and len(values) >= _FEWEST and (item := _item(values, [line.number for line, _ in block])):
            found.append(Table((item,), is_clear=True, lines=item.lines, is_block=True))
    return found


def _blocks(lines: Sequence[Line]) -> Iterator[list[tuple[Line, list[tuple[str, str]]]]]:
    """Yields neighbouring lines with labelled boxes."""
    block: list[tuple[Line, list[tuple[str, str]]]] = []
    for line in lines:
        if "\t" not in line.text or len(line.text) > _LONGEST or not (boxes := _boxes(line)):
            continue
        if block and line.number - block[-1][0].number > _MOST_ASIDE + 1:
            yield block
            block = []
        block.append((line, boxes))
    if block:
        yield block


def _boxes(line: Line) -> list[tuple[str, str]]:
    """The roles and values of a line's labelled boxes."""
    labelled = (label(cell) for cell in ascii_digits(line.text).split("\t"))
    return [each for each in labelled if each is not None]


def _item(values: dict[str, str], numbers: list[int]) -> ListedItem | None:
    counted = values.get(QUANTITY, "")
    stated = amounts(counted, headed=True)
    part, text = one_line(values.get(PART, ""))[:_PART] or None, values.get(TEXT, "")
    if len(stated) != 1 or not (part or text):
        return None
    quantity = value(stated[0], decimal=decimal_mark([counted]))
    description = cut(one_line(text or part or ""), _DESCRIPTION)
    if quantity is None or not any(map(str.isalnum, description)):
        return None
    unit = values.get(UNIT) or stated[0].unit
    return ListedItem(
        description, quantity[0], quantity[1], one_line(unit)[:_SHORT] if unit else None, part,
        one_line(values.get(REVISION, ""))[:_SHORT] or None, one_line(values.get(MATERIAL, ""))[:_PART] or None,
        tuple(sorted(set(numbers))),
    )  # fmt: skip
