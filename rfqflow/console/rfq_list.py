"""The list of RFQs: filter chips, live rows, and bulk actions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from rfqflow.console import rfq_bulk
from rfqflow.console.live_updates import in_common
from rfqflow.console.rfq_view import CHIPS, IN_QUEUE, SPANS, STATUSES, RfqView, asked, place, written
from rfqflow.store.rfq_bulk import COUNT_MOST
from rfqflow.store.rfq_search import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session
    from rfqflow.store.fleet_queries import Row
    from rfqflow.store.rfq_search import Cursor, SearchPage

PAGE = 50
_NEW_MOST = 200  # most new RFQs that the page adds above its rows; after more, the page asks for a reload
_LOOK_SECONDS = 3.0
_RESTS = 20  # the pause before the next read, as a multiple of the last read's time
_QUICK_SECONDS = 1.0  # the page does not repeat a search by itself if it took longer


def routes(guarded: Callable[..., Any]) -> list[Route]:
    return [
        Route("/rfqs", guarded(rfqs)),
        Route("/rfqs/live", guarded(live)),
        Route("/rfqs/bulk", guarded(rfq_bulk.bulk), methods=["POST"]),
        Route("/rfqs/bulk/{action:int}", guarded(rfq_bulk.done)),
    ]


async def rfqs(console: Console, request: Request, session: Session) -> Response:
    view = asked(request.query_params)
    named = [] if view.q is None or view.in_text else await console.pages.exact(view.q, console.hash(view.q))
    about: dict[str, Any] = {"named": bool(named), "stream": None}
    if named:
        about |= {"rows": named, "in_text": view.having(in_text=True).path}
    else:
        began = time.monotonic()
        found = await console.pages.search(view.filter(PAGE + 1))
        quick = found.reached is None and time.monotonic() - began < _QUICK_SECONDS
        about |= {"rows": found.rows[:PAGE], **_onward(found, view)}
        if quick and view.before is None:
            floor = written(place_of(found.rows[PAGE - 1])) if len(found.rows) > PAGE else None
            about["stream"] = view.stream + (f"{'&' if view.query else '?'}to={floor}" if floor else "")
    offered = await console.pages.offered()
    return console.page(
        session, "rfqs.html", page="rfqs", view=view, spans=SPANS, said=None, searches=_selects(view, offered),
        shortcuts=_shortcuts(view, await console.pages.counts()), **about,
    )  # fmt: skip


async def live(console: Console, request: Request, session: Session) -> Response:
    """The stream of the list: the current rows of the first page, and new rows above them."""
    view = asked(request.query_params).whole
    floor = place(request.query_params.get("to"))

    async def render(whose: dict[str, Any]) -> tuple[dict[str, str], float]:
        began = time.monotonic()
        found = await console.pages.search(view.filter(PAGE + _NEW_MOST, floor=floor))
        pause = max(_LOOK_SECONDS, _RESTS * (time.monotonic() - began))
        if found.reached is not None:
            return {}, pause
        html = console.env.get_template("part_rfqs_list.html").render(rows=found.rows, view=view, **whose)
        return {"rfqs_list": html}, pause

    return in_common(console, session, ("rfqs", view, floor), render)


def _onward(found: SearchPage, view: RfqView) -> dict[str, Any]:
    """The link to the next page, or to the rest of a search that the time limit stopped."""

    def from_(at: Cursor) -> str:
        return view.having().path + ("&" if view.whole.query else "?") + f"before={written(at)}"

    if len(found.rows) > PAGE:
        return {"older": from_(place_of(found.rows[PAGE - 1]))}
    if found.reached is not None:
        return {"further": from_(found.reached), "reached": found.reached[0], "looked_at": found.looked_at}
    return {}


def _selects(view: RfqView, offered: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    """The options of each field of the filter. They always include the value that the address has."""
    found = []
    for name in CHIPS:
        values = list(STATUSES) if name == "status" else offered.get(name, [])
        chosen = getattr(view, name)
        found.append((name, [*values, *([chosen] if chosen and chosen not in values else [])]))
    return found


def _shortcuts(view: RfqView, counts: Sequence[Row]) -> list[dict[str, Any]]:
    """Chips with the number of RFQs in the queue per status, and per reason of the chosen status."""
    found = []
    for status in IN_QUEUE:
        total = sum(row["rfqs"] for row in counts if row["status"] == status)
        found.append(_chip("status", status, view.status == status, total, view.having(status=status, reason=None)))
    for row in counts:
        if row["status"] == view.status and row["reason"] is not None:
            there = view.having(reason=row["reason"])
            found.append(_chip("reason", row["reason"], view.reason == row["reason"], row["rfqs"], there))
    return found


def _chip(name: str, value: str, on: bool, count: int, there: RfqView) -> dict[str, Any]:
    shown = f"{count:,}" if count < COUNT_MOST else f"{COUNT_MOST:,}+"
    path = there.having(**{name: None}).path if on else there.path
    return {"value": value, "on": on, "count": shown, "path": path}
