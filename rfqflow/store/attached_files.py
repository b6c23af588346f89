"""Files attached to RFQs, and the texts read from them.

A file is bytes in a database, fetched in parts; a process holds at most one of them in memory. Its reading is stored by
the hash of the content, once for the fleet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rfqflow.core.attached import MOST_FILES
from rfqflow.core.records import AttachmentRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    import asyncpg

    from rfqflow.database.reconnecting import ReconnectingConnection

PART_OCTETS = 1_048_576


@dataclass(frozen=True, slots=True)
class StoredReading:
    """The text read from one content; `lines` is JSON as `rfqflow.core.attachments` encodes it."""

    state: str  # read, unread, failed
    reason: str | None = None
    kind: str | None = None
    pages: int | None = None
    lines: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TakenReading:
    """The reader of a content: this worker, none since it is read, or another worker for `wait_seconds`."""

    is_ours: bool
    reading: StoredReading | None = None
    wait_seconds: float = 0.0


async def attachments_of(
    line: ReconnectingConnection, rfq_ids: Sequence[UUID], most: int = MOST_FILES
) -> dict[UUID, tuple[AttachmentRow, ...]]:
    """The first `most` files of each RFQ, earliest first; RFQs without files are absent."""
    rows = await line.fetch("select * from ai.load_attachments($1, $2)", list(rfq_ids), most)
    found: dict[UUID, tuple[AttachmentRow, ...]] = {}
    for row in rows:
        file = AttachmentRow(row["attachment_id"], row["file_name"], row["content_type"], row["octets"], row["uri"])
        found[row["rfq_id"]] = (*found.get(row["rfq_id"], ()), file)
    return found


async def content_of(
    line: ReconnectingConnection, attachment_id: str, *, part_octets: int = PART_OCTETS
) -> AsyncIterator[bytes]:
    """The content of a file, part by part; it ends early if the file is deleted meanwhile."""
    start = 0
    while True:
        rows = await line.fetch(
            "select ai.attachment_content($1, $2, $3) as part", attachment_id, start, part_octets
        )  # fmt: skip
        part: bytes = rows[0]["part"] or b""
        if part:
            yield part
        if len(part) < part_octets:
            return
        start += len(part)


async def reading_of(
    line: ReconnectingConnection, hashes: Sequence[bytes], reader_version: str
) -> dict[bytes, StoredReading]:
    """The readings of these contents, by hash; unread contents are absent."""
    rows = await line.fetch("select * from ai.readings_of($1, $2)", list(hashes), reader_version)
    return {row["sha256"]: _reading(row) for row in rows}


async def take_reading(
    line: ReconnectingConnection,
    sha256: bytes,
    reader_version: str,
    *,
    worker: int,
    lease_id: int,
    lease_seconds: float,
) -> TakenReading:
    """Requests to read a content: the first worker of the fleet gets the lease.

    `lease_id` is random, new in each request.
    """
    (row,) = await line.fetch(
        "select * from ai.take_reading($1, $2, $3, $4, $5)",
        sha256, reader_version, worker, lease_id, timedelta(seconds=lease_seconds),
    )  # fmt: skip
    if row["taken"]:
        return TakenReading(is_ours=True)
    if row["state"] == "reading":
        return TakenReading(is_ours=False, wait_seconds=row["wait_ms"] / 1000)
    return TakenReading(is_ours=False, reading=_reading(row))


async def save_reading(
    line: ReconnectingConnection, sha256: bytes, reader_version: str, lease_id: int, reading: StoredReading
) -> bool:
    """Stores a reading under a lease; False if the lease was lost: then it stores nothing."""
    rows = await line.fetch(
        "select ai.save_reading($1, $2, $3, $4, $5, $6, $7, $8, $9) as kept",
        sha256, reader_version, lease_id, reading.state, reading.reason, reading.kind, reading.pages, reading.lines,
        reading.seconds,
    )  # fmt: skip
    return bool(rows[0]["kept"])


async def release_reading(line: ReconnectingConnection, sha256: bytes, reader_version: str, lease_id: int) -> bool:
    """Returns an unused lease when the worker stops."""
    rows = await line.fetch("select ai.release_reading($1, $2, $3) as released", sha256, reader_version, lease_id)
    return bool(rows[0]["released"])


async def record_use(line: ReconnectingConnection, rfq_id: UUID, attachment_id: str, sha256: bytes) -> bool:
    """Records the content of a file before it is read. False: the sender was erased just now, so read nothing."""
    rows = await line.fetch("select ai.record_attachment_use($1, $2, $3) as noted", rfq_id, attachment_id, sha256)
    return bool(rows[0]["noted"])


def _reading(row: asyncpg.Record) -> StoredReading:
    return StoredReading(row["state"], row["reason"], row["kind"], row["pages"], row["lines"], row["seconds"])
