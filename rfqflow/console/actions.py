"""What people do on a page: each action is noted with the name given at login, and leads back to where it was done."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from starlette.responses import RedirectResponse

from rfqflow.core.decisions.admission import cap_usd
from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

_REASON_MOST = 500
_ASKED_MOST = 1000


def field(request: Request, name: str) -> str:
    """What was filled in, or chosen."""
    form: dict[str, list[str]] = request.state.form
    return form.get(name, [""])[0].replace("\x00", "").strip()


def reason(request: Request) -> str | None:
    """Why, as far as it was said."""
    return field(request, "reason")[:_REASON_MOST] or None


def back(path: str, said: str) -> Response:
    """To where it was done, with a word about it."""
    return RedirectResponse(f"{path}?said={said}", 303)


async def override(console: Console, request: Request, session: Session) -> Response:
    rfq_id = request.path_params["rfq_id"]
    await console.pages.override(rfq_id, field(request, "route"), session.actor, reason(request))
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


async def redrive(console: Console, request: Request, session: Session) -> Response:
    if field(request, "all") == "1":
        wanted = None
    else:
        try:
            wanted = [UUID(rfq_id) for rfq_id in request.state.form.get("rfq_id", [])][:_ASKED_MOST]
        except ValueError:
            raise ConfigError("that is no RFQ's id") from None
        if not wanted:
            return back("/dead", "none_chosen")
    number = await console.pages.redrive(wanted, session.actor)
    return RedirectResponse(f"/dead?said=redriven&n={number}", 303)


async def mode(console: Console, request: Request, session: Session) -> Response:
    if field(request, "mode") == "paused":
        await console.pages.pause(session.actor, reason(request))
    else:
        await console.pages.resume(session.actor, reason(request))
    console.overview.want_all()
    return RedirectResponse("/", 303)


async def budget(console: Console, request: Request, session: Session) -> Response:
    scope = field(request, "scope")
    if scope == "model":
        scope = f"model:{field(request, 'model')}"
    remove = field(request, "remove") == "1"
    cap = None if remove else cap_usd(field(request, "usd"))
    await console.pages.set_budget(scope, field(request, "period"), cap, session.actor, reason(request))
    console.overview.want_all()
    return back("/budgets", "cap_removed" if cap is None else "cap_set")


async def breaker(console: Console, request: Request, session: Session) -> Response:
    action = field(request, "action")
    if action not in ("open", "close", "reset"):
        raise ConfigError("a breaker is opened, closed or reset")
    await console.pages.breaker_action(
        action, field(request, "provider"), field(request, "model"), session.actor, reason(request)
    )
    console.overview.want_all()
    return RedirectResponse("/", 303)
