"""The composition root: builds a worker and its side tasks from the settings, and runs it until it stops.

Optional parts are imported only if they are on: a worker that answers by rules loads no library for models or HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from rfqflow.core import endpoint
from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.core.prompting.model_parameters import ModelParameters
from rfqflow.database import migrate
from rfqflow.database.connection import LISTEN_SETTING, connect
from rfqflow.database.reconnecting import ReconnectingConnection, is_pooled
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.llm.factory import check_environment, price_book, prompt_version, provider_for, server_of
from rfqflow.llm.unpriced import unpriced
from rfqflow.prompts import shipped
from rfqflow.settings.checks import http_problem, misspelt, one_message, provider_problem, refusals, warnings
from rfqflow.store.model_capabilities import ModelCapabilityStore
from rfqflow.store.operator import OperatorStore
from rfqflow.store.start_facts import StartFacts, start_facts
from rfqflow.worker import start_line
from rfqflow.worker.capability_cache import CapabilityCache, CapabilityCaches
from rfqflow.worker.garbage import tune_garbage_collection
from rfqflow.worker.observers import RunObservers
from rfqflow.worker.worker import Worker

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Coroutine

    from rfqflow.llm import Provider
    from rfqflow.llm.prices import PriceBook
    from rfqflow.settings import Settings
    from rfqflow.store.encoding import ModelSettings
    from rfqflow.worker.result_buffer import OutcomeCounts
    from rfqflow.worker.sibling import Sibling

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Endpoints:
    """The DSNs of a worker. The doorbell and the session locks need a direct connection, and use `listen_url`."""

    dsn: str
    listen_url: str
    pooled: bool  # `dsn` leads to a transaction pooler
    direct: bool  # `listen_url` does not lead to a transaction pooler


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database holds at the start: prices, parameters, and the capabilities of models."""

    prices: list[dict[str, Any]]
    parameters: list[dict[str, Any]]
    capabilities: dict[str, Any]
    facts: StartFacts


def refuse_unusable(loaded: Settings, *, brings_database: bool) -> None:
    """Checks the settings before any query.

    Raises:
        ConfigError: one message with every problem that prevents a start.
    """
    found: list[object] = [*refusals(loaded, brings_database=brings_database)]
    for name in dict(loaded.chain):
        if not provider_problem(loaded, name):
            try:
                check_environment(name)
            except ConfigError as error:
                found.append(error)
    if found and loaded.http:
        try:
            if sock := listening_socket(loaded):
                sock.close()
        except ConfigError as error:
            found += [] if http_problem(loaded) else [error]
    if found:
        raise one_message([*found, *misspelt()])


async def run_worker(
    loaded: Settings,
    dsn: str,
    *,
    drain: bool,
    on_progress: Callable[[OutcomeCounts], None] = lambda _: None,
    among: Sibling | None = None,
) -> OutcomeCounts:
    """Checks the database and runs a worker until it stops. `among`: it is one of several processes of a parent.

    Raises:
        SchemaMismatch, DatabaseUnreachable, ConfigError: before the first claim.
        RfqflowError: some results were not recorded before the worker had to stop.
    """
    sock = among.sock if among else listening_socket(loaded)
    memory = _memory(loaded, dsn)
    known = await _checked(dsn, memory, answers_by_rules=loaded.provider_name == "rules")
    endpoints = await _endpoints(loaded, dsn)
    problems = [*warnings(loaded), *start_line.problems_of_answers(loaded, known.facts)]
    writes_for_all, count = (among.seat.is_first, among.seat.count) if among else (True, 1)
    if writes_for_all:
        start_line.tell(_start_line(loaded, endpoints, known.facts, sock, drain=drain, processes=count), problems)
    book = price_book(loaded, known.prices)
    parameters = ModelParameters(known.parameters)
    provider = provider_for(
        loaded, book, known.capabilities, memory.learnt if memory else lambda _model, _capabilities: None
    )
    if writes_for_all:
        _warn_of_unknown_prices(loaded, book)
    recorded = RunObservers()
    pipeline, close_traces = _pipeline(loaded, provider, parameters, recorded)

    def on_models(settings: ModelSettings) -> None:
        book.set_table(settings.prices)
        parameters.set_table(settings.parameters)
        if memory:
            provider.follow(memory.of_server(settings.capabilities))

    worker = Worker(
        loaded, pipeline, shipped(), database_url=dsn, listen_url=endpoints.listen_url, pooled=endpoints.pooled,
        direct=endpoints.direct, on_progress=on_progress, on_models=on_models, on_recorded=recorded,
        about={"answers_with": start_line.answers_with(loaded), "problems": [one.as_json() for one in problems]},
    )  # fmt: skip
    _obey_signals(worker, among)
    try:
        async with contextlib.AsyncExitStack() as around:
            await _start_beside(around, worker, loaded, endpoints, sock, recorded, among)
            tune_garbage_collection()
            counts = await worker.run(drain=drain)
    finally:
        await provider.aclose()
        if memory:
            await memory.aclose()
        await close_traces()
    _log.info("worker.stopped", **counts.ended)
    if worker.abandoned:
        raise RfqflowError(
            f"{worker.abandoned} result(s) could not be saved; their leases will expire, and workers retry the RFQs"
        )
    return counts


async def _checked(dsn: str, memory: CapabilityCaches | None, *, answers_by_rules: bool) -> _Known:
    """Reads what the worker needs at its start; raises unless the database's schema fits this release."""
    conn = await connect(dsn, application_name="rfqflow start", pooled=True)
    try:
        later = await migrate.check_for_worker(conn)
        operator = OperatorStore(conn)
        known = _Known(
            await operator.model_prices(),
            await operator.model_parameters(),
            await memory.known(ModelCapabilityStore(conn)) if memory else {},
            await start_facts(conn, answers_by_rules=answers_by_rules),
        )
    finally:
        await conn.close(timeout=2)
    if later:
        _log.warning("schema.newer", migrations=len(later))
    return known


def _start_line(
    loaded: Settings, endpoints: _Endpoints, facts: StartFacts, sock: socket.socket | None, *, drain: bool,
    processes: int,
) -> dict[str, Any]:  # fmt: skip
    if sock is None:
        http = None
    else:
        from rfqflow.http.server import url_of

        http = url_of(sock)
    return start_line.start_line(
        loaded, endpoints.dsn, facts, direct=endpoints.direct, http=http, drain=drain,
        processes=processes,
    )  # fmt: skip


async def _endpoints(loaded: Settings, dsn: str) -> _Endpoints:
    listen = loaded.listen_url or dsn
    pooled = await is_pooled(dsn)
    direct = not (pooled if listen == dsn else await is_pooled(listen, setting=LISTEN_SETTING))
    if not direct:
        _log.warning(
            "listen.unavailable",
            effect="behind a transaction pooler the daemon polls, and its death is noticed only when its leases expire",
            remedy="set RFQFLOW_LISTEN_URL to a direct DSN",
        )
    return _Endpoints(dsn, listen, pooled=pooled, direct=direct)


async def _start_beside(
    around: contextlib.AsyncExitStack, worker: Worker, loaded: Settings, endpoints: _Endpoints,
    sock: socket.socket | None, recorded: RunObservers, among: Sibling | None,
) -> None:  # fmt: skip
    """Starts webhooks, HTTP endpoint and the report to sibling processes if they are on, until `around` ends."""
    is_well: Callable[[], bool] = lambda: True  # noqa: E731 - without an endpoint, a process whose event loop runs is healthy
    if loaded.webhook_urls:
        await around.enter_async_context(_posting(loaded, recorded, endpoints.dsn, pooled=endpoints.pooled))
    if sock is not None:
        from rfqflow.worker.http_endpoint import beside

        is_well = await around.enter_async_context(
            beside(
                worker, loaded, sock, recorded, dsn=endpoints.dsn,
                listen_url=endpoints.listen_url if endpoints.direct else None, pooled=endpoints.pooled,
                seat=among.seat if among else None,
            )
        )  # fmt: skip
    if among:
        await around.enter_async_context(among.reporting(worker, is_well))


def _memory(loaded: Settings, dsn: str) -> CapabilityCaches | None:
    """The capability caches; None if no provider learns the capabilities of its models."""
    servers = {name: server_of(loaded, name) for name, _ in loaded.chain}
    caches: dict[str, CapabilityCache] = {
        name: CapabilityCache(dsn, name, server) for name, server in servers.items() if server
    }
    return CapabilityCaches(caches, loaded.chain) if caches else None


@contextlib.asynccontextmanager
async def _posting(loaded: Settings, recorded: RunObservers, dsn: str, *, pooled: bool) -> AsyncIterator[None]:
    """Sends webhooks while the block runs."""
    from rfqflow.store.webhooks import Webhooks
    from rfqflow.worker.webhook_sender import WebhookSender

    line = ReconnectingConnection(dsn, "rfqflow webhooks", pooled=pooled)
    secret = loaded.webhook_secret.get_secret_value() if loaded.webhook_secret else ""
    sender = WebhookSender(Webhooks(line), loaded.webhook_urls, secret)
    recorded.append(sender.note)
    task = asyncio.create_task(sender.run(), name="webhooks")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sender.close()
        await line.close()


def _pipeline(
    loaded: Settings, provider: Provider, parameters: ModelParameters, recorded: RunObservers
) -> tuple[Pipeline, Callable[[], Coroutine[Any, Any, None]]]:
    """The pipeline, with tracing if it is on, and a function to await after the worker has stopped."""
    about: dict[str, Any] = {
        "prompt_version": prompt_version(provider),
        "deadline_seconds": loaded.call_deadline_seconds,
        "pepper": loaded.pii_pepper,
        "mask_contact": loaded.mask == "contact",
        "parameters": parameters,
        "deployments": loaded.deployments,
    }
    if loaded.otel == "off":
        return Pipeline(provider, **about), partial(asyncio.sleep, 0)
    from rfqflow.telemetry import otlp, tracing

    tracer, calls, close = otlp.started()
    traced = tracing.TracedPipeline(provider, tracer, calls, **about)
    recorded.append(traced.recorded)
    return traced, partial(otlp.ended, close)


def listening_socket(loaded: Settings) -> socket.socket | None:
    """The bound socket of --http; None if it is off.

    Raises:
        ConfigError: the address cannot be bound, or any client could request RFQs there.
    """
    if not loaded.http:
        return None
    from rfqflow.http.server import bound

    if problem := http_problem(loaded):
        raise one_message([problem])
    return bound(endpoint.listening(loaded.http), loaded.origin("http"))


def _warn_of_unknown_prices(loaded: Settings, book: PriceBook) -> None:
    """Warns at start about models without a price, whose costs are assumed or whose calls are refused."""
    for one in unpriced(loaded, book):
        _log.warning(
            "price.unknown", provider=one.provider, model=one.model,
            effect="calls are booked at an assumed price, or refused once a budget is set (policy unknown_price)",
            remedy=one.remedy,
        )  # fmt: skip


def _obey_signals(worker: Worker, among: Sibling | None) -> None:
    seen = 0

    def on_signal() -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            worker.stop()
        else:
            worker.force_stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    if among:
        among.stop_with_parent(worker.stop)
