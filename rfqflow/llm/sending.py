"""Tracks whether a part of a call's text was sent. A call that was not sent costs nothing, and is not the RFQ's fault.

A client sends the head of a request, and then reads the body from a stream. If the client never read the stream, no
server can bill the call. Otherwise, a server may have received the whole text.
"""

from collections.abc import AsyncIterator, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True)
class Sending:
    """The state of one HTTP call."""

    begun: bool = False


class ByteStream(Protocol):
    """A request's body, for any HTTP library."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...


# A context variable, since the SDK does not pass the caller's arguments on to its transport.
_current: ContextVar[Sending | None] = ContextVar("sending", default=None)


def watch() -> Sending:
    """Watches the calls that this task makes from now on."""
    sending = Sending()
    _current.set(sending)
    return sending


async def marked(body: ByteStream | Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yields the body, and marks the task's call as sent at the first chunk."""
    sending = _current.get()
    if isinstance(body, Iterable):
        body = _chunks(body)
    async for chunk in body:
        if sending is not None:
            sending.begun = True
        yield chunk


async def _chunks(body: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in body:
        yield chunk
