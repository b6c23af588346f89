"""Subjects and phrases of unwanted mail, in the languages in which such mail is common."""

from rfqflow.core.rules.phrases import Phrases
from rfqflow.core.text.word_lists import word_lists

_TELLING = word_lists("spam_telling")
_NAMING = word_lists("spam_naming")
_PITCH = word_lists("spam_pitch")
SUBJECTS = tuple(dict.fromkeys((*_TELLING, *_NAMING)))
PHRASES = Phrases(
    {f"telling:{subject}": phrases for subject, phrases in _TELLING.items()}
    | {f"naming:{subject}": phrases for subject, phrases in _NAMING.items()}
    | {"pitch": f"{_PITCH['pitch']}\n{_PITCH['offering']}", "supplier": _PITCH["supplier"]}
)
