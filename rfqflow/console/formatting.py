"""Formats values for pages. Customers' texts may be hostile, so it escapes them and shows their hidden characters."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from rfqflow.core.text.times import FarTime

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN_CHARACTERS = 12_000
_SOON_DAYS = 2
_FAR_DAYS = 99
_WHOLE = 10  # pages show no decimals from this value on
NONE = "\u2013"  # shown in place of a missing value
# Characters that reverse or hide text. Pages show their names instead, so that a person sees what the text holds.
_UNSEEN = {
    **{chr(code): name for code, name in zip(range(0x202A, 0x202F), ("LRE", "RLE", "PDF", "LRO", "RLO"), strict=True)},
    **{chr(code): name for code, name in zip(range(0x2066, 0x206A), ("LRI", "RLI", "FSI", "PDI"), strict=True)},
    "\u200b": "ZWSP", "\u200e": "LRM", "\u200f": "RLM", "\u2060": "WJ", "\ufeff": "BOM", "\u00ad": "SHY",
}  # fmt: skip
CONTROL_CHARACTERS = re.compile("[" + "".join(_UNSEEN) + "\x00-\x08\x0b-\x1f\x7f-\x9f\U000e0000-\U000e007f]")


def visible(text: object) -> Markup:
    """Escapes the text, and replaces invisible characters with their names."""
    parts: list[Markup] = []
    at = 0
    value = str(text).replace("\r\n", "\n").replace("\r", "\n")
    for found in CONTROL_CHARACTERS.finditer(value):
        parts.append(escape(value[at : found.start()]))
        name = _UNSEEN.get(found[0], f"U+{ord(found[0]):04X}")
        parts.append(Markup('<span class="unseen" title="An invisible character">{}</span>').format(name))
        at = found.end()
    parts.append(escape(value[at:]))
    return Markup("").join(parts)


def marked(text: str, evidence: list[str], most: int = SHOWN_CHARACTERS) -> Markup:
    """The first `most` characters of the text. Marks what the answer cites as evidence."""
    shown = text[:most]
    words = sorted({quote.strip() for quote in evidence if len(quote.strip()) > 1}, key=len, reverse=True)[:24]
    if not words:
        return visible(shown)
    found = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    parts: list[Markup] = []
    at = 0
    for hit in found.finditer(shown):
        parts += [visible(shown[at : hit.start()]), Markup("<mark>{}</mark>").format(visible(hit[0]))]
        at = hit.end()
    parts.append(visible(shown[at:]))
    return Markup("").join(parts)


def doubts(checks: Mapping[str, Any] | None, verdict: str) -> list[dict[str, str]]:
    """The facts with this verdict, with names for people such as `quantity of item 2`."""
    found = []
    for path, check in (checks or {}).items():
        if check.get("verdict") == verdict:
            place = re.fullmatch(r"line_items\[(\d+)\](?:\.(\w+))?.*", path)
            fact = f"{words(place[2]) if place[2] else 'all'} of item {int(place[1]) + 1}" if place else words(path)
            found.append({"fact": fact, "why": str(check.get("why") or "")})
    return found


def number(value: Any) -> str:
    if value is None:
        return NONE
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}" if value == value.to_integral() else f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 10 * _WHOLE else f"{value:,.2f}".rstrip("0").rstrip(".")


def percent(value: Any) -> str:
    return NONE if value is None else f"{float(value) * 100:.1f}".rstrip("0").rstrip(".") + " %"


def money(value: Any) -> str:
    """An amount of US dollars, with enough digits to show a small amount."""
    if value is None:
        return NONE
    amount = float(value)
    if amount == 0:
        return "$0"
    digits = next((digits for least, digits in ((0.1, 2), (0.001, 4)) if abs(amount) >= least), 6)
    return f"${amount:,.{digits}f}"


def plain(value: Decimal) -> str:
    """An amount for a form, with all significant digits and no trailing zeros."""
    return f"{value.normalize():f}"


def seconds(value: Any) -> str:
    """A short time span, with one decimal below ten."""
    if value is None:
        return NONE
    span = float(value)
    for most, unit, per in ((0.0995, "ms", 0.001), (99.5, "s", 1), (5970, "min", 60), (172_800, "h", 3600)):
        if span < most:
            amount = span / per
            text = f"{amount:.1f}".removesuffix(".0") if amount < _WHOLE and unit != "ms" else f"{amount:.0f}"
            return f"{text} {unit}"
    return f"{span / 86_400:.0f} d"


def milliseconds(value: Any) -> str:
    return NONE if value is None else seconds(float(value) / 1000)


def moment(value: dt.datetime | None, kind: str = "ago") -> Markup:
    """A time as a <time> element, in UTC. A script converts it to the reader's time zone."""
    if value is None:
        return escape(NONE)
    if isinstance(value, FarTime):
        return escape(value.text)  # a time that Python's datetime cannot hold
    utc = value.astimezone(dt.UTC)
    return Markup('<time datetime="{}" data-show="{}" title="{} UTC">{}</time>').format(
        utc.isoformat(timespec="milliseconds"), kind, f"{utc:%Y-%m-%d %H:%M:%S}", f"{utc:%d %b %H:%M} UTC"
    )


def day(date: dt.date, today: dt.date) -> Markup:
    """A date without a time. Shows the year only if it is not the current year."""
    return Markup('<time datetime="{}" data-show="day">{}</time>').format(
        date.isoformat(), f"{date:%-d %b}" if date.year == today.year else f"{date:%-d %b %Y}"
    )


def days_left(date: dt.date, today: dt.date) -> str:
    days = (date - today).days
    if days == 0:
        return "today"
    if days in (1, -1):
        return "tomorrow" if days > 0 else "1 day late"
    if abs(days) > _FAR_DAYS:
        return "" if days > 0 else "long ago"
    return f"{days} days" if days > 0 else f"{-days} days late"


def closeness(date: dt.date, today: dt.date) -> str:
    """The urgency of a date, as a CSS class: `late`, `soon` or `far`."""
    days = (date - today).days
    return "late" if days < 0 else "soon" if days <= _SOON_DAYS else "far"


def words(code: Any) -> str:
    """A code as words: rate_limit becomes rate limit."""
    return NONE if code is None else str(code).replace("_", " ")


def tongue(code: object) -> str:
    """The code for the attribute `lang`, which controls fonts, voice and hyphenation. Empty for an invalid code."""
    return code if isinstance(code, str) and re.fullmatch("[a-z]{2,3}", code) else ""


FILTERS = {
    "visible": visible,
    "number": number,
    "percent": percent,
    "money": money,
    "plain": plain,
    "seconds": seconds,
    "milliseconds": milliseconds,
    "moment": moment,
    "doubts": doubts,
    "day": day,
    "days_left": days_left,
    "closeness": closeness,
    "words": words,
    "tongue": tongue,
}
