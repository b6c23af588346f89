"""The command as a real process on a real database."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from tests.support import command_server


class Shell:
    """Runs the command against one database."""

    def __init__(self, dsn: str, folder: Path) -> None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("RFQFLOW_", "OPENAI_"))}
        self.environment = {**kept, "RFQFLOW_DATABASE_URL": dsn, "RFQFLOW_PROVIDER": "rules", "RFQFLOW_LOG_LEVEL": "error",
                            "COLUMNS": "200"}  # fmt: skip
        self.folder = folder

    async def __call__(self, *arguments: str, code: int = 0) -> str:
        done = await asyncio.to_thread(
            command_server.run, *arguments, env=self.environment, cwd=self.folder, seconds=60
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    async def json(self, *arguments: str) -> Any:
        return json.loads(await self(*arguments, "--json"))
