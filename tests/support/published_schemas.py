"""Checks stored and sent data against the JSON Schemas that applications get."""

import json
from functools import cache
from typing import Any

import asyncpg
from jsonschema import Draft202012Validator

from rfqflow.core.published_schemas import PUBLISHED


@cache
def validator(name: str) -> Draft202012Validator:
    """A validator for the schema of this name; it checks the formats of dates and ids."""
    return Draft202012Validator(PUBLISHED[name](), format_checker=Draft202012Validator.FORMAT_CHECKER)


def problems(name: str, value: Any) -> list[str]:
    """The faults that the schema finds in a value, each with its place."""
    return [f"{error.json_path}: {error.message}"[:300] for error in validator(name).iter_errors(value)]


async def unknown_in_answers(conn: asyncpg.Connection, limit: int | None = None) -> list[str]:
    """The faults that the schema finds in stored answers, in each table that keeps answers."""
    rows = await conn.fetch(
        "select r.ai_extracted::text as extracted from ai.rfqs r where r.ai_extracted is not null limit $1", limit
    )
    different = {row["extracted"] for row in rows}
    return [problem for extracted in different for problem in problems("ai-extracted", json.loads(extracted))]
