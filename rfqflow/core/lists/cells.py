"""Splits lines into cells: at tabs, bars, semicolons, commas, or the spaces that align columns."""
# ruff: noqa: RUF001 - signs of many languages are what this module is about

import csv
import re
from collections.abc import Iterator, Sequence

from rfqflow.core.lists.model import Row
from rfqflow.core.text.reading import Line

KINDS = ("\t", "|", ";", ",", " ")
_LONGEST = 4_000  # characters of a row
_MOST_CELLS = 60
_RULER = re.compile(r"[\s|+:=_.\-–—─━┼│╪═*#]{3,}")
_GAP = re.compile(r"\s{2,}|\t|(?<=\S)\s?\.{3,}\s?|\s?_{3,}\s?|\s?…+\s?")
_WIDE = {",": "，", ";": "；"}
_PIPES = re.compile("[│┃║¦｜]")
_SIGNS = {
    "\t": "\t", "|": "|│┃║¦｜", ";": ";；", ",": ",，", " ": ("  ", "\t", "...", "…", "___"),
}  # fmt: skip
_CLAUSE = 18  # characters; a cell of a list is shorter
_ASIDE = 2  # other lines between two rows, such as the head of a page or the title of a group


def runs(lines: Sequence[Line], kind: str) -> Iterator[list[Row]]:
    """Yields neighbouring lines that this separator splits into cells, and the few other lines between them."""
    run: list[Row] = []
    aside: list[Row] = []
    last = 0
    for line in lines:
        text = line.text
        far = bool(run) and line.number > last + _ASIDE + 1
        if far and run:
            yield run
            run, aside = [], []
        row = split(line, kind)
        if row is None and not run:
            continue
        if _is_ruler(text):
            if run:
                last = line.number
            continue
        if row is not None:
            run += aside
            aside = []
            run.append(row)
            last = line.number
        elif run:
            aside.append(Row(line, [text.strip()], [(0, len(text))]))
    if run:
        yield run


def may_cut(text: str, kind: str) -> bool:
    """Whether any line of a text may have cells of this kind."""
    for sign in _SIGNS[kind]:  # a loop, since each step of a generator is a call  # noqa: SIM110
        if sign in text:
            return True
    return False


def split(line: Line, kind: str) -> Row | None:
    """The cells of a line. None if the line has only one cell."""
    text = line.text
    if len(text) > _LONGEST:
        return None
    if kind == " ":
        return _by_gaps(line)
    if kind == "|":
        text = _PIPES.sub("|", text) if not text.isascii() else text
    if kind in _WIDE and not text.isascii():
        text = text.replace(_WIDE[kind], kind)
    if kind not in text or (kind == "," and _is_prose(text)):
        return None
    if kind == "|":
        cells = text.strip().strip("|").split("|")
    elif kind == "\t":
        cells = text.rstrip("\n ").split("\t")
    elif '"' in text:
        try:
            cells = next(csv.reader([text], delimiter=kind, skipinitialspace=True), [])
        except csv.Error:
            return None
    else:
        cells = text.split(kind)
    cells = [each.strip(" \t*`_") if kind == "|" else each.strip() for each in cells]
    return Row(line, cells) if 1 < len(cells) <= _MOST_CELLS else None


def _is_prose(text: str) -> bool:
    """Whether the text is prose: it has commas followed by spaces, and long clauses between them."""
    commas = text.count(",")
    return text.count(", ") * 2 > commas and len(text) > _CLAUSE * (commas + 1) and '"' not in text


def _by_gaps(line: Line) -> Row | None:
    text = line.text.expandtabs(8) if "\t" in line.text else line.text
    stripped = text.strip()
    if "  " not in stripped and "..." not in stripped and "…" not in stripped and "___" not in stripped:
        return None
    cells, spans = [], []
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    for gap in _GAP.finditer(text, start, end):
        if gap.start() > start:
            cells.append(text[start : gap.start()].strip())
            spans.append((start, gap.start()))
        start = gap.end()
    if end > start:
        cells.append(text[start:end].strip())
        spans.append((start, end))
    return Row(line, cells, spans) if 1 < len(cells) <= _MOST_CELLS else None


def _is_ruler(text: str) -> bool:
    return _RULER.fullmatch(text) is not None
