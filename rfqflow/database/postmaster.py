"""Finds out whether a server runs on a data folder, and its process id and address, from files and processes.

Every process of a server or of initdb inherits the lock on `server-<major>.lock`. The kernel releases the lock when the
last of these processes ends. A server that a person started by hand has no such lock: a search of all processes finds
it.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rfqflow.database.server_files import ServerPaths, open_file, try_lock

PROC = Path("/proc/self/stat")  # does not exist on macOS


class Postmaster(NamedTuple):
    pid: int
    port: int
    status: str


def take_interlock(place: ServerPaths) -> int | None:
    """Takes the interlock of this folder, for a server to inherit.

    None: a process of a server or of initdb of this folder lives.

    The interlock also works between containers. A search of all processes finds a server that a person started by hand.

    The caller must hold `lock`, because a check takes the interlock for a moment.
    """
    interlock = open_file(place.interlock)
    if not try_lock(interlock) or _started_by_hand(place.data):
        os.close(interlock)
        return None
    return interlock


def is_alive(place: ServerPaths) -> bool:
    interlock = take_interlock(place)
    if interlock is not None:
        os.close(interlock)
    return interlock is None


def _started_by_hand(data: Path) -> bool:
    return (data / "postmaster.pid").exists() and any(
        works_in(int(process.name), data) for process in Path("/proc").glob("[0-9]*")
    )


def works_in(pid: int, data: Path) -> bool:
    """Whether `pid` is a live process of a server on `data`, and not a zombie. True if the system does not show it."""
    process = Path(f"/proc/{pid}")
    if not PROC.exists():
        return exists(pid)
    try:
        name, _, rest = (process / "stat").read_text(errors="replace").partition("(")[2].rpartition(")")
        return name == "postgres" and rest.split()[0] not in "ZX" and (process / "cwd").samefile(data)
    except PermissionError:
        # Root without the right to trace, as in most containers, cannot see the process's folder. Compare with the
        # number in the file.
        found = read_postmaster(data)
        return found is not None and found.pid == pid
    except OSError:
        return False


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def read_postmaster(data: Path) -> Postmaster | None:
    """Reads postmaster.pid. None: the file does not exist, or is not complete yet."""
    try:
        lines = (data / "postmaster.pid").read_bytes().split(b"\n") + [b""] * 8
        found = Postmaster(int(lines[0]), int(lines[3] or 0), os.fsdecode(lines[7]).strip())
    except (OSError, ValueError):
        return None
    # A negative number means a server in single-user mode. A signal to it would go to a process group.
    return found if found.pid > 0 else None


@contextlib.contextmanager
def killed_on_error(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        process.kill()
        process.wait()
        raise
