"""Files that come with RFQs in a run: in the RFQ's own transaction or later, replaced, broken, or named by an address.

Each name and each readable content holds its own mark. So an answer shows which files, and which contents, the model
got.
"""

import contextlib
import hashlib
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from tests.support.made_files import pdf, pdf_text

if TYPE_CHECKING:
    from .load import Load

CANARY = "zq7canary"  # as in the load, so that a search for secrets finds the marks, too
MARK = re.compile(CANARY + r"f[0-9a-f]{12}")
_KINDS = ("csv", "txt", "pdf", "uri", "shared", "broken")
_SLOW_PAGES = 12
_LATE = 0.7  # the share of RFQs with files that get a late or replaced file
_RECENT = 60

File = dict[str, Any]


def make(kind: str, draw: random.Random, root: Path) -> File:
    """A file; `mark` is null where no reader can get text from it.

    A file that is named by its address is put into `root`.
    """
    mark = f"{CANARY}f{draw.randrange(16**12):012x}" if kind != "shared" else f"{CANARY}f{0:012x}"
    name = f"{CANARY}f{draw.randrange(16**12):012x}.{'pdf' if kind in ('pdf', 'slow', 'broken') else 'csv'}"
    text = f"Pos;Part number;Quantity;Unit\n1;BR-{draw.randrange(10**6)};{draw.randrange(5, 900)};pcs\n".encode()
    content = {
        "broken": b"%PDF-1.7 ends here",
        "txt": f"Bracket as in drawing {mark}".encode(),
        "slow": b"",
        "pdf": b"",
        "shared": f"All parts as in list {mark}".encode(),
    }.get(kind, text + f"All as in list {mark}\n".encode())
    if kind in ("pdf", "slow"):
        pages = 1 if kind == "pdf" else _SLOW_PAGES
        content = pdf([[pdf_text(50, 800 - 9 * line, f"Bracket {page}.{line} as in drawing {mark}") for line in range(1 + 9 * (kind == "slow"))]
                       for page in range(pages)])  # fmt: skip
    file: File = {"name": name, "content": content, "uri": None, "mark": None if kind == "broken" else mark}
    if kind == "uri":
        place = f"{mark}.csv"
        (root / place).write_bytes(content)
        file |= {"content": None, "uri": place}
    return file


def reported(file: File) -> dict[str, Any]:
    """The file in the form of the history."""
    body = file["uri"] or hashlib.sha256(file["content"]).hexdigest()
    return {"name": file["name"], "mark": file["mark"], "body": body}


class Attacher:
    """Gives files to some RFQs of a load. `given` has these files, by name."""

    def __init__(self, load: "Load", root: Path, seed: int) -> None:
        self._load, self._root, self._random = load, root, random.Random(f"files {seed}")
        self._given: list[tuple[str, File]] = []  # RFQ and file, of those that are known to exist
        self._number = 0
        root.mkdir(exist_ok=True)
        root.chmod(0o755)

    async def insert(self, conn: asyncpg.Connection, rfq: dict[str, Any], *kinds: str) -> dict[str, Any]:
        """Inserts the RFQ and its files in one transaction."""
        files = [make(kind, self._random, self._root) for kind in kinds or self._kinds()]

        async def do() -> None:
            async with conn.transaction():
                await conn.execute(*self._load.table.insert_many([rfq]))
                for file in files:
                    await conn.execute(*self._load.table.insert_file(rfq["id"], file))

        self._load.invoked += 1
        op = await self._load.record("insert", do(), conn, rfqs=[rfq], files=[reported(file) for file in files])
        if op["outcome"] == "ok":
            self._load.inserted.append(rfq["id"])
            self._given += [(rfq["id"], file) for file in files]
        return op

    async def late(self, conn: asyncpg.Connection) -> dict[str, Any] | None:
        """Adds a file to an existing RFQ, with or without files."""
        ids = [*self._load.inserted[-_RECENT:], *(rfq_id for rfq_id, _ in self._given[-_RECENT:])]
        if not ids:
            return None
        rfq_id, file = self._random.choice(ids), make(self._kinds()[0], self._random, self._root)
        doing = conn.execute(*self._load.table.insert_file(rfq_id, file))
        op = await self._load.record("attach", doing, conn, id=rfq_id, files=[reported(file)])
        if op["outcome"] == "ok":
            self._given.append((rfq_id, file))
        return op

    async def follow(self, clerk: Any) -> None:
        """Sometimes adds a late file, or replaces the content of an earlier one."""
        draw = self._random.random()
        if draw > _LATE:
            return
        with contextlib.suppress(OSError, asyncpg.PostgresError, TimeoutError, asyncpg.InterfaceError):
            conn = await asyncpg.connect(clerk, timeout=5, command_timeout=30)
            try:
                if draw < _LATE / 2:
                    await self.late(conn)
                else:
                    await self._replace(conn)
            finally:
                conn.terminate()

    async def _replace(self, conn: asyncpg.Connection) -> None:
        if not self._given:
            return
        place = self._random.randrange(len(self._given))
        rfq_id, old = self._given[place]
        file = {**make("txt", self._random, self._root), "name": old["name"]}
        doing = conn.execute(self._load.table.replace_file, file["name"], file["content"])
        op = await self._load.record("replace", doing, conn, id=rfq_id, files=[reported(file)])
        if op["outcome"] == "ok":
            self._given[place] = (rfq_id, file)

    def _kinds(self) -> list[str]:
        """Yields each kind before it repeats one."""
        self._number += 1
        kinds = [_KINDS[self._number % len(_KINDS)]]
        if self._number % 3 == 0:
            kinds.append("csv")
        return kinds
