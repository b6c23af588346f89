"""The commands of prompts on trial; as light to import as the group."""

from __future__ import annotations

from typing import Any

import click

from rfqflow.cli.options import actor, database, json_

_PERCENT = click.option(
    "--percent", type=click.FloatRange(0, 100, min_open=True), default=10.0, show_default=True, help="Share of RFQs."
)


@click.command("shadow")
@click.argument("version")
@_PERCENT
@database
@actor
@json_
def shadow(**options: Any) -> None:
    """Ask VERSION beside the active prompt about a share of RFQs, in the budget of evaluations; no RFQ is touched."""
    from rfqflow.cli import trials as it

    it.start("shadow", **options, force=False)


@click.command("canary")
@click.argument("version")
@_PERCENT
@click.option("--force", is_flag=True, help="Though it was never measured.")
@database
@actor
@json_
def canary(**options: Any) -> None:
    """Enrich a share of RFQs with VERSION: the same RFQ, the same arm. Stops by itself when it is clearly worse."""
    from rfqflow.cli import trials as it

    it.start("canary", **options)


@click.command("stop")
@click.argument("kind", type=click.Choice(["shadow", "canary"]))
@database
@actor
@json_
def stop(**options: Any) -> None:
    """End the running shadow or canary: from the next claim on RFQs get the active prompt."""
    from rfqflow.cli import trials as it

    it.stop(**options)


@click.command("trials")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@database
@json_
def trials(**options: Any) -> None:
    """Shadows and canaries, the newest first."""
    from rfqflow.cli import trials as it

    it.list_(**options)


@click.command("trial")
@click.argument("trial", type=click.IntRange(1))
@click.option(
    "--ids", is_flag=True, help="Print the ids of the RFQs that the canary was asked about, and nothing else."
)
@click.option("--failed", is_flag=True, help="With --ids: only those it failed on.")
@database
@json_
def trial(**options: Any) -> None:
    """Compare both arms of TRIAL: agreement, overrides, cost, latency, failures."""
    from rfqflow.cli import trials as it

    it.show(**options)


COMMANDS = (shadow, canary, stop, trials, trial)
