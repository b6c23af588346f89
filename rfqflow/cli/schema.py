"""`rfqflow schema`."""

from __future__ import annotations

import click

from rfqflow.cli.options import example
from rfqflow.cli.output import print_json

NAMES = ("ai-extracted", "webhook")  # copied from core/published_schemas.py, which is too slow to import for --help


@example("rfqflow schema ai-extracted")
@click.command("schema")
@click.argument("name", type=click.Choice(NAMES))
def schema(name: str) -> None:
    """Print the JSON Schema of data that applications read.

    NAME ai-extracted is the column ai_extracted; webhook is the message of a webhook. To generate types from the
    schema, use json-schema-to-typescript or datamodel-code-generator. The command needs no database.
    """
    from rfqflow.core.published_schemas import PUBLISHED

    print_json(PUBLISHED[name]())
