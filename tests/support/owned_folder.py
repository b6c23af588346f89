"""Folders for servers of the tests. Each has an owner; the next run removes the folders of owners that were killed.

The owner is a process with a lock on a file in its folder. The kernel releases the lock when the process ends, in any
way. So the owner of a folder with a free lock is certainly dead: the next run stops its servers, and removes the folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from rfqflow.core.errors import RfqflowError
from rfqflow.database.binaries import refuge
from rfqflow.database.postmaster import read_postmaster, works_in
from rfqflow.database.server_files import wait_until

PREFIX = "rfqflow-tests-"
OWNER = "owner"  # the file to lock; once it is locked, it holds the owner's process id
_STOP_SECONDS = 30.0


@contextlib.contextmanager
def owned_folder(where: Path | None = None) -> Iterator[Path]:
    """A folder that other users can enter, for servers that run as another user when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=where, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with (folder / OWNER).open("w") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)
            owner.write(str(os.getpid()))
            owner.flush()
            yield folder


def sweep(places: Iterable[Path]) -> list[Path]:
    """Removes the folders of dead owners in these places, and returns them."""
    swept = []
    for place in places:
        for folder in sorted(place.glob(f"{PREFIX}*")):
            with contextlib.suppress(OSError):  # its owner has just removed it, or is alive
                if folder.lstat().st_uid == os.geteuid() and _swept(folder):
                    swept.append(folder)
    return swept


def _swept(folder: Path) -> bool:
    with (folder / OWNER).open() as owner:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Without a process id, the owner is about to lock it.
        if not owner.read() or not _servers_stopped(folder):
            return False
        _remove(folder)
        return True


def _servers_stopped(folder: Path) -> bool:
    working = []
    for file in folder.rglob("postmaster.pid"):
        found = read_postmaster(file.parent)
        if found is not None and works_in(found.pid, file.parent):
            with contextlib.suppress(ProcessLookupError):
                os.kill(found.pid, signal.SIGQUIT)
            working.append((found.pid, file.parent))
    return wait_until(lambda: not any(works_in(pid, data) for pid, data in working), _STOP_SECONDS)


def _remove(folder: Path) -> None:
    for base in filter(Path.is_dir, folder.iterdir()):
        with contextlib.suppress(RfqflowError, OSError):
            shutil.rmtree(refuge(base.resolve()))
    shutil.rmtree(folder, ignore_errors=True)
