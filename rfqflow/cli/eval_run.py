"""`rfqflow eval run`, `list` and `show`."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.evaluation import ACTOR, find_run, warn_of, with_evaluation_store
from rfqflow.cli.json_lines import read_json_lines
from rfqflow.cli.options import OUTPUT, database, example, json_, opened
from rfqflow.cli.output import console, print_json, table
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.evaluation.cases import Case
    from rfqflow.core.evaluation.metrics import Report, Result
    from rfqflow.enrichment.budgeted_calls import BudgetedCaller
    from rfqflow.evaluation.runner import EvaluationOutcome


@example("rfqflow eval run --cases cases.jsonl --model rules")
@click.command("run")
@click.option("--cases", required=True, metavar="FILE|db", help="Labelled RFQs: JSON Lines, or db for ai.eval_cases.")
@click.option("--prompt", "version", help="Prompt version to evaluate. Default: the active version.")
@click.option("--model", help="Model to ask, or `rules` for the built-in rules. Default: the configured model.")
@click.option("--repeat", type=click.IntRange(1, 20), default=1, show_default=True, help="Repetitions per case.")
@click.option("--max-usd", type=click.FloatRange(0), default=1.0, show_default=True, help="Spending limit in USD.")
@click.option("--concurrency", type=click.IntRange(1, 1000), default=8, show_default=True, help="Concurrent calls.")
@click.option("--html", type=OUTPUT, help="Write a self-contained HTML report with plots to this file.")
@click.option(
    "--junit", type=OUTPUT, help="Write the result as JUnit XML to this file, with one test case per evaluation case."
)
@ACTOR
@database
@json_
def run(
    *,
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
    as_json: bool,
) -> None:
    """Run an evaluation on labelled cases and score it.

    The report has accuracy, calibration and cost, in total and per slice, beside two baselines. The database stores
    each answer, so you pay only once for the same case, prompt and model. To resume an interrupted run, repeat the
    command. Without a database, the command evaluates only `rules`, and stores no result.
    """
    import asyncio

    from rfqflow import settings
    from rfqflow.evaluation.session import EvaluationRequest, evaluate

    named: dict[str, Any] = {"provider": "rules"} if model == "rules" else {"model": model}
    loaded = settings.load(database_url=database_url, concurrency=concurrency, **named)
    if version and loaded.provider_name == "rules":
        raise ConfigError("--prompt does not apply to `rules`: remove it, or name a model (see RFQFLOW_PROVIDER)")
    labelled = None if cases == "db" else _read(Path(cases))
    if labelled is None:
        settings.need_database(loaded)
    request = EvaluationRequest(
        cases, version, repeat, Decimal(str(max_usd)), concurrency, actor, progress=_Progress, on_unknown_routes=warn_of
    )
    outcome, report = asyncio.run(evaluate(loaded, labelled, request))
    if outcome.results:
        _print(report, outcome.results, html, junit, outcome.eval_run, as_json=as_json)
    if outcome.eval_run is not None:
        click.echo(f"evaluation {outcome.eval_run}: {outcome.asked} asked, {outcome.cached} reused", err=True)
    if outcome.stopped:
        raise RfqflowError(
            f"stopped after {len(outcome.results)} answers ({outcome.stopped}); run the command again to resume"
        )


class _Progress:
    """A progress bar on standard error. Shows nothing if standard error is no terminal."""

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


def _read(path: Path) -> list[Case]:
    from rfqflow.evaluation.runner import read_cases

    if not path.exists():
        raise ConfigError(f"{path} does not exist: name a file of labelled RFQs, or db for ai.eval_cases")
    with path.open(encoding="utf-8") as file:
        labelled, unlabelled = read_cases(read_json_lines(file))
    if not labelled:
        raise ConfigError(f"{path} holds no labelled case" + (f" ({unlabelled} without labels)" if unlabelled else ""))
    return labelled


@example("rfqflow eval list --limit 5")
@click.command("list")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@database
@json_
def list_(*, limit: int, database_url: str | None, as_json: bool) -> None:
    """List evaluations, newest first."""
    rows = with_evaluation_store(database_url, lambda store: store.runs(limit))
    if as_json:
        print_json(rows)
        return
    columns = ("eval_run", "started_at", "prompt_version", "model", "source", "cases", "repeats", "state", "accuracy")
    console().print(table(None, columns, [[row[key] for key in columns] for row in rows]))


@example("rfqflow eval show 7 --html report.html")
@click.command("show")
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--html", type=OUTPUT, help="Write a self-contained HTML report with plots to this file.")
@click.option(
    "--junit", type=OUTPUT, help="Write the result as JUnit XML to this file, with one test case per evaluation case."
)
@database
@json_
def show(*, run: str | None, html: Path | None, junit: Path | None, database_url: str | None, as_json: bool) -> None:
    """Show the report of an evaluation.

    RUN is a number of `eval list` or a prompt version. Default: the latest evaluation.
    """
    from rfqflow.core.evaluation.metrics import measure

    about, results = with_evaluation_store(database_url, lambda store: find_run(store, run))
    report = measure(
        results, about["prompt_version"], provider=about["provider"], model=about["model"], source=about["source"]
    )
    _print(report, results, html, junit, about["eval_run"], as_json=as_json)


def _print(
    report: Report, results: list[Result], html: Path | None, junit: Path | None, eval_run: int | None, *, as_json: bool
) -> None:
    from rfqflow.evaluation.report import as_html, as_junit, render
    from rfqflow.evaluation.report import as_json as report_as_json

    for path, text in ((html, as_html), (junit, lambda report: as_junit(report, results))):
        if path:
            with opened(path) as file:
                file.write(text(report))
    if as_json:
        click.echo(json.dumps({**report_as_json(report), "eval_run": eval_run}, indent=2, ensure_ascii=False))
    else:
        click.echo(render(report))
