"""All statements of the console's pages and actions."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError
from rfqflow.store.audit import AuditTrail
from rfqflow.store.control import ControlStore
from rfqflow.store.errors import ABSENT
from rfqflow.store.limits import Guards
from rfqflow.store.plots import PlotQueries
from rfqflow.store.prices import Prices
from rfqflow.store.reporting import Figures
from rfqflow.store.rfq_bulk import RfqBulk
from rfqflow.store.rfq_search import SearchFilter
from rfqflow.store.settings import SettingsStore

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from uuid import UUID

    from rfqflow.database.reconnecting import ReconnectingConnection
    from rfqflow.store.fleet_queries import Row


def _usd(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def parsed(value: Any) -> Any:
    """The value of a json column, from its text.

    None if Python cannot represent it: it is nested too deep, or has a number of thousands of digits.
    """
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None


_TIMELINE = """
select created_at as at, 'run' as kind, status as what, coalesce(reason, error_class) as reason, null as actor,
  to_jsonb(u) - '{output,prompt_sha256,content_sha256,email_hash}'::text[] as detail
from ai.rag_runs u where u.rfq_id = $1
union all
select done_at, 'action', action, detail ->> 'reason', actor, detail from ai.actions where rfq_id = $1
union all
select created_at, 'override', route, reason, actor, jsonb_build_object('ai_route', ai_route)
from ai.overrides where rfq_id = $1
union all
select withdrawn_at, 'withdrawn', route, withdrawn_reason, withdrawn_by, '{}'
from ai.overrides
where rfq_id = $1 and withdrawn_at is not null and withdrawn_reason is distinct from 'overridden again'
order by at desc limit 200
"""
_ACTIVITY = """
(select done_at as at, actor, action as what, rfq_id, detail ->> 'reason' as reason, null as value,
   false as is_policy
 from ai.actions order by id desc limit 12)
union all
(select created_at, actor, 'override', rfq_id, reason, route, false
 from ai.overrides order by override_id desc limit 12)
union all
(select happened_at, split_part(actor, ': ', 1), kind, null, substring(actor from ': (.*)$'),
   concat_ws(' ', provider, nullif(model, '*')), false
 from ai.events where actor is not null order by event_id desc limit 12)
union all
(select requested_at, requested_by, 'evaluate', null, null, prompt_version, false
  from ai.eval_requests order by request desc limit 12)
 union all
 (select ended_at, ended_by, 'cancel_evaluation', null, null, prompt_version, false
  from ai.eval_requests where ended_by is not null order by request desc limit 12)
 union all
 (select started_at, started_by, kind || '_started', null, null, prompt_version, false
  from ai.trials order by trial desc limit 12)
 union all
 (select ended_at, ended_by, kind || '_ended', null, end_reason, prompt_version, false
  from ai.trials where ended_at is not null order by ended_at desc limit 12)
 union all
 (select changed_at, actor, key, null, reason, coalesce(new_value #>> '{}', 'no cap'), true
  from ai.policy_history
  -- A canary's are its trial's.
  where (old_value is not null or key like 'budget.%') and key not in ('canary_prompt', 'canary_percent')
  order by id desc limit 12)
order by at desc limit 12
"""


class ConsoleQueries(RfqBulk, AuditTrail, SettingsStore):
    """Queries and actions of the console's pages. Unlike `FleetQueries`, they read customers' texts."""

    @property
    def control(self) -> ControlStore:
        return ControlStore(self._lines)

    @property
    def plots(self) -> PlotQueries:
        return PlotQueries(self._lines)

    @property
    def figures(self) -> Figures:
        return Figures(self._lines)

    @property
    def guards(self) -> Guards:
        return Guards(self._lines)

    @property
    def prices(self) -> Prices:
        return Prices(self._lines)

    def line(self) -> AbstractAsyncContextManager[ReconnectingConnection]:
        """One connection, for several statements."""
        return self._lines.line()

    async def rfq(self, rfq_id: UUID) -> Row | None:
        """Everything about one RFQ except its timeline."""
        rows = await self._rows(
            "select s.*, r.request_id, r.name, r.email, r.company, r.phone, r.source_ip::text, r.message, "
            "r.metadata::text, r.ai_summary, r.ai_tags, r.ai_urgency, r.ai_confidence, r.ai_review, r.ai_route, "
            "r.ai_extracted::text, "
            "(select coalesce(max(case when o.withdrawn_at is null then o.override_id end), -max(o.override_id), 0) "
            "from ai.overrides o where o.rfq_id = r.rfq_id) as overridden, "
            "c.code, c.cause, c.figures, c.since, c.until, c.remedy "
            "from ai.rfq_status s join ai.rfqs r on r.rfq_id = s.rfq_id "
            "left join ai.cause_of(s.rfq_id) c on true where s.rfq_id = $1",
            rfq_id,
        )
        if not rows:
            return None
        override = await self._rows_or_none(
            "select o.override_id, o.route, o.actor, o.reason, o.created_at, coalesce(e.is_active, false) as is_case, "
            "o.content_sha256 is distinct from r.content_sha256 and o.content_sha256 is not null as is_edited "
            "from ai.overrides o join ai.rfqs r on r.rfq_id = o.rfq_id "
            "left join ai.eval_cases e on e.override_id = o.override_id "
            "where o.rfq_id = $1 and o.withdrawn_at is null",
            rfq_id,
        )
        return {
            **rows[0],
            "extracted": parsed(rows[0]["ai_extracted"]) or {},
            "metadata": parsed(rows[0]["metadata"]) or {},
            "override": override[0] if override else None,
        }

    async def timeline(self, rfq_id: UUID) -> list[Row]:
        """The events of one RFQ, newest first."""
        return [{**row, "detail": parsed(row["detail"])} for row in await self._rows(_TIMELINE, rfq_id)]

    async def routes(self) -> list[Row]:
        return await self._rows(
            "select t.slug, t.description, t.keywords, t.is_fallback, t.is_active, coalesce(n.rfqs, 0) as rfqs, "
            "n.confidence from ai.routes t left join ("
            "select ai_route, count(*) as rfqs, avg(ai_confidence) as confidence from ai.rfqs "
            "where created_at > now() - interval '7 days' group by 1) n on n.ai_route = t.slug "
            "order by t.is_active desc, t.slug"
        )

    async def slugs(self) -> list[str]:
        rows = await self._rows("select slug from ai.routes where is_active order by slug")
        return [row["slug"] for row in rows]

    async def latest(self, limit: int) -> list[Row]:
        """The latest RFQs, newest first."""
        return (await self.search(SearchFilter(limit, within=dt.timedelta(days=7)))).rows

    async def clock(self) -> dt.datetime:
        found: dt.datetime = (await self._rows("select clock_timestamp() as now"))[0]["now"]
        return found

    async def scorecard(self) -> Row | None:
        rows = await self._rows_or_none("select * from ai.scorecard")
        return rows[0] if rows else None

    async def days(self, number: int) -> list[Row] | None:
        return await self._rows_or_none(
            "select * from ai.metrics_daily where day > (now() at time zone 'UTC')::date - $1::int order by day", number
        )

    async def waiting_for_budget(self) -> int:
        """Number of RFQs deferred because a cap was reached."""
        rows = await self._rows(
            "select count(*) as rfqs from ai.outbox_deferred where reason in ('budget', 'sender_budget')"
        )
        return int(rows[0]["rfqs"])

    async def caps_changed(self, limit: int) -> list[Row]:
        """The changes of caps that people have made, newest first."""
        rows = await self._rows(
            "select changed_at as at, actor, reason, substring(key from '^budget[.](.*)[.][a-z]+$') as scope, "
            "substring(key from '([a-z]+)$') as period, old_value #>> '{}' as old_usd, new_value #>> '{}' as new_usd "
            "from ai.policy_history where key like 'budget.%' order by id desc limit $1",
            limit,
        )
        return [{**row, "old_usd": _usd(row["old_usd"]), "new_usd": _usd(row["new_usd"])} for row in rows]

    async def models(self) -> list[str]:
        """All models that a worker has ever called."""
        return [row["model"] for row in await self._rows(
            "select distinct model from ai.breaker_status where model <> '*' order by 1")]  # fmt: skip

    async def activity(self) -> list[Row]:
        return await self._rows(_ACTIVITY)

    # -- actions: each records its actor in the same transaction -------------------------------------------------------

    async def rerun(self, rfq_id: UUID, actor: str, reason: str | None, *, force: bool) -> bool:
        """Enqueues the RFQ. Returns False if it is already queued or does not exist."""
        rows = await self._rows(
            "select d.done, ai.record_action($3, 'rerun', $1, jsonb_build_object('force', $2::boolean, "
            "'reason', $4::text, 'enqueued', d.done)) from (select ai.rerun_rfq($1, $2) as done) d",
            rfq_id, force, actor, reason,
        )  # fmt: skip
        return bool(rows[0]["done"])

    async def override(
        self, rfq_id: UUID, route: str, actor: str, reason: str | None, *, seen: int
    ) -> dict[str, Any] | None:
        """Sets the route.

        Returns None on success. If another person has changed the route since `seen` (see `ai.override_seen`), changes
        nothing and returns that change.

        Raises:
            ConfigError: the route or the RFQ does not exist.
        """
        try:
            await self._did("select ai.override_seen($1, $2, $3, $4, $5)", rfq_id, route, actor, reason, seen)
        except asyncpg.PostgresError as error:
            if error.sqlstate != "RF011":
                raise
            found: dict[str, Any] = parsed(error.detail) or {}
            return {"by": found.get("by"), "route": found.get("what")}
        return None

    async def withdraw(self, rfq_id: UUID, actor: str, reason: str | None) -> None:
        """Withdraws the route that a person set. Raises ConfigError if the RFQ does not exist."""
        await self._did("select ai.withdraw_override($1, $2, $3)", rfq_id, actor, reason)

    async def pause(self, actor: str, reason: str | None) -> None:
        await self._did("select ai.pause($1, $2)", actor, reason)

    async def resume(self, actor: str, reason: str | None) -> None:
        await self._did("select ai.resume($1, $2)", actor, reason)

    async def breaker_action(self, action: str, provider: str, model: str, actor: str, reason: str | None) -> None:
        """Opens, closes or resets a breaker (`action`). Raises ConfigError if this database has no breakers."""
        statement = {
            "open": "select ai.open_breaker($1, $2, $3, $4)",
            "close": "select ai.close_breaker($1, $2, $3, $4)",
            "reset": "select ai.reset_breaker($1, $2, $3, $4)",
        }[action]
        await self._did(statement, provider, model, actor, reason)

    async def _did(self, statement: str, *args: Any) -> None:
        try:
            await self._rows(statement, *args)
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF004" or isinstance(error, ABSENT):
                raise ConfigError(str(error).splitlines()[0]) from None
            raise
