"""Opens the database connection of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from asyncpg import Connection

    from rfqflow.database.reconnecting import ReconnectingConnection
    from rfqflow.store.operator import OperatorStore

T = TypeVar("T")
_APPLICATION = "rfqflow command"


def connected(database_url: str | None, work: Callable[[Connection], Awaitable[T]], *, direct: bool = False) -> T:
    """Runs `work` on a new connection, then closes it. `direct` connects to RFQFLOW_LISTEN_URL, if it is set."""
    import asyncio

    from rfqflow import settings
    from rfqflow.database.connection import DATABASE_SETTING, LISTEN_SETTING, connect

    async def run() -> T:
        loaded = settings.load(database_url=database_url)
        listen = loaded.listen_url if direct else None
        conn = await connect(
            listen or settings.need_database(loaded), application_name=_APPLICATION, pooled=True,
            setting=LISTEN_SETTING if listen else DATABASE_SETTING,
        )  # fmt: skip
        try:
            return await work(conn)
        finally:
            await conn.close(timeout=2)

    return asyncio.run(run())


def with_operator_store(database_url: str | None, work: Callable[[OperatorStore], Awaitable[T]]) -> T:
    """Works as `connected`, but `work` gets an `OperatorStore` on the connection."""
    from rfqflow.store.operator import OperatorStore

    return connected(database_url, lambda conn: work(OperatorStore(conn)))


def dsn_of(database_url: str | None) -> str:
    """The given DSN, or else the DSN of the settings."""
    from rfqflow import settings

    return settings.need_database(settings.load(database_url=database_url))


def with_reconnecting(
    dsn: str, work: Callable[[ReconnectingConnection], Awaitable[T]], *, application_name: str = _APPLICATION
) -> T:
    """Runs `work` on a connection that opens again after it is lost."""
    import asyncio

    from rfqflow.database.reconnecting import ReconnectingConnection

    async def run() -> T:
        line = ReconnectingConnection(dsn, application_name, pooled=True)
        try:
            return await work(line)
        finally:
            await line.close()

    return asyncio.run(run())
