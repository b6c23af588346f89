"""Numbers as people write them: 1.000.000, 1,000,000, 1 000, 10k, 2,5, zwölf, a dozen, 两百.

One separator before three digits can mean thousands or decimals. Things are counted in whole numbers, so a count reads
it as thousands; a measure follows the habit of the language.
"""

import re
from decimal import Decimal

from rfqflow.core.rules.text import plainest

DECIMAL_POINT = frozenset({"en", "zh", "ja", "ko", "th", "he"})
MAX_QUANTITY = Decimal(10) ** 12
NUMERAL = r"\d{1,3}(?:(?:,\d{2,3})+,\d{3}|(?:[.,'’ ]\d{3})+)(?:[.,]\d{1,2})?(?!\d)|\d{1,12}(?:[.,]\d{1,6})?"
_GROUPED = re.compile(r"\d{1,3}([.,'’ ])\d{3}(?:\1\d{3})*|\d{1,3}(?:,\d{2})+,\d{3}")
_SCALES = {"k": 1000, "tsd": 1000, "mil": 1000, "mio": 10**6, "mn": 10**6, "mln": 10**6, "million": 10**6, "millionen": 10**6}
SCALE = r"(?:k(?![\w])|tsd\b|mio\b|mln\b|millions?\b|millionen\b)"

_WORDS = {
    1: "one eins",
    2: "two zwei deux dos due twee dwa dwie dwoch dois duas tva iki dva dve",
    3: "three drei trois tres tre drie trzy trzech uc tri",
    4: "four vier quatre cuatro quattro cztery czterech quatro fyra dort ctyri",
    5: "five funf fuenf cinq cinco cinque vijf piec pieciu fem bes pet",
    6: "six sechs seis sei zes szesc szesciu sex alti sest",
    7: "seven sieben sept siete sette zeven siedem siedmiu sete sju yedi sedm",
    8: "eight acht huit ocho otto osiem osmiu oito atta sekiz osm",
    9: "nine neun neuf nueve nove negen dziewiec nio dokuz devet",
    10: "ten zehn dix diez dieci tien dziesiec dziesieciu dez tio on deset",
    11: "eleven elf onze once undici jedenascie elva",
    12: "twelve zwolf zwoelf douze doce dodici twaalf dwanascie doze tolv dvanact dozen dutzend douzaine docena dozzina dozijn tuzin duzia dussin duzine tucet",
    15: "fifteen funfzehn quinze quince quindici vijftien pietnascie femton patnact",
    16: "sixteen sechzehn seize dieciseis sedici zestien szesnascie sexton",
    20: "twenty zwanzig vingt veinte venti twintig dwadziescia vinte tjugo yirmi dvacet score",
    24: "twenty-four vierundzwanzig vingt-quatre ventiquattro",
    30: "thirty dreissig trente treinta trenta dertig trzydziesci trinta trettio otuz tricet",
    40: "forty vierzig quarante cuarenta quaranta veertig czterdziesci quarenta fyrtio kirk ctyricet",
    50: "fifty funfzig fuenfzig cinquante cincuenta cinquanta vijftig piecdziesiat cinquenta femtio elli padesat",
    60: "sixty sechzig soixante sesenta sessanta zestig szescdziesiat sessenta sextio altmis sedesat",
    100: "hundred hundert cent cien ciento honderd sto cem hundra yuz",
    144: "gross",
    200: "zweihundert doscientos doscientas duecento tweehonderd dwiescie duzentos",
    500: "funfhundert quinientos quinientas cinquecento vijfhonderd piecset quinhentos",
    1000: "thousand tausend mille mil duizend tysiac tusen bin tisic",
}
WORDS = {word: Decimal(value) for value, words in _WORDS.items() for word in words.split()}
# These count something only with a number before them ("two dozen"); alone they are too often something else.
_UNSAFE = frozenset({"on", "sei", "dos", "tri", "bin", "mil", "cent", "score", "gross", "sto", "once", "due", "sex", "kirk", "elf", "fem", "sept", "tre", "pet", "alti", "doce"})
SAFE_WORDS = {word: value for word, value in WORDS.items() if word not in _UNSAFE}
HAN = "〇零一二两兩三四五六七八九十百千万萬"
_HAN_DIGITS = dict(zip("〇零一二两兩三四五六七八九", (0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000}
_ANY = re.compile(rf"(?<!\d)(?<!\d[.,])({NUMERAL})\s?({SCALE}|[万萬千])?|([{HAN}]+)|([^\W\d_]+(?:-[^\W\d_]+)?)", re.IGNORECASE)


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
    factor = Decimal(1)
    for match in _ANY.finditer(text):
        numeral, scale, chinese, word = match.groups()
        values: set[Decimal | None] = set()
        if numeral:
            for counts, point in ((True, True), (False, True), (False, False)):
                value = read(numeral, counts=counts, decimal_point=point)
                values |= {value, None if value is None else scaled(value, scale)}
        elif chinese:
            values.add(han(chinese))
        elif (folded := plainest(word)) in WORDS:
            values |= {WORDS[folded], WORDS[folded] * factor}
        known = {value for value in values if value is not None}
        found |= known
        factor = max(known, default=Decimal(1))
    return frozenset(found)
