"""The numbers that a text states, and where: in digits of any grouping, and in the words of many languages."""

# ruff: noqa: RUF001 - texts stand here in their own scripts

from decimal import Decimal

import pytest

from rfqflow.core.text.numerals import (
    could_state_number_in_words,
    numbers_in,
    quantity_mentions,
    reads_number_words,
)
from tests.support.costs import cpu_seconds, grows_at_most

# In the spelling of CLDR's rules for numbers in words.
SPELLED = {
    "twenty-seven": 27, "one thousand nine hundred ninety-nine": 1999, "zweihundertfünfzig": 250,
    "eintausendneunhundertneunundneunzig": 1999, "zevenentwintig": 27, "duizendnegenhonderdnegenennegentig": 1999,
    "tjugosju": 27, "ettusen niohundranittionio": 1999, "syvogtyve": 27, "tohundrede og halvtreds": 250,
    "tjuesju": 27, "tuttugu og sjó": 27, "vingt-sept": 27, "mille neuf cent quatre-vingt-dix-neuf": 1999,
    "soixante-seize": 76, "veintisiete": 27, "mil novecientos noventa y nueve": 1999, "vinte e sete": 27,
    "mil novecentos e noventa e nove": 1999, "ventisette": 27, "millenovecentonovantanove": 1999,
    "vint-i-set": 27, "douăzeci şi şapte": 27, "două sute cincizeci": 250, "dwadzieścia siedem": 27,
    "tysiąc dziewięćset dziewięćdziesiąt dziewięć": 1999, "dvacet sedm": 27, "sedmadvacet": 27,
    "dvě stě padesát": 250, "dvadsaťsedem": 27, "dvesto päťdesiat": 250, "sedemindvajset": 27,
    "dvadeset i sedam": 27, "tisuću devetsto devedeset i devet": 1999, "двадесет и седам": 27,
    "двеста петдесет": 250, "дваесет и седум": 27, "двадцать семь": 27, "две тысячи пятьсот": 2500,
    "двісті пʼятдесят": 250, "двадцять п’ять": 25, "дваццаць сем": 27, "dvidešimt septyni": 27,
    "du šimtai penkiasdešimt": 250, "divdesmit septiņi": 27, "divsimt piecdesmit": 250, "kakskümmend seitse": 27,
    "kakssada viiskümmend": 250, "kaheteistkümne": 12, "kaksikymmentäseitsemän": 27,
    "kaksisataaviisikymmentä": 250, "kahdellatoista": 12, "huszonhét": 27, "kétszázötven": 250,
    "είκοσι επτά": 27, "διακόσια πενήντα": 250, "yirmi yedi": 27, "yirmiyedi": 27, "iki yüz elli": 250,
    "iyirmi yeddi": 27, "dua puluh tujuh": 27, "seratus dua belas": 112, "سبعة وعشرون": 27,
    "مائتان وخمسون": 250, "بیست و هفت": 27, "עשרים ושבעה": 27, "מאתיים חמישים": 250, "सत्ताईस": 27,
    "दो सौ पचास": 250, "hai mươi bảy": 27, "hai trăm năm mươi": 250, "ยี่สิบเจ็ด": 27, "สองร้อยห้าสิบ": 250,
    "贰佰伍拾": 250, "弐拾七": 27, "二百五十": 250, "이백오십": 250, "스물일곱": 27, "oitenta e dois": 82,
}  # fmt: skip

IN_TRADE = {
    "half a dozen hinges": 6, "half-a-dozen": 6, "a dozen and a half": 18, "two and a half dozen": 30,
    "a couple of pumps": 2, "a couple hundred": 200, "a pair of doors": 2, "three score": 60, "two gross": 288,
    "twenty-five hundred": 2500, "one and a half thousand": 1500, "five lakh": 500_000, "ein halbes Dutzend": 6,
    "anderthalb Dutzend": 18, "ein Paar Rampen": 2, "zwei und eine halbe Tonne": Decimal("2.5"),
    "une demi-douzaine": 6, "une quinzaine de vannes": 15, "trois douzaines et demie": 42, "deux centaines": 200,
    "une tonne et demie": Decimal("1.5"), "docena y media": 18, "media docena": 6, "un par de bombas": 2,
    "due centinaia": 200, "mezza dozzina": 6, "meia dúzia": 6, "een half dozijn": 6, "två dussin": 24,
    "to og en halv meter": Decimal("2.5"), "puoli tusinaa": 6, "kahden pumpun": 2, "parikymmentä": 20,
    "pół tuzina": 6, "tuzina śrub": 12, "dwóch pomp": 2, "pięciu zaworów": 5, "dvou čerpadel": 2, "2 tucty": 24,
    "dvoja vrata": 2, "două duzini": 24, "fél tucat": 6, "másfél tonna": Decimal("1.5"), "пара насосов": 2,
    "двух насосов": 2, "полдюжины": 6, "два десятка": 20, "полторы тысячи": 1500, "пів дюжини": 6,
    "две с половиной тонны": Decimal("2.5"), "δυο αντλίες": 2, "μισή ντουζίνα": 6, "yarım düzine": 6,
    "iki buçuk ton": Decimal("2.5"), "نحتاج إلى مضختين": 2, "اثنان": 2, "نصف دزينة": 6, "שתי משאבות": 2,
    "ढाई सौ": 250, "डेढ़ दर्जन": 18, "hai tá": 24, "một cặp": 2, "ครึ่งโหล": 6, "2 โหล": 24, "setengah lusin": 6,
    "selusin": 12, "두 대": 2, "펌프 스물다섯 개": 25, "백이십 개": 120, "반 다스": 6, "两打": 24, "两百五": 250,
    "ふたつ": 2, "半ダース": 6, "三千五百台": 3500, "3-4 dozen": 36,
}  # fmt: skip

IN_DIGITS = {
    "bolt,M8,250": 250, "RT-1007,300,EA": 300, "50,100 or 200 pcs": 100, "1,250 pcs": 1250, "1.250": 1250,
    "1 250": 1250, "1’250 Stk": 1250, "1,00,000 nos": 100_000, "2½": Decimal("2.5"), "1/2 dozen": 6, "½ gross": 72,
    "2x40": 40, "5k pcs": 5000, "1-2k pcs": 1000, "1.2M pcs": 1_200_000, "l5 pcs": 15, "5O pcs": 50, "1B0 pcs": 180,
    "2S pcs": 25, "１２５個": 125, "۱۲۵": 125, "१२५": 125, '"M8",1,250,"pcs"': 250, "2 tonnes et demie": Decimal("2.5"),
}  # fmt: skip

STATED = SPELLED | IN_TRADE | IN_DIGITS


@pytest.mark.parametrize(("text", "number"), STATED.items(), ids=STATED)
def test_a_stated_number_is_found(text, number):
    assert Decimal(number) in numbers_in(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The payment is due in 30 days, as set out to us.", 2),  # Italian two
        ("We set the price on the bin once for you.", 11),
        ("Fire rating 60 min, and the doors are for our lab.", 600_000),  # Azerbaijani thousand
        ("LED trim for 20 tables, please quote the price for us", 60),
        ("Prix très bas pour vous et nos clients", 3),
        ("ein paar Ersatzmesser", 2),
        ("gross weight of the load", 144),
        ("We need two tins and three cans.", 5),
        ("60 t of steel", 60_000),
        ("from 10.000 bis 2 Millionen", 10_000_000_000),
        ("Cho vay tiền nhanh không thế chấp", 10),  # Dutch ten
        ("EI30 i tuzina samozamykaczy", 360),
        ("1,250 pcs", 250),
        ("نظام التخزين والتأمين", 2),
        ("เก้าอี้", 9),
        ("免费打样", 12),
    ],
)
def test_an_everyday_word_is_not_a_number(text, number):
    assert Decimal(number) not in numbers_in(text)


def test_a_mention_has_the_place_of_its_number_and_whether_it_is_in_words():
    text = "Line 1: zwei Pumpen\nLine 2: 1.250 Stk\nLine 3: drei Dutzend Ventile, 2 m"

    reported = [(text[mention.start : mention.end], mention.in_words) for mention in quantity_mentions(text)]

    assert reported == [
        ("1", False),
        ("zwei", True),
        ("2", False),
        ("1.250", False),
        ("3", False),
        ("drei Dutzend", True),
        ("2", False),
    ]
    (dozens,) = (mention for mention in quantity_mentions(text) if Decimal(36) in mention.values)
    assert dozens.values == {Decimal(3), Decimal(36)}


def test_mentions_and_numbers_agree():
    for text in STATED:
        assert {value for mention in quantity_mentions(text) for value in mention.values} == numbers_in(text), text


def test_languages_with_number_words_are_listed():
    assert reads_number_words("fi")
    assert reads_number_words("ko")
    assert not reads_number_words("sw")
    assert not reads_number_words(None)
    assert could_state_number_in_words("Please quote the pumps for our plant.")
    assert could_state_number_in_words("Прошу выслать предложение на насосы")
    assert could_state_number_in_words("펌프 견적 부탁드립니다")
    assert not could_state_number_in_words("ሁለት ፓምፖች እንፈልጋለን")  # Amharic
    assert not could_state_number_in_words("Tafadhali tupe pampu mbili")  # Swahili
    assert not could_state_number_in_words("Please quote the pumps for our plant.", "sw")


@pytest.mark.parametrize(
    "pattern",
    ["1,", "1 ", "1.000,", "O0", "1 and ", "two hundred and ", "zwanzigtausend", "einhundert ", "三千", "이백 ", "다섯 ", "สิบ", "½", "3 dozen ", "مضختين ", "1-2k ", "a ton and a half ", "п'я", "á", "-", " "],
)  # fmt: skip
def test_twice_the_text_costs_no_more_than_about_twice_the_time(pattern):
    def cost(length):
        text = (pattern * (length // len(pattern) + 1))[:length]
        return cpu_seconds(lambda: quantity_mentions(text))

    assert grows_at_most(cost, (16_000, 32_000), 4, 0.25)


@pytest.mark.parametrize("text", ["\u02bc", "5 \u02bc", "\u0640", "a\u02bc \u00ad"])
def test_a_letter_that_folds_to_nothing_is_not_a_number(text):
    assert numbers_in(text) <= {Decimal(5)}


@pytest.mark.parametrize("blank", [" ", "\t", "\xa0", "\u2009", "\u3000"])
def test_any_blank_may_separate_digits_from_their_character(blank):
    assert Decimal(3000) in numbers_in(f"3{blank}千")


@pytest.mark.parametrize("text", ["数量2\n一、阀门", "数量2\r\n一、阀门", "2\n万"])
def test_digits_at_a_lines_end_do_not_join_the_next_line(text):
    assert Decimal(2) in numbers_in(text)
    assert not numbers_in(text) & {Decimal(21), Decimal(20_000)}


@pytest.mark.parametrize("length", [1, 5, 19, 20, 21, 39, 40, 41])
def test_a_long_run_that_is_cut_off_after_a_mark_is_read_or_left(length):
    assert Decimal(40) in numbers_in("7," * length + "7三 and 40")
    assert Decimal(40) in numbers_in("7." * length + "7 억 and 40")
