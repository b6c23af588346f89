"""Measures the rules on labelled cases."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rfqflow.core.evaluation.metrics import Report, Result, facts, measure
from rfqflow.core.evaluation.scoring import invented
from rfqflow.core.records import Route
from rfqflow.core.rules import answer
from rfqflow.core.rules_version import RULES_VERSION
from rfqflow.evaluation.runner import read_cases


def evaluate_rules(cases: Iterable[Mapping[str, Any]], routes: Sequence[Route]) -> Report:
    """Scores the rules' answers to labelled cases."""
    labelled, _ = read_cases(enumerate(cases, 1))
    results = []
    for case in labelled:
        given = answer(case.rfq, routes)
        results.append(Result(case.case_id, facts(case, given), given, invented=len(invented(case.message, given))))
    return measure(results, RULES_VERSION, provider="rules", model="rules")
