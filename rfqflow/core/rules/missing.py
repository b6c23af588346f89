"""What a person would have to ask back before quoting."""

import re
from collections.abc import Mapping, Sequence

from rfqflow.core.answer import LineItem, Missing
from rfqflow.core.model import Rfq
from rfqflow.core.rules.dates import Dates
from rfqflow.core.rules.parts import details
from rfqflow.core.rules.text import Text

# A capital after a preposition is a place more often than not; a gap is only reported where not even that is there.
_PLACE = re.compile(
    r"\b(?:to|in|at|near|for|nach|bei|zu|à|en|au|pour|chez|para|a|di|per|te|naar|voor|do|w|na|till"
    r"|i|v|DAP|DDP|FOB|EXW|FCA|CIF|CIP|CPT) (?:[Oo]ur |the |den |der |la |le |el "
    r")?[A-ZÄÖÜÉÇŞİŁŻ][\w-]{2,}|\b\d{5}\b|\b[A-Z]{2} \d{5}\b|[省市区县]|都|県"
)
_DIGIT = re.compile(r"\d")
_FEW_DIGITS = 5  # without sizes nobody can quote
_LONG = 60  # words: who writes so much has said what it is


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
    """The gaps, most important first. Only what nothing in the text could fill is a gap."""
    attached = "attached" in signs and "nothing attached" not in signs
    vague = not attached and len(_DIGIT.findall(text.body)) < _FEW_DIGITS
    gaps: list[tuple[Missing, bool]] = [
        ("quantity", route not in {"services", "logistics"} and not any(item.quantity for item in items)),
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
        ("delivery_location", place is None and "place" not in signs and not _PLACE.search(text.body)),
        (
            "due_date",
            not (
                when.due
                or when.due_text
                or when.deadline
                or "timeframe" in signs
                or "critical" in signs
                or "high" in signs
            ),
        ),
        ("specification", vague and not any(item.part_number or item.standards for item in items)),
        ("contact", not (rfq.name or "").strip() and not (rfq.phone or "").strip()),
    ]
    return tuple(name for name, is_missing in gaps if is_missing)


def _made_to_order(items: Sequence[LineItem], text: Text) -> bool:
    return bool(items) and len(text.words) < _LONG and not any(item.part_number or item.standards for item in items)
