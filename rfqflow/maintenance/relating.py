"""Computes which RFQs belong together, for each RFQ that finished or changed. No RFQ waits for this step."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from rfqflow.core.related.decision import nearest, relations
from rfqflow.core.related.facts import Related, related_facts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from rfqflow.store.related import Candidate, DueRfq, RelatedStore

_log = structlog.get_logger()
BATCH = 20
SECONDS = 15.0  # time limit in each minute: a backlog must not delay the other steps


async def relate_due(store: RelatedStore, *, seconds: float = SECONDS) -> int:
    """Computes the relations of due RFQs, until none is due or the time is over. Returns the number of RFQs."""
    ends = time.monotonic() + seconds
    done = 0
    while due := await store.claim(BATCH):
        done += len(due)
        try:
            await _relate(store, due)
        except asyncpg.DataError:
            await _relate_each(store, due)
        if time.monotonic() >= ends:
            break
    return done


async def relate_now(store: RelatedStore, rfq_id: UUID) -> None:
    """Computes the relations of an RFQ that a person looks at, if they are due.

    A failure, such as a read-only database, is logged only, so that the page still shows the RFQ.
    """
    if not await store.is_due(rfq_id):
        return
    try:
        await _relate_each(store, await store.claim(1, rfq_id))
    except asyncpg.PostgresError as error:
        _log.info("related.not_computed", rfq_id=str(rfq_id), sqlstate=error.sqlstate)


async def _relate_each(store: RelatedStore, due: Sequence[DueRfq]) -> None:
    """Computes the relations of one RFQ at a time, so that a value that the database refuses affects one RFQ only."""
    for one in due:
        try:
            await _relate(store, [one])
        except asyncpg.DataError as error:
            _log.warning("related.failed", rfq_id=str(one.rfq_id), sqlstate=error.sqlstate)


async def _relate(store: RelatedStore, due: Sequence[DueRfq]) -> None:
    read = {one.rfq_id: related_facts(one.facts) for one in due}
    await store.enter([{"rfq_id": d.rfq_id, "token": d.token, "keys": read[d.rfq_id].keys()} for d in due])
    results = []
    for one in due:
        # One RFQ at a time, since twenty lists of hundreds of items take megabytes. The computation takes 100 ms, so it
        # runs in a thread.
        candidates = await store.candidates(one.rfq_id)
        results.append(await asyncio.to_thread(_result, one, read[one.rfq_id], candidates))
    await store.record(results)


def _result(due: DueRfq, new: Related, candidates: Sequence[Candidate]) -> dict[str, Any]:
    found = nearest((one.related_id, relations(new, related_facts(one.facts), one.kinds)) for one in candidates)
    return {
        "rfq_id": due.rfq_id, "token": due.token, "digest": new.digest(),
        "relations": [
            {"related_id": other, "kind": relation.kind, "changes": [change.as_json() for change in relation.changes]}
            for other, relation in found
        ],
    }  # fmt: skip
