"""The report as one HTML file, two pages when printed, and as Markdown."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from rfqflow.reporting.scorecard import STYLE, span
from rfqflow.reporting.svg_charts import ChartStyle, Series, bars, lines, short, whole_steps
from rfqflow.reporting.weekly_report import TEXTS, day_range, report_of, short_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfqflow.reporting.weekly_report import FigureLine, Report, Table

_ROWS_MOST = 6
_CODES = ("day", "period", "end", "provider")  # columns of short texts, which the page keeps on one line
_WORDS = {
    "act": "Act now", "bad": "Not well", "watch": "Look at this", "good": "Well", "few": "Too few to judge",
    "nothing": "Nothing to judge",
}  # fmt: skip
# The printed page is black on white, also in dark mode. It omits the parts for the screen, to stay at two pages.
_PAGE_STYLE = (
    STYLE
    + """
.verdict{border-left:.5rem solid var(--quiet);padding:.2rem 1rem;margin:1rem 0}.verdict p{margin:.2rem 0;color:inherit}
.verdict.act,.verdict.bad{border-color:var(--c2)}.verdict.watch{border-color:var(--c1)}
.verdict.good{border-color:var(--c4)}.verdict strong{font-size:1.25rem}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:0 2rem}
.columns>*{min-width:0}td,th{overflow-wrap:anywhere}td.num,th.num,td.code{white-space:nowrap;overflow-wrap:normal}th{overflow-wrap:normal}li{overflow-wrap:anywhere}
.num+:not(.num){padding-left:1.2rem}td.num,th.num{text-align:right;font-variant-numeric:tabular-nums}
ul{padding-left:1.2rem;margin:.4rem 0}details{margin-top:1rem}summary{cursor:pointer}
.worse{color:var(--c2);font-weight:600}.better{color:var(--c4)}
@page{margin:12mm}
@media print{:root{color-scheme:light;--ink:#1b1f24;--paper:#fff;--quiet:#444c55;--line:#c5ccd3;--c0:#2f6fb3;
--c1:#e0912f;--c2:#b3383f;--c3:#7b8794;--c4:#3f9160;--c5:#7d56b0}
body{max-width:none;margin:0;padding:0;font-size:8.5pt;line-height:1.3}h1{font-size:13pt;margin-top:0}
h2{font-size:10pt;margin:.7rem 0 .1rem;break-after:avoid}p{margin:.15rem 0}.verdict{margin:.4rem 0}
.verdict strong{font-size:11pt}th,td{padding:.12rem .4rem .12rem 0}.screen{display:none}
section,svg{break-inside:avoid}.columns{grid-template-columns:1fr 1fr;gap:0 1.5rem}
.second{break-before:page}svg{min-width:0;max-height:42mm}div.wide{overflow:visible}}"""
)


def as_html(data: Mapping[str, Any]) -> str:
    """The report as one HTML file that has no script, font or image, and loads nothing."""
    report, charts = report_of(data), _charts(data)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>rfqflow: {escape(report.span)}</title><style>{_PAGE_STYLE}</style>"
        f"<h1>rfqflow: {escape(report.span)}</h1><p>Compared with {escape(report.than)}, {escape(report.before)}. "
        f"Made {escape(report.made_at)}.</p>{_verdict(report)}{_figures(report)}{_money(report)}"
        f'<div class="columns">{"".join(charts[:2])}</div>'
        f'<div class="second columns">{charts[2]}{_printed(report, "Ends")}</div>{_section(_cut(report.routes))}'
        f"{_printed(report, 'Failures')}{_for_the_screen(report)}</html>\n"
    )


def as_markdown(data: Mapping[str, Any]) -> str:
    """The report as Markdown, for a ticket or a chat."""
    report = report_of(data)
    lines = [f"# rfqflow: {report.span}", "", f"**{report.verdict.sentence}**", ""]
    lines += [*(f"- {one}" for one in report.verdict.why), "", f"Compared with {report.than}, {report.before}.", ""]
    lines += [f"| figure | value | {report.than} | change | measured | not seen |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(map(_plain, _cells(one)))} |" for one in report.figures]
    lines += ["", "## Cost and saving", "", *(f"- {_plain(one)}" for one in report.money)]
    for table in (report.routes, *report.tables):
        lines += ["", f"## {table.title}", "", *((table.note, "") if table.note and table.rows else ())]
        lines += [f"| {' | '.join(table.columns)} |", "|" + "---|" * len(table.columns)] if table.rows else ["Nothing."]
        lines += [f"| {' | '.join(map(_plain, row))} |" for row in table.rows]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _cells(line: FigureLine) -> tuple[str, ...]:
    return line.figure.name, line.now, line.before, line.change.text, line.figure.measured, line.figure.unseen


def _verdict(report: Report) -> str:
    one = report.verdict
    why = f"<ul>{''.join(f'<li>{escape(reason)}</li>' for reason in one.why)}</ul>" if one.why else ""
    return (
        f'<section class="verdict {one.level}" aria-label="Verdict"><p>{_WORDS[one.level]}</p>'
        f"<p><strong>{escape(one.sentence)}</strong></p>{why}</section>"
    )


def _figures(report: Report) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(one.figure.name)}</th><td class="num">{escape(one.now)}</td>'
        f'<td class="num">{escape(one.before)}</td>'
        f'<td class="{one.change.word.replace(" ", "-")}">{escape(one.change.text)}</td></tr>'
        for one in report.figures
    )
    return (
        '<section><h2>Figures</h2><div class="wide"><table><tr><th scope="col">figure<th scope="col" class="num">value'
        f'<th scope="col" class="num">{escape(report.than)}<th scope="col">change</tr>{rows}</table></div>'
        "<p>The report shows a change only if chance is unlikely to explain the change. "
        "For “RFQs ended”, the report compares whole days only.</p>"
        "</section>"
    )


def _money(report: Report) -> str:
    items = "".join(f"<li>{escape(one)}</li>" for one in report.money)
    return f"<section><h2>Cost and saving</h2><ul>{items}</ul></section>"


def _section(table: Table) -> str:
    if not table.rows:
        return f"<section><h2>{escape(table.title)}</h2><p>Nothing.</p></section>"
    note = f"<p>{escape(table.note)}</p>" if table.note else ""
    kinds = [' class="code"' if name in _CODES else "" if name in TEXTS else ' class="num"' for name in table.columns]
    head = "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>' for kind, name in zip(kinds, table.columns, strict=True)
    )
    rows = "".join(
        f"<tr>{''.join(f'<td{kind}>{escape(cell)}</td>' for kind, cell in zip(kinds, row, strict=True))}</tr>"
        for row in table.rows
    )
    return (
        f"<section><h2>{escape(table.title)}</h2>{note}"
        f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div></section>'
    )


def _cut(table: Table, most: int | None = None) -> Table:
    """The printed table: shortens names to fit their column, and replaces the rows beyond `most` with their number."""
    rows = [[short_name(cell) for cell in row] for row in table.rows[:most]]
    if most is not None and len(table.rows) > most:
        rows.append([f"{len(table.rows) - most} more", *[""] * (len(table.columns) - 1)])
    return type(table)(table.title, table.note, table.columns, rows)


def _printed(report: Report, title: str) -> str:
    return _section(_cut(next(table for table in report.tables if table.title == title), _ROWS_MOST))


def _for_the_screen(report: Report) -> str:
    """The part that only the screen shows: how each figure is measured, and the complete tables."""
    measured = "".join(
        f'<tr><th scope="row">{escape(one.figure.name)}</th><td class="q">{escape(one.figure.measured)}</td>'
        f'<td class="q">{escape(one.figure.unseen)}</td></tr>'
        for one in report.figures
    )
    return (
        '<div class="screen"><details><summary>How each figure is measured, and what it cannot see</summary>'
        '<div class="wide"><table><tr><th scope="col">figure<th scope="col">measured<th scope="col">not seen</tr>'
        f"{measured}</table></div></details><details><summary>Tables in full</summary>"
        f"{''.join(map(_section, (report.routes, *report.tables)))}</details></div>"
    )


def _charts(data: Mapping[str, Any]) -> list[str]:
    days = day_range(data)
    labels = tuple(f"{day:%m-%d}" for day in days)
    daily = {day["day"]: day for day in data["daily"]}
    latency = {day["day"]: day for day in data["latency"] if day["measure"] == "end"}

    def over(found: Mapping[Any, Mapping[str, Any]], key: str) -> tuple[float | None, ...]:
        return tuple(None if (value := found.get(day, {}).get(key)) is None else float(value) for day in days)

    ends = [Series(name, over(daily, name)) for name in ("enriched", "skipped", "failed")]
    times = [Series(name, over(latency, f"{name}_ms")) for name in ("p50", "p95", "p99")]
    drawn = [
        ("RFQs by end", "By the day on which each RFQ first reached its final state.",
         bars("RFQs by end", labels, ends, _COUNTED)),
        ("Insert to end", "Percentiles of each day, within 2 %.",
         lines("Insert to end", labels, times, ChartStyle(span))),
        ("Cost", "Known costs of each day.",
         bars("Cost", labels, (Series("cost", over(daily, "cost_usd")),), _DOLLARS)),
    ]  # fmt: skip
    return [
        f'<section><h2>{escape(title)}</h2><p>{escape(note)}</p><div class="wide">{svg}</div></section>'
        for title, note, svg in drawn
    ]


_COUNTED = ChartStyle(ticks=whole_steps)
_DOLLARS = ChartStyle(lambda value: f"${short(value)}")
