"""The letters by language, from the files in `core/words/letters`, which translators edit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.word_lists import word_lists

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = (
    "ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hu", "it", "ja", "ko", "nl", "no", "pl", "pt", "ro",
    "ru", "sv", "tr", "uk", "zh",
)  # fmt: skip
FALLBACK = "en"
_OF = ("ask ", "words ")
_SAME_LANGUAGE = {"nb": "no", "nn": "no", "iw": "he", "cmn": "zh", "yue": "zh"}
_CODE = re.compile(r"[a-z]{2,3}")
# The names of languages that have no letter.
_NAMES = {
    "bg": "Bulgarian", "ca": "Catalan", "et": "Estonian", "fa": "Persian", "hi": "Hindi", "hr": "Croatian",
    "id": "Indonesian", "is": "Icelandic", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "sk": "Slovak",
    "sl": "Slovenian", "sr": "Serbian", "th": "Thai", "ur": "Urdu", "vi": "Vietnamese",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of a letter in one language."""

    language: str
    name: str
    subject: str
    subject_plain: str
    greeting: str
    greeting_plain: str
    opening: str
    closing: str
    sign_off: str
    item: str
    more: str
    asks: Mapping[str, str]
    # By field: normalized words, one of which every question about the field contains.
    words: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=64)
def letter(language: str) -> Letter:
    """The letter in a language of LANGUAGES."""
    read = word_lists(f"letters/{language}")
    of = {kind: {name.removeprefix(kind): text for name, text in read.items() if name.startswith(kind)} for kind in _OF}
    words = {name: tuple(fold(word).strip() for word in text.split(",")) for name, text in of["words "].items()}
    plain = {name: text for name, text in read.items() if not name.startswith(_OF)}
    return Letter(language=language, asks=of["ask "], words=words, **plain)


def code_of(text: str | None) -> str | None:
    """The language code in a text, such as `pt` in `pt-BR`. None if the text is invalid."""
    code = (text or "").strip().lower().replace("_", "-").partition("-")[0]
    code = _SAME_LANGUAGE.get(code, code)
    return code if _CODE.fullmatch(code) else None


def name_of(language: str) -> str:
    """The name of the language, or its code if the name is unknown."""
    return letter(language).name if language in LANGUAGES else _NAMES.get(language, language)
