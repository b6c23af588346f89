"""Callbacks for recorded runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.results import AttemptResult


class RunObservers(list["Callable[[AttemptResult, str | None], None]"]):
    """The callbacks for each recorded run. There are none unless --http or tracing is on."""

    def __call__(self, result: AttemptResult, outcome: str | None) -> None:
        for observer in self:
            observer(result, outcome)
