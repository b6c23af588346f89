"""A model's reply becomes an answer, or InvalidAnswer with a few lines that quote no customer."""

import copy
import datetime as dt
import json
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfqflow.core.errors import InvalidAnswer
from rfqflow.core.prompting import answer_schema
from rfqflow.core.records import Rfq
from tests.support import fuzz_answers
from tests.support.fuzz_answers import RFQ, ROUTES, SECRET, VALID


def parse(value=None, *, rfq=RFQ, canary=None, **changes):
    text = value if isinstance(value, str) else json.dumps({**VALID, **changes})
    return answer_schema.parse(text, schema=answer_schema.schema(ROUTES), rfq=rfq, canary=canary)


def refused(value=None, **changes):
    with pytest.raises(InvalidAnswer) as caught:
        parse(value, **changes)
    assert SECRET not in f"{caught.value} {caught.value.details}"
    return caught.value.details


def item(**changes):
    return [{**VALID["line_items"][0], **changes}]


def every_object(schema):
    if schema.get("type") == "object":
        yield schema
    for inner in (*schema.get("properties", {}).values(), *schema.get("anyOf", ()), schema.get("items")):
        if inner:
            yield from every_object(inner)


def test_a_valid_answer_passes_with_all_its_fields():
    answer = parse()
    assert answer.route == "machining"
    assert answer.line_items[0].quantity == Decimal(250)
    assert answer.due_date == dt.date(2026, 12, 18)
    assert answer.budget.currency == "EUR"
    assert answer.evidence[0].field == "route"


def test_the_schema_uses_only_what_every_provider_accepts():
    text = json.dumps(answer_schema.schema(ROUTES))
    for objects in every_object(answer_schema.schema(ROUTES)):
        assert objects["required"] == list(objects["properties"])
        assert objects["additionalProperties"] is False
    unportable = ("default", "maxLength", "minLength", "maxItems", "minimum", "maximum", "pattern", "format", "$ref")
    assert not [word for word in unportable if f'"{word}"' in text]


def test_facts_are_written_before_the_judgements_about_them():
    fields = list(answer_schema.schema(ROUTES)["properties"])
    facts = {
        "line_items",
        "due_date",
        "due_date_derived",
        "quote_deadline",
        "delivery_place",
        "budget",
        "cites",
        "evidence",
    }
    judged = {"route", "route_alternatives", "confidence"}
    assert max(map(fields.index, facts)) < min(map(fields.index, judged))
    assert fields[-1] == "confidence"


def test_an_operator_can_reverse_the_order_to_compare():
    other = answer_schema.schema(ROUTES, "judgement_first")
    fields = list(other["properties"])
    assert fields.index("confidence") < fields.index("line_items")
    assert (other["required"], {*fields}) == (fields, {*answer_schema.schema(ROUTES)["properties"]})


def test_only_the_active_routes_can_be_named():
    assert answer_schema.schema(ROUTES)["properties"]["route"]["enum"] == ["machining", "electrical", "general"]
    assert refused(route="sales") == ("route: must be one of the listed values",)
    assert refused(route_alternatives=[{"route": "sales", "share": 0.1}]) == (
        "route_alternatives[].route: must be one of the listed values",
    )


WRAPPED = {
    "a code fence": "```json\n%s\n```",
    "a bare fence": "```\n%s\n```\n",
    "a byte order mark": "\ufeff%s",
    "thoughts": "<think>Let me see {x}.</think>\n%s",
    "white space": "\n\n  %s  \n",
}


@pytest.mark.parametrize("frame", WRAPPED.values(), ids=WRAPPED)
def test_one_wrapper_around_the_object_is_removed(frame):
    assert parse(frame % json.dumps(VALID)) == parse()


@pytest.mark.parametrize(
    "frame", ["Here {it} is: %s Glad to help.", "%s\n%s", 'A brace in "text }" %s', "```json\n%s\n```", "[%s]"]
)
def test_in_prompted_mode_the_first_object_in_prose_is_the_answer(frame):
    text = json.dumps(VALID)
    said = frame.replace("%s", text)
    assert json.loads(answer_schema.first_object(said)) == VALID


def test_braces_inside_strings_do_not_end_the_object():
    value = {**VALID, "summary": 'A "quoted } brace" and { another \\'}
    assert json.loads(answer_schema.first_object(f"so: {json.dumps(value)} end")) == value


REFUSED = {
    "NaN": json.dumps(VALID).replace("0.85", "NaN"),
    "infinity": json.dumps(VALID).replace("0.85", "-Infinity"),
    "1e400": json.dumps(VALID).replace("0.85", "1e400"),
    "ten thousand digits": json.dumps(VALID).replace(": 250", ": " + "9" * 10_000, 1),
    "a duplicate key": json.dumps(VALID).replace("{", '{"route": "general", ', 1),
    "two hundred thousand brackets": "[" * 200_000,
    "a deep object": '{"a":' * 100_000,
    "a nest inside": json.dumps({**VALID, "tags": json.loads("[" * 30 + "]" * 30)}),
    "a lone surrogate": json.dumps({**VALID, "summary": f"\ud800 {SECRET}"}),
    "a surrogate in a name": json.dumps({**VALID, "\udfff": 1}),
    "NUL": json.dumps({**VALID, "summary": f"\x00 {SECRET}"}),
    "prose": f"I cannot do that, {SECRET}",
    "nothing": "",
    "a list": "[1]",
    "null": "null",
    "a cut object": json.dumps(VALID)[:-9],
    "half a megabyte": json.dumps({**VALID, "summary": "x" * 500_000}),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_text_that_is_not_plain_json_of_sane_size_is_refused(text):
    assert refused(text)


WRONG = {
    "a missing field": ({"route": ...}, "route: is missing"),
    "an unknown field": ({SECRET: 1}, "answer: has a field that is not in the schema"),
    "a number as text": ({"confidence": "0.9"}, "confidence: must be of type number"),
    "a truth as number": ({"confidence": True}, "confidence: must be of type number"),
    "null where none may be": ({"summary": None}, "summary: must be of type string"),
    "an object for a list": ({"tags": {}}, "tags: must be of type array"),
    "an unknown intent": ({"intent": SECRET}, "intent: must be one of the listed values"),
    "an enum in capitals": ({"urgency": "HIGH"}, "urgency: must be one of the listed values"),
    "confidence above one": ({"confidence": 95}, "confidence: less_than_equal"),
    "confidence below zero": ({"confidence": -0.1}, "confidence: greater_than_equal"),
    "a negative quantity": ({"line_items": item(quantity=-5)}, "line_items[].quantity: greater_than"),
    "a summary of nothing": ({"summary": " \u200b "}, "summary: string_too_short"),
}


@pytest.mark.parametrize(("changes", "detail"), WRONG.values(), ids=WRONG)
def test_a_fault_that_could_only_be_guessed_is_refused_with_its_place_and_rule(changes, detail):
    value = {name: each for name, each in {**VALID, **changes}.items() if each is not ...}
    assert refused(json.dumps(value)) == (detail,)


def test_a_fault_in_fifty_items_is_one_line_and_at_most_five_lines_are_given():
    items = [{name: each for name, each in VALID["line_items"][0].items() if name != "unit"}] * 50
    assert refused(line_items=items) == ("line_items[].unit: is missing",)
    assert len(refused("{}")) == 5


def test_an_answer_that_holds_the_prompts_canary_is_refused():
    assert refused(summary="The mark is 3f9c11d2a0.", canary="3f9c11d2a0")
    assert parse(canary="3f9c11d2a0").route == "machining"


REPAIRED = {
    "a long summary is cut at a word": ("summary", "word " * 400, lambda v: len(v) <= 600 and v.endswith("word…")),
    "markup is taken out": (
        "summary",
        "<b>Need</b> [brackets](https://evil.example/x) at https://a.example now, mail a@b.example or +44 1632 960001.",
        "Need brackets at now, mail or .",
    ),
    "lines become one paragraph": ("summary", "Need\n\n  \x1b[31mbrackets\u202e\x07 today", "Need brackets today"),
    "tags become slugs": ("tags", ["Stainless Steel!", "Édgé", "steel", "steel", "钢", "x" * 60], ...),
    "too many tags are cut": ("tags", [f"t{n}" for n in range(30)], tuple(f"t{n}" for n in range(8))),
    "a region is no language": ("language", "en-US", "en"),
    "a name of a language is none": ("language", "English language", None),
    "a date with words is none": ("quote_deadline", "in March", None),
    "an impossible date is none": ("quote_deadline", "2026-02-30", None),
    "a year out of range is none": ("quote_deadline", "9999-01-01", None),
    "a time is cut off a date": ("quote_deadline", "2027-03-01T00:00:00Z", dt.date(2027, 3, 1)),
    "a currency sign becomes its code": ("budget", {"amount": 5, "currency": "€"}, ...),
    "an unknown currency drops the amount": ("budget", {"amount": 5, "currency": "coins"}, None),
    "an amount of nothing is none": ("budget", {"amount": 0, "currency": "EUR"}, None),
    "the chosen route is no alternative": ("route_alternatives", [{"route": "machining", "share": 0.5}], ()),
    "an absurd share goes": ("route_alternatives", [{"route": "general", "share": 7}], ()),
    "reasons for unknown fields go": ("evidence", [{"field": "mood", "text": "x"}], ()),
}


@pytest.mark.parametrize(("field", "value", "expected"), REPAIRED.values(), ids=REPAIRED)
def test_what_a_rule_can_repair_is_repaired(field, value, expected):
    got = getattr(parse(**{field: value}), field)
    match field:
        case "tags" if expected is ...:
            assert got == ("stainless-steel", "edge", "steel", "x" * 40)
        case "budget" if expected is ...:
            assert (got.amount, got.currency) == (5, "EUR")
        case _:
            assert expected(got) if callable(expected) else got == expected


def test_line_items_are_normalized_one_by_one():
    items = [
        *item(quantity=0, unit="x" * 40, part_number="y" * 200, description="z" * 400),
        *item(quantity=300, quantity_max=200),
        *item(quantity=7, quantity_max=7),
        *item(description="", part_number=None),
        *item(description=""),
        *item() * 1_000,
    ]
    first, swapped, same, named, *rest = parse(line_items=items).line_items
    assert (first.quantity, first.unit, first.part_number) == (None, None, None)
    assert len(first.description) == 300
    assert (swapped.quantity, swapped.quantity_max) == (200, 300)
    assert (same.quantity, same.quantity_max) == (7, None)
    assert named.description == "AB-1234-X"
    assert len(rest) == 996  # of a thousand in all


def test_offers_applications_and_spam_have_no_line_items():
    assert parse(intent="supplier_offer").line_items == ()
    assert parse(intent="follow_up").line_items != ()


def test_data_that_the_form_or_the_answer_has_is_not_missing():
    missing = ["contact", "quantity", "delivery_location", "due_date", "drawing", "drawing"]
    assert parse(missing=missing).missing == ("drawing",)
    anonymous = Rfq(RFQ.rfq_id, "r", RFQ.message)
    bare = parse(missing=missing, rfq=anonymous, line_items=[], delivery_place=None, due_date=None, due_date_text=None)
    assert bare.missing == ("contact", "quantity", "delivery_location", "due_date", "drawing")


def test_the_quotes_deadline_is_never_used_as_a_due_date_and_vague_words_are_kept():
    answer = parse(due_date="mid March", due_date_text=None, quote_deadline="2027-02-01")
    assert (answer.due_date, answer.due_date_text, answer.quote_deadline) == (None, "mid March", dt.date(2027, 2, 1))


def test_an_answer_without_citations_is_accepted():
    value = {name: member for name, member in VALID.items() if name not in ("cites", "due_date_derived")}
    value["line_items"] = [{k: v for k, v in entry.items() if k != "lines"} for entry in VALID["line_items"]]
    assert parse(json.dumps(value)).cites == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(fuzz_answers.STRINGS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)


@settings(max_examples=250)
@given(st.dictionaries(st.sampled_from([*VALID]), json_values, max_size=4))
def test_any_value_in_any_field_ends_as_an_answer_or_is_refused(changes):
    value = copy.deepcopy(VALID)
    assert fuzz_answers.outcome(json.dumps({**value, **changes})) in fuzz_answers.OUTCOMES


@settings(max_examples=500)
@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_at_all_ends_as_an_answer_or_is_refused(text):
    assert fuzz_answers.outcome(text) in fuzz_answers.OUTCOMES


@settings(max_examples=500)
@given(st.integers(min_value=0))
def test_any_hostile_answer_ends_as_an_answer_or_is_refused(seed):
    assert fuzz_answers.outcome(fuzz_answers.hostile(random.Random(seed))) in fuzz_answers.OUTCOMES
