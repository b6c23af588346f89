"""Short words that change the meaning of their neighbours: requests, refusals, other suppliers.

Normalized, in all languages.
"""

from rfqflow.core.rules.text import listed
from rfqflow.core.text.word_lists import word_lists

_CUES = {name: listed(words) for name, words in word_lists("cues").items()}
NEGATION = _CUES["negation"]
ELSEWHERE = _CUES["elsewhere"]
BY_OTHERS = _CUES["by_others"]  # words after a thing that exists already, or that another party supplies
ASKING = _CUES["asking"]
# Words for work on things. A thing after such a word with "of the" or a number is not to be delivered.
WORK = _CUES["work"]
WORK_GOODS = _CUES["work_goods"]  # words after a word for work that make it a thing, as in repair kit
WORK_WITH_CASE = tuple(sorted(_CUES["work_with_case"]))  # beginnings of words for work
OF = _CUES["of"]
MADE_OF = _CUES["made_of"]  # words between a thing and its material
# Words that are common in requests of some language, so they are keywords only in their original spelling.
COMMON = _CUES["common"]
