"""Limits of one HTTP server against silent sockets, slow requests and slow readers.

A health probe must always get its answer. So a new socket displaces the socket that has been idle longest, and no
limit applies to probes.
"""

from __future__ import annotations

import contextlib
import resource
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from rfqflow.sockets import keepalive

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROBES = frozenset({"/healthz", "/readyz"})
HEAD_SECONDS = 10.0  # for the head of a request, from its first byte or, for the first request, from the connection
BODY_SECONDS = 20.0
KEEP_SECONDS = 20  # between two requests
READ_SECONDS = 20.0  # for a client to read pending output
_LINGER_SECONDS = 2.0
_PIPELINED_SECONDS = 0.01  # between two answers to a socket that sends requests without waiting for answers
MOST_SOCKETS, _FEWEST_SOCKETS = 512, 32
MOST_SOCKETS_OF_CONSOLE = 1280  # twice the console's most streams, so that new users can always log in
MOST_REQUESTS = 102  # concurrent requests; streams do not count
_WANTED_FILES = 8192


def room_for_sockets(most: int = MOST_SOCKETS) -> int:
    """Raises the process's file limit, and returns how many sockets may be open: `most`, or half of the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, _WANTED_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return most if soft == resource.RLIM_INFINITY else max(min(most, soft // 2), _FEWEST_SOCKETS)


class Sockets:
    """All sockets of a server. If the server is full, a new socket displaces the one that has been idle longest."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._all: set[Protocol] = set()
        self._idle: dict[Protocol, None] = {}  # the socket that has been idle longest comes first

    def add(self, one: Protocol) -> None:
        self._all.add(one)
        self._idle[one] = None
        while len(self._all) > self.most and self._idle:
            oldest = next(iter(self._idle))
            self.remove(oldest)
            oldest.transport.abort()

    def remove(self, one: Protocol) -> None:
        self._all.discard(one)
        self._idle.pop(one, None)

    def set_idle(self, one: Protocol, *, idle: bool) -> None:
        if not idle:
            self._idle.pop(one, None)
        elif one in self._all:
            self._idle.setdefault(one)


class Protocol(H11Protocol):
    """uvicorn's protocol, with a time limit for each step of a client."""

    def __init__(self, sockets: Sockets, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._sockets = sockets
        self._phase = ""
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # the client has already closed the connection
            for option in keepalive():
                sock.setsockopt(*option)
        self._sockets.add(self)
        self._enter("head", HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._sockets.remove(self)
        self._enter("", 0)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look("head")

    def on_response_complete(self) -> None:
        if self.conn.trailing_data[0] and not self.transport.is_closing():
            # The client has already sent its next request. Without this pause, a client that sends requests without
            # waiting for answers would take every turn of the event loop.
            self.loop.call_later(_PIPELINED_SECONDS, self._answer_next)
        else:
            self._answer_next()

    def _answer_next(self) -> None:
        super().on_response_complete()
        self._look("idle")

    def _look(self, otherwise: str) -> None:
        """Sets the time limit for what the client must do next."""
        busy = bool(self.cycle) and not self.cycle.response_complete
        self._sockets.set_idle(self, idle=not busy)
        if not busy:
            self._enter(otherwise, HEAD_SECONDS if otherwise == "head" else KEEP_SECONDS)
        elif self.cycle.more_body:
            self._enter("body", BODY_SECONDS)
        else:
            self._enter("", 0)

    def _enter(self, phase: str, seconds: float) -> None:
        if phase == self._phase:
            return  # the client is in the same step: more bytes do not extend its limit
        self._phase = phase
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._too_slow) if phase else None

    def _too_slow(self) -> None:
        if self._phase == "body":
            self.transport.abort()
            return
        self.transport.close()  # still sends pending output, if the client reads it
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._writing is None:
            self._writing = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None


class Admission:
    """Limits concurrent requests. Probes always pass, and streams have their own limit."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        if self._active >= self._most:
            await _refuse(send)
            return
        self._active += 1
        counted = True

        def leave() -> None:
            nonlocal counted
            if counted:
                counted = False
                self._active -= 1

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_stream(message):
                leave()
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            leave()


def _is_stream(message: Message) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in message["headers"])


async def _refuse(send: Send) -> None:
    body = b'{"error": "too_many_requests"}'
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", b"1"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Streams:
    """Places for streams, with a limit for all clients together and a limit per client."""

    def __init__(self, most: int, each: int) -> None:
        self._most = most
        self._each = each
        self._taken: Counter[str] = Counter()

    def take(self, who: str) -> Callable[[], None] | int:
        """Takes a place for a client. Returns a function that frees the place, or the HTTP status of a refusal.

        The caller may call the function more than once.
        """
        if self._taken.total() >= self._most:
            return 503
        if self._taken[who] >= self._each:
            return 429
        self._taken[who] += 1
        given = False

        def release() -> None:
            nonlocal given
            if not given:
                given = True
                self._taken[who] -= 1
                if not self._taken[who]:
                    del self._taken[who]

        return release

    @property
    def taken(self) -> int:
        return self._taken.total()


def protocol_for(sockets: Sockets) -> type[asyncio.Protocol]:
    """The factory of uvicorn's protocol for each connection."""

    def made(*args: Any, **more: Any) -> Protocol:
        return Protocol(sockets, *args, **more)

    return cast("type[asyncio.Protocol]", made)
