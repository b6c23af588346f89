"""`rfqflow correct` as a person types it."""

from __future__ import annotations

import asyncio

import pytest
from click.testing import CliRunner

from rfqflow.cli.correct import correct
from rfqflow.core.errors import ConfigError
from tests.support.answered_rfqs import PUMP, VALVE, answered


@pytest.fixture
async def typed(database, db):
    """The corrections that the command makes of the words after an RFQ's id; and that RFQ."""
    rfq = await answered(db, "5 pumps, 8 valves", line_items=[PUMP, VALVE])

    async def run(*words):
        given = [str(rfq), *words, "--actor", "ada", "--database-url", database]
        return await asyncio.to_thread(CliRunner().invoke, correct, given)

    return run, rfq


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("line_items[+]=bolt", "line_items[+]=nut"), "is given twice"),
        (("urgency=high", "summary=a", "urgency=low"), "urgency is given twice"),
        (("tags=" + "[" * 20_000,), "tags: the value is not valid JSON"),
        (("line_items[0].standards=[DIN 912",), "is not valid JSON"),
    ],
)
async def test_values_that_would_lose_digits_or_are_invalid_json_are_refused_and_nothing_is_corrected(
    db, typed, words, message
):
    run, rfq = typed
    done = await run(*words)
    assert isinstance(done.exception, ConfigError)
    assert message in str(done.exception)
    assert await db.fetchval("select corrections from ai.rfq_answer where rfq_id = $1", rfq) == "[]"


async def test_a_text_may_begin_like_json(db, typed):
    run, rfq = typed
    done = await run("summary=[Urgent] 10 pumps", "line_items[0].description={spare} pump", 'tags=["a", "b"]')
    assert done.exit_code == 0, done.output
    row = await db.fetchrow(
        "select summary, items -> 0 ->> 'description' as first, tags from ai.rfq_answer where rfq_id = $1", rfq
    )
    assert tuple(row) == ("[Urgent] 10 pumps", "{spare} pump", ["a", "b"])
