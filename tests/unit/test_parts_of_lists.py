"""Which lines of a long list one call gets, and how the items of all calls become one list."""

from decimal import Decimal
from uuid import UUID

import pytest

from rfqflow.core.answer import LineItem
from rfqflow.core.lists import ListPart, items_per_part, merged, next_part, shown
from rfqflow.core.records import Rfq
from tests.support.long_lists import several_on_a_line, unclear


def rfq(message: str) -> Rfq:
    return Rfq(UUID(int=1), "r", message)


def parts(message: str, most: int = 40, **more) -> list[ListPart]:
    read, found, start = rfq(message), [], 1
    while part := next_part(read.reading.lines, read.tables, most, start=start, **more):
        found.append(part)
        if not part.behind:
            break
        start = part.last + 1
    return found


def item(part: str, *lines: int, count: int = 5, description: str = "") -> LineItem:
    return LineItem(
        description=description or f"sleeve {part}", quantity=Decimal(count), part_number=part or None, lines=lines
    )


@pytest.mark.parametrize(
    ("limit", "halvings", "items"), [(4_000, 0, 40), (32_000, 0, 40), (2_000, 0, 15), (4_000, 2, 10), (500, 0, 1), (4_000, 9, 1)]
)  # fmt: skip
def test_a_part_has_as_many_items_as_an_answer_holds(limit, halvings, items):
    assert items_per_part(limit, halvings) == items


def test_a_list_that_fits_into_one_answer_is_one_part():
    assert parts(unclear(40)) == []
    assert len(parts(unclear(41))) == 2


@pytest.mark.parametrize("message", [unclear(300), several_on_a_line(300), unclear(90) + "\n" + several_on_a_line(60)])
def test_parts_follow_each_other_to_the_last_line(message):
    found = parts(message)
    last = rfq(message).reading.lines[-1].number
    assert [part.first for part in found] == [1, *(part.last + 1 for part in found[:-1])]
    assert (found[-1].last, found[-1].behind) == (last, 0)
    assert [part.behind for part in found] == sorted((part.behind for part in found), reverse=True)


def test_a_list_in_one_line_of_prose_is_split_by_its_counts():
    prose = " ".join(f"Then {number % 90 + 10} pcs of flange FL-{number:04d} in 1.4404 and" for number in range(300))
    found = parts(f"Hello, we need the following. {prose}")
    assert len(found) >= 300 / 40
    assert sum(part.items for part in found) >= 290


@pytest.mark.parametrize(
    "piece", ["504731 valves, ", "504731 valves\n", "we need 12 pumps. ", "12 pumps and 9 seals\n"]
)
def test_a_text_that_repeats_itself_is_not_paid_for_repeatedly(piece):
    assert len(parts(piece * 6_000)) <= 1


def test_rows_that_rules_read_and_quoted_lines_are_in_no_part():
    rows = "\n".join(f"PX-{number}\tsleeve\t{number + 3}\tpcs" for number in range(300))
    assert parts(f"Part\tDescription\tQty\tUnit\n{rows}") == []
    quoted = "\n".join(f"> {line}" for line in unclear(200).split("\n"))
    newest = "Please quote 12 valves DN 50 in steel instead, to Cork, by May.\n\nOn 3 May 2026, Ann Lee wrote:\n"
    assert parts(newest + quoted) == []


def test_items_without_a_digit_are_in_parts_once_an_answer_was_cut_off():
    words = "\n".join(f"a dozen sleeves of the {letter * 3} kind" for letter in "abcdefghij" * 6)
    assert parts(words) == []
    assert len(parts(words, 20, every_line=True)) == 3


def test_a_part_is_shown_with_its_neighbours_and_the_beginning_of_the_message():
    lines = rfq(unclear(300)).reading.lines
    numbers = [line.number for line in shown(lines, ListPart(42, 81, 200))]
    assert numbers == [1, 2, 3, 4, *range(40, 83)]


def test_items_are_in_the_order_of_the_text_and_those_of_other_parts_are_dropped():
    first = [item("PX-2", 3), item("PX-1", 2), item("PX-9", 9)]  # its part does not have line 9
    second = [item("PX-3", 1, 5), item("PX-4", 6), item("", 7, description="gasket"), item("PX-1", 2)]
    found = merged([(ListPart(1, 4, 9), first), (ListPart(5, 8), second)])
    assert [each.part_number or each.description for each in found] == ["PX-1", "PX-2", "PX-3", "PX-4", "gasket"]


def test_an_item_at_the_border_of_two_parts_occurs_once():
    first = [item("PX-1", 2), item("PX-2", 4, 5)]
    second = [item("px 2", 4, 5), item("PX-2", 5, count=6), item("PX-3", 6)]
    found = merged([(ListPart(1, 4, 9), first), (ListPart(5, 8), second)])
    assert [(each.part_number, each.quantity) for each in found] == [("PX-1", 5), ("PX-2", 5), ("PX-2", 6), ("PX-3", 5)]


def test_two_lines_that_ask_for_the_same_are_two_items():
    first, second = [item("PX-1", 1, 4)], [item("PX-1", 1, 5)]  # both cite the heading
    assert len(merged([(ListPart(1, 4, 1), first), (ListPart(5, 8), second)])) == 2


def test_items_of_a_model_that_cites_no_or_wrong_lines_are_kept():
    wrong = [item(f"PX-{number}", number) for number in range(1, 4)]
    none = [item("PX-7"), item("PX-8")]
    found = merged([(ListPart(1, 4, 9), none), (ListPart(5, 8, 2), wrong), (ListPart(9, 12), none)])
    assert [each.part_number for each in found] == ["PX-7", "PX-8", "PX-1", "PX-2", "PX-3", "PX-7", "PX-8"]
