"""The `rfqflow` command.

This module imports click and nothing else of weight, so that --help answers at once; each command imports what it
needs when it runs.
"""

from __future__ import annotations

import sys

import click

from rfqflow import __version__
from rfqflow.cli.groups import MainGroup

_COMMANDS = {
    "backfill": "rfqflow.cli.rfqs:backfill",
    "bench": "rfqflow.cli.bench:bench",
    "breaker": "rfqflow.cli.limits:breaker",
    "budget": "rfqflow.cli.limits:budget",
    "console": "rfqflow.cli.console:console",
    "demo": "rfqflow.cli.demo:demo",
    "detach": "rfqflow.cli.leave:detach",
    "docs": "rfqflow.cli.documents:docs",
    "doctor": "rfqflow.cli.doctor:doctor",
    "erase": "rfqflow.cli.maintenance:erase",
    "eval": "rfqflow.cli.evaluation:evaluation",
    "maintain": "rfqflow.cli.maintenance:maintain",
    "migrate": "rfqflow.cli.migrate:migrate",
    "override": "rfqflow.cli.rfqs:override",
    "pause": "rfqflow.cli.policy:pause",
    "policy": "rfqflow.cli.policy:policy",
    "price": "rfqflow.cli.prices:price",
    "prompt": "rfqflow.cli.prompts:prompt",
    "report": "rfqflow.cli.report:report",
    "rerun": "rfqflow.cli.rfqs:rerun",
    "resume": "rfqflow.cli.policy:resume",
    "run": "rfqflow.cli.run:run",
    "schema": "rfqflow.cli.schema:schema",
    "show": "rfqflow.cli.show:show",
    "status": "rfqflow.cli.status:status",
    "uninstall": "rfqflow.cli.leave:uninstall",
}


@click.group(
    cls=MainGroup, lazy=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="rfqflow")
def main() -> None:
    """Enriches requests for quotation with AI; PostgreSQL is the only coordination point.

    Try `rfqflow demo` first: it needs no server, no key and no Docker.
    """
    for stream in (sys.stdout, sys.stderr):
        # An ASCII terminal must not bring a command down.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
