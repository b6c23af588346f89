"""Behaviours of a server of Anthropic's Messages API beyond those of every model server. Import it to register them."""

from datetime import UTC, datetime, timedelta

from tests.support.model_behaviours import BEHAVIOURS, answers_with, behaviour, fails, good, says
from tests.support.model_exchange import Exchange, as_json, completion

fails("credit", 400, None, "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.")
fails(
    "spend_limit", 400, None, "You have reached your specified API usage limits. You will regain access on 2026-12-01."
)
fails("workspace_limit", 400, None, "You have reached your specified workspace API usage limits.")
fails("too_large", 413, None, "Request exceeds the maximum size")
answers_with("overloaded_in_200", as_json({"error": {"message": "Overloaded", "code": 529}}))
answers_with("billing_in_200", as_json({"error": {"message": "No credit", "code": 402}}))
says("pause_turn", lambda exchange: good(exchange)[:100], finish="pause_turn")
says("window_exceeded", lambda exchange: good(exchange)[:100], finish="model_context_window_exceeded")
says("blank", lambda _: " \n")
says("only_thoughts", lambda _: None, thoughts=True)


@behaviour("thinks_first")
async def _thinks_first(exchange: Exchange) -> None:
    body = completion(exchange, good(exchange), thoughts=True)
    body["usage"]["completion_tokens_details"] = {"reasoning_tokens": 90}
    await exchange.send(200, as_json(body))


@behaviour("writes_cache")
async def _writes_its_cache(exchange: Exchange) -> None:
    """1,000 input tokens, of which this call wrote 600 to the cache and read 100 from it; 200 output tokens."""
    body = completion(exchange, good(exchange))
    details = {"cached_tokens": 100, "written_tokens": 600}
    body["usage"] = {"prompt_tokens": 1000, "completion_tokens": 200, "prompt_tokens_details": details}
    await exchange.send(200, as_json(body))


@behaviour("429_reset")
async def _says_when_its_limits_are_reset(exchange: Exchange) -> None:
    """A 429 without retry-after; the argument is the number of seconds until the limit of input tokens has room again."""
    until = datetime.now(UTC) + timedelta(seconds=float(exchange.argument or 20))
    await exchange.error(
        429, None, "This request would exceed your organization's rate limit of input tokens per minute.",
        anthropic_ratelimit_requests_remaining="12", anthropic_ratelimit_requests_reset="2099-01-01T00:00:00Z",
        anthropic_ratelimit_input_tokens_remaining="0", anthropic_ratelimit_input_tokens_reset=f"{until:%Y-%m-%dT%H:%M:%SZ}",
    )  # fmt: skip


@behaviour("long_prompt")
async def _rejects_long_prompts(exchange: Exchange) -> None:
    if len(exchange.customer) > 8000:
        await exchange.error(400, None, "prompt is too long: 215000 tokens > 200000 maximum.")
    else:
        await BEHAVIOURS["ok"](exchange)
