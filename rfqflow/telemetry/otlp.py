"""Exports traces and metrics with RFQFLOW_OTEL=on: OTLP over HTTP, configured by OTEL_EXPORTER_OTLP_*.

rfqflow creates both through OpenTelemetry's API alone, so a process that `opentelemetry-instrument` started keeps its
own exporters. Set OTEL_METRICS_EXPORTER=none for a collector that takes only traces.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from typing import TYPE_CHECKING

from rfqflow import __version__
from rfqflow.core.errors import ConfigError
from rfqflow.telemetry.genai_metrics import GenAiCallMetrics

try:
    from opentelemetry import metrics, trace
except ImportError:
    raise ConfigError("RFQFLOW_OTEL=on needs OpenTelemetry: pip install 'rfqflow[otel]'") from None

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Tracer

_CLOSE_SECONDS = 3.0


def started() -> tuple[Tracer, GenAiCallMetrics, Callable[[], None]]:
    """Returns a tracer, the metrics of calls, and a function that the caller calls before the process exits.

    The function sends the spans and metrics that are still unsent, and blocks while it sends.

    Raises:
        ConfigError: no exporter is configured, and the SDK or the exporter is not installed.
    """
    closing: list[Callable[[], None]] = []
    try:
        if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
            closing.append(_spans_set_up())
        # OpenTelemetry has no public class for an unset meter provider. A test checks that the private class exists.
        unset = type(metrics.get_meter_provider()).__name__ == "_ProxyMeterProvider"
        if unset and os.environ.get("OTEL_METRICS_EXPORTER") != "none":
            closing.append(_metrics_set_up())
    except ImportError:
        raise ConfigError("RFQFLOW_OTEL=on needs OpenTelemetry: pip install 'rfqflow[otel]'") from None

    def close() -> None:
        for shut_down in closing:
            shut_down()

    calls = GenAiCallMetrics(metrics.get_meter("rfqflow", __version__))
    return trace.get_tracer("rfqflow", __version__), calls, close


def _about() -> dict[str, str]:
    return {"service.name": "rfqflow", "service.version": __version__}


def _spans_set_up() -> Callable[[], None]:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - where it is on
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - the same
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - the same
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - the same

    provider = TracerProvider(resource=Resource.create(_about()), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=_CLOSE_SECONDS)))
    trace.set_tracer_provider(provider)
    return provider.shutdown


def _metrics_set_up() -> Callable[[], None]:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415 - the same
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415 - the same
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415 - the same
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - the same

    reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=_CLOSE_SECONDS))
    provider = MeterProvider([reader], resource=Resource.create(_about()), shutdown_on_exit=False)
    metrics.set_meter_provider(provider)
    return lambda: provider.shutdown(timeout_millis=_CLOSE_SECONDS * 1000)


async def ended(close: Callable[[], None]) -> None:
    """Sends what is unsent, within a short time limit: a stuck collector must not delay the daemon's stop."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def work() -> None:
        close()
        with contextlib.suppress(RuntimeError):  # the wait timed out, and the loop has closed since
            loop.call_soon_threadsafe(done.set)

    # Not a thread of the executor: the interpreter would wait for such a thread at exit.
    threading.Thread(target=work, name="traces", daemon=True).start()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_SECONDS + 1):
            await done.wait()
