"""Streams a CSV file for spreadsheets."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import structlog
from starlette.responses import StreamingResponse

from rfqflow.core.text.csv_cells import line, text_cell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from starlette.responses import Response

    from rfqflow.core.text.csv_cells import Dialect

_log = structlog.get_logger()
_CUT = "This file is not complete: the database stopped answering. Export it again."


def csv_reply(what: str, begun: Sequence[str], rest: AsyncIterator[str], dialect: Dialect) -> Response:
    """A download named after `what`. If the database stops answering, the last line of the file says so.

    `begun` holds parts that the caller read before the reply, so that an early error shows as a page.
    """

    async def parts() -> AsyncIterator[str]:
        for part in begun:
            yield part
        try:
            async for part in rest:
                yield part
        except Exception as error:  # noqa: BLE001 - logs the class only: the message may hold a customer's text
            _log.warning("console.export_truncated", error=type(error).__name__)
            yield line([text_cell(_CUT)], dialect)

    name = f"{what}-{dt.datetime.now(dt.UTC):%Y-%m-%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept-Language"}
    return StreamingResponse(parts(), media_type="text/csv; charset=utf-8; header=present", headers=headers)
