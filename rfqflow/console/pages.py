"""The pages: what each one reads, and how it is laid out before a template writes it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from rfqflow.console.formatting import SHOWN_CHARACTERS, marked, milliseconds, money, number, words
from rfqflow.console.operations import notice_of
from rfqflow.reporting.svg_charts import ChartStyle, Series, bars, lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session
    from rfqflow.store.fleet_queries import Row

_DAYS = 30
_CAUSES_MOST = 5


async def overview(console: Console, request: Request, session: Session) -> Response:
    fragments = await console.overview.fragments(session.role)
    return console.page(
        session, "overview.html", page="overview", fragments=fragments, said=request.query_params.get("said"),
        notice=notice_of(console, request, session),
    )  # fmt: skip


async def rfq(console: Console, request: Request, session: Session) -> Response:
    rfq_id = request.path_params["rfq_id"]
    found = await console.pages.rfq(rfq_id)
    if found is None:
        return console.problem(session, 404, "No such RFQ", "It has been deleted, or the address is mistyped.")
    return console.page(
        session, "rfq.html", page="rfqs", rfq=found, timeline=await console.pages.timeline(rfq_id),
        slugs=await console.pages.slugs(), said=request.query_params.get("said"),
        message=message_of(found, whole=request.query_params.get("whole") == "1"),
    )  # fmt: skip


def message_of(found: Row, *, whole: bool) -> dict[str, Any]:
    """The customer's text with what the answer rests on marked, and how much of it is shown."""
    text: str = found["message"]
    most = len(text) if whole else SHOWN_CHARACTERS
    evidence = [str(quote.get("text", "")) for quote in found["extracted"].get("evidence", ())]
    return {"html": marked(text, evidence, most), "length": len(text), "cut": len(text) > most, "marks": bool(evidence)}


async def routes(console: Console, _request: Request, session: Session) -> Response:
    rows = await console.pages.routes()
    most = max((row["rfqs"] for row in rows), default=0)
    return console.page(session, "routes.html", page="routes", rows=rows, most=most, said=None)


async def budgets(console: Console, request: Request, session: Session) -> Response:
    return console.page(
        session, "budgets.html", page="budgets", said=None, notice=notice_of(console, request, session),
        models=await console.pages.models(), **await budget_state(console),
    )  # fmt: skip


async def budget_state(console: Console) -> dict[str, Any]:
    pages = console.pages
    return {
        "rows": await pages.budget() or [], "changes": await pages.caps_changed(12),
        "waiting": await pages.waiting_for_budget(),
    }  # fmt: skip


# -- plots ---------------------------------------------------------------------------------------------------------


async def plots(console: Console, _request: Request, session: Session) -> Response:
    pages = console.pages
    today = (await pages.clock()).astimezone(dt.UTC).date()
    days = [today - dt.timedelta(days=back) for back in range(_DAYS - 1, -1, -1)]
    shown = [
        _latency(days, await pages.latency(_DAYS)),
        _cost(days, await pages.days(_DAYS)),
        _failures(days, await pages.failures(_DAYS)),
        _avoided(days, await pages.avoided(_DAYS), await pages.days(_DAYS)),
    ]
    return console.page(session, "plots.html", page="plots", plots=[row for row in shown if row], days=_DAYS, said=None)


def _plot(
    title: str, about: str, days: Sequence[dt.date], series: list[Series], text: Any, *, line: bool = False
) -> dict[str, Any]:
    empty = not any(value for line in series for value in line.values)
    # Written by the console itself, with everything escaped; the page's legend is text.
    look = ChartStyle(text, most_labels=6, legend=False)
    drawn = (lines if line else bars)(title, [f"{day:%-d %b}" for day in days], series, look)
    table = [
        (day, [text(line.values[index]) if line.values[index] is not None else "" for line in series])
        for index, day in enumerate(days)
        if any(line.values[index] is not None for line in series)
    ]
    return {"title": title, "about": about, "svg": drawn, "series": [line.name for line in series], "empty": empty,
            "table": table}  # fmt: skip


def _spread(days: Sequence[dt.date], rows: list[Row], key: str, value: str) -> list[Series]:
    """A series per value of `key`, the largest first; what is beyond the most that can be told apart is `other`."""
    totals: dict[str, float] = {}
    for row in rows:
        totals[str(row[key])] = totals.get(str(row[key]), 0) + float(row[value])
    names = sorted(totals, key=lambda name: -totals[name])
    kept = names[:_CAUSES_MOST]
    by_day: dict[tuple[str, dt.date], float] = {}
    for row in rows:
        name = str(row[key]) if str(row[key]) in kept else "other"
        by_day[name, row["day"]] = by_day.get((name, row["day"]), 0) + float(row[value])
    return [
        Series(words(name), [by_day.get((name, day)) for day in days])
        for name in [*kept, *(["other"] if len(names) > len(kept) else [])]
    ]


def _latency(days: Sequence[dt.date], rows: list[Row] | None) -> dict[str, Any] | None:
    if rows is None:
        return None
    ends = {row["day"]: row for row in rows if row["measure"] == "end"}
    series = [
        Series(name, [float(ends[day][column]) if day in ends else None for day in days])
        for name, column in (("p50", "p50_ms"), ("p95", "p95_ms"), ("p99", "p99_ms"))
    ]
    about = "From the insert of an RFQ to its first end, by day of the end. Within 2 % of the exact percentile."
    return _plot("Latency", about, days, series, milliseconds, line=True)


def _cost(days: Sequence[dt.date], rows: list[Row] | None) -> dict[str, Any] | None:
    if rows is None:
        return None
    known = {row["day"]: row["cost_usd"] for row in rows}
    unknown = sum(row["calls_of_unknown_cost"] for row in rows)
    values = [None if known.get(day) is None else float(known[day]) for day in days]
    about = "Known cost of all runs, reruns included." + (
        f" {number(unknown)} calls are of unknown cost and not in it." if unknown else ""
    )
    return _plot("Cost per day", about, days, [Series("US dollars", values)], money)


def _failures(days: Sequence[dt.date], rows: list[Row] | None) -> dict[str, Any] | None:
    if rows is None:
        return None
    about = "Runs that ended in an error, by cause. Most are tried again; what was given up is among the dead letters."
    return _plot("Failures by cause", about, days, _spread(days, rows, "error_class", "runs"), number)


def _avoided(days: Sequence[dt.date], rows: list[Row] | None, totals: list[Row] | None) -> dict[str, Any] | None:
    about = "RFQs that ended without asking the provider: by a gate, or with an answer that was there already."
    if rows:
        return _plot("Calls avoided", about, days, _spread(days, rows, "reason", "rfqs"), number)
    if totals is None:
        return None
    known = {row["day"]: row["ended_without_call"] for row in totals}
    values = [float(known[day]) if day in known else None for day in days]
    return _plot("Calls avoided", about, days, [Series("RFQs", values)], number)
