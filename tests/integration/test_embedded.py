"""The embedded server, with real processes: every way to start, share, lose and stop it.

Most tests share one cluster, since initdb takes nearly all of the time of a cold start.
"""

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from rfqflow.core.errors import EmbeddedUnavailable
from rfqflow.database import binaries, embedded, server_files
from rfqflow.database.embedded import EmbeddedPostgres
from tests.support.embedded_folder import install_below, kill_postmaster, runs, server_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the embedded server is for POSIX systems")

FAST = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "8MB", "max_connections": "20"}
IS_ROOT = os.name == "posix" and os.geteuid() == 0

# Starts, prints the DSN, and leaves as soon as its standard input has a line or ends.
USER = """
import sys
from pathlib import Path
from rfqflow.database.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), settings={"fsync": "off"})
print(server.start(), server.pid, flush=True)
sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def prepared():
    with server_folder() as base:
        with EmbeddedPostgres(base, settings=FAST):
            pass
        yield base


@pytest.fixture
def shared(prepared) -> Iterator[Path]:
    """The prepared folder itself; each test that uses it leaves the server stopped."""
    yield prepared
    EmbeddedPostgres(prepared).stop_server("immediate")


@pytest.fixture
def empty() -> Iterator[Path]:
    with server_folder() as base:
        yield base


@contextlib.contextmanager
def _user(base: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", USER, base], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _report(user: subprocess.Popen[str]) -> tuple[str, int]:
    dsn, pid = user.stdout.readline().split()
    return dsn, int(pid)


def _wait_for(true: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)


def _answers(dsn: str) -> bool:
    port = int(dsn.rpartition(":")[2].partition("/")[0])
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


async def _sql(dsn: str, *statements: str):
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


async def test_a_cold_start_serves_only_clients_with_the_password_and_a_stop_ends_the_server(empty):
    server = EmbeddedPostgres(empty, settings=FAST)
    dsn = server.start()
    assert dsn.startswith("postgresql://rfqflow:")
    assert await _sql(dsn, "select current_user || ' ' || current_database()") == "rfqflow postgres"
    assert await _sql(dsn, "show server_encoding") == "UTF8"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://rfqflow:wrong@127.0.0.1:{server.port}/postgres")
    assert stat.S_IMODE((empty / "password").stat().st_mode) == 0o600
    assert not (empty / "password.initdb").exists()
    assert not (empty / "data.tmp").exists()
    pid = server.pid
    server.stop()
    server.stop()
    assert not _answers(dsn)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_warm_start_finds_the_rows_again_and_a_second_start_changes_nothing(shared):
    with EmbeddedPostgres(shared, settings=FAST) as server:
        await _sql(server.dsn, "create table warm (n int)", "insert into warm values (7) returning n")
        pid = server.pid
        assert server.start() == server.dsn
        assert server.pid == pid
    with EmbeddedPostgres(shared, settings=FAST) as server:
        assert await _sql(server.dsn, "select n from warm") == 7


async def test_a_second_user_adopts_the_server_and_only_the_last_one_stops_it(shared):
    with _user(shared) as first:
        dsn, pid = _report(first)
        second = EmbeddedPostgres(shared)
        assert second.start() == dsn
        assert second.pid == pid
        first.communicate("leave\n", timeout=60)
        assert await _sql(dsn, "select 1") == 1
        second.stop()
        assert not _answers(dsn)


async def test_the_last_user_stops_a_server_that_another_user_started(shared):
    ours = EmbeddedPostgres(shared, settings=FAST)
    dsn = ours.start()
    with _user(shared) as other:
        assert _report(other)[0] == dsn
        ours.stop()
        assert await _sql(dsn, "select 1") == 1
        other.communicate("leave\n", timeout=60)
        assert not _answers(dsn)


async def test_a_server_orphaned_by_kill_9_of_its_owner_is_adopted_and_then_stopped(shared):
    with _user(shared) as owner:
        dsn, pid = _report(owner)
        owner.kill()
        owner.wait()
    with EmbeddedPostgres(shared) as heir:
        assert (heir.dsn, heir.pid) == (dsn, pid)
        assert await _sql(dsn, "select 1") == 1
    assert not _answers(dsn)


async def test_after_kill_9_of_the_postmaster_committed_rows_are_back_on_the_same_port(shared):
    with EmbeddedPostgres(shared) as server:
        before, killed = server.dsn, server.pid
        await _sql(before, "create table killed (n int)", "insert into killed values (7) returning n")
        kill_postmaster(server)
        assert server.start() == before
        assert server.pid != killed
        assert await _sql(before, "select n from killed") == 7


async def test_after_kill_9_of_owner_and_postmaster_the_next_start_recovers(shared):
    with _user(shared) as owner:
        dsn, pid = _report(owner)
        await _sql(dsn, "create table orphaned (n int)", "insert into orphaned values (7) returning n", "checkpoint")
        owner.kill()
        owner.wait()
        os.kill(pid, signal.SIGKILL)
        _wait_for(lambda: not runs(pid))  # the signal returns before the process has ended
    with EmbeddedPostgres(shared, settings=FAST) as server:
        assert server.pid != pid
        assert await _sql(server.dsn, "select n from orphaned") == 7


async def test_an_immediate_stop_is_a_crash_that_loses_nothing(shared):
    with EmbeddedPostgres(shared) as server:
        await _sql(server.dsn, "create table crashed (n int)", "insert into crashed values (7) returning n")
        server.stop_server("immediate")
        assert not _answers(server.dsn)
        with pytest.raises(EmbeddedUnavailable, match="not running"):
            _ = server.pid
        assert await _sql(server.start(), "select n from crashed") == 7


async def test_processes_that_race_from_an_empty_folder_share_one_server(empty):
    with _user(empty) as one, _user(empty) as two, _user(empty) as three:
        reported = {_report(user) for user in (one, two, three)}
        assert len(reported) == 1
        for user in (one, two, three):
            user.communicate("leave\n", timeout=60)
    assert not _answers(reported.pop()[0])


def test_no_start_happens_while_another_process_holds_the_lock(shared, monkeypatch):
    monkeypatch.setattr(embedded, "LOCK_SECONDS", 0.05)
    server = EmbeddedPostgres(shared, settings=FAST)
    holder = server_files.open_file(shared / "lock")
    try:
        assert server_files.try_lock(holder)
        with pytest.raises(EmbeddedUnavailable, match="holds"):
            server.start()
        assert not (server.data_dir / "postmaster.pid").exists()
    finally:
        os.close(holder)


async def test_a_half_finished_initdb_of_a_killed_owner_is_discarded(empty):
    with _user(empty) as owner:
        _wait_for((empty / "data.tmp" / "PG_VERSION").exists)
        owner.kill()
    (empty / "data.tmp" / "left_over").write_text("half")
    assert not list(empty.glob("data-*"))
    with EmbeddedPostgres(empty, settings=FAST) as server:
        assert await _sql(server.dsn, "select 1") == 1
        assert not (server.data_dir / "left_over").exists()
    assert not (empty / "data.tmp").exists()


@pytest.mark.parametrize("content", ["", "{pid}\n", "{pid}\n{data}\n1\n{port}\n\n127.0.0.1\n\nready   \n"])
async def test_an_old_pid_file_does_not_hinder_a_start(shared, content):
    """The process id in the file may now belong to another process: here to the test. The port may be taken, too."""
    server = EmbeddedPostgres(shared, settings=FAST)
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        (server.data_dir / "postmaster.pid").write_text(
            content.format(pid=os.getpid(), data=server.data_dir, port=port)
        )
        with server:
            assert server.port != port
            assert await _sql(server.dsn, "select 1") == 1


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
async def test_a_pid_file_of_a_zombie_does_not_hinder_a_start(shared):
    server = EmbeddedPostgres(shared, settings=FAST)
    zombie = subprocess.Popen(["true"])  # noqa: ASYNC220  nothing else waits for this loop
    try:
        _wait_for(lambda: Path(f"/proc/{zombie.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z")
        (server.data_dir / "postmaster.pid").write_text(f"{zombie.pid}\n{server.data_dir}\n1\n1\n\n\n\nready\n")
        with server:
            assert await _sql(server.dsn, "select 1") == 1
    finally:
        zombie.wait()


async def test_a_user_that_ends_by_itself_stops_the_server(shared):
    with _user(shared) as user:
        dsn, _ = _report(user)
        user.communicate("leave\n", timeout=60)
        assert user.returncode == 0
    assert not _answers(dsn)


@pytest.mark.parametrize("name", ["with space", "with 'single' and \"double\" $HOME `quotes`", "x" * 160])
async def test_any_folder_name_works_also_after_a_move(shared, name):
    odd = shared.rename(shared.parent / name)
    try:
        with EmbeddedPostgres(odd, settings=FAST) as server:
            assert await _sql(server.dsn, "show data_directory") == str(odd / server.data_dir.name)
    finally:
        odd.rename(shared)


async def test_binaries_in_a_folder_that_a_shell_would_misread_are_copied_first(empty):
    odd = empty.parent / 'say "$HOME"'
    odd.mkdir(mode=0o755)
    with EmbeddedPostgres(empty, settings=FAST, binaries=install_below(odd)) as server:
        assert await _sql(server.dsn, "select 1") == 1


async def test_the_callers_environment_reaches_neither_the_cluster_nor_the_server(empty, monkeypatch):
    for name, value in {
        "LC_ALL": "xx_YY.junk",
        "LANG": "tlh",
        "TZ": "America/New_York",
        "PGPORT": "1",
        "PGDATA": "/nowhere",
        "PGOPTIONS": "-c work_mem=1",
        "OPENAI_API_KEY": "must-not-be-seen",
    }.items():
        monkeypatch.setenv(name, value)
    with EmbeddedPostgres(empty, settings=FAST) as server:
        monkeypatch.undo()
        assert await _sql(server.dsn, "show timezone") == "UTC"
        assert await _sql(server.dsn, "select datcollate from pg_database limit 1") == "C"
        seen = await _sql(
            server.dsn,
            "create table environment (line text)",
            "copy environment from program 'env'",
            "select string_agg(line, ' ') from environment",
        )
    assert "LC_MESSAGES=C" in seen.split()
    assert "must-not-be-seen" not in seen
    assert "America" not in seen


async def test_settings_take_effect_and_durability_is_on_by_default(shared):
    with EmbeddedPostgres(shared, settings={"work_mem": "7MB", "port": "1"}) as server:
        assert await _sql(server.dsn, "show work_mem") == "7MB"
        assert (
            await _sql(
                server.dsn,
                "select string_agg(setting, ' ' order by name) from pg_settings "
                "where name in ('fsync', 'full_page_writes', 'synchronous_commit')",
            )
            == "on on on"
        )
        assert await _sql(server.dsn, "show max_connections") == "100"
        assert await _sql(server.dsn, "show listen_addresses") == "127.0.0.1"


async def test_a_failed_statement_leaves_its_text_out_of_the_log(shared):
    with EmbeddedPostgres(shared, settings=FAST) as server, pytest.raises(asyncpg.UniqueViolationError):
        await _sql(server.dsn, "create table t (m text unique)", "insert into t values ('secret'), ('secret')")
    log = (shared / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "secret" not in log


async def test_a_failing_setting_is_reported_and_blocks_no_session(shared):
    with pytest.raises(EmbeddedUnavailable, match="no_such_setting"):
        EmbeddedPostgres(shared, settings={"no_such_setting": "1"}).start()
    with EmbeddedPostgres(shared, settings=FAST) as server:
        assert await _sql(server.dsn, "select 1") == 1


async def test_a_port_taken_at_the_last_moment_is_replaced(shared, monkeypatch):
    free_port = embedded.free_port
    with socket.create_server(("127.0.0.1", 0)) as thief:
        ports = iter([thief.getsockname()[1]])
        monkeypatch.setattr(embedded, "free_port", lambda wanted: next(ports, None) or free_port(wanted))
        with EmbeddedPostgres(shared, settings=FAST) as server:
            assert next(ports, None) is None
            assert await _sql(server.dsn, "select 1") == 1


def test_a_lost_password_is_reported_before_the_server_starts(shared):
    password = (shared / "password").rename(shared / "elsewhere")
    try:
        server = EmbeddedPostgres(shared, settings=FAST)
        with pytest.raises(EmbeddedUnavailable, match="password is missing"):
            server.start()
        assert not (server.data_dir / "postmaster.pid").exists()
    finally:
        password.rename(shared / "password")


def test_windows_is_refused_plainly_and_only_on_use():
    program = """
import asyncio, subprocess, socket, tempfile, shutil, sys
from pathlib import Path
sys.platform = "win32"
sys.modules["fcntl"] = sys.modules["pwd"] = None
import rfqflow
from rfqflow.database.embedded import EmbeddedPostgres
from rfqflow.core.errors import EmbeddedUnavailable
try:
    EmbeddedPostgres(Path("x"))
except EmbeddedUnavailable as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "RFQFLOW_DATABASE_URL" in said.stdout


@pytest.mark.skipif(not IS_ROOT, reason="only root hands the server to another account")
class TestAsRoot:
    @pytest.fixture
    def closed(self, empty):
        """A base folder below a folder that only root may enter."""
        empty.parent.chmod(0o700)
        yield empty
        with contextlib.suppress(EmbeddedUnavailable):
            EmbeddedPostgres(empty).stop_server("immediate")

    async def test_the_server_runs_as_an_unprivileged_account(self, shared):
        with EmbeddedPostgres(shared, settings=FAST) as server:
            await _sql(server.dsn, "create table who (line text)", "copy who from program 'id -u; id -G'", "select 1")
            ids = await _sql(server.dsn, "select string_agg(line, ' ') from who")
            assert "0" not in ids.split()

    async def test_below_a_closed_folder_data_and_binaries_move_and_no_mode_changes(self, closed):
        binaries = install_below(closed)
        before = {path: path.stat().st_mode for path in (closed.parent, closed, *closed.rglob("*"))}
        reported = []
        server = EmbeddedPostgres(
            closed,
            settings=FAST,
            binaries=binaries,
            log=lambda event, **fields: reported.append((event, fields)),
        )
        with server:
            assert await _sql(server.dsn, "select 1") == 1
            assert server.data_dir.parent.parent == Path("/var/tmp")
        assert reported[0] == (
            "embedded.data_moved",
            {"base": str(closed), "data": str(server.data_dir.parent)},
        )
        assert {path: path.stat().st_mode for path in before} == before

    @pytest.mark.parametrize("made", ["link", "open", "foreign"])
    def test_a_folder_that_another_account_may_have_made_is_refused(self, empty, made):
        empty.parent.chmod(0o700)
        refuge = binaries.refuge(empty)
        try:
            if made == "link":
                refuge.rmdir()
                refuge.symlink_to(empty)
            elif made == "open":
                refuge.chmod(0o777)
            else:
                os.chown(refuge, 65534, -1)
            with pytest.raises(EmbeddedUnavailable, match="belongs to another account"):
                EmbeddedPostgres(empty, settings=FAST).start()
            assert list(empty.iterdir()) == []
        finally:
            refuge.unlink() if refuge.is_symlink() else refuge.rmdir()

    def test_an_unknown_account_is_reported(self, empty, monkeypatch):
        monkeypatch.setenv("RFQFLOW_PG_USER", "no-such-account")
        with pytest.raises(EmbeddedUnavailable, match="RFQFLOW_PG_USER"):
            EmbeddedPostgres(empty).start()
