"""`rfqflow schema`."""

from __future__ import annotations

import click

from rfqflow.cli.options import example
from rfqflow.cli.output import print_json

NAMES = ("ai-extracted", "webhook")  # the schemas of core/published_schemas.py, which --help must not import


@example("rfqflow schema ai-extracted")
@click.command("schema")
@click.argument("name", type=click.Choice(NAMES))
def schema(name: str) -> None:
    """Print the JSON Schema of data that applications read.

    NAME is the column ai_extracted or a webhook's message. Generate types from it with json-schema-to-typescript or
    datamodel-code-generator. The command needs no database.
    """
    from rfqflow.core.published_schemas import PUBLISHED

    print_json(PUBLISHED[name]())
