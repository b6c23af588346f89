"""The days that a text's times mean, counted from its arrival: `in six weeks`, `by Friday`, `15 March`, `KW 14`.

Each is a range of days, or one day if the words name a day. They are candidates with which an answer is compared, and
not facts: `30 days` may be a time of delivery or of payment.
"""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rfqflow.core.text.calendar_words import (
    NUMBER,
    PERSIAN,
    WORD,
    Calendar,
    Token,
    calendar,
    last_phrase,
    plain,
    tokens_of,
    word_of,
)
from rfqflow.core.text.dates_numeric import full_year, valid
from rfqflow.core.text.dates_words import pairs_of

_LIMIT = 8_000  # characters
_MOST = 400
_LONGEST = 999  # days, weeks or months
_MONTHS = 12
_WEEKS = 53
_MONTH, _FORTNIGHT, _WEEK, _HOURS = 30, 14, 7, 24  # units
_MIDDLE, _EARLY, _LATE = 15, 10, 25
_SATURDAY = 5
_DAY_MONTH = re.compile(
    r"(?<!\d)(?<!\d[.,/-])(?:(?P<d1>\d{1,2})\. ?(?P<m1>\d{1,2})\.(?! ?\d)|(?P<d2>\d\d)/(?P<m2>\d\d)(?![\d/.,]))"
)
_QUARTER = re.compile(r"(?<![A-Za-z\d])[Qq](?P<quarter>[1-4])(?:[ /-]{0,2}(?P<year>20[2-4]\d))?(?!\d)")
_MONTH_PART = re.compile(r"(?<!\d)(?P<month>\d{1,2}) ?[月월] ?(?P<part>末|底|말|中旬|上旬|初|下旬)")
_PARTS = {"末": "end", "底": "end", "말": "end", "下旬": "end", "中旬": "middle", "上旬": "start", "初": "start"}


class Derived(NamedTuple):
    """The days that some words of a text mean."""

    first: dt.date
    last: dt.date
    start: int
    end: int

    def holds(self, date: dt.date, tolerance_days: int = 0) -> bool:
        """Whether a date is one of these days, or at most `tolerance_days` away from one."""
        slack = dt.timedelta(tolerance_days)
        return self.first - slack <= date <= self.last + slack


def derived_dates(text: str, received: dt.date) -> tuple[Derived, ...]:
    """The days for all times that a text states without a full date, in the order of the text."""
    text = plain(text[:_LIMIT])
    tokens, names = tokens_of(text, 0, len(text)), calendar()
    found = [*_days_of_months(tokens, text, received), *_numeric(text, received)]
    for at, token in enumerate(tokens):
        if len(found) >= _MOST:
            break
        if token.kind == WORD:
            found += _at(tokens, at, names, received)
    # `8 February` means only the 8th of February.
    named = {
        at for each in found if each.first == each.last for at in range(each.start, min(each.end, each.start + 60))
    }
    found = [each for each in found if each.first == each.last or each.start not in named or not _is_month(each)]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: each.start))


def _is_month(each: Derived) -> bool:
    return each.first.day == 1 and each.last == _month_end(each.first.year, each.first.month)


def _days_of_months(tokens: Sequence[Token], text: str, received: dt.date) -> Iterator[Derived]:
    for pair in pairs_of(tokens, text):
        for month in pair.months if pair.year is None else ():
            for day in pair.days if month < PERSIAN else ():
                if date := _coming(month, day, received):
                    yield Derived(date, date, pair.start, pair.end)


def _numeric(text: str, received: dt.date) -> Iterator[Derived]:
    for found in _DAY_MONTH.finditer(text):
        day, month = int(found["d1"] or found["d2"]), int(found["m1"] or found["m2"])
        readings = [(month, day)] if found["d1"] else [(month, day), (day, month)]
        for date in {_coming(*each, received) for each in readings}:
            if date:
                yield Derived(date, date, *found.span())
    for found in _QUARTER.finditer(text):
        last_month = int(found["quarter"]) * 3
        year = int(found["year"] or received.year)
        if not found["year"] and _month_end(year, last_month) < received:
            year += 1
        yield Derived(dt.date(year, last_month - 2, 1), _month_end(year, last_month), *found.span())
    for found in _MONTH_PART.finditer(text):
        if 1 <= int(found["month"]) <= _MONTHS:
            yield _part(
                _PARTS[found["part"]], _year_of(int(found["month"]), received), int(found["month"]), *found.span()
            )


def _at(  # noqa: C901 - a list of cases
    tokens: Sequence[Token], at: int, names: Calendar, received: dt.date
) -> Iterator[Derived]:
    word, token = word_of(tokens[at].text), tokens[at]
    if word.unit:
        yield from _counted(tokens, at, word.unit, names, received)
    if word.months and len(token.text) > 3:  # noqa: PLR2004 - shorter ones are also common words
        year = _stated_year(tokens, at + 1)
        for month in word.months:
            if month <= _MONTHS:
                in_year = year or _year_of(month, received)
                yield Derived(dt.date(in_year, month, 1), _month_end(in_year, month), token.start, token.end)
    yield from _weekdays(tokens, at, names, received)
    lists = names.lists
    if word.key in lists["week number"]:
        yield from _week(tokens, at, received)
    if word.key in lists["next"]:
        yield from _next(tokens, at, received)
    for part in ("end", "middle", "start"):
        if word.key in lists[part]:
            yield from _part_of(tokens, at, part, names, received)
    if word.key in lists["tomorrow"]:
        yield Derived(received + dt.timedelta(1), received + dt.timedelta(1), token.start, token.end)
    if word.key in lists["today"]:
        yield Derived(received, received, token.start, token.end)
    if word.key in lists["month end"]:
        yield _part("end", received.year, received.month, token.start, token.end)
    if word.key in lists["year end"]:
        yield Derived(dt.date(received.year, 12, 20), dt.date(received.year, 12, 31), token.start, token.end)


def _weekdays(tokens: Sequence[Token], at: int, names: Calendar, received: dt.date) -> Iterator[Derived]:
    token = tokens[at]
    for weekday in word_of(token.text).weekdays:
        ahead = received + dt.timedelta((weekday - received.weekday() - 1) % 7 + 1)
        yield Derived(ahead, ahead, token.start, token.end)
        if any(
            word_of(each.text).key in names.lists["next"]
            for each in (*tokens[max(0, at - 1) : at], *tokens[at + 1 : at + 2])
        ):
            yield Derived(ahead + dt.timedelta(7), ahead + dt.timedelta(7), token.start, token.end)


# -- a number of days, weeks, months -----------------------------------------------------------------------------------


def _counted(tokens: Sequence[Token], at: int, unit: int, names: Calendar, received: dt.date) -> Iterator[Derived]:
    business = any(word_of(each.text).key in names.lists["business"] for each in tokens[max(0, at - 1) : at + 3])
    last, before = _count_before(tokens, at - 1, names)
    if not last and unit == _FORTNIGHT:
        last = 1  # a fortnight has no number
    if not last and at + 1 < len(tokens) and tokens[at + 1].kind == NUMBER and tokens[at + 1].text.isascii():
        last, before = int(tokens[at + 1].text[:4]), at + 1  # `wiki 6`
    if not 0 < last <= _LONGEST:
        return
    first = last
    if before > 1 and (tokens[before - 1].text in "-/" or word_of(tokens[before - 1].text).key in names.lists["joint"]):
        other, place = _count_before(tokens, before - 2, names)
        if 0 < other < last:
            first, before = other, place
    start, end = sorted((tokens[before].start, tokens[at].start))
    yield Derived(
        _after(received, first, unit, business=False), _after(received, last, unit, business=business), start, end
    )


def _count_before(tokens: Sequence[Token], at: int, names: Calendar) -> tuple[int, int]:
    for place in range(at, max(at - 2, -1), -1):
        token = tokens[place]
        if token.kind == NUMBER:
            return int(token.text[:4]), place
        if token.kind == WORD:
            words = [each.text for each in tokens[max(0, place - 2) : place + 1] if each.kind == WORD]
            count, number = last_phrase(words, names.days)
            if number:
                return number, place - count + 1
            if place == at and word_of(token.text).key in names.lists["one"]:
                return 1, place
            if word_of(token.text).key not in names.lists["business"]:
                return 0, place
        elif token.text not in "-+.":
            return 0, place
    return 0, at


def _after(received: dt.date, count: int, unit: int, *, business: bool) -> dt.date:
    if unit == _MONTH:
        years, month = divmod(received.month - 1 + count, _MONTHS)
        year = received.year + years
        return dt.date(year, month + 1, min(received.day, monthrange(year, month + 1)[1]))
    days = -(-count // _HOURS) if unit == _HOURS else count * unit
    if business and unit == 1:
        weeks, rest = divmod(days, 5)
        date = received + dt.timedelta(weeks * 7)
        while rest:
            date += dt.timedelta(1)
            rest -= date.weekday() < _SATURDAY
        return date
    return received + dt.timedelta(days)


# -- next week, week 14, the end of March ------------------------------------------------------------------------------


def _next(tokens: Sequence[Token], at: int, received: dt.date) -> Iterator[Derived]:
    for other in (at + 1, at - 1):
        if not 0 <= other < len(tokens) or tokens[other].kind != WORD:
            continue
        unit = word_of(tokens[other].text).unit
        start, end = min(tokens[at].start, tokens[other].start), max(tokens[at].end, tokens[other].end)
        if unit == _WEEK:
            monday = received + dt.timedelta(7 - received.weekday())
            yield Derived(monday, monday + dt.timedelta(6), start, end)
        elif unit == _MONTH:
            month = _after(received.replace(day=1), 1, _MONTH, business=False)
            yield Derived(month, _month_end(month.year, month.month), start, end)


def _week(tokens: Sequence[Token], at: int, received: dt.date) -> Iterator[Derived]:
    after = at + 1
    while after < len(tokens) and after < at + 3 and tokens[after].text in ".-":
        after += 1
    if after >= len(tokens) or tokens[after].kind != NUMBER or not 1 <= int(tokens[after].text[:3]) <= _WEEKS:
        return
    number = int(tokens[after].text)
    year = _stated_year(tokens, after + 1)
    for each in (year,) if year else (received.year, received.year + 1):
        try:
            monday = dt.date.fromisocalendar(each, number, 1)
        except ValueError:
            continue
        if year or monday + dt.timedelta(6) >= received:
            yield Derived(monday, monday + dt.timedelta(6), tokens[at].start, tokens[after].end)
            return


def _part_of(tokens: Sequence[Token], at: int, part: str, names: Calendar, received: dt.date) -> Iterator[Derived]:
    """`end of March`, `end of next month`, `Mart sonu`."""
    ahead = any(word_of(each.text).key in names.lists["next"] for each in tokens[at + 1 : at + 5])
    for other in (*range(at + 1, min(at + 5, len(tokens))), at - 1):
        token = tokens[other]
        if other < 0 or token.kind != WORD:
            continue
        word = word_of(token.text)
        start, end = min(tokens[at].start, token.start), max(tokens[at].end, token.end)
        months = [month for month in word.months if month <= _MONTHS]
        if months:
            year = _stated_year(tokens, max(at, other) + 1)
            yield from (_part(part, year or _year_of(month, received), month, start, end) for month in months)
            return
        if word.unit == _MONTH:
            month = _after(received.replace(day=1), int(ahead), _MONTH, business=False)
            yield _part(part, month.year, month.month, start, end)
            return
        if word.unit == _WEEK:
            monday = received - dt.timedelta(received.weekday()) + dt.timedelta(7 * ahead)
            yield Derived(monday + dt.timedelta(3), monday + dt.timedelta(6), start, end)
            return
        if word.key in names.lists["year"]:
            yield Derived(dt.date(received.year + ahead, 12, 20), dt.date(received.year + ahead, 12, 31), start, end)
            return


def _part(part: str, year: int, month: int, start: int, end: int) -> Derived:
    last = _month_end(year, month)
    first, until = {
        "end": (last.replace(day=_LATE), last),
        "middle": (last.replace(day=_MIDDLE - 2), last.replace(day=_MIDDLE + 2)),
        "start": (last.replace(day=1), last.replace(day=_EARLY)),
    }[part]
    return Derived(first, until, start, end)


def _stated_year(tokens: Sequence[Token], at: int) -> int | None:
    for token in tokens[at : at + 3]:
        if token.kind == NUMBER:
            return full_year(int(token.text)) if len(token.text) == 4 else None  # noqa: PLR2004 - digits of a year
        if token.kind == WORD and len(token.text) > 3:  # noqa: PLR2004 - `de`, `del`
            return None
    return None


def _coming(month: int, day: int, received: dt.date) -> dt.date | None:
    date = valid(received.year, month, day)
    return date if date is None or date >= received else valid(received.year + 1, month, day)


def _year_of(month: int, received: dt.date) -> int:
    return received.year + (month < received.month)


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, monthrange(year, month)[1])
