"""The command as a real process on a real database."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any


class Shell:
    """Runs the command against one database."""

    def __init__(self, dsn: str, folder: Path) -> None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("RFQFLOW_", "OPENAI_"))}
        self.environment = {**kept, "RFQFLOW_DATABASE_URL": dsn, "RFQFLOW_PROVIDER": "rules", "RFQFLOW_LOG_LEVEL": "error",
                            "COLUMNS": "200"}  # fmt: skip
        self.folder = folder

    async def __call__(self, *arguments: str, code: int = 0) -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rfqflow", *arguments, cwd=self.folder, env=self.environment,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, error = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == code, error.decode()
        assert b"Traceback" not in error
        return out.decode() if code == 0 else error.decode()

    async def json(self, *arguments: str) -> Any:
        return json.loads(await self(*arguments, "--json"))
