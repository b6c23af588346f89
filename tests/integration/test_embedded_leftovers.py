"""A killed run of the tests leaves servers behind: the next run removes them, and never touches a run that lives."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rfqflow.database.postmaster import read_postmaster, works_in
from rfqflow.database.server_files import wait_until
from tests.support.owned_folder import OWNER, PREFIX, owned_folder, sweep

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the embedded server is for POSIX systems")

RUN = """
import signal, sys, time
from pathlib import Path
from rfqflow.database.embedded import EmbeddedPostgres
from tests.support.owned_folder import owned_folder

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell starts in the background
with owned_folder(Path(sys.argv[1])) as folder, EmbeddedPostgres(folder / "postgres", settings={"fsync": "off"}):
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def place() -> Iterator[Path]:
    with owned_folder() as folder:
        yield folder


@contextlib.contextmanager
def another_run(place: Path, repository: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    with subprocess.Popen([sys.executable, "-c", RUN, place], stdout=subprocess.PIPE, text=True, cwd=repository) as run:
        try:
            yield run, Path(run.stdout.readline().strip())
        finally:
            run.kill()


def server_of(folder: Path) -> tuple[int, Path]:
    (file,) = folder.rglob("postmaster.pid")
    found = read_postmaster(file.parent)
    assert found is not None
    return found.pid, file.parent


def test_the_next_run_removes_a_killed_runs_server_and_files(place, repository):
    with another_run(place, repository) as (run, folder):
        server = server_of(folder)
        assert sweep([place]) == []  # its owner lives

        run.kill()
        run.wait()
        assert works_in(*server)  # a server can survive its owner

        assert sweep([place]) == [folder]

    assert not works_in(*server)
    assert not folder.exists()
    assert sweep([place]) == []


def test_a_folder_that_another_run_removes_during_the_check_is_skipped(tmp_path):
    class Listed(type(tmp_path)):
        def glob(self, pattern):
            return [self / pattern.replace("*", "gone"), *super().glob(pattern)]

    (tmp_path / f"{PREFIX}of-a-dead-one").mkdir()
    (tmp_path / f"{PREFIX}of-a-dead-one" / OWNER).write_text("1")

    assert sweep([Listed(tmp_path)]) == [tmp_path / f"{PREFIX}of-a-dead-one"]


def test_a_run_that_is_interrupted_twice_leaves_nothing_that_the_next_run_does_not_remove(place, repository):
    with another_run(place, repository) as (run, folder):
        server = server_of(folder)
        for _ in range(2):
            run.send_signal(signal.SIGINT)
        run.wait()
        sweep([place])

    assert wait_until(lambda: not works_in(*server), 30)
    assert not folder.exists()


def test_a_folder_without_a_known_owner_is_left_alone(place):
    (unowned := place / f"{PREFIX}unowned").mkdir()
    (beginning := place / f"{PREFIX}beginning").mkdir()
    (beginning / OWNER).touch()  # it is about to be locked
    (other := place / "other").mkdir()
    (other / OWNER).write_text(str(os.getpid()))

    assert sweep([place]) == []

    assert all(folder.is_dir() for folder in (unowned, beginning, other))
