"""`rfqflow demo`: what it leaves behind, what it prints, and how it reports a model that does not answer."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from rfqflow import attachments
from tests.support.embedded_folder import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

UP = "The server runs until Ctrl-C."
SECONDS = 120
SAMPLES = 10 + attachments.available()


@pytest.fixture
def place(open_folder: Path) -> Path:
    folder = open_folder / f"demos-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def environment(place: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("RFQFLOW_", "OPENAI_"))}
    return {**kept, "TMPDIR": str(place), **more}


@contextlib.contextmanager
def kept_up(place: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A demo that stays up, and what it has printed."""
    with subprocess.Popen(
        [sys.executable, "-m", "rfqflow", "demo", "--keep"], env=environment(place), cwd=place, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            assert process.stdout
            said = ""
            for line in process.stdout:
                said += line
                if line.strip() == UP:
                    break
            yield process, said
        finally:
            process.kill()


def servers(place: Path) -> list[int]:
    found = []
    for file in place.rglob("postmaster.pid"):
        with contextlib.suppress(OSError, IndexError):
            found.append(int(file.read_text().splitlines()[0]))
    return found


def test_the_next_demo_removes_a_killed_one_and_a_stopped_one_leaves_nothing(place):
    with kept_up(place) as (process, said):
        psql = re.search(r"psql '(\S+)' -c \"(.*)\"", said)
        assert psql
        with psycopg.connect(psql[1]) as conn:
            rows = conn.execute(psql[2].encode()).fetchall()
        assert len(rows) == SAMPLES
        assert {"mechanical", "electrical"} <= {row[3] for row in rows}
        killed = servers(place)
        assert len(killed) == 1
        process.kill()
        process.wait(SECONDS)
    strange = place / "rfqflow-demo-anybodys"
    strange.mkdir()
    with kept_up(place) as (process, _):
        assert not set(killed) & set(servers(place))
        assert not runs(killed[0])
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 128 + signal.SIGTERM
    assert list(place.iterdir()) == [strange], "a folder without a known owner is left alone"


def test_without_keep_no_address_of_a_stopped_server_is_printed(place):
    done = subprocess.run(
        [sys.executable, "-m", "rfqflow", "demo"], env=environment(place), cwd=place, text=True, capture_output=True,
        timeout=SECONDS, check=True,
    )  # fmt: skip
    assert "postgresql://" not in done.stdout + done.stderr
    assert "mechanical" in done.stdout
    if attachments.available():  # four items are only in a file
        assert re.search(
            r"^Brightwell Pumps +done +mechanical +\S+ +\S+ +4 +- +Please quote the spare", done.stdout, re.MULTILINE
        )


def test_a_model_that_does_not_answer_is_exit_code_1_with_the_cause_and_the_remedy(place):
    model = {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "RFQFLOW_MODEL": "m"}
    done = subprocess.run(
        [sys.executable, "-m", "rfqflow", "demo", "--llm"], env=environment(place, **model), cwd=place, text=True,
        capture_output=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"rfqflow: the model did not answer {SAMPLES - 1} of {SAMPLES} RFQs ({SAMPLES - 1} deferred):" in done.stderr
    assert re.search(rf"{SAMPLES - 1} x connection: .*base URL.*rfqflow doctor", done.stderr)
