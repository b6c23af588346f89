"""`rfqflow eval run`: how good the answers are, on labelled cases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from rfqflow import schema
from rfqflow.cli.output import at_desk, print_json
from rfqflow.core.errors import ConfigError
from rfqflow.core.model import Route
from rfqflow.evaluate import as_json as report_as_json
from rfqflow.evaluate import evaluate_rules, render

if TYPE_CHECKING:
    from pathlib import Path


def run(cases: Path, database_url: str | None, *, as_json: bool) -> None:
    """Scores `rules`, with the routes of the database where one is named, else with those that ship."""
    try:
        labelled = [json.loads(line) for line in cases.read_text("utf-8").splitlines() if line.strip()]
    except ValueError as error:
        raise ConfigError(f"{cases} is no JSON Lines file: {error}") from None
    if not labelled:
        raise ConfigError(f"{cases} holds no case")
    routes = schema.shipped_routes()
    if database_url:
        rows = at_desk(database_url, lambda desk: desk.routes())
        routes = tuple(
            Route(one["slug"], one["description"], tuple(one["keywords"]), one["is_fallback"]) for one in rows
        )
    report = evaluate_rules(labelled, routes)
    if as_json:
        print_json(report_as_json(report))
    else:
        click.echo(render(report))
