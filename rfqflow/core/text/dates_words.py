"""Days whose month is in words, and their years."""
# ruff: noqa: RUF002, RUF003 - letters of other scripts are what this module is about

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rfqflow.core.text.calendar_words import (
    NUMBER,
    PERSIAN,
    WORD,
    Calendar,
    Token,
    calendar,
    key_of,
    last_phrase,
    with_ending,
    word_of,
)
from rfqflow.core.text.dates_numeric import FULL_YEAR, full_year

_ROMAN = {name: n for n, name in enumerate("I II III IV V VI VII VIII IX X XI XII".split(), 1)}  # noqa: SIM905 - reads best
_IS_YEAR = re.compile(FULL_YEAR)
_LAST_DAY = 31
_SKIPPED = frozenset(".,-/'\u00ba\u00aa\u00b0()")  # signs between the parts of a date
_ENDS = frozenset("!?;\u3002\uff01\uff1f\u061f\u06d4\u0964")
_GAP = 24  # most tokens between a month and its year, and most words among them
_WORDS_AFTER, _WORDS_BEFORE = 8, 3
_SUFFIX = 5  # most letters after a day, as in `15th`, `15-го` and `15ig`
_STRONG = 4  # a month's name with so many letters is no other word


@dataclass(frozen=True, slots=True)
class Pair:
    """One or several days of a month."""

    days: tuple[int, ...]
    months: tuple[int, ...]
    first: int  # token
    last: int
    start: int
    end: int
    strong: bool  # whether it is certainly a month, even without a year
    in_range: bool = False
    year: int | None = None
    year_at: int = -1  # position of the year in the text; -1: there is no year
    tight: bool = False  # whether the year is directly beside the day and the month
    lent: bool = False  # whether the year belongs to another date


@dataclass(frozen=True, slots=True)
class _Month:
    numbers: tuple[int, ...]
    first: int
    last: int
    strong: bool


@dataclass(slots=True)
class _Days:
    days: list[int] = field(default_factory=list)
    edge: int = 0  # the token that is farthest from the month
    in_range: bool = False


def pairs_of(tokens: Sequence[Token], text: str) -> list[Pair]:
    """All days with a month among the tokens, with the year if it is near."""
    names = calendar()
    pairs: list[Pair] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        may_be = token.kind == WORD and (word_of(token.text).may_be_month or token.text in _ROMAN)
        month = _month_at(tokens, at, names) if may_be else None
        if month and (pair := _pair(tokens, month, names, text)):
            if not pairs or pair.first > pairs[-1].last:
                pairs.append(pair)
            at = max(at, month.last)
        at += 1
    return _shared(tokens, [_with_year(tokens, pair, names, text) for pair in pairs], names, text) if pairs else []


def _month_at(tokens: Sequence[Token], at: int, names: Calendar) -> _Month | None:
    text = tokens[at].text
    word = word_of(text)
    if (word.begins_month or word.counts_months) and at + 1 < len(tokens):
        if word.counts_months:
            return _numbered_month(tokens, at, names)
        for last in range(min(at + 4, len(tokens)) - 1, at, -1):
            if all(each.kind == WORD for each in tokens[at + 1 : last + 1]):
                name = " ".join(word_of(each.text).key for each in tokens[at : last + 1])
                shortest = len(name) - len(word_of(tokens[last].text).key) + 3
                if found := with_ending(name, names.months, shortest) or names.rare.get(name):
                    return _Month(tuple(sorted(found)), at, last, strong=True)
    if word.months:
        strong = len(text.rstrip(".")) >= _STRONG or not text.islower() or not text.isascii()
        return _Month(word.months, at, at, strong)
    if (
        text in _ROMAN
        and at
        and tokens[at - 1].end >= tokens[at].start - 1
        and (text != "I" or tokens[at - 1].text == ".")
    ):
        return _Month((_ROMAN[text],), at, at, strong=False)
    return None


def _numbered_month(tokens: Sequence[Token], at: int, names: Calendar) -> _Month | None:
    """A month with a number, as in `tháng 4`, `tháng tư` and `4-р сарын`. None: there is no such month."""
    following = tokens[at + 1]
    for before in range(at - 1, max(at - 4, -1), -1):
        if tokens[before].kind == NUMBER:
            number = int(tokens[before].text[:3])
            counted = word_of(tokens[at].text).key in names.lists["month counted before"]
            if counted and 1 <= number <= 12:  # noqa: PLR2004 - months
                return _Month((number,), before, at, strong=True)
            break
    if following.kind == NUMBER and 1 <= int(following.text[:3]) <= 12:  # noqa: PLR2004 - months
        return _Month((int(following.text),), at, at + 1, strong=True)
    if following.kind == WORD:
        two = key_of(" ".join(each.text for each in tokens[at + 1 : at + 3]))
        for phrase, last in ((two, at + 2), (key_of(following.text), at + 1)):
            if phrase in names.numerals:
                return _Month((names.numerals[phrase],), at, last, strong=True)
    return None


def _pair(tokens: Sequence[Token], month: _Month, names: Calendar, text: str) -> Pair | None:
    left = _days_before(tokens, month.first - 1, names)
    right = _days_after(tokens, month.last + 1, names, text)
    found = left if left.days else right
    if right.days and _belongs_to_next(tokens, right.edge + 1, names):
        found = left
    elif left.days and right.days and tokens[right.edge].kind == NUMBER and (
        _is_year(_next(tokens, right.edge + 1)) or tokens[left.edge].kind == WORD
    ):  # fmt: skip
        found = right  # in a table, the first number of `12 March 15, 2027` is a quantity
    if not found.days:
        return None
    first, last = min(month.first, found.edge), max(month.last, found.edge)
    return Pair(
        tuple(dict.fromkeys(found.days)), month.numbers, first, last, tokens[first].start, tokens[last].end,
        month.strong, found.in_range,
    )  # fmt: skip


def _belongs_to_next(tokens: Sequence[Token], at: int, names: Calendar) -> bool:
    """Whether a day belongs to another month after it, as in `abans del 12 d'abril`."""
    for token in tokens[at : at + 3]:
        if token.kind == WORD and (key := word_of(token.text).key) not in names.lists["between"]:
            return key in names.months or key in names.lists["month number"]
        if token.kind == NUMBER:
            return False
    return False


def _days_before(tokens: Sequence[Token], at: int, names: Calendar) -> _Days:
    found = _Days()
    at = _skip_back(tokens, at, names)
    day, at = _day_back(tokens, at, names)
    if not day:
        return found
    found.days, found.edge = [day], at
    for _ in range(4):  # `12, 13 and 14 March`, `12.-15. März`
        joint, before = _joint_back(tokens, at - 1, names)
        another, place = _day_back(tokens, before, names) if joint else (0, 0)
        if not another or another >= found.days[0]:
            break
        found.days.insert(0, another)
        found.edge = at = place
        found.in_range = found.in_range or joint == "-"
    return found


def _skip_back(tokens: Sequence[Token], at: int, names: Calendar) -> int:
    """Skips what is between a day and its month, such as `of`, `de`, `th`, `-го` or a dot."""
    for _ in range(4):
        if at < 0:
            return at
        token = tokens[at]
        if token.kind == WORD:
            key = word_of(token.text).key
            if key not in names.lists["between"] and not _is_suffix(tokens, at, key, names):
                return at
        elif token.kind == NUMBER or (token.text not in _SKIPPED and token.text != ":"):
            return at
        at -= 1
    return at


def _is_suffix(tokens: Sequence[Token], at: int, key: str, names: Calendar) -> bool:
    """Whether the letters are joined to a number and are not a unit."""
    before = at - 1
    if (
        before >= 0
        and (tokens[before].text in _SKIPPED or tokens[before].text == ":")
        and tokens[before].end == tokens[at].start
    ):
        before -= 1
    return (
        before >= 0 and tokens[before].kind == NUMBER and tokens[at].start - tokens[before].end <= 1
        and " " not in key and len(key) <= _SUFFIX and key not in names.lists["unit"]
        and (tokens[at].start == tokens[before].end or before < at - 1)
    )  # fmt: skip


def _day_back(tokens: Sequence[Token], at: int, names: Calendar) -> tuple[int, int]:
    """The day that ends at a token, and the day's first token."""
    if at < 0:
        return 0, at
    token = tokens[at]
    if token.kind == NUMBER:
        return (int(token.text), at) if _may_be_day(tokens, at) else (0, at)
    if token.kind != WORD:
        return 0, at
    words: list[Token] = [token]
    while len(words) < 4 and at - len(words) >= 0:  # noqa: PLR2004 - a day has at most so many words
        before = tokens[at - len(words)]
        if before.kind != WORD:
            hyphen = at - len(words) - 1
            if before.text == "-" and hyphen >= 0 and tokens[hyphen].kind == WORD:
                words.insert(0, before)
                continue
            break
        words.insert(0, before)
    count, day = last_phrase([each.text for each in words], names.days)
    return (day, at - count + 1) if day else (0, at)


def _may_be_day(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if len(token.text) > 2 or not 1 <= int(token.text) <= _LAST_DAY:  # noqa: PLR2004 - digits of a day
        return False
    before = tokens[at - 1] if at else None
    if before is None or before.end != token.start:
        return True
    if before.kind == WORD:
        return not before.text.isascii()  # as in `DN12`; but in Thai, words may be joined to numbers
    return not (
        before.text in ".,:" and at > 1 and tokens[at - 2].kind == NUMBER and tokens[at - 2].end == before.start
    )


def _joint_back(tokens: Sequence[Token], at: int, names: Calendar) -> tuple[str, int]:
    """The link between two days (`-` for a range), and the token before it."""
    joint = ""
    for _ in range(3):
        if at < 0:
            break
        token = tokens[at]
        if token.kind == WORD and word_of(token.text).key in names.lists["joint"]:
            joint = joint or ("-" if word_of(token.text).key in names.lists["range"] else "&")
        elif token.text in "-/,":
            joint = joint or ("-" if token.text == "-" else "&")
        elif token.text != "." and not (token.kind == WORD and _is_suffix(tokens, at, word_of(token.text).key, names)):
            break
        at -= 1
    return joint, at


def _days_after(tokens: Sequence[Token], at: int, names: Calendar, text: str) -> _Days:
    found = _Days()
    for _ in range(3):
        if at >= len(tokens):
            return found
        token = tokens[at]
        if token.kind == NUMBER:
            break
        if token.kind == WORD and word_of(token.text).key not in names.lists["between"]:
            return _day_words_after(tokens, at, names)
        if token.kind != WORD and token.text not in _SKIPPED:
            return found
        at += 1
    if at >= len(tokens) or tokens[at].kind != NUMBER or not _is_day_after(tokens, at, names, text):
        return found
    found.days, found.edge = [int(tokens[at].text)], at
    to = at + 2  # the second day of `March 12-15`
    if to < len(tokens) and tokens[at + 1].text == "-" and tokens[to].kind == NUMBER and _may_be_day(tokens, to):
        last = int(tokens[to].text)
        if last > found.days[0]:
            found.days.append(last)
            found.edge, found.in_range = at + 2, True
    return found


def _day_words_after(tokens: Sequence[Token], at: int, names: Calendar) -> _Days:
    """The days in words after a month, as in `March the fifteenth` and `March twenty-first`."""
    for last in range(min(at + 3, len(tokens) - 1), at - 1, -1):
        words = [each for each in tokens[at : last + 1] if each.text != "-"]
        if all(each.kind == WORD for each in words) and (
            day := names.days.get(key_of(" ".join(each.text for each in words)))
        ):
            return _Days([day], last)
    return _Days()


def _is_day_after(tokens: Sequence[Token], at: int, names: Calendar, text: str) -> bool:
    """Whether a number is a day, and not as in `March 15 pcs`, `March 15:00` and `March 15%`."""
    if not _may_be_day(tokens, at):
        return False
    token = tokens[at]
    following = text[token.end : token.end + 2]
    if following[:1] in {"%", ":", "x"} or (following[:1] in {".", ","} and following[1:].isdigit()):
        return False
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    return not (after and after.kind == WORD and word_of(after.text).key in names.lists["unit"])


def _next(tokens: Sequence[Token], at: int) -> Token | None:
    """The next token that is not punctuation within a date. None at the end."""
    while at < len(tokens) and tokens[at].text in _SKIPPED:
        at += 1
    return tokens[at] if at < len(tokens) else None


def _is_year(token: Token | None) -> bool:
    return token is not None and token.kind == NUMBER and _IS_YEAR.fullmatch(token.text) is not None


def _with_year(tokens: Sequence[Token], pair: Pair, names: Calendar, text: str) -> Pair:
    """Adds the year of a date. It is shortly after the date, or else before it, as in `2027. február 12`."""
    behind = _year_on(tokens, pair, names, text, 1)
    if behind.tight:
        return behind
    ahead = _year_on(tokens, pair, names, text, -1)
    is_its = (
        ahead.tight and tokens[pair.first].kind == WORD and not re.search(r"[:(\n]", text[ahead.year_at : pair.start])
    )
    return ahead if is_its or not behind.year else behind


def _year_on(tokens: Sequence[Token], pair: Pair, names: Calendar, text: str, step: int) -> Pair:
    persian = all(month > PERSIAN for month in pair.months)
    most = _WORDS_BEFORE if step < 0 else _WORDS_AFTER if pair.strong else 0
    at = pair.last + 1 if step > 0 else pair.first - 1
    words = 0
    for _ in range(_GAP):
        if not 0 <= at < len(tokens) or words > most or _is_break(tokens, at, text, words):
            break
        token = tokens[at]
        if token.kind == NUMBER:
            if _is_year(token):
                year = int(token.text) if persian else full_year(int(token.text))
                return replace(pair, year=year, year_at=token.start, tight=not words) if year else pair
            break
        if token.kind == WORD and not (step > 0 and at == pair.last + 1 and token.start == tokens[at - 1].end):
            words += word_of(token.text).key not in names.lists["beside year"]
        at += step
    return pair


def _is_break(tokens: Sequence[Token], at: int, text: str, words: int) -> bool:
    """Whether a sentence ends here, or a line with words."""
    token = tokens[at]
    if token.text in _ENDS:
        return True
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is None:
        return False
    between = text[token.end : following.start]
    if "\n" in between and (words or token.kind == WORD or between.count("\n") > 1):
        return True
    if token.text != "." or not between or following.kind != WORD or not following.text[0].isupper():
        return False
    before = tokens[at - 1] if at else None
    return before is None or before.kind == NUMBER or len(before.text) > 4  # noqa: PLR2004 - `Sept. 2027` is an abbreviation


def _shared(tokens: Sequence[Token], pairs: list[Pair], names: Calendar, text: str) -> list[Pair]:
    """Adds the year of the last date to the dates before it, as in `9 March, 13 April and 18 May 2027`."""
    for at in range(len(pairs) - 2, -1, -1):
        pair, following = pairs[at], pairs[at + 1]
        gap = tokens[pair.last + 1 : following.first]
        joined = len(gap) <= 2 and any(  # noqa: PLR2004 - a joint and a dot
            each.text == "-" or (each.kind == WORD and word_of(each.text).key in names.lists["range"]) for each in gap
        )
        if joined:
            pairs[at] = pair = replace(pair, in_range=True)
            pairs[at + 1] = following = replace(following, in_range=True)
        sooner = (pair.months, pair.days) <= (following.months, following.days)
        if (
            pair.year is None
            and following.year
            and sooner
            and (pair.strong or joined)
            and not _parted(tokens, pair, following, text)
        ):
            pairs[at] = replace(pair, year=following.year, year_at=following.year_at, lent=True)
    for at in range(1, len(pairs)):
        pair, before = pairs[at], pairs[at - 1]
        later = (pair.months, pair.days) > (before.months, before.days)
        if pair.year is None and before.year and pair.strong and later and not _parted(tokens, before, pair, text):
            pairs[at] = replace(pair, year=before.year, year_at=before.year_at, lent=True)
    return pairs


def _parted(tokens: Sequence[Token], one: Pair, other: Pair, text: str) -> bool:
    if other.first - one.last > _GAP:
        return True
    return any(_is_break(tokens, at, text, 0) for at in range(one.last + 1, other.first))
