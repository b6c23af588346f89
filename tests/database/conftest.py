"""Fixtures that the tests of the database share: a counter of notifications, temporary roles, catalogs to compare."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from rfqflow.core.errors import EmbeddedUnavailable
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import find_binaries
from tests.support.polling import between_looks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    import asyncpg

    from tests.conftest import Databases


class NotificationCounter:
    """Counts the notifications of one session, without waiting for those that may never come.

    Notifications arrive in the order of their commits. When the listener's own mark has arrived, all earlier
    notifications have.
    """

    def __init__(self, conn: asyncpg.Connection) -> None:
        self._conn = conn
        self._received = 0
        self._marks: dict[str, asyncio.Event] = {}
        self.notified = asyncio.Event()

    async def listen(self) -> None:
        await self._conn.add_listener("rfqflow_wake", self._on_wake)
        await self._conn.add_listener("test_mark", lambda *got: self._marks[got[3]].set())

    def _on_wake(self, *_got: object) -> None:
        self._received += 1
        self.notified.set()

    async def received(self) -> int:
        """The number of notifications since the last call."""
        mark = uuid.uuid4().hex
        self._marks[mark] = asyncio.Event()
        await self._conn.execute("select pg_notify('test_mark', $1)", mark)
        async with asyncio.timeout(60):
            await self._marks[mark].wait()
        count, self._received = self._received, 0
        self.notified.clear()
        return count


@pytest.fixture
async def counter(open_connection: Callable[[], Awaitable[asyncpg.Connection]]) -> NotificationCounter:
    listening = NotificationCounter(await open_connection())
    await listening.listen()
    return listening


@pytest.fixture
async def sleeper(open_connection: Callable[[], Awaitable[asyncpg.Connection]]) -> asyncpg.Connection:
    """A session that holds the doorbell, as a sleeping worker does."""
    conn = await open_connection()
    assert await conn.fetchval("select ai.acquire_doorbell('5 s')")
    return conn


@pytest.fixture
async def make_role(server_dsn: str) -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Makes roles that end with the test.

    Request it before `database`: a role can only be dropped after the objects that it owns.
    """
    conn = await connect(server_dsn)
    made: list[str] = []

    async def make(options: str = "nologin") -> str:
        name = f"rfqflow_role_{os.getpid()}_{uuid.uuid4().hex[:8]}"
        await conn.execute(f"create role {name} {options}")
        made.append(name)
        return name

    yield make
    for name in made:
        await conn.execute(f"drop role {name}")
    await conn.close()


@pytest.fixture
async def plain(
    make_role: object, empty_database: str, open_plain: Callable[[str], Awaitable[asyncpg.Connection]]
) -> asyncpg.Connection:
    """A connection to an empty database, which is dropped before the roles that have rights in it."""
    return await open_plain(empty_database)


@pytest.fixture(scope="session")
def template_of(server_databases: Databases) -> Iterator[Callable[..., Awaitable[str]]]:
    """Names of databases with rfqflow on a table of the test: one for each table and mapping."""
    made: dict[str, str] = {}

    async def make(ddl: str, mapping: dict[str, Any] | None) -> str:
        key = json.dumps([ddl, mapping])
        if key not in made:
            name = f"rfqflow_shape_{uuid.uuid4().hex[:12]}"
            conn = await connect(server_databases.create(name), seconds=60, statement_seconds=100)
            try:
                await conn.execute(ddl or "select")
                await migrate.migrate(conn, **({"mapping": mapping} if mapping else {}))
            finally:
                await conn.close()
            made[key] = name
        return made[key]

    yield make
    for name in made.values():
        server_databases.drop(name)


@pytest.fixture
async def make_migrated(
    server_databases: Databases, template_of: Callable[..., Awaitable[str]]
) -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """DSNs of new databases, from the SQL that makes the application's table, and its mapping if it has one."""
    made: list[str] = []

    async def make(ddl: str, mapping: dict[str, Any] | None = None) -> str:
        made.append(f"rfqflow_{uuid.uuid4().hex[:12]}")
        return server_databases.create(made[-1], await template_of(ddl, mapping))

    yield make
    for name in made:
        server_databases.drop(name)


@pytest.fixture
def until() -> Callable[..., Awaitable[None]]:
    """Polls a condition until a deadline."""

    async def wait(condition: Callable[[], Awaitable[object]], seconds: float = 60) -> None:
        began = time.monotonic()
        while not await condition():
            waited = time.monotonic() - began
            assert waited < seconds, "it did not come to pass"
            await asyncio.sleep(between_looks(waited))

    return wait


@pytest.fixture(scope="session")
def psql() -> str:
    folders = [os.environ.get("RFQFLOW_PG_BIN"), None]
    with contextlib.suppress(EmbeddedUnavailable):
        folders.append(str(find_binaries()))
    for folder in folders:
        if found := shutil.which("psql", path=folder):
            return found
    pytest.skip("there is no psql, neither in RFQFLOW_PG_BIN nor in PATH nor beside the embedded server")
