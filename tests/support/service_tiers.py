"""A server with service tiers, and models that reason: behaviours `tiers`, `flex_full`, `flex_limited` and `flex_slow`."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.model_behaviours import behaviour
from tests.support.model_exchange import Exchange, answer_for, as_json, completion


def answered(exchange: Exchange, tier: str | None) -> bytes:
    """A valid answer: 1,000 input tokens, 800 of them from the cache; 400 output tokens, 300 of them reasoning."""
    reply = completion(exchange, as_json(answer_for(exchange)).decode())
    usage: dict[str, Any] = {
        "prompt_tokens": 1000, "completion_tokens": 400, "total_tokens": 1400,
        "prompt_tokens_details": {"cached_tokens": 800}, "completion_tokens_details": {"reasoning_tokens": 300},
    }  # fmt: skip
    return as_json({**reply, "usage": usage, **({"service_tier": tier} if tier else {})})


def _asked(exchange: Exchange) -> str:
    tier: str = exchange.body.get("service_tier", "auto")
    return "default" if tier == "auto" else tier


@behaviour("tiers")
async def tiers(exchange: Exchange) -> None:
    """Answers in the requested tier, or in that of the argument: the account's own, or a downgraded priority call."""
    await exchange.send(200, answered(exchange, exchange.argument or _asked(exchange)))


@behaviour("flex_full")
async def flex_full(exchange: Exchange) -> None:
    if _asked(exchange) == "flex":
        await exchange.error(429, "resource_unavailable", "Resource Unavailable: flex capacity is exhausted.")
    else:
        await tiers(exchange)


@behaviour("flex_limited")
async def flex_limited(exchange: Exchange) -> None:
    """Answers with the account's own rate limit, which the normal tier has, too."""
    if _asked(exchange) == "flex":
        await exchange.error(429, "rate_limit_exceeded", "Rate limit reached for requests.", **{"retry-after": "30"})
    else:
        await tiers(exchange)


@behaviour("flex_slow")
async def flex_slow(exchange: Exchange) -> None:
    await asyncio.sleep(30 if _asked(exchange) == "flex" else 0)
    await tiers(exchange)
