"""Spans of a worker, in the SDK's memory; and spans of a real daemon, at a collector of the test."""

import asyncio
import itertools
import re
import signal
import uuid
from collections import Counter

import pytest

from tests.support.daemon import Process
from tests.support.model_server import ModelServer
from tests.support.worker_harness import Scripted, ended, insert, let_short_texts_pass, until

pytest.importorskip("opentelemetry.sdk")
from opentelemetry.metrics import NoOpMeter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from rfqflow import settings
from rfqflow.core.decisions.gates import Pass
from rfqflow.core.errors import ErrorClass, Usage
from rfqflow.core.policy import Policy
from rfqflow.core.records import Claim, ClaimMetrics, Rfq
from rfqflow.core.results import ClaimContext
from rfqflow.prompts import shipped
from rfqflow.telemetry.genai_metrics import GenAiCallMetrics
from rfqflow.telemetry.tracing import TracedPipeline
from rfqflow.worker.worker import Worker

NOBODY = NoOpMeter("none")
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Counting(SimpleSpanProcessor):
    """`begun`: the names of spans that have not ended."""

    def __init__(self, exporter):
        super().__init__(exporter)
        self.begun = Counter()

    def on_start(self, span, parent_context=None):
        self.begun[span.name] += 1

    def on_end(self, span):
        self.begun[span.name] -= 1
        super().on_end(span)


@pytest.fixture
def spans():
    """A tracer, the list of ended spans, and the number of open spans by name."""
    exporter = InMemorySpanExporter()
    counting = Counting(exporter)
    provider = TracerProvider()
    provider.add_span_processor(counting)
    yield provider.get_tracer("test"), exporter, counting.begun
    provider.shutdown()


async def traced(database, provider, spans, work, meter=NOBODY) -> None:
    tracer, _, open_spans = spans
    await let_short_texts_pass(database)
    loaded = settings.load(database_url=database, concurrency=8)
    pipeline = TracedPipeline(
        provider, tracer, GenAiCallMetrics(meter), prompt_version=None, deadline_seconds=20, pepper=None
    )
    worker = Worker(
        loaded, pipeline, shipped(), database_url=database, listen_url=database, pooled=False, direct=True,
        on_recorded=pipeline.recorded,
    )  # fmt: skip
    task = asyncio.create_task(worker.run())
    try:
        await work()
    finally:
        worker.stop()
        async with asyncio.timeout(40):
            await task
    assert open_spans.total() == 0


def named(exporter, name: str):
    return [span for span in exporter.get_finished_spans() if span.name == name]


async def test_a_claim_has_a_span_per_step_and_is_linked_to_the_applications_trace(database, db, spans):
    _, exporter, _ = spans

    async def work():
        await db.execute(
            "insert into public.rfq_requests (request_id, email, message, metadata) values "
            "('r-1', 'canary-5@example.com', 'canary-5 pumps', $1::jsonb)",
            f'{{"traceparent": "00-{TRACE}-{SPAN}-01"}}',
        )
        await until(ended(db, 1))

    await traced(database, Scripted(), spans, work)
    rfq_id = await db.fetchval("select id::text from public.rfq_requests")
    root = named(exporter, "rfq.enrich")[0]
    below = {span.name: span for span in exporter.get_finished_spans() if span is not root}

    assert set(below) == {"rfq.gates", "rfq.admit", "chat m1", "rfq.validate", "rfq.persist"}
    assert all(span.parent.span_id == root.context.span_id for span in below.values())
    assert root.parent is None
    assert [f"{link.context.trace_id:032x} {link.context.span_id:016x}" for link in root.links] == [f"{TRACE} {SPAN}"]
    assert root.context.trace_id != int(TRACE, 16)  # a link and not a child: the application's request ended long ago
    assert dict(root.attributes).items() >= {
        "rfqflow.rfq_id": rfq_id, "rfqflow.request_id": "r-1", "rfqflow.attempt": 1, "rfqflow.status": "succeeded",
        "rfqflow.route": "general", "rfqflow.cost_usd": 0.0001,
    }.items()  # fmt: skip
    chat = below["chat m1"]
    assert chat.kind.name == "CLIENT"
    assert dict(chat.attributes).items() >= {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "scripted", "gen_ai.request.model": "m1",
        "gen_ai.response.model": "m1", "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5,
        "gen_ai.output.type": "json", "gen_ai.prompt.name": "rfq", "gen_ai.prompt.version": "1",
        "rfqflow.request_id": "r-1",
    }.items()  # fmt: skip
    times = [below["rfq.gates"], below["rfq.admit"], chat, below["rfq.validate"], below["rfq.persist"]]
    assert all(one.end_time <= other.start_time for one, other in itertools.pairwise(times))
    assert root.start_time <= times[0].start_time
    assert times[-1].end_time == root.end_time
    assert "canary-5" not in "".join(span.to_json() for span in exporter.get_finished_spans())


async def test_errors_and_gates_set_their_codes_and_an_invalid_traceparent_makes_no_link(database, db, spans):
    _, exporter, _ = spans
    provider = Scripted()
    provider.behaviours = {"bad": ErrorClass.BAD_REQUEST, "odd": ValueError("canary-6 was here")}
    await db.execute("select ai.set_policy('max_attempts', '1')")

    async def work():
        await insert(db, "bad", "odd")
        await db.execute(
            "insert into public.rfq_requests (message, metadata) values ('out', '{\"ai_opt_out\": true, \"traceparent\": 7}'), "
            "('in', '{\"traceparent\": \"00-zz-zz-01\"}')"
        )
        await until(ended(db, 2, "failed"))
        await until(ended(db, 1, "skipped"))
        await until(ended(db, 1))

    await traced(database, provider, spans, work)
    roots = named(exporter, "rfq.enrich")
    assert sorted(str(root.attributes.get("error.type")) for root in roots) == [
        "None",
        "None",
        "bad_request",
        "internal",
    ]
    assert all(not root.links for root in roots)
    chats = sorted(str(chat.attributes.get("error.type")) for chat in named(exporter, "chat m1"))
    assert chats == ["None", "ValueError", "bad_request"]
    skipped = next(root for root in roots if root.attributes["rfqflow.status"] == "skipped")
    assert skipped.attributes["rfqflow.reason"] == "opted_out"
    text = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert "canary-6" not in text
    assert '"exception' not in text


async def test_calls_are_counted_by_the_conventions_for_genai(database, db, spans):
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader])
    provider = Scripted()
    provider.behaviours = {"bad canary-7": ErrorClass.BAD_REQUEST}

    async def work():
        await insert(db, "one canary-7", "two canary-7", "bad canary-7")
        await until(ended(db, 2))
        await until(ended(db, 1, "failed"))

    await traced(database, provider, spans, work, meters.get_meter("test"))
    found = reader.get_metrics_data()
    (scope,) = found.resource_metrics[0].scope_metrics
    metrics = {one.name: one for one in scope.metrics}
    meters.shutdown()

    def points(name):
        return {
            tuple(sorted((key.removeprefix("gen_ai."), reported) for key, reported in point.attributes.items())): point
            for point in metrics[name].data.data_points
        }

    common = (("operation.name", "chat"), ("provider.name", "scripted"), ("request.model", "m1"))
    assert {name: one.unit for name, one in metrics.items()} == {
        "gen_ai.client.operation.duration": "s", "gen_ai.client.token.usage": "{token}",
    }  # fmt: skip
    durations = points("gen_ai.client.operation.duration")
    assert {about: point.count for about, point in durations.items()} == {
        (*common, ("response.model", "m1")): 2, (("error.type", "bad_request"), *common): 1,
    }  # fmt: skip
    bounds = next(iter(durations.values())).explicit_bounds
    assert (bounds[0], bounds[-1], len(bounds)) == (0.01, 81.92, 14)
    assert {about[-1]: (point.count, point.sum) for about, point in points("gen_ai.client.token.usage").items()} == {
        ("token.type", "input"): (2, 20), ("token.type", "output"): (2, 10),
    }  # fmt: skip
    assert "canary-7" not in found.to_json()


def test_cached_and_reasoning_tokens_are_counted_beside_the_total_that_contains_them():
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader])
    usage = Usage(1000, cached_input_tokens=800, output_tokens=400, reasoning_tokens=300)
    GenAiCallMetrics(meters.get_meter("test")).ended("openai", "m1", 1.0, usage, None)
    (scope,) = reader.get_metrics_data().resource_metrics[0].scope_metrics
    meters.shutdown()
    sums = {
        one.name: {point.attributes["gen_ai.token.type"]: point.sum for point in one.data.data_points}
        for one in scope.metrics if one.unit == "{token}"
    }  # fmt: skip
    assert sums == {
        "gen_ai.client.token.usage": {"input": 1000, "output": 400},
        "rfqflow.llm.token.parts": {"cached_input": 800, "reasoning": 300},
    }


async def test_claims_whose_end_is_never_recorded_do_not_pile_up(monkeypatch, spans):
    from rfqflow.telemetry import tracing

    tracer, exporter, open_spans = spans
    monkeypatch.setattr(tracing, "OPEN_MOST", 2)
    pipeline = TracedPipeline(
        Scripted(), tracer, GenAiCallMetrics(NOBODY), prompt_version=None, deadline_seconds=20, pepper=None
    )
    for n in range(5):
        claim = Claim(n, n, uuid.UUID(int=n), 1, False, 0.0, Rfq(uuid.UUID(int=n), f"r{n}", "ten pumps"), None)
        screened = pipeline.screen(ClaimContext(claim, 1, 60.0, Policy(min_characters=0), ClaimMetrics(0.0, 0.0)))
        assert isinstance(screened, Pass)
    assert open_spans["rfq.enrich"] == 2
    assert len(named(exporter, "rfq.enrich")) == 3


async def test_a_daemon_sends_its_spans_before_it_ends(database, db):
    received = []

    async def collect(reader, writer):
        top = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", top, re.IGNORECASE)[1])
        received.append((top.split(b" ")[1], await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(collect, "127.0.0.1", 0)
    endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with ModelServer() as model:
        environment = {
            "RFQFLOW_PROVIDER": "openai", "OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "k", "RFQFLOW_OTEL": "on",
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
        }  # fmt: skip
        async with Process("run", RFQFLOW_DATABASE_URL=database, **environment) as daemon:
            await daemon.until_event("worker.registered")
            await insert(db, "We need 5 canary-8 pumps")
            await until(ended(db, 1))
            daemon.send(signal.SIGTERM)
            assert await daemon.exit_code(20) == 0
    server.close()

    assert {path for path, _ in received} == {b"/v1/traces", b"/v1/metrics"}
    body = b"".join(body for _, body in received)
    for name in (b"rfq.enrich", b"rfq.gates", b"rfq.persist", b"gen_ai.usage.input_tokens", b"service.name",
                 b"gen_ai.client.operation.duration", b"gen_ai.client.token.usage"):  # fmt: skip
        assert name in body
    assert b"canary-8" not in body


async def test_a_stuck_collector_blocks_no_daemon(database, db):
    async def hold(reader, writer):
        await reader.read()  # until the other side has gone
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with Process(
        "run", RFQFLOW_DATABASE_URL=database, RFQFLOW_OTEL="on", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint
    ) as daemon:
        await daemon.until_event("worker.registered")
        await insert(db, "We need 5 pumps DN100")
        await until(ended(db, 1))
        daemon.send(signal.SIGTERM)
        await daemon.until_event("worker.stopped")
        assert await daemon.exit_code(40) == 0
    server.close()


async def test_without_the_extra_it_names_the_package_to_install(database, tmp_path):
    (tmp_path / "opentelemetry.py").write_text("raise ImportError\n")
    async with Process(
        "run", "--drain", RFQFLOW_DATABASE_URL=database, RFQFLOW_OTEL="on", PYTHONPATH=str(tmp_path)
    ) as daemon:
        assert await daemon.exit_code(20) == 2
    assert "rfqflow[otel]" in daemon.text
