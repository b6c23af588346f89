"""The recorded answers of tests/corpus/answers.jsonl: each cites the place of each value."""

import json
import re
from pathlib import Path

import pytest

from rfqflow.core.errors import InvalidAnswer
from rfqflow.core.prompting import answer_schema
from rfqflow.core.records import Route
from rfqflow.core.text.reading import Reading
from rfqflow.core.text.sanitize import fold
from tests.support.recorded_answers import recorded, written

CORPUS = Path(__file__).parents[1] / "corpus"
RFQS = {rfq["id"]: rfq for rfq in map(json.loads, (CORPUS / "rfqs_dev.jsonl").read_text("utf-8").splitlines())}
ANSWERS = [json.loads(line) for line in (CORPUS / "answers.jsonl").read_text("utf-8").splitlines()]


def test_the_corpus_has_enough_answers_and_mistakes():
    assert len({case["id"] for case in ANSWERS}) == len(ANSWERS) >= 400
    assert sum(len(case["mistakes"]) for case in ANSWERS if "mistakes" in case) >= 600


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case["id"])
def test_each_quotation_occurs_in_the_readable_text(case):
    reading = Reading.of((RFQS[case["rfq"]] if "rfq" in case else case)["message"])
    text = squashed(reading.text)
    answer = case["answer"]
    quoted = [quote for entry in (*answer["line_items"], *answer["cites"]) for quote in entry["lines"]]
    assert [quote for quote in quoted if squashed(quote) not in text] == []


def test_answers_written_in_either_order_are_read_as_the_same():
    """The checks see only the parsed answer, so they find the same in both."""
    for case in recorded():
        assert read(case, "facts_first") == read(case, "judgement_first")


def read(case, order):
    named = {case.said["route"], *(entry["route"] for entry in case.said["route_alternatives"])}
    routes = [Route(slug, "") for slug in sorted(named)]
    try:
        return answer_schema.parse(written(case.wire, order), schema=answer_schema.schema(routes, order), rfq=case.rfq)
    except InvalidAnswer as invalid:
        return invalid.details


def squashed(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))
