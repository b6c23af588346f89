"""The fault proxy of tests/support, with two more faults: a cut after some bytes, and an answer that never arrives."""

import asyncio
import contextlib
import time

from tests.support.proxy import Direction, Proxy

FINISH = b'"verdict"'  # a text that only a finish sends


class Link(Proxy):
    """`cut_after(n)` closes the connection that carries the n-th byte from now on; `swallow()` drops a finish's reply."""

    def __init__(self, host: str, port: int, *, dsn: str = "") -> None:
        super().__init__(host, port, dsn=dsn)
        self._budget: int | None = None
        self._armed = False
        self._doomed: set[asyncio.Task[None]] = set()  # connections whose next answer is dropped
        self.cuts = 0
        self.swallowed = 0

    def cut_after(self, count: int) -> None:
        self._budget = count

    def swallow(self) -> None:
        """Passes the next finish on, so that it is committed, then drops its reply and its connection."""
        self._armed = True

    def disarm(self) -> None:
        self._budget, self._armed = None, False

    async def _pump(
        self, way: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: asyncio.Task[None]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                await self._open[way].wait()
                if link in self._forgotten:
                    continue
                self._active_at[link] = time.monotonic()
                if self._budget is not None:
                    self._budget -= len(data)
                    if self._budget < 0:
                        self._budget = None
                        self.cuts += 1
                        return
                if way == "up" and self._armed and FINISH in data:
                    self._armed = False
                    self._doomed.add(link)
                elif way == "down" and link in self._doomed:
                    self._doomed.discard(link)
                    self.swallowed += len(data)
                    return
                self.bytes[way] += len(data)
                writer.write(data)
                await writer.drain()
            # Like the proxy's own method.
            await self._open[way].wait()
            if link in self._forgotten and way == "down":
                await asyncio.Event().wait()
