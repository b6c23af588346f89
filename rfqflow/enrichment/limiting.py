"""The limits of a call to a model: tokens, time, and the hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rfqflow.core.decisions import admission, call_limits, pricing
from rfqflow.core.prompting.model_parameters import ModelParameters
from rfqflow.enrichment.holding import Hold

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from rfqflow.core.errors import Usage
    from rfqflow.core.policy import Policy
    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.enrichment.answering import LlmCall
    from rfqflow.llm import Provider


class CallLimiter:
    """Computes the limits of a call from the message, the model, the prompt and the operator's parameters."""

    def __init__(
        self,
        provider: Provider,
        *,
        ceiling_seconds: float,
        parameters: ModelParameters | None,
        deployments: Mapping[str, str] | None,
    ) -> None:
        """Arguments as in `Pipeline`; `ceiling_seconds`: maximum duration of a call."""
        self._provider = provider
        self._names = provider.names
        self._ceiling_seconds = ceiling_seconds
        self.parameters = parameters or ModelParameters()
        self._deployments = deployments or {}
        self._dear_tiers: dict[str, str] = {}  # by model: the most expensive service tier that has answered
        shortest = min(ceiling_seconds, call_limits.SHORTEST_DEADLINE_SECONDS)
        self.unsent = call_limits.CallLimits(0, 0, 0, None, shortest)  # limits for a provider that sends nothing

    def known_of(self, model: str, prompt: Prompt) -> tuple[call_limits.ModelKind, call_limits.ChosenLimits]:
        """The kind of model, and the limits that the prompt or the operator sets."""
        from rfqflow.llm.model_families import kind_of  # noqa: PLC0415 - the rules do not need it

        name = self._names.get(model, self._provider.name)
        parameters = self.parameters.applied(name, model, prompt).parameters
        kind = kind_of(name, self._deployments.get(model, model), parameters, self._provider.rejected(model))
        return kind, call_limits.ChosenLimits.of(parameters)

    def limits(
        self,
        model: str,
        prompt: Prompt,
        size: call_limits.MessageSize,
        *,
        was_cut: bool = False,
        is_tight: bool = False,
    ) -> call_limits.CallLimits:
        kind, chosen = self.known_of(model, prompt)
        return call_limits.limits(
            size, kind, ceiling_seconds=self._ceiling_seconds, chosen=chosen, was_cut=was_cut, is_tight=is_tight
        )

    def of(self, call: LlmCall, model: str) -> call_limits.CallLimits:
        """The limits of the call if it goes to this model."""
        if model == call.model:
            return call.limits
        return self.limits(model, call.prompt, call.size, was_cut=model == call.cut_model, is_tight=call.is_tight)

    def usage(self, call: LlmCall, model: str) -> Usage:
        """The most tokens that a call to this model can bill, at the most expensive service tier that may answer."""
        usage = self.of(call, model).usage
        name = self._names.get(model, self._provider.name)
        if name == "anthropic":  # the first call with a prompt writes its input to the cache, which costs more
            usage = replace(usage, cache_write_tokens=usage.input_tokens)
        tier = self.parameters.applied(name, model, call.prompt).parameters.get("service_tier", "auto")
        if tier == "auto":  # the provider's account sets the tier, and its replies name it
            tier = self._dear_tiers.get(model)
        return replace(usage, service_tier=tier) if tier in pricing.DEARER_TIERS else usage

    def note_tier(self, model: str, usage: Usage | None) -> None:
        """Remembers a service tier in a reply if it is more expensive than the normal tier."""
        if usage is not None and usage.service_tier in pricing.DEARER_TIERS:
            self._dear_tiers[model] = usage.service_tier

    def longest_seconds(self, call: LlmCall, request: admission.AdmissionRequest) -> float:
        """The longest time that a call to any model of the chain may take, in seconds."""
        return max(self.of(call, candidate.model).deadline_seconds for candidate in request.candidates)

    def candidate(self, call: LlmCall, model: str, policy: Policy) -> admission.Candidate:
        """The request to `ai.admit` for a call to this model."""
        usage = self.usage(call, model)
        return admission.candidate(model, usage, self._provider.price(model, usage)[0], policy)

    def admitted(
        self, call: LlmCall, model: str, held_nano: int, policy: Policy, extend: Callable[[int], Awaitable[bool]]
    ) -> LlmCall:
        """The call to the admitted model. `extend` adds nano-dollars to the hold for a second call."""
        tier = self.usage(call, model).service_tier

        def price(usage: Usage) -> int:
            usage = replace(usage, service_tier=tier)
            return admission.candidate(model, usage, self._provider.price(model, usage)[0], policy).nano

        return replace(call, model=model, limits=self.of(call, model), hold=Hold(held_nano, price, extend))

    def tightened(
        self, call: LlmCall, request: admission.AdmissionRequest, policy: Policy
    ) -> tuple[LlmCall, admission.AdmissionRequest] | None:
        """The call with a smaller hold, for an answer of the likely length only. None: the hold cannot be smaller."""
        if call.is_tight:
            return None
        was_cut = call.model == call.cut_model
        limits = self.limits(call.model, call.prompt, call.size, was_cut=was_cut, is_tight=True)
        tight = replace(call, is_tight=True, limits=limits)
        candidates = tuple(self.candidate(tight, each.model, policy) for each in request.candidates)
        if all(new.nano >= old.nano for new, old in zip(candidates, request.candidates, strict=True)):
            return None
        return tight, replace(request, candidates=candidates)
