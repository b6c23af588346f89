"""The desk, a page for sales engineers: a list of open RFQs, and beside it the RFQ that the person opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from rfqflow.console.desk_detail import detail_context
from rfqflow.console.desk_export import export
from rfqflow.console.desk_list import ORDERS, STATES, list_context, onward_from, owners, tabs_of
from rfqflow.console.desk_view import asked
from rfqflow.console.live_updates import changes, watched
from rfqflow.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

_LOOK_SECONDS = 3.0


def routes(guarded: Callable[..., Any]) -> list[Route]:
    return [
        Route("/desk", guarded(desk)),
        Route("/desk/live", guarded(live)),
        Route("/desk/export.csv", guarded(export, needs=Role.DESK)),
        Route("/desk/{rfq_id:uuid}", guarded(desk)),
        Route("/desk/{rfq_id:uuid}/live", guarded(live)),
    ]


async def desk(console: Console, request: Request, session: Session) -> Response:
    view = asked(request.query_params)
    rfq_id = request.path_params.get("rfq_id")
    about: dict[str, Any] = {"detail": None, "onward": None, "title": None}
    if rfq_id is not None:
        detail = await detail_context(console, session, rfq_id, view, request)
        if detail is None:
            return console.problem(
                session, 404, "No such RFQ", "The RFQ has been deleted, or the address has a typing error."
            )
        about = {"detail": detail, "onward": await onward_from(console, view, rfq_id), "title": detail.get("title")}
    return console.page(
        session, "desk.html", page="desk", orders=ORDERS, states=STATES, owners=owners(session, view),
        tabs=await tabs_of(console, view), said=request.query_params.get("said"),
        **await list_context(console, view, rfq_id), **about,
    )  # fmt: skip


async def live(console: Console, request: Request, session: Session) -> Response:
    view = asked(request.query_params)
    rfq_id = request.path_params.get("rfq_id")
    whose = console.whose(session)
    known: dict[str, tuple[Any, str]] = {}

    def rendered(name: str, about: dict[str, Any], version: object) -> str:
        """Renders a part of the page only if its data changed: each open page reads a long list every few seconds."""
        if name not in known or known[name][0] != version:
            text = console.env.get_template(f"part_{name}.html").render(**whose, **about)
            known[name] = (version, text)
        return known[name][1]

    async def look() -> tuple[dict[str, str], float]:
        listed = await list_context(console, view, rfq_id, shared=True)
        tabs = await tabs_of(console, view, shared=True)
        parts = {
            "desk_tabs": rendered("desk_tabs", {"tabs": tabs, "view": view}, tabs),
            "desk_list": rendered(
                "desk_list", listed, (listed["rows"], listed["today"], listed["further"], listed["complete"])
            ),
        }
        if rfq_id is not None:
            detail = await detail_context(console, session, rfq_id, view, request)
            if detail is not None:
                parts["desk_detail"] = rendered("desk_detail", {"detail": detail}, detail)
        return parts, _LOOK_SECONDS

    events = changes(console, look) if rfq_id is None else watched(console, rfq_id, look)
    return console.stream(session, events)
