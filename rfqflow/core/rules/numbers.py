"""Numbers as people write them: 1.000.000, 1,000,000, 1 000, 10k, 2,5, zwölf, a dozen, 两百.

One separator before three digits can mean thousands or decimals. Things are counted in whole numbers, so a count reads
it as thousands; a measure follows the habit of the language.
"""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import re
from collections.abc import Mapping
from decimal import Decimal

from rfqflow.core.rules.text import listed, plainest

DECIMAL_POINT = frozenset({"en", "zh", "ja", "ko", "th", "he"})
MAX_QUANTITY = Decimal(10) ** 12
NUMERAL = r"\d{1,3}(?:(?:,\d{2,3})+,\d{3}|(?:[.,'’ ]\d{3})+)(?:[.,]\d{1,2})?(?!\d)|\d{1,12}(?:[.,]\d{1,6})?"
_GROUPED = re.compile(r"\d{1,3}([.,'’ ])\d{3}(?:\1\d{3})*|\d{1,3}(?:,\d{2})+,\d{3}")
_SCALES = {
    "k": 1000,
    "tsd": 1000,
    "mil": 1000,
    "mio": 10**6,
    "mn": 10**6,
    "mln": 10**6,
    "million": 10**6,
    "millionen": 10**6,
}
SCALE = r"(?:k(?![\w])|tsd\b|mio\b|mln\b|millions?\b|millionen\b)"

_COUNTING = {
    "en": "one two three four five six seven eight nine ten eleven twelve",
    "de": "eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf",
    "fr": "une deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "it": "uno due tre quattro cinque sei sette otto nove dieci undici dodici",
    "nl": "een twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "pl": "jeden dwa trzy cztery piec szesc siedem osiem dziewiec dziesiec jedenascie dwanascie",
    "pt": "um dois tres quatro cinco seis sete oito nove dez onze doze",
    "sv": "ett tva tre fyra fem sex sju atta nio tio elva tolv",
    "tr": "bir iki uc dort bes alti yedi sekiz dokuz on onbir oniki",
    "cs": "jeden dva tri ctyri pet sest sedm osm devet deset jedenact dvanact",
}
_MORE = {
    "en": {
        "dozen": 12,
        "fifteen": 15,
        "sixteen": 16,
        "eighteen": 18,
        "twenty": 20,
        "thirty": 30,
        "forty": 40,
        "fifty": 50,
        "sixty": 60,
        "hundred": 100,
    },
    "de": {
        "dutzend": 12,
        "zwoelf": 12,
        "fuenf": 5,
        "zwo": 2,
        "funfzehn": 15,
        "zwanzig": 20,
        "dreissig": 30,
        "vierzig": 40,
        "funfzig": 50,
        "hundert": 100,
    },
    "fr": {
        "douzaine": 12,
        "dizaine": 10,
        "quinze": 15,
        "seize": 16,
        "vingt": 20,
        "vingtaine": 20,
        "trente": 30,
        "quarante": 40,
        "cinquante": 50,
        "cent": 100,
    },
    "es": {
        "docena": 12,
        "docenas": 12,
        "decena": 10,
        "quince": 15,
        "veinte": 20,
        "treinta": 30,
        "cuarenta": 40,
        "cincuenta": 50,
        "cien": 100,
    },
    "it": {
        "dozzina": 12,
        "decina": 10,
        "quindici": 15,
        "venti": 20,
        "trenta": 30,
        "quaranta": 40,
        "cinquanta": 50,
        "cento": 100,
    },
    "nl": {"dozijn": 12, "vijftien": 15, "twintig": 20, "dertig": 30, "veertig": 40, "vijftig": 50, "honderd": 100},
    "pl": {
        "tuzin": 12,
        "dwie": 2,
        "dwoch": 2,
        "trzech": 3,
        "czterech": 4,
        "pieciu": 5,
        "szesciu": 6,
        "dziesieciu": 10,
        "pietnascie": 15,
        "dwadziescia": 20,
        "trzydziesci": 30,
        "sto": 100,
    },
    "pt": {
        "duzia": 12,
        "duas": 2,
        "dezena": 10,
        "quinze": 15,
        "vinte": 20,
        "trinta": 30,
        "quarenta": 40,
        "cinquenta": 50,
        "cem": 100,
    },
    "sv": {"dussin": 12, "femton": 15, "tjugo": 20, "trettio": 30, "fyrtio": 40, "femtio": 50, "hundra": 100},
    "tr": {"duzine": 12, "onbes": 15, "yirmi": 20, "otuz": 30, "kirk": 40, "elli": 50, "yuz": 100},
    "cs": {"tucet": 12, "dve": 2, "patnact": 15, "dvacet": 20, "tricet": 30, "ctyricet": 40, "padesat": 50, "sto": 100},
}
DOZENS = listed(
    "dozen dutzend douzaine douzaines docena docenas dozzina dozzine dozijn tuzin tuziny duzia "
    "duzias dussin duzine tucet tucty"
)
# By language, because "six" is six in two of them and "once" is eleven in only one.
Told = Mapping[str, Decimal]
WORDS: Mapping[str, Told] = {
    language: {
        word: Decimal(value)
        for word, value in (dict(zip(words.split(), range(1, 13), strict=True)) | _MORE[language]).items()
    }
    for language, words in _COUNTING.items()
}
_ALL_WORDS: Mapping[str, frozenset[Decimal]] = {
    word: frozenset(words[word] for words in WORDS.values() if word in words)
    for word in {word for words in WORDS.values() for word in words}
}
HAN = "〇零一二两兩三四五六七八九十百千万萬"
_HAN_DIGITS = dict(zip("〇零一二两兩三四五六七八九", (0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000}
_DIGITS = re.compile(r"\d{1,12}")
_ANY = re.compile(rf"(?<!\d)(?<!\d[.,])({NUMERAL})\s?({SCALE}|[万萬千])?|([{HAN}]+)|([^\W\d_぀-鿿]+)", re.IGNORECASE)


def read(numeral: str, *, counts: bool, decimal_point: bool) -> Decimal | None:
    """The value of a numeral; None where it is no number one can order."""
    separators = [character for character in numeral if not character.isdigit()]
    plain = numeral
    if separators:
        last = separators[-1]
        grouped = _GROUPED.fullmatch(numeral) is not None and not numeral.startswith("0")
        if grouped and (counts or len(separators) > 1 or last not in ".," or (last == ",") == decimal_point):
            plain = re.sub(r"\D", "", numeral)
        else:
            head, _, tail = numeral.rpartition(last)
            plain = re.sub(r"\D", "", head) + "." + tail
    value = Decimal(plain)
    return value if 0 < value < MAX_QUANTITY else None


def scaled(value: Decimal, scale: str | None) -> Decimal:
    """The value times what a suffix such as `k` says."""
    if not scale:
        return value
    if scale in "万萬千":
        return value * (1000 if scale == "千" else 10_000)
    return value * _SCALES.get(scale.strip().casefold(), _SCALES.get(scale.strip().casefold().rstrip("s"), 1))


def han(numeral: str) -> Decimal | None:
    """The value of a Chinese numeral such as 两百五十."""
    total = section = digit = 0
    for character in numeral:
        if character in _HAN_DIGITS:
            digit = _HAN_DIGITS[character]
        elif character in _HAN_SCALES:
            section += (digit or 1) * _HAN_SCALES[character]
            digit = 0
        else:
            total, section, digit = (total + section + digit) * 10_000, 0, 0
    value = Decimal(total + section + digit)
    return value if 0 < value < MAX_QUANTITY else None


def mentioned(text: str) -> frozenset[Decimal]:
    """Every number a text can be said to contain, in every reading."""
    found: set[Decimal] = set()
    factors: set[Decimal] = set()
    for match in _ANY.finditer(text):
        numeral, scale, chinese, word = match.groups()
        values: set[Decimal | None] = set()
        if numeral:
            # "15 100" may be one number or two.
            values |= {read(digits, counts=True, decimal_point=True) for digits in _DIGITS.findall(numeral)}
            for counts, point in ((True, True), (False, True), (False, False)):
                value = read(numeral, counts=counts, decimal_point=point)
                values |= {value, None if value is None else scaled(value, scale)}
        elif chinese:
            values.add(han(chinese))
        else:
            told = _ALL_WORDS.get(plainest(word), frozenset())
            values |= told | {value * factor for value in told for factor in factors}
        known = {value for value in values if value is not None}
        found |= known
        factors = known
    return frozenset(found)
