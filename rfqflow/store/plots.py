"""Time series for the console's charts.

Daily values come from the roll-ups; hourly and quarter-hourly values come from the runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.store.errors import fetched

if TYPE_CHECKING:
    import datetime as dt

    import asyncpg

    from rfqflow.database.reconnecting import QueryExecutor

_BY_DAY = {
    "latency": "select (day::timestamp at time zone 'UTC') as at, p50_ms, p95_ms, p99_ms from ai.latency "
    "where measure = 'end' and day >= $1::date and $2::interval is not null",
    "cost": "select (day::timestamp at time zone 'UTC') as at, cost_usd as value, calls_of_unknown_cost as unknown "
    "from ai.metrics_daily where day >= $1::date and $2::interval is not null",
    "failures": "select (day::timestamp at time zone 'UTC') as at, error_class as name, sum(runs)::bigint as value "
    "from ai.failure_causes where day >= $1::date and $2::interval is not null group by 1, 2",
    "avoided": "select (day::timestamp at time zone 'UTC') as at, reason as name, rfqs as value from ai.calls_avoided "
    "where day >= $1::date and $2::interval is not null",
    "ended": "select (day::timestamp at time zone 'UTC') as at, k.name, k.value from ai.metrics_daily "
    "cross join lateral (values ('done', enriched), ('skipped', skipped), ('failed', failed)) k (name, value) "
    "where day >= $1::date and $2::interval is not null",
}
_BY_BIN = {
    "latency": "select at, p[1] as p50_ms, p[2] as p95_ms, p[3] as p99_ms from ("
    "select date_bin($2, created_at, $1) as at, "
    "percentile_disc(array[0.5, 0.95, 0.99]) within group (order by ms) as p "
    "from ai.run_measurements where created_at >= $1 and measure = 'end' group by 1) b",
    "cost": "select date_bin($2, created_at, $1) as at, sum(cost_usd) as value, "
    "count(*) filter (where is_call and cost_usd is null) as unknown "
    "from ai.run_details where created_at >= $1 group by 1",
    "failures": "select date_bin($2, created_at, $1) as at, error_class as name, count(*) as value from ai.run_details "
    "where created_at >= $1 and error_class is not null group by 1, 2",
    "avoided": "select date_bin($2, created_at, $1) as at, coalesce(reason, status) as name, count(*) as value "
    "from ai.run_details where created_at >= $1 and end_status is not null and ended_without_call group by 1, 2",
    "ended": "select date_bin($2, created_at, $1) as at, end_status as name, count(*) as value from ai.run_details "
    "where created_at >= $1 and end_status is not null group by 1, 2",
}


class PlotQueries:
    """The queries. `first`: the start of the first interval. `each`: the length of an interval."""

    def __init__(self, lines: asyncpg.Connection | QueryExecutor) -> None:
        self._lines = lines

    async def values(self, what: str, first: dt.datetime, each: dt.timedelta) -> list[dict[str, Any]]:
        """The values of one chart. `what`: latency, cost, failures, avoided or ended."""
        by_day = each.days >= 1
        statement = (_BY_DAY if by_day else _BY_BIN)[what]
        rows = await fetched(self._lines, statement + " order by 1", first.date() if by_day else first, each)
        return [dict(row) for row in rows]

    async def prompts_activated(self, first: dt.datetime) -> list[dict[str, Any]]:
        """When another prompt version became active."""
        rows = await fetched(
            self._lines,
            "select changed_at as at, new_value #>> '{}' as name from ai.policy_history "
            "where key = 'active_prompt' and changed_at >= $1 and old_value is distinct from new_value order by id",
            first,
        )
        return [dict(row) for row in rows]
