"""`rfqflow report`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import OUTPUT, database, example, json_
from rfqflow.cli.output import print_json
from rfqflow.cli.sessions import connected
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from rfqflow.store.reporting import Figures


@example("rfqflow report --output report.html")
@click.command("report")
@database
@click.option(
    "--output",
    type=OUTPUT,
    default=Path("rfqflow-report.html"),
    show_default=True,
    help="File for the HTML; - is standard output.",
)
@click.option("--markdown", is_flag=True, help="Print Markdown instead.")
@json_
def report(*, database_url: str | None, output: Path, markdown: bool, as_json: bool) -> None:
    """Write the scorecard and plots as one HTML file.

    About the days of the policy scorecard_days. Each figure says how it is measured and what it cannot see. No text
    and no address of any RFQ is in it.
    """
    from rfqflow.reporting.scorecard import FIGURES, as_html, as_markdown
    from rfqflow.store.reporting import Figures

    if markdown and as_json:
        raise ConfigError("give --markdown or --json, not both")
    data = connected(database_url, lambda conn: _read(Figures(conn)))
    if as_json:
        result = {figure.key: {"measured": figure.measured, "not_seen": figure.unseen} for figure in FIGURES}
        print_json({**data, "about": result})
    elif markdown:
        click.echo(as_markdown(data), nl=False)
    elif str(output) == "-":
        click.echo(as_html(data), nl=False)
    else:
        try:
            output.write_text(as_html(data), "utf-8")
        except OSError as error:
            raise RfqflowError(f"{output} cannot be written: {error.strerror}") from None
        click.echo(output)


async def _read(figures: Figures) -> dict[str, Any]:
    days = await figures.scorecard_days()
    now = await figures.now()
    return {
        "made_at": now.isoformat(timespec="seconds"),
        "first_day": str(now.date() - dt.timedelta(days=days - 1)),
        "last_day": str(now.date()),
        "scorecard": await figures.scorecard(),
        "daily": await figures.daily(days),
        "latency": await figures.latency(days),
        "causes": await figures.causes(days),
        "budgets": (await figures.guards())["budgets"],
        "ends": await figures.ends(days),
        "agreement": await figures.agreement(),
        "edits": await figures.edits(),
        "cascade": await figures.cascade(days),
    }
