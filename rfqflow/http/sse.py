"""Server-sent events: a stream that says something at least each 15 s, and ends when the server closes."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def jsonable(value: Any) -> Any:
    """What json.dumps does not know by itself."""
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
    """Keeps proxies from taking the stream for dead."""
    return ": still here\n\n"


def stream(parts: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(parts, media_type="text/event-stream", headers=HEADERS)


async def first_of(seconds: float, *events: asyncio.Event) -> None:
    """Returns when one of the events is set, or after so many seconds."""
    tasks = [asyncio.ensure_future(one.wait()) for one in events]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
