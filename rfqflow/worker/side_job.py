"""The tools of a worker's side jobs: prompt trials and evaluations."""

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
    """`side` checks whether there is work; `own` opens a connection only while there is.

    Counting may take seconds, so it uses a connection of its own. `prompts`: separate from those of the slots, since
    routes change.
    """

    pipeline: Pipeline
    side: QueueStore
    own: QueueStore
    prompts: PromptCache
    current: Callable[[], tuple[Policy, tuple[Route, ...]]]  # the current policy and routes
    deadline_seconds: float
