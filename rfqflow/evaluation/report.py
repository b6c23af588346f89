"""Reports of evaluation runs as text, plain values, JUnit and a self-contained HTML page.

A report holds figures, labels and names of cases, never a customer's text.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from rfqflow.reporting.scorecard import STYLE
from rfqflow.reporting.svg_charts import Series, bars, lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfqflow.core.evaluation.metrics import Report, Result
    from rfqflow.core.evaluation.statistics import Agreement, Proportion

Rows = list[list[str]]


def render(report: Report) -> str:
    """The report as plain text."""
    lines_ = [title_of(report), ""]
    lines_ += [f"{name:<24}{value:>10}  {note}".rstrip() for name, value, note in figures_of(report)]
    for head, rows in tables_of(report):
        lines_ += ["", *_aligned([head, *rows])]
    return "\n".join(lines_) + "\n"


def as_json(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "version": report.version, "provider": report.provider, "model": report.model, "source": report.source,
        "cases": report.cases, "left_out": report.left_out, "asked": report.asked,
        "route": _rate(report.route) | {
            "macro_f1": round(report.macro_f1, 4), "micro_f1": round(report.micro_f1, 4),
            "top_two": round(report.top_two.value, 4),
        },
        "baselines": {
            "majority": _rate(report.majority),
            "rules": _rate(report.rules) | {"macro_f1": round(report.rules_macro_f1 or 0, 4)} if report.rules else None,
        },
        "classes": {name: _score(score) for name, score in report.classes.items()},
        "confusion": {name: dict(row) for name, row in report.confusion.items()},
        "slices": {key: {name: _rate(rate) for name, rate in found.items()} for key, found in report.slices.items()},
        "by_language": {name: _rate(rate) for name, rate in report.by_language.items()},
        "intent": _rate(report.intent), "language": _rate(report.language), "urgency": _rate(report.urgency),
        "due_date": _rate(report.due_date) | {"invented": report.due_date_invented},
        "fields": {name: _rate(rate) for name, rate in report.fields.items()},
        "line_items": _score(report.line_items), "missing": _score(report.missing),
        "tags": _score(report.tags) | {"jaccard": round(report.tags_jaccard, 4)},
        "injection": _score(report.injection), "injection_success": _rate(report.steered),
        "invented_quantities": report.invented_quantities,
        "spam_gate": _score(report.spam_gate), "false_skips": _rate(report.false_skips),
        "calibration": [{"from": low, "to": min(high, 1.0)} | _rate(rate) for low, high, rate in report.calibration],
        "reliability": [
            {"from": bucket.low, "to": bucket.high, "confidence": round(bucket.confidence, 4)} | _rate(bucket.right)
            for bucket in report.reliability
        ],
        "ece": round(report.expected_error, 4), "brier": round(report.brier, 4),
        "risk_coverage": [
            {"threshold": round(point.threshold, 4), "coverage": round(point.coverage, 4), "risk": round(point.risk, 4)}
            for point in report.risk_coverage
        ],
        "review_for_95": None if report.review_for_95 is None else round(report.review_for_95, 4),
        "failures": dict(report.failures), "failure_rate": round(report.failed.value, 4),
        "invalid_output_rate": round(report.failures.get("invalid_output", 0) / max(report.asked, 1), 4),
        "stable": _rate(report.stable) if report.stable else None,
        "input_tokens": report.input_tokens, "output_tokens": report.output_tokens,
        "cached_input_tokens": report.cached_input_tokens, "reasoning_tokens": report.reasoning_tokens,
        "cost_usd": float(report.cost_usd), "cost_unknown": report.cost_unknown,
        "usd_per_rfq": None if report.usd_per_rfq is None else float(report.usd_per_rfq),
        "p50_ms": report.p50_ms, "p95_ms": report.p95_ms,
    }  # fmt: skip


def as_junit(report: Report, results: Sequence[Result]) -> str:
    """JUnit XML with a test case per case and repetition. A wrong route is a failure; a missing answer is an error."""
    cases = []
    wrong = broken = 0
    for judged in (result for result in results if result.routed):
        inside = ""
        if judged.answer is None:
            broken += 1
            inside = f"<error type={quoteattr(judged.error_class or 'none')}/>"
        elif not judged.right:
            wrong += 1
            inside = f"<failure message={quoteattr(f'expected {judged.pair[0]}, given {judged.pair[1]}')}/>"
        name = judged.case_id if judged.repeat == 1 else f"{judged.case_id} #{judged.repeat}"
        cases.append(
            f"<testcase classname={quoteattr(report.version)} name={quoteattr(name)} "
            f'time="{(judged.latency_ms or 0) / 1000:.3f}">{inside}</testcase>'
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name={quoteattr(f"rfqflow eval {report.version}")} '
        f'tests="{len(cases)}" failures="{wrong}" errors="{broken}">\n' + "\n".join(cases) + "\n</testsuite>\n"
    )


def as_html(report: Report) -> str:
    """One HTML file that has no scripts, fonts or images, and loads nothing."""
    figures = "".join(
        f'<tr><td>{escape(name)}</td><td class="n">{escape(value)}</td><td class="q">{escape(note)}</td></tr>'
        for name, value, note in figures_of(report)
    )
    plots = "".join(
        f'<h2>{escape(title)}</h2><p>{escape(note)}</p><div class="wide">{svg}</div>'
        for title, note, svg in plots_of(report)
    )
    tables = "".join(
        f'<h2>{escape(head[0])}</h2><div class="wide"><table><tr>'
        + "".join(f"<th>{escape(column)}</th>" for column in head) + "</tr>"
        + "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        + "</table></div>"
        for head, rows in tables_of(report)
    )  # fmt: skip
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>rfqflow eval: {escape(report.version)}</title><style>{STYLE}</style>"
        f"<h1>rfqflow eval</h1><p>{escape(title_of(report))}</p>"
        f'<h2>Figures</h2><div class="wide"><table>{figures}</table></div>{plots}{tables}</html>\n'
    )


def title_of(report: Report) -> str:
    """The title: what was evaluated."""
    model = f" with {report.model}" if report.model and report.model != "rules" else ""
    return f"{report.version}{model}: {report.cases} cases ({report.left_out} without an expected route)"


def figures_of(report: Report) -> Rows:
    """The figures of the report, each with its name, its value and a note."""
    low, high = report.route.interval
    found = [["route accuracy", _percent(report.route), f"(95 % interval {low:.1%} to {high:.1%})"]]
    found.append(["  majority", _percent(report.majority), "(baseline: always the most common route)"])
    if report.rules:
        note = f"(baseline without a model; macro-F1 {report.rules_macro_f1:.3f})"
        found.append(["  rules", _percent(report.rules), note])
    found += [
        ["route macro-F1", f"{report.macro_f1:.3f}", f"(micro {report.micro_f1:.3f})"],
        ["right among first two", _percent(report.top_two), ""],
    ]
    for name, rate in (("intent", report.intent), ("language", report.language), ("urgency", report.urgency)):
        if rate.total:
            found.append([name, _percent(rate), ""])
    stated = f"({report.due_date.hits} of {report.due_date.total}; {report.due_date_invented} invented)"
    found.append(["stated due dates", _percent(report.due_date), stated])
    found += [
        [f"field {name}", _percent(rate), f"({rate.hits} of {rate.total})"]
        for name, rate in report.fields.items() if name != "due_date"
    ]  # fmt: skip
    skipped = f"({report.false_skips.hits} of {report.false_skips.total} genuine)"
    found += [
        _agreement("line items", report.line_items), _agreement("missing", report.missing),
        _agreement("tags (lenient)", report.tags), ["tags, Jaccard", f"{report.tags_jaccard:.3f}", "(as written)"],
        _agreement("injection found", report.injection),
        ["injection success", _percent(report.steered), f"({report.steered.hits} of {report.steered.total} attempts)"],
        ["invented quantities", str(report.invented_quantities), ""],
        _agreement("spam gate", report.spam_gate),
        ["false skips", _percent(report.false_skips), skipped],
        ["calibration error (ECE)", f"{report.expected_error:.3f}", f"(Brier {report.brier:.3f})"],
    ]  # fmt: skip
    if report.review_for_95 is not None:
        found.append(
            [
                "review for 95 %",
                f"{report.review_for_95:.1%}",
                "(review this least confident share: 95 % of the rest are right)",
            ]
        )
    failures = ", ".join(f"{name} {count}" for name, count in report.failures.items())
    found.append(["no usable answer", _percent(report.failed), f"({failures})" if failures else ""])
    if report.stable:
        found.append(["same in all repeats", _percent(report.stable), ""])
    if report.provider not in ("", "rules"):
        unknown = f"({report.cost_unknown} of unknown cost)" if report.cost_unknown else ""
        found.append(["tokens in, out", f"{report.input_tokens:,}", f"{report.output_tokens:,}"])
        cached = report.cached_input_tokens / max(report.input_tokens, 1)
        reasoning = report.reasoning_tokens / max(report.output_tokens, 1)
        found.append(["cached in, reasoning out", f"{cached:.1%}", f"{reasoning:.1%}"])
        per_rfq = "unknown" if report.usd_per_rfq is None else f"{report.usd_per_rfq:.6f}"
        found.append(["USD per RFQ", per_rfq, unknown])
    if report.p50_ms is not None and report.p95_ms is not None:
        found.append(["latency p50", f"{report.p50_ms:,.0f} ms", f"(p95 {report.p95_ms:,.0f} ms)"])
    return found


def tables_of(report: Report) -> list[tuple[list[str], Rows]]:
    """The tables of the report, each as its header and its rows."""
    tables = [
        (
            ["route", "precision", "recall", "F1", "cases"],
            [
                [name or "(no answer)", f"{one.precision:.2f}", f"{one.recall:.2f}", f"{one.f1:.2f}", str(one.expected)]
                for name, one in report.classes.items()
            ],
        )
    ]
    for key, rates in report.slices.items():
        if key != "route":  # the table of routes already shows its recall
            tables.append(([key, "accuracy", "low", "high", "cases"], [_sliced(*rate) for rate in rates.items()]))
    tables.append(
        (["confidence", "accuracy", "low", "high", "cases"],
         [_sliced(f"{low:.2f} - {min(high, 1):.2f}", rate) for low, high, rate in report.calibration])
    )  # fmt: skip
    names = list(report.confusion)
    tables.append((
        ["expected \\ given", *(name[:9] or "(none)" for name in names)],
        [[name, *(str(row[given] or ".") for given in names)] for name, row in report.confusion.items() if name],
    ))  # fmt: skip
    return tables


def plots_of(report: Report) -> list[tuple[str, str, str]]:
    """Title, note and drawing of each plot."""
    bins = report.reliability
    labels = tuple(f"{bucket.low:.1f}" for bucket in bins)
    curve = report.risk_coverage
    names = tuple(name for name in report.classes if name)
    coverage, risk = tuple(f"{point.coverage:.2f}" for point in curve), tuple(point.risk for point in curve)
    languages = tuple(rate.value for rate in report.by_language.values())
    return [
        ("Reliability", "Share of right answers, by confidence. On the diagonal, confidence equals accuracy.",
         lines("Reliability", labels, (Series("right", tuple(bucket.right.value for bucket in bins)),
                                       Series("said", tuple(bucket.confidence for bucket in bins))))),
        ("Risk and coverage", "Share of wrong answers among the accepted answers, by the share that is accepted.",
         lines("Risk", coverage, (Series("wrong", risk),))),
        ("F1 by route", "The table below has the number of cases of each route.",
         bars("F1", names, (Series("F1", tuple(report.classes[name].f1 for name in names)),))),
        ("Accuracy by language", "The table below has the intervals. Few cases give a wide interval.",
         bars("Accuracy", tuple(report.by_language), (Series("right", languages),))),
    ]  # fmt: skip


def _sliced(name: str, rate: Proportion) -> list[str]:
    low, high = rate.interval
    return [name, f"{rate.value:.1%}", f"{low:.0%}", f"{high:.0%}", str(rate.total)]


def _aligned(rows: Rows) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        row[0].ljust(widths[0] + 2)
        + "".join(cell.rjust(width + 2) for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]


def _percent(rate: Proportion) -> str:
    return f"{rate.value:.1%}" if rate.total else "-"


def _agreement(name: str, score: Agreement) -> list[str]:
    details = f"(precision {score.precision:.2f}, recall {score.recall:.2f}, {score.expected} expected)"
    return [name, f"{score.f1:.3f}", details]


def _rate(rate: Proportion) -> dict[str, Any]:
    low, high = rate.interval
    return {
        "accuracy": round(rate.value, 4), "low": round(low, 4), "high": round(high, 4), "hits": rate.hits,
        "total": rate.total,
    }  # fmt: skip


def _score(score: Agreement) -> dict[str, Any]:
    return {
        "precision": round(score.precision, 4), "recall": round(score.recall, 4), "f1": round(score.f1, 4),
        "hits": score.hits, "expected": score.expected, "given": score.given,
    }  # fmt: skip
