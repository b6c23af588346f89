"""A small disk for the live queue alone, so that it can be full while the disk of the RFQs is not. Needs root."""

import asyncio
import contextlib
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from .world import World

MEGABYTES = 64
_RELATIONS = ("table ai.outbox", "table ai.outbox_missed", "index ai.outbox_pkey", "index ai.outbox_one_row_per_rfq")
IS_POSSIBLE = os.geteuid() == 0


@contextlib.asynccontextmanager
async def full_disk(world: "World") -> Any:
    """Moves the queue to a tablespace on a tmpfs, and fills the tmpfs; afterwards moves it back.

    No worker claims meanwhile: rows that leave would make room for new rows, and the disk would never be full.
    """
    async with world.admin() as conn:
        await conn.execute("create tablespace small location ''")
        folder = world.pair.primary.data / "pg_tblspc" / str(
            await conn.fetchval("select oid from pg_tablespace where spcname = 'small'")
        )  # fmt: skip
        _mount(folder)
        try:
            await _move(conn, "small")
            await conn.execute("select ai.pause('chaos', 'disk')")
            ballast = folder / "ballast"
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 65536)
            yield
        finally:
            (folder / "ballast").unlink(missing_ok=True)
            async with world.admin() as other:
                await other.execute("select ai.resume('chaos', 'disk')")
            await _move(conn, "pg_default")
            await conn.execute("checkpoint")  # without it, the files of the moved relations still exist
            subprocess.run(["umount", "-l", folder], capture_output=True, check=False)
            await conn.execute("drop tablespace small")


def _mount(folder: Path) -> None:
    (inner,) = folder.iterdir()
    owner = folder.stat()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0700", "tmpfs", folder], capture_output=True, check=True
    )
    (folder / inner.name).mkdir(mode=0o700)
    for path in (folder, folder / inner.name):
        os.chown(path, owner.st_uid, owner.st_gid)


async def _move(conn: asyncpg.Connection, tablespace: str) -> None:
    await conn.execute("set lock_timeout = '50ms'")
    for relation in _RELATIONS:
        while True:
            try:
                await conn.execute(f"alter {relation} set tablespace {tablespace}")
                break
            except asyncpg.LockNotAvailableError:
                await asyncio.sleep(0.05)


async def insert_until_refused(world: "World", seconds: float) -> int:
    """Inserts until RFQs could not be queued for lack of space; returns how many."""
    async with asyncio.timeout(seconds), world.admin() as conn:
        while True:
            rfqs = [world.load.rfq(20_000_000 + world.load.invoked + number) for number in range(300)]
            await world.load.record("insert", conn.execute(*world.table.insert_many(rfqs)), conn, rfqs=rfqs)
            world.load.invoked += len(rfqs)
            unqueued: int = await conn.fetchval(
                f"select count(*) from {world.table.rfqs} r where r.id = any ($1::uuid[]) "
                "and not exists (select from ai.outbox o where o.rfq_id = r.id)",
                [one["id"] for one in rfqs],
            )
            if unqueued:
                return unqueued
