"""Scores are arithmetic: each case can be worked out by hand."""

from decimal import Decimal

import pytest

from rfqflow.core.answer import Answer, LineItem
from rfqflow.core.evaluation import scoring, statistics
from rfqflow.evaluation.report import as_json, render
from tests.support.default_routes import default_routes
from tests.support.rules_evaluation import evaluate_rules

PAIRS = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "b"), ("c", "a")]


def given(*items: tuple[str | None, str | None], missing: tuple[str, ...] = (), tags: tuple[str, ...] = ()) -> Answer:
    return Answer.model_validate(
        {
            "summary": "s",
            "route": "a",
            "confidence": 0.5,
            "missing": missing,
            "tags": tags,
            "line_items": [
                LineItem(description="thing", quantity=None if quantity is None else Decimal(quantity), unit=unit)
                for quantity, unit in items
            ],
        }
    )


def wanted(*items: tuple[float | None, str | None]) -> list[dict[str, object]]:
    return [{"description": "x", "quantity": quantity, "unit": unit} for quantity, unit in items]


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (8, 10, 0.4902, 0.9433), (50, 100, 0.4038, 0.5962)],
)
def test_wilson_is_the_published_interval(hits: int, total: int, low: float, high: float) -> None:
    assert (low, high) == pytest.approx(statistics.wilson(hits, total), abs=1e-4)


def test_accuracy_is_the_share_that_agrees() -> None:
    rate = statistics.accuracy(PAIRS)
    assert (3, 5, 0.6) == (rate.hits, rate.total, rate.value)


def test_confusion_has_a_row_and_a_column_for_each_label() -> None:
    assert {
        "a": {"a": 1, "b": 1, "c": 0},
        "b": {"a": 0, "b": 2, "c": 0},
        "c": {"a": 1, "b": 0, "c": 0},
    } == statistics.confusion(PAIRS)


def test_each_class_has_precision_recall_and_support() -> None:
    scores = statistics.per_class(PAIRS)
    assert (0.5, 0.5, 2) == (scores["a"].precision, scores["a"].recall, scores["a"].expected)
    assert (2 / 3, 1.0, 0.8) == pytest.approx((scores["b"].precision, scores["b"].recall, scores["b"].f1))
    assert (0.0, 0.0, 0.0) == (scores["c"].precision, scores["c"].recall, scores["c"].f1)


def test_macro_f1_counts_each_expected_label_the_same() -> None:
    assert (0.5 + 0.8 + 0.0) / 3 == pytest.approx(statistics.macro_f1(PAIRS))
    assert 1.0 == statistics.macro_f1([("a", "a")])
    assert 0.0 == statistics.macro_f1([])


@pytest.mark.parametrize(
    ("expected", "answer", "hits"),
    [
        (wanted((12, "pcs")), given(("12", "Stück")), 1),
        (wanted((12, None)), given(("12.0", "adet")), 1),
        (wanted((16, "cranes")), given(("16", None)), 1),
        (wanted((16, "kg")), given(("16", "t")), 0),
        (wanted((16, "kg")), given(("16", None)), 0),
        (wanted((2.5, "tonnes")), given(("2.50", "t")), 1),
        (wanted((5, "m²")), given(("5", "sqm")), 1),
        (wanted((5, "m²")), given(("5", "m")), 0),
        (wanted((None, None)), given((None, None)), 1),
        (wanted((4, None), (4, None)), given(("4", "pcs")), 1),
        (wanted((4, None)), given(("4", None), ("4", None)), 1),
        (wanted(), given(), 0),
    ],
)
def test_items_agree_by_quantity_and_unit_in_any_spelling(
    expected: list[dict[str, object]], answer: Answer, hits: int
) -> None:
    score = scoring.line_items(expected, answer)
    assert (hits, len(expected), len(answer.line_items)) == (score.hits, score.expected, score.given)


def test_missing_information_is_compared_as_a_set() -> None:
    score = scoring.missing(["quantity", "material"], given(missing=("material", "contact")))
    assert (1, 2, 2) == (score.hits, score.expected, score.given)


def test_tags_agree_when_they_share_the_beginning_of_a_word() -> None:
    score = scoring.tags(["wire-harness", "rohs"], given(tags=("harnesses", "pcb")))
    assert (1, 2, 2) == (score.hits, score.expected, score.given)


@pytest.mark.parametrize(
    ("message", "quantity", "invented"),
    [
        ("we need 1.000 pcs", "1000", False),
        ("we need 1.000 pcs", "1", False),
        ("we need 10k pcs", "10000", False),
        ("two dozen hooks", "24", False),
        ("ein Dutzend Haken", "12", False),
        ("两百件", "200", False),
        ("we need 40 pcs", "40", False),
        ("we need 100 pcs", "10", True),
        ("we need hooks", "1", True),
        ("12 kg", "1", True),
    ],
)
def test_a_quantity_is_invented_if_no_reading_of_the_text_has_it(message: str, quantity: str, invented: bool) -> None:
    assert invented == bool(scoring.invented(message, given((quantity, None))))


CASE = {
    "id": "c1",
    "name": "P. Erson",
    "message": "Please quote 4 centrifugal pumps and 8 gate valves, deliver to Cork by 3 May 2027.",
    "labels": {
        "route": "process",
        "tags": ["pumps"],
        "urgency": "normal",
        "language": "en",
        "due_date": "2027-05-03",
        "line_items": wanted((4, None), (8, None)),
        "missing": [],
        "injection": False,
    },
}
SPAM = {"id": "c2", "message": "buy followers", "labels": {"route": None, "injection": False}}


def test_a_report_scores_all_fields_and_leaves_out_requests_without_a_route() -> None:
    report = evaluate_rules([CASE, SPAM], default_routes())
    assert (1, 1) == (report.cases, report.left_out)
    assert 1.0 == report.route.value == report.due_date.value == report.line_items.f1 == report.urgency.value
    assert 0 == report.invented_quantities


def test_a_report_is_text_and_plain_values() -> None:
    report = evaluate_rules([CASE, SPAM], default_routes())
    text = render(report)
    assert "route accuracy" in text
    assert "expected \\ given" in text
    value = as_json(report)
    assert {"process": {"process": 1}} == value["confusion"]
    assert 1.0 == value["line_items"]["f1"]


def test_an_empty_report_works() -> None:
    assert "0 cases" in render(evaluate_rules([], default_routes()))
