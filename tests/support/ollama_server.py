"""A server that speaks Ollama's `/api/chat`, well or badly, and shares the faults of the model server.

    async with OllamaServer() as server:
        server.script("busy", "chat")      # the next replies, then `server.default`
        ... base_url=server.url ...

Faults below the API, such as `hang`, `reset`, `redirect`, `endless`, `gzip_bomb` and `500`, are those of the model
server.
"""

from dataclasses import dataclass
from typing import Any

from tests.support.model_behaviours import BEHAVIOURS, behaviour, good, with_field
from tests.support.model_exchange import Exchange, as_json, head
from tests.support.model_server import ModelServer


@dataclass
class OllamaServer(ModelServer):
    default: str = "chat"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def chat(exchange: Exchange, content: Any, *, reason: str = "stop", **fields: Any) -> dict[str, Any]:
    body = {
        "model": exchange.body.get("model"),
        "created_at": "2026-11-01T00:00:00Z",
        "message": {"role": "assistant", "content": content},
        "done": True,
        "done_reason": reason,
        "total_duration": 1,
        "prompt_eval_count": len(exchange.raw) // 4,
        "eval_count": len(content) // 4 if isinstance(content, str) else 0,
    }
    return {**body, **fields}


def chats(name: str, content: Any, *, reason: str = "stop", **fields: Any) -> None:
    async def reply(exchange: Exchange) -> None:
        text = content(exchange) if callable(content) else content
        await exchange.send(200, as_json(chat(exchange, text, reason=reason, **fields)))

    BEHAVIOURS[name] = reply


def refuses(name: str, status: int, words: str) -> None:
    """An error as Ollama writes it; it repeats the customer's text, as the worst proxy would."""

    async def reply(exchange: Exchange) -> None:
        await exchange.send(status, as_json({"error": f"{words} {exchange.customer}"}))

    BEHAVIOURS[name] = reply


chats("chat", good)
chats("chat_fenced", lambda exchange: f"```json\n{good(exchange)}\n```")
chats("chat_thinking", good, message=None)
chats("chat_breach", with_field("route", "no-such-route"))
chats("chat_prose", "Of course! The customer wants brackets.")
chats("chat_empty", "")
chats("chat_null", None)
chats("chat_length", lambda exchange: good(exchange)[:80], reason="length")
chats("chat_canary", lambda exchange: as_json({"summary": exchange.body["messages"][0]["content"][-80:]}).decode())
chats("chat_uncounted", good, prompt_eval_count=None)
chats("chat_absurd", good, prompt_eval_count=-1, eval_count=10**30)
chats("chat_no_message", good, message="text")
refuses("no_model", 404, "model 'nonesuch' not found")
refuses("no_chat", 400, '"all-minilm" does not support chat')
refuses("bad_format", 400, "invalid JSON schema in format")
refuses("no_memory", 500, "model requires more system memory (40 GiB) than is available (8 GiB)")
refuses("busy", 503, "server busy, please try again. maximum pending requests exceeded")
refuses("error_in_good", 200, "llama runner process has terminated")


@behaviour("chat_more_tokens")
async def _truncates_below(exchange: Exchange) -> None:
    allowed = exchange.body["options"].get("num_predict", 0)
    await BEHAVIOURS["chat" if allowed > 4000 else "chat_length"](exchange)


@behaviour("chat_stream")
async def _streams_all_the_same(exchange: Exchange) -> None:
    text = good(exchange)
    parts = [chat(exchange, text[at : at + 100], done=False) for at in range(0, len(text), 100)]
    await exchange.send(200, b"\n".join(map(as_json, parts)))


@behaviour("chat_cut")
async def _cuts_the_body(exchange: Exchange) -> None:
    body = as_json(chat(exchange, good(exchange)))
    await exchange.write(head(200, {"content-length": str(len(body))}) + body[: len(body) // 2])
    exchange.keep_alive = False
