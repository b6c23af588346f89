"""The checks of facts about the whole RFQ: dates, place, Incoterm, budget, and certificates."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from rfqflow.core.checks.items import VERIFIED, Found, contradicted, copied, unverified
from rfqflow.core.checks.lookup import names_any_currency, names_currency, names_place, place_words
from rfqflow.core.checks.mentions import Kind
from rfqflow.core.checks.words import ENDING, ONLY_UNTIL, QUOTING, RANGE, STARTING, WANTING
from rfqflow.core.rules.text import plainest
from rfqflow.core.text.dates_derived import derived_dates
from rfqflow.core.text.dates_read import dates_in, states
from rfqflow.core.text.numerals import numbers_in, written
from rfqflow.core.text.plain import spans
from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.thread import Part

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from rfqflow.core.answer import Answer, Money
    from rfqflow.core.checks.source import Source, SourceLine

# Difference to years of the common, Buddhist, Reiwa and Minguo era, and to years with two digits.
_ERAS = (0, -543, 2018, 1911, 2000)
_COLLECTED = re.compile(
    r"(?:collect\w*|pick(?:ed)?[ -]?up|loading|loaded|abhol\w*|ladeort|beladung|enlevement|charg\w*|recog\w*"
    r"|carga|ritir\w*|carico"
    r"|ophal\w*|laden|odbior\w*|zaladun\w*|yukleme|nakladk\w*|загруз\w*|погруз\w*)\b[^.;\n]{0,24}$"
)
_TOLERANCE_DAYS = 2  # people count weeks and working days in different ways
_SPELLINGS = {
    "EXW": "ex works|ex-works|ex work|ex factory|ab werk|ab lager|franco fabbrica|depart usine|franco fabrica"
    "|af fabriek|от завода|工厂交货|fabrika teslim|z zakladu|ze zavodu|fritt fabrik|gyari|loco|self collect"
    "|collect(?:ion|ed)? from|selbstabhol",
    "FCA": "free carrier|frei frachtfuhrer",
    "FOB": "free on board|frei an bord|船上交货",
    "CIF": "cost,? insurance",
    "CFR": "cost and freight|c&f|cnf",
    "DAP": "delivered at place|frei haus|frei baustelle|geliefert|franco|franko|rendu|free delivered|free site"
    "|fritt levert|delivered|door to door|carriage paid",
    "DDP": "delivered duty paid|verzollt|duty paid|franco domicile dedouane|完税后交货",
    "CPT": "carriage paid",
    "CIP": "carriage and insurance paid",
}
_SPELLED = {code: re.compile(spelled) for code, spelled in _SPELLINGS.items()}

_NEAR = 40  # most characters between a word and the day to which it refers
_CLAUSE = 100  # characters that are searched before and after a date
_FULL_WIDTH = "\u3001\u3002\uff01\uff0c\uff1b\uff1f"  # signs that end a clause without a blank
_CLAUSE_BEFORE = re.compile(
    rf"[.;!?]\s(?=\S{{4}}|[A-Z]\w*\s|[^\x00-\u024f])|,\s(?=[^\d\s]|\d+\s?[^\W\d_]{{0,3}}\s[^\W\d_]{{3,}})|\n|[{_FULL_WIDTH}]"
)
_CLAUSE_AFTER = re.compile(rf"[.;,!?\n{_FULL_WIDTH}]")


class TermChecks:
    """The checks of an answer's facts outside line items."""

    def __init__(self, answer: Answer, source: Source) -> None:
        self._answer = answer
        self._source = source
        self._cites = {cite.field: source.existing(cite.lines) for cite in answer.cites}

    def lines(self, field: str) -> tuple[int, ...]:
        return self._cites.get(field, ())

    def _near(self, field: str) -> list[SourceLine]:
        cited = self.lines(field)
        return self._source.near(cited) if cited else []

    def date(self, field: str, date: dt.date) -> Found:
        """Whether the text states the whole date, with the meaning that the answer gives it."""
        near = self._near(field)
        here = near and states(near[0].dates if len(near) == 1 else dates_in(_joined(near)), date)
        if not here and not states(self._source.dates, date):
            if states(self._source.spoken_dates, date):
                return VERIFIED
            return unverified("not_read") if self._may_state(date) else contradicted("not_stated")
        lines = near if here else [
            line for line in self._source.lines if states(line.dates, date)
        ]  # fmt: skip
        if field == "due_date" and (deadline := self._deadline(date, lines)):
            return deadline
        if lines and all(line.line.part is Part.QUOTED for line in lines):
            return unverified("quoted")
        is_start = field == "due_date" and any(_is_start(line, date) for line in lines)
        if is_start and _ends_later(self._source.lines, date):
            return unverified("start")
        return VERIFIED if here or not near else unverified("elsewhere")

    def _may_state(self, date: dt.date) -> bool:
        """Whether a text with unknown words for months contains the day and the year, in any era."""
        if self._source.reading.text.isascii():
            return False
        numbers = self._source.numbers
        return date.day in numbers and any(date.year - first in numbers for first in _ERAS)

    def _deadline(self, date: dt.date, lines: list[SourceLine]) -> Found | None:
        """The doubt if the text gives the date only as the deadline for the quote."""
        said = {_stated_as(line, date) for line in lines}
        if "wanting" in said:
            return None
        if "quoting" in said or self._answer.quote_deadline == date:
            return contradicted("quote_deadline")
        return unverified("quote_deadline") if "perhaps" in said else None

    def derived(self, date: dt.date, received: dt.date | None) -> Found:
        """Whether words of the text give the date, if they are counted from the day of receipt."""
        if received is None:
            return unverified("derived")
        near = self._near("due_date_derived") or self._near("due_date_text") or self._source.anywhere()
        said = derived_dates(_joined(near), received)
        return VERIFIED if any(found.holds(date, _TOLERANCE_DAYS) for found in said) else unverified("derived")

    def date_text(self, text: str) -> Found:
        if fold(text) in self._source.folded or numbers_in(text) <= self._source.numbers:
            return VERIFIED
        stated = set(written(text))
        return VERIFIED if stated <= self._source.numbers else contradicted("not_stated")

    def place(self, place: str) -> Found:
        near, words = self._near("delivery_place"), place_words(place)
        if near and names_place(near, words):
            if all(line.line.part in (Part.QUOTED, Part.SIGNATURE) for line in near if names_place([line], words)):
                return unverified("signature")
            return unverified("collection") if _is_collected(place, near) else VERIFIED
        where = [line for line in self._source.lines if names_place([line], words)]
        if where:
            body = [line for line in where if line.line.part is Part.REQUEST]
            return unverified("elsewhere" if body else "signature") if near or not body else VERIFIED
        return unverified("not_verbatim")

    def incoterm(self, code: str) -> Found:
        text = self._source.reading.text
        if _code(code).search(text):
            return VERIFIED
        spelled = _SPELLED.get(code)
        if spelled and spelled.search(self._source.folded):
            return unverified("spelled_out")
        return contradicted("not_stated")

    def budget(self, budget: Money) -> Found:
        near = self._near("budget") or self._source.anywhere()
        if not any(budget.amount in line.numbers for line in self._source.lines):
            return contradicted("not_stated")
        text = _joined(near)
        if budget.amount in numbers_in(text) and names_currency(text, budget.currency):
            return VERIFIED
        stated = [m for line in self._source.lines for m in line.mentions if budget.amount in m.values]
        if stated and all(mention.kind in (Kind.COUNTED, Kind.MEASURED, Kind.DIMENSION) for mention in stated):
            return contradicted("no_amount")
        if names_any_currency(text):
            return contradicted("another_currency")
        named = names_any_currency(self._source.reading.text)
        return unverified("currency") if named else contradicted("no_amount")

    def certificate(self, certificate: str) -> Found:
        return copied(certificate, self._near("certificates"), self._source)


@cache
def _code(incoterm: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){incoterm}(?![^\W_])", re.IGNORECASE)


def _joined(lines: list[SourceLine]) -> str:
    return "\n".join(line.line.text for line in lines)


def _stated_as(line: SourceLine, date: dt.date) -> str:
    """The meaning of the date, by the words before it in its clause, or else by the words after it.

    It is `quoting`, `perhaps`, `wanting` or empty.
    """
    text = line.line.text
    for mention in line.dates:
        if date not in mention.readings:
            continue
        before = plainest(_CLAUSE_BEFORE.split(text[max(0, mention.start - _CLAUSE) : mention.start])[-1])
        quoting = [found.start() for found in QUOTING.finditer(before)]
        wanting = [found.start() for found in WANTING.finditer(before) if not ONLY_UNTIL.fullmatch(found[0])]
        if wanting and max(wanting) > max(quoting, default=-1):
            return "wanting"
        if quoting:  # "quote by ..." is clear, but "quote 40 valves DN50 for Leeds by ..." is not
            return "quoting" if len(before) - max(quoting) <= _NEAR else "perhaps"
        after = plainest(_CLAUSE_AFTER.split(text[mention.end : mention.end + _CLAUSE // 2])[0])
        if WANTING.search(after):
            return "wanting"
        if QUOTING.search(after):
            return "quoting"
    return ""


def _is_start(line: SourceLine, date: dt.date) -> bool:
    """Whether the date is the start of a time span, or the line says that something begins then."""
    text = line.line.text
    for at, mention in enumerate(line.dates):
        if date not in mention.readings:
            continue
        following = line.dates[at + 1] if at + 1 < len(line.dates) else None
        if following and RANGE.fullmatch(plainest(text[mention.end : following.start])):
            return True
        before = plainest(text[max(0, mention.start - _CLAUSE // 2) : mention.start])
        if STARTING.search(_CLAUSE_BEFORE.split(before)[-1]):
            return True
    return False


def _ends_later(lines: Sequence[SourceLine], date: dt.date) -> bool:
    """Whether a later date is the date of completion or delivery."""
    for line in lines:
        for at, mention in enumerate(line.dates):
            if not any(reading > date for reading in mention.readings) or date in mention.readings:
                continue
            start = line.dates[at - 1].end if at else 0
            between = plainest(line.line.text[max(start, mention.start - _CLAUSE) : mention.start])
            joined = at > 0 and date in line.dates[at - 1].readings and RANGE.fullmatch(between)
            if joined or (ENDING.search(between) and not QUOTING.search(between)):
                return True
    return False


def _is_collected(place: str, lines: list[SourceLine]) -> bool:
    """Whether the words before the place say that the goods are there or are loaded there."""
    word = next(iter(re.findall(r"[^\W\d_]{3,}", fold(place))), None)
    for line in lines if word else ():
        for at, _ in spans(str(word), line.folded):
            before = line.folded[max(0, at - 40) : at]
            if _COLLECTED.search(before) and not WANTING.search(before):
                return True
    return False
