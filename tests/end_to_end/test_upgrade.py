"""An upgrade from one release to the next on the same database, while applications insert and daemons work.

The earlier release is the last tagged one. Until a tag exists, it is today's wheel, and the later release is the same
wheel with one more migration and a changed function.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from rfqflow.database.connection import connect
from tests.support.daemon import Process, eventually

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("rfqflow", "sql", "pyproject.toml", "README.md", "LICENSE")
FURTHER = """{first}
alter table ai.outbox add column further text;
comment on column ai.outbox.further is 'For the test.';
alter table ai.rag_runs add column further text;
comment on column ai.rag_runs.further is 'For the test.';
create index outbox_dead_discarded_at on ai.outbox_dead (discarded_at);
comment on index ai.outbox_dead_discarded_at is 'For the test.';
"""
ENDED = "select count(*) from public.rfq_requests where ai_status = 'done'"


@dataclass(frozen=True, slots=True)
class Releases:
    """Folders with the package of each release, as its wheel has it."""

    earlier: Path
    later: Path
    breaking: Path  # as `later`, with a migration with which earlier workers cannot work


def _unpacked(source: Path, to: Path) -> Path:
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", to / "dist", source],
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:]
    (wheel,) = (to / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(to / "package")
    return to / "package"


def _tagged(to: Path) -> Path | None:
    """The sources of the last tagged release; None if no tag exists."""
    tag = subprocess.run(
        ["git", "describe", "--tags", "--abbrev=0", "--match", "v*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tag.returncode:
        return None
    to.mkdir()
    packed = subprocess.run(["git", "archive", tag.stdout.strip()], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", to], input=packed.stdout, check=True)
    return to


def _versioned(package: Path, version: str) -> None:
    init = package / "rfqflow" / "__init__.py"
    init.write_text(re.sub(r'__version__ = "[^"]+"', f'__version__ = "{version}"', init.read_text()))


def _with_further(package: Path, to: Path, *, first: str) -> Path:
    shutil.copytree(package, to)
    _versioned(to, "999.0.0")
    sql = to / "rfqflow" / "sql"
    (sql / "migrations" / "9999_further.sql").write_text(FURTHER.format(first=first))
    for function in ("functions/20_claim.sql", "functions/50_finish.sql"):
        with (sql / function).open("a") as file:
            file.write("-- Changed.\n")
    return to


@pytest.fixture(scope="module")
def releases(tmp_path_factory) -> Releases:
    home = tmp_path_factory.mktemp("releases")
    sources = home / "sources"
    sources.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, sources / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, sources / part)
    today = _unpacked(sources, home / "today")
    tagged = _tagged(home / "tagged sources")
    breaking = _with_further(today, home / "breaking", first="-- breaking: for the test.")
    if tagged:
        return Releases(_unpacked(tagged, home / "tagged"), today, breaking)
    earlier = home / "earlier"
    shutil.copytree(today, earlier)
    _versioned(earlier, "0.0.1")
    return Releases(earlier, _with_further(today, home / "later", first="-- For the test."), breaking)


def command(release: Path, dsn: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "rfqflow", *arguments], cwd=release, capture_output=True, text=True, timeout=60, check=False,
        env={**environment, "RFQFLOW_DATABASE_URL": dsn, "RFQFLOW_PROVIDER": "rules", "RFQFLOW_LOG_LEVEL": "error"},
    )  # fmt: skip


class Application:
    """Inserts as fast as it can, and records how long each insert took. Any failure fails the test."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.took: list[float] = []
        self._stop = asyncio.Event()

    async def insert(self) -> None:
        conn = await connect(self._dsn)
        try:
            while not self._stop.is_set():
                began = time.perf_counter()
                await conn.execute(
                    "insert into public.rfq_requests (email, message) values ($1, 'Please quote 250 pcs of housing 7-114')",
                    f"{time.monotonic_ns()}@example.com",
                )
                self.took.append(time.perf_counter() - began)
                await asyncio.sleep(0.01)
        finally:
            await conn.close(timeout=2)

    def stop(self) -> None:
        self._stop.set()


def running(release: Path, dsn: str) -> Process:
    return Process("run", release=release, RFQFLOW_DATABASE_URL=dsn)


async def versions(db: asyncpg.Connection) -> list[str]:
    return [row["version"] for row in await db.fetch("select version from ai.workers order by worker")]


async def lossless(db: asyncpg.Connection, inserted: int) -> None:
    assert await db.fetchval("select count(*) from public.rfq_requests") == inserted
    assert await db.fetchval(ENDED) == inserted
    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0
    twice = "select count(*) from (select rfq_id from ai.rag_runs where status = 'succeeded' group by 1 having count(*) <> 1) x"
    assert await db.fetchval(twice) == 0
    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'succeeded'") == inserted


@pytest.mark.timeout(180)
async def test_a_database_with_data_is_upgraded_under_live_inserts_while_old_workers_continue(
    releases, empty_database, open_plain
):
    assert command(releases.earlier, empty_database, "migrate").returncode == 0
    db = await open_plain(empty_database)
    await db.execute(
        "insert into public.rfq_requests (message) select 'Please quote ' || g || ' pumps' from generate_series(1, 500) g"
    )
    applications = [Application(empty_database) for _ in range(3)]
    inserting = [asyncio.create_task(one.insert()) for one in applications]
    async with running(releases.earlier, empty_database) as old:
        await old.until_event("worker.registered")
        await eventually(lambda: db.fetchval(ENDED), lambda ended: ended > 500, 60)

        migrated = await asyncio.to_thread(command, releases.later, empty_database, "migrate")
        assert migrated.returncode == 0, migrated.stderr
        assert (await asyncio.to_thread(command, releases.later, empty_database, "migrate", "--check")).returncode == 0

        # The old worker continues alone on the new schema, then beside its successor, then stops.
        by_now = await db.fetchval(ENDED)
        await eventually(lambda: db.fetchval(ENDED), lambda ended: ended > by_now + 200, 60)
        async with running(releases.later, empty_database) as new:
            await new.until_event("worker.registered")
            assert len(set(await versions(db))) == 2
            old.send(15)
            assert await old.exit_code(40) == 0
            by_now = await db.fetchval(ENDED)
            await eventually(lambda: db.fetchval(ENDED), lambda ended: ended > by_now + 200, 60)
            for one in applications:
                one.stop()
            await asyncio.gather(*inserting)
            took = [each for one in applications for each in one.took]
            await eventually(lambda: db.fetchval(ENDED), lambda ended: ended == 500 + len(took), 90)
            new.send(15)
            assert await new.exit_code(40) == 0
    print(f"upgrade: {len(took)} live inserts, the slowest {max(took) * 1000:.0f} ms")
    assert max(took) < 5
    await lossless(db, 500 + len(took))


@pytest.mark.timeout(180)
async def test_a_worker_leaves_a_database_that_it_cannot_work_with_and_loses_nothing(
    releases, empty_database, open_plain
):
    assert command(releases.earlier, empty_database, "migrate").returncode == 0
    db = await open_plain(empty_database)
    await db.execute("select ai.set_policy('sweep_seconds', '1')")
    application = Application(empty_database)
    inserting = asyncio.create_task(application.insert())
    async with running(releases.earlier, empty_database) as old:
        await eventually(lambda: db.fetchval(ENDED), lambda ended: ended > 50, 60)
        migrated = await asyncio.to_thread(command, releases.breaking, empty_database, "migrate")
        assert migrated.returncode == 0, migrated.stderr
        assert await old.exit_code(60) == 1
        assert "9999_further.sql" in old.text
        assert "upgrade rfqflow" in old.text
    again = await asyncio.to_thread(command, releases.earlier, empty_database, "run", "--drain")
    assert (again.returncode, "upgrade rfqflow" in again.stderr) == (1, True)
    application.stop()
    await inserting
    # Its claims returned, and only the later release takes them.
    done = await asyncio.to_thread(command, releases.breaking, empty_database, "run", "--drain")
    assert done.returncode == 0, done.stderr
    await lossless(db, len(application.took))


async def test_a_worker_changes_nothing_in_a_database_that_is_older_than_itself(releases, empty_database, open_plain):
    assert command(releases.earlier, empty_database, "migrate").returncode == 0
    db = await open_plain(empty_database)
    await db.execute("insert into public.rfq_requests (message) values ('Please quote 9 pumps')")

    reported = command(releases.breaking, empty_database, "run", "--drain")

    assert reported.returncode == 1
    assert "run `rfqflow migrate` first" in reported.stderr
    assert await db.fetchval("select count(*) from ai.rag_runs") == 0
    assert command(releases.breaking, empty_database, "migrate", "--check").returncode == 1
    assert command(releases.earlier, empty_database, "run", "--drain").returncode == 0
    assert await db.fetchval(ENDED) == 1


async def test_an_older_release_reverts_no_migration(releases, empty_database, open_plain):
    assert command(releases.breaking, empty_database, "migrate").returncode == 0
    db = await open_plain(empty_database)
    ledger = await db.fetch("select name, sha256 from ai.rfqflow_migration order by name")

    reported = command(releases.earlier, empty_database, "migrate")

    assert (reported.returncode, "later release" in reported.stderr) == (1, True), reported.stderr
    assert await db.fetch("select name, sha256 from ai.rfqflow_migration order by name") == ledger


async def test_a_migration_that_was_changed_since_is_refused_and_nothing_is_changed(
    releases, empty_database, open_plain
):
    assert command(releases.earlier, empty_database, "migrate").returncode == 0
    db = await open_plain(empty_database)
    await db.execute("update ai.rfqflow_migration set sha256 = repeat('0', 64) where name like 'schema/03%'")
    ledger = await db.fetch("select * from ai.rfqflow_migration order by name")

    reported = command(releases.later, empty_database, "migrate")

    assert (reported.returncode, "applied here in another version" in reported.stderr) == (1, True)
    assert await db.fetch("select * from ai.rfqflow_migration order by name") == ledger
