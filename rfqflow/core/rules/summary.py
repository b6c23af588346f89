"""The summary, which is the sentences with the request in the customer's own words, and the tags."""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import re
from collections.abc import Iterable, Sequence

from rfqflow.core.answer import LineItem
from rfqflow.core.rules.keyword_cues import ASKING
from rfqflow.core.rules.text import plainest, tidy, words
from rfqflow.core.text.sanitize import cut

_LENGTH = 300
_SENTENCES = 16  # sentences that are considered; terms and signatures follow below
_SENTENCE = re.compile(r"(?<=[^\W\d_]{3}[.!?])\s+|(?<=[。！？])|\n+")
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|to whom|hallo"
    r"|guten (?:tag|morgen)|sehr geehrte\w*|moin|servus|liebe\w*|bonjour|madame|monsieur"
    r"|messieurs|salut|hola|buen[oa]s|estimad\w*|buongiorno|salve|gentil\w*|spett\w*|beste"
    r"|geachte|goedemiddag|dag|dzien dobry|witam|szanown\w*"
    r"|ola|bom dia|boa tarde|prezad\w*|hej|god\w* |merhaba\w*|sayin|iyi gunler|dobry den"
    r"|vazen\w*|您好|你好|尊敬|お世話|拝啓|안녕|السلام|تحية|مرحبا|regards|best|kind|thanks"
    r"|thank|many thanks|cheers|sincerely|mit freundlichen|viele gru|schone gru|gruss|mfg"
    r"|cordialement|merci|bien a|saludos|gracias|atentamente|cordiali|distinti|grazie|groet\w*"
    r"|mvg|met vriendelijke|pozdraw\w*"
    r"|z powazaniem|dziek\w*|obrigad\w*|atenciosamente|cumprimentos|med vanlig\w*|halsning\w*"
    r"|tack|saygilar\w*|tesekkur\w*|s pozdravem|dekuj\w*)\b[^.!?\n]{0,40}[,.!:]?$|^(?:您好|你好"
    r"|尊敬)"
)
_REMEMBERED = re.compile(r"\b(?:fw|fwd|re|aw|wg|sv|tr|rv)\s*:\s*", re.IGNORECASE)
_LEADING = re.compile(r"^[\s\-–—•*·|>#.,:;]+")


def summary(body: str, items: Sequence[LineItem]) -> str:
    """At most 300 characters of the text: the request and neighbouring sentences, without greeting and signature."""
    sentences = [sentence for sentence in map(_clean, _SENTENCE.split(body[:4000])[:_SENTENCES]) if len(sentence) > 3]  # noqa: PLR2004 - leaves out very short sentences
    useful = [sentence for sentence in sentences if not _GREETING.match(plainest(sentence))] or sentences
    if not useful:
        return "(no readable text)"
    names = {plainest(item.description)[:16] for item in items[:6]}
    first = max(range(min(len(useful), 12)), key=lambda number: (_worth(useful[number], names), -number))
    chosen = useful[first]
    for following in useful[first + 1 : first + 4]:
        if len(chosen) + len(following) + 1 > _LENGTH:
            break
        chosen += (" " if chosen.endswith((".", "!", "?", "。", ":", ",", ";")) else "; ") + following
    return cut(chosen, _LENGTH) or "(no readable text)"


def tags(evidence: Iterable[str], extra: Iterable[str]) -> tuple[str, ...]:
    """Tags as slugs: facts first, then the terms that decided the route. Only Latin words give slugs."""
    slugs = (re.sub(r"[^a-z0-9]+", "-", plainest(term)).strip("-")[:40].strip("-") for term in (*extra, *evidence))
    return tuple(dict.fromkeys(slug for slug in slugs if len(slug) > 1))[:8]


def _clean(sentence: str) -> str:
    return _LEADING.sub("", _REMEMBERED.sub("", tidy(sentence)))


def _worth(sentence: str, names: set[str]) -> float:
    folded = plainest(sentence)
    found = words(folded)
    worth = 2.0 * (not ASKING.isdisjoint(found)) + 1.5 * any(name in folded for name in names if name)
    worth += 0.5 * any(map(str.isdigit, folded)) + min(len(found), 20) / 20
    return worth
