"""The rules read lists: each kind of table, which lines are left out, and what is added to a model's answer."""

import json
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from rfqflow.core.answer import LineItem
from rfqflow.core.lists import ListedItem, Omitted, Table, complete, shortened, tables
from rfqflow.core.records import Rfq
from rfqflow.core.rules import answer
from rfqflow.core.text.reading import Line, Reading
from tests.support.costs import cpu_seconds, grows_at_most
from tests.support.default_routes import default_routes
from tests.support.written_lists import CASES, NONE

ANSWERS = Path(__file__).parents[1] / "corpus" / "answers.jsonl"


def read(text: str) -> tuple[Table, ...]:
    return tables(Reading.of(text).lines)


def items(text: str) -> list[ListedItem]:
    return [item for table in read(text) for item in table.items]


def long_list(rows: int) -> str:
    body = "\n".join(f"{row}\tV-{1000 + row}\tvalve type {row % 7}\t{row % 90 + 1}\tpcs" for row in range(1, rows + 1))
    return f"Please quote:\n\nPos\tPart no\tDescription\tQty\tUnit\n{body}\n\nRegards\nSue"


@pytest.mark.parametrize("name", CASES)
def test_exactly_the_quantities_of_a_list_are_read(name: str) -> None:
    text, expected = CASES[name]
    assert [Decimal(str(each)) for each in expected] == [each.quantity for each in items(text) if each.quantity]


@pytest.mark.parametrize(
    "text",
    [
        "We need one pump.\nPower;kW;15\nSpeed;rpm;1450\nHead;m;40",
        "Motor data:\nPower        15 kW\nSpeed        1450 rpm\nVoltage      400 V",
        "Power kW: 15\nSpeed rpm: 1450\nHead m: 40",
        "Acme GmbH | Hauptstr. 12 | 12345 Berlin\nTel 030 1234 | Fax 030 1235",
        "Hello, we need prices, terms, and 40 valves.\nPlease add delivery, packing, and 12 gaskets.",
        *NONE,
        "> Part\tQty\n> V-20\t25\n> V-21\t30",
        "",
    ],
)
def test_data_sheets_addresses_prose_and_quotations_are_not_lists(text: str) -> None:
    newest = f"As below, please quote 3 pumps for us by 4 May 2027.\n{text}"
    assert () == read(newest)


def test_a_comma_within_a_number_separates_no_cells() -> None:
    text = "round 1.000 x 12' - 4,000 lb\nround .750 x 12' - 2,500 lb\nhex .625 x 12' - 1,800 lb"
    assert [4000, 2500, 1800] == [each.quantity for each in items(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Qty: 4, Qty: 5, Part: a-1\nQty: 6",
        "1. 26 .5 a\n2. 27 .5 b\n3. 28 .5 c",
        "Part\tQty 1\tQty 2\nA-1\t1\t0e9\nA-2\t2\t3",
    ],
)
def test_odd_lists_are_read_or_left(text: str) -> None:
    assert all(set(item.lines) <= set(table.lines) for table in read(text) for item in table.items)


def test_each_field_is_read_from_its_column() -> None:
    text = "Pos;Art.-Nr.;Bezeichnung;Werkstoff;Rev;Menge;ME;Liefertermin\n10;V-20;Ventil;1.4571;B;1.200;Stk;KW 12\n"
    row = items(text + "20;V-21;Ventil;CS;A;5;Stk;KW 12")[0]
    assert ("V-20", "Ventil 1.4571", "1.4571", "B", 1200, "Stk", (2,)) == (
        row.part_number, row.description, row.material, row.revision, row.quantity, row.unit, row.lines,
    )  # fmt: skip


def test_a_repeated_name_gets_what_differs() -> None:
    text = "Bezeichnung | Art.-Nr. | Stück\nHeizband 120x60 | HB-1 | 8\ndto. 140x60 | HB-2 | 4\n| HB-3 | 2\n"
    assert ["Heizband 120x60", "Heizband 140x60", "Heizband 140x60"] == [each.description for each in items(text)]


def test_only_unambiguous_lists_are_clear() -> None:
    assert all(table.is_clear for table in read(long_list(5)))
    assert not any(table.is_clear for table in read("Bolt M8;100;0,25;25,00\nNut M8;200;0,10;20,00"))
    assert not any(table.is_clear for table in read("      M6   M8\nA2   500  800\nA4   100  200"))
    assert not any(table.is_clear for table in read("Part;Qty\nA-1;12,000\nA-2;40,000"))


def test_rows_that_cannot_be_read_are_kept_and_counted() -> None:
    text = long_list(9).replace("V-1004\tvalve type 4\t5\tpcs", "V-1004\tvalve type 4\tas last time, see 2 above\tpcs")
    (table,) = read(text)
    assert 8 == len(table.items)
    assert ["V-1004"] == [line.text.split("\t")[1] for line in table.unread]


@pytest.mark.parametrize("rows", [60, 300, 1000])
def test_rules_return_every_row_of_a_long_list(rows: int) -> None:
    given = answer(Rfq(UUID(int=0), "a", long_list(rows)), default_routes()).line_items
    assert [f"V-{1000 + row}" for row in range(1, rows + 1)] == [item.part_number for item in given]
    assert [Decimal(row % 90 + 1) for row in range(1, rows + 1)] == [item.quantity for item in given]


def test_rows_after_the_last_one_read_are_counted() -> None:
    (table,) = read(long_list(2_000))
    assert 2_000 <= len(table.items) + len(table.unread) <= 2_001


def of_model(text: str, *rows: int) -> tuple[list[LineItem], list[tuple[int, ...]]]:
    found = items(text)
    given = [
        LineItem(description=found[row].description, quantity=found[row].quantity, part_number=found[row].part_number)
        for row in rows
    ]
    return given, [found[row].lines for row in rows]


def test_rows_that_a_model_leaves_out_of_a_clear_list_are_added_in_place() -> None:
    text = long_list(60)
    given, cited = of_model(text, *range(10), *range(50, 60))
    for lines in (cited, []):
        done = complete(given, read(text), lines)
        assert [f"V-{row}" for row in range(1001, 1061)] == [item.part_number for item in done.items]
        assert frozenset(range(10, 50)) == done.by_rule
        assert 0 == done.missing_count


def test_one_row_that_a_model_leaves_out_of_a_short_list_may_be_cancelled() -> None:
    text = long_list(8) + "\nPlease leave out position 3."
    given, cited = of_model(text, 0, 1, 3, 4, 5, 6, 7)
    done = complete(given, read(text), cited)
    assert (7, 1) == (len(done.items), done.missing_count)


def test_an_item_in_other_words_is_not_added_again() -> None:
    text = "Part\tDescription\tQty\nV-20\tgate valve DN50 cast steel\t40\nV-21\tball valve\t12\n"
    reported = [
        LineItem(description="DN50 gate valves, cast steel", quantity=Decimal(40)),
        LineItem(description="valve, ball", quantity=Decimal(13), part_number="v21"),
    ]
    assert tuple(reported) == complete(reported, read(text)).items


def test_a_quantity_that_the_model_read_wrongly_adds_no_second_item() -> None:
    text = long_list(5)
    given, cited = of_model(text, 0, 1, 2, 3, 4)
    given[2] = LineItem(description="valve", quantity=Decimal(77))
    assert 5 == len(complete(given, read(text), cited).items)


def test_unread_rows_are_counted_as_missing() -> None:
    text = long_list(9).replace("valve type 4\t5\tpcs", "valve type 4\tas last time, see 2 above\tpcs")
    given, cited = of_model(text, *range(8))
    assert 1 == complete(given, read(text), cited).missing_count
    given.insert(3, LineItem(description="valve type 4", part_number="V-1004"))
    assert 0 == complete(given, read(text)).missing_count


def test_unclear_lists_add_nothing() -> None:
    found = read("Bolt M8;100;0,25;25,00\nNut M8;200;0,10;20,00")
    assert () == complete([], found).items


def test_a_long_list_is_shown_by_its_beginning_and_end() -> None:
    lines = Reading.of(long_list(300)).lines
    shown = shortened(lines, tables(lines))
    (note,) = [each for each in shown if isinstance(each, Omitted)]
    assert (9, 298, 290) == (note.first, note.last, note.items)
    assert "(lines 9 to 298 of this list are read separately: 290 more items)" == note.text
    assert len(shown) < 20
    assert isinstance(shown[0], Line)
    short = Reading.of(long_list(30)).lines
    assert short == shortened(short, tables(short))


def test_rows_that_were_not_read_are_always_shown() -> None:
    text = long_list(100).replace("V-1050\tvalve type 1\t51\tpcs", "V-1050\tvalve type 1\tsee drawing 7\tpcs")
    lines = Reading.of(text).lines
    shown = [each.text for each in shortened(lines, tables(lines)) if isinstance(each, Line)]
    assert any("V-1050" in each for each in shown)


def test_lists_of_the_corpus_are_read_whole() -> None:
    cases = [json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines()]
    hits = wanted = found = 0
    for case in cases:
        if case["kind"] == "list":
            given = [
                str(item.quantity)
                for item in answer(Rfq(UUID(int=0), "a", case["message"]), default_routes()).line_items
            ]
            reported = [
                str(Decimal(str(item["quantity"]))) for item in case["labels"]["line_items"] if item["quantity"]
            ]
            wanted, found = wanted + len(reported), found + len(given)
            for each in reported:
                if each in given:
                    given.remove(each)
                    hits += 1
    assert hits / wanted >= 0.97
    assert hits / found >= 0.97


@pytest.mark.parametrize(
    "piece",
    ["1,", "a\t1\n", "| 1 | a |\n", "  1", '{"qty":1},', "[[", "{'a':", "Qty: 1\n", "1. a - 4 pcs\n", " . ", "a  b  1\n",
     "S\tM\tL\n1\t2\t3\n", "DN50\tDN80\n", "Qty\tPart\n1\t\n", "(1", "1.000 ", "dto. ", "= ", "Qty;Part\n", "Qty\nPart\n1\n", '"\t"\n'],
)  # fmt: skip
def test_the_time_grows_no_faster_than_the_text(piece: str) -> None:
    def cost(length: int) -> float:
        lines = Reading.of((piece * (length // len(piece) + 1))[:length]).lines
        return cpu_seconds(lambda: tables(lines))

    assert grows_at_most(cost, (8_000, 64_000), 40, 0.05)
