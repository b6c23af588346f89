"""Signals other than words: links, the sender's address, invisible characters, and letters that look like others."""
# ruff: noqa: RUF001 - letters of many scripts are what this module is about

import re
from collections.abc import Iterator

from rfqflow.core.rules.text import listed
from rfqflow.core.text.word_lists import word_lists

Weighted = tuple[str, int]  # a signal and its weight

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'\]\[(){}|]{3,}", re.IGNORECASE)
_DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|xlsx?|csv|dwg|dxf|step|stp|igs|iges|stl|sldprt|zip|7z|rar|png|jpe?g|tiff?|txt)\b", re.IGNORECASE
)
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([^/:?#\s]{1,253})", re.IGNORECASE)
_HOSTS = {name: listed(words) for name, words in word_lists("hosts").items()}
_SHORTENERS = _HOSTS["shorteners"]
_MESSENGERS = _HOSTS["messengers"]
_ODD_ENDS = _HOSTS["odd_ends"]
_DISPOSABLE = _HOSTS["disposable"]
_MARKUP = re.compile(r"\[(?:url|link)\s?=|\[/url\]|<a\s[^<>]{0,200}?href\s*=\s*[\"']?https?:", re.IGNORECASE)
_HTML_MAIL = re.compile(r"<(?:html|body|div|p|table|span)\b", re.IGNORECASE)
_TAGS = re.compile("[\U000e0020-\U000e007f]")
_BIDI = re.compile("[\u202d\u202e]")
_ZERO_WIDTH = re.compile("(?<=[^\\W_])[\u200b\u2060\ufeff\u00ad](?=[^\\W_])")
_MIXED = re.compile("(?<![^\\W_])(?=[a-zA-Z]{0,30}[Ѐ-ӿͰ-Ͽ])(?=[Ѐ-ӿͰ-Ͽ]{0,30}[a-zA-Z])[a-zA-ZЀ-ӿͰ-Ͽ]{4,40}(?![^\\W_])")
_SCRIPTS = (
    ("latin", re.compile("[A-Za-zÀ-ɏ]")),
    ("cyrillic", re.compile("[Ѐ-ӿ]")),
    ("cjk", re.compile("[぀-ヿ㐀-鿿가-힣]")),
    ("arabic", re.compile("[؀-ۿ]")),
    ("thai", re.compile("[฀-๿]")),
)
_BEYOND_LATIN = re.compile("[\u0370-\u1fff\u3040-\ud7af]")
_FOREIGN_SHARE, _FOREIGN_LEAST = 0.2, 30
# The patterns match normalized text: a pattern that ignores case would be five times slower.
_MONEY = r"(?:us\$|r\$|[€$£₹]|eur|usd|gbp|zl|₽|руб\w{0,3}|tl|euros?|dollars?|元|円|만원|万元)"
_MONEY_MARKS = (*"$€£₹₽元円万만", "eur", "usd", "gbp", "zl", "руб", "tl", "dollar")
_OFFERED = re.compile(
    r"\b(?:up to|from|just|only|for only|start(?:s|ing)? (?:at|from)|bis(?: zu)?|ab|nur|des|a partir de|jusqu'a|desde"
    r"|por solo|hasta|da|solo|a partire da|fino a|so|ate|vanaf|slechts|tot|od|juz od|do|от|всего|до|fran|bara)\s{1,2}"
    rf"(?:{_MONEY}\s?\d|\d[\d., ]{{0,11}}\s?{_MONEY})"
)
_RATE = re.compile(
    rf"{_MONEY}\s?\d[\d.,]{{0,9}}\s?(?:/|per |a |an |pro |par |al |por |na |в )\s?"
    r"(?:month|mo\b|hr\b|hour|week|day|monat|woche|tag|mois|jour|mes\b|mese|semana|maand|mies|мес)"
    rf"|\d[\d.,]{{0,9}}\s?{_MONEY}\s?(?:/|im |pro |par |al |por |per |miesi|w |в )\s?"
    r"(?:monat|mois|mes\b|mese|maand|mies|мес)|月\s?\d{1,3}\s?[万만]|월\s?\d{1,3}\s?만"
)
_PERCENT_OFF = re.compile(
    r"\d{1,3}\s?%\s?(?:off\b|discount|rabatt|de reduction|descuento|sconto|desconto|korting|rabatu|скидк|indirim)"
)
_TIMES = r"(?:minut|hours?|h\b|stunden|heures|horas|ore|uur|godzin|час|hodin|days|tagen|jours|dias|giorni|dagen|dni|дн)"
_SOON = re.compile(rf"\b(?:in|within|innerhalb von|binnen|en|dans|entro|em|w|за|до)\s\d{{1,3}}\s?{_TIMES}")
# The end of a time span; it is found faster, since the engine searches for digits.
_SPAN = re.compile(rf"\d\s?{_TIMES}")
_SOON_BEFORE, _SOON_BEHIND = 20, 8  # characters
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_MANY_EMOJI = 3
_MANY_LINKS, _URL_SHARE = 3, 0.3
_DOTS = 5
_STRAY = 2  # number of zero-width characters that a text copied from a web page may contain


def link_signals(text: str) -> Iterator[Weighted]:
    """Yields signals of links: their number, their share of the text, and their targets.

    Links to documents are normal in an RFQ.
    """
    if "://" in text or "www." in text.lower():
        urls = [url for url in _URL.findall(text) if not _DOCUMENT.search(url)]
        if len(urls) > _MANY_LINKS:
            yield "many_links", 25
        if urls and sum(map(len, urls)) > _URL_SHARE * len(text):
            yield "mostly_links", 20
        hosts = {match[1].lower() for match in map(_HOST.match, urls) if match}
        if hosts & _SHORTENERS:
            yield "shortened_link", 20
        if hosts & _MESSENGERS:
            yield "messenger_link", 15
        if any(host.rpartition(".")[2] in _ODD_ENDS for host in hosts):
            yield "odd_domain", 20
    if ("<" in text or "[" in text) and _MARKUP.search(text) and not _HTML_MAIL.search(text):
        yield "link_markup", 40


def promise_signals(text: str, folded: str) -> Iterator[Weighted]:
    """Yields signals of offered money and of urgency."""
    if any(mark in folded for mark in _MONEY_MARKS) and (_OFFERED.search(folded) or _RATE.search(folded)):
        yield "price_offered", 12
    if "%" in folded and _PERCENT_OFF.search(folded):
        yield "discount_offered", 10
    if _says_soon(folded):
        yield "quick_results", 6
    if not text.isascii() and len(_EMOJI.findall(text)) >= _MANY_EMOJI:
        yield "many_emoji", 12


def _says_soon(folded: str) -> bool:
    return any(
        _SOON.search(folded, max(0, span.start() - _SOON_BEFORE), span.end() + _SOON_BEHIND)
        for span in _SPAN.finditer(folded)
    )


def sender_signals(email: str | None) -> Iterator[Weighted]:
    """Yields signals of the sender's address."""
    local, _, domain = (email or "").strip().lower().rpartition("@")
    if not local:
        return
    if domain in _DISPOSABLE:
        yield "disposable_address", 30
    if domain in {"gmail.com", "googlemail.com"} and local.partition("+")[0].count(".") >= _DOTS:
        yield "dotted_address", 25
    if domain.rpartition(".")[2] in _ODD_ENDS:
        yield "odd_domain", 15


def hidden_signals(raw: str, shown: str, own: str) -> Iterator[Weighted]:
    """Yields signals of invisible characters, and of letters that look like others.

    `shown`: the visible text of `raw`. `own`: the sender's own details.
    """
    if raw.isascii():
        return
    if raw != shown and _has_hidden(raw):
        yield "hidden_signs", 25
    if not _BEYOND_LATIN.search(raw):
        return
    if len(set(_MIXED.findall(raw))) > 1:
        yield "mixed_scripts", 30
    letters = {name: len(pattern.findall(raw)) for name, pattern in _SCRIPTS}
    main = max(letters, key=lambda name: letters[name])
    for name, pattern in _SCRIPTS:
        few = _FOREIGN_LEAST // 3 if name == "cjk" else _FOREIGN_LEAST
        share = _FOREIGN_SHARE * sum(letters.values())
        if name not in {main, "latin"} and letters[name] >= max(few, share) and not pattern.search(own):
            yield "foreign_script", 10


def _has_hidden(raw: str) -> bool:
    return bool(_TAGS.search(raw) or _BIDI.search(raw)) or len(_ZERO_WIDTH.findall(raw)) > _STRAY
