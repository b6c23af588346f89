"""Facts about models by their names, from `model_families.toml`, such as the optional parameters that they accept."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from rfqflow.core.decisions.call_limits import PICTURE_TOKENS, REASONING, UNKNOWN, ModelKind, Reasoning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# If a rejection names several parameters, the first of these is dropped first.
OPTIONAL_PARAMETERS = (
    "temperature", "top_p", "seed", "reasoning_effort", "verbosity", "service_tier", "prompt_cache_key",
)  # fmt: skip
_EFFORTS = tuple(REASONING)  # the lowest first
_FINE_TUNED = "ft:"  # prefix in OpenAI's names of fine-tuned models; the base model's name and the maker's name follow
_UNASKED_EFFORT = "medium"  # assumed effort of a reasoning model that takes no effort parameter
# Rfqflow turns thinking off; servers often have no graphics card, so they are slow.
_OLLAMA = ModelKind(Reasoning(), tokens_per_second=10.0)


@dataclass(frozen=True, slots=True)
class ModelFamily:
    """What all models of a family have in common.

    `parameters`: sent if the prompt does not set them. `rejects`: never sent. `tokens_field`: the name of the output
    limit; None: the server's usual name. `effort`: the assumed effort of models that take no effort parameter.
    `most_output_tokens`: the server's limit. `tokens_per_second`: the usual speed. `picture_tokens`: the most tokens
    that a picture is billed. `reasoning_efforts`: the values that OpenAI's APIs accept. The other fields are for
    Anthropic's API only: the accepted `efforts`, lowest first, and whether thinking can be off.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    rejects: frozenset[str] = frozenset()
    tokens_field: str | None = None
    effort: str | None = None
    most_output_tokens: int = UNKNOWN.most_output_tokens
    tokens_per_second: float = UNKNOWN.tokens_per_second
    picture_tokens: int = PICTURE_TOKENS
    efforts: tuple[str, ...] = ()
    thinking_off: bool = False
    reasoning_efforts: tuple[str, ...] = ()

    def effort_sent(self, effort: str) -> str:
        """The reasoning effort for OpenAI's APIs: the given effort, or else the next lower effort of the family."""
        return nearest(effort, self.reasoning_efforts)


def nearest(effort: str, known: Sequence[str]) -> str:
    """The given effort if it is known, or else the next lower known effort, or else the lowest known effort."""
    lower = _EFFORTS[: _EFFORTS.index(effort) + 1] if known and effort in _EFFORTS else ()
    return next((each for each in reversed(lower) if each in known), known[0] if lower else effort)


def family_of(model: str) -> ModelFamily:
    """The family of a model by its name, without prefixes and suffixes of gateways. Empty if the family is unknown."""
    name = model.lower().rpartition("/")[2].removeprefix(_FINE_TUNED).partition(":")[0]
    return next((family for pattern, family in _families() if pattern.fullmatch(name)), ModelFamily())


def kind_of(
    provider: str, model: str, parameters: Mapping[str, Any], rejected: frozenset[str] = frozenset()
) -> ModelKind:
    """The facts about a model. `parameters`: set by the prompt or the operator, and stronger than those of the family.

    `rejected`: parameters that the model's server has rejected.
    """
    return _kind(provider, model, parameters.get("reasoning_effort"), "reasoning_effort" in rejected)


@lru_cache(maxsize=256)
def _kind(provider: str, model: str, effort: str | None, effort_rejected: bool) -> ModelKind:
    if provider == "ollama":
        return _OLLAMA
    family = family_of(model)
    if "reasoning_effort" in family.rejects:
        effort = family.effort or "none"
    elif effort_rejected and "reasoning_effort" in family.parameters:
        effort = family.effort or _UNASKED_EFFORT
    if effort and not (effort == "none" and family.thinking_off):
        effort = nearest(effort, (provider == "anthropic" and family.efforts) or family.reasoning_efforts)
    effort = effort or family.effort or family.parameters.get("reasoning_effort")
    reasoning = UNKNOWN.reasoning if effort is None else REASONING.get(effort, UNKNOWN.reasoning)
    return ModelKind(reasoning, family.tokens_per_second, family.most_output_tokens, family.picture_tokens)


@cache
def _families() -> tuple[tuple[re.Pattern[str], ModelFamily], ...]:
    text = resources.files("rfqflow.llm").joinpath("model_families.toml").read_text(encoding="utf-8")
    return tuple((re.compile(row.pop("name")), _family(row)) for row in tomllib.loads(text)["family"])


def _family(row: Mapping[str, Any]) -> ModelFamily:
    return ModelFamily(**{**row, "rejects": frozenset(row.get("rejects", ()))})
