"""RFQs whose items are in workbooks and CSV files, of 5, 60 and 600 rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from tests.corpus.attached.model import AttachedRfq, File, Wanted
from tests.corpus.attached.writers import separated, xlsx, zipped

FIVE, SIXTY, MANY, SEVERAL = "sheet, 5 rows", "sheet, 60 rows", "sheet, 600 rows", "several files"
_THINGS = ("Bracket", "Housing", "Bearing", "Flange", "Seal kit", "Shaft", "Bushing", "Cover", "Spring", "Valve body")


def _wanted(file: str, parts: Sequence[tuple[str, Any]], first: int, *, page: int = 1) -> tuple[Wanted, ...]:
    """Items by part number, in consecutive rows."""
    return tuple(Wanted(part, str(quantity), file, page, first + at, part) for at, (part, quantity) in enumerate(parts))


def _long(prefix: str, count: int) -> list[tuple[str, str, int]]:
    """Part, name and quantity of each row; no quantity is derived from another."""
    return [
        (f"{prefix}-{1000 + n * 7}", f"{_THINGS[n % 10]} {10 + n % 37} mm", 5 * (1 + n * 13 % 41)) for n in range(count)
    ]


def small() -> Iterator[AttachedRfq]:
    """Sheets of few rows in the formats of several locales."""
    parts = [("LK-2041", 120), ("LK-2042", 80), ("LK-2043", 1500), ("LK-2044", 12), ("LK-2045", 300)]
    rows: list[list[Any]] = [["Pos.", "Artikelnr.", "Bezeichnung", "Menge", "ME"]]
    rows += [[at, part, f"{_THINGS[at]} verzinkt", quantity, "Stk"] for at, (part, quantity) in enumerate(parts, 1)]
    yield AttachedRfq(
        "five-1", FIVE, "de",
        "Guten Tag,\n\nbitte bieten Sie uns die Teile der beigefügten Liste an. Lieferung bis 15.03.2027 nach Kassel.\n\n"
        "Mit freundlichen Grüßen\nPetra Lang",
        (File("Anfrage.xlsx", lambda: xlsx({"Tabelle1": rows})),), _wanted("Anfrage.xlsx", parts, 2),
        due=dt.date(2027, 3, 15), place="Kassel",
    )  # fmt: skip
    texts = [["Position", "Teilenummer", "Benennung", "Menge", "Einheit", "Zielpreis"]]
    weights = [
        ("H-771", "1.250,00", "1250"),
        ("H-772", "2.400,50", "2400.5"),
        ("H-773", "87,25", "87.25"),
        ("H-774", "310,00", "310"),
    ]
    texts += [
        [str(at), part, f"Rundstahl {at}0 mm", shown, "kg", "2,10"] for at, (part, shown, _) in enumerate(weights, 1)
    ]
    yield AttachedRfq(
        "five-2", FIVE, "de", "Sehr geehrte Damen und Herren, wir bitten um ein Angebot gemäß Anlage, frei Haus Hannover.",
        (File("bedarf.csv", lambda: separated(texts, charset="cp1252")),),
        _wanted("bedarf.csv", [(part, number) for part, _, number in weights], 2), place="Hannover",
    )  # fmt: skip
    polish: list[list[str]] = [["Lp.", "Indeks", "Nazwa", "Ilość", "j.m."]]
    zl = [("ŁB-101", "1 200"), ("ŁB-102", "350"), ("ŁB-103", "48"), ("ŁB-104", "2 750")]
    polish += [[str(at), part, "Łącznik śrubowy", shown, "szt."] for at, (part, shown) in enumerate(zl, 1)]
    yield AttachedRfq(
        "five-3", FIVE, "pl", "Dzień dobry, proszę o wycenę pozycji z załączonego pliku. Pozdrawiam, Jan Nowak",
        (File("zapytanie.csv", lambda: separated(polish, charset="cp1250")),),
        _wanted("zapytanie.csv", [(part, shown.replace(" ", "")) for part, shown in zl], 2),
    )  # fmt: skip
    above: list[list[Any]] = [
        ["Meridian Pumps Ltd"],
        ["Request for quotation 8841"],
        [],
        ["Item", "Part no.", "Description", "Qty", "Unit", "Remarks"],
    ]
    kits = [("MP-301", 6), ("MP-302", 24), ("MP-303", 2), ("MP-304", 48), ("MP-305", 10)]
    above += [
        [at, part, f"{_THINGS[at]} for pump P{at}", quantity, "ea", "urgent" if at == 2 else None]
        for at, (part, quantity) in enumerate(kits, 1)
    ]
    above += [[None, None, "Total", 90, None, None], [], ["Delivery by 30 April 2027, DAP Leeds"]]
    yield AttachedRfq(
        "five-4", FIVE, "en", "Hello, please quote our RFQ 8841 as attached. Thanks, Tom",
        (File("RFQ 8841.xlsx", lambda: xlsx({"RFQ": above})),), _wanted("RFQ 8841.xlsx", kits, 5),
        due=dt.date(2027, 4, 30), place="Leeds",
    )  # fmt: skip
    dated: list[list[Any]] = [["Référence", "Désignation", "Quantité", "Unité", "Date de livraison"]]
    seals = [("JT-55-A", 40), ("JT-60-A", 60), ("JT-70-B", 25), ("JT-80-B", 10), ("JT-90-C", 5)]
    dated += [[part, "Joint torique", quantity, "pcs", dt.date(2027, 2, 26)] for part, quantity in seals]
    yield AttachedRfq(
        "five-5", FIVE, "fr", "Bonjour,\nmerci de nous faire parvenir votre meilleure offre pour le fichier joint.\nCordialement, Luc Moreau",
        (File("besoin.xlsx", lambda: xlsx({"Feuil1": dated}, formats={"E": "DD/MM/YYYY"})),), _wanted("besoin.xlsx", seals, 2),
        due=dt.date(2027, 2, 26),
    )  # fmt: skip
    spanish = [
        ["Código", "Descripción", "Cantidad", "Ud."],
        ["VM-12", "Válvula de mariposa DN80", "15", "ud"],
        ["VM-13", "Válvula de mariposa DN100", "22", "ud"],
        ["VM-14", "Actuador neumático", "37", "ud"],
    ]
    yield AttachedRfq(
        "five-6", FIVE, "es", "Buenos días, necesitamos presupuesto de lo adjunto con entrega en Zaragoza. Gracias, Marta",
        (File("pedido.txt", lambda: separated(spanish, separator="\t", charset="utf-16")),),
        _wanted("pedido.txt", [("VM-12", 15), ("VM-13", 22), ("VM-14", 37)], 2), place="Zaragoza",
    )  # fmt: skip
    coded = [
        ["Item Code;Item Name;Order Qty;UOM"],
        ['CN-9001;"Connector; 4-pin";500;EA'],
        ["CN-9002;Connector 6-pin;1000;EA"],
        ["CN-9003;Crimp contact;12000;EA"],
    ]
    yield AttachedRfq(
        "five-7", FIVE, "en", "Dear sirs, kindly send your price and lead time for the attached requirement.",
        (File("requirement.csv", ("\ufeff" + "\r\n".join(row[0] for row in coded)).encode),),
        _wanted("requirement.csv", [("CN-9001", 500), ("CN-9002", 1000), ("CN-9003", 12000)], 2),
    )  # fmt: skip
    italian: list[list[Any]] = [
        ["Richiesta di offerta n. 77", None, None, None],
        ["Cod. articolo", "Descrizione", "Q.tà", "U.M."],
    ]
    plates = [("PL-8", 14), ("PL-10", 9), ("PL-12", 21)]
    italian += [[part, f"Lamiera S355 sp. {part[3:]} mm", quantity, "pz"] for part, quantity in plates]
    italian += [["Totale pezzi", None, 44, None]]
    yield AttachedRfq(
        "five-8", FIVE, "it", "Buongiorno, in allegato la nostra richiesta. Consegna entro il 12/02/2027 a Brescia.",
        (File("rdo77.xlsx", lambda: xlsx({"RdO": italian}, merged=("A1:D1",))),), _wanted("rdo77.xlsx", plates, 3),
        due=dt.date(2027, 2, 12), place="Brescia",
    )  # fmt: skip


def sixty() -> Iterator[AttachedRfq]:
    """Sheets with groups, sums, repeated heads and several sheets."""
    plain = _long("GX", 60)
    rows: list[list[Any]] = [["Line", "Part Number", "Description", "Qty", "UoM", "Need date"]]
    rows += [[at, part, name, quantity, "EA", "2027-05-01"] for at, (part, name, quantity) in enumerate(plain, 1)]
    yield AttachedRfq(
        "sixty-1", SIXTY, "en", "Hi, see the attached sheet with 60 lines; all needed by 1 May 2027 at our plant in Graz.",
        (File("lines.xlsx", lambda: xlsx({"Lines": rows})),), _wanted("lines.xlsx", [(p, q) for p, _, q in plain], 2),
        due=dt.date(2027, 5, 1), place="Graz",
    )  # fmt: skip
    grouped: list[list[Any]] = [["Pos", "Teile-Nr.", "Bezeichnung", "Anzahl", "Einheit"]]
    wanted: list[Wanted] = []
    for group in range(4):
        part_of = _long(f"B{group}", 15)
        grouped.append([None, None, f"Baugruppe {group + 1}", None, None])
        for at, (part, name, quantity) in enumerate(part_of, 1):
            grouped.append([f"{group + 1}.{at}", part, name, quantity, "Stück"])
            wanted.append(Wanted(part, str(quantity), "stueckliste.xlsx", 1, len(grouped), part))
        grouped.append([None, None, "Zwischensumme", sum(q for _, _, q in part_of), None])
    yield AttachedRfq(
        "sixty-2", SIXTY, "de", "Hallo, bitte die Stückliste im Anhang anbieten, Lieferort Linz.",
        (File("stueckliste.xlsx", lambda: xlsx({"Stückliste": grouped})),), tuple(wanted), place="Linz",
    )  # fmt: skip
    two = _long("T1", 30), _long("T2", 30)
    yield AttachedRfq(
        "sixty-3", SIXTY, "en", "Please quote both tabs of the workbook, phase 1 and phase 2.",
        (File("phases.xlsx", lambda: xlsx({
            f"Phase {at}": [["Part", "Description", "Quantity"], *[[p, n, q] for p, n, q in part_of]]
            for at, part_of in enumerate(two, 1)
        })),),
        (*_wanted("phases.xlsx", [(p, q) for p, _, q in two[0]], 2), *_wanted("phases.xlsx", [(p, q) for p, _, q in two[1]], 2, page=2)),
    )  # fmt: skip
    czech = _long("CZ", 60)
    lines = [["Č. dílu", "Název", "Množství", "MJ", "Poznámka"]]
    lines += [
        [part, name, f"{quantity},0", "ks", "" if at % 9 else "viz výkres"]
        for at, (part, name, quantity) in enumerate(czech)
    ]
    yield AttachedRfq(
        "sixty-4", SIXTY, "cs", "Dobrý den, prosíme o nabídku dle přílohy. Děkujeme, Eva Malá",
        (File("poptavka.csv", lambda: separated(lines, charset="cp1250")),), _wanted("poptavka.csv", [(p, q) for p, _, q in czech], 2),
    )  # fmt: skip


def many() -> Iterator[AttachedRfq]:
    """Lists of which a model gets only a part."""
    parts = _long("ZX", 600)
    rows: list[list[Any]] = [["Pos", "Part number", "Description", "Quantity", "Unit"]]
    rows += [[at, part, name, quantity, "pcs"] for at, (part, name, quantity) in enumerate(parts, 1)]
    yield AttachedRfq(
        "many-1", MANY, "en", "Please find attached our yearly demand of 600 parts; delivery to Rotterdam by 2027-06-30.",
        (File("demand.xlsx", lambda: xlsx({"Demand": rows})),), _wanted("demand.xlsx", [(p, q) for p, _, q in parts], 2),
        due=dt.date(2027, 6, 30), place="Rotterdam",
    )  # fmt: skip
    german = _long("DE", 600)
    lines = [["Materialnummer", "Kurztext", "Bedarfsmenge", "Basis-ME", "Werk"]]
    lines += [
        [part, name, f"{Decimal(quantity * 100):,}".replace(",", ".") + ",00", "ST", "1000"]
        for part, name, quantity in german
    ]
    yield AttachedRfq(
        "many-2", MANY, "de", "Anbei der Jahresbedarf als Export aus SAP mit der Bitte um Ihr Angebot.",
        (File("export.csv", lambda: separated(lines, charset="utf-8-sig")),),
        _wanted("export.csv", [(p, q * 100) for p, _, q in german], 2),
    )  # fmt: skip


def several() -> Iterator[AttachedRfq]:
    """Several files that agree or disagree with the message."""
    parts = [("SV-1", 30), ("SV-2", 45), ("SV-3", 60)]
    rows: list[list[Any]] = [["Part", "Description", "Qty", "Unit"], *[[p, "Sieve plate", q, "pcs"] for p, q in parts]]
    yield AttachedRfq(
        "several-1", SEVERAL, "en",
        "Please quote the three parts of the list. The old list of last year is attached for your reference only.",
        (File("list 2027.xlsx", lambda: xlsx({"2027": rows})), File("notes.txt", lambda: b"Packaging: single, in cartons.\r\nMarking as per our standard WN 12.\r\n")),
        _wanted("list 2027.xlsx", parts, 2),
    )  # fmt: skip
    yield AttachedRfq(
        "several-2", SEVERAL, "en", "Please quote the content of the archive, DAP Gdansk.",
        (File("rfq.zip", lambda: zipped({
            "items.csv": separated([["Part", "Qty", "Unit"], ["GD-501", 16, "pcs"], ["GD-502", 32, "pcs"], ["GD-503", 64, "pcs"]], separator=","),
            "readme.txt": b"All parts in 1.4404.\n",
        })),),
        tuple(Wanted(f"GD-50{n}", str(8 * 2**n), "rfq.zip > items.csv", 1, n + 1, f"GD-50{n}") for n in (1, 2, 3)), place="Gdansk",
    )  # fmt: skip
    first, second = _long("NA", 5), _long("NB", 5)
    yield AttachedRfq(
        "several-3", SEVERAL, "nl", "Goedemorgen, graag uw offerte voor beide bijlagen. Levering in Eindhoven.",
        tuple(File(name, lambda part_of=part_of: xlsx({"Blad1": [["Artikelnummer", "Omschrijving", "Aantal", "Eenheid"], *[[p, n, q, "st"] for p, n, q in part_of]]}))
              for name, part_of in (("deel1.xlsx", first), ("deel2.xlsx", second))),
        (*_wanted("deel1.xlsx", [(p, q) for p, _, q in first], 2), *_wanted("deel2.xlsx", [(p, q) for p, _, q in second], 2)),
        place="Eindhoven",
    )  # fmt: skip
    yield AttachedRfq(
        "several-4", SEVERAL, "en",
        "We need 20 pcs of gearbox GB-77 and the spare parts of the attached list. Ship to Turin by 18 March 2027.",
        (File("spares.csv", lambda: separated([["Part", "Name", "Qty"], ["GB-77-01", "Output shaft", 4], ["GB-77-02", "Oil seal", 40]], separator=",")),),
        (Wanted("gearbox", "20", None, quote="gearbox GB-77"), Wanted("Output shaft", "4", "spares.csv", 1, 2, "GB-77-01"), Wanted("Oil seal", "40", "spares.csv", 1, 3, "GB-77-02")),
        due=dt.date(2027, 3, 18), place="Turin",
    )  # fmt: skip
