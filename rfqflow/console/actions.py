"""Helpers of actions. The audit has each action under the session's account. Each action returns to its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from rfqflow.console import pages
from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

_REASON_MOST = 500


def field(request: Request, name: str) -> str:
    """The value of a form's field."""
    form: dict[str, list[str]] = request.state.form
    return form.get(name, [""])[0].replace("\x00", "").strip()


def reason(request: Request) -> str | None:
    """The reason that the person typed, or None."""
    return field(request, "reason")[:_REASON_MOST] or None


def back(path: str, said: str) -> Response:
    """Redirects to the page of the action, which shows the message `said`."""
    return RedirectResponse(f"{path}?said={said}", 303)


async def override(console: Console, request: Request, session: Session) -> Response:
    rfq_id, route = request.path_params["rfq_id"], field(request, "route")
    try:
        seen = int(field(request, "seen"))
    except ValueError:
        raise ConfigError("the form lacks its version: reload the page") from None
    other = await console.pages.override(rfq_id, route, session.actor, reason(request), seen=seen)
    if other is not None:
        refused = {**other, "typed": route, "reason": reason(request) or ""}
        return await pages.rfq_page(console, request, session, refused=refused, status=409)
    return back(f"/rfqs/{rfq_id}", "overridden")


async def withdraw(console: Console, request: Request, session: Session) -> Response:
    rfq_id = request.path_params["rfq_id"]
    await console.pages.withdraw(rfq_id, session.actor, reason(request))
    return back(f"/rfqs/{rfq_id}", "withdrawn")


async def rerun(console: Console, request: Request, session: Session) -> Response:
    rfq_id = request.path_params["rfq_id"]
    force = field(request, "force") == "1"
    done = await console.pages.rerun(rfq_id, session.actor, reason(request), force=force)
    return back(f"/rfqs/{rfq_id}", "rerun" if done else "queued_already")
