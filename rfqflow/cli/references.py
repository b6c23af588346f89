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
    """The RFQ's id, if the name is a UUID or the numeric key of a mapped table; else None. See ai.rfq_uuid."""
    text = name.strip()
    if text.removeprefix("-").isdecimal():
        text = text.replace("-", "f").zfill(32)
    try:
        return UUID(text)
    except ValueError:
        return None


async def found(store: OperatorStore, name: str) -> UUID:
    """The id of the RFQ whose id is `name`, or else of the RFQ whose reference is `name`.

    Raises:
        RfqflowError: no RFQ matches, or several RFQs share the reference. The message lists these.
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
    raise RfqflowError(f"several RFQs share the reference {name}: give an id instead{listed}{more}")


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
