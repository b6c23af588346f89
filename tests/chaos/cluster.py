"""Two PostgreSQL servers: a primary, and a standby that takes over when it is promoted.

Each server keeps its port for good, so that one multi-host DSN always names both.
"""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import asyncpg

from rfqflow.database.binaries import find_binaries, major_version, reachable, unprivileged_account

OWNER = "rfqflow"
DATABASE = "rfqflow"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "512MB",
    "wal_keep_size": "256MB",
    "allow_in_place_tablespaces": "on",
    "deadlock_timeout": "500ms",
    "log_lock_waits": "on",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "wal_sender_timeout": "10s",
    "recovery_init_sync_method": "syncfs",
    "timezone": "UTC",
}
SINCE_17 = {"max_notify_queue_pages": "64"}  # 512 kB: full at once


_given: set[int] = set()


def free_port() -> int:
    """A port outside the range of ephemeral ports: otherwise a connection could take it while its server restarts."""
    given = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(given.read_text().split()[0]) if given.exists() else 32768
    while True:
        port = random.randrange(first // 2, first)
        if port in _given:  # given to a node or a worker, of this table or the other, which may not be listening now
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            _given.add(port)
            return port


class Node:
    """One server: a data folder and a port. `start` returns when the server answers."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.port = name, free_port()
        self.data = folder / name
        self.log = folder / f"{name}.log"
        self._folder = folder
        self._account = unprivileged_account() if os.geteuid() == 0 else None
        found = find_binaries().absolute()
        self.tools = found
        self._settings = SETTINGS | (SINCE_17 if major_version(found) >= 17 else {})
        self._binaries = reachable(found, folder, others=self._account is not None)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{DATABASE}"

    def dsn_of(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    @property
    def can_be_copied(self) -> bool:
        """Whether pg_basebackup is beside the server's programs, as in a full installation."""
        return (self.tools / "pg_basebackup").exists()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def initialise(self) -> None:
        self._run(self._binaries / "initdb", "-U", OWNER, "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync",
                  "-D", str(self.data))  # fmt: skip

    def copy_of(self, other: "Node") -> None:
        """Becomes a standby that streams from `other`."""
        shutil.rmtree(self.data, ignore_errors=True)
        self._run(self.tools / "pg_basebackup", "-h", "127.0.0.1", "-p", str(other.port), "-U", OWNER, "-R",
                  "-X", "stream", "-c", "fast", "--no-sync", "-D", str(self.data), as_account=False)  # fmt: skip
        if self._account:
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, *self._account, follow_symlinks=False)

    def make_stale(self) -> None:
        """Starts the old primary as a detached standby: it answers reads and refuses writes."""
        (self.data / "standby.signal").touch()
        if self._account:
            os.chown(self.data / "standby.signal", *self._account)

    async def start(self, seconds: float = 60) -> None:
        options = [text for name, value in self._settings.items() for text in ("-c", f"{name}={value}")]
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - it outlives this call, and starts in no time
                [self._binaries / "postgres", "-D", self.data, "-c", f"port={self.port}", *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._as_account(),
            )  # fmt: skip
        async with asyncio.timeout(seconds):
            while True:
                assert self._process.poll() is None, f"{self.name} did not start: {self.log.read_text()[-2000:]}"
                with contextlib.suppress(OSError, asyncpg.PostgresError, TimeoutError):
                    conn = await asyncpg.connect(self.dsn_of(OWNER, "postgres"), timeout=5)
                    await conn.close()
                    return
                await asyncio.sleep(0.05)

    async def stop(self, mode: str = "fast") -> int:
        """Ends the server; returns the id of the process that ended."""
        process, self._process = self._process, None
        assert process
        process.send_signal({"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
        try:
            await asyncio.to_thread(process.wait, 20)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
        return process.pid

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
            self._process.wait()
            self._process = None

    def _as_account(self) -> dict[str, object]:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        common: dict[str, object] = {"cwd": self._folder, "env": environment, "umask": 0o077}
        if self._account:
            user, group = self._account
            return {**common, "user": user, "group": group, "extra_groups": []}
        return common

    def _run(self, program: Path, *arguments: str, as_account: bool = True) -> None:
        if as_account and self._account:
            os.chown(self._folder, *self._account)
        how = self._as_account() if as_account else {"cwd": self._folder}
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, **how)  # type: ignore[call-overload] # the rest is whatever subprocess.run takes
        assert done.returncode == 0, f"{program.name}: {done.stderr[-2000:]}"


class Pair:
    """A primary, and the server that takes over next."""

    def __init__(self, folder: Path) -> None:
        self.primary, self.spare = Node(folder, "one"), Node(folder, "two")

    async def connect(self, role: str = OWNER, **options: object) -> asyncpg.Connection:
        return await asyncpg.connect(self.primary.dsn_of(role), timeout=5, command_timeout=30, **options)

    async def promote(self) -> dict[str, float]:
        """Fails over without losing an acknowledged commit. The old primary comes back read-only for a while.

        Returns the wall clock's times of the steps.
        """
        loop_time = asyncio.get_running_loop().time
        old, new = self.primary, self.spare
        await asyncio.to_thread(new.copy_of, old)
        await new.start()
        conn = await self.connect()
        await conn.execute("alter system set synchronous_standby_names = '*'")
        await conn.execute("select pg_reload_conf()")
        async with asyncio.timeout(30):
            while not await conn.fetchval("select exists (select from pg_stat_replication where sync_state = 'sync')"):
                await asyncio.sleep(0.05)
        # A commit in flight at the time of the reload may not have waited for the standby. The next commit does, and it
        # is later in the WAL.
        await conn.execute("create table if not exists chaos.fence (at timestamptz)")
        await conn.execute("insert into chaos.fence values (clock_timestamp())")
        await conn.close()
        began = loop_time()
        await old.stop("immediate")
        self.primary, self.spare = new, old
        conn = await self.connect()
        await conn.execute("alter system reset synchronous_standby_names")
        assert await conn.fetchval("select pg_promote(true, 30)")
        promoted_at = await conn.fetchval("select extract(epoch from clock_timestamp())::float8")
        await conn.execute("select pg_reload_conf()")
        await conn.close()
        old.make_stale()
        await old.start()
        return {"down_seconds": loop_time() - began, "promoted_at": promoted_at}

    def kill(self) -> None:
        self.primary.kill()
        self.spare.kill()
