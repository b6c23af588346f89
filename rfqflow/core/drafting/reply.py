"""The draft from a template.

It is in the customer's language if there is a letter for it, or else in English with a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfqflow.core.drafting.asks import Ask, RfqFacts, asks_of
from rfqflow.core.drafting.foreign import is_plain
from rfqflow.core.drafting.letters import FALLBACK, LANGUAGES, code_of, letter
from rfqflow.core.rules.language import detect
from rfqflow.core.text.reading import Reading
from rfqflow.core.text.sanitize import cut, fold, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rfqflow.core.drafting.letters import Letter

SUBJECT_MOST, BODY_MOST = 200, 8000  # characters
_ITEMS_MOST, _ITEM_MOST = 12, 80
_READ = 20_000  # characters of a message from which its language is detected
_NAME_MOST, _REFERENCE_MOST = 60, 40
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_UKRAINIAN = re.compile("[\u0456\u0457\u0454\u0491]")
_NAME_SIGNS = frozenset(" .,'\u2019-·&")


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply that is not sent.

    `why`: a code of `reason_texts` if the draft is not as requested, and otherwise empty.
    """

    language: str
    subject: str
    body: str
    asks: tuple[Ask, ...]
    source: str = "template"
    why: str = ""
    wanted: str | None = None  # the requested language, if the draft has another one


@dataclass(frozen=True, slots=True)
class Frame:
    """The words around the questions."""

    language: str
    subject: str
    greeting: str
    opening: str
    closing: str
    sign_off: str


def language_for(rfq: RfqFacts, wanted: str | None = None) -> str | None:
    """The language in which to write to the customer. None if it is unknown.

    The script of the message takes precedence over the answer's language, because a letter in the wrong script would be
    unreadable.
    """
    if wanted is not None:
        return code_of(wanted)
    text = Reading.of(rfq.message[:_READ]).text
    found = detect(text, _WORD.findall(fold(text[:4000])))
    if found == "ru" and _UKRAINIAN.search(text):
        found = "uk"  # the detection needs more Ukrainian letters than a short message has
    said = code_of(rfq.language)
    if found is not None and (said is None or not _same_script(found, said)):
        return found
    return said or found


def draft(rfq: RfqFacts, wanted: str | None = None) -> Draft:
    """The draft from a template. Without missing data, `asks` and the body are empty."""
    asks = asks_of(rfq)
    language = language_for(rfq, wanted)
    written = language if language in LANGUAGES else FALLBACK
    words = letter(written)
    why = "" if language == written else "no_language" if language is None else "no_template"
    text = framed(frame_of(rfq, words), [(ask, words.asks[ask.field]) for ask in asks], rfq, words) if asks else ""
    return Draft(written, subject_of(rfq, words), text, asks, why=why, wanted=language)


def subject_of(rfq: RfqFacts, words: Letter) -> str:
    """The subject. It includes the application's reference, unless that means nothing to people."""
    reference = one_line(rfq.reference or "")
    named = 0 < len(reference) <= _REFERENCE_MOST and not _UUID.fullmatch(reference) and is_plain(reference)
    return cut(words.subject.format(reference=reference) if named else words.subject_plain, SUBJECT_MOST)


def frame_of(rfq: RfqFacts, words: Letter) -> Frame:
    name = _name(rfq)
    greeting = words.greeting.format(name=name) if name else words.greeting_plain
    return Frame(words.language, subject_of(rfq, words), greeting, words.opening, words.closing, words.sign_off)


def framed(frame: Frame, questions: Sequence[tuple[Ask, str]], rfq: RfqFacts, words: Letter) -> str:
    """The whole text, with numbered questions, and below each question its items."""
    lines = [frame.greeting, "", frame.opening, ""]
    for number, (ask, question) in enumerate(questions, 1):
        lines.append(f"{number}. {question}")
        lines += [f"   - {text}" for text in _items(ask, rfq, words)]
    lines += ["", frame.closing, "", frame.sign_off]
    return "\n".join(lines)[:BODY_MOST]


def _items(ask: Ask, rfq: RfqFacts, words: Letter) -> Iterable[str]:
    for place in ask.items[:_ITEMS_MOST]:
        item = rfq.line_items[place - 1]
        named = cut(one_line(str(item.get("description") or item.get("part_number") or "")), _ITEM_MOST)
        label = words.item.format(number=place)
        # Do not repeat a name with a link or an address: the reply would carry it to an address that the sender has
        # only claimed.
        yield f"{label}: {named}" if named and is_plain(named) else label
    if len(ask.items) > _ITEMS_MOST:
        yield words.more.format(count=len(ask.items) - _ITEMS_MOST)


def _name(rfq: RfqFacts) -> str:
    """The sender's name, if it consists of letters and has no text that a reader could take for an instruction."""
    name = one_line(rfq.name or "")
    fits = 0 < len(name) <= _NAME_MOST and all(sign.isalpha() or sign in _NAME_SIGNS for sign in name)
    return name if fits and is_plain(name) else ""


_SCRIPT_LANGUAGES = {"ja": "cjk", "zh": "cjk", "ko": "ko", "ar": "ar", "fa": "ar", "ur": "ar", "he": "he", "th": "th",
                     "el": "el", "uk": "cyrillic", "ru": "cyrillic", "bg": "cyrillic", "sr": "cyrillic"}  # fmt: skip


def _same_script(one: str, other: str) -> bool:
    return _SCRIPT_LANGUAGES.get(one, "latin") == _SCRIPT_LANGUAGES.get(other, "latin")
