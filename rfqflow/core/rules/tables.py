"""Tables pasted into a message: rows of cells split by tabs, bars, semicolons or runs of spaces."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rfqflow.core.rules import numbers
from rfqflow.core.rules.text import plainest
from rfqflow.core.text.units import COUNTS, MEASURES

_RULE = re.compile(r"[\s|+:=_-]+")
_SPACES = re.compile(r"\s{2,}")
_CELL = re.compile(
    rf"(?:ca\.?|approx\.?"
    rf"|~)?\s?(?P<n>{numbers.NUMERAL})\s?(?P<k>{numbers.SCALE})?\s?(?P<unit>[^\W\d_]{{0,12}}[²³23]?"
    rf"\.?)(?:\s?\([^()]*\))?",
    re.IGNORECASE,
)
_HEADS = {
    "quantity": "qty q'ty quantity quantities qnty menge anzahl stuckzahl stk stuck bedarf quantite qte "
    "cantidad cant cant. quantita q.ta qta aantal stuks ilosc szt quantidade qtd qtde antal "
    "miktar adet mnozstvi pocet ks 数量 個数 수량 pcs nos"
    " qty. oty eau الكمية",
    "unit": "unit uom u/m um einheit me unite unidad ud unita eenheid jm jednostka unidade un enhet "
    "birim jednotka mj 单位 単位 단위 الوحدة",
    "part_number": "part part# pn p/n mpn partno artikel artikelnummer art.-nr art-nr art.nr teilenummer "
    "teile-nr sachnummer materialnummer reference ref referencia codigo codice indeks code "
    "sku zeichnung drawing dwg dessin plano disegno tekening rysunek tag 图号 型号"
    " 品番 型番 품번",
    "revision": "rev rev. revision index ind indice",
    "material": "material mat mat. werkstoff matiere matériau materiau materiale materiaal grade alloy "
    "malzeme 材质 材料 材質 재질",
    "position": "pos pos. position item line no no. nr nr. lp # s.no sl sr poz 序号 번호 lfd",
    "text": (
        "description desc bezeichnung benennung beschreibung designation descripcion descrizione "
        "omschrijving opis nazwa descricao beskrivning benamning tanim aciklama popis nazev "
        "product article item 名称 品名 품명 규격 الوصف"
    ),
}
_ROLES = {word: role for role, words in _HEADS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: cells by role; `quantity` as written."""

    cells: dict[str, str]
    text: str


def tables(lines: Sequence[str]) -> tuple[list[Row], set[int]]:
    """The rows of all tables that tell quantities, and the numbers of the lines they took."""
    rows: list[Row] = []
    taken: set[int] = set()
    start = 0
    while start < len(lines):
        split, end = _extent(lines, start)
        if end - start >= 2:  # noqa: PLR2004 - one line is no table
            read = _read(split)
            if read:
                rows += read
                taken |= set(range(start, end))
        start = max(end, start + 1)
    return rows, taken


def _extent(lines: Sequence[str], start: int) -> tuple[list[list[str]], int]:
    kind = _kind(lines[start])
    split: list[list[str]] = []
    end = start
    while kind and end < len(lines) and (_kind(lines[end]) == kind or _is_rule(lines[end])):
        if not _is_rule(lines[end]):
            split.append(_cells(lines[end], kind))
        end += 1
    return split, end


def _kind(line: str) -> str:
    line = line.strip()
    if "\t" in line:
        return "\t"
    if "|" in line:
        return "|"
    if line.count(";") >= 2 and not line.endswith(";"):  # noqa: PLR2004 - two columns and more
        return ";"
    return " " if len(_SPACES.split(line)) >= 3 else ""  # noqa: PLR2004 - fewer are a gap in a sentence


def _is_rule(line: str) -> bool:
    return len(line.strip()) > 2 and _RULE.fullmatch(line.strip()) is not None  # noqa: PLR2004 - a dash is a bullet


def _cells(line: str, kind: str) -> list[str]:
    line = line.strip() if kind != "\t" else line.strip(" \n")
    parts = _SPACES.split(line) if kind == " " else line.strip("|" if kind == "|" else "").split(kind)
    return [part.strip() for part in parts]


def _read(split: list[list[str]]) -> list[Row]:
    if not split:
        return []
    roles = _roles(split[0])
    if "quantity" in roles.values():
        return [row for cells in split[1:] if (row := _row(cells, roles))]
    column = _quantity_column(split)
    if column is None:
        return []
    return [row for cells in split if (row := _row(cells, {column: "quantity"}))]


def _roles(header: list[str]) -> dict[int, str]:
    roles: dict[int, str] = {}
    for number, cell in enumerate(header):
        words = re.split(r"[\s/()\[\]]+", plainest(cell).strip(" :*"))
        for role in ("quantity", "unit", "part_number", "revision", "material", "text", "position"):
            if role not in roles.values() and any(
                _ROLES.get(word.strip(".:")) == role or _ROLES.get(word) == role for word in words[:3]
            ):
                roles[number] = role
                break
    return roles


def _row(cells: list[str], roles: dict[int, str]) -> Row | None:
    named = {role: cells[number] for number, role in roles.items() if number < len(cells) and cells[number]}
    rest = [
        cell for number, cell in enumerate(cells) if cell and roles.get(number) not in {"quantity", "unit", "position"}
    ]
    text = " ".join(rest).strip()
    if not any(character.isalpha() for character in text) or plainest(text).startswith(
        ("total", "sum ", "summe", "gesamt")
    ):
        return None
    return Row(named, text)


def _quantity_column(split: list[list[str]]) -> int | None:
    """Without a heading: the last column that holds a number in each row and does not just count them."""
    width = min(map(len, split))
    if len(split) < 2 or width < 2:  # noqa: PLR2004 - one row or column says nothing about columns
        return None
    best = None
    for number in range(width):
        cells = [_CELL.fullmatch(cells[number]) for cells in split]
        units = [plainest(match["unit"]).rstrip(".") for match in cells if match]
        if len(units) < len(split) or not all(not unit or unit in COUNTS or unit in MEASURES for unit in units):
            continue
        if all(units):
            return number
        values = [cells[number] for cells in split]
        if values != [str(count) for count in range(1, len(values) + 1)]:
            best = number
    return best


def quantity(cell: str) -> tuple[str, str | None, str | None] | None:
    """Numeral, scale and unit of a quantity cell."""
    match = _CELL.fullmatch(cell.strip())
    if not match or (match["unit"] and not _is_unit(match["unit"])):
        return None
    return match["n"], match["k"], match["unit"] or None


def _is_unit(word: str) -> bool:
    folded = plainest(word).rstrip(".")
    return folded in COUNTS or folded in MEASURES
