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

# Files of compiled code are written even where the environment forbids them: else each worker of the tests rewrites each
# file of tests anew, which takes it 5 s, and each process that a test starts compiles the package.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What is collected stays: a collector of garbage that walks over it again and again takes a fifth of the time.
gc.disable()

# jsonschema compiles 38 grammars when it finds this: 1.4 s of CPU, for a format (an IRI) that no schema of ours has.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# No limits by the clock: a busy machine must not turn a test red, and whatever takes too long is seen as a slow test.
# In CI the same examples each time: what is drawn anew is drawn where somebody looks at it.
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

# Files of a database in memory cost a tenth of the time on a disk: each test that asks gets some 700 of its own.
MEMORY = Path("/dev/shm")
ROOM = 3 << 28  # bytes that one worker of the tests may need there; 70 to 140 MB have been seen

HALF_AN_HOUR = 1800
LEFT_SECONDS = 20  # of it: enough for any test that is about budgets or figures


# What starts processes or servers of its own, and so is not fast though it asks for no database.
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
    """Clears away what a run that was killed left behind: servers, and files in memory."""
    if session.config.pluginmanager.has_plugin("dsession"):  # this process hands the tests out and collects none
        gc.enable()
    if not hasattr(session.config, "workerinput"):  # once, however many workers there are
        sweep({MEMORY, Path(tempfile.gettempdir())})


def pytest_collection_finish() -> None:
    """What is there now stays: the collector of garbage need not walk over it again and again."""
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
    """Where files are kept in memory, if all workers of the tests have room there and the machine has memory to spare."""
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
    """A command that a test runs in this process configures its logging: the tests after it are to find it as it was."""
    before = structlog.get_config() if structlog.is_configured() else None
    yield
    structlog.reset_defaults()
    if before is not None:
        structlog.configure(**before)


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that others can get into, for servers that run as somebody else when the tests run as root.

    Not one of pytest's: those are closed to others again whenever another run of it starts.
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
    """A password is hashed once for each login instead of 4,096 times: a test opens some ten sessions, at 2 ms each."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        if conn.info.server_version >= 160000:  # before it, the number is fixed
            conn.execute("set scram_iterations = 1")
            conn.execute(sql.SQL("alter role current_user password {}").format(conn.info.password))


def database_of(server: str, name: str) -> str:
    return server.rsplit("/", 1)[0] + "/" + name


async def connect_patiently(dsn: str) -> asyncpg.Connection:
    """A connection of a test's own: on a busy machine a statement may take longer than a worker may wait for one."""
    return await connect(dsn, seconds=60, statement_seconds=100)


class Databases:
    """Makes and drops databases on the server over one connection: two new ones for each test cost 20 ms of CPU."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._conn = self._connected()
        # Where nothing is forced to a disk, copying files costs less than logging pages, and brings the template's cache
        # of its catalog along. PostgreSQL 14 knows no other way, and not the word.
        in_memory = self._conn.execute("show fsync").fetchone() == ("off",)
        self._strategy = " strategy file_copy" if in_memory and self._conn.info.server_version >= 150000 else ""

    def create(self, name: str, template: str | None = None) -> str:
        """Returns its DSN."""
        self._execute(f"create database {name}" + (f" template {template}{self._strategy}" if template else ""))
        return database_of(self._server, name)

    def drop(self, name: str) -> None:
        self._execute(f"drop database if exists {name} with (force)")

    def close(self) -> None:
        self._conn.close()

    def _execute(self, statement: str) -> None:
        try:
            self._conn.execute("select")
        except psycopg.OperationalError:  # some test ended all sessions, or the server
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
    """Name of a migrated database that nobody works in."""
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
    """Waits where an hour ends soon, in zones of half an hour, too: budgets and figures then begin anew.

    A test may count on it that they do not while it runs: what happens at the end of a window, tests say with times of
    their own.
    """
    left = HALF_AN_HOUR - time.time() % HALF_AN_HOUR
    if left < LEFT_SECONDS:
        await asyncio.sleep(left + 2)


@pytest.fixture
async def empty_database(server_databases: Databases) -> AsyncIterator[str]:
    """DSN of a database with nothing in it."""
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    yield server_databases.create(name)
    server_databases.drop(name)


@pytest.fixture
async def database(server_databases: Databases, template: str, same_window: None) -> AsyncIterator[str]:
    """DSN of a freshly migrated database."""
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    yield server_databases.create(name, template)
    server_databases.drop(name)


@pytest.fixture
async def open_connection(database: str) -> AsyncIterator[Callable[[], Awaitable[asyncpg.Connection]]]:
    """As many connections to the test's database as it asks for."""
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
    """Connections to whichever DSN a test has; closed with it."""
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
