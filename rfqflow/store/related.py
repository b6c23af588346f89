"""Relations between RFQs: which RFQs are due, their facts and candidates, and the relations that were found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfqflow.store.errors import fetched

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    import asyncpg

    from rfqflow.database.reconnecting import QueryExecutor

_SHOWN = 12
_OF_RFQ = """
select x.*, f.request_id, coalesce(nullif(f.company, ''), nullif(f.name, ''), f.email) as title
from (
  select r.related_id as other_id, r.kind, r.changes::text as changes, false as is_later, e.created_at
  from ai.related r join ai.related_entries e on e.rfq_id = r.related_id where r.rfq_id = $1
  union all
  select r.rfq_id, r.kind, r.changes::text, true, e.created_at
  from ai.related r join ai.related_entries e on e.rfq_id = r.rfq_id where r.related_id = $1
  order by created_at desc, other_id limit $2) x
join ai.rfqs f on f.rfq_id = x.other_id
order by case x.kind when 'revision' then 0 when 'thread' then 1 else 2 end, x.created_at desc, x.other_id
"""


@dataclass(frozen=True, slots=True)
class DueRfq:
    """An RFQ whose relations must be computed."""

    rfq_id: UUID
    token: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier RFQ that shares a key. `kinds`: the kinds of the shared keys."""

    related_id: UUID
    kinds: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RelatedRfq:
    """A relation, from the side of one of the two RFQs."""

    other_id: UUID
    kind: str
    is_later: bool
    created_at: dt.datetime
    changes: tuple[Mapping[str, Any], ...]
    request_id: str | None
    title: str | None


class RelatedStore:
    """The calls.

    Each commits at once, so that of two RFQs that are computed at the same time, at least one sees the other.
    """

    def __init__(self, conn: asyncpg.Connection | QueryExecutor) -> None:
        self._conn = conn

    async def claim(self, limit: int, rfq_id: UUID | None = None) -> list[DueRfq]:
        """Claims RFQs that are due, the oldest first. `rfq_id`: claim only this RFQ, if it is due."""
        rows = await fetched(
            self._conn, "select rfq_id, token, facts::text as facts from ai.claim_related($1, $2)", limit, rfq_id
        )
        return [DueRfq(row["rfq_id"], row["token"], _facts(row["facts"])) for row in rows]

    async def is_due(self, rfq_id: UUID) -> bool:
        """Whether the RFQ has finished or changed since its relations were computed."""
        rows = await fetched(self._conn, "select from ai.related_due where rfq_id = $1 and taken_at is null", rfq_id)
        return bool(rows)

    async def enter(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Writes the keys of claimed RFQs: `rfq_id`, `token` and `keys`."""
        await fetched(self._conn, "select ai.enter_related($1::text::jsonb)", _json(entries))

    async def candidates(self, rfq_id: UUID) -> list[Candidate]:
        """Earlier RFQs that share a key, the latest first."""
        rows = await fetched(
            self._conn,
            "select related_id, kinds, facts::text as facts from ai.related_to_compare($1)",
            rfq_id,
        )
        return [Candidate(row["related_id"], row["kinds"], _facts(row["facts"])) for row in rows]

    async def record(self, results: Sequence[Mapping[str, Any]]) -> None:
        """Records the relations that were found: `rfq_id`, `token`, `digest` and `relations`."""
        await fetched(self._conn, "select ai.record_related($1::text::jsonb)", _json(results))

    async def of_rfq(self, rfq_id: UUID, limit: int = _SHOWN) -> list[RelatedRfq]:
        """The relations of an RFQ in both directions. Revisions come first, and newer RFQs before older ones."""
        rows = await fetched(self._conn, _OF_RFQ, rfq_id, limit)
        return [
            RelatedRfq(
                row["other_id"],
                row["kind"],
                row["is_later"],
                row["created_at"],
                tuple(json.loads(row["changes"])),
                row["request_id"],
                row["title"],
            )
            for row in rows
        ]


def _facts(text: str | None) -> dict[str, Any]:
    try:
        return dict(json.loads(text or "{}"))
    except ValueError:  # the application has written a number of thousands of digits, which Python refuses to parse
        return dict(json.loads(text or "{}", parse_int=str))


def _json(values: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(values, default=str)
