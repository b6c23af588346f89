"""The units of ordered quantities in many languages, and their common names.

Units that only describe (mm, bar, kW) are here too, since a number before such a unit is not a quantity.
"""

from rfqflow.core.text.plain import plainest
from rfqflow.core.text.word_lists import word_lists

_LISTS = word_lists("units")


def _table(kind: str) -> dict[str, str]:
    """By spelling: the common name of the unit."""
    return {
        plainest(word).rstrip("."): name.removeprefix(f"{kind} ")
        for name, words in _LISTS.items()
        if name.startswith(f"{kind} ")
        for word in words.split()
    }


def _folded(name: str) -> frozenset[str]:
    return frozenset(plainest(word) for word in _LISTS[name].split())


COUNTS = {**_table("pack"), **_table("count")}
MEASURES = _table("measure")
DESCRIBING = _folded("describing")
TIME = _folded("time")
MONEY = _folded("money")


def canonical(unit: str | None) -> str:
    """The common name of a unit. A noun that is counted (`cranes`), or no unit, means `pc`."""
    folded = plainest(unit or "").strip(" .")
    return COUNTS.get(folded) or MEASURES.get(folded) or "pc"
