"""The commands of evaluation; as light to import as the group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rfqflow.cli.options import database, json_, since

_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
_ACTOR = click.option("--actor", help="Who does it, for the audit; default: the database role.")


@click.group("eval")
def eval_() -> None:
    """Measure the quality of answers on labelled cases, before a prompt or model is put in force."""


@eval_.command("run")
@click.option("--cases", required=True, metavar="FILE|db", help="Labelled RFQs: JSON Lines, or db for ai.eval_cases.")
@click.option("--prompt", "version", help="Prompt to measure; default: the active one.")
@click.option("--model", help="Model to ask, or rules for none; default: as configured.")
@click.option("--repeat", type=click.IntRange(1, 20), default=1, show_default=True, help="Ask each case so often.")
@click.option("--max-usd", type=click.FloatRange(0), default=1.0, show_default=True, help="Most that it may cost.")
@click.option("--concurrency", type=click.IntRange(1, 1000), default=8, show_default=True, help="Calls at once.")
@click.option("--html", type=_FILE, help="Write the report with plots there, as one self-contained page.")
@click.option("--junit", type=_FILE, help="Write a JUnit file there, a test case per case.")
@_ACTOR
@database
@json_
def eval_run(**options: Any) -> None:
    """Ask about labelled cases and score the answers: accuracy, calibration, cost, slices, beside two baselines.

    Answers are kept by content: the same case, prompt and model is not paid for twice, and a run that was broken off
    goes on. Without a database only rules can be measured, and nothing is kept.
    """
    from rfqflow.cli import evaluate as it

    it.run(**options)


@eval_.command("list")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@database
@json_
def eval_list(**options: Any) -> None:
    """Measurements, the newest first."""
    from rfqflow.cli import evaluate as it

    it.list_(**options)


@eval_.command("show")
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--html", type=_FILE, help="Write the report with plots there, as one self-contained page.")
@click.option("--junit", type=_FILE, help="Write a JUnit file there, a test case per case.")
@database
@json_
def eval_show(**options: Any) -> None:
    """Show the report of RUN again: a number of `eval list` or a prompt version; default: the latest."""
    from rfqflow.cli import evaluate as it

    it.show(**options)


@eval_.command("compare")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the bootstrap.")
@database
@json_
def eval_compare(**options: Any) -> None:
    """Is B better than A? Paired by case; A and B are numbers of `eval list` or prompt versions.

    Says "better", "worse", or "can't tell with n cases" and how many it would take.
    """
    from rfqflow.cli import evaluate as it

    it.compare(**options)


@eval_.command("gate")
@click.option("--config", required=True, type=_EXISTING, help="Thresholds, TOML: [minimum], [maximum], [baseline].")
@click.option("--run", help="Number of `eval list` or prompt version; default: the latest.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the bootstrap.")
@database
@json_
def eval_gate(**options: Any) -> None:
    """For CI: exit 1 where a measurement misses a threshold, or is clearly worse than the baseline."""
    from rfqflow.cli import evaluate as it

    it.gate(**options)


@eval_.command("calibrate")
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--drop", is_flag=True, help="Take the map of RUN's prompt and model away instead.")
@_ACTOR
@database
@json_
def eval_calibrate(**options: Any) -> None:
    """Make confidence worth what it says: workers map it by what RUN found; default: the latest."""
    from rfqflow.cli import evaluate as it

    it.calibrate(**options)


@eval_.command("cascade")
@click.argument("cheap", metavar="A")
@click.argument("dear", metavar="B")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the bootstrap.")
@database
@json_
def eval_cascade(**options: Any) -> None:
    """What it would save, and cost in accuracy, to ask B only where A is not sure; A and B as for `compare`."""
    from rfqflow.cli import evaluate as it

    it.cascade(**options)


@eval_.command("drift")
@click.option(
    "--weeks", type=click.IntRange(2, 52), default=9, show_default=True, help="To look at, the last included."
)
@database
@json_
def eval_drift(**options: Any) -> None:
    """Hold routes, languages, confidence and overrides of the last seven days against the weeks before."""
    from rfqflow.cli import evaluate as it

    it.drift(**options)


@eval_.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@_ACTOR
@database
@json_
def eval_import(**options: Any) -> None:
    """Take labelled cases (JSON Lines) into ai.eval_cases; lines without labels are left out, known ids updated."""
    from rfqflow.cli import cases as it

    it.import_(**options)


@eval_.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
@database
def eval_export(**options: Any) -> None:
    """Write the active cases as JSON Lines; without FILE to standard output."""
    from rfqflow.cli import cases as it

    it.export(**options)


@eval_.command("sample")
@click.option("--size", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many RFQs.")
@click.option("--out", type=click.File("w", encoding="utf-8"), default="-", help="Where to; default: standard output.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the draw.")
@since
@database
def eval_sample(**options: Any) -> None:
    """Draw RFQs to be labelled by a person: evenly over routes, languages, confidence and weeks, masked.

    Fill in `labels` (null so far; `suggested` is what the model said) and take the file in with `eval import`.
    """
    from rfqflow.cli import cases as it

    it.sample(**options)


@eval_.command("import-overrides")
@_ACTOR
@database
@json_
def eval_import_overrides(**options: Any) -> None:
    """Make a case of each standing override, with the person's word as its label; safe to repeat."""
    from rfqflow.cli import cases as it

    it.import_overrides(**options)
