"""A TCP proxy in front of one server, for the faults of a connection: it stalls, resets, refuses, or is slow.

async with Proxy.before(dsn) as link:
    ... connect to link.dsn ...
    link.stall()            # both ways; stall("up") holds back what clients send, stall("down") the answers
    link.resume()           # what was held back meanwhile arrives
    link.cut()              # every connection is reset
    link.forget(4)          # drops connections that were idle for 4 s, silently, as a firewall does
    link.refusing = True    # new connections are reset at once

The proxy knows a connection by the `application_name` of its client, so that a fault can hit some connections only:

    link.stall("down", "rfqflow work")
    link.refused.add("rfqflow listener")  # new connections of this name are closed
"""

import asyncio
import contextlib
import re
import struct
import time
from collections import Counter
from collections.abc import Callable
from socket import SO_LINGER, SOL_SOCKET
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

Direction = Literal["up", "down"]
_NAMED = re.compile(rb"\0application_name\0([^\0]*)\0")


class Proxy:
    """`bytes` counts the bytes passed on, by direction; `connections` has the open connections.

    By name: `opened` counts connections, `turned_away` refused connections, and `held_up` the data that waits at a
    stall.
    """

    def __init__(self, host: str, port: int, *, dsn: str = "") -> None:
        self._host, self._port = host, port
        self._behind = dsn
        self._open: dict[Direction, asyncio.Event] = {"up": asyncio.Event(), "down": asyncio.Event()}
        self._links: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._active_at: dict[asyncio.Task[None], float] = {}
        self._forgotten: set[asyncio.Task[None]] = set()
        self._names: dict[asyncio.Task[None], str] = {}
        self._stalled: dict[Direction, tuple[str, ...]] = {"up": (), "down": ()}  # names; None: all
        self.refused: set[str] = set()
        self.opened: Counter[str] = Counter()
        self.turned_away: Counter[str] = Counter()
        self.held_up: Counter[str] = Counter()
        self._server: asyncio.Server | None = None
        self.refusing = False
        self.delay_seconds = 0.0
        self.bytes: dict[Direction, int] = {"up": 0, "down": 0}
        self.accepted = 0
        self.resume()

    @classmethod
    def before(cls, dsn: str) -> Self:
        """Runs a proxy before the server that a DSN names."""
        parts = urlsplit(dsn)
        return cls(parts.hostname or "127.0.0.1", parts.port or 5432, dsn=dsn)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
        self.cut()
        for link in list(self._links):
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server, "the proxy is not open"
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def dsn(self) -> str:
        """The DSN that leads through the proxy."""
        parts = urlsplit(self._behind)
        at = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{at[0]}{at[1]}127.0.0.1:{self.port}"))

    @property
    def connections(self) -> int:
        return len(self._links)

    def stall(self, direction: Literal["up", "down", "both"] = "both", *names: str) -> None:
        """Stalls all connections, or those of these names."""
        for one in self._ways(direction):
            self._stalled[one] = names
            self._open[one].clear()

    def resume(self, direction: Literal["up", "down", "both"] = "both") -> None:
        for one in self._ways(direction):
            self._open[one].set()

    def cut(self) -> None:
        """Resets every connection, as a rebooting router does."""
        for writer in list(self._writers):
            _reset(writer)

    async def _passed(self, way: Direction, link: asyncio.Task[None]) -> None:
        """Waits while the connection is stalled."""
        if self._open[way].is_set() or (self._stalled[way] and self._names.get(link) not in self._stalled[way]):
            return
        name = self._names.get(link, "")
        self.held_up[name] += 1
        try:
            await self._open[way].wait()
        finally:
            self.held_up[name] -= 1

    def _is_refused(self, data: bytes, link: asyncio.Task[None]) -> bool:
        """Whether this client is refused; the first bytes that it sends hold its name."""
        if link not in self._names and (found := _NAMED.search(data)):
            self._names[link] = name = found.group(1).decode()
            self.opened[name] += 1
            self.turned_away[name] += name in self.refused
            return name in self.refused
        return False

    def forget(self, quiet_seconds: float) -> int:
        """Drops the data of connections that were idle for this long, and informs neither side. Returns how many."""
        now = time.monotonic()
        gone = {link for link in self._links if now - self._active_at[link] >= quiet_seconds}
        self._forgotten |= gone
        return len(gone)

    @staticmethod
    def _ways(direction: Literal["up", "down", "both"]) -> tuple[Direction, ...]:
        return ("up", "down") if direction == "both" else (direction,)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            _reset(writer)
            return
        task = asyncio.current_task()
        assert task
        self.accepted += 1
        self._links.add(task)
        self._active_at[task] = time.monotonic()
        self._writers.add(writer)
        beyond: asyncio.StreamWriter | None = None
        try:
            behind, beyond = await asyncio.open_connection(self._host, self._port)
            self._writers.add(beyond)
            pumps = [
                asyncio.create_task(self._pump("up", reader, beyond, task)),
                asyncio.create_task(self._pump("down", behind, writer, task)),
            ]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # the server is down, or the test is over
        finally:
            for one in filter(None, (writer, beyond)):
                self._writers.discard(one)
                one.close()
            self._links.discard(task)
            self._forgotten.discard(task)
            self._names.pop(task, None)
            self._active_at.pop(task, None)

    def tap(self, _way: Direction) -> Callable[[bytes], object]:
        """Called for each connection and direction; the function that it returns gets the bytes in order."""
        return len

    async def _pump(
        self, way: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: asyncio.Task[None]
    ) -> None:
        tap = self.tap(way)
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if way == "up" and self._is_refused(data, link):
                    return
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                await self._passed(way, link)
                if link in self._forgotten:
                    continue
                self._active_at[link] = time.monotonic()
                self.bytes[way] += len(data)
                tap(data)
                writer.write(data)
                await writer.drain()
            await self._passed(way, link)  # a stalled connection does not show that the other side is gone
            if link in self._forgotten and way == "down":
                await asyncio.Event().wait()  # nor does a forgotten connection; it ends when the client leaves


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
