"""The rules by which two RFQs are related. `docs/how-to/related.md` explains them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rfqflow.core.related.facts import ITEM_FIELDS, Related
from rfqflow.core.related.items import Item, are_same, are_same_anywhere, pairs
from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.units import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CHANGES_MOST = 20
_MOST_OF_SHORTER = 2 / 3
_SOME_OF_LONGER = 1 / 3
_LIST = 3  # so many items identify a request together, if no item identifies it alone
_MOST_OF_BOTH = 2 / 3
_SAME_QUANTITIES = 1 / 2
_PART_ALONE = 6  # least characters of a part number that identifies a request of two companies
_FIGURES_ALONE = 3
_VALUE_MOST = 120
_HEADER = (("due_date", "due_date_derived"), ("quote_deadline",), ("delivery_place",), ("incoterm",))


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two versions. `item` is None if it concerns the whole RFQ.

    `field` is `line` for a whole item.
    """

    item: str | None
    field: str
    old: str | None
    new: str | None

    def as_json(self) -> dict[str, Any]:
        return {"item": self.item, "field": self.field, "old": self.old, "new": self.new}


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation between two RFQs. `kind`: thread, revision or same_request."""

    kind: str
    changes: tuple[Change, ...] = field(default=())


def relations(new: Related, old: Related, kinds: str) -> list[Relation]:
    """How the later RFQ is related to the earlier RFQ. `kinds`: the kinds of the keys that both have."""
    is_one_company = bool(new.company) and new.company == old.company
    # Many customers may reply to the same mail of the seller, so such a reply alone makes no thread.
    is_thread = new.names(old) or old.names(new) or (is_one_company and ("m" in kinds or "n" in kinds))
    found = [Relation("thread")] if is_thread else []
    if is_one_company or is_thread:
        paired, gone, added = pairs(old.items, new.items, are_same)
        shorter, longer = sorted((len(old.items), len(new.items)))
        is_distinct = len(paired) >= _LIST or any(one.is_distinct for _, one in paired)
        is_version = (
            is_distinct and len(paired) >= shorter * _MOST_OF_SHORTER and len(paired) >= longer * _SOME_OF_LONGER
        )
        if paired and (is_thread or is_version):
            found.append(Relation("revision", tuple(changes(old, new, paired, gone, added))))
    elif new.company and old.company and _is_same_request(new, old):
        found.append(Relation("same_request"))
    return found


def nearest(found: Iterable[tuple[Any, Sequence[Relation]]]) -> list[tuple[Any, Relation]]:
    """All relations except revisions of older versions. `found` must have the latest RFQ first."""
    kept: list[tuple[Any, Relation]] = []
    has_revision = False
    for other, several in found:
        for relation in several:
            if relation.kind == "revision":
                if has_revision:
                    continue
                has_revision = True
            kept.append((other, relation))
    return kept


def _is_same_request(new: Related, old: Related) -> bool:
    """Whether most items of both lists are the same, and most quantities too. A single item must be uncommon."""
    one_language = new.language == old.language

    def same(one: Item, other: Item) -> bool:
        return are_same_anywhere(one, other, one_language=one_language)

    paired, _, _ = pairs(old.items, new.items, same, most=0)
    if not paired or len(paired) < max(len(old.items), len(new.items)) * _MOST_OF_BOTH:
        return False
    counted = sum(a.quantity is not None and a.quantity == b.quantity for a, b in paired)
    if len(paired) == 1:
        one, other = paired[0]
        is_rare = min(len(one.part), len(other.part)) >= _PART_ALONE or (
            one_language and not one.part and len(one.figures) >= _FIGURES_ALONE
        )
        return is_rare and counted == 1
    return counted >= len(paired) * _SAME_QUANTITIES


def changes(
    old: Related, new: Related, paired: Sequence[tuple[Item, Item]], gone: Sequence[Item], added: Sequence[Item]
) -> list[Change]:
    """What differs, by item and field. A field that the later text does not mention has not changed."""
    found = [change for one, other in paired for change in _of_item(one, other)]
    found += [Change(_short(one.name), "line", None, _amount(one)) for one in added]
    found += [Change(_short(one.name), "line", _amount(one), None) for one in gone]
    for names in _HEADER:
        before, now = (next((one.header[n] for n in names if n in one.header), None) for one in (old, new))
        if now and before != now and fold(before or "") != fold(now):
            found.append(Change(None, names[0], _short(before), _short(now)))
    if len(found) > CHANGES_MOST:
        found[CHANGES_MOST - 1 :] = [Change(None, "more", None, str(len(found) - CHANGES_MOST + 1))]
    return found


def _of_item(old: Item, new: Item) -> Iterable[Change]:
    for name in ITEM_FIELDS:
        before, now = old.values.get(name), new.values.get(name)
        if now in (None, "") or _are_equal(name, old, new):
            continue
        yield Change(_short(new.name), name, _short(before), _short(now))


def _are_equal(name: str, old: Item, new: Item) -> bool:
    before, now = old.values.get(name), new.values.get(name)
    if name == "quantity" and old.quantity is not None:
        return old.quantity == new.quantity
    if name == "unit":  # if only one text names a unit, that is no change
        return not before or canonical(str(before)) == canonical(str(now))
    return "".join(fold(str(before or "")).split()) == "".join(fold(str(now)).split())


def _amount(item: Item) -> str:
    quantity, unit = item.values.get("quantity"), item.values.get("unit")
    return _short(" ".join(str(one) for one in (quantity, unit) if one)) or "?"


def _short(value: Any) -> str | None:
    return None if value is None else str(value)[:_VALUE_MOST]
