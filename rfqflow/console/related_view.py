"""Prepares related RFQs for the desk and for the page of an RFQ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfqflow.core.related import wording
from rfqflow.maintenance.relating import relate_now

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from rfqflow.console.context import Console


@dataclass(frozen=True, slots=True)
class RelatedLine:
    """A related RFQ. `head` is the text of the link to it, and `text` says what changed between the two RFQs."""

    other_id: UUID
    kind: str
    head: str
    title: str
    created_at: dt.datetime
    text: str
    in_thread: bool


async def related_lines(console: Console, rfq_id: UUID) -> list[RelatedLine]:
    """A line for each related RFQ. A revision in the same thread gets one line, not two."""
    await relate_now(console.related, rfq_id)
    found = await console.related.of_rfq(rfq_id)
    revised = {one.other_id for one in found if one.kind == "revision"}
    threads = {one.other_id for one in found if one.kind == "thread"}
    return [
        RelatedLine(
            one.other_id, one.kind, wording.head(one.kind, is_later=one.is_later), one.title or "Unnamed sender",
            one.created_at, wording.what_changed(one.kind, one.changes),
            one.kind == "revision" and one.other_id in threads,
        )
        for one in found if one.kind != "thread" or one.other_id not in revised
    ]  # fmt: skip
