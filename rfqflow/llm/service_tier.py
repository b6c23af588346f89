"""The cheap service tier, for calls for which no RFQ waits.

The tier `flex` costs half, and may take minutes. If it is full, the server refuses the call without charge, and the
normal tier answers.
"""

from dataclasses import replace

from rfqflow.core.errors import CallError, ErrorClass
from rfqflow.core.prompting.prompt import Prompt
from rfqflow.llm.attempt import Attempt

CHEAP = "flex"
NORMAL = "default"
_TIER = "service_tier"
_FULL = ("resource_unavailable", "resource unavailable")


def with_cheap(attempt: Attempt, *, has_tiers: bool | None) -> None:
    """Selects the cheap tier for a call for which no RFQ waits, if the server has it.

    If it is unknown whether the server has the tier, selects it only if the operator has set a tier.
    """
    prompt = attempt.request.prompt
    if attempt.request.is_patient and has_tiers is not None and (has_tiers or _TIER in prompt.parameters):
        named = prompt.parameters.get(_TIER, NORMAL)
        attempt.normal_tier = NORMAL if named == CHEAP else named
        attempt.request = replace(attempt.request, prompt=_of_tier(prompt, CHEAP))


def without_cheap(attempt: Attempt, failure: CallError) -> bool:
    """Selects the normal tier from now on if the failure says that the cheap tier is full. Returns whether it did."""
    fault, prompt = attempt.fault, attempt.request.prompt
    if failure.error_class is not ErrorClass.RATE_LIMIT or prompt.parameters.get(_TIER) != CHEAP or fault is None:
        return False
    private = attempt.private.lower()
    if not any(word in f"{fault.code} {fault.words}" and word not in private for word in _FULL):
        return False  # a usual rate limit
    attempt.request = replace(attempt.request, prompt=_of_tier(prompt, attempt.normal_tier))
    return True


def _of_tier(prompt: Prompt, tier: str) -> Prompt:
    return replace(prompt, parameters={**prompt.parameters, _TIER: tier})
