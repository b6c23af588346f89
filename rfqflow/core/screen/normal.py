"""A message reduced to what makes it the same as another, and how much of it there is."""

import hashlib
import re
import unicodedata

from rfqflow.core.plain import visible

LEAST_WEIGHT = 20
_IDEOGRAPH, _HANGUL, _KANA = 3, 2, 1.5  # what one sign says, in Latin letters
_PACKED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_SIGN = re.compile("[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff]")
_HANGUL_SIGN = re.compile("[\uac00-\ud7af]")
_NUMBER = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NOTHING_SAID = frozenset(
    "test tests testing hello hallo hola ciao bonjour hey price preis prix precio prezzo quote quotation angebot devis"
    " offer please bitte thanks thank you message nachricht info asdf abc call phone my me for the to on at sir dear hi"
    " contact number tel demo sample foo bar user".split()
)
_SHORTEST = 8  # letters and digits: below it not even a number makes a request


def normalised(message: str) -> str:
    """The text as it is compared: NFKC, no case, nothing invisible, single spaces."""
    shown = visible(message)
    if not shown.isascii():
        # Twice: casefold can leave what NFKC would compose, and the form must be stable.
        shown = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", shown).casefold())
        shown = visible(shown)
    return " ".join(shown.casefold().split())


def fingerprint(message: str) -> bytes:
    """SHA-256 of the normalised text: equal for texts that differ in white space, case or invisible signs only."""
    return hashlib.sha256(normalised(message).encode("utf-8", "replace")).digest()


def weight(message: str) -> int:
    """Letters and digits, where an ideograph counts three, a Hangul syllable two, a kana one and a half."""
    if message.isascii():
        return sum(map(str.isalnum, message))
    shown = unicodedata.normalize("NFKC", visible(message))
    total: float = sum(map(str.isalnum, shown))
    packed = len(_PACKED.findall(shown))
    if packed:
        kana, hangul = len(_KANA_SIGN.findall(shown)), len(_HANGUL_SIGN.findall(shown))
        ideographs = packed - kana - hangul
        total += ideographs * (_IDEOGRAPH - 1) + hangul * (_HANGUL - 1) + kana * (_KANA - 1)
    return int(total)


def too_short(message: str, least: int = LEAST_WEIGHT) -> bool:
    """Nothing to enrich: less than `least`, and no number beside a thing, as in `200 M8 bolts`, either."""
    weighed = weight(message[: 64 * least]) if message[:1] else 0
    if weighed >= least:
        return False
    if weighed < min(_SHORTEST, least) or not _NUMBER.search(message):
        return True
    return all(word in _NOTHING_SAID for word in _WORD.findall(message.casefold()))
