"""What identifies a thing: part number, revision, material, standards, and certificates."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STANDARD = re.compile(
    r"\b(?:(?:DIN|EN|ISO|IEC|BS|NF|UNI|UNE|NEN|PN|SS|TS|CSN|VDE)(?:[ -/](?:EN|ISO|IEC|VDE))*"
    r"|ASTM|ASME|ANSI|API|AWS|JIS|GB/?T?|GOST|NACE|SAE|VDI|UL|CSA|NEMA|IPC|MIL-[A-Z]{1,4}|AMS"
    r"|AISC|NFPA|ATEX|MSS|SMS)[ -]?[A-Z]{0,3}[ -]?\d{1,6}(?:[.:/-]\d{1,5}){0,3}[A-Za-z]?\b"
)
_MATERIAL = re.compile(
    r"\b(?:1\.[0-9]{4}|(?:AISI|SAE)\s?\d{3,4}[A-Z]{0,2}|(?:SS|SUS|RVS|inox)[ -]?(?:3[012]\d"
    r"|4[1-4]\d)[A-Z]{0,2}|3(?:04|16|10|21|47)[LH]?\s?(?:SS|stainless|inox)|(?:304|316)(?:L|Ti"
    r"|H)|S(?:235|275|355|420|460|690)[A-Z0-9+]{0,6}"
    r"|(?:EN[ -])?(?:GJS|GJL)[ -]\d{3}(?:-\d{1,2})?[A-Z]{0,2}"
    r"|[1-9]\d{0,2}Cr[A-Z][A-Za-z0-9]{1,10}|C(?:15|22|35|40|45|60)E?|A(?:36|105|106|182|193"
    r"|194|216|312|351|516|572)\b(?:[ -]?Gr\.?\s?\w{1,4})?|(?:EN AW[ -]?)?(?:2024|5052|5083"
    r"|5754|6060|6061|6063|6082|7075)(?:-T\d{1,3})?"
    r"|Ti-?6Al-?4V|(?:Inconel|Hastelloy|Monel|Incoloy|Alloy)\s?\w{1,6}|Hardox\s?\d{3}|PA "
    r"?6(?:\.6|6)?(?:-?G)?(?:[ -]?GF\d{2})?|POM(?:-[CH])?|PEEK|PTFE|PVDF|PVC(?:-U)?|HDPE"
    r"|PE(?:-?HD|100|-UHMW)?|EPDM|NBR|FKM|Viton|CuSn\w{1,6}|CuZn\w{1,6}|WCB|CF8M|CF8|super "
    r"duplex|duplex|cast iron|ductile iron|brass|bronze"
    r"|(?:stainless|carbon|mild|tool|spring) steel|alumini?um|copper|titanium|Edelstahl|Stahl"
    r"|Messing|Kupfer|Gusseisen|Rotguss|acier inoxydable|acier|laiton|fonte|acero inoxidable"
    r"|acero|latón|fundición|acciaio inox|acciaio|ottone|ghisa|roestvast staal|staal|messing"
    r"|stal nierdzewna|mosiądz|aço inoxidável|aço"
    r"|latão|rostfritt stål|stål|mässing|paslanmaz çelik|çelik|pirinç|nerezová ocel|ocel|mosaz"
    r"|不锈钢|碳钢|铝合金|黄铜|ステンレス|アルミ)(?!\w)",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?<![\w/.-])(?=[A-Z0-9./-]{0,30}\d)(?=[0-9./-]{0,10}[A-Z])[A-Z0-9]{1,12}(?:[-/.][A-Z0-9]{1,1"
    r"2}){1,5}(?![\w-])|(?<![\w/.-])[A-Z]{2,5}\d{4,10}[A-Z]{0,3}(?![\w-])"
)
_LABELLED_PART = re.compile(
    r"(?:\bp/?n\b|\bmpn\b|part (?:no|number|#)|drawing (?:no|number)|drg|dwg|item code"
    r"|art(?:ikel)?\.?-?(?:nr|nummer)|teile-?(?:nr|nummer)|sach-?(?:nr|nummer)"
    r"|zeichnungs?-?(?:nr|nummer)?|ref(?:erence)?\.?|réf(?:érence)?\.?|código|codice|plan[o]? "
    r"n[°ºo.]+|disegno|tekening(?:nr)?|rysunek|nr rys|desenho|ritning|teknik resim(?: no)?"
    r"|výkres(?: č)?|图号|図番)"
    r"\.?\s?(?:no\.?|nr\.?|n[°º]|#)?\s?[:=]?\s?(?P<part>(?=[\w./-]*\d)[A-Z0-9][\w./-]{2,30})",
    re.IGNORECASE,
)
_NO_PART = re.compile(
    r"^(?:M\d|DN|PN|IP\d|R[AZ]?\d|G\d|EN|DIN|ISO|IEC|ASTM|ASME|API|UN|T\d$|H\d$|\d+[.,/x-]\d+|I/O"
    r"|S7|C\d+/\d+|IEC|MIL|CAT|\d+-?(?:MM|CM|M|KW|KG|A|V|W|HP|BAR|T|FT|IN)$"
    r"|\d{1,2}-\d{1,2}-\d{2,4})"
)
_REVISION = re.compile(
    r"\b(?:rev(?:ision|isión|isione|isão|ize)?|index|indeks|indice|indice de rév|issue|ausgabe"
    r"|änderungsstand|版本|改訂)\.?\s?[:#]?\s?(?P<rev>[A-Z]{1,2}\d{0,2}|\d{1,2})\b",
    re.IGNORECASE,
)
_CERTIFICATE = re.compile(
    r"\b(?:EN\s?10204[ /-]?\s?[23]\.[12]|(?:APZ|WAZ|MTC|certificado|certificat[oi]?|zeugnis"
    r"|certificate|cert\.?|certs|atest|świadectwo|sertifika"
    r"|Abnahmeprüfzeugnis)\s?(?:EN\s?10204[ -]?)?[23]\.[12]|[23]\.[12]\s?(?:cert\w*|zeugnis"
    r"|Abnahmeprüfzeugnis|MTC)"
    r"|mill (?:test )?cert(?:ificate)?s?|mill test reports?|MTRs?|certificate of (?:conformity"
    r"|conformance|analysis|origin)|CoC\b|CoA\b|PPAP(?: level \d)?|FAIR?\b|first article "
    r"inspection|ISO\s?(?:9001|14001|45001|13485|17025|22000|3834)(?::\d{4})?|ISO/IEC\s?17025"
    r"|IATF\s?16949|AS\s?9100[A-Z]?|EN\s?1090(?:-\d)?(?:\s?EXC\s?\d)?"
    r"|UKAS|DAkkS|COFRAC|ENAC|ACCREDIA|NABL|FSC\b|RoHS|REACH\b|UL listed|CE[- ](?:mark(?:ing"
    r"|ed)?|kennzeichnung|marquage)|marquage CE|marcado CE|marcatura CE|ATEX|IECEx|DNV|ABS "
    r"certified|Lloyd'?s|Bureau Veritas|FDA|EC\s?1935(?:/2004)?|NSF|WRAS|KTW|ACS\b|halal"
    r"|kosher|ISPM[ -]?15|Werkszeugnis|calibration certificates?|Kalibrierschein)\b"
)


@dataclass(frozen=True, slots=True)
class Details:
    part_number: str | None
    revision: str | None
    material: str | None
    standards: tuple[str, ...]


def details(description: str) -> Details:
    """The facts in an item's description besides its name."""
    standards = tuple(dict.fromkeys(match[0] for match in _STANDARD.finditer(description)))[:12]
    material, revision = _MATERIAL.search(description), _REVISION.search(description)
    labelled = _LABELLED_PART.search(description)
    part = (
        labelled["part"].rstrip("./-")
        if labelled
        else next(_parts(description, standards, material[0] if material else ""), None)
    )
    return Details(part, revision["rev"] if revision else None, material[0] if material else None, standards)


def certificates(text: str) -> tuple[str, ...]:
    """The certificates and approvals in a text, each once."""
    found = dict.fromkeys(" ".join(match[0].split()) for match in _CERTIFICATE.finditer(text))
    return tuple(found)[:12]


def _parts(description: str, standards: tuple[str, ...], material: str) -> Iterator[str]:
    taken = " ".join(standards) + " " + material
    for match in _PART.finditer(description):
        if match[0] not in taken and not _NO_PART.match(match[0]):
            yield match[0]
