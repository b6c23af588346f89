"""A model server that misbehaves on demand: stdlib only, in-process or as a process of its own.

    async with ModelServer() as server:
        server.script("429_seconds", "ok")     # the next replies, then `server.default`
        ... base_url=server.url ...
        server.journal                         # what was asked, in order

    python tests/shell/model_server.py --port 8080 --mix ok=95,500=3,hang=2 --journal calls.jsonl

What a request gets: the next of the script; else what a marker in the customer's text says, such as
`[model:hang]`; else a draw of the mix; else the default. A behaviour may take an argument (`delayed_ok:0.5`).
Every error echoes the customer's text, as the worst of providers would.
"""

import argparse
import asyncio
import contextlib
import gzip
import hashlib
import json
import os
import random
import re
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Self

MARKER = re.compile(r"\[model:\s*([\w:.-]+)\]")
REASONS = {200: "OK", 307: "Temporary Redirect"}


@dataclass
class Exchange:
    """One request and the line to answer on."""

    number: int
    behaviour: str
    argument: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: Any
    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)
    server: "ModelServer" = field(repr=False)
    keep_alive: bool = True

    @property
    def customer(self) -> str:
        """The customer's text as the prompt shows it: the lines behind bars in the first user message."""
        messages = self.body.get("messages", []) if isinstance(self.body, dict) else []
        users = [each["content"] for each in messages if each.get("role") == "user"]
        return "\n".join(line[2:] for line in (users or [""])[0].splitlines() if line.startswith("| "))

    async def send(self, status: int, body: bytes, **headers: str) -> None:
        names = {"content-type": "application/json", "content-length": str(len(body))}
        names |= {name.replace("_", "-"): value for name, value in headers.items()}
        await self.write(head(status, names) + body)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until_gone(self) -> None:
        """Waits for the client to hang up."""
        self.keep_alive = False
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    async def error(self, status: int, code: str | None, words: str, param: str | None = None, **headers: str) -> None:
        error = {"message": f"{words} Input was: {self.customer}", "type": "invalid_request_error"}
        await self.send(status, as_json({"error": {**error, "code": code, "param": param}}), **headers)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def answer_for(exchange: Exchange) -> dict[str, Any]:
    """A plausible answer, the same for the same text: routed by the words of the routes' own lines."""
    text = exchange.customer
    system = exchange.body["messages"][0]["content"]
    routes = dict(re.findall(r"^- `([^`]+)`: (.*)$", system, re.MULTILINE)) or {"general": ""}
    words = set(re.findall(r"\w{4,}", text.lower()))
    scores = {slug: len(words & set(re.findall(r"\w{4,}", line.lower()))) for slug, line in routes.items()}
    spread = int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:4])
    ranked = sorted(routes, key=lambda slug: (-scores[slug], slug))
    best = ranked[0] if scores[ranked[0]] else ranked[spread % len(ranked)]
    items = [
        {
            "description": f"{found[2]} {found[3]}"[:80],
            "quantity": int(found[1]),
            "quantity_max": None,
            "unit": found[2],
            "part_number": None,
            "revision": None,
            "material": None,
            "standards": [],
        }
        for found in re.finditer(
            r"\b([1-9]\d{0,5})\s?(pcs|pc|ea|pieces|Stück|Stk|szt|adet|kg|m|t)\b\.?\s*([^\n.,;]*)", text
        )
    ]
    return {
        "summary": "A customer asks: " + " ".join(text.split())[:200],
        "language": "en",
        "intent": "rfq",
        "route": best,
        "route_alternatives": [{"route": slug, "share": 0.1} for slug in ranked if slug != best][:1],
        "confidence": 0.6 + spread % 40 / 100,
        "tags": sorted(words)[:3],
        "urgency": "high" if words & {"urgent", "dringend", "asap"} else "normal",
        "line_items": items[:20],
        "due_date": None,
        "due_date_text": None,
        "quote_deadline": None,
        "delivery_place": None,
        "incoterm": None,
        "budget": None,
        "certificates": [],
        "missing": [] if items else ["quantity"],
        "injection_suspected": "ignore all" in text.lower(),
        "evidence": [],
    }


def completion(exchange: Exchange, content: Any, *, finish: str = "stop", **message: Any) -> dict[str, Any]:
    made = len(content) // 4 if isinstance(content, str) else 0
    given = len(exchange.raw) // 4
    return {
        "id": f"chatcmpl-{exchange.number}",
        "object": "chat.completion",
        "created": 1,
        "model": exchange.body.get("model", "fake"),
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
        "usage": {
            "prompt_tokens": given,
            "completion_tokens": made,
            "total_tokens": given + made,
            "prompt_tokens_details": {"cached_tokens": given // 2},
        },
    }


Behaviour = Callable[[Exchange], Awaitable[None]]
BEHAVIOURS: dict[str, Behaviour] = {}
REJECTED: dict[str, Callable[[Any], bool]] = {}


def behaviour(name: str) -> Callable[[Behaviour], Behaviour]:
    def add(function: Behaviour) -> Behaviour:
        BEHAVIOURS[name] = function
        return function

    return add


def says(name: str, content: Callable[[Exchange], Any], *, finish: str = "stop", **message: Any) -> None:
    """A behaviour that is a good completion around that content."""

    async def reply(exchange: Exchange) -> None:
        await exchange.send(200, as_json(completion(exchange, content(exchange), finish=finish, **message)))

    BEHAVIOURS[name] = reply


def answers_with(name: str, body: bytes, **headers: str) -> None:
    async def reply(exchange: Exchange) -> None:
        await exchange.send(200, body, **headers)

    BEHAVIOURS[name] = reply


def fails(name: str, status: int, code: str | None = None, words: str = "No.", **headers: str) -> None:
    async def reply(exchange: Exchange) -> None:
        await exchange.error(status, code, words, **headers)

    BEHAVIOURS[name] = reply


def rejects(name: str, param: str, words: str, applies: Callable[[Any], bool]) -> None:
    """A server that does not take a parameter, and answers well without it."""

    async def reply(exchange: Exchange) -> None:
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
says("nan", lambda exchange: good(exchange).replace('"confidence": 0.', '"confidence": NaN, "x": 0.'))
says("surrogate", lambda exchange: good(exchange).replace("A customer", "\\ud800 A customer"))
says("nul", lambda exchange: good(exchange).replace("A customer", "\\u0000 A customer"))
says("deep", lambda _: "[" * 200_000)
says(
    "leak_canary",
    lambda exchange: json.dumps({**answer_for(exchange), "summary": exchange.body["messages"][0]["content"][-80:]}),
)
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
)
answers_with(
    "choices_empty",
    as_json({"id": "x", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 1}}),
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
fails("503", 503, retry_after="0.1")
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


@behaviour("redirect")
async def _redirects(exchange: Exchange) -> None:
    await exchange.send(307, b"", location=f"{exchange.server.redirect_to}{exchange.path}")


@behaviour("gzip_bomb")
async def _bombs(exchange: Exchange) -> None:
    await exchange.send(200, gzip.compress(b" " * 20_000_000, 9), content_encoding="gzip")


@behaviour("huge")
async def _is_huge(exchange: Exchange) -> None:
    exchange.keep_alive = False
    await exchange.send(200, as_json(completion(exchange, "x" * 10_000_000)))


@behaviour("endless")
async def _never_ends(exchange: Exchange) -> None:
    """White space without an end, in chunks and so without a length."""
    exchange.keep_alive = False
    await exchange.write(head(200, {"content-type": "application/json", "transfer-encoding": "chunked"}))
    chunk = b"%x\r\n%s\r\n" % (4096, b" " * 4096)
    while True:
        await exchange.write(chunk)


@dataclass
class ModelServer:
    """`url` is a base URL for clients; `journal` holds a dictionary for each request, in order."""

    default: str = "ok"
    port: int = 0
    mix: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    journal_path: str | None = None
    redirect_to: str = "http://127.0.0.1:9"
    journal: list[dict[str, Any]] = field(default_factory=list)
    in_flight: int = 0
    peak: int = 0

    def __post_init__(self) -> None:
        self._script: deque[str] = deque()
        self._random = random.Random(self.seed)
        self._connections: set[asyncio.Task[None]] = set()
        self._received = asyncio.Event()
        self.bytes_received = 0

    def script(self, *behaviours: str) -> None:
        self._script.extend(behaviours)

    async def received(self, count: int) -> None:
        """Waits until that many requests are in the journal."""
        while len(self.journal) < count:
            self._received.clear()
            await self._received.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self.port, backlog=4096)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._served(reader, writer):
                    pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        top = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in top[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        self.bytes_received += len(raw)
        body = json.loads(raw) if raw else {}
        exchange = Exchange(len(self.journal), "", "", top[0].split(" ")[1], headers, raw, body, reader, writer, self)
        exchange.behaviour, _, exchange.argument = self._behaviour_for(exchange).partition(":")
        self._note(exchange)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            await BEHAVIOURS[exchange.behaviour](exchange)
        finally:
            self.in_flight -= 1
        return exchange.keep_alive

    def _behaviour_for(self, exchange: Exchange) -> str:
        if self._script:
            return self._script.popleft()
        if marked := MARKER.search(exchange.customer):
            return marked[1]
        if self.mix:
            return self._random.choices([*self.mix], [*self.mix.values()])[0]
        return self.default

    def _note(self, exchange: Exchange) -> None:
        """Before the reply, and on disk if wanted: what a killed client asked for is known all the same."""
        entry = {
            "number": exchange.number,
            "behaviour": exchange.behaviour,
            "path": exchange.path,
            "request_id": exchange.headers.get("x-request-id"),
            "customer_sha256": hashlib.sha256(exchange.customer.encode("utf-8", "replace")).hexdigest(),
            "prompt_tokens": len(exchange.raw) // 4,
            "headers": exchange.headers,
            "body": exchange.body,
        }
        self.journal.append(entry)
        self._received.set()
        if self.journal_path is not None:
            line = {name: value for name, value in entry.items() if name not in ("headers", "body")}
            with open(self.journal_path, "ab") as file:  # noqa: PTH123 - a plain append
                file.write(as_json(line) + b"\n")
                file.flush()
                os.fsync(file.fileno())


async def _main() -> None:
    parser = argparse.ArgumentParser(description="A model server that misbehaves on demand.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", default="", help="the first replies, comma-separated")
    parser.add_argument("--default", default="ok")
    parser.add_argument("--mix", default="", help="shares of behaviours once the script has ended: ok=95,500=5")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--journal", default=None, help="a file that gets one fsynced JSON line for each request")
    options = parser.parse_args()
    mix = {name: float(share) for name, share in re.findall(r"([^=,]+)=([^,]+)", options.mix)}
    server = ModelServer(
        default=options.default, port=options.port, mix=mix, seed=options.seed, journal_path=options.journal
    )
    server.script(*filter(None, options.script.split(",")))
    unknown = {each.partition(":")[0] for each in (*server._script, *mix, options.default)} - BEHAVIOURS.keys()
    if unknown:
        parser.error(f"unknown behaviours {sorted(unknown)}; known are {', '.join(sorted(BEHAVIOURS))}")
    async with server:
        print(f"listening on {server.url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
