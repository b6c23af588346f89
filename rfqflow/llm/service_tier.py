"""The cheap service tier for background calls: used if the server has tiers, left if it is full.

`flex` costs half, and may take minutes or be refused without charge if it is full. Then the normal tier answers.
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
    """Selects the cheap tier for background calls, if the server has it.

    A server that may have it is asked only if the operator named a tier.
    """
    prompt = attempt.request.prompt
    if attempt.request.is_patient and has_tiers is not None and (has_tiers or _TIER in prompt.parameters):
        named = prompt.parameters.get(_TIER, NORMAL)
        attempt.normal_tier = NORMAL if named == CHEAP else named
        attempt.request = replace(attempt.request, prompt=_of_tier(prompt, CHEAP))


def without_cheap(attempt: Attempt, failure: CallError) -> bool:
    """Selects the normal tier from here on if the cheap one was full; returns whether it did."""
    fault, prompt = attempt.fault, attempt.request.prompt
    if failure.error_class is not ErrorClass.RATE_LIMIT or prompt.parameters.get(_TIER) != CHEAP or fault is None:
        return False
    private = attempt.private.lower()
    if not any(word in f"{fault.code} {fault.words}" and word not in private for word in _FULL):
        return False  # a rate limit of the normal kind
    attempt.request = replace(attempt.request, prompt=_of_tier(prompt, attempt.normal_tier))
    return True


def _of_tier(prompt: Prompt, tier: str) -> Prompt:
    return replace(prompt, parameters={**prompt.parameters, _TIER: tier})
