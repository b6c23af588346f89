"""Urgency, intent, what is attached, when in words: phrases of many languages, all found in one pass."""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

from collections.abc import Mapping

from rfqflow.core.answer import Intent, Urgency
from rfqflow.core.rules.phrases import Phrases
from rfqflow.core.rules.text import Text

_URGENCY = {
    "critical": "line down, line is down, lines down, line stopped, line is stopped, line has stopped, "
    "line standing, production stopped, production is stopped, production is down, "
    "production halted, production down, plant is down, plant stopped, machine is down,"
    " machine down, standstill, breakdown, broke down, broken down, emergency, aog, today, "
    "tonight, right now, within 24 hours, within 24h, within 48 hours, flooding, flooded, "
    "safety hazard, we are down, is leaking badly, unplanned outage, cannot run, can not "
    "produce,"
    " produktionsstillstand, anlagenstillstand, bandstillstand, stillstand, anlage steht, "
    "linie steht, maschine steht, band steht, steht still, notfall, havarie, heute noch, "
    "noch heute, sofort, arrêt de production, ligne à l'arrêt, à l'arrêt, en panne, urgence "
    "absolue,"
    " aujourd'hui, línea parada, parada de línea, parada de producción, producción parada, "
    "está parada, está parado, avería, emergencia, hoy mismo, hoy, fermo macchina, fermo "
    "linea, fermo impianto, linea ferma, impianto fermo, macchina ferma, guasto, emergenza, "
    "oggi,"
    " stilstand, storing, ligt stil, staat stil, noodgeval, vandaag, przestój, awaria, "
    "awarii, linia stoi, produkcja stoi, dzisiaj, linha parada, produção parada, avaria, "
    "emergência, hoje, driftstopp, står stilla, haveri, akut, idag, hat durdu, üretim durdu, "
    "arıza*,"
    " bugün, acil durum, havárie, havarijní, porucha, linka stojí, výroba stojí, dnes, 停产, "
    "停线, 停机, 紧急, 今天, 本日中, 緊急, 停止して, 止まって, 긴급, 중단, توقف, طوارئ, طارئ",
    "high": "urgent, urgently, asap, a.s.a.p, as soon as possible, rush, rush order, immediate, "
    "immediately, quickest, short notice, time critical, time-critical, expedite, expedited, "
    "top priority, high priority, hurry, earliest, fastest, quick turnaround, fast "
    "turnaround,"
    " tomorrow, this week, by monday, by tuesday, by wednesday, by thursday, by friday, "
    "running low, running out, out of stock, tight deadline, very tight, dringend*, eilig*, "
    "eilt, schnellstmöglich*, kurzfristig*, umgehend*, so schnell wie möglich, "
    "baldmöglichst, morgen früh,"
    " bis morgen, diese woche, je schneller, urgent, urgence, très vite, au plus vite, dès "
    "que possible, rapidement, demain, urgente, urgentemente, cuanto antes, lo antes "
    "posible, a la brevedad, inmediat*, mañana mismo, urgenza, quanto prima, al più presto, "
    "prima possibile,"
    " subito, domani, dringende, z.s.m, zsm, zo snel mogelijk, zo spoedig mogelijk, haast, "
    "spoed, spoedig, met spoed, morgen nodig, pilne, pilnie, pilna, jak najszybciej, na "
    "cito, jutro, com urgência, o mais rápido, o quanto antes, amanhã, brådskande, snarast, "
    "omgående,"
    " så snart som möjligt, acil, acilen, ivedi*, en kısa, hemen, yarın, naléhav*, spěchá, "
    "spěch, co nejdříve, urgentní, zítra, 加急, 急需, 尽快, 至急, 大至急, 急ぎで, 急いで, "
    "급히, 시급, عاجل, بأسرع",
    "low": "no rush, no hurry, no urgency, no great hurry, no particular hurry, no pressure, not "
    "urgent, not in a hurry, not in a rush, in no hurry, in no rush, whenever you, whenever "
    "suits, when you have time, budgetary, budget price, budget quote, budget quotation, "
    "budget estimate, budget offer,"
    " budget figure, budget purposes, budget only, for budgeting, ballpark, rough estimate, "
    "rough price, rough idea, rough figure, rough cost, indicative, feasibility study, long "
    "term, next year, at your convenience, early stage, just exploring, exploring options, "
    "just curious, just planning, for planning,"
    " planning stage, thinking about, thinking of, considering, preliminary, concept phase, "
    "ideas, guide price, no fixed date, sometime, some day, we do not know yet, don't know "
    "yet, keine eile, nicht eilig, eilt nicht, nicht dringend, richtpreis*, budgetpreis*, "
    "budgetangebot, grobe schätzung, grober preis, grobe kosten*,"
    " groben preis, unverbindlich*, vorplanung, planungsphase, irgendwann, hat zeit, pas "
    "urgent, pas pressé*, rien d'urgent, pas d'urgence, prix indicatif, estimation "
    "budgétaire, budgétaire, à peu près, ordre de grandeur, étude de faisabilité, sin prisa, "
    "no es urgente, no corre prisa, sin urgencia,"
    " presupuesto orientativo, precio orientativo, orientativo, senza fretta, nessuna "
    "fretta, non urgente, non è urgente, prezzo indicativo, indicativo, di massima, un'idea, "
    "geen haast, niet dringend, richtprijs*, indicatie, indicatief, bez pośpiechu, niepilne, "
    "nie spieszy, orientacyjn*, szacunkow*, sem pressa,"
    " sem urgência, não é urgente, estimativa, orçamento estimativo, ingen brådska, inte "
    "bråttom, inte brådskande, budgetpris, acil değil, acelesi yok, acelemiz yok, bütçe "
    "çalışma*, yaklaşık fiyat, bez spěchu, nespěchá, orientačn*, informativní cen*, 不急, "
    "预算参考, 概算, 急ぎません, 참고용, تقديري, ليس عاجل",
}
_INTENTS: Mapping[Intent, str] = {
    "job_application": "my cv, my resume, my curriculum, attached resume, attached cv, applying for the "
    "position, applying for a job, apply for the position, job application, bewerbung als, "
    "bewerbung um, initiativbewerbung, lebenslauf, candidature, mon cv, solicitud de empleo, "
    "mi currículum, mio curriculum,"
    " la mia candidatura, sollicitatie, open sollicitatie, cv w załączniku, aplikuję na, meu "
    "currículo, jobbansökan, özgeçmişim, životopis, 求职, 求人応募",
    "supplier_offer": "we are a leading, we are a professional, we are professional, we are manufacturer, we "
    "are a manufacturer, we are factory, we are a factory, leading manufacturer, "
    "professional manufacturer, our factory, our main products, our advantage, our "
    "advantages, our products include, our e-catalog, your reliable supplier, become your "
    "supplier,"
    " if you have any project, if you have any new project, if you have any demand, if you "
    "have any need, if any interest, if you are interested, if interested, glad to learn, "
    "win-win, win win cooperation, we can supply, we supply, send us your inquiry, send your "
    "inquiry, free samples, competitive price*, unsere produktpalette, wir sind hersteller,"
    " wir sind ein hersteller, wir bieten ihnen, nous sommes fabricant, nous sommes un "
    "fabricant, notre gamme, somos fabricantes, somos un fabricante, somos proveedores, "
    "siamo produttori, siamo un'azienda leader, wij zijn fabrikant, jesteśmy producentem, "
    "somos um fabricante, vi är tillverkare, üreticisiyiz, jsme výrobce, 我们是专业, "
    "我司专业生产, 当社は製造",
    "spam": "seo, backlink*, guest post, first page of google, website traffic, google ranking, "
    "crypto investment, bitcoin investment, forex, casino bonus, lottery winner, you have "
    "won, you've won, inheritance, next of kin, loan offer, business loan, personal loan, "
    "low interest loan, viagra, cheap followers, domain expir*, domain registration, domain "
    "listing,"
    " unsubscribe, click here, make money, earn money, beneficiary, wire the funds, adult "
    "dating, hot singles, limited time offer, work from home, lottogewinn, kreditangebot, "
    "gagner de l'argent, préstamo rápido, prestito, kredyt bez, kazandınız",
    "follow_up": "following up on our, following up on my, following up on the, follow up on our, follow "
    "up on my, any news on, any update on, any updates on, status of our, status of my, "
    "reminder of our, still waiting for your quote, haben sie schon, erinnerung an unsere, "
    "nachfassen, relance, toujours pas reçu, seguimiento de nuestra, sollecito, herinnering",
    "order": "purchase order attached, find our po, attached po, our purchase order, we hereby order, "
    "herewith we order, please process our order, hiermit bestellen wir, wir bestellen "
    "hiermit, bon de commande ci-joint, nous passons commande, por la presente pedimos, "
    "pedido en firme, ordine di acquisto allegato, hierbij bestellen wij, zamawiamy "
    "niniejszym",
    "support": (
        "technical support ticket, warranty claim, reklamation, garantiefall, complaint about, "
        "réclamation, reclamación, reclamo garanzia, garantieclaim, reklamacja, garantia "
        "acionada, error code on our"
    ),
}
_FACTS = {
    "asks": "quote*, quotation*, rfq, rfp, price*, pricing, offer, offers, bid, bids, tender, "
    "estimate, angebot*, preis*, anfrage*, devis, prix, tarif*, chiffr*, presupuesto*, "
    "cotiz*, precio*, preventiv*, prezz*, offerta, offerte, prijs*, wycen*, ofert*, cen*, "
    "cotação, orçamento*, preço*, offert*, teklif*, fiyat*, nabídk*, poptáv*, cost*, lead "
    "time,"
    " we need, looking for, 报价, 询价, 見積, 견적, عرض سعر, عروض",
    "attached": "attach*, enclosed, drawing*, dwg*, sketch*, gerber*, datasheet*, data sheet*, spec "
    "sheet*, specification*, boq, bill of quantities, bom, step file*, dxf, pdf*, cad, 3d "
    "model, photo*, picture*, sample*, see link, anhang, anbei, angehängt, beigefügt, "
    "anlage, anlagen, zeichnung*, skizze*, datenblatt, datenblätter, muster, "
    "leistungsverzeichnis, lv,"
    " ci-joint*, pièce jointe, pièces jointes, en pj, joint, joints, jointe, jointes, plan, "
    "plans, dessin*, croquis, échantillon*, cahier des charges, adjunt*, plano*, muestra*, "
    "pliego, allegat*, disegn*, campion*, capitolato, bijlage*, bijgevoegd*, tekening*, "
    "schets*, monster*, załącz*, rysun*, szkic*, wzór, em anexo, anexo*, anexad*, desenho*, "
    "amostra*,"
    " bifog*, ritning*, skiss*, ekte, ekli, ekteki, teknik resim*, çizim*, numune*, přílo*, "
    "výkres*, nákres*, portal, download, wetransfer, data room, 附件, 图纸, 附图, 添付, "
    "図面, 첨부, 도면, مرفق, مرفقة, رسم",
    "nothing attached": "no drawing*, no sketch*, no spec*, no dwg*, without drawing*, don't have drawing*, "
    "don't have a drawing, don't have specs, do not have drawing*, do not have a drawing, "
    "drawing* to follow, drawing* will follow, drawing* follow*, drawing* later, keine "
    "zeichnung*, zeichnung folgt, zeichnung fehlt, ohne zeichnung*, pas de plan*, pas de "
    "dessin*,"
    " pas de schéma*, sans plan*, plan à suivre, plans à suivre, plan suivra, sin plano*, no "
    "tenemos plano*, no hay plano*, planos pendientes, nessun disegno, senza disegn*, "
    "disegno a seguire, disegno segue, geen tekening*, tekening volgt, brak rysunk*, nie "
    "mamy rysunk*, bez rysunk*, sem desenho*, não temos desenho*, ingen ritning, inga "
    "ritningar, teknik resim yok,"
    " çizim yok, bez výkres*, výkres nemáme, 没有图纸, 暂无图纸, 図面はありません, 図面なし, "
    "도면 없, لا يوجد رسم",
    "place": "deliver*, ship, shipped, shipping, ship to, site, on-site, location, located, freight "
    "to, collect*, pick up, pickup, liefer*, anlieferung, frei haus, baustelle, standort, "
    "abholung, livr*, lieu, chantier, entreg*, obra, planta, ubicad*, consegn*, cantiere, "
    "stabilimento, lever*, aflever*, locatie, afhal*, dostaw*, miejsc*, odbior*, odbiór, "
    "local, retirada,"
    " leverans*, plats, teslim*, şantiye, dodán*, místo, exw, fca, fob, cfr, cif, cpt, cip, "
    "dap, dpu, ddp, our plant, our factory, our yard, our warehouse, our hall, our shop, "
    "交货, 送货, 地址, 納入, 場所, 現場, 工場, 납품, 현장, تسليم, موقع",
    "timeframe": "january, february, march, april, june, july, august, september, october, november, "
    "december, jan, feb, aug, sept, oct, nov, dec, spring, summer, autumn, fall, winter, "
    "weeks, week, month, months, days, years, q1, q2, q3, q4, asap, urgent*, immediately, "
    "today, tomorrow, weekend, before, until, schedule, start*, shutdown, lead time "
    "required, deadline, monthly, quarterly, annual*, yearly,"
    " januar, jänner, februar, märz, mai, juni, juli, oktober, dezember, wochen, woche, "
    "monate, monat*, tage, tagen, frühjahr, sommer, herbst, jahr*, kw, dringend, "
    "schnellstmöglich, baldmöglichst, spätestens, kurzfristig, liefertermin, janvier, "
    "février, mars, avril, juin, juillet, août, septembre, octobre, novembre, décembre, "
    "semaine*, mois, jours, printemps, été, automne, hiver, avant, urgent,"
    " enero, febrero, marzo, abril, mayo, junio, julio, agosto, septiembre, octubre, "
    "noviembre, diciembre, semana*, meses, días, primavera, verano, otoño, invierno, antes, "
    "urgente, gennaio, febbraio, aprile, maggio, giugno, luglio, settembre, ottobre, "
    "dicembre, settiman*, mesi, giorni, entro, estate, autunno, inverno, januari, februari, "
    "maart, mei, augustus, weken, maand*, dagen, voorjaar, zomer,"
    " najaar, uiterlijk, stycz*, lut*, marz*, marc*, kwie*, maj*, czerw*, lip*, sierp*, "
    "wrze*, paźdz*, listop*, grud*, tygod*, miesi*, dni, wiosn*, lato, jesie*, zim*, do "
    "końca, pilne, janeiro, fevereiro, março, maio, junho, julho, setembro, outubro, "
    "novembro, dezembro, mês, dias, verão, urgente, maj, augusti, veckor, vecka, månad*, "
    "dagar, våren, sommaren, hösten, snarast, ocak, şubat, mart, nisan, mayıs,"
    " haziran, temmuz, ağustos, eylül, ekim, kasım, aralık, hafta*, ay, ayı*, gün*, yaz, "
    "acil, led*, únor*, březn*, dub*, květ*, červ*, srp*, září, říj*, prosin*, týdn*, měsí*, "
    "dnů, dní, jaro, léto, 月, 周, 週間, 尽快, 急, 월, 주, شهر, أسبوع, أيام",
}
_PHRASES = Phrases({**_URGENCY, **{str(name): phrases for name, phrases in _INTENTS.items()}, **_FACTS})
_CHANCE = 2  # one phrase of a kind may be there by chance


def found(text: Text) -> Mapping[str, int]:
    """How many different phrases of each kind a text has."""
    return _PHRASES.found(text.words, text.folded)


def urgency(signs: Mapping[str, int]) -> Urgency:
    """How soon, as far as the words say it; a date alone is no urgency, because there is no clock here."""
    if signs.get("low"):
        return "low"
    if signs.get("critical"):
        return "critical"
    return "high" if signs.get("high") else "normal"


def intent(signs: Mapping[str, int]) -> Intent:
    """What the sender wants; a request for a price unless the words say otherwise."""
    for name in _INTENTS:
        hits = signs.get(name, 0)
        if hits and (hits >= _CHANCE or not signs.get("asks") or name in {"job_application", "follow_up", "order"}):
            return name
    return "rfq"
