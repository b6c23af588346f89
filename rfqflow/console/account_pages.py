"""Accounts as an administrator sees them, and one's own."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from rfqflow.console.actions import field
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
_DONE = {
    "role": "{name} has the role {role} now.", "disable": "{name} is disabled.", "enable": "{name} may log in again.",
    "revoke": "{name} is logged out everywhere.",
}  # fmt: skip


def routes(guarded: Callable[..., Any]) -> list[Route]:
    return [
        Route("/accounts", guarded(listed, needs=Role.ADMIN)),
        Route("/accounts", guarded(add, needs=Role.ADMIN), methods=["POST"]),
        Route("/accounts/{account_id:int}", guarded(change, needs=Role.ADMIN), methods=["POST"]),
        Route("/me", guarded(own)),
        Route("/me/password", guarded(set_password, needs=Role.VIEWER), methods=["POST"]),
    ]


async def listed(console: Console, _request: Request, session: Session) -> Response:
    return await _page(console, session)


async def _page(console: Console, session: Session, status: int = 200, **about: Any) -> Response:
    return console.page(
        session, "accounts.html", status=status, page="accounts", said=None, rows=await console.accounts.all(),
        roles=[role.word for role in Role], **about,
    )  # fmt: skip


async def add(console: Console, request: Request, session: Session) -> Response:
    """An account without a password, and the link with which its person sets one."""
    given = {"name": field(request, "name"), "role": field(request, "role")}
    try:
        name, role = accounts.account_name(given["name"]), Role.of(given["role"])
        await console.accounts.add(name, accounts.account_key(name), role, None, session.actor)
    except (ValueError, ConfigError) as error:
        return await _page(console, session, 400, given=given, wrong=str(error))
    return await _page(console, session, notice=f"{name} is added.", link=await _link(console, request, session, name))


async def change(console: Console, request: Request, session: Session) -> Response:
    rows = {row["account_id"]: row for row in await console.accounts.all()}
    row = rows.get(request.path_params["account_id"])
    what = field(request, "what")
    if row is None or (what not in _DONE and what != "link"):
        raise ConfigError("there is no such account, or no such change")
    name, key = row["name"], accounts.account_key(row["name"])
    if what == "link":
        link = await _link(console, request, session, name)
        return await _page(console, session, notice=f"A link for {name} is made.", link=link)
    try:
        role = Role.of(field(request, "role")) if what == "role" else None
        if what == "revoke":
            await console.accounts.revoke(key, session.actor)
        else:
            disabled = {"disable": True, "enable": False}.get(what)
            await console.accounts.change(key, session.actor, role=role, disabled=disabled)
    except (ValueError, ConfigError) as error:
        return await _page(console, session, 409, failed=str(error))
    notice = _DONE[what].format(name=name, role=role.word if role is not None else "")
    return await _page(console, session, notice=notice)


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
    """The old one is asked for, and counts as a guess: a browser that was left open sets no password."""
    form: dict[str, list[str]] = request.state.form
    old, new, again = (accounts.composed(form.get(name, [""])[0]) for name in ("old", "password", "again"))
    visitor, key = console.visitors.of(request), accounts.account_key(session.actor)
    try:
        new = accounts.password(new, session.actor)
    except ValueError as error:
        return await _own_page(console, session, 400, wrong=("password", str(error)))
    if new != again:
        return await _own_page(console, session, 400, wrong=("again", "the two passwords differ"))
    attempt = await console.accounts.try_login(key, visitor.address, visitor.network)
    fits = attempt.wait_seconds is None and await console.checks.fits(visitor.network, attempt.password, old)
    if not fits:
        if attempt.wait_seconds is None:
            await console.accounts.settle_login(attempt, visitor.network, None)
        wait = f"try again in {attempt.wait_seconds:.0f} s" if attempt.wait_seconds else "it is not your password"
        return await _own_page(console, session, 400, wrong=("old", wait))
    kept = await console.checks.hash(visitor.network, new)
    await console.accounts.change(key, session.actor, password=kept)
    token = secrets.token_urlsafe(32)
    await console.accounts.settle_login(replace(attempt, password=kept), visitor.network, hash_of(token))
    session = await console.sessions.begun(token) or session
    reply = await _own_page(console, session, notice="Your password is set. Your other sessions have ended.")
    set_cookie(reply, token, is_secure=visitor.is_secure)
    return reply
