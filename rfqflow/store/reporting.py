"""Figures for commands and reports. They come from views without customers' texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from rfqflow.store.operator import OperatorStore

_GUARDS = {
    "breakers": ("ai.breaker_status", "select * from ai.breaker_status order by provider, model"),
    "budgets": ("ai.budget_status", "select * from ai.budget_status order by scope, period"),
}
_RATE_MINUTES = 10
ROUTES_OF = 5_000  # number of newest RFQs whose routes are counted: enough to be exact within 2 %
CALLS_OF = 10_000  # number of newest calls for the median cost
# A query for people to try in psql.
LOOK_AROUND = (
    "select r.company, s.ai_status, s.ai_reason, s.route, r.ai_urgency, r.ai_extracted -> 'line_items' -> 0 as item "
    "from ai.rfq_status s join public.rfq_requests r on r.id = s.rfq_id order by s.created_at"
)


class Figures(OperatorStore):
    """The queries. Each reads roll-ups and the newest runs only, so old runs do not make it slower."""

    async def now(self) -> datetime:
        """The current time of the database, in UTC."""
        found: datetime = (await self._rows("select clock_timestamp() as now"))[0]["now"]
        return found.astimezone(UTC)

    async def table(self) -> dict[str, Any]:
        """How rfqflow is attached to the application's table. `health` reports what is wrong with the table."""
        return (await self._rows("select state, table_name, detail from ai.attachment()"))[0]

    async def scorecard(self) -> dict[str, Any]:
        return (await self._rows("select * from ai.scorecard"))[0]

    async def scorecard_days(self) -> int:
        rows = await self._rows("select (value)::integer as days from ai.policy where key = 'scorecard_days'")
        return int(rows[0]["days"])

    async def daily(self, days: int) -> list[dict[str, Any]]:
        """One row per UTC day on which anything happened, oldest first."""
        return await self._rows(
            "select * from ai.metrics_daily where day > (now() at time zone 'UTC')::date - $1::integer order by day",
            days,
        )

    async def latency(self, days: int) -> list[dict[str, Any]]:
        return await self._rows(
            "select * from ai.latency where day > (now() at time zone 'UTC')::date - $1::integer order by measure, day",
            days,
        )

    async def windows(self) -> list[dict[str, Any]]:
        """The scorecard with its counts, for the last days and for the same number of days before."""
        return await self._rows("select * from ai.scorecard_by_window order by windows_ago")

    async def findings(self) -> list[tuple[str, str]]:
        """Severity and code of the current findings, without their sentences, which may name people and hosts."""
        return [(row["severity"], row["code"]) for row in await self._rows("select severity, code from ai.health")]

    async def routes_between(self, first_day: date, last_day: date) -> list[dict[str, Any]]:
        """The routes of the newest RFQs that got an answer in these days, the most frequent first."""
        return await self._rows(
            "select s.route, count(*) as rfqs, count(*) filter (where s.route_source = 'override') as by_hand "
            "from ai.rfq_status s where s.rfq_id = any (array("
            "select u.rfq_id from ai.run_details u where u.created_at >= $1::date::timestamp at time zone 'UTC' "
            "and u.created_at < ($2::date + 1)::timestamp at time zone 'UTC' and u.end_status = 'done' "
            "order by u.created_at desc limit $3)) and s.route is not null group by 1 order by 2 desc, 1",
            first_day, last_day, ROUTES_OF,
        )  # fmt: skip

    async def median_call(self, first_day: date) -> dict[str, Any]:
        """The median cost of the newest calls since `first_day` whose cost is known, and their number."""
        rows = await self._rows(
            "select percentile_disc(0.5) within group (order by c.cost_usd) as usd, count(*) as calls from ("
            "select u.cost_usd from ai.run_details u where u.created_at >= $1::date::timestamp at time zone 'UTC' "
            "and u.is_call and u.cost_usd is not null order by u.created_at desc limit $2) c",
            first_day, CALLS_OF,
        )  # fmt: skip
        return rows[0]

    async def causes(self, days: int) -> list[dict[str, Any]]:
        """The errors of the last `days` days by cause, the most frequent first."""
        return await self._rows(
            "select error_class, provider, model, sum(runs)::bigint as runs, sum(rfqs_failed)::bigint as rfqs_failed "
            "from ai.failure_causes where day > (now() at time zone 'UTC')::date - $1::integer "
            "group by 1, 2, 3 order by 4 desc, 1, 2, 3",
            days,
        )

    async def unanswered(self) -> list[dict[str, Any]]:
        """Why RFQs have no answer, the most frequent cause first. Only for a small table."""
        return await self._rows(
            "select c.code, c.rfqs, r.meaning, r.remedy from ("
            "select coalesce(s.last_error_class, s.ai_reason, 'due') as code, count(*) as rfqs from ai.rfq_status s "
            "where s.ai_status is distinct from 'done' and s.ai_status is distinct from 'skipped' group by 1) c "
            "left join lateral ("
            "select k.meaning, k.remedy from ai.reasons k where k.code = c.code order by k.kind limit 1) r on true "
            "order by c.rfqs desc, c.code"
        )

    async def ends(self, days: int) -> list[dict[str, Any]]:
        """RFQs by the status and reason of their first finish, which shows what gates and reuse do."""
        return await self._rows(
            "select end_status, reason, sum(runs)::bigint as rfqs, sum(ended_without_call)::bigint as without_call "
            "from ai.run_daily_counts where end_status is not null "
            "and day > (now() at time zone 'UTC')::date - $1::integer "
            "group by 1, 2 order by 3 desc, 1, 2",
            days,
        )

    async def cascade(self, days: int) -> list[dict[str, Any]]:
        """The results of the cascade's first model in these days."""
        return await self._rows(
            "select provider, model, sum(asked)::bigint as asked, sum(stood)::bigint as stood, "
            "sum(unsure)::bigint as unsure, sum(failed)::bigint as failed, sum(cost_usd) as cost_usd, "
            "sum(saved_usd) as saved_usd from ai.cascade where day > (now() at time zone 'UTC')::date - $1::integer "
            "group by 1, 2 order by 3 desc, 1, 2",
            days,
        )

    async def agreement(self) -> list[dict[str, Any]]:
        return await self._rows(
            "select model, prompt_version, ai_route, route, agreed, overrides from ai.override_agreement "
            "order by overrides desc, ai_route, route"
        )

    async def edits(self) -> list[dict[str, Any]]:
        """How often people change the model's values in the answers that they handle."""
        return await self._rows(
            "select prompt_version, model, route, answers, answer_edit_rate, lines, line_edit_rate, added_lines "
            "from ai.edit_rates order by answers desc, prompt_version, model, route"
        )

    async def report(self) -> dict[str, Any]:
        """All data of `rfqflow report`."""
        windows = await self.windows()
        now, before = windows
        days = (now["last_day"] - now["first_day"]).days + 1
        daily = await self.daily(2 * days)
        queue = await self.queue()
        return {
            "made_at": (await self.now()).isoformat(timespec="seconds"),
            "first_day": now["first_day"],
            "last_day": now["last_day"],
            "scorecard": await self.scorecard(),
            "windows": windows,
            "findings": await self.findings(),
            "waiting": sum(queue[name] for name in ("claimable", "in_flight", "deferred", "retrying")),
            "daily": [day for day in daily if day["day"] >= now["first_day"]],
            "daily_before": [day for day in daily if before["first_day"] <= day["day"] <= before["last_day"]],
            "latency": await self.latency(days),
            "causes": await self.causes(days),
            "budgets": (await self.guards())["budgets"],
            "ends": await self.ends(days),
            "routes": await self.routes_between(now["first_day"], now["last_day"]),
            "routes_before": await self.routes_between(before["first_day"], before["last_day"]),
            "routes_most": ROUTES_OF,
            "median_call": await self.median_call(now["first_day"]),
            "calls_most": CALLS_OF,
            "agreement": await self.agreement(),
            "edits": await self.edits(),
            "cascade": await self.cascade(days),
        }

    async def rates(self) -> dict[str, Any]:
        """Rates per minute over the last minutes, from the newest runs only."""
        row = (
            await self._rows(
                "select count(*) filter (where end_status is not null) as ended, "
                "count(*) filter (where is_call) as calls, "
                "count(*) filter (where error_class is not null) as errors, sum(cost_usd) as cost_usd "
                "from ai.run_details where created_at > now() - make_interval(mins => $1)",
                _RATE_MINUTES,
            )
        )[0]
        return {
            "minutes": _RATE_MINUTES,
            "ended_per_minute": row["ended"] / _RATE_MINUTES,
            "calls_per_minute": row["calls"] / _RATE_MINUTES,
            "errors_per_minute": row["errors"] / _RATE_MINUTES,
            "cost_usd": row["cost_usd"],
        }

    async def maintenance(self) -> list[dict[str, Any]]:
        return await self._rows("select * from ai.maintenance_status order by step")

    async def guards(self) -> dict[str, list[dict[str, Any]]]:
        """Breakers and budgets; empty lists if an older database lacks the views."""
        found: dict[str, list[dict[str, Any]]] = {}
        for name, (view, statement) in _GUARDS.items():
            there = await self._rows("select to_regclass($1) is not null as there", view)
            found[name] = await self._rows(statement) if there[0]["there"] else []
        return found
