"""Providers answer RFQs, by a model behind HTTP or by rules. Texts leave the process only through a provider."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from rfqflow.core.answer import Answer
from rfqflow.core.errors import Usage
from rfqflow.core.prompting.prompt import Prompt
from rfqflow.core.records import Completion, Rfq, Route

CALLS_PER_ATTEMPT = 2  # one call and at most one immediate retry


class ReadReply(Protocol):
    """Parses a model's text into an answer. Raises InvalidAnswer if the text is not an answer.

    `instructions`: the system part of the prompt, which the answer must not repeat.
    """

    def __call__(self, text: str, *, canary: str, instructions: str) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Request:
    """One RFQ to answer.

    The deadline covers connecting, sending, reading, parsing, and the second call if there is one.

    `max_output_tokens`: None means the prompt's own limit, for both calls. `input_tokens`: the most input tokens that
    the first call can bill. `covers` increases the attempt's hold for a second call, and returns whether the budgets
    have room.

    `model`: a model of the chain, or another model at the same address. `context`: the reference documents as text, or
    empty. The provider's server gets `request_id`, which names the RFQ, and `call_id`, which names the claim.
    `is_patient`: no RFQ waits for the answer, so a slower and cheaper service tier may answer.
    """

    rfq: Rfq
    routes: tuple[Route, ...]
    prompt: Prompt
    deadline_seconds: float
    request_id: str
    model: str
    context: str = ""
    call_id: str = ""
    max_output_tokens: int | None = None
    max_output_tokens_retry: int | None = None
    input_tokens: int = 0
    covers: Callable[[Usage], Awaitable[bool]] | None = None
    is_patient: bool = False
    read: ReadReply | None = None  # None: the reply must follow the prompt's schema

    @property
    def first_limit(self) -> int | None:
        """The most output tokens of the first call. None: the server's own limit."""
        return self.max_output_tokens or self.prompt.parameters.get("max_output_tokens")

    @property
    def retry_limit(self) -> int | None:
        """The most output tokens of a second call after an answer that was cut off. None: do not make such a call."""
        if self.max_output_tokens:
            return self.max_output_tokens_retry
        return self.prompt.parameters.get("max_output_tokens_retry")


class Provider(Protocol):
    """Answers RFQs. An answer has passed the schema and the domain rules; the caller checks it against the text."""

    name: str
    models: tuple[str, ...]  # the chain, in order of preference; never empty
    names: Mapping[str, str]  # by model: its provider, for models of the chain that another provider answers
    takes_pictures: bool  # whether the provider's APIs accept pictures; a model may still reject them
    free: bool  # whether answers are made in this process, so that they cost nothing and send no text

    @property
    def model(self) -> str:
        """The first model of the chain."""
        ...

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        """The price in US dollars and its source, in the form that a run stores.

        Without a price, returns None and `unknown`. Never raises.
        """
        ...

    def rejected(self, model: str) -> frozenset[str]:
        """The optional parameters that the model's server has rejected, and that are no longer sent."""
        ...

    def follow(self, learnt: Mapping[str, Mapping[str, Any]]) -> None:
        """Applies what the fleet has learnt about the capabilities of each model."""
        ...

    async def complete(self, request: Request) -> Completion:
        """Answers one request. Raises only CallError and CancelledError.

        A CallError's `usage` is None if the bill is unknown, and zero if the provider bills nothing.
        """
        ...

    async def aclose(self) -> None: ...
