"""The `rfqflow` command.

This module imports only click, so that --help answers at once. Each command imports other modules when it runs.
"""

from __future__ import annotations

import sys

import click

from rfqflow import __version__
from rfqflow.cli.groups import MainGroup
from rfqflow.cli.options import example

# In the order in which --help lists them.
_SECTIONS = {
    "Everyday": {
        "status": "rfqflow.cli.status:status",
        "show": "rfqflow.cli.show:show",
        "rerun": "rfqflow.cli.rfqs:rerun",
        "dead": "rfqflow.cli.dead:dead",
        "override": "rfqflow.cli.rfqs:override",
        "correct": "rfqflow.cli.correct:correct",
        "draft": "rfqflow.cli.draft:draft",
        "console": "rfqflow.cli.console:console",
        "account": "rfqflow.cli.account:account",
        "report": "rfqflow.cli.report:report",
    },
    "Operate": {
        "run": "rfqflow.cli.run:run",
        "pause": "rfqflow.cli.policy:pause",
        "resume": "rfqflow.cli.policy:resume",
        "policy": "rfqflow.cli.policy:policy",
        "budget": "rfqflow.cli.limits:budget",
        "price": "rfqflow.cli.prices:price",
        "breaker": "rfqflow.cli.limits:breaker",
        "backfill": "rfqflow.cli.rfqs:backfill",
        "intake": "rfqflow.cli.intake:intake",
        "maintain": "rfqflow.cli.maintenance:maintain",
        "erase": "rfqflow.cli.maintenance:erase",
    },
    "Quality": {
        "prompt": "rfqflow.cli.prompts:prompt",
        "docs": "rfqflow.cli.documents:docs",
        "eval": "rfqflow.cli.evaluation:evaluation",
    },
    "Set up": {
        "demo": "rfqflow.cli.demo:demo",
        "migrate": "rfqflow.cli.migrate:migrate",
        "schema": "rfqflow.cli.schema:schema",
        "doctor": "rfqflow.cli.doctor:doctor",
        "bench": "rfqflow.cli.bench:bench",
        "detach": "rfqflow.cli.leave:detach",
        "uninstall": "rfqflow.cli.leave:uninstall",
    },
}


@example("rfqflow demo")
@click.group(
    cls=MainGroup,
    sections=_SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="rfqflow")
def main() -> None:
    """Enrich requests for quotation (RFQs) with AI, coordinated through PostgreSQL.

    Try `rfqflow demo` first: it needs no server, no key and no Docker. Every command has --help with an example.
    """
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal's encoding lacks must not crash a command.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
