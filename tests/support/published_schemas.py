"""What is stored and sent, held against the JSON Schemas that applications are given."""

import json
from functools import cache
from typing import Any

import asyncpg
from jsonschema import Draft202012Validator

from rfqflow.core.published_schemas import PUBLISHED


@cache
def validator(name: str) -> Draft202012Validator:
    """Of the schema of this name; dates and ids have to be such."""
    return Draft202012Validator(PUBLISHED[name](), format_checker=Draft202012Validator.FORMAT_CHECKER)


def problems(name: str, value: Any) -> list[str]:
    """What the schema refuses of a value, each with its place."""
    return [f"{error.json_path}: {error.message}"[:300] for error in validator(name).iter_errors(value)]


async def unknown_in_answers(conn: asyncpg.Connection) -> list[str]:
    """What the schema refuses of all answers that are stored, wherever they are kept."""
    rows = await conn.fetch(
        "select distinct ai_extracted::text as extracted from ai.rfqs where ai_extracted is not null"
    )
    assert rows, "no answer is stored"
    return [problem for row in rows for problem in problems("ai-extracted", json.loads(row["extracted"]))]
