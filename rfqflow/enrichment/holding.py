"""What is held of the budgets for an attempt: one call at first, and more where another one is to follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rfqflow.core.errors import Usage


@dataclass(slots=True, eq=False)
class Hold:
    """Nearly all attempts make one call: held twice, a small cap would let nobody through."""

    nano: int
    price: Callable[[Usage], int]  # in nano-dollars
    extend: Callable[[int], Awaitable[bool]]  # by so many; whether the budgets had room

    async def covers(self, usage: Usage) -> bool:
        """Whether the attempt may be billed for so much; asks for what is missing."""
        missing = self.price(usage) - self.nano
        if missing <= 0:
            return True
        granted = await self.extend(missing)
        if granted:
            self.nano += missing
        return granted
