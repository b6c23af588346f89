"""What stands before or after a number and tells that it is a quantity, or that it is none. All patterns match folded text."""

import re

LABEL = re.compile(
    r"(?:\b(?:q(?:uanti)?ty|qt[ey]?|qnty|qtd\w*|quantit(?:y|ies|at|e|a|es)|quantidade|menge|stuckzahl|stueckzahl|anzahl|losgrosse|bestellmenge|bedarf|jahresbedarf|cantidad(?:es)?|cant|q\.ta|aantal|"
    r"hoeveelheid|ilosc|antal|kvantitet|miktar\w*|mnozstvi|pocet|eau|moq|annual (?:usage|volume|demand|quantity)|volume|batch(?: size)?(?: of)?|lot size|total(?: of)?|order quantity|no\. of (?:units|pieces|pcs)"
    r"|number of (?:units|pieces|sets)|insgesamt|gesamt|toplam|lacznie)|数量|個数|수량|الكمية)"
    r"(?:\s?\([^()]{0,12}\))?\s{0,3}[:=.\-–]?\s{0,3}(?:(?:of|is|von|de|di|approx|about|ca|circa|env|ok|around|some|each)\.?\s)?$"
)
# A word that names the number after it: `ISO 4017`, `Pos. 3`, `Line 2`, `DN 50`.
REFERENCE = re.compile(
    r"(?:(?:^|[^a-z])(?:dn|pn|iso|en|din|astm|asme|api|iec|ansi|nema|bs|jis|gb|uni|une|nf|aisi|sae|vdi|vde|ul|ip|mil|ra|rz|sch|schedule|awg|nps|dia|diam|od|id|wt|thk|class|klasse|classe|clase"
    r"|type|typ|tipo|grade|sorte|gr|alloy|size|series|serie|model|modell|modele|modelo|version|ver|v|rev|index|issue|line|linie|ligne|linea|linha|lijn|linia|building|bldg|gebaude|batiment|hall|halle|hala|nave|phase|fase"
    r"|stage|zone|area|room|raum|block|bay|dock|gate|unit|floor|level|section|abschnitt|page|seite|pg|chapter|clause|item|items|pos|position|poz|poste|art|article|artikel|part|pn|p/n|dwg|drawing|zeichnung|plan|plano|rysunek"
    r"|lot no|los|serial|s/n|po|order|bestellung|tender|rfq|project|projekt|contract|ref|reference|step|schritt|table|figure|fig|abb|annex|anlage|appendix|option|variant|kw|week|woche|semaine|semana|settimana|hafta|tydzien"
    r"|no|nr|num|nummer|numero|number|cislo|suite|ste|box|po box|street|str|road|avenue|highway|route|un|hs|hs code|cas|plz|zip|since|seit|year|tel|phone|fax|ext|mob|c|m|r|s|l|d|h|f|t|a|b|k|p|n|e|g)\s?\.?\s?[:#]?\s?"
    r"|[#§⌀±<>≤≥=~^]\s?|n[°º]\s?|[x×*]\s?|no\.\s?[:#]?\s?|nr\.\s?|\d\s?/\s?)$"
)
# A number after these belongs to the thing just named and is not ordered itself: `a panel with 12 feeders`.
ATTRIBUTE_BEFORE = re.compile(
    r"(?:^|[^a-z])(?:with|mit|avec|con|com|met|med|s|se|each|every|per|je|pro|par|por|cada|chaque|ogni|elke|kazdy|within|in|under|over|last|next|after|before|since|up to|max|maximum|min|minimum|at least|less than"
    r"|more than|innerhalb|binnen|sous|dentro|entro|inom|alle|between|zwischen|entre|approx weight|capacity|capacity of|weighing|weight|weighs|length|width|height|depth|thickness|long|wide|high|at|mindestens|hochstens"
    r"|have|has|hat|haben|tenemos|avons|abbiamo|of our|our|unsere|unser|nos|nuestr[oa]s|nostr[ie]|existing|bestehende[nr]?|rated|running|including|incl|inkl|inclusief|the|die|der|den|les|los|las|gli|le|first|from|ab|dans|dalla?|od|za)\.?\s$"
)
ATTRIBUTE_AFTER = re.compile(r"\s?(?:each|per|je|pro|long|high|wide|deep|thick|/|x|×)\b")
SIZE_AFTER = re.compile(
    r"\s?(?:x|×|\*|/|long|length|high|height|wide|width|deep|depth|thick|tall|head|dia|diam|lg|hoch|hohe|breit|breite|lang|lange|tief|dick|stark|hoog|breed|dik|diep|de (?:haut|long|larg|diam|profond|largo|ancho|alto|alt|compr|prof)"
    r"|di (?:lunghezza|altezza|larghezza|profondita)|alto|alta|largo|larga|ancho|lungo|lunga|wysok|szerok|dlug|hog|bred|lang|capacity|capacidad|capacite|capacita|kapazitat|kapasite|each|per\b|je\b|span|spacing|apart|centres|centers|radius"
    r"|a year|a month|annually|payload|lifting|crane|lift|swl|wll|tragfahigkeit|above|below|deep|pitch|grid|from|away|,? (?:x|each|per)\b|['’]?s? (?:away|tall|high|long|wide|deep|thick))"
)
NOT_GOODS = frozenset(
    "people persons person employees workers staff men women operators users customers clients engineers mitarbeiter personen leute personnes employes salaries ouvriers personas empleados persone dipendenti personen medewerkers osob"
    " pessoas kisi calisan suppliers lieferanten fournisseurs proveedores sites locations standorte floors stories storeys etagen stockwerke axis axes achsen axe phase phases phasen phasig polig pole poles core cores adrig lagen layer layers stage"
    " stages stufig stufen point points punkte punto puntos punti steps schritte zones zonen lanes rows reihen colours colors farben colour color couleurs colores load times way ways sided copies kopien languages sprachen percent prozent and or und et"
    " y e en och i ve of to the at in on by is are was were bis a an o off- ply out oz stellig fach quotes offers angebote devis drawings zeichnungen quotations options varianten bends holes bohrungen loecher threads minutes degree degrees grad"
    " business working calendar successive consecutive attachments files pages seiten photos weekends"
    " p am pm st nd rd th er eme ieme ter".split()
)
