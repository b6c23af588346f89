"""Scores how much a message looks like advertising or fraud: weighted signals, minus signals of a genuine request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rfqflow.core.records import Rfq, Signal
from rfqflow.core.rules.text import plainest, words
from rfqflow.core.screening.gibberish import name_is_random
from rfqflow.core.screening.links import Weighted, hidden_signals, link_signals, promise_signals, sender_signals
from rfqflow.core.screening.theme_lexicon import PHRASES, SUBJECTS
from rfqflow.core.screening.trade_lexicon import (
    ASKS,
    MOST,
    asks_for_goods,
    counts_things,
    only_tells,
    speaks_for_request,
    trade_signals,
    wishes,
)
from rfqflow.core.screening.wording import WORDING
from rfqflow.core.text.sanitize import visible
from rfqflow.core.text.thread import Part, closes

SKIP_AT = 70
MARK_AT = 30
_READ = 6000  # characters at the beginning that are read; at the end, a quarter as many
_FAST_SECONDS = 2.0
_LONGEST_REQUEST = 20_000  # characters of a mail that is split into its parts, which takes time
_SENDERS = 3
_DOUBTFUL_AT = 15  # below this score, no signal counts against the message
# For several words for subjects of advertising; of 85 genuine messages without a request, none had two such words.
_THREE_NAMED = 24
_TWO_NAMED, _SILENT = 16, SKIP_AT + 2  # the second is enough alone, for a text that requests nothing
_PITCHES, _OFFERS_AT = ("sales_pitch", "supplier_pitch"), 36
_ABOUT = (*SUBJECTS, *_PITCHES, "subject_named")
_NOTICES = frozenset({"order_notice", "announcement", "complaint", "invoicing"})
_TELLING, _NAMING = "telling:", "naming:"
_TELLING_AT = {f"{_TELLING}{subject}": at for at, subject in enumerate(SUBJECTS)}
_PERSONAL, _ONLY_NAMED = frozenset({"job_application"}), frozenset({"part_number", "incoterm", "delivery_place"})
_WORDING_WEIGHS, _ASKING_WEIGHS = 80, 100  # points per unit of the logarithmic odds of the wording
_WORDING_MOST = 75
# A shorter text is not skipped only because it requests nothing, since some customers write little.
_FEW_WORDS, _WORD_LETTERS = 24, 6
_LONE = 45  # for a single strong phrase, which a customer may quote
_SOFT = frozenset({*_ABOUT, "nothing_asked_for"})
_SALESMAN, _SURE = 0.9, 100  # odds of the wording, and a score, that no brief customer reached
_TELLS_ALONE = 1.5  # odds of the wording for which even a short text is skipped; 2 of 1,744 unseen requests had more


@dataclass(frozen=True, slots=True)
class Screening:
    """The score and its parts. The names of the parts come from rfqflow, never from the customer's text."""

    score: int
    signals: tuple[Weighted, ...] = ()

    @property
    def reasons(self) -> tuple[Signal, ...]:
        """The signals in the form that a run stores, the strongest signal first."""
        ordered = sorted(self.signals, key=lambda weighted: -abs(weighted[1]))
        return tuple(Signal(reason, weight) for reason, weight in ordered)


def spam(rfq: Rfq, same_text_senders: int = 0, *, skip_at: float = SKIP_AT) -> Screening:
    """The spam score of an RFQ. `same_text_senders`: number of other addresses that recently sent the same text.

    If the newest text asks for goods, only that text is judged, since its signature and the quoted mail may advertise.
    """
    whole = _judged(rfq, _ends(rfq.message), _ends(rfq.reading.text), same_text_senders, skip_at)
    if whole.score < MARK_AT or len(rfq.message) > _LONGEST_REQUEST:
        return whole
    asked = takewhile(lambda line: not closes(line.text), (x for x in rfq.reading.lines if x.part is Part.REQUEST))
    request = _ends("\n".join(line.text for line in asked))
    folded = plainest(request)
    if len(request) < len(rfq.reading.text.strip()) and asks_for_goods(words(folded), folded):
        alone = _judged(rfq, request, request, same_text_senders, skip_at)
        return min(whole, alone, key=lambda judged: judged.score)
    return whole


def _judged(rfq: Rfq, raw: str, text: str, same_text_senders: int, skip_at: float) -> Screening:
    """The score of one text.

    Signals of a genuine request are computed only if they could bring the score below `skip_at`, so that a flood of
    spam takes little time.
    """
    # The text of a message with a usual length is normalized already.
    whole = text is rfq.reading.text
    folded = rfq.reading.folded if whole else plainest(text)
    read = rfq.reading.words if whole else words(folded)
    shown = text if raw == text else visible(raw)  # usually nothing needs to be removed from a readable text
    against = [
        *_form_signals(rfq, same_text_senders),
        *sender_signals(rfq.email),
        *link_signals(shown),
        *hidden_signals(raw, shown, f"{rfq.company or ''} {rfq.name or ''}"),
        *_word_signals(PHRASES.found(read, folded)),
    ]
    if against:
        against += promise_signals(text, folded)
    score = sum(weight for _, weight in against)
    if score - MOST >= max(skip_at, SKIP_AT):
        return Screening(score, tuple(against))
    if score < _SILENT and _is_about(against) and only_tells(text, read, folded):
        return Screening(_SILENT, (*against, ("nothing_asked_for", _SILENT - score)))
    signals = tuple(against) if score < _DOUBTFUL_AT else (*against, *_in_favour(against, text, read, folded))
    score = max(0, sum(weight for _, weight in signals))
    if worded := _worded(score, text, read, folded):
        signals = (*signals, *worded)
        score = max(0, sum(weight for _, weight in signals))
    if SKIP_AT <= score < _SURE and _is_short(read, folded) and _is_soft(signals) and WORDING.score(read) < _SALESMAN:
        return Screening(SKIP_AT - 1, (*signals, ("few_words", SKIP_AT - 1 - score)))
    return Screening(score, signals)


def _is_short(read: Sequence[str], folded: str) -> bool:
    return len(read) < _FEW_WORDS and len(folded) < _FEW_WORDS * _WORD_LETTERS


def _is_soft(signals: Sequence[Weighted]) -> bool:
    """Whether a customer might use all phrases that count against the text."""
    return all(
        weight <= _LONE and (weight <= 0 or reason in _SOFT or reason.startswith("word")) for reason, weight in signals
    )


def _worded(score: int, text: str, read: Sequence[str], folded: str) -> Sequence[Weighted]:
    """The score of the wording, and its strongest words. They are computed only if they can change the result.

    Signals of a genuine request reduce the score, so that a request for prices is never skipped only for its style.
    """
    if score >= MARK_AT + SKIP_AT + _WORDING_MOST:
        return ()
    wording = WORDING.score(read)
    if wording < 0:
        return (("wording", max(round(_ASKING_WEIGHS * wording), -_WORDING_MOST)),) if score >= MARK_AT else ()
    most = min(round(_WORDING_WEIGHS * wording), _WORDING_MOST)
    if most <= 0 or score + most < MARK_AT:
        return ()
    wording -= speaks_for_request(text, read, folded)
    points = min(round(_WORDING_WEIGHS * wording), _WORDING_MOST)
    if score < SKIP_AT and wording < (_SALESMAN if score >= _TWO_NAMED else _TELLS_ALONE) and _is_short(read, folded):
        points = min(points, SKIP_AT - 1 - score)
    if points <= 0:
        return ()
    named = [(f"worded: {said}", round(_WORDING_WEIGHS * adds)) for said, adds in WORDING.strongest(read)]
    return (*named, ("wording", points - sum(weight for _, weight in named)))


def _is_about(against: Sequence[Weighted]) -> bool:
    """Whether the text is about a subject of unwanted mail.

    The wording alone is weak evidence, since some customers write like salesmen.
    """
    return any(reason in SUBJECTS or (reason == "subject_named" and weight >= _TWO_NAMED) for reason, weight in against)


def _ends(text: str) -> str:
    return text if len(text) <= _READ else f"{text[:_READ]}\n{text[-_READ // 4 :]}"


def _form_signals(rfq: Rfq, same_text_senders: int) -> Iterator[Weighted]:
    """Yields signals of the form.

    A browser may fill a honeypot too, so that signal alone does not outweigh a customer's request.
    """
    if rfq.metadata.get("honeypot"):
        yield "honeypot", 85
    seconds = rfq.metadata.get("form_seconds")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds < _FAST_SECONDS:
        yield "filled_too_fast", 30
    if same_text_senders >= _SENDERS:
        yield "many_senders", 45
    if name_is_random(rfq.name) or name_is_random(rfq.company):
        yield "random_name", 25


def _word_signals(found: dict[str, int]) -> Iterator[Weighted]:
    if not found:
        return
    for _, telling in sorted((_TELLING_AT[name], name) for name in found if name in _TELLING_AT):
        yield telling.removeprefix(_TELLING), min(25 + 20 * found[telling], 85)
    if named := sum(count for name, count in found.items() if name.startswith(_NAMING)):
        yield "subject_named", min(8 * named, 48)
    if pitch := found.get("pitch", 0):
        yield "sales_pitch", min(9 * pitch, 45)
    if supplier := found.get("supplier", 0):
        yield "supplier_pitch", min(12 * supplier, 72)


def _in_favour(against: Sequence[Weighted], text: str, read: Sequence[str], folded: str) -> Sequence[Weighted]:
    """The signals of a genuine request, or the signal that there are none.

    Counted goods are weak evidence: offers and notifications about orders have them too.
    """
    score = sum(weight for _, weight in against)
    found = trade_signals(text, read, folded, needed=score - MARK_AT + 1)
    offers = sum(weight for reason, weight in against if reason in _PITCHES) >= _OFFERS_AT
    informs = any(reason in _NOTICES and weight > _LONE for reason, weight in against)
    if any(reason in _PERSONAL for reason, _ in against):  # applications for jobs request something too
        found = [(reason, weight) for reason, weight in found if reason != "asks_about_goods"]
    if all(reason in _ONLY_NAMED for reason, _ in found) and any(reason in _NOTICES for reason, _ in against):
        found = []  # notifications contain numbers and places too
    if (offers or informs) and not any(reason in ASKS for reason, _ in found):
        found = []
    return found or _nothing_asked_for(score, against, text, wished=wishes(read, folded))


def _nothing_asked_for(score: int, against: Sequence[Weighted], text: str, *, wished: bool) -> Sequence[Weighted]:
    """The signal that the text has no price, quantity, part or place.

    Two of three unwanted messages have this signal, and 4 % of genuine messages.
    """
    if len(against) == 1 and against[0][0] in SUBJECTS and score <= _LONE:
        return [("nothing_asked_for", 10)]
    if counts_things(text) or not any(reason in _ABOUT for reason, _ in against):
        return [("nothing_asked_for", 15 if score < MARK_AT else 25)]
    return [("nothing_asked_for", 25 if wished or score < _THREE_NAMED else 50)]
