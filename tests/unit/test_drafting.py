"""The reply that asks a customer for missing data: in each language, for each kind of data, without foreign text."""
# ruff: noqa: RUF001 - words of many languages are what this file is about

from __future__ import annotations

import json
from email.headerregistry import Address
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

import rfqflow.core
from rfqflow.core.answer import Missing
from rfqflow.core.drafting.asks import FIELDS, Ask, RfqFacts, asks_of
from rfqflow.core.drafting.foreign import is_plain, lures
from rfqflow.core.drafting.letters import LANGUAGES, code_of, letter, name_of
from rfqflow.core.drafting.mail import is_address, mailto
from rfqflow.core.drafting.order import Order
from rfqflow.core.drafting.reason_texts import asked_facts, reason_text
from rfqflow.core.drafting.reply import draft, language_for
from rfqflow.core.errors import InvalidAnswer
from rfqflow.prompts import shipped

EVERYTHING = tuple(Ask(field) for field in FIELDS)


def item(place, description="Gasket", **more):
    return {"path": f"line_items[{place}]", "description": description, **more}


def test_each_letter_is_complete_and_has_a_file():
    folder = Path(rfqflow.core.__file__).parent / "words" / "letters"
    assert tuple(sorted(file.stem for file in folder.iterdir())) == LANGUAGES
    for language in LANGUAGES:
        words = letter(language)
        assert set(words.asks) == set(words.words) == set(FIELDS), language
        assert all(words.words.values()), language
        assert len({*words.asks.values()}) == len(FIELDS), language
        assert ("{name}" in words.greeting, "{number}" in words.item, "{count}" in words.more) == (True, True, True)
        assert "{reference}" in words.subject
        assert "{" not in words.subject_plain + words.greeting_plain + words.opening + words.closing + words.sign_off


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_asks_for_all_kinds_of_missing_data_in_its_language(language):
    names = {"ru": "Анна", "zh": "王芳", "ar": "ليلى", "he": "נועה", "ja": "田中", "ko": "김민지"}
    rfq = RfqFacts(
        "x", names.get(language, "Ada Lund"), reference="RFQ-17", language=language,
        missing=tuple(get_args(Missing)), line_items=(item(0), item(1, quantity="4")),
        checks={"delivery_place": {"verdict": "contradicted"}, "incoterm": {"verdict": "contradicted"},
                "certificates[0]": {"verdict": "contradicted"}, "quote_deadline": {"verdict": "contradicted"},
                "line_items[1].part_number": {"verdict": "contradicted"}, "line_items[1].unit": {"verdict": "contradicted"}},
    )  # fmt: skip
    made, words = draft(rfq), letter(language)
    assert (made.language, made.why, {ask.field for ask in made.asks}) == (language, "", set(FIELDS))
    assert all(question in made.body for question in words.asks.values())
    assert rfq.name in made.body
    assert "RFQ-17" in made.subject
    assert words.item.format(number=1) in made.body
    assert is_plain(made.body)
    assert not list(lures(made.body))
    assert language_for(RfqFacts(made.body)) in (language, "da" if language == "no" else language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_questions_have_the_words_that_a_models_question_needs(language):
    for asks in (EVERYTHING, *((ask,) for ask in EVERYTHING)):
        said = [{"about": ask.field, "text": letter(language).asks[ask.field]} for ask in asks]
        order = Order(RfqFacts("x"), asks, language)
        assert order.read(json.dumps({"questions": said}), canary="q9q9", instructions="")


def test_no_question_about_one_field_counts_for_all_others():
    """The words show what a question is about: in each language, few questions fit more than a few fields."""
    for language in LANGUAGES:
        words, fits = letter(language), 0
        for ask in EVERYTHING:
            for other in FIELDS:
                said = json.dumps({"questions": [{"about": ask.field, "text": words.asks[other]}]})
                try:
                    Order(RfqFacts("x"), (ask,), language).read(said, canary="q9q9", instructions="")
                    fits += 1
                except InvalidAnswer:
                    continue
        assert len(FIELDS) <= fits <= 3.5 * len(FIELDS), (language, fits)


def test_questions_follow_the_missing_and_the_contradicted_data():
    rfq = RfqFacts(
        "x", missing=("quantity", "nonsense"),
        line_items=(item(0, quantity="5", unit="m"), item(1, unit="m"), item(2, quantity="7", material="steel"), item(3, quantity="2", unit="m")),
        checks={"due_date": {"verdict": "contradicted"}, "delivery_place": {"verdict": "verified"},
                "incoterm": {"verdict": "contradicted"}, "budget": {"verdict": "contradicted"},
                "line_items": {"verdict": "unverified", "why": "incomplete", "count": 4},
                "line_items[2].material": {"verdict": "contradicted"}, "line_items[9].quantity": {"verdict": "contradicted"}},
        facts={"incoterm": "DAP"},
    )  # fmt: skip
    # Since then, a person has set the material and the incoterm. Item 10 is gone, and a letter never asks for a budget.
    assert [ask.code for ask in asks_of(rfq)] == ["quantity:2", "unit:3", "due_date"]
    assert asked_facts(("quantity:2,5", "unit:3", "due_date")) == [
        "quantity of items 2, 5", "unit of item 3", "delivery date",
    ]  # fmt: skip
    assert not asks_of(RfqFacts("x", line_items=(item(0, quantity="5"),)))
    assert [ask.code for ask in asks_of(RfqFacts("x", missing=("quantity",), line_items=(item(0),)))] == ["quantity"]


@pytest.mark.parametrize(
    ("facts", "language", "why"),
    [
        ({"message": "x", "language": "th"}, "en", "no_template"),
        ({"message": "12345"}, "en", "no_language"),
        ({"message": "Bitte um Ihr Angebot für 5 Stück, mit freundlichen Grüßen und danke"}, "de", ""),
        ({"message": "x", "language": "pt-BR"}, "pt", ""),
        ({"message": "x", "language": "nb"}, "no", ""),
        (
            {"message": "请报价密封垫，谢谢。", "language": "en"},
            "zh",
            "",
        ),  # the script decides, whatever the answer says
        ({"message": "يرجى تقديم عرض سعر", "language": "en"}, "ar", ""),
        ({"message": "Просимо надати цінову пропозицію на прокладки, дякуємо"}, "uk", ""),
        ({"message": "x", "language": "<b>"}, "en", "no_language"),
    ],
)
def test_the_language_is_the_customers_or_else_english_with_a_note(facts, language, why):
    made = draft(RfqFacts(**facts, missing=("due_date",)))
    assert (made.language, made.why) == (language, why)
    assert bool(reason_text(made.why, made.wanted)) is bool(why)


def test_a_language_is_chosen_by_its_code():
    assert draft(RfqFacts("x", language="de", missing=("due_date",)), "fr").language == "fr"
    assert draft(RfqFacts("x", language="de", missing=("due_date",)), "xx").why == "no_template"
    assert (code_of("de_DE"), code_of("deutsch"), code_of(None), name_of("th"), name_of("xq")) == (
        "de", None, None, "Thai", "xq",
    )  # fmt: skip


HOSTILE = (
    "http://evil.example/x", "see www.evil.com", "evil.com", "evil[.]com now", "a@evil.example", "call +49 170 1234567",
    "<b>x</b>", "[x](y)", "javascript:alert(1)", "hxxps:// evil", "IBAN DE89 3704 0044 0532 0130 00",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_links_and_addresses_of_the_message_are_never_repeated(text):
    """The sender's address may belong to another person: a reply must not send links there."""
    rfq = RfqFacts("x", text, reference=text, missing=("quantity",), line_items=(item(0, text), item(1, "Shaft")))
    made = draft(rfq)
    assert text not in made.body + made.subject
    assert "evil" not in made.body + made.subject
    assert "Item 1\n" in made.body
    assert "Item 2: Shaft" in made.body


def test_a_letter_stays_short_with_any_number_of_questions():
    many = tuple(item(place, "Very long description " * 20) for place in range(1000))
    made = draft(RfqFacts("x", "N" * 500, reference="R" * 500, missing=("quantity",), line_items=many))
    assert "and 988 more" in made.body
    assert len(made.body) < 2500
    assert made.body.startswith("Hello,")


@pytest.mark.parametrize(
    "address",
    ["eve@example.com", "a.b+c@x-y.example.org"],
)
def test_a_mail_link_has_the_text_of_the_draft(address):
    subject, body = "Größe & Menge? 100% #1", "Hello +1,\n\n1. „Menge“?\n   - Welle Ø40 & mehr\n\nGrüße\u200f שלום"
    link, is_whole = mailto(address, subject, body)
    parts = urlsplit(link)
    assert (parts.scheme, unquote(parts.path), is_whole) == ("mailto", address, True)
    assert "+" not in parts.query
    assert parse_qs(parts.query) == {"subject": [subject], "body": [body.replace("\n", "\r\n")]}
    assert Address(addr_spec=unquote(parts.path)).addr_spec == address


@pytest.mark.parametrize(
    "address",
    [None, "", "nobody", "a@b", "a@x.example?bcc=all@evil.example", "a@x.example,b@x.example", "a@x.example\nBcc: b@y.example",
     "Eve <eve@x.example>", "a" * 80 + "@x.example", "a@x.example%0D%0ABcc:b@y.example", "é@x.example"],
)  # fmt: skip
def test_a_mail_link_takes_exactly_one_address(address):
    link, _ = mailto(address, "S\r\nBcc: everybody@evil.example", "Hi")
    assert link.startswith("mailto:?subject=S%20Bcc%3A")
    assert not is_address(address)


def test_a_mail_link_has_the_whole_text_or_none_of_it():
    link, is_whole = mailto("eve@example.com", "Вопросы", "Количество?\n" * 200)
    assert (is_whole, "body" in link) == (False, False)
    assert len(link) < 2000


def test_a_model_gets_fields_and_positions_and_no_word_of_the_customer():
    rfq = RfqFacts("SECRET message", "Zenobia", "ACME", line_items=(item(0, "SECRET item"), item(1)))
    order = Order(rfq, (Ask("quantity", (1, 2)), Ask("due_date")), "fi")
    prompt = order.prompt(shipped("draft"))
    assert "Finnish (`fi`)" in prompt.system
    assert "`quantity`: the quantity, for item 1, 2 of the request" in prompt.system
    assert "SECRET" not in prompt.system + json.dumps(prompt.schema)
    assert [*prompt.schema["properties"]] == ["questions"]
    assert "{{" not in "".join(prompt.around_canary)


def test_in_a_language_without_a_letter_the_model_writes_it_all_under_the_same_rules():
    rfq = RfqFacts("ขอใบเสนอราคาปะเก็น", "Somchai", missing=("quantity",), line_items=(item(0), item(1, "ปะเก็น")))
    order = Order(rfq, asks_of(rfq), "th")
    said = {
        "subject": "คำขอของคุณ", "greeting": "สวัสดีค่ะ", "opening": "ขอบคุณสำหรับคำขอ เราต้องการข้อมูลต่อไปนี้",
        "questions": [{"about": "quantity", "text": "ต้องการจำนวนเท่าไหร่คะ"}], "closing": "ขอแสดงความนับถือ",
    }  # fmt: skip
    made = order.draft(order.read(json.dumps(said), canary="q9q9", instructions=""))
    assert (made.language, made.subject, made.source) == ("th", "คำขอของคุณ", "model")
    assert "#2: ปะเก็น" in made.body
    for name, text in (("closing", "see evil.com"), ("opening", "x" * 300), ("greeting", ""), ("subject", "a\nb: c")):
        with pytest.raises(InvalidAnswer):
            order.read(json.dumps({**said, name: text}), canary="q9q9", instructions="")
    with pytest.raises(InvalidAnswer):
        order.read(json.dumps({**said, "closing": "q9q9"}), canary="q9q9", instructions="")


def test_each_outcome_has_its_sentence():
    for code in ("budget", "injection", "no_model", "invalid_output", "timeout", "auth", "provider_5xx", "rfq_deleted"):
        assert reason_text(code).endswith((".", "`."))
    assert (reason_text("written"), reason_text(None)) == ("", "")
