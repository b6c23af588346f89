"""The text as the rules read it: visible, capped, digits of all scripts as ASCII, without what mail programs add."""

import re
from dataclasses import dataclass

from rfqflow.core.text.plain import plainest
from rfqflow.core.text.reading import Reading
from rfqflow.core.text.sanitize import without_markup

__all__ = ["LIMIT", "Text", "listed", "plainest", "seen", "tidy", "words"]

LIMIT = 64_000  # characters; past it a text is an attack or an attachment pasted in
_WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
_FOREIGN_DIGITS = {start + digit: 0x30 + digit for start in (0x660, 0x6F0, 0x966) for digit in range(10)}
_SPACES = dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F, 0x3000), 0x20)
# One character for one character, so that positions stay comparable.
_SAME = {**_WIDE, **_FOREIGN_DIGITS, **_SPACES}
_HEADER = re.compile(
    r"^[ \t]*(?:from|sent|to|cc|bcc|date|von|gesendet|an|datum|de|envoyé|enviado|para|à|da"
    r"|inviato|van|verzonden|aan"
    r"|od|wysłano|do|kimden|kime)[ \t]*:.*(?:@|\d{4}).*$"
    r"|^[ \t]*(?:from|sent|to|cc|von|gesendet|envoyé|enviado|kimden|wysłano)[ \t]*:.*$"
    r"|^[ \t]*(?:-{2,}+|_{3,}+|={3,}+)[^\n]{0,60}?(?:-{2,}|_{3,}|={3,})?[ \t]*$"
    r"|^[ \t]*(?:tel|phone|fax|mobile|mob|cell|telefon|téléphone|tél|teléfono|móvil|telefono"
    r"|e-?mail|web|www|vat|ust-?id\w*"
    r"|iban|bic|hrb|siret|nip|kvk)\b[^\n]{0,100}$",
    re.IGNORECASE | re.MULTILINE,
)
_FOOTER = re.compile(
    r"^[ \t>]*(?:confidential(?:ity)?\b|disclaimer\b|this (?:e-?mail|message)\b|diese "
    r"(?:e-?mail|nachricht)\b|ce (?:message|courriel)\b"
    r"|este (?:correo|mensaje|e-?mail)\b|questo messaggio\b|dit bericht\b|ta wiadomość\b|bu "
    r"e-?posta\b)[^\n]{40,}",
    re.IGNORECASE | re.MULTILINE,
)
_SPECIAL = re.compile(r"[<>\[\]`*_~|@\x00]|##|://|www\.|\+\d|(?i:cript:|ata:)")
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_MARKS = re.compile(r"[*_]{2,}|`+")
# The vowel signs of Indian scripts are no letters, and no ends of words either.
_WORD = re.compile(
    "(?:[^\\W_\u3040-\u9fff\uac00-\ud7af]|[\u0900-\u0963\u0966-\u0dff])+|[\u3040-\u9fff]+|[\uac00-\ud7af]+"
)
_ASCII_WORDS = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)) + bytes(range(128, 256))


def listed(text: str) -> frozenset[str]:
    """The words of a list that is written as prose."""
    return frozenset(text.split())


def words(folded: str) -> list[str]:
    """The words of a folded text; a run of Chinese, Japanese or Korean signs is one."""
    if folded.isascii():
        return folded.encode().translate(_ASCII_WORDS).decode().split()
    return _WORD.findall(folded)


def tidy(text: str) -> str:
    """`without_markup`, at a tenth of its price where there can be none."""
    return without_markup(text) if _SPECIAL.search(text) or not text.isprintable() else " ".join(text.split())


def seen(text: str) -> str:
    """A readable text, capped, with ASCII digits and blanks."""
    shown = text[:LIMIT]
    return (shown if shown.isascii() else shown.translate(_SAME)).strip()


@dataclass(frozen=True, slots=True)
class Text:
    """One message, prepared once for all readers."""

    shown: str  # as a person sees it
    body: str  # without mail headers, legal footers and quotation marks of replies
    folded: str  # `body` without case and accents
    words: tuple[str, ...]  # of `folded`

    @classmethod
    def of(cls, reading: Reading) -> "Text":
        shown = seen(reading.text)
        body = seen(reading.request)
        body = _QUOTE.sub("", body) if ">" in body else body
        body = _FOOTER.sub("", _HEADER.sub("", body))
        if "*" in body or "_" in body or "`" in body:
            body = _MARKS.sub("", body)
        folded = plainest(body)
        return cls(shown, body, folded, tuple(words(folded)))
