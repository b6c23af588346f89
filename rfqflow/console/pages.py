"""Pages of RFQs: reads the data of a page and prepares it for the template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.console.formatting import SHOWN_CHARACTERS, marked
from rfqflow.console.operations import notice_of
from rfqflow.console.related_view import related_lines

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session
    from rfqflow.store.fleet_queries import Row


async def overview(console: Console, request: Request, session: Session) -> Response:
    fragments = await console.overview.fragments(session.role)
    return console.page(
        session, "overview.html", page="overview", fragments=fragments, said=request.query_params.get("said"),
        notice=notice_of(console, request, session),
    )  # fmt: skip


async def rfq(console: Console, request: Request, session: Session) -> Response:
    return await rfq_page(console, request, session)


async def rfq_page(
    console: Console, request: Request, session: Session, *, refused: Row | None = None, status: int = 200
) -> Response:
    """The page of an RFQ. `refused`: a route that the console refused to set, since another change came first."""
    rfq_id = request.path_params["rfq_id"]
    found = await console.pages.rfq(rfq_id)
    if found is None:
        return console.problem(
            session, 404, "No such RFQ", "The RFQ has been deleted, or the address has a typing error."
        )
    return console.page(
        session, "rfq.html", status=status, page="rfqs", rfq=found, timeline=await console.pages.timeline(rfq_id),
        slugs=await console.pages.slugs(), said=request.query_params.get("said"), refused=refused,
        related=await related_lines(console, rfq_id),
        message=message_of(found, whole=request.query_params.get("whole") == "1"),
    )  # fmt: skip


def message_of(found: Row, *, whole: bool) -> dict[str, Any]:
    """The customer's text with the evidence marked, and how many characters the page shows."""
    text: str = found["message"]
    most = len(text) if whole else SHOWN_CHARACTERS
    evidence = [str(quote.get("text", "")) for quote in found["extracted"].get("evidence", ())]
    return {"html": marked(text, evidence, most), "length": len(text), "cut": len(text) > most, "marks": bool(evidence)}


async def budgets(console: Console, request: Request, session: Session) -> Response:
    return console.page(
        session, "budgets.html", page="budgets", said=None, notice=notice_of(console, request, session),
        models=await console.pages.models(), **await budget_state(console),
    )  # fmt: skip


async def budget_state(console: Console) -> dict[str, Any]:
    pages = console.pages
    return {
        "rows": await pages.budget() or [], "changes": await pages.caps_changed(12),
        "waiting": await pages.waiting_for_budget(),
    }  # fmt: skip
