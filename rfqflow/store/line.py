"""A connection that mends itself."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import asyncpg

from rfqflow.connect import LOST, STATEMENT_SECONDS, connect
from rfqflow.core.errors import DatabaseUnreachable

_GRACE_SECONDS = 2.0  # for asyncpg to end a statement it has given up, before the connection is cut


class Asks(Protocol):
    """One connection or several: whoever asks need not know."""

    async def fetch(self, statement: str, *args: Any) -> list[asyncpg.Record]: ...

    async def one(self, statement: str, *args: Any) -> asyncpg.Record: ...


class Line:
    """One connection, opened when needed and thrown away at the first sign of trouble.

    No statement is ever cancelled from outside: it ends by its own time limit, or the connection does.
    """

    def __init__(
        self, dsn: str, name: str, *, pooled: bool = False, mends: bool = True, seconds: float = STATEMENT_SECONDS
    ) -> None:
        self._dsn = dsn
        self._seconds = seconds  # for one statement, unless it is given its own
        self._name = name
        self._pooled = pooled
        self._mends = mends  # False: session locks hang on it, so a lost one stays lost until open() is called
        self._conn: asyncpg.Connection | None = None
        self._busy = asyncio.Lock()

    async def open(self) -> asyncpg.Connection:
        """The connection, opened if need be; raises DatabaseUnreachable."""
        if self._conn is None or self._conn.is_closed():
            self._conn = await connect(self._dsn, application_name=self._name, pooled=self._pooled)
        return self._conn

    async def fetch(self, statement: str, *args: Any, seconds: float | None = None) -> list[asyncpg.Record]:
        """Runs one statement.

        Raises:
            DatabaseUnreachable: the connection is gone; whether the statement took effect is unknown.
            asyncpg.PostgresError: the server refused the statement.
        """
        async with self._busy:
            if not self._mends and (self._conn is None or self._conn.is_closed()):
                raise DatabaseUnreachable("the session is gone")
            conn = await self.open()
            seconds = seconds or self._seconds
            try:
                # asyncpg's own limit asks the server to cancel and waits for it: a stalled link needs the outer one.
                async with asyncio.timeout(seconds + _GRACE_SECONDS):
                    rows: list[asyncpg.Record] = await conn.fetch(statement, *args, timeout=seconds)
            except LOST as error:
                self.cut()
                lost = DatabaseUnreachable(f"lost the database: {type(error).__name__}")
                if isinstance(error, TimeoutError | asyncpg.QueryCanceledError):
                    lost.sqlstate = asyncpg.QueryCanceledError.sqlstate
                raise lost from None
            except asyncio.CancelledError:
                self.cut()  # its protocol state is unknown
                raise
            return rows

    async def one(self, statement: str, *args: Any) -> asyncpg.Record:
        return (await self.fetch(statement, *args))[0]

    def cut(self) -> None:
        """Drops the connection without a word to the server."""
        if self._conn is not None:
            self._conn.terminate()
            self._conn = None

    async def close(self) -> None:
        """Closes politely, but not for longer than a moment."""
        conn, self._conn = self._conn, None
        if conn is None or conn.is_closed():
            return
        try:
            await conn.close(timeout=1)
        except (*LOST, asyncpg.PostgresError):
            conn.terminate()


async def is_pooled(dsn: str) -> bool:
    """Whether a pooler stands in between: then the session is not ours, and neither LISTEN nor session locks hold."""
    conn = await connect(dsn, pooled=True)
    try:
        return bool(conn.get_server_pid() != await conn.fetchval("select pg_backend_pid()"))
    finally:
        await conn.close(timeout=1)
