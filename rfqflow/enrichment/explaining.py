"""Estimates time, cost and hold of a call for one RFQ, and whether it would be admitted. Makes no call."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfqflow.core.decisions import admission
from rfqflow.core.errors import CallError, ErrorClass, Usage
from rfqflow.enrichment.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rfqflow.core.policy import Policy
    from rfqflow.core.prompting.model_parameters import ModelParameters
    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.core.records import Completion, Rfq, Route
    from rfqflow.llm import Request
    from rfqflow.llm.prices import PriceBook
    from rfqflow.settings import Settings

_MILLION = 1_000_000
_NANO = Decimal(10**9)


class _Uncalled:
    """A provider with a name and prices only. It needs no key and makes no call."""

    takes_pictures = False
    free = False

    def __init__(self, name: str, model: str, book: PriceBook) -> None:
        self.models: tuple[str, ...] = (model,)
        self.name, self._book = name, book
        self.names: Mapping[str, str] = {}

    @property
    def model(self) -> str:
        return self.models[0]

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        return self._book.price(self.name, model, usage)

    async def complete(self, request: Request) -> Completion:
        raise CallError(ErrorClass.INTERNAL, f"this command does not call {request.model}", usage=Usage())

    def rejected(self, model: str) -> frozenset[str]:
        """No server was called, so no rejected parameter is known."""
        del model
        return frozenset()

    def follow(self, learnt: Mapping[str, Any]) -> None:
        """Does nothing: there is no provider."""

    async def aclose(self) -> None:
        """Does nothing: there are no connections."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The state of the fleet that decides whether a call is admitted."""

    policy: Policy
    refuses_unpriced: bool  # whether calls with an unknown price are refused
    budgets: Iterable[Mapping[str, Any]]  # rows of ai.budget_status
    breakers: Iterable[Mapping[str, Any]]  # rows of ai.breaker_status


def explain(
    loaded: Settings,
    rfq: Rfq,
    prompt: Prompt,
    routes: tuple[Route, ...],
    book: PriceBook,
    parameters: ModelParameters,
    fleet: Fleet,
) -> dict[str, Any]:
    """The estimate for the first model of the chain; the settings must name a paid provider."""
    policy = fleet.policy
    provider = _Uncalled(loaded.provider_name, loaded.model, book)
    pipeline = Pipeline(
        provider, prompt_version=None, deadline_seconds=loaded.call_deadline_seconds, pepper=None,
        mask_contact=loaded.mask == "contact", parameters=parameters, deployments=loaded.deployments,
    )  # fmt: skip
    call = pipeline.prepare(rfq, provider.model, routes, prompt)
    kind, chosen = pipeline.limiter.known_of(call.model, prompt)
    limits, size = call.limits, call.size
    candidate = pipeline.limiter.candidate(call, call.model, policy)
    request = admission.AdmissionRequest(0, rfq.rfq_id, None, (candidate,))
    tight = pipeline.limiter.tightened(call, request, policy)
    least = tight[1].candidates[0].nano if tight else candidate.nano
    given, source = provider.price(call.model, Usage(input_tokens=_MILLION))
    made = provider.price(call.model, Usage(output_tokens=_MILLION))[0]
    if given is None or made is None:
        given, made = (Decimal(str(usd)) for usd in (policy.assumed_input_usd, policy.assumed_output_usd))
        source = "assumed"
    budgets = [
        {**budget, "fits": _has_room(budget, candidate.nano)}
        for budget in fleet.budgets
        if budget["scope"] in ("global", f"model:{call.model}", "sender")
    ]
    refusals = _refusals(fleet, provider.name, call.model, budgets, least, is_priced=candidate.priced)
    return {
        "rfq_id": rfq.rfq_id,
        "provider": provider.name,
        "model": call.model,
        "prompt_version": prompt.version,
        "message_bytes": len(rfq.message.encode("utf-8", "replace")),
        "sent_bytes": size.sent_bytes,
        "lines": size.lines,
        "is_part": call.part is not None,
        "input_tokens": limits.input_tokens,
        "likely_output_tokens": limits.likely_output_tokens,
        "reasoning_tokens": kind.reasoning.most,
        "max_output_tokens": limits.max_output_tokens,
        "max_output_tokens_retry": limits.max_output_tokens_retry,
        "limit_source": "parameters" if chosen.max_output_tokens else "message and model",
        "deadline_seconds": round(limits.deadline_seconds, 1),
        "deadline_ceiling_seconds": loaded.call_deadline_seconds,
        "input_usd_per_million": given,
        "output_usd_per_million": made,
        "price_source": source,
        "hold_usd": Decimal(candidate.nano) / _NANO,
        "least_hold_usd": Decimal(least) / _NANO,
        "budgets": budgets,
        "let_through": not refusals,
        "refusals": refusals,
    }


def _has_room(budget: Mapping[str, Any], nano: int) -> bool:
    return bool(budget["left_usd"] * _NANO >= nano)


def _refusals(
    fleet: Fleet, provider: str, model: str, budgets: list[dict[str, Any]], nano: int, *, is_priced: bool
) -> list[str]:
    """Why the call would wait now.

    Ignores the holds of other calls, since they are settled soon. Names only the fullest of the sender budgets.
    """
    found = [] if fleet.policy.mode == "on" else [f"mode: {fleet.policy.mode}"]
    found += [
        f"breaker of {breaker['model']}: {breaker['state']}"
        for breaker in fleet.breakers
        if breaker["provider"] == provider and breaker["model"] in (model, "*") and breaker["state"] != "closed"
    ]
    if not is_priced and fleet.refuses_unpriced:
        found.append("unknown_price")
    return found + [
        f"budget {budget['scope']} {budget['period']}"
        for budget in budgets
        if budget["scope"] != "sender" and not _has_room(budget, nano)
    ]
