"""A finding of `rfqflow doctor`: what was checked, its state, and the remedy."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Level = Literal["ok", "info", "warn", "fail"]
_TOO_SHORT_TO_HIDE = 4  # a shorter secret, such as "a", would mask parts of every word


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding. `info`: only information. `warn`: it works, but not well. `fail`: it does not work.

    `ok` needs no remedy.
    """

    level: Level
    what: str
    remedy: str = ""

    def without(self, secrets: Iterable[str]) -> "Finding":
        """The finding with all secrets masked."""
        what, remedy = self.what, self.remedy
        for secret in secrets:
            if len(secret) >= _TOO_SHORT_TO_HIDE:
                what, remedy = what.replace(secret, "***"), remedy.replace(secret, "***")
        return replace(self, what=what, remedy=remedy)


def ok(what: str) -> Finding:
    return Finding("ok", what)


def warn(what: str, remedy: str) -> Finding:
    return Finding("warn", what, remedy)


def fail(what: str, remedy: str) -> Finding:
    return Finding("fail", what, remedy)
