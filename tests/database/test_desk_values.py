"""Which values a person may set in each field of an answer."""

from __future__ import annotations

import asyncpg
import pytest

from rfqflow.core.errors import ConfigError
from rfqflow.store.desk import DeskStore
from tests.support.answered_rfqs import ITEM, PUMP, VALVE, answer_with

BAD = [
    ({ITEM: "many"}, "must be a number above 0"), ({ITEM: -1}, "above 0"), ({ITEM: "1e3"}, "above 0"), ({ITEM: True}, "above 0"), ({ITEM: [1]}, "above 0"),
    ({"due_date": "2026-02-30"}, "must be a date"), ({"due_date": "tomorrow"}, "2026-11-30"), ({"urgency": "soon"}, "low, normal, high, critical"),
    ({"urgency": None}, "cannot be empty"), ({"summary": " "}, "cannot be empty"), ({"tags": ["A b"]}, "lower case"), ({"tags": "a"}, "list"),
    ({"missing": ["luck"]}, "unknown"), ({"budget": {"amount": 1}}, "currency"), ({"incoterm": "fob"}, "EXW"), ({"route": "general"}, "override"),
    ({"route": None}, "override"), ({"quantity": 5}, "cannot be corrected"), ({"checks": None}, "cannot be corrected"), ({"line_items": []}, "cannot be corrected"),
    ({"line_items[7].quantity": 5}, "line_items.* not found"), ({"line_items[0].lines": [1]}, "cannot be corrected"), ({"line_items[0].summary": "x"}, "cannot be corrected"),
    ({"line_items[0]": 5}, "line item"), ({"line_items[+]": {"quantity": 4}}, "description"), ({"line_items[+].unit": "m"}, "whole line"),
    ({"line_items[+9]": None}, "not found"), ({"line_items[0].quantity.x": 1}, "not a path"), ({"a b": 1}, "not a path"), ({}, "nothing"),
    ({"summary": "x" * 601}, "600"), ({"line_items[0].description": None}, "cannot be empty"),
]  # fmt: skip


async def test_a_value_that_does_not_fit_its_field_is_refused_and_nothing_is_changed(db):
    desk = DeskStore(db)
    rfq = await db.fetchval("insert into public.rfq_requests (message) values ('m') returning id")
    await answer_with(db, rfq, [PUMP, VALVE])
    for changes, reported in BAD:
        with pytest.raises(ConfigError, match=reported):
            await desk.correct(rfq, {"due_date_text": "soon", **changes} if changes else {}, "ada")
        assert (await desk.answer(rfq)).corrections == (), changes
    assert await db.fetchval("select count(*) from ai.desk") == 0
    with pytest.raises(asyncpg.PostgresError) as error:
        await db.execute("select ai.correct_rfq($1, '{\"urgency\": \"soon\"}', 'ada')", rfq)
    assert error.value.sqlstate == "RF012"
