"""What a person would have to ask back before quoting."""

import re
from collections.abc import Iterator, Sequence

from rfqflow.core.answer import LineItem, Missing
from rfqflow.core.model import Rfq
from rfqflow.core.rules.dates import Dates

_ATTACHED = re.compile(
    r"\b(?:attach\w*|enclosed|drawing\w*|dwgs?|sketch\w*|gerber|datasheet|data sheet|spec sheet|specification\w*|boq|bill of quantities|bom|step|stp|dxf|pdf|cad|model|scan|photos?|pictures?|sample|anhang|anbei|angehangt|beigefugt|anlage|zeichnung\w*|skizze|datenblatt|muster|lv|ci-joint\w*|piece jointe|en pj|joint\w*|plans?|dessins?|croquis|echantillon|cahier des charges"
    r"|adjunt\w*|plano\w*|muestra|pliego|allegat\w*|disegn\w*|campione|capitolato|bijlage|bijgevoegd|tekening\w*|schets|monster|zalacz\w*|zalacznik\w*|rysun\w*|rysunk\w*|szkic|wzor|anexo|anexad\w*|desenho\w*|amostra|bifog\w*|ritning\w*|skiss|ekte|ekli|ekteki|teknik resim\w*|cizim\w*|numune|priloh\w*|vykres\w*|nakres|portal|link|download|wetransfer|data room)\b"
    r"|附件|图纸|附图|添付|図面|첨부|도면|مرفق|المرفق|رسم"
)
_NONE_ATTACHED = re.compile(
    r"\b(?:no (?:\w+ )?(?:drawings?|specs?|sketch\w*)(?: (?:yet|available|so far))?|without drawings?|don'?t have (?:\w+ )?(?:drawings?|specs?)|drawings? (?:to follow|will follow|later|not yet)|keine zeichnung\w*|zeichnung (?:folgt|fehlt)|ohne zeichnung|pas de (?:plans?|dessins?|schema)|sans plan|plan a suivre|sin planos?|no (?:tenemos|hay) planos?"
    r"|planos? pendiente|nessun disegno|senza disegno|disegno (?:a seguire|segue)|geen tekening\w*|tekening volgt|brak rysunk\w*|nie mamy rysunk\w*|sem desenho\w*|ingen ritning|teknik resim yok|cizim yok|bez vykres\w*|vykres nemame)\b|没有图纸|暂无图纸|図面はありません|図面なし|도면 없|لا يوجد رسم"
)
_PLACE = re.compile(
    r"\b(?:deliver\w*|ship\w*|site|location|located|freight to|collect\w*|pick[ -]?up|liefer\w*|frei haus|baustelle|standort|abholung|livr\w+|lieu|sur site|chantier|entreg\w+|obra|planta|ubicad\w+|consegn\w+|cantiere|stabilimento|lever\w*|locatie|afhal\w*|dostaw\w*|miejsc\w*|odbior\w*|local|retirada|leverans|plats|teslim\w*|santiye|dodan\w*|misto)\b|交货|送货|地址|納入|場所|現場|납품|현장|تسليم|موقع"
)
_CUSTOM = frozenset({"mechanical", "civil", "process"})
_RAW = frozenset({"mechanical", "materials"})
_SPECIFIC = re.compile(r"\d")
_FEW_WORDS = 12


def missing(rfq: Rfq, *, folded: str, route: str, items: Sequence[LineItem], when: Dates, place: str | None, measured: bool) -> tuple[Missing, ...]:
    """The gaps, most important first. Only what nothing in the text could fill is a gap."""
    return tuple(dict.fromkeys(_gaps(rfq, folded=folded, route=route, items=items, when=when, place=place, measured=measured)))


def _gaps(rfq: Rfq, *, folded: str, route: str, items: Sequence[LineItem], when: Dates, place: str | None, measured: bool) -> Iterator[Missing]:
    attached = bool(_ATTACHED.search(folded)) and not _NONE_ATTACHED.search(folded)
    if route not in {"services", "logistics"} and not any(item.quantity for item in items):
        yield "quantity"
    if route in _RAW and not attached and items and not any(item.material or item.standards for item in items) and not measured:
        yield "material"
    if not attached and (_NONE_ATTACHED.search(folded) or (route == "mechanical" and _made_to_order(items))):
        yield "drawing"
    if place is None and not _PLACE.search(folded):
        yield "delivery_location"
    if when.due is None and when.due_text is None and when.deadline is None:
        yield "due_date"
    if not attached and len(_SPECIFIC.findall(folded)) < 3 and not any(item.part_number or item.standards for item in items):  # noqa: PLR2004 - sizes need digits
        yield "specification"
    if not (rfq.name or "").strip() and not (rfq.phone or "").strip():
        yield "contact"


def _made_to_order(items: Sequence[LineItem]) -> bool:
    return bool(items) and not any(item.part_number or item.standards for item in items)
