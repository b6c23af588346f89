"""Prompts by version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from rfqflow.core.errors import ConfigError
from rfqflow.core.prompting.prompt import Prompt

if TYPE_CHECKING:
    from rfqflow.core.prompting.prompt import PromptText
    from rfqflow.core.records import Route
    from rfqflow.store.queue import QueueStore

_log = structlog.get_logger()


class PromptCache:
    """A cache of prompts by version, each joined with the current routes."""

    def __init__(self, shipped: PromptText) -> None:
        # The key is empty, not the version of the shipped prompt: the database may hold another text under that
        # version.
        self._texts = {"": shipped}
        self._joined: dict[str, Prompt] = {}

    def routes_changed(self) -> None:
        self._joined.clear()

    async def learn(self, store: QueueStore, versions: set[str]) -> None:
        """Loads the prompts of versions that are not cached."""
        for version in versions - self._texts.keys():
            self._texts[version] = await store.prompt(version)

    def get(self, version: str, routes: tuple[Route, ...]) -> Prompt | None:
        """The prompt of a version with the current routes. None: prompt and routes do not fit each other."""
        if version not in self._joined:
            text = self._texts[version]
            try:
                self._joined[version] = replace(Prompt.of(text, routes), version=version or text.version)
            except ConfigError as error:
                _log.error("prompt.invalid", prompt_version=version, problem=str(error))
                return None
        return self._joined[version]
