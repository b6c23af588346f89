"""Times that PostgreSQL has and Python does not: infinity, years after 9999, and years before Christ.

The driver raises errors for some of them and misreads others, so one row would break a whole page, report or claim.
Every connection decodes them as a datetime near the end of Python's range. This datetime can be compared, returns to
the database unchanged, and has PostgreSQL's text form.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Self, SupportsIndex

if TYPE_CHECKING:
    from collections.abc import Callable

_UTC = dt.UTC
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=_UTC)
_PLAIN_EPOCH = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the type `timestamp` has no zone
_MICROSECOND = dt.timedelta(microseconds=1)
_DAY = 86_400_000_000
_CYCLE = 146_097  # days in 400 years, after which the calendar repeats
# Some days away from the ends, so that a change of the time zone never leaves the range.
_FIRST = dt.datetime(1, 1, 3, tzinfo=_UTC)
_LAST = dt.datetime(9999, 12, 29, tzinfo=_UTC)
_FIRST_US = (_FIRST - _EPOCH) // _MICROSECOND
_LAST_US = (_LAST - _EPOCH) // _MICROSECOND
_INFINITY_US = 2**63 - 1
_INFINITY_DAYS = 2**31 - 1
_CURSOR = re.compile(r"-?[0-9]{1,19}")


def _date_text(days: int) -> tuple[str, str]:
    """The text form of the date this many days after 2000-01-01, and ` BC` if needed."""
    cycle, rest = divmod(days + _EPOCH.toordinal() - 1, _CYCLE)
    day = dt.date.fromordinal(rest + 1)
    year = day.year + 400 * cycle
    return f"{year if year > 0 else 1 - year:04}-{day:%m-%d}", "" if year > 0 else " BC"


def _time_text(microseconds: int, zone: str) -> str:
    if abs(microseconds) >= _INFINITY_US:
        return "infinity" if microseconds > 0 else "-infinity"
    days, rest = divmod(microseconds, _DAY)
    date, era = _date_text(days)
    return f"{date}T{(_PLAIN_EPOCH + dt.timedelta(microseconds=rest)).time().isoformat()}{zone}{era}"


class FarTime(dt.datetime):
    """A time that Python does not have. Every text form of it is PostgreSQL's."""

    microseconds = 0  # since 2000-01-01, in PostgreSQL's unit
    text = ""

    @classmethod
    def of(cls, microseconds: int, zone: dt.tzinfo | None) -> Self:
        near = _LAST if microseconds > 0 else _FIRST
        made = cls(near.year, near.month, near.day, tzinfo=zone)
        made.microseconds = microseconds
        made.text = _time_text(microseconds, "+00:00" if zone else "")
        return made

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        del sep, timespec
        return self.text

    def strftime(self, format: str) -> str:  # noqa: A002 - the base's name
        del format
        return self.text

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"FarTime({self.text!r})"

    def astimezone(self, tz: dt.tzinfo | None = None) -> Self:
        del tz
        return self

    def replace(self, *_: SupportsIndex, **__: Any) -> Self:  # type: ignore[override] # nothing of it can be changed
        return self

    __hash__ = dt.datetime.__hash__

    def date(self) -> dt.date:
        return FarDate.of(self.microseconds // _DAY)


class FarDate(dt.date):
    """A date that Python does not have."""

    days = 0  # since 2000-01-01
    text = ""

    @classmethod
    def of(cls, days: int) -> Self:
        near = _LAST if days > 0 else _FIRST
        made = cls(near.year, near.month, near.day)
        made.days = days
        endless = days >= _INFINITY_DAYS or days <= -_INFINITY_DAYS
        made.text = ("infinity" if days > 0 else "-infinity") if endless else "".join(_date_text(days))
        return made

    def isoformat(self) -> str:
        return self.text

    def strftime(self, format: str) -> str:  # noqa: A002 - the base's name
        del format
        return self.text

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"FarDate({self.text!r})"

    __hash__ = dt.date.__hash__


# -- numbers from the driver, as in the protocol ----------------------------------------------------------------------


def _zoned(value: tuple[int]) -> dt.datetime:
    (microseconds,) = value
    if _FIRST_US <= microseconds <= _LAST_US:
        return _EPOCH + dt.timedelta(microseconds=microseconds)
    return FarTime.of(microseconds, _UTC)


def _to_zoned(value: dt.date) -> tuple[int]:
    if isinstance(value, FarTime):
        return (value.microseconds,)
    if not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local time, as the driver does
    return ((value.astimezone(_UTC) - _EPOCH) // _MICROSECOND,)


def _unzoned(value: tuple[int]) -> dt.datetime:
    (microseconds,) = value
    if _FIRST_US <= microseconds <= _LAST_US:
        return _PLAIN_EPOCH + dt.timedelta(microseconds=microseconds)
    return FarTime.of(microseconds, None)


def _to_unzoned(value: dt.date) -> tuple[int]:
    if isinstance(value, FarTime):
        return (value.microseconds,)
    if not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the type has no zone
    return ((value - _PLAIN_EPOCH) // _MICROSECOND,)


def _date(value: tuple[int]) -> dt.date:
    (days,) = value
    if _FIRST_US <= days * _DAY <= _LAST_US:
        return dt.date.fromordinal(days + _EPOCH.toordinal())
    return FarDate.of(days)


def _to_date(value: dt.date) -> tuple[int]:
    return (value.days if isinstance(value, FarDate) else value.toordinal() - _EPOCH.toordinal(),)


def _interval(value: tuple[int, int, int]) -> dt.timedelta:
    months, days, microseconds = value
    # As in the driver: a year has 365 days, and a month has 30.
    years, months = (abs(months) // 12 * (1 if months > 0 else -1), abs(months) % 12 * (1 if months > 0 else -1))
    try:
        return dt.timedelta(days=days + months * 30 + years * 365, microseconds=microseconds)
    except OverflowError:
        return dt.timedelta.max if days > 0 or years > 0 else dt.timedelta.min


def _to_interval(value: dt.timedelta) -> tuple[int, int, int]:
    return 0, value.days, value.seconds * 1_000_000 + value.microseconds


# By type: the decoder and the encoder for asyncpg's format `tuple`.
CODECS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "timestamptz": (_zoned, _to_zoned),
    "timestamp": (_unzoned, _to_unzoned),
    "date": (_date, _to_date),
    "interval": (_interval, _to_interval),
}


# -- in an archive -----------------------------------------------------------------------------------------------------

_UNIX_US = (_EPOCH - dt.datetime(1970, 1, 1, tzinfo=_UTC)) // _MICROSECOND
_WRITTEN = re.compile(
    r"(\d{4,6})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?( BC)?"
)


def unix_of(text: str) -> int:
    """The microseconds since 1970 for a time in the database's text form. The ends of the range stand for infinity.

    Raises:
        ValueError: the text is not a time.
    """
    if text in ("infinity", "-infinity"):
        return _INFINITY_US if text == "infinity" else -_INFINITY_US
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise ValueError("no time")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    year = 1 - year if found[12] else year
    cycles, rest = divmod(year - 1, 400)
    days = dt.date(rest + 1, month, day).toordinal() - _EPOCH.toordinal() + cycles * _CYCLE
    offset = sum(int(part or 0) * unit for part, unit in zip(found.groups()[8:11], (3600, 60, 1), strict=True))
    seconds = hour * 3600 + minute * 60 + second - (offset if found[8] == "+" else -offset)
    exact = days * _DAY + seconds * 1_000_000 + int((found[7] or "").ljust(6, "0")) + _UNIX_US
    return max(min(exact, _INFINITY_US - 1), 1 - _INFINITY_US)


def text_of_unix(microseconds: int) -> str:
    """The text form, in UTC, of a time from `unix_of`."""
    if abs(microseconds) >= _INFINITY_US:
        return "infinity" if microseconds > 0 else "-infinity"
    return _zoned((microseconds - _UNIX_US,)).isoformat()


# -- in a URL ----------------------------------------------------------------------------------------------------------


def cursor(value: dt.datetime) -> str:
    """A time as a number, from which `of_cursor` restores the time."""
    return str(_to_zoned(value)[0])


def of_cursor(text: str) -> dt.datetime:
    """The time of a cursor. Raises ValueError if the number is invalid."""
    if not _CURSOR.fullmatch(text) or abs(int(text)) > _INFINITY_US + 1:
        raise ValueError("no time")
    return _zoned((int(text),))
