"""Reads tables whose cells have become separate lines, as in plain-text copies of mails."""

from collections.abc import Sequence
from dataclasses import replace

from rfqflow.core.lists.columns import headed
from rfqflow.core.lists.heads import QUANTITY, head
from rfqflow.core.lists.model import Row, Table
from rfqflow.core.lists.rows import TableReader
from rfqflow.core.text.reading import Line

_LONGEST = 30  # characters of a head
_FEWEST, _MOST = 2, 10  # columns
_ROWS = 2
_MOST_TRIES = 20


def stacked(lines: Sequence[Line]) -> list[Table]:
    """Tables with one line per cell. Such a table is never clear, since an empty cell leaves no line."""
    found: list[Table] = []
    if len(lines) <= _ROWS * _FEWEST:
        return found
    at = tries = 0
    while at < len(lines) and tries < _MOST_TRIES:
        heads = _heads(lines, at)
        tries += heads > 0
        table = _read(lines, at, heads) if heads else None
        if table is not None:
            found.append(table)
        at += max(1, len(table.lines) if table is not None else heads)
    return found


def _heads(lines: Sequence[Line], at: int) -> int:
    """The number of lines from here on that are heads, including a head for quantities. 0: this is not a table."""
    count = 0
    roles = set()
    for line in lines[at : at + _MOST + 1]:
        named = head(line.text.strip()) if len(line.text) <= _LONGEST and ":" not in line.text else None
        if named is None:
            break
        roles.add(named.role)
        count += 1
    return count if _FEWEST <= count <= _MOST and QUANTITY in roles and len(roles) > 1 else 0


def _read(lines: Sequence[Line], at: int, width: int) -> Table | None:
    rows = [
        Row(
            lines[start],
            [line.text.strip() for line in lines[start : start + width]],
            more=list(lines[start + 1 : start + width]),
        )
        for start in range(at, len(lines) - width + 1, width)
    ]
    columns = headed(rows[0], rows[1:40])
    if columns is None or len(rows) <= _ROWS:
        return None
    reader = TableReader(columns, rows[:1], rows[1:40])
    taken = reader.read(rows[1:])
    table = reader.table()
    if table is None or len(table.items) < _ROWS or taken != len(table.items):
        return None
    head_lines = rows[0].numbers
    return replace(table, is_clear=False, head=head_lines, lines=tuple(sorted({*head_lines, *table.lines})), unread=())
