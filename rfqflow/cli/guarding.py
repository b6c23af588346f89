"""The commands of budgets and breakers; as light to import as the group."""

from __future__ import annotations

from typing import Any

import click

from rfqflow.cli.options import actor, database, json_

_PERIODS = click.Choice(["hour", "day", "month"])


@click.group("budget", invoke_without_command=True)
@database
@json_
@click.pass_context
def budget_(context: click.Context, *, database_url: str | None, as_json: bool) -> None:
    """What may be spent and has been: without a subcommand all running budgets."""
    if context.invoked_subcommand is None:
        from rfqflow.cli import guards as it

        it.budgets(database_url, as_json=as_json)


@budget_.command("set")
@click.argument("scope")
@click.argument("period", type=_PERIODS)
@click.argument("usd", metavar="USD|none")
@actor
@database
@json_
def budget_set(*, scope: str, period: str, usd: str, **options: Any) -> None:
    """Cap what SCOPE (global, evaluation, sender, model:NAME) may cost per PERIOD; none takes the cap away.

    What was spent in the running window counts. Raising a cap wakes the RFQs that wait for it.
    """
    from rfqflow.cli import guards as it

    it.set_budget(scope, period, usd, **options)


@budget_.command("reconcile")
@click.option("--correct", is_flag=True, help="Put right what differs, and tell of it in ai.events.")
@database
@json_
def budget_reconcile(*, correct: bool, database_url: str | None, as_json: bool) -> None:
    """Hold the running windows against the runs and holds they count; exit 1 when they differ."""
    from rfqflow.cli import guards as it

    it.reconcile(database_url, correct=correct, as_json=as_json)


@click.group("breaker", invoke_without_command=True)
@database
@json_
@click.pass_context
def breaker_(context: click.Context, *, database_url: str | None, as_json: bool) -> None:
    """Whether models are called: without a subcommand the breaker of each."""
    if context.invoked_subcommand is None:
        from rfqflow.cli import guards as it

        it.breakers(database_url, as_json=as_json)


def _run_once(name: str, text: str) -> None:
    @breaker_.command(name, help=text)
    @click.argument("provider")
    @click.argument("model", default="*")
    @actor
    @database
    @json_
    def turn(*, provider: str, model: str, **options: Any) -> None:
        from rfqflow.cli import guards as it

        it.turn(name, provider, model, **options)


_run_once("open", "Let no call through to MODEL (default: all of PROVIDER's) until somebody closes it; RFQs wait.")
_run_once("close", "Close the breaker of MODEL, whatever opened it; calls come back in a ramp.")
_run_once("reset", "Close it and forget ramp and counts, as if nothing had happened.")

COMMANDS = (budget_, breaker_)
