"""Finds what a reply must not contain: links, addresses, telephone numbers, and amounts that are not in its source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfqflow.core.prompting.masking import mask
from rfqflow.core.text.sanitize import fold, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINK = re.compile(
    r"[a-z][a-z0-9+.-]{1,15}:\s?/\s?/|\bwww\s?\.|\b(?:javascript|data|vbscript|mailto|tel|sms):|@|\bhxxp"
    # A host name: a word, a dot and a known ending.
    r"|\b(?:dot|punkt|punto|point)\s(?:com|net|org|info|ru|io)\b|[\w-]+(?:\.|\s?(?:\[\.\]|\(\.\)|\[dot\]|\(dot\))\s?|。)(?:com|net|org|info|biz|ru|cn|io|co|me|top|xyz|site|online|shop"
    r"|club|app|dev|link|click|live|ly|gl|tk|to|cc|de|fr|es|it|pl|cz|tr|se|nl|pt|eu|uk|us|at|ch|be|dk|no|fi|hu|ro|gr|jp|kr"
    r"|il|ae|sa)(?![\w-])",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"</?[a-z!][^<>]{0,200}>|\]\(|\[/?(?:url|link|img)|```|\{\{|\}\}|&#?\w{2,8};", re.IGNORECASE)
_MONEY = re.compile(
    r"[$€£¥₹₽₺₩₪฿]|(?<![a-z])(?:eur|usd|gbp|chf|pln|czk|sek|nok|dkk|huf|jpy|cny|rmb|krw|aed"
    r"|sar|ils|rub|uah|btc|usdt)"
    r"(?![a-z])|euro|dollar|pfund sterling|zloty|korun|bitcoin|rubl|рубл|гривн|доллар|евро|долар|[\d万百千]\s?[元円원]"
    r"|ドル|ユーロ|달러|유로|美元|欧元|دولار|يورو|ريال|שקל|דולר"
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_PLACEHOLDER = re.compile(r"\[?masked-", re.IGNORECASE)


def is_plain(text: str) -> bool:
    """Whether the text has no link, address, telephone number or markup."""
    return next(faults_of(text), None) is None


def faults_of(text: str) -> Iterator[str]:
    """Yields codes for links, addresses and amounts in the text."""
    seen = visible(text)
    if seen != text:
        yield "hidden"
    if _LINK.search(seen) or _LINK.search(fold(seen)):
        yield "link"
    if _MARKUP.search(seen):
        yield "markup"
    if _PLACEHOLDER.search(seen):
        yield "placeholder"
    elif mask(seen)[1]:
        yield "contact"


def amounts_of(text: str, source: str) -> Iterator[str]:
    """Yields codes for amounts and numbers that are not in the source."""
    folded, known = fold(text), fold(source)
    if any(word not in known for word in _MONEY.findall(folded)):
        yield "price"
    if set(_NUMBER.findall(folded)) - set(_NUMBER.findall(known)):
        yield "number"


# Normalized words that ask for money, a password or a click. A letter that asks for technical facts never contains
# them.
_LURES = re.compile(
    r"passwor|passwort|kennwort|mot de passe|contrasena|senha|haslo|heslo|sifre|losenord|adgangskode|salasana|parola"
    r"|jelszo|парол|密码|パスワード|비밀번호|كلمة المرور|סיסמה"
    r"|\bbank|\biban\b|paypal|western union|bitcoin|gift ?card|credit ?card|kreditkart|carte bancaire|tarjeta"
    r"|carta di credito|\bpay\b|payment|zahlung|bezahl|paiement|\bpago|pagamento|betaling"
    r"|platnosc|platb|odeme|betalning|maksu|fizet|оплат|платеж|付款|支払|입금|결제|الدفع|תשלום"
    r"|\bclick|klick|cliqu|haga clic|\bclic\b|kliknij|klikn|tiklay|klicka|нажм|点击|クリック|클릭|انقر|לחצו"
    r"|\bwon\b|congratulat|gluckwunsch|felicit|\bprize|gewonnen|lotter"
    r"|invoice|rechnung|\bfactur|fattura|\bfaktur|fatura|discount|rabatt|\bremise\b|descuento|sconto|rabat|indirim|скидк"
    r"|折扣|割引|할인|verify your|log ?in\b|einloggen"
)


def lures(text: str) -> Iterator[str]:
    """Yields codes for requests for money, secrets or clicks, even if the customer's text has the same words."""
    if _LURES.search(fold(text)):
        yield "lure"
