"""The desk's list: its tabs, pages and neighbours, sorted by the keys in `ai.desk_entries`.

Each read first adds a limited number of newly finished RFQs to the list. `complete` is false if more RFQs are left, or
if a text search has not covered all RFQs of the filter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import ConfigError
from rfqflow.core.text.search_terms import SearchTerms

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    Rows = Callable[..., Awaitable[list[dict[str, Any]]]]

COUNT_MOST = 10_000  # a count stops here, and is shown as "9,999+"
SORTS = ("urgency", "quote_by", "due", "age", "owner")
STATES = ("open", "handled", "waiting", "all")
_NO_PLACE = "unknown page cursor: start again from the first page"
_SEARCHED = (500, 1500, 3000)  # entries in each part of a text search, which reads part after part until a page is full
_PAGE_MOST = 500
_KEYS = {  # by sort: its expressions, and whether each is descending; the last is always the id
    "urgency": (("e.urgency", "smallint", True), ("e.created_at", "timestamptz", True)),
    "quote_by": (("coalesce(e.quote_by, 'infinity')", "date", False), ("e.created_at", "timestamptz", True)),
    "due": (("coalesce(e.due, 'infinity')", "date", False), ("e.created_at", "timestamptz", True)),
    "age": (("e.created_at", "timestamptz", False),),
    "owner": (("coalesce(e.owner, '')", "text", False), ("e.created_at", "timestamptz", True)),
}
_COUNT = """(select count(*) from (
    select from ai.desk_entries e where e.state in ('open', 'waiting') and e.route = t.route{} limit $1) x)"""
_TABS = f"""
select t.route, {_COUNT.format("")} as open,
  {_COUNT.format(" and e.review in (true, false) and e.is_urgent")} as urgent,
  {_COUNT.format(" and e.review")} as review
from (
  select r.slug as route, r.is_active from ai.routes r
  union all select '', false
) t
order by t.route
"""
# Entries with equal filter columns form a group. There are few groups. In each index, a group is contiguous and sorted.
# So for any filter, a page merges the first entries of the groups.
_PREFIX = "e.state, e.route, e.review, e.is_urgent, e.is_taken"
_MERGED = f"""
with recursive g as (
  (select {_PREFIX} from ai.desk_entries e order by {_PREFIX} limit 1)
  union all
  select n.*
  from g
  cross join lateral (
    select {_PREFIX} from ai.desk_entries e
    where ({_PREFIX}) > ({_PREFIX.replace("e.", "g.")})
    order by {_PREFIX} limit 1
  ) n
)
select x.rfq_id, x.key
from (select * from g e where {{where}}) g
cross join lateral (
  select e.rfq_id, {{named}}, array[{{shown}}] as key
  from ai.desk_entries e
  where ({_PREFIX}) = ({_PREFIX.replace("e.", "g.")}) and {{after}}
  order by {{ordered}} limit {{limit}}
) x
order by {{merged}} limit {{limit}}
"""
# The RFQs of one owner are few enough to sort.
_OWN = """
with own as materialized (select e.* from ai.desk_entries e where e.owner = {owner})
select e.rfq_id, array[{shown}] as key from own e where {where} and {after} order by {ordered} limit {limit}
"""
_ROWS = """
select a.rfq_id, e.created_at, a.status, a.reason, a.route, a.route_source, a.urgency, a.review, a.state, a.owner,
  a.quote_deadline as quote_by, coalesce(a.due_date, a.due_date_derived) as due, a.summary, a.missing, a.delivery_place,
  a.confirmed, a.note is not null as has_note, jsonb_array_length(a.items) as items,
  a.items -> 0 ->> 'description' as first_item, a.items -> 0 ->> 'quantity' as first_quantity,
  a.items -> 0 ->> 'unit' as first_unit, c.company, c.name, c.request_id,
  exists (select from ai.outbox o where o.rfq_id = a.rfq_id and o.claim_id is not null) as is_claimed,
  case when a.summary is null then left(r.message, 240) end as beginning
from unnest($1::uuid[]) with ordinality p(rfq_id, place)
join ai.desk_entries e on e.rfq_id = p.rfq_id
join ai.rfq_answer a on a.rfq_id = p.rfq_id
join ai.rfqs r on r.rfq_id = p.rfq_id
left join ai.rfq_contacts($1::uuid[]) c on c.rfq_id = p.rfq_id
order by p.place
"""
EXPORT = """
select a.rfq_id, c.request_id, e.created_at as submitted_at_utc, c.company, c.name, c.email, c.phone, e.state,
  a.status, a.reason, a.route, a.route_source as route_set_by, a.urgency, a.review, a.owner,
  case when a.confirmed then a.confirmed_by end as confirmed_by, a.quote_deadline as quote_by,
  coalesce(a.due_date, a.due_date_derived) as due,
  a.due_date is null and a.due_date_derived is not null as due_derived, a.delivery_place, a.incoterm,
  a.budget ->> 'amount' as budget_amount, a.budget ->> 'currency' as budget_currency, a.certificates, a.missing,
  a.tags, a.language, a.summary, a.note, jsonb_array_length(a.items) as items,
  case when $2 then a.items::text end as lines
from unnest($1::uuid[]) with ordinality p(rfq_id, place)
join ai.desk_entries e on e.rfq_id = p.rfq_id
join ai.rfq_answer a on a.rfq_id = p.rfq_id
left join ai.rfq_contacts($1::uuid[]) c on c.rfq_id = p.rfq_id
order by p.place
"""
_FOUND = """
select p.rfq_id
from unnest($1::uuid[]) with ordinality p(rfq_id, place)
join ai.rfqs r on r.rfq_id = p.rfq_id
left join ai.rfq_contacts($1::uuid[]) c on c.rfq_id = p.rfq_id
cross join lateral (
  select concat_ws(' ', c.company, c.name, c.email, c.request_id, r.ai_summary, r.message) as text
  offset 0
) h
where h.text ilike all ($2::text[]) and not h.text ilike any ($3::text[])
  and h.text ~* all ($4::text[]) and not h.text ~* any ($5::text[])
order by p.place
"""


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """The filter of the list. `owner`: a name, or "" for RFQs without an owner."""

    route: str | None = None
    state: str = "open"
    owner: str | None = None
    review: bool = False
    urgent: bool = False
    search: str | None = None


@dataclass(frozen=True, slots=True)
class DeskTab:
    """The counts of one route, at most `COUNT_MOST`. The route "" stands for RFQs without a route."""

    route: str
    open: int
    urgent: int
    review: int


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A row of the list, with corrections applied."""

    rfq_id: UUID
    created_at: dt.datetime | None
    status: str | None
    reason: str | None
    route: str | None
    route_source: str | None
    urgency: str | None
    review: str | None
    state: str
    owner: str | None
    quote_by: dt.date | None
    due: dt.date | None
    summary: str | None
    missing: tuple[str, ...]
    delivery_place: str | None
    confirmed: bool
    has_note: bool
    items: int
    first_item: str | None
    first_quantity: str | None
    first_unit: str | None
    company: str | None
    name: str | None
    request_id: str | None
    is_claimed: bool
    beginning: str | None


@dataclass(frozen=True, slots=True)
class DeskInbox:
    """A page of the list. `next_key`: the cursor of the next page, or None at the end."""

    rows: tuple[DeskRow, ...]
    next_key: str | None
    complete: bool


class ValueRefused(ConfigError):
    """The database cannot take a value: NUL, half of a surrogate pair, or an impossible date."""


def _order(sort: str) -> tuple[str, bool, tuple[tuple[str, str, bool], ...]]:
    name, reverse = sort.removeprefix("-"), sort.startswith("-")
    if name not in SORTS:
        raise ConfigError(f"the desk sorts by {', '.join(SORTS)}; add - in front to reverse it")
    return name, reverse, (*_KEYS[name], ("e.rfq_id", "uuid", _KEYS[name][-1][2]))


def _where(asked: DeskFilter, args: list[Any]) -> str:
    """The SQL conditions of the filter, without the owner's name. Appends their values to `args`."""
    if asked.state not in STATES:
        raise ConfigError(f"the state of RFQs on the desk is one of {', '.join(STATES)}")
    states = {"open": "'open', 'waiting'", "all": None}.get(asked.state, f"'{asked.state}'")
    found = [f"e.state in ({states})" if states else "true"]
    if asked.route is not None:
        args.append(asked.route)
        found.append(f"e.route = ${len(args)}")
    if asked.owner == "":
        found.append("not e.is_taken")
    if asked.review:
        found.append("e.review")
    if asked.urgent:
        found.append("e.is_urgent")
    return " and ".join(found)


def _after(keys: tuple[tuple[str, str, bool], ...], values: list[str], args: list[Any], *, reverse: bool) -> str:
    """The SQL condition for entries after these values.

    Its first part limits the range of the index; the others decide between equal values.
    """
    first = len(args)
    args.extend(values)
    named = [f"${first + n}::text::{kind}" for n, (_, kind, _) in enumerate(keys, 1)]
    signs = ["<" if falls != reverse else ">" for _, _, falls in keys]
    if len(set(signs)) == 1:
        return f"({', '.join(key for key, _, _ in keys)}) {signs[0]} ({', '.join(named)})"
    rest = ", ".join(key for key, _, _ in keys[1:])
    tied = f"({rest}) {signs[1]} ({', '.join(named[1:])})"
    key = keys[0][0]
    return f"{key} {signs[0]}= {named[0]} and ({key} {signs[0]} {named[0]} or {tied})"


async def _page(
    rows: Rows, asked: DeskFilter, sort: str, after: list[str] | None, limit: int, *, backwards: bool = False
) -> list[dict[str, Any]]:
    """Ids and sort keys of the entries of a page, in order."""
    _, reverse, keys = _order(sort)
    reverse = reverse != backwards
    args: list[Any] = []
    turns = ["desc" if falls != reverse else "asc" for _, _, falls in keys]
    parts = {
        "where": _where(asked, args),
        "after": "true" if after is None else _after(keys, after, args, reverse=reverse),
        "shown": ", ".join(f"({key})::text" for key, _, _ in keys),
        "named": ", ".join(f"{key} as k{place}" for place, (key, _, _) in enumerate(keys)),
        "ordered": ", ".join(f"{key} {turn}" for (key, _, _), turn in zip(keys, turns, strict=True)),
        "merged": ", ".join(f"x.k{place} {turn}" for place, turn in enumerate(turns)),
    }
    args.append(limit)
    parts["limit"] = f"${len(args)}::bigint"
    if not asked.owner:
        return await rows(_MERGED.format(**parts), *args)
    args.append(asked.owner)
    return await rows(_OWN.format(owner=f"${len(args)}", **parts), *args)


def _key(token: str | None, sort: str) -> list[str] | None:
    if token is None:
        return None
    _, _, keys = _order(sort)
    try:
        found = json.loads(token)
    except (ValueError, RecursionError):
        found = None
    if type(found) is not list or len(found) != len(keys) or not all(type(one) is str for one in found):
        raise ConfigError(_NO_PLACE)
    return found


async def tabs(rows: Rows) -> list[DeskTab]:
    """The routes that have entries, and all active routes."""
    return [DeskTab(**row) for row in await rows(_TABS, COUNT_MOST) if row["route"] or row["open"]]


async def page_of_ids(
    rows: Rows, asked: DeskFilter, sort: str, after: str | None, limit: int
) -> tuple[list[UUID], str | None, bool]:
    """The ids of a page in order, the cursor of the next page, and whether the search is complete.

    Raises ConfigError like `inbox`.
    """
    more, complete = None, True
    try:
        place = _key(after, sort)
        if place is not None:  # check the cursor even if no entry is compared with it
            kinds = [kind for _, kind, _ in _order(sort)[2]]
            await rows(f"select {', '.join(f'${n}::text::{kind}' for n, kind in enumerate(kinds, 1))}", *place)
        if asked.search and SearchTerms.of(asked.search):
            found, last = await _searched(rows, asked, sort, place, limit + 1)
            complete = last is None
            more = json.dumps(last) if last else None
        else:
            found = await _page(rows, asked, sort, place, limit + 1)
    except ValueRefused:  # the address of the page contains an impossible day, number or id
        if after is None:
            raise
        raise ConfigError(_NO_PLACE) from None
    if len(found) > limit:
        more = json.dumps(found[limit - 1]["key"])
    return [row["rfq_id"] for row in found[:limit]], more, complete


async def _searched(
    rows: Rows, asked: DeskFilter, sort: str, place: list[str] | None, wanted: int, *, backwards: bool = False
) -> tuple[list[dict[str, Any]], list[str] | None]:
    """At least `wanted` entries that contain the words, and the cursor from which to search on.

    None: the end is reached.
    """
    patterns = SearchTerms.of(asked.search or "").patterns_across_lines
    found: list[dict[str, Any]] = []
    for most in _SEARCHED:
        part = await _page(rows, asked, sort, place, most, backwards=backwards)
        kept = {row["rfq_id"] for row in await rows(_FOUND, [row["rfq_id"] for row in part], *patterns)}
        found += [row for row in part if row["rfq_id"] in kept]
        if len(part) < most:
            return found, None
        place = part[-1]["key"]
        if len(found) >= wanted:
            break
    return found, place


async def inbox(rows: Rows, asked: DeskFilter, sort: str, after: str | None, limit: int, *, fresh: bool) -> DeskInbox:
    """A page of the list.

    Raises:
        ConfigError: the sort, the state or the cursor is unknown.
    """
    limit = max(1, min(limit, _PAGE_MOST))
    ids, more, complete = await page_of_ids(rows, asked, sort, after, limit)
    shown = await rows(_ROWS, ids)
    return DeskInbox(
        tuple(DeskRow(**{**row, "missing": tuple(row["missing"] or ())}) for row in shown), more, complete and fresh
    )


async def neighbours(rows: Rows, rfq_id: UUID, asked: DeskFilter, sort: str) -> tuple[UUID | None, UUID | None]:
    """The RFQs before and after an RFQ within a filter, even if the filter excludes the RFQ itself."""
    _, _, keys = _order(sort)
    shown = ", ".join(f"({key})::text" for key, _, _ in keys)
    place = await rows(f"select array[{shown}] as key from ai.desk_entries e where e.rfq_id = $1", rfq_id)
    if not place:
        return None, None
    searches = bool(asked.search and SearchTerms.of(asked.search))
    ends: list[UUID | None] = []
    for backwards in (True, False):
        if searches:
            found, _ = await _searched(rows, asked, sort, place[0]["key"], 1, backwards=backwards)
        else:
            found = await _page(rows, asked, sort, place[0]["key"], 1, backwards=backwards)
        ends.append(found[0]["rfq_id"] if found else None)
    return ends[0], ends[1]
