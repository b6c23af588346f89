"""Cells of a CSV file that spreadsheets open correctly, without running a formula from a customer's text.

The file follows RFC 4180, in UTF-8 with a byte order mark: without the mark, Excel takes UTF-8 for another encoding.
Texts are quoted, numbers are not. A text that a spreadsheet would take for a formula begins with an apostrophe. In
countries that write 2,5, spreadsheets separate cells by semicolons, and read 2.5 as a day in May.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
CELL_MOST = 32_000  # Excel's limit is 32,767: it continues a longer cell in the next cells
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?", re.ASCII)
_BREAKS = re.compile("\r\n|\r|\u0085|\u2028|\u2029|\x0b|\x0c")
# Control characters and marks that change the direction of text. They are invisible, and some affect other cells.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]")
# The sign of a formula, also in full width. A spreadsheet may drop blanks and invisible marks before the sign.
_HARMFUL = re.compile("[\t\n]|[\\s\u200b-\u200f\u061c\u2060\ufeff\u00ad]*[=+\\-@\uff1d\uff0b\uff0d\uff20\u2212]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the spreadsheets of a country parse a CSV file."""

    separator: str = ","
    decimal: str = "."


COMMA = Dialect()
SEMICOLON = Dialect(";", ",")


def text_cell(value: str | None) -> str:
    """Quotes a text unless it is empty."""
    if not value:
        return ""
    shown = _UNSEEN.sub("", _BREAKS.sub("\n", value))
    if len(shown) > CELL_MOST:
        shown = f"{shown[:CELL_MOST]}\u2026"
    if _HARMFUL.match(shown):
        shown = f"'{shown}"
    return '"{}"'.format(shown.replace('"', '""'))


def number_cell(value: str | int | None, dialect: Dialect = COMMA) -> str:
    """Writes a number as digits, and any other value as text."""
    written = "" if value is None else str(value)
    if not _NUMBER.fullmatch(written):
        return text_cell(written)
    return written.replace(".", dialect.decimal)


def line(cells: Iterable[str], dialect: Dialect = COMMA) -> str:
    return dialect.separator.join(cells) + "\r\n"
