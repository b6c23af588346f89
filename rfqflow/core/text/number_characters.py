"""Numbers in scripts without spaces between words: Chinese and Japanese characters, kana, Hangul, and Thai."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from rfqflow.core.text.number_digits import before as digits_before
from rfqflow.core.text.number_digits import readings
from rfqflow.core.text.number_grammar import numbers
from rfqflow.core.text.number_lexicon import EVERY, Atom, Kind

Words = tuple[frozenset[Decimal], int, int]
_LONGEST = 24
_MOST, _MOST_THAI = 1_500, 250  # most numbers that are read; a text with more is not a request

_DIGITS = {
    character: value
    for value, characters in enumerate(
        (
            "〇零영공",
            "一壱壹일",
            "二弐贰两兩이",
            "三参叁삼",
            "四肆사",
            "五伍오",
            "六陆육륙",
            "七柒칠",
            "八捌팔",
            "九玖구",
        )
    )
    for character in characters
}
_STEPS = dict(zip("十拾百佰千仟십백천", (10, 10, 100, 100, 1000, 1000, 10, 100, 1000), strict=True))
_MYRIADS = {"万": 10**4, "萬": 10**4, "만": 10**4, "億": 10**8, "亿": 10**8, "억": 10**8}
_TENS_IN_ONE = {"廿": 20, "卅": 30}
_HAN = "".join(character for character in (*_DIGITS, *_STEPS, *_MYRIADS, *_TENS_IN_ONE) if character < "가")
_HAN_ANY = re.compile(f"[{_HAN}俩仨打対对雙双]")
# The pattern starts at the first digit and never backtracks. Otherwise a long sequence would take quadratic time.
_WHOLE = r"(?<!\d)(?<!\d[.,])\d++(?:[.,]\d++)*+[^\S\n]?"
_HAN_RUN = re.compile(rf"(?:{_WHOLE})?[{_HAN}][\d{_HAN}]*")
_HAN_DOZENS = re.compile(
    rf"(半|\d{{1,8}}|[{_HAN}]{{1,8}})?\s?ダース|(半|\d{{1,8}}|[{_HAN}]{{1,8}})\s?打(?![开開印包电電字样])"
)
_HAN_TWO = re.compile(r"俩|[一1][对対雙双](?=[\u3040-\u9fff])")
_KANA = dict(
    zip(
        ("ひとつ", "ふたつ", "みっつ", "よっつ", "いつつ", "むっつ", "ななつ", "やっつ", "ここのつ", "とお"),
        range(1, 11),
        strict=True,
    )
)
_KANA_ONE = re.compile(
    "(?<![ぁ-ん])(?:" + "|".join(_KANA) + ")|(?<=[をはがのにで])(?:" + "|".join(list(_KANA)[:9]) + ")"
)


def characters(text: str) -> Iterator[Words]:
    """Yields all numbers in Chinese, Japanese, Korean or Thai characters, also after digits (`2万`)."""
    if text.isascii():
        return
    if _HAN_ANY.search(text) or "ダース" in text:
        yield from _han(text)
    if _KANA_LETTER.search(text):
        for found in islice(_KANA_ONE.finditer(text), _MOST):
            yield frozenset({Decimal(_KANA[found[0]])}), *found.span()
    if _HANGUL.search(text):
        yield from _hangul(text)
    if _THAI_LETTER.search(text):
        yield from _thai(text)


_KANA_LETTER = re.compile("[ぁ-ん]")
_HANGUL = re.compile("[가-힣]")
_THAI_LETTER = re.compile("[\u0e01-\u0e4e]")


def _han(text: str) -> Iterator[Words]:
    for found in islice(_HAN_RUN.finditer(text), _MOST):
        yield frozenset(_stepped("".join(found[0].split())[:_LONGEST])), *found.span()
    dozens = _HAN_DOZENS.finditer(text) if "打" in text or "ダース" in text else ()
    for found in islice(dozens, _MOST):
        count = found[1] or found[2]
        if count == "半":
            values = {Decimal("0.5")}
        else:
            values = set(readings(count) if count and count.isdecimal() else _stepped(count)) if count else {Decimal(1)}
        yield frozenset(12 * value for value in values), *found.span()
    for found in islice(_HAN_TWO.finditer(text), _MOST):
        yield frozenset({Decimal(2)}), *found.span()


def _stepped(run: str) -> set[Decimal]:
    """The readings of a sequence: `三千五百` by steps, `二〇二六` digit by digit, and `两百五` also as 250."""
    if all(character in _DIGITS for character in run):
        values = {Decimal("".join(str(_DIGITS[character]) for character in run))}
        return values | {Decimal(_DIGITS[character]) for character in run}
    leading = re.match(r"\d+(?:[.,]\d+)*", run)
    found: set[Decimal] = set()
    for first in readings(leading[0]) if leading else {None}:
        whole, group, digit, step = Decimal(0), Decimal(0), first, Decimal(0)
        for character in run[leading.end() if leading else 0 :]:
            if character in _MYRIADS:
                group += digit or 0
                step = Decimal(_MYRIADS[character])
                whole, group, digit = whole + (group or 1) * step, Decimal(0), None
            elif character in _STEPS:
                step = Decimal(_STEPS[character])
                group, digit = group + (1 if digit is None else digit) * step, None
            elif character in _TENS_IN_ONE:
                group, digit, step = group + _TENS_IN_ONE[character], None, Decimal(10)
            elif character in _DIGITS:
                step = Decimal(0) if character in "〇零영공" else step
                digit = Decimal(_DIGITS[character])
            elif character.isdecimal():  # a long sequence was cut here, so there is no mark
                digit = Decimal(int(character)) + (digit or 0) * 10
        found.add(whole + group + (digit or 0))
        if digit and digit < 10 and step >= 100:  # noqa: PLR2004 - 两百五: the five is of the next lower step
            found.add(whole + group + digit * step / 10)
    return found


_COUNTERS = (
    "개입|개소|개|대|장|본|명|세트|셋트|박스|상자|켤레|톤|미터|롤|병|통|권|줄|벌|자루|쌍|가지|다스|묶음|봉지|"
    "봉|포대|포|매|조|알|캔|팩|드럼|킬로|건|곳|기|척|필|그루|마리|리터|팔레트|파레트|컨테이너|라인|종|단|판|"
    "정|모|평|채|량|편|타|그로스|kg|ea"
)
_COUNTED = rf"(?=\s?(?:{_COUNTERS}))"
_NATIVE = {
    word: value
    for value, words in enumerate(
        ("하나 한", "둘 두", "셋 세 석 서", "넷 네 넉 너", "다섯", "여섯", "일곱", "여덟", "아홉", "열"), 1
    )
    for word in words.split()
}
_NATIVE_TENS = dict(
    zip(
        ("열", "스물", "스무", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔"),
        (10, 20, 20, 30, 40, 50, 60, 70, 80, 90),
        strict=True,
    )
)
_SINO = "일이삼사오육륙칠팔구십백천만억"
_SINO_RUN = re.compile(
    rf"(?<![가-힣])(?:{_WHOLE})?[{_SINO}](?:\d|\s?[{_SINO}]){{0,12}}(?:{_COUNTED}|(?<=[십백천만억])(?![가-힣]))"
    rf"|(?<![가-힣])[{_SINO}]{{2,12}}(?![가-힣])|{_WHOLE}[백천만억]+"
)
_NATIVE_RUN = re.compile(
    rf"(?<![가-힣])([{_SINO}]*[백천만]\s?)?(열|스물|스무|서른|마흔|쉰|예순|일흔|여든|아흔)?\s?"
    rf"(하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉|(?:한|두|세|석|서|네|넉|너){_COUNTED})?(?:{_COUNTED}|(?![가-힣]))"
)
_KOREAN_DOZENS = re.compile(r"(반|(?<!\d)\d++|[가-힣]{1,4})\s?(?:다스|타스|타(?![가-힣]))")
_HALF = Decimal("0.5")


def _hangul(text: str) -> Iterator[Words]:
    for found in islice(_SINO_RUN.finditer(text), _MOST):
        yield frozenset(_stepped(re.sub(r"\s", "", found[0])[:_LONGEST])), *found.span()
    for found in islice(_NATIVE_RUN.finditer(text), _MOST):
        hundreds, ten, one = found.groups()
        if ten or one:
            head = max(_stepped(hundreds.strip()), default=Decimal(0)) if hundreds else Decimal(0)
            value = head + _NATIVE_TENS.get(ten, 0) + _NATIVE.get(one, 0)
            yield frozenset({value}), *found.span()
    for found in islice(_KOREAN_DOZENS.finditer(text), _MOST):
        count = found[1]
        value = _HALF if count == "반" else Decimal(count) if count.isdecimal() else Decimal(_NATIVE.get(count, 0))
        if value:
            yield frozenset({12 * value}), *found.span()


_THAI = {
    "หนึ่ง": "1", "เอ็ด": "1", "สอง": "2", "ยี่": "2", "สาม": "3", "สี่": "4", "ห้า": "5", "หก": "6", "เจ็ด": "7", "แปด": "8",
    "เก้า": "9", "สิบ": "*10", "ร้อย": "*100", "พัน": "*1000", "หมื่น": "*10000", "แสน": "*100000", "ล้าน": "*1000000",
    "โหล": "*12", "กุรุส": "*144", "คู่": "2", "ครึ่ง": "0.5",
}  # fmt: skip
_THAI_ATOMS = {
    word: Atom(Kind.MULTIPLIES if value[0] == "*" else Kind.ADDS, Decimal(value.lstrip("*")))
    for word, value in _THAI.items()
}
_THAI_WORD = re.compile("|".join(_THAI))
_THAI_RUN = re.compile(r"(?:(?:" + "|".join(_THAI) + r")[\s\u200b]?(?!อี้|ละ)){1,16}")
# Only these multiples count alone; others are common words: `พัน` also means to wind.
_THAI_ALONE = frozenset(("สิบ", "โหล"))


def _thai(text: str) -> Iterator[Words]:
    for found in islice(_THAI_RUN.finditer(text), _MOST_THAI):
        words = [*_THAI_WORD.finditer(text, *found.span())]
        atoms = [_THAI_ATOMS[word[0]] for word in words]
        factors = digits_before(text, found.start()) if atoms[0].kind is Kind.MULTIPLIES else ()
        for factor in factors or (None,):
            for first, end, values in numbers(EVERY, atoms, factor):
                alone = end - first == 1 and atoms[first].kind is Kind.MULTIPLIES and factor is None
                if not alone or words[first][0] in _THAI_ALONE:
                    yield values, words[first].start(), words[end - 1].end()
