"""The content of the report before layout: the verdict, each figure with its change, routes, money, and tables.

The content is numbers, dates, codes, and names of routes, models and prompts. It never has a customer's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from rfqflow.core.weekly_verdict import FEW_CALLS, Verdict, Window, changes, saved_usd, the_window_before, verdict
from rfqflow.reporting.scorecard import FIGURES, Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfqflow.core.weekly_verdict import Change

    Row = Mapping[str, Any]

ROUTES_MOST = 10  # one row sums up further routes, so that the report fits on two pages
BUDGETS_MOST = 3
NAME_MOST = 40
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class FigureLine:
    figure: Figure
    now: str
    before: str
    change: Change


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report. `columns` are headings for people; `rows` hold text."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report as text. Its `figures` compare the window `span` with the window `before`."""

    span: str
    before: str
    than: str
    made_at: str
    verdict: Verdict
    figures: list[FigureLine]
    routes: Table
    money: list[str]
    tables: list[Table]


def report_of(data: Row) -> Report:
    now, before = (Window.of(row) for row in data["windows"])
    than = the_window_before(now.days)
    changed = changes(now, before, whole_days(data))
    lines = [
        FigureLine(one, _shown(one, data["windows"][0]), _shown(one, data["windows"][1]), changed[one.key])
        for one in FIGURES
    ]
    return Report(
        span=_span(data["windows"][0]), before=_span(data["windows"][1]), than=than, made_at=data["made_at"],
        verdict=verdict(now, before, data["findings"], data["waiting"]), figures=lines, routes=_routes(data, than),
        money=_money(data, now, before, than), tables=_tables(data),
    )  # fmt: skip


def whole_days(data: Row) -> tuple[int, int, int]:
    """The numbers of ended RFQs in this window and in the window before, and the number of compared days.

    Leaves out the last day of each window, since today is not over.
    """
    last, last_before = (row["last_day"] for row in data["windows"])
    now = sum(day["ended"] for day in data["daily"] if day["day"] != last)
    before = sum(day["ended"] for day in data["daily_before"] if day["day"] != last_before)
    return now, before, (last - data["windows"][0]["first_day"]).days


def usd(value: Any) -> str:
    """An amount as text: with cents from one dollar on, else with three significant digits."""
    amount = float(value)
    if abs(amount) >= 1 or amount == 0:
        return f"${amount:,.2f}"
    return f"${amount:.{_DIGITS}f}".rstrip("0") if abs(amount) < 0.01 else f"${amount:.3f}"  # noqa: PLR2004 - a cent


def short_name(name: str) -> str:
    """A name that fits a column. An ellipsis marks a shortened name."""
    return name if len(name) <= NAME_MOST else name[: NAME_MOST - 1] + "…"


def _span(window: Row) -> str:
    return f"{window['first_day']} to {window['last_day']} (UTC)"


def _shown(figure: Figure, window: Row) -> str:
    value = window[figure.key]
    if value is None:
        return "-"
    if figure.key == "cost_per_rfq_usd":
        return usd(value)
    text = figure.show(value)
    return f"{text} ({value / window['rfqs']:.1%})" if figure.key == "skipped" and window["rfqs"] else text


def _routes(data: Row, than: str) -> Table:
    edits: dict[str, tuple[int, int]] = {}
    for row in data["edits"]:
        answers, edited = edits.get(row["route"] or "", (0, 0))
        edits[row["route"] or ""] = answers + row["answers"], edited + row["edited_answers"]
    counted, counted_before = (sum(row["rfqs"] for row in data[name]) for name in ("routes", "routes_before"))
    before = {row["route"]: row["rfqs"] for row in data["routes_before"]}
    rows: list[tuple[Any, ...]] = [
        (row["route"], row["rfqs"], before.get(row["route"], 0), row["by_hand"], *edits.get(row["route"], (0, 0)))
        for row in data["routes"]
    ]
    if len(rows) > ROUTES_MOST:
        rest = rows[ROUTES_MOST - 1 :]
        sums = [sum(row[at] for row in rest) for at in range(1, 6)]
        rows = [*rows[: ROUTES_MOST - 1], (f"{len(rest)} other routes", *sums)]
    most = data["routes_most"]
    of = f"the newest {most:,} RFQs" if max(counted, counted_before) >= most else "the RFQs"
    return Table(
        "Routes",
        f"The current routes of {of} of each window that ended with an answer. Edited: how many answers people "
        "changed, of the handled answers for which the model gave this route.",
        ("route", "RFQs", "share", than, "set by hand", "edited"),
        [
            [name, f"{rfqs:,}", f"{rfqs / counted:.1%}", f"{was / counted_before:.1%}" if counted_before else "-",
             f"{hand:,}", f"{edited:,} of {answers:,}" if answers else "-"]
            for name, rfqs, was, hand, answers, edited in rows
        ],
    )  # fmt: skip


def _money(data: Row, now: Window, before: Window, than: str) -> list[str]:
    windows, median = data["windows"], data["median_call"]
    cost, cost_before = ("not known" if one.cost_usd is None else usd(one.cost_usd) for one in (now, before))
    lines = [f"Cost: {cost}, and {cost_before} in {than}; today is not over."]
    if unknown := windows[0]["calls_of_unknown_cost"]:
        lines.append(f"{unknown:,} of {windows[0]['calls']:,} calls have no known cost, so the true cost is higher.")
    avoided = now.without_call
    saved = saved_usd(avoided, None if median["usd"] is None else float(median["usd"]))
    if avoided == 0:
        lines.append("Saved: nothing, since each RFQ needed a call.")
    elif saved is None:
        lines.append(f"Saved: not known. {avoided:,} RFQs ended without a call, and no call has a known cost.")
    else:
        few = ", too few to rely on" if median["calls"] < FEW_CALLS else ""
        newest = "newest " if median["calls"] >= data["calls_most"] else ""
        lines.append(
            f"Saved: about {usd(saved)}, for {avoided:,} RFQs that ended without a call. A call costs "
            f"{usd(median['usd'])}, the median of the {newest}{median['calls']:,} calls of known cost{few}."
        )
    budgets = data["budgets"]
    lines += [
        f"Budget {short_name(one['scope'])} ({one['period']}): {usd(one['spent_usd'])} of {usd(one['cap_usd'])} spent."
        for one in budgets[:BUDGETS_MOST]
    ]
    if len(budgets) > BUDGETS_MOST:
        lines.append(f"{len(budgets) - BUDGETS_MOST} more budgets are in the tables.")
    return lines


_COLUMNS = {
    "daily": ("day", "submitted", "ended", "enriched", "skipped", "failed", "deferred", "calls",
              "calls_of_unknown_cost", "input_tokens", "cached_input_share", "output_tokens", "reasoning_share",
              "cost_usd", "cost_per_rfq_usd"),
    "budgets": ("scope", "period", "cap_usd", "spent_usd", "assumed_usd", "held_usd", "window_end"),
    "causes": ("error_class", "provider", "model", "runs", "rfqs_failed"),
    "ends": ("end_status", "reason", "rfqs", "without_call"),
    "agreement": ("model", "prompt_version", "ai_route", "route", "agreed", "overrides"),
    "edits": ("prompt_version", "model", "route", "answers", "answer_edit_rate", "lines", "line_edit_rate",
              "added_lines"),
    "cascade": ("model", "asked", "stood", "unsure", "failed", "cost_usd", "saved_usd"),
}  # fmt: skip
_HEADS = {
    "calls_of_unknown_cost": "of unknown cost", "cached_input_share": "cached", "reasoning_share": "reasoning",
    "cost_usd": "cost", "cost_per_rfq_usd": "cost per RFQ", "cap_usd": "cap", "spent_usd": "spent",
    "assumed_usd": "of it assumed", "held_usd": "held", "window_end": "ends", "error_class": "cause",
    "rfqs_failed": "RFQs failed by it", "end_status": "end", "rfqs": "RFQs", "ai_route": "the model's route",
    "route": "route", "answer_edit_rate": "changed", "line_edit_rate": "lines changed", "lines": "line items",
    "saved_usd": "saved", "prompt_version": "prompt",
}  # fmt: skip
_TITLES = (
    ("daily", "Days", ""),
    ("budgets", "Budgets now", "Assumed: the part of the spent amount that is booked at an assumed price."),
    ("causes", "Failures", "Runs that ended in an error. A run counts even if a later run answered its RFQ."),
    ("ends", "Ends", ""),
    ("agreement", "Overrides against the model", "Active overrides, of all time."),
    ("edits", "Answers that people handled", "The share that people changed, by prompt, model and the model's route."),
    (
        "cascade",
        "Cascade: the model that answers first",
        "The saved amount assumes the mean cost of the other calls of the day.",
    ),
)
TEXTS = ("route", "the model's route", "day", "scope", "period", "ends", "cause", "provider", "model", "end", "reason",
         "agreed", "prompt")  # fmt: skip
_ALWAYS = ("daily", "causes", "ends")


def _tables(data: Row) -> list[Table]:
    return [
        Table(title, note, tuple(_HEADS.get(key, key.replace("_", " ")) for key in _COLUMNS[name]),
              [[_cell(key, row[key]) for key in _COLUMNS[name]] for row in data[name]])
        for name, title, note in _TITLES if data[name] or name in _ALWAYS
    ]  # fmt: skip


def _cell(key: str, value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key.endswith("_usd"):
        return usd(value)
    if key.endswith(("_rate", "_share")):
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def day_range(data: Row) -> list[date]:
    first, last = data["windows"][0]["first_day"], data["windows"][0]["last_day"]
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
