"""Live pages: renders the parts of a page, and sends each part that changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from rfqflow.console import failures, prompt_pages
from rfqflow.console.pages import budget_state, message_of
from rfqflow.console.related_view import related_lines
from rfqflow.console.shared_reads import VIEWERS
from rfqflow.core.errors import ConfigError
from rfqflow.http import sse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable, Iterable
    from uuid import UUID

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

_EACH_SECONDS = 1.0
_SLOW_SECONDS = 5.0
_LOOK_SECONDS = 3.0
_LONGEST_SECONDS = 3600.0  # a stream then ends, and the page opens a new one
Parts = tuple[dict[str, str], float]  # the current HTML of each part, and the seconds until the next read
Look = Callable[[], Awaitable[Parts]]
Render = Callable[[dict[str, Any]], Awaitable[Parts]]
RFQ_PARTS = ("rfq_head", "rfq_facts", "rfq_message", "rfq_items", "rfq_related", "rfq_timeline")


async def overview(console: Console, _request: Request, session: Session) -> Response:
    form_token = console.sessions.form_token(session)
    return console.stream(session, console.overview.changes(form_token, session.role))


async def health(console: Console, _request: Request, session: Session) -> Response:
    """The stream of a page that has no live part except the health bar."""
    return console.stream(session, None)


async def budgets(console: Console, _request: Request, session: Session) -> Response:
    async def render(whose: dict[str, Any]) -> tuple[dict[str, str], float]:
        return _rendered(console, ("budgets", "caps"), **whose, **await budget_state(console)), _LOOK_SECONDS

    return in_common(console, session, "budgets", render)


async def prompts(console: Console, _request: Request, session: Session) -> Response:
    async def render(whose: dict[str, Any]) -> tuple[dict[str, str], float]:
        state = await prompt_pages.state(console)
        runs = state["request"] is not None and state["request"]["ended_at"] is None
        parts = _rendered(console, prompt_pages.PROMPT_PARTS, **whose, **state)
        return parts, _EACH_SECONDS if runs else _LOOK_SECONDS

    return in_common(console, session, "prompts", render)


async def trial(console: Console, request: Request, session: Session) -> Response:
    number = request.path_params["trial"]

    async def render(whose: dict[str, Any]) -> tuple[dict[str, str], float]:
        try:
            state = await prompt_pages.trial_state(console, number)
        except ConfigError:
            return {}, _SLOW_SECONDS
        return _rendered(console, prompt_pages.TRIAL_PARTS, **whose, **state), _SLOW_SECONDS

    return in_common(console, session, ("trial", number), render)


async def rfq(console: Console, request: Request, session: Session) -> Response:
    rfq_id = request.path_params["rfq_id"]
    whole = request.query_params.get("whole") == "1"
    whose = console.whose(session)

    async def look() -> tuple[dict[str, str], float]:
        found = await console.pages.rfq(rfq_id)
        if found is None:
            return {}, _LOOK_SECONDS
        timeline = await console.pages.timeline(rfq_id)
        message = message_of(found, whole=whole)
        related = await related_lines(console, rfq_id)
        about = {"rfq": found, "timeline": timeline, "message": message, "related": related, **whose}
        return _rendered(console, RFQ_PARTS, **about), _LOOK_SECONDS

    return console.stream(session, watched(console, rfq_id, look))


def in_common(console: Console, session: Session, key: Hashable, render: Render) -> Response:
    """The stream of a page that all viewers with the same role share: the console reads and renders it once for all.

    `render` gets the values of `Console.whose`, but `VIEWERS` instead of the form token.
    """
    whose = {"form_token": VIEWERS, "may": session.role.may}
    read = console.shared.fresh  # the first read is new, since an older result could be older than the page

    async def look() -> tuple[dict[str, str], float]:
        nonlocal read
        found = await read(("parts", session.role, key), lambda: render(whose))
        read = console.shared.recent
        return found

    return console.stream(session, changes(console, look, session=session))


def _rendered(console: Console, names: Iterable[str], **about: Any) -> dict[str, str]:
    return {name: console.env.get_template(f"part_{name}.html").render(**about) for name in names}


async def watched(console: Console, rfq_id: UUID, look: Look) -> AsyncIterator[str]:
    """Works as `changes`, but also reads at once when the RFQ finishes."""
    async with console.watch.of(rfq_id) as notified:
        async for event in changes(console, look, notified):
            yield event


async def changes(
    console: Console, look: Look, notified: asyncio.Event | None = None, *, session: Session | None = None
) -> AsyncIterator[str]:
    """Yields all parts first, then each part that changed.

    `session`: the viewer. Their form token replaces `VIEWERS` in parts that many viewers share.
    """
    token = console.sessions.form_token(session) if session else ""
    seen: dict[str, str] = {}
    by = time.monotonic() + _LONGEST_SECONDS
    soon = [0.5, 1.0, 1.5] if notified else []  # workers check only once a second whether a page watches
    notified = notified or asyncio.Event()
    while not console.closing.is_set() and time.monotonic() < by:
        notified.clear()
        try:
            parts, pause = await look()
        except failures.ERRORS:
            parts, pause = {}, _SLOW_SECONDS
        fresh = {name: html for name, html in parts.items() if seen.get(name) != html}
        seen.update(fresh)
        shown = {name: html.replace(VIEWERS, token) for name, html in fresh.items()} if token else fresh
        yield sse.event("parts", shown) if shown else sse.comment()
        await sse.first_of(soon.pop(0) if soon else pause, notified, console.closing)
