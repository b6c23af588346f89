"""Urgency, intent and attempts to steer the reader: phrases, in many languages. All patterns match folded text."""

import re

from rfqflow.core.answer import Intent, Urgency
from rfqflow.core.rules.text import plainest

_CRITICAL = re.compile(
    r"\b(?:line (?:is )?(?:down|stopped|standing)|lines? down|production (?:is )?(?:stopped|down|halted|at a standstill)|plant (?:is )?(?:down|stopped)|standstill|breakdown|broke down|broken down|emergency|emergencies|aog|today|tonight|right now|within (?:24|48) ?h\w*|24/7 call|flood\w*|shut ?down since|stopped since|safety hazard"
    r"|produktionsstillstand|stillstand|anlage steht|linie steht|maschine steht|steht still|notfall|havarie|heute noch|sofort|arret de (?:production|ligne)|a l'arret|en panne|panne|urgence absolue|aujourd'hui"
    r"|linea (?:\w+ )?parada|parada de (?:linea|produccion)|paro de|produccion parada|averia|emergencia|hoy mismo|fermo (?:macchina|linea|impianto)|linea ferma|impianto fermo|guasto|emergenza|stilstand|storing|ligt stil|spoed|noodgeval|vandaag|przestoj|awaria|awarii|linia stoi|dzis|dzisiaj|linha parada|producao parada|avaria"
    r"|emergencia|hoje|driftstopp|star stilla|haveri|akut|idag|hat durdu|uretim durdu|ariza\w*|bugun|havarie|porucha|stoji|dnes)\b|停产|停线|紧急|故障停|今天|本日中|緊急|停止して|止まって|긴급|중단|توقف|طوارئ|طارئ"
)
_HIGH = re.compile(
    r"\b(?:urgent(?:ly)?|asap|as soon as possible|rush|immediate(?:ly)?|express|quick(?:est|ly)?|short notice|time[- ]critical|expedite\w*|top priority|high priority|hurry|earliest|fast(?:est)? (?:delivery|turnaround)|tomorrow|this week|by (?:monday|tuesday|wednesday|thursday|friday)|deadline is tight|running (?:low|out)|out of stock"
    r"|dringend\w*|eilig\w*|eilt|schnellstmoglich|kurzfristig|umgehend|so schnell wie moglich|baldmoglichst|morgen|je schneller|urgente?s?|urgentemente|tres vite|au plus vite|des que possible|rapidement|demain|cuanto antes|lo antes posible|a la brevedad|inmediat\w+|manana mismo"
    r"|urgenza|quanto prima|al piu presto|prima possibile|subito|dringende?|z\.?s\.?m|zo snel mogelijk|zo spoedig mogelijk|haast|pilne|pilnie|pilna|jak najszybciej|na cito|com urgencia|o mais rapido|o quanto antes|bradskande|snarast|omgaende|sa snart som mojligt|acil(?!es)\w*|ivedi|en kisa|hemen"
    r"|nalehav\w+|spech\w*|co nejdrive|urgentni)\b|加急|急需|尽快|至急|急ぎ|大至急|급히|시급|عاجل|بأسرع"
)
_LOW = re.compile(
    r"\b(?:no (?:rush|hurry|urgency|pressure)|not (?:urgent|in a (?:hurry|rush))|no great hurry|whenever|budget(?:ary|ing) (?:price|quote|quotation|estimate|offer|figure|only|purposes|study)|for budget\w*|ballpark|rough (?:estimate|price|idea|figure)|indicative|feasibility|long[- ]term|next year|at your convenience|early stage|just (?:exploring|curious|planning)|for planning"
    r"|keine eile|nicht eilig|eilt nicht|nicht dringend|richtpreis\w*|budgetpreis\w*|budgetangebot|grobe? (?:schatzung|preis|kosten)\w*|unverbindlich\w*|vorplanung|irgendwann|pas (?:urgent|presse)|rien d'urgent|prix indicatif|estimation|budgetaire|a peu pres|etude de faisabilite|sin prisa|no (?:es|corre) (?:urgente|prisa)|presupuesto orientativo|precio orientativo|estimacion"
    r"|senza fretta|nessuna fretta|non (?:e )?urgente|prezzo indicativo|di massima|budget di massima|geen haast|niet dringend|richtprijs|indicatie\w*|bez pospiechu|niepilne|nie spieszy|orientacyjn\w+|szacunkow\w+|sem pressa|sem urgencia|nao (?:e )?urgente|estimativa|ingen bradska|inte bradskande|budgetpris|acil degil|acelesi yok|acelemiz yok|butce calisma\w*|yaklasik fiyat"
    r"|bez spechu|nespecha|orientacn\w+|informativn\w+ cen\w*)\b|不急|预算参考|概算|急ぎません|참고용|تقديري|ليس عاجل"
)
_INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|ignoriere\w*|vergiss|vergessen sie|missachte\w*|ignorez|ignore[rz]?|oublie[rz]?|ignora\w*|olvida\w*|olvide\w*|dimentica\w*|negeer|vergeet|zignoruj\w*|pomin|zapomnij|ignorera|glom|yok say\w*|unut\w*|gormezden gel\w*|ignoruj\w*|zapomen\w*|esqueca\w*|desconsidere\w*)\b"
    r"[^.\n]{0,40}?\b(?:instruct\w*|prompts?|rules?|guidelines|system|directions given|anweisung\w*|regeln|vorgaben|befehle|instructions?|consignes|directives|regles|instruccion\w*|reglas|indicacion\w*|istruzion\w*|regole|instructies|regels|aanwijzing\w*|instrukcj\w*|polecen\w*|zasad\w*|instruktion\w*|regler|talimat\w*|kural\w*|instrukc\w*|pokyn\w*|pravidl\w*|instruc\w*|regras)"
    r"|\b(?:onceki|yukaridaki|tum)\b[^.\n]{0,30}\b(?:talimat|komut|kural)\w*[^.\n]{0,20}(?:yok say|unut|dikkate alma|gormezden)"
    r"|\b(?:system prompt|systemprompt|developer message|hidden prompt|prompt injection payload|your (?:initial|original|previous|earlier|hidden) (?:instructions|prompt|rules)|jailbreak|dan mode|developer mode|do anything now)\b"
    r"|\b(?:note|message|instructions?|notice|hinweis|anweisung|nota|note|mensaje|nachricht|attention|wichtig|important) (?:to|for|an|fur|pour|para|per|a|voor|dla) (?:the |die |den |l'|any |das )?(?:ai|ki|ia|llm|model|assistant|chatbot|bot|language model|gpt|chatgpt|sprachmodell|si|yapay zeka|modell?o?)\b"
    r"|\b(?:you are|act|behave|pretend|du bist|agis|eres|sei|tu es|jestes)(?: now| as| jetzt| nun| ahora| ora| maintenant| teraz| to be)+ (?:an? |ein |un |une |una )?(?:ai|ki|assistant|assistent|chatgpt|gpt|dan|unrestricted|administrator|admin|root|system|developer|different)"
    r"|\b(?:if you are|as) (?:an? )?(?:ai|llm|language model|assistant|automated system)\b|\b(?:dear|hey|hello|attention|achtung) (?:ai|llm|assistant|chatgpt|gpt|ki|bot)\b"
    r"|\b(?:respond|reply|answer|output|return|print) (?:only |solely |exclusively )?(?:with|in) (?:the )?(?:json|yaml|following json|word|text|string)\b|\b(?:reveal|print|show|repeat|output|leak|send (?:us|me)) (?:\w+ ){0,3}(?:system prompt|prompt|instructions|api keys?|passwords?|credentials|admin password|secrets?)\b"
    r"|\bset (?:the )?(?:route|urgency|priority|confidence|category|summary|classification|budget|ai_\w+)(?: field)? (?:to|=|as)\b|\b(?:classify|categori[sz]e|mark|label|flag|rate|score|route|tag) (?:this|it|the|our|all) (?:\w+ ){0,3}(?:as|to|with|into) (?:\"|')?(?:critical|urgent|highest|high(?:est)? priority|priority|approved|safe|trusted|confidence|vip|pre-approved|management)"
    r"|\b(?:confidence|route|urgency|priority) ?[:=] ?\"?(?:1(?:\.0+)?|critical|highest)\b"
    r"|(?:^|\n)\s*(?:#+\s*)?(?:system|assistant|developer|user)\s*(?:message|prompt)?\s*:\s*\S|<\|?(?:im_start|im_end|system|endoftext|assistant|user|start_header_id|eot_id)\b|\[/?inst\]|<</?sys>>|\{\{\s*#?system|\[(?:system|admin|developer)(?: (?:message|override|note|prompt))?\]|</?(?:system|instructions?|prompt|rfq|untrusted|data)>|---+ ?end of (?:rfq|data|message|input|request)|\bbegin (?:admin|system|new) (?:instructions?|prompt|override)|\bend of (?:user|customer) (?:input|data|message)"
    r"|忽略[^。\n]{0,16}(?:指令|指示|规则|提示)|无视[^。\n]{0,16}(?:指令|指示|规则)|系统提示|(?:以前|上記|これまで|前)の?[^。\n]{0,10}(?:指示|命令|ルール)[^。\n]{0,8}(?:無視|忘れ)|システムプロンプト|(?:이전|위의|모든)[^.\n]{0,12}(?:지시|명령|규칙)[^.\n]{0,10}(?:무시|잊)|시스템 프롬프트|تجاهل[^.\n]{0,30}(?:التعليمات|الاوامر|القواعد)|игнорир\w+[^.\n]{0,30}(?:инструкц|правил)"
)
# Tags spell instructions nobody sees; bidi overrides show another text than is read; a run of zero-width is a code.
_HIDDEN = re.compile("[\U000e0020-\U000e007f]{3}|[\u202d\u202e\u2066-\u2068]|(?:[\u200b\u200c\u2060\ufeff][^\u200b\u200c\u2060\ufeff]?){6}")
_BASE64 = re.compile(r"(?<![\w/+])(?=[A-Za-z0-9+/]{0,60}[a-z])(?=[A-Za-z0-9+/]{0,60}[A-Z])(?=[A-Za-z0-9+/]{0,60}\d)[A-Za-z0-9+/]{60,}={0,2}(?![\w/])")
_SPACED = re.compile(r"(?:\b\w[ .·*_-]){8,}\w\b")

_INTENTS: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    (
        "job_application",
        re.compile(r"\b(?:my (?:cv|resume|curriculum)|attached (?:cv|resume)|apply(?:ing)? for (?:the|a) (?:job|position|role)|job application|bewerbung\w*|lebenslauf|candidature|mon cv|curriculum vitae|solicitud de empleo|mi curriculum|candidatura|praktikum\w*|internship)\b"),
    ),
    (
        "supplier_offer",
        re.compile(
            r"\b(?:we are (?:a |an )?(?:leading |professional |reliable |one of the )?(?:manufacturer|supplier|factory|exporter|trading company)|our (?:factory|products|advantages?|catalogue?|e-catalog) |if you have any (?:new )?(?:project|need|demand|interest|inquiry)|glad to learn|win-win|we can supply|we offer you|become your supplier|send (?:us )?your (?:inquiry|drawings)"
            r"|wir sind (?:ein )?(?:hersteller|lieferant)|nous sommes (?:un )?(?:fabricant|fournisseur)|somos (?:un )?(?:fabricante|proveedor)|siamo (?:un )?(?:produttore|fornitore))\b|我们是[^。\n]{0,20}(?:厂家|制造商|供应商)"
        ),
    ),
    (
        "spam",
        re.compile(r"\b(?:seo|backlinks?|guest post|first page of google|website traffic|crypto investment|bitcoin investment|casino bonus|lottery|you (?:have )?won|inheritance|wire transfer of|business loan|loan offer|viagra|cheap followers|domain (?:expir\w+|registration|listing)|unsubscribe|click here to|make money|earn \$?\d+ (?:a|per) (?:day|week)|prince|beneficiary)\b"),
    ),
    ("follow_up", re.compile(r"\b(?:follow(?:ing)?[ -]?up on (?:our|my|the) (?:rfq|request|enquiry|inquiry|quote)|any (?:news|update) (?:on|about)|status of (?:our|my|the) (?:rfq|quote|quotation|request)|reminder:? (?:our|rfq|quote)|haben sie schon|erinnerung an unsere anfrage|relance)\b")),
    ("order", re.compile(r"\b(?:purchase order (?:attached|no|number|#)|please find (?:our )?(?:po|order)|we hereby order|herewith we order|hiermit bestellen wir|wir bestellen|nous passons commande|bon de commande ci-joint|por la presente pedimos|pedido en firme|ordiniamo)\b")),
    ("support", re.compile(r"\b(?:technical support ticket|does not work after|warranty claim|reklamation|reclamation|garantiefall|complaint)\b")),
)
_ASKED = re.compile(r"\b(?:quot\w+|rfq|price\w*|pricing|offer|angebot\w*|preis\w*|devis|prix|presupuesto|cotiz\w+|precio\w*|preventivo|prezz\w+|offerte|prijs\w*|wycen\w*|ofert\w*|cotacao|orcamento|preco\w*|offert\w*|teklif\w*|fiyat\w*|nabidk\w*|cen\w+)\b|报价|見積|견적|عرض سعر|عروض")


def urgency(folded: str) -> Urgency:
    """How soon, as far as the words say it; a date alone is no urgency, because there is no clock here."""
    low = _LOW.search(folded)
    if _CRITICAL.search(folded) and not low:
        return "critical"
    if low:
        return "low"
    return "high" if _HIGH.search(folded) else "normal"


def intent(folded: str) -> Intent:
    """What the sender wants; a request for a price unless the words say otherwise."""
    asked = len(_ASKED.findall(folded[:6000]))
    for name, pattern in _INTENTS:
        hits = len({match[0] for match in pattern.finditer(folded)})
        if hits and (hits >= 2 or not asked or name in {"job_application", "follow_up", "order"}):  # noqa: PLR2004 - one phrase can be chance
            return name
    return "rfq"


def injection(message: str, shown: str) -> str | None:
    """The words by which a text tries to steer its reader instead of asking for a price; None where it does not."""
    if _HIDDEN.search(message):
        return "hidden characters"
    match = _INJECTION.search(plainest(shown)) or _BASE64.search(shown)
    if match:
        return match[0]
    spaced = "".join(re.sub(r"[ .·*_-]", "", each[0]) + " " for each in _SPACED.finditer(shown))
    return "spaced letters" if spaced and re.search(r"ignore|system|prompt|instruct", spaced.lower()) else None
