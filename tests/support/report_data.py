"""Made-up data for `rfqflow report`: two windows of seven days, with any number of routes and any length of names."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

LAST = dt.date(2026, 3, 15)


def window(ago: int, **given: Any) -> dict[str, Any]:
    """A row of ai.scorecard_by_window: 1,000 RFQs, of which 10 failed."""
    last = LAST - dt.timedelta(days=7 * ago)
    row: dict[str, Any] = {
        "windows_ago": ago, "first_day": last - dt.timedelta(days=6), "last_day": last, "rfqs": 1000, "enriched": 900,
        "failed": 10, "skipped": 90, "without_call": 90, "calls": 950, "calls_of_unknown_cost": 0,
        "cost_usd": Decimal("2.5"), "ends": 1000, "submits": 1000, "p50_ms": 2100.0, "p95_ms": 6000.0,
        "p99_ms": 9000.0, "submit_p95_ms": 4.2, "answers": 200, "edited_answers": 20, "lines": 400, "edited_lines": 30,
        "deferred": 3 if ago == 0 else None, **given,
    }  # fmt: skip
    ended = row["rfqs"] or None
    return {
        **row, "enrichment_rate": ended and row["enriched"] / ended, "failure_rate": ended and row["failed"] / ended,
        "calls_avoided_rate": ended and row["without_call"] / ended,
        "cost_per_rfq_usd": (ended and row["cost_usd"] is not None and row["cost_usd"] / ended) or None,
        "answer_edit_rate": (row["answers"] and row["edited_answers"] / row["answers"]) or None,
        "line_edit_rate": (row["lines"] and row["edited_lines"] / row["lines"]) or None,
    }  # fmt: skip


def report_data(*, names: int = 3, long: str = "", now: Any = None, before: Any = None, **given: Any) -> dict[str, Any]:
    """`names` are those of routes, models and causes; `long` is added to each."""
    windows = [window(0, **(now or {})), window(1, **(before or {}))]
    first = windows[0]["first_day"]
    days = [first + dt.timedelta(days=number) for number in range(-7, 7)]
    daily = [
        {"day": day, "submitted": 150, "ended": 143, "enriched": 129, "skipped": 13, "failed": 1, "deferred": 5,
         "calls": 136, "calls_of_unknown_cost": 0, "input_tokens": 1000, "cached_input_share": 0.5,
         "output_tokens": 300, "reasoning_share": None, "cost_usd": Decimal("0.36"),
         "cost_per_rfq_usd": Decimal("0.0025")}
        for day in days
    ]  # fmt: skip
    return {
        "made_at": "2026-03-15T09:30:00+00:00", "first_day": first, "last_day": LAST, "windows": windows,
        "scorecard": windows[0], "findings": [], "waiting": 4,
        "daily": daily[7:], "daily_before": daily[:7],
        "latency": [{"day": day, "measure": "end", "p50_ms": 2000.0, "p95_ms": 6000.0, "p99_ms": 9000.0} for day in days[7:]],
        "causes": [{"error_class": f"timeout{n}{long}", "provider": "openai", "model": f"m{n}{long}", "runs": 90 - n, "rfqs_failed": 1}
                   for n in range(names)],
        "ends": [{"end_status": "done", "reason": None, "rfqs": 900, "without_call": 0},
                 *({"end_status": "skipped", "reason": f"gate{n}{long}", "rfqs": 30, "without_call": 30} for n in range(names))],
        "routes": [{"route": f"route{n}{long}", "rfqs": 300 - n, "by_hand": n} for n in range(names)],
        "routes_before": [{"route": f"route{n}{long}", "rfqs": 200 - n, "by_hand": 0} for n in range(names)],
        "routes_most": 5000, "median_call": {"usd": Decimal("0.0026"), "calls": 950}, "calls_most": 10000,
        "budgets": [{"scope": f"model:m{n}{long}", "period": "day", "cap_usd": Decimal(5), "spent_usd": Decimal("1.2"),
                     "assumed_usd": Decimal(0), "held_usd": Decimal(0), "window_end": None} for n in range(names)],
        "agreement": [], "cascade": [],
        "edits": [{"prompt_version": "rfq@1", "model": f"m1{long}", "route": f"route{n}{long}", "answers": 40, "edited_answers": 4,
                   "answer_edit_rate": 0.1, "lines": 80, "edited_lines": 8, "line_edit_rate": 0.1, "added_lines": 0} for n in range(names)],
        **given,
    }  # fmt: skip
