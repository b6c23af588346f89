"""A small disk of its own for the live queue, so that it can be full while that of the RFQs is not. Needs root."""

import asyncio
import contextlib
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cluster import Node

if TYPE_CHECKING:
    from .world import World

MEGABYTES = 48


class SmallDisk:
    """A tablespace whose folder is a small tmpfs; a base backup copies it as plain files, so only `node` has it."""

    def __init__(self, node: Node, folder: Path, world: "World") -> None:
        self.node, self._folder, self._world = node, folder, world

    @classmethod
    async def make(cls, node: Node, world: "World") -> "SmallDisk | None":
        if os.geteuid() != 0:
            return None
        async with world.admin() as conn:
            await conn.execute("create tablespace small location ''")
            oid = await conn.fetchval("select oid from pg_tablespace where spcname = 'small'")
            folder = node.data / "pg_tblspc" / str(oid)
            (inner,) = folder.iterdir()
            owner = folder.stat()
            done = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0700", "tmpfs", folder], capture_output=True, check=False
            )
            if done.returncode:
                return None
            (folder / inner.name).mkdir(mode=0o700)
            for path in (folder, folder / inner.name):
                os.chown(path, owner.st_uid, owner.st_gid)
            for table in ("ai.outbox", "ai.outbox_missed"):
                await conn.execute(f"alter table {table} set tablespace small")
            for index in ("ai.outbox_pkey", "ai.outbox_one_row_per_rfq"):
                await conn.execute(f"alter index {index} set tablespace small")
        return cls(node, folder, world)

    @contextlib.asynccontextmanager
    async def filled(self) -> Any:
        """Nobody claims meanwhile: rows that leave make room for those that come, and the disk would seem to do."""
        ballast = self._folder / "ballast"
        async with self._world.admin() as conn:
            await conn.execute("select ai.pause('chaos', 'disk')")
        try:
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 65536)
            yield
        finally:
            ballast.unlink(missing_ok=True)
            async with self._world.admin() as conn:
                await conn.execute("select ai.resume('chaos', 'disk')")

    async def refused(self, seconds: float) -> str | None:
        """Inserts until some could not be queued for want of room: the SQLSTATE, by way of an insert of our own."""
        load = self._world.load
        async with asyncio.timeout(seconds):
            while True:
                rfqs = [load.rfq(20_000_000 + load.invoked + number) for number in range(300)]
                async with self._world.admin() as conn:
                    columns = ("id", "request_id", "name", "email", "company", "phone", "message")
                    await load.record("insert", conn.execute(
                        "insert into public.rfq_requests (id, request_id, name, email, company, phone, message) "
                        "select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])",
                        *([one[name] for one in rfqs] for name in columns)), conn, rfqs=rfqs)  # fmt: skip
                    load.invoked += len(rfqs)
                    unqueued = await conn.fetchval(
                        "select count(*) from public.rfq_requests r where r.id = any ($1::uuid[]) "
                        "and not exists (select from ai.outbox o where o.rfq_id = r.id)",
                        [one["id"] for one in rfqs],
                    )
                    if unqueued:
                        return "53100"

    def unmount(self) -> None:
        subprocess.run(["umount", "-l", self._folder], capture_output=True, check=False)
