"""`rfqflow report`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from rfqflow.cli.options import OUTPUT, database, example, json_
from rfqflow.cli.output import print_json
from rfqflow.cli.sessions import connected
from rfqflow.core.errors import ConfigError, RfqflowError


@example("rfqflow report --output report.html")
@click.command("report")
@database
@click.option(
    "--output",
    type=OUTPUT,
    default=Path("rfqflow-report.html"),
    show_default=True,
    help="Write the HTML to this file; - is standard output.",
)
@click.option("--markdown", is_flag=True, help="Print Markdown instead.")
@json_
def report(*, database_url: str | None, output: Path, markdown: bool, as_json: bool) -> None:
    """Write a report as one HTML file: verdict, figures, routes, cost.

    The report covers the number of days in policy scorecard_days, and compares each figure with the same number of days
    before. It begins with a verdict: one sentence, and the reasons for it. It prints on two pages. It has no text and
    no address from an RFQ, and no person's name.
    """
    from rfqflow.reporting.report_page import as_html, as_markdown
    from rfqflow.reporting.scorecard import FIGURES
    from rfqflow.reporting.weekly_report import report_of
    from rfqflow.store.reporting import Figures

    if markdown and as_json:
        raise ConfigError("give --markdown or --json, not both")
    data = connected(database_url, lambda conn: Figures(conn).report())
    if as_json:
        result = {figure.key: {"measured": figure.measured, "not_seen": figure.unseen} for figure in FIGURES}
        report = report_of(data)
        summary = {
            "verdict": asdict(report.verdict),
            "changes": {one.figure.key: {**asdict(one.change), "text": one.change.text} for one in report.figures},
            "money": report.money,
        }
        print_json({**summary, **data, "about": result})
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
