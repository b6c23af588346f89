"""Tracks whether the text of a call has begun to leave: an unsent call is free and not the RFQ's fault.

A client writes the head of a request first, then reads the body from its stream. If the stream was never read, no
server can bill anything. Otherwise, a server may have read it all.
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


# A client's call passes through a library that hands none of the caller's arguments to its transport.
_current: ContextVar[Sending | None] = ContextVar("sending", default=None)


def watch() -> Sending:
    """Watches the calls that this task makes from here on."""
    sending = Sending()
    _current.set(sending)
    return sending


async def marked(body: ByteStream | Iterable[bytes]) -> AsyncIterator[bytes]:
    """The body; its first chunk marks the task's call as sent."""
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
