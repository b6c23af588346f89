"""Pages that keep themselves up to date: parts of a page, rendered here, sent when they have changed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import asyncpg
import structlog

from rfqflow.console import prompt_pages
from rfqflow.console.pages import message_of
from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.http import sse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

_log = structlog.get_logger()
_EACH_SECONDS = 1.0
_SLOW_SECONDS = 5.0
_LOOK_SECONDS = 3.0
_LONGEST_SECONDS = 3600.0  # a page connects again by itself
RFQ_PARTS = ("rfq_head", "rfq_facts", "rfq_message", "rfq_items", "rfq_timeline")


async def overview(console: Console, _request: Request, session: Session) -> Response:
    return console.stream(session, console.overview.changes(console.sessions.form_token(session)))


async def prompts(console: Console, _request: Request, session: Session) -> Response:
    return console.stream(session, _versions(console, console.sessions.form_token(session)))


async def _versions(console: Console, form_token: str) -> AsyncIterator[str]:
    """The parts of the prompts' page as they change; looked at more often while an evaluation is under way."""
    seen: dict[str, str] = {}
    by = time.monotonic() + _LONGEST_SECONDS
    while not console.closing.is_set() and time.monotonic() < by:
        pause = _SLOW_SECONDS
        try:
            state = await prompt_pages.state(console)
        except (DatabaseUnreachable, asyncpg.PostgresError):
            state = {}
        if state:
            runs = state["request"] is not None and state["request"]["ended_at"] is None
            pause = _EACH_SECONDS if runs else _LOOK_SECONDS
        fresh = {
            name: console.env.get_template(f"part_{name}.html").render(form_token=form_token, **state)
            for name in prompt_pages.PROMPT_PARTS if state
        }  # fmt: skip
        fresh = {name: html for name, html in fresh.items() if seen.get(name) != html}
        seen.update(fresh)
        yield sse.event("parts", fresh) if fresh else sse.comment()
        await sse.first_of(pause, console.closing)


async def rfq(console: Console, request: Request, session: Session) -> Response:
    whole = request.query_params.get("whole") == "1"
    story = _story(console, request.path_params["rfq_id"], console.sessions.form_token(session), whole=whole)
    return console.stream(session, story)


async def _story(console: Console, rfq_id: UUID, form_token: str, *, whole: bool) -> AsyncIterator[str]:
    """One RFQ's parts as they change."""
    seen: dict[str, str] = {}
    by = time.monotonic() + _LONGEST_SECONDS
    looks = [0.5, 1.0, 1.5]  # workers ask once a second whether somebody watches
    async with console.watch.of(rfq_id) as told:
        while not console.closing.is_set() and time.monotonic() < by:
            told.clear()
            try:
                fresh = await _parts(console, rfq_id, form_token, whole=whole)
            except (DatabaseUnreachable, asyncpg.PostgresError):
                fresh = {}
            fresh = {name: html for name, html in fresh.items() if seen.get(name) != html}
            seen.update(fresh)
            yield sse.event("parts", fresh) if fresh else sse.comment()
            await sse.first_of(looks.pop(0) if looks else _LOOK_SECONDS, told, console.closing)


async def _parts(console: Console, rfq_id: UUID, form_token: str, *, whole: bool) -> dict[str, str]:
    found = await console.pages.rfq(rfq_id)
    if found is None:
        return {}
    about = {"rfq": found, "timeline": await console.pages.timeline(rfq_id), "form_token": form_token}
    about["message"] = message_of(found, whole=whole)
    return {name: console.env.get_template(f"part_{name}.html").render(**about) for name in RFQ_PARTS}
