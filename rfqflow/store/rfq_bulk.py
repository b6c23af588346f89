"""The filter options of the console's RFQ list, and bulk actions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from rfqflow.store.fleet_queries import FleetQueries
from rfqflow.store.rfq_search import NAMED, SearchFilter, exact, search

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from decimal import Decimal

    from rfqflow.store.fleet_queries import Row
    from rfqflow.store.rfq_search import SearchPage

BULK_MOST = 2_000  # most RFQs in one bulk action
COUNT_MOST = 5_000  # the count in a filter button stops here
_CHUNK = 100  # RFQs in one transaction: an edit by the application waits for one transaction at most
ACTS = ("rerun", "override", "discard")

_COUNTS = """
with queued as (
  (select 'pending' as status, case when claim_id is null then null else 'in_progress' end as reason
   from ai.outbox limit $1)
  union all
  (select case when reason in ('retry', 'backfill') then 'pending' else 'deferred' end, reason
   from ai.outbox_deferred limit $1)
  union all
  (select 'failed', reason from ai.outbox_dead limit $1)
)
select status, reason, count(*) as rfqs from queued group by 1, 2 order by 1, 3 desc, 2
"""
_OFFERED = """
select 'route' as name, slug as value from ai.routes where is_active
union all select 'prompt', version from ai.prompts
union all select 'model', model from ai.model_states where model <> '*'
union all select 'reason', code from ai.reasons where kind = 'reason' and status is not null
union all select 'error', code from ai.reasons where kind = 'error_class'
order by 1, 2
"""
_RERUN = """
select d.rfq_id, ai.record_action($2, 'rerun', d.rfq_id, jsonb_strip_nulls(
  jsonb_build_object('force', $3::boolean, 'reason', $4::text, 'enqueued', true, 'batch', $5::uuid)))
from (
  select r.rfq_id, ai.rerun_rfq(r.rfq_id, $3) as done from unnest($1::uuid[]) r (rfq_id) offset 0
) d where d.done
"""
_OVERRIDE = """
select r.rfq_id, ai.override_rfq(r.rfq_id, $2, $3, $4)
from (select distinct r.rfq_id from ai.rfqs r where r.rfq_id = any ($1) offset 0) r
"""
_MEANWHILE = """
select a.actor, a.action as what, count(*) as rfqs, max(a.done_at) as at
from ai.actions a
where case when $1::uuid[] is null then a.rfq_id is not null else a.rfq_id = any ($1) end and a.done_at > $2
group by 1, 2
union all
select coalesce(o.withdrawn_by, o.actor), case when o.withdrawn_at > $2 then 'withdraw' else 'override' end, count(*),
  max(greatest(o.created_at, o.withdrawn_at))
from ai.overrides o
where ($1::uuid[] is null or o.rfq_id = any ($1)) and (o.created_at > $2 or o.withdrawn_at > $2)
  and o.withdrawn_reason is distinct from 'overridden again'
group by 1, 2
order by 4 desc limit 10
"""


@dataclass(frozen=True, slots=True)
class Costs:
    """The estimated cost of reruns. `each`: the mean cost of the last days, or None if it is unknown."""

    each: Decimal | None
    unchanged: int  # RFQs that already have an answer of this version, so a rerun costs nothing unless it is forced


def print_of(rows: Sequence[Row]) -> str:
    """A fingerprint of a selection. It changes if the selection changes, or if an RFQ in it changes."""
    lines = sorted(f"{row['rfq_id']} {row['ai_status']} {row['route']} {row['route_source']}" for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def fits(row: Row, act: str) -> bool:
    """Whether the action would change the RFQ."""
    if act == "rerun":
        return row["ai_status"] != "pending" or row["ai_reason"] in ("retry", "backfill")
    if act == "discard":
        return row["ai_status"] in ("deferred", "failed") or (
            row["ai_status"] == "pending" and row["ai_reason"] != "in_progress"
        )
    return True


class RfqBulk(FleetQueries):
    """Queries and bulk actions.

    An action processes RFQs in parts, and records its actor in the transaction of each part.
    """

    async def search(self, asked: SearchFilter) -> SearchPage:
        """A page of RFQs; see `rfqflow.store.rfq_search`."""
        return await search(self._rows, asked)

    async def exact(self, text: str, email_hash: str | None) -> list[Row]:
        """The RFQs with this id, reference or e-mail address."""
        return await exact(self._rows, text, email_hash)

    async def named(self, rfq_ids: Sequence[UUID]) -> list[Row]:
        """The RFQs with these ids as rows of the list, newest first."""
        return await self._rows(NAMED, list(rfq_ids))

    async def counts(self) -> list[Row]:
        """The number of RFQs in the queue by status and reason. Each count stops at COUNT_MOST."""
        return await self._rows(_COUNTS, COUNT_MOST)

    async def offered(self) -> dict[str, list[str]]:
        """The values that the filter offers."""
        found: dict[str, list[str]] = {}
        for row in await self._rows(_OFFERED):
            values = found.setdefault(row["name"], [])
            if row["value"] not in values:
                values.append(row["value"])
        return found

    async def costs(self, rfq_ids: Sequence[UUID]) -> Costs:
        """The estimated cost of rerunning these RFQs."""
        card = await self._rows_or_none("select cost_per_rfq_usd as each from ai.scorecard")
        rows = await self._rows(
            "select count(*) as rfqs from ai.rfqs r where r.rfq_id = any ($1) "
            "and r.ai_prompt_version = (select value #>> '{}' from ai.policy where key = 'active_prompt') "
            "and r.ai_content_sha256 = r.content_sha256",
            list(rfq_ids),
        )
        return Costs(card[0]["each"] if card else None, rows[0]["rfqs"])

    async def meanwhile(self, rfq_ids: Sequence[UUID] | None, since: dt.datetime) -> list[Row]:
        """The actions since `since` on these RFQs, newest first. None: on all RFQs."""
        return await self._rows(_MEANWHILE, None if rfq_ids is None else list(rfq_ids), since)

    async def act_on(
        self, act: str, rfq_ids: Sequence[UUID], actor: str, reason: str | None, *, route: str | None = None,
        force: bool = False, filtered: str | None = None,
    ) -> int:  # fmt: skip
        """Acts on each RFQ. Returns the number of the audit entry, which `bulk_act` reads."""
        batch, done = uuid4(), 0
        for start in range(0, len(rfq_ids), _CHUNK):
            part = list(rfq_ids[start : start + _CHUNK])
            if act == "rerun":
                done += len(await self._rows(_RERUN, part, actor, force, reason, batch))
            elif act == "override":
                done += len(await self._rows(_OVERRIDE, part, route, actor, reason))
            else:
                rows = await self._rows("select ai.discard_rfqs($1, $2, $3, $4) as ids", part, actor, reason, batch)
                done += len(rows[0]["ids"])
        about = {
            "batch": str(batch), "asked": len(rfq_ids), "done": done, "reason": reason, "route": route, "force": force,
            "filter": filtered,
        }  # fmt: skip
        rows = await self._rows(
            "select ai.record_action($1, $2, null, jsonb_strip_nulls($3::jsonb)) as id",
            actor, f"bulk_{act}", json.dumps(about),
        )  # fmt: skip
        return int(rows[0]["id"])

    async def bulk_act(self, action_id: int) -> Row | None:
        """The result of a bulk action. None if the number is unknown."""
        rows = await self._rows(
            "select done_at, actor, substr(action, 6) as act, detail::text from ai.actions "
            "where id = $1 and action like 'bulk\\_%'",
            action_id,
        )
        return {**rows[0], "detail": json.loads(rows[0]["detail"])} if rows else None
