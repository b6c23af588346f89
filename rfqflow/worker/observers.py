"""Who is notified of runs that were recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.core.results import AttemptResult


class RunObservers(list["Callable[[AttemptResult, str | None], None]"]):
    """Who is told of each recorded run; nobody, unless --http or tracing is on."""

    def __call__(self, result: AttemptResult, outcome: str | None) -> None:
        for observer in self:
            observer(result, outcome)
