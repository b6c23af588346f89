"""Names of columns: the roles of head cells and of labels, in many languages."""
# ruff: noqa: RUF001 - signs of many languages are what this module is about

import re
from dataclasses import dataclass
from functools import lru_cache

from rfqflow.core.text.plain import plainest
from rfqflow.core.text.units import COUNTS, MEASURES
from rfqflow.core.text.word_lists import word_lists

QUANTITY, UNIT, PART, TEXT, REVISION, MATERIAL = (
    "quantity", "unit", "part_number", "description", "revision", "material",
)  # fmt: skip
POSITION, PRICE, OTHER, SIZE = "position", "price", "other", "size"
_LONGEST = 48  # characters of a head cell
_MOST_WORDS = 7
_LONGEST_PHRASE = 4
_SHORT = 2  # a word with so few letters is a head only if it is alone
_STRONGEST = (PRICE, OTHER, QUANTITY, UNIT, PART, REVISION, MATERIAL, POSITION, SIZE, TEXT)
_WORD = re.compile(r"[^\W_]+")
_IN_BRACKETS = re.compile(r"[(\[（]\s*([^()\[\]（）]{1,20}?)\s*[)\]）]|[/,]\s*([^\W\d_]{1,8}\.?)\s*$")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def plain_phrase(text: str) -> str:
    """The words of a phrase in the form in which they are looked up: `Art.-Nr.` becomes `art nr`."""
    return " ".join(_WORD.findall(plainest(text.replace("№", " n "))))


def _phrases(section: str) -> dict[str, None]:
    return dict.fromkeys(plain for each in re.split(r"[,\n]", _LISTS[section]) if (plain := plain_phrase(each)))


def _units(section: str) -> frozenset[str]:
    return frozenset(plainest(word).strip(" .:") for word in word_lists("list_units")[section].split())


_LISTS = word_lists("list_heads")
_COUNTS = _units("count")
LISTED_MEASURES = _units("measure")
_ROLES: dict[str, str] = {}
for _each in (QUANTITY, UNIT, PART, TEXT, REVISION, MATERIAL, POSITION, PRICE, OTHER, SIZE):
    for _phrase in _phrases(_each):
        _ROLES.setdefault(_phrase, _each)
_WITHOUT_BLANKS = tuple(
    sorted(((phrase, role) for phrase, role in _ROLES.items() if _CJK.search(phrase)), key=lambda each: -len(each[0]))
)
_TOTALS = frozenset(_phrases("total"))
_ROLE_BEGINNINGS, _TOTAL_BEGINNINGS = (frozenset(each.split()[0] for each in known) for known in (_ROLES, _TOTALS))
_PAGES = frozenset(_phrases("page"))
_DITTOS = frozenset(_phrases("ditto"))
_MARKS = frozenset(
    (
        '"',
        "''",
        "“",
        "”",
        "„",
        "″",
        "〃",
        '-"-',
        '—"—',
        '- " -',
        '–"–',
        "«",
        "»",
        "^",
        "''''",
        '""',
        "-//-",
        "//",
        "- // -",
    )
)
_NUMBER_WORDS = frozenset({"n", "no", "nr", "num", "number", "nummer"})
_LONGEST_DITTO = max(len(phrase.split()) for phrase in _DITTOS)


@dataclass(frozen=True, slots=True)
class Head:
    """The role and unit that a head cell gives to its column."""

    role: str
    unit: str | None = None  # the unit in the head, as in `Menge (Stück)`
    is_unit: bool = False  # whether the cell is only a unit, such as `Stück`


def head(cell: str) -> Head | None:
    """The role that the words of a cell give to its column. None: they are not a head."""
    return _head(cell) if cell and len(cell) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _head(cell: str) -> Head | None:
    bracket = _IN_BRACKETS.search(cell)
    unit = (bracket[1] or bracket[2]) if bracket else None
    unit = unit if unit and is_unit(unit) else None
    words = plain_phrase(cell[: bracket.start()] if bracket and unit else cell).split()
    if not words:
        return Head(POSITION) if cell.strip() in {"#", "№", "N°", "Nº"} else None
    if len(words) > _MOST_WORDS:
        return None
    role = _role(words)
    if role is None and is_unit(cell):
        return Head(QUANTITY, cell.strip(" :"), is_unit=True)
    if role == QUANTITY and unit is None and words and is_unit(words[-1]) and len(words) > 1:
        unit = re.split(r"\s+", cell.strip(" :"))[-1]
    return Head(role, unit) if role else None


def _role(words: list[str]) -> str | None:
    whole = " ".join(words)
    if whole in _ROLES:
        return _ROLES[whole]
    found = set()
    at = 0
    while at < len(words):
        begins = words[at] in _ROLE_BEGINNINGS
        for length in range(min(_LONGEST_PHRASE, len(words) - at) if begins else 0, 0, -1):
            phrase = " ".join(words[at : at + length])
            if phrase in _ROLES and (length > 1 or len(phrase) > _SHORT):
                found.add(_ROLES[phrase])
                at += length
                break
        else:
            at += 1
    if not found and not whole.isascii() and _CJK.search(whole):
        found = {role for phrase, role in _WITHOUT_BLANKS if phrase in whole}
    return next((role for role in _STRONGEST if role in found), None)


def label(cell: str) -> tuple[str, str] | None:
    """The role and the value of a box that begins with a known label, such as `PART NO. 7-114`.

    None: it has no label.
    """
    words = cell.split()
    if plain_phrase(cell) in _ROLES:
        return None  # the whole cell is the head of a column
    for length in range(min(_LONGEST_PHRASE, len(words) - 1), 0, -1):
        role = _ROLES.get(plain_phrase(" ".join(words[:length])))
        if role is not None:
            is_number = plain_phrase(words[length]) in _NUMBER_WORDS
            return role, " ".join(words[length + is_number :])
    return None


def is_unit(word: str) -> bool:
    """Whether a word is a unit in which goods are ordered."""
    folded = plainest(word).strip(" .:")
    return folded in COUNTS or folded in MEASURES or folded in _COUNTS or folded in LISTED_MEASURES


def is_total(cell: str) -> bool:
    """Whether a row that begins with this cell is a sum, such as `Total pieces` or `Subtotal 6`."""
    words = [word for word in plain_phrase(cell[:_LONGEST]).split() if not word.isdigit()]
    length = _total_words(words)
    return length > 0 and all(word in _ROLES or word in _TOTALS or is_unit(word) for word in words[length:])


def may_be_total(cell: str) -> bool:
    """Whether the cell begins like a sum: `Total valves` does, but `Total station` does too."""
    return _total_words(plain_phrase(cell[:_LONGEST]).split()) > 0


def _total_words(words: list[str]) -> int:
    if not words or words[0] not in _TOTAL_BEGINNINGS:  # most lines end here
        return 0
    lengths = range(min(_LONGEST_PHRASE, len(words)), 0, -1)
    return next((length for length in lengths if " ".join(words[:length]) in _TOTALS), 0)


def is_page(text: str) -> bool:
    """Whether a line is a page number or announces a continuation, such as `page 2 of 3` or `continued`."""
    if len(text) > 100:  # noqa: PLR2004 - a page's head is short
        return False
    words = plain_phrase(text).split()
    return any(word in _PAGES for word in words)


def without_ditto(cell: str) -> str | None:
    """The text after a ditto mark, which repeats the row above. None if there is no such mark."""
    text = cell.strip()
    if text in _MARKS:
        return ""
    words = text.split(maxsplit=_LONGEST_DITTO)
    for length in range(min(_LONGEST_DITTO, len(words)), 0, -1):
        if plain_phrase(" ".join(words[:length])) in _DITTOS:
            behind = " ".join(words[length:])
            # `do` and `id` are also words in some languages, so they count only if they are alone or have a dot.
            if behind and len(words[0].strip(".,")) <= _SHORT and not words[length - 1].endswith((".", ",")):
                return None
            return behind.lstrip(",;:- ")
    if words and words[0] in _MARKS:
        return " ".join(words[1:])
    return None
