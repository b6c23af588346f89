"""The console as a process."""

from __future__ import annotations

import contextlib

from tests.support.console_accounts import CHEAP, ensure_account, serves
from tests.support.daemon import ForkedProcess


@contextlib.asynccontextmanager
async def console(database, **environment):
    await ensure_account(database)
    given = {"RFQFLOW_DATABASE_URL": database, **CHEAP, **environment}
    async with ForkedProcess("console", "--http", "127.0.0.1:0", **given) as process:
        url = (await process.until_noise("console: http")).removeprefix("console: ").strip()
        async with serves(url, database):
            yield url, process
