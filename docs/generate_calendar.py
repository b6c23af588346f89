"""Writes rfqflow/core/words/calendar.txt: months, days of the month in words, weekdays and units of time.

`python docs/generate_calendar.py` needs Babel and unicode-rbnf. rfqflow needs neither at run time.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale
from babel.core import get_cldr_version
from babel.localedata import locale_identifiers
from unicode_rbnf import RbnfEngine
from unicode_rbnf.engine import RbnfError

from rfqflow.core.text.calendar_words import key_of
from rfqflow.core.text.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CALENDAR = Path(__file__).resolve().parent.parent / "rfqflow" / "core" / "words" / "calendar.txt"
_SPELLED = re.compile(r"spellout-(?:ordinal|cardinal|numbering$)(?!.*(?:plural|ablative|locative))")
_SHORTEST = 3  # letters of a word in ASCII: a shorter word often has a meaning in another language
# Month names of smaller languages are often everyday words of these languages, and count only when they are capitalised.
_LARGE = re.findall(
    r"\w+",
    "af am ar as az be bg bn bs ca cs cy da de el en eo es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it "
    "ja ka kk km kn ko ky lb lo lt lv mk ml mn mr ms mt my nb ne nl nn no or pa pl ps pt ro ru sd si sk sl sq "
    "sr sv sw ta te tg th ti tk tr tt ug uk ur uz vi zh ",
)
_HOMONYMS = 2  # `listopada` is October in Croatia and November in Poland
_WIDTH = 120


def _locales() -> Iterator[Locale]:
    for identifier in sorted(locale_identifiers()):
        yield Locale.parse(identifier)


def _months(found: dict[str, set[str]]) -> None:
    """Names by month. If two languages use a word for different months, larger languages and full names have more weight."""
    uses: dict[str, dict[int, dict[tuple[str, str], int]]] = defaultdict(lambda: defaultdict(dict))
    for locale in _locales():
        weight = 4 if locale.language in _LARGE else 1
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    for word in _kept(name):
                        uses[word][number][locale.language, width] = weight
    for word, by_month in uses.items():
        weights = {number: sum(by.values()) for number, by in by_month.items()}
        numbers = [number for number, weight in weights.items() if weight * 2 >= max(weights.values())]
        short = len(word) <= _SHORTEST and word.isascii() and max(weights.values()) == 1
        if len(numbers) <= _HOMONYMS and not short:
            kind = "month" if max(weights.values()) > 1 else "rare"
            for number in numbers:
                found[f"{kind} {number}"].add(word)


def _weekdays(found: dict[str, set[str]], locale: Locale) -> None:
    for context in ("format", "stand-alone"):
        for number, name in locale.days[context]["wide"].items():
            if len(key_of(name)) > _SHORTEST or not name.isascii():
                found[f"weekday {number}"].update(_kept(name))


def _units(found: dict[str, set[str]], locale: Locale) -> None:
    data = locale._data  # noqa: SLF001 - Babel gives no other way
    for unit, days in (("hour", 24), ("day", 1), ("week", 7), ("month", 30)):
        patterns = list(_texts(data["unit_patterns"].get(f"duration-{unit}", {}), ("long", "short")))
        patterns += _texts(data["date_fields"].get(unit, {}), ("future",))
        for pattern in patterns:
            before, place, after = pattern.partition("{0}")
            words = after.split() or before.split()[-1:]
            if place and words and "/" not in words[0]:
                found[f"unit {days}"].update(_kept(words[0]))


def _texts(patterns: Mapping[str, Mapping[str, str]], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from (text for count, text in dict(patterns.get(name, {})).items() if count != "per")


def _days(found: dict[str, set[str]]) -> None:
    for language in sorted(RbnfEngine.get_supported_languages()):
        engine = RbnfEngine.for_language(language)
        names = [name for name in engine.rulesets if _SPELLED.match(name)]
        for name in names:
            for day in range(1, 32):
                with suppress(RbnfError):  # the engine does not know rules that write numbers in digits
                    found[f"day {day}"].update(_kept("".join(engine.iter_format_number(day, name))))


def _drop_doubtful(found: dict[str, set[str]], kind: str) -> None:
    """Drops each word that names two numbers of a kind, because some rules return only the beginning of a word."""
    names = [name for name in found if name.startswith(f"{kind} ")]
    counts = Counter(word for name in names for word in found[name])
    for name in names:
        found[name] = {word for word in found[name] if counts[word] == 1}


def _kept(name: str) -> Iterator[str]:
    """The key of a name, except for names made of a number: `3月`, `tháng 3`, `M03`."""
    key = key_of(visible(name))
    if not re.search(r"\d|^[mx]$", key + " ".join(re.findall(r"\d", name))) and len(key) >= (
        _SHORTEST if key.isascii() else 2
    ):
        yield key


def main() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for locale in _locales():
        _weekdays(found, locale)
        _units(found, locale)
    _months(found)
    _days(found)
    _drop_doubtful(found, "day")
    CALENDAR.write_text(_text(found), "utf-8")


def _text(found: Mapping[str, set[str]]) -> str:
    head = (
        "# Months, days of the month, weekdays and units of time in the languages of the CLDR, folded, without dots.\n"
        f"# Made by docs/generate_calendar.py from Babel {version('babel')} (CLDR {get_cldr_version()}) and"
        f" unicode-rbnf {version('unicode-rbnf')}.\n"
    )
    order = sorted(found, key=lambda name: (name.split()[0], int(n) if (n := name.split()[1]).isdigit() else 0, name))
    return head + "".join(f"\n[{name}]\n{_lines(sorted(found[name]))}\n" for name in order)


def _lines(words: list[str]) -> str:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > _WIDTH:
            lines.append("")
        lines[-1] += f", {word}" if lines[-1] else word
    return "\n".join(lines)


if __name__ == "__main__":
    main()
