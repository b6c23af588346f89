"""The gates: decisions about a claimed RFQ before any model call. The first gate that decides wins.

`screen` needs only the RFQ, so a flood of spam costs no query. `decide` uses facts from the database. A gate only
decides whether an RFQ is enriched: it never changes or deletes one.
"""

from dataclasses import dataclass, field
from uuid import UUID

from rfqflow.core.policy import Policy
from rfqflow.core.records import Claim, GateFacts, Rfq, Signal, StoredAnswer
from rfqflow.core.screening import Screening, fingerprint, gibberish, spam, too_short

_WAIT_FOR_ORIGINAL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Pass:
    """Call a model. `suspicion`: why a person should review the answer, or None.

    `spam_score`: the spam score of the message, or None if it was not computed.
    """

    suspicion: Screening | None = None
    spam_score: int | None = field(default=None, compare=False)  # for metrics only


@dataclass(frozen=True, slots=True)
class GateSkip:
    """The RFQ finishes without enrichment. It is considered again if its text changes, or after a rerun."""

    reason: str
    signals: tuple[Signal, ...] | None = None
    spam_score: int | None = field(default=None, compare=False)  # for metrics only


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The accepted answer is for this text and prompt version, so there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """Write a stored answer that was paid for: of this RFQ, or of an RFQ with exactly the same text."""

    paid: StoredAnswer
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class WaitForOriginal:
    """A worker is still processing the original.

    Defer without a charged attempt, until the original's answer can be copied.
    """

    seconds: float  # the longest wait; when the original finishes, this RFQ becomes due
    reason: str
    original: UUID


@dataclass(frozen=True, slots=True)
class WaitForFiles:
    """Files have just arrived, and more may follow.

    Defer without a charged attempt, so that one call gets all of them.
    """

    seconds: float
    reason: str = "attachments_arriving"


@dataclass(frozen=True, slots=True)
class Exhausted:
    """The RFQ was claimed too often without a result, or is unreadable. It becomes a dead letter."""

    reason: str


Decision = Pass | GateSkip | Unchanged | Reuse | WaitForOriginal | WaitForFiles | Exhausted


def screen(claim: Claim, policy: Policy) -> GateSkip | Exhausted | WaitForFiles | Pass:
    """Decides by the RFQ alone. An RFQ that makes workers crash fails after `max_attempts` claims.

    A person's request (`forced`) passes all gates except those for a text that cannot or must not be sent.
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
    """Whether facts from the database may decide. For a new RFQ, these are its duplicates and its sender's rates.

    `free`: the call costs nothing, and does not count against the sender's rate.
    """
    return not (claim.is_new and free and policy.duplicate_hours == 0)


def fingerprint_of(claim: Claim) -> bytes | None:
    """The fingerprint by which copies of the message are found. None if the RFQ has files.

    A message that is cut in the middle, because it is long, matches only exact copies.
    """
    if claim.rfq is None or claim.is_attached:  # the same text may come with other files
        return None
    if claim.is_cut:
        return claim.content_sha256[:16] if claim.content_sha256 else None
    message, reading = claim.rfq.message, claim.rfq.reading
    whole = reading.is_ascii and (message is reading.text or message == reading.text)
    return fingerprint(message, reading.chunks if whole else None)[:16]


def decide(claim: Claim, facts: GateFacts, prompt_version: str, policy: Policy, screened: Pass) -> Decision:
    """Decides by the facts about an RFQ that has passed `screen`. Pure, and never raises."""
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
    """A stored answer, or the wait for the answer of an RFQ with the same text."""
    paid = facts.paid
    # An answer of another prompt applies only if the RFQ's row has lost its answer, for example after a restore.
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
    """Skips the RFQ from the upper threshold of the spam score on, and marks its answer from the lower one on."""
    if policy.spam == "pass":
        return Pass()
    screening = spam(rfq, same_text_senders, skip_at=policy.spam_skip_score)
    if screening.score >= policy.spam_skip_score:
        return GateSkip("spam", screening.reasons, screening.score)
    return Pass(screening if screening.score >= policy.spam_mark_score else None, screening.score)
