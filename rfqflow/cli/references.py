"""Finds RFQs by their id or by the application's own reference."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from rfqflow.core.errors import RfqflowError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfqflow.store.operator import OperatorStore

_SHOWN = 20


def id_of(name: str) -> UUID | None:
    """The id of this name.

    A UUID, or the numeric key of a mapped table (see ai.rfq_uuid). None if the name is neither.
    """
    text = name.strip()
    if text.removeprefix("-").isdecimal():
        text = text.replace("-", "f").zfill(32)
    try:
        return UUID(text)
    except ValueError:
        return None


async def found(store: OperatorStore, name: str) -> UUID:
    """The RFQ with that id, else the RFQ with that reference.

    Raises:
        RfqflowError: no RFQ matches, or several share the reference; the message lists them.
    """
    rfq_id = id_of(name)
    if rfq_id is not None and await store.rfqs_there([rfq_id]):
        return rfq_id
    others = await store.referenced(name, _SHOWN + 1)
    if len(others) == 1:
        return others[0]
    if not others:
        raise RfqflowError(
            f"RFQ {name} not found, neither by id nor by reference (request_id, or the column mapped to it)"
        )
    more = "\n  and more" if len(others) > _SHOWN else ""
    listed = "".join(f"\n  {other}" for other in others[:_SHOWN])
    raise RfqflowError(f"several RFQs share the reference {name}: name one by its id{listed}{more}")


async def found_all(store: OperatorStore, names: Iterable[str]) -> tuple[list[UUID], list[str]]:
    """The named RFQs, and the names without an RFQ. Raises RfqflowError for a reference that several RFQs share."""
    names = list(dict.fromkeys(names))
    ids = {name: rfq_id for name in names if (rfq_id := id_of(name)) is not None}
    there = await store.rfqs_there(list(ids.values())) if ids else set()
    known, unknown = [], []
    for name in names:
        if ids.get(name) in there:
            known.append(ids[name])
            continue
        others = await store.referenced(name, _SHOWN + 1)
        if len(others) > 1:
            await found(store, name)
        (known.append(others[0]) if others else unknown.append(name))
    return list(dict.fromkeys(known)), unknown
