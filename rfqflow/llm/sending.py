"""Whether the text of a call has begun to leave: what provably has not is free, and no fault of the RFQ's.

A client writes the head of a request first and takes the body from its stream after that. A stream that nobody has
begun to read has left nothing that anybody could bill, whatever was raised. All else may have been read as a whole.
"""

from collections.abc import AsyncIterator, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True)
class Sending:
    """One HTTP call."""

    begun: bool = False


class ByteStream(Protocol):
    """A request's body, of any HTTP library."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...


# A client's call passes through a library that takes no argument of ours to its transport.
_current: ContextVar[Sending | None] = ContextVar("sending", default=None)


def watch() -> Sending:
    """The call that this task makes from here on."""
    sending = Sending()
    _current.set(sending)
    return sending


async def marked(body: ByteStream | Iterable[bytes]) -> AsyncIterator[bytes]:
    """The body; the task's call counts as sent from its first chunk on."""
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
