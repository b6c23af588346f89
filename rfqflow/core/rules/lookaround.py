"""What stands before or after a number and tells that it is a quantity, or that it is none. All words folded."""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import re

from rfqflow.core.rules.text import listed

# `Qty: 50`. Fillers may stand between the label and the number.
LABELS = listed(
    "qty q'ty qte qnty qtd qtde oty quantity quantities quantite quantites quantidade "
    "quantidades quantita menge mengen stuckzahl stueckzahl anzahl losgrosse bestellmenge "
    "jahresmenge jahresbedarf cantidad cantidades"
    " cant q.ta aantal hoeveelheid ilosc antal kvantitet miktar miktari mnozstvi pocet eau "
    "moq volume insgesamt toplam lacznie totaal batch lotto 数量 個数 수량 الكمية"
)
LABEL_PAIRS = listed(
    "annual_usage annual_volume annual_demand annual_quantity lot_size batch_size order_quantity "
    "total_of total_quantity of_units of_pieces of_pcs of_sets par_an pro_jahr"
)
FILLERS = listed("of is von de di approx about ca circa env ok around some each the total einmalig per year")
# A word that names the number after it: `ISO 4017`, `Pos. 3`, `Line 2`, `DN 50`.
REFERENCES = listed(
    "dn pn iso en din astm asme api iec ansi nema bs jis gb uni une nf aisi sae vdi vde ul "
    "ip mil ra rz sch schedule awg nps dia diam od id wt thk o/d i/d class klasse classe "
    "clase type typ tipo grade sorte gr alloy size series serie model modell modele modelo "
    "version ver rev index issue cfr part fr"
    " line linie ligne linea linha lijn linia building bldg gebaude batiment hall halle hala "
    "nave phase fase stage zone area room raum block bay dock gate floor level section "
    "abschnitt page seite pg chapter clause item items pos position poz poste art article "
    "artikel pn p/n dwg drawing zeichnung plano rysunek los serial s/n po bestellung"
    " tender rfq project projekt contract ref reference step schritt table figure fig abb "
    "annex anlage appendix option variant kw week woche semaine semana settimana hafta "
    "tydzien no nr num nummer numero number cislo suite ste po road avenue highway route un "
    "hs cas plz zip since seit year tel phone fax ext mob crane press machine"
    " m r s c d h f b k n g z w i-"
    " ispm haz gamp cat category iatf mach windows office room ebene etage stock tor rampe"
)
# A number after these belongs to the thing just named and is not ordered itself: `a panel with 12 feeders`.
ATTRIBUTES = listed(
    "with mit avec con com met med ile each every per je pro par por cada chaque ogni elke "
    "kazdy within in under over last next after before since max maximum min minimum than "
    "innerhalb binnen sous dentro entro inom alle between zwischen entre"
    " capacity weighing weight weighs length width height depth thickness long wide high at "
    "mindestens hochstens at-least existing bestehende bestehenden bestehender rated running "
    "including incl inkl inclusief the der den les los las gli le ab dalla od za w au aux du"
    " on we our unsere unser unseren unserer nos nuestras nuestros nostri nostre onze nasze "
    "nasz vara have has hat haben avons tenemos abbiamo employ employs employing until till "
    "bis jusqu hasta fino tot do up vom from since by ca. pack packs box boxes set bag bags "
    "carton cartons"
)
ATTRIBUTE_PAIRS = listed(
    "up_to at_least less_than more_than box_of pack_of packs_of boxes_of set_of sets_of bag_of "
    "bags_of carton_of cartons_of pallet_of groups_of group_of capacity_of weight_of length_of "
    "out_of team_of crew_of a_week a_day"
)
ARTICLES = listed(
    "a an our my the your this that eine einen einem einer un une una een ett notre nuestra "
    "nuestro nostra nostro nosso nossa onze unsere unser unserem"
)
OPENERS = listed(
    "and plus und sowie et y e en i oraz och ve a also quote need for of about approx ca circa "
    "supply order want require requires buy offer total another additional further weitere take "
    "sowie samt asi okolo cerca around roughly some exactly ungefahr"
)
STREETS = re.compile(
    r"\s*(?:[^\W\d_]+[ .-]){0,2}(?:street|st|road|rd|row|ave|avenue|drive|dr|lane|ln|blvd"
    r"|boulevard|way|court|parkway|pkwy|str|strasse|\w*strasse|\w*weg|\w*platz|allee|rue"
    r"|avenue|chemin|calle|avda|via|viale|corso|ulica|ul|rua|gatan|\w*gatan|\w*vagen|sokak"
    r"|caddesi|cad|straat|\w*straat|laan|ulice)\b"
)
# What makes `14 m` a size and not an amount.
SIZE_AFTER = re.compile(
    r"\s?(?:x|×|\*|/|long|length|high|height|wide|width|deep|depth|thick|tall|dia|diam|lg|hoch"
    r"|hohe|breit|breite|lang|lange|tief|dick|stark|hoog|breed|dik|diep|de (?:haut|long|larg"
    r"|diam|profond|largo|ancho|alto|alt|compr|prof)"
    r"|di (?:lunghezza|altezza|larghezza|profondita)|alto|alta|largo|larga|ancho|lungo|lunga"
    r"|wysok|szerok|dlug|hog\b|bred|each|per\b|je\b|apart|centres|centers|spacing)"
)
MEASURE_AFTER = re.compile(
    r"\s?(?:head\b|capacity|capacidad|capacite|capacita|kapazitat|kapasite|span|radius"
    r"|together|gross|net\b|in total|to eaves|a year|a month|annually|payload|lifting|crane"
    r"|lift\b|swl|wll|tragfahigkeit|above|below|pitch|grid|from|away|hydraulic|press\b"
    r"|bags?\b|sacks?\b|drums?\b|buckets?\b|cans?\b|tins?\b|pails?\b|cartridges?\b|reels?\b"
    r"|rolls?\b|lengths?\b|bars?\b|sacke\b|fasser\b|rollen\b|gebinde|bidon|sacs?\b|futs?\b"
    r"|sacos?\b|bidones|fusti|sacchi|zakken|vaten|work(?:i|ow)\b|tambor|ibc\b|\+/|±|tol"
    r"|[^,.;]{0,28}\b(?:tanks?|vessels?|kettles?|reactors?|silos?|behalter|kessel|cuves?"
    r"|reservoirs?|depositos?|tanques?|serbatoi|serbatoio|zbiorniki?|nadrz|kazani?|receivers?"
    r"|cranes?|hoists?|press|presses|forklifts?|kran|ponts? roulants?|grua|gru)\b)"
)
NOT_GOODS = listed(
    "people persons person employees workers staff men women operators users customers "
    "clients engineers mitarbeiter personen leute personnes employes salaries ouvriers "
    "personas empleados persone dipendenti medewerkers osob pracownikow pessoas kisi calisan "
    "suppliers lieferanten fournisseurs proveedores sites locations standorte"
    " floors stories storeys etagen stockwerke axis axes achsen axe phase phases phasen "
    "phasig polig pole poles core cores adrig lagen layer layers stage stages stufig stufen "
    "point points punkte punto puntos punti steps schritte zones zonen lanes rows reihen "
    "colours colors farben colour color couleurs colores load times way ways"
    " sided copies kopien languages sprachen percent prozent and or und et y e en och i ve "
    "of to the at in on by is are was were a an o off- ply out oz stellig fach quotes offers "
    "angebote devis quotations options varianten bends holes bohrungen locher threads degree "
    "degrees grad business working calendar successive consecutive"
    " attachments files pages seiten weekend weekends p am pm st nd rd th er eme ieme ter "
    "different working-day ppr psf mph psi kips blade blades years-old halves thirds quarter "
    "attempts visits audits bids companies firms others months suppliers per par pro je por "
    "as with mit for fur pour para ago warranty experience old noon o'clock uhr"
    " litre-class ton-class i/o cfm classe klasse type grade hour-shift sigma sec bit party "
    "parties partner partners countries groups teams department departments lakh crore mal "
    "veces fois volte razy seconds-long clock business-days scope ends edges sides seiten "
    "cotes lados lati strani stron quote who which that d h s c v a if when while where but"
)
_TOKENS = re.compile(r"[^\W_]+(?:['./-][^\W_]+)*\.?")
_TRAILING = " \t:=.-–~#(\"'"


class Before:
    """The one or two words that stand right before a number."""

    __slots__ = ("last", "pair", "text", "touching")

    def __init__(self, folded: str) -> None:
        self.text = folded
        tokens = [token.rstrip(".") for token in _TOKENS.findall(folded)]
        self.last = tokens[-1] if tokens else ""
        self.pair = "_".join(tokens[-2:]) if len(tokens) > 1 else ""
        # Only white space or a label's colon lies between, so the word speaks of this number and of no earlier one.
        rest = folded.rstrip(_TRAILING)
        self.touching = bool(tokens) and rest.endswith(self.last)

    @property
    def labelled(self) -> bool:
        """A word such as `Menge` announces the number."""
        if not self.touching:
            return False
        tokens = [token.rstrip(".") for token in _TOKENS.findall(self.text)]
        while len(tokens) > 1 and tokens[-1] in FILLERS and tokens[-1] not in LABELS:
            if "_".join(tokens[-2:]) in LABEL_PAIRS:
                return True
            tokens.pop()
        return bool(tokens) and (tokens[-1] in LABELS or "_".join(tokens[-2:]) in LABEL_PAIRS)

    @property
    def references(self) -> bool:
        """The number is part of a name."""
        spaced = self.text.rstrip(" .:#\t")
        return self.text.rstrip().endswith(("#", "§", "n°", "nº")) or (
            self.touching
            and spaced.endswith(self.last)
            and self.last in REFERENCES
            and not self.text.rstrip().endswith((":", "-", "–", "="))
        )

    @property
    def attributes(self) -> bool:
        """The number describes what was named before."""
        near = self.text.rstrip()
        return (
            self.touching
            and near.endswith((self.last, self.last + "."))
            and (self.last in ATTRIBUTES or self.pair in ATTRIBUTE_PAIRS)
        )

    @property
    def opens(self) -> bool:
        """Something new starts with the number."""
        near = self.text.rstrip(" -•*")
        return not near or near.endswith((",", ";", ":", "+", "&", "(", ")", ".", "-", "–")) or self.last in OPENERS
