"""Line items: requested goods from tables, lists and running text.

A quantity comes from the text or is left open, and is never assumed.
"""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal

from rfqflow.core.answer import LineItem
from rfqflow.core.lists import ListedItem
from rfqflow.core.rules.cancelled import Cancelled
from rfqflow.core.rules.dates import MARK, Mentions, without_dates
from rfqflow.core.rules.keyword_cues import ASKING
from rfqflow.core.rules.part_numbers import details
from rfqflow.core.rules.quantities import COUNTED, LABELLED, MEASURED, NAMED, Quantity, quantities
from rfqflow.core.rules.tables import listed_items
from rfqflow.core.rules.text import Text, plainest, seen, tidy, words
from rfqflow.core.text.reading import Line
from rfqflow.core.text.sanitize import cut
from rfqflow.core.text.thread import Part

MAX_ITEMS = 1_000
_MOST_IN_PROSE = 100
_READ_LINES = 600
_SHOWN = 200
_BULLET = re.compile(
    r"^\s*(?:[-–—•*·▪►>+]\s+|[-–•*·](?=[^\W\d_])|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+|(?:pos"
    r"|item|poz|ltem|line|position|poste|lot)\.?\s*#?\d{1,3}\s*[:.)–-]?\s+|\(\w{1,3}\)\s*)+",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(,;/-])(?:stk|stck|st|pos|nr|no|nos|approx|ca|incl|inkl|max|min|art|dim|mat|rev"
    r"|dwg|drwg|qty|ref|tel|ext|fig|szt|cant|pz|pcs|pc|ud|uds|ea|mtr|mtrs|bzw|acc|env|temp|vol"
    r"|z\.?b|e\.g|i\.e|dr|mr|mrs|ms|sr|mt|ft|lbs"
    r"|sq|cu|lin|m|kg|t|d\.h|ggf|evtl|bspw|gem|gr|kl|typ|gr|dia|resp|c\.a|pn|jan|feb|mar|apr"
    r"|jun|jul|aug|sep|sept|oct|okt|nov|dec|dez|p|i|a|q|u|v)$",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"[.!?;](?=\s)|[。；！？]|\s(?:\|\||//)\s|(?<=\w),?\s(?=(?:also|plus|additionally|ausserdem"
    r"|außerdem|zusätzlich|sowie|ainsi que|así como|además|inoltre|nonché|evenals|alsmede|oraz"
    r"|bem como|além|samt|ayrıca|dále)\s)"
)
_LEAD = re.compile(
    r"^.*?\b(?:quot(?:e|ation|es)|prices?|pricing|offer|offers|need|needs|require|supply"
    r"|looking for|want|order|rfq|request|angebot|preis|benötigen|brauchen|suchen|anfrage"
    r"|devis|besoin de|besoin d'|prix|recherchons|souhaitons"
    r"|presupuesto|cotizar|cotización|oferta|precio|necesitamos|preventivo|offerta|prezzo"
    r"|prijs|offerte|wycen[ęy]|ofert[ęy]|potrzebujemy|cotação|orçamento|preço|precisamos"
    r"|offert|pris|teklif|fiyat|poptáváme|nabídku)\b"
    r"(?:\s+(?:for|of|on|us|me|the|to|following|your|best|price|für|über|von|pour|de|des|du"
    r"|par|para|per|di|voor|op|na|av|på|an|auf|il|la|le|les|los|las))*[\s:,]*",
    re.IGNORECASE,
)
_EDGES = MARK + " \t\n-–—•*:;,.=|/+&(→"
_JOIN = re.compile(
    r"(?:[\s,;]+(?:and|plus|und|sowie|et|y|e|en|i|oraz|och|ve|a|or|also|as well as))+[\s,;]*$", re.IGNORECASE
)
_OPENING = re.compile(r"^(?:of|de|d'|du|des|di|von|van|av|do|da|off|no\.?|nos\.?|each|x|×)\s+", re.IGNORECASE)
_LINKS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.IGNORECASE)
_MONEY_AND_TIME = re.compile(
    r"\+\d[\d ()/.-]{6,18}\d|(?:[€$£₹₺]|\b(?:EUR|USD|GBP|CHF|PLN|TRY|Rs\.?)) ?\d[\d.,' ]{0,16}\d?[kKmM]?"
    r"|\b\d[\d.,' ]{0,16} ?(?:€|EUR\b|USD\b|GBP\b|CHF\b|zł|Kč|SEK\b|[Dd]ollars?\b|[Ee]uros?\b)"
    r"|\b\d{1,2}(?::\d{2}\b|[:.]\d{2} ?(?:h|Uhr|am|pm|hrs)\b)|\b\d{3}[-.]\d{3}[-.]\d{4}\b"
)
# Three blanks still separate columns; thousands of blanks would make all patterns below slow.
_GAPS = re.compile(" {4,}")
_NO_CODE = re.compile(r"[\W_]+")
_NO_LIST = re.compile(r"\b(?:tel|phone|fax|mobile|vat|iban|ust|http|www)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    item: LineItem
    # Whether it is listed, requested or counted in units; numbers in prose count only if there is no better source.
    sure: bool


def line_items(text: Text, dated: Mentions, language: str | None, lines: Sequence[Line] = ()) -> tuple[LineItem, ...]:
    """The requested items, in the order of the text. `lines`: the lines of the reading, in which lists are searched."""
    rows = _hidden(text.body, dated).split("\n")[:_READ_LINES]
    read, taken, tabled = listed_items(text.body, lines)
    cancelled = Cancelled(text.body)
    found = [
        _Found(item, sure=True)
        for place, row in enumerate(read, 1)
        if (item := _from_row(row)) and not cancelled.takes_back(item.description, "", 0, str(place))
    ]
    listed = len(found)
    stated = {(_code(each.item.part_number), each.item.quantity) for each in found if each.item.part_number}
    signed = {row.strip() for row in _signature(lines)}
    for number, row in enumerate(rows):
        if len(found) - listed >= _MOST_IN_PROSE:
            break
        if number not in taken and row.strip() and not _NO_LIST.match(row.strip()) and row.strip() not in signed:
            found += _from_line(row, _previous(rows, number), language, cancelled, strict=tabled)
    if any(each.sure for each in found):
        found = [each for each in found if each.sure]
    beside = [each.item for each in found[listed:] if not (stated and _is_stated(each.item, stated))]
    kept = [each.item for each in found[:listed]] + list(_without_repeats(beside))
    return tuple(kept)[:MAX_ITEMS]


def _code(part_number: str | None) -> str:
    return _NO_CODE.sub("", plainest(part_number or ""))


def _is_stated(item: LineItem, stated: AbstractSet[tuple[str, Decimal | None]]) -> bool:
    """Whether a list has the item of a sentence with the same quantity, as in `60 pcs of roller RL-5, see list`."""
    words = {_code(word) for word in item.description.split()} | {_code(item.part_number)}
    return any((word, item.quantity) in stated for word in words if word)


def _hidden(body: str, dated: Mentions) -> str:
    """Removes dates, money, links and telephone numbers, whose digits count no things."""
    body = _MONEY_AND_TIME.sub(_mark, without_dates(body, dated))
    if "@" in body or "://" in body or "www." in body:
        body = _LINKS.sub(_mark, body)
    return _GAPS.sub("   ", body)


def _mark(match: re.Match[str]) -> str:
    return MARK * len(match[0])


def _from_row(row: ListedItem) -> LineItem | None:
    return _item(
        row.description,
        row.quantity,
        row.quantity_max,
        row.unit,
        part_number=row.part_number,
        revision=row.revision,
        material=row.material,
    )


def _signature(lines: Sequence[Line]) -> Iterator[str]:
    """Removes streets and post codes, whose numbers count no things."""
    return (seen(line.text) for line in lines if line.part is Part.SIGNATURE)


def _from_line(
    line: str, previous: str, language: str | None, cancelled: Cancelled, *, strict: bool
) -> Iterator["_Found"]:
    bullet = _BULLET.match(line)
    listed = bullet is not None and bullet.end() < len(line)
    content = line[bullet.end() :] if bullet and listed else line
    asked, earlier = False, previous
    for sentence in _sentences(content):
        found = quantities(sentence, language)
        if not found:
            earlier = sentence
            continue
        if listed and len(found) > 1:
            found = _strongest(found)
        if strict:  # if there is a table, only a count with a unit is another item
            found = [amount for amount in found if amount.strength == COUNTED and amount.unit]
        if not found:
            earlier = sentence
            continue
        asked = asked or not ASKING.isdisjoint(words(plainest(sentence))) or _beside_counted(found)
        leads_list = not sentence[: found[0].start].strip(_EDGES)
        for item, amount in _described(sentence, found, earlier):
            if cancelled and cancelled.takes_back(item.description, sentence, amount.start, _place(bullet)):
                continue
            leads = amount.opens and (leads_list or amount.strength == MEASURED)
            yield _Found(item, sure=amount.strength > NAMED or listed or asked or leads)
        earlier = sentence


def _beside_counted(found: Sequence[Quantity]) -> bool:
    """Whether a count with a unit shows that other numbers are counts too, as in `4 pcs. of valves and 1 pump`."""
    return len(found) > 1 and any(
        amount.unit and (amount.strength == COUNTED or (amount.strength == MEASURED and amount.opens))
        for amount in found
    )


def _place(bullet: re.Match[str] | None) -> str:
    number = re.search(r"\d+", bullet[0]) if bullet else None
    return number[0] if number else ""


def _strongest(found: list[Quantity]) -> list[Quantity]:
    """The most certain quantity of a line, since a list has one thing per line.

    Several quantities that are equally certain are price breaks or things.
    """
    top = max(amount.strength for amount in found)
    if top >= COUNTED:
        return [amount for amount in found if amount.strength == top]
    return [amount for amount in found if amount.opens] or found[:1]


def _described(sentence: str, found: Sequence[Quantity], previous: str) -> Iterator[tuple[LineItem, Quantity]]:
    floor = 0
    group: list[Quantity] = []
    for number, amount in enumerate(found):
        following = found[number + 1].start if number + 1 < len(found) else len(sentence)
        group.append(amount)
        if number + 1 < len(found) and found[number + 1].end == amount.end:
            continue  # price breaks share their description
        text = _after(sentence, amount.end, following)
        if not text or amount.strength == LABELLED or (amount.unit and _ends_after(sentence, amount, floor)):
            text = _before(sentence, floor, group[0].start) or text or previous
        for member in group:
            if item := _item(text, member.value, member.value_max, member.unit):
                yield item, member
        floor, group = amount.end, []


def _ends_after(sentence: str, amount: Quantity, floor: int) -> bool:
    """Whether the unit ends its clause. Then the counted thing is before it, as in `brackets, 50 pcs. Ship to ...`."""
    if sentence[amount.end : amount.end + 2].lstrip()[:1] in set(",.;)+-") - {""}:
        return True
    return (amount.unit or "").endswith(".") and bool(_before(sentence, floor, amount.start))


def _after(sentence: str, start: int, end: int) -> str:
    text = (
        _JOIN.sub("", sentence[start:end].rstrip(_EDGES + "0123456789")) if end < len(sentence) else sentence[start:end]
    )
    return _OPENING.sub("", text.strip(_EDGES)).strip(_EDGES)


def _before(sentence: str, start: int, end: int) -> str:
    text = _JOIN.sub("", sentence[start:end]).strip(_EDGES)
    text = re.sub(
        r"(?:qty|quantity|menge|quantité|cantidad|quantità|aantal|ilość|quantidade|anzahl"
        r"|stückzahl)\s*$",
        "",
        text,
        flags=re.IGNORECASE,
    ).strip(_EDGES)
    return _LEAD.sub("", text).strip(_EDGES)


def _item(
    text: str,
    value: Decimal | None,
    value_max: Decimal | None,
    unit: str | None,
    *,
    part_number: str | None = None,
    revision: str | None = None,
    material: str | None = None,
) -> LineItem | None:
    description = cut(tidy(text).strip(_EDGES), _SHOWN)
    if not any(map(str.isalpha, description)):
        return None
    read = details(description)
    unit = tidy(unit or "")[:24].strip() or None
    return LineItem(
        description=description,
        quantity=value if value and value > 0 else None,
        quantity_max=value_max,
        unit=unit,
        part_number=_short(part_number) or read.part_number,
        revision=(_short(revision) or read.revision or "")[:24] or None,
        material=_short(material) or read.material,
        standards=read.standards,
    )


def _short(text: str | None) -> str | None:
    return cut(tidy(text or ""), 120) or None


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for stop in _STOP.finditer(line):
        if stop[0] == "." and (
            _ABBREVIATION.search(line[max(start, stop.start() - 10) : stop.start()])
            or line[: stop.start()].strip().isdigit()
        ):
            continue
        if line.find("(", start, stop.start()) > line.rfind(")", start, stop.start()) and ")" in line[stop.end() :]:
            continue
        yield line[start : stop.end()]
        start = stop.end()
    yield line[start:]


def _previous(lines: Sequence[str], number: int) -> str:
    """The nearest line above with words, which names the thing for a line such as `Qty: 50`."""
    for line in reversed(lines[max(0, number - 4) : number]):
        text = _BULLET.sub("", line).strip(_EDGES)
        if len(text) > 5 and any(map(str.isalpha, text)):  # noqa: PLR2004 - a greeting at least
            return text
    return ""


def _without_repeats(items: Sequence[LineItem]) -> Iterator[LineItem]:
    """Yields the items without repetitions from subject lines and replies."""
    seen: set[tuple[Decimal | None, str, str]] = set()
    for item in items:
        key = (item.quantity, plainest(item.unit or ""), plainest(item.description)[:24])
        if key not in seen:
            seen.add(key)
            yield item
