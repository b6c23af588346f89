"""Who may come in: sessions and forms are checked here, before any page or action runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response

from rfqflow.console import failures
from rfqflow.console.session import COOKIE, SESSION_SECONDS, Session, actor_name
from rfqflow.core.errors import RfqflowError
from rfqflow.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from rfqflow.console.context import Console

    Handler = Callable[[Console, Request, Session], Awaitable[Response]]

_log = structlog.get_logger()
_BODY_MOST = 64 * 1024
_WRONG_TOKEN_SECONDS = 1.0


class Access:
    """Lets those who are logged in to the handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._denied = asyncio.Lock()

    def guarded(self, handler: Handler, needs: Role | None = None) -> Callable[..., Any]:
        """The handler for those who are logged in; a POST must carry its form's token as well.

        `needs`: the least role; by default a viewer's to look (GET), an operator's to do something (POST).
        """
        console = self._console

        async def guarded(request: Request) -> Response:
            least = needs if needs is not None else Role.VIEWER if request.method == "GET" else Role.OPERATOR
            session = console.sessions.known(request.cookies.get(COOKIE, ""))
            if session is None:
                if request.method != "GET":
                    return console.problem(None, 403, "Not logged in", "Log in and try again.")
                there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return RedirectResponse(f"/login?next={quote(there)}", 303)
            if request.method == "POST":
                try:
                    request.state.form = form = await read_form(request)
                except ClientDisconnect:
                    return Response("", 400)  # nobody is there to read it
                # A browser that says where a form is from must say: from here.
                elsewhere = request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
                if elsewhere or form is None or not console.sessions.is_form_token(session, first(form, "form_token")):
                    return console.problem(session, 403, "Not from this page", "Reload the page and try again.")
            if session.role < least:
                _log.warning("console.refused_role", path=request.url.path.split("/")[1], needs=least.word)
                return console.problem(
                    session, 403, "Not for this account",
                    f"This takes the role {least.word}, and your account is of the role {session.role.word}. Nothing "
                    "was changed. Ask an administrator: `rfqflow account role NAME ROLE` gives another one.",
                )  # fmt: skip
            return await self._answered(handler, request, session)

        return guarded

    async def _answered(self, handler: Handler, request: Request, session: Session) -> Response:
        """What the handler answers, or a page that says why there is no answer."""
        console, where = self._console, request.url.path.split("/")[1]
        if request.method == "GET":
            await console.health.glance()
        try:
            return await handler(console, request, session)
        except HTTPException:
            raise
        except failures.ERRORS as error:
            told = failures.of(error)
            state = getattr(error, "sqlstate", None)
            _log.warning("console.database_error", path=where, error=type(error).__name__, sqlstate=state)
            return console.problem(session, told.status, told.title, told.text)
        except RfqflowError as error:
            return console.problem(session, 409, "That cannot be done", str(error))
        except Exception as error:  # noqa: BLE001 - its text may hold a customer's; the class tells where to look
            _log.error("console.internal_error", path=where, error=type(error).__name__)
            return console.problem(
                session, 500, "Something is broken here", "The log of the console says what kind of error it was."
            )

    async def login(self, request: Request) -> Response:
        console = self._console
        there = request.query_params.get("next", "/")
        if request.method == "GET":
            token = request.query_params.get("token", "")
            return console.page(None, "login.html", token=token, wrong=None, there=there, actor="")
        form = await read_form(request) or {}
        there, token, actor = first(form, "next"), first(form, "token"), actor_name(first(form, "actor"))
        if not console.sessions.admits(token):
            async with self._denied:  # one wrong guess at a time
                await asyncio.sleep(_WRONG_TOKEN_SECONDS)
            return console.page(None, "login.html", status=403, token="", wrong="token", there=there, actor=actor or "")
        if actor is None:
            return console.page(None, "login.html", status=400, token=token, wrong="actor", there=there, actor="")
        local = there.startswith("/") and not there.startswith(("//", "/\\"))
        reply = RedirectResponse(there if local else "/", 303)
        reply.set_cookie(
            COOKIE, console.sessions.begin(actor), max_age=SESSION_SECONDS, httponly=True, samesite="strict",
            secure=request.headers.get("x-forwarded-proto") == "https",
        )  # fmt: skip
        _log.info("console.login")
        return reply


async def log_out(_console: Console, _request: Request, _session: Session) -> Response:
    reply = RedirectResponse("/login", 303)
    reply.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return reply


async def read_form(request: Request) -> dict[str, list[str]] | None:
    """The fields of a form; None for what is none, or is too large."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_MOST:
            return None
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=2000)
    except ValueError:  # too many
        return None


def first(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0].strip()
