"""The operator's parameters of calls, from the rows of `ai.model_parameters`."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rfqflow.core.prompting.parameters import PromptParameters
from rfqflow.core.prompting.prompt import Prompt, canonical

ALL_MODELS = "*"
_NAMES = tuple(PromptParameters.model_fields)
_SAME_ANSWERS = frozenset({"service_tier", "prompt_cache_key", "deadline_seconds"})


class ModelParameters:
    """The parameters of all models. A prompt's own parameters take precedence."""

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}
        self.set_table(rows)

    def set_table(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Replaces all rows."""
        self._rows = {
            (row["provider"], row["model"]): {name: row[name] for name in _NAMES if row.get(name) is not None}
            for row in rows
        }

    def of(self, provider: str, model: str) -> Mapping[str, Any]:
        """The operator's parameters for this model: the model's row, or else the row for the whole provider."""
        return {**self._rows.get((provider, ALL_MODELS), {}), **self._rows.get((provider, model), {})}

    def applied(self, provider: str, model: str, prompt: Prompt) -> Prompt:
        """The prompt with this model's parameters. Its identity does not change, since its text does not change."""
        if not self._rows:
            return prompt
        operators = self.of(provider, model)
        return replace(prompt, parameters={**operators, **prompt.parameters}) if operators else prompt

    def measured(self, provider: str, model: str, prompt: Prompt) -> Prompt:
        """The prompt under whose version evaluations store answers: a separate version for each set of parameters."""
        own = prompt.parameters
        changed = {
            name: value for name, value in self.of(provider, model).items() if name not in {*own, *_SAME_ANSWERS}
        }
        if not changed:
            return prompt
        return replace(prompt, sha256=hashlib.sha256(canonical([prompt.sha256.hex(), changed])).digest())
