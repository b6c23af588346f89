"""The language of a text: its script first, then the little words only that language uses so often."""

import re
from collections.abc import Sequence

_STOP = {
    "en": (
        "the and of to for we is are please with our need you would be have this that from an at "
        "by it as in on or will can any your not quote thanks price delivery looking"
    ),
    "de": (
        "und der die das wir fur fuer mit ist von bitte ein eine einen fur den dem zu im auf sie "
        "uns oder nicht sind auch nach bis aus werden unser unsere um ihr ihre als bei zum zur "
        "angebot guten gruss gruesse stuck"
    ),
    "fr": (
        "le la les et de des du pour nous vous un une est avec sur dans en que qui votre notre "
        "nos merci par pas ou sont au aux ce cette bonjour devis avez souhaitons cordialement "
        "livraison d l"
    ),
    "es": (
        "el la los las y de del para que con un una por en es nos su necesitamos hola gracias "
        "favor somos al se o como mas nuestra nuestro saludos presupuesto oferta entrega buenos"
    ),
    "it": (
        "il lo la gli le e di del della dei per con un una che in si vi non da sono ci al alla "
        "nostro vostra cortesemente offerta preventivo saluti buongiorno grazie abbiamo consegna "
        "anche"
    ),
    "nl": (
        "de het een en van voor wij met is zijn op graag bij u te aan of niet om naar onze uw "
        "dat ook deze wordt zouden offerte levering groet beste hebben nodig"
    ),
    "pl": (
        "i w z na do dla nie prosze prosimy oraz o sie jest po od za ze lub to czy witam dzien "
        "dobry pozdrawiam ofert oferte wycene szt mamy potrzebujemy dostawa"
    ),
    "pt": (
        "o a os as e de do da dos das para que com um uma por em no na nos nao ao voces "
        "precisamos solicitamos ou mais ola obrigado obrigada bom cotacao orcamento entrega "
        "prazo nossa nosso favor"
    ),
    "sv": (
        "och att det som en ett pa for vi med ar av till den de inte fran hej oss er kan har "
        "vara om eller vanlig halsningar halsning offert leverans tack onskar behover"
    ),
    "tr": (
        "ve bir icin ile bu da de olarak olan lutfen merhaba fiyat teklif adet rica ederiz "
        "ederim tesekkurler iyi calismalar gore kadar var mi istiyoruz ihtiyacimiz teslim bizim "
        "sayin"
    ),
    "cs": (
        "a v na pro se s z do je ze jsou nebo prosim dobry den dekuji poptavame poptavka cenovou "
        "nabidku dodani ks k od o by jako bude potrebujeme pozdravem nas"
    ),
    "da": (
        "og i at det er til en et pa vi for med af der ikke den har fra hej tilbud levering "
        "venlig hilsen onsker stk kan os skal"
    ),
    "fi": "ja on ei se etta tai hei tarjous tarjouksen kpl toimitus kiitos terveisin pyydamme myos ovat",
    "ro": (
        "si de la in pentru cu un o din este sa ne nu va rugam oferta buna ziua livrare bucati multumesc avem nevoie"
    ),
    "hu": "a az es hogy nem egy van kerunk kerem ajanlat ajanlatot darab szallitas udvozlettel koszonom",
}
_TABLE: dict[str, tuple[str, ...]] = {}
for _language, _words in _STOP.items():
    for _word in dict.fromkeys(_words.split()):
        _TABLE[_word] = (*_TABLE.get(_word, ()), _language)

_LETTERS = {
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "tr": "ğışİ",
    "pl": "łąęśżźćń",
    "cs": "řěůťď",
    "sv": "å",
    "fr": "œêèùû",
    "da": "æ",
    "ro": "țăș",
    "hu": "őű",
}
_TELLING = {letter: language for language, letters in _LETTERS.items() for letter in letters}
_TELLING_PATTERN = re.compile("[" + "".join(_TELLING) + "]")
_SCRIPTS = (
    ("ja", re.compile("[぀-ヿ]"), 4),
    ("ko", re.compile("[가-힣]"), 4),
    ("zh", re.compile("[一-鿿]"), 3),
    ("ar", re.compile("[؀-ۿ]"), 3),
    ("he", re.compile("[֐-׿]"), 3),
    ("th", re.compile("[฀-๿]"), 3),
    ("el", re.compile("[Ͱ-Ͽ]"), 3),
    ("uk", re.compile("[іїєґ]"), 3),
    ("ru", re.compile("[Ѐ-ӿ]"), 3),
)
_SHARE = 0.15  # a script that makes up this share of the letters is the language; less are names
_READ = 400  # words: more of them change nothing


def detect(body: str, words: Sequence[str]) -> str | None:
    """The ISO 639-1 code, or None where nothing tells."""
    head = body[:4000]
    if not head.isascii():
        by_script = _by_script(head)
        if by_script:
            return by_script
    scores: dict[str, float] = dict.fromkeys(_STOP, 0.0)
    for word in words[:_READ]:
        languages = _TABLE.get(word, ())
        for language in languages:
            scores[language] += 1 / len(languages)
    if not head.isascii():
        for letter in _TELLING_PATTERN.findall(head.lower())[:40]:
            scores[_TELLING[letter]] += 0.4
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= 1 else None


def _by_script(head: str) -> str | None:
    letters = sum(map(str.isalpha, head)) or 1
    for language, pattern, least in _SCRIPTS:
        found = len(pattern.findall(head))
        if found >= least and found / letters >= _SHARE:
            return language
    return None
