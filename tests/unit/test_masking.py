"""Contact data is masked in a text and restored in the answer; the facts of an RFQ stay in their places."""

# ruff: noqa: RUF001 - numbers and words of many scripts are what is tested

import re
import time
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rfqflow.core.answer import Answer, Evidence, LineItem
from rfqflow.core.checks import check
from rfqflow.core.prompting import masking
from rfqflow.core.prompting.masking import mask, mask_rfq, restore, unmask
from rfqflow.core.records import Rfq
from rfqflow.core.text.sanitize import one_line, visible

PHONES = """
Tel. +49 89 1234567
Tel.: 089/123456-0
+49 (0)89 / 12345-0
(+49) 171 2345678
0049 171 2345678
call 00491712345678 now
0171 1234567
01712345678
reach me at 0412 345 678 please
(415) 555-2671
+1 415-555-2671
1-800-555-2671
Phone: 415.555.2671
01 23 45 67 89
01.23.45.67.89
+33 1 23 45 67 89
+33 (0)6 12 34 56 78
020 7946 0018
07700 900123
+44 (0)161 496 0000
Tel: 612 345 678
+34 612 345 678
móvil 612 34 56 78
+39 06 1234 5678
tel 02 1234567
06-12345678
+31 20 123 4567
kom. 601 234 567
+48 601 234 567
0532 123 45 67
+90 532 123 45 67
8 (495) 123-45-67
+7 495 123-45-67
тел.: 8-912-345-67-89
+86 138 1234 5678
电话:13812345678
090-1234-5678
+81 90-1234-5678
044 123 45 67
+41 44 123 45 67
0664 1234567
+43 664 1234567
070-123 45 67
+46 70 123 45 67
0470 12 34 56
+32 470 12 34 56
+45 12 34 56 78
+47 22 33 44 55
+420 601 234 567
+358 40 1234567
+353 87 123 4567
+61 412 345 678
(02) 9876 5432
+55 11 91234-5678
(11) 91234-5678
+91 98765 43210
Mobile: 98765 43210
+971 50 123 4567
هاتف: ٠٥٠١٢٣٤٥٦٧
M: 0171 1234567 | T: 089 123456
Tel. 089 123456 / 0171 2345678
Call me on 0171 / 123 456 7 tomorrow
Fax +49-89-1234567-99
+852 2345 6789
+65 9123 4567
Ph: 9123 4567
+49 1512 3456789 ext. 12
Telefon (089) 12 34 56
Bob, +4917112345678, bob@x.com
"""
NO_PHONES = """
100 pcs of 4711-0815
part number 415-555-2671, 10 pcs
P/N 0445 110 183
Bosch 0 445 110 183
0445110183
drawing 0815/4711-01
order no. 4500012345
PO 004500012345
SAP 000000000010023456
EAN 4006381333931
GTIN 00012345678905
0012345678905
due 01.12.2026
12/24/2026 and 2026-12-24
1 000 000 pcs
10.000.000 Stück
612 345 678 units
12 34 56 78 90 mm
DIN EN 10204-3.1
ISO 4014 M12x80-8.8
1.4301 / 1.4571 / 1.4404
EN 10025-2:2019
tolerance +0.021 / -0.000
+20 000 000 pcs
+10 000 000
temperature -40 ... +125 C
HS code 8481.80.81
HS 8483 40 25
RFQ 2026-000123
0815/2026-0045
10x20x3000 mm
6204-2RS 6205-2Z
6ES7 315-2EH14-0AB0
3RT2015-1BB41
A 000 989 12 34
000 420 12 20
34 11 6 860 912
call off 100000 pcs per month
call-off 25000 / 25000 / 50000
phone cases 100 000
Mobile crane 100 000 kg
gsm: 80/90/100/120
80 gsm 700 1000
pH 7.0 1000000
0,125 x 0,250 x 1000
230/400 V 50 Hz
Contactor 0 445 110 183
contact us about part number 4711-0815-12
Qty 1000/2500/5000/10000
1000 - 2500 - 5000
VAT DE123456789
HRB 123456
12345 Berlin
192.168.100.200
Serial 01512345678
price 1.250.000,00 EUR
positions 01 02 03 04 05
NPT 1/2-14
CAS 7439-89-6 and 10043-35-3
(10) 4711-0815
1 | 415-555-2671 | 10
M: 1.4301
F: 10000 N
20 @ 4.50 EUR
5pcs@2.50EUR
M8@10.9
batch 0171 1234567
012-345-6789-A
tube 88.9 x 3.2 x 6000
0201 0402 0603 0805 1206
budget 25 000 - 30 000 EUR
week 48/2026 or 49/2026
07 12 2026
"""


def lines(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.mark.parametrize("text", lines(PHONES))
def test_a_phone_number_is_masked_whole(text: str) -> None:
    masked, mapping = mask(text)
    assert mapping
    assert not re.search(r"\d", re.sub(r"\[masked-\w+-\d+\]", "", masked)), masked
    assert unmask(masked, mapping) == text


@pytest.mark.parametrize("text", lines(NO_PHONES))
def test_the_facts_of_a_request_stay(text: str) -> None:
    assert mask(text) == (text, {})


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Tel 089 1234567 100 Stück", "Tel [masked-phone-1] 100 Stück"),
        ("+49 89 1234567, 250 pcs by 2026-12-01", "[masked-phone-1], 250 pcs by 2026-12-01"),
        ("+49 89 1234567 2026-12-01", "[masked-phone-1] 2026-12-01"),
        ("+49 89 1234567 500 kg of 1.4301", "[masked-phone-1] 500 kg of 1.4301"),
        ("Tel. 089 123456 / 0171 2345678, 4711-0815", "Tel. [masked-phone-1] / [masked-phone-2], 4711-0815"),
        ("Fax -12, P/N 415-555-2671", "Fax -12, P/N 415-555-2671"),
        ("Part no.: 0445 110 183\nTel.: 0445 110 184", "Part no.: 0445 110 183\nTel.: [masked-phone-1]"),
        ("Parts:\n415-555-2671\n415-555-2672", "Parts:\n415-555-2671\n415-555-2672"),
        ("Regards\n415-555-2671\nada@x.example", "Regards\n[masked-phone-1]\n[masked-email-1]"),
    ],
)
def test_text_beside_a_number_stays(text: str, left: str) -> None:
    assert mask(text)[0] == left


EMAILS = {
    "ada@example.com": "[masked-email-1]",
    "<ada.lovelace+rfq@mail.example.co.uk>, please": "<[masked-email-1]>, please",
    "mailto:ada@example.com?subject=x": "mailto:[masked-email-1]?subject=x",
    "Write to ada@example.com.": "Write to [masked-email-1].",
    "O'Neil@example.com": "[masked-email-1]",
    "größe@müller.de": "[masked-email-1]",
    "иван@пример.рф": "[masked-email-1]",
    "ada@xn--mller-kva.xn--p1ai": "[masked-email-1]",
    '"ada q"@example.com': "[masked-email-1]",
    "ada@[192.0.2.1]": "[masked-email-1]",
    "ada＠example.com": "[masked-email-1]",
    "a\u200bda@exam\u00adple.com": "[masked-email-1]",
    "ada (at) example (dot) com": "[masked-email-1]",
    "ada[at]example.com": "[masked-email-1]",
    "info @ example.de": "[masked-email-1]",
    "a@example.com b@example.com a@example.com": "[masked-email-1] [masked-email-2] [masked-email-1]",
    "5 sheets @ 3 mm": "5 sheets @ 3 mm",
    "60 L/s @ 21 m": "60 L/s @ 21 m",
    "10 pcs @ 4.50": "10 pcs @ 4.50",
    "5pcs@2.50EUR": "5pcs@2.50EUR",
    "bolts M8@10.9": "bolts M8@10.9",
    "@example": "@example",
    "ada@localhost": "ada@localhost",
}


@pytest.mark.parametrize(("text", "left"), EMAILS.items())
def test_an_address_is_masked_and_a_price_is_not(text: str, left: str) -> None:
    masked, mapping = mask(text)
    assert masked == left
    assert unmask(masked, mapping) == visible(text)


IBANS = {
    "DE89370400440532013000": "[masked-iban-1]",
    "IBAN: DE89 3704 0044 0532 0130 00, BIC COBADEFFXXX": "IBAN: [masked-iban-1], BIC COBADEFFXXX",
    "IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX": "IBAN [masked-iban-1] BIC COBADEFFXXX",
    "gb29 nwbk 6016 1331 9268 19": "[masked-iban-1]",
    "FR14 2004 1010 0505 0001 3M02 606": "[masked-iban-1]",
    "NO93-8601-1117-947": "[masked-iban-1]",
    "CH93.0076.2011.6238.5295.7": "[masked-iban-1]",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S": "[masked-iban-1]",
    "NL91 ABNA 0417 1643 00": "[masked-iban-1]",
    "PL61 1090 1014 0000 0712 1981 2874": "[masked-iban-1]",
    "DE88370400440532013000": "DE88370400440532013000",  # the checksum is wrong
    "DE8937040044053201300": "DE8937040044053201300",  # too short
    "DE89370400440532013000X": "DE89370400440532013000X",  # part of something longer
    "ZZ89370400440532013000": "ZZ89370400440532013000",  # no such country
    "XDE89370400440532013000": "XDE89370400440532013000",
}


@pytest.mark.parametrize(("text", "left"), IBANS.items())
def test_an_iban_is_recognised_by_country_length_and_checksum(text: str, left: str) -> None:
    masked, mapping = mask(text)
    assert masked == left
    assert unmask(masked, mapping) == text


@pytest.mark.parametrize(
    "forged",
    [
        "[masked-email-1]",
        "masked-email-1",
        "[MASKED-Email-1]",
        "[masked-text-1]",
        "[masked-phone-99]",
        "[[masked-email-1]]",
        "masked-masked-email-1",
        "x_masked-email-12x",
        "[masked-em\u200bail-1]",
    ],
)
def test_a_customer_cannot_forge_a_placeholder(forged: str) -> None:
    text = f"{forged} and ada@example.com"
    masked, mapping = mask(text)

    assert unmask(masked, mapping) == visible(text)
    assert mapping["[masked-email-1]"] == "ada@example.com"
    assert masked.count("masked-email-1]") == 1


def test_the_same_text_has_the_same_placeholder_in_all_texts_of_an_rfq() -> None:
    rfq = Rfq(UUID(int=1), "r", "Write to ada@x.example or bob@x.example", company="Ada (ada@x.example, eve@x.example)")
    masked, mapping = mask_rfq(rfq)

    assert masked.message == "Write to [masked-email-1] or [masked-email-2]"
    assert masked.company == "Ada ([masked-email-1], [masked-email-3])"
    assert mapping["[masked-email-3]"] == "eve@x.example"
    assert mask_rfq(Rfq(UUID(int=1), "r", "5 shafts"))[1] == {}


def test_placeholders_are_plain_ascii_and_pass_our_own_tidying() -> None:
    from rfqflow.core.prompting.prompt import as_data
    from rfqflow.core.text.sanitize import without_markup

    masked, _ = mask("ada@example.com, Tel. 089 1234567, DE89370400440532013000")
    assert masked.isascii()
    assert as_data(masked, "n0nce") == masked
    assert without_markup(masked) == masked


FULL = Answer(
    summary="Ada wants 5 shafts.",
    route="machining",
    confidence=0.8,
    tags=("shafts",),
    line_items=(
        LineItem(description="shaft", quantity=Decimal(5), part_number="4711", unit="pcs", standards=("ISO 1",)),
    ),
    due_date_text="end of May",
    delivery_place="Ulm",
    certificates=("3.1",),
    evidence=(Evidence(field="route", text="5 shafts"),),
)
MAPPING = {"[masked-email-1]": "ada@example.com", "[masked-phone-1]": "089 1234567"}


def test_an_answer_without_placeholders_is_left_alone() -> None:
    assert restore(FULL, MAPPING) == FULL
    assert restore(FULL, {}) is FULL


def test_placeholders_are_restored_in_every_text_of_an_answer() -> None:
    answer = FULL.model_copy(
        update={
            "line_items": (
                LineItem(
                    description="cable for [masked-phone-1]",
                    part_number="X [masked-phone-1]",
                    revision="[masked-phone-1]",
                    unit="[masked-phone-1]",
                    material="[MASKED-PHONE-1]",
                    standards=("masked-phone-1", "ISO 1"),
                ),
            ),
            "due_date_text": "as told to [masked-email-1]",
            "delivery_place": "[masked-email-1]",
            "certificates": ("to [masked-email-1]",),
            "evidence": (Evidence(field="missing", text="call [masked-phone-1] or [masked-phone-7]"),),
        }
    )
    restored = restore(answer, MAPPING)

    item = restored.line_items[0]
    assert item.description == "cable for 089 1234567"
    assert item.part_number == "X 089 1234567"
    assert item.revision == item.unit == item.material == "089 1234567"
    assert item.standards == ("089 1234567", "ISO 1")
    assert restored.due_date_text == "as told to ada@example.com"
    assert restored.delivery_place == "ada@example.com"
    assert restored.certificates == ("to ada@example.com",)
    assert restored.evidence[0].text == "call 089 1234567 or [masked-phone-7]"


def test_summary_and_tags_hold_no_address_as_without_masking() -> None:
    answer = FULL.model_copy(update={"summary": "Ada ([masked-email-1]) asks.", "tags": ("masked-email-1", "shafts")})
    restored = restore(answer, MAPPING)

    assert restored.summary == "Ada ( ) asks."
    assert restored.tags == ("shafts",)


def test_restored_text_that_no_longer_fits_is_cut_and_a_number_is_left_out() -> None:
    mapping = {"[masked-email-1]": "a" * 400 + "@example.com"}
    answer = FULL.model_copy(
        update={
            "delivery_place": "[masked-email-1]",
            "line_items": (LineItem(description="[masked-email-1]", part_number="[masked-email-1]"),),
        }
    )
    restored = restore(answer, mapping)

    assert len(restored.delivery_place or "") <= 120
    assert len(restored.line_items[0].description) <= 300
    assert restored.line_items[0].part_number is None
    assert Answer.model_validate_json(restored.model_dump_json()) == restored


def test_a_restored_answer_is_checked_against_the_text_that_was_never_sent() -> None:
    message = "5 shafts to the yard of ada@example.com"
    masked, mapping = mask(message)
    answer = FULL.model_copy(update={"delivery_place": "the yard of [masked-email-1]"})

    assert "ada" not in masked
    checked = check(restore(answer, mapping), Rfq(UUID(int=1), "r", message))
    assert checked.answer.delivery_place == "the yard of ada@example.com"


pieces = st.lists(
    st.sampled_from(
        [
            "ada@example.com",
            "info @ firm.de",
            "a[at]b.de",
            "+49 89 1234567",
            "Tel. 0171 2345678",
            "089/123456-0",
            "(415) 555-2671",
            "M: ",
            "DE89 3704 0044 0532 0130 00",
            "GB29NWBK60161331926819",
            "[masked-email-1]",
            "masked-text-2",
            *"[]@",
            "4711-0815",
            "100 pcs",
            "P/N ",
            ", ",
            "\n",
            "01.02.2026",
            "1 / 2",
            ".de",
            "\u200b",
            "٠٥٠",
            "＠",
            "‑",
            "\x1b[0m",
            "\r\n",
        ]
    )
    | st.text(max_size=6),
    max_size=14,
).map("".join)


@settings(max_examples=300)
@given(pieces)
@example("masked-email-ada@x.de")
@example("[masked-text-1] [masked-email-1]a@b.de]")
def test_any_text_is_restored_unchanged(text: str) -> None:
    masked, mapping = mask(text)
    assert unmask(masked, mapping) == visible(text)
    assert visible(masked) == masked


@settings(max_examples=300)
@given(pieces)
def test_an_answer_gets_the_masked_data_of_its_text_back(text: str) -> None:
    said = one_line(text)
    if not 0 < len(said) <= 120:
        return
    masked, mapping = mask(said)
    answer = FULL.model_copy(update={"delivery_place": masked, "evidence": (Evidence(field="route", text=said[:120]),)})
    assert restore(answer, mapping).delivery_place == said


words = st.text(st.sampled_from("abcxyz019._+-äñ"), min_size=1, max_size=12)


@settings(max_examples=300)
@given(
    st.text(max_size=12),
    st.from_regex(r"\A[a-z0-9][a-z0-9._+-]{0,20}@[a-z0-9]{1,8}(?:\.[a-z0-9]{1,8})?\.[a-z]{2,6}\Z"),
    words,
)
def test_no_address_survives(before: str, address: str, after: str) -> None:
    masked, _ = mask(f"{before} {address} {after}")
    assert not re.search(r"[\w.+-]@(?:[a-z0-9]+\.)+[a-z]{2,6}\b", masked, re.IGNORECASE | re.ASCII)
    assert address not in masked


@st.composite
def ibans(draw: st.DrawFn) -> str:
    country = draw(st.sampled_from(sorted(masking.IBAN_LENGTHS)))
    account = draw(st.text(st.sampled_from("0123456789ABCXYZ"), min_size=34, max_size=34))
    account = account[: masking.IBAN_LENGTHS[country] - 4]
    check = 98 - int("".join(str(int(character, 36)) for character in f"{account}{country}00")) % 97
    compact = f"{country}{check:02}{account}"
    if draw(st.booleans()):
        compact = compact.lower()
    gap = draw(st.sampled_from(["", " ", "\u00a0", "-", "."]))
    return gap.join(compact[place : place + 4] for place in range(0, len(compact), 4))


@settings(max_examples=300)
@given(
    st.sampled_from(["", "IBAN ", "Pay to: ", "(", "Konto-"]), ibans(), st.sampled_from(["", " BIC X", ",", ".", ")"])
)
def test_no_iban_survives(before: str, iban: str, after: str) -> None:
    masked, mapping = mask(before + iban + after)
    assert iban not in masked
    assert iban in mapping.values()


@pytest.mark.parametrize(
    "text",
    ["a" * 96_000, "a@" * 48_000, "tel" + " " * 95_000, "0 " * 48_000, "+1" * 48_000, "(" * 96_000, "01 23 " * 16_000,
     "a@" + "b-" * 47_000, "call " + "x " * 47_000, "[at]" * 24_000, "DE12" * 24_000],
    ids=lambda text: text[:6],
)  # fmt: skip
def test_the_time_for_a_hostile_text_grows_with_its_length_only(text: str) -> None:
    began = time.thread_time()
    mask(text)
    assert time.thread_time() - began < 15  # quadratic growth would take hours
