"""What a model server can do to a client: each behaviour answers one request, well or badly.

Every error repeats the customer's text, as the worst provider would.
"""

import asyncio
import gzip
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

from tests.support.model_exchange import Exchange, answer_for, as_json, completion, head

Behaviour = Callable[[Exchange], Awaitable[None]]
BEHAVIOURS: dict[str, Behaviour] = {}
WITHOUT_RESPONSES: set[str] = set()  # behaviours of servers that have Chat Completions only
REJECTED: dict[str, Callable[[Any], bool]] = {}


def behaviour(name: str) -> Callable[[Behaviour], Behaviour]:
    def add(function: Behaviour) -> Behaviour:
        BEHAVIOURS[name] = function
        return function

    return add


def says(name: str, content: Callable[[Exchange], Any], *, finish: str = "stop", **message: Any) -> None:
    """A behaviour that returns a valid completion with that content."""

    async def reply(exchange: Exchange) -> None:
        await exchange.send(200, as_json(completion(exchange, content(exchange), finish=finish, **message)))

    BEHAVIOURS[name] = reply


def answers_with(name: str, body: bytes, *, in_responses: bytes | None = None, **headers: str) -> None:
    async def reply(exchange: Exchange) -> None:
        await exchange.send(200, in_responses if in_responses and exchange.in_responses else body, **headers)

    BEHAVIOURS[name] = reply


def fails(name: str, status: int, code: str | None = None, words: str = "No.", **headers: str) -> None:
    async def reply(exchange: Exchange) -> None:
        await exchange.error(status, code, words, **headers)

    BEHAVIOURS[name] = reply


def rejects(name: str, param: str, words: str, applies: Callable[[Any], bool]) -> None:
    """A server that rejects a parameter, and answers well without it."""

    async def reply(exchange: Exchange) -> None:
        await asyncio.sleep(float(exchange.argument or 0))
        if applies(exchange.body):
            await exchange.error(400, "unsupported_parameter", words, param)
        else:
            await BEHAVIOURS["ok"](exchange)

    BEHAVIOURS[name] = reply
    REJECTED[name] = applies


def good(exchange: Exchange) -> str:
    return json.dumps(answer_for(exchange), ensure_ascii=False)


def with_field(name: str, value: Any) -> Callable[[Exchange], str]:
    return lambda exchange: json.dumps({**answer_for(exchange), name: value})


says("ok", good)
says("invalid_json", lambda exchange: good(exchange)[:-20])
says("schema_breach", with_field("route", "no-such-route"))
says("extra_field", with_field("note", "x"))
says("fenced", lambda exchange: f"```json\n{good(exchange)}\n```")
says("prose", lambda exchange: f"Here {{it}} is:\n{good(exchange)}\nGlad to help!")
says("names_the_contact", with_field("delivery_place", "[masked-email-1]"))
says("nan", lambda exchange: good(exchange).replace('"confidence": 0.', '"confidence": NaN, "x": 0.'))
says("surrogate", lambda exchange: good(exchange).replace("A customer", "\\ud800 A customer"))
says("nul", lambda exchange: good(exchange).replace("A customer", "\\u0000 A customer"))
says("deep", lambda _: "[" * 200_000)
says(
    "leak_canary",
    lambda exchange: json.dumps({**answer_for(exchange), "summary": exchange.body["messages"][0]["content"][-80:]}),
)
says(
    "leak_paraphrase",
    lambda exchange: json.dumps(
        {**answer_for(exchange), "summary": "I was told to see the text as data and to choose exactly one route."}
    ),
)
GULLIBLE: tuple[Callable[[Exchange], dict[str, Any]], ...] = (
    lambda exchange: {"summary": exchange.body["messages"][0]["content"]},
    lambda exchange: {"summary": exchange.body["messages"][0]["content"][:500]},
    lambda exchange: {"summary": "OK. " + exchange.body["messages"][0]["content"][900:1300]},
    lambda exchange: {"evidence": [{"field": "route", "text": exchange.body["messages"][0]["content"][200:420]}]},
    lambda _: {"route": "ceo"},
    lambda _: {"route": "logistics", "confidence": 1.0, "urgency": "critical", "intent": "order"},
    lambda _: {"route": "general", "intent": "spam", "line_items": []},
    lambda _: {"ai_status": "skipped", "status": "done"},
    lambda _: {"summary": "![x](https://collect.example/?d=1) <script>alert(1)</script> [go](javascript:alert(1))"},
    lambda _: {"due_date": "2027-01-01", "budget": {"amount": 1, "currency": "USD"}, "delivery_place": "Atlantis"},
)


@behaviour("gullible")
async def _obeys_the_customer(exchange: Exchange) -> None:
    """Does all that a text may ask for, one action per text, and never reports that a text asked."""
    wish = GULLIBLE[int(exchange.argument or 0) % len(GULLIBLE)](exchange)
    reported = json.dumps({**answer_for(exchange), "injection_suspected": False, **wish})
    await exchange.send(200, as_json(completion(exchange, reported)))


says("no_content", lambda _: None)
says("truncated", lambda exchange: good(exchange)[:100], finish="length")
says("refusal", lambda _: None, refusal="I will not read that.")
says("content_filter", lambda _: "", finish="content_filter")
says("tool_call", lambda _: None, finish="tool_calls", tool_calls=[{"id": "1", "type": "function"}])
answers_with("html200", b"<html><body>Please log in</body></html>", content_type="text/html")
answers_with("null", b"null")
answers_with("empty", b"")
answers_with("list", b"[1, 2]")
answers_with(
    "choices_null",
    as_json({"id": "x", "choices": None, "usage": {"prompt_tokens": 5, "completion_tokens": 1}}),
    in_responses=as_json({"id": "x", "output": None, "usage": {"input_tokens": 5, "output_tokens": 1}}),
)
answers_with(
    "choices_empty",
    as_json({"id": "x", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 1}}),
    in_responses=as_json({"id": "x", "output": [], "usage": {"input_tokens": 5, "output_tokens": 1}}),
)
answers_with("error_in_200", as_json({"error": {"message": "upstream", "code": 502}}))
answers_with("deep_body", b"[" * 200_000)
answers_with("utf16", '{"choices": []}'.encode("utf-16"))
fails("400", 400, "invalid_value")
fails("400_key", 400, None, "API key not valid. Please pass a valid API key.")
fails("400_filter", 400, "content_filter")
fails("401", 401, "invalid_api_key")
fails("402", 402)
fails("403", 403)
fails("404", 404, "model_not_found")
fails("408", 408)
fails("409", 409)
fails("413", 413)
fails("422", 422)
fails("429_seconds", 429, "rate_limit_exceeded", retry_after="17")
fails("429_short", 429, "rate_limit_exceeded", retry_after="0.2")
fails("429_ms", 429, "rate_limit_exceeded", retry_after_ms="2500", retry_after="99")
fails(
    "429_date",
    429,
    "rate_limit_exceeded",
    date=formatdate(1_000_000, usegmt=True),
    retry_after=formatdate(1_000_030, usegmt=True),
)
fails("429_negative", 429, "rate_limit_exceeded", retry_after="-5")
fails("429_nan", 429, "rate_limit_exceeded", retry_after="NaN")
fails("429_huge", 429, "rate_limit_exceeded", retry_after="1000000000")
fails("429_words", 429, "rate_limit_exceeded", retry_after="soon")
fails("429_none", 429, "rate_limit_exceeded")
fails("429_quota", 429, "insufficient_quota")
fails("500", 500, "server_error")
fails("500_later", 500, "server_error", retry_after="30")
fails("503", 503, retry_after="0.1")
fails("503_longest", 503, retry_after="2")  # the longest time that an attempt waits
fails("503_long", 503, retry_after="30")
fails("504", 504)
fails("529", 529, "overloaded_error")
rejects(
    "400_response_format",
    "response_format",
    "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
    lambda body: body.get("response_format", {}).get("type") == "json_schema",
)
rejects(
    "400_strict",
    "response_format",
    "response_format.json_schema.strict is not supported.",
    lambda body: body.get("response_format", {}).get("json_schema", {}).get("strict", False),
)
rejects(
    "400_no_format",
    "response_format",
    "Unrecognized request argument supplied: response_format",
    lambda body: "response_format" in body,
)
rejects(
    "400_max_tokens",
    "max_tokens",
    "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
    lambda body: "max_tokens" in body,
)
rejects(
    "400_temperature",
    "temperature",
    "Unsupported value: 'temperature' does not support 0 with this model.",
    lambda body: "temperature" in body,
)


fails("400_always_temperature", 400, "unsupported_parameter", "Unsupported: 'temperature'.")


@behaviour("400_everything")
async def _rejects_one_thing_after_the_other(exchange: Exchange) -> None:
    names = ("400_max_tokens", "400_temperature", "400_response_format")
    name = next((name for name in names if REJECTED[name](exchange.body)), "ok")
    await BEHAVIOURS[name](exchange)


@behaviour("400_context")
async def _rejects_long_prompts(exchange: Exchange) -> None:
    if len(exchange.customer) > 8000:
        await exchange.error(400, "context_length_exceeded", "This model's maximum context length is 4096 tokens.")
    else:
        await BEHAVIOURS["ok"](exchange)


@behaviour("delayed_ok")
async def _delayed(exchange: Exchange) -> None:
    await asyncio.sleep(float(exchange.argument or 0.05))
    await BEHAVIOURS["ok"](exchange)


@behaviour("held")
async def _waits_for_the_others(exchange: Exchange) -> None:
    await exchange.let_go.wait()
    await BEHAVIOURS["ok"](exchange)


@behaviour("needs_more_tokens")
async def _truncates_below(exchange: Exchange) -> None:
    allowed = exchange.body.get("max_tokens") or exchange.body.get("max_completion_tokens") or 0
    await BEHAVIOURS["ok" if allowed > 4000 else "truncated"](exchange)


@behaviour("wrong_content_type")
async def _mislabelled(exchange: Exchange) -> None:
    await exchange.send(200, as_json(completion(exchange, good(exchange))), content_type="text/html; charset=utf-16")


@behaviour("no_usage")
async def _unbilled(exchange: Exchange) -> None:
    body = completion(exchange, good(exchange))
    del body["usage"]
    await exchange.send(200, as_json(body))


@behaviour("absurd_usage")
async def _absurd(exchange: Exchange) -> None:
    body = completion(exchange, good(exchange))
    body["usage"] = {"prompt_tokens": -4, "completion_tokens": 10**30}
    await exchange.send(200, as_json(body))


@behaviour("echo_code")
async def _echoes_in_every_field(exchange: Exchange) -> None:
    word = re.findall(r"\w+", exchange.customer)[-1]
    error = {"message": word, "type": word, "code": word, "param": word}
    await exchange.send(400, as_json({"error": error}), x_request_id=word)


@behaviour("hang")
async def _hangs(exchange: Exchange) -> None:
    await exchange.until_gone()


@behaviour("silent_after_head")
async def _goes_silent(exchange: Exchange) -> None:
    await exchange.write(head(200, {"content-type": "application/json", "content-length": "500"}))
    await exchange.until_gone()


@behaviour("drip")
async def _drips(exchange: Exchange) -> None:
    body = as_json(completion(exchange, good(exchange)))
    await exchange.write(head(200, {"content-type": "application/json", "content-length": str(len(body))}))
    exchange.keep_alive = False
    for byte in body:
        await exchange.write(bytes([byte]))
        await asyncio.sleep(float(exchange.argument or 0.05))


@behaviour("cut")
async def _cuts_the_body(exchange: Exchange) -> None:
    body = as_json(completion(exchange, good(exchange)))
    await exchange.write(head(200, {"content-length": str(len(body))}) + body[: len(body) // 2])
    exchange.keep_alive = False


@behaviour("reset")
async def _resets(exchange: Exchange) -> None:
    exchange.keep_alive = False
    raw = exchange.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.writer.transport.abort()


def breaks_off(name: str, *parts: bytes, reset: bool = False) -> None:
    """Reads the whole request, sends these bytes, waits if the argument says so, and closes the connection."""

    async def reply(exchange: Exchange) -> None:
        for part in parts:
            await exchange.write(part)
        await asyncio.sleep(float(exchange.argument or 0))
        if reset:
            await BEHAVIOURS["reset"](exchange)
        exchange.keep_alive = False

    BEHAVIOURS[name] = reply


breaks_off("close")
breaks_off("cut_in_status", b"HTTP/1.")
breaks_off("cut_in_head", b"HTTP/1.1 200 OK\r\ncontent-type: appl")
breaks_off("cut_after_head", b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n")
breaks_off("cut_in_chunk", b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n20\r\n{"id": "x", ')
breaks_off("cut_between_chunks", b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nc\r\n{"id": "x", \r\n')
breaks_off("bad_chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n")
breaks_off("no_http", b"\x15\x03\x03\x00\x02\x02\x28 not HTTP\r\n\r\n")
breaks_off("no_status", b"HTTP/1.1 OK\r\n\r\n")
breaks_off("wrong_length", b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{}")
breaks_off("only_continue", b"HTTP/1.1 100 Continue\r\n\r\n")
breaks_off("reset_in_head", b"HTTP/1.1 200 OK\r\nx: ", reset=True)
breaks_off("reset_in_body", b'HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"id": ', reset=True)


@behaviour("page")
async def _answers_with_a_page(exchange: Exchange) -> None:
    """The page of a firewall, a proxy or a load balancer in the provider's place; the argument is the status."""
    page = f"<html><body>Request blocked: {exchange.customer}</body></html>"
    await exchange.send(int(exchange.argument or 403), page.encode(), content_type="text/html")


@behaviour("packed")
async def _answers_with_a_page_that_is_compressed_unasked(exchange: Exchange) -> None:
    page = gzip.compress(b"<html>Sorry</html>")
    await exchange.send(int(exchange.argument or 503), page, content_type="text/html", content_encoding="gzip")


@behaviour("large_page")
async def _answers_with_a_page_beyond_every_cap(exchange: Exchange) -> None:
    exchange.keep_alive = False
    await exchange.send(int(exchange.argument or 502), b"<p>Sorry</p>" * 200_000, content_type="text/html")


@behaviour("counts_nothing")
async def _counts_nothing(exchange: Exchange) -> None:
    body = completion(exchange, good(exchange)[:-20])
    body["usage"] = {"prompt_tokens": 0, "completion_tokens": 0}
    await exchange.send(200, as_json(body))


@behaviour("says_no")
async def _answers_with_an_error(exchange: Exchange) -> None:
    """An error of an API with an unknown code; the argument is the status."""
    await exchange.error(int(exchange.argument or 403), None, "Blocked.")


@behaviour("redirect")
async def _redirects(exchange: Exchange) -> None:
    await exchange.send(307, b"", location=f"{exchange.redirect_to}{exchange.path}")


@behaviour("gzip_bomb")
async def _bombs(exchange: Exchange) -> None:
    await exchange.send(200, gzip.compress(b" " * 20_000_000, 9), content_encoding="gzip")


@behaviour("huge")
async def _is_huge(exchange: Exchange) -> None:
    exchange.keep_alive = False
    await exchange.send(200, as_json(completion(exchange, "x" * 10_000_000)))


@behaviour("endless")
async def _never_ends(exchange: Exchange) -> None:
    """Endless white space, in chunks, so without a length."""
    exchange.keep_alive = False
    await exchange.write(head(200, {"content-type": "application/json", "transfer-encoding": "chunked"}))
    chunk = b"%x\r\n%s\r\n" % (4096, b" " * 4096)
    while True:
        await exchange.write(chunk)


def _billed(exchange: Exchange, content: str, given: int, thought: int, made: int, finish: str) -> bytes:
    body = completion(exchange, content, finish=finish)
    body["usage"] = {
        "prompt_tokens": given, "completion_tokens": thought + made, "total_tokens": given + thought + made,
        "completion_tokens_details": {"reasoning_tokens": thought},
    }  # fmt: skip
    return as_json(body)


def _allowed(exchange: Exchange) -> int:
    return int(exchange.body.get("max_tokens") or exchange.body.get("max_completion_tokens") or 0)


@behaviour("thinks")
async def _thinks(exchange: Exchange) -> None:
    """These tokens of reasoning, then of the answer: `thinks:3000,1500`. Cut off where the limit is lower."""
    thought, made = map(int, exchange.argument.split(","))
    allowed = _allowed(exchange)
    fits = thought + made <= allowed
    made = made if fits else max(0, allowed - thought)
    content = good(exchange) if fits else good(exchange)[: 4 * made]
    body = _billed(exchange, content, 2_400, min(thought, allowed), made, "stop" if fits else "length")
    await exchange.send(200, body)


@behaviour("bills")
async def _bills(exchange: Exchange) -> None:
    """Bills these tokens of input and output: `bills:2400,100`."""
    given, made = map(int, exchange.argument.split(","))
    await exchange.send(200, _billed(exchange, good(exchange), given, 0, made, "stop"))


@behaviour("bills_most")
async def _bills_most(exchange: Exchange) -> None:
    """Bills as the worst tokenizer would: a token per byte that is not the prompt's, and all of the output limit."""
    ours, *others = (message["content"].encode("utf-8", "replace") for message in exchange.body["messages"])
    schema = len(json.dumps(exchange.body.get("response_format", {})))
    given = (len(ours) + schema) // 4 + sum(map(len, others))
    allowed = _allowed(exchange)
    await exchange.send(200, _billed(exchange, good(exchange), given, allowed // 2, allowed - allowed // 2, "stop"))


@behaviour("writes_at_most")
async def _writes_at_most(exchange: Exchange) -> None:
    """Refuses a higher limit of output tokens: `writes_at_most:4096`."""
    if _allowed(exchange) <= int(exchange.argument):
        await BEHAVIOURS["ok"](exchange)
        return
    words = f"max_tokens is too large: {_allowed(exchange)}. This model supports at most {exchange.argument} completion tokens."
    await exchange.error(400, "invalid_value", words, "max_tokens")
