"""The full dates of a text in any language. If the order of day and month is unknown, a date has several readings.

The search first looks for a year among the numbers, since most texts have none. Around each year, it compares words
with the names of months in all languages. It leaves out uncertain dates, such as days of lunar calendars, and a day and
a month without a year nearby.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rfqflow.core.text.calendar_words import PERSIAN, is_month, plain, tokens_of
from rfqflow.core.text.dates_numeric import FULL_YEAR, PERSIAN_YEARS, Numeric, full_year, is_thai, numeric_dates, valid
from rfqflow.core.text.dates_words import Pair, pairs_of

LIMIT = 64_000  # characters that are read; a longer text is an attack, or has a pasted attachment
_MOST = 400  # most dates of one text
_AROUND = (72, 40)  # characters before and after a year
_FAR = (400, 400)  # the same for a year that has no date near it
# The patterns begin with their rarest part: a lookbehind at the beginning would take a step for each character.
_YEAR = re.compile(rf"{FULL_YEAR}(?<!\d{{5}})(?<!\d[.,]\d{{4}})(?!\d|[.,]\d)")
_SHORT_YEAR = re.compile(
    r"\d{1,2}(?:st|nd|rd|th|er|\.)?[ ./-]{0,2}(?:of |de |d')?(?P<name>[^\s\d,;:/'()-]{3,14})"
    r"(?P<y>[ ,/-]{0,2}'[2-4]\d|[ ,/-]{1,2}[2-9]\d|(?<=[A-Za-z.])[2-4]\d)(?![\d:%/]|[.,]\d)"
)
_APOSTROPHE_YEAR = re.compile(r"\b(?P<name>[^\W\d_]{3,12})\.? \d{1,2}(?:st|nd|rd|th)?,? (?P<y>'[2-4]\d)(?!\d)")
_RANGE = re.compile(r"(?<![\d.,/-])(\d{1,2})\.?(?:[ ]?(\d{1,2})\.)?\s?(?:-|/|[^\W\d_]{1,5})\s?$")
_DIGIT = re.compile(r"\d")
_NO_START = frozenset("0123456789.,/-")  # characters before which a day cannot begin
_STANDS_ALONE = re.compile(r"(?<![\w/#:.+-])$")


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date that a text states in full."""

    readings: tuple[dt.date, ...]  # several if the order of day and month, or the language, is unknown
    start: int
    end: int
    in_range: bool = False  # whether it is one end of a time span
    lent: bool = False  # whether the year is elsewhere in the text
    order: str = ""  # order of a numeric day and month: "dm", "md", or "?" if both are possible

    @property
    def date(self) -> dt.date | None:
        """The date, if it has only one reading. Otherwise None."""
        return self.readings[0] if len(self.readings) == 1 else None


def dates_in(text: str) -> tuple[DateMention, ...]:
    """All full dates of a text, in the order of the text."""
    if not _DIGIT.search(text) and "\u5e74" not in text:  # the text has neither a digit nor the sign for a year
        return ()
    text = plain(text[:LIMIT])
    numeric = list(_numeric(text))
    found = [*numeric, *_named(text, numeric)]
    found.sort(key=lambda each: (each.start, -each.end))
    return tuple(dict.fromkeys(found[:_MOST]))


def states(mentions: Sequence[DateMention], date: dt.date) -> bool:
    """Whether the text states this date.

    If one date shows the order of day and month, the order holds for all dates.
    """
    orders = {each.order for each in mentions} & {"dm", "md"}
    order = orders.pop() if len(orders) == 1 else ""
    return any(date in in_order(each, order) for each in mentions)


def in_order(mention: DateMention, order: str) -> tuple[dt.date, ...]:
    """The readings of a date if the day is first (`dm`), the month is first (`md`), or the order is unknown (empty)."""
    if mention.order != "?" or not order:
        return mention.readings
    return mention.readings[:1] if order == "dm" else mention.readings[1:]


def _numeric(text: str) -> Iterator[DateMention]:
    for each in numeric_dates(text):
        first = _first_of_range(text, each)
        yield DateMention(each.readings, each.start, each.end, first is not None, order=each.order)
        if first:
            yield first


def _first_of_range(text: str, last: Numeric) -> DateMention | None:
    """The first date of a range: `12.` in `12.-15.03.2027`, or `28.02.` in `28.02.-03.03.2027`.

    None: there is no range.
    """
    head = text[max(0, last.start - 14) : last.start]
    if not (found := _RANGE.search(head)) or not found[0].rstrip()[-1:]:
        return None
    date = last.readings[0]
    month = int(found[2]) if found[2] else date.month
    start = valid(date.year, month, int(found[1]))
    joint = found[0].rstrip()[-1]
    if not start or start >= date or (joint.isalpha() and not found[2] and "." not in found[0]):
        return None
    return DateMention((start,), last.start - len(head) + found.start(), last.start, in_range=True)


def _named(text: str, numeric: list[DateMention]) -> Iterator[DateMention]:
    taken = {at for each in numeric for at in range(each.start, each.end)}
    years = [
        (found.start(), found.end(), full_year(int(found[0])) or int(found[0]))
        for found in _YEAR.finditer(text)
        if found.start() not in taken
    ][: 2 * _MOST]
    used: set[int] = set()
    for start, end in _windows(years, text, _AROUND):
        for pair in pairs_of(tokens_of(text, start, end), text):
            if pair.year is not None:
                if pair.tight:
                    used.add(pair.year_at)
                yield from _mentions(pair, pair.year)
    yield from _short_years(text)
    free = [each for each in years if each[0] not in used and _STANDS_ALONE.search(text[max(0, each[0] - 1) : each[0]])]
    if len({year for *_, year in free}) == 1:
        for start, end in _windows(free, text, _FAR):
            # Days and months without a year, in a text that states the year separately, as in `15 March, ... (all
            # 2027)`.
            for pair in pairs_of(tokens_of(text, start, end), text):
                if pair.year in {None, free[0][2]} and pair.strong:
                    yield from _mentions(pair, free[0][2], lent=pair.year is None)


def _short_years(text: str) -> Iterator[DateMention]:
    thai = not text.isascii() and is_thai(text)
    for found in (*_SHORT_YEAR.finditer(text), *(_APOSTROPHE_YEAR.finditer(text) if " '" in text else ())):
        year = found["y"].strip("'. ,/-")
        name = found["name"]
        sure = len(name) > 3 or not name.islower() or not name.isascii()  # noqa: PLR2004 - `8 way, 28 AWG`
        if text[max(0, found.start() - 1) : found.start()] in _NO_START or not sure or not is_month(name):
            continue
        for pair in pairs_of(tokens_of(text, found.start(), found.end() - len(year)), text):
            yield from _mentions(pair, full_year(int(year), thai=thai) or 0, found.end())


def _mentions(pair: Pair, year: int, end: int = 0, *, lent: bool = False) -> Iterator[DateMention]:
    for day in pair.days:
        readings = (
            valid(year, month % PERSIAN, day) for month in pair.months if (month > PERSIAN) == (year in PERSIAN_YEARS)
        )
        kept = tuple(dict.fromkeys(each for each in readings if each))
        if kept:
            start, end = pair.start, max(pair.end, end)
            if pair.tight:
                start, end = min(start, pair.year_at), max(end, pair.year_at + 4)
            yield DateMention(kept, start, end, pair.in_range, pair.lent or lent)


def _windows(years: Sequence[tuple[int, int, int]], text: str, around: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yields ranges around the years that do not overlap."""
    spans: list[list[int]] = []
    for start, end, _ in years:
        first, last = max(0, start - around[0]), min(end + around[1], len(text))
        if spans and first <= spans[-1][1]:
            spans[-1][1] = last
        else:
            spans.append([first, last])
    for start, end in spans:
        # Begin at a blank, so that no number is cut.
        yield (text.rfind(" ", max(0, start - 20), start) + 1 or start), end
