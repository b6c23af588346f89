"""Detects texts that instruct the machine that reads them.

Single words are weak evidence: customers also buy machines that read texts, or cancel drawings. In every language, an
address to a machine close to a directive is an attempt.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, reduce
from operator import or_

from rfqflow.core.rules.roles import Cue, Roles, bits
from rfqflow.core.rules.text import words
from rfqflow.core.text.word_lists import word_lists

_ADDRESS = word_lists("steering_address")
_DIRECTIVES = word_lists("steering_directives")
_NAMES = ("note", "to", "for", "other", "dear", "ai", "program", "aide", "each", "reads", "this", "auto", "ours", "not")
_BITS = bits((*_NAMES, *_DIRECTIVES))
_MACHINE = _BITS["ai"] | _BITS["program"] | _BITS["aide"] | _BITS["each"] | _BITS["auto"]
_CLOSE = 2  # words
_NEAR = 7
_FAR = 12
_AT_ONCE = 3
_AHEAD = 3  # segments after an address that may contain its directive
_LONGEST_SEGMENT = 400  # characters
# The ends of sentences and clauses; each clause is judged separately.
_EDGES = re.compile(
    r"[.!?:;\n\t|(){}\[\]\"\u201c\u201d\u00ab\u00bb\u201e<>\u3002\uff01\uff1f\uff1a\uff1b\u0964\u06d4]+|\s[-\u2013\u2014]\s|,(?=\s*[\"{])"
)
_POSTSCRIPT = re.compile(r"\bp\. ?s\.")
_NAME = r"(?:[^\W\d_]{1,30} ){0,2}[^\W\d_]{1,30}"
_CALL = re.compile(rf"\W{{0,20}}({_NAME})\s*(?:[,\u060c\uff0c\u3001]|$)")  # a name before a comma or a colon
# In these scripts, words are not separated, so any part of a name counts.
_RUN_TOGETHER = re.compile("[\u0e00-\u0e7f\u3040-\u9fff]")
_ANY_CALL = re.compile(rf"(?:^|[.!?:;\n\t|({{\[\"\u201c\u201e])\s{{0,20}}{_NAME}\s?(?:[:,\u060c\uff0c\u3001\uff1a]|$)")


def _names(text: str) -> set[str]:
    return {name.strip() for name in text.replace("\n", ",").split(",")}


def _lists() -> Iterator[tuple[str, int, str]]:
    doubtful, persons = (_names(_ADDRESS[section]) for section in ("xx doubtful", "xx person"))
    for section, text in _ADDRESS.items():
        language, _, role = section.partition(" ")
        if role in {"doubtful", "person"}:
            continue
        if role == "ai":
            names = _names(text)
            yield language, _BITS["ai"], ",".join(names - doubtful - persons)
            yield language, _BITS["program"], ",".join(names & doubtful)
            yield language, _BITS["aide"], ",".join(names & persons)
        else:
            yield language, _BITS[role], text
    for role, text in _DIRECTIVES.items():
        yield "", _BITS[role], text


_ROLES = Roles(_lists())


@cache
def _all(*names: str) -> int:
    return reduce(or_, (_BITS[name] for name in names))


# Combinations of word roles. In an attempt, at least one of them is complete.
_STRONG = (
    _all("ignore", "orders"), _all("score", "value"), _all("score", "number"), _all("place"), _all("reply"),
    _all("play", "player"),
)  # fmt: skip
_READERS = ("ai", "program", "aide")
_PATTERNS = (
    *(_all(who, what) for who in ("each", "ai") for what in ("do", "haste")),
    *(_all(name, what, "reads") for name in ("program", "aide", "auto") for what in ("do", "haste")),
    *(_all(name, "do") | strong for name in ("program", "aide") for strong in _STRONG),
    *(_all(name, "reads", "this") for name in _READERS), _all("each", "this"), _all("dear", "program", "do"),
    _all("ignore", "orders"), _all("ignore", "above", "reply"), _all("score", "value", "do"),
    _all("score", "number", "do"), _all("field", "value", "do"), _all("play", "player"), _all("tell", "told"),
    _all("tell", "yours", "place"), _all("sign"),
)  # fmt: skip
_CALLED = (_all("program", "do"), _all("aide", "do"))
_HINTS = (
    *(_BITS[name] for name in ("ai", "each", "ignore", "play", "told", "sign", "reply", "place", "score", "above")),
    _all("program", "do"), _all("program", "haste"), _all("do", "orders"), _all("field", "value"),
    _all("value", "haste"),
)  # fmt: skip


def addressed(folded: str, read: list[str] | None = None) -> str | None:
    """The words with which a normalized text instructs its reader.

    None if there are no such words. `read`: the words of the text, if the caller has them.
    """
    read = words(folded) if read is None else read
    foreign = _ROLES.foreign(folded)
    mask = _ROLES.mask(read, folded, foreign)
    if not _may_be(mask, folded) or not _may_be(_ROLES.exact_mask(read, folded, foreign), folded):
        return None
    segments = _segments(folded)
    masks = [_ROLES.mask(words(segment), segment, foreign) for segment in segments]
    cues: dict[int, list[Cue]] = {}
    for at, segment in enumerate(segments):
        if not masks[at]:
            continue
        near = range(at, min(at + _AHEAD + 1, len(segments)))
        around = reduce(or_, (masks[there] for there in near))
        if not _may_be(around, segment):
            continue
        for there in near:
            if there not in cues:
                cues[there] = _ROLES.cues(segments[there], foreign) if masks[there] else []
        if _steers([cues[there] for there in near], segments[at : near.stop]):
            return " ".join(segments[at : at + 2]).strip()
        cues.pop(at, None)
    return None


def may_instruct(folded: str) -> bool:
    """Whether a text that mail programs do not show contains words of a directive."""
    mask = _ROLES.mask(words(folded), folded)
    present = _of([_ROLES.cues(segment) for segment in _segments(folded)]) if mask else 0
    return any(present & pattern == pattern for pattern in _HINTS)


def _may_be(mask: int, text: str) -> bool:
    for pattern in _PATTERNS:  # a loop, since each step of a generator is a call
        if mask & pattern == pattern:
            return True
    is_called = mask & _CALLED[0] == _CALLED[0] or mask & _CALLED[1] == _CALLED[1]
    return is_called and _ANY_CALL.search(text) is not None


def _segments(folded: str) -> list[str]:
    segments = []
    for clause in _EDGES.split(_POSTSCRIPT.sub("ps ", folded)):
        segments += [clause[at : at + _LONGEST_SEGMENT] for at in range(0, len(clause), _LONGEST_SEGMENT)]
    return [segment for segment in segments if segment.strip(" ,-*#>_")]


def _steers(window: Sequence[Sequence[Cue]], texts: Sequence[str]) -> bool:
    """Whether an attempt to steer the reader begins at the start of the window."""
    here = window[0]
    if any(cue.role == _BITS["sign"] for cue in here) or _gives_orders(here) or _asks_for_its_instructions(here):
        return True
    both = _of(window[:2])
    if both & _all("ignore", "above") == _all("ignore", "above") and both & _BITS["reply"]:
        return True
    if any(cue.role == _BITS["play"] for cue in here) and both & _BITS["player"]:
        return True
    return _addresses(window, texts)


def _of(segments: Sequence[Sequence[Cue]]) -> int:
    return reduce(or_, (cue.role for segment in segments for cue in segment), 0)


def _role(cues: Sequence[Cue], *names: str) -> list[Cue]:
    wanted = _all(*names)
    return [cue for cue in cues if cue.role & wanted]


def _gives_orders(cues: Sequence[Cue]) -> bool:
    """Whether the words cancel the machine's rules, or set a field of the answer."""
    present = _of([cues])
    if present & _BITS["ignore"] and present & _BITS["orders"]:
        goods = _role(cues, "goods")
        orders = [
            order
            for order in _role(cues, "orders")
            if not any(
                -1 <= order.start - each.end <= _CLOSE or 0 <= each.start - order.end <= _CLOSE for each in goods
            )
        ]
        for verb in _role(cues, "ignore"):
            if _is_negated(verb, cues):
                continue
            if any(
                -_NEAR <= order.start - verb.end <= _NEAR
                and not any(
                    order.end <= each.start < verb.start or verb.end <= each.start < order.start for each in goods
                )
                for order in orders
            ):
                return True
    for field in _role(cues, "score", "field"):
        is_score = field.role == _BITS["score"]
        directive = any(
            -_NEAR <= cue.start - field.start <= _NEAR for cue in _role(cues, "do") if cue.start != field.start
        )
        values = _role(cues, "value", "number") if is_score else _role(cues, "value")
        if directive and any(-1 <= value.start - field.end <= _NEAR - 2 for value in values):
            return True
    return False


def _is_negated(verb: Cue, cues: Sequence[Cue]) -> bool:
    """Whether the directive is negated, as in "do not forget the instructions"."""
    return any(
        -_CLOSE <= neg.start - verb.end <= _CLOSE or -1 <= verb.start - neg.end <= _CLOSE
        for neg in _role(cues, "neg")
        if not (verb.start <= neg.start < verb.end and verb.end - verb.start > 1)
    )


def _asks_for_its_instructions(cues: Sequence[Cue]) -> bool:
    for given in _role(cues, "told", "yours"):
        if given.role == _BITS["yours"] and not _role(cues, "place"):
            continue
        if any(-_FAR <= given.start - verb.end <= _FAR for verb in _role(cues, "tell")):
            return True
    return False


def _addresses(window: Sequence[Sequence[Cue]], texts: Sequence[str]) -> bool:
    """Whether the first segment addresses a machine and asks it to do something."""
    here, text = window[0], texts[0]
    if not _of([here]) & _MACHINE:
        return False
    around = _of(window)
    for name in _role(here, *_READERS):
        if _reads_this(name, here) and (name.role == _BITS["ai"] or _is_called(name, here, text)):
            return True
    if any(cue.end >= len(words(text)) - 1 and _role(here, "this") for cue in _role(here, "each")):
        return True
    if not around & _all("do", "haste"):
        return False
    if any(_reads_this(name, here) for name in _role(here, "program", "aide", "auto")):
        return True
    is_strong = any(around & strong == strong for strong in _STRONG)
    return any(
        name.role == _BITS["each"] or _is_spoken_to(name, window, texts, is_strong=is_strong)
        for name in _role(here, "each", *_READERS)
        if not _is_goods(name, here)
    )


def _is_spoken_to(name: Cue, window: Sequence[Sequence[Cue]], texts: Sequence[str], *, is_strong: bool) -> bool:
    here, text = window[0], texts[0]
    is_sure = name.role == _BITS["ai"] or is_strong or _is_read_by(name, here)
    if is_sure and _is_called(name, here, text):
        return True
    if name.role == _BITS["program"] and _is_greeted(name, here) and _CALL.match(text):
        return True
    return name.start == 0 and _is_ordered(name, window, texts)


def _is_called(name: Cue, cues: Sequence[Cue], text: str) -> bool:
    """Whether the text addresses a machine: `dear ...`, `note to the ...`, or a dative at the start of a sentence."""
    if _is_greeted(name, cues):
        return True
    for to in _role(cues, "to", "for"):
        if not to.languages & name.languages or not 0 <= name.start - to.end <= 1:
            continue
        begins = to.start == 0 and (to.role == _BITS["to"] or name.end == len(words(text)))
        if begins or any(to.start == note.end and note.start <= _AT_ONCE for note in _role(cues, "note")):
            return True
    return False


def _is_goods(name: Cue, cues: Sequence[Cue]) -> bool:
    """Whether the name is the first part of a product's name, such as an AI camera or a system house."""
    return any(cue.start in (name.end, name.end - 1) and cue.end > name.end for cue in _role(cues, "not"))


def _ends_call(name: Cue, text: str) -> bool:
    call = _CALL.match(text)
    return call is not None and len(words(call[1])) == name.end and not _RUN_TOGETHER.search(call[1])


def _is_greeted(name: Cue, cues: Sequence[Cue]) -> bool:
    return any(
        dear.start <= _CLOSE and dear.languages & name.languages and 0 <= name.start - dear.end <= 1
        for dear in _role(cues, "dear")
    )


def _is_read_by(name: Cue, cues: Sequence[Cue]) -> bool:
    return any(-_NEAR // 2 <= verb.start - name.end <= _NEAR for verb in _role(cues, "reads"))


def _is_ordered(name: Cue, window: Sequence[Sequence[Cue]], texts: Sequence[str]) -> bool:
    """Whether a directive directly follows the name and a comma or colon."""
    if len(words(texts[0])) == name.end and not _RUN_TOGETHER.search(texts[0]):
        return len(window) > 1 and any(cue.start < _AT_ONCE for cue in _role(window[1], "do"))
    return _ends_call(name, texts[0]) and any(0 <= cue.start - name.end < _AT_ONCE for cue in _role(window[0], "do"))


def _reads_this(name: Cue, cues: Sequence[Cue]) -> bool:
    """Whether the text names a machine as the reader of this message, and not a machine of the customer."""
    reach = _NEAR if name.role == _BITS["auto"] else _CLOSE
    if any(0 <= name.start - cue.end <= reach for cue in _role(cues, "ours")) or _is_goods(name, cues):
        return False
    others = {cue.start for cue in _role(cues, "other")}
    messages = [cue for cue in _role(cues, "this") if cue.start not in others]
    for verb in _role(cues, "reads"):
        if not -_NEAR <= verb.start - name.end <= _NEAR:
            continue
        for this in messages:
            if not this.languages & verb.languages:
                continue
            if -1 <= this.start - verb.end <= _CLOSE or 0 <= verb.start - this.end <= 1:
                return True
            if this.end <= name.start <= verb.start <= name.end + 1:  # in the order "this", "a machine", "reads"
                return True
    return False
