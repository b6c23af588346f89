"""The hold of an attempt. It starts with the amount of one call, and grows before a second call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rfqflow.core.errors import Usage


@dataclass(slots=True, eq=False)
class Hold:
    """The hold of one attempt. Nearly all attempts make one call, and a hold for two calls would not fit small caps."""

    nano: int
    price: Callable[[Usage], int]  # in nano-dollars
    extend: Callable[[int], Awaitable[bool]]  # adds nano-dollars to the hold; returns whether the budgets had room

    async def covers(self, usage: Usage) -> bool:
        """Increases the hold if it does not cover this usage. Returns whether it covers the usage now."""
        missing = self.price(usage) - self.nano
        if missing <= 0:
            return True
        granted = await self.extend(missing)
        if granted:
            self.nano += missing
        return granted
