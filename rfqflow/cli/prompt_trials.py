"""`rfqflow prompt shadow`, `canary`, `stop`, `trials` and `trial`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import actor, database, example, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.sessions import dsn_of, with_reconnecting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rfqflow.store.prompt_trials import Trials

_PERCENT = click.option(
    "--percent",
    type=click.FloatRange(0, 100, min_open=True),
    default=10.0,
    show_default=True,
    help="Percentage of RFQs.",
)


def _with_trials(database_url: str | None, work: Callable[[Trials], Awaitable[Any]]) -> Any:
    from rfqflow.store.prompt_trials import Trials

    return with_reconnecting(dsn_of(database_url), lambda line: work(Trials(line)))


@example("rfqflow prompt shadow rfq@2 --percent 5")
@click.command("shadow")
@click.argument("version")
@_PERCENT
@database
@actor
@json_
def shadow(**options: Any) -> None:
    """Run VERSION in shadow mode beside the active prompt.

    For a share of RFQs, a worker also asks the model with VERSION, within the budget of evaluations. It does not write
    the results to RFQs.
    """
    _start("shadow", **options, force=False)


@example("rfqflow prompt canary rfq@2 --percent 10")
@click.command("canary")
@click.argument("version")
@_PERCENT
@click.option("--force", is_flag=True, help="Start even without an evaluation.")
@database
@actor
@json_
def canary(**options: Any) -> None:
    """Enrich a share of RFQs with VERSION.

    An RFQ gets the same version each time. The canary stops by itself if VERSION is clearly worse.
    """
    _start("canary", **options)


def _start(
    kind: str, version: str, percent: float, database_url: str | None, actor: str | None, reason: str | None,
    *, force: bool, as_json: bool,
) -> None:  # fmt: skip
    number = _with_trials(database_url, lambda trials: trials.start(kind, version, percent, actor, reason, force=force))
    if as_json:
        print_json({"trial": number})
    else:
        click.echo(
            f"trial {number}: {kind} of {version} for {percent:g} %; "
            f"`rfqflow prompt trial {number}` compares the versions"
        )


@example("rfqflow prompt stop canary --actor ada")
@click.command("stop")
@click.argument("kind", type=click.Choice(["shadow", "canary"]))
@database
@actor
@json_
def stop(*, kind: str, database_url: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """End the running shadow or canary.

    From the next claim on, RFQs get the active prompt.
    """

    async def end(trials: Trials) -> int | None:
        running = await trials.running(kind)
        figures = await trials.figures(running) if running else None
        return await trials.end(kind, actor, reason or "stopped by hand", figures)

    number = _with_trials(database_url, end)
    if as_json:
        print_json({"trial": number})
    else:
        click.echo(f"trial {number} stopped" if number else f"no running {kind}")


@example("rfqflow prompt trials --limit 5")
@click.command("trials")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@database
@json_
def list_(*, limit: int, database_url: str | None, as_json: bool) -> None:
    """List shadows and canaries, newest first."""
    rows = _with_trials(database_url, lambda trials: trials.all(limit))
    if as_json:
        print_json(rows)
        return
    columns = (
        "trial",
        "kind",
        "prompt_version",
        "base_version",
        "percent",
        "started_at",
        "ended_at",
        "end_reason",
    )
    console().print(table(None, columns, [[row[key] for key in columns] for row in rows]))


@example("rfqflow prompt trial 2")
@click.command("trial")
@click.argument("trial", type=click.IntRange(1))
@click.option("--ids", is_flag=True, help="Print only the ids of RFQs handled by the canary.")
@click.option("--failed", is_flag=True, help="With --ids: print only RFQs on which the canary failed.")
@database
@json_
def show(*, trial: int, database_url: str | None, ids: bool, failed: bool, as_json: bool) -> None:
    """Compare the two arms of TRIAL.

    The command compares agreement, overrides, cost, latency and failures.
    """
    from rfqflow.evaluation.trial_report import arms

    async def find(trials: Trials) -> Any:
        return await trials.figures(trial), await trials.rfqs(trial)

    figures, rfqs = _with_trials(database_url, find)
    if ids:
        for rfq_id, has_failed in rfqs:
            if has_failed or not failed:
                click.echo(str(rfq_id))
        return
    if as_json:
        print_json({**figures, "rfq_ids": [rfq_id for rfq_id, _ in rfqs]})
        return
    state = f"ended: {figures['end_reason']}" if figures["ended_at"] else "running"
    click.echo(
        f"trial {trial}, {figures['kind']} of {figures['prompt_version']} against {figures['base_version']}, "
        f"{figures['percent']:g} %, {state}\n"
    )
    console().print(table(None, ("", figures["prompt_version"], figures["base_version"]), arms(figures)))
    if figures["kind"] == "canary" and rfqs:
        click.echo(
            f"\nThe canary handled {len(rfqs)} RFQs, and {sum(failed for _, failed in rfqs)} of them failed. List them "
            f"with `rfqflow prompt trial {trial} --ids`.\nEnrich them again with the active prompt:\n"
            f"  rfqflow rerun $(rfqflow prompt trial {trial} --ids)"
        )
