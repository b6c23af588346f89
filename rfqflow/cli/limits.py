"""`rfqflow budget` and `rfqflow breaker`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.asking import on_terminal
from rfqflow.cli.groups import NumbersCommand
from rfqflow.cli.options import actor, database, example, json_
from rfqflow.cli.output import cell, console, print_json, table
from rfqflow.cli.sessions import connected
from rfqflow.core.errors import RfqflowError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rfqflow.store.limits import Guards

_PERIODS = click.Choice(["hour", "day", "month"])


def _with_limits(database_url: str | None, work: Callable[[Guards], Awaitable[Any]]) -> Any:
    from rfqflow.store.limits import Guards

    return connected(database_url, lambda conn: work(Guards(conn)))


@example("rfqflow budget")
@click.group("budget", invoke_without_command=True)
@database
@json_
@click.pass_context
def budget(context: click.Context, *, database_url: str | None, as_json: bool) -> None:
    """Show budgets and spending, or change them.

    Without a subcommand, the command lists all budgets and what they have spent.
    """
    if context.invoked_subcommand is None:
        _show_budgets(database_url, as_json=as_json)


def _show_budgets(database_url: str | None, *, as_json: bool) -> None:
    rows = _with_limits(database_url, lambda limits: limits.budgets())
    if as_json:
        print_json(rows)
        return
    columns = ("scope", "period", "cap_usd", "spent_usd", "assumed_usd", "held_usd", "left_usd", "window_end")
    console().print(table(None, columns, [[row[name] for name in columns] for row in rows]))
    if any(row["assumed_usd"] for row in rows):
        click.echo("assumed_usd is the part of spent_usd that is booked at an assumed price: see `rfqflow price list`")
    if not rows:
        click.echo("no budget is set; example: rfqflow budget set global day 5")


@example("rfqflow budget set global day 20 --actor ada")
@budget.command("set", cls=NumbersCommand)
@click.argument("scope")
@click.argument("period", type=_PERIODS)
@click.argument("usd", metavar="USD|none")
@click.option("--yes", is_flag=True, help="Skip the confirmation if the new cap stops work.")
@actor
@database
@json_
def budget_set(
    *, scope: str, period: str, usd: str, yes: bool, actor: str | None, reason: str | None, database_url: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Set the spending cap for SCOPE per PERIOD.

    SCOPE is global, evaluation, draft, sender or model:NAME. USD `none` removes the cap. The command first prints the
    effect. If the new cap stops work, the command asks for confirmation on a terminal. The cap applies to the running
    window too, with what is already spent. A higher cap wakes the RFQs that wait for this budget.
    """
    from rfqflow.cli.budget_preview import previewed
    from rfqflow.core.decisions.admission import cap_usd
    from rfqflow.reporting.cap_preview import lines_of, warnings_of

    cap = cap_usd(usd)
    preview = previewed(database_url, scope, period, cap)
    warnings = warnings_of(preview, cap, cell)
    if not as_json:
        for line in (*lines_of(preview, scope, period, cell), *warnings):
            click.echo(line, err=True)
    if warnings and not yes and on_terminal():
        click.confirm(f"Set the cap of {scope} per {period} to {_cap_text(cap)}?", abort=True, err=True)
    old = _with_limits(database_url, lambda limits: limits.set_budget(scope, period, cap, actor, reason))
    if as_json:
        print_json({
            "scope": scope, "period": period, "cap_usd": cap, "old_cap_usd": old,
            **{key: preview[key] for key in
               ("window_start", "window_end", "spent_usd", "assumed_usd", "held_usd", "call_usd", "frees", "stops")},
            "warnings": warnings,
        })  # fmt: skip
    else:
        click.echo(f"{scope} {period}: {_cap_text(old)} -> {_cap_text(cap)}")


@example("rfqflow budget reconcile --correct")
@budget.command("reconcile")
@click.option("--correct", is_flag=True, help="Correct wrong amounts, and record the correction in ai.events.")
@database
@json_
def budget_reconcile(*, correct: bool, database_url: str | None, as_json: bool) -> None:
    """Compare budgets with their recorded runs and holds.

    The command exits with 1 if an amount differs.
    """
    rows = _with_limits(database_url, lambda limits: limits.reconcile(correct=correct))
    drift = [row for row in rows if row["spent_usd"] != row["runs_usd"] or row["held_usd"] != row["holds_usd"]]
    if as_json:
        print_json({"windows": rows, "drift": len(drift), "corrected": correct and bool(drift)})
    else:
        columns = ("scope", "period", "starts_at", "spent_usd", "runs_usd", "held_usd", "holds_usd")
        console().print(table(None, columns, [[row[name] for name in columns] for row in rows]))
        click.echo(f"{len(drift)} of {len(rows)} differ" + (", corrected" if correct and drift else ""))
    if drift and not correct:
        click.get_current_context().exit(1)


def _cap_text(cap: Any) -> str:
    return "no cap" if cap is None else f"{cap:f} USD"


@example("rfqflow breaker")
@click.group("breaker", invoke_without_command=True)
@database
@json_
@click.pass_context
def breaker(context: click.Context, *, database_url: str | None, as_json: bool) -> None:
    """Show or control circuit breakers.

    An open breaker stops all calls to a model. Without a subcommand, the command lists the breaker of each model.
    """
    if context.invoked_subcommand is None:
        _show_breakers(database_url, as_json=as_json)


def _show_breakers(database_url: str | None, *, as_json: bool) -> None:
    rows = _with_limits(database_url, lambda limits: limits.breakers())
    if as_json:
        print_json(rows)
        return
    columns = ("provider", "model", "state", "reason", "open_until", "trips", "calls", "failures", "in_flight", "ramp")
    console().print(table(None, columns, [[row[name] for name in columns] for row in rows]))
    if not rows:
        click.echo("no calls recorded yet")


def _add_transition(name: str, text: str) -> None:
    @example(f"rfqflow breaker {name} openai gpt-5-mini --actor ada")
    @breaker.command(name, help=text)
    @click.argument("provider")
    @click.argument("model", default="*")
    @actor
    @database
    @json_
    def command(**options: Any) -> None:
        _turn(name, **options)


_add_transition(
    "open",
    "Block all calls to MODEL until an operator closes the breaker.\n\nWithout MODEL, the command blocks calls to all "
    "models of PROVIDER. RFQs wait.",
)
_add_transition("close", "Close the breaker of MODEL, even if a person opened it.\n\nCalls then increase gradually.")
_add_transition("reset", "Close the breaker, and reset its ramp and failure counts.")


def _turn(
    what: str,
    *,
    provider: str,
    model: str,
    actor: str | None,
    reason: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Opens, closes or resets a breaker by hand."""
    known, was_open = _with_limits(database_url, lambda limits: _turned(limits, what, provider, model, actor, reason))
    if as_json:
        print_json({"provider": provider, "model": model, "did": what, "was_open": was_open})
    if what == "close" and not was_open:
        raise RfqflowError(f"the breaker of {provider} {model} was not open; `rfqflow breaker` lists all")
    if not known and what == "open":
        click.echo("this model has no recorded calls: check the name with `rfqflow breaker`", err=as_json)
    if not as_json:
        click.echo(f"{provider} {model}: {'open' if what == 'open' else 'closed'}")


async def _turned(
    limits: Guards, what: str, provider: str, model: str, actor: str | None, reason: str | None
) -> tuple[bool, bool]:
    known = await limits.was_asked(provider, model)
    return known, await limits.turn(what, provider, model, actor, reason)
