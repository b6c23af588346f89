"""The desk's list as a file: complete and in order, with any text of customers, models and colleagues."""

from __future__ import annotations

import csv
import io
import json

import pytest

from rfqflow.core.errors import ConfigError
from rfqflow.core.text.csv_cells import COMMA, SEMICOLON
from rfqflow.store.desk import DeskFilter, DeskStore
from rfqflow.store.desk_export import csv_of, header
from tests.support.answered_rfqs import answered, item

_MANY = """
with made as (
  insert into public.rfq_requests (message, company) select 'pumps', 'Customer ' || n from generate_series(1, $1) n returning id
)
select array_agg(m.id) from made m
"""


async def exported(db, asked=None, *, sort="urgency", per_item=False, dialect=COMMA):
    parts = [
        part async for part in csv_of(DeskStore(db), asked or DeskFilter(), sort, per_item=per_item, dialect=dialect)
    ]
    text = "".join(parts)
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=dialect.separator, strict=True))
    assert tuple(rows[0]) == header(per_item=per_item)
    assert {len(row) for row in rows} == {len(rows[0])}
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]], parts


async def test_the_export_has_a_line_per_rfq_with_what_people_read(db) -> None:
    rfq_id = await answered(
        db, "ten pumps", company="Hansen", review="low_confidence", due_date="2027-03-31", delivery_place="Aarhus",
        budget={"amount": "1200.5", "currency": "EUR"}, missing=["drawing", "material"],
        line_items=[item("pump", "10"), item("hose")],
    )  # fmt: skip
    desk = DeskStore(db)
    await desk.correct(rfq_id, {"urgency": "high"}, "eva")
    await desk.reassign(rfq_id, "mechanical", "eva")
    await desk.assign(rfq_id, "eva", "eva")

    (row,), _ = await exported(db)
    (same,), _ = await exported(db, dialect=SEMICOLON)

    assert row["rfq_id"] == str(rfq_id)
    about = ("company", "state", "route", "route_set_by", "urgency", "review", "owner", "due", "due_derived", "items")
    assert [row[name] for name in about] == [
        "Hansen", "open", "mechanical", "person", "high", "low_confidence", "eva", "2027-03-31", "", "2",
    ]  # fmt: skip
    assert (row["budget_amount"], row["budget_currency"], row["missing"]) == ("1200.5", "EUR", "drawing, material")
    assert same == row | {"budget_amount": "1200,5"}


async def test_a_line_per_item_repeats_the_rfq_and_an_rfq_without_items_has_one_line(db) -> None:
    several = await answered(db, "two lines", line_items=[item("pump", "-5"), item("hose", "2.5", "m")])
    none = await answered(db, "no line")
    await DeskStore(db).correct(several, {"line_items[+]": {"description": "bolt M8", "quantity": 4}}, "eva")

    rows, _ = await exported(db, sort="age", per_item=True)

    assert [
        (row["rfq_id"], row["item"], row["quantity"], row["description"], row["item_added_by"]) for row in rows
    ] == [
        (str(several), "1", "-5", "pump", ""),
        (str(several), "2", "2.5", "hose", ""),
        (str(several), "3", "4", "bolt M8", "person"),
        (str(none), "", "", "", ""),
    ]


async def test_hostile_texts_make_no_formula_no_additional_cell_and_no_additional_line(db) -> None:
    hostile = '=HYPERLINK("http://x","y"),\r\n-1\t;"\u202e\x07'
    rfq_id = await answered(
        db, hostile, company=hostile, summary=hostile, delivery_place=hostile, missing=[hostile], certificates=["@a", hostile],
        line_items=[{**item(hostile, hostile), "material": "+1", "standards": ["=1"], "note": "=2", "rfq_id": "=3"}],
    )  # fmt: skip
    await DeskStore(db).note(rfq_id, hostile, "=eva")
    await DeskStore(db).assign(rfq_id, "=eva", "=eva")

    (row,), _ = await exported(db, per_item=True)

    held = {name for name, cell in row.items() if "HYPERLINK" in cell}
    assert held == {
        "company",
        "summary",
        "note",
        "delivery_place",
        "missing",
        "certificates",
        "description",
        "quantity",
    }
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "@", "-", "\t", "\r"))]
    assert row["rfq_id"] == str(rfq_id)


async def test_the_file_has_all_pages_of_the_list_once_in_order_and_only_rfqs_of_the_filter(db) -> None:
    ids = await db.fetchval(_MANY, 450)
    await db.execute("delete from ai.outbox")
    await db.execute(
        "update ai.rfqs set ai_status = 'done', ai_route = 'general', ai_extracted = '{}' where rfq_id = any ($1)", ids
    )
    await db.execute("select ai.enter_desk($1)", ids)
    other = await answered(db, "valves", route="mechanical")

    rows, parts = await exported(db, sort="-age")
    narrow, _ = await exported(db, DeskFilter(route="mechanical"))
    found, _ = await exported(db, DeskFilter(search="customer -pump"))

    listed = await db.fetch("select rfq_id from ai.desk_entries order by created_at desc, rfq_id desc")
    assert [row["rfq_id"] for row in rows] == [str(row["rfq_id"]) for row in listed]
    assert len(parts) == 4  # the names, then a page at a time
    assert [row["rfq_id"] for row in narrow] == [str(other)]
    assert found == []


async def test_an_empty_list_is_a_file_of_names_and_an_unknown_order_is_refused(db) -> None:
    assert (await exported(db))[0] == []
    with pytest.raises(ConfigError, match="sorts by"):
        await exported(db, sort="company")


async def test_an_export_is_in_the_audit_without_the_search_text(db) -> None:
    await DeskStore(db).note_export("eva", {"route": "civil", "searched": True})

    note = await db.fetchrow("select actor, action, detail from ai.actions")
    assert (note["actor"], note["action"], json.loads(note["detail"])) == (
        "eva",
        "export",
        {"route": "civil", "searched": True},
    )
