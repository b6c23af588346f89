"""Commercial terms: the Incoterm, the place of delivery, and the customer's own budget."""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import re
from decimal import Decimal
from typing import get_args

from rfqflow.core.answer import Incoterm, Money
from rfqflow.core.rules import numbers
from rfqflow.core.rules.text import listed, tidy
from rfqflow.core.text.sanitize import cut, fold

_INCOTERM = re.compile(
    r"(?<![\w-])(EXW|FCA|FAS|FOB|CFR|CIF|CPT|CIP|DAP|DPU|DDP)(?![\w-])[ \t]*(?:\(?Incoterms?®?(?: "
    r"\d{4})?\)?)?,?[ \t]*(?P<place>(?:port |Port |Hafen |puerto )?[^\W\d_a-z][^\W\d_]+(?:[ "
    r"'-][^\W\d_a-z][^\W\d_]*){0,3})?"
)
_CODES = tuple(get_args(Incoterm))
_NAMED: tuple[tuple[str, Incoterm], ...] = (
    ("delivered duty paid", "DDP"),
    ("ex works", "EXW"),
    ("ex-works", "EXW"),
    ("ab werk", "EXW"),
    ("franco fabbrica", "EXW"),
    ("départ usine", "EXW"),
    ("franco fábrica", "EXW"),
    ("af fabriek", "EXW"),
    ("delivered at place", "DAP"),
    ("free on board", "FOB"),
)
# Only the cue ignores case, since capitals distinguish names from prepositions.
_PLACE = re.compile(
    r"(?i:\b(?:deliver(?:y|ed|ies)?|ship(?:ping|ped|ment)?|send|freight|destination|site"
    r"|location|place of delivery|supply|install(?:ation|ed)?|lieferung|liefern|anlieferung"
    r"|lieferort|lieferadresse|montage|frei haus|geliefert|baustelle|livraison|livrer"
    r"|livré[es]?|lieu|site"
    r"|entrega|entregar|lugar|envío|puesto en|consegna|consegnare|luogo|resa|levering"
    r"|afleveren|leveren|leveradres|locatie|dostawa|dostawy|dostarczyć|miejsce|local|leverans"
    r"|levereras|plats|teslimat|teslim|dodání|dodat|místo)\b)"
    r"(?P<gap>(?:[^.\n;:!?]|(?<=\d)\.(?=\d)){0,24}?)(?:[:=]\s*|\b(?i:to|at|in|into|near|is|nach|zu|zum|zur|an|auf"
    r"|à|a|en|em|in|au|aux|chez|di|te|naar|op|do|w|na|till|i|för|yeri|v|frei haus|frei werk"
    r"|bei)\s+)(?i:(?:our|the|unser(?:em|en|er|e)?|den|der|dem|die|notre|nos|la|le|nuestr[ao]"
    r"|nostr[ao]|onze|de)\s+)?"
    r"(?P<place>(?:\d{4,6}(?:-\d{3})?\s+)?[^\W\d_a-zäöüß][^\W\d_]+(?:[ "
    r",'/&-]{1,2}(?:[^\W\d_a-zäöüß][^\W\d_]*|\d{1,4}[a-z]?(?=,)|\d{4,6}|am|an der|im|of|de|la|le|sur|del|upon"
    r"|plant|depot|warehouse|works|site|port|werk|store|stores)(?![^\W_])){0,5})"
)
_TURKISH = re.compile(
    r"\b(?P<place>[A-ZÇĞİÖŞÜ][^\W\d_]+)(?:['’](?:y?[ae]|d[ae]))?\s+(?:teslim|teslimat)", re.IGNORECASE
)
_CJK = re.compile(
    r"(?:交货地点?|送货地址|交付地点|目的地|到货地点|収集地|納入場所|納品先|場所は|納入先|납품장소"
    r"|납품지|도착지|مكان التسليم|التسليم (?:في|إلى))\s?(?:[:：は은는]|为"
    r"|在)?\s?(?P<place>[^\s,，。；;、.]{2,30})"
)
_NO_PLACE = listed(
    "monday tuesday wednesday thursday friday january february march april may june july "
    "august september october november december januar februar märz mai juni juli oktober "
    "dezember janvier février mars avril juin juillet août octobre novembre"
    " our the we please quote price"
)
_CURRENCY = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "zł": "PLN",
    "kč": "CZK",
    "us$": "USD",
    "euro": "EUR",
    "euros": "EUR",
    "dollar": "USD",
    "dollars": "USD",
    "rmb": "CNY",
    "元": "CNY",
    "円": "JPY",
    "tl": "TRY",
    "₺": "TRY",
    "원": "KRW",
    "r$": "BRL",
}
_MARK = (
    r"US\$|R\$|[€$£¥₹₺]|(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|TRY|JPY|CNY|RMB|INR|BRL|AUD|CAD|SGD"
    r"|AED|SAR|ZAR|KRW|MXN|HUF|RON)\b|euros?\b|dollars?\b|zł|Kč|TL\b|元|円|원"
)
_BUDGET = re.compile(
    rf"(?:\b(?:budget(?:ed|rahmen)?|cost ceiling|price cap|target price|not exceed"
    rf"|max(?:imum)? spend|Kostenrahmen|Zielpreis|presupuesto (?:máximo|disponible|aprobado)"
    rf"|enveloppe|budżet\w*|orçamento (?:máximo|disponível)|bütçe\w*|rozpočet|tope)\b|预算|予算"
    rf"|예산|الميزانية)[^.\n;!?]{{0,50}}?"
    rf"(?:(?P<before>{_MARK})\s?(?P<n1>{numbers.NUMERAL})\s?(?P<k1>{numbers.SCALE}|[万萬])?"
    rf"|(?P<n2>{numbers.NUMERAL})\s?(?P<k2>{numbers.SCALE}|[万萬])?\s?(?P<after>{_MARK}))",
    re.IGNORECASE,
)


def incoterm(body: str) -> tuple[Incoterm | None, str | None]:
    """The Incoterm, and the place that is named with it."""
    match = _INCOTERM.search(body) if any(code in body for code in _CODES) else None
    if match:
        named: Incoterm = match[1]  # type: ignore[assignment]  # the pattern admits nothing else
        return named, match["place"]
    lowered = body.lower()
    return next(((name, None) for phrase, name in _NAMED if phrase in lowered), (None, None))


def delivery_place(body: str, with_incoterm: str | None) -> str | None:
    """The place of the delivery or the work."""
    for match in _PLACE.finditer(body):
        place = match["place"].strip(" ,'/&-")
        if place.split()[0].lower() not in _NO_PLACE:
            return cut(tidy(place), 120) or None
    found = _CJK.search(body) or _TURKISH.search(body)
    place = found["place"] if found else with_incoterm
    return cut(tidy(place or ""), 120) or None


def budget(body: str, language: str | None) -> Money | None:
    """An amount that the text calls a budget. A price in a quoted mail is not a budget."""
    match = _BUDGET.search(body)
    if not match:
        return None
    mark = (match["before"] or match["after"]).lower()
    plain = fold(mark)  # the pattern also accepts signs that look like these letters
    code = _CURRENCY.get(mark) or _CURRENCY.get(plain) or plain.upper()
    point = language in numbers.DECIMAL_POINT or language is None
    # No price has three decimals, so three digits after a separator are thousands.
    value = numbers.read(match["n1"] or match["n2"], counts=True, decimal_point=point)
    if value is None:
        return None
    value = numbers.scaled(value, match["k1"] or match["k2"])
    return Money(amount=Decimal(value), currency=code)
