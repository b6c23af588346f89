"""Loads the files of claimed RFQs. A batch without files costs nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import asyncpg
import structlog

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.store.attached_files import attachments_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rfqflow.core.results import ClaimContext
    from rfqflow.database.reconnecting import ReconnectingConnection
    from rfqflow.worker.attachment_reading import AttachmentReader

_log = structlog.get_logger()


async def with_files(
    line: ReconnectingConnection, contexts: list[ClaimContext], release: Callable[[ClaimContext], None]
) -> list[ClaimContext]:
    """Adds the files to the claims. If the files cannot be loaded, it releases each claim with files."""
    attached = [context.claim.rfq_id for context in contexts if context.claim.is_attached]
    if not attached:
        return contexts
    try:
        files = await attachments_of(line, attached)
    except (DatabaseUnreachable, asyncpg.PostgresError) as error:
        _log.warning("attachments.failed", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
        for context in contexts:
            if context.claim.is_attached:
                release(context)
        return [context for context in contexts if not context.claim.is_attached]
    return [replace(context, files=files.get(context.claim.rfq_id, ())) for context in contexts]


def reader_of(
    line: ReconnectingConnection,
    uris: tuple[Path | None, tuple[str, ...]],
    lease_seconds: float,
    *,
    takes_pictures: bool,
) -> AttachmentReader:
    """The reader of files. Its module is imported with the first file.

    `uris`: the folder and hosts from which it may fetch files.
    """
    from rfqflow.worker.attachment_reading import AttachmentReader  # noqa: PLC0415 - most RFQs have no files

    return AttachmentReader(line, *uris, lease_seconds=lease_seconds, takes_pictures=takes_pictures)
