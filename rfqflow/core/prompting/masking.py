"""Masking replaces e-mail addresses, telephone numbers and IBANs before a call, and restores them in the answer.

It is off by default (`RFQFLOW_MASK=contact` turns it on). Each masked text gets one placeholder such as
`[masked-email-1]`. Placeholders are plain ASCII, so that JSON, tokenizers and normalization do not change them. A
customer's text that looks like a placeholder is masked too, so that each placeholder restores the right text. Names and
postal addresses are not masked, since only a model could find them.

`rfqflow.core.text.phones` distinguishes telephone numbers from part numbers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rfqflow.core.answer import Answer, Evidence, LineItem
from rfqflow.core.records import Rfq
from rfqflow.core.text.phones import phones
from rfqflow.core.text.sanitize import cut, one_line, visible, without_markup

LOOKED_AT = 300_000  # characters; a model sees fewer of a message and its files, since the prompt is shortened before

# The pattern does not depend on the context, so that masking and unmasking find the same places.
_PLACEHOLDER = re.compile(r"\[?masked-(?:email|phone|iban|text)-[0-9]+\]?", re.IGNORECASE | re.ASCII)
_TAKEN = "\0"  # marks places that were found; it is no word and no digit, and occurs in no visible text

# Each character is replaced by one character, so that positions in both texts are the same.
_SAME = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
_SAME |= {start + digit: 0x30 + digit for start in (0x660, 0x6F0, 0x966) for digit in range(10)}
_SAME |= dict.fromkeys((0x09, 0xA0, 0x2007, 0x2009, 0x202F, 0x3000), 0x20)
_SAME |= dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), 0x2D)
_SAME |= {0xFE6B: 0x40}

_LOCAL = r"[\w.+%'&=~-]"
_LABEL = r"[^\W_](?:[\w-]{0,62}[^\W_])?"
_AT = r"[ ]?[\[({<][ ]?(?:@|at|ät|arroba|chez)[ ]?[\])}>][ ]?"
_DOT = r"[ ]?[\[({<][ ]?(?:\.|dot|punkt|point|punto|kropka)[ ]?[\])}>][ ]?"
# "@" also means "at a price of". Between spaces, it belongs to an address only if a name with a known ending follows.
_TOP = "com|net|org|info|biz|eu|de|at|ch|fr|it|es|pt|nl|be|lu|uk|ie|pl|cz|sk|hu|ro|se|no|dk|fi|tr|ru|cn|jp|in|br"
# The lookbehind lets a match start only at the start of a word. Otherwise a long run without "@" would take quadratic
# time.
_EMAIL = re.compile(
    rf"""(?<!{_LOCAL})
    (?:
        (?:{_LOCAL}++|"[^"\n]{{1,64}}")@
        (?:\[[0-9a-f.:]{{3,45}}\]|(?:{_LABEL}\.)+(?:xn--[a-z0-9-]{{2,59}}|[^\W\d_]{{2,24}})\b)
      | {_LOCAL}++{_AT}{_LABEL}(?:(?:\.|{_DOT}){_LABEL})+
      | [^\W\d_]{_LOCAL}*+[ ]@[ ](?:{_LABEL}\.)+(?:{_TOP})\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)

IBAN_LENGTHS: Mapping[str, int] = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FO FK GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ DZ ES MD PK RO SA SE SK TN VG",
        25: "AO CV GW LY MZ PT ST",
        26: "IR IS TR",
        27: "BF BI BJ CF CG CI CM DJ FR GA GR IT KM MC MG ML MR NE SM SN TD TG",
        28: "AL AZ BY CY DO GT HN HU LB MA NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}
_IBAN_BEGINS = re.compile(r"(?<![^\W_])[A-Z]{2}[ .-]?[0-9]{2}(?=[ .-]?[A-Z0-9])", re.IGNORECASE | re.ASCII)
_IBAN_GOES_ON = re.compile(r"[ .-]?([A-Z0-9])", re.IGNORECASE | re.ASCII)


def mask(text: str, known: Mapping[str, str] | None = None) -> tuple[str, dict[str, str]]:
    """The visible text with placeholders for contact data, and by placeholder the text that it replaces.

    `known`: the mapping of a text that was masked before, to which the new mapping adds. `unmask` with the result gives
    `visible(text)`.
    """
    text = visible(text)
    mapping = dict(known or {})
    names = {original: name for name, original in mapping.items()}
    counts = {kind: sum(f"-{kind}-" in name for name in mapping) for kind in ("email", "phone", "iban", "text")}
    parts: list[str] = []
    done = 0
    for start, end, kind in sorted(_found(text)):
        original = text[start:end]
        if original not in names:
            counts[kind] += 1
            names[original] = f"[masked-{kind}-{counts[kind]}]"
            mapping[names[original]] = original
        parts += (text[done:start], names[original])
        done = end
    return "".join((*parts, text[done:])), mapping


def mask_once(text: str) -> str:
    """Like `mask`, for a text that may be masked already. Its placeholders do not change."""
    masked, mapping = mask(text)
    return unmask(masked, {name: original for name, original in mapping.items() if "-text-" in name})


def unmask(text: str, mapping: Mapping[str, str]) -> str:
    """The text with the placeholders of the mapping replaced.

    A placeholder may be in upper case, or lack its brackets.
    """

    def original(found: re.Match[str]) -> str:
        return mapping.get(f"[{found[0].strip('[]').lower()}]", found[0])

    return _PLACEHOLDER.sub(original, text)


def _masked_lines(lines: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Masks line by line, so that the lines keep their numbers, which an answer cites."""
    room, kept = LOOKED_AT, 0
    while kept < len(lines) and room >= 0:
        room -= len(lines[kept]) + 1
        kept += 1
    masked, mapping = mask("\n".join(lines[:kept]))
    if masked.count("\n") == max(0, kept - 1):
        return masked, mapping
    parts, mapping = [], {}
    for line in lines[:kept]:  # a masked text may extend over two lines
        part, mapping = mask(line, mapping)
        parts.append(part.replace("\n", " "))
    return "\n".join(parts), mapping


def mask_rfq(rfq: Rfq) -> tuple[Rfq, dict[str, str]]:
    """The RFQ with masked message and company, which are the texts that a model sees."""
    message, mapping = _masked_lines([line.text for line in rfq.reading.lines])
    if not rfq.company:
        return replace(rfq, message=message, is_readable=True), mapping
    company, mapping = mask(rfq.company, mapping)
    return replace(rfq, message=message, company=company, is_readable=True), mapping


def restore(answer: Answer, mapping: Mapping[str, str]) -> Answer:
    """The answer as if nothing had been masked, which has no addresses in summary and tags.

    A restored text that is too long for its field is cut. A part number or a unit is left out instead, since a part of
    it would mean something else. Fields with fixed values contain no placeholders.
    """
    if not mapping:
        return answer

    def short(text: str | None, limit: int = 120) -> str | None:
        return text and (cut(one_line(unmask(text, mapping)), limit) or None)

    def whole(text: str | None, limit: int) -> str | None:
        restored = text and one_line(unmask(text, mapping))
        return restored if restored and len(restored) <= limit else None

    def shorts(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(restored for text in texts if (restored := short(text))))

    def item(line_item: LineItem) -> LineItem:
        return line_item.model_copy(
            update={
                "description": short(line_item.description, 300) or line_item.description,
                "unit": whole(line_item.unit, 24),
                "part_number": whole(line_item.part_number, 120),
                "revision": whole(line_item.revision, 24),
                "material": short(line_item.material),
                "standards": shorts(line_item.standards),
            }
        )

    def evidence(quote: Evidence) -> Evidence:
        return quote.model_copy(update={"text": short(quote.text) or quote.text})

    # Remove addresses from the summary, as normalization does without masking.
    summary = cut(without_markup(unmask(answer.summary, mapping)), 600)
    return answer.model_copy(
        update={
            "summary": summary or answer.summary,
            "tags": tuple(tag for tag in answer.tags if not _PLACEHOLDER.search(tag)),
            "line_items": tuple(map(item, answer.line_items)),
            "due_date_text": short(answer.due_date_text),
            "delivery_place": short(answer.delivery_place),
            "certificates": shorts(answer.certificates),
            "evidence": tuple(map(evidence, answer.evidence)),
        }
    )


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields the places of contact data, and of texts that look like placeholders. The places do not overlap."""
    plain = text.translate(_SAME)
    for kind, find in _FINDERS:
        spans = list(find(text if kind == "text" else plain))
        for start, end in spans:
            yield start, end, kind
        plain = _without(plain, spans)


def _without(plain: str, spans: Iterable[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in spans:
        parts += (plain[done:start], _TAKEN * (end - start))
        done = end
    return "".join((*parts, plain[done:]))


def _placeholders(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _PLACEHOLDER.finditer(text))


def _emails(plain: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _EMAIL.finditer(plain))


def _ibans(plain: str) -> Iterator[tuple[int, int]]:
    for found in _IBAN_BEGINS.finditer(plain):
        compact = re.sub(r"[ .-]", "", found[0]).upper()
        end = found.end()
        length = IBAN_LENGTHS.get(compact[:2], 0)
        while len(compact) < length and (following := _IBAN_GOES_ON.match(plain, end)):
            compact += following[1].upper()
            end = following.end()
        if len(compact) == length and not plain[end : end + 1].isalnum() and _checks(compact):
            yield found.start(), end


def _checks(iban: str) -> bool:
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


_FINDERS = (("text", _placeholders), ("email", _emails), ("iban", _ibans), ("phone", phones))
