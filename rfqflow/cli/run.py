"""`rfqflow run`, and what `demo` shares with it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click
import structlog

from rfqflow import settings
from rfqflow.core.errors import ConfigError, RfqflowError, Usage
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.reconnecting import ReconnectingConnection, is_pooled
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.prompts import shipped
from rfqflow.store.model_capabilities import Dialects
from rfqflow.store.operator import OperatorStore
from rfqflow.telemetry import logging
from rfqflow.worker.capability_cache import DialectMemory
from rfqflow.worker.loop import Worker

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping

    from rfqflow.core.results import AttemptResult
    from rfqflow.llm import Provider
    from rfqflow.llm.prices import PriceBook
    from rfqflow.settings import Settings
    from rfqflow.worker.result_buffer import OutcomeCounts

_log = structlog.get_logger()
DATABASE = "rfqflow"


def run(
    database_url: str | None, *, embedded: bool, drain: bool, concurrency: int | None, http: str | None = None
) -> None:
    """Runs the daemon until it is told to stop, or with `drain` until nothing is due."""
    loaded = settings.load(database_url=database_url, concurrency=concurrency, http=http)
    logging.configure(loaded.log_level, loaded.log_format)
    if not embedded:
        _execute(work(loaded, settings.need_database(loaded), drain=drain))
        return
    if loaded.database_url and database_url:
        raise ConfigError("--embedded brings its own database: leave --database-url out")
    from rfqflow.database.embedded import EmbeddedPostgres

    with EmbeddedPostgres(loaded.data_dir / "postgres") as server:
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
        dsn = asyncio.run(prepare(server.start()))
        click.echo(f"database: {dsn}", err=True)
        _execute(work(loaded.model_copy(update={"listen_url": None}), dsn, drain=drain))


def _execute(main: object) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)  # type: ignore[arg-type] # a coroutine
    else:
        uvloop.run(main)  # type: ignore[arg-type] # a coroutine


async def prepare(server_dsn: str, *, fresh: bool = False) -> str:
    """Makes and migrates the database on an embedded server; returns its DSN. `fresh` drops an earlier one."""
    dsn = server_dsn.rsplit("/", 1)[0] + "/" + DATABASE
    await migrate.ensure_database(server_dsn, DATABASE, fresh=fresh)
    conn = await connect(dsn, application_name="rfqflow migrate")
    try:
        await migrate.migrate(conn)
    finally:
        await conn.close(timeout=2)
    return dsn


def provider_for(
    loaded: Settings,
    book: PriceBook,
    dialects: Mapping[str, Mapping[str, Any]] | None = None,
    on_learnt: Callable[[str, Mapping[str, Any]], None] = lambda _model, _dialect: None,
) -> Provider:
    """The provider that the settings ask for; its costs are those of the book, which may change.

    `dialects` and `on_learnt`: how models have to be asked, as `DialectMemory` keeps it.
    """
    if loaded.provider_name == "rules":
        from rfqflow.llm.rules import RulesProvider

        return RulesProvider()
    if loaded.provider_name == "ollama":
        from rfqflow.llm.ollama import OllamaProvider

        return OllamaProvider(
            price=partial(book.price, "ollama"),
            model=loaded.model,
            fallback_models=loaded.fallback_models,
            base_url=loaded.ollama_url,
            concurrency=loaded.concurrency,
        )
    from rfqflow.llm.openai import OPENAI_URL, OpenAIProvider

    if (loaded.openai_base_url or OPENAI_URL) == OPENAI_URL and loaded.openai_api_key is None:
        raise ConfigError("no key is set: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server without keys")
    book.warm()
    return OpenAIProvider(
        price=partial(book.price, "openai"),
        model=loaded.model,
        fallback_models=loaded.fallback_models,
        api_key=loaded.openai_api_key.get_secret_value() if loaded.openai_api_key else None,
        base_url=loaded.openai_base_url,
        concurrency=loaded.concurrency,
        dialects=dialects,
        on_learnt=on_learnt,
    )


def price_book(loaded: Settings, prices: list[dict[str, Any]]) -> PriceBook:
    """What calls cost where they go; `prices`: the operator's, which win over any list."""
    from rfqflow.llm.openai import OPENAI_URL
    from rfqflow.llm.prices import PriceBook

    book = PriceBook({"openai": loaded.openai_base_url or OPENAI_URL})
    book.set_table(prices)
    return book


def _memory(loaded: Settings, dsn: str) -> DialectMemory | None:
    """None for providers that always ask in the same way."""
    if loaded.provider_name != "openai":
        return None
    from rfqflow.llm.openai import OPENAI_URL

    return DialectMemory(dsn, "openai", loaded.openai_base_url or OPENAI_URL)


def prompt_version(provider: Provider) -> str | None:
    """What answers are filed under: the rules have no prompt, so their own version stands for it."""
    if provider.name == "rules":
        from rfqflow.core.rules import RULES_VERSION

        return RULES_VERSION
    return None


async def work(
    loaded: Settings, dsn: str, *, drain: bool, on_progress: Callable[[OutcomeCounts], None] = lambda _: None
) -> OutcomeCounts:
    """Checks the database, runs a worker to its end, and says what still waits.

    Raises:
        SchemaMismatch, DatabaseUnreachable, ConfigError: before the first claim.
        RfqflowError: results could not be recorded before the worker had to go.
    """
    sock = listening_socket(loaded)
    listen = loaded.listen_url or dsn
    conn = await connect(dsn, application_name="rfqflow start", pooled=True)
    try:
        later = await migrate.check_for_worker(conn)
        prices = await OperatorStore(conn).model_prices()
        memory = _memory(loaded, dsn)
        known = await memory.known(Dialects(conn)) if memory else {}
    finally:
        await conn.close(timeout=2)
    if later:
        _log.warning("schema.newer", migrations=len(later))
    pooled = await is_pooled(dsn)
    direct = not (pooled if listen == dsn else await is_pooled(listen))
    if not direct:
        _log.warning(
            "listen.unavailable", effect="polling, leases only", remedy="set RFQFLOW_LISTEN_URL to a direct DSN"
        )
    book = price_book(loaded, prices)
    provider = provider_for(loaded, book, known, memory.learnt if memory else lambda _model, _dialect: None)
    _tell_unknown_prices(provider)
    recorded = RunObservers()
    pipeline, close_traces = _pipeline(loaded, provider, recorded)
    worker = Worker(
        loaded, pipeline, shipped(), database_url=dsn, listen_url=listen, pooled=pooled, direct=direct,
        on_progress=on_progress, on_prices=book.set_table, on_recorded=recorded,
    )  # fmt: skip
    _obey_signals(worker)
    try:
        async with contextlib.AsyncExitStack() as around:
            if loaded.webhook_urls:
                await around.enter_async_context(_posting(loaded, recorded, dsn, pooled=pooled))
            if sock is not None:
                from rfqflow.cli.http import beside

                await around.enter_async_context(
                    beside(
                        worker, loaded, sock, recorded, dsn=dsn, listen_url=listen if direct else None, pooled=pooled
                    )
                )
            counts = await worker.run(drain=drain)
    finally:
        await provider.aclose()
        if memory:
            await memory.aclose()
        await close_traces()
    _log.info("worker.stopped", **counts.ended)
    if worker.abandoned:
        raise RfqflowError(f"{worker.abandoned} result(s) could not be recorded; their leases end by themselves")
    if drain:
        await _tell_what_waits(dsn, counts)
    return counts


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
    loaded: Settings, provider: Provider, recorded: RunObservers
) -> tuple[Pipeline, Callable[[], Coroutine[Any, Any, None]]]:
    """The pipeline, traced where the settings say so, and what is to be awaited when its worker has ended."""
    about: dict[str, Any] = {
        "prompt_version": prompt_version(provider),
        "deadline_seconds": loaded.call_deadline_seconds,
        "pepper": loaded.pii_pepper,
        "mask_contact": loaded.mask == "contact",
    }
    if loaded.otel == "off":
        return Pipeline(provider, **about), partial(asyncio.sleep, 0)
    from rfqflow.telemetry import otlp, tracing

    tracer, calls, close = otlp.started()
    traced = tracing.TracedPipeline(provider, tracer, calls, **about)
    recorded.append(traced.recorded)
    return traced, partial(otlp.ended, close)


class RunObservers(list["Callable[[AttemptResult, str | None], None]"]):
    """Who is told of each recorded run; nobody, unless --http or tracing is on."""

    def __call__(self, result: AttemptResult, outcome: str | None) -> None:
        for one in self:
            one(result, outcome)


def listening_socket(loaded: Settings) -> socket.socket | None:
    """Where --http listens, if it is on.

    Raises:
        ConfigError: it cannot be had, or anybody could ask about RFQs there.
    """
    if not loaded.http:
        return None
    from rfqflow.http.server import Address

    address = Address(loaded.http)
    if not address.loopback and loaded.http_secret is None:
        raise ConfigError(
            f"{loaded.http} can be reached from elsewhere, where requests must be signed: set RFQFLOW_HTTP_SECRET "
            "(16 characters or more), or bind to 127.0.0.1"
        )
    return address.bind()


def _tell_unknown_prices(provider: Provider) -> None:
    """What costs nobody knows how much is assumed or refused: better told now than by RFQs that wait."""
    for model in provider.models:
        if provider.price(model, Usage(input_tokens=1_000_000, output_tokens=1_000_000))[0] is None:
            _log.warning(
                "price.unknown", provider=provider.name, model=model,
                effect="assumed, or refused once a budget has been set (policy unknown_price)",
                remedy=f"add its price to ai.model_prices as provider '{provider.name}' (zeros where it is free)",
            )  # fmt: skip


def _obey_signals(worker: Worker) -> None:
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


async def _tell_what_waits(dsn: str, counts: OutcomeCounts) -> None:
    conn = await connect(dsn, application_name="rfqflow start", pooled=True)
    try:
        queue = await OperatorStore(conn).queue()
    finally:
        await conn.close(timeout=2)
    waiting = queue["claimable"] + queue["in_flight"] + queue["expired"] + queue["deferred"] + queue["retrying"]
    text = f"drained: {counts.total} ended"
    if waiting:
        text += f", {waiting} wait"
        if queue["next_due_at"]:
            text += f", the next till {queue['next_due_at']:%Y-%m-%d %H:%M:%S %Z}"
        if queue["mode"] != "on":
            text += f" ({queue['mode']})"
    click.echo(text, err=True)
