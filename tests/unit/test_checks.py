"""A fact must occur in the lines that the answer cites for it: the same words elsewhere may be another fact."""

import datetime as dt
import gc
from decimal import Decimal
from uuid import UUID

import pytest

from rfqflow.core.answer import Answer, Cite, LineItem, Money, RouteShare
from rfqflow.core.checks import check, review
from rfqflow.core.records import Rfq
from tests.support.costs import cpu_seconds, grows_at_most

MAIL = """Our reference 2500-17, your visit on 3 November 2026.
Please quote:
40 pcs gate valve V-20 DN80, material 1.4404, EN 1092-1
25 pcs ball valve V-30, 310 mm long, rev C
Delivery to Leeds by 12 March 2027, please answer by 1 December 2026.
Regards
A. Buyer, Hull"""


def item(**fields):
    return LineItem(**{"description": "gate valve", "lines": (3,), **fields})


def checked(text=MAIL, name=None, **fields):
    answer = Answer(**{"summary": "Valves are asked for.", "route": "general", "confidence": 0.8, **fields})
    return check(answer, Rfq(UUID(int=1), "r", text, name=name, received=dt.date(2026, 11, 16)))


def verdict(result, fact):
    found = result.answer.checks[fact]
    return found.verdict.value, found.why


def test_a_fact_that_occurs_where_it_is_cited_is_verified():
    result = checked(
        line_items=(item(quantity=40, unit="Stück", part_number="V-20", material="1.4404", standards=("EN 1092-1",)),
                    item(description="ball valve", quantity=25, part_number="V-30", revision="C", lines=(4,))),
        due_date=dt.date(2027, 3, 12), quote_deadline=dt.date(2026, 12, 1), delivery_place="Leeds",
        cites=(Cite(field="due_date", lines=(5,)), Cite(field="delivery_place", lines=(5,))),
    )  # fmt: skip
    assert {found.verdict.value for found in result.answer.checks.values()} == {"verified"}
    assert (result.taken_out, review(result.answer)) == ({}, None)
    assert result.answer.checks["line_items[1].quantity"].lines == (4,)


@pytest.mark.parametrize(
    ("fields", "fact", "why"),
    [
        ({"quantity": 2500}, "quantity", "another_line"),
        ({"quantity": 25}, "quantity", "another_line"),  # the quantity of the next item
        ({"quantity": 310}, "quantity", "another_line"),
        ({"quantity": 80}, "quantity", "not_a_quantity"),
        ({"quantity": 400}, "quantity", "not_stated"),
        ({"part_number": "V-2"}, "part_number", "piece_of_another"),
        ({"part_number": "V-30"}, "part_number", "another_item"),
        ({"part_number": "V-21"}, "part_number", "not_stated"),
        ({"quantity": 40, "unit": "kg"}, "unit", "another_unit"),
        ({"material": "1.4301"}, "material", "not_stated"),
        ({"revision": "F"}, "revision", "not_stated"),
    ],
)
def test_a_fact_that_the_cited_line_contradicts_is_taken_out_and_kept_separately(fields, fact, why):
    result = checked(
        line_items=(item(**fields), item(description="ball valve", quantity=25, part_number="V-30", lines=(4,)))
    )
    assert verdict(result, f"line_items[0].{fact}") == ("contradicted", why)
    assert getattr(result.answer.line_items[0], fact) is None
    assert result.taken_out[f"line_items[0].{fact}"] == str(fields[fact])
    assert review(result.answer) == "contradicted_fact"


def test_quantities_swapped_between_two_items_of_one_line_are_found():
    text = "We need 40 gate valves and 25 pumps."
    swapped = checked(text, line_items=(item(description="gate valves", quantity=25, lines=(1,)),
                                        item(description="pumps", quantity=40, lines=(1,))))  # fmt: skip
    right = checked(text, line_items=(item(description="gate valves", quantity=40, lines=(1,)),
                                      item(description="pumps", quantity=25, lines=(1,))))  # fmt: skip
    assert set(swapped.taken_out) == {"line_items[0].quantity", "line_items[1].quantity"}
    assert right.taken_out == {}


@pytest.mark.parametrize(
    ("fields", "fact", "verdict_and_why"),
    [
        ({"due_date": dt.date(2026, 12, 1)}, "due_date", ("contradicted", "quote_deadline")),
        ({"due_date": dt.date(2027, 3, 13)}, "due_date", ("contradicted", "not_stated")),
        ({"incoterm": "DDP"}, "incoterm", ("contradicted", "not_stated")),
        ({"budget": Money(amount=5000, currency="EUR")}, "budget", ("contradicted", "not_stated")),
        ({"certificates": ("EN 10204 3.1",)}, "certificates[0]", ("contradicted", "not_stated")),
        ({"delivery_place": "Munich"}, "delivery_place", ("unverified", "not_verbatim")),
        ({"delivery_place": "Hull"}, "delivery_place", ("unverified", "signature")),
        ({"confidence": 0.95, "route_alternatives": (RouteShare(route="civil", share=0.9),)}, "confidence", ("unverified", "above_one")),
        ({"summary": "40 valves are to be sent to Leeds, call Arthur Buyer."}, "summary", ("unverified", "name")),
        ({"summary": "45 valves are to be sent to Leeds."}, "summary", ("unverified", "number")),
        ({"summary": "Es werden vierzig Schieber und Kugelhähne für Leeds angefragt."}, "summary", ("unverified", "language")),
    ],
)  # fmt: skip
def test_facts_stated_once_per_answer_are_checked_too(fields, fact, verdict_and_why):
    result = checked(name="Arthur Buyer", line_items=(item(quantity=40),), **fields)
    assert verdict(result, fact) == verdict_and_why


def test_a_number_elsewhere_in_the_text_verifies_nothing_without_a_citation():
    assert verdict(checked(line_items=(item(quantity=310, lines=()),)), "line_items[0].quantity")[0] == "unverified"
    assert verdict(checked(line_items=(item(quantity=40, lines=()),)), "line_items[0].quantity") == ("verified", None)


def test_an_answer_without_items_to_a_request_for_a_price_needs_review():
    assert review(checked(line_items=()).answer) == "items_incomplete"
    assert review(checked(line_items=(), intent="support").answer) is None


def test_an_item_given_twice_is_marked():
    result = checked(line_items=(item(quantity=40), item(quantity=40)))
    assert verdict(result, "line_items[1]") == ("unverified", "twice")


def test_an_old_quantity_of_a_quoted_mail_is_not_verified():
    text = "We now need 40 valves.\n\nOn Mon, 2 Nov 2026 at 10:12, Jo <jo@a.example> wrote:\n> We need 25 valves."
    result = checked(text, line_items=(item(description="valves", quantity=25, lines=(3,)),))
    assert verdict(result, "line_items[0]") == ("unverified", "quoted")


def test_a_part_number_combined_from_heading_and_row_is_kept_and_marked():
    text = "Series KX\tA\tB\n10 mm\t40\t30\n16 mm\t20\t10"
    result = checked(text, line_items=(item(part_number="KX-A-16", quantity=Decimal(20), lines=(3,)),))
    assert verdict(result, "line_items[0].part_number") == ("unverified", "composed")
    assert result.answer.line_items[0].part_number == "KX-A-16"


@pytest.mark.parametrize(
    ("code", "verdict_of"), [("LP30-B-2000", "unverified"), ("LP30-B-3000", "contradicted"), ("B-2000", "contradicted")]
)
def test_a_part_number_from_a_formula_may_have_a_number_in_a_smaller_unit(code, verdict_of):
    text = "Profiles LP30:\n- black, 2 m: 40\nOrder code: LP30-colour(B/W)-length in mm."
    result = checked(text, line_items=(item(part_number=code, quantity=Decimal(40), lines=(2,)),))
    assert verdict(result, "line_items[0].part_number")[0] == verdict_of


LIST = "Please quote:\npart;description;qty;unit\n" + "\n".join(
    f"RT-{1000 + row};bracket type {row};{row * 7};pcs" for row in range(1, 61)
)


def test_rows_of_a_clear_list_that_an_answer_leaves_out_are_added():
    given = tuple(
        LineItem(
            description=f"bracket type {row}",
            quantity=row * 7,
            unit="pcs",
            part_number=f"RT-{1000 + row}",
            lines=(row + 2,),
        )
        for row in (1, 2, 60)
    )
    result = checked(LIST, line_items=given)
    assert [item.part_number for item in result.answer.line_items] == [f"RT-{1000 + row}" for row in range(1, 61)]
    assert [item.quantity for item in result.answer.line_items] == [row * 7 for row in range(1, 61)]
    assert result.answer.checks["line_items[2]"].why == "by_rule"
    assert "line_items[0]" not in result.answer.checks
    assert review(result.answer) is None


def test_a_quantity_from_another_column_is_contradicted():
    text = "pos;part;qty;weight kg\n1;RT-1;40;25\n2;RT-2;30;12\n3;RT-3;10;60"
    given = LineItem(description="RT-1", part_number="RT-1", quantity=25, lines=(2,))
    assert verdict(checked(text, line_items=(given,)), "line_items[0].quantity") == ("contradicted", "another_column")


def test_rows_that_neither_rules_nor_model_read_are_counted():
    text = LIST + "\nsee drawing 7 for the rest;;;\n"
    result = checked(text, line_items=())
    found = result.answer.checks.get("line_items")
    assert len(result.answer.line_items) == 60
    assert found is None or found.count == 1


def test_checking_a_thousand_items_costs_in_proportion_to_their_number():
    def cpu(rows):
        text = "part;qty\n" + "\n".join(f"RT-{1000 + row};{row * 3}" for row in range(1, rows + 1))
        given = tuple(
            LineItem(description=f"RT-{1000 + row}", part_number=f"XX-{row}", quantity=row, lines=(row + 1,))
            for row in range(1, rows + 1)
        )
        gc.collect()
        return cpu_seconds(lambda: found.append(len(checked(text, line_items=given).answer.line_items) - rows))

    found = []
    assert grows_at_most(cpu, (200, 800), 10, 0.2)
    assert min(found) >= 0


@pytest.mark.parametrize(
    ("text", "fields", "fact", "why"),
    [
        ("40 valves V-20\n25 pumps P-3\nPlease leave out V-20.", {"line_items": (item(part_number="V-20", quantity=40, lines=(1,)),)},
         "line_items[0]", "cancelled"),
        ("40 pcs valves\n25 pcs pumps", {"line_items": (item(description="valves", quantity=40, lines=(1,)),)}, "line_items", "incomplete"),
        ("40 pcs CPV-118-2", {"line_items": (item(part_number="CPV-118", quantity=40, lines=(1,)),)}, "line_items[0].part_number", "goes_on"),
        ("Valves, to be collected in Hull", {"delivery_place": "Hull", "cites": (Cite(field="delivery_place", lines=(1,)),)},
         "delivery_place", "collection"),
        ("Valves\n\nRegards\nArthur Miles\nTel +44 20 1234567", {"summary": "Arthur Miles asks for valves."}, "summary", "name"),
    ],
)  # fmt: skip
def test_facts_that_a_person_must_decide_are_marked_and_kept(text, fields, fact, why):
    assert verdict(checked(text, **fields), fact) == ("unverified", why)


def test_a_certificate_of_another_number_is_contradicted():
    result = checked("Valves with EN 10204 3.1", certificates=("EN 10204 3.2",))
    assert verdict(result, "certificates[0]") == ("contradicted", "not_stated")


def test_an_answer_in_which_everything_is_wrong_costs_no_more_than_a_right_one():
    text = ("12 pcs RT-1007 rev A 3.1 steel " * 8 + "\n") * 500

    def cpu(number):
        given = tuple(
            LineItem(
                description=f"thing {n}", quantity=n + 13, unit="xyz", part_number=f"QQ-{n}-7", revision="K",
                material=f"steel {n}.{n}", standards=tuple(f"EN {n}{k}.{k}" for k in range(12)), lines=(n % 400 + 1,),
            )
            for n in range(number)
        )  # fmt: skip
        rfq = Rfq(UUID(int=1), "r", text)
        gc.collect()
        answer = Answer(summary="Things.", route="general", confidence=0.5, line_items=given)
        return cpu_seconds(lambda: check(answer, rfq))

    assert grows_at_most(cpu, (1, 200), 20, 1.0)  # the text is long, and is read once
