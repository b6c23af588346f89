"""Lists whose lines all have one pattern, such as `1. V-20 gate valve - 40 pcs`, `40 x V-20` or `110 -> 6 pcs`."""
# ruff: noqa: RUF001 - signs of many languages are what this module is about

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rfqflow.core.lists.heads import OTHER, POSITION, PRICE, QUANTITY, head, is_total, is_unit, without_ditto
from rfqflow.core.lists.model import ListedItem, Table
from rfqflow.core.lists.values import (
    NUMERAL,
    UNIT,
    Amount,
    ascii_digits,
    decimal_mark,
    describes,
    is_code,
    measures,
    value,
)
from rfqflow.core.text.reading import Line
from rfqflow.core.text.sanitize import cut, one_line

_BULLET = re.compile(
    r"\s*(?:(?P<mark>[-–—•*·▪►>+])\s+|(?P<number>\(?\d{1,3}(?:\.\d{1,3}){0,2}[.):]|\d{1,3}\.\d{1,3}(?=\s))\s*(?=\D)"
    r"|(?P<ordered>\(?\d{1,3}[.):])\s+|(?P<letter>\(?(?:[a-z]|[ivx]{1,4})[.)])\s+"
    r"|(?P<word>(?:pos|item|poz|line|position|poste|lot|no|nr)\.?\s*#?\d{1,3}\s*[:.)–-]?)\s+)",
    re.IGNORECASE,
)
_FRONT = re.compile(
    rf"(?P<low>{NUMERAL})(?:\s?(?P<times>[x×*])\s+|\s?(?P<unit>{UNIT})(?:\s+|[:,]\s*)(?:(?:of|x|×|de|von|di)\s+)?"
    rf"|\s+)(?P<text>\S.*)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    rf"\s*(?P<sep>->|=>|→|[:=(;]|,(?!\d)|(?<=\s)[-–—]|(?<=\s))\s*(?:(?P<times>[x×])\s?)?(?<![\d.,])"
    rf"(?P<low>{NUMERAL})\s?(?P<unit>{UNIT})?\)?\s*[.;,]?\s*$",
    re.IGNORECASE,
)
# The end of `_TAIL`. It is found faster, since the regex engine searches for digits.
_ENDS_COUNTED = re.compile(rf"\d\s?(?P<unit>{UNIT})?\)?\s*[.;,]?\s*$", re.IGNORECASE)
_OF_NUMERALS, _BEFORE_NUMERAL = "0123456789.,'\u2019 xX\xd7", 8  # characters; spaces in sequence do not count
_WIDE = re.compile(r"\s\s")
_DIGIT = re.compile(r"\d")
_LONGEST = 180
_SHORT = 24  # characters of a code or a size
_SURE = 3  # lines of one pattern
_YEAR = re.compile(r"(?:19|20)\d\d")
_SENTENCE = re.compile(r"[.!?]\s+[^\W\d_a-z]|[?!]$")


@dataclass(frozen=True, slots=True)
class _Match:
    form: str
    bullet: str
    label: str  # the number in the bullet
    text: str
    amount: Amount
    line: Line


def patterned(lines: Sequence[Line]) -> list[Table]:
    """Sequences of at least three lines with one pattern, since two may be chance."""
    found: list[Table] = []
    if sum(1 for line in lines if len(line.text) <= _LONGEST and _DIGIT.search(line.text)) < _SURE:
        return found
    run: list[_Match] = []
    aside: list[Line] = []
    for line in lines:
        match = _match(line)
        if match and (not run or (match.form, match.bullet) == (run[0].form, run[0].bullet)) and len(aside) <= 1:
            run.append(match)
            aside = []
        elif match is None and run and (len(line.text) <= 60 or is_total(line.text.strip())):  # noqa: PLR2004 - a title
            aside.append(line)
        else:
            found += _table(run)
            run, aside = ([match] if match else []), []
    return found + _table(run)


def _match(line: Line) -> _Match | None:
    text = ascii_digits(line.text)
    if len(text) > _LONGEST or not _DIGIT.search(text):
        return None
    found = _found(text, line)
    return None if found and is_total(text.strip()) else found


def _found(text: str, line: Line) -> _Match | None:
    bullet = _BULLET.match(text)
    content = (text[bullet.end() :] if bullet else text).strip()
    kind = next((name for name, stated in bullet.groupdict().items() if stated), "") if bullet else ""
    label = bullet[0].strip(" .):(") if bullet else ""
    front = _FRONT.fullmatch(content)
    made = _front(front, line, kind, label) if front else None
    if made and made.form != "front":
        return made
    if front and not kind and front["low"].isdecimal() and (ends := _tail(front["text"], line, "bare", front["low"])):
        return ends  # in `1 V-20 gate valve 40 pcs` the first number may be the number of the line
    return made or _tail(content, line, kind, label)


def _front(found: re.Match[str], line: Line, bullet: str, label: str) -> _Match | None:
    unit, text = found["unit"], found["text"]
    form = "front-times" if found["times"] else "front-unit" if unit else "front"
    if unit and not is_unit(unit):
        # In `26 angle cocks` the word is the thing, not a unit.
        form, text, unit = "front", found.string[found.start("unit") :], None
        if found.string[found.start("unit") - 1] != " ":
            return None
    elif (
        unit
        and measures(unit)
        and found.string[found.start("unit") - 1 : found.start("unit")] != " "
        and len(unit) == 1
    ):
        form = "front-measure"
    if form == "front" and (not bullet or not found["unit"] or describes(found["unit"])):
        return None
    if not (_names(text) or is_code(text)) or not (text[:1].isalnum() or text[:1] in "(\"'"):
        return None
    return _Match(form, bullet, label, text, Amount(found["low"], unit=unit), line)


def _tail(content: str, line: Line, bullet: str, label: str) -> _Match | None:
    found = _counted_end(content) if content else None
    if not found:
        return None
    text = content[: found.start()].strip()
    unit, sep = found["unit"], found["sep"]
    if unit and not is_unit(unit):
        return None
    form = f"tail{sep}{'-unit' if unit else ''}"
    if not unit and found["times"]:
        form = "tail-times"
        if text[-1:].isdigit():
            return None  # `M8 x 40` is a size
    elif not unit and not sep and is_code(text) and any(map(str.isalpha, text)):
        form = "tail-code"
    elif not unit and (not sep or sep in {",", ";"}):
        return None
    if not unit and (_YEAR.fullmatch(found["low"]) or found["low"].startswith("0")):
        return None
    named = head(text)
    if named and named.role in {QUANTITY, PRICE, OTHER, POSITION}:
        return None
    known = unit and text and len(text) < _SHORT and sep in {"->", "=>", "→", ":", "="}
    if not _names(text) and not is_code(text) and not known:
        return None
    return _Match(
        form,
        bullet,
        label,
        text,
        Amount(found["low"], unit=unit),
        line,
    )


def _counted_end(content: str) -> re.Match[str] | None:
    """The match of `_TAIL`. First checks whether the line ends with a number and a unit, as most lines do not."""
    ends = _ENDS_COUNTED.search(content, 1)
    if not ends or (ends["unit"] and not is_unit(ends["unit"])):
        return None
    numeral = len(content[: ends.start() + 1].rstrip(_OF_NUMERALS))
    return _TAIL.search(content, 1 if _WIDE.search(content) else max(1, numeral - _BEFORE_NUMERAL))


def _names(text: str) -> bool:
    return sum(map(str.isalpha, text)) > 1 and not _SENTENCE.search(text)


def _are_things(run: Sequence[_Match]) -> bool:
    """Whether numbers without units count things, and are not values of a data sheet, as in `Speed rpm: 1450`."""
    if any(describes(word) for match in run for word in match.text.split()[-1:]):
        return False
    return bool(run[0].bullet) or all(any(map(str.isdigit, match.text)) for match in run)


def _table(run: Sequence[_Match]) -> list[Table]:
    labels = [match.label for match in run]
    counted = labels == [str(number) for number in range(1, len(run) + 1)]
    if len(run) < _SURE or ((run[0].form == "front" or run[0].bullet == "bare") and not counted):
        return []
    if run[0].form.startswith("tail") and not run[0].amount.unit and not _are_things(run):
        return []
    decimal = decimal_mark(match.amount.low for match in run)
    items: list[ListedItem] = []
    above = ""
    for match in run:
        text = one_line(match.text).strip(" -–—:,;.")
        rest = without_ditto(text)
        if rest is not None and above:
            words, new = above.split(), rest.split()
            text = " ".join([*words[: max(1, len(words) - len(new))], *new])
        stated = value(match.amount, decimal=decimal)
        if stated is None or not text:
            return []
        above = text
        items.append(ListedItem(cut(text, 300), stated[0], None, match.amount.unit, lines=(match.line.number,)))
    numbers = tuple(match.line.number for match in run)
    return [Table(tuple(items), is_clear=True, lines=numbers, is_prose=True)]
