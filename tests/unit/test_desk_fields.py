"""What a person types into a field of the desk."""

import pytest

from rfqflow.console.desk_fields import FIELDS, ITEM_FIELDS, FieldError, field_at, label_of, read, written
from rfqflow.core.answer import Answer, LineItem

BY_NAME = {field.name: field for field in (*FIELDS, *ITEM_FIELDS)}


def test_every_field_of_a_line_can_be_corrected_and_every_field_is_one_of_answers():
    assert {field.name for field in ITEM_FIELDS} == set(LineItem.model_fields) - {"lines"}
    assert {field.name for field in FIELDS} <= set(Answer.model_fields)


@pytest.mark.parametrize(("text", "value"), [
    ("250", "250"), (" 2,5 ", "2.5"), ("1 200", "1200"), ("0.250", "0.250"), ("1'500", "1500"), ("", None), ("12.5", "12.5"),
])  # fmt: skip
def test_a_quantity_is_read_as_people_write_it(text, value):
    assert read(BY_NAME["quantity"], text) == value


@pytest.mark.parametrize("text", ["1.200", "1,200", "12 pcs", "-3", "0", "٣", "1e9", "9" * 17, "250 to 300"])
def test_an_ambiguous_or_unreadable_quantity_is_refused(text):
    with pytest.raises(FieldError) as refused:
        read(BY_NAME["quantity"], text)
    assert str(refused.value).endswith((".", "digits."))


@pytest.mark.parametrize(("name", "text", "value"), [
    ("due_date", "2027-03-31", "2027-03-31"),
    ("budget", "1200,50 eur", {"amount": "1200.50", "currency": "EUR"}),
    ("tags", "pumps, atex; pumps", ["pumps", "atex"]),
    ("missing", "drawing, delivery location", ["drawing", "delivery_location"]),
    ("incoterm", "", None),
    ("certificates", "", []),
    ("summary", "Zwei Zeilen\nund eine", "Zwei Zeilen\nund eine"),
])  # fmt: skip
def test_a_field_is_read_by_its_kind(name, text, value):
    assert read(BY_NAME[name], text) == value


@pytest.mark.parametrize(("name", "text"), [
    ("due_date", "31.3.2027"), ("budget", "1200"), ("tags", "Two Words"), ("missing", "a pony"), ("urgency", "soon"),
    ("summary", ""), ("description", "  "), ("unit", "x" * 25), ("tags", ", ".join(f"t{n}" for n in range(9))),
])  # fmt: skip
def test_an_invalid_value_is_refused_with_an_example(name, text):
    with pytest.raises(FieldError, match=r"[.]$"):
        read(BY_NAME[name], text)


@pytest.mark.parametrize("value", ["250", {"amount": "12", "currency": "EUR"}, ["a", "b"]])
def test_a_shown_value_is_read_back_unchanged(value):
    name = {str: "quantity", dict: "budget", list: "certificates"}[type(value)]
    assert read(BY_NAME[name], written(value)) == value


@pytest.mark.parametrize(
    "path", ["route", "line_items[0].lines", "line_items[0]", "line_items[+].quantity", "__class__", ""]
)
def test_an_unknown_field_of_an_answer_is_refused(path):
    assert field_at(path) is None


def test_fields_have_the_names_that_people_use():
    assert label_of("line_items[2].quantity") == "quantity of line 3"
    assert label_of("quote_deadline") == "quote by"
