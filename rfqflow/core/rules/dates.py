"""The dates that a text states in full. Weeks, months and times such as "in six weeks" are not turned into dates."""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rfqflow.core.rules.text import plainest
from rfqflow.core.text.dates_read import DateMention, dates_in, in_order
from rfqflow.core.text.dates_spoken import spoken_dates
from rfqflow.core.text.sanitize import cut, one_line

# Words before a date that show its meaning.
_QUOTING = re.compile(
    r"\b(?:quot(?:e|es|ation|ations|ing)\b(?! valid)|quotes? (?:due|by|back)|bids?|tenders?"
    r"|submissions?|submit\w*|proposals?|closing|closes?|deadline|offers?|offerte|respond"
    r"|response|reply|replies|rfq due|due for reply|clarification|tender return|received"
    r"|angebot\w*|abgabe\w*|einreich\w*|submission|devis|offres?|remise|reponse|chiffrage"
    r"|consultation|ofertas?|presupuesto|cotizaci\w+|propuestas?|presentacion|plazo de "
    r"presentacion|preventiv\w+|quotazion\w+|risposta|offerta|offriren|inschrijving|indienen"
    r"|ofert\w*|wycen\w*|skladani\w*|zlozeni\w*|cotac\w+|orcamento|propostas?|offert\w*"
    r"|reager\w*|anbud\w*|teklif\w*|nabid\w*|expressions? of interest|questions?|prices? by)\b|报价|投标"
    r"|截止|見積|回答|견적|عروض|عرض"
)
_WANTING = re.compile(
    r"\b(?:deliver\w*|delivery|ship\w*|needed|need|required|require|on[ -]?site|in[ -]?house"
    r"|arriv\w*|dock|land|complet\w*|finish\w*|handover|hand over|go[ -]?live|install\w*"
    r"|commission\w*|ready|due date|eta|ets|latest|no later|by|before|until|in hand|in our "
    r"hands"
    r"|want(?:ed)?|receive|start\w*|from|beginning|collect\w*|pick\w*|lead time|liefer\w*"
    r"|anlieferung|eintreff\w*|geliefert|termin|fertig\w*|spatestens|bis|benotig\w*|gebraucht"
    r"|montage|abnahme|livr\w+|delai|avant|au plus tard|pour le|besoin|souhait\w*|mise en "
    r"service|reception|entreg\w+|antes|plazo"
    r"|fecha|a mas tardar|para el|puesta en|consegn\w+|entro|data|arrivo|lever\w*|uiterlijk"
    r"|voor|klaar|oplever\w*|dostaw\w*|dostarcz\w*|termin\w*|realizacj\w*|do dnia|do|ate|prazo"
    r"|embarque|leverans\w*|senast|fore|teslim\w*|tarih\w*|kadar|dodan\w*|dodat|nejpozdeji)\b"
    r"|交货|交付|交期|到货|之前|前|納期|納入|までに|完了|납기|까지|تسليم|قبل|توريد"
)
_IGNORED = re.compile(
    r"\b(?:dated|date of|sent|issued|date:|datum:|vom|du|del dia|fecha:|data:|from your|your "
    r"(?:quote|offer|quotation|letter|mail|email)(?: (?:no\.? ?)?[\w-]{2,16})? of|as of|since|valid (?:until|to|till)"
    r"|gultig bis|validity|expires?|expir\w+|last (?:calibrated|inspected|serviced)"
    r"|manufactured|born|built|commissioned in|revision|rev\.?"
    r"|energi[sz]e\w*|opens?|opening|board meets|exhibition|trade fair|messe|visit|meeting"
    r"|besichtigung|visite|site visit)\W*(?:on|am|le|el|il|the)?\W*$"
)
_COUNTS = re.compile(r"\d")
_TIME = re.compile(r"\d{1,2}[:.h]\d\d|\d{1,2} ?(?:am|pm|uhr|h|noon)\b")
# Words that may belong to the date of a delivery or of a quote.
_EITHER = re.compile(
    r"no later|spatestens|au plus tard|a mas tardar|uiterlijk|nejpozdeji|before|latest|a tempo|之前|前|까지|までに|قبل"
)
_AFTER_WORDS = 48
MARK = "\x00"  # does not occur in a visible text


@dataclass(frozen=True, slots=True)
class Dates:
    due: dt.date | None
    due_text: str | None
    deadline: dt.date | None


@dataclass(frozen=True, slots=True)
class _Found:
    date: dt.date
    start: int
    lent: bool
    kind: str  # "quoting", "wanting", "ignored" or ""


Mentions = Sequence[DateMention]


def scan(body: str) -> Mentions:
    """The full dates of a text."""
    return dates_in(body) or spoken_dates(body)


def dates(body: str, mentions: Mentions, language: str | None, *, timed: bool) -> Dates:
    """The date of delivery or completion, and the deadline of the quote.

    `timed`: the text has a time in words such as "in six weeks".
    """
    found = list(_found(body, mentions, language))
    deadline = next((each.date for each in found if each.kind == "quoting" and not each.lent), None)
    # Dates with a year come before dates whose year is elsewhere, and deliveries before dates with an unknown meaning.
    ranked = sorted(
        (each for each in found if each.kind in {"wanting", ""}), key=lambda each: (each.lent, not each.kind)
    )
    due = next((each.date for each in ranked), None)
    return Dates(due, _in_words(body) if timed and not due else None, deadline)


def without_dates(body: str, mentions: Mentions) -> str:
    """The text with a mark in place of each date, so that no day is taken for a quantity."""
    for each in mentions:
        body = body[: each.start] + MARK * (each.end - each.start) + body[each.end :]
    return body


def _lower(body: str) -> str:
    # A capital I with a dot becomes two characters in lower case, which would move all positions after it.
    return body.replace("İ", "i").lower()


def _found(body: str, mentions: Mentions, language: str | None) -> Iterator[_Found]:
    order = _order(mentions, language)
    lowered = _lower(body) if mentions else ""
    last = 0
    for each in mentions:
        readings = in_order(each, order)
        before = plainest(lowered[max(last, each.start - 90) : each.start])
        before = re.split(
            r"[.!?;](?=\s+\w{3,}\s)|(?<=[^\W\d_]{4})[.!?;](?=\s)|[。！？]|\n\s*\n|\n(?=\s*[-•*\d])", before
        )[-1]
        after = re.split(r"[.!?;\n](?=\s|$)|[。！？]|$", plainest(lowered[each.end : each.end + _AFTER_WORDS]))[0]
        last = each.end
        if len(readings) == 1 and not each.in_range:  # the end of a range is not a due date
            yield _Found(readings[0], each.start, each.lent, _kind(before, after))


def _kind(before: str, after: str) -> str:
    if _IGNORED.search(before):
        return "ignored"
    # In `Please quote 40 pieces, Leeds, 3 May`, a count is between the verb and the date, so the date is not the
    # deadline of the quote.
    quoting = [
        match.start() for match in _QUOTING.finditer(before) if not _COUNTS.search(_TIME.sub("", before[match.end() :]))
    ]
    wanting = [match.start() for match in _WANTING.finditer(before)]
    # In `quote ... delivery by 3 May`, the nearer word belongs to the date. "by" and similar words may belong to
    # either.
    strong = [match.start() for match in _WANTING.finditer(before) if _is_strong(match[0])]
    if quoting and (not strong or quoting[-1] > strong[-1]):
        return "quoting"
    if wanting:
        return "wanting"
    asked, wanted = _QUOTING.search(after), next((m for m in _WANTING.finditer(after) if _is_strong(m[0])), None)
    if asked and not (wanted and wanted.start() < asked.start()):
        return "quoting"
    return "wanting" if _WANTING.search(after) else ""


def _is_strong(word: str) -> bool:
    return not _EITHER.fullmatch(word) and (len(word) > 6 or not word.isascii())  # noqa: PLR2004 - excludes "need" and "data"


def _order(mentions: Mentions, language: str | None) -> str:
    """The order of day and month in a date such as 03/04, by another date of the text or else by the language.

    Unknown in English.
    """
    stated = next((each.order for each in mentions if each.order in {"dm", "md"}), "")
    return stated or ("" if language in {None, "en", "zh", "ja", "ko"} else "dm")


_WORDS = re.compile(
    r"\b(?:asap|as soon as possible|(?:end|mid|middle|beginning|early|late)(?: of)?[ "
    r"-](?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december|q[1-4]|next (?:week|month)|the (?:year|month))(?: 20\d\d)?"
    r"|(?:within|in|under) (?:\d{1,3}|two|three|four|five|six|eight|ten|twelve)(?: ?(?:-|–"
    r"|to) ?\d{1,3})? (?:working |business |calendar )?(?:days?|weeks?|months?)|\d{1,2}(?: "
    r"?(?:-|–|to) ?\d{1,2})? weeks?(?: (?:aro|after \w+))?|(?:week|kw|cw|calendar week|semaine"
    r"|semana|settimana|vecka|hafta|týden|tydzień) ?\d{1,2}(?:[ /]20\d\d)?|q[1-4][ /]?20\d\d"
    r"|(?:anfang|mitte|ende|kw) (?:januar|februar|märz|april|mai|juni|juli|august|september"
    r"|oktober|november|dezember|\d{1,2})(?: 20\d\d)?|(?:innerhalb von |in |binnen "
    r")?\d{1,2}(?: ?(?:-|–|bis) ?\d{1,2})? (?:tagen|wochen|monaten|arbeitstagen)|so schnell "
    r"wie möglich|schnellstmöglich|baldmöglichst"
    r"|(?:début|mi|fin)[ -](?:janvier|février|mars|avril|mai|juin|juillet|août|septembre"
    r"|octobre|novembre|décembre)(?: 20\d\d)?|(?:sous |dans |délai )?\d{1,2}(?: ?(?:-|à) "
    r"?\d{1,2})? (?:jours|semaines|mois)|au plus vite|dès que possible"
    r"|(?:principios|mediados|finales) de [a-z]+(?: de 20\d\d)?|(?:en )?\d{1,2}(?: ?(?:-|a) "
    r"?\d{1,2})? (?:días|semanas|meses)|lo antes posible|cuanto antes|(?:inizio|metà|fine) "
    r"[a-z]+(?: 20\d\d)?|(?:entro )?\d{1,2}(?: ?(?:-|/) ?\d{1,2})? (?:giorni|settimane|mesi)"
    r"|(?:binnen )?\d{1,2}(?: ?(?:-|à) ?\d{1,2})? (?:dagen|weken|maanden)"
    r"|(?:w ciągu )?\d{1,2}(?: ?(?:-|do) ?\d{1,2})? (?:dni|tygodni|tygodnie|miesięcy)|(?:em "
    r")?\d{1,2}(?: ?(?:-|a) ?\d{1,2})? (?:dias|semanas|meses)|(?:inom )?\d{1,2}(?: ?(?:-"
    r"|till) ?\d{1,2})? (?:dagar|veckor|månader)|\d{1,2}(?: ?(?:-|ile) ?\d{1,2})? (?:gün|hafta"
    r"|ay) içinde|(?:do )?\d{1,2}(?: ?(?:-|až) ?\d{1,2})? (?:dnů|týdnů|měsíců)"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december) (?:20\d\d|delivery)|next (?:week|month|year)|this week|immediately|spring "
    r"20\d\d|summer 20\d\d|(?:early|mid|late) (?:20\d\d|spring|summer|autumn))\b"
    r"|\d{1,2}\s?(?:周内|周|个月|週間|か月|ヶ月|주)|尽快",
    re.IGNORECASE,
)


def _in_words(body: str) -> str | None:
    match = _WORDS.search(body)
    return cut(one_line(match[0]), 120) or None if match else None
