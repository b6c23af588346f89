"""Detects answers that reveal the model's instructions in other words.

`prompting.prompt_leak` finds the prompt's own sentences. This module finds a paraphrase: an answer that is about the
model itself, or about routes, confidence and data instead of goods. Words of the customer are no leak.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfqflow.core.rules.roles import Roles, bits
from rfqflow.core.rules.text import LIMIT, plainest, words
from rfqflow.core.text.word_lists import word_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rfqflow.core.answer import Answer
    from rfqflow.core.records import Rfq

_LISTS = word_lists("steering_leaks")
_BITS = bits(_LISTS)
_ROLES = Roles(("", _BITS[name], text) for name, text in _LISTS.items())
_LEAST_MATTER = 2


def tells_its_instructions(answer: Answer, rfq: Rfq) -> bool:
    """Whether texts of the answer are about the model's instructions."""
    said = ". ".join((answer.summary, ", ".join(answer.tags), *(item.description for item in answer.line_items)))
    text = rfq.reading.text
    return tells(said, text, rfq.reading.words if len(text) <= LIMIT else None)


def tells(said: str, message: str, message_words: Sequence[str] | None = None) -> bool:
    """Whether a model's text reveals its instructions, in words that are not in the message.

    `message_words`: the words of the message, if the caller has them.
    """
    folded = plainest(said)
    read = words(folded)
    foreign = _ROLES.foreign(folded)
    telling = _BITS["self"] | _BITS["matter"]
    if not _ROLES.mask(read, folded, foreign) & telling or not _ROLES.exact_mask(read, folded, foreign) & telling:
        return False
    cues = _ROLES.cues(folded, foreign)
    if not cues:
        return False
    known = f" {' '.join(words(plainest(message)) if message_words is None else message_words)} "
    found = {
        name: set(_new(((cue.start, cue.end) for cue in cues if cue.role == bit), read, known))
        for name, bit in _BITS.items()
    }
    if found["self"]:
        return True
    return len(found["matter"]) >= _LEAST_MATTER or bool(found["matter"] and found["orders"])


def _new(spans: Iterable[tuple[int, int]], read: list[str], known: str) -> Iterable[str]:
    for start, end in spans:
        phrase = " ".join(read[start:end])
        if f" {phrase} " not in known:
            yield phrase
