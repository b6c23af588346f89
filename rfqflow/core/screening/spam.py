"""How much a message looks like advertising or fraud: signals with weights, what speaks for a customer subtracted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rfqflow.core.records import Rfq, Signal
from rfqflow.core.rules.text import plainest, words
from rfqflow.core.screening.gibberish import name_is_random
from rfqflow.core.screening.links import Weighted, hidden_signals, link_signals, promise_signals, sender_signals
from rfqflow.core.screening.theme_lexicon import PHRASES, SUBJECTS
from rfqflow.core.screening.trade_lexicon import MOST, trade_signals
from rfqflow.core.text.sanitize import visible

SKIP_AT = 70
MARK_AT = 30
_READ = 6000  # characters from the head; from the tail a quarter of it
_FAST_SECONDS = 2.0
_SENDERS = 3
_DOUBTFUL_AT = 15  # below it nothing speaks against the message
_LONE = 45  # one telling phrase, which a customer may quote


@dataclass(frozen=True, slots=True)
class Screening:
    """The score and what it is made of: words of ours, never the customer's."""

    score: int
    signals: tuple[Weighted, ...] = ()

    @property
    def reasons(self) -> tuple[Signal, ...]:
        """The signals as a run stores them, the strongest first."""
        ordered = sorted(self.signals, key=lambda weighted: -abs(weighted[1]))
        return tuple(Signal(reason, weight) for reason, weight in ordered)


def spam(rfq: Rfq, same_text_senders: int = 0, *, skip_at: float = SKIP_AT) -> Screening:
    """The signals of an RFQ; `same_text_senders` are other addresses the very text came from lately.

    What speaks for a customer is only looked for where it could bring the score below `skip_at`: a flood must be cheap.
    """
    raw = _ends(rfq.message)
    text = _ends(rfq.reading.text)
    folded = plainest(text)
    read = words(folded)
    against = [
        *_form_signals(rfq, same_text_senders),
        *sender_signals(rfq.email),
        *link_signals(visible(raw)),
        *hidden_signals(raw, f"{rfq.company or ''} {rfq.name or ''}"),
        *_word_signals(PHRASES.found(read, folded)),
    ]
    if against:
        against += promise_signals(text, folded)
    score = sum(weight for _, weight in against)
    if score < _DOUBTFUL_AT or score - MOST >= max(skip_at, SKIP_AT):
        return Screening(score, tuple(against))
    signals = (
        *against,
        *(trade_signals(text, read, folded, needed=score - MARK_AT + 1) or _nothing_asked_for(score, against)),
    )
    return Screening(max(0, sum(weight for _, weight in signals)), signals)


def _ends(text: str) -> str:
    return text if len(text) <= _READ else f"{text[:_READ]}\n{text[-_READ // 4 :]}"


def _form_signals(rfq: Rfq, same_text_senders: int) -> Iterator[Weighted]:
    """What the form noticed. A browser fills honeypots too, so one alone does not outweigh a customer's request."""
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
    named = 0
    for subject in SUBJECTS:
        if telling := found.get(f"telling:{subject}", 0):
            yield subject, min(25 + 20 * telling, 85)
        named += found.get(f"naming:{subject}", 0)
    if named:
        yield "subject_named", min(8 * named, 48)
    if pitch := found.get("pitch", 0):
        yield "sales_pitch", min(9 * pitch, 45)
    if supplier := found.get("supplier", 0):
        yield "supplier_pitch", min(12 * supplier, 72)


def _nothing_asked_for(score: int, against: Sequence[Weighted]) -> Sequence[Weighted]:
    """No price, quantity, part or place is asked for: so of 24 texts one is a customer's, and that one is no offer."""
    if score < MARK_AT:
        return [("nothing_asked_for", 15)]
    lone = len(against) == 1 and (against[0][0] == "subject_named" or (against[0][0] in SUBJECTS and score <= _LONE))
    return [("nothing_asked_for", 10 if lone else 30)]
