"""The console as a process."""

from __future__ import annotations

import contextlib

from tests.support.daemon import ForkedProcess

TOKEN = "a token of sixteen or more"


@contextlib.asynccontextmanager
async def console(database):
    environment = {"RFQFLOW_DATABASE_URL": database, "RFQFLOW_CONSOLE_TOKEN": TOKEN}
    async with ForkedProcess("console", "--http", "127.0.0.1:0", **environment) as process:
        yield (await process.until_noise("console: http")).removeprefix("console: ").strip(), process
