"""Stores the capabilities of models in the database.

The worker reads them at its start, and writes what a provider learns.

This only saves calls: without the stored capabilities, each process learns them with calls of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

import structlog

from rfqflow.database.connection import connect
from rfqflow.store.model_capabilities import ModelCapabilityStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_log = structlog.get_logger()
_CLOSE_SECONDS = 2.0


class CapabilityCache:
    """The cache of one server. A provider calls `learnt` when it learns something."""

    def __init__(self, dsn: str, provider: str, base_url: str) -> None:
        self._dsn = dsn
        self._provider = provider
        # Store a hash: the address of a server may stand in the environment only. A trailing slash makes no difference.
        self._server = hashlib.sha256(base_url.rstrip("/").encode()).hexdigest()[:16]
        self._latest: dict[str, Mapping[str, Any]] = {}
        self._writing: asyncio.Task[None] | None = None

    async def known(self, store: ModelCapabilityStore) -> dict[str, dict[str, Any]]:
        """By model: mode, tokens_field and rejected parameters, read from the database."""
        return {row.pop("model"): row for row in await store.known(self._provider, self._server)}

    def of_server(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """As `known`, from rows that may belong to any server."""
        return {row["model"]: row for row in rows if (row["provider"], row["server"]) == (self._provider, self._server)}

    def learnt(self, model: str, capabilities: Mapping[str, Any]) -> None:
        """Returns at once; a background task writes the newest state of each model."""
        self._latest[model] = capabilities
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="model capabilities")

    async def aclose(self) -> None:
        """Waits briefly for pending writes."""
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=_CLOSE_SECONDS)
            self._writing.cancel()

    async def _write(self) -> None:
        try:
            conn = await connect(self._dsn, application_name="rfqflow capabilities", pooled=True)
            try:
                while self._latest:
                    model, capabilities = self._latest.popitem()
                    await ModelCapabilityStore(conn).learn(self._provider, self._server, model, capabilities)
            finally:
                await conn.close(timeout=2)
        except Exception as error:  # noqa: BLE001 - the cache only saves calls, so nothing may fail without it
            _log.warning("model_capabilities.not_saved", error=type(error).__name__)


class CapabilityCaches:
    """The caches of all servers of a chain. It stores each model's capabilities under the model's own server."""

    def __init__(self, caches: Mapping[str, CapabilityCache], chain: Iterable[tuple[str, str]]) -> None:
        """`caches`: by provider. `chain`: pairs of provider and model.

        Models outside the chain belong to the first pair's provider.
        """
        self._caches = caches
        chain = tuple(chain)
        self._first = chain[0][0]
        self._names = {model: provider for provider, model in chain}

    async def known(self, store: ModelCapabilityStore) -> dict[str, Mapping[str, Any]]:
        """By model: mode, tokens_field and rejected parameters, read from the database."""
        return self._own({name: await cache.known(store) for name, cache in self._caches.items()})

    def of_server(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """As `known`, from rows that may belong to any server."""
        rows = tuple(rows)
        return self._own({name: cache.of_server(rows) for name, cache in self._caches.items()})

    def learnt(self, model: str, capabilities: Mapping[str, Any]) -> None:
        """Returns at once; a background task writes the newest state of each model."""
        if cache := self._caches.get(self._names.get(model, self._first)):
            cache.learnt(model, capabilities)

    async def aclose(self) -> None:
        """Waits briefly for pending writes."""
        for cache in self._caches.values():
            await cache.aclose()

    def _own(self, by_provider: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, Mapping[str, Any]]:
        """By model, each model from its own provider: another provider may have a model of the same name."""
        return {
            model: known
            for provider, models in by_provider.items()
            for model, known in models.items()
            if self._names.get(model, self._first) == provider
        }
