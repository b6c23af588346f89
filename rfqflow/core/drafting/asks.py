"""The questions that the customer must answer before an offer: missing facts, and facts that the text contradicts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# In the order of a letter. A question about items names the items.
ITEM_FIELDS = ("quantity", "unit", "material", "part_number")
FIELDS = (
    *ITEM_FIELDS, "drawing", "specification", "certificates", "delivery_location", "incoterm", "due_date",
    "quote_deadline", "contact",
)  # fmt: skip
# By the field of a question: the fact of the answer that it asks for. Drafts never ask for a budget.
_OF_FACT = {
    "quantity": "quantity", "quantity_max": "quantity", "unit": "unit", "material": "material",
    "part_number": "part_number", "revision": "part_number", "standards": "specification",
    "certificates": "certificates", "delivery_place": "delivery_location", "incoterm": "incoterm",
    "due_date": "due_date", "due_date_derived": "due_date", "quote_deadline": "quote_deadline",
}  # fmt: skip
_PATH = re.compile(r"(?:line_items\[(\d+)\]\.)?([a-z_]+)(?:\[\d+\])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class RfqFacts:
    """The facts for a draft: the RFQ, and its answer as people see it."""

    message: str
    name: str | None = None
    company: str | None = None
    reference: str | None = None  # the application's reference of the RFQ
    language: str | None = None  # the answer's language
    missing: tuple[str, ...] = ()
    line_items: tuple[Mapping[str, Any], ...] = ()  # items from the model have a `path`
    checks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)  # due_date, delivery_place, incoterm...
    injection_suspected: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, and the positions of its items from 1. Without items, it concerns the whole RFQ."""

    field: str
    items: tuple[int, ...] = ()

    @property
    def code(self) -> str:
        """The question in the form in which it is stored: `quantity`, or `quantity:2,5`."""
        return f"{self.field}:{','.join(map(str, self.items))}" if self.items else self.field


def asks_of(rfq: RfqFacts) -> tuple[Ask, ...]:
    """The questions, in the order of a letter. Empty if nothing is missing.

    The draft also asks for a fact that the text contradicts, unless a person has set the fact.
    """
    wanted: dict[str, set[int]] = {name: set() for name in rfq.missing if name in FIELDS}
    places = {str(item.get("path")): number for number, item in enumerate(rfq.line_items, 1)}
    for path, check in rfq.checks.items():
        found = _PATH.fullmatch(path)
        name = _OF_FACT.get(found[2]) if found and check.get("verdict") == "contradicted" else None
        if found is None or name is None:
            continue
        if found[1] is None:
            if not rfq.facts.get(found[2]):
                wanted.setdefault(name, set())
        elif (place := places.get(f"line_items[{found[1]}]")) and not rfq.line_items[place - 1].get(found[2]):
            wanted.setdefault(name, set()).update({place} if name in ITEM_FIELDS else ())
    for name in ("quantity", "unit", "material"):
        lacking = _lacking(rfq.line_items, name, asked="material" in rfq.missing)
        if lacking:
            wanted.setdefault(name, set()).update(lacking)
    everything = set(range(1, len(rfq.line_items) + 1))
    return tuple(
        Ask(name, () if wanted[name] == everything and len(everything) == 1 else tuple(sorted(wanted[name])))
        for name in FIELDS
        if name in wanted
    )


def _lacking(items: Sequence[Mapping[str, Any]], name: str, *, asked: bool) -> set[int]:
    """The positions of items that lack the field.

    A missing unit counts only if most other items have a unit, since pieces often have none. A missing material counts
    only if the answer names it as missing, since not every item needs a material.
    """
    having = sum(1 for item in items if item.get(name))
    if name == "unit" and having * 2 <= len(items):
        return set()
    if name == "material" and not asked:
        return set()
    return {
        number
        for number, item in enumerate(items, 1)
        if not item.get(name) and not (name == "unit" and not item.get("quantity"))
    }
