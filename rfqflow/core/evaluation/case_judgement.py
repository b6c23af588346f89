"""Single cases: the expected and the given values, and the cases in which two evaluations differ. Pure.

Whether a field is right is decided by the same rules as in `metrics`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rfqflow.core.answer import Answer
from rfqflow.core.evaluation import scoring
from rfqflow.core.evaluation.metrics import LABELLED_VALUES, Result, plain_value
from rfqflow.core.evaluation.statistics import Agreement

Kind = Literal["lost", "gained", "changed", "same"]
_HALF = 0.5
_KINDS: tuple[Kind, ...] = ("lost", "gained", "changed", "same")
_SINGLE = ("intent", "language", "urgency", *LABELLED_VALUES)
_LISTS: Mapping[str, Callable[[Any, Answer], Agreement]] = {
    "line_items": scoring.line_items, "missing": scoring.missing, "tags": scoring.tags,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """One field of a case: the expected value, the value of each repetition, and the agreement, from 0 to 1."""

    name: str
    expected: Any
    given: tuple[Any, ...]
    score: float

    @property
    def right(self) -> bool:
        return self.score == 1


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """A case of an evaluation. `errors`: repetitions without an answer."""

    case_id: str
    results: Sequence[Result]
    fields: Sequence[Judged]

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(result.error_class for result in self.results if result.error_class))

    @property
    def right(self) -> bool:
        """Whether every repetition has an answer, and every labelled field is right."""
        return not self.errors and all(field.right for field in self.fields)

    @property
    def route_is_wrong(self) -> bool:
        return any(field.name == "route" and not field.right for field in self.fields)


@dataclass(frozen=True, slots=True)
class ChangedField:
    """A field in two evaluations.

    `before` and `after`: its results; None if the evaluation has no label for the field.
    """

    name: str
    before: Judged | None
    after: Judged | None

    @property
    def expected(self) -> Any:
        return (self.after or self.before).expected  # type: ignore[union-attr] # one of them is there

    @property
    def differs(self) -> bool:
        if self.before is None or self.after is None:
            return True
        return self.before.score != self.after.score or (
            not self.after.right and _plain(self.before.given) != _plain(self.after.given)
        )


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case in two evaluations. `relabelled`: whether its labels were changed between them."""

    kind: Kind
    before: JudgedCase
    after: JudgedCase
    fields: Sequence[ChangedField]

    @property
    def case_id(self) -> str:
        return self.after.case_id

    @property
    def is_about_route(self) -> bool:
        return any(field.name == "route" and field.differs for field in self.fields)

    @property
    def relabelled(self) -> bool:
        return self.before.results[0].labels != self.after.results[0].labels


def judged_cases(results: Sequence[Result]) -> list[JudgedCase]:
    """The cases: first those with a wrong route, then those with other faults, then those that are right."""
    found = [JudgedCase(case_id, repeats, judge(repeats)) for case_id, repeats in _by_case(results).items()]
    return sorted(found, key=lambda one: (not one.route_is_wrong, one.right, one.case_id))


def judge(repeats: Sequence[Result]) -> list[Judged]:
    """Judges the labelled fields of one case."""
    first = repeats[0]
    found = []
    if first.routed:
        found.append(
            Judged("route", first.labels["route"], _given(repeats, "route"), _mean([one.right for one in repeats]))
        )
    if first.routed or "route" not in first.labels:
        found += [_single(repeats, name) for name in _SINGLE if _is_judged(first.labels, name)]
        found += [_listed(repeats, name) for name in _LISTS if name in first.labels]
    if "injection" in first.labels:
        given = tuple(bool(one.answer and one.answer.injection_suspected) for one in repeats)
        wanted = bool(first.labels["injection"])
        if wanted or any(given):
            found.append(Judged("injection", wanted, given, _mean([wanted == one for one in given])))
    return found


def changes(first: Sequence[Result], second: Sequence[Result]) -> list[CaseChange]:
    """The cases of both evaluations: lost, gained, otherwise changed, and the same.

    In each group, cases with a changed route come first.
    """
    before, after = _by_case(first), _by_case(second)
    found = [_change(case_id, before[case_id], after[case_id]) for case_id in before.keys() & after.keys()]
    return sorted(found, key=lambda one: (_KINDS.index(one.kind), not one.is_about_route, one.case_id))


def _change(case_id: str, before: Sequence[Result], after: Sequence[Result]) -> CaseChange:
    one, other = JudgedCase(case_id, before, judge(before)), JudgedCase(case_id, after, judge(after))
    earlier, later = {field.name: field for field in one.fields}, {field.name: field for field in other.fields}
    fields = [ChangedField(name, earlier.get(name), later.get(name)) for name in {**earlier, **later}]
    return CaseChange(_kind(one, other, fields), one, other, fields)


def _kind(before: JudgedCase, after: JudgedCase, fields: Sequence[ChangedField]) -> Kind:
    """The kind of change: by the route if its result changed, or else by other fields and by errors."""
    scores = [(field.name, field.before.score, field.after.score) for field in fields if field.before and field.after]
    for name, was, now in scores:
        if name == "route" and (was > _HALF) != (now > _HALF):
            return "lost" if was > now else "gained"
    worse = any(was > now for _, was, now in scores) or bool(after.errors and not before.errors)
    better = any(was < now for _, was, now in scores) or bool(before.errors and not after.errors)
    if worse != better:
        return "lost" if worse else "gained"
    return "changed" if worse or any(field.differs for field in fields) else "same"


def _is_judged(labels: Mapping[str, Any], name: str) -> bool:
    """Whether the due date is judged. If the label says that no date is stated, any date in an answer is invented."""
    return name in labels and (labels[name] is not None or name in ("urgency", "due_date"))


def _single(repeats: Sequence[Result], name: str) -> Judged:
    wanted, given = repeats[0].labels[name], _given(repeats, name)
    if wanted is None and name == "due_date":
        return Judged(name, None, given, _mean([one is None for one in given]))
    return Judged(name, wanted, given, _mean([plain_value(one) == plain_value(wanted) for one in given]))


def _listed(repeats: Sequence[Result], name: str) -> Judged:
    wanted = repeats[0].labels[name] or ()
    scores = []
    for result in repeats:
        found = _LISTS[name](wanted, result.answer) if result.answer else Agreement(0, len(wanted), 0)
        # An additional tag is no fault.
        met_all = found.hits == found.expected and (name == "tags" or found.hits == found.given)
        scores.append(1.0 if met_all and result.answer else found.f1)
    return Judged(name, wanted, _given(repeats, name), _mean(scores))


def _given(repeats: Sequence[Result], name: str) -> tuple[Any, ...]:
    return tuple(_said(result.answer, name) for result in repeats)


def _said(answer: Answer | None, name: str) -> Any:
    return None if answer is None else answer.model_dump(mode="json", include={name})[name]


def _plain(given: Sequence[Any]) -> list[Any]:
    return [plain_value(one) for one in given]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _by_case(results: Sequence[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        found[result.case_id].append(result)
    return found
