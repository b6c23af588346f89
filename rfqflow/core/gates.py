"""The gates: what is decided about a claimed RFQ before any model is asked. The first that decides wins."""

from dataclasses import dataclass

from rfqflow.core.model import Claim, Facts, PaidAnswer
from rfqflow.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Pass:
    """Ask."""


@dataclass(frozen=True, slots=True)
class Skip:
    """The RFQ ends without enrichment; nobody asks again until its text changes."""

    reason: str


@dataclass(frozen=True, slots=True)
class Keep:
    """The accepted answer is about this very text and prompt version: nothing to do, nothing to pay."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """An answer that was paid for earlier is written now."""

    paid: PaidAnswer


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Claimed too often without an end: the RFQ goes to the dead letters, to disturb nobody else."""

    reason: str


Decision = Pass | Skip | Keep | Reuse | GiveUp


def decide(claim: Claim, facts: Facts, prompt_version: str, policy: Policy) -> Decision:
    """Pure and total. An RFQ that fails workers (a crash, a kill) is given up after `max_attempts` of them."""
    if claim.rfq is None:
        return Skip("rfq_deleted")
    if claim.attempt > policy.max_attempts:
        return GiveUp("attempts_exhausted")
    if claim.rfq.metadata.get("ai_opt_out") is True:
        return Skip("opted_out")
    if not any(character.isalnum() for character in claim.rfq.message):
        return Skip("empty")
    if claim.forced:
        return Pass()
    if facts.accepted_sha256 == claim.content_sha256 and facts.accepted_version == prompt_version:
        return Keep()
    paid = facts.paid
    if paid and paid.content_sha256 == claim.content_sha256 and paid.prompt_version == prompt_version:
        return Reuse(paid)
    return Pass()
