"""The little words that turn what stands beside them: asking, refusing, leaving to others. Folded, all languages."""

from rfqflow.core.rules.text import listed
from rfqflow.core.text.word_lists import word_lists

_CUES = {name: listed(words) for name, words in word_lists("cues").items()}
NEGATION = _CUES["negation"]
ELSEWHERE = _CUES["elsewhere"]
BY_OTHERS = _CUES["by_others"]  # after a thing: it is there, or somebody else provides it
ASKING = _CUES["asking"]
# Work that is done on things: what stands after it with a "of the" or a number is not what is to be delivered.
WORK = _CUES["work"]
WORK_GOODS = _CUES["work_goods"]  # behind such a word: a repair kit is a thing
WORK_WITH_CASE = tuple(sorted(_CUES["work_with_case"]))  # how such words begin
OF = _CUES["of"]
MADE_OF = _CUES["made_of"]  # between a thing and what it is made of
COMMON = _CUES["common"]  # words of any request in some language: they are keywords only where they are written so
