"""The JSON Schemas for applications accept all that rfqflow writes, and refuse all else."""

import json
import random
from decimal import Decimal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from rfqflow.cli import main
from rfqflow.cli.schema import NAMES
from rfqflow.core.answer import COLUMNS, Answer, Check, FactVerdict, LineItem, Money, extracted_of
from rfqflow.core.checks import check
from rfqflow.core.errors import InvalidAnswer
from rfqflow.core.published_schemas import PUBLISHED, ai_extracted
from rfqflow.core.rules import answer as by_rules
from tests.support import fuzz_answers
from tests.support.default_routes import default_routes
from tests.support.published_schemas import problems
from tests.support.recorded_answers import recorded

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def refused(answer: Answer) -> list[str]:
    return problems("ai-extracted", extracted_of(answer.model_dump(mode="json", exclude_defaults=True)))


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_schema_is_valid_and_each_of_its_keys_has_a_description(name):
    schema = PUBLISHED[name]()
    Draft202012Validator.check_schema(schema)

    parts = [schema, *schema["$defs"].values()]
    assert [
        key for part in parts for key, field in part.get("properties", {}).items() if not field.get("description")
    ] == []
    assert all(part["additionalProperties"] is False for part in parts if "properties" in part)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_command_prints_the_file_of_the_reference_without_a_database(name):
    printed = CliRunner().invoke(
        main, ["schema", name], env={"RFQFLOW_DATABASE_URL": "postgresql://nobody@nowhere.invalid/none"}
    )

    assert printed.exit_code == 0
    assert json.loads(printed.output) == json.loads((REFERENCE / f"{name}.schema.json").read_text())
    assert set(NAMES) == set(PUBLISHED)


def test_every_field_of_an_answer_has_a_column_or_a_key():
    assert set(ai_extracted()["properties"]) == set(Answer.model_fields) - COLUMNS | {
        "schema_version",
        "confidence_raw",
        "attachments",
    }


def test_it_accepts_what_rules_and_checks_make_of_the_corpus():
    for case in recorded():
        if case.mistake:
            continue
        given = by_rules(case.rfq, default_routes())
        assert refused(given) == [], case.name
        assert refused(check(given, case.rfq).answer) == [], case.name


def test_it_accepts_every_answer_that_a_hostile_model_gets_through():
    stored = 0
    for seed in range(400):
        try:
            answer = fuzz_answers.answer_schema.parse(
                fuzz_answers.hostile(random.Random(seed)), schema=fuzz_answers.SCHEMA, rfq=fuzz_answers.RFQ
            )
        except InvalidAnswer:
            continue
        stored += 1
        assert refused(answer) == [], seed
        assert refused(check(answer, fuzz_answers.RFQ).answer) == [], seed
    assert stored > 20


@pytest.mark.parametrize("quantity", ["1E+3", "1E+15", "2.50E-7", "12.5", "1000", "0.000000001"])
def test_a_quantity_is_written_in_digits(quantity):
    item = LineItem(description="Screws", quantity=Decimal(quantity), quantity_max=Decimal(quantity))
    answer = Answer(
        summary="s", route="r", confidence=1, line_items=(item,), budget=Money(amount=Decimal(quantity), currency="EUR")
    )
    written = extracted_of(answer.model_dump(mode="json", exclude_defaults=True))

    assert problems("ai-extracted", written) == []
    assert "E" not in written["line_items"][0]["quantity"].upper()
    assert Decimal(written["budget"]["amount"]) == Decimal(quantity)
    columns = {"summary": "s", "route": "r", "confidence": 1}
    read = Answer.model_validate(
        {**columns, **{key: value for key, value in written.items() if key != "schema_version"}}
    )
    assert read == answer


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("new_key",), 1), (("schema_version",), 2), (("line_items", 0, "colour"), "red"), (("line_items", 0, "quantity"), 250),
        (("line_items", 0, "quantity"), "1E+3"), (("due_date",), "soon"), (("checks", "due_date", "verdict"), "true"),
        (("intent",), "poem"), (("due_date",), None),
    ],
)  # fmt: skip
def test_it_refuses_what_rfqflow_never_writes(path, value):
    answer = Answer(
        summary="s", route="r", confidence=1, line_items=(LineItem(description="Screws", quantity=Decimal(250)),), intent="order",
        checks={"due_date": Check(verdict=FactVerdict.UNVERIFIED)},
    )  # fmt: skip
    written = extracted_of(answer.model_dump(mode="json", exclude_defaults=True))
    assert problems("ai-extracted", written) == []
    place = written
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    assert problems("ai-extracted", written)


def test_the_command_names_the_existing_schemas():
    command = main.get_command(click.Context(main), "schema")

    assert CliRunner().invoke(command, ["nonsense"]).exit_code == 2
