"""An environment for each peer, made on first use and kept: pip's and npm's own commands, versions pinned.

A peer that can't be installed is left out; the report has the installer's message.
"""

import asyncio
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .registry import Peer

HERE = Path(__file__).resolve().parent
INSTALL_SECONDS = 600
_ENGINE = re.compile(r"EBADENGINE\s+required: (\{.*?\})")


class Unavailable(Exception):
    """The peer can't be measured on this machine; the message says why."""


@dataclass(frozen=True)
class Environment:
    """How a driver is started, its versions, and the warnings of its packager."""

    program: tuple[str, ...]
    versions: dict[str, str]
    warning: str = ""


def default_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"rfqflow-bench-peers-{os.geteuid()}"


async def environment(peer: Peer, folder: Path) -> Environment:
    """Raises Unavailable."""
    if peer.kind == "own":
        return Environment((sys.executable, str(HERE / peer.driver)), {})
    home = _home(peer, folder)
    return await (_python if peer.kind == "python" else _node)(peer, home)


def _home(peer: Peer, folder: Path) -> Path:
    """The folder of the environment, existing or to be made; other versions have another folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():  # a folder for temporary files that another user has made
        raise Unavailable(f"{folder} belongs to another user")
    wanted = json.dumps([peer.packages, sys.version_info[:2]])
    return folder / f"{peer.name.lower().replace(' ', '-')}-{hashlib.sha256(wanted.encode()).hexdigest()[:8]}"


async def _python(peer: Peer, home: Path) -> Environment:
    python = home / "bin" / "python"
    ready = home / "ready"
    if not ready.exists():
        shutil.rmtree(home, ignore_errors=True)
        await _run(sys.executable, "-m", "venv", home)
        await _run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *peer.packages)
        ready.touch()
    if not peer.driver:
        raise Unavailable("can be installed here, and has no driver in this harness")
    said, _ = await _run(python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check")
    wanted = {re.split(r"[\[=>]", one)[0] for one in peer.packages} | {"asyncpg", "psycopg"}
    versions = {one["name"]: one["version"] for one in json.loads(said) if one["name"] in wanted}
    version, _ = await _run(python, "--version")
    return Environment((str(python), str(HERE / peer.driver)), {"Python": version.split()[1], **versions})


async def _node(peer: Peer, home: Path) -> Environment:
    if not shutil.which("node") or not shutil.which("npm"):
        raise Unavailable("node or npm is missing")
    ready = home / "ready"
    if not ready.exists():
        _new_folder(home)
        _, complained = await _run("npm", "install", "--no-audit", "--no-fund", *peer.packages, folder=home)
        found = _ENGINE.search(complained.replace("npm warn", "").replace("npm WARN", ""))
        ready.write_text(found[1] if found else "")
    for name in ("driving.mjs", peer.driver):  # Node looks for modules beside the file that imports them
        shutil.copyfile(HERE / name, home / name)
    version, _ = await _run("node", "--version")
    versions = {"Node": version.strip()}
    for one in peer.packages:
        name = one.rpartition("@")[0]
        versions[name] = json.loads((home / "node_modules" / name / "package.json").read_text())["version"]
    asked = ready.read_text()
    warning = f"asks for {asked}, runs on node {version.strip()}" if asked else ""
    return Environment(("node", str(home / peer.driver)), versions, warning)


def _new_folder(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    (home / "package.json").write_text('{"private": true, "type": "module"}')


async def _run(*command: object, folder: Path | None = None) -> tuple[str, str]:
    process = await asyncio.create_subprocess_exec(
        *map(str, command), cwd=folder, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(INSTALL_SECONDS):
            said, complained = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise Unavailable(f"{command[0]} did not end within {INSTALL_SECONDS} s") from None
    if process.returncode:
        lines = complained.decode(errors="replace").strip().splitlines() or ["no word"]
        errors = [line for line in lines if "error" in line.lower()] or lines
        raise Unavailable(errors[-1][:200])
    return said.decode(), complained.decode(errors="replace")
