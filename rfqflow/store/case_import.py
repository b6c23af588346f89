"""Imports evaluation cases, either all or none, and shows what an import would change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    Rows = Callable[..., Awaitable[Sequence[Mapping[str, Any]]]]

_PREVIEW_MOST = 50
# A case is new if its id is new. A known case has changed if any value that an import replaces differs.
_GIVEN = """
with given as (
  select * from jsonb_to_recordset($1) as g(case_id text, family text, provenance text, rfq_id uuid,
    override_id bigint, message text, company text, contact jsonb, labels jsonb)),
compared as (
  select g.case_id, e.case_id is null as is_new, e.labels as old_labels, g.labels, e.is_active,
    (e.message, e.company) is distinct from (g.message, g.company) as has_other_text,
    e.case_id is not null and (e.family, e.message, e.company, e.contact, e.labels, e.is_active)
      is distinct from (g.family, g.message, g.company, g.contact, g.labels, true) as is_changed
  from given g left join ai.eval_cases e on e.case_id = g.case_id)
"""
_PREVIEW = (
    _GIVEN
    + """
select case_id, is_new, old_labels::text, labels::text, is_active, has_other_text,
  count(*) filter (where is_new) over () as new, count(*) filter (where is_changed) over () as changed
from compared where is_new or is_changed
order by is_new, case_id limit $2
"""
)
_SAVE = (
    _GIVEN
    + """
, counted as (
  select count(*) filter (where is_new) as new, count(*) filter (where is_changed) as changed from compared),
saved as (
  insert into ai.eval_cases as e (case_id, family, provenance, rfq_id, override_id, message, company, contact, labels,
    created_by)
  select g.case_id, g.family, g.provenance, g.rfq_id, g.override_id, g.message, g.company, g.contact, g.labels,
    coalesce($2, session_user)
  from given g cross join counted c
  where $4::bigint is null or (c.new, c.changed) = ($4, $5)
  on conflict (case_id) do update set family = excluded.family, message = excluded.message,
    company = excluded.company, contact = excluded.contact, labels = excluded.labels, is_active = true
  where (e.family, e.message, e.company, e.contact, e.labels, e.is_active) is distinct from
    (excluded.family, excluded.message, excluded.company, excluded.contact, excluded.labels, true)
  returning xmax = 0 as is_new)
select s.new, s.changed, c.new as counted_new, c.changed as counted_changed,
  case when $3::boolean and ($4::bigint is null or (c.new, c.changed) = ($4, $5)) then ai.record_action($2,
    'make_cases', (select g.rfq_id from given g where (select count(*) from given) = 1), to_jsonb(s)) end as note
from (select count(*) filter (where is_new) as new, count(*) filter (where not is_new) as changed from saved) s
cross join counted c
"""
)


async def preview(rows: Rows, cases: Sequence[Mapping[str, Any]]) -> tuple[int, int, list[dict[str, Any]]]:
    """The number of new cases, the number of changed cases, and some of these cases, changed cases first."""
    found = [dict(row) for row in await rows(_PREVIEW, json.dumps(cases), _PREVIEW_MOST)]
    return (found[0]["new"], found[0]["changed"], found) if found else (0, 0, [])


async def save(
    rows: Rows, cases: Sequence[Mapping[str, Any]], actor: str | None, *, noted: bool, expected: tuple[int, int] | None
) -> tuple[int, int]:
    """Saves the cases. Returns the number of new cases and the number of changed cases.

    Raises:
        ConfigError: the counts (new, changed) differ from `expected`. Nothing is saved.
    """
    try:
        (row,) = await rows(_SAVE, json.dumps(cases), actor, noted, *(expected or (None, None)))
    except asyncpg.UniqueViolationError:
        raise ConfigError("another case already has this override_id: leave it out") from None
    if expected is not None and expected != (row["counted_new"], row["counted_changed"]):
        raise ConfigError(
            f"nothing was saved: the counts changed from {expected[0]:,} new and {expected[1]:,} changed cases to "
            f"{row['counted_new']:,} and {row['counted_changed']:,}: look again, and confirm again"
        )
    return row["new"], row["changed"]
