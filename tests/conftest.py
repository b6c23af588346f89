"""One real PostgreSQL for the whole run, and a migrated database of its own for each test that asks for one.

The server is the first that is available of: RFQFLOW_TEST_DSN, a container of a Docker engine, the embedded server.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import shutil
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import hypothesis
import psycopg
import pytest
import structlog
from psycopg import sql

from rfqflow.database import migrate
from rfqflow.database.connection import connect
from tests.support.order import spread
from tests.support.owned_folder import owned_folder, sweep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

# Compiled code is written even where the environment forbids it. Otherwise each pytest worker would rewrite the
# assertions of each test file anew (5 s). Also, each process that a test starts would compile the package.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The collected tests live until the end: a garbage collector that walks over them again and again takes a fifth of the
# time.
gc.disable()

# jsonschema compiles 38 grammars when it finds this package: 1.4 s of CPU, for a format (an IRI) that none of our
# schemas has.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# No time limits: a busy machine must not make a test fail, and pytest lists slow tests. In CI the examples are the same
# each time. A run by a developer draws new ones.
hypothesis.settings.register_profile(
    "rfqflow", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)  # fmt: skip
hypothesis.settings.load_profile("rfqflow")

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "256MB",
    "max_prepared_transactions": "0",
    "jit": "off",
}

# Files of a database cost a tenth of the time in memory as on a disk: each test with a database makes some 700 files.
MEMORY = Path("/dev/shm")
ROOM = 3 << 28  # bytes that one pytest worker may need there; 70 to 140 MB have been measured

HALF_AN_HOUR = 1800
LEFT_SECONDS = 20  # seconds that must remain of the half hour: enough for any test of budgets


# Fixtures that start processes or servers: their tests are not fast, though they use no database.
NOT_FAST = (
    "end_to_end",
    "bench",
    "test_embedded",
    "test_push",
    "test_doctor",
    "test_quiet_links",
    "test_sockets",
    "test_attached_",
    "test_hostile_files",
)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Removes what a killed run left behind: servers, and files in memory."""
    if session.config.pluginmanager.has_plugin("dsession"):  # this process distributes the tests and runs none
        gc.enable()
    if not hasattr(session.config, "workerinput"):  # once, for any number of pytest workers
        sweep({MEMORY, Path(tempfile.gettempdir())})


def pytest_collection_finish() -> None:
    """Freezes the collected objects: the garbage collector need not walk over them again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long") and not os.environ.get("RFQFLOW_LONG"):
            item.add_marker(pytest.mark.skip(reason="a minute long: set RFQFLOW_LONG=1"))
        needs_a_server = {"server_dsn", "open_folder"} & set(getattr(item, "fixturenames", ()))
        if not needs_a_server and not any(part in item.nodeid for part in NOT_FAST):
            item.add_marker(pytest.mark.fast)
    items[:] = spread(items, lambda item: item.nodeid, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


@contextlib.contextmanager
def _container() -> Iterator[str | None]:
    if not os.environ.get("DOCKER_HOST") and not Path("/var/run/docker.sock").exists():
        yield None
        return
    import docker

    client = docker.from_env(timeout=2)
    try:
        client.ping()
    except docker.errors.DockerException:  # a client without an engine
        yield None
        return
    finally:
        client.close()
    from testcontainers.community.postgres import PostgresContainer

    with PostgresContainer("postgres:17-alpine", driver=None) as server:
        yield server.get_connection_url()


def _folder_in_memory() -> Path | None:
    """The folder for files in memory, if all pytest workers have room there and the machine has memory to spare."""
    needed = ROOM * int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    with contextlib.suppress(OSError, StopIteration):
        if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < needed:
            return None
        lines = Path("/proc/meminfo").read_text().splitlines()
        available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
        return MEMORY if available > 2 * needed else None
    return None


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command that a test runs in this process configures logging. The fixture restores it."""
    before = structlog.get_config() if structlog.is_configured() else None
    yield
    structlog.reset_defaults()
    if before is not None:
        structlog.configure(**before)


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that other users can enter, for servers that run as another user when the tests run as root.

    It is none of pytest's folders: pytest closes these whenever another run starts.
    """
    with owned_folder(_folder_in_memory()) as folder:
        yield folder


@pytest.fixture(scope="session")
def server_dsn(open_folder: Path) -> Iterator[str]:
    """DSN of a superuser on the test server's maintenance database."""
    given = os.environ.get("RFQFLOW_TEST_DSN")
    if given:
        yield given
        return
    with _container() as container:
        if container:
            yield container
            return
        from rfqflow.database.embedded import EmbeddedPostgres

        with EmbeddedPostgres(open_folder / "postgres", settings=FAST) as server:
            _log_in_cheaply(server.dsn)
            # It has no TLS: a session that asks for it first costs one more exchange, and the driver reads all authorities.
            os.environ.setdefault("PGSSLMODE", "disable")
            yield server.dsn


def _log_in_cheaply(dsn: str) -> None:
    """Hashes a password once per login instead of 4,096 times: a test opens some ten sessions, at 2 ms each."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        if conn.info.server_version >= 160000:  # before it, the number is fixed
            conn.execute("set scram_iterations = 1")
            conn.execute(sql.SQL("alter role current_user password {}").format(conn.info.password))


def database_of(server: str, name: str) -> str:
    return server.rsplit("/", 1)[0] + "/" + name


async def connect_patiently(dsn: str) -> asyncpg.Connection:
    """A connection of a test: on a busy machine, its statements may take longer than a worker may wait."""
    return await connect(dsn, seconds=60, statement_seconds=100)


class Databases:
    """Makes and drops databases on the server over one connection: two new connections per test cost 20 ms of CPU."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._conn = self._connected()
        # Where the server flushes nothing to disk, copying files costs less than logging pages, and brings the
        # template's relation cache along. PostgreSQL 14 has no other way, and not the keyword.
        in_memory = self._conn.execute("show fsync").fetchone() == ("off",)
        self._strategy = " strategy file_copy" if in_memory and self._conn.info.server_version >= 150000 else ""

    def create(self, name: str, template: str | None = None) -> str:
        """Makes a database, and returns its DSN."""
        self._execute(f"create database {name}" + (f" template {template}{self._strategy}" if template else ""))
        return database_of(self._server, name)

    def drop(self, name: str) -> None:
        self._execute(f"drop database if exists {name} with (force)")

    def close(self) -> None:
        self._conn.close()

    def _execute(self, statement: str) -> None:
        try:
            self._conn.execute("select")
        except psycopg.OperationalError:  # a test ended all sessions, or the server
            self._conn = self._connected()
        self._conn.execute(statement.encode())

    def _connected(self) -> psycopg.Connection:
        conn = psycopg.connect(
            self._server, autocommit=True, connect_timeout=60, options="-c statement_timeout=0 -c lock_timeout=0"
        )
        if (
            conn.info.server_version >= 180000
        ):  # the kernel copies each file in one call: 6 ms less CPU for each database
            conn.execute("set file_copy_method = clone")
        return conn


@pytest.fixture(scope="session")
def server_databases(server_dsn: str) -> Iterator[Databases]:
    made = Databases(server_dsn)
    yield made
    made.close()


@pytest.fixture(scope="session")
def template(server_databases: Databases) -> str:
    """The name of a migrated database in which no session works."""
    name = f"rfqflow_template_{os.getpid()}"
    server_databases.drop(name)
    dsn = server_databases.create(name)

    async def make() -> None:
        conn = await connect_patiently(dsn)
        await migrate.migrate(conn)
        await conn.close()

    asyncio.run(make())
    return name


@pytest.fixture
async def same_window() -> None:
    """Waits while an hour or half hour is about to end, since budgets and figures then begin anew.

    A test may rely on this. A test of the end of a window sets the times itself.
    """
    left = HALF_AN_HOUR - time.time() % HALF_AN_HOUR
    if left < LEFT_SECONDS:
        await asyncio.sleep(left + 2)


@pytest.fixture
async def empty_database(server_databases: Databases) -> AsyncIterator[str]:
    """The DSN of an empty database."""
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    yield server_databases.create(name)
    server_databases.drop(name)


@pytest.fixture
async def database(server_databases: Databases, template: str, same_window: None) -> AsyncIterator[str]:
    """The DSN of a freshly migrated database."""
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    yield server_databases.create(name, template)
    server_databases.drop(name)


@pytest.fixture
async def open_connection(database: str) -> AsyncIterator[Callable[[], Awaitable[asyncpg.Connection]]]:
    """Opens any number of connections to the test's database."""
    opened: list[asyncpg.Connection] = []

    async def make() -> asyncpg.Connection:
        conn = await connect_patiently(database)
        opened.append(conn)
        return conn

    yield make
    for conn in opened:
        conn.terminate()


@pytest.fixture
async def db(open_connection: Callable[[], Awaitable[asyncpg.Connection]]) -> asyncpg.Connection:
    """One connection to the test's database."""
    return await open_connection()


@pytest.fixture
async def open_plain() -> AsyncIterator[Callable[[str], Awaitable[asyncpg.Connection]]]:
    """Opens connections to any DSN, and closes them with the test."""
    opened: list[asyncpg.Connection] = []

    async def make(dsn: str) -> asyncpg.Connection:
        conn = await connect_patiently(dsn)
        opened.append(conn)
        return conn

    yield make
    for conn in opened:
        conn.terminate()


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).resolve().parent.parent
