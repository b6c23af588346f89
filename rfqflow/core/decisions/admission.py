"""The request to `ai.admit` for an RFQ, and the reaction to its refusal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from uuid import UUID

from rfqflow.core.decisions.pricing import Price, cost
from rfqflow.core.errors import ConfigError, Usage
from rfqflow.core.policy import Policy

_NANO = Decimal(1_000_000_000)
_MOST_CAP_USD = 1_000_000_000  # as in ai.policy
_CAP_DIGITS = 9  # nano-dollars of a dollar
_LONGEST_WAIT_SECONDS = 1.0  # seconds between two requests while a limit is full: another call may end any time
_SHORTEST_WAIT_SECONDS = 0.02
_LONGEST_DEFER_SECONDS = 3600.0 * 24 * 32
# Full for a short time: keep the claim and request again.
LIMITS = frozenset({"ramp", "concurrency", "requests_per_minute", "tokens_per_minute"})
BUDGETS = frozenset({"budget", "sender_budget"})
# Reasons that the RFQ itself causes, or may cause: only these count against `defer_limit_hours`.
_ITS_OWN = frozenset({"sender_budget", "not_sent", "attachments_arriving", "attachment_unreachable"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may be called, with the maximum usage of its calls."""

    model: str
    tokens: int
    nano: int
    priced: bool  # otherwise its price is assumed


@dataclass(frozen=True, slots=True)
class AdmissionRequest:
    """The request to `ai.admit` for a claim: one of the candidates, the preferred one first."""

    claim_id: int
    rfq_id: UUID
    sender: str | None
    candidates: tuple[Candidate, ...]

    def held_nano(self, model: str) -> int:
        """The amount to hold for a call to this model, in nano-dollars."""
        return next(candidate.nano for candidate in self.candidates if candidate.model == model)

    def by_provider(self, names: Mapping[str, str], first: str) -> "list[tuple[str, AdmissionRequest]]":
        """The request, split at each change of provider; `first`: provider of models not in `names`."""
        parts: list[tuple[str, AdmissionRequest]] = []
        for each in self.candidates:
            name = names.get(each.model, first)
            if parts and parts[-1][0] == name:
                parts[-1] = (name, replace(parts[-1][1], candidates=(*parts[-1][1].candidates, each)))
            else:
                parts.append((name, replace(self, candidates=(each,))))
        return parts


@dataclass(frozen=True, slots=True)
class Admission:
    """The reply of `ai.admit` for one claim: the model to call, or the refusal and its duration."""

    claim_id: int
    model: str | None
    refusal: str | None
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class WaitForCapacity:
    """Request again after this time. The worker keeps the claim, without an open transaction."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Requeue:
    """No call is allowed now (a pause): release the claim as if it had not been made."""


@dataclass(frozen=True, slots=True)
class AdmissionDefer:
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class AdmissionSkip:
    reason: str


AdmissionOutcome = WaitForCapacity | Requeue | AdmissionDefer | AdmissionSkip


def ages(reason: str) -> bool:
    """Whether waits for this reason have a time limit."""
    return reason in _ITS_OWN


def nano(amount: Decimal) -> int:
    """Dollars in nano-dollars, rounded up, so that a hold is never too small."""
    return int((amount * _NANO).to_integral_value(ROUND_CEILING))


def cap_usd(text: str) -> Decimal | None:
    """Parses a cap: US dollars, or None for `none`. Raises ConfigError for anything else."""
    if text.strip().lower() == "none":
        return None
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= _MOST_CAP_USD or amount != round(amount, _CAP_DIGITS):
        raise ConfigError(
            f"a cap is an amount in US dollars such as 5 or 0.50, at most {_MOST_CAP_USD:,}, or none, not {text[:40]!r}"
        )
    return amount


def candidate(model: str, usage: Usage, price: Decimal | None, policy: Policy) -> Candidate:
    """A candidate; an unknown price is assumed, never zero."""
    amount = assumed(usage, policy) if price is None else price
    return Candidate(model, usage.input_tokens + usage.output_tokens, nano(amount), priced=price is not None)


def assumed(usage: Usage, policy: Policy) -> Decimal:
    """The hold and booking of tokens with an unknown price."""
    return cost(usage, Price(Decimal(str(policy.assumed_input_usd)), Decimal(str(policy.assumed_output_usd))))


def booked_nano(amount: Decimal | None, usage: Usage | None, policy: Policy) -> int | None:
    """The amount that budgets are charged for a finished call; None if unknown, which charges the full hold."""
    if amount is not None:
        return nano(amount)
    return None if usage is None else nano(assumed(usage, policy))


def reason_of_wait(refusal: str | None) -> str:
    """The reason of an RFQ whose claim waited for admission until its lease ended."""
    return refusal if refusal in BUDGETS else "model_limit"


def after_refusal(refusal: str, wait_seconds: float, policy: Policy, draw: float) -> AdmissionOutcome:
    """The reaction to a refusal. `draw` in [0, 1) spreads RFQs that wait for the same moment."""
    if refusal in {"paused", "claim_lost"}:
        return Requeue()
    if refusal in LIMITS or (refusal == "budget" and wait_seconds <= _LONGEST_WAIT_SECONDS):  # held, not spent
        return WaitForCapacity(
            min(max(wait_seconds, _SHORTEST_WAIT_SECONDS), _LONGEST_WAIT_SECONDS) * (0.75 + 0.5 * draw)
        )
    if refusal in BUDGETS and policy.budget_exhausted_action == "skip":
        return AdmissionSkip(refusal)
    spread = min(policy.recovery_ramp_seconds, 1.0 + wait_seconds / 2)
    return AdmissionDefer(min(max(wait_seconds, 0.0) + draw * spread, _LONGEST_DEFER_SECONDS), refusal)
