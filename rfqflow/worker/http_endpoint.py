"""The HTTP endpoint of `rfqflow run`, in the worker's event loop."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import structlog

from rfqflow.database import migrate
from rfqflow.http.app import HttpApp
from rfqflow.http.server import serving, url_of
from rfqflow.store.connection_pool import ConnectionPool
from rfqflow.store.fleet_queries import FleetQueries
from rfqflow.telemetry.prometheus import PrometheusMetrics, Together

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable

    from rfqflow.settings import Settings
    from rfqflow.worker.observers import RunObservers
    from rfqflow.worker.process_state import ProcessSeat
    from rfqflow.worker.worker import Worker

_log = structlog.get_logger()
_READ_SECONDS = 2.0  # limit of one statement in seconds: clients are machines that retry


@contextlib.asynccontextmanager
async def beside(
    worker: Worker, loaded: Settings, sock: socket.socket, recorded: RunObservers, *, dsn: str, listen_url: str | None,
    pooled: bool, seat: ProcessSeat | None,
) -> AsyncIterator[Callable[[], bool]]:  # fmt: skip
    """Serves while the block runs. Yields a function that returns whether this process is healthy."""
    meter = PrometheusMetrics(
        seat.in_flight if seat else lambda: worker.in_flight, provider=loaded.provider_name,
        model=worker.model, schema=migrate.newest_migration(),
        together=Together(seat.folder, seat.pids) if seat else None,
    )  # fmt: skip
    recorded.append(meter.recorded)
    lines = ConnectionPool(dsn, "rfqflow http", 2, pooled=pooled, seconds=_READ_SECONDS)
    site = HttpApp(
        lines, FleetQueries(lines), meter, listen_url=listen_url, heard_at=lambda: worker.heard_at,
        ready=lambda: worker.ready, claims=lambda: worker.claims_health,
        secret=loaded.http_secret.get_secret_value() if loaded.http_secret else None,
        siblings=seat.all if seat else None,
    )  # fmt: skip
    async with site.alive(), serving(site.app, sock, site.closing):
        _log.info("http.listening", url=url_of(sock))
        yield lambda: site.is_well
