"""Passwords: hashed by argon2id beside the event loop, a few at a time, and each address in its turn."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
# RFC 9106, 4: the second recommended option, for where memory is scarce: 64 MiB, three passes, four lanes.
HASH_MIB, _PASSES, _LANES = 64, 3, 4
_AT_ONCE = 2  # so much memory, and so many processors, guesses may take


class Passwords:
    """What is kept of passwords. A hash carries its parameters: those made with others still count."""

    def __init__(self, mib: int = HASH_MIB) -> None:
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=mib * 1024, parallelism=_LANES)

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def fits(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerifyMismatchError, InvalidHashError):  # nothing else: want of memory is no wrong password
            return False


class Turns:
    """Work on behalf of addresses: one piece of each at a time, so many in all.

    A login waits for at most one guess of each other address, however many guesses that address has sent.
    """

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._queues: dict[str, tuple[asyncio.Lock, int]] = {}

    async def take(self, address: str, work: Callable[[], Awaitable[T]]) -> T:
        lock, waiting = self._queues.get(address, (asyncio.Lock(), 0))
        self._queues[address] = (lock, waiting + 1)
        try:
            async with lock, self._places:
                return await work()
        finally:
            lock, waiting = self._queues[address]
            if waiting > 1:
                self._queues[address] = (lock, waiting - 1)
            else:
                del self._queues[address]


class PasswordChecks:
    """Compares and hashes in threads, so that no page waits for it."""

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="password")
        self._turns = Turns(_AT_ONCE)
        self._nobodys = self._threads.submit(passwords.hash, secrets.token_urlsafe(16))

    async def fits(self, address: str, kept: str | None, password: str) -> bool:
        """Takes as long for a name that has no password: the time tells nobody which names there are."""
        loop = asyncio.get_running_loop()
        against: str = kept if kept is not None else await asyncio.wrap_future(self._nobodys)
        found = await self._turns.take(
            address, lambda: loop.run_in_executor(self._threads, self._passwords.fits, against, password)
        )
        return found and kept is not None

    async def hash(self, address: str, password: str) -> str:
        loop = asyncio.get_running_loop()
        return await self._turns.take(
            address, lambda: loop.run_in_executor(self._threads, self._passwords.hash, password)
        )
