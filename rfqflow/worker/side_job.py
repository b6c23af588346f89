"""What a worker's side jobs, prompt trials and evaluations, have to work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.policy import Policy
    from rfqflow.core.records import Route
    from rfqflow.enrichment.pipeline import Pipeline
    from rfqflow.enrichment.prompt_cache import PromptCache
    from rfqflow.store.queue import QueueStore


@dataclass(frozen=True, slots=True)
class SideJob:
    """`side` is asked whether there is anything to do; `own` has a connection that is open only while there is.

    Counting may take seconds, and nobody must wait for it. `prompts`: of its own, since routes change under those
    of the slots.
    """

    pipeline: Pipeline
    side: QueueStore
    own: QueueStore
    prompts: PromptCache
    current: Callable[[], tuple[Policy, tuple[Route, ...]]]  # policy and routes of this moment
    deadline_seconds: float
