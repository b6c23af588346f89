"""A connection that opens again after it was lost."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any, Protocol
from weakref import WeakSet

import asyncpg

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.database.connection import DATABASE_SETTING, LOST, STATEMENT_SECONDS, connect

NO_ANSWER = "08006"
_SILENT_MS = 1500  # milliseconds without a statement after which the server ends an open transaction
# Seconds that asyncpg gets to end a statement after its time limit, before the connection is dropped.
_GRACE_SECONDS = 2.0
# Routers, firewalls and load balancers forget a connection after 25 s or more without traffic, and then drop its
# packets.
QUIET_SECONDS = 5.0  # a connection without traffic for so many seconds is probed before its use
KEEP_SECONDS = 15.0  # seconds between two probes of an idle connection; a lost one is replaced before a caller needs it
_PING_SECONDS = 2.0
_END_SECONDS = 2.0
_open: WeakSet[ReconnectingConnection] = WeakSet()
# A stalled connection may deliver a statement long after rfqflow has abandoned it, and a claim would then take rows for
# no worker. So the old session must end. Its process id and start time identify it: after a failover, another session
# may have the same process id.
_ITSELF = "select a.pid, a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid()"
_END = (
    f"select pg_terminate_backend(a.pid, {int(_END_SECONDS * 1000)}) from pg_stat_activity a "
    "where a.pid = $1 and a.backend_start = $2 and a.usename = current_user and a.datname = current_database()"
)
# TCP settings of the server's side, so that the server releases the locks of a session whose client disappears
# silently.
_NOTICE = (
    "select set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), "
    "set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '20000', false)"
)


class QueryExecutor(Protocol):
    """Runs statements, over one connection or several."""

    async def fetch(self, statement: str, *args: Any) -> list[asyncpg.Record]: ...

    async def one(self, statement: str, *args: Any) -> asyncpg.Record: ...


class ReconnectingConnection:
    """One connection. It is opened when it is needed, and dropped at the first sign of a fault.

    It never cancels a statement over another connection. Either the statement's time limit ends it, or the connection
    is dropped.
    """

    def __init__(
        self,
        dsn: str,
        name: str,
        *,
        pooled: bool = False,
        mends: bool = True,
        seconds: float | None = None,
        server_seconds: float = 0,
    ) -> None:
        self._dsn = dsn
        self._seconds = seconds or STATEMENT_SECONDS  # time limit of statements that get no limit from the caller
        self._server_seconds = server_seconds  # an argument of `connect`
        self._name = name
        self._pooled = pooled
        # False: session locks depend on the connection, so after a loss it stays closed until open() is called
        self._mends = mends
        self._conn: asyncpg.Connection | None = None
        self._itself: asyncpg.Record | None = None  # process id and start time of the session
        self._given_up: asyncpg.Record | None = None  # process id and start time of the last dropped session
        self._busy = asyncio.Lock()
        self._used_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None

    async def open(self) -> asyncpg.Connection:
        """Returns the connection, and opens it if needed. Raises DatabaseUnreachable."""
        if self._conn is None or self._conn.is_closed():
            self._conn = await connect(
                self._dsn, application_name=self._name, pooled=self._pooled, server_seconds=self._server_seconds
            )
            self._used()
            if not self._pooled:
                await self._end_given_up(self._conn)
            if not self._mends:
                await self._conn.fetch(_NOTICE, timeout=_PING_SECONDS)
            _open.add(self)
        return self._conn

    async def fetch(
        self, statement: str, *args: Any, seconds: float | None = None, bounded: bool = False, undo: bool = False
    ) -> list[asyncpg.Record]:
        """Runs one statement. `bounded`: the server ends it after `seconds`, even if the client is dead.

        `undo`: roll back a bounded statement.

        Raises:
            DatabaseUnreachable: the connection is lost. Whether the statement took effect is unknown.
            asyncpg.PostgresError: the server refused the statement.
        """
        async with self._busy:
            if not self._mends and (self._conn is None or self._conn.is_closed()):
                raise DatabaseUnreachable("the session is gone")
            await self._check()
            conn = await self.open()
            seconds = seconds or self._seconds
            try:
                # asyncpg's own limit asks the server to cancel the statement, and waits for that. On a stalled
                # connection only the outer limit ends the wait.
                async with asyncio.timeout(seconds + _GRACE_SECONDS):
                    ask = partial(_fetch_bounded, undo=undo) if bounded else asyncpg.Connection.fetch
                    rows: list[asyncpg.Record] = await ask(conn, statement, *args, timeout=seconds)
            except LOST as error:
                # A server that cancels a bounded statement has answered, so the connection works.
                if not (bounded and isinstance(error, asyncpg.QueryCanceledError)):
                    self.cut()
                lost = DatabaseUnreachable(f"lost the database: {type(error).__name__}")
                lost.was_asked = True
                if isinstance(error, asyncpg.QueryCanceledError):
                    lost.sqlstate = error.sqlstate
                elif isinstance(error, TimeoutError):
                    # The server would have reported that it ended a bounded statement, so the network delivers nothing.
                    lost.sqlstate = NO_ANSWER if bounded else asyncpg.QueryCanceledError.sqlstate
                raise lost from None
            except asyncpg.PostgresWarning as error:  # an error that was raised with the SQLSTATE of a warning
                refused = asyncpg.PostgresError(type(error).__name__)
                refused.sqlstate = error.sqlstate
                raise refused from None
            except asyncio.CancelledError:
                self.cut()  # the state of its protocol is unknown
                raise
            finally:
                self._used()
            return rows

    async def one(self, statement: str, *args: Any) -> asyncpg.Record:
        return (await self.fetch(statement, *args))[0]

    # -- a connection that was lost silently ---------------------------------------------------------------------------

    def _used(self) -> None:
        self._used_at = time.monotonic()
        if self._timer is None and self._mends:
            self._timer = asyncio.get_running_loop().call_later(KEEP_SECONDS, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._conn is None:
            return
        quiet = time.monotonic() - self._used_at
        if quiet < KEEP_SECONDS or self._busy.locked():
            wait = max(KEEP_SECONDS - quiet, 1.0)
            self._timer = asyncio.get_running_loop().call_later(wait, self._look)
        else:
            self._ask()

    def _ask(self) -> None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._keep(), name=f"{self._name} keep")

    async def _keep(self) -> None:
        async with self._busy:
            await self._check()
            if self._conn is not None:
                self._used()

    async def _check(self) -> None:
        """Drops an idle connection that no longer answers. The next use opens another."""
        conn = self._conn
        if conn is None or not self._mends or time.monotonic() - self._used_at < QUIET_SECONDS:
            return
        try:
            async with asyncio.timeout(_PING_SECONDS):
                await conn.fetchval("select 1")
        except (*LOST, asyncpg.PostgresError):
            self.cut()
            self._suspect_others()
        except asyncio.CancelledError:
            self.cut()
            raise

    def _suspect_others(self) -> None:
        """Probes all other connections at once, since the same fault may have broken them."""
        for other in list(_open):
            if other is not self and other._dsn == self._dsn and other._conn is not None and other._mends:  # noqa: SLF001 - a method of this class
                other._ask()  # noqa: SLF001 - an object of this class

    async def _end_given_up(self, conn: asyncpg.Connection) -> None:
        """Ends the session that was dropped, and waits until it has ended.

        Not behind a pooler, whose sessions belong to all clients.
        """
        try:
            if self._given_up is not None:
                await conn.fetch(_END, *self._given_up, timeout=_END_SECONDS + _PING_SECONDS)
                self._given_up = None
            self._itself = await conn.fetchrow(_ITSELF, timeout=_PING_SECONDS)
        except asyncpg.QueryCanceledError:
            # The session did not end in time; it ends when the server notices that the client is gone.
            self._given_up = None
        except LOST as error:
            self.cut()
            raise DatabaseUnreachable(f"lost the database: {type(error).__name__}") from None
        except asyncpg.PostgresError:
            self._given_up = None  # as above

    def cut(self) -> None:
        """Drops the connection without a message to the server."""
        if self._conn is not None:
            if not self._conn.is_closed():
                self._given_up, self._itself = self._itself or self._given_up, None
            self._conn.terminate()
            self._conn = None

    async def close(self) -> None:
        """Closes the connection properly, within a short time limit."""
        if self._timer is not None:
            self._timer.cancel()
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        conn, self._conn = self._conn, None
        if conn is None or conn.is_closed():
            return
        try:
            await conn.close(timeout=1)
        except (*LOST, asyncpg.PostgresError):
            conn.terminate()


async def _fetch_bounded(
    conn: asyncpg.Connection,
    statement: str,
    *args: Any,
    timeout: float,  # noqa: ASYNC109 - the name of the driver's argument
    undo: bool,
) -> list[asyncpg.Record]:
    """Runs the statement in a separate transaction: behind a pooler, a setting must not outlast its transaction.

    If rfqflow stops sending during the transaction, the server ends it and releases its locks on the application's
    rows.
    """
    await conn.execute(
        f"begin; set local statement_timeout = {max(1, int(timeout * 1000))}; "
        f"set local idle_in_transaction_session_timeout = {_SILENT_MS}"
    )
    try:
        rows: list[asyncpg.Record] = await conn.fetch(statement, *args, timeout=timeout + _GRACE_SECONDS / 2)
    except asyncpg.PostgresError:
        if not conn.is_closed():
            await conn.execute("rollback")
        raise
    except BaseException:
        conn.terminate()
        raise
    await conn.execute("rollback" if undo else "commit")
    return rows


async def is_pooled(dsn: str, *, setting: str = DATABASE_SETTING) -> bool:
    """Whether the DSN leads to a transaction pooler.

    There clients share sessions, so LISTEN and session locks do not work.
    """
    conn = await connect(dsn, application_name="rfqflow start", pooled=True, setting=setting)
    try:
        return bool(conn.get_server_pid() != await conn.fetchval("select pg_backend_pid()"))
    finally:
        await conn.close(timeout=1)
