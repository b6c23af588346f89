"""The commands that keep the house: maintain and erase; as light to import as the group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rfqflow.cli.options import actor, database, json_


@click.command("maintain")
@database
@click.option("--archive", "everything", is_flag=True, help="Archive all weeks that are due, not only the next four.")
@click.option(
    "--archive-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where archives are; default: RFQFLOW_ARCHIVE_DIR, else nothing is archived.",
)
@click.option(
    "--format", "form", type=click.Choice(["jsonl.gz", "parquet"]), help="Default: parquet where pyarrow is installed."
)
@click.option("--restore", metavar="FILE", help="Bring the runs of an archive back, and do nothing else.")
@click.option(
    "--drop-without-archive", is_flag=True, help="Weeks that are due are dropped for good, and archived nowhere."
)
@actor
@json_
def maintain_(**options: Any) -> None:
    """Every step of the maintenance once: partitions, claims, holds, pruning, roll-up, sweep, vacuum, archive.

    Daemons do the same on their own; ai.maintenance_status tells when.
    """
    from rfqflow.cli import maintain as it

    it.maintain(**options)


@click.command("erase")
@click.argument("email")
@database
@click.option(
    "--archive-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where archives are; default: RFQFLOW_ARCHIVE_DIR.",
)
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal nobody is asked anyway.")
@actor
@json_
def erase_(**options: Any) -> None:
    """Erase the person who wrote from EMAIL: text, contact, answers, runs' output, cases, archives.

    Route, cost and counts of their RFQs stay; what was done is in ai.actions.
    """
    from rfqflow.cli import maintain as it

    it.erase(**options)


COMMANDS = (maintain_, erase_)
