"""A folder for an embedded server that may run as another user than the tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rfqflow.core.errors import EmbeddedUnavailable
from rfqflow.database import binaries
from rfqflow.database.embedded import EmbeddedPostgres, find_binaries
from rfqflow.database.postmaster import works_in
from rfqflow.database.server_files import wait_until
from tests.support.owned_folder import owned_folder


@contextlib.contextmanager
def server_folder() -> Iterator[Path]:
    # pytest's folders are closed to `nobody`, the user that runs the server when the tests run as root.
    with owned_folder() as top:
        base = top / "base"
        base.mkdir(mode=0o755)
        try:
            yield base
        finally:
            top.chmod(0o755)
            with contextlib.suppress(EmbeddedUnavailable):
                EmbeddedPostgres(base).stop_server("immediate")
            shutil.rmtree(binaries.refuge(base.resolve()))
            shutil.rmtree(base)


def runs(pid: int) -> bool:
    """Whether the process runs. A zombie that its parent has not waited for does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill_postmaster(server: EmbeddedPostgres) -> None:
    """Kills as the kernel does when memory runs out; the children may live on for a while."""
    pid = server.pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not works_in(pid, server.data_dir), 60)


def install_below(folder: Path) -> Path:
    """Copies an installed wheel, with the libraries that it finds relative to itself."""
    prefix = find_binaries().parent
    if not (prefix / "share").is_dir():
        pytest.skip("the installation at hand is not kept in one folder")
    package = prefix.parent
    (folder / package.name).mkdir(mode=0o755)
    binaries.link_tree(prefix, folder / package.name / prefix.name)
    libraries = f"{package.name}.libs"
    if (package.parent / libraries).is_dir():
        binaries.link_tree(package.parent / libraries, folder / libraries)
    return folder / package.name / prefix.name / "bin"
