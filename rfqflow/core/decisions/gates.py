"""The gates: decisions about a claimed RFQ before any model call. The first that decides wins.

In two parts: `screen` needs nothing but the RFQ, so that a flood of rubbish costs no look into the database; `decide`
goes by the facts. A gate never touches or loses an RFQ: it decides about its enrichment.
"""

from dataclasses import dataclass, field
from uuid import UUID

from rfqflow.core.policy import Policy
from rfqflow.core.records import Claim, GateFacts, Rfq, Signal, StoredAnswer
from rfqflow.core.screening import Screening, fingerprint, gibberish, spam, too_short

_WAIT_FOR_ORIGINAL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Pass:
    """Ask; `suspicion` says why a person should look at what comes out, if one should.

    `spam_score` is what the message looked like; None where nobody looked.
    """

    suspicion: Screening | None = None
    spam_score: int | None = field(default=None, compare=False)  # for metrics


@dataclass(frozen=True, slots=True)
class GateSkip:
    """The RFQ ends without enrichment; nobody asks again until its text changes."""

    reason: str
    signals: tuple[Signal, ...] | None = None
    spam_score: int | None = field(default=None, compare=False)  # for metrics


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The accepted answer is about this very text and prompt version: nothing to do, nothing to pay."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """An answer that was paid for earlier is written now: of this RFQ, or of the one it is an exact duplicate of."""

    paid: StoredAnswer
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class WaitForOriginal:
    """The original is being worked on: put back, no attempt charged, until its answer can be copied."""

    seconds: float  # at most: its end wakes it
    reason: str
    original: UUID


@dataclass(frozen=True, slots=True)
class WaitForFiles:
    """Files came just now, and more may follow: no attempt is charged, and one call reads them all."""

    seconds: float
    reason: str = "attachments_arriving"


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Claimed too often without an end, or not to be read: the RFQ goes to the dead letters, to disturb nobody else."""

    reason: str


Decision = Pass | GateSkip | Unchanged | Reuse | WaitForOriginal | WaitForFiles | Exhausted


def screen(claim: Claim, policy: Policy) -> GateSkip | Exhausted | WaitForFiles | Pass:
    """What the RFQ itself says. An RFQ that fails workers (a crash, a kill) is given up after `max_attempts` of them.

    A forced one is somebody's decision: only what cannot or must not be sent is kept back.
    """
    rfq = claim.rfq
    if claim.unreadable is not None:
        return Exhausted("unreadable")
    if rfq is None:
        return GateSkip("rfq_deleted")
    if claim.attempt > policy.max_attempts:
        return Exhausted("attempts_exhausted")
    if rfq.metadata.get("ai_opt_out") is True:
        return GateSkip("opted_out")
    if not claim.is_attached and not any(character.isalnum() for character in rfq.reading.text):
        return GateSkip("empty")
    if claim.forced:
        return Pass()
    if claim.late_ms is not None and (left := policy.attachment_quiet_seconds - claim.late_ms / 1000) > 0:
        return WaitForFiles(left)
    if not claim.is_attached and too_short(rfq.reading.text, policy.min_characters):
        return GateSkip("too_short")
    judged = _spam(rfq, 0, policy)
    if isinstance(judged, Pass) and policy.gibberish == "skip" and (found := gibberish(rfq.reading.text, rfq.reading)):
        return GateSkip("gibberish", tuple(Signal(reason) for reason in found.reasons), judged.spam_score)
    return judged


def wants_facts(claim: Claim, policy: Policy, *, free: bool) -> bool:
    """Whether the database may know anything that decides: of an RFQ that came just now, its duplicates and rates.

    `free`: its call costs nothing, and counts against nobody's rate.
    """
    return not (claim.is_new and free and policy.duplicate_hours == 0)


def fingerprint_of(claim: Claim) -> bytes | None:
    """By which copies of a message without files are known; of a long one only exact ones: its middle is away."""
    if claim.rfq is None or claim.is_attached:  # the same words may come with other files
        return None
    if claim.is_cut:
        return claim.content_sha256[:16] if claim.content_sha256 else None
    message, reading = claim.rfq.message, claim.rfq.reading
    whole = reading.is_ascii and (message is reading.text or message == reading.text)
    return fingerprint(message, reading.chunks if whole else None)[:16]


def decide(claim: Claim, facts: GateFacts, prompt_version: str, policy: Policy, screened: Pass) -> Decision:
    """What the facts say about an RFQ that has passed `screen`. Pure and total."""
    if claim.forced or claim.rfq is None:
        return screened
    if facts.accepted_sha256 == claim.content_sha256 and facts.accepted_version == prompt_version:
        return Unchanged()
    found = _found(claim, facts, prompt_version)
    if found is not None:
        return found
    if facts.same_text_senders:
        again = _spam(claim.rfq, facts.same_text_senders, policy)
        if isinstance(again, GateSkip):
            return again
        screened = again
    if facts.sender_over:
        return GateSkip("sender_rate")
    if facts.ip_over:
        return GateSkip("ip_rate")
    return screened


def _found(claim: Claim, facts: GateFacts, prompt_version: str) -> Reuse | WaitForOriginal | None:
    """An answer that is there, or about to be."""
    paid = facts.paid
    # Another prompt's only where the row knows of no answer at all: it was restored without, and nobody asked for more.
    restored = paid is not None and paid.accepted and facts.accepted_sha256 is None
    if paid and paid.content_sha256 == claim.content_sha256 and (restored or paid.prompt_version == prompt_version):
        return Reuse(paid)
    if facts.original is None:
        return None
    answer = facts.original.answer
    if answer is None:
        return WaitForOriginal(_WAIT_FOR_ORIGINAL_SECONDS, "duplicate_running", facts.original.rfq_id)
    return Reuse(answer, duplicate=True) if answer.prompt_version == prompt_version else None


def _spam(rfq: Rfq, same_text_senders: int, policy: Policy) -> GateSkip | Pass:
    """Two thresholds: what is surely spam is skipped, what may be is enriched with a mark."""
    if policy.spam == "pass":
        return Pass()
    screening = spam(rfq, same_text_senders, skip_at=policy.spam_skip_score)
    if screening.score >= policy.spam_skip_score:
        return GateSkip("spam", screening.reasons, screening.score)
    return Pass(screening if screening.score >= policy.spam_mark_score else None, screening.score)
