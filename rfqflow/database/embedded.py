"""A PostgreSQL server that rfqflow starts, shared by every process that names its base folder.

* * Three files in the base folder are locks. A process holds `lock` during every start and stop. Each process that
  uses the server holds a shared lock on `users-<major>`, and the last user stops the server. The server's own
  processes inherit the lock on `server-<major>.lock`. The kernel releases a lock when its holders end, so a kill -9
  leaves nothing to clean up.
* * `atexit` stops the server at a normal exit and after Ctrl-C. SIGTERM and SIGHUP end a process without `atexit`, so
  the command line must turn these signals into `sys.exit`. After a SIGKILL, the server runs on, and the next start
  adopts it.
* * If rfqflow runs as root, the server runs as `nobody` (`RFQFLOW_PG_USER` names another account). rfqflow changes
  the mode of no file that belongs to another account. Windows is not supported: the constructor raises
  EmbeddedUnavailable.
"""

import atexit
import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from rfqflow.core.errors import EmbeddedUnavailable
from rfqflow.database.binaries import (
    find_binaries,
    major_version,
    others_can_reach,
    reachable,
    refuge,
    unprivileged_account,
)
from rfqflow.database.postmaster import (
    PROC,
    exists,
    is_alive,
    killed_on_error,
    read_postmaster,
    take_interlock,
    works_in,
)
from rfqflow.database.server_files import (
    ServerPaths,
    log_tail,
    open_file,
    secret_of,
    sync_folder,
    try_lock,
    wait_until,
    write_secret,
)

if sys.platform != "win32":
    import fcntl

__all__ = ["EmbeddedPostgres", "find_binaries"]

_INITDB_SECONDS = 120
_START_SECONDS = 60  # includes crash recovery
LOCK_SECONDS = _INITDB_SECONDS + _START_SECONDS + 30  # longest time that another process may hold the lock
_LOG_BYTES = 10_000_000

# The server must not log the text or the values of a failed statement: both may contain a customer's message.
_SETTINGS = {
    "max_connections": "100",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_INITDB = ("-U", "rfqflow", "-E", "UTF8", "--locale=C", "--auth=scram-sha-256")
# The server gets only these variables: the daemon's environment contains keys, and SQL can read the server's
# environment.
_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
# Messages of a server that found what a killed server left behind, or whose port was taken meanwhile: try again.
_PASSING = ("could not bind", "could not create any TCP/IP sockets", "shared memory block", "lock file")

# Servers that this process started and other processes still use. Keep each Popen: Python warns if it is collected
# before its child ends.
_left_to_others: list[subprocess.Popen[bytes]] = []


class EmbeddedPostgres:
    """One use of the server that belongs to `base_dir`. Starts the server, or adopts a running server.

    `settings`: PostgreSQL parameters for a server that this object starts. An adopted server keeps its parameters.
    `log` is called with an event's name, and the event's fields as keywords.
    """

    def __init__(
        self,
        base_dir: Path,
        *,
        settings: Mapping[str, str] | None = None,
        binaries: Path | None = None,
        log: Callable[..., object] | None = None,
    ) -> None:
        if sys.platform == "win32":
            raise EmbeddedUnavailable(
                "The embedded PostgreSQL is not supported on Windows: set RFQFLOW_DATABASE_URL to a running "
                "PostgreSQL, or use WSL."
            )
        self._base = Path(base_dir).expanduser().absolute()
        self._settings = {**_SETTINGS, **(settings or {})}
        self._binaries = binaries
        self._log = log or (lambda *_, **__: None)
        self._process: subprocess.Popen[bytes] | None = None
        self._users: int | None = None
        self._owner = os.getpid()
        self._port = 0
        self._password = ""

    def start(self) -> str:
        """Returns the DSN of a server that is ready. Safe to call again, also after the server has died."""
        joins = self._users is None
        try:
            with self._locked() as place:
                self._join(place)
                self._password = secret_of(place)
                self._bring_up(place)
        except BaseException as error:
            if joins:
                self._leave()
            if isinstance(error, OSError):
                raise EmbeddedUnavailable(
                    f"The embedded PostgreSQL cannot be started: {error}. Set RFQFLOW_DATA_DIR to a local "
                    "folder of this account, run as an ordinary user, or set RFQFLOW_DATABASE_URL."
                ) from error
            raise
        if joins:
            atexit.register(self.stop)
        return self.dsn

    def stop(self) -> None:
        """Ends this use of the server, and stops the server if it was the last use. Safe to call again."""
        if self._users is None or self._owner != os.getpid():
            return
        try:
            with self._locked() as place:
                if try_lock(self._users):
                    self._shut_down(place, "fast")
        finally:
            self._leave()

    def stop_server(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stops the server even if other processes use it.

        After mode `immediate`, the next start recovers as after a crash.
        """
        with self._locked() as place:
            self._shut_down(place, mode)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def dsn(self) -> str:
        return f"postgresql://rfqflow:{self._password}@127.0.0.1:{self.port}/postgres"

    @property
    def data_dir(self) -> Path:
        return self._place.data

    @property
    def port(self) -> int:
        if not self._port:
            raise EmbeddedUnavailable("The embedded PostgreSQL has not been started.")
        return self._port

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        found = read_postmaster(self._place.data)
        if found is None or not works_in(found.pid, self._place.data):
            raise EmbeddedUnavailable("The embedded PostgreSQL is not running.")
        return found.pid

    @functools.cached_property
    def _place(self) -> ServerPaths:
        binaries = (self._binaries or find_binaries()).absolute()
        major = major_version(binaries)
        run_as = unprivileged_account() if os.geteuid() == 0 else None
        if not self._base.exists():
            self._base.mkdir(parents=True)
            self._base.chmod(0o755 if run_as else 0o700)
        folder = self._base.resolve()
        if "\n" in str(folder):
            raise EmbeddedUnavailable("PostgreSQL cannot use a folder with a line break in its name.")
        if run_as and not others_can_reach(folder):
            closed, folder = folder, refuge(folder)
            self._log("embedded.data_moved", base=str(closed), data=str(folder))
        data = folder / f"data-{major}"
        if data.exists() and data.stat().st_uid != (run_as[0] if run_as else os.geteuid()):
            raise EmbeddedUnavailable(
                f"{data} belongs to another account (uid {data.stat().st_uid}): run as that account, or set "
                "RFQFLOW_DATA_DIR to another folder."
            )
        users, interlock = folder / f"users-{major}", folder / f"server-{major}.lock"
        return ServerPaths(folder, binaries, data, users, interlock, run_as)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[ServerPaths]:
        place = self._place
        lock = open_file(place.folder / "lock")
        try:
            if not wait_until(lambda: try_lock(lock), LOCK_SECONDS):
                raise EmbeddedUnavailable(f"Another process holds {place.folder / 'lock'} for too long.")
            yield place
        finally:
            os.close(lock)

    def _join(self, place: ServerPaths) -> None:
        if self._owner != os.getpid():
            # A forked child inherits its parent's lock. It counts as a user only with a lock that it takes itself.
            self._users, self._process, self._owner = None, None, os.getpid()
        if self._users is None:
            self._users = open_file(place.users)
            # This does not wait: only a process that stops the server locks this file exclusively, and it would hold
            # `lock`, which this process holds now.
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def _leave(self) -> None:
        atexit.unregister(self.stop)
        if self._users is not None:
            os.close(self._users)
            self._users = None
        if self._process is not None:
            _left_to_others.append(self._process)
            self._process = None
        _left_to_others[:] = [process for process in _left_to_others if process.poll() is None]

    def _bring_up(self, place: ServerPaths) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._adopt(place):
            interlock = take_interlock(place)
            if interlock is not None:
                try:
                    if not (place.data / "PG_VERSION").exists():
                        self._initialise(place, interlock)
                        deadline = time.monotonic() + _START_SECONDS
                    if self._launch(place, interlock, deadline):
                        return
                finally:
                    os.close(interlock)
            if time.monotonic() > deadline:
                raise EmbeddedUnavailable(
                    f"A server on {place.data} neither answers nor ends: {read_postmaster(place.data)}. "
                    f"Its log is {place.folder / 'postgres.log'}."
                )
            time.sleep(0.02)

    def _adopt(self, place: ServerPaths) -> bool:
        found = read_postmaster(place.data)
        if found is None or found.status != "ready":
            return False
        if not is_alive(place) or not works_in(found.pid, place.data):
            return False
        try:
            socket.create_connection(("127.0.0.1", found.port), timeout=1).close()
        except OSError:
            return False
        if self._port != found.port:
            self._log("embedded.adopted", pid=found.pid, port=found.port)
        self._port = found.port
        return True

    def _initialise(self, place: ServerPaths, interlock: int) -> None:
        draft, copy = place.folder / "data.tmp", place.folder / "password.initdb"
        if older := sorted(path.name for path in place.folder.glob("data-*")):
            self._log("embedded.older_data_kept", kept=older, new=place.data.name)
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        write_secret(copy, self._password)
        if place.run_as:
            for path in (draft, copy):
                os.chown(path, *place.run_as, follow_symlinks=False)
        options = [*_INITDB, f"--pwfile={copy}", "-D", str(draft)]
        if self._settings.get("fsync") == "off":
            options.append("--no-sync")
        try:
            process, log_start = self._spawn(place, "initdb", options, interlock)
            with killed_on_error(process):
                code = process.wait(_INITDB_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise EmbeddedUnavailable(f"initdb did not end within {_INITDB_SECONDS} s.") from error
        finally:
            copy.unlink(missing_ok=True)
        if code != 0:
            raise EmbeddedUnavailable(f"initdb failed:\n{log_tail(place, log_start)}")
        draft.rename(place.data)
        sync_folder(place.folder)

    def _launch(self, place: ServerPaths, interlock: int, deadline: float) -> bool:
        """Starts the server. Returns False if another try may succeed.

        The caller holds the interlock, so no process of an older server lives.
        """
        if self._process is not None:
            self._process.wait(5)
            self._process = None
        stale = read_postmaster(place.data)
        if stale is None or (exists(stale.pid) and PROC.exists()):
            # The file is incomplete, or names a zombie or an unrelated process, and the server would refuse to start
            # with it. Otherwise keep the file: the server uses it to check the old shared memory.
            (place.data / "postmaster.pid").unlink(missing_ok=True)
        # Try the last port first, so that connection pools of other processes still work after a crash of the server.
        port = free_port(self._port or (stale.port if stale else 0))
        settings = {**self._settings, "listen_addresses": "127.0.0.1", "port": str(port)}
        options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        process, log_start = self._spawn(place, "postgres", ["-D", str(place.data), *options], interlock)
        with killed_on_error(process):
            while process.poll() is None:
                found = read_postmaster(place.data)
                if found is not None and found.pid == process.pid and found.status == "ready":
                    self._process, self._port = process, port
                    self._log("embedded.started", pid=process.pid, port=port, data=str(place.data))
                    return True
                if time.monotonic() > deadline:
                    raise EmbeddedUnavailable(
                        f"PostgreSQL was not ready within {_START_SECONDS} s:\n{log_tail(place, log_start)}"
                    )
                time.sleep(0.01)
        said = log_tail(place, log_start)
        if any(words in said for words in _PASSING):
            self._port = 0
            return False
        raise EmbeddedUnavailable(f"PostgreSQL did not start:\n{said}")

    def _spawn(
        self, place: ServerPaths, program: str, arguments: list[str], interlock: int
    ) -> tuple[subprocess.Popen[bytes], int]:
        """Starts a program. Returns the process, and the position in the log where its messages begin."""
        binaries = reachable(place.binaries, place.folder, others=place.run_as is not None)
        path = place.folder / "postgres.log"
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        log = open_file(path)
        try:
            log_start = os.lseek(log, 0, os.SEEK_END)
            user, group = place.run_as or (None, None)
            process = subprocess.Popen(  # noqa: S603  a program of the installation chosen above
                [binaries / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=place.folder,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
                | {"LC_ALL": "C", "TZ": "UTC"},
                pass_fds=(interlock,),
                start_new_session=True,
                umask=0o077,
                user=user,
                group=group,
                extra_groups=[] if place.run_as else None,
            )
        finally:
            os.close(log)
        return process, log_start

    def _shut_down(self, place: ServerPaths, mode: Literal["fast", "immediate"]) -> None:
        steps = [(signal.SIGINT, 15), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)]
        for sign, seconds in steps if mode == "fast" else steps[1:]:
            if not is_alive(place):
                break
            found = read_postmaster(place.data)
            if found is not None and works_in(found.pid, place.data):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(found.pid, sign)
            wait_until(lambda: not is_alive(place), seconds)
        if is_alive(place):
            raise EmbeddedUnavailable(f"The server on {place.data} does not end: {read_postmaster(place.data)}.")
        if self._process is not None:
            self._process.wait(5)
            self._process = None
        self._log("embedded.stopped", data=str(place.data), mode=mode)


def free_port(wanted: int) -> int:
    """`wanted` if it is free, or another free port. Another process may take the port before the server does."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise EmbeddedUnavailable("No TCP port is free on 127.0.0.1. Stop a program that listens there.")
