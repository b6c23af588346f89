"""Pages for operations of the fleet, and for webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.routing import Route

from rfqflow.console import control_operations, failed_pages, quality_operations
from rfqflow.console.live_updates import in_common
from rfqflow.console.operations import Asked, act, ask, notice_of, rfqs, with_notice
from rfqflow.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.operations import Operation
    from rfqflow.console.session import Session

OPERATIONS = {**control_operations.OPERATIONS, **failed_pages.OPERATIONS, **quality_operations.OPERATIONS}
_MISSING = 404
_LOOK_SECONDS = 2.0


def routes(guarded: Callable[..., Any]) -> list[Route]:
    return [
        Route("/failures", guarded(failed_pages.failures)),
        Route("/failures/live", guarded(failed_pages.live)),
        Route("/failures.csv", guarded(failed_pages.export, needs=Role.DESK)),
        Route("/dead", guarded(failed_pages.moved)),
        Route("/control/webhooks/{name}", guarded(webhook)),
        Route("/control/webhooks/{name}/live", guarded(webhook_live)),
        Route("/control/webhooks/{name}", guarded(turn_webhook, needs=Role.OPERATOR), methods=["POST"]),
        # An administrator's action, as on the settings page: a price of 0 would make every cap ineffective.
        Route("/control/price", guarded(_ask, needs=Role.ADMIN)),
        Route("/control/price", guarded(_act, needs=Role.ADMIN), methods=["POST"]),
        Route("/control/{operation}", guarded(_ask, needs=Role.OPERATOR)),
        Route("/control/{operation}", guarded(_act, needs=Role.OPERATOR), methods=["POST"]),
    ]


def _operation(request: Request) -> Operation:
    found = OPERATIONS.get(request.path_params.get("operation", "price"))
    if found is None:
        raise HTTPException(_MISSING)
    return found


async def _ask(console: Console, request: Request, session: Session) -> Response:
    return await ask(console, session, _operation(request), Asked.of(request))


async def _act(console: Console, request: Request, session: Session) -> Response:
    return await act(console, session, _operation(request), Asked.of(request))


# -- webhooks ----------------------------------------------------------------------------------------------------------


async def _webhook_state(console: Console, name: str) -> dict[str, Any]:
    found = next((one for one in await console.pages.control.webhooks() if one["webhook"] == name), None)
    if found is None:
        raise HTTPException(_MISSING)
    return {"hook": found, "messages": await console.pages.control.webhook_messages(name)}


async def webhook(console: Console, request: Request, session: Session) -> Response:
    state = await _webhook_state(console, request.path_params["name"])
    return console.page(
        session, "webhook.html", page="overview", said=None, notice=notice_of(console, request, session), **state
    )


async def webhook_live(console: Console, request: Request, session: Session) -> Response:
    name = request.path_params["name"]

    async def render(whose: dict[str, Any]) -> tuple[dict[str, str], float]:
        try:
            state = await _webhook_state(console, name)
        except HTTPException:  # another person removed the webhook after this page was shown
            return {}, _LOOK_SECONDS
        return {"webhook": console.env.get_template("part_webhook.html").render(**whose, **state)}, _LOOK_SECONDS

    return in_common(console, session, ("webhook", name), render)


async def turn_webhook(console: Console, request: Request, session: Session) -> Response:
    """Sends a test message to a webhook, retries its messages, or turns the webhook off or on."""
    name, asked, control = request.path_params["name"], Asked.of(request), console.pages.control
    what = asked("what")
    if what in ("on", "off") and session.role < Role.ADMIN:
        return console.problem(
            session, 403, "Not for this account",
            "To turn a webhook on or off, you need the role admin. Nothing was changed.",
        )  # fmt: skip
    if what == "test":
        sent = await control.test_webhook(name, session.actor)
        said = f"Test message {sent} is queued. The row of the message below shows the result."
    elif what == "retry":
        tried = await control.retry_webhook(name, session.actor, asked.reason)
        said = f"{rfqs(tried, 'messages are', 'message is')} due now."
    elif what in ("on", "off"):
        await control.turn_webhook(name, session.actor, asked.reason, on=what == "on")
        said = (
            "The webhook is on: rfqflow sends waiting messages."
            if what == "on"
            else "The webhook is off: rfqflow sends and queues no messages."
        )
    else:
        return console.problem(
            session, 400, "Unknown action", "The actions of a webhook are test, retry, turn on and turn off."
        )
    console.overview.want_all()
    return RedirectResponse(with_notice(console, session, f"/control/webhooks/{name}", said), 303)
