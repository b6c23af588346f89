"""The commands that take rfqflow off a table and out of a database; as light to import as the group."""

from __future__ import annotations

from typing import Any

import click

from rfqflow.cli.options import actor, database, json_


@click.command("detach")
@database
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--wait", "wait_seconds", type=click.FloatRange(0), default=60.0, show_default=True, metavar="SECONDS",
    help="How long to wait for calls in flight; 0: do not, their results are recorded after the next migrate.",
)  # fmt: skip
@actor
@json_
def detach_(**options: Any) -> None:
    """Take rfqflow off the application's table until the next `migrate`, so that the table can be changed.

    Drops the triggers, and what depends on the message and the key; queue, runs and answers stay. Daemons wait.
    """
    from rfqflow.cli import leave as it

    it.detach(**options)


@click.command("uninstall")
@database
@click.option("--yes", is_flag=True, help="Do not ask for the database's name.")
@click.option(
    "--answers", type=click.Choice(["keep", "drop"]), default="keep", show_default=True,
    help="What happens to the answers: the columns ai_*, or ai.enrichment.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Though daemons work in this database.")
@json_
def uninstall_(**options: Any) -> None:
    """Take rfqflow out of a database: show what goes, ask, and leave the application's table and the answers.

    What other tools have in schema ai stays, and the schema with it.
    """
    from rfqflow.cli import leave as it

    it.uninstall(**options)


COMMANDS = (detach_, uninstall_)
