"""The rules on the development corpus: a result below a floor is a regression.

The lists were developed on the first half only. The second half represents texts that no developer has seen. Where the
halves differ, each has its own floor.
"""

import json
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from rfqflow.core.evaluation.metrics import Report
from rfqflow.core.records import Rfq
from rfqflow.core.rules import answer
from tests.support.default_routes import default_routes
from tests.support.rules_evaluation import evaluate_rules

CORPUS = Path(__file__).parents[1] / "corpus" / "rfqs_dev.jsonl"
HALF = 80


@cache
def cases() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines() if line.strip())


@cache
def report(part: str) -> Report:
    parts = {"all": cases(), "developed on": cases()[:HALF], "held out": cases()[HALF:]}
    return evaluate_rules(parts[part], default_routes())


@pytest.mark.parametrize("part", ["all", "held out"])
def test_routes_are_right_often_enough(part: str) -> None:
    assert report(part).route.value >= 0.80
    assert report(part).macro_f1 >= 0.75


@pytest.mark.parametrize("part", ["all", "held out"])
def test_line_items_are_found(part: str) -> None:
    assert report(part).line_items.f1 >= 0.70


@pytest.mark.parametrize("part", ["all", "held out"])
def test_exactly_the_stated_due_dates_are_found(part: str) -> None:
    assert report(part).due_date.value >= 0.90
    assert report(part).due_date_invented <= 2


def test_no_quantity_is_invented() -> None:
    assert 0 == report("all").invented_quantities


def test_every_attempt_to_steer_is_suspected_and_hardly_anything_else() -> None:
    assert 1.0 == report("all").injection.recall
    assert report("all").injection.precision >= 0.8


def test_language_and_urgency_are_recognised() -> None:
    assert report("all").language.value >= 0.95
    assert report("all").urgency.value >= 0.80


def test_confidence_ranks_the_answers() -> None:
    bands = report("all").calibration
    low = [rate for start, _, rate in bands if start < 0.65]
    high = [rate for start, _, rate in bands if start >= 0.8]
    right_low = sum(rate.hits for rate in low) / sum(rate.total for rate in low)
    right_high = sum(rate.hits for rate in high) / sum(rate.total for rate in high)
    assert right_high > right_low


def test_routes_of_short_requests_are_right_often_enough() -> None:
    lines = (CORPUS.parent / "routes.jsonl").read_text(encoding="utf-8").splitlines()
    short = [json.loads(line) for line in lines]
    right: dict[str, list[bool]] = {}
    for case in short:
        given = answer(Rfq(UUID(int=0), case["id"], case["message"]), default_routes()).route
        right.setdefault(case["route"], []).append(given == case["route"])

    assert sum(map(sum, right.values())) / len(short) >= 0.90
    assert all(sum(each) / len(each) >= 0.75 for each in right.values())


@cache
def requests() -> tuple[dict[str, Any], ...]:
    lines = (CORPUS.parent / "rules.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(case for case in map(json.loads, lines) if case["labels"]["route"])


@pytest.mark.parametrize("half", ["looked at", "held out"])
def test_routes_and_quantities_of_requests_in_many_words_are_right_often_enough(half: str) -> None:
    right, cases_of_half = 0, [case for case in requests() if case["half"] == half]
    read: Counter[str] = Counter()
    for case in cases_of_half:
        given = answer(Rfq(UUID(int=0), case["id"], case["message"]), default_routes())
        right += given.route == case["labels"]["route"]
        wanted = Counter(Decimal(str(item["quantity"])) for item in case["labels"]["line_items"])
        found = Counter(item.quantity for item in given.line_items if item.quantity is not None)
        read.update(both=(wanted & found).total(), wanted=wanted.total(), found=found.total())

    assert right >= 0.85 * len(cases_of_half)
    assert 2 * read["both"] / (read["wanted"] + read["found"]) >= 0.80
