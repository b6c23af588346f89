"""Turns people's corrections into labels of evaluation cases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rfqflow.core.records import Rfq

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    Rows = Callable[..., Awaitable[Sequence[Mapping[str, Any]]]]

_CORRECTED = """
select r.rfq_id, r.request_id, r.message, r.name, r.email, r.company, r.phone, a.corrections::text, a.items::text
from (select distinct c.rfq_id from ai.corrections c where c.withdrawn_at is null) c
join ai.rfqs r on r.rfq_id = c.rfq_id
join ai.rfq_answer a on a.rfq_id = c.rfq_id
where not exists (
  select from ai.corrections x
  where x.rfq_id = c.rfq_id and x.withdrawn_at is null and x.content_sha256 is distinct from r.content_sha256)
order by r.rfq_id
"""
_RETIRE = """
update ai.eval_cases e set is_active = false
where e.provenance = 'correction' and e.is_active and not exists (
  select from ai.corrections c where c.rfq_id = e.rfq_id and c.withdrawn_at is null)
"""


async def corrected(rows: Rows) -> list[tuple[dict[str, Any], Rfq]]:
    """The labels and the RFQ of each active correction that is about the RFQ's current text.

    A correction of one line labels the whole list, since an evaluation scores a list as a whole.
    """
    made = []
    for row in await rows(_CORRECTED):
        standing = [one for one in json.loads(row["corrections"]) if one["applies"]]
        labels = {one["field"]: one["new"] for one in standing if one["place"] is None and one["added"] is None}
        if len(labels) < len(standing):
            labels["line_items"] = [
                {name: value for name, value in item.items() if name not in ("path", "is_added", "lines")}
                for item in json.loads(row["items"])
            ]
        if labels:
            contact = (row["name"], row["email"], row["company"], row["phone"])
            made.append((labels, Rfq(row["rfq_id"], row["request_id"] or str(row["rfq_id"]), row["message"], *contact)))
    return made


async def retire_uncorrected(rows: Rows) -> None:
    """Deactivates cases whose corrections are withdrawn."""
    await rows(_RETIRE)
