"""The desk's list and its tabs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfqflow.store.desk import COUNT_MOST, DeskFilter

if TYPE_CHECKING:
    from uuid import UUID

    from rfqflow.console.context import Console
    from rfqflow.console.desk_view import DeskView
    from rfqflow.console.session import Session
    from rfqflow.store.desk import DeskRow

PAGE = 50
NOBODY = "-"  # value of the owner filter for RFQs without an owner
ORDERS = (
    ("urgency", "Most urgent first"),
    ("quote_by", "Earliest quote deadline first"),
    ("due", "Earliest due date first"),
    ("age", "Oldest first"),
    ("-age", "Newest first"),
    ("owner", "By owner"),
)
STATES = (("open", "Open"), ("waiting", "Not read yet"), ("handled", "Handled"), ("all", "All"))
_UNREAD = {"failed": ("bad", "could not be read"), "skipped": ("plain", "not read")}


@dataclass(frozen=True, slots=True)
class Mark:
    """A badge beside the summary; `kind` selects its colour."""

    kind: str
    text: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: a route, and its number of open RFQs as text. `route` is None for the tab of all routes."""

    route: str | None
    open: str
    urgent: str | None
    review: str | None


@dataclass(frozen=True, slots=True)
class Onward:
    """The RFQs before and after the open RFQ, in the order of the list."""

    previous: UUID | None
    next: UUID | None


def filter_of(view: DeskView) -> DeskFilter:
    return DeskFilter(
        route=view.route, state=view.state, owner="" if view.owner == NOBODY else view.owner, review=view.review,
        urgent=view.urgent, search=view.text,
    )  # fmt: skip


async def list_context(
    console: Console, view: DeskView, rfq_id: UUID | None, *, shared: bool = False
) -> dict[str, Any]:
    """The variables of `part_desk_list.html`. `shared`: use a recent read for the same filter, if there is one."""
    reads, asked = console.shared, filter_of(view)
    found = await (reads.recent if shared else reads.fresh)(
        ("list", asked, view.order, view.after), lambda: console.desk.inbox(asked, view.order, view.after, PAGE)
    )
    return {
        "rows": found.rows, "view": view, "rfq_id": rfq_id, "further": found.next_key, "complete": found.complete,
        "page_size": PAGE, "today": dt.datetime.now(dt.UTC).date(), "marks": marks,
    }  # fmt: skip


def marks(row: DeskRow) -> list[Mark]:
    """Warnings that a person should see in the list, before they open the RFQ."""
    found = []
    why = (row.reason or "").replace("_", " ")
    if row.status in _UNREAD:
        kind, text = _UNREAD[row.status]
        found.append(Mark(kind, text, why or None))
    elif row.status == "deferred":
        found.append(Mark("wait", f"waits: {why}" if why else "waits"))
    elif row.status != "done":
        found.append(Mark("wait", "being enriched" if row.is_claimed else "queued"))
    if row.review:
        found.append(Mark("warn", f"to review: {row.review.replace('_', ' ')}"))
    if row.state == "handled":
        found.append(Mark("ok", "handled"))
    elif row.confirmed:
        found.append(Mark("ok", "confirmed"))
    if row.has_note:
        found.append(Mark("plain", "note"))
    return found


async def tabs_of(console: Console, view: DeskView, *, shared: bool = False) -> list[Tab]:
    """The tab of all routes, then a tab per route. Routes with open RFQs come first."""
    each = await (console.shared.recent if shared else console.shared.fresh)("tabs", console.desk.tabs)
    total = [sum(counts) for counts in zip(*((one.open, one.urgent, one.review) for one in each), strict=True)]
    rows = sorted(each, key=lambda one: (one.open == 0, one.route == "", one.route))
    shown = [_tab(None, *(total or (0, 0, 0)))]
    shown += [_tab(one.route, one.open, one.urgent, one.review) for one in rows if one.open or one.route]
    if view.route not in (None, *(one.route for one in each)):
        shown.append(_tab(view.route, 0, 0, 0))
    return shown


def _tab(route: str | None, open_: int, urgent: int, review: int) -> Tab:
    return Tab(route, _count(open_), _count(urgent) if urgent else None, _count(review) if review else None)


def _count(number: int) -> str:
    """A count as text. Marks a count at which the store stopped counting."""
    return f"{number:,}" if number < COUNT_MOST else f"{COUNT_MOST - 1:,}+"


async def onward_from(console: Console, view: DeskView, rfq_id: UUID) -> Onward:
    return Onward(*await console.desk.neighbours(rfq_id, filter_of(view), view.order))


def owners(session: Session, view: DeskView) -> list[tuple[str, str]]:
    """The owners that the filter offers."""
    own = [(session.actor, "Mine"), (NOBODY, "Nobody\N{RIGHT SINGLE QUOTATION MARK}s")]
    return own if view.owner in (None, session.actor, NOBODY) else [*own, (view.owner or "", view.owner or "")]
