"""What keeps the house in order for years, done by whichever worker comes first."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, NoReturn

import asyncpg
import structlog

from rfqflow.core.backoff import jittered
from rfqflow.core.errors import DatabaseUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.store.work import Store

_log = structlog.get_logger()
_PARTITIONS_SECONDS = 3600.0
_GUARDS_SECONDS = 60.0
_ROLL_UPS = 20  # steps at a time, of 50,000 runs at most: a backlog must not hold the sweep up


async def maintain(store: Store, sweep_seconds: Callable[[], float]) -> NoReturn:
    """Partitions ahead, what the guards can forget, the roll-up, and the sweep's next step, until cancelled.

    Raises:
        SchemaMismatch: a later release has changed the database: going on is pointless.
    """
    partitions_at = guards_at = 0.0
    while True:
        try:
            if time.monotonic() >= partitions_at:
                await store.make_partitions()
                partitions_at = time.monotonic() + _PARTITIONS_SECONDS
            if time.monotonic() >= guards_at:
                await store.reap_holds()
                await store.prune_guards()
                guards_at = time.monotonic() + _GUARDS_SECONDS
            await store.refuse_unknown_schema()
            for _ in range(_ROLL_UPS):
                if not await store.roll_up():
                    break
            found = await store.sweep()
            if found:
                _log.warning("sweep.found", rfqs=found)
        except (DatabaseUnreachable, asyncpg.PostgresError) as error:
            code = getattr(error, "sqlstate", None)
            _log.warning("maintenance.failed", error=type(error).__name__, sqlstate=code)
        await asyncio.sleep(jittered(sweep_seconds(), draw=random.random()))  # noqa: S311 - spreads only
