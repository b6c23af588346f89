"""Full dates whose year is in words: `the twenty-first of May, two thousand and twenty-seven`.

Such dates are rare, and the search takes as long as the search for all other dates. Callers use it only if no other
date fits.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rfqflow.core.text.calendar_words import NUMBER, WORD, Token, calendar, last_phrase, plain, tokens_of
from rfqflow.core.text.dates_numeric import FULL_YEAR, valid
from rfqflow.core.text.dates_read import LIMIT, DateMention, dates_in
from rfqflow.core.text.number_lexicon import WORDS
from rfqflow.core.text.number_words import said
from rfqflow.core.text.sanitize import fold

_FIRST, _LAST = 2020, 2049
_CENTURY, _TWENTY, _TENS = 2000, 20, 10
_GAP = re.compile(r"[ \u00a0-]{1,2}")
_NEXT_WORDS = 40  # characters after a number in which the rest of its year may be, as an ordinal
_IS_YEAR = re.compile(FULL_YEAR)
_LAST_MONTH = 12
_WORDS_OF_A_DAY = 3


def _beginnings() -> tuple[str, ...]:
    """The parts of words one of which every year in words contains, as in `twenty twenty-seven`."""
    words = sorted(
        (word for word, readings in WORDS.items() if any(a[0].value == 1000 and len(a) == 1 for _, a in readings)),  # noqa: PLR2004 - a thousand
        key=len,
    )
    shortest = [word for at, word in enumerate(words) if not any(other in word for other in words[:at])]
    return (*shortest, "twenty", "tjugo")


_BEGINNINGS = _beginnings()


def spoken_dates(text: str) -> tuple[DateMention, ...]:
    """The full dates of a text whose years are in words. Empty if the text has no year in words."""
    text = plain(text[:LIMIT])
    folded = fold(text)
    if not any(beginning in folded for beginning in _BEGINNINGS) and not _IS_YEAR.search(text):
        return ()
    years = list(_years(text))
    for start, end, year in years:
        # Positions must not change, so fill with blanks. A dot must directly follow the digits, as in `2027. június`.
        digits = str(year).rjust(end - start) if text[end : end + 1] == "." else str(year).ljust(end - start)
        text = text[:start] + digits + text[end:]
    found = {*_with_year(dates_in(text), years), *_counted_months(text, {start: end for start, end, _ in years})}
    return tuple(sorted(found, key=lambda each: each.start))


def _with_year(mentions: Sequence[DateMention], years: Sequence[tuple[int, int, int]]) -> Iterator[DateMention]:
    """Yields the dates beside a year in words, up to the end of the words.

    A number that is far from a date may be a quantity.
    """
    for mention in mentions:
        for start, end, _ in years:
            if mention.start < end and start < mention.end:
                yield replace(mention, start=min(mention.start, start), end=max(mention.end, end))


def _years(text: str) -> Iterator[tuple[int, int, int]]:
    before: tuple[int, int] | None = None  # start and end of a `twenty` that may begin a year
    last = 0
    for values, first, stop in said(text):
        value, start, end = int(min(values)) if len(values) == 1 else 0, first, stop
        if value == _CENTURY or (_FIRST <= value <= _LAST and not value % _TENS):
            end, more = _ordinal_after(text, stop, _LAST - value if value == _CENTURY else _TENS - 1)
            value += more
        elif before and _TWENTY <= value <= _LAST - _CENTURY and _GAP.fullmatch(text, before[1], first):
            start, value = before[0], _CENTURY + value
        before = (first, stop) if value == _TWENTY else None
        if _FIRST <= value <= _LAST and start >= last:
            last = end
            yield start, end, value


def _ordinal_after(text: str, at: int, most: int) -> tuple[int, int]:
    """The end of a year whose last words are an ordinal (`dwa tysiące dwudziestego siódmego`), and their value."""
    words = []
    for token in tokens_of(text, at, min(len(text), at + _NEXT_WORDS))[:2]:
        if token.kind != WORD:
            break
        words.append(token)
    for count in range(len(words), 0, -1):
        used, number = last_phrase([token.text for token in words[:count]], calendar().days)
        if used == count and 0 < number <= most:
            return words[count - 1].end, number
    return at, 0


def _counted_months(text: str, ends: Mapping[int, int]) -> Iterator[DateMention]:
    """Yields dates whose day and month are both ordinals, as in `zum fünfzehnten vierten 2027`."""
    tokens = [token for token in tokens_of(text, 0, len(text)) if token.text not in ".,"]
    for at, token in enumerate(tokens):
        if token.kind != NUMBER or not _IS_YEAR.fullmatch(token.text):
            continue
        words = _words_before(tokens, at)
        months, month = last_phrase([word.text for word in words[-1:]], calendar().days)
        days, day = last_phrase([word.text for word in words[:-months]], calendar().days) if months else (0, 0)
        if days and month <= _LAST_MONTH and (date := valid(int(token.text), month, day)):
            yield DateMention((date,), words[-months - days].start, ends.get(token.start, token.end))


def _words_before(tokens: Sequence[Token], at: int) -> list[Token]:
    words: list[Token] = []
    while at > 0 and tokens[at - 1].kind == WORD and len(words) < _WORDS_OF_A_DAY:
        at -= 1
        words.insert(0, tokens[at])
    return words
