"""The parent of `rfqflow run --processes N`: forks workers, forwards signals, restarts workers that die.

It opens no connection and calls no model. Each child is a separate worker, with its own registration, leases and
liveness lock. So the queue's promises do not depend on the parent. The children share the parent's standard error, its
listening socket and, until they write to it, its memory.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from rfqflow.telemetry import logging
from rfqflow.worker.bootstrap import listening_socket, run_worker
from rfqflow.worker.process_state import ProcessSeat, last_state, state_file
from rfqflow.worker.result_buffer import OutcomeCounts
from rfqflow.worker.sibling import Sibling

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from rfqflow.settings import Settings

_log = structlog.get_logger()
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
_LOOK_SECONDS = 1.0
_RESTART_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)
_SETTLED_SECONDS = 60.0  # a child that lived this long is restarted at once
HUNG_SECONDS = 60.0  # a child that reports nothing for this long counts as hanging
_ASLEEP_SECONDS = 10.0  # a parent that was itself stopped for this long gives its children a new HUNG_SECONDS
_USAGE = 2  # exit code of a child with wrong settings; a restarted child would fail the same way


def forked(
    loaded: Settings,
    dsn: str,
    count: int,
    *,
    drain: bool,
    execute: Callable[[Coroutine[Any, Any, object]], None],
    tell: Callable[[Exception], int],
) -> tuple[int, OutcomeCounts]:
    """Runs `count` workers until all end. Returns the exit code and the number of RFQs by outcome.

    `execute` runs a coroutine until it ends. `tell` reports its exception and returns the exit code.

    Raises:
        ConfigError: the parent cannot listen on the address of --http.
    """
    sock = listening_socket(loaded)

    async def work(among: Sibling) -> None:
        among.end_with(await run_worker(loaded, dsn, drain=drain, among=among))

    def child(seat: ProcessSeat, parent: int) -> int:
        logging.configure(loaded.log_level, loaded.log_format, process=seat.number)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(seat.folder)  # prometheus_client reads the variable at its import
        try:
            execute(work(Sibling(seat, parent, sock)))
        except Exception as error:  # noqa: BLE001 - the outermost function of this process
            return tell(error)
        return 0

    gc.collect()
    gc.freeze()  # without this, the garbage collector writes to each page, and parent and child stop sharing it
    code, states = Processes(count, child, drain=drain).run()
    counts = OutcomeCounts()
    for state in states:
        for outcome, number in state.get("ended", {}).items():
            counts.ended[outcome] = counts.ended.get(outcome, 0) + number
    return code, counts


@dataclass(slots=True)
class _Child:
    number: int
    pid: int = 0  # 0: no process runs now
    born: float = 0.0
    again_at: float | None = None  # when the parent restarts it; None: it lives, or has ended for good
    deaths: int = 0  # consecutive deaths within _SETTLED_SECONDS of a start
    code: int = 0  # exit code of the last process


@dataclass(slots=True)
class Processes:
    """Runs `child` in N processes until all end.

    `child` gets its seat and a descriptor that reads end-of-file when the parent dies. It returns the exit code.
    """

    count: int
    child: Callable[[ProcessSeat, int], int]
    drain: bool = False
    hung_seconds: float = HUNG_SECONDS
    _children: list[_Child] = field(default_factory=list)
    _signals: int = 0  # signals to stop: the second one cancels calls
    _failed: int = 0  # exit code of a child that could not start
    _has_begun: bool = False  # whether a child was ever ready, which shows that the settings work
    _looked_at: float = 0.0

    def run(self) -> tuple[int, list[dict[str, Any]]]:
        """Returns when the last child has ended: the exit code, and the last state of each child."""
        folder = Path(tempfile.mkdtemp(prefix="rfqflow-run-"))
        # No process writes to this pipe: children read end-of-file from it when the parent dies.
        here, theirs = os.pipe()
        try:
            with _woken() as woken:
                self._children = [_Child(number + 1) for number in range(self.count)]
                for child in self._children:
                    self._start(child, folder, here, theirs, woken)
                self._looked_at = time.monotonic()
                while any(child.pid or child.again_at is not None for child in self._children):
                    self._wait(woken)
                    self._reap(folder)
                    self._restart(folder, here, theirs, woken)
            states = [last_state(folder, child.number) or {} for child in self._children]
        finally:
            os.close(here)
            os.close(theirs)
            shutil.rmtree(folder, ignore_errors=True)
        return self._failed or max(child.code for child in self._children), states

    def _start(self, child: _Child, folder: Path, here: int, theirs: int, woken: int) -> None:
        child.again_at = None
        state_file(folder, child.number).unlink(missing_ok=True)
        # Block signals during the fork: a signal for the new child must not reach the handlers that it inherits from
        # the parent.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = os.fork()
        if pid:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            child.pid, child.born = pid, time.monotonic()
            return
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            os.setpgid(0, 0)  # only the parent gets Ctrl-C, and it signals the children once
            os.close(theirs)
            os.close(woken)
            code = self.child(ProcessSeat(child.number, self.count, folder), here)
        finally:
            os._exit(code)  # the child must not run the parent's cleanup

    def _wait(self, woken: int) -> None:
        ready, _, _ = select.select([woken], [], [], _LOOK_SECONDS)
        for number in os.read(woken, 64) if ready else b"":
            if number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                self._stop()

    def _stop(self) -> None:
        """First signal: children finish the calls in flight. Second signal: they cancel them."""
        self._signals += 1
        for child in self._children:
            child.again_at = None
            if child.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGTERM)

    def _reap(self, folder: Path) -> None:
        now = time.monotonic()
        slept = now - self._looked_at > _ASLEEP_SECONDS
        self._looked_at = now
        for child in self._children:
            if not child.pid:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            state = last_state(folder, child.number)
            self._has_begun = self._has_begun or bool(state and state["ready"])
            if pid:
                self._ended(child, os.waitstatus_to_exitcode(status), now)
            elif not slept and state and now - state["at"] > self.hung_seconds:
                _log.error("process.hung", process=child.number, pid=child.pid, silent_seconds=round(now - state["at"]))
                os.kill(child.pid, signal.SIGKILL)

    def _ended(self, child: _Child, code: int, now: float) -> None:
        pid, child.pid, child.code = child.pid, 0, code if code >= 0 else 128 - code
        if self._signals or (self.drain and code == 0):
            return
        if (code > 0 and not self._has_begun) or code == _USAGE:
            self._failed = self._failed or code
            self._stop()
            return
        child.deaths = 0 if now - child.born > _SETTLED_SECONDS else child.deaths + 1
        wait = _RESTART_SECONDS[min(child.deaths, len(_RESTART_SECONDS)) - 1] if child.deaths else 0.0
        child.again_at = now + wait
        how = {"signal": signal.Signals(-code).name} if code < 0 else {"exit_code": code}
        _log.error("process.ended", process=child.number, pid=pid, restart_seconds=wait, **how)

    def _restart(self, folder: Path, here: int, theirs: int, woken: int) -> None:
        for child in self._children:
            if child.again_at is not None and child.again_at <= time.monotonic():
                self._start(child, folder, here, theirs, woken)


@contextlib.contextmanager
def _woken() -> Iterator[int]:
    """Yields a descriptor that receives one byte for each signal: the signal's number."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    earlier = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(earlier)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)
