"""The text as the rules read it: visible, capped, digits of all scripts as ASCII, without what mail programs add."""

import re
from dataclasses import dataclass

from rfqflow.core.plain import fold, visible

LIMIT = 64_000  # characters; past it a text is an attack or an attachment pasted in
_WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
_FOREIGN_DIGITS = {start + digit: 0x30 + digit for start in (0x660, 0x6F0, 0x966) for digit in range(10)}
_SPACES = dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F, 0x3000), 0x20)
# One character for one character, so that positions stay comparable.
_SAME = {**_WIDE, **_FOREIGN_DIGITS, **_SPACES}
_HEADER = re.compile(
    r"^[ \t]*(?:from|sent|to|cc|bcc|date|von|gesendet|an|datum|de|envoyé|enviado|para|à|da|inviato|van|verzonden|aan"
    r"|od|wysłano|do|kimden|kime)[ \t]*:.*(?:@|\d{4}).*$"
    r"|^[ \t]*(?:from|sent|to|cc|von|gesendet|envoyé|enviado|kimden|wysłano)[ \t]*:.*$"
    r"|^[ \t]*(?:-{2,}|_{3,}|={3,})[^\n]{0,60}?(?:-{2,}|_{3,}|={3,})?[ \t]*$"
    r"|^[ \t]*(?:tel|phone|fax|mobile|mob|cell|telefon|téléphone|tél|teléfono|móvil|telefono|e-?mail|web|www|vat|ust-?id\w*"
    r"|iban|bic|hrb|siret|nip|kvk)\b[^\n]{0,100}$",
    re.IGNORECASE | re.MULTILINE,
)
_FOOTER = re.compile(
    r"^[ \t>]*(?:confidential(?:ity)?\b|disclaimer\b|this (?:e-?mail|message)\b|diese (?:e-?mail|nachricht)\b|ce (?:message|courriel)\b"
    r"|este (?:correo|mensaje|e-?mail)\b|questo messaggio\b|dit bericht\b|ta wiadomość\b|bu e-?posta\b)[^\n]{40,}",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_MARKS = re.compile(r"[*_]{2,}|`+")
_WORD = re.compile("[^\\W_\u3040-\u9fff\uac00-\ud7af]+|[\u3040-\u9fff]+|[\uac00-\ud7af]+")
_STROKES = str.maketrans("łıøđ", "liod")  # letters Unicode does not take apart


def plainest(text: str) -> str:
    """The text without case, accents and strokes: what words are compared by."""
    return text.lower() if text.isascii() else fold(text).translate(_STROKES)


def words(folded: str) -> list[str]:
    """The words of a folded text; a run of Chinese, Japanese or Korean signs is one."""
    return _WORD.findall(folded)


@dataclass(frozen=True, slots=True)
class Text:
    """One message, prepared once for all readers."""

    shown: str  # as a person sees it
    body: str  # without mail headers, legal footers and quotation marks of replies
    folded: str  # `body` without case and accents
    words: tuple[str, ...]  # of `folded`

    @classmethod
    def of(cls, message: str) -> "Text":
        shown = visible(message[: 2 * LIMIT])[:LIMIT].translate(_SAME).strip()
        body = _QUOTE.sub("", shown)
        body = _MARKS.sub("", _FOOTER.sub("", _HEADER.sub("", body)))
        folded = plainest(body)
        return cls(shown, body, folded, tuple(words(folded)))
