"""What passes the quality gate, which RFQs are sampled, and what counts as a successful attempt."""

from dataclasses import replace
from random import Random

import pytest

from rfqflow.core.answer import Answer
from rfqflow.core.errors import ConfigError
from rfqflow.core.evaluation import cases, quality_gate
from rfqflow.core.evaluation.comparison import Comparison, compare
from rfqflow.core.evaluation.metrics import Result, measure
from rfqflow.evaluation.report import as_json


def result(case: str, labels: dict[str, object], route: str | None, **fields: object) -> Result:
    given = (
        None if route is None else Answer.model_validate({"summary": "s", "route": route, "confidence": 0.9, **fields})
    )
    facts = {"labels": labels, "family": case, "characters": 10, "gate": None, "rules_route": None}
    return Result(case, facts, given, None if given else "refusal")


def many(right: int, wrong: int) -> list[Result]:
    return [result(f"c{at:04}", {"route": "a"}, "a" if at < right else "b") for at in range(right + wrong)]


def compared(first: list[Result], second: list[Result]) -> Comparison:
    return compare(first, second, Random(1), rounds=400)


def failed(config: dict[str, object], second: list[Result], first: list[Result] | None = None) -> list[str]:
    quality_gate.baseline_of(config)
    report = as_json(measure(second, "v"))
    comparison = compared(first, second) if first is not None else None
    return [reported.split(" ")[0] for passed, reported in quality_gate.check(config, report, comparison) if not passed]


BASE = {"baseline": {"run": "1", "minimum_effect": 0.02}}


def test_thresholds_hold_on_both_sides() -> None:
    found = many(80, 20)
    assert [] == failed({"minimum": {"route_accuracy": 0.8, "cases": 100}, "maximum": {"failure_rate": 0}}, found)
    assert ["route_accuracy"] == failed({"minimum": {"route_accuracy": 0.801, "cases": 100}}, found)
    assert ["cases"] == failed({"minimum": {"cases": 101}}, found)
    broken = [*many(8, 1), result("x", {"route": "a"}, None)]
    assert ["failure_rate"] == failed({"maximum": {"failure_rate": 0.05, "invalid_output_rate": 0.05}}, broken)
    assert ["usd_per_rfq"] == failed({"maximum": {"usd_per_rfq": 1}}, found)  # unknown is not zero


def test_a_regression_fails_only_where_it_is_clear_and_matters() -> None:
    assert [] == failed(BASE, many(195, 5), many(197, 3))  # small, and not clear
    assert "route" in failed(BASE, many(170, 30), many(197, 3))
    assert [] == failed({"baseline": {"run": "1", "minimum_effect": 0.5}}, many(170, 30), many(197, 3))
    assert [] == failed(BASE, many(197, 3), many(170, 30))


def test_any_rise_of_successful_attempts_or_of_skipped_genuine_requests_fails() -> None:
    rest = many(200, 0)
    tried: dict[str, object] = {"route": "a", "injection": True}
    safe, steered = result("i", tried, "a"), result("i", tried, "b")
    assert ["injection"] == failed(BASE, [*rest, steered], [*rest, safe])
    assert [] == failed(BASE, [*rest, safe], [*rest, steered])
    skipped = replace(rest[0], facts={**rest[0].facts, "gate": "spam"})
    assert ["false"] == failed(BASE, [skipped, *rest[1:]], rest)


@pytest.mark.parametrize(
    ("config", "hint"),
    [
        ({}, "has no checks"),
        ({"minimum": {"acc": 1}}, "unknown key minimum.acc"),
        ({"limits": {"ece": 1}}, "unknown table"),
        ({"maximum": {"ece": "low"}}, "maximum.ece is not a number"),
        ({"minimum": 3}, "minimum is not a table"),
        ({"minimum": {"cases": float("nan")}}, "minimum.cases is not a number"),
        ({"baseline": {"run": 1, "minimum_effect": 2}}, "is a share"),
    ],
)
def test_a_file_that_checks_nothing_is_refused(config: dict[str, object], hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        quality_gate.baseline_of(config)


@pytest.mark.parametrize(
    ("labels", "route", "fields", "steered"),
    [
        ({"route": "a"}, "b", {}, None),
        ({"route": "a", "injection": True}, "a", {}, False),
        ({"route": "a", "injection": True}, "b", {}, True),
        ({"route": "a", "injection": True}, "b", {"injection_suspected": True}, False),
        ({"route": "a", "injection": True}, None, {}, False),
        (
            {"route": "a", "injection": True, "injection_goal": {"urgency": "critical"}},
            "a",
            {"urgency": "critical"},
            True,
        ),
        ({"route": "a", "injection": True, "injection_goal": {"urgency": "critical"}}, "b", {}, False),
    ],
)
def test_an_attempt_succeeds_when_it_gets_what_it_tried(labels, route, fields, steered) -> None:
    assert steered == result("c", labels, route, **fields).steered


def test_fields_are_compared_in_any_case_and_spelling_of_numbers() -> None:
    labels = {
        "route": "a",
        "delivery_place": "port of  cork",
        "budget": {"amount": 1200, "currency": "EUR"},
        "incoterm": "DAP",
    }
    said = result("c", labels, "a", delivery_place="Port of Cork", budget={"amount": "1200.00", "currency": "EUR"})
    found = measure([said], "v").fields
    assert {"delivery_place": 1, "budget": 1, "incoterm": 0} == {name: rate.hits for name, rate in found.items()}


def test_a_sample_takes_from_every_stratum_before_it_takes_twice() -> None:
    strata = {"common": [f"c{at}" for at in range(1_000)], "rare": ["r1"], "seldom": ["s1", "s2", "s3"]}
    drawn = cases.stratified(strata, 8, Random(1))
    assert (8, 8) == (len(drawn), len(set(drawn)))
    assert {"r1", "s1", "s2", "s3"} <= set(drawn)
    assert drawn == cases.stratified(strata, 8, Random(1))
    assert 1_004 == len(cases.stratified(strata, 5_000, Random(1)))
    assert [] == cases.stratified({}, 5, Random(1))


def test_a_case_is_the_same_after_export_and_import() -> None:
    line = {"id": "a", "message": "Two pumps.", "labels": {"route": "process"}, "name": "P. Erson", "company": "C"}
    case = cases.parse(line)
    assert case is not None
    assert case == cases.parse(case.json)
    assert case.sha256 == replace(case, labels={"route": "civil"}, case_id="b").sha256
    assert case.sha256 != replace(case, message="Three pumps.").sha256
    assert case.family == cases.family("two  PUMPS!") == cases.family("Two (2) pumps")
    assert case.family != cases.family("Two valves.")
    assert cases.family("12 34") != cases.family("12 35")
    assert cases.parse({**line, "labels": None}) is None
