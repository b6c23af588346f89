"""Providers: each answers RFQs, by a model behind HTTP or by rules. Texts leave the process only through them."""

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
    """Parses a model's text into an answer; raises InvalidAnswer if it is not one.

    `instructions`: the system part of the prompt.
    """

    def __call__(self, text: str, *, canary: str, instructions: str) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Request:
    """One RFQ to answer. The deadline covers all steps: connecting, sending, reading, parsing, the retry.

    `max_output_tokens`: None means the prompt's own limit, for both calls. `input_tokens`: the most that the first call
    is billed for. `covers`: whether the budgets have room for the next call of the attempt.

    `model` is one of the chain, or another at the same address. `context` is the text that `core.context.render` made
    of documents, or empty. The provider gets `request_id`, which names the RFQ, and `call_id`, which names the claim
    that the worker committed before the call. `is_patient`: no RFQ waits for the answer, so a slower and cheaper tier
    will do.
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
    read: ReadReply | None = None  # None: the prompt's own schema applies

    @property
    def first_limit(self) -> int | None:
        """The maximum output tokens of the first call; None: the server's own limit."""
        return self.max_output_tokens or self.prompt.parameters.get("max_output_tokens")

    @property
    def retry_limit(self) -> int | None:
        """The maximum output tokens of the call after a cut-off answer; None: no such call."""
        if self.max_output_tokens:
            return self.max_output_tokens_retry
        return self.prompt.parameters.get("max_output_tokens_retry")


class Provider(Protocol):
    """Returns answers that passed the schema and the domain rules; the caller grounds them in the text."""

    name: str
    models: tuple[str, ...]  # the chain, the preferred one first; never empty
    names: Mapping[str, str]  # other providers, of models in the chain that they answer
    takes_pictures: bool  # whether its APIs accept pictures; a model may still reject them
    free: bool  # answers in this process: it costs nothing, needs no budget, and sends no text

    @property
    def model(self) -> str:
        """The first model of the chain."""
        ...

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        """The price in US dollars and its source, as a run keeps them.

        None and `unknown` without a price. Never raises.
        """
        ...

    def rejected(self, model: str) -> frozenset[str]:
        """Optional parameters that the model's server has rejected, so they are not sent."""
        ...

    def follow(self, learnt: Mapping[str, Mapping[str, Any]]) -> None:
        """Applies what the fleet has learnt about each model's server."""
        ...

    async def complete(self, request: Request) -> Completion:
        """Answers one request. Raises only CallError and CancelledError.

        A CallError's `usage` is None if the bill is unknown, and zero if the provider bills nothing.
        """
        ...

    async def aclose(self) -> None: ...
