"""Models without a known price, and the command that sets it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rfqflow.core.errors import Usage
from rfqflow.llm.factory import server_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfqflow.llm.prices import PriceBook
    from rfqflow.settings import Settings

_SAMPLE = Usage(input_tokens=1_000_000, output_tokens=1_000_000)
_PRIVATE_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A model without a price. `is_private`: its server has a private address, so no vendor's price applies."""

    provider: str
    model: str
    is_private: bool

    @property
    def command(self) -> str:
        """The command that sets the price."""
        return f"rfqflow price set {self.provider} {_typed(self.model)} {'0 0' if self.is_private else 'INPUT OUTPUT'}"

    @property
    def sentence(self) -> str:
        """The problem as a sentence."""
        where = ", at a private address" if self.is_private else ""
        return (
            f"the price of {self.model} is unknown{where}: its calls are held and booked at an assumed price "
            "(policies assumed_input_usd, assumed_output_usd), or refused once an operator has lowered a budget"
        )

    @property
    def remedy(self) -> str:
        """The remedy as a sentence."""
        costs = "if it is free, or give USD per million tokens of input and output instead of 0 0"
        return f"`{self.command}`" + (f", {costs}" if self.is_private else ", in USD per million tokens")


def unpriced(loaded: Settings, book: PriceBook, models: Iterable[tuple[str, str]] | None = None) -> list[Unpriced]:
    """Models without a price in the book: of `models` (provider and model), or of the chain."""
    chain = loaded.chain if models is None else models
    return [
        Unpriced(name, model, is_private(_address(loaded, name)))
        for name, model in dict.fromkeys(chain)
        if name != "rules" and book.price(name, model, _SAMPLE)[0] is None
    ]


def is_private(base_url: str | None) -> bool:
    """Whether this is a loopback or private address, or a name of a local network."""
    try:
        host = (urlsplit(base_url or "").hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(_PRIVATE_SUFFIXES))
    return address.is_private or address.is_loopback or address.is_link_local


def _address(loaded: Settings, name: str) -> str | None:
    match name:
        case "ollama":
            return loaded.ollama_url
        case "openai" | "anthropic":
            return server_of(loaded, name)
        case _:
            return None


def _typed(model: str) -> str:
    """The name, quoted for a shell if necessary."""
    return shlex.quote(model)
