"""Detects attempts to steer the reader of a text instead of asking for a price.

The result is only a suspicion, since people also quote such words.
"""

import re
from collections.abc import Sequence

from rfqflow.core.rules.addressing import addressed, may_instruct
from rfqflow.core.rules.disguise import decoded, spelt
from rfqflow.core.rules.phrases import Phrases
from rfqflow.core.rules.text import plainest, words
from rfqflow.core.text.reading import Reading
from rfqflow.core.text.sanitize import cut
from rfqflow.core.text.word_lists import word_lists

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
    rf"\b{_NOW_YOU_ARE}\b[^.\n]{{0,40}}?\b{_WITHOUT_LIMITS}"
    rf"|\b{_SHOW}\b[^.\n]{{0,60}}?\b{_WHAT_IT_WAS_TOLD}"
    r"|\b(?:drop|truncate) table\b|\bupdate \w+(?:\.\w+)? set \w+ ?=|!\[[^\]\n]{0,80}\]\(https?:|\]\(javascript:"
    r"|\b(?:mark|close|reject|delete|flag) (?:every|all|any)(?: the)? other (?:request|enquir|inquir|rfq|customer)"
    r"|\b(?:developer message|hidden prompt|your (?:initial"
    r"|original|previous|earlier|hidden) (?:instructions|prompt|rules)|dan mode"
    r"|developer mode|do anything now)\b"
    r"|\b(?:note|message|instructions?|notice|hinweis|anweisung|nota|mensaje|nachricht"
    r"|attention|wichtig|important|uwaga|not) (?:to|for|an|fur|pour|para|per|a|voor|dla|do) "
    r"(?:the |die |den |l'|any |das |la |le |el )?(?:ai|ki|ia|llm|language model|gpt|chatgpt"
    r"|sprachmodell)\b"
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
    r"|your prompt|api keys?|passwords?|credentials|secrets?)\b"
    r"|\bset (?:the |your |its )?(?:route|urgency|confidence|summary|classification|ai_\w+)"
    r"(?: field| score)? ?(?:(?:to|as)\b|[=:])"
    r"|\bset (?:the |your |its )?(?:priority|category)(?: field)? (?:to|=|as) "
    r"(?:the )?(?:highest|critical|urgent|max|1\b|vip)"
    r"|\b(?:classify|categori[sz]e|mark|label|flag|rate|score|route|tag) (?:this|it|our|all) "
    r"(?:\w+ ){0,3}(?:as|to|with|into) (?:\"|')?(?:critical|urgent|highest|high(?:est)? "
    r"priority|priority|approved|trusted|confidence|vip|pre-approved|management)"
    r"|\bconfidence\"? ?[:=] ?\"?(?:1(?:\.0+)?\b|highest)|\b(?:route|urgency) ?:?= ?\"?[a-z]"
    r"|(?:^|\n)[^\S\n]*(?:#+ ?)?(?:system|developer) ?(?:message|prompt) ?:"
    r"|(?:^|\n)(?:user|human) ?:[^\n]*\n+(?:assistant|ai|model) ?:"
    r"|(?:^|\n)(?:assistant|ai|model) ?:[^\n]*\n+(?:user|human) ?:"
    r"|<\|[a-z_]{2,30}\|?>|<\|?(?:im_start|im_end|system|endoftext|assistant|user|start_header_id|eot_id)\b|<(?:start|end)_of_turn>"
    r"|</?(?:tool_calls?|tool_use|function_calls?|tool_response|invoke|think|thinking|sop|eop|bos|eos|assistant|antml:[a-z_]+)\b[^<>]{0,80}>"
    r"|\[gmask\]|\[/?(?:system_prompt|available_tools|tool_calls|tool_results)\]|<\uff5c|\u2581of\u2581"
    r"|\"role\" ?: ?\"(?:system|assistant|developer|tool)\""
    r"|(?:^|\n)[^\S\n]*#{2,4} ?(?:instruction|response|system|assistant)s? ?:"
    r"|\[/?inst\]|<</?sys>>|\{\{\s*#?system|\[/?(?:system|admin|developer)(?: (?:message"
    r"|override|note|prompt))?\]"
    r"|</?(?:system|instructions?|prompt|rfq|untrusted|data)>|(?<!-)-{2,}+ ?end of (?:rfq|data"
    r"|message|input|request)|\bbegin (?:admin|system|new) (?:instructions?|prompt|override)"
    r"|\bend of (?:user|customer) (?:input|data|message)"
)
# Tag characters can spell invisible instructions. Bidirectional overrides show people another text than the model
# reads. A sequence of zero-width characters is a code.
_HIDDEN = re.compile(
    "[\U000e0020-\U000e007f]{3}|[\u202d\u202e\u2066-\u2068]"
    "|(?:[\u200b\u200c\u2060\ufeff][^\u200b\u200c\u2060\ufeff]?){6}"
)
# Every attempt contains one of these words, so most texts need not be compared with the patterns above.
_WORDS = Phrases(word_lists("steering"))
_STYLE = re.compile(r"/\*.*?\*/|[^{}<>]{0,300}\{[^{}]*\}", re.DOTALL)
# Customers who buy security tests use such words.
_SECURITY = ("prompt injection", "penetration", "pentest", "pen-test", "red team", "red-team", "jailbreak")
_EXAMPLE = re.compile(
    r"\([^()\n]{0,80}\)|\"[^\"\n]{0,60}\"|(?<!\w)'[^'\n]{0,60}'(?!\w)|[\u201c\u201e][^\u201c\u201d\n]{0,60}[\u201c\u201d]"
)
# Words that show an attempt if they are hidden by their spelling.
_TELLING = re.compile(r"ignor|system|prompt|instruct|urgency|confidence|route|assistant|previous|disregard")
# Each row has a sign that its patterns need, and that most texts do not contain.
_SIGNED_MARKERS = (
    ("[", (
        "[gmask", "[system", "[/system", "[avail", "[tool", "[inst", "![",
    )),
    ("<", (
        "<tool", "<func", "<invoke", "<think", "<sop", "<eop", "<bos", "<eos", "<start_", "<end_", "<assist",
        "<\uff5c", "<|", "<<sys", "<rfq", "</", "<system", "<instruction", "<prompt", "<untrusted", "<data",
    )),
)  # fmt: skip
_MARKERS = (
    "\u2581of", '"role"', "##", "user:", "human:", "{{", "_start", "](javascript:", "rop table",
    "uncate table", "update ",
)  # fmt: skip


def steering(message: str, shown: str) -> str | None:
    """The words with which a text tries to steer its reader. `shown`: the text as a person sees it.

    None: there is no attempt.
    """
    folded = plainest(shown)
    return _steering(message, shown, folded, words(folded))


def steering_of(reading: Reading, message: str) -> str | None:
    """As `steering`, for a reading."""
    # If both texts are equal, no invisible signs were removed.
    hiding = "" if message == reading.text else message
    return _steering(hiding, reading.shown, reading.folded, reading.words, reading)


def _steering(message: str, shown: str, folded: str, read: list[str], known: Reading | None = None) -> str | None:
    if not message.isascii() and _HIDDEN.search(message):
        return "hidden characters"
    if _has_one(folded, _SECURITY):
        folded = _EXAMPLE.sub(" ", folded)
        read = words(folded)
    found = _attempt(folded, read)
    if found:
        return found
    different = (known.word_set, known.odd_words) if known is not None and read is known.words else None
    for spelling in spelt(shown, folded, read, different):
        if _attempt(spelling, words(spelling)) or len(_TELLING.findall(spelling)) > 1:
            return "words in disguise"
    for prose in decoded(shown, known.chunks if known is not None else None):
        code = plainest(prose)
        if _attempt(code, words(code)) or _TELLING.search(code):
            return cut(prose, 100)
    return None


def instructs(hidden: str) -> bool:
    """Whether invisible words may address a machine.

    They need less than an attempt, but more than the name of a template.
    """
    folded = plainest(_STYLE.sub(" ", hidden))
    return may_instruct(folded) or _attempt(folded, words(folded)) is not None


def _attempt(folded: str, read: list[str]) -> str | None:
    if _is_marked(folded) or _WORDS.any_in(read, folded):
        match = _SUSPECT.search(folded)
        if match:
            return match[0]
    return addressed(folded, read)


def _is_marked(folded: str) -> bool:
    for sign, marks in _SIGNED_MARKERS:
        if sign in folded and _has_one(folded, marks):
            return True
    return _has_one(folded, _MARKERS)


def _has_one(text: str, marks: Sequence[str]) -> bool:
    for mark in marks:  # a loop, since each step of a generator is a call  # noqa: SIM110
        if mark in text:
            return True
    return False
