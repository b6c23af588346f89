# ruff: noqa: ARG001
"""The desk's list: what stands in it, and the tabs over it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfqflow.store.rfq_search import SearchFilter

if TYPE_CHECKING:
    from uuid import UUID

    from rfqflow.console.context import Console
    from rfqflow.console.desk_view import DeskView
    from rfqflow.console.session import Session

PAGE = 100
ORDERS = (
    ("urgency", "Most urgent first"),
    ("quote_by", "Quote by, soonest first"),
    ("due", "Due, soonest first"),
    ("age", "Newest first"),
    ("-age", "Oldest first"),
    ("owner", "By owner"),
)
NOBODY = "-"
_CAUTION = {"deferred": ("wait", "waits"), "pending": ("wait", "being read"), "failed": ("bad", "could not be read"),
            "skipped": ("plain", "not read")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A word beside the summary: `kind` is its colour."""

    kind: str
    text: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class ListRow:
    """One RFQ as the list shows it."""

    rfq_id: UUID
    company: str | None
    summary: str | None
    beginning: str | None
    urgency: str | None
    quote_by: dt.date | None
    due: dt.date | None
    items: int | None
    missing: tuple[str, ...]
    delivery: str | None
    created_at: dt.datetime | None
    owner: str | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class DeskTab:
    """A route with what is open in it."""

    route: str | None
    open: int
    urgent: int
    review: int


@dataclass(frozen=True, slots=True)
class Onward:
    """What comes before and after the open RFQ in this order."""

    previous: UUID | None
    next: UUID | None


async def list_context(console: Console, view: DeskView, rfq_id: UUID | None, after: str | None) -> dict[str, Any]:
    """What `part_desk_list.html` knows."""
    found = await console.pages.search(SearchFilter(PAGE, route=view.route, within=dt.timedelta(days=30)))
    rows = [_row(one) for one in found.rows]
    return {"rows": rows, "view": view, "rfq_id": rfq_id, "further": None, "page_size": PAGE, "today": today()}


async def tabs_of(console: Console, view: DeskView) -> list[DeskTab]:
    """All routes, those with work first; what stands in front counts them all."""
    return [DeskTab(None, 0, 0, 0)]


async def owners(console: Console, session: Session, view: DeskView) -> list[tuple[str, str]]:
    """Whose RFQs one can ask for."""
    own = [(session.actor, "Mine"), (NOBODY, "Nobody's")]
    return own if view.owner in (None, session.actor, NOBODY) else [*own, (view.owner or "", view.owner or "")]


async def onward_from(console: Console, view: DeskView, rfq_id: UUID) -> Onward:
    return Onward(None, None)


def today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _row(one: Any) -> ListRow:
    return ListRow(
        one["rfq_id"], one["company"] or one["name"], one["ai_summary"], one["beginning"], one["ai_urgency"], None,
        None, None, (), None, one["created_at"], None, marks(one["ai_status"], one["ai_reason"], one["ai_review"]),
    )  # fmt: skip


def marks(status: str | None, reason: str | None, review: str | None) -> tuple[Mark, ...]:
    """What a person should know before opening it."""
    found = []
    if status in _CAUTION:
        kind, text = _CAUTION[status]
        found.append(Mark(kind, text, (reason or "").replace("_", " ") or None))
    if review:
        found.append(Mark("warn", "review", review.replace("_", " ")))
    return tuple(found)
