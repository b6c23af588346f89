"""Sets a circuit breaker by hand: open, cooled down, or half-open with a probe in flight."""

from __future__ import annotations

from tests.support.admission import admit, breaker, calls, claim, insert, request


async def opened(db, reason: str = "failures") -> dict:
    row = await breaker(db)
    assert (row["state"], row["reason"]) == ("open", reason)
    return row


async def cool(db, model: str = "m1") -> None:
    """Ends the cool-down."""
    await db.execute("update ai.model_states set open_until = now() - interval '1 s' where model = $1", model)


async def probing(db) -> dict:
    """Returns the claim that is the probe of a breaker that has opened and cooled down."""
    await calls(db, 10, call="failed")
    await cool(db)
    await insert(db)
    row = (await claim(db, 1))[0]
    assert await admit(db, request(row)) == [("m1", None)]
    return row
