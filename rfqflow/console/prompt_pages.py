"""Pages of prompts: versions, evaluations, cases and trials."""

from __future__ import annotations

import asyncio
import difflib
import json
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from markupsafe import Markup

from rfqflow.console.formatting import milliseconds, money, percent
from rfqflow.console.operations import notice_of
from rfqflow.console.quality_pages import PAGE, page_of, texts_of
from rfqflow.console.quality_view import of_change, of_disagreement
from rfqflow.core.errors import ConfigError
from rfqflow.core.evaluation.case_judgement import changes
from rfqflow.core.evaluation.comparison import compare
from rfqflow.core.evaluation.disagreements import disagreements
from rfqflow.core.evaluation.metrics import measure
from rfqflow.evaluation import report
from rfqflow.evaluation.trial_report import arms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session
    from rfqflow.core.evaluation.case_judgement import CaseChange
    from rfqflow.core.evaluation.metrics import Result

_RUNS_SHOWN = 12
_OVERRIDES_SHOWN = 200
_RFQS_SHOWN = 200
_SEED = 1
_ROUNDS = 2_000  # rounds of the bootstrap; few, since a person waits for the page
_ANSWERS_SEEN = 500  # newest results of a trial in which the page looks for disagreements
_CHANGES = {
    "differing": "All that differ", "lost": "Lost", "gained": "Gained", "changed": "Otherwise changed",
    "same": "The same",
}  # fmt: skip
TRIAL_PARTS = ("trial_figures", "trial_apart")
PROMPT_PARTS = ("prompt_evaluation", "prompt_list", "prompt_trials", "prompt_runs")


async def state(console: Console) -> dict[str, Any]:
    """The variables for the parts of the page of prompts."""
    quality = console.quality
    return {
        "versions": await quality.versions(), "request": await quality.request(),
        "trials": await quality.running(), "runs": await quality.runs(None, _RUNS_SHOWN),
    }  # fmt: skip


async def prompts(console: Console, request: Request, session: Session) -> Response:
    quality = console.quality
    overrides = await quality.overrides(None, _OVERRIDES_SHOWN)
    return console.page(
        session, "prompts.html", page="prompts", said=request.query_params.get("said"),
        notice=notice_of(console, request, session), cases=await quality.cases(),
        no_cases=sum(not override["is_case"] and not override["is_edited"] for override in overrides),
        models=await quality.models(),
        **await state(console),
    )  # fmt: skip


async def prompt(console: Console, request: Request, session: Session) -> Response:
    version = request.path_params["version"]
    found = await console.quality.versions(version)
    if not found:
        return console.problem(session, 404, "No such prompt", "This version does not exist.")
    text, active = await console.quality.operator.prompt(version), await console.quality.operator.prompt(None)
    return console.page(
        session, "prompt.html", page="prompts", one=found[0], text=text, active=active["version"],
        parameters=json.dumps(text["parameters"], indent=2, sort_keys=True), diff=_diff(active, text),
        runs=await console.quality.runs(version, _RUNS_SHOWN), models=await console.quality.models(),
        cases=sum((await console.quality.cases()).values()), said=None, notice=notice_of(console, request, session),
    )  # fmt: skip


def _diff(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    """Lines of a unified diff, each with its kind: add, cut, at or same."""
    kinds = {"+": "add", "-": "cut", "@": "at"}
    lines = difflib.unified_diff(
        as_text(before).splitlines(), as_text(after).splitlines(), before["version"], after["version"], lineterm=""
    )
    return [(kinds.get(line[:1], "same"), line) for line in lines]


def as_text(found: dict[str, Any]) -> str:
    """All parts of a prompt as one text, for a comparison."""
    parameters = json.dumps(found["parameters"], indent=2, sort_keys=True)
    return f"# system\n\n{found['system']}\n\n# user\n\n{found['template']}\n\n# parameters\n\n{parameters}"


async def evaluation(console: Console, request: Request, session: Session) -> Response:
    about, results = await _found(console, str(request.path_params["run"]))
    evaluated = await asyncio.to_thread(
        measure, results, about["prompt_version"], provider=about["provider"], model=about["model"],
        source=about["source"],
    )  # fmt: skip
    return console.page(
        session, "evaluation.html", page="prompts", about=about, title=report.title_of(evaluated),
        figures=report.figures_of(evaluated), tables=report.tables_of(evaluated),
        plots=[(title, note, Markup(svg)) for title, note, svg in report.plots_of(evaluated)],  # noqa: S704 - svg_charts escapes all texts
        others=[run for run in await console.quality.runs(None, _RUNS_SHOWN) if run["eval_run"] != about["eval_run"]],
        said=None,
    )  # fmt: skip


async def comparison(console: Console, request: Request, session: Session) -> Response:
    """Compares B with A; each is the number of an evaluation run or a prompt version. Changed cases come first."""
    asked = request.query_params
    (first, results), (second, others) = [await _found(console, asked.get(name, "")) for name in ("a", "b")]
    if first["eval_run"] == second["eval_run"]:
        raise ConfigError("choose two different evaluations to compare")
    found = await asyncio.to_thread(compare, results, others, Random(_SEED), rounds=_ROUNDS)  # noqa: S311 - draws families
    counts = [("injection success", found.steered), ("false skips", found.false_skips)]
    cases = await _changed_cases(console, second["eval_run"], await asyncio.to_thread(changes, results, others), asked)
    return console.page(
        session, "comparison.html", page="prompts", first=first, second=second, found=found, cases=cases,
        figures=[(one, _figure(one.name)) for one in (found.route, *found.others)], counts=counts, said=None,
        shows=_CHANGES, path=f"/compare?{urlencode({'a': asked['a'], 'b': asked['b']})}",
    )  # fmt: skip


async def _changed_cases(
    console: Console, eval_run: int, found: list[CaseChange], asked: Mapping[str, str]
) -> dict[str, Any]:
    groups = {kind: [one for one in found if one.kind == kind] for kind in ("lost", "gained", "changed", "same")}
    groups["differing"] = [one for one in found if one.kind != "same"]
    show = asked.get("show", "")
    show = show if show in groups else "differing"
    number, shown = page_of(groups[show], asked.get("page", ""))
    kept, hashes = await texts_of(console, eval_run, [one.case_id for one in shown])
    return {
        "show": show, "number": number, "total": len(groups[show]), "size": PAGE,
        "counts": {name: len(group) for name, group in groups.items()},
        "rows": await asyncio.to_thread(lambda: [of_change(one, kept, hashes) for one in shown]),
    }  # fmt: skip


def _figure(name: str) -> Callable[[float], str]:
    """The function that formats a figure of a comparison in the same way as other pages."""
    if "USD" in name:
        return money
    if "latency" in name:
        return milliseconds
    return percent if "accuracy" in name else lambda value: f"{value:.3f}"


async def _found(console: Console, run: str) -> tuple[dict[str, Any], list[Result]]:
    if not run:
        raise ConfigError("choose two evaluations to compare")
    evaluations = console.quality.evaluations
    about = await evaluations.run(int(run)) if run.isdecimal() else await evaluations.run(None, run)
    return about, await evaluations.results(about["eval_run"])


async def overrides(console: Console, request: Request, session: Session) -> Response:
    return console.page(
        session, "overrides.html", page="prompts", rows=await console.quality.overrides(None, _OVERRIDES_SHOWN),
        notice=notice_of(console, request, session), most=_OVERRIDES_SHOWN, said=request.query_params.get("said"),
        number=request.query_params.get("n", ""),
    )  # fmt: skip


async def trial(console: Console, request: Request, session: Session) -> Response:
    return console.page(
        session, "trial.html", page="prompts", said=None, notice=notice_of(console, request, session),
        **await trial_state(console, request.path_params["trial"]),
    )  # fmt: skip


async def trial_state(console: Console, number: int) -> dict[str, Any]:
    """The variables of the page's parts."""
    trials = console.quality.trials
    figures = await trials.figures(number)
    rfqs = await trials.rfqs(number)
    answers = await trials.answers(number, _ANSWERS_SEEN)
    found = await asyncio.to_thread(_disagreements, answers)
    return {
        "one": figures, "rows": arms(figures), "rfqs": rfqs[:_RFQS_SHOWN], "total": len(rfqs),
        "failed": sum(has_failed for _, has_failed in rfqs), "apart": found[:_RFQS_SHOWN], "apart_total": len(found),
        "seen": len(answers), "paired": sum(answer["base_output"] is not None for answer in answers),
        "most": _ANSWERS_SEEN,
    }  # fmt: skip


def _disagreements(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The RFQs for which the answers of the two versions differ, or a person set another value, newest first."""
    found = []
    for one in answers:
        if apart := disagreements(one["base_output"], one["output"], one["person_route"]):
            asked = one["base_output"] is not None
            found.append({**one, "fields": [of_disagreement(each, asked=asked) for each in apart]})
    return found
