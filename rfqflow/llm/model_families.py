"""Facts about models by their names, from `model_families.toml`: which optional parameters they accept."""

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

# In the order in which they are dropped, if a rejection names several.
OPTIONAL_PARAMETERS = (
    "temperature", "top_p", "seed", "reasoning_effort", "verbosity", "service_tier", "prompt_cache_key",
)  # fmt: skip
_EFFORTS = tuple(REASONING)  # from the lowest on
_FINE_TUNED = "ft:"  # OpenAI's model names; then the model, and its maker
_UNASKED_EFFORT = "medium"  # of a reasoning model that takes no effort parameter
_OLLAMA = ModelKind(Reasoning(), tokens_per_second=10.0)  # sent with thinking off; servers often have no graphics card


@dataclass(frozen=True, slots=True)
class ModelFamily:
    """The common properties of a family's models.

    `parameters` apply if the prompt sets none. `rejects` are never sent. `tokens_field` is the name of the output
    limit; None: the server's own name. `effort` is the assumed effort of models that take no effort parameter.
    `most_output_tokens` is the server's limit, `tokens_per_second` the usual speed, `picture_tokens` the most that is
    billed for a picture. `reasoning_efforts` are the values that OpenAI's APIs accept. For Anthropic's API alone: the
    accepted `efforts`, lowest first, and whether thinking can be off.
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
        """The reasoning effort for OpenAI's APIs: the given one, or the next lower one of the family."""
        return nearest(effort, self.reasoning_efforts)


def nearest(effort: str, known: Sequence[str]) -> str:
    """The given effort, or the next lower known one, or the lowest. Without known efforts, the given one."""
    lower = _EFFORTS[: _EFFORTS.index(effort) + 1] if known and effort in _EFFORTS else ()
    return next((each for each in reversed(lower) if each in known), known[0] if lower else effort)


def family_of(model: str) -> ModelFamily:
    """The family of a model by its name, ignoring prefixes and suffixes of gateways; empty if unknown."""
    name = model.lower().rpartition("/")[2].removeprefix(_FINE_TUNED).partition(":")[0]
    return next((family for pattern, family in _families() if pattern.fullmatch(name)), ModelFamily())


def kind_of(
    provider: str, model: str, parameters: Mapping[str, Any], rejected: frozenset[str] = frozenset()
) -> ModelKind:
    """The facts about a model. `parameters` of the prompt or operator win over those of the family.

    `rejected`: parameters that its server rejected.
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
