"""Labelled RFQs with files of every kind, through a daemon's process: each value is correct and cites its place."""

from __future__ import annotations

import pytest

from rfqflow import attachments
from tests.corpus.attached.cases import all_cases
from tests.corpus.attached.measure import by_group, measure
from tests.support.daemon import ForkedProcess

pytestmark = pytest.mark.skipif(not attachments.available(), reason="the extra `attachments` is not installed")
MOST_ITEMS = 60  # items of one RFQ: longer lists are left to `python -m tests.corpus.attached`


@pytest.mark.timeout(300)
async def test_the_rules_read_items_dates_and_places_of_each_kind_of_file_and_a_model_cites_them(database, db):
    cases = list({case.kind: case for case in reversed(all_cases()) if len(case.items) <= MOST_ITEMS}.values())

    by_rules = by_group(cases, (await measure(database, cases, start=ForkedProcess)).scores)["all"]
    await db.execute("delete from public.rfq_requests")  # the text that was read from the files is kept
    by_model = by_group(cases, (await measure(database, cases, model=True, start=ForkedProcess)).scores)["all"]

    assert len(cases) >= 11
    assert by_model.misses == []
    assert (by_model.found, by_model.right_cites) == (by_model.items, by_model.items)
    assert by_rules.marks == by_rules.rfqs
    assert by_rules.found == by_rules.items, by_rules.misses
