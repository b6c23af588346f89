"""The misbehaving model server, speaking Anthropic's Messages API: it rejects what the real one rejects.

    async with MessagesServer() as server:
        server.script("529", "ok")
        ... base_url=server.url ...

The behaviours are the model server's. The server translates their answers into the format of the API.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.messages_exchange import MessagesExchange, as_chat, refusal_of
from tests.support.model_exchange import Exchange
from tests.support.model_server import ModelServer

PATH, MODELS = "/v1/messages", "/v1/models"


@dataclass
class MessagesServer(ModelServer):
    """`lacks`: the fields that a gateway before the server does not know. `rejected` counts the rejected requests."""

    lacks: tuple[str, ...] = ()
    rejected: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def exchange_of(self, *parts: Any) -> Exchange:
        return MessagesExchange(*parts)

    def refusal(self, exchange: Exchange) -> tuple[int, Any] | None:
        assert isinstance(exchange, MessagesExchange)
        exchange.asked, exchange.body = exchange.body, as_chat(exchange.body)
        if exchange.path == MODELS:
            return None
        refused = refusal_of(exchange.asked, exchange.headers) or self._unknown(exchange.asked)
        if exchange.path != PATH:
            refused = 404, f"Not found: {exchange.path}"
        if refused is None:
            return None
        self.rejected += 1
        return refused[0], {"error": {"message": f"{refused[1]} Input was: {exchange.customer}"}}

    def _unknown(self, asked: dict) -> tuple[int, str] | None:
        """A field of the request, or a field inside it, that the gateway does not know."""
        for place in self.lacks:
            field, _, inner = place.partition(".")
            holder = asked.get(field)
            blocks = holder if isinstance(holder, list) else [holder]
            if holder is not None and (not inner or any(inner in block for block in blocks)):
                return 400, f"{place}: Extra inputs are not permitted"
        return None
