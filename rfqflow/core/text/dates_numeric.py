"""Dates whose month is a number.

They may be ISO, have dots, slashes, blanks, or Chinese, Japanese or Korean signs, or be in other eras.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import NamedTuple

FULL_YEAR = r"(?:20[2-4]\d|25[6-9]\d|14[0-3]\d)"
# The date must not begin within a longer number, or within a part number such as `AB-12-03-2027`.
_BEFORE = r"(?<!\d)(?<!\d[.,/])(?<![A-Za-z]-)(?:(?<!\d-)|(?=\d{1,2}[./]))"
_AFTER = r"(?!\d|[/-]\d|[.,]\d)"
# Digits that marks join. First search for these, since most texts have few, and the pattern below takes long for each
# character.
_RUN = re.compile(r"\d[\d ./-]{4,}\d")
_NUMERIC = re.compile(
    rf"(?<!\d)(?P<y1>{FULL_YEAR})(?P<s1>[-/.]|\. ?| )(?P<m1>\d{{1,2}})(?P=s1)(?P<d1>\d{{1,2}})(?!\d)"
    rf"|{_BEFORE}(?P<a2>\d{{1,2}})(?P<s2> ?[./-])[ ]?(?P<b2>\d{{1,2}})(?:(?P=s2)[ ]?(?P<y2>{FULL_YEAR}|[2-9]\d){_AFTER}"
    rf"|\.? {{1,2}}(?P<y3>{FULL_YEAR})(?![\d/-]|[.,]\d))"
    rf"|{_BEFORE}(?<!\d )(?P<d4>\d\d) (?P<m4>\d\d) (?P<y4>{FULL_YEAR})(?!\d|[ .,/-]\d)"
    rf"|(?<![\d.,/-])(?P<y5>20[2-4]\d)(?P<m5>0[1-9]|1[0-2])(?P<d5>[0-2]\d|3[01])(?!\d|[.,]\d)"
)
_SIGNS = "〇零○一二三四五六七八九十廿卅元正"
_SIGN_VALUES = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"元": 1, "正": 1}
_IN_SIGNS = re.compile(
    rf"(?P<era>令和|平成|昭和|中華民國|中华民国|民國|民国|佛曆|佛历|公元|西元|西暦)?\s?(?P<y>\d{{1,4}}|[{_SIGNS}]{{1,5}}|[{_SIGNS}百]{{2,6}})"
    rf"\s?(?:[年년])\s?(?P<m>\d{{1,2}}|[{_SIGNS}]{{1,3}})\s?[月월]\s?(?P<d>\d{{1,2}}|[{_SIGNS}]{{1,3}})(?:\s?[日일号號])?"
)
_IN_ERA = re.compile(
    r"(?:(?<![A-Za-z\d])(?P<letter>[Rr])|(?P<era>令和|平成|中華民國|民國|民国|㋿))\s?(?P<y>\d{1,3}|元)"
    r"[./-](?P<m>\d{1,2})[./-](?P<d>\d{1,2})(?!\d|[./-]\d)"
)
_LETTER_ERA = re.compile(r"[Rr] ?\d{1,2}[./-]")
_MINGUO = re.compile(r"(?<![\d.,/-])(?P<y>1[0-3]\d)[./](?P<m>\d{1,2})[./](?P<d>\d{1,2})(?!\d|[./-]\d)")
_HAN = re.compile("[\u4e00-\u9fff]")
_THAI = re.compile("[\u0e01-\u0e7f]")
# The number to add to a year of an era.
_ERAS = {"令和": 2018, "㋿": 2018, "平成": 1988, "昭和": 1925, "佛曆": -543, "佛历": -543}
_BUDDHIST = range(2560, 2600)
PERSIAN_YEARS = range(1400, 1440)
_YEARS = range(2020, 2050)
_MONTHS = 12


class Numeric(NamedTuple):
    readings: tuple[dt.date, ...]
    start: int
    end: int
    order: str  # "dm" or "md" if only one order gives a date, "?" if both do, "" if the order is fixed


def full_year(year: int, *, thai: bool = False) -> int | None:
    """The year of the common era for a number of two or four digits."""
    if year in _YEARS:
        return year
    if year in _BUDDHIST:
        return year - 543
    if 60 <= year < 100 and thai:  # noqa: PLR2004 - short years of the Thai calendar: 70 is 2570
        return year + 2500 - 543
    return year + 2000 if 20 <= year < 50 else None  # noqa: PLR2004 - 27 is 2027


def is_thai(text: str) -> bool:
    return _THAI.search(text) is not None


def valid(year: int | None, month: int, day: int) -> dt.date | None:
    if year is not None and year in PERSIAN_YEARS:
        return persian(year, month, day)
    try:
        return dt.date(year, month, day) if year else None
    except ValueError:
        return None


def persian(year: int, month: int, day: int) -> dt.date | None:
    """The date of a day in the calendar of Iran, whose leap years repeat after 33 years in this century."""
    if not (1 <= month <= _MONTHS and 1 <= day <= (31 if month <= 6 else 30)):  # noqa: PLR2004 - six long months
        return None
    days = 365 * (year - 1400) + sum((each * 8 + 29) % 33 < 8 for each in range(1400, year))  # noqa: PLR2004 - 8 in 33
    days += (month - 1) * 31 - max(month - 7, 0) + day - 1
    return dt.date(2021, 3, 21) + dt.timedelta(days)


def numeric_dates(text: str) -> Iterator[Numeric]:
    """Yields the numeric dates of a plain text, in no particular order."""
    thai = not text.isascii() and is_thai(text)
    for run in _RUN.finditer(text):
        for found in _NUMERIC.finditer(text, run.start(), run.end() + 2):
            yield from _of_match(found, thai=thai)
    if text.isascii():
        if _LETTER_ERA.search(text):
            yield from _in_era(text)
        return
    if "年" in text or "년" in text:
        yield from _in_signs(text)
    if not _HAN.search(text) and not _LETTER_ERA.search(text):
        return
    yield from _in_era(text)
    if _HAN.search(text):
        for found in _MINGUO.finditer(text):
            yield from _one(found, int(found["y"]) + 1911, int(found["m"]), int(found["d"]))


def _of_match(found: re.Match[str], *, thai: bool) -> Iterator[Numeric]:
    if found["a2"]:
        yield from _in_open_order(found, thai=thai)
        return
    for n in "145":
        if year := found[f"y{n}"]:
            month, day = int(found[f"m{n}"]), int(found[f"d{n}"])
            value = int(year)
            yield from _one(found, value if value in PERSIAN_YEARS else full_year(value), month, day)


def _in_open_order(found: re.Match[str], *, thai: bool) -> Iterator[Numeric]:
    first, second, mark = int(found["a2"]), int(found["b2"]), found["s2"].strip()
    written = int(found["y2"] or found["y3"])
    year = written if written in PERSIAN_YEARS else full_year(written, thai=thai)
    day_first, month_first = valid(year, second, first), valid(year, first, second)
    if mark == "." or found["y3"]:
        # With dots, the day comes first, unless only the other order gives a date.
        readings = [day_first or month_first]
        order = ""
    else:
        readings = [day_first, month_first]
        order = "?" if day_first and month_first and first != second else ""
        if not order and first != second:
            order = "dm" if day_first else "md"
    if kept := tuple(dict.fromkeys(each for each in readings if each)):
        yield Numeric(kept, found.start(), found.end(), order)


def _one(found: re.Match[str], year: int | None, month: int, day: int) -> Iterator[Numeric]:
    if date := valid(year, month, day):
        yield Numeric((date,), found.start(), found.end(), "")


def _in_signs(text: str) -> Iterator[Numeric]:
    for found in _IN_SIGNS.finditer(text):
        year = _sign_number(found["y"])
        era = found["era"] or ""
        if era in _ERAS:
            year += _ERAS[era]
        elif "民" in era or 100 <= year < 140:  # noqa: PLR2004 - three digits are the years of the Republic
            year += 1911
        yield from _one(found, full_year(year), _sign_number(found["m"]), _sign_number(found["d"]))


def _in_era(text: str) -> Iterator[Numeric]:
    for found in _IN_ERA.finditer(text):
        era = "令和" if found["letter"] else found["era"]
        year = _sign_number(found["y"]) + _ERAS.get(era, 1911)
        yield from _one(found, full_year(year), int(found["m"]), int(found["d"]))


def _sign_number(written: str) -> int:
    """The number in a text such as `27`, `二〇二七`, `十五`, `二十` or `元`."""
    if written.isdecimal():
        return int(written)
    if "百" in written:
        hundreds, _, rest = written.partition("百")
        return _sign_number(hundreds or "一") * 100 + (_sign_number(rest.lstrip("零〇")) if rest else 0)
    written = "".join({"廿": "二十", "卅": "三十"}.get(sign, sign) for sign in written)
    if "十" in written:
        before, _, after = written.partition("十")
        return (_sign_number(before) if before else 1) * 10 + (_sign_number(after) if after else 0)
    number = 0
    for sign in written:
        number = number * 10 + _SIGN_VALUES.get(sign, 0)
    return number
