"""The files of an embedded server in its base folder: the locks, the password, and the log."""

import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rfqflow.core.errors import EmbeddedUnavailable

if sys.platform != "win32":
    import fcntl


class ServerPaths(NamedTuple):
    folder: Path
    binaries: Path
    data: Path
    users: Path
    interlock: Path
    run_as: tuple[int, int] | None


def open_file(path: Path) -> int:
    # Never follow a symbolic link: a process of root would create or extend the link's target.
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (reached := true()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return reached


def secret_of(place: ServerPaths) -> str:
    path = place.folder / "password"
    if not path.exists() and not any(place.folder.glob("data-*")):
        write_secret(path, secrets.token_urlsafe(24))
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError as error:
        raise EmbeddedUnavailable(f"{path} is missing: restore it, or move the data folders beside it away.") from error
    with os.fdopen(handle) as file:
        if os.fstat(handle).st_uid != os.geteuid():
            raise EmbeddedUnavailable(f"{path} belongs to another account, so rfqflow does not use it.")
        return file.read()


def write_secret(path: Path, secret: str) -> None:
    # Rename the file when it is complete, so that a kill before that leaves no empty password file.
    draft = path.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def sync_folder(folder: Path) -> None:
    # Otherwise a power failure could undo the rename of a data folder whose server has already confirmed commits.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def log_tail(place: ServerPaths, start: int) -> str:
    with (place.folder / "postgres.log").open("rb") as file:
        file.seek(start)
        return file.read()[-2000:].decode(errors="replace").strip()
