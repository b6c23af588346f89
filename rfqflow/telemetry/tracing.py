"""Traces, with the extra `rfqflow[otel]` and RFQFLOW_OTEL=on: one `rfq.enrich` per claim, with a span per step.

    rfq.enrich            the claim, linked to the application's own trace (metadata.traceparent)
    ├── rfq.gates         steps 5 and 6: facts, decision
    ├── rfq.admit         step 8: breaker, limits, budget; only for paid calls
    ├── chat {model}      step 9, by OpenTelemetry's conventions for GenAI; `rules` if no model answers
    ├── rfq.validate      steps 10 and 11: grounding, verdict
    └── rfq.persist       step 12: from the verdict to the commit

No span holds a message, an answer or an address. `rfqflow.telemetry.genai_metrics` also counts the calls, and
`rfqflow.telemetry.otlp` exports both.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfqflow.core.decisions.gates import Pass
from rfqflow.core.errors import CallError, ConfigError
from rfqflow.enrichment.pipeline import Pipeline

try:
    from opentelemetry import trace
    from opentelemetry.context import Context
    from opentelemetry.trace import Link, SpanKind, Status, StatusCode, get_current_span
    from opentelemetry.trace.propagation import set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError:
    raise ConfigError("RFQFLOW_OTEL=on needs OpenTelemetry: pip install 'rfqflow[otel]'") from None

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from opentelemetry.trace import Span, Tracer

    from rfqflow.core.errors import Usage
    from rfqflow.core.records import Claim, Completion, GateFacts
    from rfqflow.core.results import AttemptResult, ClaimContext
    from rfqflow.enrichment.answering import LlmCall
    from rfqflow.llm import Provider, Request
    from rfqflow.telemetry.genai_metrics import GenAiCallMetrics

OPEN_MOST = 20_000  # a worker that loses its registration records no end for its claims, so spans could pile up


@dataclass(slots=True)
class _Open:
    """A claim's open span and its event times, in nanoseconds since 1970."""

    span: Span
    began_at: int
    passed_at: int = 0
    answered_at: int = 0
    decided_at: int = 0


_enriching: ContextVar[_Open | None] = ContextVar("enriching", default=None)


class _TracedProvider:
    """A provider that passes each call to the real one. `complete` also creates a span and counts the call."""

    def __init__(self, provider: Provider, tracer: Tracer, calls: GenAiCallMetrics) -> None:
        self._provider = provider
        self._tracer = tracer
        self._calls = calls
        self.name = provider.name
        self.models = provider.models
        self.names = provider.names
        self.takes_pictures = provider.takes_pictures
        self.free = provider.free

    @property
    def model(self) -> str:
        return self._provider.model

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        return self._provider.price(model, usage)

    def rejected(self, model: str) -> frozenset[str]:
        return self._provider.rejected(model)

    def follow(self, learnt: Mapping[str, Mapping[str, Any]]) -> None:
        self._provider.follow(learnt)

    async def aclose(self) -> None:
        await self._provider.aclose()

    async def complete(self, request: Request) -> Completion:
        asked, opened = self.name != "rules", _enriching.get()
        prompt, _, number = request.prompt.version.partition("@")
        about = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self.names.get(request.model, self.name),
            "gen_ai.request.model": request.model,
            "gen_ai.output.type": "json",
            "gen_ai.prompt.name": prompt,
            "gen_ai.prompt.version": number,
            "rfqflow.request_id": request.request_id,
        }
        span = self._tracer.start_span(
            f"chat {request.model}" if asked else "rules",
            context=set_span_in_context(opened.span) if opened else None,
            kind=SpanKind.CLIENT if asked else SpanKind.INTERNAL,
            attributes=about if asked else {},
        )
        try:
            # The span is current during the call, so that an instrumented HTTP client nests its spans below it.
            with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
                completion = await self._traced(request, span)
        finally:
            if opened:
                opened.answered_at = time.time_ns()
        return completion

    async def _traced(self, request: Request, span: Span) -> Completion:
        """Records only the class of an exception, since its message may hold a customer's text."""
        began, usage, failure = time.perf_counter(), None, None
        try:
            completion = await self._provider.complete(request)
            usage = completion.usage
        except CallError as error:
            usage, failure = error.usage, str(error.error_class)
            raise
        except BaseException as error:
            failure = type(error).__name__
            raise
        finally:
            if failure:
                _failed(span, failure)
            if self.name != "rules":
                name = self.names.get(request.model, self.name)
                self._calls.ended(name, request.model, time.perf_counter() - began, usage, failure)
        if self.name != "rules":
            span.set_attributes(_response(completion))
        return completion


def _response(completion: Completion) -> dict[str, Any]:
    usage = completion.usage
    found = {
        "gen_ai.response.model": completion.model,
        "gen_ai.response.id": completion.provider_request_id,
        "gen_ai.response.finish_reasons": [completion.finish_reason] if completion.finish_reason else None,
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_input_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
        "rfqflow.response.service_tier": usage.service_tier,
    }
    return {name: value for name, value in found.items() if value is not None}


def _failed(span: Span, error: str) -> None:
    span.set_attribute("error.type", error)
    span.set_status(Status(StatusCode.ERROR))


class TracedPipeline(Pipeline):
    """The pipeline with a span per step. The caller must call `recorded` for each committed run."""

    def __init__(self, provider: Provider, tracer: Tracer, calls: GenAiCallMetrics, **about: Any) -> None:
        super().__init__(_TracedProvider(provider, tracer, calls), **about)
        self._tracer = tracer
        self._open: OrderedDict[int, _Open] = OrderedDict()  # by claim id

    def screen(self, context: ClaimContext) -> AttemptResult | Pass:
        """Screens as `Pipeline.screen` does, and starts the claim's span."""
        opened = self._begin(context.claim)
        decided = super().screen(context)
        if not isinstance(decided, Pass):
            self._gated(opened, decided)
        return decided

    def decide(self, context: ClaimContext, facts: GateFacts, screened: Pass) -> AttemptResult | Pass:
        """Decides as `Pipeline.decide` does, and ends the span `rfq.gates`."""
        opened = self._open.get(context.claim.claim_id) or self._begin(context.claim)
        decided = super().decide(context, facts, screened)
        self._gated(opened, None if isinstance(decided, Pass) else decided)
        return decided

    def _gated(self, opened: _Open, ended: AttemptResult | None) -> None:
        opened.passed_at = time.time_ns()
        about = {} if ended is None else {"rfqflow.reason": str(ended.reason)}
        self._span("rfq.gates", opened, opened.began_at, opened.passed_at, about)
        if ended is not None:
            opened.decided_at = opened.passed_at

    def released_uncalled(self, context: ClaimContext, *, admitted: bool) -> AttemptResult:
        """Ends the claim's span as released, and returns what `Pipeline.released_uncalled` returns."""
        opened = self._open.pop(context.claim.claim_id, None)
        if opened is not None:
            opened.span.set_attribute("rfqflow.verdict", "release")
            opened.span.end()
        return super().released_uncalled(context, admitted=admitted)

    async def call(self, context: ClaimContext, call: LlmCall) -> AttemptResult:
        """Calls as `Pipeline.call` does. The provider creates the call's span; `rfq.validate` follows it."""
        opened = self._open.get(context.claim.claim_id) or self._begin(context.claim)
        if not self.provider.free and opened.passed_at:
            self._span("rfq.admit", opened, opened.passed_at, time.time_ns())
        token = _enriching.set(opened)
        try:
            result = await super().call(context, call)
        finally:
            _enriching.reset(token)
        opened.decided_at = time.time_ns()
        self._span("rfq.validate", opened, opened.answered_at or opened.decided_at, opened.decided_at)
        return result

    def recorded(self, result: AttemptResult, outcome: str | None) -> None:
        """Ends the claim's span after the commit of its run."""
        opened = self._open.pop(result.attempt.claim_id, None)
        if opened is None:
            return
        now = time.time_ns()
        self._span("rfq.persist", opened, opened.decided_at or now, now)
        answer, call = result.answer.answer if result.answer else None, result.call
        about = {
            "rfqflow.status": result.status.value if result.status else None,
            "rfqflow.verdict": result.verdict.value,
            "rfqflow.reason": outcome or result.reason,
            "rfqflow.route": answer.route if answer else None,
            "rfqflow.confidence": answer.confidence if answer else None,
            "rfqflow.cost_usd": None if call is None or call.cost_usd is None else float(call.cost_usd),
            "rfqflow.queue_ms": result.attempt.queue_ms,
        }
        opened.span.set_attributes({name: value for name, value in about.items() if value is not None})
        if result.error_class is not None:
            _failed(opened.span, result.error_class.value)
        opened.span.end(now)

    def _begin(self, claim: Claim) -> _Open:
        rfq = claim.rfq
        about: dict[str, str | int] = {"rfqflow.rfq_id": str(claim.rfq_id), "rfqflow.attempt": claim.attempt}
        if rfq is not None:
            about["rfqflow.request_id"] = rfq.request_id
        span = self._tracer.start_span(
            "rfq.enrich", context=Context(),
            kind=SpanKind.INTERNAL, links=_links(rfq.metadata.get("traceparent") if rfq else None), attributes=about,
        )  # fmt: skip
        self._open[claim.claim_id] = opened = _Open(span, time.time_ns())
        if len(self._open) > OPEN_MOST:
            _, oldest = self._open.popitem(last=False)
            oldest.span.end()
        return opened

    def _span(self, name: str, opened: _Open, began: int, end: int, about: dict[str, str] | None = None) -> None:
        context = set_span_in_context(opened.span)
        self._tracer.start_span(name, context=context, start_time=began, attributes=about).end(end)


def _links(traceparent: Any) -> list[Link]:
    """A link to the span in which the application inserted the RFQ; an invalid traceparent is ignored."""
    if not isinstance(traceparent, str) or len(traceparent) > 200:  # noqa: PLR2004 - a traceparent has 55 characters
        return []
    context = get_current_span(TraceContextTextMapPropagator().extract({"traceparent": traceparent})).get_span_context()
    return [Link(context)] if context.is_valid and context.is_remote else []
