"""The scorecard's figures: the format, method and blind spots of each; and the style of reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


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


def span(value: Any) -> str:
    """A duration of milliseconds, in these or in seconds."""
    return f"{value:.1f} ms" if value < 1000 else f"{value / 1000:,.1f} s"  # noqa: PLR2004 - a second


def _usd(value: Any) -> str:
    return f"{value:.6f} USD"


FIGURES = (
    Figure("rfqs", "RFQs ended", _number, "RFQs that became done, skipped or failed for the first time in the window.",
           "RFQs that still wait; the later result of a rerun."),
    Figure("submit_p95_ms", "p95 submit latency", span,
           "From the RFQ's created_at to the trigger's clock, 95th percentile, within 2 %.",
           "The commit, the network and the application. If the application sets created_at itself, the figure "
           "is meaningless; RFQs that the trigger skipped count when they are queued."),
    Figure("enrichment_rate", "Enrichment rate", _share, "RFQs with an accepted answer, of those that ended.",
           "Whether the answer is right: see `rfqflow eval` and the answers edited."),
    Figure("failure_rate", "Failure rate", _share, "RFQs that became dead letters, of those that ended.",
           "A failed RFQ that a rerun enriched still counts as failed; waiting RFQs do not count yet."),
    Figure("deferred", "Deferred now", _number, "RFQs that wait at this moment for something that is not their fault.",
           "How long they have waited; those in backoff and those of a backfill are not among them."),
    Figure("skipped", "Skipped", _number, "RFQs that a gate decided, of those that ended.",
           "Whether the gate was right."),
    Figure("cost_per_rfq_usd", "Cost per RFQ", _usd,
           "Known cost of all runs in the window, reruns included, by RFQs ended.",
           "Calls of unknown cost, which the report counts; charges of a provider beyond its tokens."),
    Figure("answer_edit_rate", "Answers edited", _share,
           "Answers with a correction or another route that stand, of those that people dealt with at the desk.",
           "Mistakes that people missed; answers that nobody has opened."),
    Figure("line_edit_rate", "Line items edited", _share,
           "Line items that people corrected or removed, of those in the answers that they dealt with.",
           "Lines that the model missed; `added lines` of the report counts those."),
    Figure("calls_avoided_rate", "Calls avoided", _share,
           "RFQs that ended without a call, by a gate or with an answer that was there already, of those that ended.",
           "Repeats that were never made; calls that a breaker or a budget puts off, which are made later."),
    Figure("p50_ms", "p50 insert to end", span, "From created_at to the first end, median, within 2 %.",
           "RFQs that have not ended; RFQs older than the installation."),
    Figure("p95_ms", "p95 insert to end", span, "The same, 95th percentile.", "The same."),
    Figure("p99_ms", "p99 insert to end", span, "The same, 99th percentile.", "The same."),
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


def scorecard(card: dict[str, Any]) -> list[tuple[str, str]]:
    """`ai.scorecard` for people: name and value of each figure."""
    return [(figure.name, "-" if card[figure.key] is None else figure.show(card[figure.key])) for figure in FIGURES]
