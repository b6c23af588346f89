"""The dates of a text: in full, in any language, and which date a period without a date gives."""
# ruff: noqa: RUF001 - other scripts are what this is about

import datetime as dt
import json
from pathlib import Path

import pytest

from rfqflow.core.rules import dates as rules_dates
from rfqflow.core.text.calendar_words import calendar
from rfqflow.core.text.dates_derived import derived_dates
from rfqflow.core.text.dates_read import dates_in, states
from rfqflow.core.text.dates_spoken import spoken_dates
from rfqflow.core.text.reading import Reading
from tests.support.costs import cpu_seconds, grows_at_most

CORPUS = Path(__file__).parents[1] / "corpus"
MARCH_15 = dt.date(2027, 3, 15)

# The fifteenth of March 2027.
SPELLINGS = [
    "2027-03-15",
    "2027/03/15",
    "2027.03.15",
    "20270315",
    "15.3.2027",
    "15. 3. 2027",
    "15 . 03 . 2027",
    "15/3 2027",
    "15 03 2027",
    "15.03.27",
    "03/15/27",
    "２０２７年３月１５日",
    "2027년 3월 15일까지",
    "3月15日(2027年)",
    "15MAR27",
    "15-Mar-27",
    "Mar 15, '27",
    "2027-Mar-15",
    "15/III/2027",
    "the fifteenth of March, 2027",
    "March the fifteenth, 2027",
    "the 15th day of March in the year 2027",
    "fünfzehnter März 2027",
    "quince de marzo del año 2027",
    "quinze mars 2027",
    "к 15-му марта 2027 г.",
    "до пятнадцатого марта 2027",
    "piętnastego marca 2027 r.",
    "patnáctého března 2027",
    "חמישה עשר במרץ 2027",
    "עד ה-15 במרס 2027",
    "15 มีนาคม 2570",
    "15 มี.ค. 70",
    "๑๕ มีนาคม พ.ศ. ๒๕๗๐",
    "令和九年三月十五日",
    "R9.3.15",
    "民國116年3月15日",
    "116/03/15前",
    "١٥ آذار/مارس ٢٠٢٧",
    "१५ मार्च २०२७",
    "maaliskuun 15. päivään 2027",
    "15. maaliskuuta 2027",
    "2027. március 15-ig",
    "2027 m. kovo 15 d.",
    "iki kovo 15 d. 2027 m.",
    "2027. gada 15. marts",
    "15. ožujka 2027.",
    "15 Mart 2027'ye kadar",
    "ngày 15 tháng 3 năm 2027",
    "15 tháng ba, năm 2027",
    "2027 წლის 15 მარტამდე",
    "2027 թվականի մարտի 15",
    "2027 оны 3-р сарын 15",
    "15 березня 2027 року",
    "ika-15 ng Marso 2027",
    "tarehe 15 Machi 2027",
    "১৫ই মার্চ ২০২৭",
    "ថ្ងៃទី 15 ខែមីនា ឆ្នាំ 2027",
    "2027-жылдын 15-мартына чейин",
    "15η Μαρτίου 2027",
    "2027ko martxoaren 15a",
    "den 15:e mars 2027",
    "abans del 15 de març de 2027",
    "la 15-a de marto 2027",
    "by O3/15/2O27",
    "۲۴ اسفند ۱۴۰۵",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_full_date_is_read_in_any_language_script_and_era(text):
    assert states(dates_in(f"Abc {text}."), MARCH_15)
    assert not states(dates_in(f"Abc {text}."), dt.date(2027, 5, 15))
    assert not states(dates_in(f"Abc {text}."), dt.date(2026, 3, 15))


@pytest.mark.parametrize(
    "text",
    [
        "deliver 12 pumps by March 2027", "DN12 March 2027", "5 kg March 2027", "3/4 BSP, catalogue 2027", "1.12.2027.3",
        "We need 40 pcs in May 2027 and 20 in June 2027", "tel 030 12 03 2027 44", "order 2027-12", "Ref 2027/12/345",
        "ISO 9001:2015, EN 10204:2004", "8 way, 28 AWG", "31 February 2027", "15 Ramadan 1448",
    ],
)  # fmt: skip
def test_numbers_beside_a_month_or_a_year_are_not_a_date(text):
    assert dates_in(text) == ()


def test_the_year_may_be_far_from_the_day_and_apply_to_several():
    text = "First 40 on 9 March to Leeds, on two pallets, by a forwarder of your choice, then 40 on 13 April. (All in 2027.)"
    assert [dt.date(2027, 3, 9), dt.date(2027, 4, 13)] == [each.date for each in dates_in(text)]
    assert [4, 1, 1, 5] == [each.date.day for each in dates_in("op 4 januari, 1 februari, 1 maart en 5 april 2027")]
    assert dates_in("Our quotation of 3 May 2026. Needed by 15 March.")[-1].date == dt.date(2026, 5, 3)


@pytest.mark.parametrize(
    "text", ["12.-15. März 2027", "12.03.-15.03.2027", "12.-15.03.2027", "March 12-15, 2027", "12 to 15 March 2027"]
)
def test_both_ends_of_a_range_are_read(text):
    assert {12, 15} == {each.date.day for each in dates_in(text)}
    assert all(each.in_range for each in dates_in(text))


def test_the_order_of_day_and_month_is_open_until_another_date_shows_it():
    either = {dt.date(2027, 3, 4), dt.date(2027, 4, 3)}
    assert either == set(dates_in("03/04/2027")[0].readings)
    both = dates_in("03/04/2027, the rest 25/04/2027")
    assert states(both, dt.date(2027, 4, 3))
    assert not states(both, dt.date(2027, 3, 4))
    assert {dt.date(2027, 10, 1), dt.date(2027, 11, 1)} == set(dates_in("1. listopada 2027")[0].readings)


RECEIVED = dt.date(2027, 1, 11)  # a Monday


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("in six weeks", "2027-02-22"), ("in drei Wochen", "2027-02-01"), ("через шесть недель", "2027-02-22"),
        ("6週間以内", "2027-02-22"), ("kuuden viikon kuluttua", "2027-02-22"), ("ndani ya wiki 6", "2027-02-22"),
        ("dentro de 30 días", "2027-02-10"), ("بعد 3 أسابيع", "2027-02-01"), ("within two months", "2027-03-11"),
        ("in 10 Arbeitstagen", "2027-01-25"), ("within 48 hrs", "2027-01-13"), ("by Friday", "2027-01-15"),
        ("do piątku", "2027-01-15"), ("by 15 March", "2027-03-15"), ("avant le 5 janvier", "2028-01-05"), ("am 15.3.", "2027-03-15"),
        ("3月15日", "2027-03-15"), ("end of next month", "2027-02-28"), ("Ende März", "2027-03-31"), ("Mart sonu", "2027-03-31"),
        ("3月末", "2027-03-31"), ("KW 14", "2027-04-09"), ("v. 14", "2027-04-05"), ("Q2 2027", "2027-06-30"), ("today", "2027-01-11"),
    ],
)  # fmt: skip
def test_a_period_without_a_date_gives_a_date_from_the_day_of_receipt(text, date):
    found = derived_dates(f"Please deliver {text}.", RECEIVED)
    assert any(each.holds(dt.date.fromisoformat(date)) for each in found)
    assert not any(each.holds(dt.date(2026, 3, 15), tolerance_days=2) for each in found)


_NEVER_STATED = {"date_wrong_month", "date_day_wrong", "year_wrong", "wrong_year", "day_and_month_swapped"}


def test_the_dates_of_recorded_answers_are_verified_and_wrong_ones_are_not():
    rfqs = {rfq["id"]: rfq for rfq in map(json.loads, (CORPUS / "rfqs_dev.jsonl").read_text("utf-8").splitlines())}
    honest, wrong = [], []
    for row in map(json.loads, (CORPUS / "answers.jsonl").read_text("utf-8").splitlines()):
        found = dates_in(Reading.of((row if "message" in row else rfqs[row["rfq"]])["message"]).text)
        for field in ("due_date", "quote_deadline"):
            if stated := row["answer"][field]:
                honest.append(states(found, dt.date.fromisoformat(stated)))
            wrong += [
                states(found, dt.date.fromisoformat(mistake["patch"][field]))
                for mistake in row.get("mistakes", ())
                if mistake["name"] in _NEVER_STATED and mistake["patch"].get(field)
            ]
    assert sum(honest) / len(honest) >= 0.97
    assert sum(wrong) / len(wrong) <= 0.05


def test_a_due_date_beside_a_request_for_a_quote_is_not_the_deadline_of_the_quote():
    for text in ("Please quote 40 valves, Leeds, by 15 March 2027.", "请报价:防爆灯 150 盏,送天津港,2027年3月15日前。"):
        found = rules_dates.dates(text, rules_dates.scan(text), None, timed=True)
        assert (found.due, found.deadline) == (MARCH_15, None)
    text = "Quotations must be received no later than 12:00 noon on 15 March 2027."
    found = rules_dates.dates(text, rules_dates.scan(text), "en", timed=True)
    assert (None, MARCH_15) == (found.due, found.deadline)


def test_the_calendar_states_its_sources():
    head = (Path(rules_dates.__file__).parents[1] / "words" / "calendar.txt").read_text("utf-8").splitlines()[:2]
    assert "Babel 2." in head[1]
    assert "CLDR" in head[1]
    assert {3} == calendar().months["marzo"] & calendar().months["maaliskuuta"]


@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "12.12.",
        "1/1/",
        "2027 ",
        "15 March 2027 ",
        "March ",
        "5月",
        "1月1日",
        "R9.",
        "twenty one ",
        "erste zweite 2027 ",
        "two thousand twenty-seven ",
        "O1l0",
        "'27 ",
        "III 2027 ",
        "2027年",
    ],
)
def test_no_text_makes_dates_slow(piece):
    def cost(length: int) -> float:
        text = piece * (length // len(piece))
        return cpu_seconds(lambda: (dates_in(text), spoken_dates(text), derived_dates(text, RECEIVED)))

    assert grows_at_most(cost, (8_000, 32_000, 128_000), 12, 0.02)  # sixteen is what quadratic growth would give


# The first of June 2027, except those that state another day.
IN_WORDS = [
    "on the first of June, two thousand and twenty-seven",
    "by June first, twenty twenty-seven",
    "pour le premier juin deux mille vingt-sept",
    "entro il primo giugno duemilaventisette",
    "el uno de junio de dos mil veintisiete",
    "zum ersten Juni zweitausendsiebenundzwanzig",
    "zum ersten sechsten zweitausendsiebenundzwanzig",
    "zum ersten sechsten 2027",
    "до первого июня две тысячи двадцать седьмого года",
    "do pierwszego czerwca dwa tysiące dwudziestego siódmego roku",
    "op één juni tweeduizend zevenentwintig",
    "före den första juni tjugohundratjugosju",
    "kétezer-huszonhét. június 1.",
    "2027. június elsejéig",
    "1 Haziran iki bin yirmi yedi",
    "την πρώτη Ιουνίου δύο χιλιάδες είκοσι επτά",
    "الأول من يونيو ألفين وسبعة وعشرين",
]


@pytest.mark.parametrize("text", IN_WORDS)
def test_a_year_in_words_is_a_year(text):
    found = dates_in(f"24 pcs, {text}, Leeds") or spoken_dates(f"24 pcs, {text}, Leeds")

    assert [each.date for each in found] == [dt.date(2027, 6, 1)]


def test_a_date_in_words_ends_with_its_year():
    text = "ready on the twenty-first of May, two thousand and twenty-seven. Contact"
    (found,) = spoken_dates(text)

    assert text[found.start : found.end] == "twenty-first of May, two thousand and twenty-seven"


@pytest.mark.parametrize(
    "text",
    [
        "two thousand and thirty bolts by 3 May",
        "40 twenty-five litre drums, two thousand pcs by 3 March",
        "2 May, a thousand",
    ],
)
def test_a_quantity_in_words_is_not_a_year(text):
    assert spoken_dates(text) == ()
