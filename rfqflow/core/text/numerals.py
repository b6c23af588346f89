"""Numbers in a text: as digits in any of the world's spellings, as words in many languages, as characters.

All readings are given, since nobody can tell if `1.000` is a thousand: who looks a number up here must only
not find what is not there. A word is cut into known parts (`zweihundertfünfzig` is 2, 100, 50), and a run of
parts is summed up the way people do: what stands before a hundred or a thousand multiplies it.
"""

import re
from collections.abc import Container, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

# All languages together: a number in one of them is a number. Below zero: a word that only multiplies.
_SPELLINGS = {
    1: "one ein eins eine einen einem einer un une una uno um uma een bir jeden jedna jedno",
    2: "two zwei zwo deux dos dois duas due twee dwa dwie iki dva dve to tva",
    3: "three drei trois tres tre drie trzy uc tri",
    4: "four vier quatre cuatro quatro quattro cztery dort ctyri fire fyra",
    5: "five funf fuenf cinq cinco cinque vijf piec bes pet fem",
    6: "six sechs seis sei zes szesc alti sest seks sex",
    7: "seven sieben sept siete sete sette zeven siedem yedi sedm syv sju",
    8: "eight acht huit ocho oito otto osiem sekiz osm otte atta",
    9: "nine neun neuf nueve nove negen dziewiec dokuz devet ni nio",
    10: "ten zehn dix diez dez dieci tien dziesiec on deset ti tio",
    11: "eleven elf onze once undici jedenascie",
    12: "twelve zwolf zwoelf douze doce doze dodici twaalf dwanascie",
    -12: "dozen dutzend dtzd dz douzaine douzaines docena docenas duzia duzias dozzina dozijn tuzin duzine dussin",
    13: "thirteen dreizehn treize trece treze tredici dertien trzynascie",
    14: "fourteen vierzehn quatorze catorce catorze quattordici veertien",
    15: "fifteen funfzehn fuenfzehn quinze quince quindici vijftien pietnascie",
    16: "sixteen sechzehn seize dieciseis dezesseis sedici zestien",
    17: "seventeen siebzehn diecisiete dezessete diciassette zeventien",
    18: "eighteen achtzehn dieciocho dezoito diciotto achttien",
    19: "nineteen neunzehn diecinueve dezenove diciannove negentien",
    20: "twenty zwanzig vingt vingts veinte veinti vinte venti vent twintig dwadziescia yirmi tyve tjugo dvacet",
    30: "thirty dreissig trente treinta trinta trenta trent dertig trzydziesci otuz tredive trettio tricet",
    40: "forty vierzig quarante cuarenta quarenta quaranta quarant veertig czterdziesci kirk",
    50: "fifty funfzig fuenfzig cinquante cincuenta cinquenta cinquanta cinquant vijftig piecdziesiat elli",
    60: "sixty sechzig soixante sesenta sessenta sessanta sessant zestig szescdziesiat altmis",
    70: "seventy siebzig septante setenta settanta settant zeventig siedemdziesiat yetmis",
    80: "eighty achtzig quatrevingt quatrevingts huitante octante ochenta oitenta ottanta ottant tachtig "
    "osiemdziesiat seksen",
    90: "ninety neunzig nonante noventa novanta novant negentig dziewiecdziesiat doksan",
    100: "hundred hundert cent cents cien ciento cientos cientas cem cento honderd sto yuz hundre hundra",
    -144: "gross gros",
    200: "doscientos doscientas duzentos duzentas dwiescie",
    300: "trescientos trescientas trezentos trezentas trzysta",
    400: "cuatrocientos quatrocentos czterysta",
    500: "quinientos quinientas quinhentos quinhentas piecset",
    600: "seiscientos seiscientas seiscentos seiscentas szescset",
    700: "setecientos setecentos siedemset",
    800: "ochocientos oitocentos osiemset",
    900: "novecientos novecentos dziewiecset",
    1000: "thousand tausend tsd mille mila mil duizend tysiac tysiace tysiecy bin tusen tisic thous",
    100_000: "lakh lac lakhs",
    -1000: "k",
    1_000_000: "million millions millionen mio mln millon millones milhao milhoes milione milioni miljoen "
    "milion miliony milyon",
    10_000_000: "crore crores",
}
_WORDS = {word: value for value, words in _SPELLINGS.items() for word in words.split()}
# Everyday words of one language that are numbers in another: believed only beside a digit or a number word.
_DOUBTFUL = frozenset(
    "on bin once to en ti ni sei mil cent tre pet sto bes gros tri ett alti kirk lac dz k".split()  # noqa: SIM905 - one line of words reads best
)
_JOINTS = frozenset(("und", "and", "et", "y", "e", "en", "i", "ve"))
_GLUE = ("", "und", "en", "e", "i", "y")
_LONGEST_PART = max(map(len, _WORDS))
_LONGEST_WORD = 48  # no number word is longer; what is would only cost time
_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|[^\s\w-]")
_QUATRE_VINGT = re.compile(r"quatre[ -]vingt")

_DIGITS = re.compile(r"\d+(?:[.,'\u2019\u066b\u066c_]\d+)*")
_SPACED = re.compile(r"\d(?<![\d.,]\d)\d{0,2}(?:[ \u00a0\u2009\u202f]\d{3})+(?:[.,]\d+)?(?!\d)")
_FRACTION = re.compile(r"(?:(\d+)[ -]+)?(\d+)\s?[/\u2044]\s?(\d+)")
_LONGEST_NUMBER = 24
_GROUP = 3  # digits between thousands separators; Indian groups have two

_CJK_DIGITS = {
    character: value
    for value, characters in enumerate(
        ("〇零", "一壱壹", "二弐贰两兩", "三参叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for character in characters
}
_CJK_STEPS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "백": 100, "천": 1000}
_CJK_MYRIADS = {"万": 10**4, "萬": 10**4, "만": 10**4, "億": 10**8, "亿": 10**8, "억": 10**8}
_CJK = "".join((*_CJK_DIGITS, *_CJK_STEPS, *_CJK_MYRIADS))
_CJK_RUN = re.compile(rf"(?:\d+(?:[.,]\d+)*)?[{_CJK}](?:\d|[{_CJK}])*")


def written(text: str) -> Iterator[Decimal]:
    """Every number the digits of an NFKC text can mean."""
    for found in _DIGITS.finditer(text):
        yield from readings(found[0])
    for found in _SPACED.finditer(text):
        yield from readings(re.sub(r"[^\d.,]", "", found[0]))
    for found in _FRACTION.finditer(text) if "/" in text or "\u2044" in text else ():
        whole, upper, lower = (Decimal((digits or "0")[:_LONGEST_NUMBER]) for digits in found.groups())
        if lower:
            yield whole + upper / lower


@lru_cache(maxsize=4096)
def readings(digits: str) -> frozenset[Decimal]:
    """`1,000` is a thousand and one; `1.000,50` is a thousand and a half; `12.10.2026` is three numbers."""
    groups, marks = re.split(r"\D", digits), re.findall(r"\D", digits)
    found: set[str] = set()
    if all(1 < len(group) <= _GROUP for group in groups[1:-1]) and len(groups[-1]) == _GROUP:
        found.add("".join(groups))
    if len(marks) <= 1 or (len(set(marks[:-1])) == 1 and marks[-1] != marks[0]):
        found.add("".join(groups[:-1]) + "." + groups[-1] if marks else digits)
    elif not any(group.startswith("0") for group in groups[1:]) or not found:
        found.update(groups)
    return frozenset(Decimal(digits) for digits in found if len(digits) <= _LONGEST_NUMBER)


def spoken(folded: str) -> Iterator[Decimal]:
    """Every number that words of a folded text say, alone or after digits (`3 dozen`, `2,5 Mio`)."""
    for run in _runs(_WORD.findall(_QUATRE_VINGT.sub("quatrevingt", folded))):
        factors = readings(run[0]) if run[0][0].isdigit() else frozenset()
        words = run[1:] if factors else run
        first = _segments(words, _JOINTS)[0]
        if factors and first[:1] and first[0] in _MULTIPLIERS:
            yield from (factor * total(first) for factor in factors)
            continue
        if len(words) == 1 and words[0] in _DOUBTFUL:
            continue
        for split in ((), _JOINTS, _DOUBTFUL):  # `two to three` is a range, and `on two` no twelve
            yield from (total(segment) for segment in _segments(words, split) if segment)


def _segments(words: Iterable[str], split: Container[str]) -> list[list[int]]:
    segments: list[list[int]] = [[]]
    for word in words:
        if word in split:
            segments.append([])
        else:
            segments[-1] += parts(word)
    return segments


def _runs(tokens: Iterable[str]) -> Iterator[list[str]]:
    """Number words that stand together, with the joints between them and with the digits in front."""
    run: list[str] = []
    for token in (*tokens, ""):
        if parts(token) or (token in _JOINTS and run and parts(run[-1])):
            run.append(token)
            continue
        if len(run) > 1 or (run and not run[0][0].isdigit()):
            yield run
        run = [token] if token[:1].isdigit() else []


@lru_cache(maxsize=4096)
def parts(word: str) -> tuple[int, ...]:
    """The numbers a folded word is made of, or nothing if any of it is no number."""
    if len(word) > _LONGEST_WORD:
        return ()
    tails: dict[int, tuple[int, ...]] = {}
    for start in range(len(word) - 1, -1, -1):
        for end in range(min(len(word), start + _LONGEST_PART), start + 1, -1):
            value = _WORDS.get(word[start:end])
            if value is None:
                continue
            if end == len(word):
                tails[start] = (value,)
                break
            tail = (end + len(glue) for glue in _GLUE if word.startswith(glue, end))
            rest = next((position for position in tail if position in tails), -1)
            if rest > 0:
                tails[start] = (value, *tails[rest])
                break
    return tails.get(0, (_WORDS[word],) if word in _WORDS else ())


_MULTIPLIERS = frozenset((-12, -144, -1000, 100, 1000, 100_000, 1_000_000, 10_000_000))


def total(values: Iterable[int]) -> Decimal:
    """A run of parts as people say it: 2, 100, 50 is 250; 10, 1000 is ten thousand; 1, 20 is 21."""
    whole = current = 0
    for value in values:
        if value >= 1000:  # noqa: PLR2004 - from a thousand on, a word closes its group
            whole, current = whole + (current or 1) * value, 0
        elif value in _MULTIPLIERS:
            current = (current or 1) * abs(value)
        else:
            current += value
    return Decimal(whole + current)


def characters(text: str) -> Iterator[Decimal]:
    """Every number that Chinese, Japanese or Korean characters write, also behind digits (`2万`)."""
    if text.isascii():
        return
    for found in _CJK_RUN.finditer(text):
        run = found[0][:_LONGEST_NUMBER]
        if all(character in _CJK_DIGITS for character in run):
            yield Decimal("".join(str(_CJK_DIGITS[character]) for character in run))
            if len(run) > 1:
                yield from (Decimal(_CJK_DIGITS[character]) for character in run)
        else:
            yield from _stepped(run)


def _stepped(run: str) -> Iterator[Decimal]:
    leading = _DIGITS.match(run)
    for first in readings(leading[0]) if leading else {None}:
        whole, group, digit = Decimal(0), Decimal(0), first
        for character in run[leading.end() if leading else 0 :]:
            if character in _CJK_MYRIADS:
                group += digit or 0
                whole, group, digit = (whole + (group or 1) * _CJK_MYRIADS[character]), Decimal(0), None
            elif character in _CJK_STEPS:
                group, digit = group + (1 if digit is None else digit) * _CJK_STEPS[character], None
            elif character in _CJK_DIGITS:
                digit = Decimal(_CJK_DIGITS[character])
            else:
                digit = Decimal(character) + (digit or 0) * 10
        yield whole + group + (digit or 0)
