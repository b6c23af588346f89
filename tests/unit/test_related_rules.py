"""Which two RFQs are related: labelled pairs in several languages, and the changes between versions."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from rfqflow.core.related.decision import CHANGES_MOST, Relation, nearest, relations
from rfqflow.core.related.facts import ITEM_KEYS, company_of, related_facts
from rfqflow.core.related.wording import what_changed

ACME, RIVAL = "eva@acme-pumps.example", "tom@rival-valves.example"


def line(description: str, quantity: str | None = None, part: str | None = None, **more: Any) -> dict[str, Any]:
    return {"description": description, "quantity": quantity, "part_number": part, **more}


def rfq(email: str | None, *lines: dict[str, Any], language: str = "en", **more: Any) -> dict[str, Any]:
    """Facts as the database returns them."""
    metadata = {
        name: more.pop(name)
        for name in ("message_id", "in_reply_to", "references", "subject", "reference")
        if name in more
    }
    whole = {name: more.pop(name) for name in ("message", "request_id") if name in more}
    return {
        "email": email,
        "metadata": metadata,
        **whole,
        "answer": {"line_items": list(lines), "language": language, **more},
    }


def found(old: dict[str, Any], new: dict[str, Any]) -> list[Relation]:
    """The relation that the rules find in a pair whose common keys the database found."""
    before, now = related_facts(old), related_facts(new)
    kinds = {key[0] for key in set(before.keys()) & set(now.keys())}
    return relations(now, before, "".join(sorted(kinds))) if kinds else []


def changed(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str | None, str, str | None, str | None]]:
    [revision] = [one for one in found(old, new) if one.kind == "revision"]
    return [(one.item, one.field, one.old, one.new) for one in revision.changes]


IMPELLER, SEAL, SHAFT = (
    line("Impeller", "250", "AX-1002"),
    line("Seal kit", "10", "SK-77.4"),
    line("Shaft 20x300 mm 42CrMo4", "12"),
)
BOLTS = line("Hexagon bolt M8 DIN 933", "1000")
PAIRS = {
    # Threads.
    "a reply by mail": ({"thread"}, rfq(ACME, message_id="<1@acme>"), rfq(ACME, message_id="<2@acme>", in_reply_to="<1@acme>")),
    "a reply to a reply of ours": (
        {"thread"}, rfq(ACME, message_id="<1@acme>"), rfq(ACME, references=["<1@acme>", "<9@us>"], in_reply_to="<9@us>")),
    "two replies to one mail of ours, one customer": ({"thread"}, rfq(ACME, in_reply_to="<9@us>"), rfq("bob@acme-pumps.example", in_reply_to="<9@us>")),
    "two replies to one mail of ours, two customers": (set(), rfq(ACME, in_reply_to="<9@us>"), rfq(RIVAL, in_reply_to="<9@us>")),
    "a customer answers from a private address": (
        {"thread"}, rfq(ACME, message_id="<1@acme>"), rfq("eva.k@gmail.com", in_reply_to="<1@acme>")),
    "a reply that came before what it replies to": ({"thread"}, rfq(ACME, in_reply_to="<2@acme>"), rfq(ACME, message_id="<2@acme>")),
    "one reference number, German": (
        {"thread"}, rfq(ACME, message="Unsere Anfrage Nr. 4711-26: bitte anbieten"), rfq(ACME, message="Zu Anfrage 4711-26 fehlt das Material")),
    "one reference number, French": ({"thread"}, rfq(ACME, message="Réf. 88123 : devis"), rfq(ACME, subject="Re: Réf : 88123")),
    "our own reference in a later mail": (
        {"thread"}, rfq(ACME, request_id="RFQ-2026-0017"), rfq(ACME, subject="Re: [RFQ-2026-0017] drawing")),
    "one reference number, two companies": (set(), rfq(ACME, message="Ref: 88123"), rfq(RIVAL, message="Ref: 88123")),
    "a quantity is no reference": (set(), rfq(ACME, message="Please quote 1000 pcs"), rfq(ACME, message="We need an offer: 1000 pcs")),
    "a part number is no reference": (
        set(), rfq(ACME, line("Pump", "1", "P-5521"), message="ref P-5521"),
        rfq(ACME, line("Hose", "3", "H-1"), line("Clamp", "4"), line("Belt", "2"), line("Pump, for", "9", "P-5521"), message="ref P-5521")),
    # Revisions.
    "another quantity": ({"revision"}, rfq(ACME, IMPELLER), rfq(ACME, IMPELLER | {"quantity": "400"})),
    "a colleague": ({"revision"}, rfq(ACME, IMPELLER), rfq("bob@acme-pumps.example", IMPELLER | {"quantity": "400"})),
    "a part number spelled otherwise": ({"revision"}, rfq(ACME, IMPELLER), rfq(ACME, line("Impeller", "250", "ax 1002"))),
    "a part number in the text": ({"revision"}, rfq(ACME, IMPELLER), rfq(ACME, line("Impeller AX-1002, please", "99"))),
    "a list with one item more": ({"revision"}, rfq(ACME, IMPELLER, SEAL), rfq(ACME, IMPELLER, SEAL, SHAFT)),
    "a list with one item of three replaced": ({"revision"}, rfq(ACME, IMPELLER, SEAL, SHAFT), rfq(ACME, IMPELLER, SEAL, BOLTS)),
    "without part numbers, German": (
        {"revision"}, rfq(ACME, line("Flansch DN 100, PN16", "8"), language="de"), rfq(ACME, line("Flansche DN100 PN 16", "10"), language="de")),
    "without part numbers, Polish": (
        {"revision"}, rfq(ACME, line("Wałek Ø20 \N{MULTIPLICATION SIGN} 300 mm", "5"), language="pl"), rfq(ACME, line("wałek 20x300", "7"), language="pl")),
    "without part numbers, Chinese": (
        {"revision"}, rfq(ACME, line("不锈钢法兰DN100 PN16", "8"), language="zh"), rfq(ACME, line("不锈钢法兰 DN100,PN16", "12"), language="zh")),
    "without part numbers, Russian": (
        {"revision"}, rfq(ACME, line("Болт М8х40", "100"), language="ru"), rfq(ACME, line("болт М8 х 40", "200"), language="ru")),  # noqa: RUF001
    "words alone": ({"revision"}, rfq(ACME, line("Powder coated steel brackets", "50")), rfq(ACME, line("steel brackets, powder coated", "60"))),
    "a grade was added": ({"revision"}, rfq(ACME, line("Ground shaft 20x300", "50")), rfq(ACME, line("Ground shaft 20x300 1.4404", "50"))),
    "the same once more": ({"revision"}, rfq(ACME, IMPELLER), rfq(ACME, IMPELLER)),
    "one item of a long list, in the same thread": (
        {"thread", "revision"}, rfq(ACME, IMPELLER, SEAL, SHAFT, BOLTS, message_id="<1@acme>"),
        rfq(ACME, IMPELLER | {"quantity": "300"}, in_reply_to="<1@acme>")),
    "a private person": ({"revision"}, rfq("kim@gmail.com", IMPELLER), rfq("Kim@GMail.com ", IMPELLER)),
    "two private persons with one provider": (set(), rfq("kim@gmail.com", IMPELLER), rfq("lee@gmail.com", IMPELLER | {"quantity": "9"})),
    "two requests that share one item of three": (
        set(), rfq(ACME, IMPELLER, SEAL, SHAFT), rfq(ACME, IMPELLER, BOLTS, line("Gasket 80x3", "4"))),
    "two requests of one sender": (set(), rfq(ACME, IMPELLER), rfq(ACME, SEAL)),
    "another size": (set(), rfq(ACME, line("Shaft 20x300 mm", "5")), rfq(ACME, line("Shaft 20x320 mm", "5"))),
    "another thickness": (set(), rfq(ACME, line("Sheet 2 mm 1.4301 1000x2000", "5")), rfq(ACME, line("Sheet 3 mm 1.4301 1000x2000", "5"))),
    "the same figures of another thing": (set(), rfq(ACME, line("Gate valve DN100 PN16", "5")), rfq(ACME, line("Flange DN100 PN16", "5"))),
    "a single common word": (set(), rfq(ACME, line("Bracket", "5")), rfq(ACME, line("Brackets", "7"))),
    "several common words": (
        {"revision"}, rfq(ACME, line("황산니켈", "2"), line("붕산", "3"), line("Bracket", "5")), rfq(ACME, line("붕산", "3"), line("황산니켈", "4"), line("Brackets", "5"))),
    "mail without a sender": (set(), rfq(None, line("Impeller", "1", "AX-1002")), rfq(None, line("Impeller", "2", "AX-1002"))),
    # The same request from another company.
    "two bidders for one list": ({"same_request"}, rfq(ACME, IMPELLER, SEAL, SHAFT), rfq(RIVAL, IMPELLER, SEAL, SHAFT)),
    "two bidders in two languages": (
        {"same_request"}, rfq(ACME, line("Flange DN100 PN16", "8"), line("Gate valve DN80 PN40", "2")),
        rfq(RIVAL, line("Flansch DN 100 PN 16", "8"), line("Absperrschieber DN80, PN40", "2"), language="de")),
    "one rare part in the same quantity": ({"same_request"}, rfq(ACME, IMPELLER), rfq(RIVAL, IMPELLER)),
    "one rare part in another quantity": (set(), rfq(ACME, IMPELLER), rfq(RIVAL, IMPELLER | {"quantity": "7"})),
    "a catalogue bolt among other items": (set(), rfq(ACME, BOLTS, IMPELLER, SEAL), rfq(RIVAL, BOLTS, SHAFT)),
    "a catalogue bolt alone": (set(), rfq(ACME, line("Bolt M8", "100")), rfq(RIVAL, line("Bolt M8", "100"))),
    "most items agree, bolts as well": (
        {"same_request"}, rfq(ACME, BOLTS, IMPELLER, SEAL), rfq(RIVAL, BOLTS, IMPELLER, SEAL, line("Grease", "1"))),
    "the same figures of other things in two languages": (
        set(), rfq(ACME, line("Flange DN100 PN16", "8")), rfq(RIVAL, line("Schieber DN100 PN16", "8"), language="de")),
    "two companies, all other quantities": (
        set(), rfq(ACME, IMPELLER, SEAL), rfq(RIVAL, IMPELLER | {"quantity": "3"}, SEAL | {"quantity": "99"})),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_has_the_relation_that_people_labelled(name: str):
    said, old, new = PAIRS[name]

    assert {one.kind for one in found(old, new)} == said


def test_a_revision_names_what_changed():
    old = rfq(
        ACME,
        IMPELLER | {"material": "1.4301", "revision": "A"},
        SEAL,
        SHAFT,
        due_date="2027-03-01",
        delivery_place="Graz",
    )
    new = rfq(
        ACME, IMPELLER | {"quantity": "400", "material": "1.4404", "revision": "B"}, SEAL | {"quantity": "10.0"},
        line("Gasket 80x3", "4", unit="pcs"), due_date_derived="2027-04-15", delivery_place="GRAZ", quote_deadline="2027-01-10",
    )  # fmt: skip

    assert changed(old, new) == [
        ("AX-1002", "quantity", "250", "400"),
        ("AX-1002", "material", "1.4301", "1.4404"),
        ("AX-1002", "revision", "A", "B"),
        ("Gasket 80x3", "line", None, "4 pcs"),
        ("Shaft 20x300 mm 42CrMo4", "line", "12", None),
        (None, "due_date", "2027-03-01", "2027-04-15"),
        (None, "quote_deadline", None, "2027-01-10"),
    ]


def test_a_revision_is_described_in_one_line():
    old = rfq(ACME, IMPELLER | {"material": "1.4301"}, SEAL, SHAFT)
    new = rfq(
        ACME, IMPELLER | {"quantity": "400", "material": "1.4404"}, SEAL, line("Gasket 80x3"), due_date="2027-04-15"
    )
    [revision] = found(old, new)

    assert what_changed("revision", [one.as_json() for one in revision.changes]) == (
        "AX-1002: quantity 250 → 400, material 1.4301 → 1.4404; added: Gasket 80x3; gone: Shaft 20x300 mm 42CrMo4 (12); "
        "due date not stated → 2027-04-15"
    )
    assert what_changed("revision", []) == "nothing changed"
    assert what_changed("thread", []) == ""


def test_values_that_the_later_text_leaves_out_have_not_changed():
    old = rfq(ACME, IMPELLER | {"unit": "pcs", "material": "1.4301"}, due_date="2027-03-01", incoterm="DAP")

    assert changed(old, rfq(ACME, IMPELLER | {"quantity": None, "unit": "Stück"})) == []


def test_price_breaks_are_compared_with_their_own_quantity():
    old = rfq(ACME, *(IMPELLER | {"quantity": q} for q in ("100", "250", "500")))
    new = rfq(ACME, *(IMPELLER | {"quantity": q} for q in ("250", "600", "100")))

    assert changed(old, new) == [("AX-1002", "quantity", "500", "600")]


def test_many_changes_are_counted():
    old = [line("Part", str(n + 1), f"PN-{n:04}") for n in range(60)]

    found_changes = changed(rfq(ACME, *old), rfq(ACME, *(one | {"quantity": "1000"} for one in old)))

    assert len(found_changes) == CHANGES_MOST
    assert found_changes[-1] == (None, "more", None, "41")


def test_a_revision_refers_to_the_latest_version_only():
    first, second, third = (related_facts(rfq(ACME, IMPELLER | {"quantity": str(n)})) for n in (1, 2, 3))

    found_changes = nearest([("second", relations(third, second, "co")), ("first", relations(third, first, "co"))])

    assert [(other, one.kind) for other, one in found_changes] == [("second", "revision")]


def test_two_equal_long_lists_share_their_keys_and_have_few():
    lines = [line("Part", "1", f"PN-{n:04}") for n in range(300)]
    one, other = related_facts(rfq(ACME, *lines)), related_facts(rfq(ACME, *reversed(lines)))

    assert sorted(one.keys()) == sorted(other.keys())
    assert len(one.keys()) == 2 * ITEM_KEYS + 2


CORPUS = [
    json.loads(text)
    for text in (Path(__file__).parents[1] / "corpus" / "rfqs_dev.jsonl").read_text("utf-8").splitlines()
]
# Pairs of the corpus that ask for the same items, most of them in another spelling.
TWINS = {
    ("dev-006", "dev-072"),
    ("dev-042", "dev-130"),
    ("dev-092", "dev-107"),
    ("dev-104", "dev-121"),
    ("dev-153", "dev-159"),
}


def of_corpus(one: dict[str, Any], email: str) -> dict[str, Any]:
    lines = [item | {"quantity": item["quantity"] and str(item["quantity"])} for item in one["labels"]["line_items"]]
    return rfq(email, *lines, language=one["labels"]["language"], message=one["message"])


def test_only_the_versions_among_many_requests_of_one_company_are_related():
    given = [one for one in CORPUS if one["labels"]["line_items"]]
    read = {one["id"]: related_facts(of_corpus(one, ACME)) for one in given}

    pairs = itertools.combinations(read, 2)
    revisions = {(a, b) for a, b in pairs if [one.kind for one in relations(read[b], read[a], "c")]}

    assert len(given) > 120
    assert revisions == TWINS


def test_only_equal_lists_are_related_among_requests_of_different_companies():
    given = [of_corpus(one, f"buyer@company-{one['id']}.example") | {"id": one["id"]} for one in CORPUS]
    keys = {one["id"]: related_facts(one) for one in given}

    same = {(a, b) for a, b in itertools.combinations(keys, 2) if relations(keys[b], keys[a], "")}

    assert same == {("dev-042", "dev-130"), ("dev-104", "dev-121")}


def test_each_request_with_another_quantity_is_a_revision_that_names_it():
    for one in CORPUS:
        old, new = of_corpus(one, ACME), of_corpus(one, ACME)
        lines = new["answer"]["line_items"]
        place = next((n for n, item in enumerate(lines) if item["quantity"]), None)
        if place is not None:
            before = lines[place]["quantity"]
            lines[place]["quantity"] = "98765"
            assert [(of, was, now) for _, of, was, now in changed(old, new)] == [("quantity", before, "98765")], one[
                "id"
            ]


@pytest.mark.parametrize(
    ("email", "company"),
    [
        ("Eva@Acme.example", "acme.example"), ("kim@gmx.de", "kim@gmx.de"), ("kim@yahoo.co.uk", "kim@yahoo.co.uk"),
        ("no address", ""), ("@acme.example", ""), ("eva@localhost", ""),
    ],
)  # fmt: skip
def test_a_company_is_a_mail_domain_unless_it_is_a_public_one(email: str, company: str):
    assert company_of(email) == company


@pytest.mark.parametrize(
    "facts",
    [
        {}, {"email": None, "metadata": None, "answer": None}, {"email": 5, "metadata": [], "answer": "x"},
        {"metadata": {"references": [1, None, {}], "in_reply_to": {}, "message_id": 7}, "answer": {"line_items": [1, None, {"quantity": "NaN"}]}},
        {"answer": {"line_items": {"a": 1}, "due_date": 3}, "message": None, "request_id": []},
        {"email": "a@b.example", "answer": {"line_items": [{"description": "\ud800" * 9, "part_number": ["x"], "quantity": "1e99999"}]}},
    ],
)  # fmt: skip
def test_facts_of_any_shape_are_read(facts: dict[str, Any]):
    one = related_facts(facts)

    assert relations(one, one, "cmno") is not None
    assert one.digest()
