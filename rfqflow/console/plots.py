"""Charts over a time range. The console renders them as SVG; a script adds tooltips and the reader's time zone."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

from rfqflow.console.formatting import milliseconds, money, number, percent, words
from rfqflow.reporting.report_page import as_html
from rfqflow.reporting.svg_charts import ChartStyle, Series, bars, duration_steps, lines, steps, whole_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

RANGES = {
    "24h": ("24 hours", 24, dt.timedelta(minutes=15)),
    "7d": ("7 days", 7 * 24, dt.timedelta(hours=1)),
    "30d": ("30 days", 30 * 24, dt.timedelta(days=1)),
    "90d": ("90 days", 90 * 24, dt.timedelta(days=1)),
}
_USUAL = "30d"
_SERIES_MOST = 5
_CHARTS = (
    (
        "latency",
        "Latency",
        "ms",
        "Time from an RFQ's insert to its first final state. Each percentile is within 2 % of the exact value.",
    ),
    ("ended", "RFQs ended", "count", "Each RFQ counts once, at its first final state."),
    ("cost", "Cost", "usd", "Known cost of all runs, including reruns."),
    ("failures", "Failures by cause", "count", "Runs with an error. Workers retry most of them."),
    ("avoided", "Calls avoided", "count", "RFQs that finished without a call. Deferred RFQs do not count."),
)
_TEXT = {"ms": milliseconds, "usd": money, "count": number, "share": percent}
_TICKS = {"ms": duration_steps, "usd": steps, "count": whole_steps, "share": steps}


async def plots(console: Console, request: Request, session: Session) -> Response:
    asked = request.query_params.get("range", _USUAL)
    name = asked if asked in RANGES else _USUAL
    _, hours, each = RANGES[name]
    clock = (await console.pages.clock()).astimezone(dt.UTC)
    bins = bins_of(clock, hours, each)
    marks = [
        {"at": one["at"].timestamp(), "name": one["name"]}
        for one in await console.pages.plots.prompts_activated(bins[0])
    ]
    found = [await _chart(console, chart, bins, each, marks) for chart in _CHARTS]
    return console.page(
        session, "plots.html", page="plots", plots=found, ranges=RANGES, chosen=name, marks=marks, said=None
    )


async def report(console: Console, _request: Request, _session: Session) -> Response:
    """The file that `rfqflow report` writes. It is a download, since pages of the console forbid its inline styles."""
    data = await console.pages.figures.report()
    headers = {"Content-Disposition": f'attachment; filename="rfqflow-report-{data["last_day"]}.html"'}
    return HTMLResponse(as_html(data), headers=headers)


def bins_of(clock: dt.datetime, hours: int, each: dt.timedelta) -> list[dt.datetime]:
    """The start of each interval, including the current interval."""
    epoch = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    last = epoch + (clock - epoch) // each * each
    count = dt.timedelta(hours=hours) // each
    return [last - each * back for back in range(count - 1, -1, -1)]


async def _chart(
    console: Console, chart: tuple[str, str, str, str], bins: Sequence[dt.datetime], each: dt.timedelta,
    marks: Sequence[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    what, title, unit, about = chart
    rows = await console.pages.plots.values(what, bins[0], each)
    drawn = lines if what == "latency" else bars
    if what == "latency":
        series = [
            _series(f"p{share}", bins, {row["at"]: row[f"p{share}_ms"] for row in rows}, None) for share in (50, 95, 99)
        ]
    elif what == "cost":
        series = [_series("US dollars", bins, {row["at"]: row["value"] for row in rows})]
        if unknown := sum(row["unknown"] for row in rows):
            about += f" {number(unknown)} calls have an unknown cost and are not included."
    else:
        series = _by_name(rows, bins)
    return chart_of(title, about, unit, series, bins, each, drawn=drawn, marks=marks)


def chart_of(
    title: str, about: str, unit: str, series: Sequence[Series], bins: Sequence[dt.datetime], each: dt.timedelta, *,
    drawn: Callable[..., str], marks: Sequence[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """The parts of a chart on a page: a drawing, the same data for the script, and a table."""
    text = _TEXT[unit]
    look = ChartStyle(text, most_labels=6, legend=False, ticks=_TICKS[unit])
    form = "%-d %b" if each.days >= 1 else "%-d %b %H:%M"
    labels = [f"{at:{form}}" for at in bins]
    table = [
        (f"{at:{form}}", [text(line.values[index]) if line.values[index] is not None else "" for line in series])
        for index, at in enumerate(bins)
        if any(line.values[index] is not None if unit == "share" else line.values[index] for line in series)
    ]  # leaves out rows of zeros, except for shares, in which a zero is a measured value
    return {
        "title": title, "about": about, "svg": drawn(title, labels, series, look), "table": table, "empty": not table,
        "series": [line.name for line in series],
        "data": json.dumps({
            "unit": unit, "each": each.total_seconds(), "x": [at.timestamp() for at in bins],
            "series": [{"name": line.name, "values": line.values} for line in series], "marks": marks,
        }),
    }  # fmt: skip


def _series(
    name: str, bins: Sequence[dt.datetime], values: dict[dt.datetime, Any], missing: float | None = 0
) -> Series:
    """A series with a value for each interval. `missing` replaces a missing value: 0 for counts, else None."""
    return Series(name, [missing if values.get(at) is None else float(values[at]) for at in bins])


def _by_name(rows: Sequence[dict[str, Any]], bins: Sequence[dt.datetime]) -> list[Series]:
    """One series per name, the largest first. The names after the first few become the series `other`."""
    totals: dict[str, float] = {}
    for row in rows:
        totals[row["name"]] = totals.get(row["name"], 0) + row["value"]
    kept = sorted(totals, key=lambda name: -totals[name])[:_SERIES_MOST]
    values: dict[str, dict[dt.datetime, float]] = {}
    for row in rows:
        of = values.setdefault(row["name"] if row["name"] in kept else "other", {})
        of[row["at"]] = of.get(row["at"], 0) + float(row["value"])
    return [_series(words(name), bins, values[name]) for name in [*kept, "other"] if name in values]
