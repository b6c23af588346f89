"""Evaluation runs: send labelled cases to a model, with a cache, a spending limit and a limit of concurrent calls.

An evaluation run never writes to an RFQ. It records each answer at once, so that the same command can resume an
interrupted run. It pays only once for the same case, prompt, parameters and model.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rfqflow.core.answer import Answer
from rfqflow.core.errors import CallError, ConfigError
from rfqflow.core.evaluation.cases import Case, masked, parse
from rfqflow.core.evaluation.label_checks import CaseError
from rfqflow.core.evaluation.metrics import Result, facts
from rfqflow.core.evaluation.scoring import invented
from rfqflow.core.rules import answer
from rfqflow.enrichment.budgeted_calls import NotAdmitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.core.records import Route
    from rfqflow.enrichment.budgeted_calls import BudgetedCaller, CallResult
    from rfqflow.store.evaluation import EvaluationStore


@dataclass(frozen=True, slots=True)
class LineProblem:
    """An error in a line of a file of cases. `field` names the part of the case that is wrong."""

    line: int
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckedCases:
    """The valid cases of a file, the number of lines without a label, and the errors of the wrong lines."""

    cases: list[Case]
    unlabelled: int
    problems: list[LineProblem]


def check_cases(lines: Iterable[tuple[int, Any]]) -> CheckedCases:
    """Checks the lines of a file, each with its number and its JSON value."""
    cases: dict[str, Case] = {}
    first: dict[str, int] = {}
    found = CheckedCases([], 0, [])
    unlabelled = 0
    for number, line in lines:
        try:
            case = parse(line) if isinstance(line, dict) else _refuse("is not a JSON object")
        except CaseError as error:
            found.problems.append(LineProblem(number, error.field, str(error)))
            continue
        if case is None:
            unlabelled += 1
        elif case.case_id in cases:
            text = f"line {first[case.case_id]} already has the id {case.case_id}"
            found.problems.append(LineProblem(number, "id", text))
        else:
            cases[case.case_id], first[case.case_id] = case, number
    return replace(found, cases=list(cases.values()), unlabelled=unlabelled)


def read_cases(lines: Iterable[tuple[int, Any]]) -> tuple[list[Case], int]:
    """The labelled cases of numbered lines, and the number of lines without a label.

    Raises:
        ConfigError: a line is wrong. One message names the first ten errors.
    """
    found = check_cases(lines)
    if found.problems:
        raise ConfigError("cases: " + "; ".join(f"line {one.line}: {one.text}" for one in found.problems[:10]))
    return found.cases, found.unlabelled


def strangers(cases: Iterable[Case], routes: Iterable[Route]) -> list[str]:
    """Expected routes that are not active: no answer can match them."""
    labels = {str(case.labels["route"]) for case in cases if case.labels.get("route")}
    return sorted(labels - {route.slug for route in routes})


def _refuse(what: str) -> Case:
    raise CaseError("line", what)


async def cases_of_overrides(
    store: EvaluationStore, actor: str | None, only: int | None = None, *, noted: bool = False,
    expected: tuple[int, int] | None = None,
) -> tuple[int, int, int]:  # fmt: skip
    """Makes cases from active overrides and corrections, or from one override.

    Returns the numbers of new cases, of changed cases and of all cases.

    Raises:
        ConfigError: the counts (new, changed) differ from `expected`; no case is made.
    """
    await store.retire_withdrawn()
    made = await corrected_cases(store, only)
    return (*await store.save_cases(made, actor, noted=noted, expected=expected), len(made))


async def corrected_cases(store: EvaluationStore, only: int | None = None) -> list[Case]:
    """Makes cases from overrides and corrections without saving them; with `only`, from this override alone."""
    made = [
        masked(f"override-{number}", rfq, {"route": route}, "override", number)
        for number, route, rfq in await store.overridden(only)
    ]
    if only is None:
        # The labels of a case are exactly the corrected fields: no person has confirmed the rest of the answer.
        made += [
            masked(f"correction-{rfq.rfq_id}", rfq, labels, "correction") for labels, rfq in await store.corrected()
        ]
    return made


def _result(case: Case, routes: Sequence[Route], given: Answer | None, **more: Any) -> Result:
    """The result of a case. It also holds the answer of the rules, the baseline that each model must beat."""
    return Result(
        case.case_id, facts(case, answer(case.rfq, routes)), given,
        invented=len(invented(case.message, given)) if given else 0, **more,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class EvaluationTarget:
    """The prompt and model to evaluate."""

    provider: str
    model: str
    version: str
    prompt: Prompt
    routes: tuple[Route, ...]

    @property
    def sha256(self) -> bytes:
        return self.prompt.sha256


@dataclass(slots=True)
class EvaluationOutcome:
    """The answers of an evaluation run. `stopped`: why the run is incomplete; the same command resumes it."""

    results: list[Result] = field(default_factory=list)
    eval_run: int | None = None
    asked: int = 0
    cached: int = 0
    stopped: str | None = None


async def ask_all(
    cases: Sequence[Case],
    subject: EvaluationTarget,
    calls: BudgetedCaller,
    measurements: EvaluationStore | None,
    *,
    source: str,
    repeats: int = 1,
    concurrency: int = 8,
    actor: str | None = None,
    keeps: bool = True,
    on_progress: Callable[[EvaluationOutcome], None] = lambda _: None,
    halted: Callable[[], str | None] = lambda: None,
) -> EvaluationOutcome:
    """Sends each case to the model `repeats` times.

    Without `measurements`, it stores no answer. Without `keeps`, it reuses none. `halted`: why it must stop, or None.
    """
    outcome = EvaluationOutcome()
    known: Mapping[tuple[bytes, int], Any] = {}
    if measurements is not None:
        outcome.eval_run = await measurements.start(
            subject.provider, subject.model, subject.version, subject.sha256, source, len(cases), repeats, actor
        )
        if keeps:
            known = await measurements.cached(
                [case.sha256 for case in cases], subject.sha256, subject.provider, subject.model
            )
    waiting = [(case, repeat) for repeat in range(1, repeats + 1) for case in cases]
    waiting.reverse()

    async def work() -> None:
        while waiting and outcome.stopped is None:
            outcome.stopped = halted()
            if outcome.stopped is not None:
                return
            case, repeat = waiting.pop()
            cached = known.get((case.sha256, repeat))
            try:
                said = None if cached else await calls.ask(case.rfq, subject.routes, subject.prompt, subject.model)
            except NotAdmitted as refused:
                outcome.stopped = str(refused)
                return
            result = replace(
                _of_cache(case, subject, cached) if said is None else _of(case, subject, said), repeat=repeat
            )
            if measurements is not None and outcome.eval_run is not None:
                await measurements.record(
                    outcome.eval_run, case.sha256, subject.sha256, subject.provider, subject.model, result
                )
            outcome.results.append(result)
            outcome.cached += result.cached
            outcome.asked += not result.cached
            on_progress(outcome)

    async with asyncio.TaskGroup() as group:
        for number in range(min(concurrency, len(waiting))):
            group.create_task(work(), name=f"evaluation {number}")
    outcome.results.sort(key=lambda one: (one.case_id, one.repeat))
    return outcome


def _of(case: Case, subject: EvaluationTarget, said: CallResult) -> Result:
    failed = said.outcome if isinstance(said.outcome, CallError) else None
    usage = said.outcome.usage
    return _result(
        case, subject.routes, None if isinstance(said.outcome, CallError) else said.outcome.answer,
        error_class=str(failed.error_class) if failed else None, input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None, cost_usd=said.cost_usd, latency_ms=said.latency_ms,
        cached_input_tokens=usage.cached_input_tokens if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
    )  # fmt: skip


def _of_cache(case: Case, subject: EvaluationTarget, row: Any) -> Result:
    given = Answer.model_validate_json(row["answer"]) if row["answer"] else None
    return _result(
        case, subject.routes, given, error_class=row["error_class"], input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"], cost_usd=row["cost_usd"], latency_ms=row["latency_ms"], cached=True,
        cached_input_tokens=row["cached_input_tokens"], reasoning_tokens=row["reasoning_tokens"],
    )  # fmt: skip
