"""The application: inserts, edits, deletes and locks by plain SQL, and a history of the replies that it got.

An insert whose reply was lost is unknown, not failed: the server may have committed it.
"""

import asyncio
import contextlib
import hashlib
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg

from .files import CANARY, Attacher
from .poison import Sower
from .table import Table

FILED = 60_000_000  # of RFQs that have files
POISONED = 40_000_000  # from here on, numbers are those of harmful RFQs
# SQLSTATEs of the environment, not of rfqflow: shutdown, crash, start-up, failover, no space, no connection.
ENVIRONMENT = ("08", "57P01", "57P02", "57P03", "25006", "53300", "53100", "58030", "25P03")

Op = dict[str, Any]


def digest(text: str, attached: int | None = None) -> str:
    """The hash of an RFQ's content; `attached` is what its files add, and None if it never had a file."""
    message = hashlib.sha256(text.encode())
    return (
        message.hexdigest()
        if attached is None
        else hashlib.sha256(message.digest() + attached.to_bytes(8, signed=True)).hexdigest()
    )


class Load:
    """`ops` is the history, in the order in which the operations began."""

    def __init__(self, dsn_of: Callable[[str], str], seed: int, table: Table, root: Path) -> None:
        self._dsn_of, self._random, self.table = dsn_of, random.Random(seed), table
        self.files = Attacher(self, root, seed)
        self._sower = Sower(table)
        self.ops: list[Op] = []
        self.control: list[tuple[float, float]] = []  # start and duration of bare inserts
        self.inserted: list[str] = []  # ids of RFQs that are known to exist
        self.invoked = 0
        self.stopping = False
        self.paused = asyncio.Event()
        self.paused.set()

    def rfq(self, number: int) -> dict[str, Any]:
        draw = random.Random(f"{number}:{self._random.random()}")
        secret = f"{CANARY}{number:x}x{draw.randrange(16**8):08x}"
        things = draw.choice(["milled brackets", "ball bearings", "gear pumps", "steel shafts", "cable glands"])
        text = f"We need {draw.randrange(5, 900)} pcs of {things}, drawing {secret}. Please send your offer this month."
        return {
            "id": self.table.new_id(draw),
            "request_id": f"r-{number}-{draw.randrange(16**8):08x}",
            "name": f"Ada {secret}", "email": f"{secret}@example.org", "company": f"Works {secret}",
            "phone": f"+44 20 {draw.randrange(10**8):08d}", "message": text,
        }  # fmt: skip

    async def run(
        self, count: int, *, per_second: float, writers: int, first: int = 0, poison: int = 0, files: int = 0
    ) -> None:
        """Inserts `count` RFQs at about that rate, with edits and deletes in between.

        With each `poison`-th comes a harmful RFQ, and with each `files`-th an RFQ that has files.
        """
        numbers = iter(range(first, first + count))
        began = time.monotonic()

        async def write(role: str) -> None:
            async with contextlib.aclosing(self._connections(role)) as connections:
                while True:
                    number = next(numbers, None)
                    if number is None:
                        return
                    size = self._random.choice((0, 0, 0, 0, 0, 0, 0, 2, 9))
                    batch = [number, *(n for n in (next(numbers, None) for _ in range(size)) if n is not None)]
                    await self.paused.wait()
                    ahead = began + (number - first) / per_second - time.monotonic()
                    if ahead > 0:
                        await asyncio.sleep(ahead)
                    await self._insert(connections, [self.rfq(number) for number in batch])
                    if poison and any(number % poison == 0 for number in batch):
                        await self._spoil(connections, number)
                    if files and any(number % files == 0 for number in batch):
                        await self.files.insert(await anext(connections), self.rfq(FILED + number))
                        await self.files.follow(self._dsn_of("chaos_clerk"))
                    if self._random.random() < 0.04:
                        await self._change()

        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._control())
            async with asyncio.TaskGroup() as writing:
                for _ in range(writers):
                    writing.create_task(write("chaos_app"))
            self.stopping = True
            watching.cancel()

    async def _connections(self, role: str) -> Any:
        """Connections in turn: a new one when the last is closed."""
        conn: asyncpg.Connection | None = None
        try:
            while True:
                while conn is None or conn.is_closed():
                    try:
                        conn = await asyncpg.connect(self._dsn_of(role), timeout=5, command_timeout=30)
                    except (OSError, asyncpg.PostgresError, TimeoutError, asyncpg.InterfaceError):
                        await asyncio.sleep(0.1)
                yield conn
        finally:
            if conn is not None:
                conn.terminate()

    async def _insert(self, connections: Any, rfqs: list[dict[str, Any]]) -> None:
        conn = await anext(connections)
        self.invoked += len(rfqs)
        op = await self.record("insert", conn.execute(*self.table.insert_many(rfqs)), conn, rfqs=rfqs)
        if op["outcome"] == "ok":
            self.inserted += [one["id"] for one in rfqs]

    async def _spoil(self, connections: Any, number: int) -> None:
        """Inserts a harmful RFQ. It is never edited, and only its time is checked."""
        rfq = self._sower.make(self.rfq(POISONED + number), random.Random(f"{number}:{self._random.random()}"))
        conn = await anext(connections)
        self.invoked += 1
        await self.record("insert", conn.execute(*self.table.insert_one(rfq)), conn, rfqs=[rfq])

    async def record(self, kind: str, doing: Any, conn: asyncpg.Connection, **what: Any) -> Op:
        """Runs the operation, and records its outcome."""
        op: Op = {"op": kind, "began": time.time(), "sqlstate": None, **what}
        self.ops.append(op)
        started = time.perf_counter()
        try:
            op["reply"] = await doing
            op["outcome"] = "ok"
        except asyncpg.PostgresError as error:
            op["sqlstate"] = error.sqlstate
            # A session may end before or after its commit.
            op["outcome"] = "unknown" if str(error.sqlstate).startswith(("08", "57P")) else "fail"
        except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            op["outcome"] = "unknown"
            conn.terminate()
        op["seconds"] = time.perf_counter() - started
        return op

    async def _change(self) -> None:
        """Edits, deletes or forces a rerun of an RFQ that exists."""
        if not self.inserted:
            return
        rfq_id = self._random.choice(self.inserted[-400:])
        with contextlib.suppress(OSError, asyncpg.PostgresError, TimeoutError, asyncpg.InterfaceError):
            conn = await asyncpg.connect(self._dsn_of("chaos_clerk"), timeout=5, command_timeout=30)
            try:
                if self._random.random() < 0.8:
                    text = f"Changed: {self._random.randrange(9, 400)} pcs of flanges, see {CANARY}e{self._random.randrange(16**8):08x}."
                    doing = conn.execute(self.table.update("message"), self.table.key(rfq_id), text)
                    await self.record("edit", doing, conn, id=rfq_id, message=text)
                else:
                    if rfq_id in self.inserted:
                        self.inserted.remove(rfq_id)
                    doing = conn.execute(self.table.delete, self.table.key(rfq_id))
                    await self.record("delete", doing, conn, id=rfq_id)
            finally:
                conn.terminate()

    async def _control(self) -> None:
        """Bare inserts at the same time: if these are slow, too, the cause is not rfqflow."""
        async with contextlib.aclosing(self._connections("chaos_app")) as connections:
            while not self.stopping:
                conn = await anext(connections)
                began, started = time.time(), time.perf_counter()
                try:
                    await conn.execute("insert into chaos.control default values")
                except (
                    OSError,
                    asyncpg.PostgresError,
                    TimeoutError,
                    asyncpg.InterfaceError,
                    asyncpg.InternalClientError,
                ):
                    conn.terminate()
                self.control.append((began, time.perf_counter() - started))
                await asyncio.sleep(0.02)
