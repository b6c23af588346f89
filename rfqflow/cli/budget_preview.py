"""Previews the effect of `rfqflow budget set`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.cli.sessions import connected
from rfqflow.reporting.cap_preview import judged

if TYPE_CHECKING:
    from decimal import Decimal

    import asyncpg

    from rfqflow.settings import Settings


def previewed(database_url: str | None, scope: str, period: str, cap: Decimal | None) -> dict[str, Any]:
    """The result of `ai.preview_budget`, with how many RFQs the cap would wake (`frees`) and stop (`stops`)."""
    from rfqflow import settings

    loaded = settings.load(database_url=database_url)

    async def work(conn: asyncpg.Connection) -> dict[str, Any]:
        from rfqflow.store.limits import Guards

        store = Guards(conn)
        found = await store.preview_budget(scope, period, cap)
        if found["call_usd"] is None and scope not in ("evaluation", "draft"):
            found["call_usd"] = await _reckoned(loaded, conn, store)
        return found

    return judged(connected(database_url, work), cap)


async def _reckoned(loaded: Settings, conn: asyncpg.Connection, store: Any) -> Decimal | None:
    """The least hold in USD for a call of a queued RFQ to the model of this environment; None if it is unknown."""
    from rfqflow.cli.prices import explained_call
    from rfqflow.core.errors import RfqflowError

    if loaded.provider_name == "rules":
        return None
    rfq_id = await store.any_rfq()
    try:
        return None if rfq_id is None else (await explained_call(loaded, conn, rfq_id))["least_hold_usd"]
    except RfqflowError:
        return None
