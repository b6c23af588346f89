"""The desk's list as a CSV file. It is read page by page, so a million RFQs take no more memory than a hundred.

The file has the order of the list. Each page shows the state at the time when it is read. An RFQ whose place changes
during the export may appear twice or not at all. Any other RFQ appears once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rfqflow.core.text.csv_cells import BYTE_ORDER_MARK, COMMA, Dialect, line, number_cell, text_cell

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Mapping
    from uuid import UUID

    from rfqflow.store.desk import DeskFilter, DeskStore

_PAGE = 200  # RFQs in a page; each may have hundreds of line items, and all are in memory
_RFQ = (
    "rfq_id", "request_id", "submitted_at_utc", "company", "name", "email", "phone", "state", "status", "reason",
    "route", "route_set_by", "urgency", "review", "owner", "confirmed_by", "quote_by", "due", "due_derived",
    "delivery_place", "incoterm", "budget_amount", "budget_currency", "certificates", "missing", "tags", "language",
    "summary", "note", "items",
)  # fmt: skip
_ITEM = (
    "item", "quantity", "quantity_max", "unit", "description", "part_number", "revision", "material", "standards",
    "item_added_by",
)  # fmt: skip
_NUMBERS = frozenset({"budget_amount", "items", "item", "quantity", "quantity_max"})
_SET_BY = {"override": "person", "ai": "model"}


def header(*, per_item: bool) -> tuple[str, ...]:
    """The column names.

    People's programs read them: never rename a column, and add new columns at the end of their part.
    """
    return (*_RFQ, *_ITEM) if per_item else _RFQ


async def csv_of(
    desk: DeskStore, asked: DeskFilter, sort: str = "urgency", *, per_item: bool = False, dialect: Dialect = COMMA
) -> AsyncIterator[str]:
    """The file in pieces: one row per RFQ, or with `per_item` one row per line item and one per RFQ without items."""
    names = header(per_item=per_item)
    yield BYTE_ORDER_MARK + line((text_cell(name) for name in names), dialect)
    after: str | None = None
    while True:
        ids, after = await desk.page_of_ids(asked, sort, after, _PAGE)
        rows = await desk.exported(ids, per_item=per_item)
        yield "".join(
            line((_cell(name, row.get(name), dialect) for name in names), dialect)
            for one in rows
            for row in _lines(one, per_item=per_item)
        )
        if after is None:
            return


def _lines(rfq: Mapping[str, Any], *, per_item: bool) -> list[Mapping[str, Any]]:
    items = [item for item in json.loads(rfq["lines"] or "[]") if isinstance(item, dict)] if per_item else []
    return [
        {**rfq, **{name: item.get(name) for name in _ITEM}, "item": number,
         "item_added_by": "person" if item.get("is_added") else None}
        for number, item in enumerate(items, 1)
    ] or [rfq]  # fmt: skip


def _cell(name: str, value: Any, dialect: Dialect) -> str:
    if value is None:
        return ""
    if name == "route_set_by":
        value = _SET_BY.get(value, value)
    if name in _NUMBERS:
        return number_cell(value, dialect)
    return text_cell(_written(value))


def _written(value: dt.datetime | dt.date | UUID | list[str] | str | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if hasattr(value, "astimezone"):
        return f"{value:%Y-%m-%d %H:%M:%S}"  # the connection's time zone is UTC
    return str(value)
