"""What speaks for a genuine request: the things traders say and robots do not.

Looked for only where something speaks against the message, so a genuine one hardly ever pays for it.
"""
# ruff: noqa: RUF001 - letters of many languages are what this module is about

import re
from collections.abc import Iterable, Iterator, Sequence

from rfqflow.core.rules import commercial_terms
from rfqflow.core.rules.part_numbers import details
from rfqflow.core.rules.text import listed
from rfqflow.core.screening.links import Weighted
from rfqflow.core.screening.phrasebook import Phrasebook

_READ = 4000
_ASKING = (
    "please quote, pls quote, plz quote, kindly quote, quote please, quote for, to quote, quotation for"
    ", quotation from, your best price, your quotation, your quote, your offer, send a quote, send us a quote"
    ", send us a quotation, please send offer, please send us your, please offer, please tender, pls offer"
    ", price and lead time, price and delivery, lead time and price, price for, prices for, need a price"
    ", request for quot*, request for prop*, request a quote for, rfq, rfp, itt, invitation to tender, invites offers"
    ", invites tenders, tender for, to tender, we need, i need, we require, requires, we want to buy"
    ", would like to buy, want to buy, we look for an, we are looking for a supplier, looking to buy"
    ", looking to source, looking to purchase, we would like to order, we would like the, can you supply"
    ", can you make, can you do, could you supply, could you quote, do you stock, do you have in stock"
    ", purchase order, scope of work, budget price, how much for, site survey, tenders, need pricing, pricing for"
    ", send quotation, send your quotation, send quote, send offer, competitive quotation, best quotation"
    ", kindly offer, quote us, expressions of interest, expression of interest, need rates, please price"
    ", competitive offer, budgetary number, budgetary price, bitte preis, wir brauchten, brauchen wir, benotigen wir"
    ", dobbiamo cambiare, vogliamo sostituire, 我们需要, 想定做, 请提供方案, bitte um angebot, um ein angebot"
    ", bitte um ihr angebot, bitte anbieten, angebot erbeten, erbitten ihr angebot, anfrage, wir benotigen"
    ", ich benotige, wir brauchen, ich brauche, brauche, unterbreiten sie uns, preisanfrage, bieten sie uns"
    ", ausschreibung, merci de nous envoyer votre devis, votre devis, votre offre, demande de devis, demande de prix"
    ", prix pour, nous avons besoin, appel d offres, merci de chiffrer, un devis pour, devis svp, solicitamos oferta"
    ", solicitamos cotizacion, necesitamos, necesito, cotizacion de, cotizacion para, favor de cotizar, favor cotizar"
    ", presupuesto para, presupuesto de, licitacion, pasar precio, precio de, precio para, richiesta di offerta"
    ", richiesta preventivo, vostra offerta, vs offerta, vorrei preventivo, vorrei un preventivo, preventivo per"
    ", abbiamo bisogno, gara d appalto, prezzo per, avremmo bisogno, offerta per, cotacao para, cotacao de"
    ", solicitamos cotacao, preciso de, precisamos de, orcamento para, orcamento de, licitacao, graag offerte"
    ", graag een offerte, offerte voor, offerteaanvraag, wij hebben nodig, prijs voor, aanbesteding, gaarne offerte"
    ", prosze o wycene, prosze o oferte, prosimy o oferte, prosimy o wycene, zapytanie ofertowe, poprosze cene"
    ", poprosze o, potrzebujemy, potrzebuje, przetarg, wycena, прошу выставить, просим выставить, запрос цен*"
    ", запрос коммерческ*, прошу цену, просим предоставить, нам нужн*, нам требу*, требуется, тендер, закупк*"
    ", прошу кп, сколько стоит, потрібна ціна, потрібн*, fiyat teklif*, teklifinizi, teklif rica, ihtiyacimiz"
    ", fiyat rica, fiyat verir, ihale, fiyat alabilir, offert onskas, offert pa, vi behover, anbud, pris pa"
    ", vi skal bruge, tilbud pa, pris og levering, poptavame, poptavka, prosim cenu, prosim o nabidku"
    ", cenovou nabidku, vyberove rizeni, va rugam oferta, cerere de oferta, cerem oferta, avem nevoie, arajanlatot"
    ", kerek arajanlat, pyydamme tarjous*, tarjouspyynto, molimo ponudu, trazimo ponudu, molim ponudu"
    ", παρακαλω προσφορα, προσφορα για, mohon penawaran, minta penawaran, xin bao gia, cho toi xin bao gia, 报价"
    ", 询价, 求购, 采购, 招标, 多少钱, 价格多少, 单价, 見積, お見積, いくらですか, 引合, 견적, 입찰, 구매하고"
    ", عرض سعر, عرض اسعار, تسعير, مناقصة, نحتاج, הצעת מחיר, ขอใบเสนอราคา, ใบเสนอราคา"
)
_QUESTIONS = (
    "we would like someone, we would like to have, we would like a, wants, please bid, bid for, day rates, day rate"
    ", what do you charge, when can you start, please confirm whether, please submit, our current, current agency"
    ", take over our, procura, busca, закупает, жду предложение, 依頼したい, 製作を依頼, alir misiniz, 请来现场"
    ", 上门测量, 现场测量, mochten unsere, site survey, we are planning, we plan to, we are moving, we are opening"
    ", we are refurbishing, planen wir, wir planen, nous prevoyons, what would that, ballpark, in stock"
    ", please can we get, who can come, when could you, wir suchen, nous cherchons, nous recherchons, buscamos un"
    ", cerchiamo un, wij zoeken, szukamy, vi soker, consultation, could you give us, fate sconti, qui peut passer"
    ", avete, tienen, mozliwa wycena, назвать цену, можете приехать, 在庫はありますか, 联系我看, متى يمكنكم"
    ", please provide your, please send rates, need rates, prices pls, price pls, price please, quote by, quote us"
    ", quote to, do you also, do you make, do you repair, do you refurbish, do you supply, do you sell, can you quote"
    ", are you able to, could you do, could you make, would you be able, is that something you can, how much is"
    ", how much are, how much would, how much u, what would it cost, what would that cost, what does it cost"
    ", looking for a, looking for some, looking for someone, looking for, is looking for, we look for, seeking"
    ", factory needs, company needs, customer requires, customer needs, needs a, needs new, in need of new"
    ", expressions of interest, expression of interest, quotation request, enquiry, replacement of, supply of"
    ", supply and, was kostet, was kosten, was wurde, was wurden, wie viel kostet, was kame, konnen sie uns"
    ", suchen noch, bitte preis, preis fur, preis?, brauchen wir, benotigen wir, suchen wir, lieferzeit"
    ", combien coute, quel est le prix, quel serait le prix, savoir le tarif, le tarif pour, cherche un, recherche un"
    ", je voudrais, nous souhaitons, pourriez vous, faites vous, delai de livraison, cuanto cuesta, cuanto costaria"
    ", precio aproximado, hacen ustedes, fabrican ustedes, me pasas precio, buscamos, estamos buscando"
    ", queremos comprar, plazo de entrega, quisiera, quanto costa, quanto costerebbe, potete, potreste, vorrei"
    ", vorremmo, cerchiamo, tempi di consegna, quanto custa, gostaria de, gostariamos de, voces fazem, procuramos"
    ", prazo de entrega, necessitamos, wat kost, wat kosten, hoeveel kost, kunnen jullie, kunt u ons, wij willen"
    ", levertijd, ile kosztuje, ile kosztowal*, jaki koszt, czy wykonuj*, chcielibysmy zamowic, termin realizacji"
    ", chce kupic, сколько будет стоить, какая цена, какой срок, нужен, нужна, нужны, ищем, хотим купить"
    ", интересует цена, можете ли изготовить, fiyat nedir, ne kadar, fiyat alabilir miyiz, yaptirmak istiyoruz"
    ", satin almak, termin, ariyoruz, vad kostar, hvad koster, kan ni, kolik stoji, kolik by stalo, hledame"
    ", cat costa, cautam, mennyibe, mita maksa*, tarvitsemme, tarvitsisi*, τι τιμη, ποσο κανει, θελουμε, χρειαζομαστε"
    ", ποσο κοστιζει, trebamo, koliko kosta, berapa harga, gia bao nhieu, can mua, 什么价, 什么价位, 价位, 想买"
    ", 想定做, 定做, 需要采购, 能做吗, 交期, 要货, いくら, 単価, 納期, 概算費用, 教えてください, 検討しています, 단가"
    ", 납기, 제작 문의, 얼마, 필요합니다, كم السعر, كم سعر, هل يمكنكم التوريد, مطلوب, מה המחיר, צריך, כמה עולה, ราคา"
    ", ต้องการ, how much, please price, your rates, rates please, at what cost, what would a, can you share pricing"
    ", share pricing, who can build, competitive offer, send us your competitive, your lead time, attached boq"
    ", as per attached, as attached, see attached, and quote, wieviel, wie viel, was kann, kann was anbieten"
    ", anbieten, brauchten, bedarf an, empfehlen sie, combien, est ce que vous pouvez, delai et tarif, tarif pour"
    ", vos tarifs, besoin de, besoin d un, cuanto, pueden visitarnos, pueden hacer, queremos, me gustaria saber"
    ", tempi e prezzo, ci servirebb*, ci serve, ci servono, quanto, quanto sai, precisamos, prosimy o kontakt"
    ", ceny z dostawa, cene z, ile, kolik, potrebovali bychom, potrebujeme, za jak dlouho, сколько, есть ли скидка"
    ", bilgi verir misiniz, fiyati, kac para, vad tar ni, lamna ett pris, kan ni komma, kunt u langskomen"
    ", willen laten, hoeveel, 多少, 我们需要, 请提供方案, 提供方案, お願いできますか, 交換をお願い, 가격이 어떻게"
    ", 주문 제작, 하려고 합니다, بكم, كم"
)
_PHRASES = Phrasebook({"asks_for_quotation": _ASKING, "asks_about_goods": _QUESTIONS})
# Somebody asks (first list) for a price (second) within five words, and offers none (third): `send you a free quote`.
_ASKS = listed(
    "send provide submit give need needs require requires want request requesting like get kindly please pls "
    "bitte senden schicken benotigen benotige brauchen brauche mochten erbitten erbitte machen unterbreiten merci "
    "envoyer souhaitons souhaite voudrions voudrais demande transmettre favor enviar envien enviarnos solicito "
    "solicitamos necesito necesitamos pasar pedir inviare inviateci mandare mandateci chiedo chiediamo richiesta "
    "vorrei vorremmo enviem preciso precisamos gostaria gostariamos graag stuur sturen ontvangen verzoek prosze "
    "prosimy poprosze прошу просим пришлите направить выслать onskar onskas skicka prosim poslat zaslat rugam "
    "kerek kerem pyydamme"
)
_PRICES = listed(
    "quote quotes quotation quotations offer price prices pricing tender proposal estimate bid angebot angebote "
    "preis preise offerte kostenvoranschlag devis offre prix tarif tarifs chiffrage presupuesto cotizacion oferta "
    "precio precios preventivo offerta quotazione prezzo prezzi cotacao orcamento preco precos proposta prijs "
    "prijsopgave wycene oferte cene ceny oferty кп предложение цену цены стоимость счет offert pris nabidku cenu "
    "ajanlatot tarjous tarjousta"
)
_OFFERS = listed(
    "you your free ihnen kostenloses kostenlose kostenlos unverbindliches vous gratuit le les gratis gratuito "
    "gratuita ti vi u lhe panstwu bezplatna вам ваше ваш бесплатный er dig vam list sponsored guest"
)
_PROMISES = listed("can will may shall should i'll so")
_NEAR = 5
# Of folded text, so without case and accents.
_QUANTITY = re.compile(
    r"(?<![\w.,$€£])\d{1,9}(?:[.,]\d{1,6})?\s?(?:x\s\w|off\b|pcs?\b|pieces?\b|nos?\b|ea\b|units?\b|sets?\b|pairs?\b"
    r"|sheets?\b|rolls?\b|reels?\b|coils?\b|drums?\b|pallets?\b|lengths?\b|kgs?\b|tonn?e?s?\b|t\b|mt\b|g\b|lbs?\b|mm?\b"
    r"|[ck]m\b|lf?m\b|m[23²³](?!\w)|sqm\b|ft\b|inch(?:es)?\b|gal\b|lit(?:re|er)s?\b|m?l\b|l/h\b|m3/h\b|kwh?\b|kva\b|mw\b"
    r"|v[ad]c\b|ah\b|bar\b|psi\b|mpa\b|hz\b|rpm\b|° ?c|gsm\b|w\b|hp\b|[gt]b\b|seats?\b|racks?\b|stk\b|stuck\b|stueck\b"
    r"|uds?\b|unidades\b|piezas\b|pezzi\b|pz\b|stuks?\b|st\b|szt\b|sztuk\b|adet\b|ks\b|kpl\b|kom\b|db\b|шт\b|тонн?\w{0,2}\b"
    r"|кг\b|м\b|мм\b|квт\b|个|平米|平方|件|台|张|套|米|吨|公斤|根|本|枚|個|개|장|대|톤|โหล|ตัว|cai\b)"
    r"|\b(?:qty|quantity|menge|cantidad|qte|数量|수량)\W{0,3}\d"
)
_CODE = re.compile(
    r"(?<![\w/.@-])(?=[A-Z./-]{0,10}\d)(?=[\d./-]{0,10}[A-Z])[A-Z\d]{1,12}(?:[-/.][A-Z\d]{1,12}){0,5}(?![\w@])"
)
_DRAWING = re.compile(
    r"\b(?:drawings?|dwg|drg|step file|zeichnung|plan joint|plano adjunto|disegno|tekening|rysun\w+|desenho|ritning"
    r"|vykres|чертеж\w*|bill of quantities|bom|gerber|data ?sheets?|datenblatt)\b|图纸|図面|도면"
)
_SHORTEST_CODE = 5
_NAMED_ONLY = 10
MOST = 60  # a robot that adds all the words there are does not become a customer


def trade_signals(text: str, words: Sequence[str], folded: str, *, needed: int) -> list[Weighted]:
    """Signals with negative weights, dear ones only while the others do not reach `needed`.

    Who names goods and asks for none may be selling them: that counts little.
    """
    wanted = list(_wanted(words, folded))
    reached = sum(weight for _, weight in wanted)
    left = min(MOST - reached, needed - reached) if wanted else _NAMED_ONLY
    named = _named(text[:_READ], folded) if left > 0 else ()
    return [*_up_to(MOST, wanted), *_up_to(MOST - reached if wanted else _NAMED_ONLY, named)]


def _up_to(most: int, signals: Iterable[Weighted]) -> Iterator[Weighted]:
    for reason, weight in signals:
        counted = min(weight, most)
        if counted > 0:
            most -= counted
            yield reason, -counted


def _wanted(words: Sequence[str], folded: str) -> Iterator[Weighted]:
    asked = _PHRASES.found(words, folded)
    if "asks_for_quotation" in asked or _asks_for_a_price(words):
        yield "asks_for_quotation", 40
    elif asked:
        yield "asks_about_goods", 18
    quantities = sum(1 for _ in _QUANTITY.finditer(folded[:_READ]))
    if quantities:
        yield "quantity", 20 if quantities > 1 else 12


def _asks_for_a_price(words: Sequence[str]) -> bool:
    for price, word in enumerate(words):
        if word not in _PRICES:
            continue
        asks = [place for place in range(max(1, price - _NEAR), price) if words[place] in _ASKS]
        if asks and words[asks[-1] - 1] not in _PROMISES and _OFFERS.isdisjoint(words[asks[-1] + 1 : price + 2]):
            return True
    return False


def _named(text: str, folded: str) -> Iterator[Weighted]:
    facts = details(text)
    if facts.part_number or any(len(match[0]) >= _SHORTEST_CODE for match in _CODE.finditer(text)):
        yield "part_number", 10
    if _DRAWING.search(folded[:_READ]):
        yield "drawing", 10
    if facts.material or facts.standards:
        yield "material_or_standard", 12
    incoterm, place = commercial_terms.incoterm(text)
    if incoterm:
        yield "incoterm", 8
    if commercial_terms.delivery_place(text, place):
        yield "delivery_place", 8
