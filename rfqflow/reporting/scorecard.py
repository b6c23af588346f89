"""The report: the scorecard and plots, from figures that are read by others; as HTML, Markdown or plain data.

Every figure says how it is measured and what it cannot see. Only numbers, dates and codes get in, never anything a
customer wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from rfqflow.reporting.svg_charts import ChartStyle, Series, bars, lines, short

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the scorecard."""

    key: str
    name: str
    show: Callable[[Any], str]
    measured: str
    unseen: str


def _number(value: Any) -> str:
    return f"{value:,}"


def _share(value: Any) -> str:
    return f"{value:.1%}"


def _seconds(value: Any) -> str:
    return f"{value:.1f} ms" if value < 1000 else f"{value / 1000:,.1f} s"  # noqa: PLR2004 - a second


def _usd(value: Any) -> str:
    return f"{value:.6f} USD"


def _dollars(value: float) -> str:
    return f"${short(value)}"


FIGURES = (
    Figure("rfqs", "RFQs ended", _number, "RFQs that came to their first end (done, skipped or failed) in the window.",
           "RFQs that still wait; what a rerun made of one later."),
    Figure("submit_p95_ms", "p95 submit latency", _seconds,
           "From the RFQ's created_at to the trigger's clock, 95th percentile, within 2 %.",
           "The commit, the network and the application. Where the application sets created_at itself it says nothing; "
           "what the trigger had to skip counts when it was queued."),
    Figure("enrichment_rate", "Enrichment rate", _share, "RFQs with an accepted answer, of those that ended.",
           "Whether the answer is right: see `rfqflow eval` and the overrides below."),
    Figure("failure_rate", "Failure rate", _share, "RFQs that became dead letters, of those that ended.",
           "What was brought back and succeeded later still counts as failed; what waits counts as nothing yet."),
    Figure("deferred", "Deferred now", _number, "RFQs that wait at this moment for something that is not their fault.",
           "How long they have waited; those in backoff and those of a backfill are not among them."),
    Figure("skipped", "Skipped", _number, "RFQs that a gate decided, of those that ended.",
           "Whether the gate was right."),
    Figure("cost_per_rfq_usd", "Cost per RFQ", _usd,
           "Known cost of all runs in the window, reruns included, by RFQs ended.",
           "Calls of unknown cost, whose number is in the table below; what a provider bills beyond its tokens."),
    Figure("answer_edit_rate", "Answers edited", _share,
           "Answers with a correction or another route that stand, of those that people dealt with at the desk.",
           "Mistakes that nobody noticed; answers that nobody has looked at."),
    Figure("line_edit_rate", "Line items edited", _share,
           "Line items that people corrected or removed, of those in the answers that they dealt with.",
           "Lines that the model missed: the table below has how many people added."),
    Figure("calls_avoided_rate", "Calls avoided", _share,
           "RFQs that ended without a call, by a gate or with an answer that was there already, of those that ended.",
           "Repeats that were never made; calls that a breaker or a budget puts off, which are made later."),
    Figure("p50_ms", "p50 insert to end", _seconds, "From created_at to the first end, median, within 2 %.",
           "RFQs that have not ended; RFQs older than the installation."),
    Figure("p95_ms", "p95 insert to end", _seconds, "The same, 95th percentile.", "The same."),
    Figure("p99_ms", "p99 insert to end", _seconds, "The same, 99th percentile.", "The same."),
)  # fmt: skip

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--quiet:#5c6670;--line:#d9dee3;
--c0:#2f6fb3;--c1:#e0912f;--c2:#b3383f;--c3:#7b8794;--c4:#3f9160;--c5:#7d56b0}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ec;--paper:#14181c;--quiet:#9aa5b0;--line:#313840;
--c0:#6aa7e8;--c1:#f0b060;--c2:#e8737a;--c3:#9aa5b0;--c4:#6cc391;--c5:#b392e6}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:0}h2{font-size:1.1rem;margin-top:2rem}p,small,td.q{color:var(--quiet)}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n{font-variant-numeric:tabular-nums;white-space:nowrap;font-weight:600}div.wide{overflow-x:auto}
svg{width:100%;height:auto;min-width:30rem}
svg text{font:11px system-ui,sans-serif;fill:var(--quiet)}svg .grid{stroke:var(--line)}""" + "".join(
    f".s{number}{{fill:var(--c{number})}}.line.s{number}{{fill:none;stroke:var(--c{number});stroke-width:2}}"
    for number in range(6)
)

_DAILY = ("day", "submitted", "ended", "enriched", "skipped", "failed", "deferred", "calls", "calls_of_unknown_cost",
          "input_tokens", "cached_input_share", "output_tokens", "reasoning_share", "cost_usd",
          "cost_per_rfq_usd")  # fmt: skip
_AGREEMENT = ("model", "prompt_version", "ai_route", "route", "agreed", "overrides")
_EDITS = ("prompt_version", "model", "route", "answers", "answer_edit_rate", "lines", "line_edit_rate", "added_lines")
_CASCADE = ("model", "asked", "stood", "unsure", "failed", "cost_usd", "saved_usd")
_BUDGETS = ("scope", "period", "cap_usd", "spent_usd", "assumed_usd", "held_usd", "window_end")
_MEASURES = {"submit": "insert to trigger", "claim": "insert to claim", "call": "call", "end": "insert to end"}


def as_markdown(data: dict[str, Any]) -> str:
    """For a ticket or a chat."""
    said = [f"# rfqflow: {_span(data)}", "", "| figure | value | measured | not seen |", "|---|---|---|---|"]
    said += [f"| {name} | {value} | {measured} | {unseen} |" for name, value, measured, unseen in _card(data)]
    for title, columns, rows in _tables(data):
        said += ["", f"## {title}", ""]
        said += [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)] if rows else ["Nothing."]
        said += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(said) + "\n"


def as_html(data: dict[str, Any]) -> str:
    """One file: no script, no font, no image and no request to anywhere."""
    card = "".join(
        f'<tr><td>{escape(name)}</td><td class="n">{escape(value)}</td><td class="q">{escape(measured)}</td>'
        f'<td class="q">{escape(unseen)}</td></tr>'
        for name, value, measured, unseen in _card(data)
    )
    plots = "".join(
        f'<h2>{escape(title)}</h2><p>{escape(note)}</p><div class="wide">{svg}</div>'
        for title, note, svg in _plots(data)
    )
    tables = "".join(
        f'<h2>{escape(title)}</h2><div class="wide"><table><tr>'
        + "".join(f"<th>{escape(column)}</th>" for column in columns)
        + "</tr>"
        + "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        + "</table></div>"
        if rows
        else f"<h2>{escape(title)}</h2><p>Nothing.</p>"
        for title, columns, rows in _tables(data)
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>rfqflow: {escape(_span(data))}</title><style>{STYLE}</style>"
        f"<h1>rfqflow</h1><p>{escape(_span(data))}, made {escape(data['made_at'])}</p>"
        '<h2>Scorecard</h2><div class="wide"><table><tr><th>figure<th>value<th>measured<th>not seen</tr>'
        f"{card}</table></div>{plots}{tables}</html>\n"
    )


def _span(data: dict[str, Any]) -> str:
    return f"{data['first_day']} to {data['last_day']} (UTC)"


def scorecard(card: dict[str, Any]) -> list[tuple[str, str]]:
    """`ai.scorecard` for people: name and value of each figure."""
    return [(figure.name, "-" if card[figure.key] is None else figure.show(card[figure.key])) for figure in FIGURES]


def _card(data: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    told = zip(scorecard(data["scorecard"]), FIGURES, strict=True)
    return [(name, value, figure.measured, figure.unseen) for (name, value), figure in told]


def _days(data: dict[str, Any]) -> list[str]:
    first, last = date.fromisoformat(data["first_day"]), date.fromisoformat(data["last_day"])
    return [str(first + timedelta(days=number)) for number in range((last - first).days + 1)]


def _plots(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    days = _days(data)
    labels = tuple(day[5:] for day in days)
    daily = {str(day["day"]): day for day in data["daily"]}

    def over(key: str) -> tuple[float | None, ...]:
        return tuple(None if (value := daily.get(day, {}).get(key)) is None else float(value) for day in days)

    drawn = [
        ("RFQs by end", "RFQs by the day of their first end.",
         bars("RFQs by end", labels, (Series("enriched", over("enriched")), Series("skipped", over("skipped")),
                                      Series("failed", over("failed"))))),
        ("Cost per day", "Known costs; calls of unknown cost are missing here and counted in the table.",
         bars("Cost per day", labels, (Series("cost", over("cost_usd")),), ChartStyle(_dollars))),
    ]  # fmt: skip
    for measure, told in _MEASURES.items():
        found = {str(day["day"]): day for day in data["latency"] if day["measure"] == measure}
        series = tuple(
            Series(name, tuple(found[day][f"{name}_ms"] if day in found else None for day in days))
            for name in ("p50", "p95", "p99")
        )
        note = "Percentiles of each day, within 2 %."
        drawn.append((f"Latency: {told}", note, lines(told, labels, series, ChartStyle(_seconds))))
    if data["causes"]:
        causes = _summed(data["causes"], "error_class", "runs")
        drawn.append(("Failures by cause", "Runs that ended in an error, whatever became of the RFQ later.",
                      bars("Failures by cause", tuple(causes), (Series("runs", tuple(causes.values())),))))  # fmt: skip
    avoided = _summed([end for end in data["ends"] if end["without_call"]], "reason", "without_call")
    if avoided:
        drawn.append(("Calls avoided", "RFQs that ended without asking a provider, by reason.",
                      bars("Calls avoided", tuple(avoided), (Series("RFQs", tuple(avoided.values())),))))  # fmt: skip
    return drawn


def _summed(rows: Sequence[dict[str, Any]], key: str, value: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in rows:
        found[row[key] or "-"] = found.get(row[key] or "-", 0) + float(row[value])
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _tables(data: dict[str, Any]) -> list[tuple[str, tuple[str, ...], list[list[str]]]]:
    return [
        (title, columns, [[_cell(row[key]) for key in columns] for row in data[name]])
        for title, name, columns in (
            ("Days", "daily", _DAILY),
            *((("Budgets now; assumed: of what is spent, what is booked at an assumed price", "budgets", _BUDGETS),)
              if data["budgets"] else ()),
            ("Failures", "causes", ("error_class", "provider", "model", "runs", "rfqs_failed")),
            ("Ends", "ends", ("end_status", "reason", "rfqs", "without_call")),
            ("Overrides against the model", "agreement", _AGREEMENT),
            ("Answers that people dealt with, and the share that they changed", "edits", _EDITS),
            *((("Cascade: who is asked first", "cascade", _CASCADE),) if data["cascade"] else ()),
        )
    ]  # fmt: skip


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if hasattr(value, "quantize") or isinstance(value, float):
        return f"{value:.6f}"
    return str(value)
