"""Reads the files of claimed RFQs.

The fleet reads each content once; a worker reads one file at a time, and other RFQs proceed.

The reader fetches a file when its turn comes, so one file's content is in memory at a time. It stores each reading by
the hash of the content. A lease keeps two workers from reading the same content at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import secrets
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import asyncpg
import structlog

from rfqflow import attachments
from rfqflow.attachments.fetching import Places, content_of_uri
from rfqflow.attachments.reader import read_file
from rfqflow.core.attached import Room, file_texts
from rfqflow.core.attachments.encoding import BadReading, from_json, to_json
from rfqflow.core.attachments.limits import ReadingLimits
from rfqflow.core.attachments.model import FileReading, UnreadReason, unread
from rfqflow.core.attachments.places import Refused, listed_hosts
from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.llm.reading_thread import read_apart
from rfqflow.store.attached_files import (
    StoredReading,
    content_of,
    record_use,
    release_reading,
    save_reading,
    take_reading,
)
from rfqflow.worker.picture_room import PictureRoom, images_of, picture_count, without_images

if TYPE_CHECKING:
    from pathlib import Path

    from rfqflow.core.records import AttachmentRow
    from rfqflow.core.results import ClaimContext
    from rfqflow.database.reconnecting import ReconnectingConnection

_log = structlog.get_logger()
_LEASE_SECONDS = 90.0  # lease of one reading: longer than any reading takes
_SHORTEST_RETRY_SECONDS = 2.0  # least wait before the next try of an address that gave no file
_LOOK_SECONDS = 1.0  # pause while another worker reads the content
_SHARE = 0.5  # share of the claim's remaining lease that one file may use
# The least time that a reader gets. With less time left, the worker requeues the claim and continues with the next
# claim.
_LEAST_SECONDS = 5.0
# If a reader with less time than this was cut off, the next claim of the RFQ tries the file again. A new lease leaves
# more time than this. So a file that cannot be read in that time fails, and its RFQ does not wait forever.
_ENOUGH_SECONDS = 10.0
# The same two limits for short leases, as shares of the time that a new lease leaves.
_LEAST_PART, _ENOUGH_PART = 0.4, 0.7
_STOPPED_SECONDS = 5.0  # if the reply is later than this, the process was suspended, so the file is not to blame
_LIMITS = ReadingLimits()


class AttachmentReader:
    """Turns the files of an RFQ into lines of its text. `line`: the database connection for all statements."""

    def __init__(
        self,
        line: ReconnectingConnection,
        root: Path | None = None,
        hosts: tuple[str, ...] = (),
        *,
        lease_seconds: float = 90.0,
        takes_pictures: bool = False,
    ) -> None:
        self._line = line
        self._takes_pictures = takes_pictures
        self._room = PictureRoom()
        self._least_seconds = min(_LEAST_SECONDS, lease_seconds * _SHARE * _LEAST_PART)
        self._enough_seconds = min(_ENOUGH_SECONDS, lease_seconds * _SHARE * _ENOUGH_PART)
        self._places = Places(root, listed_hosts(hosts), most_bytes=_LIMITS.file_bytes)
        self._turn = asyncio.Lock()

    async def read(self, context: ClaimContext) -> ClaimContext | float | None:
        """The claim with the lines of its RFQ's files. None: its lease leaves no time, or the database is unreachable.

        A number: an address gives no file, so the RFQ is tried again after these seconds. The files read so far are
        stored, so the next claim continues with the others.
        """
        readings = []
        try:
            for file in context.files:
                async with self._turn:
                    reading = await self._one(context, file)
                if reading is None:
                    return None
                readings.append(replace(without_images(reading), name=file.name or "unnamed"))
            if any(reading.reason is UnreadReason.URI_UNREACHABLE for reading in readings) and (
                wait := _retry(context)
            ):
                return wait
            pictures = int(context.policy.attachment_pictures) if self._takes_pictures else 0
            if pictures and any(map(picture_count, readings)):
                pictured = await self._with_pictures(context, readings, pictures)
                if pictured is None:
                    return None
                readings = pictured
        except (DatabaseUnreachable, asyncpg.PostgresError) as error:
            _log.warning("attachments.failed", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
            return None
        rfq = context.claim.rfq
        if rfq is None:
            return None
        room = Room(context.policy.attachment_tokens, context.policy.attachment_list_tokens)
        files = await read_apart(lambda: file_texts(readings, pictures, room))
        return replace(context, claim=replace(context.claim, rfq=replace(rfq, files=files)))

    async def _with_pictures(
        self, context: ClaimContext, readings: list[FileReading], most: int
    ) -> list[FileReading] | None:
        """The readings with at most `most` pictures. None: the lease leaves no time.

        The reader makes the pictures for each attempt and does not store them, so `ai.erase_person` has none to delete.
        """
        if not await self._room.reserve(most * _LIMITS.image_bytes, lambda: _left(context) > self._least_seconds):
            return None
        found, left = [], most
        try:
            for file, reading in zip(context.files, readings, strict=True):
                if not left or not picture_count(reading):
                    found.append(reading)
                    continue
                async with self._turn:
                    seconds = min(_LIMITS.wall_seconds, _left(context))
                    if seconds < self._least_seconds:
                        return None
                    content = await self._content(file, seconds)
                    limits = replace(_LIMITS, wall_seconds=seconds, images=left)
                    again = await read_file(file.name or "", file.content_type or "", content, limits)
                is_same = again.state is reading.state and again.reason is reading.reason
                found.append(replace(again, name=reading.name) if is_same else reading)
                left -= len(images_of(found[-1]))
        except Refused:  # the file could be fetched before, and now it cannot
            return readings
        finally:
            self._room.settle(most * _LIMITS.image_bytes, [image for each in found for image in images_of(each)])
        return found

    async def _one(self, context: ClaimContext, file: AttachmentRow) -> FileReading | None:
        name = file.name or "unnamed"
        if not attachments.available():
            return unread(name, UnreadReason.NO_READER)
        if (file.octets or 0) > _LIMITS.file_bytes:
            return unread(name, UnreadReason.TOO_LARGE)
        try:
            content = await self._content(file, _left(context))
        except Refused as refused:
            return unread(name, refused.reason)
        sha256 = (await asyncio.to_thread(hashlib.sha256, content)).digest()
        if not await record_use(self._line, context.claim.rfq_id, file.attachment_id, sha256):
            return unread(name, UnreadReason.BROKEN)  # the sender's data was erased meanwhile
        while (left := _left(context)) > self._least_seconds:
            lease_id = secrets.randbits(62)
            taken = await take_reading(
                self._line, sha256, attachments.READER_VERSION, worker=context.worker, lease_id=lease_id,
                lease_seconds=_LEASE_SECONDS,
            )  # fmt: skip
            if taken.is_ours:
                return await self._read(file, content, sha256, lease_id, min(_LIMITS.wall_seconds, left))
            if taken.reading is not None:
                return await read_apart(partial(_known, name, taken.reading))
            await asyncio.sleep(min(_LOOK_SECONDS, max(0.05, taken.wait_seconds)))
        return None

    async def _content(self, file: AttachmentRow, seconds: float) -> bytes:
        if file.octets is None:
            places = replace(self._places, seconds=max(1.0, min(self._places.seconds, seconds)))
            return await content_of_uri(file.uri or "", places)
        return b"".join([part async for part in content_of(self._line, file.attachment_id)])

    async def _read(
        self, file: AttachmentRow, content: bytes, sha256: bytes, lease_id: int, seconds: float
    ) -> FileReading | None:
        began, is_kept = time.monotonic(), False
        try:
            reading = await read_file(
                file.name or "", file.content_type or "", content, replace(_LIMITS, wall_seconds=seconds)
            )
            if reading.reason is UnreadReason.TIMEOUT and (
                seconds < self._enough_seconds or time.monotonic() - began > seconds + _STOPPED_SECONDS
            ):
                return None  # the file had less time than usual: the next claim tries it again
            # Store the reading without the name: other RFQs may have the same content under other names.
            lines = await read_apart(lambda: json.dumps(to_json(replace(reading, name=""), images=False)))
            stored = StoredReading(
                reading.state.value, reading.reason.value if reading.reason else None, reading.kind.value,
                reading.pages, lines, time.monotonic() - began,
            )  # fmt: skip
            is_kept = await save_reading(self._line, sha256, attachments.READER_VERSION, lease_id, stored)
        finally:
            if not is_kept:
                with contextlib.suppress(DatabaseUnreachable, asyncpg.PostgresError):
                    await release_reading(self._line, sha256, attachments.READER_VERSION, lease_id)
        _log.info(
            "attachment.read", state=stored.state, reason=stored.reason, kind=stored.kind, octets=len(content),
            seconds=round(stored.seconds or 0.0, 3),
        )  # fmt: skip
        return reading


def _retry(context: ClaimContext) -> float | None:
    """Seconds until the next try: half the time that the RFQ has waited, which bounds the number of tries.

    None: it waits no longer.

    An RFQ that had finished before has an answer, and does not wait.
    """
    age = context.claim.age_ms
    if age is None or age / 1000 >= context.policy.attachment_retry_seconds:
        return None
    return max(_SHORTEST_RETRY_SECONDS, age / 2000)


def _left(context: ClaimContext) -> float:
    return (context.lease_ends - time.monotonic()) * _SHARE


def _known(name: str, stored: StoredReading) -> FileReading:
    """A stored reading. If this release cannot parse it, the file counts as broken."""
    try:
        return from_json(json.loads(stored.lines or "null"))
    except (BadReading, ValueError):
        reason = next((each for each in UnreadReason if each == stored.reason), UnreadReason.BROKEN)
        return unread(name, reason)
