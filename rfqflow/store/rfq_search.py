"""The console's list of RFQs, newest first, searched in parts within a time limit.

The list is sorted by the application's time column, which the application may drop or give another type. RFQs without a
time come last, at UNTIMED.

An index finds an id, a reference or the hash of an address. There is no index for words in a text, since it would slow
down every insert. For words, the search reads back from the newest RFQ until the page is full or the time is up. It
reports where it stopped.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rfqflow.core.text.search_terms import SearchTerms
from rfqflow.core.text.times import FarTime

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Row = dict[str, Any]
Cursor = tuple[dt.datetime, UUID]
UNTIMED = FarTime.of(-(2**63), dt.UTC)  # -infinity
SEARCH_SECONDS = 2.0
_PART_SECONDS = 0.08  # the time that a part should take; the number of RFQs in a part follows from it
_FIRST, _MOST = 500, 50_000  # least and most RFQs in a part; the first part is small, since its texts may be large
_QUEUED = ("pending", "deferred", "failed")
NAMED_MOST = 20_000  # if more RFQs match, matches are frequent, and the search reads back from the newest RFQ
_EXACT_MOST = 200

_SHOWN = """
s.rfq_id, s.created_at, s.ai_status, s.ai_reason, s.route, s.route_source, s.next_attempt_at, s.last_error_class,
  s.cost_usd, r.company, r.name, r.ai_summary, r.ai_review, r.ai_urgency, r.ai_confidence,
  case when r.ai_summary is null then left(r.message, 240) end as beginning
"""
_HAYSTACK = "concat_ws(' ', {0}.company, {0}.name, {0}.email, {0}.request_id, {0}.ai_summary, {0}.message)"
# For an RFQ without an accepted answer, compare the model and the prompt that were asked.
_NARROWED = """
  ({reason}::text is null or s.ai_reason = {reason}) and ({error}::text is null or s.last_error_class = {error})
  and ({model}::text is null or s.model = {model} or s.model is null
    and exists (select from ai.rag_runs u where u.rfq_id = s.rfq_id and u.model = {model}))
  and ({prompt}::text is null or s.prompt_version = {prompt} or s.prompt_version is null
    and exists (select from ai.rag_runs u where u.rfq_id = s.rfq_id and u.prompt_version = {prompt}))
"""
_PART = f"""
with part as materialized (
  select * from ai.rfqs_by_time($8, $5::timestamptz, $6::uuid, $4::interval)
),
likely as materialized (
  select p.rfq_id, p.created_at
  from part p
  where (not $3 or p.ai_review is not null)
    and ($1::text is null or p.ai_status = $1
      or $1 = 'pending' and (exists (select from ai.outbox o where o.rfq_id = p.rfq_id)
        or exists (select from ai.outbox_deferred d where d.rfq_id = p.rfq_id and d.reason in ('retry', 'backfill')))
      or $1 = 'deferred' and exists (select from ai.outbox_deferred d where d.rfq_id = p.rfq_id)
      or $1 = 'failed' and exists (select from ai.outbox_dead x where x.rfq_id = p.rfq_id))
    and ($2::text is null or p.ai_route = $2
      or p.rfq_id in (select h.rfq_id from ai.overrides h where h.route = $2 and h.withdrawn_at is null))
    and ($7::text[] is null or {_HAYSTACK.format("p")} ilike all ($7))
    and ($10::text[] is null or not {_HAYSTACK.format("p")} ilike any ($10))
    -- By keys alone, before anything is added up: an RFQ's status is dear to read.
    and ($11::text is null or p.ai_reason = $11
      or $11 in ('in_progress', 'paused') and exists (select from ai.outbox o where o.rfq_id = p.rfq_id)
      or exists (select from ai.outbox_deferred d where d.rfq_id = p.rfq_id and d.reason = $11)
      or exists (select from ai.outbox_dead x where x.rfq_id = p.rfq_id and x.reason = $11))
    and ($12::text is null or exists (select from ai.rag_runs u where u.rfq_id = p.rfq_id and u.error_class = $12))
    and ($13::text is null or p.ai_model = $13 or p.ai_model is null
      and exists (select from ai.rag_runs u where u.rfq_id = p.rfq_id and u.model = $13))
    and ($14::text is null or p.ai_prompt_version = $14 or p.ai_prompt_version is null
      and exists (select from ai.rag_runs u where u.rfq_id = p.rfq_id and u.prompt_version = $14))
),
page as materialized (
  -- In order before the status of each is read: no more are read than fill the page.
  select l.rfq_id, l.created_at
  from (select * from likely order by created_at desc, rfq_id desc offset 0) l
  where num_nonnulls($1::text, $2::text, $11::text, $12::text, $13::text, $14::text) = 0
    or exists (
      select from ai.rfq_status s
      where s.rfq_id = l.rfq_id and ($1::text is null or s.ai_status = $1) and ($2::text is null or s.route = $2)
        and {_NARROWED.format(reason="$11", error="$12", model="$13", prompt="$14")})
  order by l.created_at desc, l.rfq_id desc
  limit $9
)
select e.looked_at, e.last_at, e.last_id, {_SHOWN}
from (
  select count(*) as looked_at, min(x.created_at) as last_at,
    (select y.rfq_id from part y order by y.created_at, y.rfq_id limit 1) as last_id
  from part x
) e
left join (page p join ai.rfq_status s on s.rfq_id = p.rfq_id join ai.rfqs r on r.rfq_id = p.rfq_id) on true
order by p.created_at desc, p.rfq_id desc
"""
# RFQs that have not finished are in the small queue, and RFQs with errors have few runs. Sort them before reading their
# status, so that a page reads only the status of RFQs that it shows.
_AMONG = f"""
with named as materialized (
  select rfq_id from ({{named}}) n group by rfq_id
),
timed as materialized (
  select t.rfq_id, coalesce(t.created_at, '-infinity') as created_at
  from ai.rfq_times(array(select rfq_id from named)) t
  where t.created_at is null or t.created_at >= coalesce(now() - $4::interval, '-infinity')
)
select z.*
from (
  select t.rfq_id, t.created_at from timed t
  where (t.created_at, t.rfq_id) < (coalesce($5::timestamptz, 'infinity'),
    coalesce($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  order by t.created_at desc, t.rfq_id desc offset 0
) q
cross join lateral (
  select {_SHOWN}
  from ai.rfq_status s
  join ai.rfqs r on r.rfq_id = s.rfq_id
  where s.rfq_id = q.rfq_id and ($1::text is null or s.ai_status = $1) and ($2::text is null or s.route = $2)
    and (not $3 or r.ai_review is not null)
    and ($7::text[] is null or {_HAYSTACK.format("r")} ilike all ($7))
    and ($9::text[] is null or not {_HAYSTACK.format("r")} ilike any ($9))
    and {_NARROWED.format(reason="$10", error="$11", model="$12", prompt="$13")}
  offset 0
) z
order by q.created_at desc, q.rfq_id desc
limit $8
"""
_MISSED = "union all (select rfq_id from ai.outbox_missed limit {most})"
_NAMED_BY = {
    "pending": "(select rfq_id from ai.outbox where {key}::text is null or true limit {most}) union all (select rfq_id "
    "from ai.outbox_deferred where reason in ('retry', 'backfill') limit {most}) " + _MISSED,
    "deferred": "(select rfq_id from ai.outbox_deferred where reason not in ('retry', 'backfill') "
    "and ({key}::text is null or reason = {key}) limit {most}) " + _MISSED,
    "failed": "(select rfq_id from ai.outbox_dead where {key}::text is null or reason = {key} limit {most}) " + _MISSED,
    "error": "select rfq_id from ai.rag_runs where error_class = {key} limit {most}",
}
_HOW_MANY = {
    name: f"select count(*) as rfqs from ({one.format(key='$1', most='$2')}) n" for name, one in _NAMED_BY.items()
}
_FROM_THESE = {
    name: _AMONG.replace("{named}", one.format(key="$11" if name == "error" else "$10", most="$14"))
    for name, one in _NAMED_BY.items()
}
_EXACT = f"""
select {_SHOWN}
from ai.rfq_status s
join ai.rfqs r on r.rfq_id = s.rfq_id
where s.rfq_id = any (array(
  select $1::uuid where $1 is not null
  union select u.rfq_id from ai.rag_runs u where u.request_id = $2
  union select u.rfq_id from ai.rag_runs u where u.email_hash = $3))
order by s.created_at desc nulls last, s.rfq_id desc
limit $4
"""

NAMED = f"""
select {_SHOWN}
from ai.rfq_status s
join ai.rfqs r on r.rfq_id = s.rfq_id
where s.rfq_id = any ($1)
order by s.created_at desc nulls last, s.rfq_id desc
"""


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What to search for. `before`: the cursor that the previous page returned. `floor`: the last place to search."""

    limit: int
    status: str | None = None
    route: str | None = None
    review: bool = False
    within: dt.timedelta | None = None
    text: str | None = None
    before: Cursor | None = None
    floor: Cursor | None = None
    reason: str | None = None
    error: str | None = None
    model: str | None = None
    prompt: str | None = None

    @property
    def narrow(self) -> bool:
        return bool(self.status or self.route or self.review or self.text or any(self.keys))

    @property
    def keys(self) -> tuple[str | None, ...]:
        """Conditions on an RFQ's status besides the name of the status."""
        return self.reason, self.error, self.model, self.prompt


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of the list, newest RFQs first.

    `reached`: where to continue if the time limit ended the search. None: the page is full, or the search is complete.
    """

    rows: list[Row]
    looked_at: int = 0
    reached: Cursor | None = None


async def exact(fetch: Callable[..., Awaitable[list[Row]]], text: str, email_hash: str | None) -> list[Row]:
    """RFQs of any age with this id, reference or address. A reference is found once the RFQ has a run."""
    return await fetch(_EXACT, _uuid(text), text, email_hash or text, _EXACT_MOST)


async def search(
    fetch: Callable[..., Awaitable[list[Row]]], asked: SearchFilter, *, seconds: float = SEARCH_SECONDS
) -> SearchPage:
    """A page of RFQs after the cursor `before`.

    Always reads the first part, even if that takes longer than `seconds`.
    """
    named = asked.status if asked.status in _QUEUED else "error" if asked.error else None
    if named is not None:
        key = asked.error if named == "error" else asked.reason
        if (await fetch(_HOW_MANY[named], key, NAMED_MOST))[0]["rfqs"] < NAMED_MOST:
            unwanted = _terms(asked).patterns[1] or None
            found = await fetch(
                _FROM_THESE[named], *_arguments(asked), asked.limit, unwanted, *asked.keys, NAMED_MOST
            )  # fmt: skip
            return SearchPage(_above(found, asked))
    by = time.monotonic() + seconds
    rows: list[Row] = []
    looked_at, size = 0, _FIRST if asked.narrow else asked.limit
    while True:
        began = time.monotonic()
        unwanted = _terms(asked).patterns[1] or None
        part = await fetch(_PART, *_arguments(asked), size, asked.limit - len(rows), unwanted, *asked.keys)
        now = time.monotonic()
        about = part[0]
        looked_at += about["looked_at"]
        rows += _above([row for row in part if row["rfq_id"] is not None], asked)
        beyond = asked.floor is not None and about["looked_at"] > 0 and about["last_at"] < asked.floor[0]
        if about["looked_at"] < size or len(rows) >= asked.limit or beyond:
            return SearchPage(rows, looked_at)
        asked = replace(asked, before=(about["last_at"], about["last_id"]))
        if now >= by:
            return SearchPage(rows, looked_at, asked.before)
        size = max(_FIRST, min(_MOST, int(size * min(4.0, _PART_SECONDS / max(now - began, 0.001)))))


def place_of(row: Row) -> Cursor:
    """The cursor of an RFQ in the list."""
    return row["created_at"] or UNTIMED, row["rfq_id"]


def _above(rows: list[Row], asked: SearchFilter) -> list[Row]:
    return rows if asked.floor is None else [row for row in rows if place_of(row) >= asked.floor]


def _arguments(asked: SearchFilter) -> tuple[Any, ...]:
    at, rfq_id = asked.before or (None, None)
    return (
        asked.status,
        asked.route,
        asked.review,
        asked.within,
        at,
        rfq_id,
        _terms(asked).patterns[0] or None,
    )


def _terms(asked: SearchFilter) -> SearchTerms:
    return SearchTerms.of(asked.text or "")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
