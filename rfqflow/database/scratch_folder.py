"""Temporary folders for the embedded servers of a single command, and the cleanup after commands that were killed.

The command holds a lock in its folder. The kernel releases the lock when the process ends, for any reason. If the lock
of a folder of this account is free, its owner is dead. Then the next command stops the folder's servers and deletes the
folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rfqflow.core.errors import RfqflowError
from rfqflow.database.binaries import refuge
from rfqflow.database.postmaster import read_postmaster, works_in
from rfqflow.database.server_files import wait_until

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

_OWNER = "owner"  # the file that is locked; after that, it contains the owner's process id
_STOP_SECONDS = 20.0


@contextlib.contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """Yields a temporary folder. First deletes folders with the same prefix whose owners were killed."""
    _sweep(prefix)
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # For root, the server runs under another account, which must be able to enter the folder. Only that account can
        # read the data in it.
        folder.chmod(0o755)
        with (folder / _OWNER).open("w") as owner:
            if sys.platform != "win32":
                fcntl.flock(owner, fcntl.LOCK_EX)
            owner.write(str(os.getpid()))
            owner.flush()
            yield folder


def _sweep(prefix: str) -> None:
    if sys.platform == "win32":
        return
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{prefix}*")):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.lstat().st_uid != os.geteuid():
                continue
            with (folder / _OWNER).open() as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # If the file contains no process id, the owner is about to lock it.
                if owner.read() and _servers_stopped(folder):
                    _remove(folder)


def _bases(folder: Path) -> Iterator[Path]:
    """The base folders of the servers in a scratch folder.

    For root, a base folder may be elsewhere: see EmbeddedPostgres.
    """
    for base in filter(Path.is_dir, folder.iterdir()):
        yield base
        with contextlib.suppress(RfqflowError, OSError):
            yield refuge(base.resolve())


def _servers_stopped(folder: Path) -> bool:
    working = []
    for file in (file for base in _bases(folder) for file in base.glob("data-*/postmaster.pid")):
        found = read_postmaster(file.parent)
        if found is not None and works_in(found.pid, file.parent):
            with contextlib.suppress(ProcessLookupError):
                os.kill(found.pid, signal.SIGQUIT)
            working.append((found.pid, file.parent))
    return wait_until(lambda: not any(works_in(pid, data) for pid, data in working), _STOP_SECONDS)


def _remove(folder: Path) -> None:
    for base in list(_bases(folder)):
        shutil.rmtree(base, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
