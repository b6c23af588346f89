"""RFQs with drawings, specifications, tables in PDF, scans and pictures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from tests.corpus.attached.model import AttachedRfq, File, Wanted
from tests.corpus.attached.writers import drawing, pdf_flow, picture, scan, title_block

DRAWING, SPECIFICATION, TABLE, SCAN = "drawing", "specification", "PDF table", "scan or picture"


def drawings() -> Iterator[AttachedRfq]:
    """Title blocks as offices draw them: labels above or beside, in several languages."""
    block = title_block(
        [
            ("PART NO.", "7-114-A"),
            ("TITLE", "BEARING HOUSING"),
            ("REV", "C"),
            ("MATERIAL", "EN-GJS-400-15"),
            ("QTY", "250"),
            ("SCALE", "1:2"),
            ("DRAWN", "J. Ward 03.09.2026"),
            ("TOLERANCES", "ISO 2768-mK"),
            ("SHEET", "1 OF 1"),
        ]
    )
    yield AttachedRfq(
        "drawing-1", DRAWING, "en", "Please quote as per the attached drawing, delivery to Bolton by 20 February 2027.",
        (File("7-114-A.pdf", lambda: drawing(block)),), (Wanted("7-114-A", "250", "7-114-A.pdf", 1, quote="7-114-A"),),
        due=dt.date(2027, 2, 20), place="Bolton",
    )  # fmt: skip
    beside = title_block(
        [
            ("Zeichnungs-Nr.:", "W-20871"),
            ("Benennung:", "Welle"),
            ("Änd.:", "B"),
            ("Werkstoff:", "42CrMo4"),
            ("Stückzahl:", "40"),
            ("Maßstab:", "1:1"),
        ],
        columns=2,
    )
    yield AttachedRfq(
        "drawing-2", DRAWING, "de", "Guten Tag, bitte um Angebot laut Zeichnung im Anhang. Danke, Ralf Beck",
        (File("W-20871.pdf", lambda: drawing(beside, above=False, notes=((60, 60, "Alle Kanten gebrochen 0,5x45°"),))),),
        (Wanted("W-20871", "40", "W-20871.pdf", 1, quote="W-20871"),),
    )  # fmt: skip
    french = title_block(
        [
            ("N° de plan", "PL-3308"),
            ("Désignation", "Bride de fixation"),
            ("Indice", "D"),
            ("Matière", "1.4301"),
            ("Quantité", "120"),
            ("Échelle", "1:1"),
        ],
        columns=3,
    )
    yield AttachedRfq(
        "drawing-3", DRAWING, "fr", "Bonjour, pourriez-vous nous chiffrer la pièce du plan joint ? Livraison à Lyon.",
        (File("plan.pdf", lambda: drawing(french)),), (Wanted("PL-3308", "120", "plan.pdf", 1, quote="PL-3308"),), place="Lyon",
    )  # fmt: skip
    bare = title_block(
        [
            ("DWG NO", "SK-450"),
            ("DESCRIPTION", "SPACER RING"),
            ("REV", "0"),
            ("MATERIAL", "POM-C"),
            ("SCALE", "2:1"),
            ("DATE", "11/09/2026"),
        ]
    )
    yield AttachedRfq(
        "drawing-4", DRAWING, "en", "We need 600 pcs of the spacer ring SK-450 as per drawing. Regards, Ann",
        (File("SK-450.pdf", lambda: drawing(bare)),), (Wanted("SK-450", "600", None, quote="600 pcs of the spacer ring"),),
    )  # fmt: skip
    listed = [*title_block([("ASSEMBLY", "ASM-900"), ("TITLE", "FRAME"), ("REV", "A"), ("QTY", "4")], columns=2)]
    bom = [
        ("ITEM", "PART NO", "DESCRIPTION", "QTY"),
        ("1", "FR-901", "Side plate", "8"),
        ("2", "FR-902", "Cross bar", "12"),
        ("3", "FR-903", "Foot", "16"),
    ]
    notes = tuple(
        (x, 540.0 - 14 * row, cell)
        for row, cells in enumerate(bom)
        for x, cell in zip((520, 560, 640, 760), cells, strict=True)
    )
    yield AttachedRfq(
        "drawing-5", DRAWING, "en", "Kindly quote the parts of the bill of material on the drawing.",
        (File("ASM-900.pdf", lambda: drawing(listed, notes=notes)),),
        tuple(Wanted(f"FR-90{n}", q, "ASM-900.pdf", 1, quote=f"FR-90{n}") for n, q in ((1, "8"), (2, "12"), (3, "16"))),
    )  # fmt: skip
    italian = title_block(
        [
            ("Disegno n.", "DS-1190"),
            ("Denominazione", "Supporto motore"),
            ("Rev.", "2"),
            ("Materiale", "S355J2"),
            ("Quantità", "75"),
            ("Scala", "1:5"),
        ],
        columns=3,
    )
    yield AttachedRfq(
        "drawing-6", DRAWING, "it", "Buongiorno, richiediamo offerta per il particolare come da disegno allegato, consegna a Modena entro il 31/03/2027.",
        (File("DS-1190.pdf", lambda: drawing(italian)),), (Wanted("DS-1190", "75", "DS-1190.pdf", 1, quote="DS-1190"),),
        due=dt.date(2027, 3, 31), place="Modena",
    )  # fmt: skip


def specifications() -> Iterator[AttachedRfq]:
    """Prose in PDF: it has the data that the message lacks."""
    yield AttachedRfq(
        "specification-1", SPECIFICATION, "en", "We need 12 pcs of heat exchanger HX-40 as per the attached specification.",
        (File("spec HX-40.pdf", lambda: pdf_flow(
            "<b>Technical specification HX-40</b>", "1. Scope. This specification covers shell-and-tube heat exchangers.",
            "2. Design. Design pressure 16 bar, design temperature 180 degrees, according to EN 13445 and PED 2014/68/EU.",
            "3. Documents. Certificates to EN 10204 3.1 for all pressure parts.",
            "4. Delivery. Delivery to site in Antwerp not later than 30 September 2027.",
        )),), (Wanted("HX-40", "12", None, quote="heat exchanger HX-40"),), due=dt.date(2027, 9, 30), place="Antwerp",
    )  # fmt: skip
    yield AttachedRfq(
        "specification-2", SPECIFICATION, "de", "Bitte bieten Sie 3 Stück Schaltschrank SE-12 gemäß beiliegendem Lastenheft an.",
        (File("Lastenheft.pdf", lambda: pdf_flow(
            "Lastenheft Schaltschrank", "Ausführung nach DIN EN 61439-1, Schutzart IP54, Farbe RAL 7035.",
            "Prüfungen: Stückprüfung im Beisein des Kunden am 04.05.2027.", "Liefertermin: 01.06.2027, Lieferort: Duisburg.",
        )),), (Wanted("SE-12", "3", None, quote="Schaltschrank SE-12"),), due=dt.date(2027, 6, 1), place="Duisburg",
    )  # fmt: skip
    yield AttachedRfq(
        "specification-3", SPECIFICATION, "en", "Please see the attached statement of requirements and send your best offer.",
        (File("requirements.pdf", lambda: pdf_flow(
            "Statement of requirements", "The buyer requires 40 pcs of centrifugal pump CP-80 and 80 pcs of mechanical seal MS-80.",
            "Materials to ASTM A743. Testing to ISO 9906 grade 2B.", "", "Delivery address: Harbour Road 5, Aberdeen. Goods are required on site by 15 July 2027.",
        )),), (Wanted("CP-80", "40", "requirements.pdf", 1, quote="CP-80"), Wanted("MS-80", "80", "requirements.pdf", 1, quote="MS-80")),
        due=dt.date(2027, 7, 15), place="Aberdeen",
    )  # fmt: skip
    yield AttachedRfq(
        "specification-4", SPECIFICATION, "es", "Adjuntamos el pliego; necesitamos 25 uds de luminaria LM-3.",
        (File("pliego.pdf", lambda: pdf_flow(
            "Pliego de condiciones técnicas", "Luminarias según UNE-EN 60598, grado IP66.",
            "Fecha de entrega: 20/05/2027. Lugar de entrega: Sevilla.",
        )),), (Wanted("LM-3", "25", None, quote="luminaria LM-3"),), due=dt.date(2027, 5, 20), place="Sevilla",
    )  # fmt: skip


def tables() -> Iterator[AttachedRfq]:
    """Tables as reporting tools print them: with and without rules, over several pages, with sums."""
    parts = [(f"PK-{100 + n}", 10 + 3 * n) for n in range(1, 9)]
    rows: list[list[str]] = [["Item", "Part No.", "Description", "Qty", "Unit"]]
    rows += [[str(at), part, "Pump kit", str(quantity), "pcs"] for at, (part, quantity) in enumerate(parts, 1)]
    yield AttachedRfq(
        "table-1", TABLE, "en", "Please quote the enquiry attached, Incoterms DAP Cork.",
        (File("enquiry.pdf", lambda: pdf_flow("Enquiry 4471", rows)),),
        tuple(Wanted(p, str(q), "enquiry.pdf", 1, quote=p) for p, q in parts), place="Cork",
    )  # fmt: skip
    paged = [(f"QN-{200 + n}", 4 + n % 17) for n in range(90)]
    over: list[list[str]] = [["Pos.", "Teilenummer", "Bezeichnung", "Menge", "Einheit"]]
    over += [
        [str(at), part, "Distanzhülse verzinkt", str(quantity), "Stk"] for at, (part, quantity) in enumerate(paged, 1)
    ]
    yield AttachedRfq(
        "table-2", TABLE, "de", "Guten Tag, anbei unsere Anfrage mit 90 Positionen. Bitte um Angebot bis nächste Woche.",
        (File("Anfrage 90.pdf", lambda: pdf_flow("Anfrage", over)),),
        tuple(Wanted(p, str(q), "Anfrage 90.pdf", 1 + (at > 36) + (at > 74), quote=p) for at, (p, q) in enumerate(paged, 1)),
    )  # fmt: skip
    open_rows: list[list[str]] = [["Réf.", "Désignation", "Qté", "PU HT", "Total HT"]]
    open_rows += [
        ["RB-21", "Robinet à boisseau DN25", "36", "41,20", "1 483,20"],
        ["RB-22", "Robinet à boisseau DN40", "18", "63,00", "1 134,00"],
        ["RB-23", "Clapet anti-retour", "54", "12,50", "675,00"],
        ["", "Total HT", "", "", "3 292,20"],
    ]
    yield AttachedRfq(
        "table-3", TABLE, "fr", "Bonjour, merci d'actualiser vos prix de la liste jointe. Livraison : Nantes.",
        (File("liste.pdf", lambda: pdf_flow("Liste de prix 2025", open_rows, grid=False, widths=(60, 180, 50, 60, 70))),),
        tuple(Wanted(f"RB-2{n}", q, "liste.pdf", 1, quote=f"RB-2{n}") for n, q in ((1, "36"), (2, "18"), (3, "54"))), place="Nantes",
    )  # fmt: skip
    long_text = (
        "Stainless steel ball valve with ISO 5211 mounting pad, full bore, fire safe to API 607, ends NPT female"
    )
    wrapped: list[list[str]] = [
        ["Line", "Part", "Description", "Quantity"],
        ["10", "BV-15", long_text, "24"],
        ["20", "BV-25", long_text.replace("NPT", "BSP"), "36"],
        ["30", "BV-50", long_text.replace("female", "male"), "6"],
    ]
    yield AttachedRfq(
        "table-4", TABLE, "en", "Dear team, kindly quote the valves listed in the PDF. Delivery by 10 May 2027 to Dammam.",
        (File("valves.pdf", lambda: pdf_flow("Material requisition", wrapped, widths=(40, 60, 250, 60))),),
        tuple(Wanted(p, q, "valves.pdf", 1, quote=p) for p, q in (("BV-15", "24"), ("BV-25", "36"), ("BV-50", "6"))),
        due=dt.date(2027, 5, 10), place="Dammam",
    )  # fmt: skip
    sums = [(f"SM-{n}", n * 5) for n in range(11, 23)]
    summed: list[list[str]] = [["No.", "Part number", "Description", "Order qty", "UoM"]]
    for at, (part, quantity) in enumerate(sums, 1):
        summed.append([str(at), part, "Steel mesh", str(quantity), "m"])
        if at in (6, 12):
            summed.append(["", "", "Subtotal", str(sum(q for _, q in sums[at - 6 : at])), "m"])
    summed.append(["", "", "Grand total", str(sum(q for _, q in sums)), "m"])
    yield AttachedRfq(
        "table-5", TABLE, "en", "Please quote the attached list.",
        (File("mesh.pdf", lambda: pdf_flow("Purchase request PR-118", summed)),),
        tuple(Wanted(p, str(q), "mesh.pdf", 1, quote=p) for p, q in sums),
    )  # fmt: skip
    stacked: list[list[str]] = [
        ["Artikel", "Omschrijving", "Aantal"],
        ["KB-1", "Kabelgoot 100 mm", "200 m"],
        ["KB-2", "Kabelgoot 200 mm", "150 m"],
        ["KB-3", "Deksel 100 mm", "200 m"],
        ["KB-4", "Hoekstuk", "24 st"],
    ]
    yield AttachedRfq(
        "table-6", TABLE, "nl", "Graag een offerte volgens bijlage, levering uiterlijk 5 maart 2027 in Gent.",
        (File("lijst.pdf", lambda: pdf_flow("Materiaallijst", stacked, grid=False, widths=(70, 200, 80))),),
        tuple(Wanted(p, q, "lijst.pdf", 1, quote=p) for p, q in (("KB-1", "200"), ("KB-2", "150"), ("KB-3", "200"), ("KB-4", "24"))),
        due=dt.date(2027, 3, 5), place="Gent",
    )  # fmt: skip


def scans() -> Iterator[AttachedRfq]:
    """Pages and pictures without text: marked, or sent to a model as pictures."""
    sheet = ("RFQ 2201", "Part SC-10   Qty 30   Gasket", "Part SC-20   Qty 45   Gasket")
    cases: tuple[tuple[str, str, str, Any, tuple[Wanted, ...], tuple[Wanted, ...]], ...] = (
        ("scan-1", "en", "Please quote the parts of the scanned list.", ("scan.pdf", lambda: scan(sheet)), (),
         (Wanted("SC-10", "30", "scan.pdf", 1), Wanted("SC-20", "45", "scan.pdf", 1))),
        ("scan-2", "de", "Wir benötigen 15 Stück Antriebswelle AW-3 laut gescannter Zeichnung.", ("zeichnung.pdf", lambda: scan(("AW-3", "Werkstoff C45"))),
         (Wanted("Antriebswelle", "15", None, quote="Antriebswelle AW-3"),), (Wanted("AW-3", "15", None),)),
        ("scan-3", "en", "See the photo of the type plate; we need 2 pcs of this motor.", ("plate.jpg", lambda: picture(("MOTOR 1LE1", "7.5 kW 1460 rpm"), kind="JPEG", noise=True)),
         (Wanted("motor", "2", None, quote="2 pcs of this motor"),), (Wanted("motor", "2", None),)),
        ("scan-4", "en", "Whiteboard photo attached, please price it.", ("board.png", lambda: picture(("20 x clamp CL-7", "35 x clamp CL-9"))), (),
         (Wanted("CL-7", "20", "board.png", 1), Wanted("CL-9", "35", "board.png", 1))),
    )  # fmt: skip
    for case_id, language, message, (name, make), items, shown in cases:
        yield AttachedRfq(case_id, SCAN, language, message, (File(name, make),), items, unread=(name,), shown=shown)
