"""Attempts to steer whoever reads the text instead of asking for a price.

A suspicion, never a verdict: people quote such words too.
"""

import re

from rfqflow.core.rules.phrases import Phrases
from rfqflow.core.rules.text import plainest, words
from rfqflow.core.text.word_lists import word_lists

_VERB = (
    r"(?:ignor\w*|disregard\w*|forget|override|bypass|vergiss|vergessen sie|missachte\w*"
    r"|oublie\w*|olvid[ae]\w*|dimentica\w*|negeer|vergeet|zignoruj\w*|pomin\w*|zapomnij\w*"
    r"|glom|unut\w*|gormezden gel\w*|zapomen\w*|esqueca\w*|desconsider\w*|ignoreer\w*"
    r"|забуд\w*|игнорир\w*|не обращай\w*)"
)
_ORDERS = (
    r"(?:instruct\w*|prompts?|rules?|guidelines|directions given|anweisung\w*|regeln|vorgaben"
    r"|befehle|consignes|directives|regles|instruccion\w*|reglas|indicacion\w*|istruzion\w*"
    r"|regole|instructies|regels|aanwijzing\w*|instrukcj\w*|polecen\w*|zasad\w*|instruktion\w*"
    r"|regler|talimat\w*|kural\w*|instrukc\w*|pokyn\w*|pravidl\w*|instruc\w*|regras"
    r"|regul\w*|directrices|ordenes|diretrizes|инструкци\w*|правил\w*|указани\w*|ограничени\w*)"
)
_NOW_YOU_ARE = (
    r"(?:you are now|from now on you are|du bist (?:jetzt|nun|ab sofort)|tu es maintenant|eres ahora|ahora eres"
    r"|sei ora|ora sei|jestes teraz|je bent nu|voce e agora|agora voce e|artik sen|ты теперь)"
)
_WITHOUT_LIMITS = (
    r"(?:without (?:any )?(?:restrictions|limits|rules)|unrestricted|ohne (?:\w+ )?(?:einschrankung|grenzen|regeln)"
    r"|sans (?:limites?|restrictions?)|sin (?:limites|restricciones)|senza (?:limiti|restrizioni|regole)"
    r"|bez ograniczen|zonder (?:beperkingen|regels)|sem (?:limites|restricoes)|admin\w*|amministrat\w*|beheerder"
    r"|администратор\w*|root|\w*bot)"
)
_SHOW = (
    r"(?:reveal|print|show|repeat|output|leak|paste|dump|disclose|display|recite|write out|affich\w*|montre\w*"
    r"|ecri[st]\w*|muestr\w*|mostr\w*|escrib\w*|revel\w*|scriv\w*|stamp\w*|wypisz|pokaz|toon|schrijf|zeig\w*|gib|nenn\w*"
    r"|skriv|выведи\w*|покажи\w*|yaz|goster)"
)
_WHAT_IT_WAS_TOLD = (
    r"(?:your (?:prompt|(?:hidden|full|complete|own|initial|secret|system|internal) (?:instructions|rules))"
    r"|(?:deine\w*|ton|tes|tu|tus|tuo|tue|seu|suas?|je|jouw|twoj\w*|swoj\w*) (?:\w+ )?"
    r"(?:prompt\w*|instructions|instrucciones|istruzioni|instrucoes|instructies|anweisungen|consignes|instrukcje)"
    r"|text you were given|prompt\w* (?:del? |di |do |du )?s[iy]stem\w*|syste?em\w* ?prompt\w*|системн\w+ промпт\w*"
    r"|sistem istem\w*)"
)
_SUSPECT = re.compile(
    rf"\b{_VERB}\b[^.\n]{{0,40}}?\b{_ORDERS}"
    rf"|\b{_NOW_YOU_ARE}\b[^.\n]{{0,40}}?\b{_WITHOUT_LIMITS}"
    rf"|\b{_SHOW}\b[^.\n]{{0,60}}?\b{_WHAT_IT_WAS_TOLD}"
    r"|\b(?:drop|truncate) table\b|\bupdate \w+(?:\.\w+)? set \w+ ?=|!\[[^\]\n]{0,80}\]\(https?:|\]\(javascript:"
    r"|\b(?:mark|close|reject|delete|flag) (?:every|all|any)(?: the)? other (?:request|enquir|inquir|rfq|customer)"
    r"|\b(?:onceki|yukaridaki|tum)\b[^.\n]{0,30}\b(?:talimat|komut"
    r"|kural)\w*[^.\n]{0,20}(?:yok say|unut|dikkate alma|gormezden)"
    r"|\b(?:system prompt|systemprompt|developer message|hidden prompt|your (?:initial"
    r"|original|previous|earlier|hidden) (?:instructions|prompt|rules)|jailbreak|dan mode"
    r"|developer mode|do anything now)\b"
    r"|\b(?:note|message|instructions?|notice|hinweis|anweisung|nota|mensaje|nachricht"
    r"|attention|wichtig|important|uwaga|not) (?:to|for|an|fur|pour|para|per|a|voor|dla|do) "
    r"(?:the |die |den |l'|any |das |la |le |el )?(?:ai|ki|ia|llm|model|assistant|asistente"
    r"|assistente|chatbot|bot|language model|gpt|chatgpt|sprachmodell|modell?o?)\b"
    r"|\b(?:you are now|act as|behave as|pretend to be|du bist jetzt|du bist nun|agis comme"
    r"|eres ahora|actua como|sei ora|agisci come|tu es maintenant|jestes teraz)\b(?: (?:an?"
    r"|ein|eine|un|une|una|the))? ?(?:\w+ ){0,2}(?:ai|ki|ia|assistant|assistent|asistente"
    r"|chatgpt|gpt|dan|unrestricted|administrator|admin|root|system|developer|bot|model)\b"
    r"|\b(?:if you are|as) (?:an )?(?:ai|llm|language model|automated system)\b|\b(?:dear|hey"
    r"|hello|attention|achtung) (?:ai|llm|assistant|chatgpt|gpt|bot)\b"
    r"|\b(?:respond|reply|answer|output|return|print) (?:only |solely |exclusively )(?:with"
    r"|in)\b|\b(?:respond|output|return|print) (?:with |in )?(?:the )?(?:following )?(?:json"
    r"|yaml)\b"
    r"|\b(?:reveal|print|show|repeat|output|leak|send (?:us|me)) (?:\w+ ){0,3}(?:system prompt"
    r"|prompt|instructions|api keys?|passwords?|credentials|secrets?)\b"
    r"|\bset (?:the |your |its )?(?:route|urgency|priority|confidence|category|summary"
    r"|classification|ai_\w+)(?: field| score)? (?:to|=|as)\b"
    r"|\b(?:classify|categori[sz]e|mark|label|flag|rate|score|route|tag) (?:this|it|our|all) "
    r"(?:\w+ ){0,3}(?:as|to|with|into) (?:\"|')?(?:critical|urgent|highest|high(?:est)? "
    r"priority|priority|approved|safe|trusted|confidence|vip|pre-approved|management)"
    r"|\b(?:confidence|route|urgency|priority)\"? ?[:=] ?\"?(?:1(?:\.0+)?\b|critical|highest)"
    r"|(?:^|\n)\s*(?:#+\s*)?(?:system|assistant|developer)\s*(?:message|prompt)?\s*:\s*\S"
    r"|<\|?(?:im_start|im_end|system|endoftext|assistant|user|start_header_id|eot_id)\b"
    r"|\[/?inst\]|<</?sys>>|\{\{\s*#?system|\[(?:system|admin|developer)(?: (?:message"
    r"|override|note|prompt))?\]"
    r"|</?(?:system|instructions?|prompt|rfq|untrusted|data)>|-{2,} ?end of (?:rfq|data"
    r"|message|input|request)|\bbegin (?:admin|system|new) (?:instructions?|prompt|override)"
    r"|\bend of (?:user|customer) (?:input|data|message)"
    r"|忽略[^。\n]{0,16}(?:指令|指示|规则|提示)|无视[^。\n]{0,16}(?:指令|指示|规则)|系统提示"
    r"|(?:以前|上記|これまて|前)の?[^。\n]{0,10}(?:指示|命令|ルール)[^。\n]{0,8}(?:無視|忘れ)"
    r"|システムフロンフト|(?:이전|위의|모든)[^.\n]{0,12}(?:지시|명령|규칙)[^.\n]{0,10}(?:무시"
    r"|잊)|시스템 프롬프트|تجاهل[^.\n]{0,30}(?:التعليمات|الاوامر|القواعد)"
    r"|игнорир\w+[^.\n]{0,30}(?:инструкц|правил)"
)
# Tags spell instructions nobody sees; bidi overrides show another text than is read; a run of zero-width is a code.
_HIDDEN = re.compile(
    "[\U000e0020-\U000e007f]{3}|[\u202d\u202e\u2066-\u2068]"
    "|(?:[\u200b\u200c\u2060\ufeff][^\u200b\u200c\u2060\ufeff]?){6}"
)
# What no attempt does without, so that most texts are not read by the patterns above.
_WORDS = Phrases(word_lists("steering"))
_LONG_RUN = 60
_BASE64 = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")
_SPACED = re.compile(r"[a-z](?<!\w[a-z])[ .·*_-](?:\b[a-z][ .·*_-]){7,}[a-z]\b")  # eight, and one more
_MARKERS = (
    "<|",
    "[inst",
    "<<sys",
    "{{",
    "<rfq",
    "</",
    "_start",
    "<system",
    "<instruction",
    "<prompt",
    "<untrusted",
    "<data",
    "![",
    "](javascript:",
    "rop table",
    "uncate table",
    "update ",
)


def steering(message: str, shown: str) -> str | None:
    """The words by which a text, `shown` as a person sees it, tries to steer its reader; None where it does not."""
    if not message.isascii() and _HIDDEN.search(message):
        return "hidden characters"
    lowered = shown.lower()
    folded = plainest(shown)
    if any(marker in lowered for marker in _MARKERS) or _WORDS.found(words(folded), folded):
        match = _SUSPECT.search(folded)
        if match:
            return match[0]
    encoded = next(
        (
            found[0]
            for run in shown.split()
            if len(run) >= _LONG_RUN
            for found in _BASE64.finditer(run)
            if _mixed(found[0])
        ),
        None,
    )
    if encoded:
        return encoded
    spaced = " ".join(re.sub(r"[ .·*_-]", "", spelled[0]) for spelled in _SPACED.finditer(lowered))
    return "spaced letters" if re.search(r"ignor|system|prompt|instruct", spaced) else None


def _mixed(run: str) -> bool:
    return any(map(str.islower, run)) and any(map(str.isupper, run)) and any(map(str.isdigit, run))
