"""A claim of an answer must occur in the text, in any spelling. A claim that the text contradicts is taken out."""

# ruff: noqa: RUF001 - texts stand here in their own scripts

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfqflow.core.answer import Answer, Evidence, FactVerdict, LineItem, Money
from rfqflow.core.checks import check
from rfqflow.core.records import Rfq
from rfqflow.core.text.numerals import numbers_in
from tests.support.costs import cpu_seconds, grows_at_most

CORPUS = Path(__file__).parents[1] / "corpus" / "rfqs_dev.jsonl"


def answer(**fields):
    return Answer(**{"summary": "A request.", "route": "general", "confidence": 0.8, **fields})


def item(**fields):
    return LineItem(**{"description": "shaft", **fields})


def grounded(text, **fields):
    checked = check(answer(**fields), Rfq(UUID(int=1), "r", text))
    return checked.answer, tuple(checked.taken_out)


NUMBERS = {
    "1.000.000 Stück": 1_000_000,
    "1,000,000 pcs": 1_000_000,
    "1 000 000 szt.": 1_000_000,
    "1\u202f500 pièces": 1500,
    "1'500 Stk": 1500,
    "1,00,000 nos": 100_000,
    "1.000,50 m": Decimal("1000.5"),
    "1,000.50 m": Decimal("1000.5"),
    "2,5 t": Decimal("2.5"),
    "10k": 10_000,
    "2.5k units": 2500,
    "2,5 Mio. Teile": 2_500_000,
    "5 bin adet": 5000,
    "3 mil piezas": 3000,
    "20 tsd": 20_000,
    "３００個": 300,
    "٢٥٠ قطعة": 250,
    "२५० नग": 250,
    "½ t": Decimal("0.5"),
    "2½ m": Decimal("2.5"),
    "1 1/2 inch": Decimal("1.5"),
    "两百件": 200,
    "一万米": 10_000,
    "三千五百台": 3500,
    "3万本": 30_000,
    "二〇二六年": 2026,
    "2만 개": 20_000,
    "two hundred and fifty": 250,
    "twenty-five hundred": 2500,
    "a dozen": 12,
    "three dozen": 36,
    "ein Dutzend": 12,
    "zweihundertfünfzig Stück": 250,
    "einundzwanzig": 21,
    "tausendzweihundert": 1200,
    "deux cent cinquante": 250,
    "quatre-vingt-dix": 90,
    "soixante-dix": 70,
    "doscientos cincuenta": 250,
    "treinta y cinco": 35,
    "duecentocinquanta": 250,
    "ventuno": 21,
    "duzentos e cinquenta": 250,
    "vijfentwintig": 25,
    "tweehonderd": 200,
    "dwieście pięćdziesiąt": 250,
    "yüz elli adet": 150,
    "qty 6OO": 600,
    "from two to three": 3,
    "50/100/250": 100,
    "50,100,250": 100,
    "2x40HC": 40,
}


@pytest.mark.parametrize(("text", "number"), NUMBERS.items(), ids=NUMBERS)
def test_a_number_is_found_in_every_spelling(text, number):
    assert Decimal(number) in numbers_in(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("two hundred and fifty", 2),
        ("on the way, at once, sei so gut", 10),
        ("bin ich", 1000),
        ("5 pcs", 50),
        ("500 pcs", 5),
        ("1,500 pcs", 15_000),
        ("zweihundert", 2),
        ("", 0),
    ],
)
def test_a_number_that_does_not_occur_is_not_found(text, number):
    assert Decimal(number) not in numbers_in(text)


def test_facts_that_the_text_supports_are_kept_unchanged():
    text = "Please quote 1.000 pcs AB-1234/X rev C, DAP Landshut by 18.12.2026, budget 5k EUR."
    given_answer = answer(
        line_items=(item(quantity=1000, part_number="AB 1234 X"),),
        due_date=dt.date(2026, 12, 18),
        delivery_place="Landshut",
        budget=Money(amount=5000, currency="EUR"),
        evidence=(Evidence(field="route", text="1.000 pcs"),),
    )
    checked = check(given_answer, Rfq(UUID(int=1), "r", text))
    assert checked.taken_out == {}
    assert {found.verdict for found in checked.answer.checks.values()} == {FactVerdict.VERIFIED}
    assert checked.answer.model_copy(update={"checks": {}}) == given_answer


def test_invented_facts_are_taken_out_and_listed_and_the_confidence_stays():
    kept, dropped = grounded(
        "We need shafts soon.",
        line_items=(item(quantity=250, quantity_max=300, part_number="AB-1234"), item(quantity=1)),
        due_date=dt.date(2026, 12, 18),
        quote_deadline=dt.date(2026, 11, 1),
        due_date_text="by 18 December",
        delivery_place="Hamburg, Germany",
        budget=Money(amount=5000, currency="EUR"),
        evidence=(Evidence(field="route", text="CNC milling"),),
    )
    assert dropped == (
        "line_items[0].quantity",
        "line_items[0].quantity_max",
        "line_items[0].part_number",
        "due_date",
        "quote_deadline",
        "due_date_text",
        "budget",
    )
    first, second = kept.line_items
    assert (first.quantity, first.quantity_max, first.part_number, second.quantity) == (None, None, None, 1)
    assert (kept.due_date, kept.quote_deadline, kept.budget) == (None, None, None)
    assert kept.delivery_place == "Hamburg, Germany"  # places have many names
    assert kept.checks["delivery_place"].verdict is FactVerdict.UNVERIFIED
    assert kept.evidence == ()
    assert kept.missing == ("quantity",)
    assert kept.confidence == 0.8


DATES = {
    "by 2026-12-18": True,
    "bis 18.12.2026": True,
    "12/18/2026": True,
    "18/12/26": True,
    "December 18th, 2026": True,
    "on the 18th of December 2026": True,
    "18 décembre 2026": True,
    "18. Dez. '26": True,
    "el 18 de diciembre de 2026": True,
    "18 Aralık 2026": True,
    "do 18 grudnia 2026 r.": True,
    "18 декабря 2026 г.": True,
    "2026年12月18日": True,
    "2026년 12월 18일": True,
    "١٨ ديسمبر ٢٠٢٦": True,
    "20261218": True,
    "O1/18/2O26, no: 12/l8/2O26": True,
    "the eighteenth of December, two thousand and twenty-six": True,
    "le dix-huit décembre deux mille vingt-six": True,
    "восемнадцатого декабря две тысячи двадцать шестого года": True,
    "the eighteenth of December, two thousand and twenty-seven": False,
    "December 18th": False,
    "December 2026": False,
    "18 November 2026": False,
    "18.12.2027": False,
    "KW 51 2026": False,
    "18 pcs, drawing 2026-A": False,
}


@pytest.mark.parametrize(("text", "stands"), DATES.items(), ids=DATES)
def test_a_date_is_verified_if_day_month_and_year_are_stated_in_any_language(text, stands):
    kept, dropped = grounded(f"Delivery {text}.", due_date=dt.date(2026, 12, 18))
    assert (kept.due_date is not None) is stands
    assert (dropped == ()) is stands


PLACES = {
    ("Lieferung nach 84028 Landshut", "Landshut"): True,
    ("Lieferung nach 84028 Landshut", "84028 Landshut, Germany"): True,
    ("Sites within 25 miles of Ludlow.", "Ludlow, United Kingdom"): True,
    ("LIEFERUNG NACH MÜNCHEN", "München"): True,
    ("delivered to Lodz", "Łódź"): True,
    ("dostawa do Warszawy", "Warszawa"): True,
    ("交货地:宁波镇海。", "宁波镇海"): True,
    ("Konya'ya teslim", "Konya"): True,
    ("St. Cloud MN", "St. Cloud, MN"): True,
    ("We are in Ludlow", "London"): False,
    ("We are in Ludlow", "84028 Ludlow"): False,
}


@pytest.mark.parametrize(("case", "stands"), PLACES.items(), ids=[place for _, place in PLACES])
def test_a_place_that_the_text_does_not_name_is_kept_and_marked(case, stands):
    text, place = case
    kept, _ = grounded(text, delivery_place=place)
    assert kept.delivery_place == place
    assert (kept.checks["delivery_place"].verdict is FactVerdict.VERIFIED) is stands


BUDGETS = {
    ("budget 5,000 EUR", 5000, "EUR"): True,
    ("max. 5.000 €", 5000, "EUR"): True,
    ("about $12k", 12_000, "USD"): True,
    ("USD12,500.00 at most", 12_500, "USD"): True,
    ("预算5万元", 50_000, "CNY"): True,
    ("10 lakh rupees", 1_000_000, "INR"): True,
    ("2 000 zł brutto", 2000, "PLN"): True,
    ("5000 pcs", 5000, "EUR"): False,
    ("budget 5,000 EUR", 6000, "EUR"): False,
    ("budget 5,000 EUR", 5000, "USD"): False,
}


@pytest.mark.parametrize(("case", "stands"), BUDGETS.items(), ids=[text for text, *_ in BUDGETS])
def test_an_amount_is_verified_together_with_its_currency(case, stands):
    text, amount, currency = case
    kept, _ = grounded(text, budget=Money(amount=amount, currency=currency))
    assert (kept.budget is not None) is stands


@pytest.mark.parametrize(
    ("text", "code", "stands"),
    [
        ("part AB-1234/X", "ab1234x", True),
        ("part ＡＢ－１２３４", "AB-1234", True),
        ("bolt M8 x 30", "M8", True),
        ("bolt M80", "M8", False),
        ("AB 1234", "AB-1235", False),
    ],
)
def test_a_part_number_is_verified_with_any_hyphens(text, code, stands):
    kept, _ = grounded(text, line_items=(item(part_number=code),))
    assert (kept.line_items[0].part_number is not None) is stands


@pytest.mark.parametrize(
    ("text", "fields", "verdict"),
    [
        ("6O Stück Distanzhülsen, Werkstoff 1.43O1", {"material": "1.4301"}, FactVerdict.UNVERIFIED),
        ("60 off spacers in 3l6L", {"material": "316L"}, FactVerdict.UNVERIFIED),
        ("60 off spacers in 1.4305", {"material": "1.4301"}, FactVerdict.CONTRADICTED),
    ],
)
def test_a_material_that_a_scan_misread_is_kept_and_marked(text, fields, verdict):
    checked = check(answer(line_items=(item(lines=(1,), **fields),)), Rfq(UUID(int=1), "r", text)).answer
    assert checked.checks["line_items[0].material"].verdict is verdict


@pytest.mark.parametrize(
    ("text", "quantity", "verdict"),
    [
        ("(c) wheelbarrows 120 l - to be confirmed (d) 30 pr gloves (e) 2 x 25 m hose", 2, FactVerdict.UNVERIFIED),
        ("30 pr gloves, 4 x 2,5 l paint", 4, FactVerdict.UNVERIFIED),
        ("30 pr gloves, plate 20 x 30 mm", 20, FactVerdict.CONTRADICTED),
        ("30 pr gloves, beam 3 x 20 x 2 m", 20, FactVerdict.CONTRADICTED),
    ],
)
def test_a_count_before_a_measure_is_kept_and_a_dimension_is_not(text, quantity, verdict):
    said = answer(line_items=(item(quantity=Decimal(quantity), lines=(1,)),))
    checked = check(said, Rfq(UUID(int=1), "r", text)).answer
    assert checked.checks["line_items[0].quantity"].verdict is verdict


def test_a_single_piece_needs_no_numeral():
    assert grounded("We need a pump.", line_items=(item(quantity=1),))[1] == ()


def test_labels_of_the_corpus_are_found_in_its_texts():
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    lost = []
    for row in rows:
        labels = row["labels"]
        items = tuple(item(quantity=Decimal(str(each["quantity"] or 1))) for each in labels["line_items"])
        due = dt.date.fromisoformat(labels["due_date"]) if labels["due_date"] else None
        lost += [(row["id"], place) for place in grounded(row["message"], line_items=items[:50], due_date=due)[1]]
    assert len(rows) == 160
    assert len(lost) <= 4, lost


@settings(max_examples=300)
@given(st.text(), st.decimals(min_value=Decimal("0.001"), max_value=10**9, places=3), st.text(max_size=30))
def test_a_check_never_raises_and_never_adds_a_fact(text, quantity, place):
    before = answer(line_items=(item(quantity=quantity),), delivery_place=place.strip() or None)
    checked = check(before, Rfq(UUID(int=1), "r", text))
    assert checked.answer.line_items[0].quantity in (quantity, None)
    assert set(checked.taken_out) <= {"line_items[0].quantity"}
    assert numbers_in(text) is not None


def test_the_check_of_a_message_of_megabytes_costs_only_the_part_that_is_read():
    def cost(repeats):
        rfq = Rfq(UUID(int=1), "r", "12,345.67 zweihundert 三百 1/2 " * repeats)
        return cpu_seconds(lambda: check(answer(line_items=(item(quantity=7),)), rfq))

    assert grows_at_most(cost, (6_000, 100_000), 3, 0.2)
