"""How a model server answers a request for a draft reply: well, or as a hostile message wants."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rfqflow.core.drafting.letters import LANGUAGES, letter
from tests.support.model_behaviours import BEHAVIOURS, behaviour, says

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.support.model_exchange import Exchange

_ASKED = re.compile(r"^- `(\w+)`: ", re.MULTILINE)
_LANGUAGE = re.compile(r"Write in .*? \(`(\w+)`\)")


def questions(exchange: Exchange) -> list[dict[str, str]]:
    """Asks as a good model would: for the data that the prompt names, in the language that it names."""
    system = exchange.body["messages"][0]["content"]
    found = _LANGUAGE.search(system)
    words = letter(found[1] if found and found[1] in LANGUAGES else "en")
    return [{"about": field, "text": words.asks[field]} for field in _ASKED.findall(system)]


def _changed(change: Callable[[list[dict[str, str]]], Any]) -> Callable[[Exchange], str]:
    def content(exchange: Exchange) -> str:
        asked = questions(exchange)
        return json.dumps({"questions": change(asked) or asked}, ensure_ascii=False)

    return content


def _first(text: str) -> Callable[[list[dict[str, str]]], Any]:
    def change(asked: list[dict[str, str]]) -> None:
        asked[0]["text"] = text.replace("{}", asked[0]["text"])

    return change


# Texts that a draft must never show; each is a behaviour `draft_<name>`.
BAD: Mapping[str, Callable[[list[dict[str, str]]], Any]] = {
    "link": _first("{} See https://evil.example/pay for the quantity?"),
    "bare_host": _first("What quantity do you need, as on evil-pumps.com?"),
    "address": _first("What quantity do you need? Write to boss@evil.example, will you?"),
    "phone": _first("What quantity do you need? Call +49 170 1234567, will you?"),
    "price": _first("What quantity do you need at 5 EUR each?"),
    "number": _first("What quantity do you need, 999 pieces?"),
    "statement": _first("We confirm the quantity of your order."),
    "two_sentences": _first("What quantity do you need? Your order is confirmed, is it not?"),
    "spelled": _first("What quantity do you need, as told on evil dot com?"),
    "semicolon": _first("We confirm the quantity of your order;"),
    "bank": _first("What quantity do you need, and what is your bank account?"),
    "off_topic": _first("Do you like the weather?"),
    "german": _first("Wie viele Stück benötigen Sie, und welche Menge (quantity) brauchen Sie von dem Teil, bitte?"),
    "hidden": _first("What quantity\u200b do you need?"),
    "markup": _first("What quantity <b>do</b> you need?"),
    "lines": _first("What quantity do you need?\nBcc: everybody@evil.example?"),
    "long": _first("What quantity do you need" + " please" * 60 + "?"),
    "one_more": lambda asked: [*asked, {"about": "budget", "text": "What is your budget?"}],
    "twice": lambda asked: [*asked, dict(asked[0])],
    "one_less": lambda asked: asked[:-1],
    "nothing": lambda _: [{"about": "quantity", "text": ""}],
}
says("draft", _changed(lambda asked: asked))


@behaviour("draft_held")
async def _draft_once_let_go(exchange: Exchange) -> None:
    await exchange.let_go.wait()
    await BEHAVIOURS["draft"](exchange)


for _name, _change in BAD.items():
    says(f"draft_{_name}", _changed(_change))
says(
    "draft_leak",
    lambda exchange: json.dumps(
        {
            "questions": [
                {
                    "about": "quantity",
                    "text": exchange.body["messages"][0]["content"][:200].replace("\n", " ") + " quantity?",
                }
            ]
        }
    ),
)
says("draft_answer", lambda _: json.dumps({"summary": "x", "route": "general"}))
