"""A finding of `rfqflow doctor`: what was looked at, how it is, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Level = Literal["ok", "info", "warn", "fail"]
_TOO_SHORT_TO_HIDE = 4  # an "a" taken for a secret would blot out every word


@dataclass(frozen=True, slots=True)
class Finding:
    """`info`: to know; `warn`: it works, not as well as it could; `fail`: it does not work. An `ok` needs no remedy."""

    level: Level
    what: str
    remedy: str = ""

    def without(self, secrets: Iterable[str]) -> "Finding":
        """The finding with nothing in it that must not be seen."""
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
