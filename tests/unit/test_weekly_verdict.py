"""The report's verdict and changes: a sentence for a manager. Small numbers support no claim."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfqflow.core.weekly_verdict import (
    FEW,
    PLAIN,
    Window,
    change_of_amount,
    change_of_count,
    change_of_share,
    changes,
    saved_usd,
    verdict,
)
from rfqflow.reporting.scorecard import FIGURES
from tests.support.health_states import STATES
from tests.support.report_data import window

NOW = Window.of(window(0))
BEFORE = Window.of(window(1))


def judged(now=NOW, before=BEFORE, findings=(), waiting=0):
    return verdict(now, before, findings, waiting)


def test_the_verdict_is_good_if_nothing_is_worse():
    one = judged()
    assert one.level == "good"
    assert one.sentence == (
        "It works well: of 1,000 RFQs in these 7 days, 900 got an answer (half within 2.1 s), 90 needed none and 10 failed."
    )
    assert one.why == ("Nothing is clearly worse than the week before.",)


@pytest.mark.parametrize(
    ("now", "level", "sentence"),
    [
        ({"failed": 90, "enriched": 820}, "bad", "It does not work well: 9.0% of RFQs failed (90 of 1,000)."),
        ({"failed": 30, "enriched": 880}, "watch", "more RFQs failed than the week before (3.0% after 1.0%)."),
        ({"edited_answers": 60}, "watch", "people changed more answers than the week before (30% after 10%)."),
        ({"p95_ms": 90_000.0}, "watch", "answers took longer than the week before (95% within 90 s after 6.0 s)."),
        ({"cost_usd": 4.0}, "watch", "an RFQ cost 60% more than the week before."),
    ],
)
def test_a_clear_deterioration_is_named_with_its_numbers(now, level, sentence):
    one = judged(replace(NOW, **now))
    assert one.level == level
    assert sentence in one.sentence


def test_a_share_that_is_too_high_needs_no_week_before():
    empty = Window(days=7)
    failing = judged(replace(NOW, failed=30, enriched=880), empty)
    assert (failing.level, failing.sentence) == (
        "watch",
        "It works, but look at this: 3.0% of RFQs failed (30 of 1,000).",
    )
    edited = judged(replace(NOW, edited_answers=90), empty)
    assert "people changed 45% of the answers that they dealt with" in edited.sentence
    assert judged(before=empty).why == ("No RFQ ended in the week before, so there is nothing to compare with.",)
    assert judged(before=replace(BEFORE, rfqs=9)).why == ("Too few RFQs ended in the week before (9) to compare with.",)


def test_a_standstill_comes_before_every_figure():
    one = judged(
        findings=[("critical", "no_live_worker"), ("critical", "trigger_missing"), ("warning", "unknown_price")]
    )
    assert (one.level, one.sentence) == ("act", "Act now: no worker is running.")
    assert one.why[0] == "New RFQs do not reach the queue."
    assert one.why[-1].startswith("Of 1,000 RFQs in these 7 days, 900 got an answer")
    assert judged(Window(days=7), findings=[("critical", "paused")]).why == ()


def test_a_warning_is_reported_and_mere_information_is_not():
    one = judged(findings=[("warning", "unknown_price"), ("warning", "unknown_price"), ("info", "older_rfqs")])
    assert (one.level, one.sentence) == ("watch", "It works, but look at this: the price of a model is not known.")
    assert len(one.why) == 1
    assert judged(findings=[("info", "older_rfqs")]).level == "good"


def test_too_few_rfqs_get_no_verdict():
    few = Window(days=7, rfqs=7, enriched=1, failed=6, ends=7, p50_ms=10.0)
    one = judged(few, findings=[("warning", "dead_letters")])
    assert (one.level, one.why) == ("few", ("Failed RFQs wait for a person.",))
    assert (
        one.sentence == "Too few RFQs to judge: 7 ended in these 7 days, 1 got an answer, 0 needed none and 6 failed."
    )
    assert (
        judged(Window(days=1), waiting=1).sentence
        == "There is nothing to judge: no RFQ ended in this day; 1 RFQ waits."
    )
    assert judged(Window(days=7)).level == "nothing"


@given(
    st.integers(0, FEW - 1).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
)
def test_few_observations_show_no_change(one, other):
    assert change_of_share(*one, *other, -1).word == "too few"
    assert change_of_share(*other, *one, -1).word in ("too few", "none before")
    assert change_of_amount(2.0, 1.0, (one[1], other[1]), -1).word == "too few"


@given(st.integers(FEW, 2000), st.integers(FEW, 2000), st.data())
def test_a_change_and_its_reverse_are_opposite(total, total_before, data):
    now, before = data.draw(st.integers(0, total)), data.draw(st.integers(0, total_before))
    opposite = {"better": "worse", "worse": "better", "same": "same"}
    there, back = (
        change_of_share(now, total, before, total_before, -1),
        change_of_share(before, total_before, now, total, -1),
    )
    assert there.word == opposite[back.word]
    if now == before and total == total_before:
        assert there.word == "same"


def test_changes_state_the_amount_and_whether_it_is_good():
    assert change_of_share(90, 1000, 10, 1000, -1).text == "+8.0 points, worse"
    assert change_of_share(11, 1000, 10, 1000, -1).text == "no clear change"
    assert change_of_share(900, 1000, 500, 1000, 0).text == "+40.0 points"
    assert change_of_amount(1.0, 2.0, (40, 40), -1).text == "-50%, better"
    assert change_of_amount(1.02, 1.0, (40, 40), -1).text == "no clear change"
    assert change_of_amount(1.0, 2.0, (99, 400), -1, few=100).text == "too few to say"
    assert change_of_amount(1.0, None, (40, 40), -1).text == "none before"
    assert change_of_amount(1.0, 0.0, (40, 40), -1).text == "worse"
    assert change_of_count(200, 100, 6).text == "+100%"
    assert change_of_count(105, 100, 6).text == "no clear change"
    assert change_of_count(9, 3, 6).text == "too few to say"
    assert change_of_count(9, 3, 0).text == "the day is not over"
    assert (saved_usd(90, 0.002), saved_usd(90, None)) == (pytest.approx(0.18), None)


def test_each_figure_has_a_change_and_each_code_of_ai_health_plain_words():
    assert set(changes(NOW, BEFORE, (100, 100, 6))) == {figure.key for figure in FIGURES}
    assert set(PLAIN) == {name.partition("/")[0] for name in STATES}
