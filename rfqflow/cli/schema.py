"""`rfqflow schema`."""

from __future__ import annotations

import click

from rfqflow.cli.options import example
from rfqflow.cli.output import print_json

NAMES = ("ai-extracted", "webhook")  # those of core/published_schemas.py, which --help must not load


@example("rfqflow schema ai-extracted")
@click.command("schema")
@click.argument("name", type=click.Choice(NAMES))
def schema(name: str) -> None:
    """Print the JSON Schema of what applications read.

    Of the column ai_extracted, or of a webhook's message. Types are made of it, as by json-schema-to-typescript or
    datamodel-code-generator. No database is asked.
    """
    from rfqflow.core.published_schemas import PUBLISHED

    print_json(PUBLISHED[name]())
