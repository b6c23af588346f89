"""Dates a text states in full. Weeks, months and "in six weeks" are words, not dates: they are told as they stand."""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rfqflow.core.rules.text import plainest
from rfqflow.core.text.sanitize import cut, one_line

_MONTHS = (
    "january jan januar jänner januari janvier janv enero ene gennaio gen styczeń stycznia "
    "janeiro ocak leden ledna ocak يناير",
    "february feb februar februari février févr fev febrero febbraio luty lutego fevereiro şubat únor února فبراير",
    "march mar märz maerz mrz maart mars marzo marzec marca março mart březen března مارس",
    "april apr avril avr abril abr aprile kwiecień kwietnia nisan duben dubna أبريل ابريل",
    "may mai mei mayo maggio mag maj maja maio mayıs květen května مايو",
    "june jun juni juin junio giugno giu czerwiec czerwca junho haziran červen června يونيو",
    "july jul juli juillet juil julio luglio lug lipiec lipca julho temmuz červenec července يوليو",
    "august aug augustus août agosto ago sierpień sierpnia ağustos srpen srpna augusti أغسطس اغسطس",
    "september sep sept septembre septiembre settembre set wrzesień września setembro eylül září سبتمبر",
    "october oct oktober okt octobre octubre ottobre ott październik października outubro "
    "out ekim říjen října oktober أكتوبر اكتوبر",
    "november nov novembre noviembre listopad listopada novembro kasım listopadu نوفمبر",
    "december dec dezember dez décembre diciembre dic dicembre grudzień grudnia dezembro "
    "aralık prosinec prosince ديسمبر",
)
_MONTH = {
    name: number for number, names in enumerate(_MONTHS, 1) for word in names.split() for name in (word, plainest(word))
}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_YEAR = r"(?P<{0}>20[2-4]\d)"
_DATE = re.compile(
    rf"(?<!\d)(?P<y1>20[2-4]\d)(?:[-/.](?P<m1>\d{{1,2}})[-/.](?P<d1>\d{{1,2}})(?!\d)"
    rf"|\s?[年년]\s?(?P<m2>\d{{1,2}})\s?[月월]\s?(?P<d2>\d{{1,2}})\s?[日일号]?)"
    rf"|(?<![\d.,])(?P<d3>\d{{1,2}})(?:st|nd|rd|th|er|ème|eme|º|ª|:a|:e|[.])?[ \t]{{0,2}}(?:of |de |d'|den )?[-/. ]?"
    rf"(?P<n3>{_NAMES})\b\.?,?[-/ ]?(?:of |de |del |do )?[-/ ]{{0,2}}(?P<y3>20[2-4]\d|'?[2-3]\d(?![\d:%]))"
    # The look ahead spares most words the hundred names.
    rf"|\b(?=[^\W\d_]{{3,9}}\.?[ -]\d)(?P<n4>{_NAMES})\.?[ -]"
    rf"(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,?[ -]{{1,2}}(?P<y4>20[2-4]\d)(?!\d)"
    rf"|(?<![\d.,/-])(?P<a5>\d{{1,2}})(?P<s5>[./-])[ ]?(?P<b5>\d{{1,2}})(?P=s5)[ ]?"
    rf"(?P<y5>20[2-4]\d|[2-3]\d)(?![\d/-]|[.,]\d)"
)
# Before a date: what it is the date of.
_QUOTING = re.compile(
    r"\b(?:quot(?:e|es|ation|ations|ing)\b(?! valid)|quotes? (?:due|by|back)|bids?|tenders?"
    r"|submissions?|submit\w*|proposals?|closing|closes?|deadline|offers?|offerte|respond"
    r"|response|reply|replies|rfq due|due for reply|clarification|tender return|received"
    r"|angebot\w*|abgabe\w*|einreich\w*|submission|devis|offres?|remise|reponse|chiffrage"
    r"|consultation|ofertas?|presupuesto|cotizaci\w+|propuestas?|presentacion|plazo de "
    r"presentacion|preventiv\w+|quotazion\w+|risposta|offerta|offriren|inschrijving|indienen"
    r"|ofert\w*|wycen\w*|skladani\w*|zlozeni\w*|cotac\w+|orcamento|propostas?|offert\w*"
    r"|anbud\w*|teklif\w*|nabid\w*|expressions? of interest|questions?|prices? by)\b|报价|投标"
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
    r"(?:quote|offer|quotation|letter|mail|email) of|as of|since|valid (?:until|to|till)"
    r"|gultig bis|validity|expires?|expir\w+|last (?:calibrated|inspected|serviced)"
    r"|manufactured|born|built|commissioned in|revision|rev\.?"
    r"|energi[sz]e\w*|opens?|opening|board meets|exhibition|trade fair|messe|visit|meeting"
    r"|besichtigung|visite|site visit)\W*(?:on|am|le|el|il|the)?\W*$"
)
_AFTER_WORDS = 48
MARK = "\x00"  # never in a text that was made visible


@dataclass(frozen=True, slots=True)
class Dates:
    due: dt.date | None
    due_text: str | None
    deadline: dt.date | None


@dataclass(frozen=True, slots=True)
class _Found:
    date: dt.date
    start: int
    kind: str  # "quoting", "wanting", "ignored" or ""


Matches = Sequence[re.Match[str]]


def scan(body: str) -> Matches:
    """Whatever looks like a full date."""
    return list(_DATE.finditer(_lower(body)))


def dates(body: str, matches: Matches, language: str | None, *, timed: bool) -> Dates:
    """Delivery or completion, else the quote's deadline; and in words what is no full date, where any is `timed`."""
    found = list(_found(matches, language))
    deadline = next((mention.date for mention in found if mention.kind == "quoting"), None)
    due = next((mention.date for mention in found if mention.kind == "wanting"), None)
    due = due or next((mention.date for mention in found if not mention.kind), None) or deadline
    return Dates(due, _in_words(body) if timed and not due else None, deadline)


def without_dates(body: str, matches: Matches) -> str:
    """The text with a mark in place of each date, so that no day is taken for a quantity."""
    for match in matches:
        start, end = match.span()
        body = body[:start] + MARK * (end - start) + body[end:]
    return body


def _lower(body: str) -> str:
    # A capital I with a dot becomes two characters when lowered, which would move every position after it.
    return body.replace("İ", "i").lower()


def _found(matches: Matches, language: str | None) -> Iterator[_Found]:
    order = _order(matches, language)
    last = 0
    for match in matches:
        date, lowered = _date(match, order), match.string
        before = plainest(lowered[max(last, match.start() - 90) : match.start()])
        before = re.split(r"[.!?;](?=\s+\w{3,}\s)|\n\s*\n|\n(?=\s*[-•*\d])", before)[-1]
        after = re.split(r"[.!?;\n](?=\s|$)|$", plainest(lowered[match.end() : match.end() + _AFTER_WORDS]))[0]
        last = match.end()
        if date:
            yield _Found(date, match.start(), _kind(before, after))


def _kind(before: str, after: str) -> str:
    if _IGNORED.search(before):
        return "ignored"
    quoting = [match.start() for match in _QUOTING.finditer(before)]
    wanting = [match.start() for match in _WANTING.finditer(before)]
    # "quote ... delivery by 3 May": the nearer word is the date's own, but "by" and its like belong to either.
    strong = [match.start() for match in _WANTING.finditer(before) if len(match[0]) > 6]  # noqa: PLR2004 - not "by", "bis", "before"
    if quoting and (not strong or quoting[-1] > strong[-1]):
        return "quoting"
    if wanting:
        return "wanting"
    if _QUOTING.search(after):
        return "quoting"
    return "wanting" if _WANTING.search(after) else ""


def _order(matches: Matches, language: str | None) -> str:
    """Which of 03/04 is the day: another date of the text tells, else its language; English alone tells nothing."""
    for match in matches:
        if match["a5"] and match["s5"] != ".":
            first, second = int(match["a5"]), int(match["b5"])
            if first > 12 >= second:  # noqa: PLR2004 - there are twelve months
                return "dm"
            if second > 12 >= first:  # noqa: PLR2004 - the same
                return "md"
    return "" if language in {None, "en", "zh", "ja", "ko"} else "dm"


def _date(match: re.Match[str], order: str) -> dt.date | None:
    group = match.groupdict()
    if group["y1"]:
        return _valid(group["y1"], group["m1"] or group["m2"], group["d1"] or group["d2"])
    if group["n3"]:
        return _valid(group["y3"], str(_MONTH[group["n3"]]), group["d3"])
    if group["n4"]:
        return _valid(group["y4"], str(_MONTH[group["n4"]]), group["d4"])
    first, second = group["a5"], group["b5"]
    if group["s5"] == ".":
        return _valid(group["y5"], second, first)
    if int(first) > 12 or int(second) > 12:  # noqa: PLR2004 - there are twelve months
        order = "dm" if int(first) > 12 else "md"  # noqa: PLR2004 - the same
    if order == "md":
        first, second = second, first
    return _valid(group["y5"], second, first) if order or first == second else None


def _valid(year: str, month: str, day: str) -> dt.date | None:
    number = int(year.strip("'"))
    try:
        return dt.date(number if number > 100 else 2000 + number, int(month), int(day))  # noqa: PLR2004 - 27 means 2027
    except ValueError:
        return None


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
