"""Recorded answers through the whole daemon: right values survive, mistakes are found (python -m tests.corpus.replay)."""

import json

import pytest

from tests.corpus.replay import doubts, is_seen, replay
from tests.support.published_schemas import unknown_in_answers
from tests.support.recorded_answers import recorded


@pytest.mark.timeout(240)
async def test_right_values_survive_and_mistakes_are_found(database, db):
    cases = list(recorded())
    rows = await replay(database, cases)

    assert {row["ai_status"] for row in rows.values()} == {"done"}
    assert await db.fetchval("select count(*) from public.rfq_requests where ai_extracted is not null") == len(cases)
    assert await unknown_in_answers(db) == []
    honest = [case for case in cases if case.mistake is None]
    lost = [case.name for case in honest if rows[case.name]["out"]]
    whole = [case for case in honest if case.kind == "whole"]
    short = [case for case in honest if case.kind == "short"]
    assert len(lost) <= 0.02 * len(honest), lost
    assert sum(case.name in lost for case in whole) <= 0.02 * len(whole)
    assert sum(case.name in lost for case in short) <= 0.05 * len(short)
    planted = [case for case in cases if case.mistake is not None]
    assert sum(is_seen(case, rows[case.name], rows[case.case_id]) for case in planted) >= 0.75 * len(planted)
    reviewed = [case for case in whole if rows[case.name]["ai_review"] in ("contradicted_fact", "items_incomplete")]
    assert len(reviewed) <= 0.05 * len(whole)
    # A value that was taken out stays on the run, and is no longer a fact of the RFQ.
    for case in cases:
        for fact in json.loads(rows[case.name]["out"] or "{}"):
            assert doubts(rows[case.name])[fact][0] == "contradicted"
