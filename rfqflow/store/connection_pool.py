"""A small pool of connections for pages, so that a slow statement delays only one page."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.database.reconnecting import ReconnectingConnection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncpg


class ConnectionPool:
    """A small pool, so that a slow statement delays only one page."""

    def __init__(self, dsn: str, name: str, number: int, *, pooled: bool, seconds: float) -> None:
        self._all = [ReconnectingConnection(dsn, name, pooled=pooled, seconds=seconds) for _ in range(number)]
        self._free: asyncio.LifoQueue[ReconnectingConnection] = asyncio.LifoQueue()
        for line in self._all:
            self._free.put_nowait(line)
        self._seconds = seconds

    @contextlib.asynccontextmanager
    async def line(self) -> AsyncIterator[ReconnectingConnection]:
        """Yields a connection of the pool, for several statements."""
        try:
            async with asyncio.timeout(self._seconds):
                line = await self._free.get()
        except TimeoutError:
            raise DatabaseUnreachable("all connections are busy") from None
        try:
            yield line
        finally:
            self._free.put_nowait(line)

    async def fetch(self, statement: str, *args: Any) -> list[asyncpg.Record]:
        """Returns the rows.

        Raises DatabaseUnreachable, also if the statement exceeds its time limit, or asyncpg.PostgresError.
        """
        async with self.line() as line:
            return await line.fetch(statement, *args)

    async def one(self, statement: str, *args: Any) -> asyncpg.Record:
        return (await self.fetch(statement, *args))[0]

    async def close(self) -> None:
        for line in self._all:
            await line.close()
