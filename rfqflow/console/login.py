"""Login by name and password, or by a one-time link that sets the password."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from rfqflow.console import failures
from rfqflow.console.access import FormTooLarge, first, is_from_elsewhere, local, read_form
from rfqflow.console.session import hash_of, set_cookie
from rfqflow.console.visitors import NameRefused
from rfqflow.core import accounts
from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from rfqflow.console.access import Access
    from rfqflow.console.context import Console
    from rfqflow.console.visitors import Visitor

    Form = dict[str, list[str]]

_log = structlog.get_logger()


class Login:
    """The two pages that need no session."""

    def __init__(self, console: Console, access: Access) -> None:
        self._console = console
        self._access = access

    def routes(self) -> list[Route]:
        return [
            Route("/login", self._open(self.login), methods=["GET", "POST"]),
            Route("/link", self._open(self.link), methods=["GET", "POST"]),
        ]

    def _open(
        self, handler: Callable[[Request, Visitor, Form | None], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Wraps a handler that needs no session. Refuses a form from another site."""
        console = self._console

        async def opened(request: Request) -> Response:
            try:
                visitor = console.visitors.of(request)
                form = None
                if request.method == "POST":
                    form = await read_form(request) or {}
                    if is_from_elsewhere(request):
                        return console.problem(
                            None,
                            403,
                            "Form not accepted",
                            "The form comes from another site. Open this page itself and try again.",
                        )
                return await handler(request, visitor, form)
            except ClientDisconnect:
                return Response("", 400)
            except FormTooLarge as error:
                return console.problem(None, 413, "Too much at once", str(error))
            except NameRefused as error:
                return console.problem(
                    None, 403, "No account", f"The proxy's header holds no valid account name: {error}."
                )
            except failures.ERRORS as error:
                failure = failures.of(error)
                _log.warning("console.database_error", path="login", error=type(error).__name__)
                return console.problem(None, failure.status, failure.title, failure.text)

        return opened

    # -- name and password ---------------------------------------------------------------------------------------------

    async def login(self, request: Request, visitor: Visitor, form: Form | None) -> Response:
        there = local(first(form, "next") if form is not None else request.query_params.get("next", "/"))
        if form is None:
            if visitor.name is not None or await self._access.known(request):
                return RedirectResponse(
                    there, 303
                )  # a user whom a proxy names needs no login: the next page starts the session
            return await self._page(visitor, there)
        name, password = first(form, "name")[:200], accounts.composed(form.get("password", [""])[0])
        if not name or not password or len(password) > accounts.PASSWORD_MOST:
            return await self._page(visitor, there, name=name, wrong="empty", status=400)
        attempt = await self._console.accounts.try_login(
            _key(name), visitor.address, visitor.network, in_clear=visitor.is_in_clear
        )
        if attempt.wait_seconds is not None:
            seconds = max(1, math.ceil(attempt.wait_seconds))
            _log.warning("console.login_limited", login=attempt.login_id)
            reply = await self._page(visitor, there, name=name, wrong="limited", status=429, seconds=seconds)
            reply.headers["Retry-After"] = str(seconds)
            return reply
        fits = await self._console.checks.fits(visitor.network, attempt.password, password)
        token = secrets.token_urlsafe(32)
        session = await self._console.accounts.settle_login(attempt, visitor.network, hash_of(token) if fits else None)
        if session is None:
            _log.warning("console.login_failed", login=attempt.login_id)
            return await self._page(visitor, there, name=name, wrong="password", status=403)
        _log.info("console.login", via="password", session=session)
        return await self._in(request, visitor, token, there)

    async def _page(
        self, visitor: Visitor, there: str, *, name: str = "", wrong: str | None = None, status: int = 200,
        seconds: int = 0,
    ) -> Response:  # fmt: skip
        nobody = not await self._console.accounts.has_admin()
        return self._console.page(
            None, "login.html", status=status, name=name, wrong=wrong, there=there, nobody=nobody, seconds=seconds,
            in_clear=visitor.is_in_clear,
        )  # fmt: skip

    async def _in(self, request: Request, visitor: Visitor, token: str, there: str) -> Response:
        """Starts a new session. Ends the older session of the browser, so that its token is no longer valid."""
        before = await self._access.known(request)
        if before is not None and before.via != "proxy":
            await self._console.sessions.end(before)
        reply = RedirectResponse(there, 303)
        set_cookie(reply, token, is_secure=visitor.is_secure)
        return reply

    # -- a one-time link -----------------------------------------------------------------------------------------------

    async def link(self, request: Request, visitor: Visitor, form: Form | None) -> Response:
        """Shows the form of a link, or sets the password. A GET leaves the link valid, as mail programs open links."""
        token = first(form, "token") if form is not None else request.query_params.get("token", "")
        found = await self._console.accounts.link(hash_of(token))
        if form is None and (found is None or not found.is_open):
            return self._dead_link()
        name = found.name if found and found.name else first(form or {}, "name")
        about = {"token": token, "name": name, "is_first": found is not None and found.name is None}
        if form is None or found is None:
            return self._dead_link() if found is None else self._link_page(visitor, 200, None, about)
        password = form.get("password", [""])[0]
        try:
            name = accounts.account_name(name)
            password = accounts.password(password, name)
        except ValueError as error:
            return self._link_page(visitor, 400, str(error), about)
        if password != accounts.composed(form.get("again", [""])[0]):
            return self._link_page(visitor, 400, "the two passwords differ", about)
        kept = await self._console.checks.hash(visitor.network, password)
        session_token = secrets.token_urlsafe(32)
        try:
            session = await self._console.accounts.use_link(
                hash_of(token),
                name,
                accounts.account_key(name),
                kept,
                visitor.address,
                hash_of(session_token),
                in_clear=visitor.is_in_clear,
            )
        except ConfigError as error:
            return self._link_page(visitor, 400, str(error), about)
        if session is None:
            _log.warning("console.link_refused")
            return self._dead_link()
        _log.info("console.login", via="link", session=session)
        return await self._in(request, visitor, session_token, "/")

    def _link_page(self, visitor: Visitor, status: int, wrong: str | None, about: dict[str, object]) -> Response:
        least = accounts.PASSWORD_LEAST
        return self._console.page(
            None, "link.html", status=status, wrong=wrong, least=least, in_clear=visitor.is_in_clear, **about
        )

    def _dead_link(self) -> Response:
        text = (
            "A link works once, and only for a short time. Log in with your password, or ask an administrator to run "
            "`rfqflow account link NAME`. For a link for the first administrator, start `rfqflow console` again."
        )
        return self._console.problem(None, 410, "This link is used or expired", text)


def _key(name: str) -> str:
    """The normalized account name. For an invalid name, a key that matches no account."""
    try:
        return accounts.account_key(accounts.account_name(name))
    except ValueError:
        return ""
