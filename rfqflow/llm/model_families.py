"""What is known of models by their names, from `model_families.toml`: which optional parameters they take."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# In the order in which they are given up, where a rejection names several.
OPTIONAL_PARAMETERS = (
    "temperature", "top_p", "seed", "reasoning_effort", "verbosity", "service_tier", "prompt_cache_key",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModelFamily:
    """What its models have in common.

    `parameters` suit where the prompt says nothing, `rejects` are never sent, `tokens_field` names the limit of output
    tokens; None: as the server has it.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    rejects: frozenset[str] = frozenset()
    tokens_field: str | None = None


def family_of(model: str) -> ModelFamily:
    """The family of a model by its name, whatever a gateway puts before and behind it; an empty one where unknown."""
    name = model.lower().rpartition("/")[2].partition(":")[0]
    return next((family for pattern, family in _families() if pattern.fullmatch(name)), ModelFamily())


@cache
def _families() -> tuple[tuple[re.Pattern[str], ModelFamily], ...]:
    text = resources.files("rfqflow.llm").joinpath("model_families.toml").read_text(encoding="utf-8")
    return tuple((re.compile(row["name"]), _family(row)) for row in tomllib.loads(text)["family"])


def _family(row: Mapping[str, Any]) -> ModelFamily:
    return ModelFamily(row.get("parameters", {}), frozenset(row.get("rejects", ())), row.get("tokens_field"))
