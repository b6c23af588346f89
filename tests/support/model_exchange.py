"""One request to the model server, and the plausible answer that a well-behaved model would give."""

import asyncio
import contextlib
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.responses_exchange import renamed, response_of

REASONS = {200: "OK", 307: "Temporary Redirect"}

_NUMBERED = re.compile(r"^(?:\d+[|>]|\|) (.*)$", re.MULTILINE)


@dataclass
class Exchange:
    """One request, and the connection to answer on."""

    number: int
    behaviour: str
    argument: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: Any
    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)
    redirect_to: str = ""
    let_go: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    keep_alive: bool = True
    in_responses: bool = False  # a request of the Responses API; `body` is the same in terms of Chat Completions

    @property
    def customer(self) -> str:
        """The customer's text: the numbered lines of the first user message, without their numbers."""
        messages = self.body.get("messages", []) if isinstance(self.body, dict) else []
        users = [each["content"] for each in messages if each.get("role") == "user"]
        first = (users or [""])[0]
        return "\n".join(_NUMBERED.findall(first if isinstance(first, str) else first[0]["text"]))

    @property
    def pictures(self) -> int:
        """How many pictures the request shows, in the format of any API."""
        parts = [
            part for each in self.body["messages"] if isinstance(each["content"], list) for part in each["content"]
        ]
        return sum(part["type"] in ("image_url", "input_image", "image") for part in parts)

    async def send(self, status: int, body: bytes, **headers: str) -> None:
        names = {"content-type": "application/json", "content-length": str(len(body))}
        names |= {name.replace("_", "-"): value for name, value in headers.items()}
        await self.write(head(status, names) + body)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until_gone(self) -> None:
        """Waits for the client to close the connection."""
        self.keep_alive = False
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    async def error(self, status: int, code: str | None, words: str, param: str | None = None, **headers: str) -> None:
        if self.in_responses:
            words, param = renamed(words), param and renamed(param)
        error = {"message": f"{words} Input was: {self.customer}", "type": "invalid_request_error"}
        await self.send(status, as_json({"error": {**error, "code": code, "param": param}}), **headers)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def answer_for(exchange: Exchange) -> dict[str, Any]:
    """A plausible answer, always the same for a text: routed by the words of the lines that describe the routes."""
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
    """A valid reply, in the format of the API that the request uses."""
    made = len(content) // 4 if isinstance(content, str) else 0
    given = len(exchange.raw) // 4
    reported = {
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
    return response_of(reported) if exchange.in_responses else reported
