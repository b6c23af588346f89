"""The daemon's HTTP endpoints: health, metrics, and the status of one RFQ, once or as a stream.

No reply holds a customer's text: `/rfqs/ID` shows `ai.rfq_status`. A client beyond loopback must sign its requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.http import signing, sse
from rfqflow.http.completion_stream import CompletionWatcher
from rfqflow.http.fleet_metrics import Fleet
from rfqflow.http.health import Health
from rfqflow.http.limits import Streams
from rfqflow.http.server import alongside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from uuid import UUID

    from starlette.requests import Request

    from rfqflow.store.connection_pool import ConnectionPool
    from rfqflow.store.fleet_queries import FleetQueries
    from rfqflow.telemetry.prometheus import PrometheusMetrics

_log = structlog.get_logger()
ENDS = frozenset({"done", "skipped", "failed"})
_LOOK_SECONDS = 5.0  # between two reads of a stream's RFQ
# Between the first reads of a stream, in seconds. Workers check only once a second whether a page watches, so a
# change in the first second may send no notification.
_FIRST_LOOKS = (0.5, 1.0, 1.5)
_LONGEST_SECONDS = 3600.0
_MOST_STREAMS, _MOST_EACH = 200, 100  # most streams: of all clients, and of one address


class HttpApp:
    """The daemon's endpoints and the background tasks that the endpoints need."""

    def __init__(
        self,
        lines: ConnectionPool,
        reads: FleetQueries,
        meter: PrometheusMetrics,
        *,
        listen_url: str | None,
        secret: str | None,
        heard_at: Callable[[], float | None],
        ready: Callable[[], bool],
        claims: Callable[[], dict[str, Any]],
        siblings: Callable[[], dict[str, dict[str, Any]]] | None = None,
    ) -> None:
        """`secret` signs requests. None admits every request, and is for loopback only."""
        self._lines = lines
        self._reads = reads
        self._meter = meter
        self._secret = secret
        self._fleet = Fleet(reads)
        meter.registry.register(self._fleet)
        self._health = Health(reads, heard_at=heard_at, ready=ready, claims=claims, siblings=siblings)
        self._watch = CompletionWatcher(listen_url)
        self._streams = Streams(_MOST_STREAMS, _MOST_EACH)
        self.closing = asyncio.Event()
        self.app = Starlette(
            routes=[
                Route("/healthz", self._healthz),
                Route("/readyz", self._readyz),
                Route("/metrics", self._metrics),
                Route("/rfqs/{rfq_id:uuid}", self._rfq),
                Route("/rfqs/{rfq_id:uuid}/events", self._events),
            ],
            exception_handlers={Exception: _broken},
        )

    @property
    def is_well(self) -> bool:
        """Whether this process is healthy, regardless of its siblings."""
        return bool(self._health.of_this_process()["ok"])

    @contextlib.asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """Runs background tasks while the server runs."""
        try:
            async with alongside(health=self._health.watch(), watch=self._watch.run()):
                yield
        finally:
            await self._lines.close()

    async def _healthz(self, _request: Request) -> Response:
        return _checked(self._health.checks())

    async def _readyz(self, _request: Request) -> Response:
        return _checked({**self._health.readiness(), "findings": await self._health.findings()})

    async def _metrics(self, _request: Request) -> Response:
        await self._fleet.refresh()
        return Response(generate_latest(self._meter.registry), media_type=CONTENT_TYPE_LATEST)

    def _refused(self, request: Request) -> Response | None:
        if self._secret is None:
            return None
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        headers = request.headers
        why = signing.refusal(
            self._secret, time.time(), request.method, target,
            headers.get(signing.TIMESTAMP, ""), headers.get(signing.SIGNATURE, ""),
        )  # fmt: skip
        return _problem(401, why) if why else None

    async def _rfq(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        try:
            found = await self._reads.status(request.path_params["rfq_id"])
        except (DatabaseUnreachable, asyncpg.PostgresError):
            return _problem(503, "database_unavailable")
        return _json(found) if found else _problem(404, "no_such_rfq")

    async def _events(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        rfq_id = request.path_params["rfq_id"]
        # The request takes its place before the first await, or else simultaneous requests would all get the last one.
        release = sse.place(self._streams, request.client.host if request.client else "")
        if isinstance(release, Response):
            return release
        try:
            found = await self._reads.status(rfq_id)
        except (DatabaseUnreachable, asyncpg.PostgresError):
            release()
            return _problem(503, "database_unavailable")
        except BaseException:
            release()
            raise
        if not found:
            release()
            return _problem(404, "no_such_rfq")
        return sse.stream(self._story(rfq_id), release)

    async def _story(self, rfq_id: UUID) -> AsyncIterator[str]:
        """Yields the RFQ's status, again after each change, until a final state; then the event `end`."""
        async with self._watch.of(rfq_id) as notified:
            async for part in self._changes(rfq_id, notified):
                yield part

    async def _changes(self, rfq_id: UUID, notified: asyncio.Event) -> AsyncIterator[str]:
        looks, by, last = list(_FIRST_LOOKS), time.monotonic() + _LONGEST_SECONDS, None
        while not self.closing.is_set() and time.monotonic() < by:
            notified.clear()
            try:
                found = await self._reads.status(rfq_id)
            except (DatabaseUnreachable, asyncpg.PostgresError):
                found = last
            if found is None:
                return
            yield sse.event("status", found) if found != last else sse.comment()
            last = found
            if found["ai_status"] in ENDS:
                yield sse.event("end", {"rfq_id": rfq_id, "ai_status": found["ai_status"]})
                return
            await sse.first_of(looks.pop(0) if looks else _LOOK_SECONDS, notified, self.closing)


def _json(value: Any, status: int = 200) -> Response:
    body = json.dumps(value, default=sse.jsonable, ensure_ascii=False)
    return Response(body, status, media_type="application/json", headers={"Cache-Control": "no-store"})


def _problem(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status)


async def _broken(_request: Request, error: Exception) -> Response:
    _log.error("http.internal_error", error=type(error).__name__)
    return _problem(500, "broken")


def _checked(found: dict[str, Any]) -> Response:
    return _json(found, 200 if found["ok"] else 503)
