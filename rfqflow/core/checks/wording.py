"""The checks of the summary, which a model writes in its own words."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from rfqflow.core.rules import language
from rfqflow.core.rules.text import plainest, words
from rfqflow.core.text.dates_derived import derived_dates
from rfqflow.core.text.numerals import numbers_in, written_values
from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.thread import Part

if TYPE_CHECKING:
    from rfqflow.core.answer import Answer
    from rfqflow.core.checks.source import Source
    from rfqflow.core.records import Rfq

# Both patterns begin with rare characters, so that the regex engine can skip most positions.
_PHONE = re.compile(r"[+0](?<!\w0)\d[\d ()/.-]{6,18}\d")
_ENDS = "(?:com|net|org|de|example|co|io|eu)"
_MAY_LINK = re.compile(rf"[:@.](?:(?<=p:|s:)//|(?<=@)|(?<=www\.)|(?<=[\w-]\.){_ENDS}\b)", re.IGNORECASE)
_LINK = re.compile(rf"https?://|www\.|[\w.+-]+@[\w-]+\.|\b[\w-]+\.{_ENDS}\b", re.IGNORECASE)
_LEAST_WORDS = 6
_NAME = re.compile(r"(?:[^\W\d_a-z][^\W\d_]*\.? ){1,2}[^\W\d_a-z][^\W\d_]+")
_ENGLISH = re.compile(
    r"\b(?:the|are|is|with|and|of|wants?|needs?|requests?)\b"
)  # no text in another language has so many of these words


def summary_faults(answer: Answer, source: Source, rfq: Rfq) -> str | None:
    """The worst fault of the summary. None if the summary has no fault."""
    summary = answer.summary
    if _PHONE.search(summary) or (_MAY_LINK.search(summary) and _LINK.search(summary)):
        return "contact"
    if _names_person(summary, rfq) or _names_signer(summary, source, rfq):
        return "name"
    if not _ENGLISH.search(summary) and len(summary.split()) >= _LEAST_WORDS:
        folded = plainest(summary)
        if language.detect(folded, words(folded)) not in (None, "en"):
            return "language"
    unknown = written_values(summary)
    # Each kind takes longer to compute than the kind before, and most summaries need only the first.
    for known in (_derived_numbers, _stated, _of_company, _numbers_of_days):
        if not unknown:
            return None
        numbers = known(answer, source, rfq)
        unknown = [values for values in unknown if not values & numbers]
    return "number" if unknown else None


def _stated(_answer: Answer, source: Source, _rfq: Rfq) -> set[Decimal]:
    return source.stated


def _of_company(_answer: Answer, source: Source, rfq: Rfq) -> set[Decimal]:
    return source.numbers | numbers_in(rfq.company or "")


def _names_signer(summary: str, source: Source, rfq: Rfq) -> bool:
    """Whether the summary has the name below the letter: two or three capitalised words, and no company's name."""
    signed = [line.line.text.strip(" ,.") for line in source.lines if line.line.part is Part.SIGNATURE][:3]
    names = [line for line in signed if _NAME.fullmatch(line) and fold(line) not in fold(rfq.company or "")]
    return any(name in summary for name in names[:1])


def _names_person(summary: str, rfq: Rfq) -> bool:
    """Whether the summary has the sender's full name from the form, or the last name with a capital.

    `green` is not `Green`.
    """
    name = (rfq.name or "").split()
    if len(name) < 2 or fold(name[-1]) in fold(rfq.company or ""):  # noqa: PLR2004 - a first and a last name
        return False
    if fold(" ".join(name)) in fold(summary):
        return True
    last = name[-1]
    return last[:1].isupper() and last in summary and re.search(rf"\b{re.escape(last)}\b", summary) is not None


def _numbers_of_days(_answer: Answer, source: Source, rfq: Rfq) -> set[Decimal]:
    """The numbers of the text's dates, since a summary may have `3.11.` as 3 November."""
    dates = {date for mention in source.dates for date in mention.readings}
    if rfq.received is not None:
        found = derived_dates(source.reading.text, rfq.received)
        dates |= {date for each in found for date in (each.first, each.last)}
    return {Decimal(number) for date in dates for number in (date.day, date.month, date.year)}


def _derived_numbers(answer: Answer, _source: Source, _rfq: Rfq) -> set[Decimal]:
    """The numbers of the answer's own dates and sums, which a summary may write in another way than the text."""
    dates = [date for date in (answer.due_date, answer.due_date_derived, answer.quote_deadline) if date]
    numbers = {Decimal(number) for date in dates for number in (date.day, date.month, date.year)}
    quantities = [item.quantity for item in answer.line_items if item.quantity is not None]
    numbers |= set(quantities) | {item.quantity_max for item in answer.line_items if item.quantity_max is not None}
    numbers |= {sum(quantities, start=quantities[0] * 0)} if quantities else set()
    return numbers | {Decimal(len(answer.line_items)), Decimal(1)}
