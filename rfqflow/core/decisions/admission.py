"""The request to `ai.admit` for an RFQ, and what follows a refusal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from uuid import UUID

from rfqflow.core.decisions.pricing import Price, cost
from rfqflow.core.errors import ConfigError, Usage
from rfqflow.core.policy import Policy

_NANO = Decimal(1_000_000_000)
_MOST_CAP_USD = 1_000_000_000  # as in ai.policy
_CAP_DIGITS = 9  # decimal digits of a dollar in nano-dollars
# Longest pause in seconds between two requests while a limit is full, since another call may end at any time.
_LONGEST_WAIT_SECONDS = 1.0
_SHORTEST_WAIT_SECONDS = 0.02
_LONGEST_DEFER_SECONDS = 3600.0 * 24 * 32
# Refusals by limits that are full only for a short time. The worker keeps the claim and requests again.
LIMITS = frozenset({"ramp", "concurrency", "requests_per_minute", "tokens_per_minute"})
BUDGETS = frozenset({"budget", "sender_budget"})
# Reasons that the RFQ itself causes or may cause. Only waits for these reasons count against `defer_limit_hours`.
_ITS_OWN = frozenset({"sender_budget", "not_sent", "attachments_arriving", "attachment_unreachable"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may be called, and the most that its calls may use and cost."""

    model: str
    tokens: int
    nano: int
    priced: bool  # False: the price is unknown, and `nano` is by an assumed price


@dataclass(frozen=True, slots=True)
class AdmissionRequest:
    """The request to `ai.admit` to call one of the candidates for a claim.

    The candidates are in order of preference.
    """

    claim_id: int
    rfq_id: UUID
    sender: str | None
    candidates: tuple[Candidate, ...]

    def held_nano(self, model: str) -> int:
        """The nano-dollars to hold for a call to this model."""
        return next(candidate.nano for candidate in self.candidates if candidate.model == model)

    def by_provider(self, names: Mapping[str, str], first: str) -> "list[tuple[str, AdmissionRequest]]":
        """The request as one request per provider, in order.

        `first`: the provider of models that are not in `names`.
        """
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
    """The reply of `ai.admit` for one claim: the model to call, or why the call is refused and how long to wait."""

    claim_id: int
    model: str | None
    refusal: str | None
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class WaitForCapacity:
    """Request again after this time. Meanwhile the worker keeps the claim, without an open transaction."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Requeue:
    """No calls are allowed now, because the fleet is paused. Release the claim without a charged attempt."""


@dataclass(frozen=True, slots=True)
class AdmissionDefer:
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class AdmissionSkip:
    reason: str


AdmissionOutcome = WaitForCapacity | Requeue | AdmissionDefer | AdmissionSkip


def ages(reason: str) -> bool:
    """Whether the total wait for this reason has a time limit."""
    return reason in _ITS_OWN


def nano(amount: Decimal) -> int:
    """The amount in nano-dollars, rounded up, so that a hold is never too small."""
    return int((amount * _NANO).to_integral_value(ROUND_CEILING))


def cap_usd(text: str) -> Decimal | None:
    """Parses a cap: an amount in US dollars, or `none`, which gives None. Raises ConfigError for any other text."""
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
    """A candidate. If its price is unknown, a price is assumed, and never zero."""
    amount = assumed(usage, policy) if price is None else price
    return Candidate(model, usage.input_tokens + usage.output_tokens, nano(amount), priced=price is not None)


def assumed(usage: Usage, policy: Policy) -> Decimal:
    """The amount to hold or book for tokens whose price is unknown."""
    return cost(usage, Price(Decimal(str(policy.assumed_input_usd)), Decimal(str(policy.assumed_output_usd))))


def booked_nano(amount: Decimal | None, usage: Usage | None, policy: Policy) -> int | None:
    """What to charge budgets for a finished call. None: the amount is unknown, so the full hold is charged."""
    if amount is not None:
        return nano(amount)
    return None if usage is None else nano(assumed(usage, policy))


def reason_of_wait(refusal: str | None) -> str:
    """The reason to record if a claim waits for admission until its lease ends."""
    return refusal if refusal in BUDGETS else "model_limit"


def after_refusal(refusal: str, wait_seconds: float, policy: Policy, draw: float) -> AdmissionOutcome:
    """What follows a refusal. `draw` in [0, 1) spreads RFQs that wait for the same moment."""
    if refusal in {"paused", "claim_lost"}:
        return Requeue()
    # A short wait: the budget is held for other calls, and not spent.
    if refusal in LIMITS or (refusal == "budget" and wait_seconds <= _LONGEST_WAIT_SECONDS):
        return WaitForCapacity(
            min(max(wait_seconds, _SHORTEST_WAIT_SECONDS), _LONGEST_WAIT_SECONDS) * (0.75 + 0.5 * draw)
        )
    if refusal in BUDGETS and policy.budget_exhausted_action == "skip":
        return AdmissionSkip(refusal)
    spread = min(policy.recovery_ramp_seconds, 1.0 + wait_seconds / 2)
    return AdmissionDefer(min(max(wait_seconds, 0.0) + draw * spread, _LONGEST_DEFER_SECONDS), refusal)
