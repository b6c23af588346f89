"""The desk: the list that a sales engineer works from, with one RFQ open beside it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from rfqflow.console.desk_detail import detail_context
from rfqflow.console.desk_view import asked
from rfqflow.store.rfq_search import SearchFilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

_PAGE = 50


def routes(guarded: Callable[..., Any]) -> list[Route]:
    return [
        Route("/desk", guarded(desk)),
        Route("/desk/{rfq_id:uuid}", guarded(desk)),
    ]


async def desk(console: Console, request: Request, session: Session) -> Response:
    view = asked(request.query_params)
    rfq_id = request.path_params.get("rfq_id")
    detail = None
    if rfq_id is not None:
        whole = request.query_params.get("whole") == "1"
        detail = await detail_context(console, session, rfq_id, view, whole=whole)
        if detail is None:
            return console.problem(session, 404, "No such RFQ", "It has been deleted, or the address is mistyped.")
    found = await console.pages.search(SearchFilter(_PAGE, route=view.route, within=dt.timedelta(days=30)))
    return console.page(
        session, "desk.html", page="desk", view=view, rows=found.rows, detail=detail, rfq_id=rfq_id,
        said=request.query_params.get("said"),
    )  # fmt: skip
