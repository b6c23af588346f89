"""RFQs with documents, web pages, mail threads and files in mails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from tests.corpus.attached.model import AttachedRfq, File, Wanted
from tests.corpus.attached.writers import docx, eml, pdf_flow, separated, xlsx
from tests.support.made_files import msg

DOCUMENT, MAIL, PAGE, DISAGREE = "DOCX", "mail thread", "HTML", "files and message"


def documents() -> Iterator[AttachedRfq]:
    """Word processors' tables, and texts around them."""
    rows = [
        ["Pos.", "Artikel", "Bezeichnung", "Menge"],
        ["1", "TR-10", "Tragrolle 89x500", "240 Stk"],
        ["2", "TR-20", "Tragrolle 108x650", "96 Stk"],
        ["3", "TR-30", "Gurtabstreifer", "8 Stk"],
    ]
    yield AttachedRfq(
        "document-1", DOCUMENT, "de", "Anfrage im Anhang, bitte um Ihr Angebot.",
        (File("Anfrage.docx", lambda: docx("Anfrage 2027-018", "Wir bitten um ein Angebot über folgende Teile:", rows, "Lieferung frei Werk Bochum bis zum 22.04.2027.", header="Förderbau GmbH")),),
        tuple(Wanted(p, q, "Anfrage.docx", 1, quote=p) for p, q in (("TR-10", "240"), ("TR-20", "96"), ("TR-30", "8"))),
        due=dt.date(2027, 4, 22), place="Bochum",
    )  # fmt: skip
    yield AttachedRfq(
        "document-2", DOCUMENT, "en", "RFQ attached as a Word file. Best, Carla",
        (File("rfq.docx", lambda: docx(
            "Request for quotation", "Please quote:", "- 150 pcs of cable gland CG-20", "- 75 pcs of cable gland CG-32", "- 500 m of cable H07RN-F 3G2.5",
            "Required delivery date: 8 February 2027", "Delivery address: Unit 4, Swindon",
        )),),
        (Wanted("CG-20", "150", "rfq.docx", 1, quote="CG-20"), Wanted("CG-32", "75", "rfq.docx", 1, quote="CG-32"), Wanted("H07RN-F", "500", "rfq.docx", 1, quote="H07RN-F")),
        due=dt.date(2027, 2, 8), place="Swindon",
    )  # fmt: skip
    swedish = [
        ["Artikelnr", "Benämning", "Antal", "Enhet"],
        ["KL-1", "Kullager 6205", "400", "st"],
        ["KL-2", "Kullager 6308", "250", "st"],
    ]
    yield AttachedRfq(
        "document-3", DOCUMENT, "sv", "Hej, vänligen offerera enligt bilaga. Leverans till Malmö. Mvh Erik",
        (File("forfragan.docx", lambda: docx("Förfrågan", swedish)),),
        (Wanted("KL-1", "400", "forfragan.docx", 1, quote="KL-1"), Wanted("KL-2", "250", "forfragan.docx", 1, quote="KL-2")), place="Malmö",
    )  # fmt: skip
    tables = [["Part", "Qty"], ["DX-1", "11"], ["DX-2", "22"]], [["Part", "Qty"], ["EX-1", "33"], ["EX-2", "44"]]
    yield AttachedRfq(
        "document-4", DOCUMENT, "en", "Two lots in the attached document, please quote each.",
        (File("lots.docx", lambda: docx("Lot 1: pins", tables[0], "Lot 2: sleeves", tables[1])),),
        tuple(Wanted(p, q, "lots.docx", 1, quote=p) for p, q in (("DX-1", "11"), ("DX-2", "22"), ("EX-1", "33"), ("EX-2", "44"))),
    )  # fmt: skip


def mails() -> Iterator[AttachedRfq]:
    """Mails that are attached: forwarded, with quoted older quantities, with their own files."""
    thread = "Hello Jim,\n\nwe now need 400 pcs of bushing BU-9 instead. Delivery to Hull by 12 March 2027.\n\nOn 2 Nov 2026 Jim wrote:\n> Thank you for your request for 250 pcs of bushing BU-9.\n> Our price is 2.10 EUR each.\n"
    yield AttachedRfq(
        "mail-1", MAIL, "en", "Please quote the customer's latest request, see the attached mail.",
        (File("request.eml", lambda: eml(thread, subject="RE: bushing BU-9")),), (Wanted("BU-9", "400", "request.eml", 1, quote="400 pcs of bushing"),),
        due=dt.date(2027, 3, 12), place="Hull",
    )  # fmt: skip
    yield AttachedRfq(
        "mail-2", MAIL, "de", "Weitergeleitete Anfrage anbei, bitte anbieten.",
        (File("Anfrage.eml", lambda: eml("Bitte die Liste anbieten.", subject="Anfrage Buchsen", files={
            "liste.csv": separated([["Teil", "Menge", "Einheit"], ["BX-7", "70", "Stk"], ["BX-8", "80", "Stk"], ["BX-9", "90", "Stk"]]),
        }, charset="iso-8859-1")),),
        tuple(Wanted(f"BX-{n}", str(10 * n), "Anfrage.eml > liste.csv", 1, n - 5, f"BX-{n}") for n in (7, 8, 9)),
    )  # fmt: skip
    inner = eml("We need 18 pcs of impeller IM-4 and 36 pcs of wear ring WR-4.\nShip to Bergen.", subject="Impellers")
    yield AttachedRfq(
        "mail-3", MAIL, "en", "FYI, please take over.",
        (File("fwd.eml", lambda: eml("see below", subject="FW: Impellers", inner=inner)),),
        (Wanted("IM-4", "18", "fwd.eml > Impellers.eml", 1, quote="IM-4"), Wanted("WR-4", "36", "fwd.eml > Impellers.eml", 1, quote="WR-4")), place="Bergen",
    )  # fmt: skip
    html = "<html><body><p>Buongiorno,</p><table><tr><th>Codice</th><th>Descrizione</th><th>Q.t&agrave;</th></tr><tr><td>GU-1</td><td>Guarnizione</td><td>130</td></tr><tr><td>GU-2</td><td>Guarnizione piana</td><td>260</td></tr></table><p>Consegna a Torino</p></body></html>"
    yield AttachedRfq(
        "mail-4", MAIL, "it", "Richiesta del cliente in allegato, grazie per l'offerta.",
        (File("cliente.eml", lambda: eml("", subject="Richiesta", html=html)),),
        (Wanted("GU-1", "130", "cliente.eml", 1, quote="GU-1"), Wanted("GU-2", "260", "cliente.eml", 1, quote="GU-2")), place="Torino",
    )  # fmt: skip
    yield AttachedRfq(
        "mail-5", MAIL, "en", "Outlook message attached with the request, thanks.",
        (File("request.msg", lambda: msg({0x0037: "Request", 0x0C1A: "Buyer", 0x1000: "Please quote 64 pcs of fan FN-6.\r\nDelivery to Oslo by 1 April 2027.\r\n"})),),
        (Wanted("FN-6", "64", "request.msg", 1, quote="FN-6"),), due=dt.date(2027, 4, 1), place="Oslo",
    )  # fmt: skip
    sheet = [["Part", "Description", "Quantity"], ["OT-1", "O-ring", 900], ["OT-2", "Quad ring", 450]]
    yield AttachedRfq(
        "mail-6", MAIL, "en", "Please quote as in the attached Outlook mail.",
        (File("mail.msg", lambda: msg({0x0037: "Rings", 0x1000: "List attached."}, files={"rings.xlsx": xlsx({"A": sheet})})),),
        (Wanted("OT-1", "900", "mail.msg > rings.xlsx", 1, 2, "OT-1"), Wanted("OT-2", "450", "mail.msg > rings.xlsx", 1, 3, "OT-2")),
    )  # fmt: skip


def pages() -> Iterator[AttachedRfq]:
    """Web pages as shops and ERP systems export them."""
    basket = "<!doctype html><html><head><style>.x{display:none}</style></head><body><h1>Basket</h1><table><thead><tr><th>SKU</th><th>Product</th><th>Qty</th><th>Price</th></tr></thead><tbody><tr><td>WB-100</td><td>Work bench</td><td>6</td><td>320.00</td></tr><tr><td>WB-200</td><td>Tool cabinet</td><td>9</td><td>510.00</td></tr></tbody></table></body></html>"
    yield AttachedRfq(
        "page-1", PAGE, "en", "Please quote the basket attached, delivery by 26 February 2027.", (File("basket.html", basket.encode),),
        (Wanted("WB-100", "6", "basket.html", 1, quote="WB-100"), Wanted("WB-200", "9", "basket.html", 1, quote="WB-200")), due=dt.date(2027, 2, 26),
    )  # fmt: skip
    page = "<html><body><p>Prosimy o oferte na:</p><ul><li>140 szt. tuleja TL-1</li><li>70 szt. tuleja TL-2</li></ul><p>Miejsce dostawy: Poznan</p></body></html>"
    yield AttachedRfq(
        "page-2", PAGE, "pl", "Zapytanie w załączniku.", (File("zapytanie.htm", page.encode),),
        (Wanted("TL-1", "140", "zapytanie.htm", 1, quote="TL-1"), Wanted("TL-2", "70", "zapytanie.htm", 1, quote="TL-2")), place="Poznan",
    )  # fmt: skip


def disagreeing() -> Iterator[AttachedRfq]:
    """The message states a part of what the file states: the same, more, or something else."""
    rows = [["Part", "Description", "Qty"], ["RL-5", "Roller", "60"], ["RL-6", "Roller, rubber coated", "20"]]
    yield AttachedRfq(
        "both-1", DISAGREE, "en", "We need 60 pcs of roller RL-5 and 20 pcs of RL-6, list attached. DAP Essen, 2 March 2027.",
        (File("rollers.docx", lambda: docx(rows)),),
        (Wanted("RL-5", "60", "rollers.docx", 1, quote="RL-5"), Wanted("RL-6", "20", "rollers.docx", 1, quote="RL-6")),
        due=dt.date(2027, 3, 2), place="Essen",
    )  # fmt: skip
    yield AttachedRfq(
        "both-2", DISAGREE, "en", "Please quote the list. It has 30 pcs of KN-2 by mistake: we need 50.",
        (File("list.csv", lambda: separated([["Part", "Name", "Qty"], ["KN-1", "Knob", 10], ["KN-2", "Lever", 30], ["KN-3", "Handle", 40]], separator=",")),),
        (Wanted("KN-1", "10", "list.csv", 1, 2, "KN-1"), Wanted("KN-2", "50", "list.csv", 1, 3, "KN-2"), Wanted("KN-3", "40", "list.csv", 1, 4, "KN-3")),
    )  # fmt: skip
    yield AttachedRfq(
        "both-3", DISAGREE, "de", "Bitte um Angebot über 500 Stk Schraubensatz SS-1. Die AEB liegen bei.",
        (File("AEB.pdf", lambda: pdf_flow("Allgemeine Einkaufsbedingungen", "1. Angebote sind 90 Tage gültig.", "2. Zahlung innerhalb von 30 Tagen mit 3 % Skonto.", "3. Vertragsstrafe 0,5 % je Woche, höchstens 5 %.", "4. Gewährleistung 36 Monate.", "", "5. Gerichtsstand ist Stuttgart. Stand 01.01.2024.")),),
        (Wanted("SS-1", "500", None, quote="500 Stk Schraubensatz"),),
    )  # fmt: skip
    yield AttachedRfq(
        "both-4", DISAGREE, "en", "Quote request: 24 pcs of damper DP-1. Our company brochure is attached, for your information.",
        (File("brochure.pdf", lambda: pdf_flow("About us", "Founded in 1962, we employ 450 people at 3 sites.", "In 2025 we delivered 1200 machines to 40 countries.", "Call us: +44 20 7946 0000")),),
        (Wanted("DP-1", "24", None, quote="24 pcs of damper"),),
    )  # fmt: skip
