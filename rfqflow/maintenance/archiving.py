"""Moves old weeks into archive files, restores them, and erases people from the files."""

from __future__ import annotations

import asyncio
import errno
import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from rfqflow.core.errors import RfqflowError
from rfqflow.core.queue.backoff import jittered
from rfqflow.database import migrate
from rfqflow.maintenance import archive_files
from rfqflow.settings.checks import folder_fault
from rfqflow.store.retention import WeekFingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from rfqflow.store.retention import Retention, Week

_log = structlog.get_logger()
_DROP_TRIES = 20  # each attempt waits milliseconds for a lock, so that a backlog of years does not delay other steps
WEEKS = 4  # most weeks per step, for the same reason


class ArchiveMismatchError(RfqflowError):
    """A file does not match its record, so rfqflow drops and restores nothing."""


@dataclass(slots=True)
class Archived:
    """What one step archived, dropped and rewrote."""

    archived: list[str] = field(default_factory=list)
    runs: int = 0
    dropped: int = 0
    kept: int = 0
    rewritten: list[str] = field(default_factory=list)


async def step(store: Retention, folder: Path, form: str | None = None, weeks: int = WEEKS) -> Archived:
    """Erases people from files, archives due weeks and drops archived weeks, a limited number of each.

    Raises:
        ArchiveMismatchError: a written file does not match the runs.
        OSError: the folder cannot be written to.
    """
    done = Archived()
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
    # Check the folder in each step, so that the operator learns of a fault before the first week is due.
    if fault := await asyncio.to_thread(folder_fault, folder):
        raise OSError(errno.EACCES, f"the archive folder {fault}")
    done.rewritten = await erase_from_files(store, folder)
    for week in (await store.archivable())[:weeks]:
        name, held = await write(store, week, folder, form or archive_files.best_format())
        done.archived.append(name)
        done.runs += held.runs
    for due in (await store.droppable_weeks())[: 2 * weeks]:
        if due.file and not await asyncio.to_thread(_is_there, folder / due.file, due.sha256):
            _log.warning("archive.file_missing", file=due.file, effect="the runs of this archive stay in the database")
            continue
        dropped, kept = await drop(store, due.archive_id)
        done.dropped += dropped
        done.kept += kept
    return done


async def write(store: Retention, week: Week, folder: Path, form: str) -> tuple[str, WeekFingerprint]:
    """Writes a week to a file and reads the file back. Records it if the database finds the same runs in its table."""
    name = archive_files.file_name(week.name, form)
    with archive_files.Writer(folder, name) as writer:
        async for page in store.lines(week):
            await asyncio.to_thread(writer.write, page)
        await asyncio.to_thread(writer.finish)
        held = await print_of(store, writer.path, parquet=form == "parquet")
        there, first_at, last_at = await store.week_fingerprint(week)
        if held != there:
            raise ArchiveMismatchError(
                f"{name}: the file has {held.runs} runs, the database has {there.runs}, and their contents differ"
            )
        manifest = {
            "file": name,
            "format": form,
            "week_start": week.start.isoformat(),
            "week_end": week.end.isoformat(),
            "runs": held.runs,
            "sha256": await asyncio.to_thread(archive_files.sha256_of, writer.path),
            "fingerprint": str(held.fingerprint),
            "first_at": first_at and first_at.isoformat(),
            "last_at": last_at and last_at.isoformat(),
            "schema_version": migrate.newest_migration(),
        }
        await asyncio.to_thread(writer.keep, manifest)
    try:
        await store.record(manifest)
    except asyncpg.PostgresError:
        # The database refuses the record if the week has changed: the file may still hold a person whose data an
        # erasure has since removed.
        await asyncio.to_thread(archive_files.discard, folder / name)
        raise
    _log.info("archive.written", file=name, runs=held.runs)
    return name, held


async def drop(store: Retention, archive_id: int) -> tuple[int, int]:
    """Drops a week's runs, with short waits for locks. Returns the numbers of dropped runs and of kept failures."""
    for tries in range(_DROP_TRIES):
        try:
            return await store.drop(archive_id)
        except asyncpg.LockNotAvailableError:
            if tries == _DROP_TRIES - 1:
                raise
            await asyncio.sleep(jittered(0.2, draw=random.random()))  # noqa: S311 - needs no secure randomness
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


async def restore(store: Retention, path: Path) -> tuple[int, int]:
    """Restores a file's runs. Returns how many runs the file holds, and how many of them the database lacked.

    Raises:
        ArchiveMismatchError: the database does not know the file, or its content differs from the record.
    """
    known = await store.archive_of(path.name)
    if known is None:
        raise ArchiveMismatchError(f"{path.name} is not in ai.archives of this database")
    if not await asyncio.to_thread(path.is_file):
        raise ArchiveMismatchError(f"file {path} not found")
    found = await asyncio.to_thread(archive_files.sha256_of, path)
    if found != known["sha256"]:
        raise ArchiveMismatchError(
            f"{path.name} has sha256 {found}, but the database recorded {known['sha256']}, so nothing was restored"
        )
    restored = runs = 0
    reader = archive_files.read(path, parquet=path.suffix == ".parquet")
    while page := await asyncio.to_thread(next, reader, None):
        runs += len(page)
        restored += await store.restore(known["archive_id"], page)
    return runs, restored


async def erase_from_files(store: Retention, folder: Path) -> list[str]:
    """Rewrites files that hold runs of erased people. An erasure from a missing file stays pending."""
    rewritten = []
    for erasure in await store.pending_erasures():
        path = folder / erasure["file"]
        if not await asyncio.to_thread(path.is_file):
            _log.warning(
                "archive.file_missing",
                file=erasure["file"],
                effect="the file keeps erased data until a daemon finds the file",
            )
            continue
        parquet = path.suffix == ".parquet"
        erased = archive_files.eraser(erasure["rfq_ids"])
        with archive_files.Writer(folder, path.name) as writer:
            reader = archive_files.read(path, parquet=parquet)
            while page := await asyncio.to_thread(next, reader, None):
                await asyncio.to_thread(writer.write, [erased(line) for line in page])
            await asyncio.to_thread(writer.finish)
            held = await print_of(store, writer.path, parquet=parquet)
            sha256 = await asyncio.to_thread(archive_files.sha256_of, writer.path)
            manifest = await asyncio.to_thread(_manifest, path)
            if manifest.get("runs") not in (None, held.runs):
                raise ArchiveMismatchError(
                    f"{path.name} holds {held.runs} runs, but its manifest records {manifest['runs']}"
                )
            manifest.update(sha256=sha256, fingerprint=str(held.fingerprint), runs=held.runs)
            await asyncio.to_thread(writer.keep, manifest)
        if await store.record_erased(erasure["archive_id"], erasure["rfq_ids"], sha256, held):
            rewritten.append(path.name)
    return rewritten


async def print_of(store: Retention, path: Path, *, parquet: bool) -> WeekFingerprint:
    """The fingerprint of a file's content, which the database computes."""
    runs = fingerprint = 0
    reader = archive_files.read(path, parquet=parquet)
    while page := await asyncio.to_thread(next, reader, None):
        part = await store.lines_fingerprint(page)
        runs, fingerprint = runs + part.runs, fingerprint + part.fingerprint
    return WeekFingerprint(runs, fingerprint)


def _is_there(path: Path, sha256: str | None) -> bool:
    return path.is_file() and archive_files.sha256_of(path) == sha256


def _manifest(path: Path) -> dict[str, Any]:
    beside = path.with_name(f"{path.name}.json")
    return dict(json.loads(beside.read_text("utf-8"))) if beside.is_file() else {"file": path.name}
