"""Screening, one promise per test. test_screen_corpus measures it as a whole."""
# ruff: noqa: RUF001 - letters that look like others are what some tests are about

import time
from uuid import UUID

import pytest

from rfqflow.core import screening
from rfqflow.core.records import Rfq

ASKED = "Please quote 40 pcs ball valve DN50 PN16, 1.4408, DAP Rotterdam, by 3 May."
PITCH = (
    "We noticed your website is not on the first page of Google. Our SEO packages bring organic traffic. Free audit?"
)


def rfq(message, **fields):
    return Rfq(UUID(int=1), "r-1", message, **fields)


def signals(message, *, same_text_senders=0, **fields):
    return dict(screening.spam(rfq(message, **fields), same_text_senders).signals)


@pytest.mark.parametrize(
    "other",
    [
        "  PLEASE quote\n40 PCS ball valve",
        "please\u00a0quote 40 pcs\u3000ball\tvalve\r\n",
        "ple\u200base quote 40 pcs ball\x00 valve\ufeff",
        "ｐｌｅａｓｅ quote ４０ pcs ball valve",
    ],
)
def test_white_space_case_and_invisible_characters_make_no_other_text(other):
    assert screening.fingerprint("please quote 40 pcs ball valve") == screening.fingerprint(other)


def test_another_quantity_is_another_text():
    assert screening.fingerprint("quote 40 valves") != screening.fingerprint("quote 41 valves")
    assert len(screening.fingerprint("")) == 32


@pytest.mark.parametrize("text", ["Straße ẞ İstanbul ﬁtting", "e\u0301 ｶﾞ ½ m²", "ΌΣΟΣ ς", "\ud800 lone"])
def test_the_normal_form_is_stable(text):
    assert screening.normalised(text) == screening.normalised(screening.normalised(text))


def test_a_character_of_a_dense_script_weighs_more():
    assert 7 == screening.weight("ab 12 -- cde")
    assert 9 == screening.weight("请报价")
    assert 6 == screening.weight("볼트세")
    assert 3 == screening.weight("テス")
    assert 3 == screening.weight("ＡＢ３")
    assert 0 == screening.weight("\u200b ?!")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "test",
        "price?",
        "Angebot bitte",
        "Test 123",
        "hello hello",
        "你好,请问价格",
        "お見積りお願いします",
        "?" * 500,
    ],
)
def test_a_text_without_content_is_too_short(text):
    assert screening.too_short(text)


@pytest.mark.parametrize(
    "text",
    [
        "price for 500 of the usual?",
        "200 M8 bolts",
        "need 40 bushings",
        "不锈钢管500米",
        "求购轴承6205两百个",
        "\n" * 300 + "Please see attached and quote.",
    ],
)
def test_a_one_liner_that_asks_for_something_is_not_too_short(text):
    assert not screening.too_short(text)


def test_the_caller_sets_the_minimum_weight():
    assert screening.too_short("Please see attached and quote", least=40)
    assert not screening.too_short("price?", least=5)
    assert not screening.too_short("a" * 20)
    assert screening.too_short("a" * 19)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sdkjfh wieurh xcvmnb qpwoei zmxncb tyghbn", "improbable_letters"),
        ("ыва олдж фывапролд йцукен ячсмить фывафыва", "keyboard_rows"),
        ("aaaaaaaaaaaaaaaa bbbbbbbbbbbbbbb", "repetition"),
        ("bla bla bla bla bla bla bla bla bla", "repetition"),
        ("ㅁㄴㅇㄹㅁㄴㅇㄹ ㅋㅋㅋㅋㅋ", "loose_jamo"),
        ("Lorem ipsum dolor sit amet, consectetur adipiscing elit", "filler_text"),
    ],
)
def test_gibberish_is_reported_with_its_reason(text, reason):
    found = screening.gibberish(text)
    assert found
    assert reason in found.reasons


@pytest.mark.parametrize(
    "text",
    [
        "MS20470AD4-6 QTY 2000\nNAS1149F0363P QTY 5000\nBLMPGTSN QTY 40\nKRTXQZPD QTY 12",
        "RC0603FR-0710KL;5000\nGRM188R71H104KA93D;8000\nSTM32F103RBT6;250",
        "Donaudampfschifffahrtsgesellschaftskapitän, Schiffsdieselkraftstoffeinspritzpumpendichtung",
        "W Szczebrzeszynie chrząszcz brzmi w trzcinie: źdźbło, bezwzględny, przestrzeń",
        "čtvrthran, skrz prst, vrt, zmrzl, krk, scvrkl, vlk, smrk",
        "NEED FLANGED BUSHINGS BRONZE ASAP SHIP TO DULUTH THANKS",
        "P1ease qu0te f0r the fo1lowing: Bal1 va1ve DN5O flanqed, Gate va1ve, de1ivery t0 Bex1ey",
        "قطع غيار مضخات مياه للمصنع مع التوصيل إلى الرياض",
        "需要不锈钢板二十张",
        "Запчасти для насосов, взвешивание, контрстрельба, вспрыск",
        "Cho tôi xin báo giá van bi inox, giao hàng tại Bình Dương",
        "pls qte thx rgds mtrs pcs kgs",
        "-------- | ---- | ==== x x x x x x x x 12 13 14",
    ],
)
def test_lists_languages_and_bad_scans_are_not_gibberish(text):
    assert not screening.gibberish(text)


def test_a_plain_request_has_no_signal():
    assert screening.Screening(0) == screening.spam(rfq(ASKED, email="a@firm.example"))


def test_a_sales_pitch_is_skipped_and_a_customer_with_its_words_is_not():
    assert screening.spam(rfq(PITCH)).score >= screening.SKIP_AT
    customer = "We are an SEO agency with good Google rankings and need 6 racks 42U, please quote, delivered to Leeds."
    assert screening.spam(rfq(customer)).score < screening.SKIP_AT


@pytest.mark.parametrize(
    ("message", "fields", "signal"),
    [
        (ASKED, {"metadata": {"honeypot": "x"}}, "honeypot"),
        (ASKED, {"metadata": {"form_seconds": 1.2}}, "filled_too_fast"),
        (ASKED, {"email": "a.b.c.d.e.f@gmail.com"}, "dotted_address"),
        (ASKED, {"email": "a@mailinator.com"}, "disposable_address"),
        (ASKED, {"name": "bXqTzRkWpLmVd"}, "random_name"),
        ("see http://a.example http://b.example http://c.example http://d.example", {}, "many_links"),
        ("see http://a.example/aaaaaaaaa", {}, "mostly_links"),
        ("look https://bit.ly/x now please", {}, "shortened_link"),
        ("join https://t.me/x today my friend", {}, "messenger_link"),
        ("look at http://deals.xyz today my friend", {}, "odd_domain"),
        ("[url=http://x.example]here[/url]", {}, "link_markup"),
        ("<a href='http://x.example'>here</a>", {}, "link_markup"),
        ("c\u200ba\u200bs\u200bi\u200bno", {}, "hidden_signs"),
        ("Buy сheap рills and wаtches", {}, "mixed_scripts"),
        ("We are a manufacturer, please find our catalogue", {}, "supplier_pitch"),
    ],
)
def test_each_signal_has_its_cause_in_the_text(message, fields, signal):
    assert signal in signals(message, **fields)


@pytest.mark.parametrize(
    ("message", "fields", "signal"),
    [
        (ASKED, {"metadata": {"honeypot": "", "form_seconds": 2.0}}, "honeypot"),
        (ASKED, {"metadata": {"form_seconds": 2.0}}, "filled_too_fast"),
        (ASKED, {"metadata": {"form_seconds": True}}, "filled_too_fast"),
        (ASKED, {"email": "anne.marie.de.vries@gmail.com"}, "dotted_address"),
        (ASKED, {"name": "Krzysztof Brzęczyszczykiewicz", "company": "SKF GmbH & Co. KG"}, "random_name"),
        (
            "https://a.example/1.pdf https://a.example/2.step https://a.example/3.dwg https://a.example/4.pdf",
            {},
            "many_links",
        ),
        ("<p>Hi <a href='http://x.example'>x</a></p>", {}, "link_markup"),
        ("Насос КСБ и valve 5 шт.", {}, "mixed_scripts"),
    ],
)
def test_no_signal_appears_without_its_cause(message, fields, signal):
    assert signal not in signals(message, **fields)


def test_the_same_text_counts_from_three_senders_on():
    assert "many_senders" not in signals(ASKED, same_text_senders=2)
    assert "many_senders" in signals(ASKED, same_text_senders=3)


def test_a_filled_honeypot_skips_an_empty_offer_and_marks_a_customer():
    trap = {"honeypot": "http://x.example"}
    assert screening.spam(rfq("Great opportunity, please open and read", metadata=trap)).score >= screening.SKIP_AT
    assert screening.MARK_AT > 0
    assert screening.spam(rfq(ASKED, metadata=trap)).score < screening.SKIP_AT


@pytest.mark.parametrize(
    "text",
    [
        "Sheet: page 1 of 2. Delivery date: 14/02/2027. 6 globe valves DN50, Milford Haven.",
        "Siehe erste Seite der Zeichnung: 8 Wellen nach Muster, bitte um Angebot.",
        "In allegato la prima pagina del capitolato. Ci servono 500 viti M8x30, prezzo e consegna.",
        "Vi skal bruge seks pumper til varmt vand. Hvad er prisen?",
        "Hej, vi behöver sex elmotorer 4 kW till Luleå, pris och leveranstid?",
        "We need an escort vehicle and permits for one transformer, 92 t. Rate please.",
        "40 rotary cam switches 20 A, hot galvanised plates, price and delivery.",
        "Necesitamos 12 puestos de trabajo con mesa y silla para el taller. Precio por favor.",
        "Prosimy o wycenę: 4 stanowiska spawalnicze ze stołem.",
        "Our pump no longer works and our fitter is out of the office until Monday. Please price two replacements.",
        "Quote for 3 UPS units. Our bank details come with the order, finance asks for a pro forma invoice.",
        "For our annual conference we need 300 lanyards and vouchers printed. Price?",
        "We have vacancies for 5 welders from March, day shift. Please send your rates.",
    ],
)
def test_customers_words_are_not_taken_for_advertising(text):
    assert screening.spam(rfq(text)).score < screening.MARK_AT


SIGNED = """
Kind regards
Ann Thornbury
www.thornbury.example | https://linkedin.example/thornbury | https://facebook.example/t | https://x.example/t | https://y.example/t
Join our webinar! You are receiving this because you subscribed to our newsletter. To unsubscribe from it click here.
"""


@pytest.mark.parametrize(
    "around",
    [
        f"{{}}\n{SIGNED}",
        "{}\n\nOn 3 Nov 2026 at 09:12, SEO Team <a@b.example> wrote:\n> We noticed your website is not on the first page of"
        " Google. Our SEO packages bring organic traffic. Free audit?",
    ],
)
def test_a_signature_or_a_quotation_does_not_count_against_the_request(around):
    assert (
        screening.spam(rfq(around.format("Price and lead time on 14 bearings 6204-2RS please."))).score
        < screening.MARK_AT
    )
    assert screening.spam(rfq(around.format("Hello again."))).score >= screening.MARK_AT


@pytest.mark.parametrize(
    "text",
    [
        "Automatic reply: I am out of the office until 4 January. In urgent cases write to reception.",
        "Mail delivery failed: returning message to sender. This is a permanent error.",
        "Dear hiring team, I would like to apply for the post of fitter. My CV is attached.",
        "Hiermit bewerbe ich mich um einen Ausbildungsplatz. Mein Lebenslauf und meine Zeugnisse liegen bei.",
        "Please find attached invoice 20931, due within 14 days. Kindly remit to our new account.",
        "Take our 3-minute survey and be entered to win a gift card.",
        "Your mailbox has exceeded its quota. Verify your account to avoid suspension.",
    ],
)
def test_mail_that_is_no_request_is_skipped(text):
    assert screening.spam(rfq(text)).score >= screening.SKIP_AT


@pytest.mark.parametrize(
    "text",
    [
        "The pump is leaking, our fitter is out of the office, call me on 01632 960 001.",
        "Hello, do you do this kind of thing? We saw your website and might need some help next year.",
    ],
)
def test_a_text_that_is_not_understood_is_not_skipped_for_a_word(text):
    assert screening.spam(rfq(text)).score < screening.SKIP_AT


def test_a_run_stores_our_words_and_none_of_the_customer():
    stored = screening.spam(rfq(PITCH, email="zebra.quagga@gmail.com", company="Okapi")).reasons
    assert stored
    assert all(row.signal.replace("_", "").isalpha() and row.signal.islower() for row in stored)
    assert [abs(row.weight) for row in stored] == sorted((abs(row.weight) for row in stored), reverse=True)


@pytest.mark.parametrize(
    "message",
    [
        "a" * 100_000,
        "א" + "\u05b0\u05b9" * 50_000,  # NFKC sorts marks in quadratic time
        "\ufdfa" * 30_000,
        "http://" * 14_000,
        "<a href" * 14_000,
        "[url=" * 20_000,
        "aЖ" * 50_000,
        "1.1," * 25_000,
        "A1-" * 33_000,
        "seo google casino please quote " * 3_000,
        "from $5 per month " * 5_000,
        "\U000e0041" * 100_000,
        "\ud800" * 100_000,
        "deliver to " * 9_000,
        "\n" * 100_000,
    ],
)
def test_hostile_texts_take_bounded_time(message):
    started = time.process_time()
    screening.spam(rfq(message, email="x." * 50_000 + "@gmail.com", name="q" * 100_000))
    screening.gibberish(message)
    screening.fingerprint(message)
    screening.too_short(message)
    screening.weight(message)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    [
        "We need 20 xyzzy pumps",
        "Pls quote 12 Krzkw Zbxq valves",
        "Need price Qxlpt Mzrtv 3 pcs",
        "5 x Hgbvtr Pumpe",
        "Offer for Brzpft couplings, 40 off",
    ],
)
def test_a_strange_name_among_words_is_not_gibberish(text):
    assert not screening.gibberish(text)
