"""Finds telephone numbers in a text that also has part numbers, quantities, dates and order numbers.

If these were masked, facts of the RFQ would be hidden. A number counts only with an existing country code, after a word
(`Tel.`, `call me at`), or in a grouping that only telephone numbers have. After a word such as `Part no.` it never
counts. A doubtful number is not masked.
"""

import re
from collections.abc import Iterator

_GAPS = r"[ ()./-]{0,4}"
_MOST_DIGITS = 15  # by E.164
_LEAST_NATIONAL = 7
_LEAST_UNSET = 11
_LEAST_SIGNED, _LEAST_LABELLED, _LEAST_WEAK = 6, 7, 8
_LEAST_SHAPED, _MOST_SHAPED = 8, 13
_BEFORE = 60  # characters before a number that are searched for its meaning

# The E.164 country codes that are in use, by as few first digits as possible.
_COUNTRY = re.compile(
    r"1|7|2[07]|21[1-368]|2[2346]\d|25[0-8]|29[0178]|3[0-469]|35\d|37[0-8]|38[0-35-79]|4[013-9]|42[013]"
    r"|50\d|5[1-8]|59\d|6[0-6]|67[02-9]|68[0-35-9]|69[0-2]|80[08]|8[1246]|85[02356]|88[0236]|9[0-58]|96[0-8]"
    r"|97[0-79]|99[2-68]"
)
_NORTH_AMERICA, _RUSSIA = "1", "7"  # countries where numbers have exactly ten digits
_RUSSIAN_DIGITS = 10
_NANP = re.compile(r"[2-9]\d\d[2-9]\d{6}", re.ASCII)

_PLUS = re.compile(rf"(?<![\w+])\(?\+ ?\(?[1-9](?:{_GAPS}\d){{7,18}}", re.ASCII)
_ZERO_ZERO = re.compile(rf"(?<![\w+.,/(-])\(?00[ ()./-]{{0,2}}[1-9](?:{_GAPS}\d){{7,18}}", re.ASCII)
_NUMBER = rf"[+(]{{0,2}}\d(?:{_GAPS}\d){{4,19}}"

_WORD = (
    r"tele(?:phone?|fono?|fone|foon|fonisch|fax|copie)|tel|tlf|tfno|tfn|fon|phone|ph(?=[ ]?[.:])"
    r"|mobil(?:e|telefon)?|mobiel|mob|móvil|movil"
    r"|celular|cellulare|cell|cel|handy|gsm|fax|whats ?app|hotline|festnetz|portable|puhelin|puh|komórka|komorka|kom"
    r"|cep"
    r"|teléfono|téléphone|tél|télécopie|telemóvel|telem|telefonu|telefonnummer|mobilnummer|rufnummer|numer telefonu"
    r"|телефон|тел|моб|мобильный|факс|τηλ|κιν|هاتف|جوال|تلفون|电话|電話|手机|手機|携帯|传真|전화|휴대폰"
)
# Words that also mean other things.
_WEAK = frozenset({"ph", "cell", "cel", "kom", "cep", "handy", "portable", "mobile"})
_TRUNK_ONLY = frozenset({"t", "m", "f", "gsm"})  # these words usually mean other things
# The number of spaces is limited: many spaces beside a word would take cubic time.
_LABELLED = re.compile(
    rf"(?:(?<![^\W\d_])|(?:^|[|;,•·/])[ ]{{0,3}}(?=[TMF][.:]))(?P<word>{_WORD}|[TMF](?=[.:]))"
    r"(?P<sign>[ ]?[.:/#-]{0,2}[ ]{0,3}"
    r"(?:(?:no|nr|n°|nº|№|num|nummer|numer|number|direct|direkt|mobile?|office|work|büro|geschäft|privat|guardia|zentrale|urgence)"
    rf"\b[ .:#-]{{0,3}})?(?:\([^\W\d]{{1,12}}\)[ .:]{{0,3}})?:?[ ]{{0,3}}\n?[ ]{{0,3}})(?P<number>{_NUMBER})",
    re.IGNORECASE | re.MULTILINE,
)
_ASKED_TO_CALL = re.compile(
    r"\b(?:call(?![ -]?offs?\b)|ring|reach|contact|dial|text|sms|phone|erreich\w*|anruf\w*|rückruf\w*|ruf\w*|appel\w*"
    r"|joindre|joign\w*|rappel\w*|llam\w*|contact(?:ar|e|er|ez)|chiam\w*|bel|bellen|bereikba\w*|zadzwo\w*|dzwo\w*|kontakt\w*"
    r"|ara\w*|звон\w*|позвон\w*)\b[^\n\d+]{0,40}\b(?:at|on|under|unter|via|au|al|op|pod|me|us|mich|uns|number|nummer|numero"
    rf"|numéro|número|numer|по|номеру)\b[ .:]{{0,3}}(?P<number>{_NUMBER})",
    re.IGNORECASE,
)
_AND_ANOTHER = re.compile(
    r"[ ]{0,2}(?:[/|;,]|or|oder|ou|o|und|and|et|y|e|&|lub|of)[ ]{0,2}(?=[0+(]|[2-9]\d\d[ .-]\d{3}[ .-]\d{4})"
    rf"(?P<number>{_NUMBER})"
)
_EXTENSION = re.compile(
    r"[ ]?(?:x|ext\.?|extension|durchwahl|dw\.?|poste|int\.?|wew\.?|dahili|доб\.?)[ :]{0,2}\d{1,6}\b", re.IGNORECASE
)

# Groupings that only telephone numbers have. A part number with such a grouping would need a zero at the same position.
_SHAPES = re.compile(
    r"(?<![\w+./#,-])(?:"
    r"\([2-9]\d\d\)[ ]?[2-9]\d\d[ .-]?\d{4}"  # (415) 555-2671
    r"|1[-.][2-9]\d\d[-.][2-9]\d\d[-.]\d{4}"  # 1-800-555-2671
    r"|\(0[1-9]\d{0,4}\)[ ]?\d{2,4}(?:[ /-]?\d{2,4}){1,3}"  # (089) 123456, (02) 9876 5432
    r"|0[1-9]\d{1,4}[ ]?/[ ]?\d{2,4}(?:[ -]?\d{2,4}){1,3}(?:-\d{1,4})?"  # 089/123456-0
    r"|0[1-9](?P<pair>[ .-])\d\d(?:(?P=pair)\d\d){3}"  # 01 23 45 67 89
    r"|01(?:5\d{1,2}|6[0-3]|7\d)[ /-]?\d{7,8}"  # 0171 1234567
    r"|01(?:5\d{1,2}|6[0-3]|7\d)[ /-]\d{2,4}(?:[ ]\d{2,4}){1,3}"  # 0171 123 45 67
    r"|06(?:50|6\d|7[067]|8[0189]|99)[ /-]\d{6,8}"  # 0664 1234567
    r"|06[ -]\d{8}"  # 06-12345678
    r"|07[1-9]\d{2}[ ]?\d{3}[ ]?\d{3}"  # 07700 900123
    r"|0(?:2\d[ ]\d{4}[ ]\d{4}|1\d{3}[ ]\d{6}|[13]\d\d[ ]\d{3}[ ]\d{4})"  # 020 7946 0018
    r"|0[2-9]\d[ ]\d{3}[ ]\d\d[ ]\d\d"  # 044 123 45 67
    r"|05\d\d[ ]\d{3}[ ]\d\d[ ]\d\d"  # 0532 123 45 67
    r"|0[1-9]\d?\d?-\d{2,3}[ ]\d{2,3}(?:[ ]\d\d)?"  # 070-123 45 67
    r"|04\d\d[ ]\d\d[ ]\d\d[ ]\d\d"  # 0470 12 34 56
    r"|0\d{1,3}-\d{2,4}-\d{4}"  # 03-1234-5678
    r"|8[ -]?\(\d{3}\)[ ]?\d{3}-\d\d-\d\d|8[ -]\d{3}[ -]\d{3}-\d\d-\d\d"  # 8 (495) 123-45-67
    r"|\([1-9][1-9]\)[ ]?9\d{4}-\d{4}"  # (11) 91234-5678
    r")(?![^\W_]|[./-]?\d|,\d|-\w)"
)
# Groupings that part numbers have as well. They count only if the number is alone on its line.
_ALONE = re.compile(
    r"^[ ]*(?P<number>[2-9]\d\d[.-][2-9]\d\d[.-]\d{4}|0[1-9]\d{2,3}[ /-]\d{5,8}|0[1-9]\d[ -]\d{6,8})[ ]*$", re.MULTILINE
)

_NUMBERED = re.compile(
    r"(?:\bp/?n|\bparts?|\bpos(?:itions?)?|\bitems?|\bdrawings?|\bdwg|zeichnung\w*|zchn|\bplan|\bdessin|\bdisegno|\bplano|rysun\w+"
    r"|artikel\w*|\bart|article|artículo|articolo|material|\bmat|\bref(?:erence|erencia|erenz)?|référence|réf|\borders?|\bpo"
    r"|bestell\w*|auftrag\w*|commande|pedido|ordine|zamówien\w*|angebot\w*|anfrage\w*|quot(?:e|ation)|offer|offerte?|\brfq"
    r"|invoice|rechnung\w*|facture|factura|fattura|serial|\bs/?n|serien\w*|\bean|\bgtin|\bupc|\bsku|\bhs|zolltarif\w*|tariff?"
    r"|\bcert\w*|\bbatch|charge\w*|\blot|\bvat|\bust\w*|kunden\w*|customer|account|konto\w*|lieferschein\w*|\btype?|typ|\bmodel"
    r"|teile\w*|sach\w*|ident\w*|стать\w*|арт|артикул|чертеж|заказ|件号|图号|型号|品番|図番|#)"
    r"(?:[ ]?(?:no|nr|n°|nº|№|num|number|nummer|numer|code|id|номер)\b)?[\s.:#()=/-]{0,4}$",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"[ ]?(?:pcs?|pieces?|stk|stck|stück|st\.|ea\b|units?|szt|adet|pz|pezzi|pi[eè]ces|piezas|uds?\b|ks\b|db\b|kg|mm"
    r"|cm|km\b|[mtxg]\b|to\b|nos\b|sets?\b|pairs?|rolls?|€|eur|usd|gbp|chf|pln|\$|£|%|°|шт|个|件|台|本|個)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)(?:(?:[0-2]?\d|3[01])[./-](?:0?\d|1[0-2])[./-](?:19|20)\d\d|(?:19|20)\d\d[./-](?:0?\d|1[0-2])[./-](?:[0-2]?\d|3[01]))(?!\d)"
)
_NOT_A_DIGIT = "\x01"
_GROUP = re.compile(r"\d+", re.ASCII)
_GOES_ON = re.compile(r"\d|,\d|_", re.ASCII)
_YEAR = re.compile(r"/ ?(?:19|20)\d\d(?!\d)", re.ASCII)
_CODE_LINE = re.compile(r"[ ]*(?=(?:[^\d\n]*\d){4})[\dA-Z][\dA-Z ./-]{4,30}[ ]*")


def phones(plain: str) -> Iterator[tuple[int, int]]:
    """Yields where telephone numbers are, in order and without overlaps.

    Digits, spaces and hyphens of the text must be ASCII.
    """
    plain = _DATE.sub(lambda found: _NOT_A_DIGIT * len(found[0]), plain)
    found = sorted({*_with_code(plain), *_labelled(plain), *_shaped(plain)}, key=lambda span: (span[0], -span[1]))
    done = 0
    for start, end in found:
        if start >= done:
            extension = _EXTENSION.match(plain, end)
            done = extension.end() if extension else end
            yield start, done


def _with_code(plain: str) -> Iterator[tuple[int, int]]:
    for found in _PLUS.finditer(plain):
        if end := _end_with_code(plain, *found.span(), prefix=""):
            yield found.start(), end
    for found in _ZERO_ZERO.finditer(plain):
        start = found.start()
        end = _end_with_code(plain, *found.span(), prefix="00")
        if end and not _is_numbered(plain, start) and not _is_article_number(plain[start:end]):
            yield start, end


def _end_with_code(plain: str, start: int, end: int, *, prefix: str) -> int | None:
    for stop in _stops(plain, start, end):
        digits = _digits(plain[start:stop]).removeprefix(prefix)
        code = _COUNTRY.match(digits)
        national = digits[code.end() :].removeprefix("0") if code else "0"
        if code is None or national.startswith("0"):
            return None
        if code[0] == _NORTH_AMERICA:
            fits = _NANP.fullmatch(national) is not None
        elif code[0] == _RUSSIA:
            fits = len(national) == _RUSSIAN_DIGITS
        else:
            fits = len(national) >= _LEAST_NATIONAL and len(digits) <= _MOST_DIGITS
        # Without separators, a number that begins with 00 may be an order number with leading zeros.
        if fits and (not prefix or len(digits) >= _LEAST_UNSET or not plain[start:stop].isdecimal()):
            return stop
    return None


def _labelled(plain: str) -> Iterator[tuple[int, int]]:
    for found in _LABELLED.finditer(plain):
        word, start = found["word"].lower(), found.start("number")
        if word in _TRUNK_ONLY and plain[start] not in "0+(":
            continue
        least = _LEAST_WEAK if word in _WEAK else _LEAST_SIGNED if found["sign"].strip() else _LEAST_LABELLED
        yield from _one_and_others(plain, start, found.end("number"), least)
    for found in _ASKED_TO_CALL.finditer(plain):
        start = found.start("number")
        if not _is_numbered(plain, start):
            yield from _one_and_others(plain, start, found.end("number"), _LEAST_LABELLED)


def _one_and_others(plain: str, start: int, end: int, least: int) -> Iterator[tuple[int, int]]:
    """Yields the number and the numbers after it, as in `Tel. 089 123456 / 0171 1234567`."""
    while stop := next((stop for stop in _stops(plain, start, end) if _digit_count(plain, start, stop) >= least), None):
        yield start, stop
        another = _AND_ANOTHER.match(plain, stop)
        if another is None:
            return
        start, end = another.span("number")
        least = _LEAST_LABELLED


def _shaped(plain: str) -> Iterator[tuple[int, int]]:
    for found in _SHAPES.finditer(plain):
        start, end = found.span()
        if _counts(plain, end) or _is_numbered(plain, start) or _is_article_number(found[0]) or _YEAR.search(found[0]):
            continue
        if _LEAST_SHAPED <= _digit_count(plain, start, end) <= _MOST_SHAPED:
            yield start, end
    for found in _ALONE.finditer(plain):
        if not _is_one_of_a_list(plain, *found.span()):
            yield found.span("number")


def _stops(plain: str, start: int, end: int) -> Iterator[int]:
    """Yields where a number that begins at `start` may end: at the ends of groups of digits, the last first."""
    stops: list[int] = []
    count, last = 0, start
    for group in _GROUP.finditer(plain, start, end):
        gap = plain[last : group.start()]
        begins_another = "/ 0" in gap + group[0] or "/ (" in gap or (gap.isspace() and len(gap) > 1)
        if count >= _LEAST_LABELLED and begins_another:
            break
        count, last = count + len(group[0]), group.end()
        if count > _MOST_DIGITS + 2:
            break
        stops.append(last)
    for stop in reversed(stops):
        if not _counts(plain, stop) and not _GOES_ON.match(plain, stop):
            opened = plain.count("(", start, stop) > plain.count(")", start, stop)
            yield stop + 1 if opened and plain.startswith(")", stop) else stop


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def _digit_count(plain: str, start: int, end: int) -> int:
    return len(_digits(plain[start:end]))


def _counts(plain: str, end: int) -> bool:
    """Whether a unit or a currency follows, so that the number is a quantity or a price."""
    return _QUANTITY.match(plain, end) is not None


def _is_numbered(plain: str, start: int) -> bool:
    """Whether the words before the number show that it is the number of a part or an order."""
    return _NUMBERED.search(plain, max(0, start - _BEFORE), start) is not None


def _is_article_number(text: str) -> bool:
    """Whether the text has a label such as EAN, UPC or GTIN and a valid check digit."""
    if not text.isdecimal() or len(text) not in (12, 13, 14):
        return False
    weighed = [int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text))]
    return sum(weighed) % 10 == 0


def _is_one_of_a_list(plain: str, start: int, end: int) -> bool:
    above = plain[max(0, start - _BEFORE) : start].rstrip().rpartition("\n")[2]
    below = plain[end : end + _BEFORE].lstrip().partition("\n")[0]
    return (
        above.endswith(":") or any(_CODE_LINE.fullmatch(line) for line in (above, below)) or _is_numbered(plain, start)
    )
