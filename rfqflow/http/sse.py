"""Server-sent events: each stream sends an event or a comment at least every 15 s, and ends when the server closes."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from starlette.responses import JSONResponse, Response, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Receive, Scope, Send

    from rfqflow.http.limits import Streams

_log = structlog.get_logger()
_AGAIN_SECONDS = 5

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def jsonable(value: Any) -> Any:
    """Converts values that json.dumps does not support."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data, default=jsonable, ensure_ascii=True)}\n\n"


def comment() -> str:
    """A comment line that keeps proxies from closing an idle stream."""
    return ": still here\n\n"


class _Stream(StreamingResponse):
    """A response that frees its stream's place after its end, even if the stream never started."""

    def __init__(self, parts: AsyncIterator[str], release: Callable[[], None]) -> None:
        super().__init__(_unbroken(parts), media_type="text/event-stream", headers=HEADERS)
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._release()


async def _unbroken(parts: AsyncIterator[str]) -> AsyncIterator[str]:
    """Ends the stream after an unexpected error. Logs only its class, since its message may hold a customer's text."""
    try:
        async for part in parts:
            yield part
    except Exception as error:  # noqa: BLE001 - the outermost handler of a stream
        _log.error("http.stream_error", error=type(error).__name__)


def stream(parts: AsyncIterator[str], release: Callable[[], None]) -> Response:
    """A response that streams the parts, and calls `release` after the stream's end."""
    return _Stream(parts, release)


def place(streams: Streams, who: str) -> Callable[[], None] | Response:
    """Takes a place for a stream of this client. Returns the function that frees the place, or a refusal."""
    taken = streams.take(who)
    if isinstance(taken, int):
        return JSONResponse({"error": "too_many_streams"}, taken, headers={"Retry-After": str(_AGAIN_SECONDS)})
    return taken


async def first_of(seconds: float, *events: asyncio.Event) -> None:
    """Returns once one of the events is set, or after the given seconds."""
    tasks = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
