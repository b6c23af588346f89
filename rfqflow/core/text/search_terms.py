r"""What a person types to search: words and phrases in any order, and words and phrases that must not occur.

In `bearing "6205 2RS" -used -"spare parts"`, the first two terms must occur anywhere, and the last two must not occur.
A word is also found within a longer word, and in scripts without spaces. `%`, `_` and `\` match only themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TERMS_MOST = 20
_TEXT_MOST = 200
# A quote that begins a term, with any of the marks that keyboards and word processors write; without a closing quote,
# the term reaches to the end. A quote within a word, such as 3/4" or 24"x36", is a character of it: inches are common
# here.
_MARKS = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02\u300c\u300d'
_MINUS = "-\u2212\u2013\uff0d"
_TERM = re.compile(rf"([{_MINUS}]?)(?:[{_MARKS}]([^{_MARKS}]*)(?:[{_MARKS}]|\Z)|(\S+))")
_SPACES = re.compile(r"\s+")
_LITERAL = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """The required and the excluded texts. If there are too many, the first count."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> SearchTerms:
        """The terms of a search text. Every text is valid."""
        wanted: dict[str, None] = {}
        unwanted: dict[str, None] = {}
        for minus, phrase, word in _TERM.findall(text.replace("\x00", " ")[:_TEXT_MOST]):
            term = _SPACES.sub(" ", phrase).strip() or word
            if not term or len(wanted) + len(unwanted) >= _TERMS_MOST:
                continue
            (unwanted if minus else wanted)[term] = None
        return cls(tuple(wanted), tuple(unwanted))

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    @property
    def patterns(self) -> tuple[list[str], list[str]]:
        """The patterns for `ilike all` and for `not ilike any`. Both lists may be empty."""
        return [_pattern(term) for term in self.wanted], [_pattern(term) for term in self.unwanted]

    @property
    def patterns_across_lines(self) -> tuple[list[str], list[str], list[str], list[str]]:
        """As `patterns`, plus patterns for `~* all` and `not ~* any`, where a phrase also matches across a line end."""
        wanted, unwanted = ([term for term in terms if " " not in term] for terms in (self.wanted, self.unwanted))
        phrases, others = ([term for term in terms if " " in term] for terms in (self.wanted, self.unwanted))
        # A fast check first: the words of the phrase in this order.
        likely = [_pattern(term).replace(" ", "%") for term in phrases]
        return (
            [*map(_pattern, wanted), *likely], [*map(_pattern, unwanted)], [*map(_phrase, phrases)],
            [*map(_phrase, others)],
        )  # fmt: skip


def _phrase(term: str) -> str:
    """A regex for the phrase that allows spaces, line ends and quotation marks of mails between its words."""
    return r"[\s\u00a0>]+".join(re.sub(r"(\W)", r"\\\1", word) for word in term.split(" "))


def _pattern(term: str) -> str:
    return f"%{term.translate(_LITERAL)}%"
