"""Retention, archives and erasure of old data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from rfqflow.database.reconnecting import ReconnectingConnection

_PAGE = 2000  # runs in one statement: a few megabytes at most
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_SECONDS = 120.0  # time limit of statements that read a whole week
# One statement per table, since a table's name cannot be a parameter. A locked table is skipped, since autovacuum may
# be at work on it.
_VACUUM = {
    "outbox": "vacuum (skip_locked) ai.outbox",
    "outbox_deferred": "vacuum (skip_locked) ai.outbox_deferred",
    "holds": "vacuum (skip_locked) ai.holds",
}


@dataclass(frozen=True, slots=True)
class Week:
    """A past partition of ai.rag_runs."""

    name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class WeekFingerprint:
    """The number of runs and the sum of their hashes. The same runs in any order have the same fingerprint."""

    runs: int
    fingerprint: int


@dataclass(frozen=True, slots=True)
class DroppableArchive:
    """An archive whose runs may be deleted from the database. Without a file, an operator has chosen to keep none."""

    archive_id: int
    file: str | None
    sha256: str | None


class Retention:
    """The calls. Every call that changes data is safe to repeat."""

    def __init__(self, line: ReconnectingConnection) -> None:
        self._line = line

    async def note(
        self, step: str, *, rows: int, took_ms: float, next_seconds: float | None, sqlstate: str | None = None
    ) -> None:
        """Records the result of a step. `next_seconds`: None for a step without a schedule, which is never late."""
        next_in = None if next_seconds is None else timedelta(seconds=next_seconds)
        await self._line.fetch(
            "select ai.record_maintenance($1, $2, $3, $4, $5)",
            step, rows, took_ms, next_in, sqlstate,
        )  # fmt: skip

    async def take(self, step: str, every_seconds: float) -> bool:
        """Whether the step is due and this worker may run it for the fleet."""
        rows = await self._line.fetch("select ai.try_claim_maintenance($1, $2)", step, timedelta(seconds=every_seconds))
        return bool(rows[0][0])

    async def status(self) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._line.fetch("select * from ai.maintenance_status order by step")]

    async def vacuum(self) -> int:
        """Vacuums the queue's tables that need it. Returns the number of removed dead rows.

        PostgreSQL 14 updates its counts half a second late, so the number may be too low.
        """
        removed = 0
        for row in await self._line.fetch("select * from ai.vacuum_due()"):
            await self._line.fetch(_VACUUM[row["name"]], seconds=_SECONDS)
            left = await self._line.fetch("select pg_stat_get_dead_tuples($1::text::regclass)", f"ai.{row['name']}")
            removed += max(0, row["dead"] - left[0][0])
        return removed

    async def archivable(self) -> list[Week]:
        rows = await self._line.fetch("select * from ai.archivable_weeks()")
        return [Week(row["name"], row["week_start"], row["week_end"]) for row in rows]

    async def lines(self, week: Week) -> AsyncIterator[list[str]]:
        """The runs of a week as JSON, page by page, in order of time."""
        after: tuple[datetime, int] = (_FIRST, 0)
        while True:
            rows = await self._line.fetch(
                "select * from ai.archive_lines($1, $2, $3, $4, $5)", week.start, week.end, *after, _PAGE,
                seconds=_SECONDS,
            )  # fmt: skip
            if not rows:
                return
            after = rows[-1]["created_at"], rows[-1]["run_id"]
            yield [row["line"] for row in rows]

    async def week_fingerprint(self, week: Week) -> tuple[WeekFingerprint, datetime | None, datetime | None]:
        row = (
            await self._line.fetch("select * from ai.week_fingerprint($1, $2)", week.start, week.end, seconds=_SECONDS)
        )[0]
        return WeekFingerprint(row["runs"], int(row["fingerprint"])), row["first_at"], row["last_at"]

    async def lines_fingerprint(self, lines: Sequence[str]) -> WeekFingerprint:
        row = (await self._line.fetch("select * from ai.lines_fingerprint($1)", list(lines), seconds=_SECONDS))[0]
        return WeekFingerprint(row["runs"], int(row["fingerprint"]))

    async def record(self, manifest: dict[str, Any]) -> int | None:
        rows = await self._line.fetch("select ai.record_archive($1)", json.dumps(manifest), seconds=_SECONDS)
        found: int | None = rows[0][0]
        return found

    async def droppable_weeks(self) -> list[DroppableArchive]:
        rows = await self._line.fetch("select * from ai.droppable_weeks()")
        return [DroppableArchive(row["archive_id"], row["file"], row["sha256"]) for row in rows]

    async def drop(self, archive_id: int) -> tuple[int, int]:
        """Drops a week. Returns the number of deleted runs, and the number of failures that are kept."""
        row = (await self._line.fetch("select * from ai.drop_archived($1)", archive_id, seconds=_SECONDS))[0]
        return row["dropped"], row["kept"]

    async def drop_without_archive(self, week: Week, actor: str | None) -> int:
        rows = await self._line.fetch("select ai.drop_without_archive($1, $2)", week.start, actor, seconds=_SECONDS)
        return int(rows[0][0])

    async def archive_of(self, file: str) -> dict[str, Any] | None:
        rows = await self._line.fetch(
            "select archive_id, week_start, week_end, runs, fingerprint, encode(sha256, 'hex') as sha256 "
            "from ai.archives where file = $1",
            file,
        )
        return dict(rows[0]) if rows else None

    async def restore(self, archive_id: int, lines: Sequence[str]) -> int:
        rows = await self._line.fetch("select ai.restore_lines($1, $2)", archive_id, list(lines), seconds=_SECONDS)
        return int(rows[0][0])

    async def person_found(self, email: str) -> dict[str, Any]:
        """How many rows `erase` would erase, by kind."""
        found: dict[str, Any] = json.loads(
            (await self._line.fetch("select ai.person_found($1)", email, seconds=_SECONDS))[0][0]
        )
        return found

    async def erase(self, email: str, actor: str | None, reason: str | None) -> dict[str, Any]:
        rows = await self._line.fetch("select ai.erase_person($1, $2, $3)", email, actor, reason, seconds=_SECONDS)
        counts: dict[str, Any] = json.loads(rows[0][0])
        return counts

    async def finish_erasures(self) -> int:
        return int((await self._line.fetch("select ai.finish_erasures()"))[0][0])

    async def refresh_desk(self) -> bool:
        """Adds newly finished RFQs to the desk's list. False: more RFQs are left, or another session is adding them."""
        return bool((await self._line.fetch("select ai.refresh_desk(5000)"))[0][0])

    async def sweep_desk(self) -> int:
        return int((await self._line.fetch("select ai.sweep_desk()"))[0][0])

    async def pending_erasures(self) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._line.fetch("select * from ai.pending_erasures()")]

    async def record_erased(self, archive_id: int, rfq_ids: Sequence[UUID], sha256: str, held: WeekFingerprint) -> bool:
        rows = await self._line.fetch(
            "select ai.record_erased_archive($1, $2, $3, $4, $5)",
            archive_id, list(rfq_ids), sha256, held.runs, held.fingerprint,
        )  # fmt: skip
        return bool(rows[0][0])
