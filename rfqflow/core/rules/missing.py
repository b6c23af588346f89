"""The facts that a person would request from the customer before an offer."""

import re
from collections.abc import Mapping, Sequence

from rfqflow.core.answer import LineItem, Missing
from rfqflow.core.records import Rfq
from rfqflow.core.rules.dates import Dates
from rfqflow.core.rules.part_numbers import details
from rfqflow.core.rules.text import Text, listed, plainest, words

# A capital after a preposition is usually a place. A missing place is reported only if the text has not even that.
_PLACE = re.compile(
    r"\b(?:to|in|at|near|for|nach|bei|zu|à|en|au|pour|chez|para|a|di|per|te|naar|voor|do|w|na|till"
    r"|i|v|DAP|DDP|FOB|EXW|FCA|CIF|CIP|CPT) (?:[Oo]ur |the |den |der |la |le |el "
    r")?[A-ZÄÖÜÉÇŞİŁŻ][\w-]{2,}|\b\d{5}\b|\b[A-Z]{2} \d{5}\b|[省市区县]|都|県"
)
# In `Billings MT`, the American state shows that the word before it is a town.
_TOWN = re.compile(
    r"\b[A-Z][a-z]+,? (?:A[BKLRZ]|BC|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ABDEINOST]|N[BCDEHJLMSVY]|O[HNKR]"
    r"|P[AER]|QC|RI|S[CDK]|T[NX]|UT|V[AT]|W[AIVY])\b"
    r"|\b(?:[Pp]lace|[Ll]ocation|[Ss]ite|[Yy]ard|[Pp]ost ?code|Standort|Ort|Lieu|Lugar|Luogo|Miejsce|Plaats)"
    r"(?: is|:| ist| est)"
    r"|\b(?:we are|we're|i am|i'm|based|located) (?:based |located )?(?:in|near|outside) \w{3,}"
    r"|(?<!\w)\w{3,}+ (?:>|->|→) \w{3,}|送到|送货|納入先|배송지|납품지"
)
_FRAME = re.compile(
    r"\b\d{1,3} ?(?:wks?|weeks?|days?|hrs?|hours?|months?|h)\b"
    r"|\b(?:over|during|in|for|throughout) 20\d\d\b",
    re.IGNORECASE,
)
_OPEN_NUMBER = re.compile(
    r"(?:quantit\w{1,12}|qty|number|nombre|menge|stückzahl|cantidad|numero|ilość|aantal|adet|数量|수량)[^.;\n]{0,24}?"
    r"(?:\btb[cda]\b|confirm\w*|not (?:yet )?(?:known|fixed|decided)|\boffen\b|da definire|do ustalenia|por definir"
    r"|nog (?:niet )?bekend|belli değil|还没定|未定|미정)"
    r"|(?:\btb[cd]\b|to be confirmed) (?:quantit\w{1,12}|qty)",
    re.IGNORECASE,
)
_ONE = re.compile(r"\b(?:one|1) (?!of\b)[a-z]", re.IGNORECASE)
# A department is not a contact.
_DEPARTMENT = listed(
    "purchasing purchase procurement buying buyer buyers sales office info admin department dept team desk orders"
    " enquiries einkauf abteilung vertrieb achats service compras departamento acquisti ufficio zakupy dzial inkoop"
    " afdeling inkop satin alma nakup 采购 购买部 調達 구매"
)
# Routes whose goods need no quantity: jobs are not counted, and a new hall is one thing.
_UNCOUNTED = frozenset({"services", "logistics", "civil", "automation"})
_DIGIT = re.compile(r"\d")
_FEW_DIGITS = 5  # a text with fewer digits states no sizes, without which there can be no offer
_LONG = 60  # words; a longer text describes its goods


def missing(
    rfq: Rfq,
    *,
    text: Text,
    signs: Mapping[str, int],
    route: str,
    items: Sequence[LineItem],
    when: Dates,
    place: str | None,
) -> tuple[Missing, ...]:
    """The missing facts, the most important first. A fact is missing only if no part of the text may state it."""
    attached = "attached" in signs and "nothing attached" not in signs
    vague = not attached and len(_DIGIT.findall(text.body)) < _FEW_DIGITS
    gaps: list[tuple[Missing, bool]] = [
        ("quantity", _uncounted(text, route, items)),
        (
            "material",
            route == "mechanical"
            and not attached
            and len(text.words) < _LONG
            and details(text.body[:4000]).material is None,
        ),
        (
            "drawing",
            not attached and ("nothing attached" in signs or (route == "mechanical" and _made_to_order(items, text))),
        ),
        (
            "delivery_location",
            place is None and "place" not in signs and not (_PLACE.search(text.body) or _TOWN.search(text.body)),
        ),
        (
            "due_date",
            not (
                when.due
                or when.due_text
                or when.deadline
                or "timeframe" in signs
                or "critical" in signs
                or "low" in signs  # words for "not urgent" state a time, words for "urgent" do not
                or _FRAME.search(text.body)
            ),
        ),
        ("specification", vague and not any(item.part_number or item.standards for item in items)),
        ("contact", _is_nobody(rfq.name or "") and not (rfq.phone or "").strip()),
    ]
    return tuple(name for name, is_missing in gaps if is_missing)


def _uncounted(text: Text, route: str, items: Sequence[LineItem]) -> bool:
    if _OPEN_NUMBER.search(text.body):
        return True
    return route not in _UNCOUNTED and not any(item.quantity for item in items) and not _ONE.search(text.body)


def _is_nobody(name: str) -> bool:
    return all(word in _DEPARTMENT for word in words(plainest(name)))


def _made_to_order(items: Sequence[LineItem], text: Text) -> bool:
    return bool(items) and len(text.words) < _LONG and not any(item.part_number or item.standards for item in items)
