"""Patterns for words beside a number or a date, in many languages. They match normalized text."""

# ruff: noqa: RUF001 - the letters of many scripts are what these are about

import re
from collections.abc import Iterable

from rfqflow.core.rules.phrases import Memory

QUOTING = re.compile(
    r"quot|offer|bid|tender|submi|propos|angebot|offert|devis|cotiz|preventiv|ofert|orcament|teklif|cotac|offre"
    r"|proforma|nabid|ponuk|ponud|ajanlat|tarjou|tilbud|pasiul|piedavaj|pakkum|penawar|bao gia|προσφορ|оферт"
    r"|предложен|пропозиц|报价|投标|截止|見積|入札|回答|견적|입찰|회신|عرض|عروض|عطاء|پیشنهاد|استعلام|הצעת|הצעות|הצעה|מכרז"
    r"|निविदा|कोटेशन|เสนอราคา|(?:answer|reply|revert|back to us|come back|hear from you|get back)\b|respon|respuesta"
    r"|reponse|antwort|ruckmeld|abgabe|valid|\bcloses?\b|closing|\bpric(?:e|es|ing)\b|preis|\bprix\b|\bprezz"
    r"|\bprecio|\bpreco|\bcen[ayue]\b|\bцен[ауы]\b|\bкп\b|fiyat|价格|価格|가격"
)
# Words before a date of delivery or before a deadline of the quote.
_UNTIL = r"\bbis\b|bis zum|\bby\b|\bbefore\b|まで|까지|\b前|前に|до |\buntil\b|\btak\b|तक"
WANTING = re.compile(
    r"deliver|need|ship|complet|commission|recept|mise en service|abnahme|fertig|arriv|install|lief|benot|livr|entreg"
    r"|consegn|lever|dostaw|termin|teslim|dodan|szallit|isporuk|dobav|dodav|pristatym|piegad|tarne|kirim|giao|παραδ"
    r"|достав|срок постав|toimit|поставк|交货|交期|送|交付|納|着|完了|완료|납품|납기|인도|배송"
    rf"|تسليم|توريد|تحویل|אספק|डिलीवरी|आपूर्ति|ส่ง|start|begin|ready|handover|on site|finish|in use|go.live|{_UNTIL}"
)
ONLY_UNTIL = re.compile(_UNTIL)
STARTING = re.compile(
    r"\b(?:start\w*|begin\w*|commenc\w*|from|kick.?off|ab|beginn\w*|debut\w*|a partir d[eu]|des le|demarr\w*"
    r"|inici\w*|comienz\w*|desde|a partire dal|inizi\w*|dal|vanaf|aanvang|od|rozpoczec\w*|poczatek|fra|fran|zacat\w*"
    r"|zahajen\w*|alkaen|kezd\w*|baslang\w*|с|начал\w*|з|почат\w*)\b[^.;\n]{0,24}$|開始|开始|시작|着工|부터"
)
ENDING = re.compile(
    r"finish|complet|end(?:s|ing)?\b|until|till|fertig|abschluss|ende\b|termin|acheve|fin\b|finaliz|terminar|conclu"
    r"|ultimat|afgerond|oplever|zakoncz|dokoncz|slut|ferdig|faerdig|klart|valmi|bitis|bitir|заверш|оконч|handed? over"
    r"|handover|完成|完了|竣工|終了|완료|준공|deliver|livr|liefer|entreg|consegn|lever|dostaw|\bback\b|zwrot|retour"
)
RANGE = re.compile(r"\s?(?:-|–|—|to|bis|until|till|through|au|al|a|ao|t/m|tot|do|til|по|до|〜|~|から|至|부터)\s?")

# Words before and after a number that another number replaces, as in "80 instead of 60".
REPLACED = re.compile(
    r"(?:\b(?:instead of|rather than|(?:an)?statt(?: der)?|anstelle von|au lieu d(?:e|es|u)|en (?:lugar|vez) de"
    r"|em vez de|invece d(?:i|ei|elle)|al posto d(?:i|ei|elle)|in plaats van|zamiast|(?:i )?stallet for|istallet for"
    r"|i stedet for|mist[oe]|namiesto|umjesto|umesto|namesto|in loc de|вместо|зам[iі]сть|not(?: the)?|nicht|pas"
    r"|αντι για)|بدلا من|במקום)\s"
    r"(?:(?:the|die|previous|earlier|original|von|bisher|de|les)\s){0,2}$"
)
REPLACED_AFTER = re.compile(r"[^.;\n]{0,16}?(?:\byerine\b|\bhelyett|\bsijasta|の代わり|ではなく|대신|而不是)")

# Words that cancel something. Most texts contain no word that begins like one of the alternatives.
_CANCELS = (
    r"leave out|left out|cancel\w*|no longer|not needed|not required|drop the|drop item|drop pos\w*|strike|skip"
    r"|without the|entfall\w*|streich\w*|nicht mehr|weglassen|annul\w*|supprim\w*|plus besoin|anula\w*|cancelar"
    r"|ya no|quitar|elimin\w*|non serv\w*|schrap\w*|vervalt|vervallen|niet meer|rezygn\w*|nie potrzeb\w*|juz nie"
    r"|bez pozycji|utgar|udgar|iptal|zrus\w*|odpada|torol\w*|elmarad\w*|renunt\w*|ne trebuie"
    r"|отмен\w*|не нуж\w*|исключ\w*|скасу\w*"
)
_CANCELS_ANYWHERE = "取消|不要|キャンセル|취소|제외|إلغاء|ยกเลิก"
CANCELLING = re.compile(rf"\b(?:{_CANCELS})\b|{_CANCELS_ANYWHERE}")
_FIRST_WORDS = frozenset(each.partition(" ")[0] for each in _CANCELS.split("|"))
_OPEN = tuple(word.removesuffix(r"\w*") for word in _FIRST_WORDS if word.endswith(r"\w*"))
_ANYWHERE = tuple(_CANCELS_ANYWHERE.split("|"))


def may_cancel(words: Iterable[str], folded: str) -> bool:
    """Whether a line of a normalized text can match `CANCELLING`, by the words of the text."""
    if any(map(_begins_cancelling.__getitem__, words)):
        return True
    return not folded.isascii() and any(each in folded for each in _ANYWHERE)


_begins_cancelling = Memory(lambda word: word in _FIRST_WORDS or word.startswith(_OPEN))
