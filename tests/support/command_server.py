"""Runs `rfqflow` commands for tests, each in a real process that is forked from one which has loaded the package already.

To load the package takes 0.3 to 0.8 s of CPU, and tests run hundreds of commands. Two things differ from a new process.
Environment variables that Python or an SDK reads at load have no effect, except PYTHONWARNINGS and RFQFLOW_FAILPOINTS.
And what the package makes at its first use already exists, such as patterns and the text of `sql/` that `migrate` applies.
Tests of the start of a process use `Process` of `tests/support/daemon.py`. The tests of docs start the command as a person
does.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import warnings
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, Self
from uuid import UUID

ROOT = Path(__file__).resolve().parents[2]
NOT_LOADED = ("__main__", "bench")
LOADED_LATE = ("anthropic", "openai")  # the package loads these when it needs them: 0.4 to 1.4 s of CPU each
HEADER = 8  # bytes that hold the length of a request


class _Client:
    """Starts the server at the first command. The server ends when this process does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None

    def send(self, request: dict[str, Any], files: list[int]) -> socket.socket:
        """Returns the socket that gets the exit status; closing the socket kills the command."""
        ours, theirs = socket.socketpair()
        text = json.dumps(request).encode()
        with self._lock, theirs:
            control = self._control or self._start()
            socket.send_fds(control, [len(text).to_bytes(HEADER)], [*files, theirs.fileno()])
            control.sendall(text)
        return ours

    def _start(self) -> socket.socket:
        self._control, theirs = socket.socketpair()
        with theirs:
            server = subprocess.Popen(
                [sys.executable, "-m", "tests.support.command_server", str(theirs.fileno())],
                cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip
        atexit.register(self._end, server, self._control)
        return self._control

    @staticmethod
    def _end(server: subprocess.Popen[bytes], control: socket.socket) -> None:
        control.close()
        server.wait()


_client = _Client()


def run(
    *arguments: str, env: dict[str, str], cwd: str | Path = ROOT, stdin: bytes = b"", seconds: float = 100
) -> subprocess.CompletedProcess[str]:
    """Like `subprocess.run` of `python -m rfqflow` with captured text. Any thread may call it."""
    said: dict[int, bytes] = {}
    with contextlib.ExitStack() as stack:
        given = os.memfd_create("stdin") if stdin else os.open(os.devnull, os.O_RDONLY)
        stack.callback(os.close, given)
        if stdin:
            os.write(given, stdin)
            os.lseek(given, 0, os.SEEK_SET)
        (out, out_theirs), (error, error_theirs) = os.pipe(), os.pipe()
        for ours in (out, error):
            stack.callback(os.close, ours)
        try:
            request = {"arguments": arguments, "env": env, "cwd": str(cwd)}
            status = stack.enter_context(_client.send(request, [given, out_theirs, error_theirs]))
        finally:
            os.close(out_theirs)
            os.close(error_theirs)
        by = time.monotonic() + seconds
        with selectors.DefaultSelector() as ready:
            for ours in (out, error, status.fileno()):
                ready.register(ours, selectors.EVENT_READ)
                said[ours] = b""
            while ready.get_map():
                found = ready.select(max(0.0, by - time.monotonic()))
                if not found:
                    raise subprocess.TimeoutExpired(["rfqflow", *arguments], seconds)
                for key, _ in found:
                    part = os.read(key.fd, 1 << 16)
                    said[key.fd] += part
                    if not part or (key.fd == status.fileno() and said[key.fd].count(b"\n") == 2):
                        ready.unregister(key.fd)
        code = os.waitstatus_to_exitcode(int(said[status.fileno()].split()[1]))
    texts = [said[one].decode().replace("\r\n", "\n") for one in (out, error)]
    return subprocess.CompletedProcess(["rfqflow", *arguments], code, *texts)


class Running:
    """A command that keeps running, with the interface of asyncio's processes: read, signal, wait."""

    def __init__(self, pid: int, status: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout, self.stderr = asyncio.StreamReader(), asyncio.StreamReader()
        self._ended = asyncio.create_task(self._end(*status))

    @classmethod
    async def start(cls, *arguments: str, env: dict[str, str], cwd: str | Path = ROOT) -> Self:
        (out, out_theirs), (error, error_theirs) = os.pipe(), os.pipe()
        given = os.open(os.devnull, os.O_RDONLY)
        request = {"arguments": arguments, "env": env, "cwd": str(cwd)}
        status = await asyncio.to_thread(_client.send, request, [given, out_theirs, error_theirs])
        for one in (given, out_theirs, error_theirs):
            os.close(one)
        reader, writer = await asyncio.open_connection(sock=status)
        started = cls(int(await reader.readline()), (reader, writer))
        loop = asyncio.get_running_loop()
        for file, stream in ((out, started.stdout), (error, started.stderr)):
            await loop.connect_read_pipe(partial(asyncio.StreamReaderProtocol, stream), os.fdopen(file, "rb"))
        return started

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    async def _end(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        try:
            self.returncode = os.waitstatus_to_exitcode(int(await reader.readline()))
        finally:
            writer.close()
        return self.returncode


def _exactly(control: socket.socket, number: int) -> bytes:
    found = b""
    while len(found) < number:
        found += control.recv(number - len(found))
    return found


def _command(request: dict[str, Any], files: list[int]) -> NoReturn:
    """Runs in the forked process: from here to its exit it is a command like any other."""
    code = 1
    try:
        _become(request, files)
        from rfqflow.cli import main

        main(prog_name="rfqflow")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
    finally:
        # Does all that an exit does, except to unload the package, which costs as much as to load it.
        atexit._run_exitfuncs()  # noqa: SLF001
        gc.collect()  # reports unclosed resources; they are errors where warnings are errors
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _become(request: dict[str, Any], files: list[int]) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, file in enumerate(files):
        os.dup2(file, number)
    # The old objects have stored the kind of the server's files.
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, buffering=1, errors="backslashreplace")  # noqa: SIM115
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    time.tzset()
    if action := request["env"].get("PYTHONWARNINGS"):
        warnings.simplefilter(action)
    if plan := request["env"].get("RFQFLOW_FAILPOINTS"):  # the package does the same when it is loaded
        failpoints = importlib.import_module("rfqflow.failpoints")
        failpoints.reach = failpoints.armed(plan)
    sys.argv[:] = ["rfqflow", *request["arguments"]]


def _serve(control: socket.socket) -> None:
    woken, wakes = socket.socketpair()
    woken.setblocking(False)
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, socket.socket] = {}  # by process id
    with selectors.DefaultSelector() as ready:
        ready.register(control, selectors.EVENT_READ)
        ready.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is control:
                    header, files, _, _ = socket.recv_fds(control, HEADER, 4)
                    if not header:
                        for pid in running:
                            os.kill(pid, signal.SIGKILL)
                        return
                    request = json.loads(_exactly(control, int.from_bytes(header)))
                    _load_what_is_named(request["env"])
                    if not (pid := os.fork()):
                        _command(request, files[:3])
                    for file in files[:3]:
                        os.close(file)
                    running[pid] = socket.socket(fileno=files[3])
                    running[pid].sendall(f"{pid}\n".encode())
                    ready.register(running[pid], selectors.EVENT_READ, pid)
                elif key.fileobj is woken:
                    woken.recv(4096)
                else:  # the client closed its end: nothing waits for the command
                    ready.unregister(key.fileobj)
                    os.kill(key.data, signal.SIGKILL)
            while running and (ended := os.waitpid(-1, os.WNOHANG))[0]:
                waiting = running.pop(ended[0])
                with contextlib.suppress(KeyError):
                    ready.unregister(waiting)
                with contextlib.suppress(OSError):
                    waiting.sendall(f"{ended[1]}\n".encode())
                waiting.close()


def _load() -> None:
    import rfqflow

    for module in pkgutil.walk_packages(rfqflow.__path__, "rfqflow."):
        if module.name.split(".")[1] not in NOT_LOADED:
            with contextlib.suppress(ImportError):  # an extra that is not installed here
                importlib.import_module(module.name)
    with contextlib.suppress(ImportError):
        importlib.import_module("uvloop")
    _warm_up()
    _settle()


def _settle() -> None:
    assert threading.active_count() == 1, "a process with threads is not to be forked"
    gc.collect()
    gc.freeze()


def _load_what_is_named(env: dict[str, str]) -> None:
    """Loads the libraries of the providers that the command's settings name, once for this and all later commands."""
    settings = " ".join(f"{name}={value}" for name, value in env.items() if name not in ("PATH", "HOME")).lower()
    for library in LOADED_LATE:
        if library in settings and library not in sys.modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(library)
            _settle()


def _warm_up() -> None:
    """Does once what a first answer by rules and a `migrate` prepare: it saves each such command 0.2 s of CPU."""
    from rfqflow.core import rules
    from rfqflow.core.records import Rfq
    from rfqflow.database.sql_files import made_in_schema, shipped_routes

    made_in_schema()
    routes = sorted(shipped_routes(), key=lambda route: route.slug)  # in the form in which the database gives them
    rules.answer(Rfq(UUID(int=1), "r", "Please quote 40 ball valves DN50 by 15 March 2027, to Hamburg."), routes)


if __name__ == "__main__":
    _load()
    _serve(socket.socket(fileno=int(sys.argv[1])))
