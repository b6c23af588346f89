"""Providers: whoever answers an RFQ, a model behind HTTP or the rules. Text leaves by no other door."""

from dataclasses import dataclass
from typing import Protocol

from rfqflow.core.model import Completion, Rfq, Route
from rfqflow.core.prompt import Prompt

CALLS_PER_ATTEMPT = 2  # one call and at most one inline retry: a budget hold must cover both


@dataclass(frozen=True, slots=True)
class Request:
    """One RFQ to be answered. The deadline covers all: connecting, sending, reading, parsing, the retry."""

    rfq: Rfq
    routes: tuple[Route, ...]
    prompt: Prompt
    deadline_seconds: float
    request_id: str


class Provider(Protocol):
    """Gives answers that passed the schema and the domain rules; the caller grounds them in the text."""

    name: str
    model: str

    async def complete(self, request: Request) -> Completion:
        """Raises CallError and nothing else but CancelledError.

        A CallError's `usage` is None where what was billed is unknown, and zero where nothing was.
        """
        ...

    async def aclose(self) -> None: ...
