"""What the side jobs of a worker share: prompt trials, evaluations and drafts."""

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
    """A job uses `side` to check whether it has work, and `own`, which opens a connection, only while it has work.

    Counting runs may take seconds, so it needs a separate connection. `prompts`: a cache separate from the slots'
    cache, since the routes may change during a job.
    """

    pipeline: Pipeline
    side: QueueStore
    own: QueueStore
    prompts: PromptCache
    current: Callable[[], tuple[Policy, tuple[Route, ...]]]  # the current policy and routes
    deadline_seconds: float
