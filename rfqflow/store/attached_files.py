"""Files attached to RFQs, and the texts read from them.

A file's bytes are in the database and are fetched in parts. A process holds at most one file in memory. The reading of
a file is stored under the hash of its content, so the fleet reads each content once.
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
    """The text that was read from one content. `lines` is JSON as `rfqflow.core.attachments` encodes it."""

    state: str  # read, unread, failed
    reason: str | None = None
    kind: str | None = None
    pages: int | None = None
    lines: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TakenReading:
    """The reply to `take_reading`: this worker may read the content (`is_ours`), its `reading` exists, or neither."""

    is_ours: bool
    reading: StoredReading | None = None
    wait_seconds: float = 0.0


async def attachments_of(
    line: ReconnectingConnection, rfq_ids: Sequence[UUID], most: int = MOST_FILES
) -> dict[UUID, tuple[AttachmentRow, ...]]:
    """By RFQ: its first `most` files, earliest first. RFQs without files are absent."""
    rows = await line.fetch("select * from ai.load_attachments($1, $2)", list(rfq_ids), most)
    found: dict[UUID, tuple[AttachmentRow, ...]] = {}
    for row in rows:
        file = AttachmentRow(row["attachment_id"], row["file_name"], row["content_type"], row["octets"], row["uri"])
        found[row["rfq_id"]] = (*found.get(row["rfq_id"], ()), file)
    return found


async def content_of(
    line: ReconnectingConnection, attachment_id: str, *, part_octets: int = PART_OCTETS
) -> AsyncIterator[bytes]:
    """The content of a file, part by part. It ends early if the file is deleted meanwhile."""
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
    """By hash: the readings of these contents. Contents that were not read are absent."""
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
    """Asks for the right to read a content. The first worker that asks gets a lease.

    `lease_id`: a new random number for each request.
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
    """Stores a reading. Returns False, and stores nothing, if the lease was lost."""
    rows = await line.fetch(
        "select ai.save_reading($1, $2, $3, $4, $5, $6, $7, $8, $9) as kept",
        sha256, reader_version, lease_id, reading.state, reading.reason, reading.kind, reading.pages, reading.lines,
        reading.seconds,
    )  # fmt: skip
    return bool(rows[0]["kept"])


async def release_reading(line: ReconnectingConnection, sha256: bytes, reader_version: str, lease_id: int) -> bool:
    """Releases a lease without a reading, so that another worker can read the content."""
    rows = await line.fetch("select ai.release_reading($1, $2, $3) as released", sha256, reader_version, lease_id)
    return bool(rows[0]["released"])


async def record_use(line: ReconnectingConnection, rfq_id: UUID, attachment_id: str, sha256: bytes) -> bool:
    """Records that an RFQ has this content, before the content is read.

    False: the sender was erased meanwhile, so do not read it.
    """
    rows = await line.fetch("select ai.record_attachment_use($1, $2, $3) as noted", rfq_id, attachment_id, sha256)
    return bool(rows[0]["noted"])


def _reading(row: asyncpg.Record) -> StoredReading:
    return StoredReading(row["state"], row["reason"], row["kind"], row["pages"], row["lines"], row["seconds"])
