"""The console as a process."""

from __future__ import annotations

import asyncio
import contextlib
import re

from tests.support.daemon import Process

TOKEN = "a token of sixteen or more"


@contextlib.asynccontextmanager
async def console(database):
    environment = {"RFQFLOW_DATABASE_URL": database, "RFQFLOW_CONSOLE_TOKEN": TOKEN}
    async with Process("console", "--http", "127.0.0.1:0", **environment) as process:
        async with asyncio.timeout(60):
            while not (found := re.search(r"console: (http://\S+)", process.text)):
                await asyncio.sleep(0.01)
        yield found[1], process
