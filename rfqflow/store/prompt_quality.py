"""Queries and actions of the console's prompt pages: versions, evaluations, cases, trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.store.evaluation import EvaluationStore
from rfqflow.store.evaluation_cases import CaseStore
from rfqflow.store.operator import OperatorStore
from rfqflow.store.prompt_trials import Trials

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from rfqflow.database.reconnecting import QueryExecutor

Row = dict[str, Any]

_VERSIONS = """
select p.version, p.created_at, p.created_by, p.note, p.version = a.active as active,
  ai.is_measured(p.version) as is_measured, m.eval_run, m.model, m.finished_at, m.cases,
  (m.report -> 'route' ->> 'accuracy')::float8 as accuracy, (m.report -> 'route' ->> 'low')::float8 as low,
  (m.report -> 'route' ->> 'high')::float8 as high, (m.report ->> 'usd_per_rfq')::float8 as usd_per_rfq,
  t.trial, t.kind, t.percent
from ai.prompts p
cross join (select value #>> '{}' as active from ai.policy where key = 'active_prompt') a
left join lateral (
  select r.* from ai.eval_runs r
  where r.prompt_version = p.version and r.finished_at is not null and r.cases > 0
  order by r.eval_run desc limit 1) m on true
left join lateral (
  select x.trial, x.kind, x.percent from ai.trials x
  where x.prompt_version = p.version and x.ended_at is null order by x.trial desc limit 1) t on true
where $1::text is null or p.version = $1
order by p.version = a.active desc, p.name, p.number desc
"""
_RUNS = """
select r.eval_run, r.started_at, r.finished_at, r.started_by, r.model, r.prompt_version, r.source, r.cases,
  (r.report -> 'route' ->> 'accuracy')::float8 as accuracy, (r.report -> 'route' ->> 'low')::float8 as low,
  (r.report -> 'route' ->> 'high')::float8 as high, (r.report ->> 'usd_per_rfq')::float8 as usd_per_rfq
from ai.eval_runs r
where r.finished_at is not null and ($1::text is null or r.prompt_version = $1)
order by r.eval_run desc limit $2
"""
_OVERRIDES = """
select o.override_id, o.rfq_id, o.route, o.ai_route, o.ai_prompt_version, o.actor, o.reason, o.created_at,
  r.company, r.name, coalesce(r.ai_summary, left(r.message, 160)) as about,
  coalesce(e.is_active, false) as is_case,
  r.rfq_id is null or o.content_sha256 is distinct from r.content_sha256 and o.content_sha256 is not null as is_edited
from ai.overrides o
left join ai.rfqs r on r.rfq_id = o.rfq_id
left join ai.eval_cases e on e.override_id = o.override_id
where o.withdrawn_at is null and ($1::uuid is null or o.rfq_id = $1)
order by o.override_id desc limit $2
"""
_EDITS = """
select coalesce(e.prompt_version, '') as prompt_version, count(*) as answers,
  count(*) filter (where e.is_edited) as edited_answers, sum(e.lines)::bigint as lines,
  sum(e.edited_lines)::bigint as edited_lines, sum(e.added_lines)::bigint as added_lines,
  min(e.seen_at) as first_at, max(e.seen_at) as last_at
from ai.edited_answers e where e.seen_at >= $1
"""
_REQUEST = """
select q.request, q.prompt_version, q.model, q.most_usd, q.requested_at, q.requested_by,
  q.claim_id is not null as is_held,
  q.eval_run, q.cases, q.answered, q.spent_usd, q.ended_at, q.ended_by, q.end_reason,
  exists (
    select from ai.worker_status w
    where w.provider <> 'rules' and w.silent_seconds < 15 and (q.model is null or w.model = q.model)) as has_worker
from ai.eval_requests q
order by q.request desc limit 1
"""


class Quality:
    """Each query is one statement, so it may use any connection of a pool."""

    def __init__(self, lines: QueryExecutor) -> None:
        self._lines = lines
        self.operator = OperatorStore(lines)
        self.evaluations = EvaluationStore(lines)
        self.labelled = CaseStore(lines)
        self.trials = Trials(lines)

    async def _rows(self, statement: str, *args: Any) -> list[Row]:
        return [dict(row) for row in await self._lines.fetch(statement, *args)]

    async def versions(self, version: str | None = None) -> list[Row]:
        """All prompt versions, the active version first, each with its latest evaluation and its running trial."""
        return await self._rows(_VERSIONS, version)

    async def runs(self, version: str | None, limit: int) -> list[Row]:
        """Finished evaluations, newest first."""
        return await self._rows(_RUNS, version, limit)

    async def request(self) -> Row | None:
        """The evaluation that was requested last, whether it runs or has finished."""
        rows = await self._rows(_REQUEST)
        return rows[0] if rows else None

    async def models(self) -> list[str]:
        """The models that live workers call."""
        rows = await self._rows("select distinct model from ai.worker_status where provider <> 'rules' order by 1")
        return [row["model"] for row in rows]

    async def cases(self) -> dict[str, int]:
        """The number of active cases by source."""
        rows = await self._rows(
            "select provenance, count(*) as cases from ai.eval_cases where is_active group by 1 order by 1"
        )
        return {row["provenance"]: row["cases"] for row in rows}

    async def edits_by_prompt(self, first: dt.datetime) -> list[Row]:
        """By prompt: the answers since `first` that people have handled, and people's changes to them.

        The prompt with the newest answers comes first.
        """
        return await self._rows(_EDITS + "group by 1 order by max(e.seen_at) desc", first)

    async def edits_over_time(self, first: dt.datetime, each: dt.timedelta) -> list[Row]:
        """The same by prompt and interval. `first`: the start of the first interval.

        `each`: the length of an interval.
        """
        return await self._rows(
            "select date_bin($2, e.seen_at, $1) as at, coalesce(e.prompt_version, '') as prompt_version, "
            "count(*) as answers, count(*) filter (where e.is_edited) as edited_answers "
            "from ai.edited_answers e where e.seen_at >= $1 group by 1, 2 order by 1",
            first, each,
        )  # fmt: skip

    async def edited_fields(self, first: dt.datetime, limit: int) -> list[Row]:
        """Which fields people change, and in how many answers. An override counts as a change of the route."""
        return await self._rows(
            "select f.field, count(distinct f.rfq_id) as answers from ("
            "select c.rfq_id, case when num_nonnulls(c.line, c.added) > 0 then 'items: ' else '' end || c.field "
            "as field from ai.corrections c join ai.edited_answers e on e.rfq_id = c.rfq_id "
            "where e.seen_at >= $1 and c.withdrawn_at is null "
            "union all select o.rfq_id, 'route' from ai.overrides o join ai.edited_answers e on e.rfq_id = o.rfq_id "
            "where e.seen_at >= $1 and o.withdrawn_at is null and o.route <> e.route) f "
            "group by 1 order by 2 desc, 1 limit $2",
            first, limit,
        )  # fmt: skip

    async def overrides(self, rfq_id: UUID | None, limit: int) -> list[Row]:
        """Active overrides, newest first, and whether each has an evaluation case."""
        return await self._rows(_OVERRIDES, rfq_id, limit)

    async def running(self) -> list[Row]:
        """The running trials, at most one of each kind, and trials that were stopped recently."""
        return await self._rows(
            "select trial, kind, prompt_version, base_version, percent, started_at, started_by, ended_at, ended_by, "
            "end_reason from ai.trials order by ended_at is not null, trial desc limit 8"
        )

    async def rerun(self, rfq_ids: list[UUID], actor: str, trial: int, reason: str | None = None) -> int:
        """Makes RFQs due again. Returns the number of RFQs that it made due."""
        rows = await self._rows(
            "select d.done, ai.record_action($2, 'rerun', null, jsonb_build_object('asked', cardinality($1::uuid[]), "
            "'trial', $3::bigint, 'enqueued', d.done, 'reason', $4::text)) "
            "from (select ai.rerun_rfqs($1, false) as done) d",
            rfq_ids, actor, trial, reason,
        )  # fmt: skip
        return int(rows[0]["done"])
