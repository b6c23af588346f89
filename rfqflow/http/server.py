"""Runs uvicorn inside the caller's event loop.

uvicorn sets no signal handlers and writes no access log. The caller stops it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from typing import TYPE_CHECKING, Any

import uvicorn

from rfqflow.core.errors import ConfigError
from rfqflow.http.limits import (
    KEEP_SECONDS,
    MOST_REQUESTS,
    MOST_SOCKETS,
    Admission,
    Sockets,
    protocol_for,
    room_for_sockets,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Generator

    from starlette.applications import Starlette

    from rfqflow.core.endpoint import Listening

_CLOSE_SECONDS = 2.0


def bound(where: Listening, source: str) -> socket.socket:
    """Binds the listening socket. Call it before anything else starts, so that a used port is reported first.

    Raises:
        ConfigError: the address cannot be bound. The message says why, and names the option or variable in `source`.
    """
    try:
        found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        sock = socket.socket(found[0], socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(found[4])
            sock.listen(128)
        except OSError:
            sock.close()
            raise
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"{source}: cannot listen on {where.host}:{where.port}: {why}. {_remedy(error)}") from None
    sock.setblocking(False)
    return sock


def _remedy(error: Exception) -> str:
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return "Does another process use this port?"
        case errno.EACCES | errno.EPERM:
            return "Ports below 1024 need a special right: choose a higher port."
        case _:
            return "Give an address of this machine, such as 127.0.0.1:8640 or 0.0.0.0:8640."


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Installs no signal handlers, since the caller owns the loop."""
        yield


def url_of(sock: socket.socket) -> str:
    """The URL of the socket. For port 0, it has the port that the system chose."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.asynccontextmanager
async def serving(
    app: Starlette, sock: socket.socket, closing: asyncio.Event, *, most_sockets: int = MOST_SOCKETS
) -> AsyncIterator[None]:
    """Serves on the socket while the block runs. Sets `closing` when the block ends, so that endless streams end."""
    sockets = Sockets(room_for_sockets(most_sockets))
    server = _Server(
        uvicorn.Config(
            Admission(app, min(sockets.most // 5, MOST_REQUESTS)),
            loop="none", http=protocol_for(sockets), ws="none", lifespan="off",
            log_config=None, access_log=False, server_header=False, date_header=True, proxy_headers=False,
            timeout_keep_alive=KEEP_SECONDS, timeout_graceful_shutdown=int(_CLOSE_SECONDS),
        )
    )  # fmt: skip
    task = asyncio.create_task(server.serve(sockets=[sock]), name="http")
    try:
        yield
    finally:
        closing.set()
        server.should_exit = True
        _, late = await asyncio.wait([task], timeout=_CLOSE_SECONDS * 2)
        if late:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        sock.close()


@contextlib.asynccontextmanager
async def alongside(**named: Coroutine[Any, Any, Any]) -> AsyncIterator[None]:
    """Runs background tasks while the block runs."""
    tasks = [asyncio.create_task(coroutine, name=name) for name, coroutine in named.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
