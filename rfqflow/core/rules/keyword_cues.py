"""Short words that change their neighbours' meaning: requests, refusals, other suppliers. Folded, all languages."""

from rfqflow.core.rules.text import listed
from rfqflow.core.text.word_lists import word_lists

_CUES = {name: listed(words) for name, words in word_lists("cues").items()}
NEGATION = _CUES["negation"]
ELSEWHERE = _CUES["elsewhere"]
BY_OTHERS = _CUES["by_others"]  # after a thing: it exists already, or another party supplies it
ASKING = _CUES["asking"]
# Work on things: the thing after such a word, with "of the" or a number, is not to be delivered.
WORK = _CUES["work"]
WORK_GOODS = _CUES["work_goods"]  # after such a word: a repair kit is a thing
WORK_WITH_CASE = tuple(sorted(_CUES["work_with_case"]))  # beginnings of such words
OF = _CUES["of"]
MADE_OF = _CUES["made_of"]  # between a thing and its material
COMMON = _CUES["common"]  # words of any request in some language: keywords only in the original spelling
