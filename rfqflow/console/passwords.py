"""Hashes passwords with argon2id, in a few threads. An address has only one job at a time."""

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
# The second recommended option of RFC 9106, section 4, for scarce memory: 64 MiB, three passes, four lanes.
HASH_MIB, _PASSES, _LANES = 64, 3, 4
_AT_ONCE = 2  # most hashes at once, to limit the memory and the processors that logins use


class Passwords:
    """Hashes and compares passwords. A hash contains its parameters, so hashes with old parameters stay valid."""

    def __init__(self, mib: int = HASH_MIB) -> None:
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=mib * 1024, parallelism=_LANES)

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def fits(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (
            VerifyMismatchError,
            InvalidHashError,
        ):  # no other error, such as lack of memory, means a wrong password
            return False


class Turns:
    """Runs one job per address at a time, and a limited number of jobs in total.

    A login waits for at most one attempt of each other address, even if such an address has sent many attempts.
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
    """Hashes and compares passwords in threads, so that other pages never wait."""

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="password")
        self._turns = Turns(_AT_ONCE)
        self._nobodys = self._threads.submit(passwords.hash, secrets.token_urlsafe(16))

    async def fits(self, address: str, kept: str | None, password: str) -> bool:
        """Compares a password. Takes as long for an unknown name (`kept` is None), so that timing reveals no names."""
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
