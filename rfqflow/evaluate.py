"""Evaluation: the rules against labelled cases, as numbers, as text and as JSON."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from rfqflow.core import scoring, stats
from rfqflow.core.answer import Answer
from rfqflow.core.model import Rfq, Route
from rfqflow.core.rules import RULES_VERSION, answer
from rfqflow.core.stats import Agreement, Rate

_NOBODY = UUID(int=0)
_BANDS = (0.0, 0.35, 0.5, 0.65, 0.8, 0.9, 1.01)


@dataclass(frozen=True, slots=True)
class Judged:
    """One case, its labels and the answer to it."""

    case_id: str
    message: str
    labels: Mapping[str, Any]
    answer: Answer


@dataclass(frozen=True, slots=True)
class Report:
    version: str
    cases: int
    left_out: int  # not to be routed: spam, gibberish, too short
    route: Rate
    macro_f1: float
    classes: Mapping[str, Agreement]
    confusion: Mapping[str, Mapping[str, int]]
    by_language: Mapping[str, Rate]
    language: Rate
    urgency: Rate
    due_date: Rate  # of the dates that are stated
    due_date_invented: int  # dates given where none is stated in full
    line_items: Agreement
    missing: Agreement
    tags: Agreement
    injection: Agreement
    invented_quantities: int
    calibration: Sequence[tuple[float, float, Rate]]  # confidence from, to, and how often the route was right


def evaluate_rules(cases: Iterable[Mapping[str, Any]], routes: Sequence[Route]) -> Report:
    """The rules' answers to labelled cases, scored."""
    return evaluate(cases, lambda rfq: answer(rfq, routes), RULES_VERSION)


def evaluate(cases: Iterable[Mapping[str, Any]], answered: Callable[[Rfq], Answer], version: str) -> Report:
    """Any answerer's answers, scored."""
    everything = [_judged(case, answered) for case in cases]
    judged = [each for each in everything if each.labels.get("route")]
    pairs = [(each.labels["route"], each.answer.route) for each in judged]
    stated = [each for each in judged if each.labels.get("due_date")]
    return Report(
        version=version,
        cases=len(judged),
        left_out=len(everything) - len(judged),
        route=stats.accuracy(pairs),
        macro_f1=stats.macro_f1(pairs),
        classes=stats.per_class(pairs),
        confusion=stats.confusion(pairs),
        by_language=_by_language(judged),
        language=stats.accuracy(
            [(each.labels["language"], each.answer.language or "") for each in judged if each.labels.get("language")]
        ),
        urgency=stats.accuracy([(each.labels.get("urgency", "normal"), each.answer.urgency) for each in judged]),
        due_date=stats.accuracy([(each.labels["due_date"], str(each.answer.due_date)) for each in stated]),
        due_date_invented=sum(each.answer.due_date is not None for each in judged if not each.labels.get("due_date")),
        line_items=_sum(scoring.line_items(each.labels.get("line_items", ()), each.answer) for each in judged),
        missing=_sum(scoring.missing(each.labels.get("missing", ()), each.answer) for each in judged),
        tags=_sum(scoring.tags(each.labels.get("tags", ()), each.answer) for each in judged),
        injection=_sum(
            _flag(bool(each.labels.get("injection")), each.answer.injection_suspected) for each in everything
        ),
        invented_quantities=sum(len(scoring.invented(each.message, each.answer)) for each in everything),
        calibration=_calibration(judged),
    )


def render(report: Report) -> str:
    """The report as plain text."""
    low, high = report.route.interval
    lines = [
        f"{report.version}: {report.cases} cases ({report.left_out} not to be routed)",
        "",
        f"route accuracy       {report.route.value:7.1%}  (95 % interval {low:.1%} to {high:.1%})",
        f"route macro-F1       {report.macro_f1:7.3f}",
        f"language             {report.language.value:7.1%}",
        f"urgency              {report.urgency.value:7.1%}",
        f"stated due dates     {report.due_date.value:7.1%}  ({report.due_date.hits} of "
        f"{report.due_date.total}; {report.due_date_invented} given where none is stated)",
        _agreement("line items", report.line_items),
        _agreement("missing", report.missing),
        _agreement("tags (lenient)", report.tags),
        _agreement("injection", report.injection),
        f"invented quantities  {report.invented_quantities:7d}",
        "",
        f"{'route':<14}{'precision':>10}{'recall':>8}{'F1':>7}{'cases':>7}",
    ]
    lines += [
        f"{name:<14}{score.precision:>10.2f}{score.recall:>8.2f}{score.f1:>7.2f}{score.expected:>7}"
        for name, score in report.classes.items()
    ]
    lines += ["", f"{'language':<14}{'accuracy':>10}{'cases':>7}"]
    lines += [f"{name:<14}{rate.value:>10.1%}{rate.total:>7}" for name, rate in report.by_language.items()]
    lines += ["", f"{'confidence':<14}{'accuracy':>10}{'cases':>7}"]
    lines += [
        f"{low:.2f} - {min(high, 1):.2f}   {rate.value:>10.1%}{rate.total:>7}" for low, high, rate in report.calibration
    ]
    return "\n".join([*lines, "", *_matrix(report.confusion)]) + "\n"


def as_json(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "version": report.version,
        "cases": report.cases,
        "left_out": report.left_out,
        "route": _rate(report.route) | {"macro_f1": round(report.macro_f1, 4)},
        "classes": {name: _score(score) for name, score in report.classes.items()},
        "confusion": {name: dict(row) for name, row in report.confusion.items()},
        "by_language": {name: _rate(rate) for name, rate in report.by_language.items()},
        "language": _rate(report.language),
        "urgency": _rate(report.urgency),
        "due_date": _rate(report.due_date) | {"invented": report.due_date_invented},
        "line_items": _score(report.line_items),
        "missing": _score(report.missing),
        "tags": _score(report.tags),
        "injection": _score(report.injection),
        "invented_quantities": report.invented_quantities,
        "calibration": [{"from": low, "to": min(high, 1.0)} | _rate(rate) for low, high, rate in report.calibration],
    }


def _judged(case: Mapping[str, Any], answered: Callable[[Rfq], Answer]) -> Judged:
    rfq = Rfq(
        rfq_id=_NOBODY,
        request_id=str(case.get("id", "")),
        message=case["message"],
        name=case.get("name"),
        email=case.get("email"),
        company=case.get("company"),
        phone=case.get("phone"),
        source_ip=case.get("source_ip"),
    )
    return Judged(str(case.get("id", "")), case["message"], case["labels"], answered(rfq))


def _by_language(judged: Sequence[Judged]) -> dict[str, Rate]:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for each in judged:
        groups[each.labels.get("language") or "?"].append((each.labels["route"], each.answer.route))
    return {
        name: stats.accuracy(pairs) for name, pairs in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    }


def _calibration(judged: Sequence[Judged]) -> list[tuple[float, float, Rate]]:
    bands = []
    for low, high in pairwise(_BANDS):
        inside = [each for each in judged if low <= each.answer.confidence < high]
        if inside:
            bands.append((low, high, stats.accuracy([(each.labels["route"], each.answer.route) for each in inside])))
    return bands


def _flag(expected: bool, given: bool) -> Agreement:
    return Agreement(int(expected and given), int(expected), int(given))


def _sum(scores: Iterable[Agreement]) -> Agreement:
    return sum(scores, start=stats.NOTHING)


def _agreement(name: str, score: Agreement) -> str:
    return (
        f"{name:<20} {score.f1:7.3f}  (precision {score.precision:.2f}, recall "
        f"{score.recall:.2f}, {score.expected} expected)"
    )


def _matrix(confusion: Mapping[str, Mapping[str, int]]) -> list[str]:
    names = list(confusion)
    head = "expected \\ given" + "".join(f"{name[:9]:>11}" for name in names)
    return [
        head,
        *(f"{name:<16}" + "".join(f"{confusion[name][given] or '.':>11}" for given in names) for name in names),
    ]


def _rate(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {
        "accuracy": round(rate.value, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "hits": rate.hits,
        "total": rate.total,
    }


def _score(score: Agreement) -> dict[str, Any]:
    return {
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
        "f1": round(score.f1, 4),
        "hits": score.hits,
        "expected": score.expected,
        "given": score.given,
    }
