"""The settings that all workers share, from `ai.policy`.

The database validates them, and this module converts types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy.

    The defaults are those of a new installation, and apply until the first heartbeat reads the current values.
    """

    mode: str = "on"
    notify: str = "doorbell"
    max_attempts: int = 5
    retry_base_seconds: float = 15.0
    retry_cap_seconds: float = 900.0
    defer_seconds: float = 30.0
    min_confidence: float = 0.35
    sweep_seconds: float = 10.0
    attachment_quiet_seconds: float = 5.0
    attachment_retry_seconds: float = 300.0
    attachment_tokens: float = 12_000.0
    attachment_list_tokens: float = 37_500.0
    attachment_pictures: float = 0.0
    min_characters: int = 20
    gibberish: str = "skip"
    spam: str = "skip"
    spam_skip_score: float = 70.0
    spam_mark_score: float = 30.0
    duplicate_hours: float = 720.0
    budget_exhausted_action: str = "defer"
    assumed_input_usd: float = 1.0
    assumed_output_usd: float = 4.0
    recovery_ramp_seconds: float = 60.0
    rag: str = "off"
    rag_documents: int = 3
    rag_tokens: int = 600
    cheap_tier: str = "off"
    cascade: str = "off"
    cascade_model: str = ""
    cascade_confidence: float = 0.9
    calibrations: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)  # by prompt version and model

    @property
    def backfills_cheaply(self) -> bool:
        """Whether RFQs for which no person waits may use the provider's cheap service tier."""
        return self.cheap_tier == "evaluation_and_backfill"

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Policy":
        """The policy with these values. Ignores keys of a later release."""
        return cls(**{key: values[key] for key in cls.__slots__ if key in values})
