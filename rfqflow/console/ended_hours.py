"""Counts finished RFQs by hour, each once, at its first final state. Reads past minutes only once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from rfqflow.reporting.svg_charts import ChartStyle, Series, bars, short, whole_steps

if TYPE_CHECKING:
    from rfqflow.store.control import ControlStore

_HOURS = 24
_AGAIN = dt.timedelta(minutes=1)  # how far to read again, since a run becomes visible after its timestamp
_NAMES = ("done", "skipped", "failed")


class Hours:
    """The counts of the last 24 hours (UTC), including the current hour."""

    def __init__(self, control: ControlStore) -> None:
        self._control = control
        self._ends: dict[dt.datetime, tuple[int, int, int]] = {}  # minute: done, skipped, failed
        self._read_to: dt.datetime | None = None

    async def read(self, clock: dt.datetime) -> dict[str, Any]:
        this = clock.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
        first = this - dt.timedelta(hours=_HOURS - 1)
        since = first if self._read_to is None else max(first, self._read_to - _AGAIN)
        for row in await self._control.ended_by_minute(since):
            self._ends[row["minute"]] = (row["done"], row["skipped"], row["failed"])
        self._read_to = clock.replace(second=0, microsecond=0)
        self._ends = {minute: ends for minute, ends in self._ends.items() if minute >= first}
        return self._drawn(first)

    def _drawn(self, first: dt.datetime) -> dict[str, Any]:
        hours = [first + dt.timedelta(hours=number) for number in range(_HOURS)]
        sums = {hour: [0, 0, 0] for hour in hours}
        for minute, ends in self._ends.items():
            hour = sums[minute.astimezone(dt.UTC).replace(minute=0)]
            for at, count in enumerate(ends):
                hour[at] += count
        series = [Series(name, [sums[hour][at] for hour in hours]) for at, name in enumerate(_NAMES)]
        look = ChartStyle(short, most_labels=8, legend=False, classes=("e0", "e1", "e2"), ticks=whole_steps)
        totals = [sum(line.values) for line in series]  # type: ignore[arg-type] # each hour has a number
        return {
            "svg": bars("RFQs ended by hour, UTC", [f"{hour:%H:%M}" for hour in hours], series, look),
            "all": sum(totals), "done": totals[0], "skipped": totals[1], "failed": totals[2],
            "hour": sum(sums[hours[-1]]), "from": first,
        }  # fmt: skip
