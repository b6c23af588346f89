"""The scorecard's figures, each with its format, its method and what it cannot see; and the style of reports."""

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
    """A duration in words: milliseconds if it is short, else seconds."""
    return f"{value:.1f} ms" if value < 1000 else f"{value / 1000:,.1f} s"  # noqa: PLR2004 - a second


def _usd(value: Any) -> str:
    return f"{value:.6f} USD"


FIGURES = (
    Figure("rfqs", "RFQs ended", _number, "RFQs that became done, skipped or failed for the first time in the window.",
           "RFQs that still wait; the results of reruns."),
    Figure("submit_p95_ms", "p95 submit latency", span,
           "From the RFQ's created_at to the trigger's clock, 95th percentile, within 2 %.",
           "The commit, the network and the application. If the application sets created_at itself, the figure "
           "is meaningless; RFQs that the trigger skipped count when they are queued."),
    Figure("enrichment_rate", "Enrichment rate", _share, "Share of ended RFQs that have an accepted answer.",
           "Whether the answer is right: see `rfqflow eval` and the figure “Answers edited”."),
    Figure("failure_rate", "Failure rate", _share, "Share of ended RFQs that became dead letters.",
           "The results of reruns: an RFQ that failed and was then enriched counts as failed. RFQs that still wait."),
    Figure("deferred", "Deferred now", _number,
           "RFQs that wait at this moment for a cause outside the RFQ, such as a budget or an open breaker.",
           "How long these RFQs have waited; RFQs in backoff; RFQs of a backfill."),
    Figure("skipped", "Skipped", _number, "Share of ended RFQs that a gate decided.",
           "Whether the gate was right."),
    Figure("cost_per_rfq_usd", "Cost per RFQ", _usd,
           "Known cost of all runs in the window, including reruns, divided by the number of ended RFQs.",
           "Calls of unknown cost, which the report counts; charges of a provider for more than tokens."),
    Figure("answer_edit_rate", "Answers edited", _share,
           "Share of the answers that people handled at the desk that have an active correction or override.",
           "Mistakes that people missed; answers that nobody has opened."),
    Figure("line_edit_rate", "Line items edited", _share,
           "Share of the line items in handled answers that people corrected or removed.",
           "Line items that the model missed; the report counts them as `added lines`."),
    Figure("calls_avoided_rate", "Calls avoided", _share,
           "Share of ended RFQs that needed no call: a gate decided, or rfqflow reused a stored answer.",
           "Retries that were not needed; calls that a breaker or a budget only delays."),
    Figure("p50_ms", "p50 insert to end", span, "Median time from created_at to the first final state, within 2 %.",
           "RFQs that have not ended; RFQs older than the installation."),
    Figure("p95_ms", "p95 insert to end", span, "The 95th percentile of the same time.", "The same RFQs."),
    Figure("p99_ms", "p99 insert to end", span, "The 99th percentile of the same time.", "The same RFQs."),
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
    """The figures of `ai.scorecard` for people: each figure's label and its value as text."""
    return [(figure.name, "-" if card[figure.key] is None else figure.show(card[figure.key])) for figure in FIGURES]
