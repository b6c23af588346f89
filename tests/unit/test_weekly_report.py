"""Money, routes and small numbers in the report, in HTML and in Markdown."""

import re
from decimal import Decimal

from rfqflow.reporting.report_page import as_html, as_markdown
from rfqflow.reporting.weekly_report import ROUTES_MOST, report_of, short_name, usd
from tests.support.report_data import report_data


def test_the_verdict_comes_first_and_each_figure_has_that_of_the_week_before():
    text = as_markdown(report_data(now={"failed": 90, "enriched": 820}))
    assert text.splitlines()[2] == "**It does not work well: 9.0% of RFQs failed (90 of 1,000).**"
    assert "| Failure rate | 9.0% | 1.0% | +8.0 points, worse |" in text
    assert "| RFQs ended | 1,000 | 1,000 | no clear change |" in text
    assert "| Skipped | 90 (9.0%) | 90 (9.0%) | no clear change |" in text
    assert "| Deferred now | 3 | - | of this moment only |" in text
    page = as_html(report_data(now={"failed": 90, "enriched": 820}))
    assert page.index("It does not work well") < page.index("Failure rate")
    assert not re.search(r"https?://|<script|<img|<link|@import|url\(", page)


def test_the_savings_are_shown_with_their_calculation():
    money = report_of(report_data(names=5)).money
    assert money[0] == "Cost: $2.50, and $2.50 in the week before; today is not over."
    assert money[1] == (
        "Saved: about $0.234, for 90 RFQs that ended without a call. A call costs $0.0026, the median of the 950 calls of "
        "known cost."
    )
    assert money[-2:] == ["Budget model:m2 (day): $1.20 of $5.00 spent.", "2 more budgets are in the tables."]


def test_savings_that_cannot_be_calculated_are_left_out():
    def reported(**given):
        return " ".join(report_of(report_data(names=0, **given)).money)

    assert "3 calls of known cost, too few to rely on" in reported(median_call={"usd": Decimal("0.1"), "calls": 3})
    assert "Saved: not known." in reported(median_call={"usd": None, "calls": 0})
    assert "Saved: nothing" in reported(now={"without_call": 0})
    assert "the newest 10,000 calls" in reported(median_call={"usd": Decimal("0.1"), "calls": 10_000})
    unknown = reported(now={"cost_usd": None, "calls": 9, "calls_of_unknown_cost": 9})
    assert "Cost: not known, and $2.50" in unknown
    assert "9 of 9 calls have no known cost" in unknown


def test_routes_have_their_share_of_both_weeks_and_small_ones_are_summed():
    routes = report_of(report_data()).routes
    assert routes.rows[1] == ["route1", "299", "33.3%", "33.3%", "1", "4 of 40"]
    assert "The current routes of the RFQs" in routes.note
    many = report_of(report_data(names=14, routes_most=2000)).routes
    assert len(many.rows) == ROUTES_MOST
    assert many.rows[-1][0] == "5 other routes"
    assert "the newest 2,000 RFQs" in many.note
    assert report_of(report_data(routes_before=[])).routes.rows[0][3] == "-"


def test_an_unfinished_day_is_not_compared():
    data = report_data()
    data["daily"][-1]["ended"] = 9000
    data["daily_before"][-1]["ended"] = 4000
    assert report_of(data).figures[0].change.text == "no clear change"


def test_names_do_not_end_a_cell_or_a_row():
    text = as_markdown(report_data(long="|x\ny"))
    assert "| route0\\|x y |" in text
    assert "<b>" not in as_html(report_data(long="<b>"))
    assert short_name("n" * 41) == "n" * 39 + "…"
    assert (usd(1234.5), usd(0), usd(0.0026), usd(0.234), usd(0.000001)) == (
        "$1,234.50",
        "$0.00",
        "$0.0026",
        "$0.234",
        "$0.000001",
    )


def test_an_empty_report_works():
    empty = {"rfqs": 0, "enriched": 0, "failed": 0, "skipped": 0, "without_call": 0, "calls": 0, "cost_usd": Decimal(0),
             "ends": 0, "submits": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None, "submit_p95_ms": None,
             "answers": 0, "edited_answers": 0, "lines": 0, "edited_lines": 0}  # fmt: skip
    data = report_data(names=0, now=empty, before=empty, daily=[], daily_before=[], latency=[], ends=[], waiting=0)
    assert "There is nothing to judge: no RFQ ended in these 7 days." in as_markdown(data)
    assert "<svg" in as_html(data)
