"""Metrics of calls by OpenTelemetry's GenAI conventions: `gen_ai.client.operation.duration` and `.token.usage`.

The exporter sends the metrics to the same collector as the traces. Their attributes are names of providers and models,
and error classes. No attribute holds an id, a prompt or a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

    from rfqflow.core.errors import Usage

# Histogram boundaries of the conventions: seconds, and tokens.
_SECONDS = tuple(0.01 * 2**n for n in range(14))
_TOKENS = tuple(4**n for n in range(14))


class GenAiCallMetrics:
    """Counts every call to a provider, including calls of evaluations and trials."""

    def __init__(self, meter: Meter) -> None:
        self._seconds = meter.create_histogram(
            "gen_ai.client.operation.duration", "s", "GenAI operation duration.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )  # fmt: skip
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )  # fmt: skip

        # The conventions have no token type for cached and reasoning tokens. The input and output counts already
        # include these tokens, so adding them there would count them twice.
        self._parts = meter.create_histogram(
            "rfqflow.llm.token.parts", "{token}", "Number of cached input tokens and of reasoning output tokens.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )  # fmt: skip

    def ended(self, provider: str, model: str, seconds: float, usage: Usage | None, error: str | None) -> None:
        """Records a finished call.

        `usage` is None if the provider reported no token counts. `error` is the error class, or None for an answer.
        """
        about = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": provider, "gen_ai.request.model": model}
        if error is None:
            about["gen_ai.response.model"] = model
        self._seconds.record(seconds, about if error is None else {**about, "error.type": error})
        for kind, tokens in (("input", usage.input_tokens), ("output", usage.output_tokens)) if usage else ():
            if tokens:
                self._tokens.record(tokens, {**about, "gen_ai.token.type": kind})
        parts = (("cached_input", usage.cached_input_tokens), ("reasoning", usage.reasoning_tokens)) if usage else ()
        for kind, tokens in parts:
            if tokens:
                self._parts.record(tokens, {**about, "gen_ai.token.type": kind})
