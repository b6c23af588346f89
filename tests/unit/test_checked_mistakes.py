"""Plausible mistakes beside the correct answer to the same text: the mistake gets a mark, the correct answer gets none."""
# ruff: noqa: RUF001 - customers write in many scripts

import datetime as dt
from uuid import UUID

import pytest

from rfqflow.core.answer import Answer, Cite, LineItem
from rfqflow.core.checks import check
from rfqflow.core.records import Rfq


def verdicts(text, items=(), received=dt.date(2026, 11, 24), **fields):
    """The facts that are not verified in an answer whose items all cite the first line, unless they cite another."""
    items = tuple(LineItem(**{"lines": (1,), **item}) for item in items)
    fields = {"summary": "Goods are asked for.", "route": "general", "confidence": 0.8, "line_items": items} | fields
    result = check(Answer(**fields), Rfq(UUID(int=1), "r", text, received=received))
    return {fact: (found.verdict.value, found.why) for fact, found in result.answer.checks.items()
            if found.verdict.value != "verified"}  # fmt: skip


def goods(*named):
    return [
        {"description": description, "quantity": quantity, "part_number": part} for description, quantity, part in named
    ]


IN_WORDS = [
    ("hi", "पाँच गियर मोटर और पच्चीस कपलिंग।", "गियर मोटर", 5, "कपलिंग", 25),
    ("fi", "kolmekymmentäviisi kiilahihnaa sekä 4 kpl laakereita", "kiilahihnaa", 35, "laakereita", 4),
    ("lt", "dvylika siurblių ir trys filtrai", "siurblių", 12, "filtrai", 3),
    ("el", "δεκαπέντε αντλίες και τέσσερις δεξαμενές", "αντλίες", 15, "δεξαμενές", 4),
    ("ko", "감속기 다섯 대, 서보모터 열두 대", "감속기", 5, "서보모터", 12),
    ("tr", "yirmi beş adet rulman ve 3 takım zincir", "rulman", 25, "zincir", 3),
    ("sv", "sjutton st pallställ samt tre skydd", "pallställ", 17, "skydd", 3),
    ("en", "Two pumps and seven filters, please.", "pumps", 2, "filters", 7),
]


@pytest.mark.parametrize(
    ("first", "one", "second", "other"), [case[2:] for case in IN_WORDS], ids=[c[0] for c in IN_WORDS]
)
@pytest.mark.parametrize("swapped", [False, True])
def test_swapped_quantities_in_words_are_found(first, one, second, other, swapped):
    text = next(case[1] for case in IN_WORDS if case[2] == first)
    if swapped:
        one, other = other, one
    found = verdicts(text, goods((first, one, None), (second, other, None)))
    wanted = {f"line_items[{at}].quantity": ("contradicted", "another_item") for at in (0, 1)} if swapped else {}
    assert found == wanted


@pytest.mark.parametrize(
    ("text", "description", "part", "right", "wrong"),
    [
        ("35 kiilahihnaa SPA 1250 ja 4 laakeria", "kiilahihnaa", "SPA 1250", 35, 1250),
        ("yirmi beş adet rulman 6204 ZZ", "rulman", "6204 ZZ", 25, 6204),
        ("brauchen 14 Filterelemente 0240 D 010 BN4HC", "Filterelemente", "0240 D 010 BN4HC", 14, 240),
        ("n. 12 riduttori MRV 063 i=30", "riduttori MRV 063", "MRV 063", 12, 30),
        ("V-20 x 40, Truro", "V-20", "V-20", 40, 20),
        ("сорок восемь метров трубы 57х3,5", "трубы 57х3,5", None, 48, 57),
        ("We need two 18 m boom lifts for 3 weeks", "boom lifts", None, 2, 3),
        ("2x40HC cartons to Tema", "cartons", None, 2, 40),
        ("doch 80 statt 60 Stück Kettenräder", "Kettenräder", None, 80, 60),
        ("make it 80 instead of the 60 pcs sprockets", "sprockets", None, 80, 60),
        ("80 au lieu de 60 pignons", "pignons", None, 80, 60),
        ("60 yerine 80 adet dişli", "dişli", None, 80, 60),
        ("3) a couple of rescue kits", "rescue kits", None, 2, 3),
        ("2.5 mm sheets, half a dozen", "sheets", None, 6, 5),
        ("parafusos M10x40 classe 8.8 e meia dúzia de chaves", "chaves", None, 6, 40),
        ("ložisek 6308 a půl tuctu hřídelí", "hřídelí", None, 6, 6308),
        ("Cleaning five days a week of 1850 m2 of offices", "Cleaning of offices", None, 1850, 5),
    ],
)  # fmt: skip
def test_a_quantity_is_distinguished_from_other_numbers_of_its_line(text, description, part, right, wrong):
    assert verdicts(text, goods((description, right, part))) == {}
    assert "line_items[0].quantity" in verdicts(text, goods((description, wrong, part)))


def test_the_unit_of_another_row_is_not_taken_for_this_rows():
    text = 'item,part,qty,uom\n"Hydraulic hose, 2SN",HH-2SN-12,120,m\n"Ferrule, crimp",FC-12,240,pcs'
    hose = {"description": "Hydraulic hose", "quantity": 120, "part_number": "HH-2SN-12", "lines": (2,)}
    ferrule = {"description": "Ferrule", "quantity": 240, "part_number": "FC-12", "unit": "pcs", "lines": (3,)}
    assert verdicts(text, [{**hose, "unit": "m"}, ferrule]) == {}
    assert verdicts(text, [{**hose, "unit": "pcs"}, ferrule])["line_items[0].unit"] == ("contradicted", "another_unit")
    assert "line_items[0].unit" in verdicts("51 m² asphalt", [{"description": "asphalt", "quantity": 51, "unit": "m"}])


def test_the_revision_of_another_line_is_not_taken_for_this_lines():
    text = "Drawing 5-771-02 rev C: 25 flanges\nDrawing 5-771-03 rev A: 10 rings"
    rings = {"description": "rings", "quantity": 10, "part_number": "5-771-03", "lines": (2,)}
    assert verdicts(text, [{**rings, "revision": "A"}]) == {}
    assert verdicts(text, [{**rings, "revision": "C"}])["line_items[0].revision"] == (
        "contradicted",
        "another_revision",
    )


@pytest.mark.parametrize(
    ("text", "due", "deadline"),
    [
        ("Lieferung frei Werk Ulm bis 14.02.2027. Angebotsabgabe bis 05.12.2026.", "2027-02-14", "2026-12-05"),
        ("Baustelle Wels 14.02.2027. Ihr Angebot erwarten wir bis 7. Dezember 2026.", "2027-02-14", "2026-12-07"),
        ("Delivery 14 February 2027. Bids close at 14:00 on Friday, 18 December 2026.", "2027-02-14", "2026-12-18"),
        ("Entrega: 22 de febrero de 2027. La oferta debe llegar antes del 9 de diciembre de 2026.", "2027-02-22", "2026-12-09"),
        ("Срок поставки - до 1 марта 2027 г. КП ждём до 3 декабря 2026.", "2027-03-01", "2026-12-03"),
        ("견적 부탁드립니다. 납기 2027년 2월 19일. 견적 마감 2026년 12월 4일", "2027-02-19", "2026-12-04"),
        ("Szállítás: Győr, 2027. február 12-ig. Ajánlat beérkezése: 2026. december 3.", "2027-02-12", "2026-12-03"),
        ("Dobava do 5. marca 2027. Ponudbo pošljite do 4. decembra 2026.", "2027-03-05", "2026-12-04"),
        ("Could we have your price by 22 January 2027? All to be finished by 2 April 2027.", "2027-04-02", "2027-01-22"),
    ],
)  # fmt: skip
def test_the_day_for_the_quote_is_distinguished_from_that_for_the_goods(text, due, deadline):
    cites = (Cite(field="due_date", lines=(1,)), Cite(field="quote_deadline", lines=(1,)))
    right = {"due_date": dt.date.fromisoformat(due), "quote_deadline": dt.date.fromisoformat(deadline)}
    assert verdicts(text, cites=cites, **right) == {}
    found = verdicts(text, cites=cites, due_date=right["quote_deadline"])
    assert found["due_date"] == ("contradicted", "quote_deadline")


def test_a_day_far_after_the_word_for_a_quote_is_kept_and_marked():
    text = "Please quote 40 gate valves DN80 PN16 with handwheels for Leeds by 12 March 2027."
    assert verdicts(text, intent="other", due_date=dt.date(2027, 3, 12)) == {
        "due_date": ("unverified", "quote_deadline")
    }


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Works begin 4 May 2027 and must be finished by 21 May 2027.", "2027-05-04", "2027-05-21"),
        ("Ausführung 08.02.2027 - 12.02.2027 in Hof.", "2027-02-08", "2027-02-12"),
        ("Début des travaux le 3 mai 2027, travaux achevés le 28 mai 2027.", "2027-05-03", "2027-05-28"),
    ],
)
def test_the_day_on_which_work_begins_is_distinguished_from_that_on_which_it_ends(text, start, end):
    assert verdicts(text, due_date=dt.date.fromisoformat(end)) == {}
    assert verdicts(text, due_date=dt.date.fromisoformat(start)) == {"due_date": ("unverified", "start")}


def test_a_start_without_an_end_is_a_due_date():
    assert verdicts("Cleaning of offices, start 1 February 2027.", due_date=dt.date(2027, 2, 1)) == {}


def test_a_summary_may_write_a_number_or_a_day_of_the_text_differently():
    text = "Need fifteen hundred M8 nuts like on 3.11., 1\u00a0250 washers."
    summary = "1,500 M8 nuts and 1,250 washers are wanted, as on 3 November."
    items = goods(("M8 nuts", 1500, None), ("washers", 1250, None))
    assert verdicts(text, items, summary=summary) == {}
    assert verdicts(text, items, summary=summary.replace("1,250", "1,350")) == {"summary": ("unverified", "number")}


def test_the_year_before_a_month_is_the_year_of_its_day():
    text = "2027 m. kovo 5 d., pasiūlymai iki 2026 m. gruodžio 4 d."
    assert verdicts(text, due_date=dt.date(2027, 3, 5), quote_deadline=dt.date(2026, 12, 4)) == {}


def test_another_day_of_the_same_month_is_another_date():
    text = "Levering Breda, uiterlijk 8 februari a.s."
    assert verdicts(text, intent="other", due_date_derived=dt.date(2027, 2, 8)) == {}
    found = verdicts(text, intent="other", due_date_derived=dt.date(2027, 2, 18))
    assert found == {"due_date_derived": ("unverified", "derived")}
    assert verdicts("Levering in februari", intent="other", due_date_derived=dt.date(2027, 2, 18)) == {}


@pytest.mark.parametrize(("others", "count"), [(0, None), (3, 3), (7, 10)])
def test_lines_that_count_goods_and_were_not_read_are_counted(others, count):
    """Among many such lines are some that have an item's number by chance."""
    pieces = [41 if 3 <= line < 3 + others else 40 for line in range(1, 13)]
    text = "\n".join(f"sleeve PX-{line}, we think {pcs} pcs will do" for line, pcs in enumerate(pieces, 1))
    items = tuple(
        LineItem(description="sleeve", part_number=f"PX-{line}", quantity=40, lines=(line,)) for line in (1, 2)
    )
    answer = Answer(summary="Sleeves are asked for.", route="general", confidence=0.8, line_items=items)
    found = check(answer, Rfq(UUID(int=1), "r", text)).answer.checks.get("line_items")
    assert (found.count if found else None) == count


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("We need 40 gate valves and 25 pumps.", (("gate valves", 40), ("pumps", 25)), (("gate valves", 25), ("pumps", 40))),
        ("dvylika siurblių ir trys filtrai", (("siurbliai", 12), ("filtrai", 3)), (("siurbliai", 3), ("filtrai", 12))),
        ("40 gate valves DN80, 2 m long", (("gate valves DN80", 40),), (("gate valves DN80", 80),)),
        ("3 pumps P-20 for plant 1200", (("pumps P-20", 3),), (("pumps P-20", 20),)),
    ],
)  # fmt: skip
def test_an_answer_without_citations_is_doubted_in_the_lines_that_name_its_items(text, right, wrong):
    def found(named):
        return verdicts(text, [{"description": name, "quantity": quantity, "lines": ()} for name, quantity in named])

    assert not {"line_items[0].quantity", "line_items[1].quantity"} & {
        fact for fact, (verdict, why) in found(right).items() if why != "not_cited"
    }
    assert found(wrong)["line_items[0].quantity"][0] == "unverified"
