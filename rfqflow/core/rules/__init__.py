"""The rules answer an RFQ without a model. The same text always gets the same answer.

They do no I/O and read no clock. They take the value of a field from the text or leave the field open, and never guess.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from rfqflow.core.answer import Answer, Evidence, LineItem
from rfqflow.core.records import Rfq, Route
from rfqflow.core.rules import (
    commercial_terms,
    dates,
    injection,
    intent_signals,
    language,
    part_numbers,
    routing,
    summary,
)
from rfqflow.core.rules.items import line_items
from rfqflow.core.rules.missing import missing
from rfqflow.core.rules.text import LIMIT, Text, plainest, seen, words
from rfqflow.core.text.sanitize import cut, one_line

_SUSPECT = 0.5  # highest confidence of an answer to a text that tries to steer its reader
_EVIDENCE = 8
_ENDS = ("\n", ". ", "! ", "? ", "。", "\uff01", "\uff1f")
_QUOTED = 20  # characters of a quoted mail that may name the goods
_REMEMBERED = 200  # characters
_LONGEST_NAME = 20  # characters of a company's name; a name that is no longer contains no directive


def answer(rfq: Rfq, routes: Sequence[Route]) -> Answer:
    """The rules' answer to an RFQ. Never raises."""
    text = Text.of(rfq.reading)
    spoken = language.detect(text.body, text.words)
    steered = _steering(rfq)
    routed = _routed(text, spoken, routes, steered)
    signs = intent_signals.found(text)
    intent = intent_signals.intent(signs)
    dated = dates.scan(text.body)
    items = (
        line_items(text, dated, spoken, rfq.reading.lines)
        if intent not in {"job_application", "supplier_offer"} and signs.get("spam", 0) < 2  # noqa: PLR2004 - one sign of spam is not enough
        else ()
    )
    if intent == "spam" and signs["spam"] == 1 and any(item.unit for item in items):
        intent = "rfq"  # counted goods are stronger evidence than one phrase
    when = dates.dates(text.body, dated, spoken, timed="timeframe" in signs or "high" in signs)
    if when.due is not None and rfq.received is not None and when.due < rfq.received:
        when = replace(when, due=None, due_text=None)  # the date belongs to a form, a contract or an earlier mail
    named, named_place = commercial_terms.incoterm(text.body)
    place = commercial_terms.delivery_place(text.body, named_place)
    certificates = part_numbers.certificates(text.body)
    shown = summary.summary(text.body, items)
    gaps = missing(rfq, text=text, signs=signs, route=routed.route, items=items, when=when, place=place)
    facts = [
        name
        for name, there in (
            ("suspect-injection", steered),
            ("certificate-required", certificates),
            ("incoterm-" + (named or ""), named),
        )
        if there
    ]
    return Answer(
        summary=shown,
        language=spoken,
        intent=intent,
        route=routed.route,
        route_alternatives=routed.alternatives,
        confidence=min(routed.confidence, _SUSPECT) if steered else routed.confidence,
        tags=summary.tags((term for term, _ in routed.evidence), facts),
        urgency=intent_signals.urgency(signs),
        line_items=items or _whole(shown, intent),
        due_date=when.due,
        due_date_text=when.due_text,
        quote_deadline=when.deadline,
        delivery_place=place,
        incoterm=named,
        budget=commercial_terms.budget(text.body, spoken),
        certificates=certificates,
        missing=gaps if intent == "rfq" else (),
        injection_suspected=steered is not None,
        evidence=tuple(_evidence(routed.evidence, steered)),
    )


def _routed(text: Text, spoken: str | None, routes: Sequence[Route], steered: str | None) -> routing.Routed:
    """The route of the newest request.

    If the request names no goods, as in `make it 260 instead of 200`, the route of the message that it answers.

    A sentence that tells its reader which route to choose does not count.
    """
    honest = _without(text.body, steered) if steered else text.body
    routed = routing.route(text.words if honest is text.body else words(plainest(honest)), spoken, routes)
    if routed.confidence > routing.UNSURE or len(text.shown) - len(text.body) < _QUOTED:
        return routed
    return routing.route(tuple(words(plainest(text.shown))), spoken, routes)


def _without(body: str, steered: str) -> str:
    """The text without the sentence that steers. The whole text if there is no other sentence."""
    at = body.find(steered)
    if at < 0:
        return body
    start = max(body.rfind(end, 0, at) for end in _ENDS) + 1
    stop = min((place for end in _ENDS if (place := body.find(end, at + len(steered))) >= 0), default=len(body))
    rest = f"{body[:start]} {body[stop:]}"
    return rest if len(rest) > _QUOTED else body


def steers(rfq: Rfq) -> bool:
    """Whether a text tries to steer its reader. A model that obeys such a text does not report it."""
    return _steering(rfq) is not None


def _steering(rfq: Rfq) -> str | None:
    reading = rfq.reading
    if reading.conceals and (reading.buries or injection.instructs(reading.hidden)):
        return "text that is kept from sight"
    if reading.hidden and (said := injection.steering("", seen(reading.hidden))) is not None:
        return said
    company = rfq.company or ""  # the prompt contains the company's name
    if len(company) > _LONGEST_NAME:
        of = _steering_of_company if len(company) <= _REMEMBERED else _steering_of_company.__wrapped__
        if (said := of(company)) is not None:
            return said
    return injection.steering_of(reading, rfq.message[: 2 * LIMIT])


@lru_cache(maxsize=1024)
def _steering_of_company(company: str) -> str | None:
    """The words by which a company's name steers. Cached, since the same companies write often."""
    return injection.steering(company, seen(company))


def _whole(shown: str, intent: str) -> tuple[LineItem, ...]:
    """The items. If a request has no countable thing, the job itself is the only item."""
    return (LineItem(description=cut(shown, 200)),) if intent == "rfq" and len(shown.split()) > 4 else ()  # noqa: PLR2004 - fewer words are not a request


def _evidence(terms_found: Sequence[tuple[str, float]], steered: str | None) -> Iterator[Evidence]:
    for term, weight in terms_found[:_EVIDENCE]:
        yield Evidence(field="route", text=cut(one_line(term), 120), weight=weight)
    if steered is not None:
        yield Evidence(field="injection_suspected", text=cut(one_line(steered), 120) or "hidden characters")
