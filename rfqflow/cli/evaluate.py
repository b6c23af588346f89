"""`rfqflow eval run`, `list`, `show`, `compare`, `gate`, `calibrate` and `drift`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tomllib
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import click

from rfqflow import settings
from rfqflow.cli.output import console, print_json, table
from rfqflow.core.decisions import verdict
from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.core.evaluation import calibration, quality_gate
from rfqflow.core.evaluation import cascade_analysis as cascade_
from rfqflow.core.evaluation import comparison as compare_
from rfqflow.core.evaluation import drift as drift_
from rfqflow.core.evaluation.metrics import Result, measure
from rfqflow.core.policy import Policy
from rfqflow.core.prompting.prompt import Prompt, canonical
from rfqflow.database import migrate
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.enrichment.budgeted_calls import BudgetedCaller
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.evaluation.report import as_html, as_junit, render
from rfqflow.evaluation.report import as_json as report_as_json
from rfqflow.evaluation.runner import EvaluationTarget, ask_all, read_cases, strangers
from rfqflow.llm.factory import price_book, prompt_version, provider_for
from rfqflow.prompts import shipped
from rfqflow.store.evaluation import EvaluationStore
from rfqflow.store.operator import OperatorStore
from rfqflow.store.queue import QueueStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from rfqflow.core.answer import Answer
    from rfqflow.core.evaluation.cases import Case
    from rfqflow.core.evaluation.metrics import Report
    from rfqflow.core.prompting.prompt import PromptText
    from rfqflow.evaluation.runner import EvaluationOutcome
    from rfqflow.llm import Provider
    from rfqflow.settings import Settings

_LEAST_CLAIMS = 50  # below it a map would be made of chance
_FOLDS = 5


def with_evaluation_store(database_url: str | None, work: Callable[[EvaluationStore], Awaitable[Any]]) -> Any:
    """Opens a connection, does the work, closes it."""

    async def main() -> Any:
        async with _line(settings.need_database(settings.load(database_url=database_url))) as line:
            return await work(EvaluationStore(line))

    return asyncio.run(main())


@asynccontextmanager
async def _line(dsn: str) -> AsyncIterator[ReconnectingConnection]:
    line = ReconnectingConnection(dsn, "rfqflow eval", pooled=True)
    try:
        await line.open()
        yield line
    finally:
        await line.close()


def run(
    cases: str,
    version: str | None,
    model: str | None,
    repeat: int,
    max_usd: float,
    concurrency: int,
    html: Path | None,
    junit: Path | None,
    actor: str | None,
    database_url: str | None,
    *,
    as_json: bool,
) -> None:
    """Measures; exit 1 where it had to stop early."""
    named: dict[str, Any] = {"provider": "rules"} if model == "rules" else {"model": model}
    loaded = settings.load(database_url=database_url, concurrency=concurrency, **named)
    if version and loaded.provider_name == "rules":
        raise ConfigError("the rules have no prompt: leave --prompt out, or name a model (see RFQFLOW_PROVIDER)")
    _may_write(html, junit)
    labelled = None if cases == "db" else _read(Path(cases))
    if labelled is None:
        settings.need_database(loaded)
    outcome, report = asyncio.run(
        _measure(loaded, labelled, cases, version, repeat, Decimal(str(max_usd)), concurrency, actor)
    )
    if outcome.results:
        _print(report, outcome.results, html, junit, outcome.eval_run, as_json=as_json)
    if outcome.eval_run is not None:
        click.echo(f"evaluation {outcome.eval_run}: {outcome.asked} asked, {outcome.cached} known", err=True)
    if outcome.stopped:
        raise RfqflowError(
            f"stopped after {len(outcome.results)} answers: {outcome.stopped}; the same command goes on from here"
        )


async def _measure(
    loaded: Settings,
    labelled: list[Case] | None,
    source: str,
    version: str | None,
    repeats: int,
    most_usd: Decimal,
    concurrency: int,
    actor: str | None,
) -> tuple[EvaluationOutcome, Report]:
    if not loaded.database_url:
        if loaded.provider_name != "rules":
            settings.need_database(loaded)
        provider = provider_for(loaded, price_book(loaded, []))
        return await _asked(
            loaded, provider, labelled or [], source, None, repeats, most_usd, concurrency, actor, Policy(),
            migrate.shipped_routes(), Prompt.of(shipped(), migrate.shipped_routes()),
        )  # fmt: skip
    async with _line(settings.need_database(loaded)) as line:
        bench = EvaluationStore(line)
        policy = await bench.policy()
        routes = await bench.routes()
        cases = await bench.cases() if labelled is None else labelled
        warn_of(strangers(cases, routes))
        if not cases:
            raise ConfigError("ai.eval_cases is empty: see `rfqflow eval import`, `sample` and `import-overrides`")
        provider = provider_for(loaded, price_book(loaded, await OperatorStore(await line.open()).model_prices()))
        text = await _prompt(line, version or policy["active_prompt"])
        prompt = replace(Prompt.of(text, routes), version=text.version)
        try:
            return await _asked(
                loaded, provider, cases, Path(source).name, bench, repeats, most_usd, concurrency, actor,
                Policy.from_values(policy), routes, prompt,
            )  # fmt: skip
        finally:
            await provider.aclose()


def warn_of(unknown: list[str]) -> None:
    """Tells of labels that no answer can ever be, on standard error."""
    if unknown:
        click.echo(f"no active route is called {', '.join(unknown)}: cases with that label can only fail", err=True)


async def _prompt(line: ReconnectingConnection, version: str) -> PromptText:
    """The one that ships may be measured before a worker has registered it."""
    text = shipped()
    if any(one["version"] == version for one in await OperatorStore(await line.open()).prompts()):
        return await QueueStore(line).prompt(version)
    if version not in ("", text.version):
        raise ConfigError(f"there is no prompt {version}: see `rfqflow prompt list`")
    return text


async def _asked(
    loaded: Settings,
    provider: Provider,
    cases: list[Case],
    source: str,
    bench: EvaluationStore | None,
    repeats: int,
    most_usd: Decimal,
    concurrency: int,
    actor: str | None,
    policy: Policy,
    routes: Any,
    prompt: Prompt,
) -> tuple[EvaluationOutcome, Report]:
    filed_under = prompt_version(provider)
    pipeline = Pipeline(
        provider, prompt_version=filed_under, deadline_seconds=loaded.call_deadline_seconds, pepper=None,
        mask_contact=loaded.mask == "contact",
    )  # fmt: skip
    if filed_under is not None:  # the rules have no prompt: what they go by are the routes' keywords
        prompt = replace(prompt, version=filed_under, sha256=_rules_sha256(filed_under, routes))
    subject = EvaluationTarget(provider.name, provider.model, prompt.version, prompt, routes)
    calls = BudgetedCaller(
        pipeline, bench, policy, deadline_seconds=loaded.call_deadline_seconds, most_usd=most_usd
    )  # fmt: skip
    with _progress(len(cases) * repeats) as advance:
        outcome = await ask_all(
            cases, subject, calls, bench, source=source, repeats=repeats, concurrency=concurrency, actor=actor,
            keeps=not provider.free, on_progress=lambda so_far: advance(so_far, calls),
        )  # fmt: skip
    report = measure(outcome.results, subject.version, provider=subject.provider, model=subject.model, source=source)
    if bench is not None and outcome.eval_run is not None and outcome.stopped is None:
        await bench.finish(outcome.eval_run, report_as_json(report))
    return outcome, report


def _rules_sha256(version: str, routes: Any) -> bytes:
    import hashlib

    return hashlib.sha256(canonical([version, [asdict(route) for route in routes]])).digest()


class _progress:  # noqa: N801 - a context manager reads as a verb
    """A bar on standard error where that is a terminal, else nothing."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar: Any = None

    def __enter__(self) -> Callable[[EvaluationOutcome, BudgetedCaller], None]:
        if not sys.stderr.isatty():
            return lambda _outcome, _calls: None
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task("asking", total=self._total)
        return lambda outcome, calls: self._bar.update(
            task, completed=len(outcome.results), description=f"asking, {calls.spent_usd:.4f} USD"
        )

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _may_write(*paths: Path | None) -> None:
    """Asked before anything is paid for.

    Raises:
        ConfigError: a report could not be written there.
    """
    for path in filter(None, paths):
        if not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise ConfigError(f"{path} cannot be written: is its folder there, and yours?")


def _read(path: Path) -> list[Case]:
    from rfqflow.cli.json_lines import read_json_lines

    if not path.is_file():
        raise ConfigError(f"{path} does not exist: name a file of labelled RFQs, or db for ai.eval_cases")
    with path.open(encoding="utf-8") as file:
        labelled, unlabelled = read_cases(read_json_lines(file))
    if not labelled:
        raise ConfigError(f"{path} holds no labelled case" + (f" ({unlabelled} without labels)" if unlabelled else ""))
    return labelled


def list_(limit: int, database_url: str | None, *, as_json: bool) -> None:
    """Prints measurements."""
    rows = with_evaluation_store(database_url, lambda bench: bench.runs(limit))
    if as_json:
        print_json(rows)
        return
    columns = ("eval_run", "started_at", "prompt_version", "model", "source", "cases", "repeats", "state", "accuracy")
    console().print(table(None, columns, [[one[key] for key in columns] for one in rows]))


def show(
    run: str | None, html: Path | None, junit: Path | None, database_url: str | None, *, as_json: bool
) -> None:  # fmt: skip
    """Prints a report again."""
    _may_write(html, junit)
    about, results = with_evaluation_store(database_url, lambda bench: _found(bench, run))
    report = measure(
        results, about["prompt_version"], provider=about["provider"], model=about["model"], source=about["source"]
    )
    _print(report, results, html, junit, about["eval_run"], as_json=as_json)


def compare(first: str, second: str, seed: int, database_url: str | None, *, as_json: bool) -> None:
    """Prints whether the second is better."""

    async def both(bench: EvaluationStore) -> Any:
        return await _found(bench, first), await _found(bench, second)

    (one, results), (other, others) = with_evaluation_store(database_url, both)
    found = compare_.compare(results, others, Random(seed))  # noqa: S311 - draws families, guards nothing
    if as_json:
        print_json({"first": _name(one), "second": _name(other), **asdict(found), "told": found.told})
        return
    click.echo(f"{_name(other)} against {_name(one)}:\n{found.told}\n")
    if found.detectable is not None:
        click.echo(f"so many cases show {found.detectable * 100:.1f} points four times in five")
    click.echo(f"only {_name(one)} right: {found.only_first}, only {_name(other)} right: {found.only_second}")
    if found.not_paired:
        click.echo(f"{found.not_paired} cases are in one of the two only, and not compared")
    columns = ("figure", "A", "B", "B - A", "95 % interval")
    rows = [
        [
            each.name,
            f"{each.first:.4g}",
            f"{each.second:.4g}",
            f"{each.value:+.4g}",
            f"{each.low:+.4g} to {each.high:+.4g}",
        ]
        for each in (found.route, *found.others)
    ]
    rows += [
        [name, *map(str, pair), f"{pair[1] - pair[0]:+d}", ""]
        for name, pair in (("injection success", found.steered), ("false skips", found.false_skips))
    ]
    console().print(table(None, columns, rows))


def gate(config: Path, run: str | None, seed: int, database_url: str | None, *, as_json: bool) -> None:
    """Exit 1 where a check fails."""
    try:
        wanted = tomllib.loads(config.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{config}: {error}") from None
    baseline, effect = quality_gate.baseline_of(wanted)

    async def find(bench: EvaluationStore) -> Any:
        return await _found(bench, run), await _found(bench, baseline) if baseline else None

    (about, results), base = with_evaluation_store(database_url, find)
    comparison = None
    if base is not None:
        chance = Random(seed)  # noqa: S311 - draws families, guards nothing
        comparison = compare_.compare(base[1], results, chance, minimum_effect=effect)
    checks = quality_gate.check(wanted, about["report"], comparison)
    if as_json:
        print_json({"run": about["eval_run"], "checks": [{"passed": ok, "check": told} for ok, told in checks]})
    else:
        click.echo(f"{_name(about)}:")
        for passed, told in checks:
            click.secho(f"{'passed' if passed else 'FAILED'}  {told}", fg="green" if passed else "red")
    failed = sum(not passed for passed, _ in checks)
    if failed:
        raise RfqflowError(f"{failed} of {len(checks)} checks failed")


def calibrate(
    run: str | None, actor: str | None, database_url: str | None, *, drop: bool, as_json: bool
) -> None:  # fmt: skip
    """Stores the map of a measurement."""

    async def store(bench: EvaluationStore) -> dict[str, Any]:
        about, results = await _found(bench, run)
        version, model = about["prompt_version"], about["model"]
        if drop:
            return {"prompt_version": version, "model": model, "dropped": await bench.drop_calibration(version, model)}
        claims = _claims(results)
        if len(claims) < _LEAST_CLAIMS:
            raise RfqflowError(
                f"{len(claims)} answers are too few: a map takes {_LEAST_CLAIMS}, some hundreds are better"
            )
        points = calibration.isotonic(claims).points
        errors = calibration.expected_error(claims), calibration.expected_error(_cross_validated(results))
        await bench.save_calibration(version, model, points, len(claims), errors, about["eval_run"], actor)
        return {
            "prompt_version": version, "model": model, "cases": len(claims), "error_before": round(errors[0], 4),
            "error_after": round(errors[1], 4), "points": points,
        }  # fmt: skip

    done = with_evaluation_store(database_url, store)
    if as_json:
        print_json(done)
    elif drop:
        click.echo(
            f"{done['prompt_version']} with {done['model']}: {'dropped' if done['dropped'] else 'there was no map'}"
        )
    else:
        click.echo(
            f"{done['prompt_version']} with {done['model']}: calibration error {done['error_before']:.3f} as said, "
            f"{done['error_after']:.3f} as mapped (cross-validated), from {done['cases']} answers"
        )
        if done["error_after"] >= done["error_before"]:
            click.echo("the map does not help on cases it has not seen: `rfqflow eval calibrate --drop` takes it away")


def cascade(cheap: str, dear: str, seed: int, database_url: str | None, *, as_json: bool) -> None:
    """Prints what a cascade would save and cost."""

    async def find(bench: EvaluationStore) -> Any:
        one, other = await _found(bench, cheap), await _found(bench, dear)
        points = await bench.calibration(one[0]["prompt_version"], one[0]["model"])
        return one, other, points, Policy.from_values(await bench.policy()), await bench.routes()

    (one, results), (other, others), points, policy, routes = with_evaluation_store(database_url, find)
    worth = calibration.CalibrationCurve(tuple((x, y) for x, y in points))
    fallbacks = {route.slug for route in routes if route.fallback}

    def stands(answer: Answer, threshold: float) -> bool:
        """As workers decide it."""
        mapped = answer.model_copy(update={"confidence": worth(answer.confidence)})
        return verdict.stands(mapped, replace(policy, cascade_confidence=threshold), fallbacks)

    found = cascade_.steps(results, others, Random(seed), stands)  # noqa: S311 - draws families, guards nothing
    if not found:
        raise RfqflowError("the two have no case in common")
    if as_json:
        print_json([asdict(step) for step in found])
        return
    mapped = "calibrated" if points else "as said"
    click.echo(f"{_name(one)} first, {_name(other)} where it is not sure (confidence {mapped}):\n")
    rows = [
        [f"{step.threshold:.2f}", f"{step.kept.value:.0%}", f"{step.accuracy.value:.1%}",
         f"{step.lost * 100:+.1f} ({step.low * 100:+.1f} to {step.high * 100:+.1f})",
         "unknown" if step.usd_per_rfq is None else f"{step.usd_per_rfq:.6f}",
         "unknown" if step.saved is None else f"{step.saved:.0%}"]
        for step in found
    ]  # fmt: skip
    columns = ("from", "not asked twice", "accuracy", "points lost (95 %)", "USD per RFQ", "cost saved")
    console().print(table(None, columns, rows))
    first = "cascade rules" if one["provider"] == "rules" else f"cascade_model {one['model']}` and `cascade model"
    click.echo(f"\n`rfqflow policy set {first}`, with `cascade_confidence`, puts it in force")


def drift(weeks: int, database_url: str | None, *, as_json: bool) -> None:
    """Exit 1 where something moved."""
    found = drift_.drifts(with_evaluation_store(database_url, lambda bench: bench.weekly(weeks)))
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        rows = [
            [
                one.what, "MOVED" if one.warns else "steady" if one.enough else "too few RFQs to tell",
                f"{one.moved:.1%}", f"{one.p:.2g}", ", ".join(
                    f"{name} {one.past.get(name, 0):.0%} > {one.lately.get(name, 0):.0%}" for name in one.most_moved[:3]
                ),
            ]
            for one in found
        ]  # fmt: skip
        console().print(table(None, ("share by", "verdict", "moved", "p", "most (before > now)"), rows))
    if any(one.warns for one in found):
        raise RfqflowError("the last seven days are not like the weeks before: look at " + ", ".join(
            one.what for one in found if one.warns
        ))  # fmt: skip


async def _found(bench: EvaluationStore, run: str | None) -> tuple[dict[str, Any], list[Result]]:
    about = await bench.run(int(run)) if run and run.isdecimal() else await bench.run(None, run)
    return about, await bench.results(about["eval_run"])


def _name(about: dict[str, Any]) -> str:
    return f"{about['prompt_version']} with {about['model']} (evaluation {about['eval_run']})"


def _claims(results: list[Result]) -> list[tuple[float, bool]]:
    return [(each.answer.confidence, each.right) for each in results if each.routed and each.answer]


def _cross_validated(results: list[Result]) -> list[tuple[float, bool]]:
    """Each answer's confidence by the map that the other families make."""
    fold_of = {one: at % _FOLDS for at, one in enumerate(sorted({str(each.facts.get("family")) for each in results}))}
    found = []
    for fold in range(_FOLDS):
        inside = [each for each in results if fold_of[str(each.facts.get("family"))] == fold]
        rest = calibration.isotonic(
            _claims([each for each in results if fold_of[str(each.facts.get("family"))] != fold])
        )
        found += [(rest(said), right) for said, right in _claims(inside)]
    return found


def _print(
    report: Report, results: list[Result], html: Path | None, junit: Path | None, eval_run: int | None, *, as_json: bool
) -> None:
    if html:
        html.write_text(as_html(report), "utf-8")
    if junit:
        junit.write_text(as_junit(report, results), "utf-8")
    if as_json:
        click.echo(json.dumps({**report_as_json(report), "eval_run": eval_run}, indent=2, ensure_ascii=False))
    else:
        click.echo(render(report))
