"""Signals of a genuine request: phrases that customers use and senders of spam do not.

rfqflow searches for them only if something counts against a message, so genuine messages rarely take this time.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from rfqflow.core.rules import commercial_terms
from rfqflow.core.rules.keyword_cues import ASKING
from rfqflow.core.rules.part_numbers import details
from rfqflow.core.rules.phrases import Phrases
from rfqflow.core.rules.quantities import quantities as quantities_of
from rfqflow.core.rules.text import listed
from rfqflow.core.screening.links import Weighted
from rfqflow.core.text.word_lists import word_lists

_READ = 4000
_MOST_LINES = 60
_PHRASES = Phrases(word_lists("trade"))
# A text requests a price if a word of the first list (asking) is within five words of a word of the second list
# (price). A word of the third list means an offer, as in `send you a free quote`.
_WORDS = {name: listed(words) for name, words in word_lists("trade_words").items()}
_ASKS, _PRICES, _OFFERS, _PROMISES, _OURS, _READER = (
    _WORDS[name] for name in ("asks", "prices", "offers", "promises", "ours", "reader")
)
_NEAR = 5
# The patterns match normalized text, without case and accents.
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
_TELLS_WORDS, _TELLS_SIGNS, _UNSPACED = 14, 30, "\u0e00"  # words and signs; a shorter text may omit the question
_READER_SIGNS = re.compile(
    "您|贵|尊敬|御社|貴社|皆様|お客様|弊社|귀사|고객|당사|저희|คุณ|ท่าน|لكم|سيادتكم|حضرتكم|عميل|אתכם|לכם"
)
_GOODS, _GOODS_SIGNS = (listed(words) for words in word_lists("goods").values())
# letters: least and most of a part of a word, and most of an ending.
_GOODS_LEAST, _GOODS_MOST, _GOODS_ENDING = 5, 30, 2
_GOODS_BEGIN = frozenset(word[:-_GOODS_ENDING] for word in _GOODS if len(word) >= _GOODS_LEAST + _GOODS_ENDING)
_NAMED_ONLY = 10
# Weights in the unit of the wording's score: a requested price, requested goods, and (a wish, counted things, a part, a
# drawing).
_ASKED, _ASKED_ABOUT, _FACTS = 2.0, 1.5, (0.8, 1.2, 0.8, 0.8)
MOST = 60  # the most that these signals count, so that spam cannot pass by adding all such words


# Words that are also in notifications about orders and requests are left out.
_CUSTOMERS_ASK = ASKING - listed("order purchase request inquiry offer offers supply cost consultation abbiamo talep")
ASKS = frozenset({"asks_for_quotation", "asks_about_goods"})


def trade_signals(text: str, words: Sequence[str], folded: str, *, needed: int) -> list[Weighted]:
    """Signals with negative weights. Slow signals are computed only if the others do not reach `needed`.

    Goods without a request count little, since the sender may sell them.
    """
    wanted = list(_wanted(words, folded))
    reached = sum(weight for _, weight in wanted)
    left = min(MOST - reached, needed - reached) if wanted else _NAMED_ONLY
    named = _named(text[:_READ], folded) if left > 0 else ()
    return [*_up_to(MOST, wanted), *_up_to(MOST - reached if wanted else _NAMED_ONLY, named)]


def asks(words: Sequence[str]) -> bool:
    """Whether the words request a price, and do not offer one."""
    return any(
        word in _CUSTOMERS_ASK and (place == 0 or words[place - 1] not in _OURS) for place, word in enumerate(words)
    )


def only_tells(text: str, read: Sequence[str], folded: str) -> bool:
    """Whether a longer text addresses its reader, but requests no price, thing, work or help.

    Such texts are circulars, applications and thanks. Fast checks come first, since they are enough for most customers.
    """
    if not (len(read) >= _TELLS_WORDS or (folded and max(folded) >= _UNSPACED and len(folded) >= _TELLS_SIGNS)):
        return False
    if not _CUSTOMERS_ASK.isdisjoint(read) and asks(read):
        return False
    if _QUANTITY.search(folded[:_READ]) or (_READER.isdisjoint(read) and not _READER_SIGNS.search(folded)):
        return False
    if not {"asks_for_quotation", "asks_about_goods", "wishes"}.isdisjoint(_PHRASES.found(read, folded)):
        return False
    return not (
        _asks_for_a_price(read)
        or _CODE.search(text)
        or _DRAWING.search(folded)
        or counts_things(text)
        or names_goods(read, folded)
    )


def names_goods(read: Sequence[str], folded: str) -> bool:
    """Whether the text has words for goods, works or places, inflected or as the last part of a compound."""
    return any(map(_is_goods, set(read))) or (not folded.isascii() and any(sign in folded for sign in _GOODS_SIGNS))


def _is_goods(word: str) -> bool:
    if word in _GOODS:
        return True
    last = len(word) - _GOODS_ENDING
    return any(word[:end] in _GOODS_BEGIN for end in range(max(_GOODS_LEAST, last), len(word))) or any(
        word[start:] in _GOODS for start in range(_GOODS_LEAST, min(last, _GOODS_MOST) - _GOODS_LEAST + 1)
    )


def asks_for_goods(words: Sequence[str], folded: str) -> bool:
    """Whether the text requests a price or a counted thing."""
    wanted = {reason for reason, _ in _wanted(words, folded)}
    return "asks_for_quotation" in wanted or len(wanted) > 1


def speaks_for_request(text: str, words: Sequence[str], folded: str) -> float:
    """The weight that reduces the score of the wording. A requested price has the largest weight."""
    wanted = {reason for reason, _ in _wanted(words, folded)}
    asked = _ASKED if "asks_for_quotation" in wanted else _ASKED_ABOUT if "asks_about_goods" in wanted else 0.0
    facts = (wishes(words, folded), counts_things(text), _CODE.search(text), _DRAWING.search(folded[:_READ]))
    return asked + sum(weight for weight, fact in zip(_FACTS, facts, strict=True) if fact)


def wishes(words: Sequence[str], folded: str) -> bool:
    """Whether the sender expresses a wish."""
    return "wishes" in _PHRASES.found(words, folded)


def counts_things(text: str) -> bool:
    """Whether the text has a number that may count goods. Any noun will do: `38 errors` counts like `20 fire doors`."""
    return any(quantities_of(line, None) for line in text[:_READ].split("\n", _MOST_LINES))


def _up_to(most: int, signals: Iterable[Weighted]) -> Iterator[Weighted]:
    for reason, weight in signals:
        counted = min(weight, most)
        if counted > 0:
            most -= counted
            yield reason, -counted


def _wanted(words: Sequence[str], folded: str) -> Iterator[Weighted]:
    asked = _PHRASES.found(words, folded)
    seeming = asked.pop("asks_no_goods", 0)
    asked.pop("wishes", None)
    if asked.get("asks_for_quotation", 0) > seeming or _asks_for_a_price(words):
        yield "asks_for_quotation", 40
    elif "asks_about_goods" in asked:
        yield "asks_about_goods", 18
    quantities = sum(1 for _ in _QUANTITY.finditer(folded[:_READ]))
    if quantities or (asked and counts_things(folded)):
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
