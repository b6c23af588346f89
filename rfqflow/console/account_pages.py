"""Pages on which administrators manage accounts, and users their own account."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from rfqflow.console import account_changes
from rfqflow.console.actions import field
from rfqflow.console.operations import Asked, act, ask, notice_of
from rfqflow.console.session import hash_of, set_cookie
from rfqflow.core import accounts
from rfqflow.core.errors import ConfigError
from rfqflow.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

_LINK_MINUTES = 60.0 * 24


def routes(guarded: Callable[..., Any]) -> list[Route]:
    return [
        Route("/accounts", guarded(listed, needs=Role.ADMIN)),
        Route("/accounts", guarded(add, needs=Role.ADMIN), methods=["POST"]),
        Route("/accounts/{account_id:int}", guarded(confirm, needs=Role.ADMIN)),
        Route("/accounts/{account_id:int}", guarded(change, needs=Role.ADMIN), methods=["POST"]),
        Route("/me", guarded(own)),
        Route("/me/password", guarded(set_password, needs=Role.VIEWER), methods=["POST"]),
    ]


async def listed(console: Console, request: Request, session: Session) -> Response:
    return await _page(console, session, notice=notice_of(console, request, session))


async def _page(console: Console, session: Session, status: int = 200, **about: Any) -> Response:
    return console.page(
        session, "accounts.html", status=status, page="accounts", said=None, rows=await console.accounts.all(),
        roles=[role.word for role in Role], **about,
    )  # fmt: skip


async def add(console: Console, request: Request, session: Session) -> Response:
    """Creates an account without a password, and a link on which the user sets a password."""
    given = {"name": field(request, "name"), "role": field(request, "role")}
    try:
        name, role = accounts.account_name(given["name"]), Role.of(given["role"])
        await console.accounts.add(name, accounts.account_key(name), role, None, session.actor)
    except (ValueError, ConfigError) as error:
        return await _page(console, session, 400, given=given, wrong=str(error))
    return await _page(
        console, session, notice=f"The account {name} is added.", link=await _link(console, request, session, name)
    )


async def confirm(console: Console, request: Request, session: Session) -> Response:
    """Shows the effects of a change, so that the administrator can confirm it."""
    return await ask(console, session, account_changes.CHANGE, _asked(request, session))


async def change(console: Console, request: Request, session: Session) -> Response:
    asked = _asked(request, session)
    if asked("what") in account_changes.CONFIRMED:
        if not asked("expected"):
            return await ask(console, session, account_changes.CHANGE, asked)
        return await act(console, session, account_changes.CHANGE, asked)
    row = await account_changes.account(console, asked)
    name, key = row["name"], accounts.account_key(row["name"])
    if asked("what") == "link":
        link = await _link(console, request, session, name)
        return await _page(console, session, notice=f"A link for {name} is ready.", link=link)
    await console.accounts.change(key, session.actor, disabled=False)
    return await _page(console, session, notice=f"{name} may log in again.")


def _asked(request: Request, session: Session) -> Asked:
    """The fields of the form and the actor. The actor comes first, so that no field of the form can replace it."""
    ours = [("account_id", str(request.path_params["account_id"])), ("actor", session.actor)]
    given = Asked.of(request)
    return Asked([*ours, *((name, given(name)) for name in ("what", "role", "expected"))])


async def _link(console: Console, request: Request, session: Session, name: str) -> str:
    token = secrets.token_urlsafe(24)
    await console.accounts.make_link(hash_of(token), accounts.account_key(name), _LINK_MINUTES, session.actor)
    scheme = "https" if console.visitors.of(request).is_secure else "http"
    return f"{scheme}://{request.headers.get('host', '')}/link?token={token}"


async def own(console: Console, _request: Request, session: Session) -> Response:
    return await _own_page(console, session)


async def _own_page(console: Console, session: Session, status: int = 200, **about: Any) -> Response:
    mine = [row for row in await console.accounts.sessions() if row["account"] == session.actor]
    return console.page(
        session, "me.html", status=status, page="me", said=None, sessions=mine, least=accounts.PASSWORD_LEAST, **about
    )


async def set_password(console: Console, request: Request, session: Session) -> Response:
    """Sets the user's own password.

    Asks for the old password, so that another person at an unlocked browser cannot set a new one. A wrong old password
    counts as a failed login.
    """
    form: dict[str, list[str]] = request.state.form
    old, new, again = (accounts.composed(form.get(name, [""])[0]) for name in ("old", "password", "again"))
    visitor, key = console.visitors.of(request), accounts.account_key(session.actor)
    try:
        new = accounts.password(new, session.actor)
    except ValueError as error:
        return await _own_page(console, session, 400, wrong=("password", str(error)))
    if new != again:
        return await _own_page(console, session, 400, wrong=("again", "the two passwords differ"))
    attempt = await console.accounts.try_login(key, visitor.address, visitor.network, in_clear=visitor.is_in_clear)
    fits = attempt.wait_seconds is None and await console.checks.fits(visitor.network, attempt.password, old)
    if not fits:
        if attempt.wait_seconds is None:
            await console.accounts.settle_login(attempt, visitor.network, None)
        wait = (
            f"try again in {attempt.wait_seconds:.0f} s"
            if attempt.wait_seconds
            else "this is not your current password"
        )
        return await _own_page(console, session, 400, wrong=("old", wait))
    kept = await console.checks.hash(visitor.network, new)
    token = secrets.token_urlsafe(32)
    if await console.accounts.set_password(attempt, kept, visitor.network, hash_of(token)) is None:
        text = "your password has changed, or your account is disabled: log in again"
        return await _own_page(console, session, 409, wrong=("old", text))
    session = await console.sessions.begun(token) or session
    reply = await _own_page(console, session, notice="Your password is set. Your other sessions have ended.")
    set_cookie(reply, token, is_secure=visitor.is_secure)
    return reply
