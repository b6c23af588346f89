"""The console's web application: its routes, its middleware and the headers of each reply."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import structlog
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from rfqflow.console import (
    account_pages,
    actions,
    audit,
    control_pages,
    desk_actions,
    desk_drafts,
    desk_pages,
    live_updates,
    pages,
    plots,
    prompt_actions,
    prompt_pages,
    quality_pages,
    rfq_list,
    settings_pages,
)
from rfqflow.console.access import Access, log_out
from rfqflow.console.login import Login
from rfqflow.core.roles import Role
from rfqflow.http.server import alongside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from rfqflow.console.context import Console

_log = structlog.get_logger()
_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # Under no-referrer, a form would send Origin: null, as a form of any other site may.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class _Guarded:
    """Adds the console's security headers to each reply."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"], *_HEADERS,
                    *([] if b"cache-control" in given else [(b"cache-control", b"no-store")]),
                ]  # fmt: skip
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


def build_app(console: Console) -> Starlette:
    """Builds the application: the pages, actions and streams of one console."""
    access = Access(console)

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in console.static:
            return Response("", 404)
        kind = _KINDS[name.rpartition(".")[2]]
        return Response(console.static[name], media_type=kind, headers={"Cache-Control": "private, max-age=86400"})

    async def lost(request: Request, _error: Exception) -> Response:
        session = await access.known(request)
        return console.problem(session, 404, "Nothing here", "This page or RFQ does not exist.")

    routes = [
        Route("/healthz", _healthz),
        Route("/static/{name}", static),
        *Login(console, access).routes(),
        *_of_queue(access.guarded),
        *_of_prompts(access.guarded),
        *audit.routes(access.guarded),
        *control_pages.routes(access.guarded),
        *account_pages.routes(access.guarded),
        *settings_pages.routes(access.guarded),
        *desk_pages.routes(access.guarded),
        *desk_actions.routes(access.guarded),
        *desk_drafts.routes(access.guarded),
    ]
    app = Starlette(routes=routes, exception_handlers={404: lost, Exception: _broken})
    app.add_middleware(_Guarded)
    return app


@contextlib.asynccontextmanager
async def alive(console: Console) -> AsyncIterator[None]:
    """Runs background tasks while the console serves."""
    async with alongside(
        watch=console.watch.run(), overview=console.overview.run(), health=console.health.run(),
        sessions=console.sessions.run(),
    ):  # fmt: skip
        yield


def _of_queue(guarded: Callable[..., Any]) -> list[Route]:
    return [
        Route("/logout", guarded(log_out, needs=Role.VIEWER), methods=["POST"]),
        Route("/", guarded(pages.overview)),
        Route("/live", guarded(live_updates.overview)),
        Route("/live/health", guarded(live_updates.health)),
        *rfq_list.routes(guarded),
        Route("/rfqs/{rfq_id:uuid}", guarded(pages.rfq)),
        Route("/rfqs/{rfq_id:uuid}/live", guarded(live_updates.rfq)),
        Route("/rfqs/{rfq_id:uuid}/override", guarded(actions.override), methods=["POST"]),
        Route("/rfqs/{rfq_id:uuid}/withdraw", guarded(actions.withdraw), methods=["POST"]),
        Route("/rfqs/{rfq_id:uuid}/rerun", guarded(actions.rerun), methods=["POST"]),
        Route("/plots", guarded(plots.plots)),
        Route("/plots/export", guarded(plots.report)),
        Route("/budgets", guarded(pages.budgets)),
        Route("/budgets/live", guarded(live_updates.budgets)),
    ]


def _of_prompts(guarded: Callable[..., Any]) -> list[Route]:
    """Routes of prompts, trials, evaluations and overrides."""
    return [
        Route("/prompts", guarded(prompt_pages.prompts)),
        Route("/prompts/live", guarded(live_updates.prompts)),
        Route("/prompts/{version}", guarded(prompt_pages.prompt)),
        Route("/evaluations/cancel", guarded(prompt_actions.cancel), methods=["POST"]),
        Route("/evaluations/{run:int}", guarded(prompt_pages.evaluation)),
        Route("/compare", guarded(prompt_pages.comparison)),
        Route("/overrides", guarded(prompt_pages.overrides)),
        Route("/overrides/cases", guarded(prompt_actions.make_cases), methods=["POST"]),
        Route("/rfqs/{rfq_id:uuid}/case", guarded(prompt_actions.make_cases), methods=["POST"]),
        Route("/trials/{trial:int}", guarded(prompt_pages.trial)),
        Route("/trials/{trial:int}/live", guarded(live_updates.trial)),
        *quality_pages.routes(guarded),
    ]


async def _healthz(_request: Request) -> Response:
    """Answers that this process runs. Does not ask the database, since a restart would not repair a database."""
    return Response('{"ok": true}', media_type="application/json")


async def _broken(request: Request, error: Exception) -> Response:
    _log.error("console.internal_error", path=request.url.path.split("/")[1], error=type(error).__name__)
    return Response("Internal error: the console's log names the error.", 500)
