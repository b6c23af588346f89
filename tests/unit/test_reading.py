"""One readable text of what a customer sent: what a person sees of HTML, in lines, with the newest request apart."""

import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfqflow.core.prompting.masking import mask_rfq
from rfqflow.core.records import Rfq
from rfqflow.core.text.readable import LIMIT, readable
from rfqflow.core.text.reading import Reading
from rfqflow.core.text.thread import Part, parts

OUTLOOK = (
    "<html><head><style><!-- p.MsoNormal {margin:0} --></style></head><body lang=PL><div class=WordSection1>"
    "<p class=MsoNormal>Dzie&#324; dobry,<o:p></o:p></p><p class=MsoNormal>prosz&#281; o\r\n wycen&#281;:<o:p>&nbsp;</o:p></p>"
    "<table class=MsoTableGrid border=1><tr><td><p class=MsoNormal>Nr</p></td><td><p>Ilo&#347;&#263;</p></td></tr>"
    "<tr><td><p class=MsoNormal>V&#8209;20<br>DN50</p></td><td><p>1&#160;250</p></td></tr></table></div></body></html>"
)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("40 pcs of <50 mm> valves, a<b & c>d, to <jo@a.example>", "40 pcs of <50 mm> valves, a<b & c>d, to <jo@a.example>"),
        ("Wroc&#322;aw, 1&#160;250 pcs, V&#8209;20 &amp; R&eacute;gulateur", "Wrocław, 1\xa0250 pcs, V\N{NON-BREAKING HYPHEN}20 & Régulateur"),
        ("Hello<br />\nplease quote <b>40</b> pcs<br/>thanks", "Hello\n\nplease quote 40 pcs\nthanks"),
        ("<p>40 <b>pc</b>s</p><p>of valves</p>", "40 pcs\n\nof valves"),
        ("<ul><li>40 nuts<li>30 bolts</ul>", "- 40 nuts\n- 30 bolts"),
        ("<pre>bolt   40\nnut    30</pre>", "bolt   40\nnut    30"),
        ("<table><tr><td><table><tr><td>A<td>1<tr><td>B<td>2</table></table>", "A\t1\nB\t2"),
        (OUTLOOK, "Dzień dobry,\n\nproszę o wycenę:\n\nNr\tIlość\nV\N{NON-BREAKING HYPHEN}20 DN50\t1 250"),
        ("<div>Need 40</div><blockquote><p>Need 25<br>soon</p></blockquote><div>Jo</div>", "Need 40\n\n> Need 25\n> soon\n\nJo"),
    ],
)  # fmt: skip
def test_a_person_and_a_model_see_the_same_text(message: str, text: str) -> None:
    assert readable(message).text.split() == text.split()
    assert [line.split() for line in readable(message).text.split("\n") if line.strip()] == [
        line.split() for line in text.split("\n") if line.strip()
    ]


CONCEALED = "note for the system that sorts this"


@pytest.mark.parametrize(
    "markup",
    [
        f"<!-- {CONCEALED} -->",
        f"<p style='display: none'>{CONCEALED}</p>",
        f'<div style="font-size:0px;line-height:0">{CONCEALED}</div>',
        f"<span style='COLOR: #FFFFFF'>{CONCEALED}</span>",
        f"<font color=white>{CONCEALED}</font>",
        f"<table bgcolor='#102030'><tr><td><span style='color:rgb(16,32,48)'>{CONCEALED}</span></td></tr></table>",
        f"<p hidden>{CONCEALED}</p>",
        f"<div style='max-height:0;overflow:hidden'>{CONCEALED}</div>",
        f"<div style='position:absolute;left:-9999px'>{CONCEALED}</div>",
        f"<p style='opacity:0'>{CONCEALED}</p>",
        f"<p style='visibility:hidden'>{CONCEALED}</p>",
        f"<style>.a, #b {{ display:none !important }}</style><p id=b>{CONCEALED}</p>",
        f"<div style='display:none'><p><b>{CONCEALED}</b></p></div>",
    ],
)
def test_what_the_markup_keeps_from_sight_is_no_text_but_is_told_of(markup: str) -> None:
    found = readable(f"<p>Please quote 40 pcs</p>{markup}<p>to Leeds</p>")
    assert found.text.split() == ["Please", "quote", "40", "pcs", "to", "Leeds"]
    assert CONCEALED in found.hidden
    assert found.conceals


@pytest.mark.parametrize(
    "markup",
    [
        "<!--[if mso]><p>only for one program, as in most mails</p><![endif]-->",
        "<!--StartFragment--><p>and</p><!--EndFragment-->",
        "<table bgcolor=#003366><tr><td><font color=#ffffff>Our letter head</font></td></tr></table>",
        "<div style='background:navy'><p style='color:white'>White on blue</p></div>",
        "<p style='font-size:10px;color:#333'>small print</p>",
        "<img src=x style='display:none' alt='tracking'>",
        "<div style='display:none'>&nbsp;&zwnj;&nbsp;</div>",
        "<style>p { color: red } .x { display: none }</style>",
    ],
)
def test_what_honest_mail_programs_write_conceals_nothing(markup: str) -> None:
    assert not readable(f"<p>Please quote 40 pcs</p>{markup}").conceals


@pytest.mark.parametrize(
    ("thread", "request_words", "quoted_words"),
    [
        ("We need 40 now.\n\nOn Mon, 2 Nov 2026 at 10:12, Jo <jo@a.example> wrote:\n> We need 25", "40", "25"),
        ("40 Stück.\n\nAm 02.11.2026 um 10:12 schrieb Hans M. <h@a.example>:\n> 25 Stück", "40", "25"),
        ("40 szt.\n\nW dniu 2.11.2026 o 10:12, Jan pisze:\n> 25 szt.", "40", "25"),
        ("40 st\n\n-----Ursprungligt meddelande-----\nFrån: Jo\nSkickat: den 2 november\nÄmne: x\n\n25 st", "40", "25"),
        ("40 pcs\n\nFrom: Jo\nSent: Monday\nTo: Sales\nSubject: valves\n\n25 pcs", "40", "25"),
        ("40 pz.\n\nDa: Jo\nInviato: lunedì 2\nA: vendite\nOggetto: valvole\n\n25 pz.", "40", "25"),
        ("FYI, please handle.\n\n---------- Forwarded message ---------\nFrom: Jo\nDate: Mon\nTo: x\n\n40 pcs\n> 25", "40", "25"),
        ("please see below\n> 40 pcs to Leeds\n>> 25 pcs to Hull", "40", "25"),
        ("> 40 pcs please", "40", None),
    ],
)  # fmt: skip
def test_the_newest_request_is_told_from_what_it_quotes(
    thread: str, request_words: str, quoted_words: str | None
) -> None:
    request = Reading.of(thread).request
    assert request_words in request
    assert quoted_words is None or quoted_words not in request
    assert quoted_words is None or quoted_words in Reading.of(thread).text


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for the visit.\nPlease quote:\n1. 40 pcs\n2. 30 pcs",
        "From: Leeds to: Hull, 3 pallets",
        "Part: V-20\nTo: Leeds\nQty: 40",
        "Size: 40\n-----\nSize: 50",
        "Best price please\n40 pcs of V-20\n30 pcs of V-30",
    ],
)
def test_an_ordinary_request_is_request_from_its_first_to_its_last_line(text: str) -> None:
    assert set(parts(text.split("\n"))) == {Part.REQUEST}


def test_a_signature_is_told_from_the_request() -> None:
    text = "40 pcs\n\nMit freundlichen Grüßen\nH. Meier\nMeier GmbH, Hafenstr. 12\nTel +49 40 1234567"
    lines = text.split("\n")
    assert parts(lines) == (Part.REQUEST, Part.REQUEST, *[Part.SIGNATURE] * 4)


def test_lines_are_numbered_without_gaps_and_hold_the_whole_text() -> None:
    long = "We need forty valves for the plant in Leeds as drawn. " * 12
    reading = Reading.of(f"Hello\n\n{long}\n40\tV-20")
    assert [line.number for line in reading.lines] == list(range(1, len(reading.lines) + 1))
    assert " ".join(line.text for line in reading.lines).split() == reading.text.split()
    assert max(len(line.text) for line in reading.lines) < len(long)
    assert "" not in [line.text.strip() for line in reading.lines]


@given(st.text(alphabet="<>/ \n\t&;!-#=\"'abdhilprtvy40>", max_size=300))
def test_any_text_is_read_and_read_again_it_stays(message: str) -> None:
    reading = Reading.of(message)
    assert len(reading.lines) == len([line for line in reading.lines if line.text.strip()])
    assert Reading.of_readable(reading.text).text == reading.text


TRAPS = {
    "elements in elements": "<div>",
    "tables in tables": "<table><tr><td>",
    "formatting that is never closed": "<font a=1><p>x",
    "links in blocks": "<a><b><p>",
    "comments": "<!--x",
    "comments that are empty": "<!---->",
    "cells": "<table><tr><td>1</td></tr></table>",
    "attributes": "<p a=1 b='",
    "angle brackets": "<",
    "entities": "&amp;&#x41;",
    "quotation marks": "> ",
    "quoted lines": ">\n",
    "header lines": "From: a\nTo: b\n",
    "closings": "Regards\n",
    "styles": "<i style='color:white;display:inline'>x</i>",
    "style sheets": "<style>.a{display:none}</style>",
    "lists": "<ul><li>",
    "rulers": "-- ",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_reading_costs_what_the_length_costs_and_no_more(trap: str) -> None:
    def cpu(length: int) -> float:
        text = (TRAPS[trap] * length)[:length]
        best = 9.0
        for _ in range(3):
            began = time.thread_time()
            assert Reading.of(text).lines is not None
            best = min(best, time.thread_time() - began)
        return best

    # Four times the text: sixteen times the time is what a quadratic reader would take.
    assert cpu(LIMIT) < 9 * cpu(LIMIT // 4) + 0.02
    assert len(Reading.of((TRAPS[trap] * 10_000_000)[:10_000_000]).text) <= 6 * LIMIT


def test_masked_lines_keep_their_numbers():
    sentences = " ".join(f"Please write to person{n}@a.example about pump {n}." for n in range(12))
    rfq = Rfq(UUID(int=1), "r", f"Hello\n\n{sentences}\n40 pcs of V-20")
    masked, mapping = mask_rfq(rfq)
    assert mapping
    assert [line.number for line in masked.reading.lines] == [line.number for line in rfq.reading.lines]
    assert masked.reading.lines[-1].text == rfq.reading.lines[-1].text == "40 pcs of V-20"
