"""The commands that steer single RFQs or many: rerun, backfill, override, report; as light to import as the group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rfqflow.cli.options import RFQ_ID, actor, database, json_, since


@click.command("rerun")
@click.argument("rfq_ids", type=RFQ_ID, nargs=-1, metavar="[RFQ_ID]...")
@database
@click.option("--failed", is_flag=True, help="All dead letters.")
@click.option("--skipped", metavar="REASON", help="All that were skipped for this reason.")
@since
@click.option("--prompt-version", metavar="NAME@N", help="Only those whose accepted answer is of this one.")
@click.option("--force", is_flag=True, help="Even where text and prompt version have an accepted answer: costs a call.")
@click.option("--dry-run", is_flag=True, help="Only tell how many it would be.")
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal nobody is asked anyway.")
@json_
def rerun_(*, rfq_ids: tuple[Any, ...], **options: Any) -> None:
    """Make RFQs due now that have an end.

    --failed and --skipped add up, everything else narrows.
    """
    from rfqflow.cli import steer as it

    it.rerun(rfq_ids, **options)


@click.command("backfill")
@database
@since
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@click.option(
    "--per-minute",
    type=click.IntRange(1, 100_000),
    default=60,
    show_default=True,
    help="How many become due each minute; RFQs that come in meanwhile wait no longer than these take.",
)
@click.option("--after", type=RFQ_ID, metavar="RFQ_ID", help="Go on after this id, where an earlier one stopped.")
@json_
def backfill_(**options: Any) -> None:
    """Enqueue RFQs that are older than the installation, to be enriched one by one at a pace.

    Safe to stop and to repeat: nothing is enqueued twice.
    """
    from rfqflow.cli import steer as it

    it.backfill(**options)


@click.command("override")
@click.argument("rfq_id", type=RFQ_ID)
@click.option("--route", help="Where it goes: a slug of ai.routes.")
@click.option("--withdraw", is_flag=True, help="Take the override back: the model's route counts again.")
@actor
@database
@json_
def override_(*, rfq_id: Any, **options: Any) -> None:
    """Route an RFQ by hand: wins over the model's route, now and after every later run."""
    from rfqflow.cli import steer as it

    it.override(rfq_id, **options)


@click.command("report")
@database
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("rfqflow-report.html"),
    show_default=True,
    help="File for the HTML; - is standard output.",
)
@click.option("--markdown", is_flag=True, help="Print Markdown instead.")
@json_
def report_(**options: Any) -> None:
    """The scorecard and plots as one HTML file that needs nothing else.

    About the days of the policy scorecard_days. Each figure says how it is measured and what it cannot see. No text
    and no address of any RFQ is in it.
    """
    from rfqflow.cli import report as it

    it.report(**options)


COMMANDS = (rerun_, backfill_, override_, report_)
