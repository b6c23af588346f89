"""The quotation in a mail that came as a file, and text that a file repeats, add no second items."""
# ruff: noqa: RUF001 - letters of many languages are what one test is about

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from rfqflow import attachments
from rfqflow.core import rules
from rfqflow.core.attached import FileText
from rfqflow.core.records import Rfq
from rfqflow.core.text.thread import Part
from tests.support.default_routes import default_routes
from tests.support.reading_files import read, texts

MAIL = FileText(
    "request.eml", "eml", "read", pages=1,
    rows=(
        "attached file 1: request.eml (eml)", "From: Buyer <b@customer.example>", "To: sales@maker.example",
        "Date: Mon, 23 Nov 2026 09:12:00 +0100", "Subject: RE: bushing BU-9", "we now need 400 pcs of bushing BU-9.",
        "On 2 Nov 2026 Jim wrote:", "> we need 250 pcs of bushing BU-9.",
    ),
    runs=((1, 1, 1, 7),),
)  # fmt: skip
ROUTES = default_routes()
RFQ = Rfq(UUID(int=1), "r", "Please quote the attached request.", files=(MAIL,), received=dt.date(2026, 11, 23))


def found(rfq: Rfq) -> list[tuple[str, Decimal | None]]:
    return [(item.description, item.quantity) for item in rules.answer(rfq, ROUTES).line_items]


def test_an_older_quantity_that_an_attached_mail_quotes_is_not_requested():
    parts = {line.text: line.part for line in RFQ.reading.lines}
    assert parts["> we need 250 pcs of bushing BU-9."] is Part.QUOTED
    assert parts["From: Buyer <b@customer.example>"] is Part.REQUEST
    assert [quantity for _, quantity in found(RFQ)] == [400]


def test_only_mails_have_quotations():
    text = replace(RFQ, files=(replace(MAIL, kind="text"),))
    assert {line.part for line in text.reading.lines} == {Part.REQUEST}


def test_a_sentence_that_repeats_a_row_of_a_list_adds_nothing_and_a_different_one_does():
    rows = ("attached file 1: list.csv (csv)", "Part\tName\tQty", "RL-5\tRoller\t60", "RL-6\tRoller, coated\t20")
    sheet = FileText("list.csv", "csv", "read", pages=1, rows=rows, runs=((1, 1, 1, 3),))
    message = "We need 60 pcs of roller RL-5 and 20 pcs of roller RL-6 as listed, and 7 pcs of shaft SH-1."
    assert found(replace(RFQ, message=message, files=(sheet,))) == [("Roller", 60), ("Roller, coated", 20), ("shaft SH-1", 7)]  # fmt: skip


def test_a_number_within_a_code_is_not_a_price_break():
    message = "Please quote 60 pcs of roller RL-5 and 20 pcs of cover CV-9."
    assert found(replace(RFQ, message=message, files=())) == [("roller RL-5", 60), ("cover CV-9", 20)]


def test_a_day_before_the_request_is_not_a_due_date():
    said = rules.answer(replace(RFQ, message="Quote 40 pumps. Terms as of 01.01.2024, delivery 01.01.2024.", files=()), ROUTES)  # fmt: skip
    assert said.due_date is None


@pytest.mark.skipif(not attachments.available(), reason="needs rfqflow[attachments]")
@pytest.mark.parametrize(
    ("text", "charset"),
    [("Łącznik śrubowy", "cp1250"), ("Řezný kotouč", "cp1250"), ("Прокладка", "cp1251"), ("Größe für Kühler", "cp1252"), ("Pièces dégraissées", "cp1252"), ("Junta tórica pequeña", "cp1252"), ("Çelik bağlantı", "cp1254")],
)  # fmt: skip
def test_words_of_a_file_have_the_letters_of_their_language(text, charset):
    rows = "".join(
        f"ŁB-10{n};{text};{n}0\r\n" if charset == "cp1250" else f"LB-10{n};{text};{n}0\r\n" for n in range(1, 5)
    )
    assert text in texts(read(("Part;Name;Qty\r\n" + rows).encode(charset), "list.csv"))[1]
