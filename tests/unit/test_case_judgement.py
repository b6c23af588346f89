"""Single cases: judged as the figures judge them, and compared with changed cases first.

A case that cannot be read breaks no evaluation.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from rfqflow.console.formatting import NONE
from rfqflow.console.multipart import boundary_of, parts_of
from rfqflow.console.quality_view import excerpt, value_text
from rfqflow.core.answer import Answer
from rfqflow.core.evaluation.case_judgement import changes, judge, judged_cases
from rfqflow.core.evaluation.cases import Case, without_contact
from rfqflow.core.evaluation.comparison import compare
from rfqflow.core.evaluation.disagreements import disagreements
from rfqflow.core.evaluation.metrics import Result, measure
from rfqflow.evaluation.runner import check_cases

CORPUS = Path(__file__).parents[1] / "corpus" / "rfqs_dev.jsonl"
ROUTES = ("process", "civil", "electrical", "automation", "logistics", "mechanical")


def result(case_id="c", labels=None, error=None, repeat=1, **answer):
    given = None if error else Answer(**{"summary": "s", "route": "process", "confidence": 0.5, **answer})
    return Result(case_id, {"labels": labels or {}}, given, error, repeat)


def verdicts(one):
    return {field.name: field.right for field in judge([one])}


def answers_to_the_corpus(chance):
    """An answer to each case of the corpus; each field is right or wrong by chance."""
    found = []
    for line in CORPUS.read_text("utf-8").splitlines():
        labels = json.loads(line)["labels"]
        found.append(
            result(
                json.loads(line)["id"], labels, error="timeout" if chance.random() < 0.05 else None,
                route=labels["route"] if labels["route"] and chance.random() < 0.7 else chance.choice(ROUTES),
                urgency=chance.choice(["low", labels["urgency"]]), language=chance.choice(["en", labels["language"]]),
                due_date=chance.choice([None, labels["due_date"], "2027-01-01"]),
                line_items=[
                    {"description": "x", "quantity": item["quantity"], "unit": item["unit"]} for item in labels["line_items"]
                ][chance.choice([0, 0, 1]):], missing=chance.choice([[], labels["missing"]]),
            )
        )  # fmt: skip
    return found


@pytest.mark.parametrize("seed", range(3))
def test_single_cases_add_up_to_the_figures_of_the_evaluation(seed):
    results = answers_to_the_corpus(Random(seed))
    report = measure(results, "v")
    fields = [field for one in judged_cases(results) for field in one.fields]

    def hits(name):
        found = [field for field in fields if field.name == name]
        return sum(field.right for field in found), len(found)

    assert hits("route") == (report.route.hits, report.route.total)
    assert hits("language") == (report.language.hits, report.language.total)
    assert hits("urgency") == (report.urgency.hits, report.urgency.total)
    dated = [field for field in fields if field.name == "due_date" and field.expected]
    assert (sum(field.right for field in dated), len(dated)) == (report.due_date.hits, report.due_date.total)
    invented = [field for field in fields if field.name == "due_date" and not field.expected and field.given != (None,)]
    assert len(invented) == report.due_date_invented
    assert not any(field.right for field in invented)


@pytest.mark.parametrize("seed", range(3))
def test_changed_cases_are_those_that_the_comparison_counts_and_come_first(seed):
    first, second = answers_to_the_corpus(Random(seed))[:40], answers_to_the_corpus(Random(seed + 100))[:40]
    found = changes(first, second)
    compared = compare(first, second, Random(1), rounds=50)
    lost = [one for one in found if one.is_about_route and one.kind == "lost"]
    gained = [one for one in found if one.is_about_route and one.kind == "gained"]

    def turned(case, side):
        return any(field.name == "route" and field.right for field in getattr(case, side).fields)

    assert sum(turned(one, "before") and not turned(one, "after") for one in lost) == compared.only_first
    assert sum(turned(one, "after") and not turned(one, "before") for one in gained) == compared.only_second
    order = ["lost", "gained", "changed", "same"]
    assert [one.kind for one in found] == sorted((one.kind for one in found), key=order.index)
    assert len(found) == len(first)
    assert lost == found[: len(lost)]


def test_a_case_that_is_wrong_in_another_way_has_changed_and_one_with_the_same_answer_has_not():
    labels = {"route": "civil", "tags": ["pumps"], "line_items": [{"quantity": 4, "unit": "pcs"}]}
    four = [{"description": "a", "quantity": "4", "unit": "pieces"}]
    before = result(labels=labels, route="process", line_items=four, tags=["pumps"])
    (other,) = changes([before], [result(labels=labels, route="logistics", line_items=four, tags=["pumps"])])
    (same,) = changes(
        [before],
        [result(labels=labels, route="process", line_items=[{**four[0], "quantity": "4.0"}], tags=["pumps", "more"])],
    )
    (gone,) = changes([before], [result(labels=labels, error="timeout")])
    assert [one.kind for one in (other, same, gone)] == ["changed", "same", "lost"]
    assert [field.name for field in other.fields if field.differs] == ["route"]


def test_an_unlabelled_field_is_not_judged_and_no_answer_is_never_right():
    assert verdicts(result(labels={"urgency": "high"}, urgency="high")) == {"urgency": True}
    assert verdicts(result(labels={"route": None, "urgency": "high", "injection": True})) == {"injection": False}
    assert verdicts(result(labels={"due_date": None}, due_date="2027-01-01")) == {"due_date": False}
    assert not judged_cases([result(labels={"missing": []}, error="timeout")])[0].right
    assert verdicts(result(labels={"missing": []}, error="timeout")) == {"missing": False}


def test_two_answers_disagree_on_values_and_never_on_wording_or_on_fields_of_an_old_release():
    base = {
        "route": "civil",
        "summary": "a",
        "tags": ["x"],
        "line_items": [{"quantity": "12.0", "unit": "pcs", "description": "a"}],
    }
    same = {
        "route": "civil",
        "summary": "b",
        "urgency": "normal",
        "line_items": [{"quantity": "12", "unit": "pieces", "description": "b"}],
    }
    assert disagreements(base, same) == []
    assert [one.field for one in disagreements(base, {**same, "route": "x", "due_date": "2027-01-01"})] == [
        "route",
        "due_date",
    ]
    assert [(one.field, one.person) for one in disagreements(None, same, "process")] == [("route", "process")]
    assert disagreements(None, same, "civil") == []
    odd = {"line_items": 3, "missing": "x", "urgency": None, "budget": {"amount": "much"}, "injection_suspected": True}
    assert {one.field for one in disagreements({}, odd)} == {"budget", "injection_suspected"}
    assert (
        disagreements({"line_items": [{"quantity": "x"}, 3, None]}, {"line_items": [None, 3, {"quantity": "x"}]}) == []
    )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"labels": {"line_items": [{"quantity": "12 pcs"}]}}, "labels.line_items"),
        ({"labels": {"line_items": [{"quantity": True}]}}, "labels.line_items"),
        ({"labels": {"line_items": {}}}, "labels.line_items"),
        ({"labels": {"line_items": ["pump"]}}, "labels.line_items"),
        ({"labels": {"tags": "pump"}}, "labels.tags"),
        ({"labels": {"missing": [None]}}, "labels.missing"),
        ({"labels": {"route": ["process"]}}, "labels.route"),
        ({"labels": {"due_date": "May"}}, "labels.due_date"),
        ({"labels": {"injection": "no"}}, "labels.injection"),
        ({"labels": {"budget": 5}}, "labels.budget"),
        ({"labels": []}, "labels"),
        ({"labels": {"x": float("nan")}}, "labels"),
        ({"labels": {"x": "\0"}}, "labels"),
        ({"message": "a\0b"}, "message"),
        ({"message": "\ud800"}, "message"),
        ({"message": ""}, "message"),
        ({"message": 5}, "message"),
        ({"message": "x" * 400_001}, "message"),
        ({"id": ""}, "id"),
        ({"id": "é" * 300}, "id"),
        ({"company": {"name": "x"}}, "company"),
        ({"email": 5}, "email"),
        ({"provenance": "heaven"}, "provenance"),
        ({"rfq_id": "1"}, "rfq_id"),
    ],
)
def test_a_line_that_would_break_an_evaluation_or_the_import_names_its_field(more, field):
    found = check_cases(
        [(7, {"id": "c", "message": "m", "labels": {}, **more}), (8, {"id": "d", "message": "m", "labels": {}})]
    )
    assert [(one.line, one.field) for one in found.problems] == [(7, field)]
    assert [one.case_id for one in found.cases] == ["d"]


def test_every_case_of_the_corpus_is_accepted_and_an_escaped_backslash_is_not_a_null():
    lines = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    assert check_cases(enumerate(lines, 1)).problems == []
    assert check_cases([(1, {"id": "c", "message": r"C:\u0000 \\u0000", "labels": {}})]).problems == []
    twice = check_cases(
        [(1, {"id": "c", "message": "m", "labels": {}}), (4, {"id": "c", "message": "n", "labels": {}})]
    )
    assert [(one.line, one.text) for one in twice.problems] == [(4, "line 1 already has the id c")]


def test_the_override_number_of_a_foreign_case_is_ignored():
    lines = [
        {"id": "x", "override_id": 5},
        {"id": "override-5", "override_id": 5},
        {"id": "override-True", "override_id": True},
    ]
    found = check_cases((at, {"message": "m", "labels": {}, **line}) for at, line in enumerate(lines))
    assert [one.override_id for one in found.cases] == [None, 5, None]


def test_contact_data_is_masked_once_in_the_shown_and_the_saved_text():
    text = "Call +353 21 555 0100 or jo.byrne@pumps.example"
    once = without_contact(
        Case("c", text, {}, "Jo <jo.byrne@pumps.example>", {"name": "Jo", "phone": "", "email": "j@x.example"})
    )
    assert "555" not in once.message
    assert "@" not in once.message + once.company
    assert once.contact == {"name": "(masked)", "email": "(masked)"}
    assert without_contact(once) == once
    assert "@" not in excerpt("x" * 310 + " jo.byrne@pumps.example")[0]


def test_values_are_formatted_for_people():
    assert value_text([{"quantity": "4", "unit": "pcs", "description": "pump"}, {"quantity": 2}]) == "4 pcs pump; 2"
    assert [value_text(value) for value in (None, [], True, ["a", "b"], {"amount": "5", "currency": "EUR"}, 0)] == [
        NONE,
        "none",
        "yes",
        "a, b",
        "5 EUR",
        "0",
    ]
    assert value_text([{"quantity": n} for n in range(12)]).endswith("7; and 4 more")


def test_a_form_with_a_file_is_read_and_one_that_is_cut_off_is_refused():
    body = (
        b'--b7\r\nContent-Disposition: form-data; name="form_token"\r\n\r\nt\r\n'
        b'--b7\r\nContent-Disposition: form-data; name="file"; filename="a; name=\\"x\\".jsonl"\r\nContent-Type: x/y\r\n\r\n{"a": "\r\n--b"}\r\n'
        b'--b7\r\nContent-Disposition: form-data; name="none"; filename=""\r\n\r\n\r\n--b7--\r\n'
    )
    assert parts_of(body, b"b7") == ({"form_token": ["t"]}, {"file": b'{"a": "\r\n--b"}'})
    for broken in (body[:-10], b"", body.replace(b"name=", b"nom=")):
        with pytest.raises(ValueError, match="form"):
            parts_of(broken, b"b7")
    assert boundary_of('multipart/form-data; boundary="a b"') == b"a b"
    assert boundary_of("multipart/form-data; charset=x; boundary=--X_1") == b"--X_1"
    assert [
        boundary_of(kind)
        for kind in ("multipart/form-data", "text/plain; boundary=x", "multipart/form-data; boundary=\r\n")
    ] == [None] * 3
